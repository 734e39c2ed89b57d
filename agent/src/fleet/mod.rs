//! A host of a fleet: its identity, and its connections to the servers.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
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
mod own;
pub mod relay;
mod signing_in;
pub(crate) mod steps;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
mod told;

/// The file with the machine's id.
pub const MACHINE_ID: &str = "/etc/machine-id";
/// How long an administrator's command waits for a server.
const ADMINISTRATORS_PATIENCE: Duration = Duration::from_secs(10);

/// Why a host is not in a fleet, or can't join one. The texts are for administrators.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The host has no usable identity, because it has not joined, for example.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A key can't be generated.
    #[error("a key can't be made: {0}")]
    Key(#[from] KeyError),
    /// An address in the settings or the token is invalid, or TLS can't be set up.
    #[error("[fleet] servers: {0}")]
    Servers(String),
    /// The server did not serve the call.
    #[error(transparent)]
    Server(#[from] Trouble),
    /// The number of hellos can't be stored.
    #[error("the number of hellos can't be kept: {0}")]
    Unsaved(String),
    /// The text is not a token.
    #[error("that is no token; make one at the server: sspr admin hosts token")]
    NoToken,
}

/// A host's identity in a fleet, and its connections. Clones share them.
#[derive(Clone)]
pub struct Fleet(Arc<Shared>);

struct Shared {
    directory: PathBuf,
    machine_id: PathBuf,
    way: Mutex<Option<Open>>,
    /// Whether the server is known not to serve accounts of this host itself.
    refuses_own: AtomicBool,
    /// Held while a hello is sent, so that hellos arrive in the order of their numbers.
    greeting: tokio::sync::Mutex<()>,
}

/// The connections to `servers`, as the host with this id.
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
    /// The fleet's directory in `state`, the agent's directory. The file `machine_id` has the id of this machine.
    pub fn new(state: &Path, machine_id: &Path) -> Self {
        let directory = state.join(identity::DIRECTORY);
        Self(Arc::new(Shared {
            directory,
            machine_id: machine_id.to_owned(),
            way: Mutex::default(),
            refuses_own: AtomicBool::new(false),
            greeting: tokio::sync::Mutex::default(),
        }))
    }

    /// The directory with the files of the fleet.
    pub fn directory(&self) -> &Path {
        &self.0.directory
    }

    /// The digest of the machine's id; see [`identity::machine`]. Without an id, a key can't be bound to this machine.
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

    /// The identity with which this host joined.
    pub fn identity(&self) -> Result<Identity, Why> {
        Ok(identity::load(&self.0.directory, &self.machine()?)?)
    }

    /// The connections to the servers in `settings`, and this host's id there. As long as the servers stay the same,
    /// they are shared, with what was learned about the servers.
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

    /// Joins the fleet of the token in `text`, as the host `name`, at the time `now`. Returns the servers of the token,
    /// this host's id, and whether this host had joined before. A host that joins the same fleet again keeps its key
    /// and its id, unless its key was revoked.
    pub async fn join(&self, text: &str, name: &str, now: Time) -> Result<(Vec<String>, String, bool), Why> {
        let token = Token::parse(text).ok_or(Why::NoToken)?;
        let machine = self.machine()?;
        let (key, kept) = match identity::load(&self.0.directory, &machine) {
            // Without a common pin, the token is for another fleet, which gets a key of its own.
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
            // The key was revoked, or the token is invalid. A new key helps only in the first case.
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

    /// Leaves the fleet: deletes this host's identity. Returns `false` if there was none. The server is not told.
    pub fn leave(&self) -> Result<bool, Why> {
        *self.kept() = None;
        Ok(identity::forget(&self.0.directory)?)
    }

    /// Tells the server that this host, `name`, is there. Waits for `patience` at most. The number of the hello is
    /// stored before the hello is sent, so that one machine never sends the same number twice.
    pub async fn hello(&self, settings: &Settings, name: &str, patience: Duration) -> Result<Greeting, Why> {
        let (link, _) = self.link(settings)?;
        let _turn = self.0.greeting.lock().await;
        // Sign-ins must not wait until the file is on the disk.
        let this = self.clone();
        let saving = tokio::task::spawn_blocking(move || this.count_a_hello());
        let counter = saving.await.unwrap_or_else(|why| Err(Why::Unsaved(why.to_string())))?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let hello = Hello { v: VERSION, name: name.to_owned(), version, counter };
        let greeting = link.hello(&hello, patience).await?;
        self.heard_of_own(greeting.local_accounts);
        Ok(greeting)
    }

    /// Whether the server is known not to serve accounts of this host itself. Until it was heard of, it is asked.
    pub(crate) fn refuses_own(&self) -> bool {
        self.0.refuses_own.load(Ordering::Relaxed)
    }

    /// Notes whether the server serves accounts of this host itself.
    fn heard_of_own(&self, serves: bool) {
        self.0.refuses_own.store(!serves, Ordering::Relaxed);
    }

    fn count_a_hello(&self) -> Result<u64, Why> {
        let mut identity = self.identity()?;
        identity.hellos += 1;
        identity::save(&self.0.directory, &self.machine()?, &identity)?;
        Ok(identity.hellos)
    }

    /// Whether the server does not know this host, or does not serve it.
    pub const fn is_unknown_there(why: &Why) -> bool {
        matches!(why, Why::Server(Trouble::Refused(refused)) if matches!(refused.refused, Refusal::NotJoined))
    }
}

/// The file with a host's identity.
#[cfg(test)]
fn identity_file(fleet: &Fleet) -> PathBuf {
    fleet.directory().join(identity::HOST_FILE)
}
