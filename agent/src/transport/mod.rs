//! The ways to reach the agent. Dialogues and administrators' commands don't depend on them: each calls
//! [`crate::sessions`] and [`crate::admin`] in the same way.

pub mod bus;
pub mod fleet;
pub mod helpdesk;
mod host_keys;
pub mod listening;
