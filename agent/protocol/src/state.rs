//! How the agent is, for monitoring: what it sends by, what waits to be sent, and what it has counted since it began.

use serde::{Deserialize, Serialize};

use crate::{Time, admin::LastAnswer};

/// How the agent is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The agent's version.
    pub version: String,
    /// When it began.
    pub since: Time,
    /// Its clock.
    pub now: Time,
    /// How messages leave, by each method that can be registered.
    pub gateways: Vec<Gateway>,
    /// Messages that have not left yet.
    pub waiting: Waiting,
    /// What happened since it began.
    pub counted: Counted,
}

/// How messages of a method leave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gateway {
    /// "email" or "phone".
    pub method: String,
    /// Its name in the settings.
    pub gateway: String,
    /// What it answered to the last message since the agent read its settings.
    pub last: Option<LastAnswer>,
}

/// Messages that have not left yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// How many.
    pub messages: u64,
    /// For how many seconds the oldest has waited; 0 if none waits.
    pub oldest: u64,
}

/// What happened since the agent began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counted {
    /// Passwords that were reset.
    pub reset: u64,
    /// Accounts that were unlocked.
    pub unlocked: u64,
    /// Resets that were refused.
    pub refused: u64,
    /// Accounts whose reset was suspended.
    pub suspended: u64,
    /// Codes that were asked for.
    pub codes: u64,
    /// Codes that were wrong.
    pub codes_wrong: u64,
    /// Codes that the help desk gave out.
    pub desk_codes: u64,
}
