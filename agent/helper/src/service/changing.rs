//! The calls that change a password, or find out what came of a change.

use std::{path::Path, time::Duration};

use rustix::fs::{FlockOperation, Mode, OFlags, fcntl_lock, open};
use sspr_config::credential::CHANGE_MAX;
use sspr_machine::{
    tries::{self, Kind},
    witness::{What, Who},
};
use tokio::{
    sync::MutexGuard,
    time::{Instant, sleep, timeout_at},
};
use zbus::OwnedFd;
use zeroize::Zeroizing;

use super::{
    Helper,
    calls::{OUTCOME_MAX, THERE_MAX, TURN_MAX, allowed, secret, witness, witnessed},
};
use crate::{
    Change, Error, RUNTIME, beside,
    change::{self, Attempt, Made},
    crypt, hash, prepared,
    within::within,
};

/// An attempt that took less does not hold up the calls of others.
const QUICK: Duration = Duration::from_secs(1);
/// What is left for the last step of a change at least.
pub(super) const LEAST: Duration = Duration::from_secs(2);
/// The lock of lckpwdf(3), which every program takes that writes the account files.
const ACCOUNT_LOCK: &str = "/etc/.pwd.lock";

impl Helper {
    /// This call's turn, once no program holds the account files.
    async fn turn_to_write(&self, start: Instant) -> Result<MutexGuard<'_, ()>, Error> {
        let turn = timeout_at(start + TURN_MAX, async {
            let turn = self.turn.lock().await;
            accounts_unlocked().await.map(|()| turn)
        });
        turn.await.map_err(|_| Error::Unavailable("another program holds the account files".to_owned()))?
    }

    /// Changes a password. `still_there` is checked when it is this call's turn. If the caller or the bus is gone by
    /// then, the user has read that the result is not known, and may already be choosing another password.
    pub(super) async fn change_in_turn(
        &self,
        start: Instant,
        still_there: impl Future<Output = Result<u32, Error>>,
        user: &str,
        uid: u32,
        password: &OwnedFd,
    ) -> Result<Change, Error> {
        let password = secret(password)?;
        let turn = self.turn_to_write(start).await?;
        timeout_at(start + THERE_MAX, still_there)
            .await
            .map_err(|_| Error::Unavailable("the bus did not say in time whether the caller is there".to_owned()))??;
        // Nothing is awaited from this look-up to the write.
        let account = self.look_up(user)?;
        allowed(account, uid)?;
        let directory = Path::new(RUNTIME);
        let key = uid.to_string();
        tries::room(directory, Kind::Change, &key, tries::now())?;
        // A change that can't be recorded by the witness is not made.
        let who = Who::Uid(uid);
        witness(What::Trying(who.clone()))?;
        let prepared = prepared::take(user);
        let until = Instant::now() + CHANGE_MAX;
        let attempt = within(CHANGE_MAX, || change::attempt(user, account, &password, prepared)).flatten();
        let outcome = match attempt {
            Ok(Attempt::Refused(why)) => Ok(why),
            Ok(Attempt::Made(made)) => concluded(made, (user, uid), password, turn, until).await,
            Err(why) => Err(why),
        };
        match &outcome {
            Ok(Change::Changed | Change::ChangedWithWarning(_)) => witnessed(What::Changed(who)),
            // The result is not known.
            Err(Error::Failed(_)) => {}
            Ok(Change::Refused(_) | Change::Same) | Err(_) => witnessed(What::Unchanged(who)),
        }
        let outcome = outcome?;
        if matches!(outcome, Change::Refused(_) | Change::Same) {
            tries::refused(directory, Kind::Change, &key, tries::now())?;
        }
        Ok(outcome)
    }

    /// Whether a change was made. The call counts like [`Self::verify_in_turn`], whether the password is correct or
    /// wrong: it reveals as much.
    pub(super) async fn outcome_in_turn(
        &self,
        start: Instant,
        user: &str,
        uid: u32,
        password: &OwnedFd,
    ) -> Result<bool, Error> {
        let password = secret(password)?;
        let _turn = self.turn_to_write(start).await?;
        allowed(self.look_up(user)?, uid)?;
        let directory = Path::new(RUNTIME);
        let key = uid.to_string();
        tries::room(directory, Kind::Verify, &key, tries::now())?;
        tries::refused(directory, Kind::Verify, &key, tries::now())?;
        let changed = within(OUTCOME_MAX, || change::went_through(user, uid, &password))??;
        let who = Who::Uid(uid);
        witnessed(if changed { What::Changed(who) } else { What::Unchanged(who) });
        Ok(changed)
    }
}

/// What came of an attempt, before `until`. If this and the hash are quick, the hash is computed after `turn` has ended, and
/// the next call does not wait for it. Otherwise it is computed within the turn: this call would have to wait for the next
/// one, which may take as long, and for memory.
async fn concluded(
    made: Made,
    (user, uid): (&str, u32),
    password: Zeroizing<Vec<u8>>,
    turn: MutexGuard<'_, ()>,
    until: Instant,
) -> Result<Change, Error> {
    let left = || until.saturating_duration_since(Instant::now());
    let was_quick = CHANGE_MAX.saturating_sub(left()) < QUICK;
    let mut turn = Some(turn);
    let right = match made.written() {
        None => Some(false),
        Some(hash) if was_quick && hash::is_quick(hash) => {
            turn = None;
            let told = beside::matches(&password, hash, until).await;
            told.inspect_err(|why| tracing::warn!(%why, "a hash is computed on the main thread: {why}")).ok()
        }
        Some(_) => None,
    };
    let done = within(left().max(LEAST), || {
        let right = right.unwrap_or_else(|| made.written().is_some_and(|hash| crypt::matches(&password, hash)));
        made.concluded((user, uid), &password, right)
    });
    drop(turn);
    // Without a timer, nothing is known about what was written.
    done.map_err(|why| Error::Failed(why.to_string())).flatten()
}

/// Waits until no process holds the account lock. Otherwise `pam_unix`, which takes it, would wait for minutes. If
/// another process takes it first, [`within`] ends the wait.
async fn accounts_unlocked() -> Result<(), Error> {
    let unavailable = |why: rustix::io::Errno| Error::Unavailable(format!("{ACCOUNT_LOCK}: {why}"));
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let lock = open(ACCOUNT_LOCK, flags, Mode::RUSR | Mode::WUSR).map_err(unavailable)?;
    loop {
        match fcntl_lock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => sleep(Duration::from_millis(50)).await,
            Err(why) => return Err(unavailable(why)),
        }
    }
}
