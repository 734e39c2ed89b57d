//! Sending a code and asking for it, as every dialogue does.

use sspr_config::settings::Method;

use super::{Ending, Stop, Talk, with_help};
use crate::{
    contact::Contact,
    doors::Doors,
    proof::{self, Answered, Case, Sent, To},
    store::challenges::Challenge,
};

/// How the question for a code ended.
#[derive(Debug)]
pub(super) enum Asked {
    /// It was right.
    Right,
    /// The person wants another way.
    Other,
    /// The person wants out.
    Back,
    /// It is over.
    Over(Ending),
}

/// What came of sending.
#[derive(Debug)]
pub(super) enum Post {
    /// There is a code to ask for, and this is to be said first.
    Ask(Challenge, String),
    /// There is none; this is why.
    NotNow(String),
    /// It is over.
    Over(Ending),
}

/// The words for a rest after too many failures.
pub(super) fn resting(doors: &Doors, seconds: i64) -> Ending {
    Ending::refused(with_help(
        doors,
        doors.texts.say("resting", &[("time", doors.texts.span(seconds).as_str().into())]),
    ))
}

/// What is said about a code that is on its way.
pub(super) fn announcement(doors: &Doors, method: Method, new: Option<&Contact>) -> String {
    let minutes = doors.settings.code.lifetime.as_minutes();
    match (new, method) {
        (Some(contact), _) => {
            doors.texts.say("code-sent-to", &[("contact", contact.as_str().into()), ("minutes", minutes.into())])
        }
        (None, Method::Email) => doors.texts.say("code-sent-email", &[("minutes", minutes.into())]),
        (None, Method::Phone) => doors.texts.say("code-sent-phone", &[("minutes", minutes.into())]),
    }
}

/// Sends a code, or finds the one that was sent a moment ago.
pub(super) async fn post(
    doors: &Doors,
    case: &Case,
    to: To<'_>,
    new: Option<&Contact>,
    method: Method,
) -> Result<Post, Stop> {
    let sent = proof::send(doors, case, to).await?;
    if let Sent::Resting(seconds) = sent {
        return Ok(Post::Over(resting(doors, seconds)));
    }
    let open = proof::open_challenge(doors, case, Some(method)).await?;
    Ok(match (sent, open) {
        (Sent::Now, Some(challenge)) => Post::Ask(challenge, announcement(doors, method, new)),
        (Sent::Wait(seconds), Some(challenge)) if same_destination(doors, case, &challenge, new)? => Post::Ask(
            challenge,
            doors.texts.say("code-sent-earlier", &[("time", doors.texts.span(seconds).as_str().into())]),
        ),
        (Sent::Wait(seconds), _) => {
            Post::NotNow(doors.texts.say("code-not-yet", &[("time", doors.texts.span(seconds).as_str().into())]))
        }
        (Sent::Now, None) | (Sent::Resting(_), _) => Post::NotNow(doors.texts.say("unavailable", &[])),
    })
}

/// A code that went to another address is no answer for this one.
fn same_destination(doors: &Doors, case: &Case, challenge: &Challenge, new: Option<&Contact>) -> Result<bool, Stop> {
    let Some(new) = new else { return Ok(true) };
    Ok(proof::destination(doors, case, challenge)?.is_some_and(|old| old.limit_key() == new.limit_key()))
}

/// Asks for the code of `challenge` until it is right, given up or over. `new` is the contact that is being registered.
pub(super) async fn ask(
    talk: &mut Talk,
    doors: &Doors,
    case: &Case,
    mut challenge: Challenge,
    mut text: String,
    new: Option<&Contact>,
) -> Result<Asked, Stop> {
    let texts = &doors.texts;
    let digits = doors.settings.code.digits;
    let Some(method) = Method::from_word(&challenge.method) else { return Ok(Asked::Other) };
    let usage = texts.say(if new.is_some() { "code-usage-new" } else { "code-usage" }, &[]);
    loop {
        let typed = talk.line(format!("{text}\n{usage}"), texts.say("code-prompt", &[])).await?;
        match typed.to_lowercase().as_str() {
            "" => return Ok(Asked::Back),
            "new" => {
                let to = new.map_or(To::Again(method, &challenge), To::New);
                match post(doors, case, to, new, method).await? {
                    Post::Ask(newer, said) => (challenge, text) = (newer, said),
                    Post::NotNow(said) => text = said,
                    Post::Over(ending) => return Ok(Asked::Over(ending)),
                }
                continue;
            }
            "other" => return Ok(Asked::Other),
            _ => {}
        }
        let Some(code) = proof::tidy_code(&typed, digits) else {
            text = texts.say("code-malformed", &[("digits", i64::from(digits).into())]);
            continue;
        };
        text = match proof::answer(doors, case, &challenge.id, &code).await? {
            Answered::Right => return Ok(Asked::Right),
            Answered::Resting(seconds) => return Ok(Asked::Over(resting(doors, seconds))),
            Answered::Wrong(left) if left > 0 => texts.say("code-wrong", &[("left", left.into())]),
            Answered::Wrong(_) => texts.say("code-worn-out", &[]),
            Answered::Expired => texts.say("code-expired", &[]),
        };
    }
}
