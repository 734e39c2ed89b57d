//! A host of a fleet: what it joined with, and its way to the servers.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sspr_config::settings::Fleet as Settings;
use sspr_fleet::{
    Key, KeyError,
    client::{Link, Trouble, Way},
    identity::{self, Identity, IdentityError},
    token::Token,
    wire::{Greeting, Hello, Join, Refusal, VERSION},
};

use crate::clock::Time;

mod after;
pub mod greeting;
pub mod listening;
pub mod relay;
pub(crate) mod steps;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

/// Where this machine's own number is.
pub const MACHINE_ID: &str = "/etc/machine-id";
/// How long an administrator's command waits for a server.
const ADMINISTRATORS_PATIENCE: Duration = Duration::from_secs(10);

/// Why a host is not, or can't be, in a fleet. The texts are for administrators.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// It has not joined.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The key can't be made.
    #[error("a key can't be made: {0}")]
    Key(#[from] KeyError),
    /// The settings name servers that can't be used, or none.
    #[error("[fleet] servers: {0}")]
    Servers(String),
    /// The server.
    #[error(transparent)]
    Server(#[from] Trouble),
    /// What it counts can't be kept.
    #[error("the number of hellos can't be kept: {0}")]
    Unsaved(String),
    /// What was given is no token.
    #[error("that is no token; make one at the server: sspr admin hosts token")]
    NoToken,
}

/// What a host is in a fleet with. Clones share it.
#[derive(Clone)]
pub struct Fleet(Arc<Shared>);

struct Shared {
    directory: PathBuf,
    machine_id: PathBuf,
    way: Mutex<Option<Open>>,
    /// Held while a hello is under way: their numbers are to arrive in order.
    greeting: tokio::sync::Mutex<()>,
}

/// A way that was opened for these servers, with this key.
struct Open {
    servers: Vec<String>,
    id: String,
    link: Link,
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fleet").field("directory", &self.0.directory).finish_non_exhaustive()
    }
}

impl Fleet {
    /// What is kept below `state`, the agent's directory, on the machine whose number is in the file `machine_id`.
    pub fn new(state: &Path, machine_id: &Path) -> Self {
        let directory = state.join(identity::DIRECTORY);
        Self(Arc::new(Shared {
            directory,
            machine_id: machine_id.to_owned(),
            way: Mutex::default(),
            greeting: tokio::sync::Mutex::default(),
        }))
    }

    /// Where its files are.
    pub fn directory(&self) -> &Path {
        &self.0.directory
    }

    /// A machine without a number is none that a key can be bound to.
    fn machine(&self) -> Result<String, Why> {
        let path = &self.0.machine_id;
        let file = |why| IdentityError::File { path: path.clone(), why };
        let text = std::fs::read_to_string(path).map_err(file)?;
        if text.trim().is_empty() {
            let why = "is empty, so this machine can't be told from its copies".to_owned();
            return Err(IdentityError::Odd { path: path.clone(), why }.into());
        }
        Ok(identity::machine(&text))
    }

    fn kept(&self) -> MutexGuard<'_, Option<Open>> {
        self.0.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this host joined with.
    pub fn identity(&self) -> Result<Identity, Why> {
        Ok(identity::load(&self.0.directory, &self.machine()?)?)
    }

    /// The way to the servers of `settings`, and this host's id there. It is opened once; what was found out about the servers
    /// is kept.
    pub fn link(&self, settings: &Settings) -> Result<(Link, String), Why> {
        let mut kept = self.kept();
        if let Some(open) = kept.as_ref().filter(|open| open.servers == settings.servers) {
            return Ok((open.link.clone(), open.id.clone()));
        }
        let identity = self.identity()?;
        let way = Way { servers: settings.servers.clone(), pins: identity.pins, key: identity.key };
        let link = Link::new(&way).map_err(Why::Servers)?;
        *kept = Some(Open { servers: way.servers, id: identity.id.clone(), link: link.clone() });
        Ok((link, identity.id))
    }

    /// Joins the fleet whose token is `text`, as the host `name`. A host that has joined there stays as it is. The servers of the
    /// token, this host's id, and whether it had joined before.
    pub async fn join(&self, text: &str, name: &str, now: Time) -> Result<(Vec<String>, String, bool), Why> {
        let token = Token::parse(text).ok_or(Why::NoToken)?;
        let machine = self.machine()?;
        let (key, kept) = match identity::load(&self.0.directory, &machine) {
            // With another pin it is another fleet, which gets a key of its own.
            Ok(known) if known.pins.iter().any(|pin| token.pins.contains(pin)) => (known.key, true),
            _ => (Key::generate()?, false),
        };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let join = Join { v: VERSION, secret: token.secret, name: name.to_owned(), version };
        let by = |key: &Key| {
            let way = Way { servers: token.servers.clone(), pins: token.pins.clone(), key: key.clone() };
            Link::new(&way).map_err(Why::Servers)
        };
        let (joined, key) = match by(&key)?.join(&join, ADMINISTRATORS_PATIENCE).await {
            // The key was revoked, or the token is not good. Only in the first case does another key help.
            Err(Trouble::Refused(refused)) if kept && refused.refused == Refusal::Denied => {
                let fresh = Key::generate()?;
                (by(&fresh)?.join(&join, ADMINISTRATORS_PATIENCE).await?, fresh)
            }
            joined => (joined?, key),
        };
        let identity = Identity {
            id: joined.id.clone(),
            key,
            pins: token.pins,
            servers: token.servers.clone(),
            joined: now,
            hellos: identity::load(&self.0.directory, &machine).map_or(0, |known| known.hellos),
        };
        identity::save(&self.0.directory, &machine, &identity)?;
        *self.kept() = None;
        Ok((token.servers, joined.id, joined.before))
    }

    /// Leaves the fleet: forgets the key. `false`: this host had not joined.
    pub fn leave(&self) -> Result<bool, Why> {
        *self.kept() = None;
        Ok(identity::forget(&self.0.directory)?)
    }

    /// Says to the server that this host, `name`, is there. The number of the hello is kept before it is sent, so that no number
    /// comes twice from one machine.
    pub async fn hello(&self, settings: &Settings, name: &str, patience: Duration) -> Result<Greeting, Why> {
        let (link, _) = self.link(settings)?;
        let _turn = self.0.greeting.lock().await;
        // The file is written out to the disk, which sign-ins don't wait for.
        let this = self.clone();
        let saving = tokio::task::spawn_blocking(move || this.count_a_hello());
        let counter = saving.await.unwrap_or_else(|why| Err(Why::Unsaved(why.to_string())))?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let hello = Hello { v: VERSION, name: name.to_owned(), version, counter };
        Ok(link.hello(&hello, patience).await?)
    }

    fn count_a_hello(&self) -> Result<u64, Why> {
        let mut identity = self.identity()?;
        identity.hellos += 1;
        identity::save(&self.0.directory, &self.machine()?, &identity)?;
        Ok(identity.hellos)
    }

    /// Whether the server says that this host is none of its own.
    pub const fn is_unknown_there(why: &Why) -> bool {
        matches!(why, Why::Server(Trouble::Refused(refused)) if matches!(refused.refused, Refusal::NotJoined))
    }
}

/// Where a host keeps what it joined with.
#[cfg(test)]
fn identity_file(fleet: &Fleet) -> PathBuf {
    fleet.directory().join(identity::HOST_FILE)
}
