//! How messages are sent: `[email]`, `[phone]` and `[spool]`. The webhook's settings are in `webhook`, those of the
//! providers of text messages in `providers`.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    modem::Modem,
    providers::{PROVIDERS, Preset, Provider},
    webhook::Webhook,
};
use crate::duration::Span;

/// `[email]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Email {
    /// How mail is sent.
    pub gateway: EmailGateway,
    /// `smtp://host:587` (STARTTLS required), `smtps://host:465` (TLS), or, to this machine only, `smtp+plain://127.0.0.1:25`.
    pub smtp: Option<String>,
    /// The sender, `Name <address>` or an address.
    pub from: Option<String>,
    /// User name for SMTP authentication.
    pub username: Option<String>,
    /// A file with the SMTP password, readable only by the agent.
    pub password_file: Option<PathBuf>,
    /// The language-neutral name of this machine in texts, also used to greet mail servers; if unset, the host name.
    pub host_name: Option<String>,
    /// How long a mail server may take until it is ready to accept a mail.
    pub timeout: Span,
}

impl Default for Email {
    fn default() -> Self {
        Self {
            gateway: EmailGateway::Spool,
            smtp: None,
            from: None,
            username: None,
            password_file: None,
            host_name: None,
            timeout: Span::seconds(300),
        }
    }
}

/// How mail is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailGateway {
    /// Into files, see [`Spool`].
    Spool,
    /// To an SMTP server.
    Smtp,
}

/// `[phone]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phone {
    /// How text messages are sent.
    pub gateway: PhoneGateway,
    /// The country (ISO 3166-1, two letters) in which a number without a country code is read.
    pub default_region: Option<String>,
    /// Whether a code can be read out in a call (gateway "twilio" only).
    pub voice: bool,
    /// The HTTP proxy to Entra and to gateways that are asked over HTTP, `http://host:port` or `https://host:port`; if
    /// unset, none.
    pub proxy: Option<String>,
    /// The user name for the proxy.
    pub proxy_user: Option<String>,
    /// A file with the password for the proxy, readable only by the agent.
    pub proxy_password_file: Option<PathBuf>,
    /// A file with the certificates of further trusted authorities, for Entra and for gateways that are asked over
    /// HTTP.
    pub ca_file: Option<PathBuf>,
    /// `[phone.provider]`
    pub provider: Option<Provider>,
    /// `[phone.twilio]`
    pub twilio: Option<Twilio>,
    /// `[phone.webhook]`
    pub webhook: Option<Webhook>,
    /// `[phone.command]`
    pub command: Option<Command>,
    /// `[phone.modem]`
    pub modem: Option<Modem>,
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            gateway: PhoneGateway::Spool,
            default_region: None,
            voice: false,
            proxy: None,
            proxy_user: None,
            proxy_password_file: None,
            ca_file: None,
            provider: None,
            twilio: None,
            webhook: None,
            command: None,
            modem: None,
        }
    }
}

impl Phone {
    /// The secret files in use: section, key and file.
    pub fn secret_files(&self) -> Vec<(&'static str, &'static str, &Path)> {
        let mut files: Vec<(_, _, &Path)> = Vec::new();
        match self.gateway {
            PhoneGateway::Spool | PhoneGateway::Command | PhoneGateway::Modem => {}
            PhoneGateway::Twilio => {
                files.extend(self.twilio.iter().map(|t| (Twilio::SECTION, "token_file", &*t.token_file)));
            }
            PhoneGateway::Webhook => files.extend(self.webhook.iter().flat_map(Webhook::secret_files)),
            PhoneGateway::Provider(_) => {
                files.extend(self.provider.iter().map(|p| (Provider::SECTION, "token_file", &*p.token_file)));
            }
        }
        // The check refuses it where nothing uses it.
        files.extend(self.proxy_password_file.iter().map(|file| ("phone", "proxy_password_file", file.as_path())));
        files
    }
}

/// How text messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneGateway {
    /// Into files, see [`Spool`].
    Spool,
    /// The Twilio Messages API.
    Twilio,
    /// Any HTTP API, described by a template.
    Webhook,
    /// A program on this machine.
    Command,
    /// A modem on this machine, through ModemManager.
    Modem,
    /// The HTTP API of a provider with a built-in template.
    Provider(&'static Preset),
}

impl PhoneGateway {
    /// The gateways that are not presets, by name.
    const OWN: [(&str, Self); 5] = [
        ("spool", Self::Spool),
        ("twilio", Self::Twilio),
        ("webhook", Self::Webhook),
        ("command", Self::Command),
        ("modem", Self::Modem),
    ];

    /// All of them, as named in `[phone] gateway`.
    pub fn all() -> impl Iterator<Item = (&'static str, Self)> {
        Self::OWN.into_iter().chain(PROVIDERS.iter().map(|preset| (preset.name, Self::Provider(preset))))
    }

    /// Its name in `[phone] gateway`.
    pub fn name(self) -> &'static str {
        Self::all().find(|(_, gateway)| *gateway == self).map_or("", |(name, _)| name)
    }

    /// Its name in a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Spool => "the spool",
            Self::Twilio => "twilio",
            Self::Webhook => "the webhook",
            Self::Command => "the program",
            Self::Modem => "the modem",
            Self::Provider(preset) => preset.name,
        }
    }

    /// Whether it is reached over HTTP, and so through `[phone] proxy`.
    pub const fn is_http(self) -> bool {
        matches!(self, Self::Twilio | Self::Webhook | Self::Provider(_))
    }
}

impl Serialize for PhoneGateway {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for PhoneGateway {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = String::deserialize(deserializer)?;
        if let Some((_, gateway)) = Self::all().find(|(name, _)| *name == named) {
            return Ok(gateway);
        }
        let known: Vec<String> = Self::all().map(|(name, _)| format!("`{name}`")).collect();
        Err(D::Error::custom(format!("unknown variant `{named}`, expected one of {}", known.join(", "))))
    }
}

/// `[phone.twilio]`: the Messages resource of the Twilio API, version 2010-04-01.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// `SK` and 32 hexadecimal digits, if `token_file` has the secret of an API key instead of the auth token.
    #[serde(default)]
    pub api_key: Option<String>,
    /// A file with the auth token or the API key's secret, readable only by the agent.
    pub token_file: PathBuf,
    /// The sender: a number in E.164, a short code, a name, or a messaging service (`MG` and 32 hexadecimal digits).
    pub from: String,
    /// The URL of the API; https, or http to this machine only.
    #[serde(default = "Twilio::default_url")]
    pub url: String,
}

impl Twilio {
    /// Their section.
    pub const SECTION: &str = "phone.twilio";

    fn default_url() -> String {
        "https://api.twilio.com".into()
    }

    /// Whether the sender is a messaging service, which can't make calls.
    pub fn is_from_a_service(&self) -> bool {
        is_sid(&self.from, "MG")
    }

    /// Whether the sender can make calls: a number, but no short code, name or service.
    pub fn is_from_a_number(&self) -> bool {
        self.from
            .strip_prefix('+')
            .is_some_and(|n| (7..=15).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
    }
}

/// Whether it is a Twilio SID: two letters for the kind, and 32 hexadecimal digits.
pub(super) fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `[phone.command]`: a program and its arguments; no shell.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program's full path and its arguments; `{to}` in an argument is replaced. An argument with `{text}` or
    /// `{code}` would show the code to every user: see [`super::Settings::shown_message`].
    pub argv: Vec<String>,
    /// The message goes to standard input, and nowhere else.
    #[serde(default = "Command::default_stdin")]
    pub stdin: bool,
    /// How long the program may take.
    #[serde(default = "Command::default_timeout")]
    pub timeout: Span,
}

impl Command {
    const fn default_stdin() -> bool {
        true
    }

    const fn default_timeout() -> Span {
        Span::seconds(30)
    }
}

/// `[spool]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spool {
    /// The directory for the files; the agent creates it with mode 0700.
    pub directory: PathBuf,
}

impl Default for Spool {
    fn default() -> Self {
        Self { directory: "/var/lib/sspr/spool".into() }
    }
}

/// Whether `host` is this machine, so that a connection without TLS exposes nothing to a network.
pub fn is_loopback(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Host and port in `host:port` or `[v6]:port`; the port may be left out. Anything else is invalid.
pub fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(v6) => v6.split_once(']').filter(|(host, _)| host.parse::<std::net::Ipv6Addr>().is_ok())?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let odd = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'));
    if host.is_empty() || host.contains(odd) {
        return None;
    }
    match rest.strip_prefix(':') {
        Some(port) => Some((host, Some(port.parse().ok().filter(|port| *port != 0)?))),
        None => rest.is_empty().then_some((host, None)),
    }
}
