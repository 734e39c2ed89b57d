//! What the agent asks of accounts and their passwords.

use std::{future::Future, pin::Pin};

use super::{Account, Aftermath, Change};
use crate::account::Id;

/// The result of a call, within its time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, CredentialsError>> + Send + 'a>>;

/// Why there is no answer. The texts are for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The helper will not touch this account. Nothing was written.
    #[error("refused: {0}")]
    Refused(String),
    /// The helper can't be reached or can't work. Nothing was written: the old password still works.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A change was requested, and its outcome is not known.
    #[error("outcome unknown: {0}")]
    Unknown(String),
}

/// Accounts and their passwords, as the agent sees them.
pub trait Credentials: Send + Sync {
    /// Why no password can be set on this machine for any account, if that is certain before the user is asked
    /// anything. Answers in less than half a second; a result that takes longer is known the next time.
    fn why_not(&self) -> Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async { None })
    }

    /// Starts the helper, if it has to be started, and does not wait.
    fn wake(&self) {}

    /// Whether self-service may change `user`. For a name that does not exist, that is an answer, not an error.
    fn account<'a>(&'a self, user: &'a str) -> Answer<'a, Account>;

    /// Whether `password` is the current one of the eligible account `user`. "No" takes two seconds, whatever the
    /// reason.
    fn verify<'a>(&'a self, user: &'a str, password: &'a [u8]) -> Answer<'a, bool>;

    /// Has a new password of `user` checked ahead of its change, and does not wait. The change returns the finding.
    fn prepare(&self, _user: &str, _uid: u32, _new_password: &[u8]) {}

    /// Drops what was prepared for `user`.
    fn forget(&self, _user: &str) {}

    /// Sets the password of `user`, which must still be eligible and have `uid`.
    fn change<'a>(&'a self, user: &'a str, uid: u32, new_password: &'a [u8]) -> Answer<'a, Change>;

    /// Clears the wrong passwords that `pam_faillock` counted for `user`, which must still be eligible and have `uid`.
    /// An administrator's lock stays.
    fn unlock<'a>(&'a self, user: &'a str, uid: u32) -> Answer<'a, ()>;

    /// Has the helper keep a line of its own that the audit trail's chain was `chain` at `row`.
    fn witness<'a>(&'a self, _row: i64, _chain: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Has the helper write what the module goes by, from the settings that count; see [`sspr_config::policy`].
    fn publish(&self) -> Answer<'_, ()>;

    /// Counts the SSH keys of `user`, which must still be eligible and have `uid`, and ends its open sessions if
    /// `end_sessions` is set.
    fn aftermath<'a>(&'a self, user: &'a str, uid: u32, end_sessions: bool) -> Answer<'a, Aftermath>;

    /// The same for an account of a directory with a new password there, and whether this host's own sign-in accepts
    /// that password.
    fn settle<'a>(&'a self, _made: Made<'a>) -> Answer<'a, Aftermath> {
        Box::pin(async { Ok(Aftermath::default()) })
    }
}

/// A password change that was just made.
#[derive(Clone, Copy)]
pub struct Made<'a> {
    /// The account's name on the host, which may include a domain.
    pub as_typed: &'a str,
    /// Distinguishes the account from others of its name.
    pub id: Id,
    /// Its new password.
    pub new_password: &'a [u8],
    /// Whether its sessions are to end.
    pub end_sessions: bool,
    /// Sessions of this uid go on: a user who resets the password inside a session would be thrown out of it.
    pub but_for: u32,
}
