//! The messages between agent and helper: the state of an account, checking its current password, setting a new one.
//!
//! This is the one part that runs as root. `sspr-credential` serves it on the bus, and the agent asks. The helper does
//! not rely on what the agent says about an account: it looks up scope, state and uid again in each call.
//!
//! | member of `org.pam_sspr.Credential1` | in | out |
//! |---|---|---|
//! | `Account` | `s` user | `uybb` uid, verdict, administrator, locked by faillock |
//! | `Vouch` | `sh` user, sealed memfd with a password | `b` the same by the hash alone; for root |
//! | `Hindrance` | | `s` why no account's password can be set; empty if no reason is known |
//! | `Publish` | | writes what the module relies on, see [`crate::policy`] |
//! | `Verify` | `sh` user, sealed memfd with a password | `b` it is the current password of an eligible account |
//! | `Prepare` | `suh` user, uid, sealed memfd with a new password | nothing: checks ahead of `Change` what can be checked |
//! | `Forget` | `s` user | nothing: drops what was prepared for it |
//! | `Change` | `suh` user, uid, sealed memfd with the new password | `ys` see [`Change`], with the host's words |
//! | `Outcome` | `suh` user, uid, sealed memfd with the new password | `b` a change whose answer was lost went through |
//! | `Unlock` | `su` user, uid | |
//! | `Aftermath` | `sub` user, uid, end its sessions | `uub` sessions ended, SSH keys that can sign in, not all were looked at |
//! | `Settle` | `sshbu` user of a directory as the host has the name, id there, sealed memfd with the new password, end the sessions, but for those of this uid | `buub` sssd refuses the new password here; then as `Aftermath` |
//! | `Witness` | `xs` a row of the audit trail, its chain there | nothing: the helper keeps it in a file of root's |
//!
//! Errors are [`Error`]; except for `Error::Failed` they mean that nothing was written.

use std::time::Duration;

/// The helper's one interface.
pub const INTERFACE: &str = crate::bus::CREDENTIAL;

/// The PAM service whose `auth` and `password` lines are used.
pub const PAM_SERVICE: &str = "sspr";

/// The uid that `Account` returns for a name that does not exist.
pub const NO_UID: u32 = u32::MAX;

/// How long the helper gives PAM for a new password. Legitimate work may take long: the hash with an administrator's
/// cost, once to write it and once for each password that `pam_pwhistory` remembers, and scripts that notify other
/// systems.
pub const CHANGE_MAX: Duration = Duration::from_secs(30);

/// How long the agent waits for each member. Each is longer than the helper takes, so that the helper reports the
/// result. All calls that one answer of a user may lead to take less than [`crate::dialogue::ANSWER_SEALED_MAX`]
/// together, which the module waits for.
pub mod patience {
    use std::time::Duration;

    /// For `Account`, `Vouch`, `Hindrance`, `Publish` and `Witness`.
    pub const ACCOUNT: Duration = Duration::from_secs(3);
    /// For `Verify`.
    pub const VERIFY: Duration = Duration::from_secs(32);
    /// For `Change`, and for `Prepare`, which nobody waits for.
    pub const CHANGE: Duration = Duration::from_secs(43);
    /// For `Outcome`.
    pub const OUTCOME: Duration = Duration::from_secs(24);
    /// For `Unlock`.
    pub const UNLOCK: Duration = Duration::from_secs(20);
    /// For `Aftermath`.
    pub const AFTERMATH: Duration = Duration::from_secs(8);
    /// For `Settle`.
    pub const SETTLE: Duration = Duration::from_secs(20);
}

/// Whether self-service may change an account, and if not, why. Users never see which reason it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// In scope, local, and able to sign in with a password, perhaps after changing an expired one.
    Eligible,
    /// There is no such account, or the name can't be one.
    Unknown,
    /// uid 0, or below `min_uid`.
    System,
    /// The settings exclude it.
    OutOfScope,
    /// An administrator locked the password, or there never was one.
    Locked,
    /// The account has expired (`chage -E`), or its password expired so long ago that only an administrator can
    /// reactivate it (`chage -I`).
    Expired,
    /// Its shell lets nobody in.
    NoLogin,
    /// Its password is not in this machine's shadow file.
    NotLocal,
    /// Another account of this machine has the same uid, and so the same rights.
    SharedUid,
}

impl Verdict {
    const TABLE: [(Self, u8); 9] = [
        (Self::Eligible, 0),
        (Self::Unknown, 1),
        (Self::System, 2),
        (Self::OutOfScope, 3),
        (Self::Locked, 4),
        (Self::Expired, 5),
        (Self::NoLogin, 6),
        (Self::NotLocal, 7),
        (Self::SharedUid, 8),
    ];

    /// The number on the bus.
    pub fn to_wire(self) -> u8 {
        Self::TABLE.into_iter().find(|(v, _)| *v == self).map_or(1, |(_, n)| n)
    }

    /// `None` for a number that this version does not know; treat it as not eligible.
    pub fn from_wire(number: u8) -> Option<Self> {
        Self::TABLE.into_iter().find(|(_, n)| *n == number).map(|(v, _)| v)
    }
}

/// The helper's facts about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// [`NO_UID`] if the name is unknown.
    pub uid: u32,
    /// Whether self-service may change it.
    pub verdict: Verdict,
    /// Member of one of `[scope] admin_groups`.
    pub admin: bool,
    /// `pam_faillock` refuses a sign-in now, after too many wrong passwords. An administrator's lock is
    /// [`Verdict::Locked`] instead.
    pub faillock_locked: bool,
}

/// The result of a change that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The new password signs in.
    Changed,
    /// It does, but something went wrong that an administrator should look into. The text is for logs.
    ChangedWithWarning(String),
    /// The host's rules refused this password, and nothing was written. The text is one plain sentence for the user.
    Refused(String),
    /// It is the account's current password; nothing was written.
    Same,
}

impl Change {
    /// The number on the bus and the words that go with it.
    pub fn to_wire(self) -> (u8, String) {
        match self {
            Self::Changed => (0, String::new()),
            Self::ChangedWithWarning(why) => (0, why),
            Self::Refused(reason) => (1, reason),
            Self::Same => (2, String::new()),
        }
    }

    /// `None` for a number that this version does not know; then it is not known what the password is now.
    pub fn from_wire(number: u8, reason: String) -> Option<Self> {
        match number {
            0 if reason.is_empty() => Some(Self::Changed),
            0 => Some(Self::ChangedWithWarning(reason)),
            1 => Some(Self::Refused(reason)),
            2 => Some(Self::Same),
            _ => None,
        }
    }
}

/// The findings and actions after a recovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// Sessions of the account that were ended.
    pub sessions_ended: u32,
    /// Keys in `~/.ssh` that can still sign in, as far as they could be read.
    pub ssh_keys: u32,
    /// Not all of `~/.ssh` could be read: there may be more keys.
    pub ssh_unseen: bool,
    /// This host's own sign-in refuses, for now, the new password in the directory.
    pub refused_here: bool,
}

/// The errors of a call, `org.pam_sspr.Error.*` on the bus. The texts are for logs.
#[derive(Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "org.pam_sspr.Error")]
pub enum Error {
    /// An error of the bus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The caller is neither the agent nor root, or is not known.
    Denied(String),
    /// The account is not eligible (any more), or has another uid.
    Refused(String),
    /// The password did not have the required form: sealed, 1 to 511 bytes, no control characters.
    BadSecret(String),
    /// Settings, accounts or PAM can't be read; nothing was done.
    Unavailable(String),
    /// A change began, and a check afterwards does not show what the password is now.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::ANSWER_SEALED_MAX;

    #[test]
    fn what_one_answer_may_lead_to_is_over_before_the_module_stops_waiting() {
        let looks = 2 * patience::ACCOUNT;
        let new_password = looks + patience::CHANGE + patience::OUTCOME + patience::AFTERMATH;
        assert!(new_password < ANSWER_SEALED_MAX && looks + patience::VERIFY < ANSWER_SEALED_MAX);
    }

    #[test]
    fn every_verdict_comes_back_from_the_wire_as_itself_and_no_other_number_is_known() {
        for number in 0..=u8::MAX {
            match Verdict::from_wire(number) {
                Some(verdict) => assert_eq!(verdict.to_wire(), number),
                None => assert!(number > 8),
            }
        }
    }

    #[test]
    fn every_outcome_of_a_change_comes_back_from_the_wire_as_itself_and_no_other_number_is_known() {
        for (number, reason) in (0..=u8::MAX).flat_map(|number| ["", "why"].map(|reason| (number, reason.to_owned()))) {
            match Change::from_wire(number, reason.clone()) {
                Some(Change::Same) => assert_eq!(number, 2),
                Some(change) => assert_eq!(change.to_wire(), (number, reason)),
                None => assert!(number > 2),
            }
        }
    }
}
