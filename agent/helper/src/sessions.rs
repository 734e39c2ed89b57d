//! Ends the open sessions of an account through logind.

use std::time::Duration;

use tokio::time::timeout;
use zbus::{Connection, Message, OwnedObjectPath};

const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const SIGKILL: i32 = 9;
/// How long all calls to logind together may take.
pub(crate) const LOGIND_MAX: Duration = Duration::from_secs(4);

/// Ends every session that `uid` signed in to, and returns their number. Processes without a sign-in go on: cron jobs,
/// and the user's own service manager.
pub(crate) async fn end(bus: &Connection, uid: u32) -> zbus::Result<u32> {
    let ending = async {
        let reply = call(bus, LOGIND_PATH, MANAGER, "ListSessions", &()).await?;
        let sessions: Vec<(String, u32, String, String, OwnedObjectPath)> = reply.body().deserialize()?;
        let mut ended = 0;
        for (id, _, _, _, path) in sessions.iter().filter(|session| session.1 == uid) {
            // "user", "user-early", "user-light" and so on; not "background", "manager", "greeter" or "lock-screen".
            if !property(bus, path, "Class").await.is_ok_and(|class| class.starts_with("user")) {
                continue;
            }
            // Terminating a session that has signed out does not end the processes it left behind, so they are killed.
            let left_behind = property(bus, path, "State").await.is_ok_and(|state| state == "closing");
            let ending = if left_behind {
                call(bus, LOGIND_PATH, MANAGER, "KillSession", &(id.as_str(), "all", SIGKILL)).await
            } else {
                call(bus, LOGIND_PATH, MANAGER, "TerminateSession", &(id.as_str(),)).await
            };
            match ending {
                Ok(_) => ended += 1,
                // The session may have ended by itself.
                Err(why) => tracing::warn!(uid, session = id, %why, "a session was not ended"),
            }
        }
        Ok(ended)
    };
    let late = |_| zbus::Error::Failure("logind does not answer".to_owned());
    timeout(LOGIND_MAX, ending).await.map_err(late)?
}

/// A property of a session, as logind reports it.
async fn property(bus: &Connection, session: &OwnedObjectPath, name: &str) -> zbus::Result<String> {
    let properties = "org.freedesktop.DBus.Properties";
    let reply = call(bus, session.as_str(), properties, "Get", &(SESSION, name)).await?;
    let body = reply.body();
    let value: zbus::Variant<'_> = body.deserialize()?;
    Ok(<&str>::try_from(&value)?.to_owned())
}

async fn call<B>(bus: &Connection, path: &str, interface: &str, member: &str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + zbus::DynamicType + Sync,
{
    bus.call_method(Some(LOGIND), path, Some(interface), member, body).await
}
