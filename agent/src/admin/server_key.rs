//! Replaces the key of a server, in steps between which its hosts learn the next one.

use std::path::Path;

use sspr_fleet::{
    Key,
    identity::IdentityError,
    server_keys::{self, ServerKeys},
};
use sspr_protocol::fleet::{ServerKeyStep, ServerKeyWish, ServerKeys as Wire};

use super::{AdminCall, Error, Result, aside, refused};
use crate::{
    audit::{Deed, Event},
    fleet::{
        Fleet,
        listening::{Listening, key_file},
    },
    store::{Hosts, hosts::HostState},
};

/// The most hosts that a refusal names.
const NAMED: usize = 20;

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(why: IdentityError) -> Error {
    refused(format!("{why}; [server] key_file must be a file beside which the agent can write"))
}

async fn read(path: &Path) -> Result<ServerKeys> {
    let path = path.to_owned();
    aside(move || ServerKeys::read(&path)).await?.map_err(failed)
}

/// The names of the served hosts that don't know `pin`, and the number of all served hosts.
async fn missing(call: &AdminCall, pin: &str) -> Result<(Vec<String>, u64)> {
    let mut tx = call.agent.begin_to_read().await?;
    let mut hosts = Hosts::all(&mut tx).await?;
    tx.commit().await?;
    hosts.retain(|host| host.state == HostState::Active);
    let active = hosts.len() as u64;
    hosts.retain(|host| !host.knows_pin(pin));
    Ok((hosts.into_iter().map(|host| host.name).collect(), active))
}

/// Does one step, and shows the keys.
pub(super) async fn step(call: &AdminCall, fleet: &Fleet, listening: &Listening, wish: ServerKeyWish) -> Result<Wire> {
    let settings = &call.agent.settings.server;
    if settings.listen.is_none() {
        return Err(refused("this machine is no server of a fleet; set listen in [server] first"));
    }
    let path = key_file(settings, fleet.directory());
    let file = path.clone();
    let before = read(&path).await?;
    let next = before.next.as_ref().map(Key::pin);
    let done = match (wish.step, next) {
        (ServerKeyStep::Show, _) | (ServerKeyStep::Announce, Some(_)) => None,
        (ServerKeyStep::Announce, None) => {
            aside(move || server_keys::announce(&file)).await?.map_err(failed)?;
            Some("its next key is announced")
        }
        (ServerKeyStep::Use, None) => {
            return Err(refused("there is no next key; make it and have hosts learn it: sspr server rekey --announce"));
        }
        (ServerKeyStep::Use, Some(next)) => {
            let (missing, active) = missing(call, &next.to_string()).await?;
            if !missing.is_empty() && !wish.force {
                return Err(refused(not_yet(&missing, active)));
            }
            aside(move || server_keys::switch(&file)).await?.map_err(failed)?;
            Some("its next key is used")
        }
        (ServerKeyStep::Finish, _) => aside(move || server_keys::finish(&file))
            .await?
            .map_err(failed)?
            .then_some("its old key is not announced any more"),
    };
    let keys = read(&path).await?;
    if let Some(done) = done {
        listening.keys_changed();
        let reason = format!("{done}, {}, {}", keys.key.pin(), call.process);
        call.record(Deed { event: Event::ServerKey, success: true, account: "-", reason: &reason });
    }
    let next = keys.next.as_ref().map(Key::pin);
    let (missing, active) = missing(call, &next.unwrap_or_else(|| keys.key.pin()).to_string()).await?;
    Ok(Wire {
        pin: keys.key.pin().to_string(),
        next: next.map(|pin| pin.to_string()),
        old: keys.old.map(|pin| pin.to_string()),
        active,
        missing,
    })
}

fn not_yet(missing: &[String], active: u64) -> String {
    let named: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
    let more = if missing.len() > NAMED { ", ..." } else { "" };
    format!(
        "{} of {active} hosts do not know the next key yet: {}{more}. Each learns it with its next hello, within 18 minutes; \
         or revoke them, or use it with --force and run \"sspr join --repin\" on them",
        missing.len(),
        named.join(", "),
    )
}
