//! The report on registrations, by the definitions of Entra's report on authentication methods: a *registered* account
//! has as many methods as required, an *enabled* one can use self-service, and a *capable* one is both.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, Zoned, civil::Date, tz::TimeZone};
use sspr_config::dialogue::Purpose;

use crate::{audit::Event, audit_writer, clock::Time, snapshot::Snapshot, store::AuditRows};

use super::{
    Error, Result,
    by_group::Groups,
    counted::nobody,
    of_directory, tally,
    wire::{Day, Report, ReportOf},
};

/// The default number of days for which the trail is kept.
const DAYS_MAX: u16 = 400;

pub(super) async fn report(agent: &Snapshot, of: ReportOf) -> Result<Report> {
    if !(1..=DAYS_MAX).contains(&of.days) {
        return Err(Error::Malformed(format!("a report looks back 1 to {DAYS_MAX} days")));
    }
    let groups = Groups::read(agent, of.groups).await?;
    let mut report = tally::tally(agent, nobody(), groups).await?;
    report.directory = of_directory::count(agent).await?;
    audit_writer::drain(agent).await?;
    let zone = TimeZone::system();
    let days = last_days(agent.now(), of.days, &zone);
    let since = days.first().and_then(|day| day.to_zoned(zone.clone()).ok()).map_or(0, |z| z.timestamp().as_second());
    let good = [Event::Recovered, Event::Unlocked].map(|event| event.name(Purpose::Recover));
    let bad = [Event::Refused, Event::Blocked].map(|event| event.name(Purpose::Recover));
    let mut tx = agent.begin_to_read().await?;
    let counts = AuditRows::counts(&mut tx, &[good, bad].concat(), since).await?;
    tx.commit().await?;
    report.days = by_day(&days, &zone, counts.iter().map(|(at, event, n)| (*at, good.contains(&event.as_str()), *n)));
    Ok(report)
}

/// The last `count` days, up to the day of `now`.
fn last_days(now: Time, count: u16, zone: &TimeZone) -> Vec<Date> {
    let today = date(now, zone);
    (0..i64::from(count)).rev().filter_map(|back| today.checked_sub(back.days()).ok()).collect()
}

fn date(at: Time, zone: &TimeZone) -> Date {
    let at = jiff::Timestamp::from_second(at).unwrap_or_default();
    Zoned::new(at, zone.clone()).date()
}

/// Adds counts to their days. Each count comes with whether it is of recoveries.
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
