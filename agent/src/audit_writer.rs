//! The background task that writes audit records into the store, and deletes old ones.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{
    audit::{Doubt, Entry},
    chaining,
    clock::Time,
    error::Result,
    housekeeping, memory,
    reloadable::Reloadable,
    services::Services,
    snapshot::Snapshot,
    store::{AuditRows, Chains},
};

/// The time in which records gather to be written together.
const GATHER: Duration = Duration::from_millis(100);
/// The time before a failed store is tried again.
const PAUSE: Duration = Duration::from_secs(5);
/// How often memory is given back while records come.
const GIVE_EVERY: Duration = Duration::from_secs(1);
/// The interval in seconds at which old records are deleted.
const PRUNE_EVERY: Time = 86_400;

/// How many records are written in one transaction: other replicas and sign-ins come in between.
const PIECE: usize = chaining::BATCH as usize;

/// Writes the waiting records into the store. On an error, those that are not written yet stay.
pub async fn drain(services: &Services) -> Result<()> {
    let log = &services.audit;
    let mut doubt = log.writing().await;
    let (mut entries, mut newest, mut outcome) = (log.take(), None, Ok(()));
    while !entries.is_empty() && outcome.is_ok() {
        match write_some(services, &mut entries, &mut doubt).await {
            Ok(row) => newest = Some(row),
            Err(error) => outcome = Err(error),
        }
    }
    let lost = log.put_back(entries);
    if let Some(doubt) = doubt.as_mut() {
        doubt.records = doubt.records.saturating_sub(lost);
    }
    if let Some(newest) = newest {
        log.announce(newest);
    }
    outcome
}

/// Writes the first of `entries` and takes them out. Returns the newest row.
async fn write_some(services: &Services, entries: &mut VecDeque<Entry>, doubt: &mut Option<Doubt>) -> Result<i64> {
    let mut tx = services.begin().await?;
    if let Some(Doubt { row, records }) = *doubt {
        let last = records.checked_sub(1).and_then(|last| entries.get(last));
        let is_written = match last {
            Some(last) => AuditRows::has(&mut tx, row, last).await?,
            None => false,
        };
        *doubt = None;
        if is_written {
            entries.drain(..records);
            return Ok(row);
        }
    }
    let records = entries.len().min(PIECE);
    let row = AuditRows::add_all(&mut tx, entries.iter().take(records)).await?;
    Chains::chain_up(&mut tx, services.random.as_ref(), 2 * chaining::BATCH).await?;
    // From here on, an error may come after it was done.
    *doubt = Some(Doubt { row, records });
    tx.commit().await?;
    *doubt = None;
    entries.drain(..records);
    Ok(row)
}

/// The time after the last record after which nothing more is expected.
const QUIET: Duration = Duration::from_secs(3);

/// Writes records as long as the agent runs. Sleeps without a timer while there are none, except for one check a
/// moment after the last.
pub async fn run(agent: impl Into<Reloadable<Snapshot>>) {
    let agent = agent.into();
    let log = agent.now().audit.clone();
    let (mut pruned, mut given) = (0, Instant::now());
    // Rows of an earlier version, or of an agent that was killed.
    chaining::keep_up(&agent.now()).await;
    loop {
        log.rings().await;
        loop {
            tokio::time::sleep(GATHER).await;
            write_down_all(&agent, &mut pruned).await;
            // It takes a millisecond, and under load the memory is needed again at once.
            if given.elapsed() >= GIVE_EVERY {
                memory::give_back();
                given = Instant::now();
            }
            if tokio::time::timeout(QUIET, log.rings()).await.is_err() {
                break;
            }
        }
        memory::give_back();
        memory::let_go_of_the_program();
    }
}

/// Writes the waiting records, however long that takes.
async fn write_down_all(agent: &Reloadable<Snapshot>, pruned: &mut Time) {
    let agent = agent.now();
    while let Err(error) = drain(&agent).await {
        tracing::error!(%error, "audit records can't be written to the store; the journal has them");
        tokio::time::sleep(PAUSE).await;
    }
    chaining::keep_up(&agent).await;
    // If no message is ever sent, nothing else would do this.
    let now = agent.now();
    if (now - *pruned).abs() >= PRUNE_EVERY {
        *pruned = now;
        if let Err(error) = housekeeping::prune(&agent).await {
            tracing::error!(%error, "old records can't be removed");
        }
        if let Err(error) = housekeeping::forget_gone(&agent).await {
            tracing::error!(%error, "what is kept of accounts that are gone can't be removed");
        }
    }
}
