//! The sign-in agent: dialogues, policy, store and delivery; and the doors to what changes credentials.

pub mod audit;
pub mod busy;
pub mod clock;
pub mod contact;
pub mod contact_texts;
pub mod credential;
pub mod delivery;
pub mod dialogue;
pub mod doors;
pub mod error;
pub mod keys;
pub mod languages;
pub mod letters;
pub mod limits;
pub mod logging;
pub mod notes;
pub mod outbox;
pub mod password;
pub mod people;
pub mod proof;
pub mod random;
pub mod sealed;
pub mod service;
pub mod store;
pub mod terminal;
pub mod texts;
