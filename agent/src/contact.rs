//! Contacts, and reading a typed contact in a time that reveals nothing.

pub use sspr_core::contact::*;

pub mod reading;
