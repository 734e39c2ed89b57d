//! The agent as the relay sees it, and the real agent on the bus.
//!
//! Each call has a deadline: neither a frozen agent nor a frozen bus can stop a sign-in.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{Seek, Write};
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::time::Duration;

use futures_core::Stream;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;
use serde::Serialize;
use sspr_config::bus::{AGENT_PATH, CREDENTIAL, CREDENTIAL_PATH, DIALOGUE, agent_of};
use sspr_config::dialogue::{ANSWER_SEALED_MAX, LEFT_TO_A_PROGRAM, Purpose, Step};
use zbus::connection::Builder;
use zbus::message::{self, Flags};
use zbus::{Connection, DBusError, DynamicType, Fd, Message, MessageStream};
use zruntime::SharedRuntime;

use crate::host::Secret;

/// How long the agent may take to reply to an answer.
pub(crate) const ANSWER_PATIENCE: Duration = Duration::from_secs(15);

/// How long the agent may take to reply to a secret answer.
pub(crate) const PASSWORD_PATIENCE: Duration = ANSWER_SEALED_MAX.saturating_add(Duration::from_secs(3));

/// How long a call that ends the dialogue early may take.
const CANCEL_PATIENCE: Duration = Duration::from_millis(250);

/// The start of a dialogue.
pub(crate) struct Beginning<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) user: &'a str,
    pub(crate) service: &'a str,
    pub(crate) tty: &'a str,
    pub(crate) rhost: &'a str,
    /// The name of the user's locale; empty if unknown.
    pub(crate) locale: &'a str,
}

/// Why a call failed, for the log: names and numbers only, never typed text.
pub(crate) struct Trouble(pub(crate) String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The agent, or a test's stand-in.
pub(crate) trait Agent {
    type Dialogue: Dialogue;
    /// Connects and begins a dialogue, within `patience`. Returns the dialogue and its first step.
    async fn begin(&self, beginning: &Beginning<'_>, patience: Duration) -> Result<(Self::Dialogue, Step), Trouble>;
}

/// A dialogue in progress. Dropping it closes the connection, and tells the agent nothing.
pub(crate) trait Dialogue {
    /// Sends an answer that may be seen, and waits for `patience` at most.
    async fn answer(&mut self, turn: u32, answer: &Secret, patience: Duration) -> Result<Step, Trouble>;
    /// Sends a secret answer, which must not be in a message buffer, and waits for `patience` at most.
    async fn answer_sealed(&mut self, turn: u32, answer: &Secret, patience: Duration) -> Result<Step, Trouble>;
    /// Asks root's own helper whether `password` is the password of `user`, within `patience`. The agent never sees it.
    async fn vouch(&mut self, user: &str, password: &Secret, patience: Duration) -> Result<bool, Trouble>;
    /// Tells the agent that the user has left.
    async fn cancel(&mut self);
    /// Tells the agent that a program answers, and hangs up.
    async fn leave_to_a_program(&mut self);
}

/// The agent on the bus at an address.
pub(crate) struct Bus<'a> {
    address: &'a str,
}

impl<'a> Bus<'a> {
    pub(crate) fn new(address: &'a str) -> Self {
        Self { address }
    }
}

impl Agent for Bus<'_> {
    type Dialogue = Call;

    async fn begin(&self, beginning: &Beginning<'_>, patience: Duration) -> Result<(Call, Step), Trouble> {
        let Beginning { purpose, user, service, tty, rhost, locale } = beginning;
        // The connection is about to run on this runtime, too: one timer, one set of descriptors.
        let runtime = SharedRuntime::current().map_err(|e| Trouble(e.to_string()))?;
        let begun = within(&runtime, patience, async {
            let connection = Builder::address(self.address).build().await?;
            let words = (purpose.as_str(), user, service, tty, rhost, locale);
            let reply = call(&connection, message("Begin"), &words).await?;
            let (handle, step) = reply.body().deserialize()?;
            Ok((connection, handle, step))
        });
        let (connection, handle, step) = begun.await?;
        Ok((Call { connection, handle, runtime }, step))
    }
}

/// One dialogue on a connection of its own.
pub(crate) struct Call {
    connection: Connection,
    handle: String,
    runtime: SharedRuntime,
}

impl Call {
    async fn step<B: Serialize + DynamicType>(
        &self,
        member: &'static str,
        body: &B,
        patience: Duration,
    ) -> Result<Step, Trouble> {
        within(&self.runtime, patience, async {
            call(&self.connection, message(member), body).await?.body().deserialize()
        })
        .await
    }
}

impl Dialogue for Call {
    async fn answer(&mut self, turn: u32, answer: &Secret, patience: Duration) -> Result<Step, Trouble> {
        self.step("Answer", &(self.handle.as_str(), turn, answer.bytes()), patience).await
    }

    async fn answer_sealed(&mut self, turn: u32, answer: &Secret, patience: Duration) -> Result<Step, Trouble> {
        let sealed = seal(answer).map_err(|e| Trouble(format!("no sealed memory: {e}")))?;
        self.step("AnswerSealed", &(self.handle.as_str(), turn, Fd::from(sealed)), patience).await
    }

    async fn vouch(&mut self, user: &str, password: &Secret, patience: Duration) -> Result<bool, Trouble> {
        let sealed = seal(password).map_err(|e| Trouble(format!("no sealed memory: {e}")))?;
        // The bus starts the helper. Only root may own the helper's name.
        let question = Message::method_call(CREDENTIAL_PATH, "Vouch").destination(CREDENTIAL).interface(CREDENTIAL);
        within(&self.runtime, patience, async {
            call(&self.connection, question, &(user, Fd::from(sealed))).await?.body().deserialize()
        })
        .await
    }

    async fn cancel(&mut self) {
        let body = (self.handle.as_str(),);
        // Waits for the reply: closing the connection at once could overtake the call, and says less. If the call does
        // not get through, the dialogue expires by itself.
        let _ = within(&self.runtime, CANCEL_PATIENCE, call(&self.connection, message("Cancel"), &body)).await;
    }

    async fn leave_to_a_program(&mut self) {
        let body = (self.handle.as_str(), LEFT_TO_A_PROGRAM);
        // An agent that does not know this call treats the end of the connection as a user who left.
        let _ = within(&self.runtime, CANCEL_PATIENCE, call(&self.connection, message("Leave"), &body)).await;
    }
}

/// A call of `member`, still without a body.
fn message(member: &'static str) -> message::Builder<'static> {
    // A host that is not root, such as a screen locker, reaches the agent under another name.
    let agent = agent_of(rustix::process::geteuid().as_raw());
    let message = Message::method_call(AGENT_PATH, member).destination(agent).interface(DIALOGUE);
    // An agent that was stopped stays stopped: a sign-in must not start it.
    message.with_flags(Flags::NO_AUTO_START)
}

/// Sends `message` and waits for the reply.
///
/// Written by hand, because `Connection::call_method` cannot say "don't start it", and a `Proxy` brings a property
/// cache, match rules and 45 kB that no sign-in needs.
async fn call<B: Serialize + DynamicType>(
    connection: &Connection,
    message: message::Builder<'_>,
    body: &B,
) -> zbus::Result<Message> {
    let sent = message.build(body)?;
    let serial = sent.primary_header().serial_num();
    // Listening before sending, or the reply might be missed.
    let mut received = pin!(MessageStream::from(connection));
    connection.send(&sent).await?;
    while let Some(message) = poll_fn(|cx| received.as_mut().poll_next(cx)).await {
        let message = message?;
        if message.header().reply_serial() == Some(serial) {
            return match message.message_type() {
                message::Type::Error => Err(message.into()),
                _ => Ok(message),
            };
        }
    }
    Err(zbus::Error::InvalidReply)
}

/// The outcome of `call` within `patience`, or why there is none.
async fn within<T>(
    runtime: &SharedRuntime,
    patience: Duration,
    call: impl Future<Output = zbus::Result<T>>,
) -> Result<T, Trouble> {
    match runtime.timeout(patience, call).await {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(error)) => Err(Trouble(nameless(&error))),
        Err(_) => Err(Trouble(format!("no answer within {} ms", patience.as_millis()))),
    }
}

/// An error without the agent's own words, which are for the agent's log.
fn nameless(error: &zbus::Error) -> String {
    match error {
        zbus::Error::MethodError(name, ..) => name.to_string(),
        zbus::Error::FDO(error) => error.name().to_string(),
        other => other.to_string(),
    }
}

/// `secret` in sealed memory.
fn seal(secret: &Secret) -> rustix::io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let sealed = match memfd_create(c"sspr-answer", flags) {
        // Hosts with vm.memfd_noexec=2 require a flag that older kernels don't know.
        Err(Errno::ACCESS) => memfd_create(c"sspr-answer", flags | MemfdFlags::NOEXEC_SEAL)?,
        other => other?,
    };
    let mut file = std::fs::File::from(sealed);
    // The receiver of the descriptor shares its position, so rewind to where reading begins.
    let written = file.write_all(secret.bytes()).and_then(|()| file.rewind());
    written.map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))?;
    fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(file.into())
}

#[cfg(test)]
pub(crate) mod double {
    //! A scripted agent. It fails the test if it is told anything other than the next line of the script, if it is
    //! touched when it should not be, and if the script is not used up.

    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::rc::Rc;
    use std::time::Duration;

    use sspr_config::dialogue::{Ask, Purpose, Standing, Step};

    use super::{Agent, Beginning, Dialogue, Trouble};
    use crate::host::Secret;

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum Told {
        Begin(Purpose, Duration),
        Answer(u32, Vec<u8>),
        Sealed(u32, Vec<u8>),
        /// The same of what was typed before, which a sign-in waits for.
        Hurried(u32, Vec<u8>),
        /// The helper, not the agent, is asked about this password.
        Vouch(Vec<u8>),
        Cancel,
        /// That a program answers.
        Program,
    }

    type Exchange = (Told, Option<Step>);

    /// A telephone line with a script at its other end.
    #[derive(Clone, Default)]
    pub(crate) struct Script(Rc<RefCell<VecDeque<Exchange>>>);

    impl Script {
        /// An agent that must not be touched.
        pub(crate) fn untouched() -> Self {
            Self::default()
        }

        pub(crate) fn told(self, told: Told, next: Step) -> Self {
            self.0.borrow_mut().push_back((told, Some(next)));
            self
        }

        /// The call fails.
        pub(crate) fn fails(self, told: Told) -> Self {
            self.0.borrow_mut().push_back((told, None));
            self
        }

        pub(crate) fn cancelled(self) -> Self {
            self.fails(Told::Cancel)
        }

        pub(crate) fn left_to_a_program(self) -> Self {
            self.fails(Told::Program)
        }

        #[track_caller]
        pub(crate) fn done(&self) {
            assert!(self.0.borrow().is_empty(), "not told: {:?}", self.0.borrow());
        }

        fn next(&self, told: &Told) -> Result<Step, Trouble> {
            let (expected, step) = self.0.borrow_mut().pop_front().unwrap_or_else(|| panic!("unexpected: {told:?}"));
            assert_eq!(*told, expected);
            step.ok_or_else(|| Trouble("scripted".into()))
        }
    }

    impl Agent for Script {
        type Dialogue = Self;

        async fn begin(&self, beginning: &Beginning<'_>, patience: Duration) -> Result<(Self, Step), Trouble> {
            let Beginning { user, service, tty, rhost, locale, .. } = beginning;
            assert_eq!((*user, *rhost), ("alice", "192.0.2.7"));
            assert!(["tty1", ":0", crate::SSHD_TTY].contains(tty), "{tty}");
            assert_eq!(*locale, "C.UTF-8");
            assert!(!service.is_empty());
            Ok((self.clone(), self.next(&Told::Begin(beginning.purpose, patience))?))
        }
    }

    impl Dialogue for Script {
        async fn answer(&mut self, turn: u32, answer: &Secret, _: Duration) -> Result<Step, Trouble> {
            self.next(&Told::Answer(turn, answer.bytes().to_vec()))
        }

        async fn answer_sealed(&mut self, turn: u32, answer: &Secret, patience: Duration) -> Result<Step, Trouble> {
            let hurried = patience != super::PASSWORD_PATIENCE;
            assert!(!hurried || patience <= Duration::from_secs(1), "{patience:?}");
            let told = if hurried { Told::Hurried } else { Told::Sealed };
            self.next(&told(turn, answer.bytes().to_vec()))
        }

        /// The password is correct if the script's step ends the dialogue.
        async fn vouch(&mut self, user: &str, password: &Secret, patience: Duration) -> Result<bool, Trouble> {
            assert_eq!(user, "alice");
            assert!(patience < Duration::from_secs(2));
            let told = self.next(&Told::Vouch(password.bytes().to_vec()))?;
            Ok(Standing::from_wire(told.standing) == Some(Standing::Finished))
        }

        async fn cancel(&mut self) {
            let _ = self.next(&Told::Cancel);
        }

        async fn leave_to_a_program(&mut self) {
            let _ = self.next(&Told::Program);
        }
    }

    /// A step that asks.
    pub(crate) fn asks(turn: u32, ask: Ask, text: &str, prompt: &str) -> Step {
        let standing = Standing::Asking.to_wire();
        Step { turn, standing, ask: ask.to_wire(), text: text.into(), prompt: prompt.into() }
    }

    /// A step that ends.
    pub(crate) fn ends(turn: u32, standing: Standing, text: &str) -> Step {
        let ask = Ask::Nothing.to_wire();
        Step { turn, standing: standing.to_wire(), ask, text: text.into(), prompt: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use rustix::fs::fcntl_get_seals;

    use super::*;

    #[test]
    fn a_sealed_answer_can_be_read_and_no_longer_changed() {
        let mut file = std::fs::File::from(seal(&Secret::new(b"correct horse")).unwrap());
        let all = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
        assert!(fcntl_get_seals(&file).unwrap().contains(all));
        let mut read = String::new();
        file.read_to_string(&mut read).unwrap();
        assert_eq!(read, "correct horse");
        assert!(file.write_all(b"x").is_err());
        assert!(file.set_len(0).is_err());
    }

    #[test]
    fn an_empty_answer_is_sealed_too() {
        let file = std::fs::File::from(seal(&Secret::new(b"")).unwrap());
        assert_eq!(file.metadata().unwrap().len(), 0);
    }
}
