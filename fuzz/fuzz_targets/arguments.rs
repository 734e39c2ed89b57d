//! Any arguments of the module are understood, or refused with what there is; and none makes it talk to anything but a socket
//! of this machine. One argument in each line of the input; the first line is the service.
#![no_main]
#![allow(dead_code, reason = "a file of the module's, of which this uses a part")]

use std::ffi::{CStr, CString};

use libfuzzer_sys::fuzz_target;

#[path = "../../pam_sspr/src/args.rs"]
mod args;

fuzz_target!(|bytes: &[u8]| {
    // PAM's arguments end at a NUL.
    let words: Vec<CString> =
        bytes.split(|byte| matches!(byte, b'\n' | 0)).map(|word| CString::new(word).expect("no NUL")).collect();
    let Some((service, words)) = words.split_first() else { return };
    let words: Vec<&CStr> = words.iter().map(CString::as_c_str).collect();
    match args::Args::parse(&words) {
        Ok(args) => {
            assert!(args.bus.starts_with("unix:path=/") && !args.bus.contains([',', ';']), "{args:?}");
            assert!(args.settled.starts_with('/'), "{args:?}");
            let name = service.to_bytes();
            if args.serves(name) {
                assert!(!name.is_empty() && !name.contains(&b','), "{name:?} with {args:?}");
            }
            let mut twice = words.clone();
            twice.extend(&words);
            assert!(words.is_empty() || args::Args::parse(&twice).is_err(), "given twice");
        }
        Err(wrong) => {
            let line = wrong.to_string();
            assert!(line.contains("services=NAME") && !line.chars().any(char::is_control), "{line:?}");
        }
    }
});
