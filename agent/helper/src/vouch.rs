//! Tells the module whether the password typed at a sign-in is the account's, before anything is registered for the
//! first time. Modules between the module and `pam_unix` may sign a user in by other means. Then nothing has checked
//! the typed password.
//!
//! Only root may ask, and the module is root. Otherwise the agent, which talks to the network, could try passwords
//! without being counted. The hash is compared and no PAM module runs: nothing is counted, and a password with a
//! one-time part locks nobody out. No token is issued, and nothing is remembered except for calls that already wait,
//! see [`Shared`]. The module tells the agent, in the one dialogue that asked, and the bus tells the agent that the
//! caller is root. Root could just as well set the password.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use subtle::ConstantTimeEq as _;
use tokio::time::Instant;
use zeroize::Zeroizing;

use sspr_config::credential::Error;
use sspr_machine::{account::shadow_of, crypt, hash};

/// Whether `password` is the password of the eligible account `user`. Fails with [`Error::Unavailable`] if its hash
/// takes too long to compute at a sign-in.
pub(crate) fn is_right(user: &str, password: &[u8]) -> Result<bool, Error> {
    let Some(shadow) = shadow_of(user)? else { return Ok(false) };
    if !hash::usable(&shadow.hash) {
        return Ok(false);
    }
    if !hash::is_quick(&shadow.hash) {
        return Err(Error::Unavailable("this hash takes too long to compute at a sign-in".to_owned()));
    }
    Ok(crypt::matches(password, &shadow.hash))
}

/// A computed result is kept for this long at most, however many calls follow: no waiting call is older.
const KEPT_MAX: Duration = Duration::from_secs(10);

/// The results that waiting calls share. A sign-in gives the helper less than a second. Without this, a user who signs
/// in twenty times at once would get in before the last hash is computed, even without a required registration.
#[derive(Default)]
pub(crate) struct Shared(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    calls: usize,
    /// The results; there is at most one for each waiting call.
    computed: Vec<Computed>,
}

/// A result for one password.
struct Computed {
    user: String,
    password: Zeroizing<Vec<u8>>,
    begun: Instant,
    right: bool,
}

impl Shared {
    /// Begins a call. Its result was computed after this moment.
    pub(crate) fn call(&self) -> Call<'_> {
        let came = Instant::now();
        let mut waiting = self.waiting();
        waiting.calls += 1;
        waiting.computed.retain(|known| came.duration_since(known.begun) < KEPT_MAX);
        Call { shared: self, came }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call, from its beginning to its end.
pub(crate) struct Call<'a> {
    shared: &'a Shared,
    came: Instant,
}

impl Call<'_> {
    /// The result of `compute` for `password`, or another call's result for the same password if it was computed after
    /// this call began.
    pub(crate) fn is_right(
        &self,
        user: &str,
        password: &[u8],
        compute: impl FnOnce() -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let same =
            |known: &&Computed| known.user == user && known.begun >= self.came && known.password.ct_eq(password).into();
        if let Some(known) = self.shared.waiting().computed.iter().find(same) {
            return Ok(known.right);
        }
        let begun = Instant::now();
        let right = compute()?;
        let password = Zeroizing::new(password.to_vec());
        self.shared.waiting().computed.push(Computed { user: user.to_owned(), password, begun, right });
        Ok(right)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let mut waiting = self.shared.waiting();
        waiting.calls = waiting.calls.saturating_sub(1);
        if waiting.calls == 0 {
            waiting.computed = Vec::new();
        }
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
        let call = || shared.call();
        let (first, second, third, fourth) = (call(), call(), call(), call());
        assert!(asked(&first, "alice", "right", Some(true)));
        assert!(asked(&second, "alice", "right", None), "as the first");
        assert!(!asked(&third, "alice", "wrong", Some(false)), "another password is no better for it");
        assert!(!asked(&fourth, "alice", "wrong", None), "nor is a wrong one");
        assert!(!asked(&fourth, "bob", "right", Some(false)), "nor another account's");
        assert!(asked(&fourth, "alice", "right", None), "whoever was looked at in between");
        // A later call gets the result that is correct then.
        let later = call();
        assert!(!asked(&later, "alice", "right", Some(false)));
        drop((first, second, third, fourth));
        assert!(!shared.waiting().computed.is_empty());
        drop(later);
        assert!(shared.waiting().computed.is_empty(), "nothing is left of it");
        let slow = call();
        let failed = slow.is_right("alice", b"right", || Err(Error::Unavailable("slow".to_owned())));
        assert!(failed.is_err() && shared.waiting().computed.is_empty());
    }
}
