//! What a walk knows for itself: every code that anybody was ever given, and what was typed where. It judges each write
//! by this and by what is registered, never by what the agent thinks was proved.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sspr_config::{
    dialogue::Purpose,
    settings::{Limits, Method},
};

use crate::{
    account::Name,
    clock::Time,
    credential::{Account as State, Verdict},
    dialogue::tests::world::World,
    outbox::OutboxMessage,
    proof::{Account, Means},
    sender,
    store::{Authenticators, Registrations, sql},
    totp::{self, Secret},
};

/// A proof is worth nothing after so many seconds.
const FRESH: Time = 900;
const DAY: Time = 86_400;

/// A code that was sent, and its place in the order of all that happened.
struct Mailed {
    order: usize,
    at: Time,
    name: String,
    purpose: String,
    to: String,
    method: Method,
    code: String,
}

/// Something typed where a code was asked for.
#[derive(Clone)]
pub(super) struct Typed {
    order: usize,
    at: Time,
    pub(super) text: String,
}

/// What is registered under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) uid: u32,
    pub(super) contacts: BTreeMap<String, Method>,
    /// The app's row and secret.
    pub(super) app: Option<(i64, Vec<u8>)>,
}

impl Registered {
    pub(super) fn methods(&self) -> usize {
        let contacts: BTreeSet<_> = self.contacts.values().collect();
        contacts.len() + usize::from(self.app.is_some())
    }

    /// As far as it is that of an account with `uid`.
    pub(super) fn of(self, uid: u32) -> Self {
        if self.uid == uid { self } else { Self { uid, ..Self::default() } }
    }
}

/// Proofs that a dialogue holds, and what spending them uses up.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) means: BTreeSet<Means>,
    tokens: Vec<String>,
}

#[derive(Default)]
pub(super) struct Ledger {
    order: usize,
    mails: Vec<Mailed>,
    /// Codes that a user has: (name, code). Those of apps with their secret.
    recovery: HashMap<String, Vec<String>>,
    helpdesk: HashMap<String, (String, u32, Time)>,
    spent: HashSet<String>,
    /// When the last success of a name and purpose was.
    success: HashMap<(String, String), usize>,
}

impl Ledger {
    pub(super) fn typed(&mut self, at: Time, text: &str) -> Typed {
        self.order += 1;
        Typed { order: self.order, at, text: text.to_owned() }
    }

    /// Takes what is in the post.
    pub(super) async fn read_mail(&mut self, world: &World) {
        for (queued, message) in sender::tests_support::drain(&world.agent).await {
            if let OutboxMessage::Code(code) = queued {
                self.order += 1;
                let to = message.to();
                self.mails.push(Mailed {
                    order: self.order,
                    at: world.agent.now(),
                    name: code.name.clone(),
                    purpose: code.purpose.clone(),
                    to: to.as_str().to_owned(),
                    method: to.method(),
                    code: code.code.to_string(),
                });
            }
        }
    }

    /// The newest code that was sent to `name`, and any code at all.
    pub(super) fn newest(&self, name: &str) -> Option<String> {
        self.mails.iter().rev().find(|mail| mail.name == name).map(|mail| mail.code.clone())
    }

    pub(super) fn any(&self, which: usize) -> Option<String> {
        (!self.mails.is_empty()).then(|| self.mails[which % self.mails.len()].code.clone())
    }

    pub(super) fn recovery_codes(&mut self, name: &str, codes: Vec<String>) {
        self.recovery.insert(name.to_owned(), codes);
    }

    pub(super) fn recovery_code(&self, name: &str, which: usize) -> Option<String> {
        self.recovery.get(name).filter(|codes| !codes.is_empty()).map(|codes| codes[which % codes.len()].clone())
    }

    pub(super) fn helpdesk_code(&mut self, name: &str, code: String, uid: u32, expires: Time) {
        self.helpdesk.insert(name.to_owned(), (code, uid, expires));
    }

    pub(super) fn given_by_helpdesk(&self, name: &str) -> Option<String> {
        self.helpdesk.get(name).map(|(code, ..)| code.clone())
    }

    /// What a user who typed all this in one dialogue has proved of `name`, and not spent.
    pub(super) fn held(
        &self,
        typed: &[Typed],
        name: &str,
        purpose: Purpose,
        state: State,
        registered: &Registered,
        now: Time,
    ) -> Held {
        let mut held = Held::default();
        let mut holds = |means: Means, token: String| {
            if !self.spent.contains(&token) {
                held.means.insert(means);
                held.tokens.push(token);
            }
        };
        for typed in typed.iter().filter(|typed| now - typed.at <= FRESH) {
            for mail in self.right(typed, name, purpose) {
                if registered.contacts.contains_key(&mail.to) {
                    holds(Means::By(mail.method), format!("mail {}", mail.order));
                }
            }
            if let Some((_, secret)) = &registered.app
                && let Some(step) = totp::check(&kept(secret), &typed.text, typed.at, 0)
            {
                holds(Means::By(Method::App), format!("app {secret:?} {step}"));
            }
            let is_own = |codes: &Vec<String>| codes.contains(&typed.text);
            if registered.methods() > 0 && self.recovery.get(name).is_some_and(is_own) {
                holds(Means::RecoveryCode, format!("code {}", typed.text));
            }
            if let Some((code, uid, expires)) = self.helpdesk.get(name)
                && *code == typed.text
                && *uid == state.uid
                && now < *expires
            {
                holds(Means::HelpDesk, format!("code {code}"));
            }
        }
        held
    }

    /// The mails whose code this is, as far as they were still good when it was typed.
    fn right<'a>(&'a self, typed: &'a Typed, name: &'a str, purpose: Purpose) -> impl Iterator<Item = &'a Mailed> {
        let since = self.success.get(&(name.to_owned(), purpose.as_str().to_owned())).copied().unwrap_or_default();
        self.mails.iter().filter(move |mail| {
            let same = |other: &Mailed| other.name == mail.name && other.purpose == mail.purpose && other.to == mail.to;
            mail.name == name
                && mail.purpose == purpose.as_str()
                && mail.code == typed.text
                && mail.order > since
                && mail.order < typed.order
                && (0..600).contains(&(typed.at - mail.at))
                && !self.mails.iter().any(|m| same(m) && m.order > mail.order && m.order < typed.order)
        })
    }

    /// Whether a code that was sent to `contact` to register it was typed, and not used for that before. Uses it up.
    pub(super) fn proves_new(&mut self, typed: &[Typed], name: &str, contact: &str, now: Time) -> bool {
        let fresh = typed.iter().filter(|typed| now - typed.at <= FRESH);
        let found = fresh
            .flat_map(|typed| self.right(typed, name, Purpose::Register))
            .find(|mail| mail.to == contact)
            .map(|mail| format!("mail {}", mail.order));
        found.is_some_and(|token| self.spent.insert(token))
    }

    pub(super) fn spend(&mut self, held: Held, name: &str, purpose: Purpose) {
        self.spent.extend(held.tokens);
        self.succeeded(name, purpose);
    }

    pub(super) fn succeeded(&mut self, name: &str, purpose: Purpose) {
        self.order += 1;
        self.success.insert((name.to_owned(), purpose.as_str().to_owned()), self.order);
    }
}

/// A secret as it stands in [`Registered`].
pub(super) fn kept(secret: &[u8]) -> Secret {
    Secret::new(secret.try_into().unwrap())
}

/// What is registered under `name`.
pub(super) async fn registered(world: &World, name: &str) -> Registered {
    let mut tx = world.agent.begin().await.unwrap();
    let keys = &world.agent.keys;
    let Some(registration) = Registrations::get(&mut tx, keys, Name::local(name)).await.unwrap() else {
        return Registered::default();
    };
    let app = Authenticators::get(&mut tx, keys, Name::local(name)).await.unwrap();
    Registered {
        uid: registration.id.uid().unwrap(),
        contacts: registration.usable().iter().map(|c| (c.as_str().to_owned(), c.method())).collect(),
        app: app.map(|app| (app.id, app.secret.to_vec())),
    }
}

/// How many failures of `name` are counted, and whether its recovery rests.
pub(super) async fn failures(world: &World, name: &str) -> (usize, bool) {
    let keys = Account::new(&world.agent.keys, Name::local(name)).all_failures(&world.agent.keys);
    let mut session = world.agent.store.session().await.unwrap();
    let rows: Vec<(String, Vec<u8>, Time)> =
        sql::query_as("SELECT kind, key, at FROM event WHERE kind IN ('failure', 'rest') AND forgiven = 0 ORDER BY at")
            .fetch_all(session.connection())
            .await
            .unwrap();
    let (mut count, mut resting) = (0, false);
    for (purpose, key) in keys {
        let of = |kind: &'static str| {
            let own = rows.iter().filter(move |row| row.0 == kind && row.1 == key);
            own.map(|row| row.2).collect::<Vec<_>>()
        };
        let times = of("failure");
        for at in &times {
            let in_a_day = times.iter().filter(|other| **other > at - DAY && *other <= at).count();
            let most = Limits::default().failed_proofs as usize;
            assert!(in_a_day <= most, "{in_a_day} wrong tries of {name} in 24 hours ({purpose:?})");
        }
        count += times.len();
        resting |= purpose == Purpose::Recover && of("rest").iter().any(|at| *at > world.agent.now() - DAY);
    }
    (count, resting)
}

/// Whether proofs by these means are enough for an account in this state.
pub(super) fn enough(held: &Held, state: State) -> bool {
    let needed = if state.admin { 2 } else { 1 };
    held.means.len() >= needed || (!state.admin && held.means.contains(&Means::HelpDesk))
}

pub(super) fn may_be_served(state: State) -> bool {
    state.verdict == Verdict::Eligible
}
