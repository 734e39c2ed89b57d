//! The report on registrations and resets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Over how many days a report looks back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReportOf {
    /// Days, today included; 1 to 400.
    pub days: u16,
    /// Also by these groups; of an empty list, by those that `[scope]` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// How far registration has got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// User accounts on this machine.
    pub accounts: u64,
    /// Accounts with self-service on.
    pub enabled: u64,
    /// Accounts that have registered as many methods as they need.
    pub registered: u64,
    /// Accounts that are both: their users can reset their password now.
    pub capable: u64,
    /// Accounts that need not register.
    pub exempt: u64,
    /// Accounts whose self-service is suspended.
    pub resting: u64,
    /// How many accounts have registered each method; "recovery codes" too.
    pub by_method: BTreeMap<String, u64>,
    /// Day by day, oldest first.
    pub days: Vec<Day>,
    /// The same numbers of each group, where that was asked for. Who is in several counts in each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_group: BTreeMap<String, Share>,
    /// Users of the directory, if there is one. No other number above but those by day counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<OfDirectory>,
}

/// How far the users of the directory are. The directory is not asked: only who has a registration here is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfDirectory {
    /// Users with a registration, be it a contact that was copied or imported.
    pub known: u64,
    /// See [`Report::registered`].
    pub registered: u64,
    /// Registered users whose registration can be used for a reset now, if the directory allows it.
    pub capable: u64,
    /// Users whose first registration can't be used for a reset yet.
    pub waiting: u64,
    /// See [`Report::exempt`].
    pub exempt: u64,
    /// See [`Report::resting`].
    pub resting: u64,
    /// See [`Report::by_method`].
    pub by_method: BTreeMap<String, u64>,
}

/// How far the members of one group are; see [`Report`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// See [`Report::accounts`].
    pub accounts: u64,
    /// See [`Report::enabled`].
    pub enabled: u64,
    /// See [`Report::registered`].
    pub registered: u64,
    /// See [`Report::capable`].
    pub capable: u64,
    /// See [`Report::exempt`].
    pub exempt: u64,
    /// See [`Report::resting`].
    pub resting: u64,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// As in 2026-11-22, in this machine's time zone.
    pub day: String,
    /// Passwords reset and accounts unlocked.
    pub recoveries: u64,
    /// Dialogues that ended in a refusal, suspensions included.
    pub refusals: u64,
}
