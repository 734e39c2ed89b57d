//! Random walks over the dialogues (their states and edges: docs/architecture.md): answers of every kind, other ways,
//! connections that drop, several for one account, a clock that jumps, and administrators who change things meanwhile.
//! After each step what was written is judged by a [`Ledger`] of its own.

mod fuzzed;
mod judged;
mod ledger;
mod moves;

use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};

#[cfg(fuzzing)]
pub use fuzzed::walk;
use ledger::{Ledger, Typed, failures, kept, may_be_served, registered};
#[cfg(test)]
use moves::step;
use moves::{CONTACTS, Deed, Move, NAMES, SLOTS, Say};
#[cfg(test)]
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use sspr_config::dialogue::{Purpose, Standing, Step};

use super::world::{Person, World, email, phone};
use crate::{
    account::Name,
    clock::Time,
    contact::Contact,
    credential::{Account as State, Verdict, client::CredentialsError},
    proof::Account,
    totp,
};

/// What happened in all walks: a walk that never gets anywhere proves nothing.
#[derive(Default)]
struct Seen {
    steps: AtomicUsize,
    recovered: AtomicUsize,
    unlocked: AtomicUsize,
    added: AtomicUsize,
    removed: AtomicUsize,
    enrollments: AtomicUsize,
    wrong: AtomicUsize,
    resting: AtomicUsize,
    by: [AtomicUsize; 5],
}

fn count(what: &AtomicUsize) {
    what.fetch_add(1, Ordering::SeqCst);
}

/// A dialogue under way.
struct Held {
    person: Person,
    name: &'static str,
    purpose: Purpose,
    step: Step,
    typed: Vec<Typed>,
    /// What the person is asked a code of.
    kind: &'static str,
    key: Option<Vec<u8>>,
    password: String,
    password_right: bool,
    /// How many different old contacts have to be proved before the enrollment is shown.
    needed: usize,
    /// Whether something was missing when the dialogue began.
    missing: bool,
    has_enrollment: bool,
}

struct Walk<'a> {
    world: World,
    slots: [Option<Held>; SLOTS],
    ledger: Ledger,
    seen: &'a Seen,
    number: usize,
}

impl<'a> Walk<'a> {
    async fn begin(settings: &str, seen: &'a Seen) -> Self {
        // A numbering plan takes longer to read than all the rest.
        static PHONE: LazyLock<Contact> = LazyLock::new(|| phone("+819012345678"));
        let world = World::with(settings).await;
        world.register("alice", &email("ann@example.org")).await;
        world.register("alice", &PHONE).await;
        world.register_app("alice").await;
        let mut ledger = Ledger::default();
        ledger.recovery_codes("alice", world.recovery_codes("alice").await);
        Self { world, slots: [const { None }; SLOTS], ledger, seen, number: 0 }
    }

    fn now(&self) -> Time {
        self.world.agent.now()
    }

    fn state(&self, name: &str) -> State {
        self.world.accounts().states[name]
    }

    async fn go(&mut self, step: Move) {
        count(&self.seen.steps);
        self.number += 1;
        match step {
            Move::Begin { slot, name, purpose, service } => {
                self.leave(slot).await;
                let name = NAMES[name];
                let own = matches!(purpose, Purpose::Enroll | Purpose::Remove | Purpose::Codes);
                let uid = if own { self.state(name).uid } else { 0 };
                // An attacker comes from everywhere.
                let source = format!("203.0.113.{}", self.number);
                let needed = self.needed(name).await;
                let missing = needed < if self.state(name).admin { 2 } else { 1 };
                let mut person = self.world.dialogue_at(service, purpose, name, uid, &source);
                let Some(step) = person.step().await else { return };
                if asks(&step) {
                    let (typed, password) = (Vec::new(), String::new());
                    let (kind, key, password_right, has_enrollment) = ("mail", None, false, false);
                    let held = Held {
                        person,
                        name,
                        purpose,
                        step,
                        typed,
                        kind,
                        key,
                        password,
                        password_right,
                        needed,
                        missing,
                        has_enrollment,
                    };
                    self.slots[slot] = Some(held);
                }
            }
            Move::Say { slot, say } => {
                if let Some(held) = self.slots[slot].take() {
                    self.slots[slot] = self.say(held, &say).await;
                }
            }
            Move::Leave(slot) => self.leave(slot).await,
            Move::Wait(seconds) => self.world.later(seconds),
            Move::Administer(name, deed) => self.administer(NAMES[name], deed).await,
        }
        self.ledger.read_mail(&self.world).await;
    }

    async fn leave(&mut self, slot: usize) {
        if let Some(held) = self.slots[slot].take() {
            let before = self.writes();
            held.person.leaves().await;
            assert_eq!(before, self.writes(), "whoever leaves writes nothing");
        }
    }

    fn writes(&self) -> (usize, usize) {
        let accounts = self.world.accounts();
        (accounts.changes.len(), accounts.unlocked.len())
    }

    async fn needed(&self, name: &str) -> usize {
        let state = self.state(name);
        let have = registered(&self.world, name).await.of(state.uid).methods();
        have.min(if state.admin { 2 } else { 1 })
    }

    async fn administer(&mut self, name: &'static str, deed: Deed) {
        let now = self.now();
        match deed {
            Deed::Lock => self.change(name, |state| state.verdict = Verdict::Locked),
            Deed::Free => self.change(name, |state| state.verdict = Verdict::Eligible),
            Deed::Recreate => self.change(name, |state| state.uid += 100),
            Deed::Promote => self.change(name, |state| state.admin = true),
            Deed::Demote => self.change(name, |state| state.admin = false),
            Deed::Faillock => self.change(name, |state| state.faillock_locked = true),
            Deed::GiveCode => {
                let code = self.world.helpdesk_code(name).await;
                self.ledger.helpdesk_code(name, code, self.state(name).uid, now + 3600);
            }
            Deed::RecoveryCodes => {
                if registered(&self.world, name).await.methods() > 0 {
                    let codes = self.world.recovery_codes(name).await;
                    self.ledger.recovery_codes(name, codes);
                }
            }
            Deed::Unblock => {
                let mut tx = self.world.agent.begin().await.unwrap();
                Account::new(&self.world.agent.keys, Name::local(name))
                    .unblock(&mut tx, &self.world.agent.keys)
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
            }
            Deed::Refuse => self.world.accounts().refuse = Some("too plain".into()),
            Deed::Fail(fail) => {
                self.world.accounts().fail = fail.then(|| CredentialsError::Unavailable("gone".into()));
            }
        }
    }

    fn change(&self, name: &str, how: impl FnOnce(&mut State)) {
        how(self.world.accounts().states.get_mut(name).unwrap());
    }

    /// Answers the question that `held` is at, and judges what came of it.
    async fn say(&mut self, mut held: Held, say: &Say) -> Option<Held> {
        let answer = match say {
            Say::Fitting(n) => self.fitting(&mut held, *n).await.into_bytes(),
            Say::AnyCode(n) => self.ledger.any(*n).unwrap_or_default().into_bytes(),
            Say::Word(word) => word.as_bytes().to_vec(),
            Say::Junk(bytes) => bytes.clone(),
        };
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (prompt, now) = (held.step.prompt.clone(), self.now());
        if prompt.starts_with("Code") {
            let typed = self.ledger.typed(now, &text);
            held.typed.push(typed);
        }
        let right = self.world.accounts().passwords[held.name] == text;
        if prompt.starts_with("Current password") {
            held.password_right = right && may_be_served(self.state(held.name));
            held.needed = self.needed(held.name).await;
        }
        let before = registered(&self.world, held.name).await;
        let (writes, (failed, resting)) = (self.writes(), failures(&self.world, held.name).await);
        held.person.says(&answer).await;
        let step = held.person.step().await;
        let wrote = self.writes() != writes;
        if wrote {
            assert!(!resting, "a write while self-service rests");
            self.judge_write(&held, &before, writes);
        }
        let opened = self.judge_enrollment(&mut held, &before, step.as_ref()).await;
        let (failed_now, _) = failures(&self.world, held.name).await;
        if let Some(step) = &step {
            if asks(step) && step.text.starts_with("That code is not right") {
                count(&self.seen.wrong);
                // It proves nothing here, and nothing that is written here uses it up.
                held.typed.pop();
                assert_eq!(failed_now, failed + 1, "a wrong try that was not counted");
            }
            if step.text.contains("Reset is suspended") {
                count(&self.seen.resting);
            }
            if step.text.contains("recovery codes, for when") || step.text.matches('-').count() >= 20 {
                self.shown_codes(held.name, &step.text);
            }
        }
        if failed_now < failed && !wrote && !opened {
            // A user who proved to be the owner goes on with what is missing, or hears that all is another by now.
            let state = self.state(held.name);
            let mine = before.of(state.uid);
            let proofs = self.ledger.held(&held.typed, held.name, Purpose::Enroll, state, &mine, self.now());
            let let_in = held.purpose == Purpose::Register || (held.purpose != Purpose::Recover && held.password_right);
            let owner = let_in && !proofs.means.is_empty();
            assert!(owner, "failures of {} were forgotten for nothing", held.name);
            self.ledger.spend(proofs, held.name, Purpose::Enroll);
        }
        let step = step.filter(asks)?;
        held.step = step;
        Some(held)
    }

    fn shown_codes(&mut self, name: &str, text: &str) {
        let is_code = |word: &&str| word.len() == 14 && word.split('-').all(|part| part.len() == 4);
        let codes: Vec<String> = text.split_whitespace().filter(is_code).map(str::to_owned).collect();
        if codes.len() == 10 {
            self.ledger.recovery_codes(name, codes);
        }
    }

    /// What leads on from the question that `held` is at.
    async fn fitting(&mut self, held: &mut Held, n: usize) -> String {
        let (prompt, text) = (held.step.prompt.as_str(), held.step.text.as_str());
        let (name, now) = (held.name, self.now());
        if text.contains("authenticator app shows") {
            held.kind = "app";
        } else if text.contains("Type a recovery code") {
            held.kind = "code";
        } else if text.contains("time-based") {
            held.kind = "key";
            held.key = key(text).or(held.key.take());
        } else if text.contains("sent") || text.contains("on its way") {
            held.kind = "mail";
        }
        let pick = |from: &[&str]| from[n % from.len()].to_owned();
        match prompt {
            _ if prompt.starts_with("Current password") => self.world.accounts().passwords[name].clone(),
            _ if prompt.starts_with("Your choice")
                && n.is_multiple_of(2)
                && self.ledger.given_by_helpdesk(name).is_some() =>
            {
                "code".into()
            }
            _ if prompt.starts_with("Your choice") => {
                pick(&["e", "app", "e", "app", "e", "app", "code", "code", "1", "ann@example.org", "090-1234-5678"])
            }
            _ if prompt.starts_with("Code") => match held.kind {
                "app" => {
                    let app = registered(&self.world, name).await.app;
                    app.map(|(_, secret)| totp::shown(&kept(&secret), now)).unwrap_or_default()
                }
                "key" => held.key.as_ref().map(|key| totp::shown(&kept(key), now)).unwrap_or_default(),
                "code" if !n.is_multiple_of(4) && self.ledger.given_by_helpdesk(name).is_some() => {
                    self.ledger.given_by_helpdesk(name).unwrap_or_default()
                }
                "code" => self.ledger.recovery_code(name, n).unwrap_or_default(),
                _ => self.ledger.newest(name).unwrap_or_else(|| "other".into()),
            },
            _ if prompt.starts_with("New password") => {
                held.password = format!("plover tundra biscuit {}", self.number / (1 + n % 2 * 1000));
                held.password.clone()
            }
            _ if prompt.starts_with("Type it again") => held.password.clone(),
            _ if prompt.contains("or unlock") => pick(&["", "unlock"]),
            _ if prompt.contains("Email address") => pick(&[CONTACTS[0], CONTACTS[2]]),
            _ if prompt.contains("Phone number") => pick(&[CONTACTS[1], CONTACTS[3]]),
            _ if prompt.starts_with("A number") => pick(&["1", "2", "3", "4", "5", "e", "p", "a", ""]),
            _ if prompt.starts_with("Type remove") => "remove".into(),
            _ if prompt.contains("c to change") => pick(&["c", "c", "y", ""]),
            _ if prompt.starts_with('1') => pick(&["1", "2", "3", "1 2"]),
            _ if prompt.contains('y') => "y".into(),
            _ => String::new(),
        }
    }
}

fn asks(step: &Step) -> bool {
    matches!(Standing::from_wire(step.standing), Some(Standing::Asking | Standing::AskingOrDenied))
}

/// The key that an app is set up with, from the lines that show it: twenty bytes in base32, in groups of four.
fn key(text: &str) -> Option<Vec<u8>> {
    let group =
        |word: &&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
    let base32: String = text.split_whitespace().filter(group).collect();
    let mut bits = base32.bytes().flat_map(|b| {
        let value = if b.is_ascii_digit() { b - b'2' + 26 } else { b - b'A' };
        (0..5).rev().map(move |bit| value >> bit & 1)
    });
    let bytes: Vec<u8> = std::iter::from_fn(|| {
        let first = bits.next()?;
        (0..7).try_fold(first, |byte, _| Some(byte << 1 | bits.next()?))
    })
    .collect();
    (bytes.len() == 20).then_some(bytes)
}

const SETTINGS: [&str; 3] = [
    "[limits]\nsends_per_hour = 100\nsends_per_day = 100\nmessages_per_hour = 1000\n[code]\nresend_after = \"1s\"\n",
    "[recover]\ndisclose = \"masked\"\n[limits]\nsends_per_hour = 50\nmessages_per_hour = 1000\n",
    "",
];

/// The same `usual` walks each time, so that one that fails has been made to; or as many as `SSPR_WALKS` says, and
/// others each time.
#[cfg(test)]
pub(super) fn config(usual: u32, file: &'static str) -> Config {
    let asked = std::env::var("SSPR_WALKS").ok().and_then(|cases| cases.parse().ok());
    let rng_seed = if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) };
    let cases = asked.unwrap_or(usual);
    Config { cases, rng_seed, max_shrink_iters: 400, source_file: Some(file), ..Config::default() }
}

/// Each walk has a hundred steps.
#[test]
fn no_walk_over_the_dialogues_writes_without_fresh_bound_unspent_proof_or_tries_more_than_is_allowed() {
    let seen = Seen::default();
    let config = config(120, file!());
    let cases = config.cases;
    let strategy = (0..SETTINGS.len(), prop::collection::vec(step(), 1..200));
    let walk = |(settings, steps): (usize, Vec<Move>)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut walk = Walk::begin(SETTINGS[settings], &seen).await;
            for step in steps {
                walk.go(step).await;
            }
        });
        Ok(())
    };
    if let Err(error) = TestRunner::new(config).run(&strategy, walk) {
        panic!("{error}");
    }
    let got = |what: &AtomicUsize| what.load(Ordering::SeqCst);
    let often = [&seen.recovered, &seen.added, &seen.enrollments, &seen.wrong, &seen.resting].map(got);
    let rare = [&seen.unlocked, &seen.removed].map(got);
    let by: Vec<usize> = seen.by.iter().map(got).collect();
    println!(
        "{} steps; recovered, added, enrollments, wrong, resting: {often:?}; unlocked, removed: {rare:?}; by each means: {by:?}",
        got(&seen.steps)
    );
    if cases >= 100 {
        assert!(often.iter().all(|often| *often > 0), "walks that lead nowhere prove nothing: {often:?}");
    }
}
