//! crypt(3): whether a password matches a hash.
#![allow(unsafe_code, reason = "the host's libcrypt is the one that knows its hashes")]

use std::ffi::{CStr, CString, c_char, c_void};

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

/// Larger than any `struct crypt_data`: libxcrypt 32768, glibc 131232 bytes.
const WORKSPACE: usize = 1 << 18;

#[link(name = "crypt")]
unsafe extern "C" {
    fn crypt_r(phrase: *const c_char, setting: *const c_char, data: *mut c_void) -> *mut c_char;
}

/// Whether `password` gives `hash`. `false` for a hash that crypt(3) does not accept.
pub fn matches(password: &[u8], hash: &str) -> bool {
    made_of(password, hash).is_some_and(|made| bool::from(made.ct_eq(hash.as_bytes())))
}

/// The hash of `password` with `setting`.
#[cfg(test)]
pub fn made(password: &[u8], setting: &str) -> Option<String> {
    made_of(password, setting).and_then(|made| String::from_utf8(made.to_vec()).ok())
}

fn made_of(password: &[u8], setting: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut phrase = CString::new(password).map(CString::into_bytes_with_nul).ok()?;
    let setting = CString::new(setting).ok()?;
    // As u64, so that it is aligned for any member of the structure.
    let mut workspace = vec![0u64; WORKSPACE / size_of::<u64>()];
    // SAFETY: two strings that end with NUL, and zeroed memory larger than the structure, as crypt_r(3) wants it.
    let made = unsafe { crypt_r(phrase.as_ptr().cast(), setting.as_ptr(), workspace.as_mut_ptr().cast()) };
    let made = (!made.is_null()).then(|| {
        // SAFETY: not null, so it points to a string within `workspace`, which is still there.
        Zeroizing::new(unsafe { CStr::from_ptr(made) }.to_bytes().to_vec())
    });
    workspace.zeroize();
    phrase.zeroize();
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_of_whatever_kind() {
        for (password, hash) in HASHES {
            assert!(matches(password.as_bytes(), hash), "{hash}");
            assert!(!matches(b"another", hash), "{hash}");
        }
        for hash in ["", "!", "*", "x", "$", "$6$", "*0"] {
            assert!(!matches(b"", hash) && !matches(b"Old-horse", hash), "{hash:?}");
        }
        assert!(!matches(b"with\0nul", HASHES[0].1));
    }

    /// Made by perl's crypt.
    const HASHES: [(&str, &str); 3] = [
        ("Old-horse-battery-1", "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$ULclfly.IrwVnshh2BSbS7LopOqlGlGkXutbl2SqiM9"),
        (
            "Old-horse-battery-1",
            "$6$saltsalt$pNkkXyPX44NksEvKAJel7cHbEpXNydRngz/mPc0VnN45i1qiM/mHTGDbYI3ggQCp2nNQ7ktWQv2wDDzdiaJAz1",
        ),
        ("Old-hors", "abewuTISo7ukM"),
    ];
}
