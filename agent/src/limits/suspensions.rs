//! When too many failed proofs suspend self-service of an account, and for how long.

use std::collections::HashMap;

use super::{Allowance, DAY, Events, Kind, Result, Settings, Tag, Time, Tx, once};

/// How long earlier suspensions make the next one longer.
const SUSPENSIONS_REMEMBERED: Time = 30 * DAY;
/// The longest suspension.
const SUSPENSION_MAX: Time = 7 * DAY;

/// How long the newest suspension lasts; `suspensions` are the times when suspensions began, the newest first.
fn suspension_length(settings: &Settings, suspensions: &[Time]) -> Time {
    let first = settings.failed_window.as_secs();
    let Some(newest) = suspensions.first() else { return first };
    let earlier = suspensions.iter().filter(|at| **at > newest - SUSPENSIONS_REMEMBERED).count().saturating_sub(1);
    let doubled = 1i64.checked_shl(u32::try_from(earlier).unwrap_or(u32::MAX)).unwrap_or(i64::MAX);
    first.saturating_mul(doubled.max(1)).min(SUSPENSION_MAX.max(first))
}

/// The remaining seconds of the newest suspension.
fn suspension_left(settings: &Settings, suspensions: &[Time], now: Time) -> Option<Time> {
    let until = suspensions.first()?.saturating_add(suspension_length(settings, suspensions));
    (until > now).then_some(until - now)
}

/// Suspensions that still matter began after this time.
fn suspensions_since(settings: &Settings, now: Time) -> Time {
    now - SUSPENSIONS_REMEMBERED - SUSPENSION_MAX.max(settings.failed_window.as_secs())
}

/// Whether self-service of `account` is suspended after too many failed proofs.
pub async fn suspension(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    let suspensions = Events::times(tx, Kind::Suspension, account, suspensions_since(settings, now)).await?;
    Ok(suspension_left(settings, &suspensions, now).map_or(Allowance::Granted, Allowance::Wait))
}

/// Whether suspensions grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspensions {
    /// Each lasts longer than the one before: an attacker may be guessing.
    Grow,
    /// All have the same length: the codes were for the user's own contact.
    Stay,
}

/// Counts a failed proof of `account` from `source`; the last one that is allowed begins the suspension.
pub async fn failure(
    tx: &mut Tx<'_>,
    settings: &Settings,
    (account, suspensions): (&Tag, Suspensions),
    source: &Tag,
    now: Time,
) -> Result<Allowance> {
    Events::add_from(tx, Kind::Failure, account, source, now).await?;
    if failures_left(tx, settings, account, source, now).await? > 0 {
        return Ok(Allowance::Granted);
    }
    if suspensions == Suspensions::Stay {
        Events::clear(tx, Kind::Suspension, account).await?;
    }
    Events::add(tx, Kind::Suspension, account, now).await?;
    suspension(tx, settings, account, now).await
}

/// How many more failures of `account` from `source` are allowed before the suspension.
pub async fn failures_left(
    tx: &mut Tx<'_>,
    settings: &Settings,
    account: &Tag,
    source: &Tag,
    now: Time,
) -> Result<i64> {
    let since = now - settings.failed_window.as_secs();
    let failures = Events::count_as_seen(tx, Kind::Failure, account, source, since).await?;
    Ok((i64::from(settings.failed_proofs) - failures).max(0))
}

/// `account` succeeded from `source`: its failures there no longer count there. Failures elsewhere do, and for other
/// sources all of them do: a stranger who uses up tries must not see by them that the owner was here.
pub async fn succeeded(tx: &mut Tx<'_>, account: &Tag, source: &Tag) -> Result<()> {
    Events::forgive(tx, Kind::Failure, account, source).await
}

/// Clears the failures and the suspensions of `account` for an administrator.
pub async fn clear_failures(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    Events::clear(tx, Kind::Failure, account).await?;
    Events::clear(tx, Kind::Suspension, account).await
}

/// The keys of all accounts whose self-service is suspended, with the remaining seconds.
pub async fn all_suspensions(tx: &mut Tx<'_>, settings: &Settings, now: Time) -> Result<HashMap<Vec<u8>, Time>> {
    let mut suspensions: HashMap<Vec<u8>, Vec<Time>> = HashMap::new();
    for (key, at) in Events::all_since(tx, Kind::Suspension, suspensions_since(settings, now)).await? {
        suspensions.entry(key).or_default().push(at);
    }
    Ok(suspensions
        .into_iter()
        .filter_map(|(key, suspensions)| Some((key, suspension_left(settings, &suspensions, now)?)))
        .collect())
}

/// Whether to notify the owner that self-service of `account` is suspended: once a day, however short the suspensions
/// are.
pub async fn blocked_note(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<bool> {
    once(tx, Kind::BlockedNote, account, now, DAY).await
}
