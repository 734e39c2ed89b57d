//! Answers of this host's users, on their way to the server, and what becomes of them.

use std::sync::Arc;

use sspr_config::{
    credential::patience,
    dialogue::{ANSWER_MAX, ANSWER_SEALED_MAX, Ask, Standing, Step},
};
use sspr_fleet::{
    client::Trouble,
    wire::{Answer, Refusal, Typed, VERSION},
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Why,
    after::{self, Reset},
    open::{About, Answered, Taken},
    own::{self, Instead},
    relay::{ANSWER, Host, Result},
    steps::{ask, end},
    told::with_help,
};
use crate::{held::Refused, principal::Principal, snapshot::Snapshot};

impl Host {
    /// Takes a dialogue for one answer; `None` if it is not one of the server's.
    pub(super) fn take(&self, who: &Principal, handle: &str, turn: u32, sealed: bool) -> Result<Option<Taken>> {
        let mut table = self.table();
        let Some(open) = table.get_mut(handle) else { return Ok(None) };
        if open.owner != who.connection() {
            return Err(Refused::NoDialogue("there is no such dialogue".into()));
        }
        if open.turn != turn {
            return Err(Refused::Malformed("the answer is for another question".into()));
        }
        if sealed != open.ask.is_sealed() {
            return Err(Refused::Malformed("the question wants the other kind of answer".into()));
        }
        if std::mem::replace(&mut open.busy, true) {
            return Err(Refused::Malformed("an answer is under way".into()));
        }
        let (at, handle, about) = (open.at.clone(), open.handle.clone(), open.about.clone());
        let signing_in = open.signing_in.clone();
        let again = open.again.clone();
        Ok(Some(Taken { at, handle, ask: open.ask, again, end: open.end.take(), signing_in, about }))
    }

    pub(super) async fn answer(
        &self,
        handle: &str,
        turn: u32,
        mut taken: Taken,
        typed: &[u8],
        sealed: bool,
    ) -> Result<Step> {
        if let Some(end) = taken.end {
            self.table().remove(handle);
            return Ok(end);
        }
        let agent = self.agent.now();
        if taken.again.as_ref().is_some_and(|again| again.has_moved && agent.now() >= again.until) {
            self.table().remove(handle);
            self.told_at(taken.at, taken.handle, None);
            return Err(Refused::NoDialogue("the dialogue is over".into()));
        }
        if taken.ask == Ask::Line && own::is_plain(typed) {
            taken.about.texts.turn_plain();
            if let Some(again) = self.table().get_mut(handle).and_then(|open| open.again.as_mut()) {
                again.speaks_english();
            }
            if let Some(again) = &mut taken.again {
                again.speaks_english();
            }
        }
        let begun = Instant::now();
        // One byte more than the maximum is enough to show that the answer is too long.
        let typed: Zeroizing<Vec<u8>> = Zeroizing::new(typed.iter().take(ANSWER_MAX + 1).copied().collect());
        let own = taken.about.own().cloned();
        // Also while a server says that it does not serve the account: it then has no business with a password.
        let typed = match &taken.about.wanted {
            Some(own) => match own.takes(&agent, taken.ask, typed).await {
                Instead::Send(typed) => typed,
                Instead::Ask(why) => return Ok(self.asks_again(handle, turn, &taken, own.again(turn, why))),
            },
            None => typed,
        };
        if taken.about.wanted.is_none() && taken.ask == Ask::NewPassword {
            taken.about.new_password.clone_from(&typed);
            if let Some(open) = self.table().get_mut(handle) {
                open.about.new_password.clone_from(&typed);
            }
        }
        let answer = Answer { v: VERSION, handle: taken.handle.clone(), turn, answer: Typed(typed) };
        let patience = match taken.signing_in.as_ref().and_then(|signing_in| signing_in.left(taken.ask)) {
            Some(left) => left,
            None if sealed && own.is_some() => ANSWER_SEALED_MAX.saturating_sub(patience::AFTERMATH),
            None if sealed => ANSWER_SEALED_MAX.saturating_sub(patience::SETTLE),
            None => ANSWER,
        };
        let answered = match self.reach(&agent) {
            Ok(reach) => self.answered(&agent, &reach, &taken, &answer, sealed, begun + patience).await,
            Err(why) => Err(why),
        };
        match answered {
            Ok(Answered::Elsewhere(opened)) => Ok(self.goes_on(&agent, handle, &taken, opened).await),
            Ok(Answered::Here(step)) if ask(&step) != Ask::Nothing => Ok(self.asks(&agent, handle, &taken, step).await),
            Ok(Answered::Here(last)) => {
                if let Some(signing_in) = &taken.signing_in {
                    signing_in.ended(&agent, &taken.about.user, taken.ask, self.signs_in_twice(&taken.about.user));
                }
                Ok(self.ended(&agent, handle, &taken.about, last).await)
            }
            Err(Why::Server(Trouble::Refused(refused)))
                if refused.refused == Refusal::NoDialogue && own.is_none_or(|own| own.did_nothing()) =>
            {
                self.table().remove(handle);
                if taken.ask == Ask::Secret && !taken.about.new_password.is_empty() {
                    // The server may have set the password before it forgot the dialogue.
                    let text = with_help(&agent, taken.about.texts.say("not-sure", &[]));
                    return Ok(end(turn + 1, Standing::Refused, text));
                }
                Err(Refused::NoDialogue("the dialogue is over".into()))
            }
            Err(why) => Ok(self.breaks_off(&agent, handle, turn + 1, taken, sealed, &why).await),
        }
    }

    /// The same question again, because of what was typed.
    fn asks_again(&self, handle: &str, turn: u32, taken: &Taken, question: Step) -> Step {
        if let Some(open) = self.table().get_mut(handle) {
            (open.turn, open.busy) = (turn, false);
            return question;
        }
        // The user left meanwhile.
        self.told_at(taken.at.clone(), taken.handle.clone(), None);
        question
    }

    /// The next question of the server.
    async fn asks(&self, agent: &Arc<Snapshot>, handle: &str, taken: &Taken, step: Step) -> Step {
        let Some(own) = taken.about.own() else {
            if let Some(open) = self.table().get_mut(handle) {
                (open.turn, open.ask, open.busy) = (step.turn, ask(&step), false);
            }
            return step;
        };
        if own.did_nothing() {
            let step = own.shown(agent, step);
            if let Some(open) = self.table().get_mut(handle) {
                (open.turn, open.ask, open.busy) = (step.turn, ask(&step), false);
                return step;
            }
            // The user left while this host did what the server asked of it.
            self.told_at(taken.at.clone(), taken.handle.clone(), None);
            return step;
        }
        // After a change there is nothing to ask. The user reads what was done, whatever the server makes of it.
        self.table().remove(handle);
        self.told_at(taken.at.clone(), taken.handle.clone(), None);
        let _busy = agent.busy.enter();
        own.broken_off(agent, step.turn).await
    }

    /// Ends a dialogue whose server is lost.
    async fn breaks_off(
        &self,
        agent: &Snapshot,
        handle: &str,
        turn: u32,
        taken: Taken,
        sealed: bool,
        why: &Why,
    ) -> Step {
        tracing::warn!(%why, "a dialogue through the fleet broke off: {why}");
        let open = self.table().remove(handle);
        let own = taken.about.own().cloned();
        let About { user, texts, new_password, .. } = taken.about;
        if let Some(signing_in) = &taken.signing_in {
            if let Some(open) = open {
                // The server puts off what it was about to ask.
                self.told(&open, None);
            }
            return signing_in.broken_off(agent, (&user, &texts), taken.ask, turn);
        }
        if let Some(own) = own {
            let _busy = agent.busy.enter();
            return own.broken_off(agent, turn).await;
        }
        // The server may have set the password already, if it was typed twice.
        let key =
            if sealed && taken.ask == Ask::Secret && !new_password.is_empty() { "not-sure" } else { "unavailable" };
        end(turn, Standing::Refused, with_help(agent, texts.say(key, &[])))
    }

    /// Whether more than one sign-in of `user` is in progress.
    fn signs_in_twice(&self, user: &str) -> bool {
        self.table().values().filter(|open| open.signing_in.is_some() && open.about.user == user).count() > 1
    }

    /// Ends the dialogue with the `last` step of the server. After a reset, the credential helper makes this host
    /// accept the new password, even if the user is gone.
    async fn ended(&self, agent: &Snapshot, handle: &str, about: &About, last: Step) -> Step {
        if let Some(own) = about.own() {
            self.table().remove(handle);
            let _busy = agent.busy.enter();
            return own.ended(agent, last).await;
        }
        if Standing::from_wire(last.standing) != Some(Standing::Recovered) {
            self.table().remove(handle);
            return last;
        }
        let busy = agent.busy.enter();
        let About { user, uid, texts, new_password, .. } = about;
        let reset = Reset { user, uid: *uid, new_password, texts };
        let (question, last) = after::look_after(agent, reset, last).await;
        drop(busy);
        let mut table = self.table();
        if let (Some(question), Some(open)) = (question, table.get_mut(handle)) {
            (open.turn, open.ask, open.busy, open.end) = (question.turn, Ask::Line, false, Some(last));
            return question;
        }
        table.remove(handle);
        last
    }
}
