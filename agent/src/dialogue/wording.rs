//! Texts around a question: a repeated question, its language, and the line of the help desk.

use std::time::Duration;

use sspr_config::{language::Language, settings::Method};

use super::conversation::{Conversation, Misread};
use crate::{methods::Named, session::Session, texts::Texts, typed::word, writing};

/// A `question` to repeat, because an answer was not among those offered, or because the user asked for English. A
/// program might go on with such answers forever, so they are counted.
pub(super) fn misread(conversation: &mut Conversation, s: &Session, question: String) -> Result<String, Misread> {
    if conversation.has_turned() {
        return Ok(question);
    }
    conversation.misread()?;
    Ok(format!("{}\n{question}", s.say("choose-again")))
}

/// A `question` to repeat, because the answer came sooner than anybody can read it.
pub(super) fn too_quick(conversation: &mut Conversation, s: &Session, question: &str) -> Result<String, Misread> {
    conversation.misread()?;
    Ok(format!("{}\n{question}", s.say("too-quick")))
}

/// Whether `text` has nothing to read: after the switch to English, ASCII may be unable to show any of an earlier
/// text.
pub(super) fn says_nothing(s: &Session, text: &str) -> bool {
    text.is_empty() || s.texts.is_plain() && writing::plain(text).trim().is_empty()
}

/// The session for the next text. It is in English for the first text at a client that may be unable to show other
/// languages. A user who could not read it could not type the correct password either.
pub(crate) fn for_now(conversation: &Conversation, s: &Session) -> Session {
    if conversation.is_first_word() { s.in_language(Language::English) } else { s.clone() }
}

/// `text`, or the text with the name `instead` if `text` has nothing to read.
pub(super) fn readable(s: &Session, text: &str, instead: &str) -> String {
    if says_nothing(s, text) { s.say(instead) } else { text.to_owned() }
}

/// The name of a method.
pub(super) fn method_name(texts: &Texts, method: Method) -> String {
    texts.say(Named::of(method).name, &[])
}

/// The method that `typed`, in lower case, is a word for: in English, or as the menus name it.
pub(super) fn named(texts: &Texts, typed: &str) -> Option<Method> {
    if let Some(method) = Method::ALL.into_iter().find(|method| Named::of(*method).typed.contains(&typed)) {
        return Some(method);
    }
    Method::ALL.into_iter().find(|method| {
        let name = word(&method_name(texts, *method));
        // What follows says how: "phone, by text message".
        let name = name.split([',', '(']).next().unwrap_or_default().trim();
        typed == name || name.split(' ').next().is_some_and(|first| typed == first)
    })
}

/// `text`, with the administrator's help-desk line below it if there is one.
pub(super) fn with_help(s: &Session, text: String) -> String {
    match &s.settings.helpdesk.text {
        Some(help) => format!("{text}\n{help}"),
        None => text,
    }
}

/// Whether a "y" can come from a user who read the question. A program gives this answer to every question at once,
/// which would confirm for half a year what nobody read.
pub(super) fn is_read(conversation: &Conversation, s: &Session) -> bool {
    !conversation.came_sooner_than(Duration::from_millis(s.settings.register.min_typing_ms.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_named_in_english_or_as_the_menus_of_the_language_do() {
        for (language, typed, want) in [
            (Language::English, "email", Some(Method::Email)),
            (Language::English, "sms", Some(Method::Phone)),
            (Language::English, "phone", Some(Method::Phone)),
            (Language::English, "authenticator", Some(Method::App)),
            (Language::English, "telefon", None),
            (Language::English, "", None),
            (Language::German, "mail", Some(Method::Email)),
            (Language::German, "telefon", Some(Method::Phone)),
            (Language::German, "per", None),
            (Language::Spanish, "correo", Some(Method::Email)),
            (Language::Spanish, "correo electrónico", Some(Method::Email)),
            (Language::Spanish, "teléfono", Some(Method::Phone)),
            (Language::Japanese, "メール", Some(Method::Email)),
            (Language::Japanese, "電話", Some(Method::Phone)),
        ] {
            assert_eq!(named(&Texts::new(language, None, None), typed), want, "{language:?} {typed}");
        }
        for language in Language::ALL {
            for method in Method::ALL {
                let texts = Texts::new(language, None, None);
                let name = word(&method_name(&texts, method));
                let name = name.split([',', '(']).next().unwrap().trim().to_owned();
                assert_eq!(named(&texts, &name), Some(method), "{language:?} {name}");
            }
        }
    }
}
