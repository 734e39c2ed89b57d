//! One dialogue: its subject, its language, and the snapshot from its beginning.

use std::{ops::Deref, sync::Arc};

use sspr_config::{dialogue::Purpose, language::Language};

use crate::{
    account::{Id, LOCAL, Name},
    attempt::Attempt,
    audit::Event,
    caller::Caller,
    clock::Time,
    error::Result,
    keys::Tag,
    settled::Since,
    snapshot::Snapshot,
    store::LookUps as _,
    texts::{Texts, Value},
};

/// The view that a dialogue has of the world. Settings and services are reached through it.
#[derive(Clone, Debug)]
pub struct Session {
    snapshot: Arc<Snapshot>,
    /// The texts for this user.
    pub texts: Arc<Texts>,
    /// The subject and the caller.
    pub attempt: Attempt,
}

impl Snapshot {
    /// A session in `language`, which switches to plain English by itself. It costs a few reference counts: the texts
    /// are read when the first one is needed.
    #[must_use]
    pub fn session(self: &Arc<Self>, language: Language, attempt: Attempt) -> Session {
        Session::new(self.clone(), language, attempt)
    }
}

impl Deref for Session {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Session {
    /// Which service failed for this account, for the audit trail.
    pub fn by_whom(&self) -> &'static str {
        if self.name().host().is_some() {
            "host"
        } else if self.targets.is_far(self.name()) {
            "directory"
        } else {
            "credential helper"
        }
    }

    /// Whether a server that was lost may still change the account. A host does what servers ask of it one by one, so the
    /// host's own accounts are in no doubt.
    pub fn may_be_changed_elsewhere(&self) -> bool {
        self.attempt.resumed && self.name().host().is_none()
    }

    /// A session in `language` about `attempt`.
    pub fn new(snapshot: Arc<Snapshot>, language: Language, attempt: Attempt) -> Self {
        let texts = Arc::new(snapshot.languages.texts(language).for_one());
        Self { snapshot, texts, attempt }
    }

    /// A session about `attempt` with these texts.
    pub(crate) fn with_texts(snapshot: Arc<Snapshot>, texts: Arc<Texts>, attempt: Attempt) -> Self {
        Self { snapshot, texts, attempt }
    }

    /// The same session in another language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Self {
        Self::new(self.snapshot.clone(), language, self.attempt.clone())
    }

    /// The same session for another purpose: codes, failures and proofs of one purpose do not count for another.
    #[must_use]
    pub fn for_purpose(&self, purpose: Purpose) -> Self {
        let attempt = Attempt { purpose, ..self.attempt.clone() };
        Self { snapshot: self.snapshot.clone(), texts: self.texts.clone(), attempt }
    }

    /// The same session, with an account that is known to exist.
    #[must_use]
    pub fn vouched(&self) -> Self {
        let attempt = Attempt { account: self.attempt.account.clone().vouched(), ..self.attempt.clone() };
        Self { snapshot: self.snapshot.clone(), texts: self.texts.clone(), attempt }
    }

    /// Looks up whether the account is known, so that its name can be recorded. Done for every name alike.
    pub async fn look_up(&mut self) -> Result<()> {
        let known = self.store.look().await?.id_at_registration(self.name()).await?.is_some();
        if known {
            self.attempt.account = self.attempt.account.clone().vouched();
        }
        Ok(())
    }

    /// The name of the account, as typed.
    pub fn name(&self) -> Name<'_> {
        self.attempt.account.name()
    }

    /// The caller.
    pub fn caller(&self) -> &Caller {
        &self.attempt.caller
    }

    /// The purpose.
    pub fn purpose(&self) -> Purpose {
        self.attempt.purpose
    }

    /// The text `key`.
    pub fn say(&self, key: &str) -> String {
        self.texts.say(key, &[])
    }

    /// The text `key` with `values` inserted.
    pub fn say_with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.texts.say(key, values)
    }

    /// Notes for the module that at a sign-in the account with `id` need not be asked anything until `until`, by data
    /// that was read after `since`. For directory users the agent keeps the note as well, because they may sign in by
    /// several names.
    pub fn nothing_due(&self, since: Since, id: Id, now: Time, until: Time) {
        let name = self.name();
        match (name.realm, id.uid()) {
            (LOCAL, Some(uid)) => self.settled.note(since, name.name, uid, now, until),
            (LOCAL, None) => {}
            // A host keeps no notes about its own accounts at the server.
            _ if name.host().is_some() => {}
            // The module on this machine need not hear of a sign-in on another: an account here may have the name too.
            _ if self.caller().is_of_the_fleet() => self.settled.note_far(since, name.name, "", now, until),
            _ => self.settled.note_far(since, name.name, self.attempt.account.as_typed(), now, until),
        }
    }

    /// Writes an event to the audit trail. `reason` is for administrators and contains no secret.
    pub fn record(&self, event: Event, reason: &str) {
        self.audit.record(event, &self.attempt, reason);
    }

    /// The same for an event that repeats at each sign-in, even of a program that signs in every minute: one record a
    /// day.
    pub async fn record_once_a_day(&self, event: Event, reason: &str) -> Result<()> {
        let since = self.now() - ONCE_IN;
        let name = event.name(self.attempt.purpose);
        let account = Name { name: self.attempt.account.recorded(), ..self.name() };
        let waits = self.audit.has_waiting(account, name, reason);
        if !waits && !self.store.look().await?.is_recorded(account, name, reason, since).await? {
            self.record(event, reason);
        }
        Ok(())
    }

    /// The key under which failures of this purpose are counted for the account.
    pub(crate) fn failures(&self) -> Tag {
        self.attempt.account.failures(&self.keys, self.attempt.purpose)
    }

    /// The key of its source.
    pub(crate) fn source(&self) -> Tag {
        self.attempt.source(&self.keys)
    }

    /// The key under which sign-ins without the required registration are counted.
    pub(crate) fn let_ins(&self) -> Tag {
        self.attempt.account.let_ins(&self.keys)
    }
}

/// How many seconds pass before an unchanged state is recorded again.
const ONCE_IN: i64 = 86_400;
