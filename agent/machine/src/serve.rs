//! A program that the bus starts on demand and that may set passwords: who may call it, and when it goes.

use std::{path::Path, time::Duration};

use nix::unistd::User;
use sspr_config::{
    activity::Activity,
    bus::{AGENT_USER, own, uid_of_sender},
};
use tokio::time::{sleep, timeout, timeout_at};
use zbus::{Connection, connection, message::Header, object_server::Interface};

use crate::{Error, agent_user};

/// How long the bus may take to let the program in, or to say who called.
const BUS_MAX: Duration = Duration::from_secs(3);

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
        // Only now: a call that the bus held back for the name finds everything in place.
        own(&bus, name).await?;
        zbus::Result::Ok(bus)
    };
    let bus = timeout(BUS_MAX, serve).await.map_err(|_| gone("the bus does not answer"))??;
    while let Some(until) = activity.idle_until(idle) {
        if timeout_at(until.into(), bus.closed()).await.is_ok() {
            return Err(gone("the bus is gone"));
        }
    }
    // What comes from here on starts a new program; what came before the name was given back is still answered.
    bus.release_name(name).await?;
    sleep(Duration::from_millis(100)).await;
    while activity.idle_until(Duration::ZERO).is_some() {
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn gone(why: &str) -> zbus::Error {
    zbus::Error::Failure(why.to_owned())
}

/// The uid of the caller, which must be the agent or root by what the bus says of its connection. Not known means no: by the time of the
/// question the caller may be gone.
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
    // A person may be called so.
    agent_user::verify(Path::new("/"), uid).map_err(|why| denied(&why.to_string()))?;
    Ok(uid)
}
