//! Copies contacts at intervals, and keeps the state.

use std::time::Duration;

use sspr_config::settings::Method;
use sspr_protocol::admin::{SyncState, SyncWish};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout_at},
};

use super::{Source, erasing::forget_unset, now};
use crate::{
    clock::Time,
    error::Result,
    reloadable::Reloadable,
    snapshot::Snapshot,
    store::{Synced, synced::State},
};

/// How soon a failed sync is tried again.
const AGAIN: Time = 900;
/// How often the settings and the time are checked.
const NAP: Duration = Duration::from_hours(1);

/// Copies them as long as the agent runs, whenever it is time. Contacts that a reload no longer copies are erased at
/// once.
pub async fn run(agent: Reloadable<Snapshot>, apart: Handle) {
    let mut reloads = agent.reloads();
    let failed = |error| tracing::error!(%error, "the directory's contacts");
    loop {
        let pause = turn(&agent, &apart).await.unwrap_or_else(|error| {
            failed(error);
            NAP
        });
        let until = Instant::now() + pause.min(NAP);
        while timeout_at(until, reloads.next()).await.is_ok() {
            forget(&agent).await.unwrap_or_else(failed);
        }
    }
}

/// Erases contacts that the settings no longer copy.
async fn forget(live: &Reloadable<Snapshot>) -> Result<()> {
    // A sync by earlier settings ends soon. Until then it can still apply contacts.
    let _one = live.now().syncing.clone().lock_owned().await;
    forget_unset(&live.now()).await
}

/// Copies them if it is time, and returns how long until the next time.
async fn turn(live: &Reloadable<Snapshot>, apart: &Handle) -> Result<Duration> {
    forget(live).await?;
    let agent = live.now();
    let Some(source) = Source::of(&agent) else { return Ok(NAP) };
    let mut tx = agent.begin_to_read().await?;
    let state = Synced::state(&mut tx, source.realm).await?;
    tx.commit().await?;
    let every = source.set.every.as_secs();
    let due = due(state.as_ref(), every);
    let left = due.saturating_sub(agent.now());
    if left > 0 {
        return Ok(Duration::from_secs(left.unsigned_abs()));
    }
    // The journal has the result.
    let came = now(live, SyncWish::default(), apart).await;
    let pause = if came.is_ok() { every } else { every.min(AGAIN) };
    Ok(Duration::from_secs(pause.unsigned_abs()))
}

/// When they are copied next.
fn due(state: Option<&State>, every: Time) -> Time {
    state.map_or(0, |state| state.tried + if state.failed.is_some() { every.min(AGAIN) } else { every })
}

/// The state of copying.
pub async fn state(agent: &Snapshot) -> Result<SyncState> {
    let Some(Source { realm, .. }) = Source::of(agent) else { return Ok(SyncState::default()) };
    let mut tx = agent.begin_to_read().await?;
    let Some(state) = Synced::state(&mut tx, realm).await? else { return Ok(SyncState::default()) };
    let mut waiting = 0;
    for method in [Method::Email, Method::Phone] {
        waiting += Synced::count(&mut tx, realm, method).await?.1;
    }
    tx.commit().await?;
    let State { tried, done, people, contacts, held, doubled, failed, .. } = state;
    Ok(SyncState { tried: Some(tried), done, people, contacts, waiting, held, doubled, failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_time_after_the_interval_and_sooner_after_a_failure() {
        let state = |failed: Option<&str>| State { tried: 1000, failed: failed.map(str::to_owned), ..State::default() };
        assert_eq!(due(None, 86_400), 0);
        assert_eq!(due(Some(&state(None)), 86_400), 1000 + 86_400);
        assert_eq!(due(Some(&state(Some("down"))), 86_400), 1000 + AGAIN);
    }
}
