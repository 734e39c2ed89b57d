//! The world of a dialogue test: accounts, a clock that is turned by hand, and a mailbox that reads the real outbox.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
};
use tokio::time::Instant;

use crate::{
    account::{Id, Name},
    clock::{Clock, Time, Wait},
    contact::{Contact, EmailAddress, PhoneNumber},
    credential::{Account as State, Verdict},
    dialogue::{Caller, Conversation, Ending, Screen, Stop, hold},
    notifications::Changed,
    outbox::OutboxMessage,
    proof::{Account, Attempt},
    random::{self, SystemRandom},
    recovery_codes, sender,
    settled::Settled,
    snapshot::{Snapshot, settings_for_tests},
    store::{Authenticators, HelpdeskCodes, RecoveryCodes, Registrations, Store, helpdesk_codes::Issue, sql},
    totp,
};

pub(super) mod directory;
mod helper;
mod person;

use helper::{Accounts, Helper};
pub(super) use person::Person;

pub(super) const START: Time = 1_800_000_000;

/// The clock on the wall of the test. No test waits for it: the end of each wait is noted, and others have their turn.
#[derive(Default)]
struct Wall {
    now: AtomicI64,
    awaited: Mutex<Option<Instant>>,
}

impl Clock for Wall {
    fn now(&self) -> Time {
        self.now.load(Ordering::SeqCst)
    }

    fn until(&self, moment: Instant) -> Wait<'_> {
        *self.awaited.lock().unwrap() = Some(moment);
        Box::pin(tokio::task::yield_now())
    }
}

pub(super) struct World {
    pub(super) agent: Arc<Snapshot>,
    helper: Arc<Helper>,
    wall: Arc<Wall>,
    /// What people are spoken to in.
    pub(super) language: Language,
}

impl World {
    /// A host that serves everybody, with `settings` on top.
    pub(super) async fn with(settings: &str) -> Self {
        let (helper, wall) = (Arc::new(Helper::default()), Arc::new(Wall::default()));
        wall.now.store(START, Ordering::SeqCst);
        let agent = Arc::new(Snapshot::for_tests(settings, wall.clone(), helper.clone()).await);
        let world = Self { agent, helper, wall, language: Language::English };
        for (name, uid) in [("alice", 1001), ("bob", 1002), ("carol", 1003), ("dave", 1004)] {
            world.account(name, uid, Verdict::Eligible);
        }
        world
    }

    /// The same host after its administrator changed the settings.
    pub(super) fn set(&self, settings: &str) -> Self {
        let agent = self.agent.with_settings(settings_for_tests(settings));
        Self { agent, helper: self.helper.clone(), wall: self.wall.clone(), language: self.language }
    }

    /// The same host in another country.
    pub(super) fn speaking(&self, language: Language) -> Self {
        let (helper, wall) = (self.helper.clone(), self.wall.clone());
        Self { agent: self.agent.clone(), helper, wall, language }
    }

    /// The same host after its administrator left `name` out.
    pub(super) fn excluding(&self, name: &str) -> Self {
        let mut settings = (*self.agent.settings).clone();
        settings.scope.exclude.push(name.into());
        let agent = self.agent.with_settings(settings);
        Self { agent, helper: self.helper.clone(), wall: self.wall.clone(), language: self.language }
    }

    /// The same host, on which wrong codes are without end.
    pub(super) fn without_suspensions(&self) -> Self {
        let mut settings = (*self.agent.settings).clone();
        settings.limits.failed_proofs = 1000;
        let agent = self.agent.with_settings(settings);
        Self { agent, helper: self.helper.clone(), wall: self.wall.clone(), language: self.language }
    }

    /// The same host with another store.
    pub(super) fn with_store(&self, store: Store) -> Self {
        let store = Arc::new(store);
        let agent = self.agent.with_services(|services| services.store = store);
        Self { agent, helper: self.helper.clone(), wall: self.wall.clone(), language: self.language }
    }

    /// The same host, keeping notes for the module in `directory`.
    pub(super) fn noting(&self, directory: &std::path::Path) -> Self {
        let agent = Arc::new(Snapshot { settled: Arc::new(Settled::new(directory)), ..(*self.agent).clone() });
        Self { agent, helper: self.helper.clone(), wall: self.wall.clone(), language: self.language }
    }

    pub(super) async fn new() -> Self {
        Self::with("").await
    }

    pub(super) fn account(&self, name: &str, uid: u32, verdict: Verdict) {
        let mut accounts = self.accounts();
        accounts.states.insert(name.into(), State { uid, verdict, admin: false, faillock_locked: false });
        accounts.passwords.insert(name.into(), "the old one".into());
    }

    pub(super) fn accounts(&self) -> std::sync::MutexGuard<'_, Accounts> {
        self.helper.accounts()
    }

    pub(super) fn later(&self, seconds: Time) {
        self.wall.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Until when a dialogue would have waited last.
    #[cfg(test)]
    pub(super) fn awaited(&self) -> Instant {
        self.wall.awaited.lock().unwrap().expect("a dialogue that keeps time")
    }

    pub(super) async fn register(&self, name: &str, contact: &Contact) {
        let uid = self.accounts().states[name].uid;
        let mut tx = self.agent.begin().await.unwrap();
        Registrations::add_contact(
            &mut tx,
            &self.agent.keys,
            &SystemRandom,
            Name::local(name),
            Id::from(uid),
            contact,
            self.agent.now(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// An administrator enters a contact.
    pub(super) async fn import(&self, name: &str, contact: &Contact, usable: bool) {
        let uid = self.accounts().states[name].uid;
        let (keys, now) = (&self.agent.keys, self.agent.now());
        let mut tx = self.agent.begin().await.unwrap();
        Registrations::import_contact(
            &mut tx,
            keys,
            &SystemRandom,
            Name::local(name),
            Id::from(uid),
            contact,
            usable,
            now,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Registers an address at a question for one.
    pub(super) async fn types_email(&self, person: &mut Person, address: &str) {
        person.answers("Which email", address).await;
        person.answers("on its way", "xxxxxx").await;
        let code = self.the_code().await;
        person.answers("6 digits", &code).await;
    }

    /// Shows at a question for a proof that the registered mailbox is at hand.
    pub(super) async fn proves_by_email(&self, person: &mut Person) {
        person.answers("How do you want", "e").await;
        person.answers("on its way", "xxxxxx").await;
        let code = self.the_code().await;
        person.answers("Type the code", &code).await;
    }

    /// Registers an authenticator app; its secret.
    pub(super) async fn register_app(&self, name: &str) -> totp::Secret {
        let uid = self.accounts().states[name].uid;
        let (agent, now) = (&self.agent, self.agent.now());
        let secret = totp::secret(&SystemRandom).unwrap();
        let mut tx = agent.begin().await.unwrap();
        Authenticators::put(
            &mut tx,
            &agent.keys,
            &SystemRandom,
            Name::local(name),
            Id::from(uid),
            &secret,
            totp::step_at(now) - 1,
            now,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        secret
    }

    /// What an app with `secret` shows now.
    pub(super) fn shown(&self, secret: &totp::Secret) -> String {
        totp::shown(secret, self.agent.now())
    }

    /// Gives a registered user ten recovery codes.
    pub(super) async fn recovery_codes(&self, name: &str) -> Vec<String> {
        let agent = &self.agent;
        let codes = recovery_codes::make(&SystemRandom).unwrap();
        let mut tx = agent.begin().await.unwrap();
        let now = agent.now();
        let batch = RecoveryCodes::replace(&mut tx, &agent.keys, Name::local(name), &codes, now).await.unwrap();
        RecoveryCodes::seen(&mut tx, Name::local(name), batch, now).await.unwrap();
        tx.commit().await.unwrap();
        codes.iter().map(|code| recovery_codes::shown(code).to_string()).collect()
    }

    /// A code from the help desk for the account as it is now, good for an hour.
    pub(super) async fn helpdesk_code(&self, name: &str) -> String {
        let uid = self.accounts().states[name].uid;
        let (agent, now) = (&self.agent, self.agent.now());
        let issue = Issue { name: Name::local(name), id: Id::from(uid), issuer: "carol", now, expires: now + 3600 };
        let mut tx = agent.begin().await.unwrap();
        let code = HelpdeskCodes::issue(&mut tx, &agent.keys, &SystemRandom, issue).await.unwrap();
        tx.commit().await.unwrap();
        code.to_string()
    }

    /// Runs one statement on the store.
    pub(super) async fn sql(&self, statement: &'static str) {
        let mut session = self.agent.store.session().await.unwrap();
        sql::query(statement).execute(session.connection()).await.unwrap();
    }

    /// The outbox sends what is due while the mail server does not answer.
    #[cfg(test)]
    pub(super) async fn no_mail_leaves(&self) {
        let spool = tempfile::tempdir().unwrap();
        sender::tests_support::send(&self.agent, &super::outage::down(&spool.path().join("spool"))).await;
    }

    /// A person at the console, where what is typed comes through for every name.
    pub(super) fn at_the_console(&self, name: &str) -> Person {
        self.dialogue_at("login", Purpose::Recover, name, 0, "tty1")
    }

    pub(super) async fn registered(&self, name: &str) -> Vec<String> {
        let mut tx = self.agent.begin().await.unwrap();
        let registration = Registrations::get(&mut tx, &self.agent.keys, Name::local(name)).await.unwrap();
        registration.map(|r| r.contacts.iter().map(|c| c.contact.as_str().to_owned()).collect()).unwrap_or_default()
    }

    /// What would be sent now, decoys left out: (to, code or kind of note). Empties the outbox.
    pub(super) async fn mailbox(&self) -> Vec<(String, String)> {
        sender::tests_support::drain(&self.agent)
            .await
            .into_iter()
            .map(|(queued, message)| {
                let to = message.to().as_str().to_owned();
                match queued {
                    OutboxMessage::Code(code) => (to, code.code.to_string()),
                    OutboxMessage::Notification(note) => match note.change {
                        Some(change) => (to, said(&change)),
                        None => (to, format!("{:?}", note.kind)),
                    },
                }
            })
            .collect()
    }

    pub(super) async fn the_code(&self) -> String {
        let mail = self.mailbox().await;
        assert_eq!(mail.len(), 1, "{mail:?}");
        mail[0].1.clone()
    }

    pub(super) fn dialogue(&self, purpose: Purpose, name: &str, uid: u32) -> Person {
        self.dialogue_from(purpose, name, uid, "192.0.2.1")
    }

    pub(super) fn dialogue_from(&self, purpose: Purpose, name: &str, uid: u32, source: &str) -> Person {
        self.dialogue_at("sshd", purpose, name, uid, source)
    }

    pub(super) fn dialogue_at(&self, service: &str, purpose: Purpose, name: &str, uid: u32, source: &str) -> Person {
        let screen = Screen { utf8: service == "sshd", text_console: false };
        self.dialogue_before(screen, service, purpose, name, uid, source)
    }

    pub(super) fn dialogue_before(
        &self,
        screen: Screen,
        service: &str,
        purpose: Purpose,
        name: &str,
        uid: u32,
        source: &str,
    ) -> Person {
        let caller = Caller { uid, service: service.into(), source: source.into(), screen, language: None, host: None };
        let account = Account::new(&self.agent.keys, self.agent.place(name).name()).typed(name);
        let attempt = Attempt {
            // A user who has signed in, or is in a shell, has an account by that name.
            account: if purpose == Purpose::Recover { account } else { account.vouched() },
            purpose,
            dialogue: random::handle(&SystemRandom).unwrap(),
            began: self.agent.now(),
            resumed: false,
            caller,
        };
        let s = self.agent.session(self.language, attempt);
        let deadline = Instant::now() + Duration::from_mins(1);
        let (conversation, steps, answers) = Conversation::new(s.texts.clone(), s.clock.clone(), deadline);
        let mut conversation = conversation.held_for(purpose).carried_afar(service == "sshd");
        let last_word = conversation.last_word();
        let unshown = Arc::new(AtomicBool::new(false));
        let left = unshown.clone();
        tokio::spawn(async move {
            let held = hold(&mut conversation, &s).await;
            left.store(conversation.left_unshown(), Ordering::SeqCst);
            let ending = match held {
                Ok(ending) | Err(Stop::Over(ending)) => ending,
                Err(stop @ (Stop::Gone | Stop::Misread)) => match stop.ending(&conversation, &s) {
                    Some(ending) => ending,
                    None => return,
                },
                Err(Stop::Failed(error)) => Ending { standing: Standing::Refused, text: format!("failed: {error}") },
            };
            conversation.end(ending.standing, ending.text).await;
        });
        Person {
            steps,
            answers: Some(answers),
            screen: Vec::new(),
            bound: false,
            last_word,
            vouched: true,
            untold: false,
            unshown,
        }
    }

    pub(super) fn forgets(&self, name: &str) -> Person {
        self.dialogue(Purpose::Recover, name, 0)
    }

    /// Whether a user who leaves a reset after these answers may have a client that could not show the next question.
    pub(super) async fn left_at(&self, service: &str, answers: &[&str]) -> bool {
        let mut person = self.dialogue_at(service, Purpose::Recover, "alice", 0, "192.0.2.1");
        for answer in answers {
            person.answers("", answer).await;
        }
        person.step().await.expect("a question");
        let unshown = person.unshown.clone();
        person.leaves().await;
        unshown.load(Ordering::SeqCst)
    }

    /// Signs in at the console, where every question can be asked.
    pub(super) fn at_console(&self, name: &str) -> Person {
        self.dialogue_at("login", Purpose::Register, name, 0, "tty1")
    }

    pub(super) fn signs_in(&self, name: &str) -> Person {
        self.dialogue(Purpose::Register, name, 0)
    }
}

fn said(change: &Changed) -> String {
    let what = match change {
        Changed::Added(_) | Changed::Announced(..) => "added",
        Changed::Removed(_) | Changed::Everything => "removed",
        Changed::Preferred(_) => "preferred",
        Changed::Codes => "new",
    };
    format!("{what} {}", change.method())
}

pub(super) fn email(text: &str) -> Contact {
    Contact::Email(EmailAddress::parse(text).unwrap())
}

pub(super) fn phone(text: &str) -> Contact {
    Contact::Phone(PhoneNumber::parse(text, None).unwrap())
}
