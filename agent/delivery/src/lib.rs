//! Delivers messages to users: by SMTP, through a gateway for text messages, or into files. Only the agent links this
//! crate.
//!
//! No connection and no client is kept between messages: a connection takes a few milliseconds to set up, an idle
//! agent costs none, and a changed set of trusted certificates is used from the next message on. Longer work, such as
//! reading those certificates, runs on another thread, because all dialogues share the agent's.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sspr_config::{
    settings::{EmailGateway, Method, PhoneGateway, Settings},
    why::Why,
};

use sspr_core::contact::{EmailAddress, PhoneNumber};
use sspr_protocol::admin::LastAnswer;

mod certificate;
mod coding;
mod command;
pub mod courier;
mod email;
pub mod entra;
mod gateway;
mod greeting;
mod http;
mod message;
mod modem;
mod proxy;
mod reach;
mod refusal;
pub mod secret;
mod spool;
mod stream;
mod template;
mod tls;
mod trouble;
mod twilio;
mod verdict;
mod webhook;

pub use sspr_core::cause::fix;

pub use message::{Content, Message, Spoken};
pub use tls::Trust;

use entra::Entra;
use gateway::{Gateway, Setup};

/// The gateways for mail.
fn mail(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    match setup.settings.email.gateway {
        EmailGateway::Spool => spool::gateway(setup),
        EmailGateway::Smtp => email::gateway(setup),
    }
}

/// The gateways for text messages and calls.
fn text(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    match setup.settings.phone.gateway {
        PhoneGateway::Spool => spool::gateway(setup),
        PhoneGateway::Twilio => twilio::gateway(setup),
        PhoneGateway::Webhook => webhook::gateway(setup),
        PhoneGateway::Command => command::gateway(setup),
        PhoneGateway::Modem => modem::gateway(setup),
        PhoneGateway::Provider(preset) => webhook::of_provider(preset, setup),
    }
}

/// The result of checking a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// It answered, and accepts messages from this machine as far as can be told without sending one.
    Accepted,
    /// The same, with a description: the name of a modem, its SIM card, and its network.
    Described(String),
    /// The same, but it was greeted with an address, because this machine has no full name. Some servers refuse that.
    Nameless(String),
    /// It can't be checked without sending a message.
    Unasked,
    /// It was reached, but was not ready in time.
    Slow,
}

/// The gateway accepted a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The gateway's name in the settings, such as `"smtp"` or `"twilio"`.
    pub gateway: &'static str,
    /// The gateway's own name for the message, if it gave one: the SID of Twilio, the name of a spool file.
    pub reference: Option<String>,
}

/// A message was not delivered. `why` is for the journal: plain words that never contain a contact, a code, a secret,
/// or text from the other side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Worth another try.
    #[error("{why}")]
    Later {
        /// The reason.
        why: String,
        /// Not before this time has passed, if the other side said so.
        after: Option<Duration>,
    },
    /// Refused because of its recipient: the same server would have accepted a message for another one. Worth another
    /// try, because the server may change its mind. This does not show that the server fails.
    #[error("{why}")]
    Recipient {
        /// The reason.
        why: String,
        /// Not before this time has passed.
        after: Option<Duration>,
    },
    /// It may have been sent or not: another try could send it again.
    #[error("{why}")]
    Unsure {
        /// The reason.
        why: String,
    },
    /// The recipient or this very message is refused: the same message would fail again, whatever is corrected.
    #[error("{why}")]
    Never {
        /// The reason.
        why: String,
    },
}

impl DeliveryError {
    fn later(why: impl Into<String>) -> Self {
        Self::Later { why: why.into(), after: None }
    }

    fn never(why: impl Into<String>) -> Self {
        Self::Never { why: why.into() }
    }
}

/// Why the gateways can't be set up from the settings. The text names the setting or the file, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliverySetupError {
    /// A setting is invalid.
    #[error("[{section}] {key}: {why}")]
    Setting {
        /// Such as `phone.webhook`.
        section: &'static str,
        /// Such as `headers`.
        key: &'static str,
        /// The fault, and its fix.
        why: String,
    },
    /// A file or a directory can't be used.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// The fault, and its fix.
        why: Why,
    },
}

/// The parameters from the environment.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// This machine's name, for greeting the mail server unless `[email] host_name` is set.
    pub host_name: String,
    /// The trusted certificates.
    pub trust: Trust,
    /// systemd's directory for the credentials of this service: its place protects its content.
    pub credentials: Option<PathBuf>,
    /// How long a mail server may take until it is ready for a mail; overrides `[email] timeout`.
    pub mail_deadline: Option<Duration>,
    /// How long it may take for its verdict on a mail.
    pub verdict_deadline: Duration,
    /// How long a request to a gateway for text messages may take.
    pub gateway_deadline: Duration,
    /// The address of the bus that ModemManager is on.
    pub bus: String,
    /// How long a modem may take to send one message with all its parts.
    pub modem_deadline: Duration,
}

impl Surroundings {
    /// The environment of the running agent.
    pub fn of_this_machine(host_name: &str) -> Self {
        Self {
            host_name: host_name.to_owned(),
            trust: Trust::System,
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            mail_deadline: None,
            // RFC 5321, 4.5.3.2.6.
            verdict_deadline: Duration::from_mins(10),
            gateway_deadline: Duration::from_secs(15),
            bus: sspr_config::bus::SYSTEM_BUS.to_owned(),
            modem_deadline: Duration::from_mins(1),
        }
    }
}

/// The two gateways, one for each method.
#[derive(Debug)]
pub struct Deliveries {
    mail: Box<dyn Gateway>,
    text: Box<dyn Gateway>,
    /// The source of contacts, if the settings name one.
    entra: Option<Arc<Entra>>,
    /// The last answer of each gateway. New settings make new gateways, which have not answered yet; the answer to a
    /// message under way is noted for the old one.
    answers: Mutex<BTreeMap<Method, LastAnswer>>,
}

impl Deliveries {
    /// The gateways that `settings` name, with their secrets. Does not connect to any yet.
    pub fn from_settings(settings: &Settings, host_name: &str) -> Result<Self, DeliverySetupError> {
        Self::in_surroundings(settings, &Surroundings::of_this_machine(host_name))
    }

    /// The same with the environment as a parameter.
    pub fn in_surroundings(settings: &Settings, around: &Surroundings) -> Result<Self, DeliverySetupError> {
        Self::set_up(Setup { settings, around, only_checked: false })
    }

    /// No gateway at all: nothing is sent.
    pub fn nowhere() -> Self {
        let off = || Box::new(command::Off("there is none".to_owned()));
        Self { mail: off(), text: off(), entra: None, answers: Mutex::default() }
    }

    /// Whether the gateways could be set up. Creates nothing, not even the spool's directory.
    pub fn check(settings: &Settings, around: &Surroundings) -> Result<(), DeliverySetupError> {
        Self::set_up(Setup { settings, around, only_checked: true }).map(drop)
    }

    fn set_up(setup: Setup<'_>) -> Result<Self, DeliverySetupError> {
        let phone = &setup.settings.phone;
        if let Some(region) = phone.default_region.as_deref().filter(|region| !PhoneNumber::knows_region(region)) {
            return Err(setting(
                "phone",
                "default_region",
                format!("no country has the code {region:?}; see ISO 3166-1, such as \"GB\" for the United Kingdom"),
            ));
        }
        let entra = Entra::of(&setup)?.map(Arc::new);
        Ok(Self { mail: mail(&setup)?, text: text(&setup)?, entra, answers: Mutex::default() })
    }

    /// The Entra tenant as a source of contacts.
    pub fn entra(&self) -> Option<Arc<Entra>> {
        self.entra.clone()
    }

    fn of(&self, method: Method) -> &dyn Gateway {
        match method {
            Method::Email => &*self.mail,
            Method::Phone | Method::App => &*self.text,
        }
    }

    /// The name of the gateway that serves `method`, as in [`Receipt::gateway`].
    pub fn gateway(&self, method: Method) -> &'static str {
        self.of(method).name()
    }

    /// Delivers one message, or returns whether another try makes sense. Takes no longer than the gateway's deadlines,
    /// which are minutes for mail.
    ///
    /// A message whose delivery was interrupted may still have arrived: another try can send a second copy.
    pub async fn deliver(&self, message: &Message) -> Result<Receipt, DeliveryError> {
        let gateway = self.of(message.to().method());
        let reference = gateway.deliver(message).await?;
        Ok(Receipt { gateway: gateway.name(), reference })
    }
}

impl Deliveries {
    /// Notes the answer of the gateway of `method` to a message.
    pub fn answered(&self, method: Method, answer: LastAnswer) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(method, answer);
    }

    /// The last answer of the gateway of `method`.
    pub fn last(&self, method: Method) -> Option<LastAnswer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&method).cloned()
    }
}

impl Deliveries {
    /// Asks the gateway of `method` whether it would accept a message, without sending one: signs in to the mail
    /// server, or to the account at Twilio. A mail server is asked about the recipient `to`, if given.
    pub async fn probe(
        &self,
        method: Method,
        to: Option<&EmailAddress>,
        within: Duration,
    ) -> Result<Probed, DeliveryError> {
        self.of(method).probe(to, within).await
    }
}

fn setting(section: &'static str, key: &'static str, why: impl Into<String>) -> DeliverySetupError {
    DeliverySetupError::Setting { section, key, why: why.into() }
}

fn file(path: &Path, why: impl Into<Why>) -> DeliverySetupError {
    DeliverySetupError::File { path: path.into(), why: why.into() }
}

/// The section of the gateway is missing from the settings.
fn missing(section: &str) -> DeliverySetupError {
    setting("phone", "gateway", format!("there is no [{section}]"))
}

/// A message of the other kind; [`Deliveries::deliver`] sends none here.
fn wrong_kind() -> DeliveryError {
    DeliveryError::never("this gateway doesn't carry messages of this kind")
}

/// A secret that `Debug` does not show and that is wiped when dropped.
struct Secret(zeroize::Zeroizing<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_can_run_as_a_task_of_its_own() {
        fn gives_a_task<T: Send>(_: impl FnOnce(&'static Deliveries, &'static Message) -> T) {}
        gives_a_task(Deliveries::deliver);
    }
}
