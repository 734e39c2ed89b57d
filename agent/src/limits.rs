//! All limits. Events are counted before any account is looked up, for every name alike, so that a limit reveals
//! nothing about an account. If the store fails, the answer is no.

use sspr_config::settings::Limits as Settings;

use crate::{
    clock::Time,
    error::Result,
    keys::{Keys, Tag},
    source::Source,
    store::{
        Tx,
        events::{AtMost, Events, Kind, Nth},
    },
};

mod desk;
mod hosts;
mod suspensions;

pub use desk::{DeskCount, count_desk, desk_limit_note};
pub use hosts::{Claim, SignIn, host_code, host_failure, host_is_noted, host_note, host_start, host_try};
pub use suspensions::{
    Suspensions, all_suspensions, blocked_note, clear_failures, failure, failures_left, succeeded, suspension,
};

const HOUR: Time = 3600;
const DAY: Time = 86_400;

/// Whether an action is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// It is allowed, and was counted.
    Granted,
    /// It is allowed only after this many seconds.
    Wait(Time),
}

/// Counts an event under each key in `counted`, unless one of `limits` is reached.
async fn count(tx: &mut Tx<'_>, limits: &[AtMost<'_>], counted: &[(Kind, &Tag)], now: Time) -> Result<Allowance> {
    let full = Events::count_within_and_add(tx, limits, counted, now).await?;
    Ok(full.map_or(Allowance::Granted, |full| Allowance::Wait(full.wait)))
}

/// Counts one event for one limit.
async fn within(tx: &mut Tx<'_>, kind: Kind, key: &Tag, now: Time, window: Time, most: u32) -> Result<Allowance> {
    count(tx, &[AtMost { kind, key, window, most }], &[(kind, key)], now).await
}

/// How many times as many dialogues the larger network around a source may begin.
const NEARBY: u32 = 8;

/// The keys for events from `source`, each with its kind and the factor for its limit.
fn starts(keys: &Keys, source: &str) -> impl Iterator<Item = (Kind, Tag, u32)> {
    let Source { near, wide } = Source::new(source);
    let near = (Kind::Start, keys.mac("source", &[near.as_bytes()]), 1);
    [near].into_iter().chain(wide.map(|wide| (Kind::StartNearby, keys.mac("source", &[wide.as_bytes()]), NEARBY)))
}

/// Whether a dialogue may begin from `source` (a remote host, a terminal or a uid). Counts nothing.
pub async fn may_start(
    tx: &mut Tx<'_>,
    settings: &Settings,
    keys: &Keys,
    source: &str,
    now: Time,
) -> Result<Allowance> {
    begun(tx, settings, keys, source, now, false).await
}

/// Counts the start of a dialogue from `source`.
pub async fn start(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, source: &str, now: Time) -> Result<Allowance> {
    begun(tx, settings, keys, source, now, true).await
}

async fn begun(
    tx: &mut Tx<'_>,
    settings: &Settings,
    keys: &Keys,
    source: &str,
    now: Time,
    counts: bool,
) -> Result<Allowance> {
    let starts: Vec<_> = starts(keys, source).collect();
    let limits: Vec<AtMost<'_>> = starts
        .iter()
        .map(|(kind, key, times)| AtMost {
            kind: *kind,
            key,
            window: HOUR,
            most: settings.starts_per_hour.saturating_mul(*times),
        })
        .collect();
    let counted: Vec<_> = starts.iter().filter(|_| counts).map(|(kind, key, _)| (*kind, key)).collect();
    count(tx, &limits, &counted, now).await
}

/// How many looks at a registration are allowed in an hour from one source.
const LOOKS_PER_HOUR: u32 = 120;

/// Counts a look from `source` at a registration: the hint of a shell, and `sspr status`. It does not count as the
/// start of a reset.
pub async fn look(tx: &mut Tx<'_>, keys: &Keys, source: &str, now: Time) -> Result<Allowance> {
    let key = keys.mac("source", &[Source::new(source).near.as_bytes()]);
    within(tx, Kind::Look, &key, now, HOUR, LOOKS_PER_HOUR).await
}

/// Whether to record that `source` has begun too many dialogues: once an hour.
pub async fn start_note(tx: &mut Tx<'_>, keys: &Keys, source: &str, now: Time) -> Result<bool> {
    let key = keys.mac("source", &[Source::new(source).near.as_bytes()]);
    once(tx, Kind::StartNote, &key, now, HOUR).await
}

/// Whether this is the first event in `window` seconds; if so, counts it.
async fn once(tx: &mut Tx<'_>, kind: Kind, key: &Tag, now: Time, window: Time) -> Result<bool> {
    Ok(within(tx, kind, key, now, window, 1).await? == Allowance::Granted)
}

/// Counts a code for `account`: a cool-down of `resend_after` seconds for each `cooldown_key` (purpose, method
/// and typed destination), and a limit for an hour and for a day over all of them.
pub async fn send(
    tx: &mut Tx<'_>,
    settings: &Settings,
    account: &Tag,
    cooldown_key: &Tag,
    resend_after: Time,
    now: Time,
) -> Result<Allowance> {
    let limits = [
        (cooldown_key, resend_after, 1),
        (account, HOUR, settings.sends_per_hour),
        (account, DAY, settings.sends_per_day),
    ]
    .map(|(key, window, most)| AtMost { kind: Kind::SendToAccount, key, window, most });
    count(tx, &limits, &[(Kind::SendToAccount, cooldown_key), (Kind::SendToAccount, account)], now).await
}

/// The limits on messages to `destination`.
fn to_destination<'a>(settings: &Settings, destination: &'a Tag) -> [AtMost<'a>; 2] {
    [(HOUR, settings.sends_per_hour), (DAY, settings.sends_per_day)].map(|(window, most)| AtMost {
        kind: Kind::SendToDestination,
        key: destination,
        window,
        most,
    })
}

/// Counts a message to `destination` (the look-up MAC of a contact), for any account.
pub async fn destination(tx: &mut Tx<'_>, settings: &Settings, destination: &Tag, now: Time) -> Result<Allowance> {
    let limits = to_destination(settings, destination);
    count(tx, &limits, &[(Kind::SendToDestination, destination)], now).await
}

/// Counts a message to `destination` that leaves this host, as [`destination`] and [`message`] do together; `None`: the
/// destination had enough.
pub async fn message_to(
    tx: &mut Tx<'_>,
    settings: &Settings,
    keys: &Keys,
    destination: &Tag,
    now: Time,
) -> Result<Option<Allowance>> {
    let (host, [an_hour, a_day]) = (keys.mac("host", &[]), to_destination(settings, destination));
    let leaving = AtMost { kind: Kind::Message, key: &host, window: HOUR, most: settings.messages_per_hour };
    let counted = [(Kind::SendToDestination, destination), (Kind::Message, &host)];
    Ok(match Events::count_within_and_add(tx, &[an_hour, a_day, leaving], &counted, now).await? {
        None => Some(Allowance::Granted),
        Some(full) if full.limit < 2 => None,
        Some(full) => Some(Allowance::Wait(full.wait)),
    })
}

/// Counts a message that leaves this host.
pub async fn message(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<Allowance> {
    let key = keys.mac("host", &[]);
    within(tx, Kind::Message, &key, now, HOUR, settings.messages_per_hour).await
}

/// Counts a notification that leaves this host. The limit is the same as for other messages, but counts separately.
pub async fn notification(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<Allowance> {
    let key = keys.mac("host", &[b"notes"]);
    within(tx, Kind::Message, &key, now, HOUR, settings.messages_per_hour).await
}

/// The part of the limit on failed proofs over all accounts that one source can use up; the larger network around it
/// can use up twice as much. A single stranger must not slow all users down, nor alarm administrators every hour.
const SHARE: u32 = 4;

/// The keys for failures from `source`, each with its kind and how many of them count for the whole host.
fn shares(settings: &Settings, keys: &Keys, source: &str) -> impl Iterator<Item = (Kind, Tag, u32)> {
    let Source { near, wide } = Source::new(source);
    let limit = settings.failed_proofs_per_hour;
    let near = (Kind::SourceFailure, keys.mac("source", &[near.as_bytes()]), limit / SHARE);
    let wide =
        wide.map(|wide| (Kind::SourceFailureNearby, keys.mac("source", &[wide.as_bytes()]), limit.div_ceil(SHARE / 2)));
    [near].into_iter().chain(wide).map(|(kind, key, most)| (kind, key, most.max(1)))
}

/// Where proofs failed more often within an hour than by typos, if it should be reported: once an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMany {
    /// At one source. Administrators are notified once a day, of the first one: otherwise an attacker with many
    /// sources would fill their mailboxes.
    Source {
        /// Whether this is the first one of the day.
        first: bool,
    },
    /// Over all accounts and sources.
    Host,
}

/// Counts a failed proof from `source`, for any account.
pub async fn any_failure(
    tx: &mut Tx<'_>,
    settings: &Settings,
    keys: &Keys,
    source: &str,
    now: Time,
) -> Result<Option<TooMany>> {
    let host = keys.mac("host", &[]);
    let mut at_source = false;
    for (kind, key, most) in shares(settings, keys, source) {
        // It is counted in any case.
        let full = within(tx, kind, &key, now, HOUR, most).await? != Allowance::Granted;
        if full {
            Events::add(tx, kind, &key, now).await?;
        }
        at_source |= full;
    }
    if at_source {
        let key = keys.mac("source", &[Source::new(source).near.as_bytes()]);
        if !once(tx, Kind::SourceFailureNote, &key, now, HOUR).await? {
            return Ok(None);
        }
        let first = once(tx, Kind::SourceFailureNote, &host, now, DAY).await?;
        return Ok(Some(TooMany::Source { first }));
    }
    Events::add(tx, Kind::AnyFailure, &host, now).await?;
    let tell = over_all(tx, settings, keys, now).await? && once(tx, Kind::AnyFailureNote, &host, now, HOUR).await?;
    Ok(tell.then_some(TooMany::Host))
}

/// Whether proofs failed more often within the last hour than by typos: at `source`, or over all accounts.
pub async fn many_failures(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, source: &str, now: Time) -> Result<bool> {
    let shares: Vec<_> = shares(settings, keys, source).collect();
    let host = keys.mac("host", &[]);
    let mut asked: Vec<Nth<'_>> = shares
        .iter()
        .map(|(kind, key, most)| Nth { kind: *kind, key, since: now - HOUR, n: most.saturating_add(1) })
        .collect();
    asked.push(all_failures(settings, &host, now));
    Ok(Events::nth_newest_of(tx, &asked).await?.iter().any(Option::is_some))
}

/// The failure that exceeds the limit over all accounts.
fn all_failures<'a>(settings: &Settings, host: &'a Tag, now: Time) -> Nth<'a> {
    let n = settings.failed_proofs_per_hour.saturating_add(1);
    Nth { kind: Kind::AnyFailure, key: host, since: now - HOUR, n }
}

async fn over_all(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<bool> {
    let host = keys.mac("host", &[]);
    Ok(Events::nth_newest_of(tx, &[all_failures(settings, &host, now)]).await?.iter().any(Option::is_some))
}

/// The current password of `account` was correct: clears earlier checks.
pub async fn clear_password_checks(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    Events::clear(tx, Kind::PasswordCheck, account).await
}

/// Counts a check of the current password of `account`; the limit for an hour is that of failed proofs.
pub async fn password_check(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    within(tx, Kind::PasswordCheck, account, now, HOUR, settings.failed_proofs).await
}

/// The number of days in [`LET_IN_WINDOW`] on which a user is let in who can't register for a reason other than a
/// gateway that is down: a limit is reached, or the user can't prove the registration.
const LET_IN_DAYS: i64 = 3;
const LET_IN_WINDOW: Time = 30 * DAY;

/// Whether `account` may be let in without a required registration. A day that already counts stays open to its end.
pub async fn may_be_let_in(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<bool> {
    Ok(Events::count(tx, Kind::LetIn, account, now - DAY).await? > 0
        || Events::count(tx, Kind::LetIn, account, now - LET_IN_WINDOW).await? < LET_IN_DAYS)
}

/// Counts that `account` was let in without a required registration, once a day.
pub async fn was_let_in(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<()> {
    if Events::count(tx, Kind::LetIn, account, now - DAY).await? > 0 {
        return Ok(());
    }
    Events::add(tx, Kind::LetIn, account, now).await
}

/// Restarts the days on which `account` may be let in.
pub async fn clear_let_ins(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    Events::clear(tx, Kind::LetIn, account).await
}

#[cfg(test)]
mod tests;
