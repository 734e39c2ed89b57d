//! When too many failed proofs suspend self-service of an account, and for how long.

use std::collections::HashMap;

use super::{Allowance, DAY, Events, Kind, Result, Settings, Tag, Time, Tx, once};

/// How long earlier suspensions make the next one longer.
const RESTS_REMEMBERED: Time = 30 * DAY;
/// The longest suspension.
const REST_MAX: Time = 7 * DAY;

/// How long the newest suspension lasts; `rests` are the times when suspensions began, the newest first.
fn rest_length(settings: &Settings, rests: &[Time]) -> Time {
    let first = settings.failed_window.as_secs();
    let Some(newest) = rests.first() else { return first };
    let earlier = rests.iter().filter(|at| **at > newest - RESTS_REMEMBERED).count().saturating_sub(1);
    let doubled = 1i64.checked_shl(u32::try_from(earlier).unwrap_or(u32::MAX)).unwrap_or(i64::MAX);
    first.saturating_mul(doubled.max(1)).min(REST_MAX.max(first))
}

/// The remaining seconds of the newest suspension.
fn rest_left(settings: &Settings, rests: &[Time], now: Time) -> Option<Time> {
    let until = rests.first()?.saturating_add(rest_length(settings, rests));
    (until > now).then_some(until - now)
}

/// Suspensions that still matter began after this time.
fn rests_since(settings: &Settings, now: Time) -> Time {
    now - RESTS_REMEMBERED - REST_MAX.max(settings.failed_window.as_secs())
}

/// Whether self-service of `account` is suspended after too many failed proofs.
pub async fn resting(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    let rests = Events::times(tx, Kind::Rest, account, rests_since(settings, now)).await?;
    Ok(rest_left(settings, &rests, now).map_or(Allowance::Granted, Allowance::Wait))
}

/// Whether suspensions grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rests {
    /// Each lasts longer than the one before: an attacker may be guessing.
    Grow,
    /// All have the same length: the codes were for the user's own contact.
    Stay,
}

/// Counts a failed proof of `account` from `source`; the last one that is allowed begins the suspension.
pub async fn failure(
    tx: &mut Tx<'_>,
    settings: &Settings,
    (account, rests): (&Tag, Rests),
    source: &Tag,
    now: Time,
) -> Result<Allowance> {
    Events::add_from(tx, Kind::Failure, account, source, now).await?;
    if failures_left(tx, settings, account, source, now).await? > 0 {
        return Ok(Allowance::Granted);
    }
    if rests == Rests::Stay {
        Events::clear(tx, Kind::Rest, account).await?;
    }
    Events::add(tx, Kind::Rest, account, now).await?;
    resting(tx, settings, account, now).await
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
    Events::clear(tx, Kind::Rest, account).await
}

/// The keys of all accounts whose self-service is suspended, with the remaining seconds.
pub async fn all_resting(tx: &mut Tx<'_>, settings: &Settings, now: Time) -> Result<HashMap<Vec<u8>, Time>> {
    let mut rests: HashMap<Vec<u8>, Vec<Time>> = HashMap::new();
    for (key, at) in Events::all_since(tx, Kind::Rest, rests_since(settings, now)).await? {
        rests.entry(key).or_default().push(at);
    }
    Ok(rests.into_iter().filter_map(|(key, rests)| Some((key, rest_left(settings, &rests, now)?))).collect())
}

/// Whether to notify the owner that self-service of `account` is suspended: once a day, however short the suspensions
/// are.
pub async fn blocked_note(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<bool> {
    once(tx, Kind::BlockedNote, account, now, DAY).await
}
