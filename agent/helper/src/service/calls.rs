//! The work of each call: in its turn, within its time limit, and only for the account that the caller means.

use std::{path::Path, time::Duration};

use sspr_config::{credential::CHANGE_MAX, dialogue::ANSWER_MAX, sealed, settings::Settings};
use sspr_machine::{
    kept,
    tries::{self, Kind},
    witness::{self, What, Who},
};
use tokio::time::{Instant, sleep, timeout_at};
use zbus::{Connection, OwnedFd};
use zeroize::Zeroizing;

use super::Helper;
use crate::{
    Account, Aftermath, Error, RUNTIME, Verdict,
    account::{self, entry_of},
    change, faillock, prepared, sessions, settle,
    ssh_keys::{self, Counted},
    within::within,
};

/// How long a call waits for its turn and for the account files.
pub(super) const TURN_MAX: Duration = Duration::from_secs(8);
/// The latest time at which the caller must be known to be still connected, counted like [`TURN_MAX`].
pub(super) const THERE_MAX: Duration = Duration::from_millis(8250);
/// How long PAM may take to check a current password, which is hashed twice.
const VERIFY_MAX: Duration = Duration::from_secs(20);
/// How long the check whether a password is in place may take; it is hashed once.
pub(super) const OUTCOME_MAX: Duration = Duration::from_secs(12);
/// How long faillock(8) may take.
const UNLOCK_MAX: Duration = Duration::from_secs(9);
/// How long the name service may take for one account, mostly for its groups: less than the agent waits for the answer.
pub(super) const LOOK_UP_MAX: Duration = Duration::from_millis(2500);
/// How long [`Helper::settle_at_once`] waits for room while other calls are being followed up.
const SETTLE_TURN_MAX: Duration = Duration::from_secs(2);
/// sssd is not tried later than this after the call began: the agent no longer waits.
const SETTLE_BEGINS_MAX: Duration = Duration::from_secs(8);

impl Helper {
    /// Looks `user` up by the current settings. They are read for every name: without settings, the answer is
    /// "unavailable" for every user. The look-up has a time limit, because a name service that hangs would hold up the
    /// next caller as well.
    pub(super) fn look_up(&self, user: &str) -> Result<Account, Error> {
        let settings = self.settings()?;
        within(LOOK_UP_MAX, || account::look_up(&settings.scope, user))?
    }

    pub(super) fn settings(&self) -> Result<Settings, Error> {
        kept::load(&self.config, Path::new(RUNTIME))
    }

    pub(super) async fn verify_in_turn(&self, start: Instant, user: &str, password: &OwnedFd) -> Result<bool, Error> {
        let password = secret(password)?;
        let turn = timeout_at(start + TURN_MAX, self.turn.lock()).await;
        let _turn = turn.map_err(|_| Error::Unavailable("other calls took too long".to_owned()))?;
        let account = self.look_up(user)?;
        if account.verdict != Verdict::Eligible {
            return Ok(false);
        }
        let directory = Path::new(RUNTIME);
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
        // Nothing is awaited from here to the end.
        if !wanted.holds() {
            return Err(Error::Unavailable("it was let go while it waited".to_owned()));
        }
        let account = self.look_up(user)?;
        allowed(account, uid)?;
        let (directory, key) = (Path::new(RUNTIME), uid.to_string());
        tries::room(directory, Kind::Prepare, &key, tries::now())?;
        tries::refused(directory, Kind::Prepare, &key, tries::now())?;
        within(CHANGE_MAX, || prepared::prepare(user, account, password))??;
        tokio::spawn(async {
            sleep(prepared::KEPT_MAX).await;
            prepared::forget_old();
        });
        Ok(())
    }

    pub(super) async fn unlock_in_turn(&self, start: Instant, user: &str, uid: u32) -> Result<(), Error> {
        let turn = timeout_at(start + TURN_MAX, self.turn.lock()).await;
        let _turn = turn.map_err(|_| Error::Unavailable("other calls took too long".to_owned()))?;
        allowed(self.look_up(user)?, uid)?;
        let (directory, key) = (Path::new(RUNTIME), uid.to_string());
        tries::room(directory, Kind::Unlock, &key, tries::now())?;
        tries::refused(directory, Kind::Unlock, &key, tries::now())?;
        within(UNLOCK_MAX, || change::unlock(user))??;
        witnessed(What::Unlocked(Who::Uid(uid)));
        Ok(())
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
        self.look_around_of(bus, (user, uid), ssh_keys::count(&entry), end).await
    }

    async fn look_around_of(
        &self,
        bus: &Connection,
        (user, uid): (&str, u32),
        counted: Counted,
        end: bool,
    ) -> Result<Aftermath, Error> {
        let found = Aftermath { ssh_keys: counted.keys, ssh_unseen: !counted.whole, ..Aftermath::default() };
        // The agent requests it; the settings decide.
        if !end || !self.settings()?.recover.end_sessions {
            return Ok(found);
        }
        let sessions_ended = sessions::end(bus, uid).await.unwrap_or_else(|why| {
            tracing::error!(?user, uid, %why, "the account's sessions are not ended");
            0
        });
        Ok(Aftermath { sessions_ended, ..found })
    }

    /// Follows up a reset in the directory, see [`settle`]. `user` is the name on this host. With `end`,
    /// the account's sessions are ended, unless it has the uid in `end`. A password that is passed to sssd counts as in
    /// [`Self::outcome_in_turn`]: it reveals as much.
    ///
    /// The call does not take its turn among the calls about accounts of this host. Everything that waits for a network
    /// runs in children of this program and holds up none of those calls.
    pub(super) async fn settle_at_once(
        &self,
        start: Instant,
        bus: &Connection,
        (user, id): (&str, &str),
        password: &OwnedFd,
        end: Option<u32>,
    ) -> Result<Aftermath, Error> {
        let password = secret(password)?;
        let room = timeout_at(start + SETTLE_TURN_MAX, self.settling.acquire()).await;
        let _room = room.map_err(|_| Error::Unavailable("other calls took too long".to_owned()))?;
        let settings = self.settings()?;
        let local = self.look_up(user)?;
        let in_a_fleet = settings.fleet.is_on();
        if settings.directory.kind.is_none() && !in_a_fleet || local.verdict != Verdict::Unknown {
            return Err(Error::Refused("it is no account of a directory".to_owned()));
        }
        // A host of a fleet can't ask the directory; the fleet's server made the reset.
        let id = if in_a_fleet { user } else { id };
        if !in_a_fleet && !settle::is_served(bus, user, id).await? {
            return Err(Error::Refused(
                "the directory has another account of that name, or it is not served".to_owned(),
            ));
        }
        let directory = Path::new(RUNTIME);
        tries::room(directory, Kind::Settle, "all", tries::now())?;
        tries::refused(directory, Kind::Settle, "all", tries::now())?;
        witnessed(What::Settled(id.to_owned()));
        let Some(here) = settle::here(user).await? else {
            return Ok(Aftermath { refused_here: settle::has_sssd(), ssh_unseen: true, ..Aftermath::default() });
        };
        let uid = here.uid;
        if uid == 0 || uid < settings.scope.min_uid {
            return Err(Error::Refused(format!("here the account has uid {uid}")));
        }
        let ends = end.is_some_and(|but_for| but_for != uid);
        let found = self.look_around_of(bus, (user, uid), here.counted, ends).await?;
        if !settle::has_sssd() || start.elapsed() > SETTLE_BEGINS_MAX {
            return Ok(found);
        }
        // In a fleet, the uid on this host is the key, because one user's name has many spellings.
        let here = format!("uid-{uid}");
        let key = if in_a_fleet { here.as_str() } else { id };
        let counted = tries::room(directory, Kind::Verify, key, tries::now())
            .and_then(|()| tries::refused(directory, Kind::Verify, key, tries::now()));
        if let Err(why) = counted {
            tracing::warn!(?user, id, %why, "sssd is not asked about the new password: {why}");
            return Ok(found);
        }
        match settle::refuses(bus, user, &password).await {
            Ok(refused_here) => Ok(Aftermath { refused_here, ..found }),
            Err(why) => {
                tracing::error!(?user, id, %why, "whether sssd takes the new password is not known: {why}");
                Ok(found)
            }
        }
    }
}

pub(super) fn witness(what: What) -> Result<(), Error> {
    witness::add(Path::new(witness::FILE), what, witness::now())
}

/// Records a completed action. The action can't be undone if the record can't be written; the journal has it anyway.
pub(super) fn witnessed(what: What) {
    if let Err(why) = witness(what) {
        tracing::error!(%why, "what was done is in the journal alone: {why}");
    }
}

/// Checks that the account is served now, and is the one that the caller means.
pub(super) fn allowed(account: Account, uid: u32) -> Result<(), Error> {
    if account.verdict != Verdict::Eligible {
        return Err(Error::Refused(format!("the account is {:?}", account.verdict)));
    }
    if account.uid != uid {
        return Err(Error::Refused(format!("the account has uid {}", account.uid)));
    }
    Ok(())
}

/// The password from `fd`. It must be sealed, not empty, not too long, and without control characters, which no prompt
/// accepts.
pub(super) fn secret(fd: &OwnedFd) -> Result<Zeroizing<Vec<u8>>, Error> {
    sealed::read_password(fd, ANSWER_MAX).map_err(Error::BadSecret)
}

/// Checks that the lock of the user's own faillock tally is free. A user who holds it would hold up the helper for all
/// users.
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

/// The longest time that a call to this member can take and still be answered. While the hash of a quick change is
/// computed, the next call may come first, which takes that long at the most, too: but not where all is quick.
#[cfg(test)]
fn longest(member: &str) -> Duration {
    match member {
        "Account" | "Hindrance" => LOOK_UP_MAX,
        "Verify" => TURN_MAX + LOOK_UP_MAX + VERIFY_MAX,
        "Prepare" => TURN_MAX + LOOK_UP_MAX + CHANGE_MAX,
        "Change" => THERE_MAX + LOOK_UP_MAX + CHANGE_MAX + super::changing::LEAST,
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
