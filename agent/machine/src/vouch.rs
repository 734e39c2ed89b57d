//! Whether what was typed at a sign-in is the account's password, for the module, before anything is registered for the first
//! time: between the module and `pam_unix` there may be others that sign in by something else, and what was typed was then never
//! looked at.
//!
//! Root alone may ask, which the module is: the agent, which talks to the network, would otherwise have a way to try passwords that
//! nobody counts. The hash is compared, and no PAM module is run: nothing is counted, and nobody is locked out by a password with
//! a one-time part. No token is given out, and nothing is remembered but for calls that wait already, see [`Shared`]. The module
//! tells the agent, in the one dialogue that asked, and the bus tells the agent that it is root who says so; root could as well set
//! the password.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{Error, account::shadow_of, crypt, hash};
use crate::keys;

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

/// What calls that wait at the same time have in common. A sign-in gives the helper less than a second: whoever signs in twenty times
/// at once would get in before the last hash is computed, and need not register where that is required.
#[derive(Default)]
pub(super) struct Shared(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    calls: usize,
    last: Option<Computed>,
}

/// What was found of a password.
struct Computed {
    user: String,
    password: Zeroizing<Vec<u8>>,
    begun: Instant,
    right: bool,
}

impl Shared {
    /// A call that comes now. What it is told was computed after this.
    pub(super) fn call(&self) -> Call<'_> {
        self.waiting().calls += 1;
        Call { shared: self, came: Instant::now() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call, from its beginning to its end.
pub(super) struct Call<'a> {
    shared: &'a Shared,
    came: Instant,
}

impl Call<'_> {
    /// What `compute` finds of `password`, or what another call was told of the same one that was computed after this call had come.
    pub(super) fn is_right(
        &self,
        user: &str,
        password: &[u8],
        compute: impl FnOnce() -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let same =
            |last: &Computed| last.user == user && last.begun >= self.came && keys::same(&last.password, password);
        if let Some(last) = self.shared.waiting().last.as_ref().filter(|last| same(last)) {
            return Ok(last.right);
        }
        let begun = Instant::now();
        let right = compute()?;
        let password = Zeroizing::new(password.to_vec());
        self.shared.waiting().last = Some(Computed { user: user.to_owned(), password, begun, right });
        Ok(right)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let mut waiting = self.shared.waiting();
        waiting.calls = waiting.calls.saturating_sub(1);
        if waiting.calls == 0 {
            waiting.last = None;
        }
    }
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
    fn calls_that_wait_for_one_password_share_what_was_computed_after_they_came_and_no_other_call_does() {
        let shared = Shared::default();
        let asked = |call: &Call<'_>, user: &str, password: &str, computes: Option<bool>| {
            let mut computed = false;
            let right = call.is_right(user, password.as_bytes(), || {
                computed = true;
                Ok(computes == Some(true))
            });
            assert_eq!(computed, computes.is_some(), "{user}, {password}");
            right.unwrap()
        };
        let (first, second, third, fourth) = (shared.call(), shared.call(), shared.call(), shared.call());
        assert!(asked(&first, "alice", "right", Some(true)));
        assert!(asked(&second, "alice", "right", None), "as the first");
        assert!(!asked(&third, "alice", "wrong", Some(false)), "another password is no better for it");
        assert!(!asked(&fourth, "alice", "wrong", None), "nor is a wrong one");
        assert!(!asked(&fourth, "bob", "right", Some(false)), "nor another account's");
        assert!(asked(&fourth, "alice", "right", Some(true)), "of two, the last is kept");
        // Who comes later is told what holds then.
        let later = shared.call();
        assert!(!asked(&later, "alice", "right", Some(false)));
        drop((first, second, third, fourth));
        assert!(shared.waiting().last.is_some());
        drop(later);
        assert!(shared.waiting().last.is_none(), "nothing is left of it");
        let slow = shared.call();
        let failed = slow.is_right("alice", b"right", || Err(Error::Unavailable("slow".to_owned())));
        assert!(failed.is_err() && shared.waiting().last.is_none());
    }

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
