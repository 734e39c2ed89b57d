//! What administrators ask, for root alone and by any transport: a verb, and JSON there and back, see [`wire`].

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use tokio::runtime::Handle;

use crate::{
    audit::Deed, delivery::courier, memory, principal::Principal, random, reloadable::Reloadable, snapshot::Snapshot,
    sync,
};

mod adopt;
mod codes;
mod find;
mod gateways;
pub mod import;
mod pages;
mod people;
mod report;
mod tally;
#[cfg(test)]
mod tests;
mod trail;

pub use sspr_protocol::admin as wire;

use import::Imports;
use wire::{
    AuditOf, Caller, Done, Exempting, HelpdeskCode, Import, ImportBegin, ImportOutcome, ImportRows, Label, Look,
    Nothing, People, PeopleOf, Probe, Report, ReportOf, Shown, SyncOutcome, SyncState, SyncWish, Test, Tested, User,
    Whom,
};

/// The longest argument: a batch of an import.
const ARGUMENT_MAX: usize = 8 << 20;

/// What a call may fail with; the texts are for the administrator.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller is not root, or can't be told.
    #[error("{0}")]
    Denied(String),
    /// That can't be done, and why.
    #[error("{0}")]
    Refused(String),
    /// There is no such account, and nothing of one.
    #[error("{0}")]
    NotFound(String),
    /// The arguments are not of the right form.
    #[error("{0}")]
    Malformed(String),
    /// Not now; the journal has more.
    #[error("{0}")]
    Unavailable(String),
}

impl From<crate::error::Error> for Error {
    fn from(error: crate::error::Error) -> Self {
        tracing::error!(%error, "an administrator's command failed");
        Self::Unavailable("the service could not do that now; see: journalctl -u sspr-agent".into())
    }
}

impl From<sync::Why> for Error {
    fn from(why: sync::Why) -> Self {
        match why {
            sync::Why::Agent(error) => error.into(),
            sync::Why::Unset => Self::Refused(why.to_string()),
            sync::Why::UnderWay | sync::Why::Unread(_) => Self::Unavailable(why.to_string()),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        crate::error::Error::from(error).into()
    }
}

type Result<T> = std::result::Result<T, Error>;

fn refused(why: impl Into<String>) -> Error {
    Error::Refused(why.into())
}

fn not_found() -> Error {
    Error::NotFound("there is no such account".into())
}

/// So much of a control group is recorded, in characters.
const CGROUP_MAX: usize = 120;

/// Who asks, and the world as it is for this one command.
struct Desk {
    agent: Arc<Snapshot>,
    /// The administrator's name.
    administrator: String,
    /// Every uid that the administrator goes by, root's left out.
    uids: Vec<u32>,
    /// What these are called; `None` for one that nobody knows here.
    names: Vec<Option<String>>,
    /// Names what the command did in the audit trail.
    correlation: String,
    /// Which process of root's it was: the name above is only what that process says.
    process: String,
}

impl Desk {
    async fn new(agent: Arc<Snapshot>, label: Label, of_process: Option<u32>) -> Result<Self> {
        // In a container the uid that signed in can be one of the machine around it; sudo knows better.
        let mut uids = Vec::new();
        for uid in [label.sudo, of_process, label.login].into_iter().flatten() {
            if uid != 0 && !uids.contains(&uid) {
                uids.push(uid);
            }
        }
        let mut names = Vec::new();
        for uid in &uids {
            names.push(agent.people.name(*uid).await);
        }
        let administrator = match (uids.first(), names.first()) {
            (Some(_), Some(Some(name))) => name.clone(),
            (Some(uid), _) => format!("uid {uid}"),
            (None, _) => "root".to_owned(),
        };
        let correlation = random::handle(agent.random.as_ref())?;
        Ok(Self { agent, administrator, uids, names, correlation, process: String::new() })
    }

    fn record(&self, deed: Deed<'_>) {
        self.agent.audit.record_deed(deed, &self.administrator, &self.correlation);
    }
}

/// What can be asked; see [`wire`] for what goes there and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Everybody for whom self-service is on. [`Nothing`] -> [`User`]s.
    Users,
    /// A page of everybody, whether self-service is on for them or not. [`PeopleOf`] -> [`People`].
    People,
    /// Everything about one account. [`Whom`] -> [`Shown`].
    Show,
    /// Begins an import. [`ImportBegin`] -> [`Import`].
    ImportBegin,
    /// Checks rows, and keeps those that can be imported. [`ImportRows`] -> [`ImportOutcome`].
    ImportRows,
    /// Imports what was kept, in one transaction. [`Import`] -> [`ImportOutcome`].
    ImportCommit,
    /// Drops what was kept. [`Import`] -> [`ImportOutcome`].
    ImportCancel,
    /// A code to read out. [`Whom`] -> [`HelpdeskCode`].
    Code,
    /// Ends a suspension and forgets failures. [`Whom`] -> [`Done`].
    Unblock,
    /// Drops everything that is registered. [`Whom`] -> [`Done`].
    Forget,
    /// Keeps what a local account registered for the one of the directory. [`Whom`] -> [`Done`].
    Adopt,
    /// Copies the directory's contacts now. [`SyncWish`] -> [`SyncOutcome`].
    Sync,
    /// How the copying of the directory's contacts goes. [`Nothing`] -> [`SyncState`].
    SyncState,
    /// Excuses from registering, or no longer. [`Exempting`] -> [`Done`].
    Exempt,
    /// How far everybody is. [`ReportOf`] -> [`Report`].
    Report,
    /// Records of the audit trail, oldest first. [`AuditOf`] -> [`crate::store::audit::Record`]s.
    Audit,
    /// Sends a message and waits for the gateway's verdict. [`Test`] -> [`Tested`].
    Test,
    /// Asks a gateway whether it would take a message. [`Probe`] -> [`Look`].
    Probe,
}

/// What administrators can have done. Clones share the import that is under way.
#[derive(Clone, Debug)]
pub struct Admin {
    agent: Reloadable<Snapshot>,
    /// Where messages leave and gateways are looked at, apart from the dialogues.
    apart: Handle,
    imports: Imports,
}

impl Admin {
    /// Serves administrators; test messages leave `apart` from the dialogues.
    pub fn new(agent: impl Into<Reloadable<Snapshot>>, apart: Handle) -> Self {
        Self { agent: agent.into(), apart, imports: Imports::default() }
    }

    /// Does what `who` asks: `by` is a [`Caller`], `what` what the verb takes, and the answer what it gives, all of them JSON.
    pub async fn call(&self, who: &Principal, verb: Verb, by: &str, what: &str) -> Result<String> {
        let desk = self.admit(who, by, what).await?;
        match verb {
            Verb::Users => {
                let Nothing {} = read(what)?;
                let users = people::users(&desk.agent).await?.into_iter().filter(|user| user.enabled);
                let said = say(&users.collect::<Vec<User>>());
                memory::give_back();
                said
            }
            Verb::People => say::<People>(&pages::page(&desk.agent, read::<PeopleOf>(what)?).await?),
            Verb::Show => say::<Shown>(&people::show(&desk, &read::<Whom>(what)?).await?),
            Verb::ImportBegin => {
                say::<Import>(&self.imports.begin(&desk, who.connection(), read::<ImportBegin>(what)?).await?)
            }
            Verb::ImportRows => say::<ImportOutcome>(&self.imports.rows(&desk, read::<ImportRows>(what)?).await?),
            Verb::ImportCommit => {
                let outcome = self.imports.commit(&desk, &read::<Import>(what)?.handle).await;
                memory::give_back();
                say::<ImportOutcome>(&outcome?)
            }
            Verb::ImportCancel => say::<ImportOutcome>(&self.imports.cancel(&read::<Import>(what)?.handle).await?),
            Verb::Code => say::<HelpdeskCode>(&codes::issue(&desk, &read::<Whom>(what)?.user).await?),
            Verb::Unblock => say::<Done>(&people::unblock(&desk, &read::<Whom>(what)?.user).await?),
            Verb::Forget => say::<Done>(&people::forget(&desk, &read::<Whom>(what)?).await?),
            Verb::Adopt => say::<Done>(&adopt::adopt(&desk, &read::<Whom>(what)?.user).await?),
            Verb::Sync => {
                let outcome = sync::now(&desk.agent, read::<SyncWish>(what)?, &self.apart).await;
                memory::give_back();
                say::<SyncOutcome>(&outcome?)
            }
            Verb::SyncState => {
                let Nothing {} = read(what)?;
                say::<SyncState>(&sync::state(&desk.agent).await?)
            }
            Verb::Exempt => say::<Done>(&people::exempt(&desk, &read::<Exempting>(what)?).await?),
            Verb::Report => {
                let report = report::report(&desk.agent, read::<ReportOf>(what)?).await;
                memory::give_back();
                say::<Report>(&report?)
            }
            Verb::Audit => say(&trail::read(&desk.agent, read::<AuditOf>(what)?).await?),
            Verb::Test => {
                let test: Test = read(what)?;
                let work = async move { gateways::test(&desk, &test).await };
                say::<Tested>(&courier::carry(&self.apart, work).await.ok_or_else(ending)??)
            }
            Verb::Probe => {
                let probe: Probe = read(what)?;
                let work = async move { gateways::probe(&desk, &probe).await };
                say::<Look>(&courier::carry(&self.apart, work).await.ok_or_else(ending)??)
            }
        }
    }

    /// By which connection an import is under way.
    pub async fn importing(&self) -> Option<String> {
        self.imports.owner().await
    }

    /// A connection is gone: so is what it did not finish.
    pub async fn gone(&self, connection: &str) {
        self.imports.gone(connection).await;
    }

    /// Lets root in.
    async fn admit(&self, who: &Principal, by: &str, what: &str) -> Result<Desk> {
        if !who.is_root() {
            return Err(Error::Denied("only root may ask that".into()));
        }
        if by.len().max(what.len()) > ARGUMENT_MAX {
            return Err(Error::Malformed("an argument is too long".into()));
        }
        let caller: Caller = read(by)?;
        let mut desk = Desk::new(self.agent.now(), caller.label, who.process().and_then(login_uid)).await?;
        desk.process = called_by(who.process(), &caller.cgroup);
        Ok(desk)
    }
}

/// What was asked, or is said of who asks.
fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Malformed(format!("line {}: not understood", error.line())))
}

/// For the audit trail: the process, and where it runs as it says itself.
fn called_by(process: Option<u32>, cgroup: &str) -> String {
    let process = process.map_or_else(|| "unknown process".to_owned(), |pid| format!("process {pid}"));
    let plain: String = cgroup.chars().filter(|c| !c.is_control()).take(CGROUP_MAX).collect();
    if plain.is_empty() { process } else { format!("{process} in {plain}") }
}

/// The uid that signed in to the session of a process, as the kernel keeps it. Often the agent may not look.
fn login_uid(pid: u32) -> Option<u32> {
    sspr_machine::login_uid_in(&format!("/proc/{pid}/loginuid"))
}

fn ending() -> Error {
    Error::Unavailable("the service is about to end".into())
}

fn say<T: Serialize>(answer: &T) -> Result<String> {
    serde_json::to_string(answer).map_err(|error| Error::Unavailable(error.to_string()))
}
