//! Decides which questions are due at a sign-in: usually none.

use std::time::Duration;

use sspr_config::settings::{Enable, RegisterMode, Settings};
use tokio::time::Instant;

use super::{
    Conversation, Stop, at_host,
    codes::{self, Unseen},
    enrollment::{self, Enrollment},
};
use crate::{
    account::Id,
    clock::Time,
    credential::Verdict,
    error::Error,
    limits, proof,
    session::Session,
    store::{
        LookUps as _, Registrations, Unanswered,
        registrations::{Invitation, Progress},
    },
    targets::State,
};

pub(super) const DAY: Time = 86_400;
/// How long a sign-in waits for a directory: less than the module waits for the first question.
pub(super) const AT_A_SIGN_IN: Duration = Duration::from_millis(800);
/// How many seconds pass before the directory is asked again about a user whom it does not serve.
const NOT_SERVED: Time = 900;

/// The question that is due at this sign-in.
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// Nothing here: the question was not answered over SSH lately, and may be asked elsewhere.
    Elsewhere,
    /// To register what is missing. With whether "not now" is no longer accepted, and when the user was last asked.
    Register(Enrollment, bool, Option<Invitation>),
    /// To review the registration.
    Review(Enrollment, Review),
    /// No question; a line says how to register. With the id of the account.
    Tell(Id),
}

/// The parts of a review.
pub(super) struct Review {
    /// Recovery codes that the user may not have seen.
    pub(super) codes: Option<Unseen>,
    /// The registration, or contacts that an administrator entered.
    pub(super) contacts: bool,
    /// When the user was last asked to review it.
    pub(super) asked: Option<Time>,
}

/// Decides the question, for which a directory may be asked until `by`. The cheap checks come first: most users who sign
/// in have nothing to do.
pub(super) async fn due(s: &Session, by: Instant) -> Result<Due, Stop> {
    let settings = &s.settings;
    if settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None {
        return Ok(Due::Nothing);
    }
    let name = s.name();
    let person = |id: &Id| id.uid().is_none_or(|uid| uid >= settings.scope.min_uid);
    if s.targets.is_far(name) {
        // The stored registration usually shows that nothing is due, without a wait for the directory.
        let kept = s.store.look().await?.id_at_registration(name).await?;
        return match kept {
            Some(id) => due_of(s, id, None, by).await,
            // The directory is not asked at each sign-in of a user who has nothing registered.
            None if s.settled.holds_far(name.name, s.now()) => Ok(Due::Nothing),
            None => match looked_up(s, by).await? {
                Some(state) => due_of(s, state.id, Some(state), by).await,
                None => Ok(Due::Nothing),
            },
        };
    }
    match s.targets.known(name).filter(person) {
        Some(id) => due_of(s, id, None, by).await,
        None => Ok(Due::Nothing),
    }
}

/// The current state of the account; `None` if nothing is to be asked. A directory that does not answer until `by` holds
/// up no sign-in: then nothing is asked.
pub(super) async fn looked_up(s: &Session, by: Instant) -> Result<Option<State>, Stop> {
    let (name, since) = (s.name(), s.settled.since());
    let looked = s.targets.account(name);
    let state = if s.targets.is_far(name) {
        let answer = tokio::select! {
            biased;
            answer = looked => Some(answer),
            () = s.clock.until(by) => None,
        };
        match answer {
            Some(Ok(state)) => state,
            Some(Err(error)) => {
                tracing::warn!(%error, "nobody of the directory is asked to register at this sign-in: {error}");
                at_host::not_looked_up(s);
                return Ok(None);
            }
            None => {
                tracing::warn!(
                    "nobody of the directory is asked to register at this sign-in: it takes too long to answer"
                );
                at_host::not_looked_up(s);
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

/// Decides the question for the account with `id`; `state` is its state if already known.
async fn due_of(s: &Session, id: Id, state: Option<State>, by: Instant) -> Result<Due, Stop> {
    let (settings, name) = (&s.settings, s.name());
    let now = s.now();
    let methods = &settings.register.methods;
    let since = s.settled.since();
    let have = s.store.look().await?.progress(name, id, methods).await?;
    let every = settings.register.ask_every.as_secs();
    let lately = |time: Option<Time>, within: Time| time.is_some_and(|time| now - time < within);
    let mandatory = mandatory(settings.register.mode, settings.register.skip_days, have.invited, now);

    let reviewed_after = Time::from(settings.register.reconfirm_days) * DAY;
    let is_old = reviewed_after > 0 && have.methods > 0 && !lately(have.confirmed, reviewed_after);
    // A program that was asked over SSH, or a user whose client could not go on, is not asked over SSH again for a
    // while.
    let quiet_over_ssh =
        s.caller().service == "sshd" && lately(have.unanswered, Time::from(settings.register.ask_again_days) * DAY);
    let to_be_reviewed = have.confirmed.is_some() && (is_old || have.unconfirmed > 0);
    let review = to_be_reviewed && !quiet_over_ssh && !lately(have.asked, every);

    let enough = |admin| have.methods >= i64::from(settings.recover.required(admin));
    // An account with enough methods for one that is not an administrator's, and that was not one today, is not
    // checked again.
    let may_lack = !(have.exempt || enough(true) || enough(false) && lately(have.checked, DAY));
    let invited_lately = lately(have.invited.map(|invitation| invitation.last), every);
    // A user who was asked lately is not asked again, unless a code is on its way.
    let invite = may_lack && (mandatory || !invited_lately || proof::open_challenge(s, None).await?.is_some());
    let unseen = settings.recover.recovery_codes && have.unseen_codes;
    // A question that is not asked here may be asked elsewhere: codes are shown only at a terminal.
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
        None => looked_up(s, by).await?,
    };
    let Some(state) = looked else { return Ok(Due::Nothing) };
    if state.id != id {
        // The stored registration belongs to an entry that is gone. This entry has its name, and is asked as if
        // nothing were registered.
        return if s.targets.is_far(name) {
            enrollment::forget_of_another(s, state.id).await?;
            Box::pin(due_of(s, state.id, Some(state), by)).await
        } else {
            Ok(Due::Nothing)
        };
    }
    let enrollment = Enrollment::open(s, &state).await?;
    if enrollment.missing() > 0 && !have.exempt {
        if !invite {
            // The user was asked lately. Contacts that an administrator entered are asked about the next time,
            // together with the rest.
            s.nothing_due(since, id, now, quiet_until(settings, &have, now));
            return Ok(Due::Nothing);
        }
        if quiet_over_ssh && !mandatory {
            return Ok(Due::Tell(id));
        }
        return Ok(Due::Register(enrollment, mandatory, have.invited));
    }
    if enrollment.missing() == 0 {
        found_enough(s).await?;
    }
    let codes = if unseen && codes::made_here(s, &enrollment).await? {
        Some(Unseen::ShownHere)
    } else {
        (unseen && !quiet_over_ssh && !lately(have.asked, every)).then_some(Unseen::Offered)
    };
    if !review && codes.is_none() {
        // Codes that were shown from here and not seen are asked about at once.
        if !unseen && !put_elsewhere {
            s.nothing_due(since, id, now, quiet_until(settings, &Progress { checked: Some(now), ..have }, now));
        }
        return Ok(if quiet { Due::Elsewhere } else { Due::Nothing });
    }
    Ok(Due::Review(enrollment, Review { codes, contacts: review, asked: have.asked }))
}

/// The time until which nothing becomes due, as long as nothing is changed.
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
    // A time in the past does not count: its question would be due now.
    times.into_iter().filter(|time| *time > now).min().unwrap_or(now)
}

/// Whether "not now" is no longer accepted.
pub(super) fn mandatory(mode: RegisterMode, skip_days: u16, invited: Option<Invitation>, now: Time) -> bool {
    let first = invited.and_then(|invitation| invitation.first).unwrap_or(now);
    mode == RegisterMode::Required && now - first >= Time::from(skip_days) * DAY
}

/// Notes that a user has registered everything that is required. If more is required later, the days of grace begin
/// then.
pub(super) async fn found_enough(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::enough(&mut tx, s.name(), s.now()).await?;
    limits::clear_let_ins(&mut tx, &s.let_ins()).await?;
    Ok(tx.commit().await?)
}

/// Notes after a sign-in over SSH whether a user was there: `nobody` answered, or a user did.
pub(super) async fn heard(s: &Session, conversation: &Conversation, id: Id, nobody: bool) -> Result<(), Stop> {
    if s.caller().service != "sshd" || !(nobody || conversation.answered()) {
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

/// Notes that the host could not ask the question, so that the next host that can asks it. If registration is
/// required, the days of grace begin anyway: otherwise a user who signs in only through such hosts would never have to
/// register.
pub(super) async fn not_invited(s: &Session, id: Id, former: Option<Invitation>) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::put_invitation_back(&mut tx, s.name(), id, former).await?;
    if s.settings.register.mode == RegisterMode::Required {
        Registrations::days_begin(&mut tx, s.name(), id, s.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Notes that the user is being asked to review the registration.
pub(super) async fn reviewing(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::asked(&mut tx, s.name(), s.now()).await?;
    Ok(tx.commit().await?)
}

/// Notes that the host could not ask for the review; `former` is when the user was asked before.
pub(super) async fn not_reviewed(s: &Session, former: Option<Time>) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::put_asked_back(&mut tx, s.name(), former).await?;
    Ok(tx.commit().await?)
}

/// Notes that the user is being invited to register. This comes before the first question, so that a user who can't
/// answer it, or leaves, is not asked at every sign-in. The days of grace begin once a user has surely `seen` it.
pub(super) async fn invited(s: &Session, id: Id, seen: bool) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    Registrations::invite(&mut tx, s.name(), id, seen, s.now()).await?;
    Ok(tx.commit().await?)
}
