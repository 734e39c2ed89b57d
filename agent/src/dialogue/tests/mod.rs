//! Whole conversations with a scripted person, mailbox, clock and helper.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "all of this is test code; clippy.toml's exceptions know cfg(test) alone"
)]
#![cfg_attr(fuzzing, allow(dead_code, reason = "a fuzzer takes the walks alone"))]

#[cfg(test)]
mod alike;
#[cfg(test)]
mod app;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod callers;
#[cfg(test)]
mod choice;
#[cfg(test)]
mod choosing;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod hint;
#[cfg(test)]
mod in_process;
#[cfg(test)]
mod inheritance;
#[cfg(test)]
mod invitation;
#[cfg(test)]
mod let_in;
#[cfg(test)]
mod method_attacks;
#[cfg(test)]
mod methods;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod pasted;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod races;
#[cfg(test)]
mod realms;
#[cfg(test)]
mod reconfirm;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod reloads;
#[cfg(test)]
mod required;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod strangers;
mod walks;
#[cfg(test)]
mod ways_out;
#[cfg(test)]
mod words;
mod world;

#[cfg(fuzzing)]
pub use walks::walk;
