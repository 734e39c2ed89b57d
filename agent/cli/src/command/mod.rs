//! What is typed after `sspr`: `line` is the whole of it as clap sees it, and each verb has its file.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

mod account;
pub mod admin;
pub mod audit;
pub mod compliance;
pub mod config;
pub mod directory;
pub mod doctor;
pub mod enable;
pub mod gateways;
pub mod hosts;
pub mod import;
pub mod join;
pub mod line;
pub mod metrics;
pub mod monitor;
pub mod people;
mod rekey;
pub mod replace_key;
pub mod report;
pub mod rows;
pub mod secret;
pub mod server;
pub mod sync;
pub mod trail;
pub mod verify;
pub mod write;
