//! The real helper: started by a bus as root, on real accounts, with the host's own PAM stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

mod admission;
mod after;
mod change;
mod faillock;
mod files;
mod host;
mod outcome;
mod prepared;
mod settle;
mod trouble;
mod vouch;
