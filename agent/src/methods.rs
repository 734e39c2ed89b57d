//! What each method is called: the keys of its texts, the words that users type for it, and its nouns for administrators.

use sspr_config::settings::Method;

use crate::texts::Texts;

/// The names of a method.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    /// What users may type for it in every language, in lower case.
    pub(crate) typed: &'static [&'static str],
    /// The text with its name in a menu.
    pub(crate) name: &'static str,
    /// The offer to register it, if it is the only one.
    pub(crate) only: &'static str,
    /// The item of a menu that adds it.
    pub(crate) add: &'static str,
    /// How a message about a change names it; a contact is inserted masked.
    pub(crate) about: &'static str,
    /// Its line in a list of what is registered; a contact is inserted masked.
    pub(crate) line: &'static str,
    /// What it is registered with.
    pub(crate) with: With,
    /// One of its contacts, and several, in English.
    pub(crate) nouns: (&'static str, &'static str),
}

/// What a method is registered with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum With {
    /// A contact that the user types, and a code that is sent there: the text of the question, and its prompt.
    Contact(&'static str, &'static str),
    /// An authenticator app.
    App,
}

impl Named {
    /// Those of `method`.
    pub(crate) const fn of(method: Method) -> Self {
        match method {
            Method::Email => Self {
                typed: &["e", "email", "e-mail", "mail"],
                name: "method-email",
                only: "register-email-only",
                add: "enroll-add-email",
                about: "text-about-email",
                line: "line-email",
                with: With::Contact("register-email", "email-prompt"),
                nouns: ("email address", "email addresses"),
            },
            Method::Phone => Self {
                typed: &["p", "phone", "sms", "text"],
                name: "method-phone",
                only: "register-phone-only",
                add: "enroll-add-phone",
                about: "text-about-phone",
                line: "line-phone",
                with: With::Contact("register-phone", "number-prompt"),
                nouns: ("phone", "telephone numbers"),
            },
            Method::App => Self {
                typed: &["a", "app"],
                name: "method-app",
                only: "register-app-only",
                add: "enroll-add-app",
                about: "text-about-app",
                line: "line-app",
                with: With::App,
                nouns: ("authenticator app", "authenticator apps"),
            },
        }
    }
}

/// The text `key` about a registered item: an app, or the `masked` contact.
pub(crate) fn with_contact(texts: &Texts, key: &str, masked: Option<&str>) -> String {
    match masked {
        Some(masked) => texts.say(key, &[("contact", masked.into())]),
        None => texts.say(key, &[]),
    }
}
