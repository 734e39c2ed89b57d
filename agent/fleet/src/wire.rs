//! The messages between a host and its server, and their padding.
//!
//! A field that a later version adds must have a default: the other end ignores fields that it does not know. A change
//! that this rule does not allow gets a new number in [`VERSION`].

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{key::Pin, next_key::NextKey};

/// The version of these messages. A server refuses any other version, and names its own.
pub const VERSION: u32 = 1;

/// The length of a host's message is a multiple of this, in bytes.
pub const UP: usize = 512;
/// The length of a server's answer is a multiple of this, in bytes.
pub const DOWN: usize = 4096;
/// `sspr_config::dialogue::Ask::Nothing`.
const NO_ANSWER: u8 = 0;

/// The longest body that a server reads, in bytes.
pub const UP_MAX: usize = 8 * 1024;
/// The longest body that a host reads, in bytes.
pub const DOWN_MAX: usize = 64 * 1024;

/// An answer that a user typed. It is wiped when it is dropped, and never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed(pub Zeroizing<Vec<u8>>);

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(..)")
    }
}

impl Serialize for Typed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(&*self.0)))
    }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = STANDARD.decode(text.as_bytes()).map_err(|_| serde::de::Error::custom("no base64"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

/// Begins a dialogue. Of these fields, the server trusts only the user's name. It uses the others to choose words, for
/// its audit trail, and as one of several keys of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// [`VERSION`].
    pub v: u32,
    /// See `sspr_config::dialogue::Purpose`.
    pub purpose: String,
    /// The name that the user typed.
    pub user: String,
    /// The PAM service, or "sspr" for the command.
    #[serde(default)]
    pub service: String,
    /// The terminal.
    #[serde(default)]
    pub tty: String,
    /// The remote host of the user, as the service reports it.
    #[serde(default)]
    pub rhost: String,
    /// The name of a POSIX locale; may be empty.
    #[serde(default)]
    pub locale: String,
    /// The first handle of a dialogue of this host that was lost with its server. What the user proved in it stays
    /// proved. Only a reset can go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<String>,
    /// The name of the account, if it is one of the host's own. A server that serves it says [`Begun::own`], and
    /// ignores `user`. Any other server begins a dialogue about `user`, whom nobody has.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub own: String,
}

/// One step of the server: the text that the user reads, and the question. See `sspr_config::dialogue::Step`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The number of the step, which counts up from 1 in each dialogue.
    pub turn: u32,
    /// The state of the dialogue; see `sspr_config::dialogue::Standing`.
    pub standing: u8,
    /// The kind of answer that is expected; see `sspr_config::dialogue::Ask`.
    pub ask: u8,
    /// The text to read first.
    pub text: String,
    /// The question itself.
    pub prompt: String,
}

impl Step {
    /// Whether the dialogue is over: no answer is expected.
    pub const fn is_last(&self) -> bool {
        self.ask == NO_ANSWER
    }
}

/// A dialogue has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The handle for answers. It is valid only for the host that began the dialogue.
    pub handle: String,
    /// The first step.
    pub step: Step,
    /// Whether the dialogue is about the account [`Begin::own`]. Then the server also asks the host itself; see the
    /// agent's `errand.rs`.
    #[serde(default)]
    pub own: bool,
}

/// Answers the question of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// [`VERSION`].
    pub v: u32,
    /// See [`Begun`].
    pub handle: String,
    /// The number of the step that is answered. The same answer to the same step, sent again, gets the same next step
    /// and counts once.
    pub turn: u32,
    /// The answer, as it was typed.
    pub answer: Typed,
}

/// Ends a dialogue early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// [`VERSION`].
    pub v: u32,
    /// See [`Begun`].
    pub handle: String,
    /// The reason, see `sspr_config::dialogue::LEFT_TO_A_PROGRAM`; `None` if the user left.
    #[serde(default)]
    pub why: Option<String>,
}

/// Makes the key of this connection a host's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// [`VERSION`].
    pub v: u32,
    /// The secret of the token; see [`crate::token::Token`].
    pub secret: Typed,
    /// The host's name: a label, which need not be unique.
    pub name: String,
    /// The version of its software.
    #[serde(default)]
    pub version: String,
}

/// The answer to a host that has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The host's id.
    pub id: String,
    /// Whether this key had joined before. Then the token was not used.
    #[serde(default)]
    pub before: bool,
}

/// Tells the server that a host is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub v: u32,
    /// The host's current name.
    pub name: String,
    /// The version of its software.
    #[serde(default)]
    pub version: String,
    /// The number of the hello, which only rises. If a number is not higher than an earlier one, it may come from a
    /// copy of the host.
    #[serde(default)]
    pub counter: u64,
    /// The key that the host is about to use in place of the one of this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextKey>,
    /// The pins by which the host knows its servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
}

/// The answer to a [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The version of the server's software.
    pub version: String,
    /// The host's state: "active" or "paused".
    pub state: String,
    /// Whether the key of the host is old, so that it is to make another one.
    #[serde(default)]
    pub rekey: bool,
    /// The pin of the host's next key, if the server stored one. The first call with that key makes it the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Pin>,
    /// The pins by which the host is to know this server from now on, in the order in which the keys are used; empty if
    /// the server does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// Whether the server serves accounts of the hosts themselves.
    #[serde(default)]
    pub local_accounts: bool,
}

/// An empty answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

/// The reason for a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The kind of the refusal.
    pub refused: Refusal,
    /// A sentence for logs.
    #[serde(default)]
    pub why: String,
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The key of this connection is not a host's, or no longer. The caller can't tell which.
    NotJoined,
    /// The server can't serve the call now.
    Unavailable,
    /// There is no such dialogue, or it belongs to another host.
    NoDialogue,
    /// The message can't be read, or the answer is for another question.
    Malformed,
    /// A host may not do that.
    Denied,
    /// The other end uses another version of the messages.
    Version,
    /// A kind of refusal that this version does not know.
    #[serde(other)]
    Other,
}

impl Refused {
    /// A refusal of this kind, for this reason.
    pub fn new(refused: Refusal, why: impl Into<String>) -> Self {
        Self { refused, why: why.into() }
    }
}

/// Reads a message from its body, with or without padding. Fails with [`Refusal::Malformed`].
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    // serde_json's error may quote the body.
    serde_json::from_slice(body).map_err(|_| Refused::new(Refusal::Malformed, "the message can't be read"))
}

/// The JSON of `message`, padded with blanks to a multiple of `unit` bytes.
pub fn padded<T: Serialize>(message: &T, unit: usize) -> Zeroizing<Vec<u8>> {
    // The buffer is never moved while it grows: that would leave a copy.
    let mut bytes = Zeroizing::new(Vec::with_capacity(DOWN_MAX + DOWN));
    if serde_json::to_writer(&mut *bytes, message).is_err() {
        // The other end refuses an empty message.
        bytes.zeroize();
        bytes.clear();
    }
    let length = bytes.len().max(1).next_multiple_of(unit.max(1));
    bytes.resize(length, b' ');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(length: usize) -> Answer {
        let answer = Typed(Zeroizing::new(vec![b'x'; length]));
        Answer { v: VERSION, handle: "h".repeat(32), turn: 3, answer }
    }

    #[test]
    fn the_length_of_a_message_does_not_tell_what_was_typed() {
        let length = |typed| padded(&answer(typed), UP).len();
        assert_eq!(length(0), UP);
        assert_eq!(length(6), length(200));
        assert!((0..=513).all(|typed| length(typed) % UP == 0 && length(typed) <= UP_MAX));
        let step = |text: &str| Step { turn: 1, standing: 0, ask: 1, text: text.into(), prompt: "? ".into() };
        let down = |text: &str| padded(&step(text), DOWN).len();
        assert_eq!(down(""), DOWN);
        assert_eq!(down(""), down(&"long ".repeat(300)));
    }

    #[test]
    fn a_message_comes_back_from_its_padding_and_shows_no_answer() {
        let sent = answer(40);
        let read: Answer = read(&padded(&sent, UP)).unwrap();
        assert_eq!(read, sent);
        assert!(!format!("{sent:?}").contains("120"), "{sent:?}");
        assert!(super::read::<Answer>(b"{\"v\":1}").is_err());
    }

    #[test]
    fn what_a_later_version_adds_is_ignored_and_what_is_not_known_is_a_refusal_all_the_same() {
        let begin: Begin = read(br#"{"v":1,"purpose":"recover","user":"zoe","later":[1]}"#).unwrap();
        assert_eq!((begin.user.as_str(), begin.tty.as_str()), ("zoe", ""));
        let greeting: Greeting = read(br#"{"version":"0.2.0","state":"active"}"#).unwrap();
        assert_eq!((greeting.rekey, greeting.next), (false, None), "a server of an earlier version asks for no key");
        let refused: Refused = read(br#"{"refused":"from-the-future"}"#).unwrap();
        assert_eq!(refused.refused, Refusal::Other);
    }
}
