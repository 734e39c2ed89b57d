//! The helper on the bus: checks the caller, has one call at a time use PAM, and exits when idle.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sspr_config::{
    activity::Activity,
    bus::{CREDENTIAL, CREDENTIAL_PATH},
    dialogue::ANSWER_MAX,
    sealed,
};
use sspr_machine::{
    serve::{admit, on_demand},
    witness,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};
use zbus::{Connection, OwnedFd, message::Header};

use self::calls::LOOK_UP_MAX;
use super::{
    Account, Change, Error, PAM_SERVICE, RUNTIME, Verdict, directory, hindered, prepared, publish, vouch,
    within::within,
};

mod calls;
mod changing;

/// How long the answer takes if the password is wrong or the account is not eligible: the default delay of `pam_unix`,
/// with enough room for the slowest hash.
const WRONG_TAKES: Duration = Duration::from_secs(2);
/// The most resets in the directory that are followed up at once. Each may have a child, which takes memory.
const SETTLING_AT_ONCE: usize = 4;

/// The helper's address and settings.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// D-Bus address.
    pub(crate) bus: String,
    /// The settings file.
    pub(crate) config: PathBuf,
    /// The helper exits after this long without a call.
    pub(crate) idle: Duration,
}

/// Serves until no call has come for `options.idle`. Needs a tokio runtime with one thread.
pub(crate) async fn run(options: Options) -> zbus::Result<()> {
    let activity = Arc::new(Activity::new());
    let helper = Helper {
        config: options.config,
        activity: Arc::clone(&activity),
        turn: tokio::sync::Mutex::new(()),
        settling: Semaphore::new(SETTLING_AT_ONCE),
        vouching: vouch::Shared::default(),
    };
    let ended = on_demand(&options.bus, (CREDENTIAL, CREDENTIAL_PATH), helper, &activity, options.idle).await;
    prepared::forget_all();
    ended
}

struct Helper {
    config: PathBuf,
    activity: Arc<Activity>,
    /// Held by the one call that uses PAM in this process.
    turn: tokio::sync::Mutex<()>,
    /// Limits the calls that wait for a network in a child to [`SETTLING_AT_ONCE`].
    settling: Semaphore,
    vouching: vouch::Shared,
}

#[zbus::interface(interface = "org.pam_sspr.Credential1")]
impl Helper {
    #[zbus(out_args("uid", "verdict", "admin", "faillock_locked"))]
    async fn account(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
    ) -> Result<(u32, u8, bool, bool), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        // The log omits the name: users type passwords at name prompts by mistake, and this is called for every name.
        let account = self.look_up(&user).inspect_err(|why| tracing::error!(%why, "account"))?;
        Ok((account.uid, account.verdict.to_wire(), account.admin, account.faillock_locked))
    }

    #[zbus(out_args("right"))]
    async fn verify(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        password: OwnedFd,
    ) -> Result<bool, Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        admit(bus, &header).await?;
        let outcome = self.verify_in_turn(start, &user, &password).await;
        match &outcome {
            Ok(right) => tracing::info!(?user, right, "verify"),
            Err(why) => tracing::error!(?user, %why, "verify: {why}"),
        }
        if !matches!(outcome, Ok(true)) {
            sleep_until(start + WRONG_TAKES).await;
        }
        outcome
    }

    /// Serves the module, which is root: see [`vouch`].
    #[zbus(out_args("right"))]
    async fn vouch(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        password: OwnedFd,
    ) -> Result<bool, Error> {
        let _busy = self.activity.call();
        // The call begins before the caller is known, so that all calls that wait meanwhile get the same answer.
        let call = self.vouching.call();
        if admit(bus, &header).await? != 0 {
            return Err(Error::Denied("only root may ask that".to_owned()));
        }
        // The password is compared exactly as typed: it may contain characters that our prompts refuse in a new one.
        let password = sealed::read(&password, ANSWER_MAX).map_err(|why| Error::BadSecret(why.to_string()))?;
        let mut computed = false;
        let mut look = |account: Account| {
            let is_right = || {
                computed = true;
                vouch::is_right(&user, &password)
            };
            Ok(account.verdict == Verdict::Eligible && call.is_right(&user, &password, is_right)?)
        };
        let settings = self.settings();
        let right = match self.look_up(&user) {
            // The user is not in this machine's files.
            Ok(Account { verdict: Verdict::Unknown, .. }) if settings.is_ok_and(|s| s.directory.kind.is_some()) => {
                directory::is_right(bus, &user, &password).await
            }
            Ok(account) => look(account),
            Err(why) => Err(why),
        };
        match &right {
            Ok(right) => tracing::info!(?user, right, computed, "vouch"),
            Err(why) => tracing::warn!(?user, %why, "vouch: nobody is asked to register at this sign-in: {why}"),
        }
        right
    }

    /// Why no password can be set, as this process finds it in its own sandbox; empty if nothing is known. Names no
    /// account.
    #[zbus(out_args("why"))]
    async fn hindrance(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        Ok(within(LOOK_UP_MAX, || hindered::why_not(PAM_SERVICE))?.unwrap_or_default())
    }

    async fn publish(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        publish::publish(&self.settings()?, Path::new(RUNTIME))
            .inspect_err(|why| tracing::error!(%why, "publish: {why}"))
    }

    /// Prepares a change without reporting the finding: see [`prepared`].
    async fn prepare(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        uid: u32,
        new_password: OwnedFd,
    ) -> Result<(), Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        // The call begins before any wait, so that a later call to forget finds it.
        let wanted = prepared::want(&user);
        admit(bus, &header).await?;
        let done = self.prepare_in_turn(start, &wanted, &user, uid, &new_password).await;
        if let Err(why) = &done {
            tracing::debug!(?user, uid, %why, "not prepared: {why}");
        }
        done
    }

    async fn forget(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
    ) -> Result<(), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        prepared::forget(&user);
        Ok(())
    }

    #[zbus(out_args("outcome", "reason"))]
    async fn change(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        uid: u32,
        new_password: OwnedFd,
    ) -> Result<(u8, String), Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        admit(bus, &header).await?;
        let still_there = admit(bus, &header);
        let outcome = self.change_in_turn(start, still_there, &user, uid, &new_password).await;
        match &outcome {
            Ok(Change::Changed) => tracing::info!(?user, uid, "changed"),
            Ok(Change::ChangedWithWarning(why)) => tracing::warn!(?user, uid, why, "changed, but: {why}"),
            Ok(Change::Refused(reason)) => tracing::info!(?user, uid, reason, "new password refused"),
            Ok(Change::Same) => tracing::info!(?user, uid, "new password refused: it is the current one"),
            Err(why) => tracing::error!(?user, uid, %why, "change: {why}"),
        }
        outcome.map(Change::to_wire)
    }

    /// Whether a change was made, for a caller that requested it and got no answer: the helper may have been killed
    /// during the change.
    #[zbus(out_args("changed"))]
    async fn outcome(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        uid: u32,
        new_password: OwnedFd,
    ) -> Result<bool, Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        admit(bus, &header).await?;
        let outcome = self.outcome_in_turn(start, &user, uid, &new_password).await;
        match &outcome {
            Ok(changed) => tracing::warn!(?user, uid, changed, "looked what came of a change"),
            Err(why) => tracing::error!(?user, uid, %why, "looking what came of a change: {why}"),
        }
        outcome
    }

    /// Records the head of the agent's audit trail where the agent can't change it later.
    async fn witness(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        row: i64,
        chain: String,
    ) -> Result<(), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        witness::add_head(Path::new(witness::FILE), row, &chain, witness::now())
            .inspect_err(|why| tracing::error!(%why, "witness: {why}"))
    }

    async fn unlock(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        uid: u32,
    ) -> Result<(), Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        admit(bus, &header).await?;
        let outcome = self.unlock_in_turn(start, &user, uid).await;
        match &outcome {
            Ok(()) => tracing::info!(?user, uid, "unlocked"),
            Err(why) => tracing::error!(?user, uid, %why, "unlock"),
        }
        outcome
    }

    #[zbus(out_args("sessions_ended", "ssh_keys", "ssh_unseen"))]
    async fn aftermath(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        uid: u32,
        end_sessions: bool,
    ) -> Result<(u32, u32, bool), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let found = self.look_around(bus, &user, uid, end_sessions).await;
        match &found {
            Ok(found) => {
                tracing::info!(?user, uid, found.sessions_ended, found.ssh_keys, found.ssh_unseen, "aftermath");
            }
            Err(why) => tracing::error!(?user, uid, %why, "aftermath"),
        }
        found.map(|found| (found.sessions_ended, found.ssh_keys, found.ssh_unseen))
    }

    /// Follows up a password that was just set in a directory; see [`settle`](crate::settle).
    #[zbus(out_args("refused_here", "sessions_ended", "ssh_keys", "ssh_unseen"))]
    #[allow(clippy::too_many_arguments, reason = "as the message has it")]
    async fn settle(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        id: String,
        new_password: OwnedFd,
        end_sessions: bool,
        but_for: u32,
    ) -> Result<(bool, u32, u32, bool), Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        admit(bus, &header).await?;
        let end = end_sessions.then_some(but_for);
        let found = self.settle_at_once(start, bus, (&user, &id), &new_password, end).await;
        match &found {
            Ok(found) => tracing::info!(
                ?user,
                id,
                found.refused_here,
                found.sessions_ended,
                found.ssh_keys,
                found.ssh_unseen,
                "settled"
            ),
            Err(why) => tracing::error!(?user, id, %why, "settle: {why}"),
        }
        found.map(|found| (found.refused_here, found.sessions_ended, found.ssh_keys, found.ssh_unseen))
    }
}
