//! The open dialogues: the owner of each, its last question, and its end. A handle is valid only for the connection
//! that began the dialogue.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sspr_config::dialogue::{Ask, Standing, Step};
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{
    dialogue::conversation::{Answer, LastWord, Word},
    errand::ask,
    places::Place,
};

/// Why a call was not answered. The texts are for logs; a terminal only shows that the dialogue does not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
    /// There is no such dialogue, or it is not the caller's.
    #[error("{0}")]
    NoDialogue(String),
    /// The arguments have the wrong form.
    #[error("{0}")]
    Malformed(String),
    /// This caller may not do that.
    #[error("{0}")]
    Denied(String),
}

/// The transport's side of a dialogue.
pub(crate) struct Ends {
    pub(crate) steps: mpsc::Receiver<Step>,
    pub(crate) answers: mpsc::Sender<Answer>,
    pub(crate) last_word: LastWord,
}

struct Open {
    owner: String,
    turn: u32,
    ask: Ask,
    /// Leaving now declines a required registration.
    binding: bool,
    /// Taken while an answer is under way, so that two answers to one question can't both count.
    ends: Option<Ends>,
    /// Where the owner leaves the last word, also while an answer is under way.
    last_word: LastWord,
    /// Waits for the owner to leave, and for the deadline.
    watch: Option<AbortHandle>,
    place: Option<Place>,
}

impl Open {
    fn asks(&mut self, step: &Step, ends: Ends) {
        self.turn = step.turn;
        self.ask = ask(step);
        self.binding = Standing::from_wire(step.standing) == Some(Standing::AskingOrDenied);
        self.ends = Some(ends);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

/// All open dialogues. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<HashMap<String, Open>>>);

impl Held {
    fn table(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the dialogue `handle` for `owner`, after its first step, until `leaving` says that the owner has left, or
    /// until `deadline`.
    pub(crate) fn begun(
        &self,
        handle: &str,
        owner: &str,
        place: Place,
        (step, ends): (&Step, Ends),
        leaving: impl Future<Output = Result<(), String>> + Send + 'static,
        deadline: Instant,
    ) {
        if ask(step) == Ask::Nothing {
            return;
        }
        // Boxed, because a future that is passed into another and awaited there takes its room twice.
        let watch = watch(self.clone(), Box::pin(leaving), owner.to_owned(), handle.to_owned(), deadline);
        let (turn, place) = (step.turn, Some(place));
        let mut open = Open {
            owner: owner.to_owned(),
            turn,
            ask: Ask::Nothing,
            binding: false,
            ends: None,
            last_word: ends.last_word.clone(),
            watch: None,
            place,
        };
        open.asks(step, ends);
        let mut table = self.table();
        open.watch = Some(tokio::spawn(watch).abort_handle());
        table.insert(handle.to_owned(), open);
    }

    /// Takes the channel ends of a dialogue for one answer, if the caller holds it and the answer is for its last
    /// question.
    pub(crate) fn take(&self, handle: &str, owner: &str, turn: u32, sealed: bool) -> Result<Ends, Refused> {
        let mut table = self.table();
        let none = || Refused::NoDialogue("there is no such dialogue".into());
        let open = table.get_mut(handle).filter(|open| open.owner == owner).ok_or_else(none)?;
        if open.turn != turn {
            return Err(Refused::Malformed("the answer is for another question".into()));
        }
        if sealed != open.ask.is_sealed() {
            return Err(Refused::Malformed("the question wants the other kind of answer".into()));
        }
        open.ends.take().ok_or_else(|| Refused::Malformed("an answer is under way".into()))
    }

    /// The answer led to `step`.
    pub(crate) fn asked(&self, handle: &str, step: &Step, ends: Ends) {
        let mut table = self.table();
        if ask(step) == Ask::Nothing {
            table.remove(handle);
        } else if let Some(open) = table.get_mut(handle) {
            open.asks(step, ends);
        }
    }

    /// The owner ends the dialogue early, with this last word.
    pub(crate) fn end(&self, handle: &str, owner: &str, word: Word) {
        let mut table = self.table();
        let Some(open) = table.get(handle).filter(|open| open.owner == owner) else { return };
        open.last_word.leave(word);
        table.remove(handle);
    }

    /// The dialogue is over.
    pub(crate) fn remove(&self, handle: &str) {
        self.table().remove(handle);
    }

    /// Ends the dialogues of a closed connection.
    fn gone(&self, owner: &str) {
        self.table().retain(|_, open| open.owner != owner);
    }

    /// Ends the time of a dialogue. Returns whether anything is left of it: if leaving means "no", a user who still
    /// answers has to be told. Such a dialogue takes up no place.
    fn expire(&self, handle: &str) -> bool {
        let mut table = self.table();
        let Some(open) = table.get_mut(handle) else { return false };
        open.place = None;
        if !open.binding {
            table.remove(handle);
            return false;
        }
        true
    }
}

/// Ends the dialogues of `owner` once it has left. The dialogue `handle` ends at its `deadline` in any case, even if
/// the bus does not report who leaves.
async fn watch(
    held: Held,
    mut leaving: impl Future<Output = Result<(), String>> + Unpin,
    owner: String,
    handle: String,
    deadline: Instant,
) {
    match timeout_at(deadline, &mut leaving).await {
        Ok(Ok(())) => held.gone(&owner),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a caller can't be watched");
            sleep_until(deadline).await;
            held.remove(&handle);
        }
        Err(_) => {
            if held.expire(&handle) {
                // The rest of it takes up almost nothing.
                let _ = leaving.await;
                held.gone(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future, time::Duration};

    use super::*;
    use crate::places::Places;

    const SOON: Duration = Duration::from_millis(20);

    const OWNER: &str = ":1.7";

    /// A dialogue that asks, and whose deadline is soon.
    fn begun(
        standing: Standing,
        leaving: impl Future<Output = Result<(), String>> + Send + 'static,
    ) -> (Held, Places, Instant) {
        let (held, places, deadline) = (Held::default(), Places::default(), Instant::now() + SOON);
        let (text, prompt) = (String::new(), "Code: ".to_owned());
        let step = Step { turn: 1, standing: standing.to_wire(), ask: Ask::Line.to_wire(), text, prompt };
        let ends = Ends { steps: mpsc::channel(1).1, answers: mpsc::channel(1).0, last_word: LastWord::default() };
        held.begun("handle", OWNER, places.take(1000).unwrap(), (&step, ends), leaving, deadline);
        (held, places, deadline)
    }

    /// How many more dialogues the owner may hold.
    fn free(places: &Places) -> usize {
        (0..9).filter_map(|_| places.take(1000)).collect::<Vec<_>>().len()
    }

    async fn until_free(places: &Places) {
        let waiting = async {
            while free(places) < 8 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap();
    }

    #[tokio::test]
    async fn where_the_bus_tells_nobody_who_leaves_a_dialogue_ends_in_its_time_all_the_same() {
        for standing in [Standing::Asking, Standing::AskingOrDenied] {
            let refused = future::ready(Err("too many match rules".to_owned()));
            let (held, places, deadline) = begun(standing, refused);
            assert_eq!(free(&places), 7);
            until_free(&places).await;
            assert!(Instant::now() >= deadline && held.table().is_empty());
        }
    }

    #[tokio::test]
    async fn whoever_stays_beyond_the_end_of_a_dialogue_holds_no_place_and_hears_a_no_where_breaking_off_is_one() {
        let (held, places, _) = begun(Standing::Asking, future::pending());
        until_free(&places).await;
        assert!(held.table().is_empty());
        let (held, places, _) = begun(Standing::AskingOrDenied, future::pending());
        until_free(&places).await;
        assert!(held.take("handle", OWNER, 1, false).is_ok());
    }

    #[tokio::test]
    async fn the_last_word_is_heard_also_while_an_answer_is_under_way() {
        let (held, _, _) = begun(Standing::Asking, future::pending());
        let ends = held.take("handle", OWNER, 1, true);
        assert!(ends.is_err(), "a line is not sealed");
        let ends = held.take("handle", OWNER, 1, false).unwrap();
        held.end("handle", OWNER, Word::GoodBye);
        assert!(ends.last_word.is(Word::GoodBye) && held.table().is_empty());
    }

    #[tokio::test]
    async fn whoever_leaves_the_bus_holds_nothing() {
        let (leave, left) = tokio::sync::oneshot::channel();
        let leaving = async {
            let _ = left.await;
            Ok(())
        };
        let (held, places, _) = begun(Standing::AskingOrDenied, leaving);
        leave.send(()).unwrap();
        until_free(&places).await;
        assert!(held.table().is_empty());
    }
}
