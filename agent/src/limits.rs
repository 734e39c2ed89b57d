//! Every limit there is, in one place. What is counted is counted before anybody is looked up, for every name alike, so
//! that a limit tells nothing about an account. A question the store can't answer is answered with no.

use std::collections::HashMap;

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

const HOUR: Time = 3600;
const DAY: Time = 86_400;

/// Whether something may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// It may, and was counted.
    Granted,
    /// Not before so many seconds are over.
    Wait(Time),
}

/// Counts what is in `counted`, unless one of `limits` is reached.
async fn count(tx: &mut Tx<'_>, limits: &[AtMost<'_>], counted: &[(Kind, &Tag)], now: Time) -> Result<Allowance> {
    let wait = Events::count_within_and_add(tx, limits, counted, now).await?;
    Ok(wait.map_or(Allowance::Granted, Allowance::Wait))
}

/// Counts one event, which one limit is for.
async fn within(tx: &mut Tx<'_>, kind: Kind, key: &Tag, now: Time, window: Time, most: u32) -> Result<Allowance> {
    count(tx, &[AtMost { kind, key, window, most }], &[(kind, key)], now).await
}

/// How many times as many dialogues the larger network around a source may begin.
const NEARBY: u32 = 8;

/// The keys under which what comes from `source` is counted, each with its kind and how many times as much it may.
fn starts(keys: &Keys, source: &str) -> impl Iterator<Item = (Kind, Tag, u32)> {
    let Source { near, wide } = Source::new(source);
    let near = (Kind::Start, keys.mac("source", &[near.as_bytes()]), 1);
    [near].into_iter().chain(wide.map(|wide| (Kind::StartNearby, keys.mac("source", &[wide.as_bytes()]), NEARBY)))
}

/// Whether a dialogue may be begun from `source` (a remote host, a terminal or a uid). Counts nothing.
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

/// So often an hour a source may look at what is registered.
const LOOKS_PER_HOUR: u32 = 120;

/// Counts a look from `source` at what is registered: the hint of a shell, and `sspr status`. It uses up no start of a reset.
pub async fn look(tx: &mut Tx<'_>, keys: &Keys, source: &str, now: Time) -> Result<Allowance> {
    let key = keys.mac("source", &[Source::new(source).near.as_bytes()]);
    within(tx, Kind::Look, &key, now, HOUR, LOOKS_PER_HOUR).await
}

/// Whether it is to be recorded that `source` has begun too many: once an hour.
pub async fn start_note(tx: &mut Tx<'_>, keys: &Keys, source: &str, now: Time) -> Result<bool> {
    let key = keys.mac("source", &[Source::new(source).near.as_bytes()]);
    once(tx, Kind::StartNote, &key, now, HOUR).await
}

/// Whether this is the first in `window` seconds; counted if it is.
async fn once(tx: &mut Tx<'_>, kind: Kind, key: &Tag, now: Time, window: Time) -> Result<bool> {
    Ok(within(tx, kind, key, now, window, 1).await? == Allowance::Granted)
}

/// Counts a code for `account`: a cool-down of `resend_after` seconds for each `way` (purpose, method and what was typed as
/// its destination), and so many an hour and a day over all ways.
pub async fn send(
    tx: &mut Tx<'_>,
    settings: &Settings,
    account: &Tag,
    way: &Tag,
    resend_after: Time,
    now: Time,
) -> Result<Allowance> {
    let limits =
        [(way, resend_after, 1), (account, HOUR, settings.sends_per_hour), (account, DAY, settings.sends_per_day)]
            .map(|(key, window, most)| AtMost { kind: Kind::SendToAccount, key, window, most });
    count(tx, &limits, &[(Kind::SendToAccount, way), (Kind::SendToAccount, account)], now).await
}

/// Counts a message to `destination` (the look-up MAC of a contact), for any account.
pub async fn destination(tx: &mut Tx<'_>, settings: &Settings, destination: &Tag, now: Time) -> Result<Allowance> {
    let limits = [(HOUR, settings.sends_per_hour), (DAY, settings.sends_per_day)].map(|(window, most)| AtMost {
        kind: Kind::SendToDestination,
        key: destination,
        window,
        most,
    });
    count(tx, &limits, &[(Kind::SendToDestination, destination)], now).await
}

/// Counts a message that leaves this host.
pub async fn message(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<Allowance> {
    let key = keys.mac("host", &[]);
    within(tx, Kind::Message, &key, now, HOUR, settings.messages_per_hour).await
}

/// Counts a note that leaves this host; as many an hour as other messages, beside them.
pub async fn note(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<Allowance> {
    let key = keys.mac("host", &[b"notes"]);
    within(tx, Kind::Message, &key, now, HOUR, settings.messages_per_hour).await
}

/// So far back earlier rests make the next one longer.
const RESTS_REMEMBERED: Time = 30 * DAY;
/// The longest rest.
const REST_MAX: Time = 7 * DAY;

/// How long the newest of these rests lasts; they are told by their beginnings, the newest first.
fn rest_length(settings: &Settings, rests: &[Time]) -> Time {
    let first = settings.failed_window.as_secs();
    let Some(newest) = rests.first() else { return first };
    let earlier = rests.iter().filter(|at| **at > newest - RESTS_REMEMBERED).count().saturating_sub(1);
    let doubled = 1i64.checked_shl(u32::try_from(earlier).unwrap_or(u32::MAX)).unwrap_or(i64::MAX);
    first.saturating_mul(doubled.max(1)).min(REST_MAX.max(first))
}

/// The seconds that are left of the newest of these rests.
fn rest_left(settings: &Settings, rests: &[Time], now: Time) -> Option<Time> {
    let until = rests.first()?.saturating_add(rest_length(settings, rests));
    (until > now).then_some(until - now)
}

/// Everything that may still tell of a rest began after this.
fn rests_since(settings: &Settings, now: Time) -> Time {
    now - RESTS_REMEMBERED - REST_MAX.max(settings.failed_window.as_secs())
}

/// Whether self-service of `account` rests after too many failed proofs.
pub async fn resting(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    let rests = Events::times(tx, Kind::Rest, account, rests_since(settings, now)).await?;
    Ok(rest_left(settings, &rests, now).map_or(Allowance::Granted, Allowance::Wait))
}

/// Whether rests grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rests {
    /// Each lasts longer than the one before: an attacker may be guessing.
    Grow,
    /// All are the same: it is the person's own contact that the codes were for.
    Stay,
}

/// Counts a failed proof of `account` that came from `source`; the last one that is allowed begins the rest.
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

/// How many more failures of `account` from `source` are allowed before the rest.
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

/// `account` succeeded from `source`: what failed there counts no more there. What failed elsewhere does, and for others
/// everything does: a stranger who uses tries up must not see by them that the owner was here.
pub async fn succeeded(tx: &mut Tx<'_>, account: &Tag, source: &Tag) -> Result<()> {
    Events::forgive(tx, Kind::Failure, account, source).await
}

/// An administrator clears the failures and the rests of `account`.
pub async fn clear_failures(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    Events::clear(tx, Kind::Failure, account).await?;
    Events::clear(tx, Kind::Rest, account).await
}

/// The keys of all accounts whose self-service rests, with the seconds until it does not.
pub async fn all_resting(tx: &mut Tx<'_>, settings: &Settings, now: Time) -> Result<HashMap<Vec<u8>, Time>> {
    let mut rests: HashMap<Vec<u8>, Vec<Time>> = HashMap::new();
    for (key, at) in Events::all_since(tx, Kind::Rest, rests_since(settings, now)).await? {
        rests.entry(key).or_default().push(at);
    }
    Ok(rests.into_iter().filter_map(|(key, rests)| Some((key, rest_left(settings, &rests, now)?))).collect())
}

/// Of the failed proofs that are too many over all accounts, this part of the limit may come from one source, and twice as much from
/// the larger network around it: one stranger alone must not slow everybody down, nor alarm administrators hour by hour.
const SHARE: u32 = 4;

/// The keys under which the failures of `source` are counted, each with its kind and how many of them count for the whole host.
fn shares(settings: &Settings, keys: &Keys, source: &str) -> impl Iterator<Item = (Kind, Tag, u32)> {
    let Source { near, wide } = Source::new(source);
    let limit = settings.failed_proofs_per_hour;
    let near = (Kind::SourceFailure, keys.mac("source", &[near.as_bytes()]), limit / SHARE);
    let wide =
        wide.map(|wide| (Kind::SourceFailureNearby, keys.mac("source", &[wide.as_bytes()]), limit.div_ceil(SHARE / 2)));
    [near].into_iter().chain(wide).map(|(kind, key, most)| (kind, key, most.max(1)))
}

/// Where more proofs failed within an hour than people who mistype make up, and it is to be told: once an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMany {
    /// At one source. Administrators are told once a day, of the first: else who has many sources would fill their mailboxes.
    Source {
        /// Whether this is the one.
        first: bool,
    },
    /// Over all accounts and sources.
    Host,
}

/// Counts a failed proof of whatever account that came from `source`.
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

/// Whether more proofs failed within the last hour than people who mistype make up: at `source`, or over all accounts.
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

/// The failure that is one too many over all accounts.
fn all_failures<'a>(settings: &Settings, host: &'a Tag, now: Time) -> Nth<'a> {
    let n = settings.failed_proofs_per_hour.saturating_add(1);
    Nth { kind: Kind::AnyFailure, key: host, since: now - HOUR, n }
}

async fn over_all(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<bool> {
    let host = keys.mac("host", &[]);
    Ok(Events::nth_newest_of(tx, &[all_failures(settings, &host, now)]).await?.iter().any(Option::is_some))
}

/// The current password of `account` was right: nothing that was asked before counts.
pub async fn clear_password_checks(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    Events::clear(tx, Kind::PasswordCheck, account).await
}

/// Counts a question for the current password of `account`; as many an hour as failed proofs are allowed in all.
pub async fn password_check(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    within(tx, Kind::PasswordCheck, account, now, HOUR, settings.failed_proofs).await
}

/// On so many days of [`LET_IN_WINDOW`] a user is let in who can't register for another reason than a gateway
/// that is down: a limit is reached, or what is registered is not at hand to prove it.
const LET_IN_DAYS: i64 = 3;
const LET_IN_WINDOW: Time = 30 * DAY;

/// Whether `account` may be let in without what is required. A day that has begun to count is open to its end.
pub async fn may_be_let_in(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<bool> {
    Ok(Events::count(tx, Kind::LetIn, account, now - DAY).await? > 0
        || Events::count(tx, Kind::LetIn, account, now - LET_IN_WINDOW).await? < LET_IN_DAYS)
}

/// Counts that `account` was let in without what is required, once a day.
pub async fn was_let_in(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<()> {
    if Events::count(tx, Kind::LetIn, account, now - DAY).await? > 0 {
        return Ok(());
    }
    Events::add(tx, Kind::LetIn, account, now).await
}

/// The days on which `account` may be let in begin anew.
pub async fn clear_let_ins(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    Events::clear(tx, Kind::LetIn, account).await
}

/// Whether a note goes out that self-service of `account` rests: one a day, however short the rests are.
pub async fn blocked_note(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<bool> {
    once(tx, Kind::BlockedNote, account, now, DAY).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn settings() -> Settings {
        Settings::default()
    }

    const HERE: Tag = [21; 32];
    const ELSEWHERE: Tag = [22; 32];

    /// Counts failures of `account` until it rests; how long it then does.
    async fn wear_out(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Time {
        loop {
            if let Allowance::Wait(seconds) =
                failure(tx, &settings(), (account, Rests::Grow), &HERE, now).await.unwrap()
            {
                return seconds;
            }
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn never_more_than_the_allowed_failures_in_any_24_hours_and_an_administrator_clears() {
        let store = Store::in_memory().await.unwrap();
        let account = [1; 32];
        let mut failures: Vec<Time> = Vec::new();
        // An attacker tries every 70 minutes for sixty days.
        for now in (1_000_000..1_000_000 + 60 * DAY).step_by(4200) {
            store.prune(now - 2 * DAY, 0, now).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            if resting(&mut tx, &settings(), &account, now).await.unwrap() == Allowance::Granted {
                failure(&mut tx, &settings(), (&account, Rests::Grow), &HERE, now).await.unwrap();
                failures.push(now);
            }
            tx.commit().await.unwrap();
        }
        // 1, 2, 4 and from then on 7 days apart.
        assert!((45..=60).contains(&failures.len()), "{}", failures.len());
        for at in &failures {
            assert!(failures.iter().filter(|f| **f > at - DAY && *f <= at).count() <= 5);
        }
        let mut tx = store.begin().await.unwrap();
        let now = 1_000_000 + 120 * DAY;
        assert_eq!(wear_out(&mut tx, &account, now).await, DAY, "what was two months ago is forgotten");
        assert_eq!(resting(&mut tx, &settings(), &account, now + DAY - 1).await.unwrap(), Allowance::Wait(1));
        assert_eq!(resting(&mut tx, &settings(), &account, now + DAY).await.unwrap(), Allowance::Granted);
        assert_eq!(resting(&mut tx, &settings(), &[2; 32], now).await.unwrap(), Allowance::Granted);
        clear_failures(&mut tx, &account).await.unwrap();
        assert_eq!(resting(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Granted);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn each_rest_within_thirty_days_lasts_twice_as_long_up_to_a_week_until_an_administrator_ends_it() {
        let store = Store::in_memory().await.unwrap();
        let (account, mut now) = ([1; 32], 1_000_000);
        let mut tx = store.begin().await.unwrap();
        for days in [1, 2, 4, 7, 7, 7, 7] {
            assert_eq!(wear_out(&mut tx, &account, now).await, days * DAY);
            assert_eq!(resting(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Wait(days * DAY));
            let all = all_resting(&mut tx, &settings(), now + 1).await.unwrap();
            assert_eq!(all.get(account.as_slice()), Some(&(days * DAY - 1)));
            now += days * DAY;
            assert_eq!(resting(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Granted);
            assert!(all_resting(&mut tx, &settings(), now).await.unwrap().is_empty());
        }
        // A success does not: a stranger would see by the next rest that there was one.
        succeeded(&mut tx, &account, &HERE).await.unwrap();
        assert_eq!(wear_out(&mut tx, &account, now).await, 7 * DAY);
        clear_failures(&mut tx, &account).await.unwrap();
        assert_eq!(wear_out(&mut tx, &account, now).await, DAY);
        let month = Settings { failed_window: sspr_config::duration::Span::seconds(30 * 86_400), ..settings() };
        assert_eq!(resting(&mut tx, &month, &account, now).await.unwrap(), Allowance::Wait(30 * DAY));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_success_makes_up_for_what_failed_at_the_same_place_and_is_seen_from_nowhere_else() {
        let store = Store::in_memory().await.unwrap();
        let (account, now) = ([1; 32], 1_000_000);
        let mut tx = store.begin().await.unwrap();
        let left =
            async |tx: &mut Tx<'_>, source: &Tag| failures_left(tx, &settings(), &account, source, now).await.unwrap();
        for source in [&HERE, &ELSEWHERE, &HERE] {
            failure(&mut tx, &settings(), (&account, Rests::Grow), source, now).await.unwrap();
        }
        assert_eq!((left(&mut tx, &HERE).await, left(&mut tx, &ELSEWHERE).await), (2, 2));
        succeeded(&mut tx, &account, &HERE).await.unwrap();
        assert_eq!((left(&mut tx, &HERE).await, left(&mut tx, &ELSEWHERE).await), (4, 2));
        failure(&mut tx, &settings(), (&account, Rests::Grow), &ELSEWHERE, now).await.unwrap();
        assert_eq!(resting(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Granted);
        failure(&mut tx, &settings(), (&account, Rests::Grow), &ELSEWHERE, now).await.unwrap();
        assert_eq!(resting(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Wait(DAY));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn too_many_failures_over_all_accounts_are_told_once_an_hour_and_over_when_they_are() {
        let store = Store::in_memory().await.unwrap();
        let keys = Keys::from_host_key(&[1; 32]);
        let mut tx = store.begin().await.unwrap();
        let mut told = Vec::new();
        // One a second, of many who mistype.
        for now in 1_000_000..1_000_000 + 2 * HOUR {
            let source = format!("192.0.2.{}", now % 250);
            if let Some(told_of) = any_failure(&mut tx, &settings(), &keys, &source, now).await.unwrap() {
                told.extend((told_of == TooMany::Host).then_some(now));
            }
            let slow = many_failures(&mut tx, &settings(), &keys, "198.51.100.1", now).await.unwrap();
            assert_eq!(slow, now >= 1_000_060);
        }
        assert_eq!(told, [1_000_060, 1_000_060 + HOUR]);
        assert!(!many_failures(&mut tx, &settings(), &keys, "198.51.100.1", 1_000_000 + 3 * HOUR).await.unwrap());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn one_source_is_slow_by_itself_and_makes_too_many_of_nobody_else() {
        let keys = Keys::from_host_key(&[1; 32]);
        for (source, part) in [("192.0.2.7", 15), ("tty1", 15), ("2001:db8:1:2::1", 15), ("uid 1000", 15)] {
            let store = Store::in_memory().await.unwrap();
            let mut tx = store.begin().await.unwrap();
            let mut told = Vec::new();
            for n in 0..500 {
                let now = 1_000_000 + n;
                told.extend(any_failure(&mut tx, &settings(), &keys, source, now).await.unwrap());
                assert_eq!(
                    many_failures(&mut tx, &settings(), &keys, source, now).await.unwrap(),
                    n >= part,
                    "{source}"
                );
                assert!(!many_failures(&mut tx, &settings(), &keys, "198.51.100.1", now).await.unwrap(), "{source}");
            }
            assert_eq!(told, [TooMany::Source { first: true }]);
            // Another source is recorded, and a day later administrators hear of it again.
            for (now, first) in [(1_000_500, false), (1_000_500 + DAY, true)] {
                let mut told = None;
                for _ in 0..50 {
                    told = told.or(any_failure(&mut tx, &settings(), &keys, "198.51.100.9", now).await.unwrap());
                }
                assert_eq!(told, Some(TooMany::Source { first }), "{source}");
            }
            assert!(!many_failures(&mut tx, &settings(), &keys, source, 1_000_500 + HOUR).await.unwrap());
        }
        // Nor does a site with a network of IPv6, whatever address of it is used.
        let store = Store::in_memory().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        for n in 0..500 {
            any_failure(&mut tx, &settings(), &keys, &format!("2001:db8:1:{n:x}::1"), 1_000_000 + n).await.unwrap();
        }
        assert!(many_failures(&mut tx, &settings(), &keys, "2001:db8:1:ffff::1", 1_000_500).await.unwrap());
        assert!(!many_failures(&mut tx, &settings(), &keys, "2001:db8:2::1", 1_000_500).await.unwrap());
        // Five of them together do.
        for n in 0..75 {
            any_failure(&mut tx, &settings(), &keys, &format!("192.0.2.{}", n % 5), 1_000_500).await.unwrap();
        }
        assert!(many_failures(&mut tx, &settings(), &keys, "198.51.100.1", 1_000_500).await.unwrap());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_clock_that_is_set_back_frees_nobody() {
        let store = Store::in_memory().await.unwrap();
        let account = [1; 32];
        let mut tx = store.begin().await.unwrap();
        wear_out(&mut tx, &account, 2_000_000).await;
        assert_ne!(resting(&mut tx, &settings(), &account, 1_000_000).await.unwrap(), Allowance::Granted);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_addresses_of_one_ipv6_network_begin_no_more_than_one_and_those_of_a_site_eight_times_as_many() {
        let store = Store::in_memory().await.unwrap();
        let keys = Keys::from_host_key(&[1; 32]);
        let mut tx = store.begin().await.unwrap();
        let now = 1_000_000;
        let mut granted = 0;
        for n in 0..40 {
            let address = format!("2001:db8:1:2::{n:x}");
            let may = may_start(&mut tx, &settings(), &keys, &address, now).await.unwrap();
            let allowance = start(&mut tx, &settings(), &keys, &address, now).await.unwrap();
            assert_eq!(may, allowance);
            granted += u32::from(allowance == Allowance::Granted);
        }
        assert_eq!(granted, 20);
        for n in 0..400 {
            let address = format!("2001:db8:1:{n:x}::1");
            granted +=
                u32::from(start(&mut tx, &settings(), &keys, &address, now).await.unwrap() == Allowance::Granted);
        }
        assert_eq!(granted, 160);
        assert_eq!(start(&mut tx, &settings(), &keys, "2001:db8:2::1", now).await.unwrap(), Allowance::Granted);
        for n in 0..40 {
            let address = if n % 2 == 0 { "192.0.2.7" } else { "::ffff:192.0.2.7" };
            let allowance = start(&mut tx, &settings(), &keys, address, now).await.unwrap();
            assert_eq!(allowance == Allowance::Granted, n < 20);
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn codes_go_once_a_minute_each_way_five_an_hour_ten_a_day() {
        const EMAIL: Tag = [11; 32];
        const OTHER_EMAIL: Tag = [12; 32];
        const OTHER_PHONE: Tag = [13; 32];
        let store = Store::in_memory().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let (account, start) = ([1; 32], 1_000_000);
        let mut sent = Vec::new();
        for now in (start..start + 2 * DAY).step_by(30) {
            if send(&mut tx, &settings(), &account, &EMAIL, 60, now).await.unwrap() == Allowance::Granted {
                sent.push(now);
            }
        }
        for at in &sent {
            assert_eq!(sent.iter().filter(|s| **s > at - 60 && *s <= at).count(), 1);
            assert!(sent.iter().filter(|s| **s > at - HOUR && *s <= at).count() <= 5);
            assert!(sent.iter().filter(|s| **s > at - DAY && *s <= at).count() <= 10);
        }
        assert_eq!(sent.len(), 20);
        let (other, now) = ([2; 32], start);
        assert_eq!(send(&mut tx, &settings(), &other, &OTHER_EMAIL, 60, now).await.unwrap(), Allowance::Granted);
        assert_eq!(send(&mut tx, &settings(), &other, &OTHER_EMAIL, 60, now + 20).await.unwrap(), Allowance::Wait(40));
        assert_eq!(send(&mut tx, &settings(), &other, &OTHER_PHONE, 60, now + 20).await.unwrap(), Allowance::Granted);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nobody_is_let_in_without_what_is_required_on_more_than_three_days_of_thirty() {
        let store = Store::in_memory().await.unwrap();
        let account = [1; 32];
        let mut days: Vec<Time> = Vec::new();
        // A user who tries every five hours for a year; old records are forgotten meanwhile.
        for now in (1_000_000..1_000_000 + 365 * DAY).step_by(5 * 3600) {
            store.prune(now - 2 * DAY, 0, now).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            if may_be_let_in(&mut tx, &account, now).await.unwrap() {
                was_let_in(&mut tx, &account, now).await.unwrap();
                if days.last().is_none_or(|day| now - day >= DAY) {
                    days.push(now);
                }
            }
            tx.commit().await.unwrap();
        }
        assert!(days.len() >= 30, "{}", days.len());
        for day in &days {
            assert!(days.iter().filter(|d| **d > day - LET_IN_WINDOW && *d <= day).count() <= 3);
        }
        let mut tx = store.begin().await.unwrap();
        let now = 1_000_000 + 400 * DAY;
        for day in 0..3 {
            was_let_in(&mut tx, &account, now + day * DAY).await.unwrap();
        }
        assert!(!may_be_let_in(&mut tx, &account, now + 3 * DAY).await.unwrap());
        clear_let_ins(&mut tx, &account).await.unwrap();
        assert!(may_be_let_in(&mut tx, &account, now + 3 * DAY).await.unwrap());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn sources_destinations_and_the_host_have_limits_of_their_own() {
        let store = Store::in_memory().await.unwrap();
        let keys = Keys::from_host_key(&[1; 32]);
        let mut tx = store.begin().await.unwrap();
        let now = 1_000_000;
        for _ in 0..20 {
            assert_eq!(start(&mut tx, &settings(), &keys, "10.0.0.1", now).await.unwrap(), Allowance::Granted);
        }
        assert_eq!(start(&mut tx, &settings(), &keys, "10.0.0.1", now).await.unwrap(), Allowance::Wait(HOUR));
        assert_eq!(start(&mut tx, &settings(), &keys, "10.0.0.2", now).await.unwrap(), Allowance::Granted);
        for _ in 0..5 {
            assert_eq!(destination(&mut tx, &settings(), &[3; 32], now).await.unwrap(), Allowance::Granted);
        }
        assert_eq!(destination(&mut tx, &settings(), &[3; 32], now).await.unwrap(), Allowance::Wait(HOUR));
        for _ in 0..100 {
            assert_eq!(message(&mut tx, &settings(), &keys, now).await.unwrap(), Allowance::Granted);
        }
        assert_eq!(message(&mut tx, &settings(), &keys, now).await.unwrap(), Allowance::Wait(HOUR));
        for _ in 0..5 {
            assert_eq!(password_check(&mut tx, &settings(), &[1; 32], now).await.unwrap(), Allowance::Granted);
        }
        assert_eq!(password_check(&mut tx, &settings(), &[1; 32], now).await.unwrap(), Allowance::Wait(HOUR));
        clear_password_checks(&mut tx, &[1; 32]).await.unwrap();
        assert_eq!(password_check(&mut tx, &settings(), &[1; 32], now).await.unwrap(), Allowance::Granted);
    }
}
