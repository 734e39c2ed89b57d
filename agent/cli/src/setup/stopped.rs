//! Stopping in the middle of setup: each completed change is whole and stays, and the administrator is told so.

use std::{
    io, process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;

/// Whether this run has changed anything.
static CHANGED: AtomicBool = AtomicBool::new(false);
/// Exit status of a program that ctrl-C ended, as in shells.
const INTERRUPTED: i32 = 130;

/// Whether the agent is stopped for now, so that ctrl-C has to wait.
static WHOLE: AtomicBool = AtomicBool::new(false);

/// Until it is dropped, ctrl-C waits.
pub(crate) struct Whole;

/// What is done until the returned value is dropped is not stopped in the middle: not by ctrl-C, not by the end of a
/// connection, and not by a plain `kill`. Needs a tokio runtime.
pub(crate) fn not_now() -> io::Result<Whole> {
    WHOLE.store(true, Ordering::SeqCst);
    // A signal that was listened for once does nothing by itself any more.
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        drop(signal(kind)?);
    }
    Ok(Whole)
}

impl Drop for Whole {
    fn drop(&mut self) {
        WHOLE.store(false, Ordering::SeqCst);
    }
}

/// Notes that something is about to be changed.
pub(super) fn changes() {
    CHANGED.store(true, Ordering::SeqCst);
}

/// The message after stopping now.
pub(super) fn failure() -> Failure {
    Failure::Refused(if CHANGED.load(Ordering::SeqCst) {
        "stopped; the changes so far are kept, and sspr setup --undo undoes them".into()
    } else {
        "stopped; nothing was changed".into()
    })
}

/// Waits after ctrl-C was read as a key and the signal was sent for it: the listener reports it and ends the program.
pub(super) fn wait_for_the_end() {
    thread::sleep(Duration::from_secs(5));
}

/// Makes ctrl-C report the same, as soon as this returns, so that no question is shown before. A question blocks while
/// it reads its line, so another thread has to listen.
pub(super) fn on_ctrl_c() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut interrupt = {
        let _inside = runtime.enter();
        signal(SignalKind::interrupt())?
    };
    let listen = move || {
        if runtime.block_on(interrupt.recv()).is_some() {
            let mut beside = &io::stderr();
            // After the ^C that the terminal shows.
            let _ = io::Write::write_all(&mut beside, b"\n");
            while WHOLE.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(50));
            }
            failure().complain();
            process::exit(INTERRUPTED);
        }
    };
    thread::Builder::new().name("ctrl-c".into()).spawn(listen).map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn ctrl_c_is_caught_before_anything_is_asked() {
        super::on_ctrl_c().unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim();
        assert_ne!(u64::from_str_radix(caught, 16).unwrap() & (1 << (libc::SIGINT - 1)), 0, "{caught}");
    }
}
