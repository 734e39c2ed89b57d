//! What all parts of `pam_sspr` agree on: the names on the bus, the messages of a dialogue, the languages and, with the
//! feature `settings`, the settings file.

pub mod activity;
pub mod bus;
pub mod credential;
pub mod dialogue;
pub mod directory;
pub mod language;
pub mod policy;
pub mod sealed;
pub mod services;
pub mod settled;
pub mod why;
mod wiping;

#[cfg(feature = "settings")]
pub mod duration;
#[cfg(feature = "settings")]
pub mod settings;
