//! The agent's side of the credential helper, which alone may change a password; see [`sspr_config::credential`].

pub mod client;

pub use sspr_config::credential::{Account, Aftermath, Change, Error, INTERFACE, NO_UID, PAM_SERVICE, Verdict};
