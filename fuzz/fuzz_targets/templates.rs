//! Template files.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks/templates.rs"]
mod templates;

fuzz_target!(|bytes: &[u8]| templates::check(bytes));
