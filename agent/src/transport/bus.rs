//! Dialogues and administrators' commands on the bus: `org.pam_sspr.Dialogue1` and `org.pam_sspr.Admin1`. Who calls is what the
//! bus says.

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
    principal::Principal,
    sessions::{Beginning, Refused, Sessions},
};

/// What a call may fail with.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.pam_sspr.Error")]
pub enum CallError {
    /// The bus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// Not now.
    Unavailable(String),
    /// There is no such dialogue, or it is not the caller's.
    NoDialogue(String),
    /// The arguments are not of the right form.
    Malformed(String),
    /// This caller may not do that.
    Denied(String),
    /// That can't be done, and why.
    Refused(String),
    /// There is no such account, and nothing of one.
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

/// Who comes in by a connection of the agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entrance {
    /// Root: PAM hosts.
    Root,
    /// Everybody.
    People,
}

/// Dialogues on the bus.
#[derive(Clone, Debug)]
pub struct Service {
    sessions: Sessions,
    entrance: Entrance,
}

impl Service {
    /// For root's connection.
    pub fn new(sessions: Sessions) -> Self {
        Self { sessions, entrance: Entrance::Root }
    }

    /// The same dialogues, for the connection of those who are not root.
    #[must_use]
    pub fn for_people(&self) -> Self {
        Self { entrance: Entrance::People, ..self.clone() }
    }
}

/// Whoever sent a message, for what needs no more than to be bound to its connection.
fn bound(header: &Header<'_>) -> Result<Principal> {
    // No more than nobody's: the uid is not asked for.
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
        // Borrowed from the message, however large it is.
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
        Ok(self.sessions.begin(&who, wanted, leaving).await?)
    }

    /// Answers the question of `turn`.
    async fn answer(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: &str,
        turn: u32,
        answer: &[u8],
    ) -> Result<(Step,)> {
        Ok((self.sessions.answer(&bound(&header)?, handle, turn, answer, false).await?,))
    }

    /// Answers the question of `turn` with what a sealed memfd holds.
    async fn answer_sealed(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: &str,
        turn: u32,
        answer: zbus::wire::OwnedFd,
    ) -> Result<(Step,)> {
        let answer = sealed::read(&answer, ANSWER_MAX + 1).map_err(|e| CallError::Malformed(e.to_string()))?;
        Ok((self.sessions.answer(&bound(&header)?, handle, turn, &answer, true).await?,))
    }

    /// Ends a dialogue early. What was sent stays good.
    #[allow(clippy::unused_async, reason = "the interface wants it")]
    async fn cancel(&self, #[zbus(header)] header: Header<'_>, handle: &str) -> Result<()> {
        self.sessions.cancel(&bound(&header)?, handle);
        Ok(())
    }

    /// Ends a dialogue early, and says why: see [`sspr_config::dialogue::LEFT_TO_A_PROGRAM`].
    #[allow(clippy::unused_async, reason = "the interface wants it")]
    async fn leave(&self, #[zbus(header)] header: Header<'_>, handle: &str, why: &str) -> Result<()> {
        self.sessions.leave(&bound(&header)?, handle, why);
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
        // An administrator who broke an import off can begin it again at once.
        if let Some(before) = self.0.importing().await
            && who.is_root()
            && let Ok(name) = OwnedUniqueName::try_from(before.as_str())
            && !call_bus(bus, "NameHasOwner", &name).await?.body().deserialize::<bool>()?
        {
            self.0.gone(&before).await;
        }
        let said = self.0.call(&who, verb, by, what).await?;
        // What waits to be written goes with who broke off.
        let (admin, bus) = (self.0.clone(), bus.clone());
        tokio::spawn(async move {
            if until_gone(bus, owner.clone()).await.is_ok() {
                admin.gone(owner.as_str()).await;
            }
        });
        Ok(said)
    }
}

/// A method for each verb; see [`Verb`].
#[zbus::interface(name = "org.pam_sspr.Admin1")]
impl AdminService {
    async fn users(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Users, by, what).await
    }

    async fn people(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::People, by, what).await
    }

    async fn show(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Show, by, what).await
    }

    async fn import_begin(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::ImportBegin, by, what).await
    }

    async fn import_rows(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::ImportRows, by, what).await
    }

    async fn import_commit(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::ImportCommit, by, what).await
    }

    async fn import_cancel(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::ImportCancel, by, what).await
    }

    async fn code(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Code, by, what).await
    }

    async fn unblock(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Unblock, by, what).await
    }

    async fn forget(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Forget, by, what).await
    }

    async fn adopt(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Adopt, by, what).await
    }

    async fn sync(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Sync, by, what).await
    }

    async fn sync_state(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::SyncState, by, what).await
    }

    async fn exempt(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Exempt, by, what).await
    }

    async fn report(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Report, by, what).await
    }

    async fn audit(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Audit, by, what).await
    }

    async fn test(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Test, by, what).await
    }

    async fn probe(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        by: &str,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, Verb::Probe, by, what).await
    }
}

/// The calling process, by what the bus says.
async fn process(bus: &Connection, owner: &OwnedUniqueName) -> Option<u32> {
    let reply = call_bus(bus, "GetConnectionUnixProcessID", owner).await.ok()?;
    reply.body().deserialize().ok()
}

/// The unique name of the sender; every message from a bus has one.
pub(crate) fn sender(header: &Header<'_>) -> Result<OwnedUniqueName> {
    header.sender().map(|name| name.to_owned().into()).ok_or_else(|| CallError::Denied("who calls is not known".into()))
}

/// The uid behind a connection. What the bus can't tell is refused (CVE-2021-3560 of polkit).
pub(crate) async fn uid_of(connection: &Connection, owner: &OwnedUniqueName) -> Result<u32> {
    told_uid(call_bus(connection, "GetConnectionUnixUser", owner).await)
}

/// The uid in the bus's answer. What can't be understood is nobody's.
pub(crate) fn told_uid(answer: zbus::Result<zbus::Message>) -> Result<u32> {
    let uid = answer.and_then(|reply| reply.body().deserialize());
    uid.map_err(|_| CallError::Denied("who calls can't be told".into()))
}

/// One call to the bus itself, about `name`. Without a proxy: this is in the way of every sign-in.
pub(crate) async fn call_bus(
    connection: &Connection,
    member: &str,
    name: &OwnedUniqueName,
) -> zbus::Result<zbus::Message> {
    let bus = "org.freedesktop.DBus";
    connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), member, &name.as_str()).await
}

/// Until `owner` has left the bus. Listens for that one name alone: the agent sleeps through everybody else's comings and goings.
pub(crate) async fn until_gone(connection: Connection, owner: OwnedUniqueName) -> zbus::Result<()> {
    // Apart: what the beginning takes is given back before the wait, of which there is one for each dialogue.
    if let Some(mut changes) = Box::pin(while_there(&connection, &owner)).await? {
        changes.next().await;
    }
    Ok(())
}

/// What tells that `owner` has left; `None` where it has.
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
    // It comes once.
    let changes = MessageStream::for_match_rule(rule, connection, NonZeroUsize::new(1)).await?;
    // It may have left before the bus was asked to tell.
    let there: bool = call_bus(connection, "NameHasOwner", owner).await?.body().deserialize()?;
    Ok(there.then_some(changes))
}

/// Serves the agent on `connection` and then, with everything in place, takes its name.
pub async fn serve(connection: &Connection, service: Service) -> zbus::Result<()> {
    connection.object_server().at(bus::AGENT_PATH, service).await?;
    bus::own(connection, bus::AGENT).await?;
    Ok(())
}
