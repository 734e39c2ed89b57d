//! The ways that users can register. A new one has its place in each list here, and its line where the compiler then asks
//! for it.

use serde::{Deserialize, Serialize};

/// A way for users to prove their identity, which they can register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A code by mail.
    Email,
    /// A code by text message or voice call.
    Phone,
    /// A code from an authenticator app (TOTP, RFC 6238).
    App,
}

impl Method {
    /// All methods, in the order in which users are asked about them.
    pub const ALL: [Self; 3] = [Self::Email, Self::Phone, Self::App];

    /// Those whose codes are sent to a contact.
    pub const CONTACTS: [Self; 2] = [Self::Email, Self::Phone];

    /// The same, in the order in which the help desk tries them: its caller is on the phone, and the mailbox may require the
    /// forgotten password.
    pub const DESK: [Self; Self::CONTACTS.len()] = [Self::Phone, Self::Email];

    /// The word in settings, store and journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::App => "app",
        }
    }

    /// Its label in what administrators read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Phone => "Phone",
            Self::App => "App",
        }
    }

    /// The method that `word` names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == word)
    }

    /// Whether its codes are sent to a contact.
    pub const fn has_contacts(self) -> bool {
        match self {
            Self::Email | Self::Phone => true,
            Self::App => false,
        }
    }

    /// Its index in [`Method::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_is_at_its_index_and_has_a_word_of_its_own() {
        for (at, method) in Method::ALL.into_iter().enumerate() {
            assert_eq!(method.index(), at);
            assert_eq!(Method::from_word(method.as_str()), Some(method));
        }
        assert_eq!(Method::from_word("fax"), None);
        let with_contacts = Method::ALL.into_iter().filter(|method| method.has_contacts());
        assert_eq!(with_contacts.collect::<Vec<_>>(), Method::CONTACTS);
        assert!(Method::CONTACTS.iter().all(|method| Method::DESK.contains(method)));
    }
}
