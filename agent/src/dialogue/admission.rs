//! Who may begin, and how fast it goes: counted by where the user sits, before any account is looked up and for every name alike.

use std::time::Duration;

use sspr_config::dialogue::Purpose;
use zeroize::Zeroizing;

use super::{Ending, Stop, Talk};
use crate::{
    audit::{self, Event},
    clock::Time,
    doors::Doors,
    error::Error,
    limits::{self, Allowance},
    proof::Case,
    store::{Tx, set_back},
};

/// The beat on which answers are said while too many codes are wrong on this machine: an attacker who guesses waits, and nobody for much
/// longer than otherwise.
const SLOW_BEAT: Duration = Duration::from_secs(1);

/// Counts a dialogue that begins.
pub(super) async fn counted(doors: &Doors, case: &Case) -> Result<Option<Ending>, Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let ending = count(&mut tx, doors, case, doors.clock.now()).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(ending)
}

async fn count(tx: &mut Tx<'_>, doors: &Doors, case: &Case, now: Time) -> Result<Option<Ending>, Error> {
    set_back::settle_if_noticed(tx, now).await?;
    let allowance = limits::start(tx, &doors.settings.limits, &doors.keys, &case.caller.source, now).await?;
    refusal(tx, doors, case, allowance, now).await
}

/// Counts a look at what is registered, which uses up no start: a shell looks each time that it opens.
pub(super) async fn looks(doors: &Doors, case: &Case) -> Result<Option<Ending>, Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let now = doors.clock.now();
    let allowance = limits::look(&mut tx, &doors.keys, &case.caller.source, now).await?;
    tx.commit().await.map_err(Error::from)?;
    // Not recorded: the one record an hour of a source is for resets.
    Ok(match allowance {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => Some(too_many(doors, seconds)),
    })
}

/// Whether a recovery may begin, which counts nothing yet: a program that presses Enter at every question uses up nobody's tries.
/// See [`heard`].
pub(super) async fn not_counted_yet(doors: &Doors, case: &Case) -> Result<Option<Ending>, Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let now = doors.clock.now();
    set_back::settle_if_noticed(&mut tx, now).await?;
    let allowance = limits::may_start(&mut tx, &doors.settings.limits, &doors.keys, &case.caller.source, now).await?;
    let ending = refusal(&mut tx, doors, case, allowance, now).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(ending)
}

async fn refusal(
    tx: &mut Tx<'_>,
    doors: &Doors,
    case: &Case,
    allowance: Allowance,
    now: Time,
) -> Result<Option<Ending>, Error> {
    let Allowance::Wait(seconds) = allowance else { return Ok(None) };
    if limits::start_note(tx, &doors.keys, &case.caller.source, now).await? {
        audit::record(Event::Refused, case, &case.caller, "too many tries from this source");
    }
    Ok(Some(too_many(doors, seconds)))
}

fn too_many(doors: &Doors, seconds: Time) -> Ending {
    let time = doors.texts.span(seconds);
    Ending::refused(doors.texts.say("too-many-starts", &[("time", time.as_str().into())]))
}

/// Asks a user who has not proved anything yet, and takes the answer as it is. The first answer that is not empty begins a
/// recovery, as far as limits are concerned.
pub(super) async fn heard(
    talk: &mut Talk,
    doors: &Doors,
    case: &Case,
    text: impl Into<String>,
    prompt: impl Into<String>,
) -> Result<Zeroizing<Vec<u8>>, Stop> {
    let answer = talk.anything(text, prompt, case.by_length()).await?;
    if case.purpose != Purpose::Recover || answer.is_empty() {
        return Ok(answer);
    }
    let (begins, paced) = (talk.begins(), talk.keeps_time());
    if !begins && !paced {
        return Ok(answer);
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let now = doors.clock.now();
    let refused = if begins { count(&mut tx, doors, case, now).await? } else { None };
    let slow =
        paced && limits::many_failures(&mut tx, &doors.settings.limits, &doors.keys, &case.caller.source, now).await?;
    tx.commit().await.map_err(Error::from)?;
    if let Some(ending) = refused {
        return Err(Stop::Over(ending));
    }
    if paced {
        talk.keep_time(Some(if slow { SLOW_BEAT } else { super::BEAT }));
    }
    Ok(answer)
}
