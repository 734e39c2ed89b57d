//! Test messages and checks of gateways.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Time;

/// A test message for a gateway.
#[derive(Clone, Serialize, Deserialize)]
pub struct Test {
    /// "email" or "phone".
    pub method: String,
    /// The address or the number, as written.
    pub to: String,
    /// Digits to send with it; the administrator who runs setup types them.
    #[serde(default)]
    pub code: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Test").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The gateway to check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// "email" or "phone".
    pub method: String,
    /// For mail, an address: the server is asked whether it would accept mail for it.
    #[serde(default)]
    pub to: Option<String>,
}

/// The result, and that of the last message before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The result.
    #[serde(flatten)]
    pub looked: Looked,
    /// The gateway's answer to the last message since the agent read its settings.
    #[serde(default)]
    pub last: Option<LastAnswer>,
    /// Further findings: which modem, whose SIM card is in it, and its network.
    #[serde(default)]
    pub about: Option<String>,
}

/// A gateway's answer to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAnswer {
    /// When.
    pub at: Time,
    /// Why it did not accept the message; `None` if it did.
    pub why: Option<String>,
    /// Whether the message may have been sent anyway.
    #[serde(default)]
    pub unsure: bool,
}

/// The result from the agent's point of view, with the settings in force for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "why")]
pub enum Looked {
    /// It accepts messages from this machine, as far as can be known without sending one.
    Accepted,
    /// The same, but for lack of a full host name, this address was used in the greeting.
    Nameless(String),
    /// It can't be checked without sending a message.
    Unasked,
    /// It was reached, but did not finish within this many seconds.
    Slow(u64),
    /// It can't be reached, or refuses.
    Refused(String),
}

/// What a gateway answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// Whether it accepted the message.
    pub accepted: bool,
    /// Whether the message may have been sent although the gateway did not say so.
    #[serde(default)]
    pub unsure: bool,
    /// The gateway.
    pub gateway: String,
    /// The gateway's id for the message, or why it did not accept it.
    pub said: String,
    /// The address or the number in its stored form.
    pub to: String,
}
