//! Before anything registered is changed from a shell: the current password, and a code to what is registered already.

use sspr_config::dialogue::Purpose;

use super::{
    Ending, Stop, Talk,
    admission::{self, Admission},
    code::Asked,
    desk::Desk,
    due, with_help,
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
pub(super) async fn at_desk(talk: &mut Talk, s: &Session, errand: Errand) -> Result<Result<Desk, Ending>, Stop> {
    let name = s.name();
    if let Admission::Refused(ending) = admission::counted(s).await? {
        return Ok(Err(ending));
    }
    if errand == Errand::Registered {
        let state = s.targets.account(name).await.map_err(Error::from)?;
        if state.verdict == Verdict::Eligible && Desk::open(s, &state).await?.is_empty() {
            return Ok(Err(Ending::refused(s.say("status-nothing"))));
        }
    }
    if let Some(ending) = password_limit(s).await? {
        return Ok(Err(ending));
    }
    let password = talk.secret(s.say("enroll-password"), s.say("current-password-prompt")).await?;
    let state = s.targets.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible {
        return Ok(Err(Ending::refused(with_help(s, s.say("enroll-not-served")))));
    }
    if !s.targets.verify(name, password.as_bytes()).await.map_err(Error::from)? {
        s.record(Event::Refused, "current password");
        return Ok(Err(Ending::refused(s.say("enroll-wrong-password"))));
    }
    password_right(s).await?;
    due::forget_of_another(s, state.id).await?;
    let desk = Desk::open(s, &state).await?;
    Ok(match prove(talk, s, &desk).await? {
        Owner::Proved(_) => Ok(desk),
        Owner::Not(ending) => Err(ending),
    })
}

/// What a recovery would need is needed here, as far as it is registered.
pub(super) async fn prove(talk: &mut Talk, s: &Session, desk: &Desk) -> Result<Owner, Stop> {
    proving(talk, s, desk, Manner { recorded: true, insisting: false }).await
}

/// The same for a caller that records it in words of its own; `insisting`: what it is for can't be put off, and the first question
/// says so.
pub(super) async fn prove_quietly(talk: &mut Talk, s: &Session, desk: &Desk, insisting: bool) -> Result<Owner, Stop> {
    proving(talk, s, desk, Manner { recorded: false, insisting }).await
}

/// How a proof is asked for.
#[derive(Clone, Copy)]
struct Manner {
    recorded: bool,
    insisting: bool,
}

async fn proving(talk: &mut Talk, s: &Session, desk: &Desk, manner: Manner) -> Result<Owner, Stop> {
    let registered = desk.registered();
    let needed = Needed { id: desk.id, methods: desk.required.min(registered.len()), admin: desk.admin };
    if needed.methods == 0 {
        return Ok(Owner::Proved(Vec::new()));
    }
    let s = &s.for_purpose(Purpose::Enroll);
    // What was switched off since is a proof all the same: else a user who has nothing else would need none.
    let mut methods = s.settings.register.methods.clone();
    methods.extend(registered.into_iter().filter(|method| !desk.enabled.contains(method)));
    let mut proved = Vec::new();
    while !needed.is_met_by(&proved) {
        match super::prove::prove_by(talk, s, &methods, &proved, manner.insisting).await? {
            Asked::Right => proved = proof::good(s, desk.id).await?,
            Asked::Other | Asked::Back => {
                if manner.recorded {
                    s.record(Event::Refused, "not proved");
                }
                return Ok(Owner::Not(Ending::refused(with_help(s, s.say("enroll-no-way")))));
            }
            Asked::Over(ending) => return Ok(Owner::Not(ending)),
        }
    }
    if !desk.is_theirs(s).await? {
        return Ok(Owner::Not(Ending::refused(s.say("register-changed"))));
    }
    if !proof::spend_for(s, needed).await? {
        return Ok(Owner::Not(Ending::refused(s.say("proof-gone"))));
    }
    proof::succeed(s).await?;
    s.record(Event::Proved, "");
    Ok(Owner::Proved(proved))
}

fn password_key(s: &Session) -> Tag {
    s.keys.mac("password-check", &[&s.name().bytes()])
}

/// A user who knows it may ask again.
async fn password_right(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    limits::clear_password_checks(&mut tx, &password_key(s)).await?;
    Ok(tx.commit().await?)
}

async fn password_limit(s: &Session) -> Result<Option<Ending>, Stop> {
    let key = password_key(s);
    let mut tx = s.begin().await?;
    let allowance = limits::password_check(&mut tx, &s.settings.limits, &key, s.now()).await?;
    tx.commit().await?;
    Ok(match allowance {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => {
            let time = s.texts.span(seconds);
            Some(Ending::refused(s.say_with("too-many-starts", &[("time", time.as_str().into())])))
        }
    })
}
