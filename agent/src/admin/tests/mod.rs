//! Administrators' commands on a store in memory, with made-up accounts.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use futures_util::FutureExt as _;
use sspr_config::{dialogue::Purpose, language::Language, settings::Scope};

use super::{
    AdminCall, Error,
    import::Imports,
    people, trail,
    wire::{AuditOf, ImportBegin, ImportOutcome, ImportRows, Label, Row, Whom},
};
use crate::{
    account::{Id, Name},
    clock::{Clock, Time},
    contact::{Contact, EmailAddress},
    credential::{
        Account as State, Aftermath, Change, NO_UID, Verdict,
        client::{Answer, Credentials},
    },
    dialogue::{Caller, Screen},
    limits,
    outbox::OutboxMessage,
    people::{Answer as Asked, People},
    proof::{Account, Attempt},
    random::SystemRandom,
    sender,
    session::Session,
    snapshot::Snapshot,
    store::{Registrations, audit::Record},
};
use sspr_machine::listing::Listed;

mod accounts;
mod compliance;
mod directory;
mod entra;
mod helpdesk;
mod imports;
mod of_hosts;
mod state;
mod sync;
mod target;
mod trails;
mod verify;

const START: Time = 1_800_000_000;

struct Wall(AtomicI64);

impl Clock for Wall {
    fn now(&self) -> Time {
        self.0.load(Ordering::SeqCst)
    }
}

/// Users, and the group of each.
const GROUPS: [(&str, &str); 4] = [("carol", "sudo"), ("dora", "desk"), ("dirk", "desk"), ("erin", "docker")];

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

    fn member_of<'a>(
        &'a self,
        name: &'a str,
        uid: Option<u32>,
        groups: Vec<String>,
    ) -> Asked<'a, Option<BTreeSet<String>>> {
        let found = self.0.get(name).filter(|state| uid.is_none_or(|uid| uid == state.uid));
        let of = GROUPS.iter().filter(|(member, _)| *member == name).map(|(_, group)| (*group).to_owned());
        let of: BTreeSet<String> = of.filter(|group| groups.contains(group)).collect();
        let told = found.filter(|_| name != "untold").map(|_| of);
        Box::pin(async { told })
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

    fn members(&self, _: &Scope, groups: &[String]) -> io::Result<HashMap<String, BTreeSet<String>>> {
        let of = |name: &str| groups.iter().filter(|group| group_of(group).contains(&name)).cloned().collect();
        Ok(self.0.keys().map(|name| ((*name).to_owned(), of(name))).collect())
    }

    fn is_group(&self, name: &str) -> bool {
        !group_of(name).is_empty()
    }
}

/// The members of a group; empty if there is no such group.
fn group_of(name: &str) -> &[&str] {
    match name {
        "staff" => &["alice", "carol"],
        "sudo" => &["carol"],
        _ => &[],
    }
}

/// Rows of `name,email,phone`, from line 2 on.
fn numbered(rows: &[&str]) -> Vec<Row> {
    let row = |(line, row): (u64, &&str)| {
        let fields: Vec<&str> = row.split(',').collect();
        Row { line, name: fields[0].into(), email: fields[1].into(), phone: fields[2].into(), ..Row::default() }
    };
    (2..).zip(rows).map(row).collect()
}

struct Office {
    agent: Arc<Snapshot>,
    wall: Arc<Wall>,
}

impl Office {
    async fn with(text: &str) -> Self {
        Self::and(text, &[]).await
    }

    /// An office with these settings and more accounts, each with its uid.
    async fn and(text: &str, more: &[(&'static str, u32)]) -> Self {
        let wall = Arc::new(Wall(AtomicI64::new(START)));
        let more = more.iter().map(|(name, uid)| {
            (*name, State { uid: *uid, verdict: Verdict::Eligible, admin: false, faillock_locked: false })
        });
        let accounts = Arc::new(Accounts(
            BTreeMap::from([
                ("root", State { uid: 0, verdict: Verdict::System, admin: false, faillock_locked: false }),
                ("daemon", State { uid: 2, verdict: Verdict::System, admin: false, faillock_locked: false }),
                ("alice", State { uid: 1001, verdict: Verdict::Eligible, admin: false, faillock_locked: false }),
                ("bob", State { uid: 1002, verdict: Verdict::Eligible, admin: false, faillock_locked: false }),
                ("carol", State { uid: 1003, verdict: Verdict::Eligible, admin: true, faillock_locked: false }),
                ("locked", State { uid: 1004, verdict: Verdict::Locked, admin: false, faillock_locked: false }),
                ("outside", State { uid: 1005, verdict: Verdict::OutOfScope, admin: false, faillock_locked: false }),
                ("remote", State { uid: 1006, verdict: Verdict::NotLocal, admin: false, faillock_locked: false }),
            ])
            .into_iter()
            .chain(more)
            .collect(),
        ));
        let agent = Arc::new(Snapshot::for_tests(text, wall.clone(), accounts).await);
        Self { agent, wall }
    }

    async fn new() -> Self {
        Self::with("").await
    }

    /// A call by root, without a user behind it.
    fn root(&self) -> AdminCall {
        AdminCall::new(self.agent.clone(), Label::default(), None).now_or_never().unwrap().unwrap()
    }

    fn by(&self, label: Label) -> AdminCall {
        AdminCall::new(self.agent.clone(), label, None).now_or_never().unwrap().unwrap()
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

    /// The outcome of a dry run: the listed rows, and the faults.
    async fn dry_run(&self, rows: &[&str]) -> ImportOutcome {
        let (imports, call) = (Imports::default(), self.root());
        let import = imports.begin(&call, CALLER, ImportBegin::default()).unwrap();
        let rows = ImportRows { handle: import.handle.clone(), rows: numbered(rows), list: true };
        let outcome = imports.rows(&call, rows).await.unwrap();
        imports.cancel(&import.handle).await.unwrap();
        outcome
    }

    /// Imports rows of `name,email,phone`, and returns the outcome.
    async fn import(&self, replace: bool, rows: &[&str]) -> ImportOutcome {
        let (imports, call) = (Imports::default(), self.root());
        let import = imports.begin(&call, CALLER, ImportBegin { replace }).unwrap();
        let rows = ImportRows { handle: import.handle.clone(), rows: numbered(rows), list: false };
        let faults = imports.rows(&call, rows).await.unwrap().faults;
        let outcome = imports.commit(&call, &import.handle).await.unwrap();
        ImportOutcome { faults, ..outcome }
    }

    /// Counts as many wrong codes as suspend the account's self-service.
    async fn wear_out(&self, name: &str) {
        let account = Account::new(&self.agent.keys, Name::local(name));
        let mut tx = self.agent.begin().await.unwrap();
        for (purpose, failures) in account.all_failures(&self.agent.keys) {
            for _ in 0..5 {
                if purpose == Purpose::Recover {
                    limits::failure(
                        &mut tx,
                        &self.agent.settings.limits,
                        (&failures, limits::Suspensions::Grow),
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

    async fn notifications(&self) -> Vec<String> {
        let drained = sender::tests_support::drain(&self.agent).await;
        drained
            .into_iter()
            .filter(|(queued, _)| matches!(queued, OutboxMessage::Notification(_)))
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
            host: None,
        };
        let attempt = Attempt {
            account: Account::new(&self.agent.keys, Name::local(name)),
            purpose: Purpose::Recover,
            dialogue: dialogue.into(),
            began: START,
            resumed: false,
            caller,
        };
        self.agent.session(Language::English, attempt)
    }
}

const CALLER: &str = ":1.7";

fn whom(name: &str, reveal: bool) -> Whom {
    Whom { user: name.into(), reveal, local: false }
}

fn why(result: Result<impl Sized, Error>) -> String {
    match result {
        Err(Error::Refused(why) | Error::NotFound(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}
