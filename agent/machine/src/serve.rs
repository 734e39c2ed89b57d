//! A program that the bus starts on demand and that may set passwords: who may call it, when it goes, and where it writes its records.

use std::{path::Path, time::Duration};

use nix::unistd::User;
use sspr_config::{
    activity::Activity,
    bus::{AGENT_USER, own, uid_of_sender},
};
use tokio::time::{sleep, timeout, timeout_at};
use tracing_subscriber::layer::SubscriberExt as _;
use zbus::{Connection, connection, message::Header, object_server::Interface};

use crate::{Error, agent_user};

/// How long the bus may take to accept the program, or to say who called.
const BUS_MAX: Duration = Duration::from_secs(3);
/// How long calls may take to end once the bus is gone.
const ENDS_MAX: Duration = Duration::from_secs(10);

/// Has records written: to the journal under systemd, to standard error otherwise.
pub fn start_log() -> Result<(), Box<dyn std::error::Error>> {
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = journal.is_none().then_some(lines);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(journal).with(lines))?;
    Ok(())
}

/// Serves `object` at `path` of the bus at `address` as `name`, until nothing was asked for `idle`.
pub async fn on_demand<I: Interface>(
    address: &str,
    (name, path): (&'static str, &'static str),
    object: I,
    activity: &Activity,
    idle: Duration,
) -> zbus::Result<()> {
    let serve = async {
        let bus = connection::Builder::address(address).serve_at(path, object).build().await?;
        // Only now, so that a call that the bus held back for the name finds everything in place.
        own(&bus, name).await?;
        zbus::Result::Ok(bus)
    };
    let bus = timeout(BUS_MAX, serve).await.map_err(|_| gone("the bus does not answer"))??;
    while let Some(until) = activity.idle_until(idle) {
        if timeout_at(until.into(), bus.closed()).await.is_ok() {
            // What a call has written is looked at and recorded, although nobody hears of it.
            timeout(ENDS_MAX, ended(activity)).await.ok();
            return Err(gone("the bus is gone"));
        }
    }
    // Calls from here on start a new program; calls from before the name was released are still answered.
    bus.release_name(name).await?;
    sleep(Duration::from_millis(100)).await;
    ended(activity).await;
    Ok(())
}

/// Waits until no call is under way.
async fn ended(activity: &Activity) {
    while activity.idle_until(Duration::ZERO).is_some() {
        sleep(Duration::from_millis(20)).await;
    }
}

fn gone(why: &str) -> zbus::Error {
    zbus::Error::Failure(why.to_owned())
}

/// The uid of the caller. It must be the agent or root, by what the bus says about its connection. If the bus can't
/// say, the answer is no: the caller may be gone by then.
pub async fn admit(bus: &Connection, header: &Header<'_>) -> Result<u32, Error> {
    let denied = |why: &str| {
        tracing::warn!(sender = header.sender().map(zbus::names::UniqueName::as_str), why, "caller refused");
        Error::Denied("only the sign-in agent may ask".to_owned())
    };
    let asked = timeout(BUS_MAX, uid_of_sender(bus, header)).await;
    let uid = asked.map_err(|_| denied("the bus does not say who it is"))?.map_err(denied)?;
    if uid == 0 {
        return Ok(uid);
    }
    let agent = User::from_name(AGENT_USER).map_err(|_| denied("the agent's user can't be looked up"))?;
    if agent.is_none_or(|agent| agent.uid.as_raw() != uid) {
        return Err(denied("another user"));
    }
    // A person may have that name.
    agent_user::verify(Path::new("/"), uid).map_err(|why| denied(&why.to_string()))?;
    Ok(uid)
}
