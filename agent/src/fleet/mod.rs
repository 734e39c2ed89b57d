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
    Key, KeyError, Pin,
    client::{Link, Trouble, Way},
    identity::{self, Identity, IdentityError},
    token::Token,
    wire::{Join, Joined, Refusal, VERSION},
};

use crate::clock::Time;

mod after;
mod answers;
mod at_sign_in;
mod failover;
pub mod greeting;
mod hello;
mod leaving;
pub mod listening;
mod marks;
mod open;
mod own;
mod own_carried;
mod reach;
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
    #[error("[fleet]: {0}")]
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
    /// Held while the marks of this host's accounts are read and written.
    marking: Mutex<()>,
    /// Held while the host's file is replaced, and while a hello is sent, so that hellos arrive in the order of their
    /// numbers.
    greeting: tokio::sync::Mutex<()>,
}

/// The connections to the servers in these settings with the key that has this pin.
#[derive(Clone)]
struct Open {
    settings: Settings,
    pin: Pin,
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
            marking: Mutex::default(),
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

    /// Connections to the servers in `settings`, which have one of the pins of `identity`, with `key`.
    fn open(settings: &Settings, identity: &Identity, key: &Key) -> Result<Open, Why> {
        let Settings { servers, proxy, .. } = settings.clone();
        let link = Link::new(&Way { servers, pins: identity.pins.clone(), key: key.clone(), proxy });
        Ok(Open { settings: settings.clone(), pin: key.pin(), link: link.map_err(Why::Servers)? })
    }

    /// Joins the fleet of the token in `text`, as the host `name`, at the time `now`, through `proxy`. Returns the servers of the token,
    /// this host's id, and whether this host had joined before. A host that joins the same fleet again keeps its key
    /// and its id, unless its key was revoked.
    pub async fn join(
        &self,
        proxy: Option<&str>,
        text: &str,
        name: &str,
        now: Time,
    ) -> Result<(Vec<String>, String, bool), Why> {
        let token = Token::parse(text).ok_or(Why::NoToken)?;
        let _turn = self.0.greeting.lock().await;
        let machine = self.machine()?;
        let known = identity::load(&self.0.directory, &machine).ok();
        // Without a common pin, the token is for another fleet, which gets a key of its own.
        let own = known.as_ref().filter(|known| known.pins.iter().any(|pin| token.pins.contains(pin)));
        let (joined, key, next) = Self::joined(proxy, &token, name, own).await?;
        let identity = Identity {
            id: joined.id.clone(),
            key,
            next,
            pins: token.pins,
            servers: token.servers.clone(),
            joined: now,
            hellos: known.map_or(0, |known| known.hellos),
        };
        identity::save(&self.0.directory, &machine, &identity)?;
        *self.kept() = None;
        Ok((token.servers, joined.id, joined.before))
    }

    /// Presents `token` with each of this host's keys, and then with a fresh one, until the server accepts one: a key may
    /// be revoked, or replaced by the next one. Returns that key, and the next one if it still counts.
    async fn joined(
        proxy: Option<&str>,
        token: &Token,
        name: &str,
        own: Option<&Identity>,
    ) -> Result<(Joined, Key, Option<Key>), Why> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let join = Join { v: VERSION, secret: token.secret.clone(), name: name.to_owned(), version };
        let by = async |key: &Key| {
            let (servers, proxy) = (token.servers.clone(), proxy.map(str::to_owned));
            let way = Way { servers, pins: token.pins.clone(), key: key.clone(), proxy };
            let link = Link::new(&way).map_err(Why::Servers)?;
            link.join(&join, ADMINISTRATORS_PATIENCE).await.map_err(Why::Server)
        };
        let is_denied =
            |why: &Why| matches!(why, Why::Server(Trouble::Refused(refused)) if refused.refused == Refusal::Denied);
        let next = own.and_then(|own| own.next.clone());
        for (key, next) in
            own.map(|own| (own.key.clone(), next.clone())).into_iter().chain(next.map(|next| (next, None)))
        {
            match by(&key).await {
                Err(why) if is_denied(&why) => {}
                joined => return Ok((joined?, key, next)),
            }
        }
        let fresh = Key::generate()?;
        Ok((by(&fresh).await?, fresh, None))
    }

    /// Leaves the fleet: deletes this host's identity. Returns `false` if there was none. The server is not told.
    pub async fn leave(&self) -> Result<bool, Why> {
        // A hello that is under way must not bring the file back.
        let _turn = self.0.greeting.lock().await;
        *self.kept() = None;
        if let Err(why) = self.forget_marks() {
            tracing::warn!(%why, "the marks of this host's accounts can't be removed: {why}");
        }
        Ok(identity::forget(&self.0.directory)?)
    }

    /// Whether the server is known not to serve accounts of this host itself. Until it was heard of, it is asked.
    pub(crate) fn refuses_own(&self) -> bool {
        self.0.refuses_own.load(Ordering::Relaxed)
    }

    /// Notes whether the server serves accounts of this host itself.
    pub(crate) fn heard_of_own(&self, serves: bool) {
        self.0.refuses_own.store(!serves, Ordering::Relaxed);
    }
}

/// Whether the server does not know the key of this host, or does not serve it.
const fn is_unknown_there(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused(refused) if matches!(refused.refused, Refusal::NotJoined))
}

/// The file with a host's identity.
#[cfg(test)]
fn identity_file(fleet: &Fleet) -> PathBuf {
    fleet.directory().join(identity::HOST_FILE)
}
