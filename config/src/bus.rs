//! Names on the system bus. Bus policy, units and programs use exactly these.

#[cfg(feature = "bus")]
use zbus::{DBusError as _, fdo::RequestNameFlags, message::Header};

/// Where the system bus listens. Never taken from the environment: another user may control that of a PAM host.
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
/// Interface of the dialogues: `Begin`, `Answer`, `AnswerSealed`, `Cancel`, `Leave`.
pub const DIALOGUE: &str = "org.pam_sspr.Dialogue1";
/// Interface for administrators; callers other than root are refused.
pub const ADMIN: &str = "org.pam_sspr.Admin1";
/// Interface for members of the help desk's group, under [`PEOPLE`]: the agent asks the bus who calls, and looks the groups up.
pub const HELP_DESK: &str = "org.pam_sspr.HelpDesk1";
/// Interface to have the settings read again, for root and for the agent's own user: `Reload`.
pub const SETTINGS: &str = "org.pam_sspr.Settings1";

/// The credential helper's well-known name; only root may own it, and only the agent's user and root may call it.
pub const CREDENTIAL: &str = "org.pam_sspr.Credential1";
/// The credential helper's one object.
pub const CREDENTIAL_PATH: &str = "/org/pam_sspr/Credential1";

/// The well-known name of the program for a directory's users. Only its own user may own it, and only the agent's user
/// and root may call it.
pub const DIRECTORY: &str = "org.pam_sspr.Directory1";
/// That program's one object.
pub const DIRECTORY_PATH: &str = "/org/pam_sspr/Directory1";

/// The system user that the agent runs as.
pub const AGENT_USER: &str = "sspr";
/// The system user that the program for a directory's users runs as.
pub const DIRECTORY_USER: &str = "sspr-directory";

/// Owns `name` from now on, permanently: no later caller gets it, even if the bus would allow that. (By default, zbus
/// lets others replace the owner.) Call it once everything is served. Fails if the name already has an owner.
#[cfg(feature = "bus")]
pub async fn own(connection: &zbus::Connection, name: &'static str) -> zbus::Result<()> {
    let flags = RequestNameFlags::REPLACE_EXISTING | RequestNameFlags::DO_NOT_QUEUE;
    connection.request_name_with_flags(name, flags).await.map(|_| ())
}

/// The uid of the sender of the message with `header`, according to the bus. The error says why it is not known: the
/// sender may be gone by the time of the question. There is no time limit here.
#[cfg(feature = "bus")]
pub async fn uid_of_sender(connection: &zbus::Connection, header: &Header<'_>) -> Result<u32, &'static str> {
    let sender = header.sender().ok_or("no sender")?.as_str();
    let name = "org.freedesktop.DBus";
    let question =
        connection.call_method(Some(name), "/org/freedesktop/DBus", Some(name), "GetConnectionUnixUser", &sender);
    let reply = question.await.map_err(|_| "the bus does not know who it is")?;
    reply.body().deserialize().map_err(|_| "the bus gives no uid")
}

/// The name of a D-Bus error that came instead of an answer, without the common prefix: `ServiceUnknown`.
#[cfg(feature = "bus")]
fn own_error(name: &str) -> Option<&str> {
    name.strip_prefix("org.freedesktop.DBus.Error.")
}

/// The name of the error that came instead of an answer.
#[cfg(feature = "bus")]
pub fn error_name(why: &zbus::Error) -> Option<String> {
    match why {
        zbus::Error::MethodError(name, ..) => Some(name.to_string()),
        zbus::Error::FDO(why) => Some(why.name().to_string()),
        _ => None,
    }
}

/// Whether it is the error of the bus, or of systemd through it, for a name whose program does not start.
#[cfg(feature = "bus")]
pub fn can_not_start(why: &zbus::Error) -> bool {
    error_name(why).is_some_and(|name| {
        // Such as UnitMasked and BadUnitSetting.
        name.starts_with("org.freedesktop.systemd1.")
            || own_error(&name).is_some_and(|name| name == "ServiceUnknown" || name.starts_with("Spawn."))
    })
}

/// Whether it is an error of the bus itself for a call that never reached the program.
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

/// Whether the program ended before it answered: it crashed, was killed, or another one took its place.
#[cfg(feature = "bus")]
pub fn cut_off(why: &zbus::Error) -> bool {
    error_name(why).is_some_and(|name| own_error(&name) == Some("NoReply"))
}

#[cfg(test)]
#[cfg(feature = "bus")]
mod tests {
    use super::*;

    /// A call that failed with the error of this name.
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
            let says_so = error_name(&why).is_some_and(|name| name.ends_with(".NoReply"));
            assert_eq!(cut_off(&why), says_so, "{why:?}");
        }
        assert!(cut_off(&fdo(zbus::fdo::Error::NoReply(String::new()))));
    }
}
