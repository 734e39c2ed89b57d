//! Who may begin, and how fast it goes: counted by where the user sits, before any account is looked up and for every name alike.

use std::time::Duration;

use sspr_config::dialogue::Purpose;
use zeroize::Zeroizing;

use super::{Ending, Stop, Talk};
use crate::{
    audit::Event,
    clock::Time,
    error::Error,
    limits::{self, Allowance},
    proof,
    session::Session,
    store::{SetBack, Tx},
};

/// The beat on which answers are said while too many codes are wrong on this machine: an attacker who guesses waits, and nobody for much
/// longer than otherwise.
const SLOW_BEAT: Duration = Duration::from_secs(1);

/// What is known before a reset asks anything.
#[derive(Debug)]
pub(super) enum Admission {
    /// It goes no further: too many begin there.
    Refused(Ending),
    /// It may; for so many seconds self-service of the account is suspended, whoever asks.
    Admitted(Option<Time>),
}

/// Counts a dialogue that begins.
pub(super) async fn counted(s: &Session) -> Result<Admission, Stop> {
    let mut tx = s.begin().await?;
    let refused = count(&mut tx, s, s.now()).await?;
    let admission = admitted(&mut tx, s, refused).await?;
    tx.commit().await?;
    Ok(admission)
}

async fn admitted(tx: &mut Tx<'_>, s: &Session, refused: Option<Ending>) -> Result<Admission, Error> {
    Ok(match refused {
        Some(ending) => Admission::Refused(ending),
        None => Admission::Admitted(proof::rest(tx, s).await?),
    })
}

async fn count(tx: &mut Tx<'_>, s: &Session, now: Time) -> Result<Option<Ending>, Error> {
    SetBack::settle_if_noticed(tx, now).await?;
    let allowance = limits::start(tx, &s.settings.limits, &s.keys, &s.caller().source, now).await?;
    refusal(tx, s, allowance, now).await
}

/// Counts a look at what is registered, which uses up no start: a shell looks each time that it opens.
pub(super) async fn looks(s: &Session) -> Result<Option<Ending>, Stop> {
    let mut tx = s.begin().await?;
    let now = s.now();
    let allowance = limits::look(&mut tx, &s.keys, &s.caller().source, now).await?;
    tx.commit().await?;
    // Not recorded: the one record an hour of a source is for resets.
    Ok(match allowance {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => Some(too_many(s, seconds)),
    })
}

/// Whether a recovery may begin, which counts nothing yet: a program that presses Enter at every question uses up nobody's tries.
/// See [`heard`].
pub(super) async fn not_counted_yet(s: &Session) -> Result<Admission, Stop> {
    let mut tx = s.begin().await?;
    let now = s.now();
    SetBack::settle_if_noticed(&mut tx, now).await?;
    let allowance = limits::may_start(&mut tx, &s.settings.limits, &s.keys, &s.caller().source, now).await?;
    let refused = refusal(&mut tx, s, allowance, now).await?;
    let admission = admitted(&mut tx, s, refused).await?;
    tx.commit().await?;
    Ok(admission)
}

async fn refusal(tx: &mut Tx<'_>, s: &Session, allowance: Allowance, now: Time) -> Result<Option<Ending>, Error> {
    let Allowance::Wait(seconds) = allowance else { return Ok(None) };
    if limits::start_note(tx, &s.keys, &s.caller().source, now).await? {
        s.record(Event::Refused, "too many tries from this source");
    }
    Ok(Some(too_many(s, seconds)))
}

fn too_many(s: &Session, seconds: Time) -> Ending {
    let time = s.texts.span(seconds);
    Ending::refused(s.say_with("too-many-starts", &[("time", time.as_str().into())]))
}

/// Asks a user who has not proved anything yet, and takes the answer as it is. The first answer that is not empty begins a
/// recovery, as far as limits are concerned.
pub(super) async fn heard(
    talk: &mut Talk,
    s: &Session,
    text: impl Into<String>,
    prompt: impl Into<String>,
) -> Result<Zeroizing<Vec<u8>>, Stop> {
    let answer = talk.anything(text, prompt, s.attempt.by_length()).await?;
    if s.purpose() != Purpose::Recover || answer.is_empty() {
        return Ok(answer);
    }
    let (begins, paced) = (talk.begins(), talk.keeps_time());
    if !begins && !paced {
        return Ok(answer);
    }
    let mut tx = s.begin().await?;
    let now = s.now();
    let refused = if begins { count(&mut tx, s, now).await? } else { None };
    let slow = paced && limits::many_failures(&mut tx, &s.settings.limits, &s.keys, &s.caller().source, now).await?;
    tx.commit().await?;
    if let Some(ending) = refused {
        return Err(Stop::Over(ending));
    }
    if paced {
        talk.keep_time(Some(if slow { SLOW_BEAT } else { super::BEAT }));
    }
    Ok(answer)
}
