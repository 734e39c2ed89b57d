//! How the agent is reached. Dialogues and administrators' commands know none of it: [`crate::sessions`] and [`crate::admin`] are
//! called the same way by each.

pub mod bus;
