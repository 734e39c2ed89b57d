//! Proof that a new authenticator app works, before it is registered. Its secret waits, sealed, in a challenge of the
//! registration. After a dropped connection, the same picture is shown again, and the proof is a stored one like any
//! other.

use sspr_config::settings::Method;
use zeroize::Zeroizing;

use super::{Answered, Pause, destination_context, failing, open_challenge, suspended};
use crate::{
    clock::Time,
    error::{Error, Result},
    keys::Tag,
    random,
    session::Session,
    store::{Challenges, challenges::NewChallenge},
    totp::{self, Secret},
};

/// How many seconds a user may take to set up the app.
const KEPT: Time = 900;

/// An app that is being set up.
#[derive(Debug)]
pub struct Pending {
    challenge: String,
    /// The secret for the app.
    pub secret: Secret,
}

/// The result of a code that the app showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Correct, and for this time step.
    Right(i64),
    /// Wrong; this many tries are left.
    Wrong(i64),
    /// Expired; the app has to be set up again.
    Expired,
    /// Registering is suspended.
    Suspended(Pause),
}

/// The app that is being set up in this dialogue, or was over an earlier connection from the same source. A secret
/// that was shown elsewhere may be known to an attacker who has only the password.
pub async fn pending(s: &Session) -> Result<Option<Pending>> {
    let Some(open) = open_challenge(s, Some(Method::App)).await? else { return Ok(None) };
    if open.route_key != route_key(s) {
        return Ok(None);
    }
    let Some(sealed) = &open.destination else { return Ok(None) };
    let plain = s.keys.open(&destination_context(s, &open.id), sealed)?;
    let secret = Zeroizing::new(plain.as_slice().try_into().map_err(|_| Error::Sealed)?);
    Ok(Some(Pending { challenge: open.id, secret }))
}

/// The user and the source for which an app is set up.
pub(crate) fn route_key(s: &Session) -> Tag {
    s.keys.mac("new app", &[s.attempt.account.tag(), s.caller().source.as_bytes()])
}

/// Starts to set up an app, with a new secret.
pub async fn begin(s: &Session) -> Result<Pending> {
    let now = s.now();
    let random = s.random.as_ref();
    let (id, secret) = (random::handle(random)?, totp::secret(random)?);
    let sealed = s.keys.seal(random, &destination_context(s, &id), secret.as_ref())?;
    let route_key = route_key(s);
    // No code was sent, so only a code of the app is correct.
    let code = s.keys.mac("no code", &[random::handle(random)?.as_bytes()]);
    let new = NewChallenge {
        id: &id,
        account: s.attempt.account.tag(),
        purpose: s.purpose().as_str(),
        method: Method::App.as_str(),
        contact: None,
        destination: Some(&sealed),
        code: &code,
        route_key: &route_key,
        cooldown_key: &route_key,
        created: now,
        expires: now + KEPT,
        tries: s.settings.code.tries,
    };
    let mut tx = s.begin().await?;
    Challenges::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(Pending { challenge: id, secret })
}

/// Checks a code of the app. The try and the failure are written in the same transaction as the verdict, and the proof
/// belongs only to this dialogue.
pub async fn answer(s: &Session, pending: &Pending, typed: &str) -> Result<Shown> {
    let now = s.now();
    let (tag, purpose) = (s.attempt.account.tag(), s.purpose().as_str());
    let mut tx = s.begin().await?;
    if let Some(seconds) = suspended(&mut tx, s).await? {
        return Ok(Shown::Suspended(Pause::Account(seconds)));
    }
    if Challenges::open_by_id(&mut tx, tag, purpose, &pending.challenge, &s.source(), now).await?.is_none() {
        return Ok(Shown::Expired);
    }
    if let Some(step) = totp::check(&pending.secret, typed, now, 0) {
        if !Challenges::prove(&mut tx, &pending.challenge, &s.attempt.dialogue, now).await? {
            return Ok(Shown::Expired);
        }
        tx.commit().await?;
        return Ok(Shown::Right(step));
    }
    Challenges::take_tries(&mut tx, tag, purpose, Some(Method::App.as_str()), &s.source(), now).await?;
    let failed = failing::count(&mut tx, s, now).await?;
    let left = Challenges::tries_left(&mut tx, &pending.challenge).await?;
    tx.commit().await?;
    Ok(match failed.tell(s, left) {
        Answered::Suspended(pause) => Shown::Suspended(pause),
        _ => Shown::Wrong(left),
    })
}
