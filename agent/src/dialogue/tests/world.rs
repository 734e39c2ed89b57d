//! The world of a dialogue test: accounts, a clock that is turned by hand, and a mailbox that reads the real outbox.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use sspr_config::{
    dialogue::{ANSWER_MAX, Ask, Purpose, Standing, Step, UNTOLD, VOUCHED},
    language::Language,
    settings,
};
use tokio::{sync::mpsc, time::Instant};
use zeroize::Zeroizing;

use crate::{
    account::{Id, Name},
    clock::{Clock, Time, Wait},
    contact::{Contact, EmailAddress, PhoneNumber},
    credential::{
        Account as State, Aftermath, Change, NO_UID, Verdict,
        client::{Answer as Call, Credentials, CredentialsError},
    },
    dialogue::{
        Caller, Ending, Screen, Stop, Talk, hold,
        talk::{Answer, LastWord, Word},
    },
    notes::Changed,
    outbox::{self, Letter},
    people::{Answer as Asked, People},
    proof::{Account, Attempt},
    random::{self, SystemRandom},
    recovery_codes,
    settled::Settled,
    snapshot::{Snapshot, settings_for_tests},
    store::{Authenticators, HelpdeskCodes, RecoveryCodes, Registrations, Store, helpdesk_codes::Issue},
    totp,
};
use sspr_machine::listing::Listed;

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

/// Something that happens in the middle of something else.
pub(super) type Meanwhile = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the helper knows and what it was asked to do.
#[derive(Default)]
pub(super) struct Accounts {
    pub(super) states: HashMap<String, State>,
    pub(super) passwords: HashMap<String, String>,
    pub(super) changes: Vec<String>,
    /// New passwords that may be set next.
    pub(super) prepared: Vec<String>,
    pub(super) refuse: Option<String>,
    pub(super) fail: Option<CredentialsError>,
    pub(super) looked_at: u32,
    /// Who was unlocked.
    pub(super) unlocked: Vec<String>,
    /// What happens while an account is unlocked.
    pub(super) meanwhile: Option<Meanwhile>,
    /// What [`Credentials::aftermath`] finds: open sessions and keys.
    pub(super) sessions: u32,
    pub(super) ssh_keys: u32,
    pub(super) ssh_unseen: bool,
    /// Why no password can be set at all.
    pub(super) why_not: Option<String>,
}

#[derive(Default)]
struct Helper(Mutex<Accounts>);

impl Credentials for Helper {
    fn why_not(&self) -> std::pin::Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async move { self.0.lock().unwrap().why_not.clone() })
    }

    fn account<'a>(&'a self, user: &'a str) -> Call<'a, State> {
        Box::pin(async move {
            let mut accounts = self.0.lock().unwrap();
            accounts.looked_at += 1;
            let unknown = State { uid: NO_UID, verdict: Verdict::Unknown, admin: false, faillock_locked: false };
            Ok(accounts.states.get(user).copied().unwrap_or(unknown))
        })
    }

    fn verify<'a>(&'a self, user: &'a str, password: &'a [u8]) -> Call<'a, bool> {
        Box::pin(
            async move { Ok(self.0.lock().unwrap().passwords.get(user).is_some_and(|p| p.as_bytes() == password)) },
        )
    }

    fn prepare(&self, user: &str, uid: u32, new_password: &[u8]) {
        let mut accounts = self.0.lock().unwrap();
        // Of another account by now, or of none, nothing is found out.
        if accounts.states.get(user).map(|s| s.uid) == Some(uid) {
            accounts.prepared.push(String::from_utf8(new_password.to_vec()).unwrap());
        }
    }

    fn forget(&self, _: &str) {
        self.0.lock().unwrap().prepared.clear();
    }

    fn change<'a>(&'a self, user: &'a str, uid: u32, new_password: &'a [u8]) -> Call<'a, Change> {
        Box::pin(async move {
            // Meanwhile others go on.
            tokio::task::yield_now().await;
            let mut accounts = self.0.lock().unwrap();
            if let Some(error) = accounts.fail.clone() {
                return Err(error);
            }
            if let Some(reason) = accounts.refuse.take() {
                return Ok(Change::Refused(reason));
            }
            assert_eq!(accounts.states.get(user).map(|s| s.uid), Some(uid));
            accounts.prepared.clear();
            let new = String::from_utf8(new_password.to_vec()).unwrap();
            if accounts.passwords.get(user) == Some(&new) {
                return Ok(Change::Same);
            }
            accounts.changes.push(user.to_owned());
            accounts.passwords.insert(user.to_owned(), new);
            accounts.states.get_mut(user).unwrap().faillock_locked = false;
            Ok(Change::Changed)
        })
    }

    fn unlock<'a>(&'a self, user: &'a str, uid: u32) -> Call<'a, ()> {
        Box::pin(async move {
            let meanwhile = self.0.lock().unwrap().meanwhile.take();
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            let mut accounts = self.0.lock().unwrap();
            if let Some(error) = accounts.fail.clone() {
                return Err(error);
            }
            let state = accounts.states.get_mut(user).unwrap();
            if state.uid != uid || state.verdict != Verdict::Eligible {
                return Err(CredentialsError::Refused("another account, or not eligible".into()));
            }
            state.faillock_locked = false;
            accounts.unlocked.push(user.to_owned());
            Ok(())
        })
    }

    fn publish(&self) -> Call<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn aftermath<'a>(&'a self, user: &'a str, uid: u32, end_sessions: bool) -> Call<'a, Aftermath> {
        Box::pin(async move {
            let mut accounts = self.0.lock().unwrap();
            assert_eq!(accounts.states.get(user).map(|s| s.uid), Some(uid));
            let sessions_ended = if end_sessions { std::mem::take(&mut accounts.sessions) } else { 0 };
            let (ssh_keys, ssh_unseen) = (accounts.ssh_keys, accounts.ssh_unseen);
            Ok(Aftermath { sessions_ended, ssh_keys, ssh_unseen, refused_here: false })
        })
    }
}

impl People for Helper {
    fn uid(&self, name: &str) -> Option<u32> {
        self.0.lock().unwrap().states.get(name).map(|s| s.uid)
    }

    fn name(&self, uid: u32) -> Asked<'_, Option<String>> {
        let found = self.0.lock().unwrap().states.iter().find(|(_, s)| s.uid == uid).map(|(n, _)| n.clone());
        Box::pin(async { found })
    }

    fn exists<'a>(&'a self, name: &'a str) -> Asked<'a, Option<bool>> {
        Box::pin(async { Some(self.uid(name).is_some()) })
    }

    fn local(&self) -> std::io::Result<Vec<(String, u32)>> {
        Ok(self.0.lock().unwrap().states.iter().map(|(name, state)| (name.clone(), state.uid)).collect())
    }

    fn listed(&self, _: &settings::Scope) -> std::io::Result<Vec<Listed>> {
        let accounts = self.0.lock().unwrap();
        let listed = |(name, state): (&String, &State)| Listed {
            name: name.clone(),
            uid: state.uid,
            enabled: state.verdict == Verdict::Eligible,
            admin: state.admin,
        };
        Ok(accounts.states.iter().map(listed).collect())
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
    pub(super) fn without_rests(&self) -> Self {
        let mut settings = (*self.agent.settings).clone();
        settings.limits.failed_proofs = 1000;
        let agent = self.agent.with_settings(settings);
        Self { agent, helper: self.helper.clone(), wall: self.wall.clone(), language: self.language }
    }

    /// The same host with its store in a file, over one connection more.
    pub(super) async fn on_disk(&self, directory: &std::path::Path) -> Self {
        let store = Arc::new(Store::open(&directory.join("sspr.db")).await.unwrap());
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
        self.helper.0.lock().unwrap()
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
        person.answers("6 digits", &code).await;
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
        let mut session = self.agent.store.session().await;
        sqlx::query(statement).execute(session.connection()).await.unwrap();
    }

    /// The outbox sends what is due while the mail server does not answer.
    #[cfg(test)]
    pub(super) async fn no_mail_leaves(&self) {
        let spool = tempfile::tempdir().unwrap();
        outbox::tests_support::send(&self.agent, &super::outage::down(&spool.path().join("spool"))).await;
    }

    /// A person at the console, where what is typed comes through for every name.
    pub(super) fn at_the_console(&self, name: &str) -> Person {
        self.talk_at("login", Purpose::Recover, name, 0, "tty1")
    }

    pub(super) async fn registered(&self, name: &str) -> Vec<String> {
        let mut tx = self.agent.begin().await.unwrap();
        let registration = Registrations::get(&mut tx, &self.agent.keys, Name::local(name)).await.unwrap();
        registration.map(|r| r.contacts.iter().map(|c| c.contact.as_str().to_owned()).collect()).unwrap_or_default()
    }

    /// What would be sent now, decoys left out: (to, code or kind of note). Empties the outbox.
    pub(super) async fn mailbox(&self) -> Vec<(String, String)> {
        outbox::tests_support::drain(&self.agent)
            .await
            .into_iter()
            .map(|(letter, message)| {
                let to = message.to().as_str().to_owned();
                match letter {
                    Letter::Code(code) => (to, code.code.to_string()),
                    Letter::Note(note) => match note.change {
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

    pub(super) fn talk(&self, purpose: Purpose, name: &str, uid: u32) -> Person {
        self.talk_from(purpose, name, uid, "192.0.2.1")
    }

    pub(super) fn talk_from(&self, purpose: Purpose, name: &str, uid: u32, source: &str) -> Person {
        self.talk_at("sshd", purpose, name, uid, source)
    }

    pub(super) fn talk_at(&self, service: &str, purpose: Purpose, name: &str, uid: u32, source: &str) -> Person {
        let screen = Screen { utf8: service == "sshd", text_console: false };
        self.talk_before(screen, service, purpose, name, uid, source)
    }

    pub(super) fn talk_before(
        &self,
        screen: Screen,
        service: &str,
        purpose: Purpose,
        name: &str,
        uid: u32,
        source: &str,
    ) -> Person {
        let caller = Caller { uid, service: service.into(), source: source.into(), screen, language: None };
        let account = Account::new(&self.agent.keys, self.agent.place(name).name()).typed(name);
        let attempt = Attempt {
            // A user who has signed in, or is in a shell, has an account by that name.
            account: if purpose == Purpose::Recover { account } else { account.vouched() },
            purpose,
            dialogue: random::handle(&SystemRandom).unwrap(),
            began: self.agent.now(),
            caller,
        };
        let s = self.agent.session(self.language, attempt);
        let deadline = Instant::now() + Duration::from_mins(1);
        let (talk, steps, answers) = Talk::new(s.texts.clone(), s.clock.clone(), deadline);
        let mut talk = talk.held_for(purpose).carried_afar(service == "sshd");
        let last_word = talk.last_word();
        let unshown = Arc::new(AtomicBool::new(false));
        let left = unshown.clone();
        tokio::spawn(async move {
            let held = hold(&mut talk, &s).await;
            left.store(talk.left_unshown(), Ordering::SeqCst);
            let ending = match held {
                Ok(ending) | Err(Stop::Over(ending)) => ending,
                Err(stop @ (Stop::Gone | Stop::Misread)) => match stop.ending(&talk, &s) {
                    Some(ending) => ending,
                    None => return,
                },
                Err(Stop::Failed(error)) => Ending { standing: Standing::Refused, text: format!("failed: {error}") },
            };
            talk.end(ending.standing, ending.text).await;
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
        self.talk(Purpose::Recover, name, 0)
    }

    /// Whether a user who leaves a reset after these answers may have a client that could not show the next question.
    pub(super) async fn left_at(&self, service: &str, answers: &[&str]) -> bool {
        let mut person = self.talk_at(service, Purpose::Recover, "alice", 0, "192.0.2.1");
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
        self.talk_at("login", Purpose::Register, name, 0, "tty1")
    }

    pub(super) fn signs_in(&self, name: &str) -> Person {
        self.talk(Purpose::Register, name, 0)
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

/// A user at a terminal.
pub(super) struct Person {
    steps: mpsc::Receiver<Step>,
    answers: Option<mpsc::Sender<Answer>>,
    /// Everything shown, line by line.
    pub(super) screen: Vec<String>,
    /// Whether breaking off at the last question would have meant no.
    pub(super) bound: bool,
    last_word: LastWord,
    /// What the helper says of the password that was typed.
    pub(super) vouched: bool,
    /// It can't say.
    pub(super) untold: bool,
    /// Whether it was left at a question that a client may be unable to show.
    unshown: Arc<AtomicBool>,
}

impl Person {
    pub(super) async fn step(&mut self) -> Option<Step> {
        let mut step = self.receive().await?;
        // No person has a hand in this.
        if Ask::from_wire(step.ask) == Some(Ask::Vouch) {
            let said = match (self.untold, self.vouched) {
                (true, _) => UNTOLD,
                (false, true) => VOUCHED,
                (false, false) => b"",
            };
            self.says(said).await;
            step = self.receive().await?;
        }
        self.screen.push(format!("{}|{}|{}|{}", step.standing, step.ask, step.text, step.prompt));
        Some(step)
    }

    async fn receive(&mut self) -> Option<Step> {
        tokio::time::timeout(Duration::from_secs(10), self.steps.recv()).await.expect("an answer in time")
    }

    /// The host sees that a program answers the last question that was read.
    pub(super) async fn answers_as_a_program(self) {
        self.last_word.leave(Word::Program);
        self.leaves().await;
    }

    /// The host can't put the question, and says so.
    pub(super) async fn can_not_be_asked(mut self) {
        assert!(self.step().await.is_some(), "a question");
        self.says_good_bye().await;
    }

    /// The same of the last question that was read.
    pub(super) async fn says_good_bye(self) {
        self.last_word.leave(Word::GoodBye);
        self.leaves().await;
    }

    /// A host whose password nobody typed: it takes leave where it is asked whether the password is right.
    pub(super) async fn was_not_typed(mut self) {
        let step = self.receive().await.unwrap();
        assert_eq!(Ask::from_wire(step.ask), Some(Ask::Vouch));
        self.last_word.leave(Word::GoodBye);
        self.leaves().await;
    }

    /// Reads a question whose text or prompt has `part`, and answers it.
    #[track_caller]
    pub(super) fn answers<'a>(&'a mut self, part: &'a str, answer: &'a str) -> impl Future<Output = ()> + 'a {
        self.answers_bytes(part, answer.as_bytes())
    }

    pub(super) async fn answers_bytes(&mut self, part: &str, answer: &[u8]) {
        self.question(part).await;
        let bytes = &answer[..answer.len().min(ANSWER_MAX + 1)];
        let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(bytes.to_vec()))).await;
    }

    /// Reads a question whose text or prompt has `part`, has something happen, and answers it.
    pub(super) async fn answers_while(&mut self, part: &str, answer: &str, happens: impl FnOnce()) {
        self.question(part).await;
        happens();
        self.says(answer.as_bytes()).await;
    }

    /// Reads a question whose text or prompt has `part`, waits so many seconds, and answers it.
    pub(super) async fn answers_after(&mut self, world: &World, seconds: Time, part: &str, answer: &str) {
        self.question(part).await;
        world.later(seconds);
        let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(answer.as_bytes().to_vec()))).await;
    }

    /// The same after the outbox tried to send what waits, and the mail server did not answer.
    #[cfg(test)]
    pub(super) async fn answers_without_mail(&mut self, world: &World, seconds: Time, part: &str, answer: &str) {
        self.question(part).await;
        world.no_mail_leaves().await;
        world.later(seconds);
        let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(answer.as_bytes().to_vec()))).await;
    }

    async fn question(&mut self, part: &str) {
        let step = self.step().await.expect("a question");
        let standing = Standing::from_wire(step.standing).unwrap();
        self.bound = standing == Standing::AskingOrDenied;
        assert!(self.bound || standing == Standing::Asking, "{}", self.screen.join("\n"));
        assert!(
            step.text.contains(part) || step.prompt.contains(part),
            "expected {part:?}, the screen was\n{}",
            self.screen.join("\n")
        );
        assert_ne!(Ask::from_wire(step.ask), Some(Ask::Nothing));
    }

    /// Reads a question whose text or prompt has `part`, and gives all of it.
    pub(super) async fn reads(&mut self, part: &str, answer: &str) -> String {
        self.answers(part, answer).await;
        self.screen.last().cloned().unwrap_or_default()
    }

    /// Reads the end.
    pub(super) async fn ends(&mut self) -> (Standing, String) {
        let step = self.step().await.expect("an end");
        let standing = Standing::from_wire(step.standing).unwrap();
        assert!(!matches!(standing, Standing::Asking | Standing::AskingOrDenied), "{}", self.screen.join("\n"));
        (standing, step.text)
    }

    /// Types the answers one after another, whatever is asked, until they are used up or the dialogue is over.
    pub(super) async fn types(&mut self, answers: &[&str]) {
        for answer in answers {
            let Some(step) = self.step().await else { return };
            if !matches!(Standing::from_wire(step.standing), Some(Standing::Asking | Standing::AskingOrDenied)) {
                return;
            }
            let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(answer.as_bytes().to_vec()))).await;
        }
        self.step().await;
    }

    /// Answers the last question that was read.
    pub(super) async fn says(&self, answer: &[u8]) {
        let answers = self.answers.as_ref().expect("a person who is still there");
        let _ = answers.send(Answer(Zeroizing::new(answer.to_vec()))).await;
    }

    /// Goes away at the last question that was read.
    pub(super) async fn leaves(mut self) {
        self.answers = None;
        while self.steps.recv().await.is_some() {}
    }

    /// Reads a question and goes away.
    pub(super) async fn hangs_up(&mut self) {
        self.step().await;
        self.answers = None;
        let last = self.steps.recv().await.and_then(|step| Standing::from_wire(step.standing));
        assert!(matches!(last, None | Some(Standing::Denied)), "the dialogue ends with the connection");
    }
}
