//! A reset whose server is lost goes on at another one, or at the same one after its restart. What the user proved is in
//! the store, bound to the dialogue's first handle. So the user only answers the last question again. This gives a reset no
//! more time than it has at one server.

use std::{pin::pin, sync::Arc, time::Duration};

use sspr_config::dialogue::{Ask, Standing, Step};
use sspr_fleet::{
    client::{Replica, Trouble},
    wire::{Answer, Refusal, Refused},
};
use tokio::time::{Instant, timeout};

use super::{
    Why,
    open::{Again, Answered, Opened, Taken},
    own_carried,
    reach::Reach,
    relay::Host,
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
    /// Sends an answer to the server of the dialogue. If that one is lost, another one goes on. In between, this host
    /// does what the server asks of it about an account of its own.
    pub(super) async fn answered(
        &self,
        agent: &Snapshot,
        reach: &Reach,
        taken: &Taken,
        answer: &Answer,
        sealed: bool,
        by: Instant,
    ) -> Result<Answered, Why> {
        match self.reacted(reach, taken, answer, sealed, by).await? {
            Answered::Here(step) if errand::is_one(&step) => {
                let Some(own) = taken.about.own() else { return Err(own_carried::strange().into()) };
                let lost = match own_carried::runs(agent, reach, own, (&taken.at, &taken.handle), step, by).await {
                    Ok(step) => return Ok(Answered::Here(step)),
                    Err(why) if !is_lost(&why) || matches!(why, Trouble::Strange(_)) => return Err(why.into()),
                    Err(why) => why,
                };
                let (untouched, now) = (own.did_nothing(), agent.now());
                let may = |again: &&Again| untouched && now < again.until;
                let Some(again) = taken.again.as_ref().filter(may) else { return Err(lost.into()) };
                // The module waits a second longer than this.
                let begins = BEGINS.min((by + LATER).saturating_duration_since(Instant::now()));
                let Ok(opened) = resumed(reach, taken, again, Some(&lost), begins).await else {
                    return Err(lost.into());
                };
                settled(agent, reach, taken, opened, by).await
            }
            Answered::Elsewhere(opened) => settled(agent, reach, taken, opened, by).await,
            here @ Answered::Here(_) => Ok(here),
        }
    }

    /// What the server sends next.
    async fn reacted(
        &self,
        reach: &Reach,
        taken: &Taken,
        answer: &Answer,
        sealed: bool,
        by: Instant,
    ) -> Result<Answered, Why> {
        let since = Instant::now();
        let patience = by.saturating_duration_since(since);
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
            Ok(Err(why)) if !(is_lost(&why) || can_not_serve(&why) && reach.has_others()) => return Err(why.into()),
            Ok(Err(why)) => Some(why),
            Err(_) => None,
        };
        // The module waits a second longer than this.
        let begins = BEGINS.min((patience + LATER).saturating_sub(since.elapsed()));
        match (resumed(reach, taken, again, lost.as_ref(), begins).await, lost) {
            (Ok(opened), _) => Ok(Answered::Elsewhere(opened)),
            (Err(_), Some(lost)) => Err(lost.into()),
            (Err(_), None) => Ok(Answered::Here(from_wire(here.await?))),
        }
    }

    /// The next step of a dialogue that goes on elsewhere.
    pub(super) async fn goes_on(&self, agent: &Arc<Snapshot>, handle: &str, taken: &Taken, opened: Opened) -> Step {
        let Opened { at, handle: theirs, step, own: is_own } = opened;
        self.told_at(taken.at.clone(), taken.handle.clone(), Some(String::new()));
        let own = taken.about.wanted.as_ref().filter(|_| is_own);
        let is_last = ask(&step) == Ask::Nothing;
        // The proof is used: the server that was lost was about to set the password.
        let is_used = taken.ask == Ask::Secret && ask(&step) != Ask::NewPassword;
        let is_done = taken.about.wanted.as_ref().is_some_and(|own| !own.did_nothing());
        if is_last || is_used || is_done || !self.moves(handle, (&at, &theirs), &step, is_own) {
            self.table().remove(handle);
            if !is_last {
                self.told_at(at, theirs, None);
            }
            let over = |key: &str| end(step.turn, Standing::Refused, with_help(agent, taken.about.texts.say(key, &[])));
            let _busy = agent.busy.enter();
            return match &taken.about.wanted {
                // This host did what a server asked, whatever the server says then.
                Some(own) if is_done && !is_last => own.broken_off(agent, step.turn).await,
                Some(own) if is_last => own.ended(agent, step).await,
                // What this host did not do was not done.
                Some(_) if is_used && taken.about.is_own => over("not-changed"),
                _ if is_used => over("not-sure"),
                // The user left meanwhile.
                _ => step,
            };
        }
        let mut step = match own {
            Some(own) => own.shown(agent, step),
            None => step,
        };
        step.text = format!("{}\n{}", taken.about.texts.say("server-changed", &[]), step.text);
        step
    }

    /// Has a dialogue go on at another server with `step`. `false`: the user has left it.
    fn moves(&self, handle: &str, (at, theirs): (&Replica, &str), step: &Step, is_own: bool) -> bool {
        let mut table = self.table();
        let Some(open) = table.get_mut(handle) else { return false };
        open.goes_on_at((at.clone(), theirs.to_owned()), step, is_own);
        true
    }
}

/// What a server goes on with in place of the one that is lost or silent.
async fn resumed(
    reach: &Reach,
    taken: &Taken,
    again: &Again,
    lost: Option<&Trouble>,
    most: Duration,
) -> Result<Opened, Trouble> {
    let opened = reach.resume(&taken.at, &again.begin, most).await?;
    let why = lost.map_or_else(|| "it is silent".to_owned(), ToString::to_string);
    tracing::warn!(why, "another server of the fleet goes on with a dialogue: {why}");
    Ok(Opened {
        at: opened.at,
        handle: opened.handle,
        step: from_wire(opened.step),
        own: opened.own && taken.about.wanted.is_some(),
    })
}

/// What goes on elsewhere, once this host has done what that server asks of it.
async fn settled(agent: &Snapshot, reach: &Reach, taken: &Taken, opened: Opened, by: Instant) -> Result<Answered, Why> {
    if !errand::is_one(&opened.step) {
        return Ok(Answered::Elsewhere(opened));
    }
    let own = taken.about.wanted.as_ref().filter(|_| opened.own).ok_or_else(own_carried::strange)?;
    let step = own_carried::runs(agent, reach, own, (&opened.at, &opened.handle), opened.step, by).await?;
    Ok(Answered::Elsewhere(Opened { step, ..opened }))
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

/// Whether a server answers and can't serve: it may have lost its way to the database.
fn can_not_serve(why: &Trouble) -> bool {
    matches!(why, Trouble::Refused(refused) if refused.refused == Refusal::Unavailable)
}
