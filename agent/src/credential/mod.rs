//! The agent's side of the credential helper; only the helper may change a password. See [`sspr_config::credential`].

pub mod client;
mod port;

pub use sspr_config::credential::{Account, Aftermath, Change, Error, INTERFACE, NO_UID, PAM_SERVICE, Verdict};
