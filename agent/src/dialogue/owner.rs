//! Before anything registered is changed from a shell: the current password, and a code to what is registered already.

use sspr_config::dialogue::Purpose;

use super::{Caller, Ending, Stop, Talk, admission, code::Asked, desk::Desk, with_help};
use crate::{
    audit::{self, Event},
    credential::Verdict,
    doors::Doors,
    error::Error,
    keys::Tag,
    limits::{self, Allowance},
    proof::{self, Case, Means, Needed},
};

/// Whether the user is the account's owner.
pub(super) enum Owner {
    /// Proved, by these means; by none where nothing is registered.
    Proved(Vec<Means>),
    /// Not proved; this is the end of it.
    Not(Ending),
}

/// What a user comes to the desk for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// To see what is there, and to add to it.
    Any,
    /// For something that is there.
    Registered,
}

/// Takes the current password and the proofs that are due, and lets the user at the desk. A user who comes for what is
/// registered and has nothing is told at once, as by `sspr status`.
pub(super) async fn at_desk(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    errand: Errand,
) -> Result<Result<Desk, Ending>, Stop> {
    let texts = &doors.texts;
    let name = &case.account.name;
    if let Some(ending) = admission::counted(doors, case).await? {
        return Ok(Err(ending));
    }
    if errand == Errand::Registered {
        let state = doors.credentials.account(name).await.map_err(Error::from)?;
        if state.verdict == Verdict::Eligible && Desk::open(doors, case, &state).await?.is_empty() {
            return Ok(Err(Ending::refused(texts.say("status-nothing", &[]))));
        }
    }
    if let Some(ending) = password_limit(doors, case).await? {
        return Ok(Err(ending));
    }
    let password = talk.secret(texts.say("enroll-password", &[]), texts.say("current-password-prompt", &[])).await?;
    let state = doors.credentials.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible {
        return Ok(Err(Ending::refused(with_help(doors, texts.say("enroll-not-served", &[])))));
    }
    if !doors.credentials.verify(name, password.as_bytes()).await.map_err(Error::from)? {
        audit::record(Event::Refused, case, caller, "current password");
        return Ok(Err(Ending::refused(texts.say("enroll-wrong-password", &[]))));
    }
    password_right(doors, case).await?;
    let desk = Desk::open(doors, case, &state).await?;
    Ok(match prove(talk, doors, caller, case, &desk).await? {
        Owner::Proved(_) => Ok(desk),
        Owner::Not(ending) => Err(ending),
    })
}

/// What a recovery would need is needed here, as far as it is registered.
pub(super) async fn prove(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &Desk,
) -> Result<Owner, Stop> {
    proving(talk, doors, caller, case, desk, Manner { recorded: true, insisting: false }).await
}

/// The same for a caller that records it in words of its own; `insisting`: what it is for can't be put off, and the first question
/// says so.
pub(super) async fn prove_quietly(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &Desk,
    insisting: bool,
) -> Result<Owner, Stop> {
    proving(talk, doors, caller, case, desk, Manner { recorded: false, insisting }).await
}

/// How a proof is asked for.
#[derive(Clone, Copy)]
struct Manner {
    recorded: bool,
    insisting: bool,
}

async fn proving(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &Desk,
    manner: Manner,
) -> Result<Owner, Stop> {
    let registered = desk.registered();
    let needed = Needed { uid: desk.uid, methods: desk.required.min(registered.len()), admin: desk.admin };
    if needed.methods == 0 {
        return Ok(Owner::Proved(Vec::new()));
    }
    let case = &Case { purpose: Purpose::Enroll, ..case.clone() };
    // What was switched off since is a proof all the same: else a user who has nothing else would need none.
    let mut methods = doors.settings.register.methods.clone();
    methods.extend(registered.into_iter().filter(|method| !desk.enabled.contains(method)));
    let mut proved = Vec::new();
    while !needed.is_met_by(&proved) {
        match super::prove::prove_by(talk, doors, case, &methods, &proved, manner.insisting).await? {
            Asked::Right => proved = proof::good(doors, case, desk.uid).await?,
            Asked::Other | Asked::Back => {
                if manner.recorded {
                    audit::record(Event::Refused, case, caller, "not proved");
                }
                return Ok(Owner::Not(Ending::refused(with_help(doors, doors.texts.say("enroll-no-way", &[])))));
            }
            Asked::Over(ending) => return Ok(Owner::Not(ending)),
        }
    }
    if !desk.is_theirs(doors, caller, case).await? {
        return Ok(Owner::Not(Ending::refused(doors.texts.say("register-changed", &[]))));
    }
    if !proof::spend_for(doors, case, needed).await? {
        return Ok(Owner::Not(Ending::refused(doors.texts.say("proof-gone", &[]))));
    }
    proof::succeed(doors, case).await?;
    audit::record(Event::Proved, case, caller, "");
    Ok(Owner::Proved(proved))
}

fn password_key(doors: &Doors, case: &Case) -> Tag {
    doors.keys.mac("password-check", &[case.account.name.as_bytes()])
}

/// A user who knows it may ask again.
async fn password_right(doors: &Doors, case: &Case) -> Result<(), Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    limits::clear_password_checks(&mut tx, &password_key(doors, case)).await?;
    Ok(tx.commit().await.map_err(Error::from)?)
}

async fn password_limit(doors: &Doors, case: &Case) -> Result<Option<Ending>, Stop> {
    let key = password_key(doors, case);
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let allowance = limits::password_check(&mut tx, &doors.settings.limits, &key, doors.clock.now()).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(match allowance {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => {
            let time = doors.texts.span(seconds);
            Some(Ending::refused(doors.texts.say("too-many-starts", &[("time", time.as_str().into())])))
        }
    })
}
