//! Where accounts and their passwords are: each realm has a target that answers for it, and the router finds it.
//!
//! The realm of a name is told by the settings and this host's files alone, see [`crate::snapshot::Snapshot::place`].

use std::{borrow::Cow, future::Future, pin::Pin, sync::Arc};

use sspr_config::directory::Page;

use crate::{
    account::{DIRECTORY, Id, LOCAL, Name},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, CredentialsError, Made},
    },
};

mod directory;
mod local;

pub use directory::Directory;
pub use local::Local;

/// What a target says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// What tells the account from others of its name; [`Id::NONE`] where there is none.
    pub id: Id,
    /// Whether self-service may touch it.
    pub verdict: Verdict,
    /// Whether it is an administrator's.
    pub admin: bool,
    /// Whether too many wrong passwords have locked it. An administrator's lock is not meant; that is [`Verdict::Locked`].
    pub locked: bool,
}

/// The accounts of a realm that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Living {
    /// All of them: what is kept of others is of accounts that are gone.
    All(Vec<(String, Id)>),
    /// It can't be told at once. Nothing is taken for gone.
    Untold,
}

/// Accounts of one realm and their passwords. It alone can say that one of them is gone.
pub trait Target: Send + Sync {
    /// Its realm.
    fn realm(&self) -> &str;

    /// Whether its accounts are asked for over a network. Then nothing asks it about one before a proof: whoever types names at a
    /// prompt would have it asked, and would see by the time which there are.
    fn is_far(&self) -> bool {
        false
    }

    /// Why no password can be set there, whosever it is, if that is certain before anybody is asked anything. It is answered in less
    /// than half a second; what takes longer to find out is known the next time.
    fn why_not(&self) -> Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async { None })
    }

    /// Starts what takes a start, and waits for nothing.
    fn wake(&self) {}

    /// The id of `name`, where it is known without asking anybody: every sign-in waits for this.
    fn known(&self, name: &str) -> Option<Id>;

    /// The accounts that there are.
    fn living(&self) -> std::io::Result<Living>;

    /// Whether self-service may touch `name`. A name that nobody has is an answer, not an error.
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State>;

    /// Whether `password` is the current one of the eligible account `name`.
    fn verify<'a>(&'a self, name: &'a str, password: &'a [u8]) -> Answer<'a, bool>;

    /// May find out what can be known of a new password of `name` ahead of its change, while its owner types it again. Waits for
    /// nothing, says nothing, and writes nothing.
    fn prepare(&self, _name: &str, _id: Id, _new_password: &[u8]) {}

    /// What was prepared for `name` is not needed any more.
    fn forget(&self, _name: &str) {}

    /// Sets the password of `name`, which must still be eligible and have `id`.
    fn change<'a>(&'a self, name: &'a str, id: Id, new_password: &'a [u8]) -> Answer<'a, Change>;

    /// Forgets the wrong passwords that were counted for `name`, which must still be eligible and have `id`. A lock that an
    /// administrator set stays.
    fn unlock<'a>(&'a self, name: &'a str, id: Id) -> Answer<'a, ()>;

    /// What follows a change: what else still opens the account is counted, and its sessions are ended if `made` says so.
    fn after<'a>(&'a self, name: &'a str, made: Made<'a>) -> Answer<'a, Aftermath>;

    /// A page of everybody whom self-service would serve and of whom contacts are kept there: the first for an empty handle. Only the
    /// sync asks for it.
    fn contacts<'a>(&'a self, _handle: &'a str) -> Answer<'a, Page> {
        Box::pin(async { Err(CredentialsError::Unavailable("no contacts are kept there".to_owned())) })
    }
}

/// Where a name leads that was typed, or that a host has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    realm: &'static str,
    name: Cow<'a, str>,
}

impl<'a> Placed<'a> {
    /// To an account of this host.
    pub const fn local(name: &'a str) -> Self {
        Self { realm: LOCAL, name: Cow::Borrowed(name) }
    }

    /// To the directory, where the name is `folded`.
    pub const fn in_the_directory(folded: String) -> Self {
        Self { realm: DIRECTORY, name: Cow::Owned(folded) }
    }

    /// Who answers for it.
    pub const fn realm(&self) -> &'static str {
        self.realm
    }

    /// By what its rows are kept.
    pub fn name(&self) -> Name<'_> {
        Name { realm: self.realm, name: &self.name }
    }
}

/// The targets of this agent, one for each realm; that of this host is always there.
#[derive(Clone)]
pub struct Targets {
    local: Arc<dyn Target>,
    others: Vec<Arc<dyn Target>>,
}

impl Targets {
    /// This host's own accounts alone.
    pub fn local(local: Arc<dyn Target>) -> Self {
        Self { local, others: Vec::new() }
    }

    /// The same with the accounts of another realm.
    #[must_use]
    pub fn with(mut self, target: Arc<dyn Target>) -> Self {
        self.others.push(target);
        self
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &dyn Target> {
        std::iter::once(&self.local).chain(&self.others).map(AsRef::as_ref)
    }

    /// Why no password can be set for `name`, see [`Target::why_not`].
    pub async fn why_not(&self, name: Name<'_>) -> Option<String> {
        match self.of(name) {
            Ok(target) => target.why_not().await,
            Err(error) => Some(error.to_string()),
        }
    }

    /// See [`Target::is_far`].
    pub fn is_far(&self, name: Name<'_>) -> bool {
        self.of(name).is_ok_and(Target::is_far)
    }

    /// See [`Target::known`].
    pub fn known(&self, name: Name<'_>) -> Option<Id> {
        self.of(name).ok()?.known(name.name)
    }

    /// See [`Target::account`].
    pub async fn account(&self, name: Name<'_>) -> Result<State, CredentialsError> {
        self.of(name)?.account(name.name).await
    }

    /// See [`Target::verify`].
    pub async fn verify(&self, name: Name<'_>, password: &[u8]) -> Result<bool, CredentialsError> {
        self.of(name)?.verify(name.name, password).await
    }

    /// See [`Target::prepare`].
    pub fn prepare(&self, name: Name<'_>, id: Id, new_password: &[u8]) {
        if let Ok(target) = self.of(name) {
            target.prepare(name.name, id, new_password);
        }
    }

    /// See [`Target::forget`].
    pub fn forget(&self, name: Name<'_>) {
        if let Ok(target) = self.of(name) {
            target.forget(name.name);
        }
    }

    /// See [`Target::change`].
    pub async fn change(&self, name: Name<'_>, id: Id, new_password: &[u8]) -> Result<Change, CredentialsError> {
        self.of(name)?.change(name.name, id, new_password).await
    }

    /// See [`Target::unlock`].
    pub async fn unlock(&self, name: Name<'_>, id: Id) -> Result<(), CredentialsError> {
        self.of(name)?.unlock(name.name, id).await
    }

    /// See [`Target::after`].
    pub async fn after(&self, name: Name<'_>, made: Made<'_>) -> Result<Aftermath, CredentialsError> {
        self.of(name)?.after(name.name, made).await
    }

    /// See [`Target::contacts`].
    pub async fn contacts(&self, realm: &str, handle: &str) -> Result<Page, CredentialsError> {
        self.of(Name { realm, name: "" })?.contacts(handle).await
    }

    /// The target that answers for `name`. Where a realm was taken out of the settings, none does, and nothing is written.
    fn of(&self, name: Name<'_>) -> Result<&dyn Target, CredentialsError> {
        let gone = || CredentialsError::Unavailable(format!("nothing answers for the realm {:?}", name.realm));
        self.all().find(|target| target.realm() == name.realm).ok_or_else(gone)
    }
}

impl std::fmt::Debug for Targets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.all().map(Target::realm)).finish()
    }
}
