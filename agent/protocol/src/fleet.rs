//! What an administrator asks about a fleet: at the server about its hosts, and on a host about the server.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Time;

/// A host of the fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its id, which no other host has or had.
    pub id: String,
    /// Its name: a label.
    pub name: String,
    /// The group that its token named; may be empty.
    pub group: String,
    /// "active", "paused" or "revoked".
    pub state: String,
    /// When it joined.
    pub joined: Time,
    /// Since when its key counts.
    #[serde(default)]
    pub keyed: Option<Time>,
    /// When it last said that it is there.
    pub seen: Time,
    /// The version of its software.
    pub version: String,
    /// Whether it knows the server's next key; `None` if there is none.
    #[serde(default)]
    pub knows_next: Option<bool>,
}

/// Make a token that lets hosts join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenWish {
    /// How many hosts may join with it.
    pub uses: u32,
    /// The names that may: `*` stands for any characters, `?` for one; empty for any.
    #[serde(default)]
    pub name: String,
    /// The group of these hosts.
    #[serde(default)]
    pub group: String,
    /// For how many seconds it is good.
    pub lifetime: Time,
}

/// A token. It is not kept, and can't be shown again.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenMade {
    /// One line of text.
    pub token: Zeroizing<String>,
    /// Until when it is good.
    pub expires: Time,
    /// Where hosts that join with it look for the server.
    pub servers: Vec<String>,
}

/// Change a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostChange {
    /// Its id, or its name if no other host has it.
    pub host: String,
    /// What to do.
    pub change: Change,
    /// With [`Change::Rename`], the new name.
    #[serde(default)]
    pub name: String,
}

/// What is done to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is not served any more; its key never counts again.
    Revoke,
    /// It is not served until it is resumed.
    Pause,
    /// It is served again.
    Resume,
    /// It gets another name.
    Rename,
    /// What the accounts of the host itself registered is deleted. Only for a revoked host.
    Forget,
}

/// A host that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostChanged {
    /// The host, as it is now.
    #[serde(flatten)]
    pub host: Host,
    /// How many accounts of the host itself have a registration that was deleted, with [`Change::Forget`], or is kept,
    /// with [`Change::Revoke`].
    #[serde(default)]
    pub registrations: Option<u64>,
}

/// Join a fleet.
#[derive(Clone, Serialize, Deserialize)]
pub struct JoinWish {
    /// The token.
    pub token: Zeroizing<String>,
}

/// This host has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinDone {
    /// Its id at the server.
    pub id: String,
    /// The servers of the token.
    pub servers: Vec<String>,
    /// Whether it had joined before; then the token was not used.
    pub before: bool,
}

/// This host has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Whether it had joined.
    pub joined: bool,
}

/// This host has made another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// Whether the server accepted it already.
    pub replaced: bool,
}

/// Know the server by another key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repin {
    /// The hash of the key, as the server shows it.
    pub pin: String,
}

/// Show the server's keys, or replace the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerKeyWish {
    /// What to do.
    pub step: ServerKeyStep,
    /// With [`ServerKeyStep::Use`]: even if hosts don't know the next key yet.
    #[serde(default)]
    pub force: bool,
}

/// A step of replacing a server's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerKeyStep {
    /// Nothing is changed.
    Show,
    /// The next key is made, and hosts are told.
    Announce,
    /// The next key takes the place of the key.
    Use,
    /// Hosts are told to forget the key before.
    Finish,
}

/// The keys of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerKeys {
    /// The hash of its key.
    pub pin: String,
    /// The hash of the next key, if there is one.
    pub next: Option<String>,
    /// The hash of the key before, if hosts are still told.
    pub old: Option<String>,
    /// How many hosts are served.
    pub active: u64,
    /// The names of those that don't know the next key, or the key if there is no next one.
    pub missing: Vec<String>,
}

/// What this machine is in a fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetState {
    /// As the server; `None` if it is none.
    pub server: Option<ServerState>,
    /// As a host; `None` if it is none.
    pub host: Option<HostState>,
}

/// A server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerState {
    /// Where it is to listen.
    pub listen: String,
    /// Why it does not; `None` if it does.
    pub fault: Option<String>,
    /// The hash of its key, by which hosts know it.
    pub pin: String,
    /// How many hosts are served.
    pub active: u64,
    /// How many are paused.
    pub paused: u64,
    /// How many of those that are served don't know the next key; `None` if there is no next key.
    #[serde(default)]
    pub missing: Option<u64>,
}

/// A host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostState {
    /// Its id at the server; `None` if it has not joined.
    pub id: Option<String>,
    /// When it joined.
    pub joined: Option<Time>,
    /// The servers in the settings.
    pub servers: Vec<String>,
    /// The proxy on the way there.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Whether a server answered just now, and knows this host.
    pub answers: bool,
    /// "active" or "paused", if a server answered.
    pub state: String,
    /// Whether a server answered that it serves accounts of the hosts themselves.
    #[serde(default)]
    pub local_accounts: bool,
    /// What is wrong.
    pub fault: Option<String>,
}
