//! Messages on their way to a person: by SMTP, through a gateway for text messages, or into files. The agent alone links this.
//!
//! Nothing is kept open and no client is kept between messages: a connection takes a few milliseconds to set up, an idle
//! agent costs none, and a renewed set of trusted certificates counts from the next message on. What takes longer than
//! that, such as reading those certificates, is done aside: the agent's thread is everybody's.

use std::{
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

/// What a look at a gateway came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// It answered, and takes messages from this machine as far as can be told without sending one.
    Accepted,
    /// The same, and what it is: a modem by its name, whose SIM card is in it, and its network.
    Described(String),
    /// The same, but it was greeted with an address, as this machine has no full name. Some servers refuse that.
    Nameless(String),
    /// It can't be asked without sending a message.
    Unasked,
    /// It was reached, and was not ready in time.
    Slow,
}

/// A message was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// As the settings have it, such as `"smtp"` or `"twilio"`.
    pub gateway: &'static str,
    /// What the gateway calls the message, where it says: the SID of Twilio, the name of a spool file.
    pub reference: Option<String>,
}

/// A message was not handed over. `why` is for the journal: plain words that never have a contact, a code, a secret, or
/// anything that the other side wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Worth another try.
    #[error("{why}")]
    Later {
        /// What went wrong.
        why: String,
        /// Not before so long, where the other side said so.
        after: Option<Duration>,
    },
    /// Refused for where it is to go: the same server would have taken a message for another recipient. Worth another try, as it
    /// may change its mind; and no sign that it does not work.
    #[error("{why}")]
    Recipient {
        /// What went wrong.
        why: String,
        /// Not before so long.
        after: Option<Duration>,
    },
    /// It may have gone, and it may not: another try could send it again.
    #[error("{why}")]
    Unsure {
        /// What went wrong.
        why: String,
    },
    /// The recipient or this very message is refused: the same message would fail again, whatever is mended.
    #[error("{why}")]
    Never {
        /// What went wrong.
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

/// Why the gateways can't be set up as the settings say. The text names the setting or the file, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliverySetupError {
    /// A setting can't stand.
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
        /// Which.
        path: PathBuf,
        /// The fault, and its fix.
        why: Why,
    },
}

/// What the deliveries take from their surroundings.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// This machine's name, said to the mail server unless `[email] host_name` is set.
    pub host_name: String,
    /// Whose certificates are good.
    pub trust: Trust,
    /// systemd's directory for the credentials of this service: what is in there is protected by its place.
    pub credentials: Option<PathBuf>,
    /// How long a mail server may take until it is ready for a mail, in place of `[email] timeout`.
    pub mail_deadline: Option<Duration>,
    /// How long it may take for its verdict on a mail that it has.
    pub verdict_deadline: Duration,
    /// How long a request to a gateway for text messages may take.
    pub gateway_deadline: Duration,
    /// The address of the bus that ModemManager is on.
    pub bus: String,
    /// How long a modem may take to send one message, of all its parts.
    pub modem_deadline: Duration,
}

impl Surroundings {
    /// The real ones.
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

/// The two ways out, one for each method.
#[derive(Debug)]
pub struct Deliveries {
    mail: Box<dyn Gateway>,
    text: Box<dyn Gateway>,
    /// Where contacts are read from, if the settings say so.
    entra: Option<Arc<Entra>>,
    /// What each answered last. Settings that are read again make other gateways, of which nothing is known yet; what is under way
    /// by an old one is answered by that one.
    answers: Mutex<[Option<LastAnswer>; 2]>,
}

impl Deliveries {
    /// The gateways that `settings` name, with their secrets read. Connects to nothing yet.
    pub fn from_settings(settings: &Settings, host_name: &str) -> Result<Self, DeliverySetupError> {
        Self::in_surroundings(settings, &Surroundings::of_this_machine(host_name))
    }

    /// The same with the outside world as a parameter.
    pub fn in_surroundings(settings: &Settings, around: &Surroundings) -> Result<Self, DeliverySetupError> {
        Self::set_up(Setup { settings, around, only_checked: false })
    }

    /// No gateway at all: nothing leaves.
    pub fn nowhere() -> Self {
        let off = || Box::new(command::Off("there is none".to_owned()));
        Self { mail: off(), text: off(), entra: None, answers: Mutex::default() }
    }

    /// Whether the gateways could be set up. Makes nothing, the spool's directory neither.
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
        let entra = Entra::of(setup.settings, setup.around)?.map(Arc::new);
        Ok(Self { mail: mail(&setup)?, text: text(&setup)?, entra, answers: Mutex::default() })
    }

    /// The tenant of Entra that contacts are read from.
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

    /// Hands one message over, or says whether another try makes sense. Takes no longer than the gateway's deadlines, which are
    /// minutes for mail.
    ///
    /// A message whose hand-over was cut off may have arrived all the same: a second try can make a second copy.
    pub async fn deliver(&self, message: &Message) -> Result<Receipt, DeliveryError> {
        let gateway = self.of(match message.content {
            Content::Mail { .. } => Method::Email,
            Content::Text { .. } | Content::Call { .. } => Method::Phone,
        });
        let reference = gateway.deliver(message).await?;
        Ok(Receipt { gateway: gateway.name(), reference })
    }
}

impl Deliveries {
    /// What the gateway of `method` said to a message.
    pub fn answered(&self, method: Method, answer: LastAnswer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_method) = answers.get_mut(usize::from(method != Method::Email)) {
            *of_method = Some(answer);
        }
    }

    /// What the gateway of `method` answered last.
    pub fn last(&self, method: Method) -> Option<LastAnswer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(usize::from(method != Method::Email)).cloned().flatten()
    }
}

impl Deliveries {
    /// Asks the gateway that serves `method` whether it would take a message, without sending one: signs in to the mail
    /// server, or to the account at Twilio. A mail server is told `to` whom the mail would go, where that is said.
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

/// The settings name a gateway whose section is not there.
fn missing(section: &str) -> DeliverySetupError {
    setting("phone", "gateway", format!("there is no [{section}]"))
}

/// A message of the other kind came here; [`Deliveries::deliver`] sends none.
fn wrong_kind() -> DeliveryError {
    DeliveryError::never("this gateway doesn't carry messages of this kind")
}

/// A secret that `Debug` doesn't show and that is wiped when dropped.
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
