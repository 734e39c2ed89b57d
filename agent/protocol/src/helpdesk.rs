//! What the help desk asks, and what it gets to know: `org.pam_sspr.HelpDesk1`.
//!
//! Each of its members takes one string and gives one, both JSON. Who asks is what the bus says, and nothing that the caller says of
//! itself. `Show` and `Unblock` take and give what those of `Admin1` do, see [`crate::admin`]; so does `Code`. `Verify` and
//! `VerifyAnswer` are members of `Admin1` as well.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Time;

/// What a member of the help desk is told that asks whether it is one; nobody else gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The group whose members are the help desk.
    pub group: String,
}

/// Send a code to what an account has registered, to find out whether the caller on the telephone is its owner.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Verify {
    /// Whose account it is said to be.
    pub user: String,
    /// "email" or "phone"; else the phone, or the mailbox where no phone is registered.
    pub method: Option<String>,
}

/// A code that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifySent {
    /// What its answer names.
    pub handle: String,
    /// "email" or "phone".
    pub method: String,
    /// Where it went, masked.
    pub to: String,
    /// When it expires.
    pub expires: Time,
    /// For how many seconds it is good.
    pub lifetime: Time,
}

/// What the caller read out.
#[derive(Serialize, Deserialize)]
pub struct VerifyAnswer {
    /// Whose account it is said to be.
    pub user: String,
    /// Of which code.
    pub handle: String,
    /// As the desk typed it.
    pub code: Zeroizing<String>,
}

impl std::fmt::Debug for VerifyAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyAnswer").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Whether it was the code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verified {
    /// It was: the caller has what is registered for the account.
    pub matched: bool,
    /// It was not, and can be tried so many more times.
    pub left: u64,
    /// Why it can't be tried any more.
    pub why: Option<String>,
}
