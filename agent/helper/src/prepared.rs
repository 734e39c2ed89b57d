//! Checks a new password ahead of the change, while the user types it again: whether it is the current one, and whether
//! `pam_unix`'s own rules allow it. A PAM transaction that has read its lines and loaded its modules is kept as well.
//! None of this is written or reported.
//!
//! A finding is valid only for exactly the bytes that were typed, for one account, and while its grounds are unchanged:
//! the account's shadow line, the host's password lines, and the file of old passwords. A change checks these again. If
//! a finding no longer holds, or was lost because the helper exited in between, the change does the work again.
//!
//! The password is kept for [`KEPT_MAX`] at most, in this process's memory only. It is wiped by the change, when the
//! dialogue releases it, and at exit. All findings live on the process's main thread.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use subtle::ConstantTimeEq as _;
use tokio::time::{Duration, Instant};
use zeroize::Zeroizing;

use super::{
    Account, Error, PAM_SERVICE,
    account::shadow_of,
    crypt, hash,
    pam::Transaction,
    pamconf,
    shadow::Shadow,
    transaction::start_new,
    unix_rules::{self, UnixRules},
};

/// How long a finding is kept: longer than a user takes to type a password again.
pub(crate) const KEPT_MAX: Duration = Duration::from_mins(1);

/// The most findings at once: more than the users who ever type a new password at the same moment on one host.
const MOST: usize = 16;

/// The grounds of a finding. Anything that can't be read is an error; a missing file of old passwords counts as empty.
#[derive(PartialEq, Eq)]
pub(crate) struct Ground {
    /// The shadow line.
    pub(crate) shadow: Option<Shadow>,
    /// The lines of the PAM service.
    pub(crate) lines: BTreeMap<String, String>,
    old: Option<Stamp>,
}

/// The identity and times of a file, which differ after it was replaced or written.
#[derive(PartialEq, Eq)]
struct Stamp {
    file: (u64, u64, u64),
    written: (i64, i64),
    changed: (i64, i64),
}

impl Ground {
    /// The current grounds for `user`.
    pub(crate) fn read(user: &str) -> Result<Self, Error> {
        let lines = pamconf::copy(PAM_SERVICE).map_err(|why| Error::Unavailable(why.to_string()))?;
        let old = fs::metadata(Path::new(unix_rules::OLD)).ok().map(|meta| Stamp {
            file: (meta.dev(), meta.ino(), meta.size()),
            written: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        });
        Ok(Self { shadow: shadow_of(user)?, lines, old })
    }
}

/// The result of the checks of a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The checks found no fault.
    Good,
    /// The password is the current one.
    Same,
    /// The rules refuse it, for this reason.
    Refused(&'static str),
}

/// A finding, with the password, the account and the grounds that it is bound to.
pub(crate) struct Prepared {
    user: String,
    uid: u32,
    password: Zeroizing<Vec<u8>>,
    ground: Ground,
    until: Instant,
    /// The result of the checks.
    pub(crate) finding: Finding,
    /// The transaction that can set the password.
    pub(crate) transaction: Transaction,
}

impl Prepared {
    /// Whether the finding is for exactly this password and account, and its grounds are unchanged.
    pub(crate) fn holds(&self, user: &str, uid: u32, password: &[u8], ground: &Ground) -> bool {
        let same: bool = self.password.as_slice().ct_eq(password).into();
        same && self.user == user && self.uid == uid && self.ground == *ground && Instant::now() < self.until
    }
}

thread_local! {
    static KEPT: RefCell<Vec<Prepared>> = const { RefCell::new(Vec::new()) };
    static WANTED: RefCell<Vec<(String, Weak<AtomicBool>)>> = const { RefCell::new(Vec::new()) };
}

/// A call to prepare, from its beginning. The dialogue may cancel it while it waits for its turn.
#[must_use]
pub(crate) struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// Whether the call is still wanted.
    pub(crate) fn holds(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Begins a call to prepare for `user`.
pub(crate) fn want(user: &str) -> Wanted {
    let wanted = Arc::new(AtomicBool::new(true));
    WANTED.with_borrow_mut(|all| {
        all.retain(|(_, one)| one.strong_count() > 0);
        all.push((user.to_owned(), Arc::downgrade(&wanted)));
    });
    Wanted(wanted)
}

/// Checks `password` for the eligible `account` with the name `user`, and keeps the finding. A slow hash is left to the
/// change: computing it here would hold up other calls for a password that may never be typed again.
pub(crate) fn prepare(user: &str, account: Account, password: Zeroizing<Vec<u8>>) -> Result<(), Error> {
    drop(take(user));
    let ground = Ground::read(user)?;
    if ground.shadow.as_ref().is_some_and(|shadow| !hash::is_quick(&shadow.hash)) {
        return Ok(());
    }
    // All steps are done whatever the finding: the time taken must not tell the caller whether a password is the
    // current one.
    let finding = finding(user, &ground, &password);
    let transaction = start_new(user, &password)?;
    let until = Instant::now() + KEPT_MAX;
    let prepared = Prepared { user: user.to_owned(), uid: account.uid, password, ground, until, finding, transaction };
    KEPT.with_borrow_mut(|kept| {
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(prepared);
    });
    Ok(())
}

/// The rules of `pam_unix` that apply, according to the lines of the service.
fn unix_rules(service: &BTreeMap<String, String>) -> UnixRules {
    let lines = |module| pamconf::arguments_in(service, pamconf::Kind::Password, module);
    let rules = UnixRules::of(&lines("pam_unix"));
    // These modules describe a fault better, so they check first.
    let better = ["pam_pwquality", "pam_cracklib", "pam_passwdqc"].into_iter().any(|module| !lines(module).is_empty());
    if better { rules.without_obscure() } else { rules }
}

/// The result of checking `password` against `ground`.
pub(crate) fn finding(user: &str, ground: &Ground, password: &[u8]) -> Finding {
    // pam_unix would accept the current password: it does not ask root for the old one, so it has nothing to compare
    // with.
    let same = ground.shadow.as_ref().is_some_and(|shadow| crypt::matches(password, &shadow.hash));
    let refused = unix_rules(&ground.lines).refusal(user, password);
    match refused {
        _ if same => Finding::Same,
        Some(reason) => Finding::Refused(reason),
        None => Finding::Good,
    }
}

/// Takes the finding for `user`, which can be used only once.
pub(crate) fn take(user: &str) -> Option<Prepared> {
    KEPT.with_borrow_mut(|kept| {
        let at = kept.iter().position(|prepared| prepared.user == user)?;
        Some(kept.remove(at))
    })
}

/// Wipes the finding for `user`, and cancels calls that still wait.
pub(crate) fn forget(user: &str) {
    drop(take(user));
    WANTED.with_borrow(|all| {
        for wanted in all.iter().filter(|(name, _)| name == user).filter_map(|(_, one)| one.upgrade()) {
            wanted.store(false, Ordering::Relaxed);
        }
    });
}

/// Wipes findings that have expired.
pub(crate) fn forget_old() {
    let now = Instant::now();
    KEPT.with_borrow_mut(|kept| kept.retain(|prepared| now < prepared.until));
}

/// Wipes everything.
pub(crate) fn forget_all() {
    KEPT.with_borrow_mut(Vec::clear);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_while_it_waits_is_let_go_and_what_comes_later_or_is_anothers_is_not() {
        let (first, others) = (want("alice"), want("bob"));
        forget("alice");
        let later = want("alice");
        assert!(!first.holds() && others.holds() && later.holds());
        drop((first, others, later));
        let last = want("carol");
        assert_eq!(WANTED.with_borrow(Vec::len), 1, "those that ended are not kept");
        assert!(last.holds());
    }
}
