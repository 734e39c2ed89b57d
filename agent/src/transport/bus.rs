//! Dialogues and administrators' commands on the bus: `org.pam_sspr.Dialogue1` and `org.pam_sspr.Admin1`. The bus
//! identifies the caller.

use std::num::NonZeroUsize;

use futures_util::StreamExt as _;
use sspr_config::{
    bus,
    dialogue::{ANSWER_MAX, Step},
    sealed,
};
use zbus::{
    Connection, MatchRule, MessageStream,
    message::{self, Header},
    names::OwnedUniqueName,
    object_server::SignalEmitter,
};

use crate::{
    admin::{self, Admin, Verb},
    fleet::relay::Relay,
    principal::Principal,
    sessions::{Beginning, Refused},
};

/// The errors of a call.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.pam_sspr.Error")]
pub enum CallError {
    /// An error of the bus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The agent can't serve the call now.
    Unavailable(String),
    /// There is no such dialogue, or it belongs to another caller.
    NoDialogue(String),
    /// The arguments are malformed.
    Malformed(String),
    /// This caller may not do that.
    Denied(String),
    /// That can't be done; the text says why.
    Refused(String),
    /// There is no such account, and nothing is stored about one.
    NotFound(String),
}

impl From<Refused> for CallError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unavailable(why) => Self::Unavailable(why),
            Refused::NoDialogue(why) => Self::NoDialogue(why),
            Refused::Malformed(why) => Self::Malformed(why),
            Refused::Denied(why) => Self::Denied(why),
        }
    }
}

impl From<admin::Error> for CallError {
    fn from(error: admin::Error) -> Self {
        match error {
            admin::Error::Denied(why) => Self::Denied(why),
            admin::Error::Refused(why) => Self::Refused(why),
            admin::Error::NotFound(why) => Self::NotFound(why),
            admin::Error::Malformed(why) => Self::Malformed(why),
            admin::Error::Unavailable(why) => Self::Unavailable(why),
        }
    }
}

type Result<T> = std::result::Result<T, CallError>;

/// The kind of callers on one of the agent's connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entrance {
    /// PAM hosts, which run as root.
    Root,
    /// All users.
    People,
}

/// Dialogues on the bus.
#[derive(Clone, Debug)]
pub struct Service {
    dialogues: Relay,
    entrance: Entrance,
}

impl Service {
    /// Serves root's connection.
    pub fn new(dialogues: impl Into<Relay>) -> Self {
        Self { dialogues: dialogues.into(), entrance: Entrance::Root }
    }

    /// Serves the same dialogues on the connection of users who are not root.
    #[must_use]
    pub fn for_people(&self) -> Self {
        Self { entrance: Entrance::People, ..self.clone() }
    }
}

/// The sender of a message, for calls that only have to be bound to its connection.
fn bound(header: &Header<'_>) -> Result<Principal> {
    // The uid is not looked up, so the caller gets no user's rights.
    Ok(Principal::new(u32::MAX, sender(header)?.as_str()))
}

#[zbus::interface(name = "org.pam_sspr.Dialogue1")]
impl Service {
    /// Begins a dialogue. See [`sspr_config::dialogue`].
    #[allow(clippy::too_many_arguments)]
    async fn begin(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        // Borrowed from the message, so that a long argument is not copied.
        purpose: &str,
        user: &str,
        service: &str,
        tty: &str,
        rhost: &str,
        locale: &str,
    ) -> Result<(String, Step)> {
        let owner = sender(&header)?;
        let wanted = Beginning::new(purpose, [user, service, tty, rhost, locale])?;
        let connection = emitter.connection();
        let who = Principal::new(uid_of(connection, &owner).await?, owner.as_str());
        if self.entrance == Entrance::Root && !who.is_root() {
            return Err(CallError::Denied(format!("this name is for root; there is {}", bus::PEOPLE)));
        }
        let leaving = until_gone(connection.clone(), owner);
        let leaving = async move { leaving.await.map_err(|error| error.to_string()) };
        Ok(self.dialogues.begin(&who, wanted, leaving).await?)
    }

    /// Answers the question of `turn`.
    async fn answer(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: &str,
        turn: u32,
        answer: &[u8],
    ) -> Result<(Step,)> {
        Ok((self.dialogues.answer(&bound(&header)?, handle, turn, answer, false).await?,))
    }

    /// Answers the question of `turn` with the content of a sealed memfd.
    async fn answer_sealed(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: &str,
        turn: u32,
        answer: zbus::wire::OwnedFd,
    ) -> Result<(Step,)> {
        let answer = sealed::read(&answer, ANSWER_MAX + 1).map_err(|e| CallError::Malformed(e.to_string()))?;
        Ok((self.dialogues.answer(&bound(&header)?, handle, turn, &answer, true).await?,))
    }

    /// Ends a dialogue early. Codes that were sent stay valid.
    #[allow(clippy::unused_async, reason = "the interface wants it")]
    async fn cancel(&self, #[zbus(header)] header: Header<'_>, handle: &str) -> Result<()> {
        self.dialogues.cancel(&bound(&header)?, handle);
        Ok(())
    }

    /// Ends a dialogue early because a program answers instead of a person: see
    /// [`sspr_config::dialogue::LEFT_TO_A_PROGRAM`].
    #[allow(clippy::unused_async, reason = "the interface wants it")]
    async fn leave(&self, #[zbus(header)] header: Header<'_>, handle: &str, why: &str) -> Result<()> {
        self.dialogues.leave(&bound(&header)?, handle, why);
        Ok(())
    }
}

/// Administrators' commands on the bus.
#[derive(Debug)]
pub struct AdminService(pub Admin);

impl AdminService {
    async fn call(&self, bus: &Connection, header: &Header<'_>, verb: Verb, by: &str, what: &str) -> Result<String> {
        let denied = |_| CallError::Denied("who calls can't be told".into());
        let owner = sender(header).map_err(denied)?;
        let who = Principal::new(uid_of(bus, &owner).await.map_err(denied)?, owner.as_str());
        let who = if who.is_root() { who.in_process(process(bus, &owner).await) } else { who };
        if verb != Verb::ImportBegin {
            return Ok(self.0.call(&who, verb, by, what).await?);
        }
        // An administrator who interrupted an import can start it again at once.
        if let Some(before) = self.0.importing().await
            && who.is_root()
            && let Ok(name) = OwnedUniqueName::try_from(before.as_str())
            && !call_bus(bus, "NameHasOwner", &name).await?.body().deserialize::<bool>()?
        {
            self.0.gone(&before).await;
        }
        let said = self.0.call(&who, verb, by, what).await?;
        // Rows that wait to be written are dropped if the caller leaves the bus.
        let (admin, bus) = (self.0.clone(), bus.clone());
        tokio::spawn(async move {
            if until_gone(bus, owner.clone()).await.is_ok() {
                admin.gone(owner.as_str()).await;
            }
        });
        Ok(said)
    }
}

/// The interface of [`AdminService`], with a method for each verb.
macro_rules! methods {
    ($($method:ident: $verb:ident,)*) => {
        #[zbus::interface(name = "org.pam_sspr.Admin1")]
        impl AdminService {
            $(
                async fn $method(
                    &self,
                    #[zbus(connection)] bus: &Connection,
                    #[zbus(header)] header: Header<'_>,
                    by: &str,
                    what: &str,
                ) -> Result<String> {
                    self.call(bus, &header, Verb::$verb, by, what).await
                }
            )*
        }
    };
}

methods! {
    users: Users,
    people: People,
    show: Show,
    import_begin: ImportBegin,
    import_rows: ImportRows,
    import_commit: ImportCommit,
    import_cancel: ImportCancel,
    code: Code,
    unblock: Unblock,
    forget: Forget,
    adopt: Adopt,
    sync: Sync,
    sync_state: SyncState,
    exempt: Exempt,
    export: Export,
    erase: Erase,
    chain: Chain,
    report: Report,
    audit: Audit,
    test: Test,
    probe: Probe,
    state: State,
    verify: Verify,
    verify_answer: VerifyAnswer,
    hosts: Hosts,
    host_token: HostToken,
    host_change: HostChange,
    join: Join,
    leave: Leave,
    new_key: NewKey,
    repin: Repin,
    server_key: ServerKey,
    fleet: Fleet,
}

/// The id of the calling process, as the bus reports it.
pub(super) async fn process(bus: &Connection, owner: &OwnedUniqueName) -> Option<u32> {
    let reply = call_bus(bus, "GetConnectionUnixProcessID", owner).await.ok()?;
    reply.body().deserialize().ok()
}

/// The unique name of the sender; every message from a bus has one.
pub(crate) fn sender(header: &Header<'_>) -> Result<OwnedUniqueName> {
    header.sender().map(|name| name.to_owned().into()).ok_or_else(|| CallError::Denied("who calls is not known".into()))
}

/// The uid behind a connection. If the bus can't say, the call is refused (CVE-2021-3560 of polkit).
pub(crate) async fn uid_of(connection: &Connection, owner: &OwnedUniqueName) -> Result<u32> {
    told_uid(call_bus(connection, "GetConnectionUnixUser", owner).await)
}

/// The uid in the bus's answer. An answer that can't be parsed is an error.
pub(crate) fn told_uid(answer: zbus::Result<zbus::Message>) -> Result<u32> {
    let uid = answer.and_then(|reply| reply.body().deserialize());
    uid.map_err(|_| CallError::Denied("who calls can't be told".into()))
}

/// Makes one call to the bus itself, about `name`. No proxy is created, because every sign-in waits for this call.
pub(crate) async fn call_bus(
    connection: &Connection,
    member: &str,
    name: &OwnedUniqueName,
) -> zbus::Result<zbus::Message> {
    let bus = "org.freedesktop.DBus";
    connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), member, &name.as_str()).await
}

/// Waits until `owner` has left the bus. It listens for this name only, so that changes of other names don't wake the
/// agent.
pub(crate) async fn until_gone(connection: Connection, owner: OwnedUniqueName) -> zbus::Result<()> {
    // Boxed separately, so that the memory of the beginning is freed before the wait. There is one wait for each
    // dialogue.
    if let Some(mut changes) = Box::pin(while_there(&connection, &owner)).await? {
        changes.next().await;
    }
    Ok(())
}

/// A stream that reports when `owner` has left; `None` if it has left already.
async fn while_there(connection: &Connection, owner: &OwnedUniqueName) -> zbus::Result<Option<MessageStream>> {
    let bus = "org.freedesktop.DBus";
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(bus)
        .path("/org/freedesktop/DBus")
        .interface(bus)
        .member("NameOwnerChanged")
        .add_arg(owner.as_str())
        .build()?;
    // The signal comes only once.
    let changes = MessageStream::for_match_rule(rule, connection, NonZeroUsize::new(1)).await?;
    // The owner may have left before the match rule was added.
    let there: bool = call_bus(connection, "NameHasOwner", owner).await?.body().deserialize()?;
    Ok(there.then_some(changes))
}

/// Serves the agent on `connection`, and takes its name only when everything is in place.
pub async fn serve(connection: &Connection, service: Service) -> zbus::Result<()> {
    connection.object_server().at(bus::AGENT_PATH, service).await?;
    bus::own(connection, bus::AGENT).await?;
    Ok(())
}
