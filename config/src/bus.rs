//! Names on the system bus. Bus policy, units and programs use just these.

#[cfg(feature = "bus")]
use zbus::{DBusError as _, fdo::RequestNameFlags, message::Header};

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

/// The well-known name of the program for people of a directory; only its own user may own it, and only the agent's user and root may
/// call it.
pub const DIRECTORY: &str = "org.pam_sspr.Directory1";
/// That program's one object.
pub const DIRECTORY_PATH: &str = "/org/pam_sspr/Directory1";

/// The system user that the agent runs as.
pub const AGENT_USER: &str = "sspr";
/// The one that the program for people of a directory runs as.
pub const DIRECTORY_USER: &str = "sspr-directory";

/// Owns `name` from now on, for good: no later caller gets it, even if the bus would allow that. (By default, zbus lets others replace
/// the owner.) Call it once everything is served. Fails if the name has an owner already.
#[cfg(feature = "bus")]
pub async fn own(connection: &zbus::Connection, name: &'static str) -> zbus::Result<()> {
    let flags = RequestNameFlags::REPLACE_EXISTING | RequestNameFlags::DO_NOT_QUEUE;
    connection.request_name_with_flags(name, flags).await.map(|_| ())
}

/// The uid of who sent the message with `header`, by what the bus says of the connection; in words why it is not known. By the time of the
/// question the sender may be gone. Has no limit of its own.
#[cfg(feature = "bus")]
pub async fn uid_of_sender(connection: &zbus::Connection, header: &Header<'_>) -> Result<u32, &'static str> {
    let sender = header.sender().ok_or("no sender")?.as_str();
    let name = "org.freedesktop.DBus";
    let question =
        connection.call_method(Some(name), "/org/freedesktop/DBus", Some(name), "GetConnectionUnixUser", &sender);
    let reply = question.await.map_err(|_| "the bus does not know who it is")?;
    reply.body().deserialize().map_err(|_| "the bus gives no uid")
}

/// The name of the error of D-Bus itself, without what all of them begin with, that came in place of an answer: `ServiceUnknown`.
#[cfg(feature = "bus")]
fn own_error(name: &str) -> Option<&str> {
    name.strip_prefix("org.freedesktop.DBus.Error.")
}

/// The name of the error that came in place of an answer.
#[cfg(feature = "bus")]
pub fn error_name(why: &zbus::Error) -> Option<String> {
    match why {
        zbus::Error::MethodError(name, ..) => Some(name.to_string()),
        zbus::Error::FDO(why) => Some(why.name().to_string()),
        _ => None,
    }
}

/// Whether it is an error with which the bus, or systemd through it, answers where no program comes behind a name.
#[cfg(feature = "bus")]
pub fn can_not_start(why: &zbus::Error) -> bool {
    error_name(why).is_some_and(|name| {
        // Such as UnitMasked and BadUnitSetting.
        name.starts_with("org.freedesktop.systemd1.")
            || own_error(&name).is_some_and(|name| name == "ServiceUnknown" || name.starts_with("Spawn."))
    })
}

/// Whether it is an error with which the bus itself answers where the program never saw the call.
#[cfg(feature = "bus")]
pub fn not_delivered(why: &zbus::Error) -> bool {
    const NAMES: [&str; 7] = [
        "NameHasNoOwner",
        "AccessDenied",
        "LimitsExceeded",
        "TimedOut",
        "UnknownMethod",
        "UnknownObject",
        "UnknownInterface",
    ];
    can_not_start(why) || error_name(why).is_some_and(|name| own_error(&name).is_some_and(|name| NAMES.contains(&name)))
}

#[cfg(test)]
#[cfg(feature = "bus")]
mod tests {
    use super::*;

    /// As a call fails: by the name that the answer has.
    fn answered(name: &'static str) -> zbus::Error {
        let call = zbus::Message::method_call("/", "Change").build(&()).unwrap();
        zbus::Error::MethodError(name.try_into().unwrap(), None, call)
    }

    #[test]
    fn a_program_that_can_not_be_started_is_told_from_one_that_does_not_answer_whatever_says_so() {
        let fdo = |why: zbus::fdo::Error| zbus::Error::FDO(Box::new(why));
        for (why, starts_not, not_there) in [
            (answered("org.freedesktop.DBus.Error.ServiceUnknown"), true, true),
            (answered("org.freedesktop.DBus.Error.Spawn.ChildExited"), true, true),
            (answered("org.freedesktop.DBus.Error.Spawn.ServiceNotFound"), true, true),
            (answered("org.freedesktop.systemd1.UnitMasked"), true, true),
            (fdo(zbus::fdo::Error::ServiceUnknown(String::new())), true, true),
            (fdo(zbus::fdo::Error::SpawnExecFailed(String::new())), true, true),
            (answered("org.freedesktop.DBus.Error.AccessDenied"), false, true),
            (fdo(zbus::fdo::Error::LimitsExceeded(String::new())), false, true),
            (answered("org.freedesktop.DBus.Error.NoReply"), false, false),
            (answered("org.pam_sspr.Error.Unavailable"), false, false),
            (answered("org.example.ServiceUnknown"), false, false),
            (fdo(zbus::fdo::Error::Disconnected(String::new())), false, false),
            (zbus::Error::Failure(String::new()), false, false),
        ] {
            assert_eq!((can_not_start(&why), not_delivered(&why)), (starts_not, not_there), "{why:?}");
        }
    }
}
