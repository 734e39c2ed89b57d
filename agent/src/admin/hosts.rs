//! The hosts of a fleet, at the server: lists them, makes tokens, and changes a host or forgets its own accounts.

use sspr_core::plain::plain;
use sspr_fleet::{Pin, token::Token, wire::Typed};
use sspr_protocol::fleet::{
    Change, FleetState, Host as Wire, HostChange, HostChanged, HostState as OfHost, ServerState, TokenMade, TokenWish,
};
use zeroize::Zeroizing;

use super::{AdminCall, Error, Result, refused};
use crate::{
    account::{Name, realm_of_host},
    audit::{Deed, Event},
    fleet::{Fleet, listening::Listening},
    proof::Account,
    store::{
        Hosts, Overviews, Registrations, Tx,
        hosts::{Host, HostState, NewToken},
    },
};

/// The longest lifetime of a token, in seconds.
const LIFETIME_MAX: i64 = 86_400;
/// The most hosts that may join with one token.
const USES_MAX: u32 = 1000;
/// The longest name, pattern and group, in characters.
const LABEL_MAX: usize = 253;
/// The length of a token's secret, in bytes.
const SECRET: usize = 32;
/// How long the server may take to answer a hello.
pub(super) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(4);

/// The host for administrators; `next` is the server's next key.
fn shown(host: Host, next: Option<Pin>) -> Wire {
    let knows_next = next.map(|next| host.knows_pin(&next.to_string()));
    let Host { id, name, group, state, joined, seen, version, keyed, .. } = host;
    Wire { id, name, group, state: state.as_str().to_owned(), joined, keyed: Some(keyed), seen, version, knows_next }
}

/// All hosts, revoked ones included.
pub(super) async fn list(call: &AdminCall, listening: &Listening) -> Result<Vec<Wire>> {
    let mut tx = call.agent.begin_to_read().await?;
    let hosts = Hosts::all(&mut tx).await?;
    tx.commit().await?;
    let next = listening.now().next;
    Ok(hosts.into_iter().map(|host| shown(host, next)).collect())
}

fn label(text: &str, what: &str) -> Result<()> {
    if text.chars().count() > LABEL_MAX || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(refused(format!("{what} has a blank, or is longer than {LABEL_MAX} characters")));
    }
    Ok(())
}

/// Makes a token with which hosts can join.
pub(super) async fn token(call: &AdminCall, listening: &Listening, wish: &TokenWish) -> Result<TokenMade> {
    let agent = &call.agent;
    let settings = &agent.settings.server;
    if settings.listen.is_none() {
        return Err(refused("this machine is no server of a fleet; set listen in [server] first"));
    }
    let state = listening.now();
    let pins = state.pins();
    if pins.is_empty() {
        let why = state.fault.unwrap_or_else(|| "it does not listen yet".to_owned());
        return Err(Error::Unavailable(format!("the server has no key yet: {why}")));
    }
    if !(1..=USES_MAX).contains(&wish.uses) || !(1..=LIFETIME_MAX).contains(&wish.lifetime) {
        return Err(refused(format!("a token is good for 1 to {USES_MAX} hosts, and for a day at most")));
    }
    label(&wish.name, "the pattern of names")?;
    label(&wish.group, "the group")?;
    let mut secret = Zeroizing::new(vec![0; SECRET]);
    agent.random.fill(&mut secret)?;
    let now = agent.now();
    let mac = agent.keys.mac("join token", &[&secret]);
    let new = NewToken {
        secret: &mac,
        uses: wish.uses,
        pattern: &wish.name,
        group: &wish.group,
        issuer: &call.administrator,
        created: now,
        expires: now + wish.lifetime,
    };
    let mut tx = agent.begin().await?;
    Hosts::add_token(&mut tx, &new).await?;
    tx.commit().await?;
    let names = if wish.name.is_empty() { "any name" } else { &wish.name };
    let reason = format!(
        "for {} hosts of {names}, group {:?}, for {} s, {}",
        wish.uses, wish.group, wish.lifetime, call.process
    );
    call.record(Deed { event: Event::HostToken, success: true, account: "-", reason: &reason });
    let servers = settings.reached_by(&agent.host_name);
    let token = Token { servers: servers.clone(), pins, secret: Typed(secret) };
    Ok(TokenMade { token: token.to_text(), expires: new.expires, servers })
}

/// The host with the id or the name `wanted`. A host that was rebuilt has a new entry beside its revoked one, and its name
/// stands for the new one.
pub(super) async fn named(tx: &mut Tx<'_>, wanted: &str) -> Result<Host> {
    found(tx, wanted, |state| state != HostState::Revoked).await
}

/// The same; of several hosts with the name, the only one whose state is `meant`.
async fn found(tx: &mut Tx<'_>, wanted: &str, meant: impl Fn(HostState) -> bool) -> Result<Host> {
    let mut named: Vec<Host> = Hosts::all(tx).await?;
    named.retain(|host| host.id == wanted || host.name == wanted);
    if named.iter().any(|host| host.id == wanted) {
        named.retain(|host| host.id == wanted);
    }
    if named.len() > 1 && named.iter().filter(|host| meant(host.state)).count() == 1 {
        named.retain(|host| meant(host.state));
    }
    match (named.pop(), named.is_empty()) {
        (Some(host), true) => Ok(host),
        (None, _) => Err(Error::NotFound(format!("there is no host {}", plain(wanted)))),
        (Some(_), false) => {
            Err(refused(format!("several hosts are called {}; name one by its id: sspr admin hosts", plain(wanted))))
        }
    }
}

/// Revokes, pauses, resumes or renames a host, or forgets its own accounts.
pub(super) async fn change(call: &AdminCall, wish: &HostChange) -> Result<HostChanged> {
    if wish.change == Change::Forget {
        return forget(call, &wish.host).await;
    }
    let mut tx = call.agent.begin().await?;
    let host = named(&mut tx, &wish.host).await?;
    let (id, was) = (host.id.clone(), host.state);
    let (done, what) = match wish.change {
        Change::Revoke => (
            was == HostState::Revoked || Hosts::set_state(&mut tx, &id, HostState::Revoked).await?,
            "revoked".to_owned(),
        ),
        Change::Pause => (Hosts::set_state(&mut tx, &id, HostState::Paused).await?, "paused".to_owned()),
        Change::Resume => {
            Hosts::forget_counter(&mut tx, &id).await?;
            (Hosts::set_state(&mut tx, &id, HostState::Active).await?, "resumed".to_owned())
        }
        Change::Rename => {
            label(&wish.name, "the name")?;
            if wish.name.is_empty() {
                return Err(refused("the new name is empty"));
            }
            (Hosts::rename(&mut tx, &id, &wish.name).await?, format!("renamed to {}", wish.name))
        }
        Change::Forget => (false, String::new()),
    };
    if !done {
        return Err(refused(
            "that host was revoked; its key never counts again. Let it join anew: sspr admin hosts token",
        ));
    }
    let now = Hosts::by_id(&mut tx, &id).await?;
    let registrations = match wish.change {
        Change::Revoke => Some(Overviews::names(&mut tx, &realm_of_host(&id)).await?.len() as u64),
        _ => None,
    };
    tx.commit().await?;
    let reason = format!("host {id} ({}) {what}, {}", host.name, call.process);
    call.record(Deed { event: Event::HostChanged, success: true, account: "-", reason: &reason });
    let host = now.ok_or_else(|| Error::NotFound("the host is gone".to_owned()))?;
    Ok(HostChanged { host: shown(host, None), registrations })
}

/// Deletes what the accounts of a revoked host itself registered. Nobody is notified: nothing can be reset there any more.
async fn forget(call: &AdminCall, wanted: &str) -> Result<HostChanged> {
    let agent = &call.agent;
    let mut tx = agent.begin().await?;
    let host = found(&mut tx, wanted, |state| state == HostState::Revoked).await?;
    if host.state != HostState::Revoked {
        return Err(refused(format!(
            "{} ({}) is not revoked; its accounts may still be reset: sspr admin hosts revoke {0}",
            host.id,
            plain(&host.name)
        )));
    }
    let realm = realm_of_host(&host.id);
    let names = Overviews::names(&mut tx, &realm).await?;
    for name in &names {
        Account::new(&agent.keys, Name { realm: &realm, name }).void(&mut tx, &agent.keys, agent.now()).await?;
    }
    // Exemptions and the like of accounts without a registration go as well.
    let count = Registrations::keep_only(&mut tx, &realm, &[]).await?;
    tx.commit().await?;
    for name in &names {
        let account = Name { realm: &realm, name }.in_full();
        call.record(Deed { event: Event::Forgotten, success: true, account: &account, reason: "its host is revoked" });
    }
    let reason = format!("host {} ({}): {count} registrations deleted, {}", host.id, host.name, call.process);
    call.record(Deed { event: Event::HostChanged, success: true, account: "-", reason: &reason });
    Ok(HostChanged { host: shown(host, None), registrations: Some(count) })
}

/// The role of this machine in a fleet, and its state.
pub(super) async fn state(call: &AdminCall, fleet: &Fleet, listening: &Listening) -> Result<FleetState> {
    let settings = &call.agent.settings;
    let server = match &settings.server.listen {
        Some(listen) => {
            let (now, hosts) = (listening.now(), list(call, listening).await?);
            let count = |state: &str| hosts.iter().filter(|host| host.state == state).count() as u64;
            let fault = now.fault.or_else(|| now.address.is_none().then(|| "it does not listen yet".to_owned()));
            let pin = now.pin.map(|pin| pin.to_string()).unwrap_or_default();
            let (active, paused) = (count("active"), count("paused"));
            let lacks = |host: &&Wire| host.state == "active" && host.knows_next == Some(false);
            let missing = now.next.map(|_| hosts.iter().filter(lacks).count() as u64);
            Some(ServerState { listen: listen.clone(), fault, pin, active, paused, missing })
        }
        None => None,
    };
    let host = match (settings.fleet.is_on(), fleet.identity()) {
        (false, Err(_)) => None,
        (is_on, identity) => Some(as_host(call, fleet, is_on, identity).await),
    };
    Ok(FleetState { server, host })
}

async fn as_host(
    call: &AdminCall,
    fleet: &Fleet,
    is_on: bool,
    identity: std::result::Result<sspr_fleet::identity::Identity, crate::fleet::Why>,
) -> OfHost {
    let settings = &call.agent.settings.fleet;
    let (servers, proxy) = (settings.servers.clone(), settings.proxy.clone());
    let mut said = OfHost { servers, proxy, ..OfHost::default() };
    match identity {
        Ok(identity) => {
            said.id = Some(identity.id);
            said.joined = Some(identity.joined);
        }
        Err(why) => {
            said.fault = Some(why.to_string());
            return said;
        }
    }
    if !is_on {
        said.fault =
            Some("this host has joined, but [fleet] servers is not set, so its own dialogues count".to_owned());
        return said;
    }
    match fleet.hello(settings, &call.agent.host_name, PATIENCE).await {
        Ok(greeting) => {
            said.answers = true;
            said.state = greeting.state;
            said.local_accounts = greeting.local_accounts;
        }
        Err(why) => said.fault = Some(why.to_string()),
    }
    said
}
