//! The messages for an invalid contact.

use crate::{contact::ContactFault, texts::Texts};

/// The fault in plain words, with its fix.
pub fn fault(texts: &Texts, fault: ContactFault) -> String {
    match fault {
        ContactFault::Empty => texts.say("contact-empty", &[]),
        ContactFault::TooLong => texts.say("contact-too-long", &[]),
        ContactFault::ControlCharacters => texts.say("not-plain", &[]),
        ContactFault::NoAt => texts.say("email-no-at", &[]),
        ContactFault::NoDomainDot => texts.say("email-no-dot", &[]),
        ContactFault::Several => texts.say("email-several", &[]),
        ContactFault::DisplayName => texts.say("email-display-name", &[]),
        ContactFault::BadDomain => texts.say("email-bad-domain", &[]),
        ContactFault::BadLocal => texts.say("email-bad-local", &[]),
        ContactFault::NotAscii => texts.say("email-not-ascii", &[]),
        ContactFault::NotANumber => texts.say("number-not-one", &[]),
        ContactFault::NeedsCountry => texts.say("number-needs-country", &[]),
        ContactFault::Invalid => texts.say("number-invalid", &[]),
        ContactFault::NotTextable => texts.say("number-not-textable", &[]),
    }
}
