//! The audit trail.

use std::sync::atomic::Ordering;

use super::{Office, START};
use crate::{
    admin::{
        called_by, report, trail,
        wire::{AuditOf, ReportOf},
    },
    audit::{Doubt, Event},
    audit_writer,
    clock::Time,
    store::{
        audit::{Query, Record},
        sql,
    },
};

#[tokio::test(flavor = "current_thread")]
async fn records_of_dialogues_are_rows_with_their_correlation_and_names_that_stand_for_nobody_are_not_written() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    let mut alice = office.session("alice", "d1");
    alice.look_up().await.unwrap();
    alice.record(Event::Recovered, "");
    let mut typo = office.session("my password", "d2");
    typo.look_up().await.unwrap();
    typo.record(Event::Refused, "not proved");
    let records = office.records().await;
    assert_eq!(records.len(), 2);
    let Record { event, correlation, actor, account, service, source, outcome, at, .. } = &records[0];
    assert_eq!((event.as_str(), correlation.as_str(), *at), ("Reset password (self-service)", "d1", START));
    assert_eq!((actor.as_str(), account.as_str(), outcome.as_str()), ("alice", "alice", "success"));
    assert_eq!((service.as_str(), source.as_str()), ("sshd", "192.0.2.1"));
    assert_eq!((records[1].account.as_str(), records[1].outcome.as_str()), ("-", "failure"));
    assert_eq!(records[1].reason, "not proved");
    assert!(!serde_json::to_string(&records).unwrap().contains("my password"));
    let report = report::report(&office.agent, ReportOf { days: 1, groups: None }).await.unwrap();
    assert_eq!(report.days.iter().map(|d| (d.recoveries, d.refusals)).collect::<Vec<_>>(), [(1, 1)]);

    let of = |query| AuditOf { query, wait: false };
    let read = async |query| trail::read(&office.agent, of(query)).await.unwrap().len();
    assert_eq!(read(Query { user: Some("alice".into()), ..Query::default() }).await, 1);
    assert_eq!(read(Query { since: START + 1, ..Query::default() }).await, 0);
    assert_eq!(read(Query { after: records[0].id, ..Query::default() }).await, 1);
    assert_eq!(read(Query { last: Some(1), ..Query::default() }).await, 1);
}

#[tokio::test(flavor = "current_thread")]
async fn old_records_go_once_a_week_shows_that_the_clock_is_right() {
    const DAY: Time = 86_400;
    let office = Office::new().await;
    let left = async || trail::read(&office.agent, AuditOf::default()).await.unwrap().len();
    let happens = async || {
        let case = office.session("alice", "d1");
        case.record(Event::CodeAsked, "");
        audit_writer::drain(&office.agent).await.unwrap();
        crate::housekeeping::prune(&office.agent).await.unwrap();
    };
    happens().await;
    office.wall.0.fetch_add(401 * DAY, Ordering::Relaxed);
    happens().await;
    assert_eq!(left().await, 2, "the clock may be wrong");
    office.wall.0.fetch_add(8 * DAY, Ordering::Relaxed);
    happens().await;
    assert_eq!(left().await, 2, "the first is gone");
    // If records are kept for one day only, a record of half that age shows that the clock is correct.
    let store = &office.agent.store;
    let now = office.agent.now();
    store.prune(0, now - DAY, now).await.unwrap();
    assert_eq!(left().await, 2);
    store.prune(0, now - DAY / 2, now + DAY / 2).await.unwrap();
    assert_eq!(left().await, 1);
}

#[tokio::test(flavor = "current_thread")]
async fn whoever_follows_the_trail_hears_of_a_record_when_it_is_written_and_a_full_queue_loses_nothing_that_waits() {
    let office = Office::new().await;
    let writer = tokio::spawn(audit_writer::run(office.agent.clone()));
    let agent = office.agent.clone();
    let follower = tokio::spawn(async move { trail::read(&agent, AuditOf { wait: true, ..AuditOf::default() }).await });
    tokio::task::yield_now().await;
    let case = office.session("alice", "d1");
    for _ in 0..10_000 {
        case.record(Event::CodeAsked, "");
    }
    let heard = tokio::time::timeout(std::time::Duration::from_secs(20), follower).await.unwrap().unwrap().unwrap();
    assert_eq!(heard.len(), crate::store::audit::PAGE as usize);
    writer.abort();
    let mut session = office.agent.store.session().await.unwrap();
    let rows: i64 = sql::query_scalar("SELECT count(*) FROM audit").fetch_one(session.connection()).await.unwrap();
    assert_eq!(rows, 8192, "what finds no room is in the journal alone");
}

#[tokio::test(flavor = "current_thread")]
async fn a_store_that_fails_keeps_records_waiting_until_it_works_again() {
    let office = Office::new().await;
    let case = office.session("alice", "d1");
    case.record(Event::CodeAsked, "first");
    let table = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    let sql = async |statement: String| {
        let mut session = office.agent.store.session().await.unwrap();
        sql::query(sqlx::AssertSqlSafe(statement)).execute(session.connection()).await.unwrap();
    };
    sql(table("audit", "gone")).await;
    assert!(audit_writer::drain(&office.agent).await.is_err());
    case.record(Event::CodeAsked, "second");
    sql(table("gone", "audit")).await;
    let records = office.records().await;
    assert_eq!(records.iter().map(|r| r.reason.as_str()).collect::<Vec<_>>(), ["first", "second"]);
}

#[tokio::test(flavor = "current_thread")]
async fn records_whose_commit_was_not_answered_are_written_once_whether_it_went_through_or_not() {
    let office = Office::new().await;
    let (case, log) = (office.session("alice", "d1"), &office.agent.audit);
    let reasons = async || office.records().await.into_iter().map(|record| record.reason).collect::<Vec<_>>();
    let records = ["first", "second", "third"];
    for reason in &records[..2] {
        case.record(Event::CodeAsked, reason);
    }
    let waiting = log.take();
    log.put_back(waiting.clone());
    audit_writer::drain(&office.agent).await.unwrap();
    // The commit went through: the rows are there, although the records still wait.
    *log.writing().await = Some(Doubt { row: 2, records: 2 });
    log.put_back(waiting);
    case.record(Event::CodeAsked, records[2]);
    assert_eq!(reasons().await, records);
    // The commit did not go through: there is no such row.
    case.record(Event::CodeAsked, "fourth");
    *log.writing().await = Some(Doubt { row: 4, records: 1 });
    assert_eq!(reasons().await, ["first", "second", "third", "fourth"]);
    // A row of another replica has that number.
    case.record(Event::CodeWrong, "fifth");
    *log.writing().await = Some(Doubt { row: 4, records: 1 });
    assert_eq!(reasons().await.len(), 5);
}

#[tokio::test(flavor = "current_thread")]
async fn many_records_are_written_piece_by_piece_in_their_order() {
    let office = Office::new().await;
    let case = office.session("alice", "d1");
    for number in 0..450 {
        case.record(Event::CodeAsked, &number.to_string());
    }
    let records = office.records().await;
    assert!((0..450).map(|number| number.to_string()).eq(records.iter().map(|record| record.reason.clone())));
}

#[test]
fn the_process_behind_an_administrators_name_is_recorded_as_one_line_of_bounded_length() {
    assert_eq!(called_by(Some(4711), "system.slice/run-u5.service"), "process 4711 in system.slice/run-u5.service");
    assert_eq!(called_by(Some(4711), ""), "process 4711");
    let long = called_by(None, &format!("a\n\u{1b}[2J{}", "b".repeat(5000)));
    assert!(long.starts_with("unknown process in a[2Jb") && long.len() < 200, "{long}");
}
