//! What is known of the servers: which one answered last, which failed, and whether any answers. While none does, they
//! are tried in the background.

use std::{
    sync::{MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};

use super::{Kept, Link, NEXT_SERVER};
use crate::race;

/// How long a server that failed comes last.
pub(super) const BAD_FOR: Duration = Duration::from_secs(30);
/// How long calls fail at once after no server answered, plus or minus 20 %.
const DOWN_FOR: Duration = Duration::from_secs(30);
/// A server that answered within this time is not down.
const LATELY: Duration = Duration::from_secs(2);
/// The pause between two tries in the background meanwhile.
const PROBE_EVERY: Duration = Duration::from_secs(3);
/// How long a try in the background may take.
const PROBE_MAX: Duration = Duration::from_secs(3);

/// What was learned about the servers.
#[derive(Default)]
pub(super) struct Known {
    pub(super) last_good: usize,
    pub(super) bad_until: Vec<Option<Instant>>,
    /// When each server answered last.
    pub(super) answered: Vec<Option<Instant>>,
    /// Until when calls fail at once, and why.
    pub(super) down: Option<(Instant, String)>,
}

impl Link {
    /// Why calls fail at once for now; `None` if they don't.
    pub fn down(&self) -> Option<String> {
        let known = self.known();
        known.down.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, why)| why.clone())
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The servers in the order in which they are tried: the one that was connected last, then the others in their
    /// given order. Servers that failed lately come last, the one that failed first before the others.
    pub(super) fn order(&self) -> Vec<usize> {
        let known = self.known();
        let now = Instant::now();
        let bad = |server: usize| known.bad_until.get(server).copied().flatten().filter(|until| now < *until);
        let mut order: Vec<usize> = (0..self.0.servers.len()).collect();
        order.sort_by_key(|server| (bad(*server), *server != known.last_good));
        order
    }

    /// Whether server `which` answered within [`LATELY`]; `None`: any server.
    pub(super) fn has_answered_lately(&self, which: Option<usize>) -> bool {
        let known = self.known();
        let lately = |at: &Option<Instant>| at.is_some_and(|at| at.elapsed() < LATELY);
        match which {
            Some(server) => known.answered.get(server).is_some_and(lately),
            None => known.answered.iter().any(lately),
        }
    }

    /// Notes that `server` failed: it comes last for a while, and its connections are no longer used.
    pub(super) fn is_bad(&self, server: usize) {
        if let Some(bad) = self.known().bad_until.get_mut(server) {
            *bad = Some(Instant::now() + BAD_FOR);
        }
        self.kept().retain(|kept| kept.server != server);
    }

    /// Notes that no server answers: for a while, calls fail at once, and servers are tried in the background only.
    pub(super) fn is_down(&self, why: &str) {
        let jitter = getrandom::u32().unwrap_or_default() % 1000;
        let rest = DOWN_FOR.mul_f64(0.8 + 0.4 * f64::from(jitter) / 1000.0);
        self.known().down = Some((Instant::now() + rest, why.to_owned()));
        self.kept().clear();
        if self.0.probing.swap(true, Ordering::AcqRel) {
            return;
        }
        let link = self.clone();
        tokio::spawn(async move {
            while link.down().is_some() {
                sleep(PROBE_EVERY).await;
                let order = link.order();
                let tries = order.iter().map(|server| link.0.servers.clone().connect(*server)).collect();
                if let Ok((Ok((place, sender)), _)) = timeout(PROBE_MAX, race::first(tries, NEXT_SERVER)).await {
                    let server = order.get(place).copied().unwrap_or_default();
                    let mut known = link.known();
                    known.last_good = server;
                    known.down = None;
                    drop(known);
                    link.kept().push_back(Kept { sender, server, since: Instant::now() });
                }
            }
            link.0.probing.store(false, Ordering::Release);
        });
    }
}
