//! The questions that are due at a sign-in: none, most of the time.

use std::time::Duration;

use sspr_config::settings::{Enable, RegisterMode, Settings};
use tokio::time::Instant;

use super::{
    Stop, Talk,
    codes::{self, Unseen},
    desk::Desk,
};
use crate::{
    account::Id,
    audit::Event,
    clock::Time,
    credential::Verdict,
    error::Error,
    limits, proof,
    session::Session,
    store::{
        Registrations, Unanswered,
        registrations::{self, Invitation, Progress},
    },
    targets::State,
};

pub(super) const DAY: Time = 86_400;
/// How long a sign-in waits for a directory: less than the module waits for the first question.
const AT_A_SIGN_IN: Duration = Duration::from_millis(800);
/// So long, in seconds, a directory is not asked again about a user whom it says not to serve.
const NOT_SERVED: Time = 900;

/// The question that is due at this sign-in.
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// Nothing here: what is due was not answered over SSH lately, and may be put at another place.
    Elsewhere,
    /// To register what is missing. Whether "not now" is no answer any more, and when that was asked before.
    Register(Desk, bool, Option<Invitation>),
    /// To look at what is there.
    Review(Desk, Review),
    /// Nothing that is asked; a line says how to register. Of the account with this id.
    Tell(Id),
}

/// What to look at.
pub(super) struct Review {
    /// Recovery codes that nobody is known to have seen.
    pub(super) codes: Option<Unseen>,
    /// What is registered, or was entered by an administrator.
    pub(super) contacts: bool,
    /// When that was last asked.
    pub(super) asked: Option<Time>,
}

/// Asks the cheap questions first: most sign-ins are of people who have nothing to do.
pub(super) async fn due(s: &Session) -> Result<Due, Stop> {
    let settings = &s.settings;
    if settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None {
        return Ok(Due::Nothing);
    }
    let name = s.name();
    let person = |id: &Id| id.uid().is_none_or(|uid| uid >= settings.scope.min_uid);
    if s.targets.is_far(name) {
        // What is kept under the name says most of the time that nothing is due, and nobody waits for a directory then.
        let kept = registrations::id_at_registration(s.store.look().await.connection(), name).await?;
        return match kept {
            Some(id) => due_of(s, id, None).await,
            // Of a user who has nothing registered, the directory is not asked at each sign-in.
            None if s.settled.holds_far(name.name, s.now()) => Ok(Due::Nothing),
            None => match looked_up(s).await? {
                Some(state) => due_of(s, state.id, Some(state)).await,
                None => Ok(Due::Nothing),
            },
        };
    }
    match s.targets.known(name).filter(person) {
        Some(id) => due_of(s, id, None).await,
        None => Ok(Due::Nothing),
    }
}

/// The account as it is now; `None` where nothing is to be asked of it. A directory that takes its time, or does not answer, holds up no
/// sign-in: nothing is asked then.
pub(super) async fn looked_up(s: &Session) -> Result<Option<State>, Stop> {
    let (name, since) = (s.name(), s.settled.since());
    let looked = s.targets.account(name);
    let state = if s.targets.is_far(name) {
        let answer = tokio::select! {
            biased;
            answer = looked => Some(answer),
            () = s.clock.until(Instant::now() + AT_A_SIGN_IN) => None,
        };
        match answer {
            Some(Ok(state)) => state,
            Some(Err(error)) => {
                tracing::warn!(%error, "nobody of the directory is asked to register at this sign-in: {error}");
                return Ok(None);
            }
            None => {
                tracing::warn!(
                    "nobody of the directory is asked to register at this sign-in: it takes too long to answer"
                );
                return Ok(None);
            }
        }
    } else {
        looked.await.map_err(Error::from)?
    };
    if state.verdict == Verdict::Eligible {
        return Ok(Some(state));
    }
    let now = s.now();
    s.nothing_due(since, Id::NONE, now, now + NOT_SERVED);
    Ok(None)
}

/// The question that is due to the account with `id`, whose `state` may be known.
async fn due_of(s: &Session, id: Id, state: Option<State>) -> Result<Due, Stop> {
    let (settings, name) = (&s.settings, s.name());
    let now = s.now();
    let methods = &settings.register.methods;
    let since = s.settled.since();
    let have = registrations::progress(s.store.look().await.connection(), name, id, methods).await?;
    let every = settings.register.ask_every.as_secs();
    let lately = |time: Option<Time>, within: Time| time.is_some_and(|time| now - time < within);
    let mandatory = mandatory(settings.register.mode, settings.register.skip_days, have.invited, now);

    let reviewed_after = Time::from(settings.register.reconfirm_days) * DAY;
    let is_old = reviewed_after > 0 && have.methods > 0 && !lately(have.confirmed, reviewed_after);
    // A program that was asked over SSH, or a user whose client could not go on, is not asked there again for a while.
    let quiet_over_ssh =
        s.caller().service == "sshd" && lately(have.unanswered, Time::from(settings.register.ask_again_days) * DAY);
    let to_be_reviewed = have.confirmed.is_some() && (is_old || have.unconfirmed > 0);
    let review = to_be_reviewed && !quiet_over_ssh && !lately(have.asked, every);

    let enough = |admin| have.methods >= i64::from(settings.recover.required(admin));
    // A user who has enough for one who is not an administrator, and was found to be none today, is not checked again.
    let may_lack = !(have.exempt || enough(true) || enough(false) && lately(have.checked, DAY));
    let invited_lately = lately(have.invited.map(|invitation| invitation.last), every);
    // Asked lately: not again, unless a code is on its way.
    let invite = may_lack && (mandatory || !invited_lately || proof::open_challenge(s, None).await?.is_some());
    let unseen = settings.recover.recovery_codes && have.unseen_codes;
    // What is not put here may be put elsewhere: codes at a terminal alone.
    let quiet = quiet_over_ssh && to_be_reviewed;
    let put_elsewhere = quiet || (unseen && !s.caller().has_terminal());
    let unseen = unseen && s.caller().has_terminal();
    if !invite && !review && !unseen {
        if !put_elsewhere {
            s.nothing_due(since, id, now, quiet_until(settings, &have, now));
        }
        return Ok(if quiet { Due::Elsewhere } else { Due::Nothing });
    }
    let looked = match state {
        Some(state) => Some(state),
        None => looked_up(s).await?,
    };
    let Some(state) = looked else { return Ok(Due::Nothing) };
    if state.id != id {
        // What is kept is of an entry that is gone; this one has its name, and is asked as if nothing were.
        return if s.targets.is_far(name) {
            forget_of_another(s, state.id).await?;
            Box::pin(due_of(s, state.id, Some(state))).await
        } else {
            Ok(Due::Nothing)
        };
    }
    let desk = Desk::open(s, &state).await?;
    if desk.missing() > 0 && !have.exempt {
        if !invite {
            // Asked lately; and what an administrator entered is asked about with the rest, the next time.
            s.nothing_due(since, id, now, quiet_until(settings, &have, now));
            return Ok(Due::Nothing);
        }
        if quiet_over_ssh && !mandatory {
            return Ok(Due::Tell(id));
        }
        return Ok(Due::Register(desk, mandatory, have.invited));
    }
    if desk.missing() == 0 {
        found_enough(s).await?;
    }
    let codes = if unseen && codes::made_here(s, &desk).await? {
        Some(Unseen::ShownHere)
    } else {
        (unseen && !quiet_over_ssh && !lately(have.asked, every)).then_some(Unseen::Offered)
    };
    if !review && codes.is_none() {
        // Codes that nobody saw are asked about at once where they were shown.
        if !unseen && !put_elsewhere {
            s.nothing_due(since, id, now, quiet_until(settings, &Progress { checked: Some(now), ..have }, now));
        }
        return Ok(if quiet { Due::Elsewhere } else { Due::Nothing });
    }
    Ok(Due::Review(desk, Review { codes, contacts: review, asked: have.asked }))
}

/// Of an entry of a directory, `id` is what it has now, by the directory's own word. What an entry of this name registered that had another
/// is dropped: codes and notes would go on to who had the name before. This host's own accounts that are gone are seen without that.
pub(super) async fn forget_of_another(s: &Session, id: Id) -> Result<(), Stop> {
    let name = s.name();
    if !s.targets.is_far(name) || id == Id::NONE {
        return Ok(());
    }
    let kept = registrations::id_at_registration(s.store.look().await.connection(), name).await?;
    if kept.is_none_or(|kept| kept == id) {
        return Ok(());
    }
    let mut tx = s.begin().await?;
    // Another dialogue may have registered in between.
    let kept = registrations::id_at_registration(&mut tx, name).await?;
    let gone = kept.is_some_and(|kept| kept != id);
    if gone {
        Registrations::forget(&mut tx, name).await?;
    }
    tx.commit().await?;
    if gone {
        s.settled.forget(name.name);
        s.record(Event::Deleted, "of an entry that is gone");
    }
    Ok(())
}

/// Until when nothing of what is not due now comes to be due, as long as nothing is changed.
fn quiet_until(settings: &Settings, have: &Progress, now: Time) -> Time {
    let register = &settings.register;
    let every = register.ask_every.as_secs();
    let asked_again = have.asked.map_or(now, |asked| asked + every);
    let mut times = vec![now + DAY];
    if let (Some(confirmed), true) = (have.confirmed, register.reconfirm_days > 0 && have.methods > 0) {
        times.push((confirmed + Time::from(register.reconfirm_days) * DAY).max(asked_again));
    }
    if have.unconfirmed > 0 {
        times.push(asked_again);
    }
    if have.methods < i64::from(settings.recover.required(true)) && !have.exempt {
        times.extend(have.checked.map(|checked| checked + DAY));
        times.extend(have.invited.map(|invitation| invitation.last + every));
        if register.mode == RegisterMode::Required {
            let first = have.invited.and_then(|invitation| invitation.first);
            times.extend(first.map(|first| first + Time::from(register.skip_days) * DAY));
        }
    }
    // What is past is of no account: it would be due now.
    times.into_iter().filter(|time| *time > now).min().unwrap_or(now)
}

/// Whether "not now" is no answer any more.
pub(super) fn mandatory(mode: RegisterMode, skip_days: u16, invited: Option<Invitation>, now: Time) -> bool {
    let first = invited.and_then(|invitation| invitation.first).unwrap_or(now);
    mode == RegisterMode::Required && now - first >= Time::from(skip_days) * DAY
}

/// Notes that a user has all that is required. Should more be required later, the days to put that off begin then.
pub(super) async fn found_enough(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::enough(&mut tx, s.name(), s.now()).await?;
    limits::clear_let_ins(&mut tx, &s.let_ins()).await?;
    Ok(tx.commit().await?)
}

/// Notes of a sign-in over SSH whether a person was there: `nobody` answered, or a person did.
pub(super) async fn heard(s: &Session, talk: &Talk, id: Id, nobody: bool) -> Result<(), Stop> {
    if s.caller().service != "sshd" || !(nobody || talk.answered()) {
        return Ok(());
    }
    let mut tx = s.begin().await?;
    if nobody {
        Unanswered::note(&mut tx, s.name(), id, s.now()).await?;
    } else {
        Unanswered::forget(&mut tx, s.name()).await?;
    }
    Ok(tx.commit().await?)
}

/// The host could not put the question: it was not asked, and the next host that can is to ask it. Where registering is required, the
/// days to put it off begin all the same: else who signs in by such hosts alone never has to.
pub(super) async fn not_invited(s: &Session, id: Id, former: Option<Invitation>) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::put_invitation_back(&mut tx, s.name(), id, former).await?;
    if s.settings.register.mode == RegisterMode::Required {
        Registrations::days_begin(&mut tx, s.name(), id, s.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Notes that what is registered is asked about now.
pub(super) async fn reviewing(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::asked(&mut tx, s.name(), s.now()).await?;
    Ok(tx.commit().await?)
}

/// The same of a look at what is registered, which was asked about at `former` before.
pub(super) async fn not_reviewed(s: &Session, former: Option<Time>) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::put_asked_back(&mut tx, s.name(), former).await?;
    Ok(tx.commit().await?)
}

/// Notes that the invitation goes out now. Before the first question, so that a user who can't answer it, or breaks off, is not
/// asked at every sign-in; the days in which it can be put off begin once it is sure that a user has `seen` it.
pub(super) async fn invited(s: &Session, id: Id, seen: bool) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::invite(&mut tx, s.name(), id, seen, s.now()).await?;
    Ok(tx.commit().await?)
}
