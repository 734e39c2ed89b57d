//! A reset whose server is lost goes on at another one, or at the same one after its restart. What the user proved is in
//! the store, bound to the dialogue's first handle. So the user only answers the last question again. This gives a reset no
//! more time than it has at one server.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use sspr_config::dialogue::{Ask, Standing, Step};
use sspr_fleet::{
    client::Trouble,
    wire::{Answer, Refusal, Refused},
};
use tokio::time::timeout;

use super::{
    Why,
    reach::Reach,
    relay::{Answered, Host, Opened, Taken},
    steps::{ask, end, from_wire},
    told::with_help,
};
use crate::{errand, snapshot::Snapshot};

/// How long the server of a dialogue may be silent until another one is asked. A step takes less, unless a directory is
/// slow.
const SILENT: Duration = Duration::from_secs(5);
/// How long the other server may take to begin.
const BEGINS: Duration = Duration::from_secs(4);
/// How much later than the answer the other server's first step may come.
const LATER: Duration = Duration::from_millis(500);

impl Host {
    /// Sends an answer to the server of the dialogue. If that one is lost, another one goes on.
    pub(super) async fn answered(
        &self,
        reach: &Reach,
        taken: &Taken,
        answer: &Answer,
        sealed: bool,
        patience: Duration,
    ) -> Result<Answered, Why> {
        let since = Instant::now();
        let mut here = pin!(reach.answer(&taken.at, answer, sealed, patience));
        let Some(again) = &taken.again else { return Ok(Answered::Here(from_wire(here.await?))) };
        if self.agent.now().now() >= again.until {
            return match here.await {
                Ok(step) => Ok(Answered::Here(from_wire(step))),
                Err(why) if is_lost(&why) => Err(over(&why)),
                Err(why) => Err(why.into()),
            };
        }
        // A server that sets a password may take long, and no other may do so meanwhile.
        let silent = if sealed || !reach.has_others() { patience } else { SILENT };
        let lost = match timeout(silent, &mut here).await {
            Ok(Ok(step)) => return Ok(Answered::Here(from_wire(step))),
            Ok(Err(why)) if !is_lost(&why) => return Err(why.into()),
            Ok(Err(why)) => Some(why),
            Err(_) => None,
        };
        // The module waits a second longer than this.
        let begins = BEGINS.min((patience + LATER).saturating_sub(since.elapsed()));
        match (reach.resume(&taken.at, &again.begin, begins).await, lost) {
            (Ok(opened), lost) => {
                let why = lost.map_or_else(|| "it is silent".to_owned(), |why| why.to_string());
                tracing::warn!(why, "another server of the fleet goes on with a dialogue: {why}");
                let (at, handle, step) = (opened.at, opened.handle, from_wire(opened.step));
                Ok(Answered::Elsewhere(Opened { at, handle, step, own: opened.own }))
            }
            (Err(_), Some(lost)) => Err(lost.into()),
            (Err(_), None) => Ok(Answered::Here(from_wire(here.await?))),
        }
    }

    /// The next step of a dialogue that goes on elsewhere.
    pub(super) fn goes_on(&self, agent: &Snapshot, handle: &str, taken: &Taken, opened: Opened) -> Step {
        let Opened { at, handle: theirs, mut step, own } = opened;
        self.told_at(taken.at.clone(), taken.handle.clone(), Some(String::new()));
        let mut table = self.table();
        let Some(open) = table.get_mut(handle) else {
            drop(table);
            // The user left meanwhile.
            self.told_at(at, theirs, None);
            return step;
        };
        if own || errand::is_one(&step) {
            table.remove(handle);
            drop(table);
            self.told_at(at, theirs, None);
            return end(step.turn, Standing::Refused, with_help(agent, taken.about.texts.say("unavailable", &[])));
        }
        if taken.ask.is_sealed() && ask(&step) != Ask::NewPassword {
            // The proof is used: the server that was lost was about to set the password.
            table.remove(handle);
            drop(table);
            self.told_at(at, theirs, None);
            return end(step.turn, Standing::Refused, with_help(agent, taken.about.texts.say("not-sure", &[])));
        }
        if ask(&step) == Ask::Nothing {
            table.remove(handle);
            return step;
        }
        open.goes_on_at((at, theirs), &step);
        drop(table);
        step.text = format!("{}\n{}", taken.about.texts.say("server-changed", &[]), step.text);
        step
    }
}

/// A dialogue whose time is over is answered as by a server that ended it.
fn over(why: &Trouble) -> Why {
    Why::Server(Trouble::Refused(Refused::new(Refusal::NoDialogue, why.to_string())))
}

/// Whether the dialogue is lost with its server. Other refusals are about the call.
fn is_lost(why: &Trouble) -> bool {
    match why {
        Trouble::Unreachable(_) | Trouble::Strange(_) => true,
        Trouble::Refused(refused) => refused.refused == Refusal::NoDialogue,
    }
}
