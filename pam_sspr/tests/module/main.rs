//! `pam_sspr.so` in real libpam, on a real bus, with a scripted agent and a scripted person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "all of this is test code; clippy.toml's exceptions only know functions with #[test]"
)]

mod bus;
mod fake_agent;
mod libpam;
mod login;
mod memory;
mod module_file;

mod behaviour;
mod deadlines;
mod distrust;
mod footprint;
mod hostile;
mod programs;
mod screens;
