//! One line of shadow(5), parsed by the C library itself: an entry that it accepts counts, and one that it skips does
//! not.
#![allow(unsafe_code, reason = "the host's C library is the one that decides how its account files are read")]

use std::{
    ffi::{CStr, CString},
    mem::MaybeUninit,
    ptr,
};

use zeroize::{Zeroize as _, Zeroizing};

use super::Shadow;

/// `None` where the C library takes it for no entry.
pub(super) fn parse(line: &[u8]) -> Option<Shadow> {
    let mut text = CString::new(line).ok()?.into_bytes_with_nul();
    let mut buffer = Zeroizing::new(vec![0u8; text.len() + 64]);
    let mut entry = MaybeUninit::<libc::spwd>::zeroed();
    let mut found: *mut libc::spwd = ptr::null_mut();
    // SAFETY: a string that ends with NUL, memory for one entry, and a buffer longer than the string for the strings
    // that it points to.
    let code = unsafe {
        libc::sgetspent_r(
            text.as_ptr().cast(),
            entry.as_mut_ptr(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut found,
        )
    };
    text.zeroize();
    if code != 0 || found.is_null() {
        return None;
    }
    // SAFETY: not null, so it is `entry`, which was filled; all integers are valid in any case.
    let entry = unsafe { entry.assume_init() };
    // NIS's line "+" has no hash.
    if entry.sp_pwdp.is_null() {
        return None;
    }
    // SAFETY: points to a string within `buffer`, which is still there.
    let hash = unsafe { CStr::from_ptr(entry.sp_pwdp) };
    Some(Shadow {
        hash: Zeroizing::new(hash.to_string_lossy().into_owned()),
        changed: entry.sp_lstchg,
        max: entry.sp_max,
        inactive: entry.sp_inact,
        expire: entry.sp_expire,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(line: &str) -> Option<(String, [i64; 4])> {
        parse(line.as_bytes()).map(|s| (s.hash.to_string(), [s.changed, s.max, s.inactive, s.expire]))
    }

    #[test]
    fn a_line_is_what_the_c_library_takes_it_for() {
        for (line, want) in [
            ("alice:$y$x:20000:0:99999:7:30:20500:", [20000, 99999, 30, 20500]),
            ("alice:$y$x:::::::", [-1, -1, -1, -1]),
            // The old form, of five fields.
            ("alice:$y$x:20000:0:99999", [20000, 99999, -1, -1]),
            // Eight fields, of which the last is filled.
            ("alice:$y$x:20000:0:99999:7:30:20500", [20000, 99999, 30, 20500]),
        ] {
            assert_eq!(days(line), Some(("$y$x".to_owned(), want)), "{line}");
        }
        for line in
            ["alice", "alice:$y$x", "alice:$y$x:today:0:99999:7:::", "alice:$y$x:20000:0:99999:7::", "+", "", "\0"]
        {
            assert_eq!(days(line), None, "{line:?}");
        }
    }
}
