//! Files that a shell had open when it started this program.
#![allow(unsafe_code, reason = "the kernel's own call for it has no safe wrapper")]

use std::io;

/// From now on, programs that this one starts inherit only the three standard descriptors: others may belong to other
/// users, or be connected to a network.
pub fn keep_from_children() -> io::Result<()> {
    // SAFETY: close_range(2) with this flag takes two numbers and a flag, and closes nothing in this process.
    let outcome = unsafe { libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC.cast_signed()) };
    if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::fd::AsFd as _, process::Command};

    use super::*;

    #[test]
    fn a_child_has_nothing_open_that_was_open_here() {
        let file = File::open("/dev/null").unwrap();
        // Like one that a shell left open: without the flag.
        let left = rustix::io::dup(file.as_fd()).unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&left);
        let open = || {
            let test = format!("[ -e /proc/self/fd/{number} ]");
            Command::new("sh").args(["-c", &test]).status().unwrap().success()
        };
        assert!(open());
        keep_from_children().unwrap();
        assert!(!open());
    }
}
