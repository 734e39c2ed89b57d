//! Asks for a code that the user already has: from an authenticator app, a recovery code, or a help-desk code.

use zeroize::Zeroizing;

use super::{Conversation, Ending, Stop, admission, ending::Asked};
use crate::{
    audit::Event,
    proof::{self, Answered, Pause, Token},
    session::Session,
    typed::word,
};

/// The kind of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A code of the app.
    App,
    /// A recovery code or a help-desk code.
    Code,
    /// Only a help-desk code.
    HelpDesk,
}

/// An answer. Over sshd, it is judged by its length only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Nothing,
    Other,
    Code,
    /// Too short for any code.
    Strange,
}

fn typed(answer: &[u8], by_length: bool) -> Typed {
    if by_length {
        return match answer.len() {
            0 => Typed::Nothing,
            5 => Typed::Other,
            1..6 => Typed::Strange,
            _ => Typed::Code,
        };
    }
    let text = Zeroizing::new(word(&String::from_utf8_lossy(answer)));
    match text.as_str() {
        "" => Typed::Nothing,
        "other" => Typed::Other,
        text if text.len() < 6 => Typed::Strange,
        _ => Typed::Code,
    }
}

/// Asks until a code is correct, the user gives up, or the dialogue is over.
pub(super) async fn ask(conversation: &mut Conversation, s: &Session, kind: Kind) -> Result<Asked, Stop> {
    let (key, reason) = match kind {
        Kind::App => ("token-app", "app"),
        Kind::Code => ("token-code", "recovery or help-desk code"),
        Kind::HelpDesk => ("token-helpdesk", "help-desk code"),
    };
    let mut text = s.say(key);
    loop {
        let usage = s.say("token-usage");
        let (asking_for, prompt) = (format!("{text}\n{usage}"), s.say("code-prompt"));
        let answer = admission::heard(conversation, s, asking_for, prompt).await?;
        if conversation.has_turned() {
            text = s.say(key);
            continue;
        }
        text = match typed(&answer, s.attempt.by_length()) {
            Typed::Nothing => return Ok(Asked::Back),
            Typed::Other => return Ok(Asked::Other),
            Typed::Strange => {
                conversation.misread()?;
                s.say("choose-again")
            }
            Typed::Code => {
                let typed = Zeroizing::new(String::from_utf8_lossy(&answer).into_owned());
                let token = match kind {
                    Kind::App => Token::App(&typed),
                    Kind::Code => Token::Code(&typed),
                    Kind::HelpDesk => Token::HelpDesk(&typed),
                };
                let answered = proof::present(s, token).await?;
                if matches!(answered, Answered::Wrong(_) | Answered::Suspended(Pause::Account(_))) {
                    s.record(Event::CodeWrong, reason);
                }
                match (answered, kind) {
                    (Answered::Right, _) => return Ok(Asked::Right),
                    (Answered::Suspended(pause), _) => return Ok(Asked::Over(Ending::suspended(s, pause))),
                    (Answered::Wrong(left), Kind::App) => s.say_with("token-app-wrong", &[("left", left.into())]),
                    (Answered::Wrong(left), Kind::Code | Kind::HelpDesk) => {
                        s.say_with("token-code-wrong", &[("left", left.into())])
                    }
                    // Nothing was sent, so nothing can have expired.
                    (Answered::Expired, _) => return Ok(Asked::Other),
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_sshd_the_length_alone_decides_and_elsewhere_the_word() {
        for (answer, by_length, by_word) in [
            ("", Typed::Nothing, Typed::Nothing),
            ("x", Typed::Strange, Typed::Strange),
            ("new", Typed::Strange, Typed::Strange),
            ("othr", Typed::Strange, Typed::Strange),
            ("othre", Typed::Other, Typed::Strange),
            ("Other", Typed::Other, Typed::Other),
            (" other ", Typed::Code, Typed::Other),
            ("123456", Typed::Code, Typed::Code),
            ("0a1b-2c3d-4e5f", Typed::Code, Typed::Code),
        ] {
            assert_eq!(typed(answer.as_bytes(), true), by_length, "{answer:?}");
            assert_eq!(typed(answer.as_bytes(), false), by_word, "{answer:?}");
        }
    }
}
