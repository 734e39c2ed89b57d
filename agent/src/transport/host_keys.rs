//! The keys of hosts, at the server: when a host is to make another one, and how that one takes the place of the old
//! one. The old key counts until the first call with the new one.

use sspr_fleet::{Pin, server::Peer, wire::Hello};

use crate::{
    audit::{Deed, Event},
    clock::Time,
    error::Result,
    keys::Keys,
    snapshot::Snapshot,
    store::{Hosts, Tx, hosts::Host},
};

/// The mean age at which a key is replaced.
const LASTS: Time = 365 * 86_400;
/// The time over which the hosts of a fleet that joined at once replace their keys.
const SPREAD: Time = 30 * 86_400;
/// The shortest time between two keys of a host: who has its key must not fill the audit trail.
const REST: Time = 3600;
/// The most pins of servers that are noted for a host.
const PINS_MAX: usize = 8;

/// Whether a host is to make another key now. The moment is the same whichever server the host asks.
pub(super) fn is_old(keys: &Keys, host: &Host, now: Time) -> bool {
    let [first, second, ..] = keys.mac("host key age", &[host.id.as_bytes()]);
    let part = Time::from(u16::from_be_bytes([first, second])) * SPREAD / Time::from(u16::MAX);
    now - host.keyed >= LASTS - SPREAD / 2 + part
}

/// Whether `peer` calls with the next key of `host`.
pub(super) fn is_next(peer: Peer, host: &Host) -> bool {
    host.next.as_deref() == Some(peer.key.to_string().as_str())
}

/// Makes the key of `peer`, which is the next one of `host`, its only one. `false`: the host is not served any more.
pub(super) async fn take_over(tx: &mut Tx<'_>, peer: Peer, host: &mut Host, now: Time) -> Result<bool> {
    let pin = peer.key.to_string();
    if !Hosts::take_over(tx, &host.id, &pin, now).await? {
        return Ok(false);
    }
    (host.pin, host.next, host.keyed) = (pin, None, now);
    Ok(true)
}

/// Stores the next key that `host` announces in a hello, if it proves that it owns it.
pub(super) async fn announce(tx: &mut Tx<'_>, peer: Peer, hello: &Hello, host: &mut Host, now: Time) -> Result<()> {
    let next = hello.next.as_ref().and_then(|next| next.pin(peer.key)).map(|pin: Pin| pin.to_string());
    if let Some(next) = next.filter(|_| now - host.keyed >= REST)
        && Hosts::announce(tx, &host.id, &next).await?
    {
        host.next = Some(next);
    }
    Ok(())
}

/// Notes by which keys `host` knows its servers, as it says in a hello.
pub(super) async fn note_pins(tx: &mut Tx<'_>, hello: &Hello, host: &mut Host) -> Result<()> {
    let pins: Vec<String> = hello.pins.iter().take(PINS_MAX).map(ToString::to_string).collect();
    let pins = pins.join(" ");
    if pins != host.knows {
        Hosts::knows(tx, &host.id, &pins).await?;
        host.knows = pins;
    }
    Ok(())
}

/// Records that a host has a new key.
pub(super) fn record(agent: &Snapshot, peer: Peer, host: &Host) {
    let reason = format!("host {} ({}) has a new key, from {}", host.id, host.name, peer.address);
    let deed = Deed { event: Event::HostRekeyed, success: true, account: "-", reason: &reason };
    agent.audit.record_deed(deed, "system", &host.id);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::store::hosts::HostState;

    #[test]
    fn a_key_is_replaced_after_a_year_and_hosts_that_joined_at_once_do_it_over_a_month() {
        let keys = Keys::from_host_key(&[7; 32]);
        let host = |id: usize| Host {
            id: format!("h{id}"),
            pin: String::new(),
            name: String::new(),
            group: String::new(),
            state: HostState::Active,
            joined: 0,
            seen: 0,
            version: String::new(),
            counter: 0,
            keyed: 0,
            next: None,
            knows: String::new(),
        };
        let mut days = std::collections::HashMap::new();
        for id in 0..1000 {
            let host = host(id);
            assert!(!is_old(&keys, &host, LASTS - SPREAD / 2 - 1) && is_old(&keys, &host, LASTS + SPREAD / 2));
            let due = (1..=30).find(|day| is_old(&keys, &host, LASTS - SPREAD / 2 + day * 86_400)).unwrap();
            *days.entry(due).or_insert(0) += 1;
        }
        let most = days.values().max().unwrap();
        assert!(days.len() == 30 && *most < 80, "{most} on one day");
    }
}
