//! Names on the system bus. Bus policy, units and programs use just these.

#[cfg(feature = "bus")]
use zbus::fdo::RequestNameFlags;

/// Where the system bus listens. Never taken from the environment: a PAM host may run with a stranger's.
pub const SYSTEM_BUS: &str = "unix:path=/run/dbus/system_bus_socket";

/// The agent's well-known name for root: PAM hosts, administrators. Only the user `sspr` may own it, and only root may send to it.
pub const AGENT: &str = "org.pam_sspr.Agent1";
/// The agent's other name, on a connection of its own, for all users but root: shells, screen lockers. The bus
/// keeps a queue for each connection, so a user who fills this one delays no sign-in.
pub const PEOPLE: &str = "org.pam_sspr.People1";
/// The name under which a process with the effective user `uid` finds the agent.
pub const fn agent_of(uid: u32) -> &'static str {
    if uid == 0 { AGENT } else { PEOPLE }
}

/// The agent's one object, under both names.
pub const AGENT_PATH: &str = "/org/pam_sspr/Agent1";
/// Interface of the dialogues: `Begin`, `Answer`, `AnswerSealed`, `Cancel`.
pub const DIALOGUE: &str = "org.pam_sspr.Dialogue1";
/// Interface for administrators; callers other than root are refused.
pub const ADMIN: &str = "org.pam_sspr.Admin1";
/// Interface to have the settings read again, for root and for the agent's own user: `Reload`.
pub const SETTINGS: &str = "org.pam_sspr.Settings1";

/// The credential helper's well-known name; only root may own it, and only the agent's user and root may call it.
pub const CREDENTIAL: &str = "org.pam_sspr.Credential1";
/// The credential helper's one object.
pub const CREDENTIAL_PATH: &str = "/org/pam_sspr/Credential1";

/// The system user that the agent runs as.
pub const AGENT_USER: &str = "sspr";

/// Owns `name` from now on, for good: no later caller gets it, even if the bus would allow that. (By default, zbus lets others replace
/// the owner.) Call it once everything is served. Fails if the name has an owner already.
#[cfg(feature = "bus")]
pub async fn own(connection: &zbus::Connection, name: &'static str) -> zbus::Result<()> {
    let flags = RequestNameFlags::REPLACE_EXISTING | RequestNameFlags::DO_NOT_QUEUE;
    connection.request_name_with_flags(name, flags).await.map(|_| ())
}
