//! Proof that a new authenticator app works, before it is registered. Its secret waits, sealed, in a challenge of the
//! registration: a dropped connection shows the same picture again, and the proof is a stored one like any other.

use sspr_config::settings::Method;
use zeroize::Zeroizing;

use crate::{
    clock::Time,
    error::{Error, Result},
    keys::Tag,
    proof::{self, Answered, failing},
    random,
    session::Session,
    store::{Challenges, challenges::NewChallenge},
    totp::{self, Secret},
};

/// How long a user may take to set the app up.
const KEPT: Time = 900;

/// An app that is being set up.
#[derive(Debug)]
pub struct Pending {
    challenge: String,
    /// What the app has to know.
    pub secret: Secret,
}

/// What became of a code that the app showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Right, and of this time step.
    Right(i64),
    /// Wrong; so many tries are left.
    Wrong(i64),
    /// It took too long; the app has to be set up anew.
    Expired,
    /// Registering rests for so many seconds.
    Resting(Time),
}

/// The app that is being set up in this dialogue, over an earlier connection from the same place maybe. A secret that was shown
/// elsewhere may be known to an attacker who has only the password.
pub async fn pending(s: &Session) -> Result<Option<Pending>> {
    let Some(open) = proof::open_challenge(s, Some(Method::App)).await? else { return Ok(None) };
    if open.way != way(s) {
        return Ok(None);
    }
    let Some(sealed) = &open.destination else { return Ok(None) };
    let plain = s.keys.open(&proof::destination_context(s, &open.id), sealed)?;
    let secret = Zeroizing::new(plain.as_slice().try_into().map_err(|_| Error::Sealed)?);
    Ok(Some(Pending { challenge: open.id, secret }))
}

/// For whom and where an app is set up.
pub(crate) fn way(s: &Session) -> Tag {
    s.keys.mac("new app", &[s.attempt.account.tag(), s.caller().source.as_bytes()])
}

/// Begins to set an app up, with a new secret.
pub async fn begin(s: &Session) -> Result<Pending> {
    let now = s.now();
    let random = s.random.as_ref();
    let (id, secret) = (random::handle(random)?, totp::secret(random)?);
    let sealed = s.keys.seal(random, &proof::destination_context(s, &id), secret.as_ref())?;
    let way = way(s);
    // No code was sent that could be typed: only what the app shows is right.
    let code = s.keys.mac("no code", &[random::handle(random)?.as_bytes()]);
    let new = NewChallenge {
        id: &id,
        account: s.attempt.account.tag(),
        purpose: s.purpose().as_str(),
        method: Method::App.as_str(),
        contact: None,
        destination: Some(&sealed),
        code: &code,
        way: &way,
        asked: &way,
        created: now,
        expires: now + KEPT,
        tries: s.settings.code.tries,
    };
    let mut tx = s.begin().await?;
    Challenges::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(Pending { challenge: id, secret })
}

/// Looks at a code that the app is said to show. The try and the failure are written in the same transaction as the verdict,
/// and the proof belongs to this dialogue alone.
pub async fn answer(s: &Session, pending: &Pending, typed: &str) -> Result<Shown> {
    let now = s.now();
    let (tag, purpose) = (s.attempt.account.tag(), s.purpose().as_str());
    let mut tx = s.begin().await?;
    if let Some(seconds) = proof::rest(&mut tx, s).await? {
        return Ok(Shown::Resting(seconds));
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
        Answered::Resting(seconds) => Shown::Resting(seconds),
        _ => Shown::Wrong(left),
    })
}
