//! Writes the manual pages and the completions into a directory, from what the programs parse and from the settings file as
//! shipped: `cargo run --example generate -- DIRECTORY`. The Makefile calls it before it packs.
#![allow(clippy::expect_used, reason = "a build tool ends at the first trouble")]

mod pages;
mod settings_page;

use std::path::PathBuf;

fn main() {
    let directory = PathBuf::from(std::env::args_os().nth(1).expect("usage: generate DIRECTORY"));
    pages::write_all(&directory).expect("can't write the pages");
}
