//! Sends hellos to the server at intervals, so that it knows that this host is there.

use std::{sync::Arc, time::Duration};

use super::Fleet;
use crate::{reloadable::Reloadable, snapshot::Snapshot};

/// The mean time between hellos.
const EVERY: Duration = Duration::from_mins(15);
/// The longest time until the next hello after one that failed. All hosts that failed during an outage come within it, so
/// it is long enough for the server to notice hardly more hellos than before.
const AGAIN: Duration = Duration::from_secs(380);
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
            now.audit.worked();
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

/// The time until the next hello: 15 minutes, plus or minus 20 %. After the first failure, it is a random part of
/// [`AGAIN`]; after further ones, it is 15 minutes again, so that a long outage does not end with all hosts at once. `part`
/// is a random number from 0 to 1.
fn pause(failed: u32, part: f64) -> Duration {
    if failed == 1 { AGAIN.mul_f64(part) } else { EVERY.mul_f64(0.8 + 0.4 * part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_come_apart_from_one_another_and_sooner_after_an_outage() {
        assert_eq!(pause(0, 0.0), Duration::from_mins(12));
        assert_eq!(pause(0, 1.0), Duration::from_mins(18));
        assert!(pause(1, 1.0) < Duration::from_mins(7));
        assert_eq!(pause(2, 0.5), Duration::from_mins(15));
    }

    /// Hosts of the simulated fleet: so many that chance counts for little.
    const HOSTS: u32 = 400_000;
    /// Hosts of the fleet for which the figures are printed.
    const FLEET: f64 = 10_000.0;
    /// How long it is watched after the outage, in seconds.
    const WATCHED: usize = 20 * 60;
    const SOON: Duration = Duration::from_mins(6);

    /// The hellos of a fleet after an outage.
    struct Afterwards {
        /// The most hellos in one second, in proportion to those of a fleet at rest.
        busiest: f64,
        /// The hosts whose hello had failed, and how many of them were heard soon.
        failed: f64,
        soon: f64,
    }

    /// The number from 0 to 1 that a host gets as its `draw`th: a sequence that fills the space evenly, by the root of
    /// x^7 = x + 1.
    fn drawn(host: u32, draw: i32) -> f64 {
        (0.5 + f64::from(host) * 1.112_775_684_278_705_5_f64.powi(-draw - 1)).fract()
    }

    /// When the next hello of a host comes that is looked at in between, if `part` of all such hosts are earlier.
    fn next(part: f64) -> Duration {
        let [least, most] = [0.0, 1.0].map(|part| pause(0, part).as_secs_f64());
        let mean = f64::midpoint(least, most);
        Duration::from_secs_f64(if part < least / mean {
            part * mean
        } else {
            most - (2.0 * (most - least) * mean * (1.0 - part)).sqrt()
        })
    }

    fn after_an_outage(minutes: u64) -> Afterwards {
        let outage = Duration::from_mins(minutes);
        let (mut hellos, mut after) = (vec![0u32; WATCHED], Afterwards { busiest: 0.0, failed: 0.0, soon: 0.0 });
        for host in 0..HOSTS {
            let (mut at, mut failed, mut draw) = (next(drawn(host, 0)), 0, 1);
            loop {
                if let Some(since) = at.checked_sub(outage) {
                    let Some(second) = hellos.get_mut(usize::try_from(since.as_secs()).unwrap()) else { break };
                    *second += 1;
                    if failed > 0 {
                        after.soon += f64::from(u8::from(since <= SOON));
                    }
                    failed = 0;
                } else {
                    after.failed += f64::from(u8::from(failed == 0));
                    failed += 1;
                }
                at += pause(failed, drawn(host, draw % 7));
                draw += 1;
            }
        }
        let at_rest = f64::from(HOSTS) / EVERY.as_secs_f64();
        after.busiest = f64::from(hellos.into_iter().max().unwrap()) / at_rest;
        after
    }

    #[test]
    fn after_an_outage_of_a_minute_nine_in_ten_hosts_are_heard_in_six_minutes_and_the_server_is_hardly_busier() {
        let at_rest = FLEET / EVERY.as_secs_f64();
        println!("{FLEET} hosts at rest: {at_rest:.1} hellos a second");
        let [undisturbed, short, long] = [0, 1, 30].map(|minutes| {
            let after = after_an_outage(minutes);
            let Afterwards { busiest, failed, soon } = after;
            println!(
                "after an outage of {minutes} minutes: {:.0} hosts failed, {soon:.0} of {failed:.0} simulated ones are heard \
                 within 6 minutes; {:.1} hellos in the busiest second, {busiest:.2} x at rest",
                failed * FLEET / f64::from(HOSTS),
                busiest * at_rest
            );
            after
        });
        assert!((undisturbed.busiest - 1.0).abs() < 0.1 && undisturbed.failed < 1.0, "{}", undisturbed.busiest);
        assert!(short.soon >= 0.9 * short.failed && short.busiest <= 1.2);
        assert!(long.busiest <= 1.2, "{}", long.busiest);
    }
}
