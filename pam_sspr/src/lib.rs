//! `pam_sspr.so`: relays between the user at a sign-in prompt and the agent.
//!
//! The module never grants a sign-in. It puts the typed password, or after a reset the new one, into `PAM_AUTHTOK` and
//! returns `PAM_IGNORE`, so the host's own modules decide. Its only other return value is `PAM_PERM_DENIED`, in the
//! account phase, when the user declined a required registration: in words, as the agent reports, or by breaking off at
//! a question that the agent marked so. Whether registration may be required is not the agent's decision: root's helper
//! wrote it down. In that phase the agent is told nothing about root and system accounts.

mod account;
mod agent;
mod args;
mod auth;
mod errand;
#[allow(unsafe_code, reason = "the one file that talks C; each block says why it is sound")]
mod ffi;
mod host;
#[cfg(test)]
mod junk;
mod policy;
mod presentation;
mod program;
mod relay;
mod rules;
mod text;
#[allow(unsafe_code, reason = "what the unwinder calls is C's")]
mod unwind;
mod words;

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use pam::constants::{PamFlag, PamResultCode};
use pam::module::{PamHandle, PamHooks};
use sspr_config::services::always_asks;

use crate::agent::Bus;
use crate::args::Args;
use crate::ffi::PamHost;
use crate::host::{Host, Level};

struct Module;

#[allow(missing_docs, reason = "PAM's entry points, generated")]
mod entry {
    use super::Module;

    pam::pam_hooks!(Module);
}

impl PamHooks for Module {
    fn sm_authenticate(pamh: &mut PamHandle, args: Vec<&CStr>, flags: PamFlag) -> PamResultCode {
        enter(pamh, &args, flags, |host, args| {
            if takes_part(host, args) {
                auth::authenticate(host, &Bus::new(args.bus), args.hint);
            }
            PamResultCode::PAM_IGNORE
        })
    }

    fn acct_mgmt(pamh: &mut PamHandle, args: Vec<&CStr>, flags: PamFlag) -> PamResultCode {
        enter(pamh, &args, flags, |host, args| {
            let (notes, policy) = (Path::new(args.settled), || policy::read(Path::new(args.policy)));
            match account::account(host, &Bus::new(args.bus), notes, |host| takes_part(host, args), policy) {
                account::Verdict::GoOn => PamResultCode::PAM_IGNORE,
                account::Verdict::Denied => PamResultCode::PAM_PERM_DENIED,
            }
        })
    }
}

/// The first step of both entry points: reads the arguments, and does nothing unless the service is on the list.
fn enter(
    pamh: &mut PamHandle,
    args: &[&CStr],
    flags: PamFlag,
    hook: impl FnOnce(&mut PamHost<'_>, &Args<'_>) -> PamResultCode,
) -> PamResultCode {
    quiet_panics();
    guarded(|| {
        let mut host = PamHost::new(pamh, flags);
        let args = match Args::parse(args) {
            Ok(args) => args,
            Err(wrong) => {
                host.log(Level::Error, &wrong.to_string());
                return PamResultCode::PAM_IGNORE;
            }
        };
        if !host.service().is_some_and(|service| args.serves(service)) {
            return PamResultCode::PAM_IGNORE;
        }
        host.screen = host.service().is_some_and(|service| args.is_screen(service));
        host.debug = args.debug;
        host.language = args.lang;
        hook(&mut host, &args)
    })
}

/// Whether this is a sign-in, and the module is not switched off.
fn takes_part<H: Host>(host: &H, args: &Args<'_>) -> bool {
    is_a_sign_in(host) && !is_switched_off(Path::new(args.off))
}

/// The terminal that sshd names when it has none; on Linux it always does. sshd is root, and does not ask for silence.
const SSHD_TTY: &str = "ssh";

/// Whether the program is what its service name says. Some programs without a terminal call themselves "login" because
/// an example does, and answer any question; login(1) has the terminal that it names. Others, such as nginx and
/// databases, may call themselves "sshd".
fn is_a_sign_in<H: Host>(host: &H) -> bool {
    let service = host.service().and_then(|service| std::str::from_utf8(service).ok());
    match service {
        Some("sshd") => host.is_root() && !host.is_silent() && host.tty() == SSHD_TTY,
        Some(service) if always_asks(service) => host.is_at_its_terminal(),
        _ => true,
    }
}

/// Whether an administrator switched the module off. A dangling link counts too: it was put there on purpose.
fn is_switched_off(file: &Path) -> bool {
    file.symlink_metadata().is_ok()
}

/// Keeps a panic off the host's stderr, which over SSH or on a console is the user's screen.
///
/// The hook that prints belongs to the standard library linked into this shared object, not to the process. The host,
/// and any other Rust module in it, has its own copy, which this does not reach.
fn quiet_panics() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
}

/// After a panic, which would be a bug, the sign-in goes on as if this module were not there.
fn guarded(body: impl FnOnce() -> PamResultCode) -> PamResultCode {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        // Dropping a payload may itself panic, outside any guard.
        std::mem::forget(payload);
        PamResultCode::PAM_IGNORE
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const CHILD: &str = "SSPR_TEST_PANIC";

    /// As in the module: the test below unwinds with the same unwinder.
    #[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
    #[test]
    fn the_unwinder_is_linked_in() {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        assert!(maps.contains("libc.so.6") && !maps.contains("libgcc_s"), "{maps}");
    }

    #[test]
    fn a_panic_stands_aside_and_prints_nothing() {
        if std::env::var_os(CHILD).is_some() {
            quiet_panics();
            let code = guarded(|| panic!("a bug"));
            // The test harness has no panic hook either, so the exit status has to tell.
            std::process::exit(if code == PamResultCode::PAM_IGNORE { 0 } else { 7 });
        }
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::a_panic_stands_aside_and_prints_nothing", "--nocapture", "--test-threads=1"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert!(child.status.success(), "{:?}", child.status);
        assert_eq!(String::from_utf8_lossy(&child.stderr), "");
        assert!(!String::from_utf8_lossy(&child.stdout).contains("a bug"));
    }
}
