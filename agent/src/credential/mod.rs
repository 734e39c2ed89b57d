//! What is true of an account, whether a password is its current one, and setting a new one.
//!
//! This is the one part that runs as root. `sspr-credential` serves it on the bus ([`service`]); the agent asks through
//! [`client`]. The helper believes nothing that the agent says about an account: scope, state and uid are looked up
//! again in each call.
//!
//! | member of `org.pam_sspr.Credential1` | in | out |
//! |---|---|---|
//! | `Account` | `s` user | `uybb` uid, verdict, administrator, locked by faillock |
//! | `Vouch` | `sh` user, sealed memfd with a password | `b` the same by the hash alone; for root, see `vouch` |
//! | `Hindrance` | | `s` why no password can be set at all, whosever it is; empty where nothing is known |
//! | `Publish` | | writes what the module goes by, see [`sspr_config::policy`] |
//! | `Verify` | `sh` user, sealed memfd with a password | `b` it is the current password of an eligible account |
//! | `Change` | `suh` user, uid, sealed memfd with the new password | `ys` see [`Change`], with the host's words |
//! | `Outcome` | `suh` user, uid, sealed memfd with the new password | `b` a change whose answer got lost went through |
//! | `Unlock` | `su` user, uid | |
//! | `Aftermath` | `sub` user, uid, end its sessions | `uub` sessions ended, SSH keys that can sign in, not all were looked at |
//!
//! Errors are [`Error`]; except for `Error::Failed` they mean that nothing was written.

pub mod agent_user;
pub mod client;
pub mod listing;
pub mod service;

mod able;
mod account;
mod activity;
mod change;
mod crypt;
mod faillock;
mod hash;
mod hindered;
mod kept;
mod local;
mod pam;
pub(crate) mod pamconf;
mod publish;
pub(crate) mod pwquality;
mod sessions;
mod shadow;
mod spent;
mod ssh_elsewhere;
mod ssh_keys;
mod tries;
pub(crate) mod unix_rules;
mod verdict;
mod vouch;

/// The arguments of every `password` line of `module` that the PAM service `service` leads to.
pub fn password_arguments(service: &str, module: &str) -> std::io::Result<Vec<Vec<String>>> {
    pamconf::arguments(pamconf::Kind::Password, service, module).map_err(std::io::Error::other)
}

/// Why this machine can set no password at all, if that is certain beforehand.
pub fn why_no_password_can_be_set() -> Option<String> {
    able::why_not(PAM_SERVICE)
}

/// The same, as far as it is the password lines' doing.
pub fn why_no_line_sets_a_password() -> Option<String> {
    able::why_not_by_lines(PAM_SERVICE)
}

/// Whether /etc/shadow is a mount of its own, so that no new file can take its place.
pub fn shadow_is_a_mount() -> bool {
    able::shadow_is_a_mount()
}

/// How long the helper gives PAM for a new password.
pub use service::CHANGE_MAX;
pub use vouch::{BCRYPT_MAX, SHA_ROUNDS_MAX, YESCRYPT_COST_MAX};

/// How long one hash with this setting of crypt(3) takes here.
pub fn hash_time(setting: &str) -> std::time::Duration {
    // Of this thread alone: others may be at work beside it.
    let spent = || nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID.now().map(std::time::Duration::from).unwrap_or_default();
    let start = spent();
    let _ = crypt::matches(b"to see how long it takes", setting);
    spent().saturating_sub(start)
}

/// The helper's one interface.
pub const INTERFACE: &str = "org.pam_sspr.Credential1";

/// The PAM service whose `auth` and `password` lines are used.
pub const PAM_SERVICE: &str = "sspr";

/// Which accounts of this machine can use self-service under the settings at `config`. For root: who else asks can't see
/// who is locked.
pub fn eligible(config: &std::path::Path) -> Result<listing::Eligible, Error> {
    let scope = sspr_config::settings::load(config).map_err(|e| Error::Unavailable(e.to_string()))?.scope;
    listing::eligible(&scope).map_err(|e| Error::Unavailable(e.to_string()))
}

/// The uid that `Account` gives for a name that nobody has.
pub const NO_UID: u32 = u32::MAX;

/// Whether self-service may touch an account, and if not, why. A person never gets to see which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// In scope, local, and able to sign in with a password; perhaps after changing an aged one.
    Eligible,
    /// There is no such account, or the name can't be one.
    Unknown,
    /// uid 0, or below `min_uid`.
    System,
    /// The settings leave it out.
    OutOfScope,
    /// An administrator locked the password, or there never was one.
    Locked,
    /// Past its end (`chage -E`), or the password aged so long ago that only an administrator revives it (`chage -I`).
    Expired,
    /// Its shell lets nobody in.
    NoLogin,
    /// Its password is not in this machine's shadow file.
    NotLocal,
    /// Another account of this machine has the same uid: what one of them may is the other's too.
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

/// What the helper found out about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// [`NO_UID`] where the name is unknown.
    pub uid: u32,
    /// Whether self-service may touch it.
    pub verdict: Verdict,
    /// Member of one of `[scope] admin_groups`.
    pub admin: bool,
    /// `pam_faillock` refuses a sign-in now, after too many wrong passwords. An administrator's lock is not meant; that is
    /// [`Verdict::Locked`].
    pub faillock_locked: bool,
}

/// How a change ended that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The new password signs in.
    Changed,
    /// It does, and something went wrong that an administrator should look at. The text is for logs.
    ChangedWithWarning(String),
    /// The host's rules refused this password and nothing was written. The text is one plain sentence for the person.
    Refused(String),
    /// It is the password that the account has already; nothing was written.
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

    /// `None` for a number that this version does not know; what the password is now is not known then.
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

/// What was found and done after a recovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// Sessions of the account that were ended.
    pub sessions_ended: u32,
    /// Keys in `~/.ssh` that can still sign in, as far as it could be looked at.
    pub ssh_keys: u32,
    /// Not all of `~/.ssh` could be looked at: there may be more keys.
    pub ssh_unseen: bool,
}

/// What a call may fail with, `org.pam_sspr.Error.*` on the bus. The texts are for logs.
#[derive(Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "org.pam_sspr.Error")]
pub enum Error {
    /// The bus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The caller is neither the agent nor root, or can't be told.
    Denied(String),
    /// The account is not eligible (any more), or its uid is another one.
    Refused(String),
    /// The password did not come as it must: sealed, 1 to 511 bytes, no control characters.
    BadSecret(String),
    /// Settings, accounts or PAM can't be read; nothing was done.
    Unavailable(String),
    /// A change began, and looking afterwards does not tell what the password is now.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

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
