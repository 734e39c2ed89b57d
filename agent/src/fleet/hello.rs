//! Hellos of a host to its server, and the changes of keys, which they carry.
//!
//! The next key is on the disk before the server hears of it, and the old one stays there until the server has accepted
//! a hello with the next one. So whatever ends in between, the host has the key that counts. If the server knows only
//! one of the two, [`super::reach`] finds out which.
//!
//! Each greeting has the pins of the server's key, of the one before and of the next one, if there are any, in the order
//! in which the keys are used. The host keeps its pins in this order, too. It takes over all that a greeting names, and
//! forgets only keys that are older than all of these. So a server that was not told the next key yet does not take it
//! away from a host that heard of it from another server, and the old key is gone with the first greeting after
//! `--finish`.

use std::time::Duration;

use sspr_config::settings::Fleet as Settings;
use sspr_fleet::{
    Key, KeyError, NextKey, Pin,
    client::Link,
    identity::{self, Identity},
    wire::{Greeting, Hello, VERSION},
};

use super::{Fleet, Why, is_unknown_there};

/// The most keys of servers that a host keeps.
const PINS_MAX: usize = 16;

#[expect(clippy::unnecessary_wraps, reason = "as `changed` takes it")]
fn counted(identity: &mut Identity) -> Result<(), KeyError> {
    identity.hellos += 1;
    Ok(())
}

fn made(identity: &mut Identity) -> Result<(), KeyError> {
    identity.next = Some(Key::generate()?);
    Ok(())
}

fn pinned(pins: Vec<Pin>) -> impl FnOnce(&mut Identity) -> Result<(), KeyError> + Send + 'static {
    move |identity| {
        identity.pins = pins;
        Ok(())
    }
}

/// The pins of servers that a host keeps if it has the pins `known` and hears those that were `said`. Both are in the
/// order in which the keys are used. Keys before the first one that is said are finished.
fn merged(known: &[Pin], said: &[Pin]) -> Vec<Pin> {
    // The server that answered owns a key that is known. If its answer lacks all of these, something is wrong.
    let first = known.iter().position(|pin| said.contains(pin)).filter(|_| said.len() <= PINS_MAX);
    let Some(first) = first else { return known.to_vec() };
    let mut pins = known.get(first..).unwrap_or_default().to_vec();
    let mut before = pins.len();
    for pin in said.iter().rev() {
        match pins.iter().position(|known| known == pin) {
            Some(place) => before = place,
            None => pins.insert(before, *pin),
        }
    }
    // Only next keys that no server used can be too many.
    while pins.len() > PINS_MAX
        && let Some(unused) = pins.iter().position(|pin| !said.contains(pin))
    {
        pins.remove(unused);
    }
    pins
}

/// What comes of a hello that was answered, if the next step failed. Both keys are kept, and the next hello goes on from
/// there.
fn later(greeting: Greeting, why: &Why) -> (Greeting, bool) {
    tracing::info!(%why, "the next key of this host was not accepted yet: {why}");
    (greeting, false)
}

/// What a hello is said with.
struct Says<'a> {
    settings: &'a Settings,
    name: &'a str,
    patience: Duration,
    /// The only server key that is accepted, in place of the stored ones.
    pin: Option<Pin>,
}

impl Fleet {
    /// Tells the server that this host, `name`, is there, and replaces the key if the server says that it is old. Each
    /// call waits for `patience` at most. The number of a hello is stored before the hello is sent, so that one machine
    /// never sends the same number twice.
    pub async fn hello(&self, settings: &Settings, name: &str, patience: Duration) -> Result<Greeting, Why> {
        let _turn = self.0.greeting.lock().await;
        let (greeting, _) = self.greeted(&Says { settings, name, patience, pin: None }, false).await?;
        self.learns(&greeting).await?;
        self.heard_of_own(greeting.local_accounts);
        Ok(greeting)
    }

    /// Replaces the key, whatever its age. `false`: the server does not accept another key now.
    pub async fn rekey(&self, settings: &Settings, name: &str, patience: Duration) -> Result<bool, Why> {
        let _turn = self.0.greeting.lock().await;
        let (greeting, replaced) = self.greeted(&Says { settings, name, patience, pin: None }, true).await?;
        self.learns(&greeting).await?;
        Ok(replaced)
    }

    /// Knows the servers by `pin` alone from now on, and by what they say then. The pin is stored only after a server
    /// has proved that it owns that key.
    pub async fn repin(&self, settings: &Settings, name: &str, pin: Pin, patience: Duration) -> Result<Greeting, Why> {
        let _turn = self.0.greeting.lock().await;
        let (greeting, _) = self.greeted(&Says { settings, name, patience, pin: Some(pin) }, false).await?;
        self.changed(pinned(vec![pin])).await?;
        *self.kept() = None;
        self.learns(&greeting).await?;
        Ok(greeting)
    }

    /// The greeting, and whether this host has another key now.
    async fn greeted(&self, says: &Says<'_>, rekey: bool) -> Result<(Greeting, bool), Why> {
        let mut identity = self.changed(counted).await?;
        let mut greeting = match (self.says(says, &identity, &identity.key).await, &identity.next) {
            // The server accepted the next key, and this host did not hear of it.
            (Err(Why::Server(why)), Some(next)) if is_unknown_there(&why) => {
                let greeting = self.says(says, &identity, next).await?;
                let replaced = self.settles(&greeting).await?;
                return Ok((greeting, replaced));
            }
            (said, _) => said?,
        };
        if greeting.state == "active" && (greeting.rekey || rekey) && identity.next.is_none() {
            identity = self.changed(|identity| made(identity).and_then(|()| counted(identity))).await?;
            greeting = match self.says(says, &identity, &identity.key).await {
                Ok(greeting) => greeting,
                Err(why) => return Ok(later(greeting, &why)),
            };
        }
        let announced = identity.next.as_ref().map(Key::pin);
        if greeting.state != "active" || announced.is_none() || greeting.next != announced {
            return Ok((greeting, false));
        }
        identity = self.changed(counted).await?;
        let Some(next) = &identity.next else { return Ok((greeting, false)) };
        match self.says(says, &identity, next).await {
            Ok(greeting) => {
                let replaced = self.settles(&greeting).await?;
                Ok((greeting, replaced))
            }
            Err(why) => Ok(later(greeting, &why)),
        }
    }

    /// Sends one hello with `key`, which announces the next one.
    async fn says(&self, says: &Says<'_>, identity: &Identity, key: &Key) -> Result<Greeting, Why> {
        let next = identity.next.as_ref().filter(|next| next.pin() != key.pin());
        let next = next.map(|next| NextKey::new(next, key.pin())).transpose()?;
        let (name, version) = (says.name.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let (counter, pins) = (identity.hellos, identity.pins.clone());
        let hello = Hello { v: VERSION, name, version, counter, next, pins };
        let link = match says.pin {
            Some(pin) => {
                let trial = Identity { pins: vec![pin], ..identity.clone() };
                Self::open(says.settings, &trial, key)?.link
            }
            None => self.with(says.settings, identity, key)?,
        };
        Ok(link.hello(&hello, says.patience).await?)
    }

    /// The connections with `key`: those of all calls, if they use it.
    fn with(&self, settings: &Settings, identity: &Identity, key: &Key) -> Result<Link, Why> {
        let mut kept = self.kept();
        let of_servers = kept.as_ref().filter(|open| open.settings == *settings);
        if let Some(open) = of_servers.filter(|open| open.pin == key.pin()) {
            return Ok(open.link.clone());
        }
        let (open, others) = (Self::open(settings, identity, key)?, of_servers.is_some());
        let link = open.link.clone();
        if !others {
            *kept = Some(open);
        }
        Ok(link)
    }

    /// Forgets the old key if the next one is the only one by this greeting, which answers a hello with the next one.
    async fn settles(&self, greeting: &Greeting) -> Result<bool, Why> {
        if greeting.state != "active" || greeting.next.is_some() {
            return Ok(false);
        }
        let replaced = |identity: &mut Identity| {
            if let Some(next) = identity.next.take() {
                identity.key = next;
            }
            Ok(())
        };
        self.changed(replaced).await?;
        *self.kept() = None;
        tracing::info!("this host has a new key, which the fleet's server accepted");
        Ok(true)
    }

    /// Knows the servers by the keys in this greeting from now on, and by newer ones that another server named.
    async fn learns(&self, greeting: &Greeting) -> Result<(), Why> {
        let known = self.identity()?.pins;
        let pins = merged(&known, &greeting.pins);
        if pins == known {
            return Ok(());
        }
        self.changed(pinned(pins)).await?;
        *self.kept() = None;
        tracing::info!("the fleet's server has told this host another set of keys");
        Ok(())
    }

    /// Changes the host's file. Sign-ins must not wait until it is on the disk.
    async fn changed(
        &self,
        change: impl FnOnce(&mut Identity) -> Result<(), KeyError> + Send + 'static,
    ) -> Result<Identity, Why> {
        let this = self.clone();
        let saving = move || {
            let mut identity = this.identity()?;
            change(&mut identity)?;
            identity::save(&this.0.directory, &this.machine()?, &identity)?;
            Ok(identity)
        };
        let saved = tokio::task::spawn_blocking(saving).await;
        saved.unwrap_or_else(|why| Err(Why::Unsaved(why.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins(keys: &[u8]) -> Vec<Pin> {
        keys.iter().map(|key| Pin::from_bytes([*key; 32])).collect()
    }

    #[test]
    fn a_host_forgets_keys_that_are_older_than_all_that_a_server_names_and_no_others() {
        for (known, said, kept) in [
            (&[1][..], &[1, 2][..], &[1, 2][..]),
            (&[1, 2], &[1], &[1, 2]),
            (&[1, 2], &[2], &[2]),
            (&[2], &[1, 2], &[1, 2]),
            (&[1, 2], &[2, 3], &[2, 3]),
            (&[2, 3], &[1, 2], &[1, 2, 3]),
            // The key 2 was announced and given up.
            (&[1, 2], &[1, 3], &[1, 2, 3]),
            (&[1, 2, 3], &[3], &[3]),
            // Nothing is known, or nothing is said.
            (&[1, 2], &[3], &[1, 2]),
            (&[1, 2], &[], &[1, 2]),
        ] {
            assert_eq!(merged(&pins(known), &pins(said)), pins(kept), "{known:?}, {said:?}");
        }
    }

    #[test]
    fn the_keys_of_a_host_stay_few() {
        let many: Vec<u8> = (1..40).collect();
        assert_eq!(merged(&pins(&[1]), &pins(&many)), pins(&[1]));
        let most: Vec<u8> = (1..=16).collect();
        let next: Vec<u8> = [1].into_iter().chain(3..=17).collect();
        assert_eq!(merged(&pins(&most), &pins(&[1, 17])), pins(&next), "the oldest next key that is not used goes");
    }
}
