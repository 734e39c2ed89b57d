//! The proofs before the registration is changed from a shell: the current password, and a code to a registered
//! contact.

use sspr_config::dialogue::Purpose;

use super::{
    Conversation, Ending, Stop,
    admission::{self, Admission},
    ending::Asked,
    enrollment::{self, Enrollment},
    with_help,
};
use crate::{
    audit::Event,
    credential::Verdict,
    error::Error,
    keys::Tag,
    limits::{self, Allowance},
    proof::{self, Means, Needed},
    session::Session,
};

/// Whether the user is the account's owner.
pub(super) enum Owner {
    /// Proved, by these means; by none if nothing is registered.
    Proved(Vec<Means>),
    /// Not proved; the dialogue ends like this.
    Not(Ending),
}

/// What a user wants to do with the enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// To see the registration, and to add to it.
    Any,
    /// For something that is already registered.
    Registered,
}

/// Asks for the current password and the required proofs, and reads the enrollment. A user who needs something
/// registered but has nothing is told so at once, as by `sspr status`.
pub(super) async fn open_enrollment(
    conversation: &mut Conversation,
    s: &Session,
    errand: Errand,
) -> Result<Result<Enrollment, Ending>, Stop> {
    let name = s.name();
    if let Admission::Refused(ending) = admission::counted(s).await? {
        return Ok(Err(ending));
    }
    // Through a host of the fleet, nobody learns anything before the password.
    let through_a_host = s.caller().is_of_the_fleet();
    if errand == Errand::Registered && !through_a_host {
        let state = s.targets.account(name).await.map_err(Error::from)?;
        if state.verdict == Verdict::Eligible && Enrollment::open(s, &state).await?.is_empty() {
            return Ok(Err(Ending::refused(s.say("status-nothing"))));
        }
    }
    if let Some(ending) = password_limit(s).await? {
        return Ok(Err(ending));
    }
    let password = conversation.secret(s.say("enroll-password"), s.say("current-password-prompt")).await?;
    // A wrong password takes the same time whatever the name, and how long the look-up takes tells which names there
    // are. Through a host, it comes after a right one only.
    let right = if through_a_host { Some(verify(s, &password).await?) } else { None };
    let state = match right {
        Some(false) => None,
        _ => Some(s.targets.account(name).await.map_err(Error::from)?),
    };
    let state = state.filter(|state| !through_a_host || state.verdict == Verdict::Eligible);
    if state.as_ref().is_some_and(|state| state.verdict != Verdict::Eligible) {
        return Ok(Err(Ending::refused(with_help(s, s.say("enroll-not-served")))));
    }
    let right = match right {
        Some(right) => right,
        None => verify(s, &password).await?,
    };
    let Some(state) = state.filter(|_| right) else {
        password_wrong(s).await?;
        s.record(Event::Refused, "current password");
        return Ok(Err(Ending::refused(s.say("enroll-wrong-password"))));
    };
    password_right(s).await?;
    enrollment::forget_of_another(s, state.id).await?;
    let enrollment = Enrollment::open(s, &state).await?;
    Ok(match prove(conversation, s, &enrollment).await? {
        Owner::Proved(_) => Ok(enrollment),
        Owner::Not(ending) => Err(ending),
    })
}

/// Requires the same proofs as a recovery, as far as they are registered.
pub(super) async fn prove(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
) -> Result<Owner, Stop> {
    proving(conversation, s, enrollment, Manner { recorded: true, insisting: false }).await
}

/// The same for a caller that records the result itself. `insisting`: the purpose can't be put off, and the first
/// question says so.
pub(super) async fn prove_quietly(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
    insisting: bool,
) -> Result<Owner, Stop> {
    proving(conversation, s, enrollment, Manner { recorded: false, insisting }).await
}

/// How a proof is asked for.
#[derive(Clone, Copy)]
struct Manner {
    recorded: bool,
    insisting: bool,
}

async fn proving(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
    manner: Manner,
) -> Result<Owner, Stop> {
    let registered = enrollment.registered();
    let needed =
        Needed { id: enrollment.id, methods: enrollment.required.min(registered.len()), admin: enrollment.admin };
    if needed.methods == 0 {
        return Ok(Owner::Proved(Vec::new()));
    }
    let s = &s.for_purpose(Purpose::Enroll);
    // A method that was disabled later is still a proof; otherwise a user with no other method would need none.
    let mut methods = s.settings.register.methods.clone();
    methods.extend(registered.into_iter().filter(|method| !enrollment.enabled.contains(method)));
    let mut proved = Vec::new();
    while !needed.is_met_by(&proved) {
        match super::prove::prove_by(conversation, s, &methods, &proved, manner.insisting).await? {
            Asked::Right => proved = proof::good(s, enrollment.id).await?,
            Asked::Other | Asked::Back => {
                if manner.recorded {
                    s.record(Event::Refused, "not proved");
                }
                return Ok(Owner::Not(Ending::refused(with_help(s, s.say("enroll-no-way")))));
            }
            Asked::Over(ending) => return Ok(Owner::Not(ending)),
        }
    }
    if !enrollment.is_theirs(s).await? {
        return Ok(Owner::Not(Ending::refused(s.say("register-changed"))));
    }
    if proof::spend_for(s, needed).await?.is_none() {
        return Ok(Owner::Not(Ending::refused(s.say("proof-gone"))));
    }
    proof::succeed(s).await?;
    s.record(Event::Proved, "");
    Ok(Owner::Proved(proved))
}

/// Whether `password` is the current one.
async fn verify(s: &Session, password: &str) -> Result<bool, Stop> {
    Ok(s.targets.verify(s.name(), password.as_bytes()).await.map_err(Error::from)?)
}

fn password_key(s: &Session) -> Tag {
    s.keys.mac("password-check", &[&s.name().bytes()])
}

/// A user who knows the password may ask again.
async fn password_right(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    limits::clear_password_checks(&mut tx, &password_key(s)).await?;
    Ok(tx.commit().await?)
}

/// A wrong password counts for the host of the fleet through which it came.
async fn password_wrong(s: &Session) -> Result<(), Stop> {
    let Some(host) = &s.caller().host else { return Ok(()) };
    let mut tx = s.begin().await?;
    limits::host_failure(&mut tx, (&s.keys, host), s.now()).await?;
    Ok(tx.commit().await?)
}

async fn password_limit(s: &Session) -> Result<Option<Ending>, Stop> {
    let key = password_key(s);
    let mut tx = s.begin().await?;
    let mut allowance = Allowance::Granted;
    if let Some(host) = &s.caller().host {
        allowance = limits::host_try(&mut tx, &s.settings.limits, (&s.keys, host), s.now()).await?;
    }
    if allowance == Allowance::Granted {
        allowance = limits::password_check(&mut tx, &s.settings.limits, &key, s.now()).await?;
    }
    tx.commit().await?;
    Ok(match allowance {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => {
            let time = s.texts.span(seconds);
            Some(Ending::refused(s.say_with("too-many-starts", &[("time", time.as_str().into())])))
        }
    })
}
