//! The agent for administrators: `org.pam_sspr.Admin1`, for root alone.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use tokio::runtime::Handle;
use zbus::{Connection, message::Header, names::OwnedUniqueName};

use crate::{audit::Deed, delivery::courier, memory, random, reloadable::Reloadable, service, snapshot::Snapshot};

mod codes;
mod find;
mod gateways;
pub mod import;
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
    Nothing, Probe, Report, ReportOf, Shown, Test, Tested, User, Whom,
};

/// The longest argument: a batch of an import.
const ARGUMENT_MAX: usize = 8 << 20;

/// What a call may fail with; the texts are for the administrator.
#[derive(Debug, PartialEq, zbus::DBusError)]
#[zbus(prefix = "org.pam_sspr.Error")]
pub enum Error {
    /// The bus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The caller is not root, or can't be told.
    Denied(String),
    /// That can't be done, and why.
    Refused(String),
    /// There is no such account, and nothing of one.
    NotFound(String),
    /// The arguments are not of the right form.
    Malformed(String),
    /// Not now; the journal has more.
    Unavailable(String),
}

impl From<crate::error::Error> for Error {
    fn from(error: crate::error::Error) -> Self {
        tracing::error!(%error, "an administrator's command failed");
        Self::Unavailable("the service could not do that now; see: journalctl -u sspr-agent".into())
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
    /// Names what the command did in the audit trail.
    correlation: String,
    /// Which process of root's it was: the name above is only what that process says.
    process: String,
}

impl Desk {
    async fn new(agent: Arc<Snapshot>, label: Label, of_process: Option<u32>) -> Result<Self> {
        // In a container the uid that signed in can be one of the machine around it; sudo knows better.
        let uids: Vec<u32> =
            [label.sudo, of_process, label.login].into_iter().flatten().filter(|uid| *uid != 0).collect();
        let administrator = match uids.first() {
            None => "root".to_owned(),
            Some(uid) => agent.people.name(*uid).await.unwrap_or_else(|| format!("uid {uid}")),
        };
        let correlation = random::handle(agent.random.as_ref())?;
        Ok(Self { agent, administrator, uids, correlation, process: String::new() })
    }

    fn record(&self, deed: Deed<'_>) {
        self.agent.audit.record_deed(deed, &self.administrator, &self.correlation);
    }
}

/// The interface.
#[derive(Debug)]
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

    /// Lets root in, and reads what it wants.
    async fn admit<T: DeserializeOwned>(
        &self,
        bus: &Connection,
        header: &Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<(Desk, T)> {
        let denied = |_| Error::Denied("who calls can't be told".into());
        let owner = service::sender(header).map_err(denied)?;
        if service::uid_of(bus, &owner).await.map_err(denied)? != 0 {
            return Err(Error::Denied("only root may ask that".into()));
        }
        if by.len().max(what.len()) > ARGUMENT_MAX {
            return Err(Error::Malformed("an argument is too long".into()));
        }
        let malformed = |error: serde_json::Error| Error::Malformed(format!("line {}: not understood", error.line()));
        let caller: Caller = serde_json::from_str(by).map_err(malformed)?;
        let what = serde_json::from_str(what).map_err(malformed)?;
        let process = process(bus, &owner).await;
        let mut desk = Desk::new(self.agent.now(), caller.label, process.and_then(login_uid)).await?;
        desk.process = called_by(process, &caller.cgroup);
        Ok((desk, what))
    }
}

/// The calling process, by what the bus says.
async fn process(bus: &Connection, owner: &OwnedUniqueName) -> Option<u32> {
    let reply = service::call_bus(bus, "GetConnectionUnixProcessID", owner).await.ok()?;
    reply.body().deserialize().ok()
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

#[zbus::interface(name = "org.pam_sspr.Admin1")]
impl Admin {
    /// All users of self-service. [`Nothing`] -> [`User`]s.
    async fn users(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, Nothing {}) = self.admit(bus, &header, &by, &what).await?;
        let users: Vec<User> = people::users(&desk.agent).await?.into_iter().filter(|user| user.enabled).collect();
        let said = say(&users);
        drop(users);
        memory::give_back();
        said
    }

    /// Everything about one account. [`Whom`] -> [`Shown`].
    async fn show(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, whom): (_, Whom) = self.admit(bus, &header, &by, &what).await?;
        let shown: Shown = people::show(&desk, &whom).await?;
        say(&shown)
    }

    /// Begins an import. [`ImportBegin`] -> [`Import`].
    async fn import_begin(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, begin): (_, ImportBegin) = self.admit(bus, &header, &by, &what).await?;
        // An administrator who broke an import off can begin it again at once.
        if let Some(before) = self.imports.owner().await
            && !service::call_bus(bus, "NameHasOwner", &before).await?.body().deserialize::<bool>()?
        {
            self.imports.gone(&before).await;
        }
        let owner = service::sender(&header).map_err(|_| Error::Denied("who calls can't be told".into()))?;
        let import: Import = self.imports.begin(&desk, owner.clone(), begin).await?;
        // What waits to be written goes with who broke off.
        let (imports, bus) = (self.imports.clone(), bus.clone());
        tokio::spawn(async move {
            if service::until_gone(bus, owner.clone()).await.is_ok() {
                imports.gone(&owner).await;
            }
        });
        say(&import)
    }

    /// Checks rows, and keeps those that can be imported. [`ImportRows`] -> [`ImportOutcome`].
    async fn import_rows(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, rows): (_, ImportRows) = self.admit(bus, &header, &by, &what).await?;
        let outcome: ImportOutcome = self.imports.rows(&desk, rows).await?;
        say(&outcome)
    }

    /// Imports what was kept, in one transaction. [`Import`] -> [`ImportOutcome`].
    async fn import_commit(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, import): (_, Import) = self.admit(bus, &header, &by, &what).await?;
        let outcome = self.imports.commit(&desk, &import.handle).await;
        memory::give_back();
        let outcome: ImportOutcome = outcome?;
        say(&outcome)
    }

    /// Drops what was kept. [`Import`] -> [`ImportOutcome`].
    async fn import_cancel(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (_, import): (_, Import) = self.admit(bus, &header, &by, &what).await?;
        say(&self.imports.cancel(&import.handle).await?)
    }

    /// A code to read out. [`Whom`] -> [`HelpdeskCode`].
    async fn code(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, whom): (_, Whom) = self.admit(bus, &header, &by, &what).await?;
        let code: HelpdeskCode = codes::issue(&desk, &whom.user).await?;
        say(&code)
    }

    /// Ends a suspension and forgets failures. [`Whom`] -> [`Done`].
    async fn unblock(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, whom): (_, Whom) = self.admit(bus, &header, &by, &what).await?;
        let done: Done = people::unblock(&desk, &whom.user).await?;
        say(&done)
    }

    /// Deletes the registration. [`Whom`] -> [`Done`].
    async fn forget(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, whom): (_, Whom) = self.admit(bus, &header, &by, &what).await?;
        let done: Done = people::forget(&desk, &whom.user).await?;
        say(&done)
    }

    /// Excuses from registering, or no longer. [`Exempting`] -> [`Done`].
    async fn exempt(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, exempting): (_, Exempting) = self.admit(bus, &header, &by, &what).await?;
        let done: Done = people::exempt(&desk, &exempting).await?;
        say(&done)
    }

    /// How far everybody is. [`ReportOf`] -> [`Report`].
    async fn report(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, of): (_, ReportOf) = self.admit(bus, &header, &by, &what).await?;
        let report = report::report(&desk.agent, of).await;
        memory::give_back();
        let report: Report = report?;
        say(&report)
    }

    /// Records of the audit trail, oldest first. [`AuditOf`] -> [`crate::store::audit::Record`]s.
    async fn audit(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, of): (_, AuditOf) = self.admit(bus, &header, &by, &what).await?;
        say(&trail::read(&desk.agent, of).await?)
    }

    /// Sends a message and waits for the gateway's verdict. [`Test`] -> [`Tested`].
    async fn test(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, test): (_, Test) = self.admit(bus, &header, &by, &what).await?;
        let work = async move { gateways::test(&desk, &test).await };
        let tested: Tested = courier::carry(&self.apart, work).await.ok_or_else(ending)??;
        say(&tested)
    }

    /// Asks a gateway whether it would take a message. [`Probe`] -> [`Look`].
    async fn probe(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: String,
        what: String,
    ) -> Result<String> {
        let (desk, probe): (_, Probe) = self.admit(bus, &header, &by, &what).await?;
        let work = async move { gateways::probe(&desk, &probe).await };
        let looked: Look = courier::carry(&self.apart, work).await.ok_or_else(ending)??;
        say(&looked)
    }
}
