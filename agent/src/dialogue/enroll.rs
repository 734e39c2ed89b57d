//! `sspr enroll`: register, or change what is registered, from a shell. It takes the current password and, once anything
//! is registered, a code to a contact that is registered already; the old contact is told.

use std::collections::BTreeSet;

use sspr_config::{
    dialogue::{Purpose, Standing},
    settings::Method,
};

use super::{
    Caller, Ending, Stop, Talk,
    code::Asked,
    recover,
    register::{self, Desk, Outcome},
    with_help,
};
use crate::{
    audit::{self, Event},
    credential::Verdict,
    doors::Doors,
    error::Error,
    limits::{self, Allowance},
    proof::{self, Case},
    store::registrations,
};

pub(super) async fn enroll(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    let name = &case.account.name;
    if let Some(ending) = recover::too_many_starts(doors, caller).await? {
        return Ok(ending);
    }
    if let Some(ending) = password_limit(doors, case).await? {
        return Ok(ending);
    }
    let password = talk.secret(texts.say("enroll-password", &[]), texts.say("current-password-prompt", &[])).await?;
    let state = doors.credentials.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible {
        return Ok(Ending::refused(with_help(doors, texts.say("enroll-not-served", &[]))));
    }
    if !doors.credentials.verify(name, password.as_bytes()).await.map_err(Error::from)? {
        audit::record(Event::Refused, case, caller, "current password");
        return Ok(Ending::refused(texts.say("enroll-wrong-password", &[])));
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let before = registrations::get(&mut tx, &doors.keys, name).await?.filter(|r| r.uid == state.uid);
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    // What a recovery would need is needed here, as far as it is registered.
    let known = before.map(|registration| registration.contacts).unwrap_or_default();
    let different: BTreeSet<Method> = known.iter().map(|c| c.contact.method()).collect();
    let required = usize::from(doors.settings.recover.required(state.admin)).min(different.len());
    let mut proved = Vec::new();
    while proved.len() < required {
        match recover::prove(talk, doors, case, &proved).await? {
            Asked::Right => proved = proof::proved(doors, case).await?,
            Asked::Other | Asked::Back => {
                return Ok(Ending::refused(with_help(doors, texts.say("enroll-unchanged", &[]))));
            }
            Asked::Over(ending) => return Ok(ending),
        }
    }
    if required > 0 {
        if !proof::spend(doors, case, required).await? {
            return Ok(Ending::refused(texts.say("proof-gone", &[])));
        }
        proof::succeed(doors, case).await?;
    }
    let Some(methods) = choose(talk, doors).await? else {
        return Ok(Ending::refused(texts.say("enroll-unchanged", &[])));
    };
    let registering = Case { purpose: Purpose::Register, ..case.clone() };
    let mut desk = Desk::new(state.uid, known);
    for method in methods {
        match register::register_one(talk, doors, caller, &registering, &mut desk, method).await? {
            Outcome::Saved => {}
            Outcome::GivenUp => return Ok(Ending::refused(texts.say("enroll-unchanged", &[]))),
            Outcome::NotPossible(text) if text.is_empty() => {
                return Ok(Ending::refused(texts.say("enroll-unchanged", &[])));
            }
            Outcome::NotPossible(text) => return Ok(Ending::refused(text)),
        }
    }
    Ok(Ending::new(Standing::Finished, texts.say("registered", &[])))
}

async fn password_limit(doors: &Doors, case: &Case) -> Result<Option<Ending>, Stop> {
    let key = doors.keys.mac("password-check", &[case.account.name.as_bytes()]);
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

async fn choose(talk: &mut Talk, doors: &Doors) -> Result<Option<Vec<Method>>, Stop> {
    let texts = &doors.texts;
    let enabled = &doors.settings.register.methods;
    if let [only] = enabled.as_slice() {
        return Ok(Some(vec![*only]));
    }
    let mut text = texts.say("enroll-menu", &[]);
    loop {
        let typed = talk.line(text, texts.say("enroll-menu-prompt", &[])).await?.to_lowercase();
        match typed.as_str() {
            "" | "q" => return Ok(None),
            "1" | "e" | "email" | "mail" => return Ok(Some(vec![Method::Email])),
            "2" | "p" | "phone" | "sms" => return Ok(Some(vec![Method::Phone])),
            "3" | "b" | "both" => return Ok(Some(vec![Method::Email, Method::Phone])),
            _ => text = format!("{}\n{}", texts.say("choose-again", &[]), texts.say("enroll-menu", &[])),
        }
    }
}
