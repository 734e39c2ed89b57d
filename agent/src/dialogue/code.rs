//! Sends a code and asks for it, for every dialogue.

use sspr_config::settings::Method;
use zeroize::Zeroizing;

use super::{
    Conversation, Ending, Stop, admission,
    ending::Asked,
    token::{self, Kind},
};
use crate::{
    audit::Event,
    contact::Contact,
    proof::{self, Answered, Gateways, Pause, Sent, To},
    session::Session,
    store::challenges::Challenge,
    typed::word,
};

/// The outcome of sending.
#[derive(Debug)]
pub(super) enum Post {
    /// There is a code to ask for; the text is shown first.
    Ask(Box<Challenge>, String),
    /// No code was sent, for this reason.
    NotNow(String),
    /// It is over.
    Over(Ending),
}

/// The text about a sent code. For a contact that was typed in full, a mailbox and a phone get the same text: for an
/// unknown name, sshd does not pass on which of them was typed.
fn announcement(s: &Session, to: To<'_>) -> String {
    let minutes = s.settings.code.lifetime.as_minutes();
    let to_contact = || s.say_with("code-sent-contact", &[("minutes", minutes.into())]);
    let to_mailbox = || s.say_with("code-sent-email", &[("minutes", minutes.into())]);
    match to {
        To::New(contact) => {
            s.say_with("code-sent-to", &[("contact", contact.as_str().into()), ("minutes", minutes.into())])
        }
        To::Registered(_, Some(_)) | To::Typed(..) => to_contact(),
        To::Registered(_, None) => to_mailbox(),
        To::Call(..) => s.say_with("code-called", &[("minutes", minutes.into())]),
    }
}

/// Sends a code, or finds the one that was just sent.
pub(super) async fn post(s: &Session, to: To<'_>, new: Option<&Contact>, method: Method) -> Result<Post, Stop> {
    let sent = proof::send(s, to).await?;
    if matches!(sent, Sent::Now(_)) {
        s.record(Event::CodeAsked, method.as_str());
    }
    Ok(match sent {
        Sent::Suspended(pause) => Post::Over(Ending::suspended(s, pause)),
        Sent::Now(challenge) => Post::Ask(challenge, announcement(s, to)),
        Sent::Wait(seconds) => {
            let time = s.texts.span(seconds);
            match proof::sent_to(s, to).await? {
                Some(earlier) if same_destination(s, &earlier, new)? => {
                    Post::Ask(Box::new(earlier), s.say_with("code-sent-earlier", &[("time", time.as_str().into())]))
                }
                _ => Post::NotNow(s.say_with("code-not-yet", &[("time", time.as_str().into())])),
            }
        }
    })
}

/// Whether the code went to the address `new`. A code that went elsewhere does not count for it.
fn same_destination(s: &Session, challenge: &Challenge, new: Option<&Contact>) -> Result<bool, Stop> {
    let Some(new) = new else { return Ok(true) };
    Ok(proof::destination(s, challenge)?.is_some_and(|old| old.as_str() == new.as_str()))
}

/// An answer to the question for a code. Over sshd, it is judged by its length only.
///
/// For an unknown account, sshd replaces the typed text with junk of the same length (`fake_password` in OpenSSH's
/// auth-pam.c). A screen that depended on anything but the length would reveal which accounts exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Nothing,
    New,
    Call,
    /// The word for a code that the user already has.
    Token,
    Other,
    Code,
    /// None of these.
    Strange,
}

fn typed(answer: &[u8], digits: u8, by_length: bool, offered: Offered) -> Typed {
    let Offered { call, token } = offered;
    if by_length {
        return match answer.len() {
            0 => Typed::Nothing,
            3 => Typed::New,
            4 if call => Typed::Call,
            4 if token => Typed::Token,
            5 => Typed::Other,
            1 | 2 | 4 => Typed::Strange,
            _ => Typed::Code,
        };
    }
    let text = Zeroizing::new(word(&String::from_utf8_lossy(answer)));
    match text.as_str() {
        "" => Typed::Nothing,
        "new" => Typed::New,
        "call" if call => Typed::Call,
        "code" if token => Typed::Token,
        "other" => Typed::Other,
        text if proof::tidy_code(text, digits).is_some() => Typed::Code,
        _ => Typed::Strange,
    }
}

/// The words that this question accepts besides a code.
#[derive(Clone, Copy, Debug)]
struct Offered {
    /// The code can be read out in a call.
    call: bool,
    /// A recovery code or one from the help desk can take its place.
    token: bool,
}

/// The situation in which a code is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asking<'a> {
    /// A user who has just chosen the code's destination.
    Fresh {
        /// The destination.
        to: To<'a>,
        /// Whether a recovery code or one from the help desk is accepted too.
        or_token: bool,
    },
    /// A user who may not know where an earlier code went, and may have come back because it never arrived.
    Resumed {
        /// The same.
        or_token: bool,
    },
    /// A user who registers this contact.
    Registering(&'a Contact),
    /// A user who confirms this contact, which an administrator entered and which is not shown in full.
    Confirming(&'a Contact),
}

/// Asks for the code of `challenge` until it is correct, the user gives up, or the dialogue is over.
pub(super) async fn ask(
    conversation: &mut Conversation,
    s: &Session,
    mut challenge: Challenge,
    mut text: String,
    asking: Asking<'_>,
) -> Result<Asked, Stop> {
    let digits = s.settings.code.digits;
    let malformed = || s.say_with("code-malformed", &[("digits", i64::from(digits).into())]);
    let Some(method) = Method::from_word(&challenge.method) else { return Ok(Asked::Other) };
    let new = match asking {
        Asking::Registering(contact) | Asking::Confirming(contact) => Some(contact),
        Asking::Fresh { .. } | Asking::Resumed { .. } => None,
    };
    // A code to a typed contact may have gone to a phone.
    let can_call = s.settings.phone.voice
        && s.settings.register.methods.contains(&Method::Phone)
        && matches!(asking, Asking::Fresh { .. })
        && proof::to_typed_contact(s, &challenge);
    let token = match asking {
        Asking::Resumed { or_token } => or_token,
        // Over sshd, a mistyped code of four digits would have the length of the word, and no line offers the word
        // here.
        Asking::Fresh { or_token, .. } => or_token && !s.attempt.by_length(),
        Asking::Registering(_) | Asking::Confirming(_) => false,
    };
    let offered = Offered { call: can_call, token };
    let usage = |wants_a_word: bool| match (&asking, can_call, wants_a_word) {
        (Asking::Registering(_), _, true) => s.say("code-usage-new-mandatory"),
        (Asking::Registering(_), _, false) => s.say("code-usage-new"),
        (_, true, _) => s.say("code-usage-call"),
        (_, false, true) => s.say("code-usage-mandatory"),
        (_, false, false) => s.say("code-usage"),
    };
    loop {
        if let Asking::Confirming(contact) = asking {
            text = text.replace(contact.as_str(), &contact.masked());
        }
        // If leaving means "no", a gateway that is down must not lock anybody out.
        if conversation.binding() && proof::gateways(s).await? == Gateways::Down {
            conversation.bind(false);
        }
        let mut usage = usage(conversation.wants_a_word());
        // A user who has just chosen knows the other ways.
        if matches!(asking, Asking::Resumed { or_token: true }) {
            usage = format!("{usage}\n{}", s.say("code-usage-token"));
        }
        let (asking_for, prompt) = (format!("{text}\n{usage}"), s.say("code-prompt"));
        let answer = admission::heard(conversation, s, asking_for, prompt).await?;
        if conversation.has_turned() {
            text = malformed();
            continue;
        }
        text = match (typed(&answer, digits, s.attempt.by_length(), offered), asking) {
            (Typed::Nothing, _) => return Ok(Asked::Back),
            // A user who resumes has to choose the destination of a code again.
            (Typed::Other, _) | (Typed::New | Typed::Call, Asking::Resumed { .. }) => return Ok(Asked::Other),
            (Typed::Token, _) => return Box::pin(token::ask(conversation, s, Kind::Code)).await,
            (typed @ (Typed::New | Typed::Call), asking) => {
                let to = match (typed, asking) {
                    (Typed::Call, _) => To::Call(method, &challenge),
                    (_, Asking::Registering(contact) | Asking::Confirming(contact)) => To::New(contact),
                    (_, Asking::Fresh { to, .. }) => to,
                    (_, Asking::Resumed { .. }) => return Ok(Asked::Other),
                };
                match post(s, to, new, method).await? {
                    Post::Ask(newer, said) => {
                        challenge = *newer;
                        said
                    }
                    Post::NotNow(said) => said,
                    Post::Over(ending) => return Ok(Asked::Over(ending)),
                }
            }
            (Typed::Strange, _) => {
                conversation.misread()?;
                malformed()
            }
            // By length, an answer that can't be a code is a wrong code, and counts as one.
            (Typed::Code, _) => {
                let code = proof::tidy_code(&String::from_utf8_lossy(&answer), digits).unwrap_or_default();
                let answered = proof::answer(s, &challenge.id, &code).await?;
                if matches!(answered, Answered::Wrong(_) | Answered::Suspended(Pause::Account(_))) {
                    s.record(Event::CodeWrong, method.as_str());
                }
                match answered {
                    Answered::Right => return Ok(Asked::Right),
                    Answered::Suspended(pause) => return Ok(Asked::Over(Ending::suspended(s, pause))),
                    Answered::Wrong(left) if left > 0 => {
                        let wrong = s.say_with("code-wrong", &[("left", left.into())]);
                        // By length, it may be no code at all.
                        if answer.len() == usize::from(digits) || !s.attempt.by_length() {
                            wrong
                        } else {
                            format!("{wrong}\n{}", malformed())
                        }
                    }
                    Answered::Wrong(_) => s.say("code-worn-out"),
                    Answered::Expired => s.say("code-expired"),
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_code_leads_to_the_codes_that_the_user_has_and_over_sshd_whatever_has_its_length() {
        let offered = |call, token| Offered { call, token };
        for (answer, by_length, offered, want) in [
            ("code", false, offered(false, true), Typed::Token),
            (" Code", false, offered(true, true), Typed::Token),
            ("code", false, offered(false, false), Typed::Strange),
            ("call", false, offered(false, true), Typed::Strange),
            ("code", true, offered(false, true), Typed::Token),
            ("zzzz", true, offered(false, true), Typed::Token),
            ("zzzz", true, offered(false, false), Typed::Strange),
            ("0a1b-2c3d-4e5f", true, offered(false, true), Typed::Code),
        ] {
            assert_eq!(typed(answer.as_bytes(), 6, by_length, offered), want, "{answer:?} {by_length} {offered:?}");
        }
    }
}
