//! Copies contacts at intervals, and keeps the state.

use std::time::Duration;

use sspr_config::{directory::PEOPLE_MAX, settings::Method};
use sspr_protocol::admin::{SyncState, SyncWish};
use tokio::{runtime::Handle, time::timeout};

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

/// Copies them as long as the agent runs, whenever it is time. A reload is followed at once: contacts that it no longer
/// copies are erased, and a source that it names for the first time is copied.
pub async fn run(agent: Reloadable<Snapshot>, apart: Handle) {
    let mut reloads = agent.reloads();
    loop {
        let pause = turn(&agent, &apart).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the directory's contacts");
            NAP
        });
        // After a reload, too, it may not be time yet.
        let _ = timeout(pause.min(NAP), reloads.next()).await;
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
    let due = due(state.as_ref(), every, agent.store.is_shared());
    let left = due.saturating_sub(agent.now());
    if left > 0 {
        return Ok(Duration::from_secs(left.unsigned_abs()));
    }
    // The journal has the result.
    let came = now(live, SyncWish::default(), apart).await;
    let pause = if came.is_ok() { every } else { every.min(AGAIN) };
    Ok(Duration::from_secs(pause.unsigned_abs()))
}

/// When they are copied next. A sync without an end was cut off when the agent stopped, and counts as a failed one. In a
/// `shared` store it may be another server's, which goes on.
fn due(state: Option<&State>, every: Time, shared: bool) -> Time {
    let Some(state) = state else { return 0 };
    let others = if shared { i64::try_from(PEOPLE_MAX.as_secs()).unwrap_or(i64::MAX) } else { 0 };
    let pause = match &state.failed {
        Some(_) => AGAIN,
        None if state.done < Some(state.tried) => AGAIN.saturating_add(others),
        None => every,
    };
    state.tried + pause.min(every)
}

/// The state of copying.
pub async fn state(agent: &Snapshot) -> Result<SyncState> {
    let Some(Source { realm, .. }) = Source::of(agent) else { return Ok(SyncState::default()) };
    let mut tx = agent.begin_to_read().await?;
    let Some(state) = Synced::state(&mut tx, realm).await? else { return Ok(SyncState::default()) };
    let mut waiting = 0;
    for method in Method::CONTACTS {
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
        let state = |done, failed: Option<&str>| {
            Some(State { tried: 1000, done, failed: failed.map(str::to_owned), ..State::default() })
        };
        assert_eq!(due(None, 86_400, false), 0);
        for done in [1000, 1060] {
            assert_eq!(due(state(Some(done), None).as_ref(), 86_400, true), 1000 + 86_400);
        }
        assert_eq!(due(state(Some(900), Some("down")).as_ref(), 86_400, true), 1000 + AGAIN);
        // The agent was stopped in the middle of the first sync, and of a later one.
        for done in [None, Some(900)] {
            assert_eq!(due(state(done, None).as_ref(), 86_400, false), 1000 + AGAIN);
            assert_eq!(due(state(done, None).as_ref(), 86_400, true), 1000 + AGAIN + 7200);
        }
    }
}
