//! The state of a server's listener, for administrators, and for the hosts, which learn the server's keys.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use sspr_config::settings::Server as Settings;
use sspr_fleet::{Key, Pin, identity::SERVER_FILE, server_keys::ServerKeys};
use tokio::sync::Notify;

/// The path of the server's key, if the directory of the fleet is `directory`.
pub fn key_file(settings: &Settings, directory: &Path) -> PathBuf {
    settings.key_file.clone().unwrap_or_else(|| directory.join(SERVER_FILE))
}

/// The state of the listener. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Listening(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    keys: Notify,
}

/// The state of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The address that it listens on.
    pub address: Option<SocketAddr>,
    /// The hash of its public key.
    pub pin: Option<Pin>,
    /// The hash of the key that it uses next.
    pub next: Option<Pin>,
    /// The hash of the key that it used before, while another server may still use it.
    pub old: Option<Pin>,
    /// Why it does not listen although it should; `None` if nothing is wrong.
    pub fault: Option<String>,
}

impl State {
    /// A listener on `address` with `keys`.
    pub fn of(address: Option<SocketAddr>, keys: &ServerKeys) -> Self {
        Self { address, pin: Some(keys.key.pin()), next: keys.next.as_ref().map(Key::pin), old: keys.old, fault: None }
    }

    /// The pins by which hosts are to know the servers, in the order in which the keys are used.
    pub fn pins(&self) -> Vec<Pin> {
        [self.old, self.pin, self.next].into_iter().flatten().collect()
    }
}

impl Listening {
    /// The current state.
    pub fn now(&self) -> State {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the state.
    pub fn is(&self, state: State) {
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Has the listener read the files with its keys again.
    pub fn keys_changed(&self) {
        self.0.keys.notify_one();
    }

    /// Waits until the keys are to be read again.
    pub async fn until_keys_change(&self) {
        self.0.keys.notified().await;
    }
}
