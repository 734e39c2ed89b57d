//! `sspr`, the command: dialogues for people in shells, and what administrators type. It asks the agent on the bus, and the agent's
//! program whether settings can stand. By itself it links nothing that talks to a network, stores or rates passwords.

pub mod checked;
pub mod client;
pub mod command;
mod database;
pub mod descriptors;
mod directory_kind;
pub mod doctor;
pub mod failure;
pub mod findings;
pub mod hidden;
pub mod hint_stamp;
pub mod host_directory;
mod least_rights;
pub mod out;
pub mod reload;
pub mod setup;
pub mod sshd;
pub mod table;
pub mod terminal;
mod unit;
pub mod whom;
