//! At a sign-in: does what is registered still hold, and is what an administrator entered really this person's?

use std::time::Duration;

use super::{
    Caller, Ending, Stop, Talk,
    code::{self, Asked, Asking, Post},
    codes,
    contacts::{Outcome, saved},
    desk::{Change, Desk},
    due::Review,
    enroll::{self, Edited},
    misread,
    owner::{self, Owner},
    readable, too_quick,
};
use crate::{
    audit::{self, Event},
    doors::Doors,
    error::Error,
    proof::{Case, To},
    store::registrations::{self, Registered},
};

/// What came of asking about imported contacts.
pub(super) enum Mine {
    /// Each was confirmed or disowned.
    Settled,
    /// The person does not want to be asked now.
    PutOff,
}

/// Looks at recovery codes that nobody saw, at what was imported and not confirmed, and at what was registered long ago.
pub(super) async fn review(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    mut desk: Desk,
    review: Review,
) -> Result<Ending, Stop> {
    if let Some(unseen) = review.codes {
        codes::again(talk, doors, caller, case, &desk, unseen).await?;
    }
    if !review.contacts {
        return Ok(Ending::finished());
    }
    if desk.contacts.iter().any(|c| !c.usable && desk.enabled.contains(&c.contact.method())) {
        imported(talk, doors, caller, case, &mut desk, false, false).await?;
        return Ok(Ending::finished());
    }
    let texts = &doors.texts;
    let question = || format!("{}\n{}", texts.say("reconfirm", &[]), enroll::list(doors, &desk).join("\n"));
    let mut text = question();
    loop {
        match talk.word(text, texts.say("reconfirm-prompt", &[])).await?.as_str() {
            // A program presses Enter: it confirms nothing.
            "" | "later" => return Ok(Ending::finished()),
            "y" | "yes" if !is_read(talk, doors) => text = too_quick(talk, doors, &question())?,
            "y" | "yes" => break,
            "c" | "change" => {
                if let Some(ending) = change(talk, doors, caller, case, &mut desk).await? {
                    return Ok(ending);
                }
                break;
            }
            _ => text = misread(talk, doors, question())?,
        }
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    registrations::confirm(&mut tx, &case.account.name, doors.clock.now()).await?;
    tx.commit().await.map_err(Error::from)?;
    audit::record(Event::Confirmed, case, caller, "");
    Ok(Ending::finished())
}

/// Whether a "y" can come from a user who read the question. A program says it to whatever it is asked, and at once: it would
/// confirm for half a year what nobody looked at.
pub(super) fn is_read(talk: &Talk, doors: &Doors) -> bool {
    !talk.came_sooner_than(Duration::from_millis(doors.settings.register.min_typing_ms.into()))
}

/// Changes what is registered. The person has just signed in, so that the password is known to be right; the code to a
/// registered contact is still due. An ending: that was not given, and the sign-in goes on.
async fn change(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &mut Desk,
) -> Result<Option<Ending>, Stop> {
    if let Owner::Not(ending) = owner::prove(talk, doors, caller, case, desk).await? {
        if !ending.text.is_empty() {
            talk.wait(|| readable(doors, &ending.text, "register-not-now")).await?;
        }
        return Ok(Some(Ending::finished()));
    }
    let edited = enroll::edit(talk, doors, caller, case, desk).await?;
    let codes = codes::first(doors, caller, case, desk).await?;
    let said = || {
        let done = (edited == Edited::Something).then(|| enroll::done(doors, desk));
        let codes = codes.as_ref().map(|codes| codes.text(&doors.texts));
        [done, codes].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    };
    if !said().is_empty() {
        talk.wait(said).await?;
    }
    if let Some(codes) = codes {
        codes.seen(doors, case).await?;
    }
    Ok(None)
}

/// Asks about each imported contact that is not confirmed: whether it is this person's, and for a code that is sent there.
/// Where registering is `mandatory`, that is said first: breaking off is a "no" then.
///
/// One more way to reset the password costs a code to what is registered already, unless that was `proved` before. To disown
/// a contact costs nothing: it is good for nothing until it is confirmed, an administrator can enter it again, and who is
/// registered hears of it.
#[allow(clippy::too_many_arguments, reason = "who, where and on what terms")]
pub(super) async fn imported(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &mut Desk,
    mandatory: bool,
    proved: bool,
) -> Result<Mine, Stop> {
    let mut to_be_proved = !proved && desk.has_any();
    let waiting: Vec<Registered> = desk.contacts.iter().filter(|c| !c.usable).cloned().collect();
    for registered in waiting {
        if !doors.settings.register.methods.contains(&registered.contact.method()) {
            continue;
        }
        match is_mine(talk, doors, &registered, mandatory).await? {
            Answer::NotNow => return Ok(Mine::PutOff),
            Answer::No => {
                desk.change(doors, caller, case, Change::Remove(&registered)).await?;
                continue;
            }
            Answer::Yes => {}
        }
        let mut outcome = Outcome::Saved;
        if std::mem::take(&mut to_be_proved)
            && let Owner::Not(ending) = owner::prove(talk, doors, caller, case, desk).await?
        {
            outcome = Outcome::NotPossible(ending.text);
        }
        if let Outcome::Saved = outcome {
            outcome = confirm(talk, doors, caller, case, desk, &registered).await?;
        }
        match outcome {
            Outcome::Saved => {}
            Outcome::GivenUp => return Ok(Mine::PutOff),
            Outcome::NotPossible(text) => {
                if !text.is_empty() {
                    talk.wait(|| readable(doors, &text, "register-not-now")).await?;
                }
                return Ok(Mine::PutOff);
            }
        }
    }
    Ok(Mine::Settled)
}

enum Answer {
    Yes,
    No,
    NotNow,
}

async fn is_mine(talk: &mut Talk, doors: &Doors, registered: &Registered, mandatory: bool) -> Result<Answer, Stop> {
    let texts = &doors.texts;
    let question = || {
        let question = format!("{}\n  {}", texts.say("imported", &[]), enroll::line(doors, &registered.contact));
        if mandatory { format!("{}\n{question}", texts.say("register-mandatory", &[])) } else { question }
    };
    let mut text = question();
    loop {
        let prompt = if talk.wants_a_word() { "imported-prompt-mandatory" } else { "imported-prompt" };
        match talk.word(text, texts.say(prompt, &[])).await?.as_str() {
            "" | "later" => return Ok(Answer::NotNow),
            "y" | "yes" => return Ok(Answer::Yes),
            "n" | "no" => return Ok(Answer::No),
            _ => text = misread(talk, doors, question())?,
        }
    }
}

async fn confirm(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &mut Desk,
    registered: &Registered,
) -> Result<Outcome, Stop> {
    let contact = &registered.contact;
    let (challenge, text) = match code::post(doors, case, To::New(contact), Some(contact), contact.method()).await? {
        Post::Ask(challenge, text) => (challenge, text),
        Post::NotNow(text) => return Ok(Outcome::NotPossible(text)),
        Post::Over(ending) => return Ok(Outcome::NotPossible(ending.text)),
    };
    match code::ask(talk, doors, case, *challenge, text, Asking::Confirming(contact)).await? {
        Asked::Right => Ok(saved(doors, desk.change(doors, caller, case, Change::Add(contact)).await?)),
        Asked::Other | Asked::Back => Ok(Outcome::GivenUp),
        Asked::Over(ending) => Ok(Outcome::NotPossible(ending.text)),
    }
}
