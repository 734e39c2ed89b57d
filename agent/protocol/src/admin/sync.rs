//! Copying contacts from a directory.

use serde::{Deserialize, Serialize};

use crate::Time;

/// Options for copying the directory's contacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncWish {
    /// Change nothing, and report what would change.
    pub dry_run: bool,
    /// Erase contacts that the directory no longer has, even if they are many at once.
    pub erase: bool,
}

/// The result of copying the directory's contacts. Numbers count contacts unless something else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncOutcome {
    /// Nothing was changed.
    pub dry_run: bool,
    /// People in scope who have a contact in the directory.
    pub people: u64,
    /// Seen for the first time.
    pub new: u64,
    /// Replaced by another.
    pub changed: u64,
    /// Unchanged.
    pub unchanged: u64,
    /// Of these, the ones that can be used from now on.
    pub entered: u64,
    /// Contacts that can't be used yet.
    pub waiting: u64,
    /// For how many days a new or changed one can't be used.
    pub quiet_days: u16,
    /// Erased: the directory no longer has them, or the user is gone or out of scope.
    pub erased: u64,
    /// Values that are not a valid address or number.
    pub unread: u64,
    /// People left out: this host has an account of that name, another entry or user has it, or no account here that is served has it.
    pub left_out: u64,
    /// Why nothing was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// Of which accounts nothing was used or erased, as several users of Entra have the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubled: Option<String>,
}

/// The state of copying the directory's contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    /// When it last began; `None`: never.
    pub tried: Option<Time>,
    /// When it was last completed.
    pub done: Option<Time>,
    /// How many people with contacts there were then.
    pub people: u64,
    /// How many contacts.
    pub contacts: u64,
    /// How many contacts can't be used yet.
    pub waiting: u64,
    /// Why nothing was erased then.
    pub held: Option<String>,
    /// Of which accounts nothing was used or erased then, as several users of Entra have the name.
    #[serde(default)]
    pub doubled: Option<String>,
    /// Why the last one did not come to its end.
    pub failed: Option<String>,
}
