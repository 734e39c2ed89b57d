//! What all parts of `pam_sspr` have in common: the names on the bus, the messages of a dialogue, the languages and,
//! with the feature `settings`, the settings file. A crate that does not need the bus leaves out the feature `bus`.

pub mod activity;
pub mod bus;
#[cfg(feature = "bus")]
pub mod credential;
#[cfg(feature = "bus")]
pub mod dialogue;
#[cfg(feature = "bus")]
pub mod directory;
pub mod language;
pub mod names;
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
