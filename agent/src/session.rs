//! One dialogue: what it is about, in which language it speaks, and the world as it was when it began.

use std::{ops::Deref, sync::Arc};

use sspr_config::{dialogue::Purpose, language::Language};

use crate::{
    account::{Id, LOCAL, Name},
    audit::Event,
    caller::Caller,
    clock::Time,
    error::Result,
    keys::Tag,
    proof::Attempt,
    settled::Since,
    snapshot::Snapshot,
    store::{audit as rows, registrations},
    texts::{Texts, Value},
};

/// A dialogue's side of the world. It reads the settings and reaches the services as its own.
#[derive(Clone, Debug)]
pub struct Session {
    snapshot: Arc<Snapshot>,
    /// What this person reads.
    pub texts: Arc<Texts>,
    /// What it is about, and who speaks.
    pub attempt: Attempt,
}

impl Deref for Session {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Session {
    /// Who looks after the account, for the audit trail, where that fails.
    pub fn by_whom(&self) -> &'static str {
        if self.targets.is_far(self.name()) { "directory" } else { "credential helper" }
    }

    /// A dialogue in `language` about `attempt`.
    pub fn new(snapshot: Arc<Snapshot>, language: Language, attempt: Attempt) -> Self {
        let texts = Arc::new(snapshot.languages.texts(language).for_one());
        Self { snapshot, texts, attempt }
    }

    /// The same dialogue in another language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Self {
        Self::new(self.snapshot.clone(), language, self.attempt.clone())
    }

    /// The same dialogue for another purpose: codes, failures and proofs of one purpose are none of another.
    #[must_use]
    pub fn for_purpose(&self, purpose: Purpose) -> Self {
        let attempt = Attempt { purpose, ..self.attempt.clone() };
        Self { snapshot: self.snapshot.clone(), texts: self.texts.clone(), attempt }
    }

    /// The same dialogue of a user who is known to have the account.
    #[must_use]
    pub fn vouched(&self) -> Self {
        let attempt = Attempt { account: self.attempt.account.clone().vouched(), ..self.attempt.clone() };
        Self { snapshot: self.snapshot.clone(), texts: self.texts.clone(), attempt }
    }

    /// Looks up whether the account is known, so that its name can be recorded. Done for every name alike.
    pub async fn look_up(&mut self) -> Result<()> {
        let known =
            registrations::id_at_registration(self.store.look().await.connection(), self.name()).await?.is_some();
        if known {
            self.attempt.account = self.attempt.account.clone().vouched();
        }
        Ok(())
    }

    /// The name of the account that it is about, as it was typed.
    pub fn name(&self) -> Name<'_> {
        self.attempt.account.name()
    }

    /// Who speaks.
    pub fn caller(&self) -> &Caller {
        &self.attempt.caller
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.attempt.purpose
    }

    /// The text `key`.
    pub fn say(&self, key: &str) -> String {
        self.texts.say(key, &[])
    }

    /// The text `key` with `values` in it.
    pub fn say_with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.texts.say(key, values)
    }

    /// Notes for the module that at a sign-in nothing need be asked of the account with `id` until `until`, as far as it was found in
    /// what was read after `since`. The module knows this host's own accounts alone; for others the agent keeps the note.
    pub fn nothing_due(&self, since: Since, id: Id, now: Time, until: Time) {
        let name = self.name();
        match (name.realm, id.uid()) {
            (LOCAL, Some(uid)) => self.settled.note(since, name.name, uid, now, until),
            (LOCAL, None) => {}
            _ => self.settled.note_far(since, name.name, now, until),
        }
    }

    /// Puts an event into the audit log. `reason` is for administrators and has no secret in it.
    pub fn record(&self, event: Event, reason: &str) {
        self.audit.record(event, &self.attempt, reason);
    }

    /// The same for what holds at each sign-in, of a program that comes every minute too: a record a day.
    pub async fn record_once_a_day(&self, event: Event, reason: &str) -> Result<()> {
        let since = self.now() - ONCE_IN;
        let (name, account) = (event.name(self.attempt.purpose), self.attempt.account.recorded());
        let waits = self.audit.has_waiting(account, name, reason);
        if !waits && !rows::has(self.store.look().await.connection(), account, name, reason, since).await? {
            self.record(event, reason);
        }
        Ok(())
    }

    /// The key under which failures of this purpose are counted for the account.
    pub(crate) fn failures(&self) -> Tag {
        self.attempt.account.failures(&self.keys, self.attempt.purpose)
    }

    /// The key of where it comes from.
    pub(crate) fn source(&self) -> Tag {
        self.attempt.source(&self.keys)
    }

    /// The key under which sign-ins without the required registration are counted.
    pub(crate) fn let_ins(&self) -> Tag {
        self.attempt.account.let_ins(&self.keys)
    }
}

/// So long, in seconds, what does not change is recorded once.
const ONCE_IN: i64 = 86_400;
