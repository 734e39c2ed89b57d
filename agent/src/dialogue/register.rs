//! Registration: right after a sign-in with name and password, or from a shell.

use std::collections::BTreeSet;

use sspr_config::{
    dialogue::Standing,
    settings::{Enable, Method, RegisterMode},
};

use super::{
    Caller, Ending, Stop, Talk,
    code::{self, Asked, Asking, Post},
    with_help,
};
use crate::{
    audit::{self, Event},
    contact::{Contact, EmailAddress, PhoneNumber},
    contact_texts,
    credential::Verdict,
    doors::Doors,
    error::Error,
    notes,
    proof::{self, Case, To},
    store::registrations::{self, Invitation, Registered},
};

const DAY: i64 = 86_400;

/// What is due at this sign-in.
struct Due {
    desk: Desk,
    /// The methods that can still be registered.
    open: Vec<Method>,
    /// How many different methods have to be registered.
    required: usize,
    /// Whether all of them are needed.
    all_needed: bool,
    /// Whether "not now" is no answer any more.
    mandatory: bool,
}

/// The place where contacts of one person are registered. It knows what was registered when the person was let at it; if
/// somebody else changed that meanwhile, nothing is saved any more.
pub(super) struct Desk {
    uid: u32,
    known: Vec<Registered>,
}

impl Desk {
    /// A desk for the account with `uid` and these contacts.
    pub(super) const fn new(uid: u32, known: Vec<Registered>) -> Self {
        Self { uid, known }
    }

    /// How many different methods are registered by now.
    fn methods(&self) -> usize {
        self.known.iter().map(|c| c.contact.method()).collect::<BTreeSet<_>>().len()
    }
}

pub(super) async fn at_sign_in(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    // Root can ask for anybody: it is the PAM host in which this person has just signed in.
    if caller.uid != 0 {
        return Ok(Ending::finished());
    }
    let Some(mut due) = due(doors, case).await? else { return Ok(Ending::finished()) };
    // Noted before the first question: whoever can't answer it, or breaks off, is not asked at every sign-in.
    put_off(doors, case, due.desk.uid).await?;
    let texts = &doors.texts;
    if let Some(method) = resumed(talk, doors, caller, case, &mut due).await? {
        due.open.retain(|open| *open != method);
    }
    while due.desk.methods() < due.required {
        let wanted = match choose(talk, doors, &due).await? {
            Choice::Methods(methods) => methods,
            // A gateway that is down must not keep anybody out.
            Choice::NotNow if due.mandatory && !proof::undelivered(doors, case).await? => {
                return Ok(denied(doors, caller, case));
            }
            Choice::NotNow => {
                audit::record(Event::PutOff, case, caller, "");
                return Ok(Ending::finished());
            }
        };
        for method in wanted {
            match register_one(talk, doors, caller, case, &mut due.desk, method).await? {
                Outcome::Saved => due.open.retain(|open| *open != method),
                // Back to the menu, if there is anything left to choose there.
                Outcome::GivenUp => break,
                // Nor must a limit.
                Outcome::NotPossible(text) => {
                    audit::record(Event::PutOff, case, caller, "not possible now");
                    let text = if text.is_empty() { texts.say("register-not-now", &[]) } else { text };
                    talk.line(text, texts.say("go-on-prompt", &[])).await?;
                    return Ok(Ending::finished());
                }
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
    let progress = registrations::progress(doors.store.session().await.connection(), name, uid).await?;
    let (registered, invited) = (progress.methods, progress.invited);
    let most = settings.recover.required(true);
    if registered >= i64::from(most) {
        doors.settled.note(name, uid, now, now + DAY);
        return Ok(None);
    }
    let mandatory = mandatory(settings.register.mode, settings.register.skip_days, invited, now);
    // Asked today already, unless a code is on its way.
    let asked = invited.filter(|invitation| now - invitation.last < DAY);
    if let Some(invitation) = asked
        && !mandatory
        && proof::open_challenge(doors, case, None).await?.is_none()
    {
        doors.settled.note(name, uid, now, invitation.last + DAY);
        return Ok(None);
    }
    let state = doors.credentials.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible || state.uid != uid {
        return Ok(None);
    }
    let required = settings.recover.required(state.admin);
    if registered >= i64::from(required) {
        // Whoever has enough is not looked up again today.
        doors.settled.note(name, uid, now, now + DAY);
        return Ok(None);
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let have = registrations::get(&mut tx, &doors.keys, name).await?.filter(|r| r.uid == uid);
    tx.commit().await.map_err(Error::from)?;
    let known = have.map(|registration| registration.contacts).unwrap_or_default();
    let has = |method: &Method| known.iter().any(|c| c.contact.method() == *method);
    let open: Vec<Method> = settings.register.methods.iter().copied().filter(|m| !has(m)).collect();
    let missing = usize::from(required) - usize::try_from(registered).unwrap_or_default().min(usize::from(required));
    Ok(Some(Due {
        required: usize::from(required),
        desk: Desk::new(uid, known),
        all_needed: missing >= open.len(),
        open,
        mandatory,
    }))
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
    let mut text =
        if due.mandatory { format!("{}\n{menu}", texts.say("register-mandatory", &[])) } else { menu.clone() };
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

/// Notes that the question was put.
async fn put_off(doors: &Doors, case: &Case, uid: u32) -> Result<(), Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    registrations::put_off(&mut tx, &case.account.name, uid, doors.clock.now()).await?;
    Ok(tx.commit().await.map_err(Error::from)?)
}

fn denied(doors: &Doors, caller: &Caller, case: &Case) -> Ending {
    audit::record(Event::Refused, case, caller, "registration required");
    Ending::new(Standing::Denied, with_help(doors, doors.texts.say("register-denied", &[])))
}

/// A code that was sent before the connection dropped is asked for first. What was registered with it, if anything.
async fn resumed(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    due: &mut Due,
) -> Result<Option<Method>, Stop> {
    let Some(challenge) = proof::open_challenge(doors, case, None).await? else { return Ok(None) };
    let Some(contact) = proof::destination(doors, case, &challenge)?.filter(|c| due.open.contains(&c.method())) else {
        return Ok(None);
    };
    let text = doors.texts.say("code-resumed-to", &[("contact", contact.as_str().into())]);
    match code::ask(talk, doors, case, challenge, text, Asking::Registering(&contact)).await? {
        Asked::Right if save(doors, caller, case, &mut due.desk, &contact).await? => Ok(Some(contact.method())),
        Asked::Right | Asked::Other | Asked::Back | Asked::Over(_) => Ok(None),
    }
}

/// What came of registering one method.
pub(super) enum Outcome {
    /// It is registered.
    Saved,
    /// The person does not want to.
    GivenUp,
    /// It can't be done now; this is why, or nothing was said yet.
    NotPossible(String),
}

/// Asks for a contact of `method`, sends a code there and registers it once the code was typed.
pub(super) async fn register_one(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &mut Desk,
    method: Method,
) -> Result<Outcome, Stop> {
    let mut said = String::new();
    let mut had_to_wait = false;
    loop {
        let Some(contact) = ask_contact(talk, doors, method, &said).await? else {
            return Ok(if had_to_wait { Outcome::NotPossible(String::new()) } else { Outcome::GivenUp });
        };
        let (challenge, text) = match code::post(doors, case, To::New(&contact), Some(&contact), method).await? {
            Post::Ask(challenge, text) => (challenge, text),
            Post::NotNow(text) => {
                had_to_wait = true;
                said = text;
                continue;
            }
            Post::Over(ending) => return Ok(Outcome::NotPossible(ending.text)),
        };
        match code::ask(talk, doors, case, challenge, text, Asking::Registering(&contact)).await? {
            Asked::Right if save(doors, caller, case, desk, &contact).await? => return Ok(Outcome::Saved),
            Asked::Right => return Ok(Outcome::NotPossible(doors.texts.say("register-changed", &[]))),
            Asked::Other => said.clear(),
            Asked::Back => return Ok(Outcome::GivenUp),
            Asked::Over(ending) => return Ok(Outcome::NotPossible(ending.text)),
        }
    }
}

/// Saves what was proved, spending the proof. `false`: what is registered was changed by somebody else meanwhile, and
/// nothing was saved. Whoever was registered before is told in the same transaction.
async fn save(doors: &Doors, caller: &Caller, case: &Case, desk: &mut Desk, contact: &Contact) -> Result<bool, Stop> {
    if !proof::spend(doors, case, 1).await? {
        return Ok(false);
    }
    let name = &case.account.name;
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let now = registrations::get(&mut tx, &doors.keys, name).await?.filter(|r| r.uid == desk.uid);
    let now: Vec<i64> = now.iter().flat_map(|r| r.contacts.iter().map(|c| c.id)).collect();
    if now != desk.known.iter().map(|c| c.id).collect::<Vec<_>>() {
        return Ok(false);
    }
    let (keys, random) = (&doors.keys, doors.random.as_ref());
    registrations::add_contact(&mut tx, keys, random, name, desk.uid, contact, doors.clock.now()).await?;
    registrations::retire_others(&mut tx, keys, name, contact).await?;
    if let Some(language) = caller.language {
        registrations::set_language(&mut tx, name, language).await?;
    }
    notes::contact_changed(&mut tx, doors, name, caller, desk.known.iter().map(|c| &c.contact)).await?;
    let after = registrations::get(&mut tx, keys, name).await?;
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    doors.outbox.wake();
    desk.known = after.map(|registration| registration.contacts).unwrap_or_default();
    proof::succeed(doors, case).await?;
    audit::record(Event::Registered, case, caller, contact.method().as_str());
    Ok(true)
}

async fn ask_contact(talk: &mut Talk, doors: &Doors, method: Method, said: &str) -> Result<Option<Contact>, Stop> {
    let texts = &doors.texts;
    let (intro, prompt) = match method {
        Method::Email => (texts.say("register-email", &[]), texts.say("email-prompt", &[])),
        Method::Phone | Method::App => (texts.say("register-phone", &[]), texts.say("number-prompt", &[])),
    };
    let mut text = if said.is_empty() { intro } else { format!("{said}\n{intro}") };
    loop {
        let typed = talk.line(text, prompt.as_str()).await?;
        if typed.is_empty() {
            return Ok(None);
        }
        let parsed = match method {
            Method::Email => EmailAddress::parse(&typed).map(Contact::Email),
            Method::Phone | Method::App => {
                PhoneNumber::parse(&typed, doors.settings.phone.default_region.as_deref()).map(Contact::Phone)
            }
        };
        match parsed {
            Ok(contact) => return Ok(Some(contact)),
            Err(fault) => text = contact_texts::fault(texts, fault),
        }
    }
}
