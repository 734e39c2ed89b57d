//! Any bodies of messages. The first byte of the input says what they are: an agent's replies and a user's answers, which the module
//! gets, or a body or JSON of any kind.
#![no_main]
#![allow(dead_code, reason = "the module's own files, of which a host and its handle to C are left out")]

use libfuzzer_sys::fuzz_target;

#[path = "../../pam_sspr/src/account.rs"]
mod account;
#[path = "../../pam_sspr/src/agent.rs"]
mod agent;
#[path = "../../pam_sspr/src/auth.rs"]
mod auth;
#[path = "../checks/bodies.rs"]
mod bodies;
#[path = "../../pam_sspr/src/errand.rs"]
mod errand;
#[path = "../../pam_sspr/src/host.rs"]
mod host;
#[path = "../../pam_sspr/src/policy.rs"]
mod policy;
#[path = "../../pam_sspr/src/presentation.rs"]
mod presentation;
#[path = "../../pam_sspr/src/program.rs"]
mod program;
#[path = "../../pam_sspr/src/relay.rs"]
mod relay;
#[path = "../../pam_sspr/src/rules.rs"]
mod rules;
#[path = "../checks/sign_in.rs"]
mod sign_in;
#[path = "../../pam_sspr/src/text.rs"]
mod text;
#[path = "../../pam_sspr/src/words.rs"]
mod words;

/// As in `pam_sspr/src/lib.rs`.
const SSHD_TTY: &str = "ssh";

fuzz_target!(|input: &[u8]| {
    let Some((what, rest)) = input.split_first() else { return };
    if what & 6 < 4 { sign_in::check(*what, rest) } else { bodies::check(*what, rest) }
});
