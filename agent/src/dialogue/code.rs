//! Sending a code and asking for it, as every dialogue does.

use sspr_config::settings::Method;
use zeroize::Zeroizing;

use super::{
    Ending, Stop, Talk, admission,
    token::{self, Kind},
    with_help,
};
use crate::{
    audit::Event,
    contact::Contact,
    proof::{self, Answered, Gateways, Sent, To},
    session::Session,
    store::challenges::Challenge,
    typed::word,
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
    Ask(Box<Challenge>, String),
    /// There is none; this is why.
    NotNow(String),
    /// It is over.
    Over(Ending),
}

/// The words for a rest after too many failures.
pub(super) fn resting(s: &Session, seconds: i64) -> Ending {
    Ending::refused(with_help(s, s.say_with("resting", &[("time", s.texts.span(seconds).as_str().into())])))
}

/// The words about a code that is on its way. To a contact that was typed in full it is the same for a mailbox and a
/// telephone: which of them was typed does not come through from sshd for a name that it does not know.
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

/// Sends a code, or finds the one that was sent a moment ago.
pub(super) async fn post(s: &Session, to: To<'_>, new: Option<&Contact>, method: Method) -> Result<Post, Stop> {
    let sent = proof::send(s, to).await?;
    if matches!(sent, Sent::Now(_)) {
        s.record(Event::CodeAsked, method.as_str());
    }
    Ok(match sent {
        Sent::Resting(seconds) => Post::Over(resting(s, seconds)),
        Sent::Now(id) => match proof::challenge(s, &id).await? {
            Some(challenge) => Post::Ask(Box::new(challenge), announcement(s, to)),
            None => Post::NotNow(s.say("unavailable")),
        },
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

/// A code that went to another address is no answer for this one.
fn same_destination(s: &Session, challenge: &Challenge, new: Option<&Contact>) -> Result<bool, Stop> {
    let Some(new) = new else { return Ok(true) };
    Ok(proof::destination(s, challenge)?.is_some_and(|old| old.as_str() == new.as_str()))
}

/// What was typed where a code was asked for; over sshd, judged by its length alone.
///
/// It replaces what is typed for an account that it does not know by rubbish of the same length (`fake_password` in
/// OpenSSH's auth-pam.c). A screen that depended on anything but the length would tell such an account from a real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Nothing,
    New,
    Call,
    /// The word that leads to a code that the user has already.
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

/// What can be typed here besides a code, as far as that differs.
#[derive(Clone, Copy, Debug)]
struct Offered {
    /// The code can be read out in a call.
    call: bool,
    /// A recovery code or one from the help desk can take its place.
    token: bool,
}

/// Who is asked for a code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asking<'a> {
    /// A user who has just said where the code is to go.
    Fresh {
        /// Where to.
        to: To<'a>,
        /// Whether a recovery code or one from the help desk would prove it as well.
        or_token: bool,
    },
    /// A user who may not know where the code went that was sent before, and who may be back because it never came.
    Resumed {
        /// The same.
        or_token: bool,
    },
    /// A user who registers this contact.
    Registering(&'a Contact),
    /// A user who confirms this contact, which an administrator entered and which is not shown in full.
    Confirming(&'a Contact),
}

/// Asks for the code of `challenge` until it is right, given up or over.
pub(super) async fn ask(
    talk: &mut Talk,
    s: &Session,
    mut challenge: Challenge,
    mut text: String,
    asking: Asking<'_>,
) -> Result<Asked, Stop> {
    let digits = s.settings.code.digits;
    let Some(method) = Method::from_word(&challenge.method) else { return Ok(Asked::Other) };
    let new = match asking {
        Asking::Registering(contact) | Asking::Confirming(contact) => Some(contact),
        Asking::Fresh { .. } | Asking::Resumed { .. } => None,
    };
    // What went to a contact that was typed may have gone to a telephone.
    let can_call = s.settings.phone.voice
        && s.settings.register.methods.contains(&Method::Phone)
        && matches!(asking, Asking::Fresh { .. })
        && proof::to_typed_contact(s, &challenge);
    let token = match asking {
        Asking::Resumed { or_token } => or_token,
        // Over sshd four digits of the code, mistyped, would have the length of the word, and no line says it here.
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
        // Where breaking off is a "no", a gateway that is down must not keep anybody out.
        if talk.binding() && proof::gateways(s).await? == Gateways::Down {
            talk.bind(false);
        }
        let mut usage = usage(talk.wants_a_word());
        // Who has just chosen knows the other ways.
        if matches!(asking, Asking::Resumed { or_token: true }) {
            usage = format!("{usage}\n{}", s.say("code-usage-token"));
        }
        let (asking_for, prompt) = (format!("{text}\n{usage}"), s.say("code-prompt"));
        let answer = admission::heard(talk, s, asking_for, prompt).await?;
        if talk.has_turned() {
            text = s.say_with("code-malformed", &[("digits", i64::from(digits).into())]);
            continue;
        }
        text = match (typed(&answer, digits, s.attempt.by_length(), offered), asking) {
            (Typed::Nothing, _) => return Ok(Asked::Back),
            // A user who resumes has to say again where a code is to go.
            (Typed::Other, _) | (Typed::New | Typed::Call, Asking::Resumed { .. }) => return Ok(Asked::Other),
            (Typed::Token, _) => return Box::pin(token::ask(talk, s, Kind::Code)).await,
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
                talk.misread()?;
                s.say_with("code-malformed", &[("digits", i64::from(digits).into())])
            }
            // By length, what can't be a code is a wrong one, and counts as one.
            (Typed::Code, _) => {
                let code = proof::tidy_code(&String::from_utf8_lossy(&answer), digits).unwrap_or_default();
                let answered = proof::answer(s, &challenge.id, &code).await?;
                if matches!(answered, Answered::Wrong(_) | Answered::Resting(_)) {
                    s.record(Event::CodeWrong, method.as_str());
                }
                match answered {
                    Answered::Right => return Ok(Asked::Right),
                    Answered::Resting(seconds) => return Ok(Asked::Over(resting(s, seconds))),
                    Answered::Wrong(left) if left > 0 => {
                        s.say_with("code-wrong", &[("digits", i64::from(digits).into()), ("left", left.into())])
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
