//! Asks at a sign-in whether the registration is still correct, and whether imported contacts really belong to the
//! user.

use super::{
    Conversation, Ending, Stop,
    code::{self, Asking, Post},
    codes,
    due::Review,
    ending::{Asked, Outcome},
    enroll::{self, Edited},
    enrollment::{Change, Enrollment},
    is_read, misread,
    owner::{self, Owner},
    readable, too_quick,
};
use crate::{
    audit::Event,
    proof::To,
    session::Session,
    store::{Registrations, registrations::Registered},
};

/// The outcome of the questions about imported contacts.
pub(super) enum Mine {
    /// Each was confirmed or disowned.
    Settled,
    /// The user does not want to be asked now.
    PutOff,
}

/// Reviews recovery codes that the user did not see, unconfirmed imported contacts, and old registrations.
pub(super) async fn review(
    conversation: &mut Conversation,
    s: &Session,
    mut enrollment: Enrollment,
    review: Review,
) -> Result<Ending, Stop> {
    if let Some(unseen) = review.codes {
        codes::again(conversation, s, &enrollment, unseen).await?;
    }
    if !review.contacts {
        return Ok(Ending::finished());
    }
    if enrollment.contacts.iter().any(|c| !c.usable && enrollment.enabled.contains(&c.contact.method())) {
        imported(conversation, s, &mut enrollment, false, false).await?;
        return Ok(Ending::finished());
    }
    let question = || format!("{}\n{}", s.say("reconfirm"), enroll::list(s, &enrollment).join("\n"));
    let mut text = question();
    loop {
        match conversation.word(text, s.say("reconfirm-prompt")).await?.as_str() {
            // A program presses Enter, so Enter confirms nothing.
            "" | "later" => return Ok(Ending::finished()),
            "y" | "yes" if !is_read(conversation, s) => text = too_quick(conversation, s, &question())?,
            "y" | "yes" => break,
            "c" | "change" => {
                if let Some(ending) = change(conversation, s, &mut enrollment).await? {
                    return Ok(ending);
                }
                break;
            }
            _ => text = misread(conversation, s, question())?,
        }
    }
    let mut tx = s.begin().await?;
    Registrations::confirm(&mut tx, s.name(), s.now()).await?;
    tx.commit().await?;
    s.record(Event::Confirmed, "");
    Ok(Ending::finished())
}

/// Changes the registration. The user has just signed in, so the password was correct; a code to a registered contact
/// is still required. Returns an ending if the code was not given; the sign-in then goes on.
async fn change(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
) -> Result<Option<Ending>, Stop> {
    if let Owner::Not(ending) = owner::prove(conversation, s, enrollment).await? {
        if !ending.text.is_empty() {
            conversation.wait(|| readable(s, &ending.text, "register-not-now")).await?;
        }
        return Ok(Some(Ending::finished()));
    }
    let edited = enroll::edit(conversation, s, enrollment).await?;
    let codes = codes::first(s, enrollment).await?;
    let said = || {
        let done = (edited == Edited::Something).then(|| enroll::done(s, enrollment));
        let codes = codes.as_ref().map(|codes| codes.text(&s.texts));
        [done, codes].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    };
    if !said().is_empty() {
        conversation.wait(said).await?;
    }
    if let Some(codes) = codes {
        codes.seen(s).await?;
    }
    Ok(None)
}

/// Asks about each unconfirmed imported contact: whether it is this user's, and for a code that is sent there. If
/// registering is `mandatory`, the text says so first, because leaving means "no" then.
///
/// Another way to reset the password requires a code to a registered contact, unless that was `proved` before.
/// Disowning a contact requires nothing: it is not usable until it is confirmed, an administrator can enter it again,
/// and the registered contacts are notified. A host of the fleet may have the password and nobody there, so through one it
/// requires the code as well.
#[allow(clippy::too_many_arguments, reason = "who, where and on what terms")]
pub(super) async fn imported(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
    mandatory: bool,
    proved: bool,
) -> Result<Mine, Stop> {
    let mut to_be_proved = !proved && enrollment.has_any();
    let waiting: Vec<Registered> = enrollment.contacts.iter().filter(|c| !c.usable).cloned().collect();
    for registered in waiting {
        if !s.settings.register.methods.contains(&registered.contact.method()) {
            continue;
        }
        let answer = match is_mine(conversation, s, &registered, mandatory).await? {
            Answer::NotNow => return Ok(Mine::PutOff),
            Answer::No if !s.caller().is_of_the_fleet() => {
                enrollment.change(s, Change::Remove(&registered)).await?;
                continue;
            }
            answer => answer,
        };
        let mut outcome = Outcome::Saved;
        if std::mem::take(&mut to_be_proved)
            && let Owner::Not(ending) = owner::prove(conversation, s, enrollment).await?
        {
            outcome = Outcome::NotPossible(ending.text);
        }
        if let Outcome::Saved = outcome {
            outcome = match answer {
                Answer::Yes => confirm(conversation, s, enrollment, &registered).await?,
                _ => Outcome::saved(s, enrollment.change(s, Change::Remove(&registered)).await?),
            };
        }
        match outcome {
            Outcome::Saved => {}
            Outcome::GivenUp => return Ok(Mine::PutOff),
            Outcome::NotPossible(text) => {
                if !text.is_empty() {
                    conversation.wait(|| readable(s, &text, "register-not-now")).await?;
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

async fn is_mine(
    conversation: &mut Conversation,
    s: &Session,
    registered: &Registered,
    mandatory: bool,
) -> Result<Answer, Stop> {
    let question = || {
        let question = format!("{}\n  {}", s.say("imported"), enroll::line(s, &registered.contact));
        if mandatory { format!("{}\n{question}", s.say("register-mandatory")) } else { question }
    };
    let mut text = question();
    loop {
        let prompt = if conversation.wants_a_word() { "imported-prompt-mandatory" } else { "imported-prompt" };
        match conversation.word(text, s.say(prompt)).await?.as_str() {
            "" | "later" => return Ok(Answer::NotNow),
            "y" | "yes" => return Ok(Answer::Yes),
            "n" | "no" => return Ok(Answer::No),
            _ => text = misread(conversation, s, question())?,
        }
    }
}

async fn confirm(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
    registered: &Registered,
) -> Result<Outcome, Stop> {
    let contact = &registered.contact;
    let (challenge, text) = match code::post(s, To::New(contact), Some(contact), contact.method()).await? {
        Post::Ask(challenge, text) => (challenge, text),
        Post::NotNow(text) => return Ok(Outcome::NotPossible(text)),
        Post::Over(ending) => return Ok(Outcome::NotPossible(ending.text)),
    };
    match code::ask(conversation, s, *challenge, text, Asking::Confirming(contact)).await? {
        Asked::Right => Ok(Outcome::saved(s, enrollment.change(s, Change::Add(contact)).await?)),
        Asked::Other | Asked::Back => Ok(Outcome::GivenUp),
        Asked::Over(ending) => Ok(Outcome::NotPossible(ending.text)),
    }
}
