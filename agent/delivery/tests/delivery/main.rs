//! Messages to servers that behave, and to servers that do not: each speaks its part from a script over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions; the servers here are outside of one"
)]

mod answers;
mod documents;
mod entra;
mod http;
mod local;
mod modem;
mod modem_manager;
mod probe;
mod providers;
mod proxy;
mod smtp;
mod support;
mod webhook;
