//! The audit trail, as an administrator reads it.

use serde::{Deserialize, Serialize};

use crate::Time;

/// One row, as an administrator reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Counts up.
    pub id: i64,
    /// Seconds since the epoch.
    pub at: Time,
    /// What happened, in one word.
    pub event: String,
    /// The dialogue or the call that it belongs to.
    pub correlation: String,
    /// Who did it. An account of a host of the fleet itself is called `host:h1/alice`, by the id of the host.
    pub actor: String,
    /// The account concerned, named in the same way. Rows with their chain have its bare name: see [`crate::chain::Link`].
    pub account: String,
    /// The PAM service, or the program.
    pub service: String,
    /// From where.
    pub source: String,
    /// "success" or "failure".
    pub outcome: String,
    /// Why, or what.
    pub reason: String,
}

/// Which rows to return.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Rows with a greater id.
    pub after: i64,
    /// At or after this time.
    pub since: Time,
    /// Of this account, or by this actor. A bare name is none of an account of a host of the fleet itself.
    pub user: Option<String>,
    /// Only the newest rows, this many; otherwise the oldest, as many as one answer holds.
    pub last: Option<u32>,
}

/// The most rows in one answer.
pub const PAGE: u32 = 1000;
