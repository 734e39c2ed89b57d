//! What both the agent and the command read and say, without a bus, a store or a network: what people type and paste, contacts,
//! codes, text for a terminal, and why mail does not go.

pub mod cause;
pub mod code;
pub mod contact;
pub mod plain;
pub mod secret;
pub mod typed;
pub mod wrapped;
