//! What the agent and the command have in common, without a bus, a store or a network: typed and pasted input,
//! contacts, codes, text for a terminal, and why mail fails.

pub mod cause;
pub mod code;
pub mod contact;
pub mod plain;
pub mod secret;
pub mod typed;
pub mod wrapped;
