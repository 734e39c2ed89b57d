//! Reads this machine's own configuration without asking any program: accounts and their state, groups, the password
//! lines of PAM, the rules for new passwords. Only the helper changes accounts.

use sspr_config::credential::{Account, Error, NO_UID, PAM_SERVICE, Verdict};

pub mod able;
pub mod account;
pub mod agent_user;
#[cfg(feature = "birth")]
pub mod birth;
pub mod crypt;
pub mod encrypting;
pub mod faillock;
pub mod files;
pub mod hash;
pub mod hash_cost;
pub mod history;
pub mod host_name;
pub mod kept;
pub mod listing;
pub mod local;
pub mod members;
pub mod membership;
pub mod modules;
pub mod names;
pub mod own;
pub mod pamconf;
pub mod passwd;
pub mod pwquality;
#[cfg(feature = "serve")]
pub mod serve;
pub mod shadow;
pub mod stack;
pub mod tries;
pub mod unix_rules;
pub mod verdict;
pub mod witness;

/// The arguments of every `password` line of `module` that the PAM service `service` leads to.
pub fn password_arguments(service: &str, module: &str) -> std::io::Result<Vec<Vec<String>>> {
    pamconf::arguments(pamconf::Kind::Password, service, module).map_err(std::io::Error::other)
}

/// Why this machine can set no password at all, if that is certain beforehand.
pub fn why_no_password_can_be_set() -> Option<String> {
    able::why_not(PAM_SERVICE)
}

/// The same, for causes in the password lines only.
pub fn why_no_line_sets_a_password() -> Option<String> {
    able::why_not_by_lines(PAM_SERVICE)
}

/// Whether /etc/shadow is itself a mount point, so that no new file can replace it.
pub fn shadow_is_a_mount() -> bool {
    able::shadow_is_a_mount()
}

/// The uid in a file like `/proc/self/loginuid`; `None` if no user signed in.
pub fn login_uid_in(path: &str) -> Option<u32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok().filter(|uid| *uid != u32::MAX)
}

/// How long one hash with this setting of crypt(3) takes here.
pub fn hash_time(setting: &str) -> std::time::Duration {
    // This thread's time only: others may be busy at the same time.
    let spent = || nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID.now().map(std::time::Duration::from).unwrap_or_default();
    let start = spent();
    let _ = crypt::matches(b"to see how long it takes", setting);
    spent().saturating_sub(start)
}

/// Which accounts of this machine can use self-service with the settings at `config`. For root: other users can't see
/// which accounts are locked.
pub fn eligible(config: &std::path::Path) -> Result<listing::Eligible, Error> {
    let scope = sspr_config::settings::load(config).map_err(|e| Error::Unavailable(e.to_string()))?.scope;
    listing::eligible(&scope).map_err(|e| Error::Unavailable(e.to_string()))
}
