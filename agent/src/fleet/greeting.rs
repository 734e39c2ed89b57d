//! Sends hellos to the server at intervals, so that it knows that this host is there.

use std::{sync::Arc, time::Duration};

use super::Fleet;
use crate::{reloadable::Reloadable, snapshot::Snapshot};

/// The mean time between hellos.
const EVERY: Duration = Duration::from_mins(15);
/// The base of the pause after a failed hello. The longest pause is twice this time at first, and doubles with each
/// failure, up to 5 minutes.
const AGAIN: Duration = Duration::from_secs(10);
/// How long a hello may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends hellos as long as the agent runs and the settings name a fleet. A reload of the settings sends one at once.
pub async fn run(agent: Reloadable<Snapshot>, fleet: Fleet) {
    let mut failed = 0u32;
    let mut reloads = agent.reloads();
    loop {
        let now = agent.now();
        if now.settings.fleet.is_on() {
            forget_gone(now.clone(), fleet.clone()).await;
            match fleet.hello(&now.settings.fleet, &now.host_name, PATIENCE).await {
                Ok(greeting) => {
                    if failed > 0 {
                        tracing::info!("the fleet's server answers again");
                    }
                    if greeting.state != "active" {
                        tracing::warn!(
                            state = greeting.state,
                            "the fleet's server does not serve this host: it is {}",
                            greeting.state
                        );
                    }
                    failed = 0;
                }
                Err(why) => {
                    if failed == 0 {
                        tracing::warn!(%why, "the fleet's server can't be greeted: {why}");
                    }
                    failed = failed.saturating_add(1);
                }
            }
        }
        let pause = pause(failed, part(now.as_ref()));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = reloads.next() => {}
        }
    }
}

/// Drops the marks of accounts of this host that are gone. The account files may be long, so a thread reads them.
async fn forget_gone(agent: Arc<Snapshot>, fleet: Fleet) {
    let forgotten = tokio::task::spawn_blocking(move || {
        if !fleet.has_marks() {
            return Ok(());
        }
        let living = agent.people.local()?;
        // An empty list means that something is wrong with the files.
        if living.is_empty() { Ok(()) } else { fleet.forget_gone(&living) }
    });
    if let Ok(Err(why)) = forgotten.await {
        tracing::warn!(%why, "the marks of accounts of this host that are gone can't be removed: {why}");
    }
}

/// A random number from 0 to 1.
fn part(agent: &Snapshot) -> f64 {
    let mut bytes = [0; 2];
    // Without randomness, all hosts send their hellos at once, which is better than none.
    let _ = agent.random.fill(&mut bytes);
    f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX)
}

/// The time until the next hello: 15 minutes, plus or minus 20 %. After `failed` failures, it is one second and a
/// random part of the longest pause; see [`AGAIN`]. `part` is a random number from 0 to 1.
fn pause(failed: u32, part: f64) -> Duration {
    if failed == 0 {
        return EVERY.mul_f64(0.8 + 0.4 * part);
    }
    let most = AGAIN.saturating_mul(2u32.saturating_pow(failed.min(10))).min(Duration::from_mins(5));
    Duration::from_secs(1) + most.mul_f64(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_come_apart_from_one_another_and_sooner_after_an_outage() {
        assert_eq!(pause(0, 0.0), Duration::from_mins(12));
        assert_eq!(pause(0, 1.0), Duration::from_mins(18));
        assert!(pause(1, 1.0) <= Duration::from_secs(21) && pause(1, 0.0) >= Duration::from_secs(1));
        assert!(pause(u32::MAX, 1.0) <= Duration::from_secs(301));
    }
}
