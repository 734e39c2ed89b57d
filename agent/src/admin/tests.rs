//! Administrators' commands on a store in memory, with accounts that exist nowhere.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use futures_util::FutureExt as _;
use sspr_config::{
    dialogue::Purpose,
    language::Language,
    settings::{self, Scope},
};

use super::{
    Desk, Error, codes,
    import::Imports,
    people, report, trail,
    wire::{AuditOf, Exempting, ImportBegin, ImportOutcome, ImportRows, Label, ReportOf, Row, User, Whom},
};
use crate::{
    account::{DIRECTORY, Id, Name},
    audit::{self, Event},
    clock::{Clock, Time},
    contact::{Contact, EmailAddress},
    credential::{
        Account as State, Aftermath, Change, NO_UID, Verdict,
        client::{Answer, Credentials},
    },
    dialogue::{Caller, Screen},
    helpdesk_codes, limits,
    outbox::{self, Letter},
    people::{Answer as Asked, People},
    proof::{Account, Attempt},
    random::SystemRandom,
    session::Session,
    snapshot::Snapshot,
    store::{
        HelpdeskCodes, Registrations,
        audit::{Query, Record},
        exemptions,
    },
    targets::{self, Living, Target},
};
use sspr_machine::listing::Listed;

const START: Time = 1_800_000_000;

struct Wall(AtomicI64);

impl Clock for Wall {
    fn now(&self) -> Time {
        self.0.load(Ordering::SeqCst)
    }
}

/// Accounts by name.
struct Accounts(BTreeMap<&'static str, State>);

impl Credentials for Accounts {
    fn account<'a>(&'a self, user: &'a str) -> Answer<'a, State> {
        let unknown = State { uid: NO_UID, verdict: Verdict::Unknown, admin: false, faillock_locked: false };
        Box::pin(async move { Ok(self.0.get(user).copied().unwrap_or(unknown)) })
    }

    fn verify<'a>(&'a self, _: &'a str, _: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async { panic!("no administrator needs a password") })
    }

    fn change<'a>(&'a self, _: &'a str, _: u32, _: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async { panic!("no administrator changes a password here") })
    }

    fn unlock<'a>(&'a self, _: &'a str, _: u32) -> Answer<'a, ()> {
        Box::pin(async { panic!("no administrator unlocks an account here") })
    }

    fn publish(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn aftermath<'a>(&'a self, _: &'a str, _: u32, _: bool) -> Answer<'a, Aftermath> {
        Box::pin(async { panic!("nothing is recovered here") })
    }
}

impl People for Accounts {
    fn uid(&self, name: &str) -> Option<u32> {
        self.0.get(name).filter(|state| state.verdict != Verdict::NotLocal).map(|state| state.uid)
    }

    fn name(&self, uid: u32) -> Asked<'_, Option<String>> {
        let found = self.0.iter().find(|(_, state)| state.uid == uid).map(|(name, _)| (*name).to_owned());
        Box::pin(async { found })
    }

    fn exists<'a>(&'a self, name: &'a str) -> Asked<'a, Option<bool>> {
        Box::pin(async { Some(self.0.contains_key(name)) })
    }

    fn local(&self) -> io::Result<Vec<(String, u32)>> {
        let local = self.0.iter().filter(|(_, state)| state.verdict != Verdict::NotLocal);
        Ok(local.map(|(name, state)| ((*name).to_owned(), state.uid)).collect())
    }

    fn listed(&self, scope: &Scope) -> io::Result<Vec<Listed>> {
        let people = self.0.iter().filter(|(_, state)| state.uid >= scope.min_uid);
        let listed = |(name, state): (&&str, &State)| Listed {
            name: (*name).to_owned(),
            uid: state.uid,
            enabled: state.verdict == Verdict::Eligible,
            admin: state.admin,
        };
        Ok(people.map(listed).collect())
    }
}

/// Rows of `name,email,phone`, from line 2 on.
fn numbered(rows: &[&str]) -> Vec<Row> {
    let row = |(line, row): (u64, &&str)| {
        let fields: Vec<&str> = row.split(',').collect();
        Row { line, name: fields[0].into(), email: fields[1].into(), phone: fields[2].into() }
    };
    (2..).zip(rows).map(row).collect()
}

struct Office {
    agent: Arc<Snapshot>,
    wall: Arc<Wall>,
}

impl Office {
    async fn with(text: &str) -> Self {
        let wall = Arc::new(Wall(AtomicI64::new(START)));
        let accounts = Arc::new(Accounts(BTreeMap::from([
            ("root", State { uid: 0, verdict: Verdict::System, admin: false, faillock_locked: false }),
            ("daemon", State { uid: 2, verdict: Verdict::System, admin: false, faillock_locked: false }),
            ("alice", State { uid: 1001, verdict: Verdict::Eligible, admin: false, faillock_locked: false }),
            ("bob", State { uid: 1002, verdict: Verdict::Eligible, admin: false, faillock_locked: false }),
            ("carol", State { uid: 1003, verdict: Verdict::Eligible, admin: true, faillock_locked: false }),
            ("locked", State { uid: 1004, verdict: Verdict::Locked, admin: false, faillock_locked: false }),
            ("outside", State { uid: 1005, verdict: Verdict::OutOfScope, admin: false, faillock_locked: false }),
            ("remote", State { uid: 1006, verdict: Verdict::NotLocal, admin: false, faillock_locked: false }),
        ])));
        let agent = Arc::new(Snapshot::for_tests(text, wall.clone(), accounts).await);
        Self { agent, wall }
    }

    async fn new() -> Self {
        Self::with("").await
    }

    /// Root, who was called by nobody.
    fn root(&self) -> Desk {
        Desk::new(self.agent.clone(), Label::default(), None).now_or_never().unwrap().unwrap()
    }

    fn by(&self, label: Label) -> Desk {
        Desk::new(self.agent.clone(), label, None).now_or_never().unwrap().unwrap()
    }

    async fn records(&self) -> Vec<Record> {
        trail::read(&self.agent, AuditOf::default()).await.unwrap()
    }

    async fn register(&self, name: &str, address: &str) {
        let uid = self.agent.people.uid(name).unwrap();
        let contact = Contact::Email(EmailAddress::parse(address).unwrap());
        let mut tx = self.agent.begin().await.unwrap();
        let (keys, now) = (&self.agent.keys, self.agent.now());
        Registrations::add_contact(&mut tx, keys, &SystemRandom, Name::local(name), Id::from(uid), &contact, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn contacts(&self, name: &str) -> Vec<String> {
        let shown = people::show(&self.root(), &whom(name, true)).await.unwrap();
        let mut contacts: Vec<String> = shown.contacts.into_iter().map(|contact| contact.contact).collect();
        contacts.sort();
        contacts
    }

    /// Imports rows of `name,email,phone`; what it came to.
    /// What a dry run lists, and what it finds wrong.
    async fn dry_run(&self, rows: &[&str]) -> ImportOutcome {
        let (imports, desk) = (Imports::default(), self.root());
        let import = imports.begin(&desk, CALLER, ImportBegin::default()).await.unwrap();
        let rows = ImportRows { handle: import.handle.clone(), rows: numbered(rows), list: true };
        let outcome = imports.rows(&desk, rows).await.unwrap();
        imports.cancel(&import.handle).await.unwrap();
        outcome
    }

    async fn import(&self, replace: bool, rows: &[&str]) -> ImportOutcome {
        let (imports, desk) = (Imports::default(), self.root());
        let import = imports.begin(&desk, CALLER, ImportBegin { replace }).await.unwrap();
        let rows = ImportRows { handle: import.handle.clone(), rows: numbered(rows), list: false };
        let faults = imports.rows(&desk, rows).await.unwrap().faults;
        let outcome = imports.commit(&desk, &import.handle).await.unwrap();
        ImportOutcome { faults, ..outcome }
    }

    /// As many wrong codes as rest the account.
    async fn wear_out(&self, name: &str) {
        let account = Account::new(&self.agent.keys, Name::local(name));
        let mut tx = self.agent.begin().await.unwrap();
        for (purpose, failures) in account.all_failures(&self.agent.keys) {
            for _ in 0..5 {
                if purpose == Purpose::Recover {
                    limits::failure(
                        &mut tx,
                        &self.agent.settings.limits,
                        (&failures, limits::Rests::Grow),
                        &[9; 32],
                        self.agent.now(),
                    )
                    .await
                    .unwrap();
                }
            }
        }
        tx.commit().await.unwrap();
    }

    async fn notes(&self) -> Vec<String> {
        let letters = outbox::tests_support::drain(&self.agent).await;
        letters
            .into_iter()
            .filter(|(letter, _)| matches!(letter, Letter::Note(_)))
            .map(|(_, message)| message.to().as_str().to_owned())
            .collect()
    }

    fn session(&self, name: &str, dialogue: &str) -> Session {
        let caller = Caller {
            uid: 0,
            service: "sshd".into(),
            source: "192.0.2.1".into(),
            screen: Screen::default(),
            language: None,
        };
        let attempt = Attempt {
            account: Account::new(&self.agent.keys, Name::local(name)),
            purpose: Purpose::Recover,
            dialogue: dialogue.into(),
            began: START,
            caller,
        };
        self.agent.session(Language::English, attempt)
    }
}

const CALLER: &str = ":1.7";

fn whom(name: &str, reveal: bool) -> Whom {
    Whom { user: name.into(), reveal }
}

fn why(result: Result<impl Sized, Error>) -> String {
    match result {
        Err(Error::Refused(why) | Error::NotFound(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

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
    // By login or by sudo: one is enough to be oneself.
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
async fn rows_are_imported_with_numbers_in_one_form_and_each_one_at_fault_is_named_with_the_reason() {
    let office = Office::with("[register]\nrefuse_email_domains = [\"corp.example\"]\n").await;
    let outcome = office
        .import(
            false,
            &[
                "alice,Alice@Example.org,090-1234-5678",
                "bob,,+44 7400 123456",
                "nobody,n@example.org,",
                "root,r@example.org,",
                "daemon,d@example.org,",
                "remote,r@example.org,",
                "alice,again@example.org,",
                "carol,c@mail.corp.example,",
                "outside,not an address,",
                "locked,,12",
                ",x@example.org,",
            ],
        )
        .await;
    assert_eq!((outcome.imported, outcome.replaced, outcome.unchanged), (2, 0, 0));
    assert_eq!(office.contacts("alice").await, ["+819012345678", "Alice@example.org"]);
    assert_eq!(office.contacts("bob").await, ["+447400123456"]);
    let faults: Vec<_> = outcome.faults.iter().map(|f| (f.line, f.name.as_str(), f.reason.as_str())).collect();
    for (place, (line, name, reason)) in [
        (4, "nobody", "there is no such account"),
        (5, "root", "root and system accounts"),
        (6, "daemon", "root and system accounts"),
        (7, "remote", "not kept on this machine"),
        (8, "alice", "in line 2 already"),
        (9, "carol", "refuse_email_domains"),
        (10, "outside", "email: An email address has an @ in it"),
        (11, "locked", "phone: A number like that can't receive text messages."),
        (12, "", "no account is named"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!((faults[place].0, faults[place].1), (line, name));
        assert!(faults[place].2.contains(reason), "{:?}", faults[place]);
    }
    assert_eq!(faults.len(), 9);
    assert!(outcome.read.is_empty(), "what was not asked for");
    let columns: Vec<&str> = outcome.faults.iter().map(|fault| fault.column.as_str()).collect();
    assert_eq!(columns[..8], ["name", "", "", "name", "name", "email", "email", "phone"]);
    let users = people::users(&office.agent).await.unwrap();
    let alice = users.iter().find(|user| user.name == "alice").unwrap();
    assert!(alice.capable && alice.methods == ["email", "phone"], "{alice:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_registered_is_replaced_only_where_that_is_asked_for_and_its_owner_is_told() {
    let office = Office::new().await;
    office.register("alice", "old@example.org").await;
    let outcome = office.import(false, &["alice,new@example.org,", "bob,bob@example.org,"]).await;
    assert!(outcome.faults[0].reason.contains("--replace"), "{outcome:?}");
    assert_eq!((outcome.imported, office.contacts("alice").await), (1, vec!["old@example.org".to_owned()]));
    // The same one again, and another method beside it, replace nothing.
    let outcome = office.import(false, &["alice,OLD@example.org,090-1234-5678", "bob,bob@example.org,"]).await;
    assert_eq!((outcome.imported, outcome.replaced, outcome.unchanged, outcome.faults.len()), (1, 0, 1, 0));
    assert!(office.notes().await.is_empty());
    let outcome = office.import(true, &["alice,new@example.org,"]).await;
    assert_eq!((outcome.imported, outcome.replaced), (1, 1));
    assert_eq!(office.contacts("alice").await, ["+819012345678", "new@example.org"]);
    assert_eq!(office.notes().await, ["old@example.org"]);
    let records = office.records().await;
    let imported: Vec<_> = records
        .iter()
        .filter(|r| r.event == "Security info imported (admin)")
        .map(|r| (r.account.as_str(), r.reason.as_str()))
        .collect();
    assert_eq!(imported, [("bob", "email"), ("alice", "phone"), ("alice", "email")]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_dry_run_lists_what_would_be_stored_masked_and_asks_about_numbers_that_may_have_lost_their_plus() {
    let office = Office::new().await;
    office.register("carol", "carol@example.org").await;
    let outcome = office
        .dry_run(&[
            "alice,Alice@Example.org,090-1234-5678",
            "bob,,447911123456",
            "carol,carol@example.org,",
            "locked,,03-1234-5678",
            "outside,,+44 7911 123456",
        ])
        .await;
    let read: Vec<_> = outcome.read.iter().map(|row| (row.line, row.name.as_str(), row.contacts.join(" "))).collect();
    assert_eq!(
        read,
        [(2, "alice", "A***@e***.org +81 ** **** **78".to_owned()), (6, "outside", "+44 ** **** **56".to_owned()),]
    );
    let faults: Vec<_> = outcome.faults.iter().map(|f| (f.line, f.column.as_str(), f.reason.as_str())).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].0 == 3 && faults[0].1 == "phone" && faults[0].2.contains("lost its plus sign"), "{faults:?}");
    assert!(faults[1].0 == 5 && faults[1].2.contains("a fixed line"), "{faults:?}");
    assert!(office.contacts("alice").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn an_import_that_is_not_committed_or_meets_a_registration_made_meanwhile_writes_nothing() {
    let office = Office::new().await;
    let (imports, desk) = (Imports::default(), office.root());
    let row = |name: &str| Row { line: 2, name: name.into(), email: format!("{name}@example.org"), ..Row::default() };
    let import = imports.begin(&desk, CALLER, ImportBegin::default()).await.unwrap();
    let rows = ImportRows { handle: import.handle.clone(), rows: vec![row("alice"), row("bob")], list: false };
    assert_eq!(imports.rows(&desk, rows).await.unwrap().imported, 2);
    assert!(office.contacts("alice").await.is_empty(), "checked, not written");
    assert!(why(imports.begin(&desk, CALLER, ImportBegin::default()).await).contains("another import"));
    assert!(why(imports.commit(&desk, "some other handle").await).contains("no such import"));
    office.register("bob", "meanwhile@example.org").await;
    assert!(why(imports.commit(&desk, &import.handle).await).contains("nothing was imported"));
    assert!(office.contacts("alice").await.is_empty(), "all or nothing");
    assert_eq!(office.contacts("bob").await, ["meanwhile@example.org"]);
    assert!(why(imports.commit(&desk, &import.handle).await).contains("no such import"));
    imports.begin(&desk, CALLER, ImportBegin::default()).await.unwrap();
    imports.gone(":1.8").await;
    assert!(why(imports.begin(&desk, CALLER, ImportBegin::default()).await).contains("another import"));
    imports.gone(CALLER).await;
    imports.begin(&desk, CALLER, ImportBegin::default()).await.unwrap();
}

/// Between the check of the rows and their writing a person may register: that contact is replaced as any other is, and is told.
#[tokio::test(flavor = "current_thread")]
async fn what_was_registered_while_an_import_was_checked_is_replaced_with_a_note_to_it() {
    let office = Office::new().await;
    let (imports, desk) = (Imports::default(), office.root());
    let import = imports.begin(&desk, CALLER, ImportBegin { replace: true }).await.unwrap();
    let rows = ["alice,new@example.org,", "bob,bob@example.org,"];
    let rows = ImportRows { handle: import.handle.clone(), rows: numbered(&rows), list: false };
    let checked = imports.rows(&desk, rows).await.unwrap();
    assert_eq!((checked.imported, checked.replaced), (2, 0));
    office.register("alice", "meanwhile@example.org").await;
    office.register("bob", "bob@example.org").await;
    let outcome = imports.commit(&desk, &import.handle).await.unwrap();
    assert_eq!((outcome.imported, outcome.replaced), (2, 1));
    assert_eq!(office.contacts("alice").await, ["new@example.org"]);
    assert_eq!(office.notes().await, ["meanwhile@example.org"]);
}

#[tokio::test(flavor = "current_thread")]
async fn contacts_that_wait_for_their_owner_are_good_for_nothing_and_imported_again_as_usable_they_are() {
    let office = Office::with("[register]\nimported = \"confirm\"\n").await;
    let outcome = office.import(false, &["alice,alice@example.org,"]).await;
    assert!(!outcome.usable && outcome.imported == 1);
    let shown = people::show(&office.root(), &whom("alice", false)).await.unwrap();
    assert_eq!((shown.user.methods.len(), shown.user.unconfirmed.as_slice()), (0, &["email".to_owned()][..]));
    assert!(!shown.user.registered && !shown.contacts[0].usable);
    let usable = settings::parse("[scope]\nenable = \"all\"\n", std::path::Path::new("test.toml")).unwrap();
    let office = Office { agent: office.agent.with_settings(usable), wall: office.wall };
    assert_eq!(office.import(false, &["alice,alice@example.org,"]).await.imported, 1);
    let shown = people::show(&office.root(), &whom("alice", false)).await.unwrap();
    assert!(shown.user.capable && shown.contacts.len() == 1 && shown.contacts[0].usable, "{shown:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_registration_of_another_uid_is_shown_to_nobody_and_an_import_drops_it() {
    let office = Office::new().await;
    office.register("alice", "before@example.org").await;
    {
        let mut tx = office.agent.begin().await.unwrap();
        sqlx::query("UPDATE registration SET id = '4711'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    let shown = people::show(&office.root(), &whom("alice", true)).await.unwrap();
    assert!(shown.contacts.is_empty() && shown.user.methods.is_empty() && shown.since.is_none(), "{shown:?}");
    let outcome = office.import(false, &["alice,alice@example.org,"]).await;
    assert_eq!((outcome.imported, outcome.faults.len()), (1, 0));
    assert_eq!(office.contacts("alice").await, ["alice@example.org"]);
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
    let report = report::report(&office.agent, ReportOf { days: 1 }).await.unwrap();
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
        // Made again with another uid; and imported, so that it waits for its owner.
        "UPDATE registration SET id = '77' WHERE name = 'bob'",
        "UPDATE contact SET usable = 0 WHERE name = 'locked'",
        "INSERT INTO authenticator (realm, name, sealed, last_step, created) \
         VALUES ('local', 'bob', x'', 0, 0), ('local', 'carol', x'', 0, 0), ('local', 'locked', x'', 0, 0)",
        "INSERT INTO recovery_code (realm, name, code, created, used) VALUES ('local', 'alice', x'00', 0, NULL), \
         ('local', 'alice', x'01', 0, NULL), ('local', 'bob', x'02', 0, NULL), ('local', 'carol', x'03', 0, 1)",
        "INSERT INTO exemption VALUES ('local', 'outside', '1005', '', '', 0), ('local', 'bob', '77', '', '', 0)",
    ] {
        sqlx::query(statement).execute(office.agent.store.session().await.connection()).await.unwrap();
    }
    office.wear_out("alice").await;
    let users = people::users(&office.agent).await.unwrap();
    let report = report::report(&office.agent, ReportOf { days: 1 }).await.unwrap();
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
async fn what_is_forgotten_is_gone_with_its_codes_and_its_contacts_are_told() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    codes::issue(&office.root(), "alice").await.unwrap();
    assert!(people::forget(&office.root(), "alice").await.unwrap().changed);
    assert_eq!(office.notes().await, ["alice@example.org"]);
    let shown = people::show(&office.root(), &whom("alice", true)).await.unwrap();
    assert!(shown.contacts.is_empty() && shown.helpdesk_code.is_none() && shown.since.is_none(), "{shown:?}");
    assert!(!people::forget(&office.root(), "alice").await.unwrap().changed);
    assert!(why(people::forget(&office.root(), "nobody").await).contains("no such account"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_exemption_is_given_with_a_reason_and_taken_back() {
    let office = Office::new().await;
    let exempting = |user: &str, reason: &str, remove| Exempting { user: user.into(), reason: reason.into(), remove };
    for (reason, changed) in [("a mistake", true), ("a robot", true), ("a robot", false)] {
        let done = people::exempt(&office.root(), &exempting("alice", reason, false)).await.unwrap();
        assert_eq!(done.changed, changed, "{reason}");
    }
    assert!(
        exemptions::holds(office.agent.store.session().await.connection(), Name::local("alice"), Id::from(1001))
            .await
            .unwrap()
    );
    let shown = people::show(&office.root(), &whom("alice", false)).await.unwrap();
    assert!(shown.user.exempt && shown.exemption.is_some_and(|e| e.reason == "a robot" && e.issuer == "root"));
    for (user, reason) in [("root", ""), ("nobody", ""), ("alice", "two\nlines"), ("alice", &"x".repeat(201))] {
        why(people::exempt(&office.root(), &exempting(user, reason, false)).await);
    }
    assert!(people::exempt(&office.root(), &exempting("alice", "", true)).await.unwrap().changed);
    assert!(!people::exempt(&office.root(), &exempting("alice", "", true)).await.unwrap().changed);
}

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
    let report = report::report(&office.agent, ReportOf { days: 1 }).await.unwrap();
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
        audit::drain(&office.agent).await.unwrap();
        crate::outbox::prune(&office.agent).await.unwrap();
    };
    happens().await;
    office.wall.0.fetch_add(401 * DAY, Ordering::Relaxed);
    happens().await;
    assert_eq!(left().await, 2, "the clock may be wrong");
    office.wall.0.fetch_add(8 * DAY, Ordering::Relaxed);
    happens().await;
    assert_eq!(left().await, 2, "the first is gone");
    // Where records are kept for a day alone, half of that is enough.
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
    let writer = tokio::spawn(audit::run(office.agent.clone()));
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
    let mut session = office.agent.store.session().await;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM audit").fetch_one(session.connection()).await.unwrap();
    assert_eq!(rows, 8192, "what finds no room is in the journal alone");
}

#[tokio::test(flavor = "current_thread")]
async fn a_store_that_fails_keeps_records_waiting_until_it_works_again() {
    let office = Office::new().await;
    let case = office.session("alice", "d1");
    case.record(Event::CodeAsked, "first");
    let table = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    let sql = async |statement: String| {
        let mut session = office.agent.store.session().await;
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(session.connection()).await.unwrap();
    };
    sql(table("audit", "gone")).await;
    assert!(audit::drain(&office.agent).await.is_err());
    case.record(Event::CodeAsked, "second");
    sql(table("gone", "audit")).await;
    let records = office.records().await;
    assert_eq!(records.iter().map(|r| r.reason.as_str()).collect::<Vec<_>>(), ["first", "second"]);
}

#[test]
fn the_process_behind_an_administrators_name_is_recorded_as_one_line_of_bounded_length() {
    assert_eq!(
        super::called_by(Some(4711), "system.slice/run-u5.service"),
        "process 4711 in system.slice/run-u5.service"
    );
    assert_eq!(super::called_by(Some(4711), ""), "process 4711");
    let long = super::called_by(None, &format!("a\n\u{1b}[2J{}", "b".repeat(5000)));
    assert!(long.starts_with("unknown process in a[2Jb") && long.len() < 200, "{long}");
}

/// A directory that has some of the names.
struct Directory;

impl Target for Directory {
    fn realm(&self) -> &'static str {
        DIRECTORY
    }

    fn is_far(&self) -> bool {
        true
    }

    fn known(&self, _: &str) -> Option<Id> {
        None
    }

    fn living(&self) -> io::Result<Living> {
        Ok(Living::Untold)
    }

    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, targets::State> {
        let (id, verdict) = match name {
            "alice" | "dora" => (Id::parse("5f3c1f0e-1b0a").unwrap(), Verdict::Eligible),
            "bob" => (Id::parse("77777777-1b0a").unwrap(), Verdict::Locked),
            _ => (Id::NONE, Verdict::Unknown),
        };
        Box::pin(async move { Ok(targets::State { id, verdict, admin: false, locked: false }) })
    }

    fn verify<'a>(&'a self, _: &'a str, _: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async { panic!("no administrator needs a password") })
    }

    fn change<'a>(&'a self, _: &'a str, _: Id, _: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async { panic!("no administrator changes a password here") })
    }

    fn unlock<'a>(&'a self, _: &'a str, _: Id) -> Answer<'a, ()> {
        Box::pin(async { panic!("no administrator unlocks an account here") })
    }

    fn after<'a>(&'a self, _: &'a str, _: Id, _: bool) -> Answer<'a, Aftermath> {
        Box::pin(async { panic!("nothing is recovered here") })
    }
}

async fn with_directory() -> Office {
    let mut office = Office::with(
        "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://ldap.example.org\"]\nbase = \"dc=example,dc=org\"\n\
         bind = \"cn=reset\"\npassword_file = \"/secret\"\ndomains = [\"EXAMPLE\"]\n",
    )
    .await;
    office.agent = office.agent.with_services(|services| {
        services.targets = services.targets.clone().with(Arc::new(Directory));
    });
    office
}

#[tokio::test(flavor = "current_thread")]
async fn what_a_local_account_registered_is_kept_for_the_one_of_the_directory_only_where_that_may_have_it() {
    let office = with_directory().await;
    for name in ["alice", "bob", "carol"] {
        office.register(name, &format!("{name}@example.org")).await;
    }
    let adopt = async |name: &str| super::adopt::adopt(&office.root(), name).await;
    // Closed, unknown to the directory, and without anything.
    for (name, why) in [("bob", "can't take anything over"), ("carol", "no such account"), ("dora", "no such account")]
    {
        assert!(adopt(name).await.unwrap_err().to_string().contains(why), "{name}");
    }
    assert!(adopt("alice").await.unwrap().changed);
    assert_eq!(adopt("alice").await, Err(Error::NotFound("there is no such account".into())));
    // The bare name is the local account's as long as it is there.
    assert_eq!(office.contacts("alice").await, <[String; 0]>::default());
    assert_eq!(office.contacts("EXAMPLE\\Alice").await, ["alice@example.org"]);
    // It does not take the place of what the person registered.
    office.register("alice", "other@example.org").await;
    assert!(adopt("alice").await.unwrap_err().to_string().contains("has registered already"));
    assert_eq!(office.contacts("alice").await, ["other@example.org"]);
}

#[tokio::test(flavor = "current_thread")]
async fn people_of_the_directory_are_listed_once_they_registered_and_their_suspension_is_their_own() {
    let office = with_directory().await;
    office.register("alice", "alice@example.org").await;
    super::adopt::adopt(&office.root(), "alice").await.unwrap();
    office.wear_out("alice").await;
    let users = people::users(&office.agent).await.unwrap();
    let alices: Vec<_> = users.iter().filter(|user| user.name == "alice").collect();
    assert_eq!(alices.len(), 2);
    for alice in alices {
        let theirs = alice.uid == NO_UID;
        assert_eq!((alice.registered, alice.rests_for.is_some()), (theirs, !theirs));
    }
    let code = codes::issue(&office.by(Label { sudo: Some(1001), login: None }), "EXAMPLE\\dora").await;
    assert!(code.is_ok(), "{:?}", code.err());
}

#[tokio::test(flavor = "current_thread")]
async fn an_administrator_of_the_directory_gets_no_code_for_themselves_by_whichever_of_their_names_they_came() {
    let office = with_directory().await;
    for own in [["EXAMPLE\\Dora", "carol"], ["carol", "dora"]] {
        let mut desk = office.by(Label { sudo: Some(1003), login: Some(1002) });
        desk.names = own.iter().map(|name| Some((*name).to_owned())).collect();
        assert!(why(codes::issue(&desk, "EXAMPLE\\dora").await).contains("your own account"), "{own:?}");
    }
    // One of the uids is nobody's here: it may be dora's.
    let carol = Label { sudo: Some(1003), login: Some(4711) };
    assert!(why(codes::issue(&office.by(carol), "EXAMPLE\\dora").await).contains("can't tell your name"));
    // An account of this host's is known by its uid.
    codes::issue(&office.by(carol), "bob").await.unwrap();
    let refused = office.records().await.iter().filter(|record| record.outcome == "failure").count();
    assert_eq!(refused, 3);
}
