//! The messages between an administrator's command and the agent: plain types, which are JSON on the bus. The bus names
//! and the messages of a dialogue are in `sspr-config`, because the PAM module needs these, too.

pub mod admin;
pub mod audit;
pub mod chain;
pub mod check;
pub mod compliance;
pub mod database;
pub mod fleet;
pub mod helpdesk;
pub mod state;

/// Seconds since the epoch.
pub type Time = i64;
