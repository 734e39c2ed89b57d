//! Every limit there is, in one place. What is counted is counted before anybody is looked up, for every name alike, so
//! that a limit tells nothing about an account. A question the store can't answer is answered with no.

use std::collections::HashMap;

use sspr_config::settings::Limits as Settings;

use crate::{
    clock::Time,
    error::Result,
    keys::{Keys, Tag},
    store::{
        Tx,
        events::{self, Kind},
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

fn wait_until(until: Time, now: Time) -> Allowance {
    Allowance::Wait((until - now).max(1))
}

/// At most `most` events of a kind and key in a window of `window` seconds.
async fn within(tx: &mut Tx<'_>, kind: Kind, key: &Tag, now: Time, window: Time, most: u32) -> Result<Allowance> {
    Ok(match events::nth_newest(tx, kind, key, now - window, most).await? {
        Some(oldest) => wait_until(oldest.saturating_add(window), now),
        None => Allowance::Granted,
    })
}

/// Counts the start of a dialogue from `source` (a remote host, a terminal or a uid).
pub async fn start(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, source: &str, now: Time) -> Result<Allowance> {
    let key = keys.mac("source", &[source.as_bytes()]);
    let allowance = within(tx, Kind::Start, &key, now, HOUR, settings.starts_per_hour).await?;
    if allowance == Allowance::Granted {
        events::add(tx, Kind::Start, &key, now).await?;
    }
    Ok(allowance)
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
    for (key, window, most) in
        [(way, resend_after, 1), (account, HOUR, settings.sends_per_hour), (account, DAY, settings.sends_per_day)]
    {
        let wait = within(tx, Kind::SendToAccount, key, now, window, most).await?;
        if wait != Allowance::Granted {
            return Ok(wait);
        }
    }
    events::add(tx, Kind::SendToAccount, way, now).await?;
    events::add(tx, Kind::SendToAccount, account, now).await?;
    Ok(Allowance::Granted)
}

/// Counts a message to `destination` (the look-up MAC of a contact), whoever it is for.
pub async fn destination(tx: &mut Tx<'_>, settings: &Settings, destination: &Tag, now: Time) -> Result<Allowance> {
    for (window, most) in [(HOUR, settings.sends_per_hour), (DAY, settings.sends_per_day)] {
        let wait = within(tx, Kind::SendToDestination, destination, now, window, most).await?;
        if wait != Allowance::Granted {
            return Ok(wait);
        }
    }
    events::add(tx, Kind::SendToDestination, destination, now).await?;
    Ok(Allowance::Granted)
}

/// Counts a message that leaves this host.
pub async fn message(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<Allowance> {
    let key = keys.mac("host", &[]);
    let allowance = within(tx, Kind::Message, &key, now, HOUR, settings.messages_per_hour).await?;
    if allowance == Allowance::Granted {
        events::add(tx, Kind::Message, &key, now).await?;
    }
    Ok(allowance)
}

/// Counts a note that leaves this host; as many an hour as other messages, beside them.
pub async fn note(tx: &mut Tx<'_>, settings: &Settings, keys: &Keys, now: Time) -> Result<Allowance> {
    let key = keys.mac("host", &[b"notes"]);
    let allowance = within(tx, Kind::Message, &key, now, HOUR, settings.messages_per_hour).await?;
    if allowance == Allowance::Granted {
        events::add(tx, Kind::Message, &key, now).await?;
    }
    Ok(allowance)
}

/// Whether self-service of `account` rests after too many failed proofs.
pub async fn resting(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    let window = settings.failed_window.as_secs();
    within(tx, Kind::Rest, account, now, window, 1).await
}

/// Counts a failed proof of `account`; the last one that is allowed begins the rest.
pub async fn failure(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    let window = settings.failed_window.as_secs();
    events::add(tx, Kind::Failure, account, now).await?;
    if events::count(tx, Kind::Failure, account, now - window).await? >= i64::from(settings.failed_proofs) {
        events::add(tx, Kind::Rest, account, now).await?;
        return Ok(Allowance::Wait(window));
    }
    Ok(Allowance::Granted)
}

/// How many more failures of `account` are allowed before the rest.
pub async fn failures_left(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<i64> {
    let failures = events::count(tx, Kind::Failure, account, now - settings.failed_window.as_secs()).await?;
    Ok((i64::from(settings.failed_proofs) - failures).max(0))
}

/// A success, or an administrator, clears the failures and the rest of `account`.
pub async fn clear_failures(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    events::clear(tx, Kind::Failure, account).await?;
    events::clear(tx, Kind::Rest, account).await
}

/// The keys of all accounts whose self-service rests, with the seconds until it does not.
pub async fn all_resting(tx: &mut Tx<'_>, settings: &Settings, now: Time) -> Result<HashMap<Vec<u8>, Time>> {
    let window = settings.failed_window.as_secs();
    let newest = events::newest_by_key(tx, Kind::Rest, now - window).await?;
    Ok(newest.into_iter().map(|(key, at)| (key, (at.saturating_add(window) - now).max(1))).collect())
}

/// The current password of `account` was right: nothing that was asked before counts.
pub async fn clear_password_checks(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    events::clear(tx, Kind::PasswordCheck, account).await
}

/// Counts a question for the current password of `account`; as many an hour as failed proofs are allowed in all.
pub async fn password_check(tx: &mut Tx<'_>, settings: &Settings, account: &Tag, now: Time) -> Result<Allowance> {
    let allowance = within(tx, Kind::PasswordCheck, account, now, HOUR, settings.failed_proofs).await?;
    if allowance == Allowance::Granted {
        events::add(tx, Kind::PasswordCheck, account, now).await?;
    }
    Ok(allowance)
}

/// On so many days of [`LET_IN_WINDOW`] somebody is let in who can't register what is required for another reason than a gateway
/// that is down: a limit is reached, or what is registered is not at hand to prove it.
const LET_IN_DAYS: i64 = 3;
const LET_IN_WINDOW: Time = 30 * DAY;

/// Whether `account` may be let in without what is required. A day that has begun to count is open to its end.
pub async fn may_be_let_in(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<bool> {
    Ok(events::count(tx, Kind::LetIn, account, now - DAY).await? > 0
        || events::count(tx, Kind::LetIn, account, now - LET_IN_WINDOW).await? < LET_IN_DAYS)
}

/// Counts that `account` was let in without what is required, once a day.
pub async fn was_let_in(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<()> {
    if events::count(tx, Kind::LetIn, account, now - DAY).await? > 0 {
        return Ok(());
    }
    events::add(tx, Kind::LetIn, account, now).await
}

/// The days on which `account` may be let in begin anew.
pub async fn clear_let_ins(tx: &mut Tx<'_>, account: &Tag) -> Result<()> {
    events::clear(tx, Kind::LetIn, account).await
}

/// Counts a note that self-service of `account` rests: one a day, however short the rests are.
pub async fn blocked_note(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Result<Allowance> {
    let allowance = within(tx, Kind::BlockedNote, account, now, DAY, 1).await?;
    if allowance == Allowance::Granted {
        events::add(tx, Kind::BlockedNote, account, now).await?;
    }
    Ok(allowance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn settings() -> Settings {
        Settings::default()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn never_more_than_the_allowed_failures_in_any_24_hours_and_a_success_clears() {
        let store = Store::in_memory().await.unwrap();
        let account = [1; 32];
        let mut failures: Vec<Time> = Vec::new();
        // An attacker tries every 70 minutes for ten days.
        for now in (1_000_000..1_000_000 + 10 * DAY).step_by(4200) {
            let mut session = store.session().await;
            let mut tx = session.begin().await.unwrap();
            if resting(&mut tx, &settings(), &account, now).await.unwrap() == Allowance::Granted {
                failure(&mut tx, &settings(), &account, now).await.unwrap();
                failures.push(now);
            }
            tx.commit().await.unwrap();
        }
        assert!(failures.len() >= 40, "{}", failures.len());
        for at in &failures {
            assert!(failures.iter().filter(|f| **f > at - DAY && *f <= at).count() <= 5);
        }
        let mut session = store.session().await;
        let mut tx = session.begin().await.unwrap();
        let now = 1_000_000 + 11 * DAY;
        for _ in 0..5 {
            failure(&mut tx, &settings(), &account, now).await.unwrap();
        }
        assert_eq!(resting(&mut tx, &settings(), &account, now + DAY - 1).await.unwrap(), Allowance::Wait(1));
        assert_eq!(resting(&mut tx, &settings(), &account, now + DAY).await.unwrap(), Allowance::Granted);
        assert_eq!(resting(&mut tx, &settings(), &[2; 32], now).await.unwrap(), Allowance::Granted);
        clear_failures(&mut tx, &account).await.unwrap();
        assert_eq!(resting(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Granted);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_clock_that_is_set_back_frees_nobody() {
        let store = Store::in_memory().await.unwrap();
        let account = [1; 32];
        let mut session = store.session().await;
        let mut tx = session.begin().await.unwrap();
        for _ in 0..5 {
            failure(&mut tx, &settings(), &account, 2_000_000).await.unwrap();
        }
        assert_ne!(resting(&mut tx, &settings(), &account, 1_000_000).await.unwrap(), Allowance::Granted);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn codes_go_once_a_minute_each_way_five_an_hour_ten_a_day() {
        const EMAIL: Tag = [11; 32];
        const OTHER_EMAIL: Tag = [12; 32];
        const OTHER_PHONE: Tag = [13; 32];
        let store = Store::in_memory().await.unwrap();
        let mut session = store.session().await;
        let mut tx = session.begin().await.unwrap();
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
        // Somebody who tries every five hours for a year; what is old is forgotten meanwhile.
        for now in (1_000_000..1_000_000 + 365 * DAY).step_by(5 * 3600) {
            store.prune(now - 2 * DAY, 0, now).await.unwrap();
            let mut session = store.session().await;
            let mut tx = session.begin().await.unwrap();
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
        let mut session = store.session().await;
        let mut tx = session.begin().await.unwrap();
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
        let mut session = store.session().await;
        let mut tx = session.begin().await.unwrap();
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
