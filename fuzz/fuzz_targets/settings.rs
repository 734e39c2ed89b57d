//! Settings files.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks/settings.rs"]
mod settings;

fuzz_target!(|bytes: &[u8]| settings::check(bytes));
