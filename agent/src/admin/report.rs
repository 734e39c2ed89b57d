//! How far everybody is, by the definitions of Entra's report on authentication methods: *registered* has as many methods as
//! are required, *enabled* is whom self-service is on for, *capable* is both.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, Zoned, civil::Date, tz::TimeZone};
use sspr_config::dialogue::Purpose;

use crate::{audit, audit::Event, clock::Time, doors::Doors, store::audit as rows};

use super::{
    Error, Result, people,
    wire::{Day, Report, ReportOf, User},
};

/// As long as the trail is kept by default.
const DAYS_MAX: u16 = 400;

pub(super) async fn report(doors: &Doors, of: ReportOf) -> Result<Report> {
    if !(1..=DAYS_MAX).contains(&of.days) {
        return Err(Error::Malformed(format!("a report looks back 1 to {DAYS_MAX} days")));
    }
    let mut report = nobody();
    people::each(doors, |user| count(&mut report, &user)).await?;
    audit::drain(doors).await?;
    let zone = TimeZone::system();
    let days = last_days(doors.clock.now(), of.days, &zone);
    let since = days.first().and_then(|day| day.to_zoned(zone.clone()).ok()).map_or(0, |z| z.timestamp().as_second());
    let good = [Event::Recovered, Event::Unlocked].map(|event| event.name(Purpose::Recover));
    let bad = [Event::Refused, Event::Blocked].map(|event| event.name(Purpose::Recover));
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let counts = rows::counts(&mut tx, &[good, bad].concat(), since).await?;
    tx.commit().await?;
    report.days = by_day(&days, &zone, counts.iter().map(|(at, event, n)| (*at, good.contains(&event.as_str()), *n)));
    Ok(report)
}

fn nobody() -> Report {
    let by_method = ["email", "phone", "app", "recovery codes"].map(|method| (method.to_owned(), 0));
    Report { by_method: BTreeMap::from(by_method), ..Report::default() }
}

fn count(report: &mut Report, user: &User) {
    for (number, holds) in [
        (&mut report.accounts, true),
        (&mut report.enabled, user.enabled),
        (&mut report.registered, user.registered),
        (&mut report.capable, user.capable),
        (&mut report.exempt, user.exempt),
        (&mut report.resting, user.rests_for.is_some()),
    ] {
        *number += u64::from(holds);
    }
    let codes = (user.recovery_codes > 0).then_some("recovery codes");
    for method in user.methods.iter().map(String::as_str).chain(codes) {
        *report.by_method.entry(method.to_owned()).or_default() += 1;
    }
}

/// The last `count` days up to that of `now`.
fn last_days(now: Time, count: u16, zone: &TimeZone) -> Vec<Date> {
    let today = date(now, zone);
    (0..i64::from(count)).rev().filter_map(|back| today.checked_sub(back.days()).ok()).collect()
}

fn date(at: Time, zone: &TimeZone) -> Date {
    let at = jiff::Timestamp::from_second(at).unwrap_or_default();
    Zoned::new(at, zone.clone()).date()
}

/// Puts counts, each with whether it is of recoveries, to their days.
fn by_day(days: &[Date], zone: &TimeZone, counts: impl Iterator<Item = (Time, bool, u64)>) -> Vec<Day> {
    let mut all: BTreeMap<Date, Day> =
        days.iter().map(|day| (*day, Day { day: day.to_string(), ..Day::default() })).collect();
    for (at, recovery, count) in counts {
        if let Some(day) = all.get_mut(&date(at, zone)) {
            *(if recovery { &mut day.recoveries } else { &mut day.refusals }) += count;
        }
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str, enabled: bool, registered: bool, methods: &[&str]) -> User {
        User {
            name: name.into(),
            uid: 1000,
            admin: false,
            enabled,
            registered,
            capable: enabled && registered,
            methods: methods.iter().map(|m| (*m).to_owned()).collect(),
            unconfirmed: vec![],
            recovery_codes: u32::from(registered) * 10,
            confirmed: None,
            rests_for: None,
            exempt: false,
        }
    }

    #[test]
    fn registered_enabled_and_capable_are_counted_as_entra_defines_them() {
        let users = [
            user("in and done", true, true, &["email", "app"]),
            user("in", true, false, &[]),
            user("in with too few", true, false, &["email"]),
            user("out and done", false, true, &["phone"]),
            user("out", false, false, &[]),
        ];
        let mut report = nobody();
        for user in &users {
            count(&mut report, user);
        }
        assert_eq!((report.accounts, report.enabled, report.registered, report.capable), (5, 3, 2, 1));
        let methods: Vec<_> = report.by_method.iter().map(|(method, n)| (method.as_str(), *n)).collect();
        assert_eq!(methods, [("app", 1), ("email", 2), ("phone", 1), ("recovery codes", 2)]);
    }

    #[test]
    fn events_fall_on_the_days_of_this_machines_time_zone_and_a_change_of_clocks_loses_none() {
        // Clocks went back in Berlin on 2026-10-25; 2026-10-26 00:30 there is 2026-10-25 23:30 UTC.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let days = last_days(at("2026-10-26T11:00:00Z"), 3, &zone);
        let names: Vec<String> = days.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["2026-10-24", "2026-10-25", "2026-10-26"]);
        let counts = [
            (at("2026-10-23T21:45:00Z"), true, 100),
            (at("2026-10-23T22:00:00Z"), true, 1),
            (at("2026-10-25T00:30:00Z"), true, 2),
            (at("2026-10-25T01:30:00Z"), false, 3),
            (at("2026-10-25T22:45:00Z"), true, 4),
            (at("2026-10-25T23:30:00Z"), false, 5),
        ];
        let days = by_day(&days, &zone, counts.into_iter());
        let counts: Vec<_> = days.iter().map(|day| (day.recoveries, day.refusals)).collect();
        assert_eq!(counts, [(1, 0), (6, 3), (0, 5)]);
    }
}
