//! Calls of a host to its servers. While the host has two keys, either may be the one that counts, so a call that is
//! refused for its key is made once more with the other key.

use std::time::{Duration, Instant};

use sspr_config::settings::Fleet as Settings;
use sspr_fleet::{
    client::{Opened, Replica, Trouble},
    wire::{Answer, Begin, Done, Leave, Step},
};

use super::{Fleet, Open, Why, is_unknown_there};

/// The connections to the servers in the settings. Clones share them, with what was learned about the servers.
#[derive(Clone)]
pub(super) struct Reach {
    fleet: Fleet,
    open: Open,
}

impl Fleet {
    /// The connections to the servers in `settings`. As long as the servers and the key stay the same, they are shared.
    pub(super) fn reach(&self, settings: &Settings) -> Result<Reach, Why> {
        let mut kept = self.kept();
        let open = if let Some(open) = kept.as_ref().filter(|open| open.settings == *settings) {
            open.clone()
        } else {
            let identity = self.identity()?;
            let open = Self::open(settings, &identity, &identity.key)?;
            kept.insert(open).clone()
        };
        drop(kept);
        Ok(Reach { fleet: self.clone(), open })
    }
}

impl Reach {
    /// Why calls fail at once for now; `None` if they don't.
    #[cfg(test)]
    pub(super) fn down(&self) -> Option<String> {
        self.open.link.down()
    }

    /// See [`sspr_fleet::client::Link::begin`].
    pub(super) async fn begin(&self, begin: &Begin, most: Duration) -> Result<Opened, Trouble> {
        let since = Instant::now();
        let answered = self.open.link.begin(begin, most).await;
        let Some(other) = self.other(&answered) else { return answered };
        self.keeps(other.link.begin(begin, most.saturating_sub(since.elapsed())).await, &other)
    }

    /// See [`sspr_fleet::client::Link::resume`].
    pub(super) async fn resume(&self, at: &Replica, begin: &Begin, most: Duration) -> Result<Opened, Trouble> {
        let since = Instant::now();
        let answered = self.open.link.resume(at, begin, most).await;
        let Some(other) = self.other(&answered) else { return answered };
        self.keeps(other.link.resume(at, begin, most.saturating_sub(since.elapsed())).await, &other)
    }

    /// Whether there is more than one server.
    pub(super) fn has_others(&self) -> bool {
        self.open.link.has_others()
    }

    /// See [`sspr_fleet::client::Link::answer`].
    pub(super) async fn answer(
        &self,
        at: &Replica,
        answer: &Answer,
        sealed: bool,
        most: Duration,
    ) -> Result<Step, Trouble> {
        let since = Instant::now();
        let answered = self.open.link.answer(at, answer, sealed, most).await;
        let Some(other) = self.other(&answered) else { return answered };
        self.keeps(other.link.answer(at, answer, sealed, most.saturating_sub(since.elapsed())).await, &other)
    }

    /// See [`sspr_fleet::client::Link::leave`].
    pub(super) async fn leave(&self, at: &Replica, leave: &Leave, most: Duration) -> Result<Done, Trouble> {
        let answered = self.open.link.leave(at, leave, most).await;
        let Some(other) = self.other(&answered) else { return answered };
        self.keeps(other.link.leave(at, leave, most).await, &other)
    }

    /// The connections with this host's other key, if the call was refused for its key and there is another one.
    fn other<T>(&self, answered: &Result<T, Trouble>) -> Option<Open> {
        if !answered.as_ref().err().is_some_and(is_unknown_there) {
            return None;
        }
        let identity = self.fleet.identity().ok()?;
        let mut keys = [Some(&identity.key), identity.next.as_ref()].into_iter().flatten();
        let other = keys.find(|key| key.pin() != self.open.pin)?;
        Fleet::open(&self.open.settings, &identity, other).ok()
    }

    /// Uses the key of `other` from now on, unless the server does not know it either.
    fn keeps<T>(&self, answered: Result<T, Trouble>, other: &Open) -> Result<T, Trouble> {
        if !answered.as_ref().err().is_some_and(is_unknown_there) {
            *self.fleet.kept() = Some(other.clone());
        }
        answered
    }
}
