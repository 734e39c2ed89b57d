//! Requests of auditors: the report by group, the data of one user, its erasure, and the chain of the trail.

use sspr_protocol::{
    chain::{self, ChainOf, Link, unhex},
    compliance::FORMAT,
};

use super::{Office, START, whom, why};
use crate::{
    account::Name,
    admin::{erase, export, people, report, trail, wire::ReportOf},
    audit::{self, Event},
    dialogue::Caller,
    notifications::{self, Changed},
    store::{Exemptions, Registrations, exemptions::Exemption, sql},
};

#[tokio::test(flavor = "current_thread")]
async fn a_report_by_group_counts_who_is_in_several_in_each_and_names_a_group_that_is_not_there() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    let of = |groups: &[&str]| ReportOf { days: 1, groups: Some(groups.iter().map(|g| (*g).to_owned()).collect()) };
    let report = report::report(&office.agent, of(&["staff", "sudo"])).await.unwrap();
    let counts: Vec<_> =
        report.by_group.iter().map(|(group, of)| (group.as_str(), of.accounts, of.enabled, of.registered)).collect();
    assert_eq!(counts, [("staff", 2, 2, 1), ("sudo", 1, 1, 0)]);
    // The groups that [scope] names and that exist.
    let report = report::report(&office.agent, of(&[])).await.unwrap();
    assert_eq!(report.by_group.keys().collect::<Vec<_>>(), ["sudo"]);
    assert!(why(report::report(&office.agent, of(&["stuff"])).await).contains("no group stuff"));
    let none = report::report(&office.agent, ReportOf { days: 1, groups: None }).await.unwrap();
    assert!(none.by_group.is_empty() && !serde_json::to_string(&none).unwrap().contains("by_group"));
}

/// An office in which alice has a row in every table with data of users.
async fn filled() -> Office {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    office.register("bob", "bob@example.org").await;
    for statement in [
        "INSERT INTO authenticator (realm, name, sealed, last_step, created, used) VALUES ('local', 'alice', unhex('00'), 0, 5, 6)",
        "INSERT INTO recovery_code (realm, name, code, created) VALUES ('local', 'alice', unhex('00'), 7)",
        "INSERT INTO helpdesk_code (realm, name, account, code, issuer, created, expires) \
         VALUES ('local', 'alice', '1001', unhex('5ec3e7'), 'carol', 8, 9)",
        "INSERT INTO invitation VALUES ('local', 'alice', '1001', 10, 11)",
        "INSERT INTO unanswered VALUES ('local', 'alice', '1001', 12)",
        "INSERT INTO picture VALUES ('local', 'alice', '1001')",
        "INSERT INTO synced (realm, name, id, method, lookup, since, told, entered, seen) \
         VALUES ('local', 'alice', '1001', 'email', unhex('01'), 13, 1, 0, 1)",
    ] {
        sql::query(statement).execute(office.agent.store.session().await.unwrap().connection()).await.unwrap();
    }
    office.wear_out("alice").await;
    let mut tx = office.agent.begin().await.unwrap();
    let exemption = Exemption {
        id: crate::account::Id::from(1001),
        issuer: "carol".into(),
        reason: "alice is ill".into(),
        created: 14,
    };
    Exemptions::give(&mut tx, Name::local("alice"), &exemption).await.unwrap();
    let told = Registrations::get(&mut tx, &office.agent.keys, Name::local("alice")).await.unwrap().unwrap().usable();
    let by: Caller = people::by_an_administrator();
    notifications::changed(&mut tx, &office.agent, Name::local("alice"), &by, Changed::Everything, &told)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for (name, event, reason) in
        [("alice", Event::Recovered, ""), ("bob", Event::Recovered, ""), ("alice", Event::Registered, "email")]
    {
        let mut session = office.session(name, "d1");
        session.look_up().await.unwrap();
        session.record(event, reason);
    }
    let call = office.root();
    call.record(audit::Deed { event: Event::Exempted, success: true, account: "alice", reason: "alice is ill" });
    office
}

#[tokio::test(flavor = "current_thread")]
async fn an_export_has_everything_in_full_but_codes_and_keys_and_is_recorded() {
    let office = filled().await;
    let document = export::export(&office.root(), &whom("alice", true)).await.unwrap();
    assert_eq!((document.format.as_str(), document.made, document.by.as_str()), (FORMAT, START, "root"));
    assert_eq!((document.account.id.as_str(), document.account.realm.as_str()), ("1001", "local"));
    assert_eq!(document.registration.as_ref().unwrap().since, START);
    let contact = &document.contacts[0];
    assert_eq!((contact.contact.as_str(), contact.verified, contact.used), ("alice@example.org", Some(START), None));
    assert_eq!(document.app.as_ref().unwrap().used, Some(6));
    assert_eq!(document.recovery_codes.len(), 1);
    assert_eq!(document.helpdesk_code.as_ref().unwrap().issuer, "carol");
    assert_eq!(document.exemption.as_ref().unwrap().reason, "alice is ill");
    assert_eq!((document.questions.last, document.questions.unanswered), (Some(11), Some(12)));
    assert!(document.questions.no_picture && document.directory[0].told);
    assert!(document.suspended_for.is_some());
    assert_eq!(document.counted.iter().filter(|counted| counted.what == "failure").count(), 5);
    assert_eq!(document.messages.len(), 1);
    assert_eq!(document.messages[0].to.as_deref(), Some("alice@example.org"));
    assert_eq!(document.audit.len(), 3);
    let text = serde_json::to_string(&document).unwrap();
    assert!(!text.contains("bob") && !text.to_lowercase().contains("5ec3e7"), "{text}");
    let records = office.records().await;
    assert_eq!(records.last().unwrap().event, "Personal data exported (admin)");
    assert!(why(export::export(&office.root(), &whom("nobody", true)).await).contains("no such account"));
}

#[tokio::test(flavor = "current_thread")]
async fn after_an_erasure_nothing_names_the_person_but_the_receipt_and_the_trail_still_fits() {
    let office = filled().await;
    let receipt = erase::erase(&office.root(), &whom("alice", false)).await.unwrap();
    assert!(
        receipt.receipt.starts_with(chain::ERASED) && receipt.user == "alice" && receipt.notified == 1,
        "{receipt:?}"
    );
    for (kind, count) in [
        ("contact", 1),
        ("authenticator", 1),
        ("recovery_code", 1),
        ("registration", 1),
        ("helpdesk_code", 1),
        ("exemption", 1),
        ("invitation", 1),
        ("unanswered", 1),
        ("picture", 1),
        ("synced", 1),
        ("message", 1),
        ("audit", 3),
    ] {
        assert_eq!(receipt.rows.get(kind), Some(&count), "{kind}");
    }
    // Five failures, and the suspension.
    assert_eq!(receipt.rows["counted"], 6);
    assert!(!people::unblock(&office.root(), "alice").await.unwrap().changed, "the suspension is gone");
    assert_eq!(office.notifications().await, ["alice@example.org"], "the owner hears of it");

    let records = office.records().await;
    let of_the_person: Vec<_> = records.iter().filter(|r| r.account == receipt.receipt).collect();
    assert_eq!(of_the_person.len(), 4, "and the receipt");
    let last = of_the_person[3];
    assert_eq!((last.event.as_str(), last.actor.as_str()), (chain::RECEIPT, "root"));
    assert_eq!(last.reason, receipt.counts());
    let text = serde_json::to_string(&of_the_person).unwrap();
    assert!(!text.contains("alice") && !text.contains("192.0.2.1"), "{text}");
    assert!(records.iter().any(|r| r.account == "bob" && r.source == "192.0.2.1"), "others stay as they are");
    fits(&office).await;
    // A second erasure finds only what was stored in the meantime.
    let again = erase::erase(&office.root(), &whom("alice", false)).await.unwrap();
    assert_eq!(again.rows["contact"], 0);
    assert!(why(erase::erase(&office.root(), &whom("nobody", false)).await).contains("no such account"));
}

/// Asserts that each row fits the one before, and returns the number of rows.
async fn fits(office: &Office) -> usize {
    let chained = trail::chain(&office.agent, ChainOf::default()).await.unwrap();
    let anchor = chained.anchor.map(|anchor| unhex(&anchor.chain).unwrap());
    let mut before = anchor.unwrap_or_else(|| chain::BEGINNING.to_vec());
    for Link { record, realm, salt, person, chain: at } in &chained.rows {
        let person = unhex(person).unwrap();
        if let Some(salt) = salt {
            assert_eq!(chain::person(&unhex(salt).unwrap(), realm, record).as_slice(), person, "{record:?}");
        }
        assert_eq!(chain::chain(&before, record, &person).as_slice(), unhex(at).unwrap(), "{record:?}");
        before = unhex(at).unwrap();
    }
    chained.rows.len()
}

#[tokio::test(flavor = "current_thread")]
async fn rows_of_an_earlier_version_are_chained_and_what_goes_because_of_its_age_leaves_a_chain_that_fits() {
    const DAY: i64 = 86_400;
    let office = Office::new().await;
    let row = "INSERT INTO audit (at, event, correlation, actor, account, service, source, outcome, reason) \
               VALUES ($1, 'Security info saved', 'd', 'alice', 'alice', 'sshd', '192.0.2.1', 'success', 'email')";
    for at in [START - 500 * DAY, START + 4000 * DAY, START - 450 * DAY, START - 300 * DAY, START - 5 * DAY] {
        for _ in 0..100 {
            sql::query(row).bind(at).execute(office.agent.store.session().await.unwrap().connection()).await.unwrap();
        }
    }
    assert_eq!(fits(&office).await, 500);
    crate::housekeeping::prune(&office.agent).await.unwrap();
    assert_eq!(fits(&office).await, 200, "a clock that was ahead holds up nothing");
    office.session("bob", "d2").record(Event::CodeAsked, "");
    assert_eq!(fits(&office).await, 201);
}
