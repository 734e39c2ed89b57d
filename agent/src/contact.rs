//! Contacts, and reading what is typed for one at a cost that tells nothing.

pub use sspr_core::contact::*;

pub mod reading;
