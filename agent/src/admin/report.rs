//! How far everybody is, by the definitions of Entra's report on authentication methods: *registered* has as many methods as
//! are required, *enabled* is whom self-service is on for, *capable* is both.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, Zoned, civil::Date, tz::TimeZone};
use sspr_config::dialogue::Purpose;

use crate::{audit, audit::Event, clock::Time, snapshot::Snapshot, store::AuditRows};

use super::{
    Error, Result,
    tally::{self, Counted, METHODS},
    wire::{Day, Report, ReportOf},
};

/// As long as the trail is kept by default.
const DAYS_MAX: u16 = 400;

pub(super) async fn report(agent: &Snapshot, of: ReportOf) -> Result<Report> {
    if !(1..=DAYS_MAX).contains(&of.days) {
        return Err(Error::Malformed(format!("a report looks back 1 to {DAYS_MAX} days")));
    }
    let mut report = tally::tally(agent, nobody()).await?;
    audit::drain(agent).await?;
    let zone = TimeZone::system();
    let days = last_days(agent.now(), of.days, &zone);
    let since = days.first().and_then(|day| day.to_zoned(zone.clone()).ok()).map_or(0, |z| z.timestamp().as_second());
    let good = [Event::Recovered, Event::Unlocked].map(|event| event.name(Purpose::Recover));
    let bad = [Event::Refused, Event::Blocked].map(|event| event.name(Purpose::Recover));
    let mut tx = agent.begin().await?;
    let counts = AuditRows::counts(&mut tx, &[good, bad].concat(), since).await?;
    tx.commit().await?;
    report.days = by_day(&days, &zone, counts.iter().map(|(at, event, n)| (*at, good.contains(&event.as_str()), *n)));
    Ok(report)
}

fn nobody() -> Report {
    Report { by_method: METHODS.map(|method| (method.to_owned(), 0)).into(), ..Report::default() }
}

/// Counts one account more.
pub(super) fn add(report: &mut Report, account: &Counted) {
    for (number, holds) in [
        (&mut report.accounts, true),
        (&mut report.enabled, account.enabled),
        (&mut report.registered, account.registered),
        (&mut report.capable, account.enabled && account.registered),
        (&mut report.exempt, account.exempt),
        (&mut report.resting, account.resting),
    ] {
        *number += u64::from(holds);
    }
    for (method, _) in METHODS.iter().zip(account.has).filter(|(_, has)| *has) {
        if let Some(number) = report.by_method.get_mut(*method) {
            *number += 1;
        }
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

    #[test]
    fn registered_enabled_and_capable_are_counted_as_entra_defines_them() {
        let mut report = nobody();
        for (enabled, registered, has) in [
            (true, true, [true, false, true, true]),
            (true, false, [false; 4]),
            (true, false, [true, false, false, false]),
            (false, true, [false, true, false, true]),
            (false, false, [false; 4]),
        ] {
            add(&mut report, &Counted { enabled, registered, exempt: false, resting: false, has });
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
