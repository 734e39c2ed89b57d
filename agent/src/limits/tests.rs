//! What each limit lets through, over hours and months.

use super::*;
use crate::store::Store;

fn settings() -> Settings {
    Settings::default()
}

const HERE: Tag = [21; 32];
const ELSEWHERE: Tag = [22; 32];

/// Counts failures of `account` until it is suspended, and returns the length of the suspension.
async fn wear_out(tx: &mut Tx<'_>, account: &Tag, now: Time) -> Time {
    loop {
        if let Allowance::Wait(seconds) =
            failure(tx, &settings(), (account, Suspensions::Grow), &HERE, now).await.unwrap()
        {
            return seconds;
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn never_more_than_the_allowed_failures_in_any_24_hours_and_an_administrator_clears() {
    let store = Store::for_tests().await.unwrap();
    let account = [1; 32];
    let mut failures: Vec<Time> = Vec::new();
    // An attacker tries every 70 minutes for sixty days.
    for now in (1_000_000..1_000_000 + 60 * DAY).step_by(4200) {
        store.prune(now - 2 * DAY, 0, now).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        if suspension(&mut tx, &settings(), &account, now).await.unwrap() == Allowance::Granted {
            failure(&mut tx, &settings(), (&account, Suspensions::Grow), &HERE, now).await.unwrap();
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
    assert_eq!(suspension(&mut tx, &settings(), &account, now + DAY - 1).await.unwrap(), Allowance::Wait(1));
    assert_eq!(suspension(&mut tx, &settings(), &account, now + DAY).await.unwrap(), Allowance::Granted);
    assert_eq!(suspension(&mut tx, &settings(), &[2; 32], now).await.unwrap(), Allowance::Granted);
    clear_failures(&mut tx, &account).await.unwrap();
    assert_eq!(suspension(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Granted);
}

#[tokio::test(flavor = "current_thread")]
async fn each_rest_within_thirty_days_lasts_twice_as_long_up_to_a_week_until_an_administrator_ends_it() {
    let store = Store::for_tests().await.unwrap();
    let (account, mut now) = ([1; 32], 1_000_000);
    let mut tx = store.begin().await.unwrap();
    for days in [1, 2, 4, 7, 7, 7, 7] {
        assert_eq!(wear_out(&mut tx, &account, now).await, days * DAY);
        assert_eq!(suspension(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Wait(days * DAY));
        let all = all_suspensions(&mut tx, &settings(), now + 1).await.unwrap();
        assert_eq!(all.get(account.as_slice()), Some(&(days * DAY - 1)));
        now += days * DAY;
        assert_eq!(suspension(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Granted);
        assert!(all_suspensions(&mut tx, &settings(), now).await.unwrap().is_empty());
    }
    // A success does not: a stranger would see by the next suspension that there was one.
    succeeded(&mut tx, &account, &HERE).await.unwrap();
    assert_eq!(wear_out(&mut tx, &account, now).await, 7 * DAY);
    clear_failures(&mut tx, &account).await.unwrap();
    assert_eq!(wear_out(&mut tx, &account, now).await, DAY);
    let month = Settings { failed_window: sspr_config::duration::Span::seconds(30 * 86_400), ..settings() };
    assert_eq!(suspension(&mut tx, &month, &account, now).await.unwrap(), Allowance::Wait(30 * DAY));
}

#[tokio::test(flavor = "current_thread")]
async fn a_success_makes_up_for_what_failed_at_the_same_place_and_is_seen_from_nowhere_else() {
    let store = Store::for_tests().await.unwrap();
    let (account, now) = ([1; 32], 1_000_000);
    let mut tx = store.begin().await.unwrap();
    let left =
        async |tx: &mut Tx<'_>, source: &Tag| failures_left(tx, &settings(), &account, source, now).await.unwrap();
    for source in [&HERE, &ELSEWHERE, &HERE] {
        failure(&mut tx, &settings(), (&account, Suspensions::Grow), source, now).await.unwrap();
    }
    assert_eq!((left(&mut tx, &HERE).await, left(&mut tx, &ELSEWHERE).await), (2, 2));
    succeeded(&mut tx, &account, &HERE).await.unwrap();
    assert_eq!((left(&mut tx, &HERE).await, left(&mut tx, &ELSEWHERE).await), (4, 2));
    failure(&mut tx, &settings(), (&account, Suspensions::Grow), &ELSEWHERE, now).await.unwrap();
    assert_eq!(suspension(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Granted);
    failure(&mut tx, &settings(), (&account, Suspensions::Grow), &ELSEWHERE, now).await.unwrap();
    assert_eq!(suspension(&mut tx, &settings(), &account, now).await.unwrap(), Allowance::Wait(DAY));
}

#[tokio::test(flavor = "current_thread")]
async fn too_many_failures_over_all_accounts_are_told_once_an_hour_and_over_when_they_are() {
    let store = Store::for_tests().await.unwrap();
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
        let store = Store::for_tests().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let mut told = Vec::new();
        for n in 0..500 {
            let now = 1_000_000 + n;
            told.extend(any_failure(&mut tx, &settings(), &keys, source, now).await.unwrap());
            assert_eq!(many_failures(&mut tx, &settings(), &keys, source, now).await.unwrap(), n >= part, "{source}");
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
    let store = Store::for_tests().await.unwrap();
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
    let store = Store::for_tests().await.unwrap();
    let account = [1; 32];
    let mut tx = store.begin().await.unwrap();
    wear_out(&mut tx, &account, 2_000_000).await;
    assert_ne!(suspension(&mut tx, &settings(), &account, 1_000_000).await.unwrap(), Allowance::Granted);
}

#[tokio::test(flavor = "current_thread")]
async fn the_addresses_of_one_ipv6_network_begin_no_more_than_one_and_those_of_a_site_eight_times_as_many() {
    let store = Store::for_tests().await.unwrap();
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
        granted += u32::from(start(&mut tx, &settings(), &keys, &address, now).await.unwrap() == Allowance::Granted);
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
    let store = Store::for_tests().await.unwrap();
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
    let store = Store::for_tests().await.unwrap();
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
    let store = Store::for_tests().await.unwrap();
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

#[tokio::test(flavor = "current_thread")]
async fn a_password_of_a_sign_in_on_a_host_is_claimed_once_a_day_and_the_host_has_a_share_of_wrong_ones() {
    let store = Store::for_tests().await.unwrap();
    let (keys, settings) = (Keys::from_host_key(&[7; 32]), settings());
    let mut tx = store.begin().await.unwrap();
    let mut now = 1_000_000;
    let of = |account: u8, host: &str, now: Time| SignIn::new(&keys, host, &[account; 32], now);
    assert_eq!(of(1, "a", now).may_be_claimed(&mut tx, &settings).await.unwrap(), Claim::Granted);
    assert_eq!(of(1, "a", now).claim(&mut tx, &settings).await.unwrap(), Claim::Granted);
    assert_eq!(of(1, "b", now).claim(&mut tx, &settings).await.unwrap(), Claim::Granted);
    assert_eq!(of(1, "a", now + 1).claim(&mut tx, &settings).await.unwrap(), Claim::UnderWay);
    assert_eq!(of(1, "a", now + 2).claim(&mut tx, &settings).await.unwrap(), Claim::Tried);
    // A right one does not count for the host, and is no more to be tried than a wrong one, unless something is asked.
    of(1, "b", now).was_right(&mut tx).await.unwrap();
    assert_eq!(of(1, "b", now + 2).claim(&mut tx, &settings).await.unwrap(), Claim::Tried);
    of(1, "b", now).leads_to_a_question(&mut tx).await.unwrap();
    assert_eq!(of(1, "b", now).claim(&mut tx, &settings).await.unwrap(), Claim::Granted);
    for account in 2..=10 {
        assert_eq!(of(account, "a", now).claim(&mut tx, &settings).await.unwrap(), Claim::Granted, "{account}");
    }
    assert_eq!(of(11, "a", now).claim(&mut tx, &settings).await.unwrap(), Claim::TooMany);
    assert_eq!(of(11, "b", now).claim(&mut tx, &settings).await.unwrap(), Claim::Granted);
    now += HOUR;
    assert_eq!(of(11, "a", now).claim(&mut tx, &settings).await.unwrap(), Claim::Granted);
    assert_eq!(of(1, "a", now).claim(&mut tx, &settings).await.unwrap(), Claim::Tried);
    now += DAY;
    assert_eq!(of(1, "a", now).claim(&mut tx, &settings).await.unwrap(), Claim::Granted);
    // A host that may begin no reset tries no password.
    for _ in 0..settings.host_failed_proofs_per_hour {
        host_failure(&mut tx, (&keys, "b"), now).await.unwrap();
    }
    assert_eq!(of(12, "b", now).claim(&mut tx, &settings).await.unwrap(), Claim::TooMany);
    assert!(!host_is_noted(&mut tx, (&keys, "b"), now).await.unwrap());
    assert!(host_note(&mut tx, (&keys, "b"), now).await.unwrap());
    assert!(host_is_noted(&mut tx, (&keys, "b"), now).await.unwrap());
}
