//! The verbs for administrators, for root only and over any transport: JSON in and JSON out, see [`wire`].

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{
    audit::Deed, delivery::courier, fleet::Fleet, fleet::listening::Listening, memory, principal::Principal, random,
    reloadable::Reloadable, snapshot::Snapshot, sync,
};

mod adopt;
mod by_group;
mod codes;
mod counted;
mod erase;
mod export;
mod find;
mod gateways;
pub mod helpdesk;
mod hosts;
pub mod import;
mod joining;
mod of_directory;
mod pages;
mod people;
mod report;
mod roll;
mod server_key;
mod state;
mod tally;
#[cfg(test)]
mod tests;
mod trail;
mod verify;

pub use sspr_protocol::{admin as wire, helpdesk as wire_of_the_desk, state as wire_of_state};

use sspr_protocol::{
    chain::{ChainOf, Chained},
    compliance::{Exported, Receipt},
    fleet::{
        FleetState, Host, HostChange, HostChanged, JoinDone, JoinWish, Left, NewKey, Repin, ServerKeyWish, ServerKeys,
        TokenMade, TokenWish,
    },
};

use import::Imports;
use wire::{
    AuditOf, Caller, Done, Exempting, HelpdeskCode, Import, ImportBegin, ImportOutcome, ImportRows, Label, Look,
    Nothing, People, PeopleOf, Probe, Report, ReportOf, Shown, SyncOutcome, SyncState, SyncWish, Test, Tested, User,
    Whom,
};
use wire_of_state::State;
use wire_of_the_desk::{Verified, Verify, VerifyAnswer, VerifySent};

/// The most bytes of an argument: a batch of an import.
const ARGUMENT_MAX: usize = 8 << 20;

/// How a call can fail; the texts are for the administrator.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller is not root, or unknown.
    #[error("{0}")]
    Denied(String),
    /// It can't be done, for this reason.
    #[error("{0}")]
    Refused(String),
    /// There is no such account, and no registration of one.
    #[error("{0}")]
    NotFound(String),
    /// The arguments have the wrong form.
    #[error("{0}")]
    Malformed(String),
    /// It can't be done now; the journal has more.
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

/// How many characters of a control group are recorded.
const CGROUP_MAX: usize = 120;

/// One call of a command: its caller, and the snapshot that is in force for it.
struct AdminCall {
    agent: Arc<Snapshot>,
    /// The administrator's name.
    administrator: String,
    /// Every uid of the administrator, except root's.
    uids: Vec<u32>,
    /// The names of these uids; `None` for a uid without a name here.
    names: Vec<Option<String>>,
    /// Identifies the command in the audit trail.
    correlation: String,
    /// The caller's process: for root, the name above is only what this process says.
    process: String,
    /// The uid of a member of the help desk; `None` for root.
    member: Option<u32>,
}

impl AdminCall {
    async fn new(agent: Arc<Snapshot>, label: Label, of_process: Option<u32>) -> Result<Self> {
        // In a container, the uid that signed in may belong to the host around it; sudo knows better.
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
        Ok(Self { agent, administrator, uids, names, correlation, process: String::new(), member: None })
    }

    fn record(&self, deed: Deed<'_>) {
        match self.member {
            Some(uid) => self.agent.audit.record_of_the_desk(deed, uid, &self.administrator, &self.correlation),
            None => self.agent.audit.record_deed(deed, &self.administrator, &self.correlation),
        }
    }
}

/// The verbs; see [`wire`] for their arguments and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Lists all users for whom self-service is enabled. [`Nothing`] -> [`User`]s.
    Users,
    /// Lists a page of all users, whether self-service is enabled for them or not. [`PeopleOf`] -> [`People`].
    People,
    /// Shows everything about one account. [`Whom`] -> [`Shown`].
    Show,
    /// Begins an import. [`ImportBegin`] -> [`Import`].
    ImportBegin,
    /// Checks rows, and keeps those that can be imported. [`ImportRows`] -> [`ImportOutcome`].
    ImportRows,
    /// Imports the kept rows in one transaction. [`Import`] -> [`ImportOutcome`].
    ImportCommit,
    /// Drops the kept rows. [`Import`] -> [`ImportOutcome`].
    ImportCancel,
    /// Makes a code to read out. [`Whom`] -> [`HelpdeskCode`].
    Code,
    /// Ends a suspension and forgets failures. [`Whom`] -> [`Done`].
    Unblock,
    /// Deletes everything that an account registered. [`Whom`] -> [`Done`].
    Forget,
    /// Moves what a local account registered to the one of the directory. [`Whom`] -> [`Done`].
    Adopt,
    /// Copies the directory's contacts now. [`SyncWish`] -> [`SyncOutcome`].
    Sync,
    /// Shows the state of copying the directory's contacts. [`Nothing`] -> [`SyncState`].
    SyncState,
    /// Exempts an account from registering, or ends that. [`Exempting`] -> [`Done`].
    Exempt,
    /// Exports everything that is stored about one user. [`Whom`] -> [`Exported`].
    Export,
    /// Erases everything that is stored about one user. [`Whom`] -> [`Receipt`].
    Erase,
    /// Returns rows of the audit trail with their chain. [`ChainOf`] -> [`Chained`].
    Chain,
    /// Counts registrations and resets. [`ReportOf`] -> [`Report`].
    Report,
    /// Returns records of the audit trail, oldest first. [`AuditOf`] -> [`crate::store::audit::Record`]s.
    Audit,
    /// Sends a message and waits for the gateway's verdict. [`Test`] -> [`Tested`].
    Test,
    /// Asks a gateway whether it would accept a message. [`Probe`] -> [`Look`].
    Probe,
    /// Returns the agent's state, for monitoring. [`Nothing`] -> [`State`].
    State,
    /// Sends a code to a registered contact, to verify a caller. [`Verify`] -> [`VerifySent`].
    Verify,
    /// Checks what the caller read out. [`VerifyAnswer`] -> [`Verified`].
    VerifyAnswer,
    /// Lists the hosts of the fleet. [`Nothing`] -> [`Host`]s.
    Hosts,
    /// Makes a token that lets hosts join. [`TokenWish`] -> [`TokenMade`].
    HostToken,
    /// Revokes, pauses, resumes or renames a host, or forgets its own accounts. [`HostChange`] -> [`HostChanged`].
    HostChange,
    /// Joins a fleet, as a host. [`JoinWish`] -> [`JoinDone`].
    Join,
    /// Leaves the fleet. [`Nothing`] -> [`Left`].
    Leave,
    /// Replaces this host's key. [`Nothing`] -> [`NewKey`].
    NewKey,
    /// Has this host know its server by another key. [`Repin`] -> [`Nothing`].
    Repin,
    /// Shows the keys of this server, or replaces its key in steps. [`ServerKeyWish`] -> [`ServerKeys`].
    ServerKey,
    /// Returns the role of this machine in a fleet. [`Nothing`] -> [`FleetState`].
    Fleet,
}

/// Serves administrators. Clones share the import that is under way.
#[derive(Clone, Debug)]
pub struct Admin {
    agent: Reloadable<Snapshot>,
    /// The runtime on which messages are sent and gateways are checked, apart from the dialogues.
    apart: Handle,
    imports: Imports,
    fleet: Option<(Fleet, Listening)>,
}

impl Admin {
    /// Serves administrators; test messages are sent `apart` from the dialogues.
    pub fn new(agent: impl Into<Reloadable<Snapshot>>, apart: Handle) -> Self {
        Self { agent: agent.into(), apart, imports: Imports::default(), fleet: None }
    }

    /// The same on a machine that may be a host of a fleet, or its server.
    #[must_use]
    pub fn of_a_fleet(self, fleet: Fleet, listening: Listening) -> Self {
        Self { fleet: Some((fleet, listening)), ..self }
    }

    fn fleet(&self) -> Result<&(Fleet, Listening)> {
        self.fleet.as_ref().ok_or_else(|| refused("there are no fleets here"))
    }

    /// Runs the verb for `who`. `by` is a JSON [`Caller`], `what` the verb's JSON argument; returns its JSON answer.
    pub async fn call(&self, who: &Principal, verb: Verb, by: &str, what: &str) -> Result<String> {
        let call = self.admit(who, by, what).await?;
        match verb {
            Verb::Users => {
                let Nothing {} = read(what)?;
                let users = people::users(&call.agent).await?.into_iter().filter(|user| user.enabled);
                let said = say(&users.collect::<Vec<User>>());
                memory::give_back();
                said
            }
            Verb::People => say::<People>(&pages::page(&call.agent, read::<PeopleOf>(what)?).await?),
            Verb::Show => say::<Shown>(&people::show(&call, &read::<Whom>(what)?).await?),
            Verb::ImportBegin => {
                say::<Import>(&self.imports.begin(&call, who.connection(), read::<ImportBegin>(what)?)?)
            }
            Verb::ImportRows => say::<ImportOutcome>(&self.imports.rows(&call, read::<ImportRows>(what)?).await?),
            Verb::ImportCommit => {
                let outcome = self.imports.commit(&call, &read::<Import>(what)?.handle).await;
                memory::give_back();
                say::<ImportOutcome>(&outcome?)
            }
            Verb::ImportCancel => say::<ImportOutcome>(&self.imports.cancel(&read::<Import>(what)?.handle).await?),
            Verb::Code => say::<HelpdeskCode>(&codes::issue(&call, &read::<Whom>(what)?.user).await?),
            Verb::Unblock => say::<Done>(&people::unblock(&call, &read::<Whom>(what)?.user).await?),
            Verb::Forget => say::<Done>(&people::forget(&call, &read::<Whom>(what)?).await?),
            Verb::Adopt => say::<Done>(&adopt::adopt(&call, &read::<Whom>(what)?.user).await?),
            Verb::Sync => {
                let outcome = sync::now(&self.agent, read::<SyncWish>(what)?, &self.apart).await;
                memory::give_back();
                say::<SyncOutcome>(&outcome?)
            }
            Verb::SyncState => {
                let Nothing {} = read(what)?;
                say::<SyncState>(&sync::state(&call.agent).await?)
            }
            Verb::Exempt => say::<Done>(&people::exempt(&call, &read::<Exempting>(what)?).await?),
            Verb::Export => say::<Exported>(&export::export(&call, &read::<Whom>(what)?).await?),
            Verb::Erase => say::<Receipt>(&erase::erase(&call, &read::<Whom>(what)?).await?),
            Verb::Chain => say::<Chained>(&trail::chain(&call.agent, read::<ChainOf>(what)?).await?),
            Verb::Report => {
                let report = report::report(&call.agent, read::<ReportOf>(what)?).await;
                memory::give_back();
                say::<Report>(&report?)
            }
            Verb::Audit => say(&trail::read(&call.agent, read::<AuditOf>(what)?).await?),
            Verb::Test => {
                let test: Test = read(what)?;
                let work = async move { gateways::test(&call, &test).await };
                say::<Tested>(&courier::carry(&self.apart, work).await.ok_or_else(ending)??)
            }
            Verb::Probe => {
                let probe: Probe = read(what)?;
                let work = async move { gateways::probe(&call, &probe).await };
                say::<Look>(&courier::carry(&self.apart, work).await.ok_or_else(ending)??)
            }
            Verb::State => {
                let Nothing {} = read(what)?;
                say::<State>(&state::state(&call.agent).await?)
            }
            Verb::Verify => say::<VerifySent>(&verify::send(&call, &read::<Verify>(what)?).await?),
            Verb::Hosts => {
                let Nothing {} = read(what)?;
                say::<Vec<Host>>(&hosts::list(&call, &self.fleet()?.1).await?)
            }
            Verb::HostToken => {
                say::<TokenMade>(&hosts::token(&call, &self.fleet()?.1, &read::<TokenWish>(what)?).await?)
            }
            Verb::HostChange => say::<HostChanged>(&hosts::change(&call, &read::<HostChange>(what)?).await?),
            Verb::Join => say::<JoinDone>(&joining::join(&call, &self.fleet()?.0, &read::<JoinWish>(what)?).await?),
            Verb::Leave => {
                let Nothing {} = read(what)?;
                say::<Left>(&joining::leave(&self.fleet()?.0).await?)
            }
            Verb::NewKey => {
                let Nothing {} = read(what)?;
                say::<NewKey>(&joining::new_key(&call, &self.fleet()?.0).await?)
            }
            Verb::Repin => say::<Nothing>(&joining::repin(&call, &self.fleet()?.0, &read::<Repin>(what)?).await?),
            Verb::ServerKey => {
                let (fleet, listening) = self.fleet()?;
                say::<ServerKeys>(&server_key::step(&call, fleet, listening, read::<ServerKeyWish>(what)?).await?)
            }
            Verb::Fleet => {
                let Nothing {} = read(what)?;
                let (fleet, listening) = self.fleet()?;
                say::<FleetState>(&hosts::state(&call, fleet, listening).await?)
            }
            Verb::VerifyAnswer => say::<Verified>(&verify::answer(&call, &read::<VerifyAnswer>(what)?).await?),
        }
    }

    /// The connection over which an import is under way.
    pub async fn importing(&self) -> Option<String> {
        self.imports.owner().await
    }

    /// Drops the unfinished import of a closed connection.
    pub async fn gone(&self, connection: &str) {
        self.imports.gone(connection).await;
    }

    /// Admits root only.
    async fn admit(&self, who: &Principal, by: &str, what: &str) -> Result<AdminCall> {
        if !who.is_root() {
            return Err(Error::Denied("only root may ask that".into()));
        }
        if by.len().max(what.len()) > ARGUMENT_MAX {
            return Err(Error::Malformed("an argument is too long".into()));
        }
        let caller: Caller = read(by)?;
        let mut call = AdminCall::new(self.agent.now(), caller.label, who.process().and_then(login_uid)).await?;
        call.process = called_by(who.process(), &caller.cgroup);
        Ok(call)
    }
}

/// Reads a JSON argument, or the caller.
fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Malformed(format!("line {}: not understood", error.line())))
}

/// A process in the audit trail.
fn named(process: Option<u32>) -> String {
    process.map_or_else(|| "unknown process".to_owned(), |pid| format!("process {pid}"))
}

/// For the audit trail: the process, and its own statement of where it runs.
fn called_by(process: Option<u32>, cgroup: &str) -> String {
    let process = named(process);
    let plain: String = cgroup.chars().filter(|c| !c.is_control()).take(CGROUP_MAX).collect();
    if plain.is_empty() { process } else { format!("{process} in {plain}") }
}

/// The uid that signed in to the session of a process, by the kernel. Often the agent may not read it.
fn login_uid(pid: u32) -> Option<u32> {
    sspr_machine::login_uid_in(&format!("/proc/{pid}/loginuid"))
}

/// Runs `work` off the thread that all dialogues share.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|error| Error::Unavailable(error.to_string()))
}

/// For `map_err`: the machine's files are unreadable.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_accounts(error: std::io::Error) -> Error {
    Error::Unavailable(format!("the accounts can't be read: {error}"))
}

fn ending() -> Error {
    Error::Unavailable("the service is about to end".into())
}

fn say<T: Serialize>(answer: &T) -> Result<String> {
    serde_json::to_string(answer).map_err(|error| Error::Unavailable(error.to_string()))
}
