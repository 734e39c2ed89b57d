//! What can be known of a new password while its owner types it a second time: whether it is the current one, whether `pam_unix`'s own
//! rules allow it, and a talk with PAM that has read its lines and loaded its modules. Nothing of it is written, and nobody is told.
//!
//! It is good for the very bytes that were typed, for one account, and as long as what it goes by is as it was: the account's shadow
//! line, the host's password lines, and the file of old passwords. A change looks at these again. What does not hold is done anew,
//! and so is what a helper took with it that ended in between.
//!
//! The password is kept for [`KEPT_MAX`] at most, in the memory of this process alone, and wiped: by the change, when the dialogue
//! lets it go, and at the end. All of it lives on the process's only thread.

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
    Account, Error, PAM_SERVICE, account::shadow_of, change, crypt, hash, pam::Transaction, pamconf, shadow::Shadow,
    unix_rules,
};

/// Longer than a person takes to type a password again.
pub(crate) const KEPT_MAX: Duration = Duration::from_mins(1);

/// More users than type a new password at the same moment on one host.
const MOST: usize = 16;

/// What a finding goes by. What can't be read is an error; a file of old passwords that is not there is as good as an empty one.
#[derive(PartialEq, Eq)]
pub(crate) struct Ground {
    /// The shadow line.
    pub(crate) shadow: Option<Shadow>,
    /// The lines of the PAM service.
    pub(crate) lines: BTreeMap<String, String>,
    old: Option<Stamp>,
}

/// A file that was replaced or written has another.
#[derive(PartialEq, Eq)]
struct Stamp {
    file: (u64, u64, u64),
    written: (i64, i64),
    changed: (i64, i64),
}

impl Ground {
    /// As it is now for `user`.
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

/// What is known of a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing speaks against it so far.
    Good,
    /// It is the current one.
    Same,
    /// The rules refuse it, in these words.
    Refused(&'static str),
}

/// A finding with what it is bound to.
pub(crate) struct Prepared {
    user: String,
    uid: u32,
    password: Zeroizing<Vec<u8>>,
    ground: Ground,
    until: Instant,
    /// What was found.
    pub(crate) finding: Finding,
    /// The talk in which it can be set.
    pub(crate) talk: Transaction,
}

impl Prepared {
    /// Whether it is of just this password for this account, and what it goes by is as it was.
    pub(crate) fn holds(&self, user: &str, uid: u32, password: &[u8], ground: &Ground) -> bool {
        let same: bool = self.password.as_slice().ct_eq(password).into();
        same && self.user == user && self.uid == uid && self.ground == *ground && Instant::now() < self.until
    }
}

thread_local! {
    static KEPT: RefCell<Vec<Prepared>> = const { RefCell::new(Vec::new()) };
    static WANTED: RefCell<Vec<(String, Weak<AtomicBool>)>> = const { RefCell::new(Vec::new()) };
}

/// A call to prepare, from its beginning on: while it waits for its turn the dialogue may let it go.
#[must_use]
pub(crate) struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// Whether nobody has let it go.
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

/// Looks at `password` for the eligible `account` of name `user`, and keeps what is found. A hash that takes its time is left to the
/// change: it would hold up others for a password that may never be typed again.
pub(crate) fn prepare(user: &str, account: Account, password: Zeroizing<Vec<u8>>) -> Result<(), Error> {
    drop(take(user));
    let ground = Ground::read(user)?;
    if ground.shadow.as_ref().is_some_and(|shadow| !hash::is_quick(&shadow.hash)) {
        return Ok(());
    }
    // All of it whatever is found: how long this takes must not tell who asks whether a password is the current one.
    let finding = finding(user, &ground, &password);
    let talk = change::start_new(user, &password)?;
    let until = Instant::now() + KEPT_MAX;
    let prepared = Prepared { user: user.to_owned(), uid: account.uid, password, ground, until, finding, talk };
    KEPT.with_borrow_mut(|kept| {
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(prepared);
    });
    Ok(())
}

/// What speaks against `password` by `ground`.
pub(crate) fn finding(user: &str, ground: &Ground, password: &[u8]) -> Finding {
    // pam_unix would take it: it does not ask root for the old one, and so has nothing to compare with.
    let same = ground.shadow.as_ref().is_some_and(|shadow| crypt::matches(password, &shadow.hash));
    let refused = change::unix_rules(&ground.lines).refusal(user, password);
    match refused {
        _ if same => Finding::Same,
        Some(reason) => Finding::Refused(reason),
        None => Finding::Good,
    }
}

/// What was prepared for `user`. It is good once.
pub(crate) fn take(user: &str) -> Option<Prepared> {
    KEPT.with_borrow_mut(|kept| {
        let at = kept.iter().position(|prepared| prepared.user == user)?;
        Some(kept.remove(at))
    })
}

/// Wipes what was prepared for `user`, and lets go what still waits to be.
pub(crate) fn forget(user: &str) {
    drop(take(user));
    WANTED.with_borrow(|all| {
        for wanted in all.iter().filter(|(name, _)| name == user).filter_map(|(_, one)| one.upgrade()) {
            wanted.store(false, Ordering::Relaxed);
        }
    });
}

/// Wipes what is too old.
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
