//! Help-desk codes, the details of an account, and an administrator's changes to it.

use std::sync::atomic::Ordering;

use super::{Office, START, whom, why};
use crate::{
    account::{Id, Name},
    admin::{
        codes, pages, people, report,
        wire::{Exempting, Label, PeopleOf, ReportOf, User},
    },
    helpdesk_codes,
    store::{HelpdeskCodes, LookUps as _, sql},
};

#[tokio::test(flavor = "current_thread")]
async fn a_code_is_given_to_whom_self_service_serves_and_never_to_root_nor_by_an_administrator_to_themselves() {
    let office = Office::new().await;
    let carol = Label { login: Some(1003), sudo: Some(1003) };
    let code = codes::issue(&office.by(carol), "alice").await.unwrap();
    assert_eq!((code.expires, code.lifetime), (START + 3600, 3600));
    {
        let mut tx = office.agent.begin().await.unwrap();
        let plain = helpdesk_codes::tidy(&code.code).unwrap();
        let found = HelpdeskCodes::find(&mut tx, &office.agent.keys, Name::local("alice"), &plain, START)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((found.account, found.issuer.as_str()), (Id::from(1001), "carol"));
    }
    for (name, reason) in [
        ("root", "root and system accounts"),
        ("daemon", "root and system accounts"),
        ("locked", "locked"),
        ("outside", "not on for this account"),
        ("remote", "not kept on this machine"),
        ("nobody at all", "there is no such account"),
    ] {
        let said = why(codes::issue(&office.by(carol), name).await);
        assert!(said.contains(reason), "{name}: {said}");
    }
    // A match by login or by sudo is enough to be the administrator's own account.
    for label in [carol, Label { login: None, sudo: Some(1003) }, Label { login: Some(1003), sudo: Some(1001) }] {
        assert!(why(codes::issue(&office.by(label), "carol").await).contains("your own account"));
    }
    codes::issue(&office.root(), "carol").await.unwrap();

    let records = office.records().await;
    let told: Vec<_> =
        records.iter().map(|r| (r.actor.as_str(), r.account.as_str(), r.outcome.as_str(), r.event.as_str())).collect();
    let event = "Help desk code issued";
    assert_eq!(told[0], ("carol", "alice", "success", event));
    assert_eq!(told[1], ("carol", "carol", "failure", event));
    assert_eq!(told.last(), Some(&("root", "carol", "success", event)));
    let all = serde_json::to_string(&records).unwrap();
    assert!(!all.contains(code.code.as_str()), "the code is in the audit trail");
    assert!(!all.contains("nobody at all"), "a name that stands for nobody is not written down");
}

#[tokio::test(flavor = "current_thread")]
async fn contacts_are_masked_unless_they_are_to_be_revealed_and_that_is_recorded() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    let masked = people::show(&office.root(), &whom("alice", false)).await.unwrap();
    assert_eq!(masked.contacts[0].contact, "a***@e***.org");
    let next = masked.next.unwrap();
    assert_eq!(next.why, "whether the registration is still correct");
    assert!(next.at == next.over_ssh && next.at.is_some_and(|at| at > office.agent.now()), "{next:?}");
    let bob = people::show(&office.root(), &whom("bob", false)).await.unwrap().next.unwrap();
    assert_eq!((bob.at, bob.why.as_str()), (Some(office.agent.now()), "to register"));
    assert!(office.records().await.is_empty());
    let full = people::show(&office.root(), &whom("alice", true)).await.unwrap();
    assert_eq!(full.contacts[0].contact, "alice@example.org");
    let records = office.records().await;
    assert_eq!((records.len(), records[0].event.as_str()), (1, "Security info revealed (admin)"));
    assert!(!serde_json::to_string(&records).unwrap().contains("example.org"));
    assert!(why(people::show(&office.root(), &whom("nobody", true)).await).contains("no such account"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_account_that_rests_is_shown_so_until_it_is_unblocked() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    office.wear_out("alice").await;
    office.wall.0.fetch_add(3600, Ordering::SeqCst);
    let rests = async || people::show(&office.root(), &whom("alice", false)).await.unwrap().user.rests_for;
    assert_eq!(rests().await, Some(23 * 3600));
    let report = report::report(&office.agent, ReportOf { days: 1, groups: None }).await.unwrap();
    assert_eq!(report.resting, 1);
    assert!(people::unblock(&office.root(), "alice").await.unwrap().changed);
    assert_eq!(rests().await, None);
    assert!(!people::unblock(&office.root(), "alice").await.unwrap().changed);
}

#[tokio::test(flavor = "current_thread")]
async fn a_report_counts_what_the_list_says_of_each() {
    let office = Office::new().await;
    for name in ["alice", "bob", "carol", "locked"] {
        office.register(name, &format!("{name}@example.org")).await;
    }
    for statement in [
        // bob's account was made again with another uid. locked's contact was imported, and waits to be confirmed.
        "UPDATE registration SET id = '77' WHERE name = 'bob'",
        "UPDATE contact SET usable = 0 WHERE name = 'locked'",
        "INSERT INTO authenticator (realm, name, sealed, last_step, created) \
         VALUES ('local', 'bob', unhex(''), 0, 0), ('local', 'carol', unhex(''), 0, 0), ('local', 'locked', unhex(''), 0, 0)",
        "INSERT INTO recovery_code (realm, name, code, created, used) VALUES ('local', 'alice', unhex('00'), 0, NULL), \
         ('local', 'alice', unhex('01'), 0, NULL), ('local', 'bob', unhex('02'), 0, NULL), ('local', 'carol', unhex('03'), 0, 1)",
        "INSERT INTO exemption VALUES ('local', 'outside', '1005', '', '', 0), ('local', 'bob', '77', '', '', 0)",
    ] {
        sql::query(statement).execute(office.agent.store.session().await.unwrap().connection()).await.unwrap();
    }
    office.wear_out("alice").await;
    let users = people::users(&office.agent).await.unwrap();
    let report = report::report(&office.agent, ReportOf { days: 1, groups: None }).await.unwrap();
    let count = |holds: fn(&User) -> bool| users.iter().filter(|user| holds(user)).count() as u64;
    for (what, counted, listed) in [
        ("accounts", report.accounts, count(|_| true)),
        ("enabled", report.enabled, count(|user| user.enabled)),
        ("registered", report.registered, count(|user| user.registered)),
        ("capable", report.capable, count(|user| user.capable)),
        ("exempt", report.exempt, count(|user| user.exempt)),
        ("resting", report.resting, count(|user| user.rests_for.is_some())),
        ("email", report.by_method["email"], count(|user| user.methods.contains(&"email".to_owned()))),
        ("phone", report.by_method["phone"], count(|user| user.methods.contains(&"phone".to_owned()))),
        ("app", report.by_method["app"], count(|user| user.methods.contains(&"app".to_owned()))),
        ("recovery codes", report.by_method["recovery codes"], count(|user| user.recovery_codes > 0)),
    ] {
        assert_eq!(counted, listed, "{what}");
    }
    assert_eq!((report.registered, report.capable, report.exempt, report.resting), (3, 2, 1, 1));
    assert_eq!(report.by_method.values().copied().collect::<Vec<_>>(), [2, 2, 0, 1]);
}

#[tokio::test(flavor = "current_thread")]
async fn pages_say_of_each_what_the_list_says_and_are_of_a_size_that_is_allowed() {
    let office = Office::new().await;
    for name in ["alice", "carol"] {
        office.register(name, &format!("{name}@example.org")).await;
    }
    office.wear_out("alice").await;
    let users = people::users(&office.agent).await.unwrap();
    let of = |search: &str, after: &str, most| PeopleOf {
        search: search.into(),
        after: after.into(),
        most,
        suspended: false,
    };
    let (mut turned, mut after) = (Vec::new(), String::new());
    loop {
        let page = pages::page(&office.agent, of("", &after, 2)).await.unwrap();
        assert_eq!(page.matching, users.len() as u64);
        after = page.users.last().map(|user| user.name.clone()).unwrap();
        turned.extend(page.users);
        if !page.more {
            break;
        }
    }
    assert_eq!(turned, users);
    assert!(users.iter().any(|user| !user.enabled && user.name == "outside"));
    let found = pages::page(&office.agent, of("ALI", "", 9)).await.unwrap();
    assert_eq!(found.users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["alice"]);
    let suspended = PeopleOf { suspended: true, ..of("", "", 9) };
    let found = pages::page(&office.agent, suspended).await.unwrap();
    assert_eq!((found.matching, found.users.len(), found.users[0].name.as_str()), (1, 1, "alice"));
    for most in [0, 1001] {
        let why = pages::page(&office.agent, of("", "", most)).await.unwrap_err();
        assert_eq!(why, crate::admin::Error::Malformed("a page has 1 to 1000 accounts".into()), "{most}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_forgotten_is_gone_with_its_codes_and_its_contacts_are_told() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    codes::issue(&office.root(), "alice").await.unwrap();
    assert!(people::forget(&office.root(), &whom("alice", false)).await.unwrap().changed);
    assert_eq!(office.notifications().await, ["alice@example.org"]);
    let shown = people::show(&office.root(), &whom("alice", true)).await.unwrap();
    assert!(shown.contacts.is_empty() && shown.helpdesk_code.is_none() && shown.since.is_none(), "{shown:?}");
    assert!(!people::forget(&office.root(), &whom("alice", false)).await.unwrap().changed);
    assert!(why(people::forget(&office.root(), &whom("nobody", false)).await).contains("no such account"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_exemption_is_given_with_a_reason_and_taken_back() {
    let office = Office::new().await;
    let exempting =
        |user: &str, reason: &str, remove| Exempting { user: user.into(), reason: reason.into(), remove, local: false };
    for (reason, changed) in [("a mistake", true), ("a robot", true), ("a robot", false)] {
        let done = people::exempt(&office.root(), &exempting("alice", reason, false)).await.unwrap();
        assert_eq!(done.changed, changed, "{reason}");
    }
    let progress =
        office.agent.store.look().await.unwrap().progress(Name::local("alice"), Id::from(1001), &[]).await.unwrap();
    assert!(progress.exempt);
    let shown = people::show(&office.root(), &whom("alice", false)).await.unwrap();
    assert!(shown.user.exempt && shown.exemption.is_some_and(|e| e.reason == "a robot" && e.issuer == "root"));
    for (user, reason) in [("root", ""), ("nobody", ""), ("alice", "two\nlines"), ("alice", &"x".repeat(201))] {
        why(people::exempt(&office.root(), &exempting(user, reason, false)).await);
    }
    assert!(people::exempt(&office.root(), &exempting("alice", "", true)).await.unwrap().changed);
    assert!(!people::exempt(&office.root(), &exempting("alice", "", true)).await.unwrap().changed);
}
