//! What the helper does in a call: in its turn, within its time, and only for the account that was meant.

use std::{path::Path, time::Duration};

use nix::{
    sys::{
        signal::{SigEvent, SigevNotify, Signal},
        time::TimeSpec,
        timer::{Expiration, Timer, TimerSetTimeFlags},
    },
    time::ClockId,
    unistd::User,
};
use rustix::fs::{FlockOperation, Mode, OFlags, fcntl_lock, open};
use sspr_config::{credential::CHANGE_MAX, dialogue::ANSWER_MAX, sealed, settings::Settings};
use sspr_machine::{
    kept,
    tries::{self, Kind},
};
use tokio::time::{Instant, sleep, timeout_at};
use zbus::{Connection, OwnedFd};
use zeroize::Zeroizing;

use super::Helper;
use crate::{
    Account, Aftermath, Change, Error, Verdict,
    account::{self, entry_of},
    change, faillock, prepared, sessions, settle, ssh_keys,
};

/// How long a call waits for its turn and for the account files.
const TURN_MAX: Duration = Duration::from_secs(8);
/// The latest time at which the caller must be known to be still there, counted as [`TURN_MAX`] is.
const THERE_MAX: Duration = Duration::from_millis(8250);
/// How long PAM may take about a current password, which is hashed twice.
const VERIFY_MAX: Duration = Duration::from_secs(20);
/// How long it may take to look whether a password is in place, which is hashed once.
const OUTCOME_MAX: Duration = Duration::from_secs(12);
/// How long faillock(8) may take.
const UNLOCK_MAX: Duration = Duration::from_secs(9);
/// How long the name service may take about one account, its groups above all: less than the agent waits for the answer.
pub(super) const LOOK_UP_MAX: Duration = Duration::from_millis(2500);
/// How long [`Helper::settle_in_turn`] waits for its turn.
const SETTLE_TURN_MAX: Duration = Duration::from_secs(2);
/// Later than this, sssd is not tried: the agent waits no longer.
const SETTLE_BEGINS_MAX: Duration = Duration::from_secs(8);
/// The lock of lckpwdf(3), which everything that writes the account files takes.
const ACCOUNT_LOCK: &str = "/etc/.pwd.lock";

impl Helper {
    /// By the settings as they are now, whatever the name: without settings the answer is "unavailable" for everybody.
    /// A name service that hangs would hold up the next caller as well.
    pub(super) fn look_up(&self, user: &str) -> Result<Account, Error> {
        let settings = self.settings()?;
        within(LOOK_UP_MAX, || account::look_up(&settings.scope, user))?
    }

    pub(super) fn settings(&self) -> Result<Settings, Error> {
        kept::load(&self.config, Path::new(change::RUNTIME))
    }

    pub(super) async fn verify_in_turn(&self, start: Instant, user: &str, password: &OwnedFd) -> Result<bool, Error> {
        let password = secret(password)?;
        let turn = timeout_at(start + TURN_MAX, self.turn.lock()).await;
        let _turn = turn.map_err(|_| Error::Unavailable("other calls took too long".to_owned()))?;
        let account = self.look_up(user)?;
        if account.verdict != Verdict::Eligible {
            return Ok(false);
        }
        let directory = Path::new(change::RUNTIME);
        let key = account.uid.to_string();
        tries::room(directory, Kind::Verify, &key, tries::now())?;
        tally_free(user)?;
        let right = within(VERIFY_MAX, || change::verify(user, &password))??;
        if !right {
            let refused = tries::refused(directory, Kind::Verify, &key, tries::now())?;
            tracing::warn!(?user, refused, "verify: a wrong password, number {refused} of this account in an hour");
        }
        Ok(right)
    }

    pub(super) async fn prepare_in_turn(
        &self,
        start: Instant,
        wanted: &prepared::Wanted,
        user: &str,
        uid: u32,
        password: &OwnedFd,
    ) -> Result<(), Error> {
        let password = secret(password)?;
        let turn = timeout_at(start + TURN_MAX, self.turn.lock()).await;
        let _turn = turn.map_err(|_| Error::Unavailable("other calls took too long".to_owned()))?;
        // No await from here to the end.
        if !wanted.holds() {
            return Err(Error::Unavailable("it was let go while it waited".to_owned()));
        }
        let account = self.look_up(user)?;
        allowed(account, uid)?;
        let (directory, key) = (Path::new(change::RUNTIME), uid.to_string());
        tries::room(directory, Kind::Prepare, &key, tries::now())?;
        tries::refused(directory, Kind::Prepare, &key, tries::now())?;
        within(CHANGE_MAX, || prepared::prepare(user, account, password))??;
        tokio::spawn(async {
            sleep(prepared::KEPT_MAX).await;
            prepared::forget_old();
        });
        Ok(())
    }

    /// `still_there` is asked when it is this call's turn. If the caller or the bus is gone by then, the user has read that the outcome
    /// is not known, and may be choosing another password already.
    pub(super) async fn change_in_turn(
        &self,
        start: Instant,
        still_there: impl Future<Output = Result<u32, Error>>,
        user: &str,
        uid: u32,
        password: &OwnedFd,
    ) -> Result<Change, Error> {
        let password = secret(password)?;
        let turn = timeout_at(start + TURN_MAX, async {
            let turn = self.turn.lock().await;
            accounts_unlocked().await.map(|()| turn)
        });
        let _turn =
            turn.await.map_err(|_| Error::Unavailable("another program holds the account files".to_owned()))??;
        timeout_at(start + THERE_MAX, still_there)
            .await
            .map_err(|_| Error::Unavailable("the bus did not say in time whether the caller is there".to_owned()))??;
        // No await from this look to the write.
        let account = self.look_up(user)?;
        allowed(account, uid)?;
        let directory = Path::new(change::RUNTIME);
        let key = uid.to_string();
        tries::room(directory, Kind::Change, &key, tries::now())?;
        let prepared = prepared::take(user);
        let outcome = within(CHANGE_MAX, || change::change(user, account, &password, prepared))??;
        if matches!(outcome, Change::Refused(_) | Change::Same) {
            tries::refused(directory, Kind::Change, &key, tries::now())?;
        }
        Ok(outcome)
    }

    /// Counted as [`Self::verify_in_turn`] counts, right or wrong: it tells as much.
    pub(super) async fn outcome_in_turn(
        &self,
        start: Instant,
        user: &str,
        uid: u32,
        password: &OwnedFd,
    ) -> Result<bool, Error> {
        let password = secret(password)?;
        let turn = timeout_at(start + TURN_MAX, async {
            let turn = self.turn.lock().await;
            accounts_unlocked().await.map(|()| turn)
        });
        let _turn =
            turn.await.map_err(|_| Error::Unavailable("another program holds the account files".to_owned()))??;
        allowed(self.look_up(user)?, uid)?;
        let directory = Path::new(change::RUNTIME);
        let key = uid.to_string();
        tries::room(directory, Kind::Verify, &key, tries::now())?;
        tries::refused(directory, Kind::Verify, &key, tries::now())?;
        within(OUTCOME_MAX, || change::went_through(user, uid, &password))?
    }

    pub(super) async fn unlock_in_turn(&self, start: Instant, user: &str, uid: u32) -> Result<(), Error> {
        let turn = timeout_at(start + TURN_MAX, self.turn.lock()).await;
        let _turn = turn.map_err(|_| Error::Unavailable("other calls took too long".to_owned()))?;
        allowed(self.look_up(user)?, uid)?;
        within(UNLOCK_MAX, || change::unlock(user))?
    }

    pub(super) async fn look_around(
        &self,
        bus: &Connection,
        user: &str,
        uid: u32,
        end: bool,
    ) -> Result<Aftermath, Error> {
        allowed(self.look_up(user)?, uid)?;
        let entry = entry_of(user)?;
        if entry.uid.as_raw() != uid {
            return Err(Error::Refused(format!("the account has uid {}", entry.uid)));
        }
        self.look_around_of(bus, &entry, end).await
    }

    async fn look_around_of(&self, bus: &Connection, entry: &User, end: bool) -> Result<Aftermath, Error> {
        let counted = ssh_keys::count(entry);
        let found = Aftermath { ssh_keys: counted.keys, ssh_unseen: !counted.whole, ..Aftermath::default() };
        // The agent asks; whether it may is for the settings to say.
        if !end || !self.settings()?.recover.end_sessions {
            return Ok(found);
        }
        let uid = entry.uid.as_raw();
        let sessions_ended = sessions::end(bus, uid).await.unwrap_or_else(|why| {
            tracing::error!(user = ?entry.name, uid, %why, "the account's sessions are not ended");
            0
        });
        Ok(Aftermath { sessions_ended, ..found })
    }

    /// `user` is as the host has the name. Sessions are ended if `end` says so, but for those of the uid in it. A password that sssd refuses
    /// is counted as [`Self::verify_in_turn`] counts: it tells as much.
    pub(super) async fn settle_in_turn(
        &self,
        start: Instant,
        bus: &Connection,
        (user, id): (&str, &str),
        password: &OwnedFd,
        end: Option<u32>,
    ) -> Result<Aftermath, Error> {
        let password = secret(password)?;
        let turn = timeout_at(start + SETTLE_TURN_MAX, self.turn.lock()).await;
        let _turn = turn.map_err(|_| Error::Unavailable("other calls took too long".to_owned()))?;
        let settings = self.settings()?;
        let local = self.look_up(user)?;
        if settings.directory.kind.is_none() || local.verdict != Verdict::Unknown {
            return Err(Error::Refused("it is no account of a directory".to_owned()));
        }
        if !settle::is_served(bus, user, id).await? {
            return Err(Error::Refused(
                "the directory has another account of that name, or it is not served".to_owned(),
            ));
        }
        let entry = within(LOOK_UP_MAX, || entry_of(user))??;
        let uid = entry.uid.as_raw();
        if uid == 0 || uid < settings.scope.min_uid {
            return Err(Error::Refused(format!("here the account has uid {uid}")));
        }
        let found = self.look_around_of(bus, &entry, end.is_some_and(|but_for| but_for != uid)).await?;
        let directory = Path::new(change::RUNTIME);
        tries::room(directory, Kind::Verify, id, tries::now())?;
        if start.elapsed() > SETTLE_BEGINS_MAX {
            return Ok(found);
        }
        let refused_here = settle::takes(bus, user, &password).await? == Some(false);
        if refused_here {
            tries::refused(directory, Kind::Verify, id, tries::now())?;
        }
        Ok(Aftermath { refused_here, ..found })
    }
}

/// The account must be served now, and be the one that was meant.
fn allowed(account: Account, uid: u32) -> Result<(), Error> {
    if account.verdict != Verdict::Eligible {
        return Err(Error::Refused(format!("the account is {:?}", account.verdict)));
    }
    if account.uid != uid {
        return Err(Error::Refused(format!("the account has uid {}", account.uid)));
    }
    Ok(())
}

/// A password as it must come: sealed, not empty, not too long, and without control characters, which no prompt takes.
fn secret(fd: &OwnedFd) -> Result<Zeroizing<Vec<u8>>, Error> {
    sealed::read_password(fd, ANSWER_MAX).map_err(Error::BadSecret)
}

/// Waits until no process holds the account lock. `pam_unix` takes it itself then, and would wait for minutes. If another process is
/// faster, [`within`] ends the wait.
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

/// Runs `work` on this thread, and ends the process if it takes longer than `limit`.
///
/// A PAM module that hangs can't be stopped otherwise. `pam_unix` replaces the shadow file by renaming, so an end at any
/// moment leaves the old password or the new one; the bus starts the helper again for the next call.
pub(crate) fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> Result<T, Error> {
    let unavailable = |why: nix::Error| Error::Unavailable(format!("timer: {why}"));
    let kill = SigEvent::new(SigevNotify::SigevSignal { signal: Signal::SIGKILL, si_value: 0 });
    let mut timer = Timer::new(ClockId::CLOCK_MONOTONIC, kill).map_err(unavailable)?;
    timer.set(Expiration::OneShot(TimeSpec::from_duration(limit)), TimerSetTimeFlags::empty()).map_err(unavailable)?;
    Ok(work())
}

/// A user who holds the lock of the own tally would hold up the helper, and with it everybody else.
fn tally_free(user: &str) -> Result<(), Error> {
    match faillock::held(user) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::Unavailable("somebody holds the lock of the account's tally of faillock".to_owned())),
        Err(why) => {
            tracing::warn!(user, %why, "what faillock counted can't be told");
            Ok(())
        }
    }
}

/// The longest that a call takes which the helper lives to answer, by its member.
#[cfg(test)]
fn longest(member: &str) -> Duration {
    match member {
        "Account" | "Hindrance" => LOOK_UP_MAX,
        "Verify" => TURN_MAX + LOOK_UP_MAX + VERIFY_MAX,
        "Prepare" => TURN_MAX + LOOK_UP_MAX + CHANGE_MAX,
        "Change" => THERE_MAX + LOOK_UP_MAX + CHANGE_MAX,
        "Outcome" => TURN_MAX + LOOK_UP_MAX + OUTCOME_MAX,
        "Unlock" => TURN_MAX + LOOK_UP_MAX + UNLOCK_MAX,
        "Aftermath" => LOOK_UP_MAX + sessions::LOGIND_MAX,
        "Settle" => SETTLE_BEGINS_MAX + settle::TAKES_MAX,
        _ => Duration::MAX,
    }
}

#[cfg(test)]
mod tests {
    use sspr_config::credential::patience;

    use super::*;

    #[test]
    fn the_agent_waits_longer_than_each_call_takes() {
        for (member, waits) in [
            ("Account", patience::ACCOUNT),
            ("Hindrance", patience::ACCOUNT),
            ("Verify", patience::VERIFY),
            ("Prepare", patience::CHANGE),
            ("Change", patience::CHANGE),
            ("Outcome", patience::OUTCOME),
            ("Unlock", patience::UNLOCK),
            ("Aftermath", patience::AFTERMATH),
            ("Settle", patience::SETTLE),
        ] {
            assert!(longest(member) < waits, "{member}");
        }
    }

    fn fd(bytes: &[u8]) -> OwnedFd {
        sealed::make(bytes).unwrap().into()
    }

    #[test]
    fn a_password_may_be_anything_that_can_be_typed_and_nothing_else() {
        for good in [b"correct horse".as_slice(), "žluťoučký".as_bytes(), b"latin-1 \xe9", &[b'a'; ANSWER_MAX]] {
            assert_eq!(secret(&fd(good)).unwrap().as_slice(), good);
        }
        for bad in [b"".as_slice(), b"a\0b", b"a\nb", b"\x1b[A", b"\x7f", "\u{9b}x".as_bytes(), b"\xe9\n", &[b'a'; 512]]
        {
            assert!(matches!(secret(&fd(bad)), Err(Error::BadSecret(_))), "{bad:?}");
        }
    }

    #[test]
    fn only_the_account_that_was_meant_is_changed_and_only_while_it_is_eligible() {
        let account = |verdict| Account { uid: 1000, verdict, admin: false, faillock_locked: false };
        assert_eq!(allowed(account(Verdict::Eligible), 1000), Ok(()));
        assert!(matches!(allowed(account(Verdict::Eligible), 1001), Err(Error::Refused(_))));
        for number in 1..=7 {
            let verdict = Verdict::from_wire(number).unwrap();
            assert!(matches!(allowed(account(verdict), 1000), Err(Error::Refused(_))), "{verdict:?}");
        }
    }
}
