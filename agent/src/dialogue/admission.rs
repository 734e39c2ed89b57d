//! Decides which dialogues may begin, and at what pace. Attempts are counted by the user's source, before any account
//! is looked up, and for every name alike. Also decides which accounts may recover; that is looked up only after a
//! proof.

use std::time::Duration;

use sspr_config::{dialogue::Purpose, names, settings::Enable};
use zeroize::Zeroizing;

use super::{Conversation, Ending, Stop};
use crate::{
    audit::Event,
    clock::Time,
    credential::Verdict,
    error::Error,
    limits::{self, Allowance},
    proof::{self, Needed},
    session::Session,
    store::{ClockJump, Tx},
};

/// The beat of a recovery's steps until the user has proved the identity. It is longer than the work of a step usually
/// takes, including a mail to a nearby server. So the timing does not show whether the store found anything, what the
/// helper answered, or whether a message was sent.
pub(super) const BEAT: Duration = Duration::from_millis(100);

/// The beat while there are too many wrong codes on this machine: an attacker who guesses has to wait, and no user
/// waits much longer than usual.
const SLOW_BEAT: Duration = Duration::from_secs(1);

/// The decision before a reset asks anything.
#[derive(Debug)]
pub(super) enum Admission {
    /// It may not begin: too many attempts came from this source.
    Refused(Ending),
    /// It may begin. Self-service of the account is suspended for this many seconds, for any caller.
    Admitted(Option<Time>),
}

/// Counts a dialogue at its beginning.
pub(super) async fn counted(s: &Session) -> Result<Admission, Stop> {
    let mut tx = s.begin().await?;
    let refused = count(&mut tx, s, s.now()).await?;
    let admission = suspended(&mut tx, s, refused).await?;
    tx.commit().await?;
    Ok(admission)
}

async fn suspended(tx: &mut Tx<'_>, s: &Session, refused: Option<Ending>) -> Result<Admission, Error> {
    Ok(match refused {
        Some(ending) => Admission::Refused(ending),
        None => Admission::Admitted(proof::suspended(tx, s).await?),
    })
}

async fn count(tx: &mut Tx<'_>, s: &Session, now: Time) -> Result<Option<Ending>, Error> {
    ClockJump::settle_if_noticed(tx, now).await?;
    let allowance = match of_its_host(tx, s, now, true).await? {
        Allowance::Granted => limits::start(tx, &s.settings.limits, &s.keys, &s.caller().source, now).await?,
        wait @ Allowance::Wait(_) => wait,
    };
    refusal(tx, s, allowance, now).await
}

/// Counts a look at the registration. It does not count as an attempt, because a shell looks each time it opens.
pub(super) async fn looks(s: &Session) -> Result<Option<Ending>, Stop> {
    let mut tx = s.begin().await?;
    let now = s.now();
    let allowance = limits::look(&mut tx, &s.keys, &s.caller().source, now).await?;
    tx.commit().await?;
    // Not recorded: the one record per hour and source is for resets.
    Ok(match allowance {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => Some(too_many(s, seconds)),
    })
}

/// Decides whether a recovery may begin, without counting it yet: a program that presses Enter at every question uses
/// up no attempts. See [`heard`].
pub(super) async fn not_counted_yet(s: &Session) -> Result<Admission, Stop> {
    let now = s.now();
    // Most recoveries may begin. Then nothing is written, and no writer is kept waiting.
    let mut tx = s.begin_to_read().await?;
    let usual = !ClockJump::is_noticed(&mut tx, now).await?
        && s.caller().host.is_none()
        && limits::may_start(&mut tx, &s.settings.limits, &s.keys, &s.caller().source, now).await?
            == Allowance::Granted;
    if usual {
        let admission = suspended(&mut tx, s, None).await?;
        tx.commit().await?;
        return Ok(admission);
    }
    tx.commit().await?;
    let mut tx = s.begin().await?;
    ClockJump::settle_if_noticed(&mut tx, now).await?;
    let allowance = match of_its_host(&mut tx, s, now, false).await? {
        Allowance::Granted => limits::may_start(&mut tx, &s.settings.limits, &s.keys, &s.caller().source, now).await?,
        wait @ Allowance::Wait(_) => wait,
    };
    let refused = refusal(&mut tx, s, allowance, now).await?;
    let admission = suspended(&mut tx, s, refused).await?;
    tx.commit().await?;
    Ok(admission)
}

/// Whether the host of the fleet through which the user speaks, if there is one, may begin one more.
async fn of_its_host(tx: &mut Tx<'_>, s: &Session, now: Time, counts: bool) -> Result<Allowance, Error> {
    let Some(host) = &s.caller().host else { return Ok(Allowance::Granted) };
    let allowance = limits::host_start(tx, &s.settings.limits, (&s.keys, host), now, counts).await?;
    if allowance != Allowance::Granted && limits::host_note(tx, (&s.keys, host), now).await? {
        s.record(Event::Refused, "too many tries through this host");
    }
    Ok(allowance)
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

/// Asks a user who has not proved anything yet, and returns the unchanged answer. For the limits, the recovery begins
/// with the first answer that is not empty.
pub(super) async fn heard(
    conversation: &mut Conversation,
    s: &Session,
    text: impl Into<String>,
    prompt: impl Into<String>,
) -> Result<Zeroizing<Vec<u8>>, Stop> {
    let answer = conversation.anything(text, prompt, s.attempt.by_length()).await?;
    if s.purpose() != Purpose::Recover || answer.is_empty() {
        return Ok(answer);
    }
    let (begins, paced) = (conversation.begins(), conversation.keeps_time());
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
        conversation.keep_time(Some(if slow { SLOW_BEAT } else { BEAT }));
    }
    Ok(answer)
}

/// An account that may recover.
#[derive(Debug)]
pub(super) struct Admitted {
    /// The required proof.
    pub(super) needed: Needed,
    /// Whether too many wrong passwords have locked it.
    pub(super) locked: bool,
}

/// Reads the account's current state. `None`: it may not recover, whatever was proved. The account need not be
/// registered: a code from the help desk is enough. A registration under the same name but for another id proves
/// nothing.
pub(super) async fn admitted(s: &Session) -> Result<Option<Admitted>, Stop> {
    let scope = &s.settings.scope;
    // The helper decides by the settings in the files, or by the last valid ones if the files have a mistake. An
    // account that the agent's own settings exclude by name is excluded as well.
    let far = s.targets.is_far(s.name());
    // The names of a host's own accounts are for its own settings; the name here may be another's.
    let is_a_hosts = s.name().host().is_some();
    // The name may be written in any form that the host accepts.
    let is_theirs = |entry: &String| {
        let name = s.name().name;
        if far { names::folded(entry, &s.settings.directory.domains) == name } else { entry == name }
    };
    if scope.enable == Enable::None || !is_a_hosts && scope.exclude.iter().any(is_theirs) {
        return Ok(None);
    }
    let state = s.targets.account(s.name()).await.map_err(Error::from)?;
    let methods = usize::from(s.settings.recover.required(state.admin));
    let needed = Needed { id: state.id, methods, admin: state.admin };
    Ok((state.verdict == Verdict::Eligible).then_some(Admitted { needed, locked: state.locked }))
}
