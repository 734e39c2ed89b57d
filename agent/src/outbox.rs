//! The outbox: messages wait in the store, sealed, and `sender` sends them. So a dialogue answers at once and at the
//! same speed for every user, and a restart loses no message.

use serde::{Deserialize, Serialize};
use sspr_config::settings::Method;
use zeroize::Zeroizing;

use crate::{
    account::Name,
    clock::Time,
    contact::Contact,
    error::{Error, Result},
    keys::{Keys, Tag},
    services::Services,
    store::{Messages, Tx, outbox::CONTEXT, registrations},
};

/// A message to be sent.
#[derive(Serialize, Deserialize)]
pub enum OutboxMessage {
    /// A code.
    Code(Code),
    /// A notification. Messages in the store have the shorter name.
    #[serde(rename = "Note")]
    Notification(Notification),
}

impl OutboxMessage {
    /// The account that it is about.
    pub(crate) fn account(&self) -> Name<'_> {
        match self {
            Self::Code(Code { realm, name, .. }) | Self::Notification(Notification { realm, name, .. }) => {
                Name { realm, name }
            }
        }
    }
}

/// A code and its destination. Whether it may be sent is decided only then.
#[derive(Serialize, Deserialize)]
pub struct Code {
    /// The realm of the account.
    #[serde(default = "crate::account::local")]
    pub realm: String,
    /// The account, as typed.
    pub name: String,
    /// The purpose's word.
    pub purpose: String,
    /// The row of the registered contact; `None` together with no new contact is a decoy.
    pub contact: Option<i64>,
    /// Method and address of a contact that is being registered.
    pub new_contact: Option<(String, String)>,
    /// The language tag of a user who registers; a registered user has one already.
    #[serde(default)]
    pub language: Option<String>,
    /// Whether the code is read out in a call; a text message otherwise. Only for phones.
    #[serde(default)]
    pub voice: bool,
    /// The code.
    pub code: Zeroizing<String>,
}

/// The event of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotificationKind {
    /// The password was reset.
    Recovered,
    /// The account was unlocked after too many wrong passwords.
    Unlocked,
    /// The registration was changed.
    ContactChanged,
    /// Self-service is suspended after too many wrong codes.
    Blocked,
    /// To administrators: the password of one of them was reset.
    AdminRecovered,
    /// To administrators: more codes were wrong than by typos, over all accounts.
    ManyFailures,
    /// To administrators: more codes were wrong at one source than allowed.
    FailuresAtSource,
}

impl NotificationKind {
    /// Whether it goes to the owner of the account.
    pub const fn is_to_the_user(self) -> bool {
        matches!(self, Self::Recovered | Self::Unlocked | Self::ContactChanged | Self::Blocked)
    }
}

/// A notification.
#[derive(Serialize, Deserialize)]
pub struct Notification {
    /// Its event.
    pub kind: NotificationKind,
    /// The change, for an event that is one.
    #[serde(default)]
    pub change: Option<Changed>,
    /// The realm of the account.
    #[serde(default = "crate::account::local")]
    pub realm: String,
    /// The account.
    pub name: String,
    /// The method's word.
    pub method: String,
    /// The address or number.
    pub contact: String,
    /// The time of the event.
    pub at: Time,
    /// The service.
    pub service: String,
    /// The source.
    pub source: String,
}

/// A change of the registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changed {
    /// This was registered.
    Added(About),
    /// This contact of the directory is usable from now on.
    Announced(About, Time),
    /// This was removed.
    Removed(About),
    /// This contact is preferred now.
    Preferred(About),
    /// There are new recovery codes, and the old ones are invalid.
    Codes,
    /// Everything was removed.
    Everything,
}

impl Changed {
    /// The word of its method, for the audit trail.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Added(about) | Self::Announced(about, _) | Self::Removed(about) | Self::Preferred(about) => {
                about.method.as_str()
            }
            Self::Codes => "codes",
            Self::Everything => "everything",
        }
    }
}

/// A registered contact or app, described so that a stranger who reads it learns nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "AboutStored", into = "AboutStored")]
pub struct About {
    /// Its method.
    pub method: Method,
    /// The contact, masked; `None` for an app.
    pub masked: Option<String>,
}

impl About {
    /// This contact.
    pub fn contact(contact: &Contact) -> Self {
        Self { method: contact.method(), masked: Some(contact.masked()) }
    }

    /// The authenticator app.
    pub const fn app() -> Self {
        Self { method: Method::App, masked: None }
    }
}

/// The form in which it waits, which servers of other versions read as well: `{"Email": "j***@e***.org"}`, `"App"`.
#[derive(Serialize, Deserialize)]
enum AboutStored {
    Email(String),
    Phone(String),
    App,
    /// A method that came later.
    Other(Method, Option<String>),
}

impl From<AboutStored> for About {
    fn from(stored: AboutStored) -> Self {
        match stored {
            AboutStored::Email(masked) => Self { method: Method::Email, masked: Some(masked) },
            AboutStored::Phone(masked) => Self { method: Method::Phone, masked: Some(masked) },
            AboutStored::App => Self::app(),
            AboutStored::Other(method, masked) => Self { method, masked },
        }
    }
}

impl From<About> for AboutStored {
    fn from(about: About) -> Self {
        match (about.method, about.masked) {
            (Method::Email, Some(masked)) => Self::Email(masked),
            (Method::Phone, Some(masked)) => Self::Phone(masked),
            (Method::App, None) => Self::App,
            (method, masked) => Self::Other(method, masked),
        }
    }
}

/// Adds `queued`, which is sent by `method`, in the caller's transaction; `challenge` is the code's. Returns its row.
/// Call [`Bell::wake`](crate::bell::Bell::wake) after the commit.
pub async fn put(
    tx: &mut Tx<'_>,
    services: &Services,
    method: Method,
    challenge: Option<&str>,
    queued: &OutboxMessage,
    now: Time,
    not_after: Time,
) -> Result<i64> {
    let plain = Zeroizing::new(serde_json::to_vec(queued).map_err(Error::OutboxMessage)?);
    let sealed = services.keys.seal(services.random.as_ref(), CONTEXT, &plain)?;
    Messages::put(tx, method, challenge, &sealed, now, not_after).await
}

/// Opens the `sealed` content of a message.
pub(crate) fn opened(keys: &Keys, sealed: &[u8]) -> Result<OutboxMessage> {
    let plain = keys.open(CONTEXT, sealed)?;
    serde_json::from_slice(&plain).map_err(|_| Error::Sealed)
}

/// The key for the limit of messages to one destination. Each purpose has its own: an attacker who has codes sent to
/// an address in order to register it uses up nothing that its owner needs for a recovery.
pub fn destination_key(keys: &Keys, purpose: &str, contact: &Contact) -> Tag {
    keys.mac("to", &[purpose.as_bytes(), &registrations::lookup(keys, contact)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_that_an_earlier_version_stored_is_read_and_stored_the_same_way() {
        let stored = r#"{"Note":{"kind":"Recovered","change":null,"realm":"local","name":"alice","method":"email",
            "contact":"alice@example.org","at":7,"service":"sshd","source":"192.0.2.1"}}"#;
        let read: OutboxMessage = serde_json::from_str(stored).unwrap();
        assert!(matches!(&read, OutboxMessage::Notification(read) if read.kind == NotificationKind::Recovered));
        let again = serde_json::to_string(&read).unwrap();
        assert_eq!(again, stored.split_whitespace().collect::<String>());
    }

    #[test]
    fn what_a_change_was_about_is_read_and_stored_as_in_earlier_versions() {
        for (stored, method) in [
            (r#"{"Email":"j***@e***.org"}"#, Method::Email),
            (r#"{"Phone":"+81 ** 89"}"#, Method::Phone),
            (r#""App""#, Method::App),
        ] {
            let read: About = serde_json::from_str(stored).unwrap();
            assert_eq!(read.method, method);
            assert_eq!(serde_json::to_string(&read).unwrap(), stored);
        }
    }
}
