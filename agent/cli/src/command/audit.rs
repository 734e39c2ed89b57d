//! `sspr admin audit`.

use std::process::ExitCode;

use clap::Args;
use jiff::{Timestamp, civil, tz::TimeZone};
use sspr_config::duration::Span;
use sspr_protocol::{
    Time,
    admin::AuditOf,
    audit::{PAGE, Query, Record},
};

use crate::{client::Client, failure::Failure, out, table::Table};

/// How many records are shown by default.
const LAST: u32 = 50;

/// The options of `sspr admin audit`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Show new records as they come, until ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// Show records since then: 90m, 2h, 3d, or a date such as 2026-11-22 [default: the last 50 records]
    #[arg(short, long, value_name = "TIME", value_parser = since)]
    since: Option<Time>,
    /// Show only records by or about this account; of a host of the fleet itself: host:web1/alice
    #[arg(short, long)]
    user: Option<String>,
    /// Check that no row was changed, removed or inserted, and that the rows match the root helper's; exit with status 1 if not
    #[arg(long, conflicts_with_all = ["follow", "since", "user"])]
    verify: bool,
    /// Print one JSON object on each line, with correlation ids
    #[arg(long)]
    json: bool,
}

/// Shows the trail.
pub async fn run(client: &Client, arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { follow, since, user, verify, json } = arguments;
    if verify {
        return super::trail::run(client, json).await;
    }
    let query = Query { after: 0, since: since.unwrap_or_default(), user, last: since.is_none().then_some(LAST) };
    let mut of = AuditOf { query, wait: false };
    let mut heads = true;
    loop {
        let records: Vec<Record> = client.call("Audit", &of).await?;
        let page = records.len();
        if let Some(newest) = records.last() {
            of.query.after = newest.id;
        }
        if !records.is_empty() {
            show(&records, json, heads)?;
            heads = false;
        } else if heads && !json && !follow {
            out::print("No matching records.")?;
        }
        of.query.last = None;
        // A full page has another behind it.
        if page < PAGE as usize {
            if !follow {
                return Ok(ExitCode::SUCCESS);
            }
            of.wait = true;
        }
    }
}

fn show(records: &[Record], json: bool, heads: bool) -> Result<(), Failure> {
    if json {
        for record in records {
            out::print(&serde_json::to_string(record).map_err(|error| Failure::Refused(error.to_string()))?)?;
        }
        return Ok(());
    }
    // Pieces of one table: what follows stands under the same heads.
    let mut table = Table::new(&["TIME", "ACCOUNT", "EVENT", "DETAILS"]);
    table = table.at_least(&[19, 8, 40, 0]).narrowest(&[19, 8, 20, 18]).wrapping();
    for record in records {
        table.row(&[out::moment(record.at), record.account.clone(), record.event.clone(), details(record)]);
    }
    out::print(&table.render(out::width(), heads))
}

/// The details of a record, the most important first.
fn details(record: &Record) -> String {
    let mut details = Vec::new();
    match (record.outcome.as_str(), record.reason.as_str()) {
        ("success", "") => {}
        ("success", reason) => details.push(reason.to_owned()),
        (_, "") => details.push("failed".to_owned()),
        (_, reason) => details.push(format!("failed: {reason}")),
    }
    if record.actor != record.account {
        details.push(format!("by {}", record.actor));
    }
    details.push(format!("{} from {}", record.service, record.source));
    details.join(", ")
}

/// A time to look back to.
fn since(text: &str) -> Result<Time, String> {
    since_at(text, Timestamp::now(), &TimeZone::system())
}

fn since_at(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Time, String> {
    if let Ok(span) = Span::parse(text) {
        return Ok(now.as_second() - span.as_secs());
    }
    let bad = || format!("{text:?} is not a time; write 90m, 2h, 3d, 2026-11-22 or \"2026-11-22 14:00\"");
    let when: civil::DateTime =
        text.parse().or_else(|_| text.parse::<civil::Date>().map(civil::DateTime::from)).map_err(|_| bad())?;
    Ok(when.to_zoned(zone.clone()).map_err(|_| bad())?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_first_whether_it_failed_and_why_and_names_who_did_it_where_that_is_another() {
        let record = |actor: &str, outcome: &str, reason: &str| {
            details(&Record {
                id: 1,
                at: 0,
                event: String::new(),
                correlation: String::new(),
                actor: actor.into(),
                account: "alice".into(),
                service: "sshd".into(),
                source: "192.0.2.1".into(),
                outcome: outcome.into(),
                reason: reason.into(),
            })
        };
        assert_eq!(record("alice", "success", ""), "sshd from 192.0.2.1");
        assert_eq!(record("alice", "failure", "not proved"), "failed: not proved, sshd from 192.0.2.1");
        assert_eq!(record("carol", "success", "email"), "email, by carol, sshd from 192.0.2.1");
    }

    #[test]
    fn a_time_to_look_back_to_is_a_span_or_a_date_of_this_machine() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        for (text, want) in [
            ("2h", "2026-11-22T10:00:00Z"),
            ("3d", "2026-11-19T12:00:00Z"),
            ("90m", "2026-11-22T10:30:00Z"),
            ("2026-11-22", "2026-11-21T15:00:00Z"),
            ("2026-11-22 14:00", "2026-11-22T05:00:00Z"),
        ] {
            assert_eq!(since_at(text, now, &zone), Ok(at(want)), "{text}");
        }
        for text in ["", "yesterday", "2", "2h3", "-2h", "2026-13-01", "0d"] {
            assert!(since_at(text, now, &zone).unwrap_err().contains("is not a time"), "{text}");
        }
    }
}
