//! Where accounts and their passwords are: each realm has a target, and the router finds it.
//!
//! The settings and this host's files alone determine the realm of a name, see [`crate::snapshot::Snapshot::place`].

use std::{borrow::Cow, future::Future, pin::Pin, sync::Arc};

use sspr_config::directory::Page;

use crate::{
    account::{self, DIRECTORY, Id, LOCAL, Name},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, CredentialsError, Made},
    },
};

mod directory;
mod local;
mod of_a_host;

pub use directory::Directory;
pub use local::Local;
pub(crate) use of_a_host::OfAHost;

/// A target's answer about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The id that distinguishes the account from others of its name; [`Id::NONE`] if there is no account.
    pub id: Id,
    /// Whether self-service may change the account.
    pub verdict: Verdict,
    /// Whether the account belongs to an administrator.
    pub admin: bool,
    /// Whether too many wrong passwords have locked the account. An administrator's lock is [`Verdict::Locked`]
    /// instead.
    pub locked: bool,
}

/// The accounts that exist in a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Living {
    /// All accounts: records of any other account belong to one that is gone.
    All(Vec<(String, Id)>),
    /// The accounts can't be listed at once. No account counts as gone.
    Untold,
}

/// The accounts of one realm and their passwords. Only the target can say that an account is gone.
pub trait Target: Send + Sync {
    /// The realm of the accounts.
    fn realm(&self) -> &str;

    /// Whether its accounts are looked up over a network. If so, it is not asked about an account before a proof.
    /// Otherwise anyone who types names at a prompt could cause look-ups, and could tell by the time which names exist.
    fn is_far(&self) -> bool {
        false
    }

    /// Why no password can be set for any account, if that is certain before the user is asked anything. Answers in
    /// less than half a second; a result that takes longer is known the next time.
    fn why_not(&self) -> Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async { None })
    }

    /// Starts the programs that the target needs, without waiting for them.
    fn wake(&self) {}

    /// The id of `name`, if it is known without asking another program: every sign-in waits for this.
    fn known(&self, name: &str) -> Option<Id>;

    /// The accounts that exist.
    fn living(&self) -> std::io::Result<Living>;

    /// Whether self-service may change `name`. A name that does not exist is an answer, not an error.
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State>;

    /// Whether `password` is the current one of the eligible account `name`.
    fn verify<'a>(&'a self, name: &'a str, password: &'a [u8]) -> Answer<'a, bool>;

    /// May check a new password of `name` ahead of its change, while the user types it again. Does not wait, reports
    /// nothing, and writes nothing.
    fn prepare(&self, _name: &str, _id: Id, _new_password: &[u8]) {}

    /// Drops what was prepared for `name`.
    fn forget(&self, _name: &str) {}

    /// Sets the password of `name`, which must still be eligible and have `id`.
    fn change<'a>(&'a self, name: &'a str, id: Id, new_password: &'a [u8]) -> Answer<'a, Change>;

    /// Clears the wrong passwords that were counted for `name`, which must still be eligible and have `id`. An
    /// administrator's lock stays.
    fn unlock<'a>(&'a self, name: &'a str, id: Id) -> Answer<'a, ()>;

    /// The steps after a change: counts what else still opens the account, and ends its sessions if `made` says so.
    fn after<'a>(&'a self, name: &'a str, made: Made<'a>) -> Answer<'a, Aftermath>;

    /// A page of all users whom self-service would serve and whose contacts are stored in the directory. An empty
    /// handle requests the first page. Only the sync uses this.
    fn contacts<'a>(&'a self, _handle: &'a str) -> Answer<'a, Page> {
        Box::pin(async { Err(CredentialsError::Unavailable("no contacts are kept there".to_owned())) })
    }
}

/// The account that a typed name, or a name on this host, leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    realm: Cow<'static, str>,
    name: Cow<'a, str>,
}

impl<'a> Placed<'a> {
    /// An account of this host.
    pub const fn local(name: &'a str) -> Self {
        Self { realm: Cow::Borrowed(LOCAL), name: Cow::Borrowed(name) }
    }

    /// The account `name` of the host of the fleet with the id `host` itself. No other host and no target of this
    /// machine has an account of this realm.
    pub fn of_a_host(host: &str, name: &'a str) -> Self {
        Self { realm: Cow::Owned(account::realm_of_host(host)), name: Cow::Borrowed(name) }
    }

    /// An account of the directory, where the name is `folded`.
    pub const fn in_the_directory(folded: String) -> Self {
        Self { realm: Cow::Borrowed(DIRECTORY), name: Cow::Owned(folded) }
    }

    /// The realm that the account is in.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The key of its rows.
    pub fn name(&self) -> Name<'_> {
        Name { realm: &self.realm, name: &self.name }
    }
}

/// The targets of this agent, one for each realm. This host's own target is always there.
#[derive(Clone)]
pub struct Targets {
    local: Arc<dyn Target>,
    others: Vec<Arc<dyn Target>>,
}

impl Targets {
    /// Only this host's own accounts.
    pub fn local(local: Arc<dyn Target>) -> Self {
        Self { local, others: Vec::new() }
    }

    /// Adds the accounts of another realm.
    #[must_use]
    pub fn with(mut self, target: Arc<dyn Target>) -> Self {
        self.others.push(target);
        self
    }

    /// All targets.
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

    /// See [`Target::wake`].
    pub fn wake(&self, name: Name<'_>) {
        if let Ok(target) = self.of(name) {
            target.wake();
        }
    }

    /// See [`Target::is_far`]. A host of the fleet is asked only within a dialogue that it began, so no target of the
    /// agent's own answers for its accounts.
    pub fn is_far(&self, name: Name<'_>) -> bool {
        name.host().is_some() || self.of(name).is_ok_and(Target::is_far)
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

    /// The target for `name`. There is none if its realm was removed from the settings. Then nothing is written.
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
