//! Any walk over the dialogues, judged like the random walks of the tests: see agent/src/dialogue/tests/walks.rs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| sspr_agent::dialogue::walk(bytes));
