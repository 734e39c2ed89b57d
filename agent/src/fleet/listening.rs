//! The state of a server's listener, for administrators.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use sspr_fleet::Pin;

/// The state of the listener. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Listening(Arc<Mutex<State>>);

/// The state of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The address that it listens on.
    pub address: Option<SocketAddr>,
    /// The hash of its public key.
    pub pin: Option<Pin>,
    /// Why it does not listen although it should; `None` if nothing is wrong.
    pub fault: Option<String>,
}

impl Listening {
    /// The current state.
    pub fn now(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the state.
    pub fn is(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}
