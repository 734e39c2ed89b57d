//! When contacts are copied by themselves, and how it goes.

use std::time::Duration;

use sspr_config::settings::Method;
use sspr_protocol::admin::{SyncState, SyncWish};
use tokio::runtime::Handle;

use super::{Source, erasing::forget_unset, now};
use crate::{
    clock::Time,
    error::Result,
    reloadable::Reloadable,
    snapshot::Snapshot,
    store::{Synced, synced::State},
};

/// After a failure it is tried again so soon.
const AGAIN: Time = 900;
/// How often the settings and the time are looked at.
const NAP: Duration = Duration::from_hours(1);

/// Copies them for as long as the agent runs, whenever it is time.
pub async fn run(agent: Reloadable<Snapshot>, apart: Handle) {
    loop {
        let pause = turn(&agent.now(), &apart).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the directory's contacts");
            NAP
        });
        tokio::time::sleep(pause.min(NAP)).await;
    }
}

/// Copies them if it is time, and says how long until it is again.
async fn turn(agent: &Snapshot, apart: &Handle) -> Result<Duration> {
    let Some(source) = Source::of(agent) else {
        forget_unset(agent).await?;
        return Ok(NAP);
    };
    let mut tx = agent.begin_to_read().await?;
    let state = Synced::state(&mut tx, source.realm).await?;
    tx.commit().await?;
    let every = source.set.every.as_secs();
    let due = due(state.as_ref(), every);
    let left = due.saturating_sub(agent.now());
    if left > 0 {
        return Ok(Duration::from_secs(left.unsigned_abs()));
    }
    // What came of it is in the journal.
    let came = now(agent, SyncWish::default(), apart).await;
    let pause = if came.is_ok() { every } else { every.min(AGAIN) };
    Ok(Duration::from_secs(pause.unsigned_abs()))
}

/// When they are copied next.
fn due(state: Option<&State>, every: Time) -> Time {
    state.map_or(0, |state| state.tried + if state.failed.is_some() { every.min(AGAIN) } else { every })
}

/// How it goes.
pub async fn state(agent: &Snapshot) -> Result<SyncState> {
    let Some(Source { realm, .. }) = Source::of(agent) else { return Ok(SyncState::default()) };
    let mut tx = agent.begin_to_read().await?;
    let Some(state) = Synced::state(&mut tx, realm).await? else { return Ok(SyncState::default()) };
    let mut waiting = 0;
    for method in [Method::Email, Method::Phone] {
        waiting += Synced::count(&mut tx, realm, method).await?.1;
    }
    tx.commit().await?;
    let State { tried, done, people, contacts, held, failed, .. } = state;
    Ok(SyncState { tried: Some(tried), done, people, contacts, waiting, held, failed })
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
