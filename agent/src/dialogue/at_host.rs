//! A sign-in with name and password on a host of the fleet. The server does not trust the host: it has the directory
//! check the typed password before it looks up anything. Without a correct password, every name gets the same answer: no
//! question and no text.

use std::time::Duration;

use sspr_config::{
    dialogue::ANSWER_MAX,
    settings::{Enable, RegisterMode},
};
use tokio::time::Instant;

use super::{Conversation, Stop};
use crate::{
    audit::Event,
    limits::{self, Claim, SignIn},
    session::Session,
};

/// How long all calls to the directory before the first question may take. The host waits a little longer.
const PATIENCE: Duration = Duration::from_millis(650);

/// How long the first step waits for another sign-in of the same user that is in progress. If registration is required, a
/// user who signs in twice at once is asked twice, if the directory is quick. A host asks the next server after 300 ms.
const FOR_ANOTHER: Duration = Duration::from_millis(120);
/// The interval at which it looks.
const AGAIN: Duration = Duration::from_millis(40);
/// How long the directory's program may be busy with a password after nobody waits for the answer any more: it holds back
/// the answer about a wrong one.
const BUSY_AFTER: Duration = Duration::from_secs(2);

/// The reasons in the audit trail. `sspr-directory` holds back the answer about a wrong password for longer than a
/// sign-in waits, so it usually counts as late.
const WRONG: &str = "the password of a sign-in on a host is wrong";
const LATE: &str = "the password of a sign-in on a host was not verified in time";
const FAILED: &str = "the password of a sign-in on a host can't be verified";
const UNKNOWN: &str = "the account of a sign-in on a host was not looked up in time";
const TOO_MANY: &str = "too many passwords of sign-ins on this host were not verified";

/// A sign-in whose password is correct.
pub(super) struct Verified {
    /// Until when the directory may be asked more.
    pub(super) by: Instant,
    sign_in: SignIn,
}

/// Has the directory check the password. `None`: the user is asked nothing.
pub(super) async fn verified(conversation: &mut Conversation, s: &Session) -> Result<Option<Verified>, Stop> {
    let Some(host) = &s.caller().host else { return Ok(None) };
    let settings = &s.settings;
    if settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None {
        return Ok(None);
    }
    if !may_be_tried(s, host, Instant::now() + FOR_ANOTHER).await? {
        return Ok(None);
    }
    s.targets.wake(s.name());
    let password = conversation.typed_password().await?;
    let by = Instant::now() + PATIENCE;
    if password.is_empty() || password.len() > ANSWER_MAX {
        return Ok(None);
    }
    // Beyond its share, a sign-in is asked nothing, and its password is not tried: resets need the directory as well.
    let Ok(share) = s.sign_ins.clone().try_acquire_owned() else { return Ok(None) };
    let Some(sign_in) = claimed(s, host, by).await? else { return Ok(None) };
    let answer = tokio::select! {
        biased;
        answer = s.targets.verify(s.name(), &password) => Some(answer),
        () = s.clock.until(by) => None,
    };
    let why = match answer {
        Some(Ok(true)) => {
            let mut tx = s.begin().await?;
            sign_in.was_right(&mut tx).await?;
            tx.commit().await?;
            return Ok(Some(Verified { by, sign_in }));
        }
        Some(Ok(false)) => WRONG,
        Some(Err(error)) => {
            tracing::warn!(%error, "nobody is asked to register at this sign-in on a host: {error}");
            FAILED
        }
        None => {
            tokio::spawn(async move {
                tokio::time::sleep(BUSY_AFTER).await;
                drop(share);
            });
            LATE
        }
    };
    s.record(Event::Refused, why);
    Ok(None)
}

/// Claims a try. `None`: the password may not be tried, or it is too late.
async fn claimed(s: &Session, host: &str, by: Instant) -> Result<Option<SignIn>, Stop> {
    while Instant::now() < by && may_be_tried(s, host, by).await? {
        let sign_in = SignIn::new(&s.keys, host, s.attempt.account.tag(), s.now());
        let mut tx = s.begin().await?;
        let claim = sign_in.claim(&mut tx, &s.settings.limits).await?;
        tx.commit().await?;
        if claim == Claim::Granted {
            let in_time = Instant::now() < by;
            if !in_time {
                s.record(Event::Refused, LATE);
            }
            return Ok(in_time.then_some(sign_in));
        }
    }
    Ok(None)
}

/// Whether a password may be tried. Waits until `by` for a try that is in progress.
async fn may_be_tried(s: &Session, host: &str, by: Instant) -> Result<bool, Stop> {
    loop {
        match known(s, host).await? {
            Claim::UnderWay if Instant::now() < by => s.clock.until(Instant::now() + AGAIN).await,
            claim => return Ok(claim == Claim::Granted),
        }
    }
}

/// Whether a password may be tried. It only reads, so a sign-in with nothing to ask does not wait for writers.
async fn known(s: &Session, host: &str) -> Result<Claim, Stop> {
    let now = s.now();
    let mut tx = s.begin_to_read().await?;
    let sign_in = SignIn::new(&s.keys, host, s.attempt.account.tag(), now);
    let claim = sign_in.may_be_claimed(&mut tx, &s.settings.limits).await?;
    let noted = limits::host_is_noted(&mut tx, (&s.keys, host), now).await?;
    tx.commit().await?;
    if claim == Claim::TooMany && !noted {
        let mut tx = s.begin().await?;
        let first = limits::host_note(&mut tx, (&s.keys, host), now).await?;
        tx.commit().await?;
        if first {
            s.record(Event::Refused, TOO_MANY);
        }
    }
    Ok(claim)
}

/// Records that the account was not looked up, although the password is correct.
pub(super) fn not_looked_up(s: &Session) {
    if s.caller().is_of_the_fleet() {
        s.record(Event::Refused, UNKNOWN);
    }
}

impl Verified {
    /// Removes the claim before a question is asked, so that the next sign-in may be asked as well.
    pub(super) async fn leads_to_a_question(&self, s: &Session) -> Result<(), Stop> {
        let mut tx = s.begin().await?;
        self.sign_in.leads_to_a_question(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}
