//! Names on the system bus. Bus policy, units and programs use just these.

/// Where the system bus listens. Never taken from the environment: a PAM host may run with a stranger's.
pub const SYSTEM_BUS: &str = "unix:path=/run/dbus/system_bus_socket";

/// The agent's well-known name; only the user `sspr` may own it.
pub const AGENT: &str = "org.pam_sspr.Agent1";
/// The agent's one object.
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
