//! What an administrator's command and the agent say to each other. Plain types, which go over the bus as JSON; the names on the
//! bus and the messages of a dialogue are in `sspr-config`, as the PAM module knows these too.

pub mod admin;
pub mod audit;
pub mod check;

/// Seconds since the epoch.
pub type Time = i64;
