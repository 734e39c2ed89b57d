//! A user's contact: a mail address or a telephone number, checked when it is typed and stored in one form.

use std::fmt;

use sspr_config::settings::Method;

mod email;
pub mod listed;
mod phone;

pub use email::EmailAddress;
pub use phone::PhoneNumber;

/// A checked contact. `Debug` shows only the method, so no contact gets into a log by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Contact {
    /// A mailbox.
    Email(EmailAddress),
    /// A telephone that receives text messages.
    Phone(PhoneNumber),
}

impl Contact {
    /// The contact of `method` that a user typed. A telephone number without a country code is read as one of `region`
    /// (ISO 3166-1, two capital letters), which takes the memory and time of telephone metadata. Fails for a method
    /// without contacts.
    pub fn parse(method: Method, typed: &str, region: Option<&str>) -> Result<Self, ContactFault> {
        match method {
            Method::Email => EmailAddress::parse(typed).map(Self::Email),
            Method::Phone => PhoneNumber::parse(typed, region).map(Self::Phone),
            Method::App => Err(ContactFault::Invalid),
        }
    }

    /// The method whose contacts look like `typed`.
    pub fn looks_like(typed: &str) -> Method {
        // On a keyboard for Japanese, Chinese or Korean, the sign may be the full-width one.
        if typed.contains(['@', '\u{ff20}']) { Method::Email } else { Method::Phone }
    }

    /// The contact that [`Contact::as_str`] returned earlier. Does not read telephone metadata, which costs memory and
    /// time.
    pub fn from_stored(method: Method, text: &str) -> Option<Self> {
        match method {
            Method::Email => EmailAddress::parse(text).ok().map(Self::Email),
            Method::Phone => PhoneNumber::from_e164(text).map(Self::Phone),
            Method::App => None,
        }
    }

    /// The method that this contact is for.
    pub const fn method(&self) -> Method {
        match self {
            Self::Email(_) => Method::Email,
            Self::Phone(_) => Method::Phone,
        }
    }

    /// The one form in which a contact is stored and compared: the address with its domain in lower case and in ASCII,
    /// or the number in E.164.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
        }
    }

    /// Enough for its owner to recognize it, and too little for others: `j***@e***.org`, `+81 ** **** **89`.
    pub fn masked(&self) -> String {
        match self {
            Self::Email(address) => address.masked(),
            Self::Phone(number) => number.masked(),
        }
    }

    /// The key of limits for one destination. In lower case, because mail servers deliver `Ann` and `ann` alike.
    pub fn limit_key(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact::{:?}(..)", self.method())
    }
}

/// Why the input can't be a contact. The text is for tests and journals; users get one in their language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ContactFault {
    /// Nothing but spaces.
    #[error("empty")]
    Empty,
    /// Longer than any address (254 bytes, RFC 5321) or number (64 characters as typed) can be.
    #[error("too long")]
    TooLong,
    /// A control character, such as a newline or an escape.
    #[error("control characters")]
    ControlCharacters,
    /// A mail address without `@`.
    #[error("no @ sign")]
    NoAt,
    /// A domain without a dot, such as `a@b`.
    #[error("the domain has no dot")]
    NoDomainDot,
    /// More than one address.
    #[error("more than one address")]
    Several,
    /// A name beside the address, as in `Ann <ann@example.org>`.
    #[error("a name with the address")]
    DisplayName,
    /// The part after the `@` is not a domain name.
    #[error("not a domain")]
    BadDomain,
    /// The part before the `@` is not a mailbox name.
    #[error("not a mailbox name")]
    BadLocal,
    /// Characters beyond ASCII before the `@`: few servers accept such mail (SMTPUTF8), so a code might never arrive.
    #[error("not ASCII before the @ sign")]
    NotAscii,
    /// Letters or signs that no telephone number has.
    #[error("not a number")]
    NotANumber,
    /// A number without its country, where no default is set.
    #[error("the country code is missing")]
    NeedsCountry,
    /// Digits that are not a valid number in that country.
    #[error("no such number")]
    Invalid,
    /// A number that receives no text messages, or that costs the caller: premium rate, shared cost, toll-free, short
    /// codes, emergency numbers and the like.
    #[error("can't be texted")]
    NotTextable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_comes_back_from_the_store_as_itself_and_nothing_else_does() {
        for (method, text) in [(Method::Email, "Ann@example.org"), (Method::Phone, "+819012345689")] {
            let contact = Contact::from_stored(method, text).unwrap();
            assert_eq!(contact.as_str(), text);
            assert_eq!(contact.method(), method);
        }
        assert_eq!(Contact::from_stored(Method::Phone, "ann@example.org"), None);
        assert_eq!(Contact::from_stored(Method::Email, "+819012345689"), None);
        for text in ["", "819012345689", "+81 90 1234 5689", "+0", "+81901234568901234", "+81901234٥689"] {
            assert_eq!(Contact::from_stored(Method::Phone, text), None, "{text}");
        }
    }

    #[test]
    fn debug_output_shows_no_contact() {
        for (method, text) in [(Method::Email, "ann@example.org"), (Method::Phone, "+819012345689")] {
            let shown = format!("{:?}", Some(Contact::from_stored(method, text).unwrap()));
            assert!(!shown.contains("ann") && !shown.contains("example") && !shown.contains("90"), "{shown}");
        }
    }

    #[test]
    fn a_masked_contact_keeps_what_its_owner_recognises() {
        for (method, text, masked) in [
            (Method::Email, "jane.doe@example.org", "j***@e***.org"),
            (Method::Email, "j@mail.example.co.jp", "j***@m***.jp"),
            (Method::Phone, "+819012345689", "+81 ** **** **89"),
            (Method::Phone, "+16502530000", "+1 ** **** **00"),
            (Method::Phone, "+37641234567", "+376 **** **67"),
            (Method::Phone, "+6834002", "+683 **02"),
        ] {
            assert_eq!(Contact::from_stored(method, text).unwrap().masked(), masked);
        }
    }

    #[test]
    fn limits_count_one_mailbox_once_however_it_is_spelled() {
        let key = |text| Contact::from_stored(Method::Email, text).unwrap().limit_key();
        assert_eq!(key("Ann@Example.ORG"), key("ann@example.org"));
        assert_ne!(key("ann@example.org"), key("bob@example.org"));
    }
}
