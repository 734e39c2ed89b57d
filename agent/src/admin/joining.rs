//! Joins a fleet as a host, and leaves it.

use sspr_fleet::Pin;
use sspr_protocol::admin::Nothing;
use sspr_protocol::fleet::{JoinDone, JoinWish, Left, NewKey, Repin};

use super::{AdminCall, Error, Result, hosts::PATIENCE, refused};
use crate::fleet::{Fleet, Why};

impl From<Why> for Error {
    fn from(why: Why) -> Self {
        match why {
            Why::Server(sspr_fleet::client::Trouble::Unreachable(_)) | Why::Unsaved(_) => {
                Self::Unavailable(why.to_string())
            }
            Why::Server(_) | Why::Identity(_) | Why::Key(_) | Why::Servers(_) | Why::NoToken => {
                Self::Refused(why.to_string())
            }
        }
    }
}

/// Joins the fleet of a token.
pub(super) async fn join(call: &AdminCall, fleet: &Fleet, wish: &JoinWish) -> Result<JoinDone> {
    let agent = &call.agent;
    if agent.settings.server.listen.is_some() {
        return Err(refused("this machine is a server itself, see [server]: it joins no fleet"));
    }
    if agent.settings.directory.kind.is_some() {
        return Err(refused(
            "this host serves people of the directory itself; remove [directory], whose secret belongs on the server alone, and join again",
        ));
    }
    let (servers, id, before) =
        fleet.join(agent.settings.fleet.proxy.as_deref(), &wish.token, &agent.host_name, agent.now()).await?;
    Ok(JoinDone { id, servers, before })
}

/// Leaves the fleet: deletes this host's identity.
pub(super) async fn leave(fleet: &Fleet) -> Result<Left> {
    Ok(Left { joined: fleet.leave().await? })
}

/// Knows the servers by another key.
pub(super) async fn repin(call: &AdminCall, fleet: &Fleet, wish: &Repin) -> Result<Nothing> {
    let settings = &call.agent.settings.fleet;
    let Some(pin) = Pin::parse(&wish.pin) else {
        return Err(refused("that is no hash of a key; the server shows it: sspr server rekey"));
    };
    fleet.repin(settings, &call.agent.host_name, pin, PATIENCE).await?;
    Ok(Nothing {})
}

/// Replaces this host's key.
pub(super) async fn new_key(call: &AdminCall, fleet: &Fleet) -> Result<NewKey> {
    let settings = &call.agent.settings.fleet;
    if !settings.is_on() {
        return Err(refused("this host is in no fleet, see [fleet] servers"));
    }
    Ok(NewKey { replaced: fleet.rekey(settings, &call.agent.host_name, PATIENCE).await? })
}
