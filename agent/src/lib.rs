//! The sign-in agent: dialogues, policy, store and delivery; and the doors to what changes credentials.

pub mod contact;
pub mod delivery;
