//! Contacts that others have of people: `[contacts.directory]`.

use serde::{Deserialize, Serialize};

use super::Method;
use crate::duration::Span;

/// `[contacts]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contacts {
    /// Those that the directory of `[directory]` has.
    pub directory: DirectoryContacts,
}

/// `[contacts.directory]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DirectoryContacts {
    /// The attribute with a mail address; unset: none is taken.
    pub email: Option<String>,
    /// The attribute with a telephone number; unset: none is taken.
    pub phone: Option<String>,
    /// How often the directory is asked for all of them.
    pub every: Span,
    /// For so many days a contact that is new, or another than before, is good for nothing.
    pub quiet_days: u16,
    /// The mailbox that `email` leads to opens without the password of the directory.
    pub mailbox_apart: bool,
}

impl Default for DirectoryContacts {
    fn default() -> Self {
        Self { email: None, phone: None, every: Span::seconds(86_400), quiet_days: 7, mailbox_apart: false }
    }
}

impl DirectoryContacts {
    /// The methods of which contacts are taken, each with its attribute.
    pub fn attributes(&self) -> Vec<(Method, &str)> {
        let all = [(Method::Email, &self.email), (Method::Phone, &self.phone)];
        all.into_iter().filter_map(|(method, name)| Some((method, name.as_deref()?))).collect()
    }
}
