//! Registration: right after a sign-in with name and password, or from a shell.

use sspr_config::{
    dialogue::Standing,
    settings::{Enable, Method, RegisterMode},
};

use super::{
    Caller, Ending, Stop, Talk,
    code::{self, Asked, Post},
    with_help,
};
use crate::{
    audit::{self, Event},
    contact::{Contact, EmailAddress, PhoneNumber},
    contact_texts,
    credential::Verdict,
    doors::Doors,
    error::Error,
    proof::{self, Case, To},
    store::registrations::{self, Invitation},
};

const DAY: i64 = 86_400;

/// What is due at this sign-in.
struct Due {
    uid: u32,
    /// The methods that can still be registered.
    open: Vec<Method>,
    /// Whether all of them are needed.
    all_needed: bool,
    /// Whether "not now" is no answer any more.
    mandatory: bool,
}

pub(super) async fn at_sign_in(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    // Root can ask for anybody: it is the PAM host in which this person has just signed in.
    if caller.uid != 0 {
        return Ok(Ending::finished());
    }
    let Some(due) = due(doors, case).await? else { return Ok(Ending::finished()) };
    let texts = &doors.texts;
    let wanted = match resumed(talk, doors, caller, case, &due).await? {
        Resumed::Saved(method) => {
            let still: Vec<Method> = due.open.iter().copied().filter(|m| *m != method).collect();
            if due.all_needed && !still.is_empty() { still } else { return done(talk, doors).await }
        }
        Resumed::Nothing => match choose(talk, doors, &due).await? {
            Choice::Methods(methods) => methods,
            Choice::NotNow => return put_off(doors, caller, case, &due).await,
        },
    };
    for method in wanted {
        match register_one(talk, doors, caller, case, due.uid, method).await? {
            Outcome::Saved => {}
            Outcome::GivenUp | Outcome::Over(_) if due.mandatory => {
                return unregistered(talk, doors, caller, case).await;
            }
            Outcome::GivenUp => return put_off(doors, caller, case, &due).await,
            Outcome::Over(text) => {
                put_off(doors, caller, case, &due).await?;
                talk.line(text, texts.say("go-on-prompt", &[])).await?;
                return Ok(Ending::finished());
            }
        }
    }
    done(talk, doors).await
}

async fn done(talk: &mut Talk, doors: &Doors) -> Result<Ending, Stop> {
    talk.line(doors.texts.say("registered", &[]), doors.texts.say("go-on-prompt", &[])).await?;
    Ok(Ending::finished())
}

/// Asks the cheap questions first: most sign-ins are of people who are registered already.
async fn due(doors: &Doors, case: &Case) -> Result<Option<Due>, Stop> {
    let settings = &doors.settings;
    if settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None {
        return Ok(None);
    }
    let name = &case.account.name;
    let Some(uid) = doors.people.uid(name).filter(|uid| *uid >= settings.scope.min_uid) else { return Ok(None) };
    let now = doors.clock.now();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let registered = registrations::methods_count(&mut tx, name, uid).await?;
    let invited = registrations::invitation(&mut tx, name, uid).await?;
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    let most = settings.recover.admin_methods_required.max(settings.recover.methods_required);
    if registered >= i64::from(most).min(i64::try_from(settings.register.methods.len()).unwrap_or(i64::MAX)) {
        return Ok(None);
    }
    if invited.is_some_and(|invitation| rests(settings.register.mode, settings.register.skip_days, invitation, now)) {
        return Ok(None);
    }
    let state = doors.credentials.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible || state.uid != uid {
        return Ok(None);
    }
    let required = if state.admin { most } else { settings.recover.methods_required };
    if registered >= i64::from(required) {
        return Ok(None);
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let have = registrations::get(&mut tx, &doors.keys, name).await?.filter(|r| r.uid == uid);
    tx.commit().await.map_err(Error::from)?;
    let have: Vec<Method> = have.iter().flat_map(|r| r.contacts.iter().map(|c| c.contact.method())).collect();
    let open: Vec<Method> = settings.register.methods.iter().copied().filter(|m| !have.contains(m)).collect();
    let missing = usize::from(required).saturating_sub(have.len());
    Ok(Some(Due {
        uid,
        all_needed: missing >= open.len(),
        open,
        mandatory: mandatory(settings.register.mode, settings.register.skip_days, invited, now),
    }))
}

/// Whether somebody who said "not now" is left alone today.
fn rests(mode: RegisterMode, skip_days: u16, invitation: Invitation, now: i64) -> bool {
    let grace = now - invitation.first < i64::from(skip_days) * DAY;
    match mode {
        RegisterMode::Off => true,
        RegisterMode::Skippable | RegisterMode::Required => grace && now - invitation.last < DAY,
    }
}

/// Whether "not now" is no answer any more.
fn mandatory(mode: RegisterMode, skip_days: u16, invited: Option<Invitation>, now: i64) -> bool {
    let first = invited.map_or(now, |invitation| invitation.first);
    mode == RegisterMode::Required && now - first >= i64::from(skip_days) * DAY
}

enum Choice {
    Methods(Vec<Method>),
    NotNow,
}

async fn choose(talk: &mut Talk, doors: &Doors, due: &Due) -> Result<Choice, Stop> {
    let texts = &doors.texts;
    let menu = match (due.open.as_slice(), due.all_needed) {
        ([Method::Email], _) => texts.say("register-email-only", &[]),
        ([Method::Phone], _) => texts.say("register-phone-only", &[]),
        (_, true) => texts.say("register-all", &[]),
        _ => texts.say("register-menu", &[]),
    };
    let one_way = due.all_needed || due.open.len() < 2;
    let prompt = match (one_way, due.mandatory) {
        (true, false) => texts.say("register-only-prompt", &[]),
        (true, true) => texts.say("register-only-prompt-mandatory", &[]),
        (false, false) => texts.say("register-menu-prompt", &[]),
        (false, true) => texts.say("register-menu-prompt-mandatory", &[]),
    };
    let mut text = menu.clone();
    let mut refusals = 0;
    loop {
        let typed = talk.line(text, prompt.as_str()).await?.to_lowercase();
        let chosen = match (one_way, typed.as_str()) {
            (_, "" | "n" | "no" | "not now" | "later" | "q") if due.mandatory => {
                refusals += 1;
                if refusals > 1 {
                    return Ok(Choice::NotNow);
                }
                text = format!("{}\n{menu}", texts.say("register-mandatory", &[]));
                continue;
            }
            (_, "" | "n" | "no" | "not now" | "later" | "q") => return Ok(Choice::NotNow),
            (true, "y" | "yes" | "1") => due.open.clone(),
            (false, "1" | "e" | "email" | "mail") => vec![Method::Email],
            (false, "2" | "p" | "phone" | "sms") => vec![Method::Phone],
            (false, "3" | "b" | "both") => vec![Method::Email, Method::Phone],
            (false, "4") if !due.mandatory => return Ok(Choice::NotNow),
            _ => vec![],
        };
        if !chosen.is_empty() && chosen.iter().all(|m| due.open.contains(m)) {
            return Ok(Choice::Methods(chosen));
        }
        text = format!("{}\n{menu}", texts.say("choose-again", &[]));
    }
}

/// "Not now": noted, and the sign-in goes on; unless it is not an answer any more.
async fn put_off(doors: &Doors, caller: &Caller, case: &Case, due: &Due) -> Result<Ending, Stop> {
    if due.mandatory {
        return denied(doors, caller, case).await;
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    registrations::put_off(&mut tx, &case.account.name, due.uid, doors.clock.now()).await?;
    tx.commit().await.map_err(Error::from)?;
    audit::record(Event::PutOff, case, caller, "");
    Ok(Ending::finished())
}

async fn denied(doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    // A gateway that is down must not keep anybody out.
    if proof::undelivered(doors, case).await? {
        audit::record(Event::PutOff, case, caller, "code not delivered");
        return Ok(Ending::finished());
    }
    audit::record(Event::Refused, case, caller, "registration required");
    Ok(Ending::new(Standing::Denied, with_help(doors, doors.texts.say("register-denied", &[]))))
}

async fn unregistered(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    let ending = denied(doors, caller, case).await?;
    if ending.standing == Standing::Finished {
        talk.line(doors.texts.say("register-not-delivered", &[]), doors.texts.say("go-on-prompt", &[])).await?;
    }
    Ok(ending)
}

enum Resumed {
    Saved(Method),
    Nothing,
}

/// A code that was sent before the connection dropped is asked for first.
async fn resumed(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case, due: &Due) -> Result<Resumed, Stop> {
    let Some(challenge) = proof::open_challenge(doors, case, None).await? else { return Ok(Resumed::Nothing) };
    let Some(contact) = proof::destination(doors, case, &challenge)?.filter(|c| due.open.contains(&c.method())) else {
        return Ok(Resumed::Nothing);
    };
    let text = doors.texts.say("code-resumed-to", &[("contact", contact.as_str().into())]);
    match code::ask(talk, doors, case, challenge, text, Some(&contact)).await? {
        Asked::Right => {
            save(doors, caller, case, due.uid, &contact).await?;
            Ok(Resumed::Saved(contact.method()))
        }
        Asked::Other | Asked::Back | Asked::Over(_) => Ok(Resumed::Nothing),
    }
}

/// What came of registering one method.
pub(super) enum Outcome {
    /// It is registered.
    Saved,
    /// The person does not want to.
    GivenUp,
    /// It can't be done now; this is why.
    Over(String),
}

/// Asks for a contact of `method`, sends a code there and registers it once the code was typed.
pub(super) async fn register_one(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    uid: u32,
    method: Method,
) -> Result<Outcome, Stop> {
    let mut said = String::new();
    loop {
        let Some(contact) = ask_contact(talk, doors, method, &said).await? else { return Ok(Outcome::GivenUp) };
        let (challenge, text) = match code::post(doors, case, To::New(&contact), Some(&contact), method).await? {
            Post::Ask(challenge, text) => (challenge, text),
            Post::NotNow(text) => {
                said = text;
                continue;
            }
            Post::Over(ending) => return Ok(Outcome::Over(ending.text)),
        };
        match code::ask(talk, doors, case, challenge, text, Some(&contact)).await? {
            Asked::Right => {
                save(doors, caller, case, uid, &contact).await?;
                return Ok(Outcome::Saved);
            }
            Asked::Other => said.clear(),
            Asked::Back => return Ok(Outcome::GivenUp),
            Asked::Over(ending) => return Ok(Outcome::Over(ending.text)),
        }
    }
}

/// Saves what was proved; the proof is spent in the same breath.
async fn save(doors: &Doors, caller: &Caller, case: &Case, uid: u32, contact: &Contact) -> Result<(), Stop> {
    if !proof::spend(doors, case, 1).await? {
        return Err(Stop::Gone);
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    registrations::add_contact(
        &mut tx,
        &doors.keys,
        doors.random.as_ref(),
        &case.account.name,
        uid,
        contact,
        doors.clock.now(),
    )
    .await?;
    registrations::retire_others(&mut tx, &doors.keys, &case.account.name, contact).await?;
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    proof::succeed(doors, case).await?;
    audit::record(Event::Registered, case, caller, contact.method().as_str());
    Ok(())
}

async fn ask_contact(talk: &mut Talk, doors: &Doors, method: Method, said: &str) -> Result<Option<Contact>, Stop> {
    let texts = &doors.texts;
    let (intro, prompt) = match method {
        Method::Email => (texts.say("register-email", &[]), texts.say("email-prompt", &[])),
        Method::Phone => (texts.say("register-phone", &[]), texts.say("number-prompt", &[])),
    };
    let mut text = if said.is_empty() { intro } else { format!("{said}\n{intro}") };
    loop {
        let typed = talk.line(text, prompt.as_str()).await?;
        if typed.is_empty() {
            return Ok(None);
        }
        let parsed = match method {
            Method::Email => EmailAddress::parse(&typed).map(Contact::Email),
            Method::Phone => {
                PhoneNumber::parse(&typed, doors.settings.phone.default_region.as_deref()).map(Contact::Phone)
            }
        };
        match parsed {
            Ok(contact) => return Ok(Some(contact)),
            Err(fault) => text = contact_texts::fault(texts, fault),
        }
    }
}
