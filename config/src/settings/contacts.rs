//! Contacts of users from other sources: `[contacts.directory]` and `[contacts.entra]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Method;
use crate::duration::Span;

/// `[contacts]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contacts {
    /// Contacts in the directory of `[directory]`.
    pub directory: DirectoryContacts,
    /// Contacts that users registered with Microsoft Entra for its own self-service.
    pub entra: Option<EntraContacts>,
}

/// The source that contacts are copied from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactSource {
    /// Its word in store and journal: "directory" or "entra".
    pub word: &'static str,
    /// Which contacts.
    pub methods: Vec<Method>,
    /// How often.
    pub every: Span,
    /// How long a new one waits.
    pub quiet_days: u16,
}

impl Contacts {
    /// Where contacts are copied from, if the settings name anything; `allowed` are the methods that can be registered.
    pub fn source(&self, allowed: &[Method]) -> Option<ContactSource> {
        if let Some(entra) = &self.entra {
            let methods =
                [Method::Email, Method::Phone].into_iter().filter(|method| allowed.contains(method)).collect();
            return Some(ContactSource { word: "entra", methods, every: entra.every, quiet_days: entra.quiet_days });
        }
        let own = &self.directory;
        let methods: Vec<Method> = own.attributes().into_iter().map(|(method, _)| method).collect();
        let (every, quiet_days) = (own.every, own.quiet_days);
        (!methods.is_empty()).then_some(ContactSource { word: "directory", methods, every, quiet_days })
    }
}

/// `[contacts.entra]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EntraContacts {
    /// The tenant, by its id or one of its domains.
    pub tenant: String,
    /// The application's id.
    pub client_id: String,
    /// A file with its secret, readable by the agent alone.
    pub secret_file: PathBuf,
    /// The property of a user that is the account's name here.
    #[serde(default)]
    pub name: EntraName,
    /// With `userPrincipalName`: the domains whose users are accounts here. In another one somebody else can have the same name.
    #[serde(default)]
    pub domains: Vec<String>,
    /// How often all of them are asked for.
    #[serde(default = "EntraContacts::default_every")]
    pub every: Span,
    /// How many days a new or changed contact can't be used.
    #[serde(default = "EntraContacts::default_quiet_days")]
    pub quiet_days: u16,
    /// Where tokens are issued; https, or http to this machine only.
    #[serde(default = "EntraContacts::default_login_url")]
    pub login_url: String,
    /// Where Graph is; likewise.
    #[serde(default = "EntraContacts::default_graph_url")]
    pub graph_url: String,
}

impl EntraContacts {
    fn default_every() -> Span {
        DirectoryContacts::default().every
    }

    fn default_quiet_days() -> u16 {
        DirectoryContacts::default().quiet_days
    }

    fn default_login_url() -> String {
        "https://login.microsoftonline.com".into()
    }

    fn default_graph_url() -> String {
        "https://graph.microsoft.com".into()
    }
}

/// `[contacts.entra] name`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum EntraName {
    /// The name in the Active Directory that it is synchronized with.
    #[serde(rename = "onPremisesSamAccountName")]
    OnPremisesSamAccountName,
    /// The part before the `@` of the name that users sign in with.
    #[default]
    #[serde(rename = "userPrincipalName")]
    UserPrincipalName,
    /// The alias of the mailbox.
    #[serde(rename = "mailNickname")]
    MailNickname,
}

impl EntraName {
    /// The property of a user in Graph, and the word in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnPremisesSamAccountName => "onPremisesSamAccountName",
            Self::UserPrincipalName => "userPrincipalName",
            Self::MailNickname => "mailNickname",
        }
    }
}

/// `[contacts.directory]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DirectoryContacts {
    /// The attribute with a mail address; if unset, none is copied.
    pub email: Option<String>,
    /// The attribute with a telephone number; if unset, none is copied.
    pub phone: Option<String>,
    /// How often all of them are requested from the directory.
    pub every: Span,
    /// How many days a new or changed contact can't be used.
    pub quiet_days: u16,
    /// The mailbox in `email` opens without the directory's password.
    pub mailbox_apart: bool,
}

impl Default for DirectoryContacts {
    fn default() -> Self {
        Self { email: None, phone: None, every: Span::seconds(86_400), quiet_days: 7, mailbox_apart: false }
    }
}

impl DirectoryContacts {
    /// The methods whose contacts are copied, each with its attribute.
    pub fn attributes(&self) -> Vec<(Method, &str)> {
        let all = [(Method::Email, &self.email), (Method::Phone, &self.phone)];
        all.into_iter().filter_map(|(method, name)| Some((method, name.as_deref()?))).collect()
    }
}
