//! Whether what was typed at a sign-in is the account's password, for the module, before anything is registered for the first
//! time: between the module and `pam_unix` there may be others that sign in by something else, and what was typed was then never
//! looked at.
//!
//! Root alone may ask, which the module is: the agent, which talks to the network, would otherwise have a way to try passwords that
//! nobody counts. The hash is compared, and no PAM module is run: nothing is counted, and nobody is locked out by a password with
//! a one-time part. Nothing is remembered and no token is given out; what the helper does where several calls wait for the same
//! password is its own. The module tells the agent, in the one dialogue that
//! asked, and the bus tells the agent that it is root who says so; root could as well set the password.

use super::{Error, account::shadow_of, crypt, hash};

/// The largest cost that is computed within the second that a sign-in may be held up, and without eating the memory that
/// the helper may have: of yescrypt as `rounds=` has it, and as a hash has it.
pub const YESCRYPT_COST_MAX: u32 = 7;
const YESCRYPT_MAX: u8 = b'B';
/// The same of bcrypt.
pub const BCRYPT_MAX: u32 = 11;
/// The same of SHA-256 and SHA-512.
pub const SHA_ROUNDS_MAX: u32 = 100_000;

/// Whether `password` is the one of the eligible account `user`.
pub fn is_right(user: &str, password: &[u8]) -> Result<bool, Error> {
    let Some(shadow) = shadow_of(user)? else { return Ok(false) };
    if !hash::usable(&shadow.hash) {
        return Ok(false);
    }
    if !is_quick(&shadow.hash) {
        return Err(Error::Unavailable("this hash takes too long to compute at a sign-in".to_owned()));
    }
    Ok(crypt::matches(password, &shadow.hash))
}

/// Whether a hash is computed in a fraction of a second: by what crypt(5) has its costs written as.
pub fn is_quick(hash: &str) -> bool {
    let mut parts = hash.split('$').skip(1);
    let (kind, cost) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match kind {
        // The second character is the memory, doubled with each step of the alphabet ./0-9A-Za-z, in which ASCII goes up.
        "y" | "gy" => cost.as_bytes().get(1).is_some_and(|n| *n <= YESCRYPT_MAX),
        "2a" | "2b" | "2x" | "2y" => cost.parse().is_ok_and(|cost: u32| cost <= BCRYPT_MAX),
        "5" | "6" => match cost.strip_prefix("rounds=") {
            Some(rounds) => rounds.parse().is_ok_and(|rounds: u32| rounds <= SHA_ROUNDS_MAX),
            None => true,
        },
        // MD5, and DES without a dollar sign; BSDi's, which begins with a line, has as many rounds as it says.
        "1" => true,
        "" => !hash.starts_with('_'),
        // scrypt and what comes one day.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_seconds_is_not_computed_at_a_sign_in() {
        for (hash, quick) in [
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", true),
            ("$y$jBT$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", true),
            ("$y$jCT$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", false),
            ("$y$jFT$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", false),
            ("$y$j", false),
            ("$2b$10$abcdefghijklmnopqrstuu", true),
            ("$2b$14$abcdefghijklmnopqrstuu", false),
            ("$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2", true),
            ("$6$rounds=65536$saltsalt$x", true),
            ("$6$rounds=999999999$saltsalt$x", false),
            ("$1$$qRPK7m23GJusamGpoGLby/", true),
            ("$7$C6..../....SodiumChloride$x", false),
            ("ab01FAX.bQRSU", true),
        ] {
            assert_eq!(is_quick(hash), quick, "{hash}");
        }
    }
}
