//! The settings of `/etc/sspr/sspr.toml`: their shape and their defaults. Reading the file is in [`mod@load`], what must hold
//! between keys in `check`.

use std::{net::IpAddr, path::PathBuf};

use serde::Deserialize;

use crate::duration::Span;

mod check;
pub mod load;
#[cfg(test)]
mod tests;

pub use load::{SettingsError, load, parse};

/// Where the settings live on an installed machine.
pub const PATH: &str = "/etc/sspr/sspr.toml";

/// Everything an administrator can set. Each section and key has a default; an empty file is valid and switches the
/// service on for nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whom the service is for.
    pub scope: Scope,
    /// Registration at sign-in.
    pub register: Register,
    /// Recovery at the password prompt.
    pub recover: Recover,
    /// One-time codes.
    pub code: Code,
    /// How much of everything is allowed.
    pub limits: Limits,
    /// What a new password must be.
    pub password: Password,
    /// Mail.
    pub email: Email,
    /// Text messages.
    pub phone: Phone,
    /// Messages written to files, for a machine without any gateway.
    pub spool: Spool,
    /// Notes to the person.
    pub notify: Notify,
    /// Where people turn to when self-service is not enough.
    pub helpdesk: Helpdesk,
}

/// `[scope]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// `"none"`, `"all"`, or a list of group names.
    pub enable: Enable,
    /// User names, or group names after an `@`, that are left out even where `enable` has them.
    pub exclude: Vec<String>,
    /// Accounts below this uid are never served; uid 0 never, whatever stands here.
    pub min_uid: u32,
    /// Members of these groups need `admin_methods_required` proofs.
    pub admin_groups: Vec<String>,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            enable: Enable::None,
            exclude: Vec::new(),
            min_uid: 1000,
            admin_groups: vec!["sudo".into(), "wheel".into()],
        }
    }
}

/// Whom `[scope] enable` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enable {
    /// Nobody.
    None,
    /// Every account from `min_uid` up.
    All,
    /// Members of these groups, by name.
    Groups(Vec<String>),
}

impl<'de> Deserialize<'de> for Enable {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Enable;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"none\", \"all\" or a list of groups such as [\"staff\"]")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Enable, E> {
                match text {
                    "none" => Ok(Enable::None),
                    "all" => Ok(Enable::All),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Enable, A::Error> {
                let mut groups = Vec::new();
                while let Some(group) = seq.next_element::<String>()? {
                    groups.push(group);
                }
                Ok(Enable::Groups(groups))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// `[register]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Register {
    /// Whether people are asked at sign-in.
    pub mode: RegisterMode,
    /// Where registration is required: for this many days from the first question, "not now" is taken.
    pub skip_days: u16,
    /// What can be registered.
    pub methods: Vec<Method>,
}

impl Default for Register {
    fn default() -> Self {
        Self { mode: RegisterMode::Skippable, skip_days: 14, methods: vec![Method::Email, Method::Phone] }
    }
}

/// How hard people are asked to register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegisterMode {
    /// Never asked; `sspr enroll` works.
    Off,
    /// "Not now" is always taken; asked once a day at the most.
    Skippable,
    /// "Not now" is taken for `skip_days`, then the sign-in needs a registration.
    Required,
}

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A code by mail.
    Email,
    /// A code by text message.
    Phone,
}

impl Method {
    /// The word in settings, store and journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// The method that `word` names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Email, Self::Phone].into_iter().find(|m| m.as_str() == word)
    }
}

/// `[recover]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recover {
    /// How many different methods must be proved: 1 or 2.
    pub methods_required: u8,
    /// The same for members of `[scope] admin_groups`.
    pub admin_methods_required: u8,
}

impl Recover {
    /// How many different methods somebody needs, to register and to recover.
    pub fn required(&self, admin: bool) -> u8 {
        if admin { self.admin_methods_required.max(self.methods_required) } else { self.methods_required }
    }
}

impl Default for Recover {
    fn default() -> Self {
        Self { methods_required: 1, admin_methods_required: 2 }
    }
}

/// `[code]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Code {
    /// How many digits, 6 to 8.
    pub digits: u8,
    /// How long a code is good; at most 10 minutes (NIST SP 800-63B, out-of-band authenticators).
    pub lifetime: Span,
    /// How often one code may be tried.
    pub tries: u8,
    /// How long until another may be sent.
    pub resend_after: Span,
}

impl Default for Code {
    fn default() -> Self {
        Self { digits: 6, lifetime: Span::seconds(600), tries: 5, resend_after: Span::seconds(60) }
    }
}

/// `[limits]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Wrong codes for one account within `failed_window`, after which its self-service rests.
    pub failed_proofs: u32,
    /// The window, and how long the rest lasts.
    pub failed_window: Span,
    /// Codes an hour, to one account and to one destination.
    pub sends_per_hour: u32,
    /// Codes a day, to one account and to one destination.
    pub sends_per_day: u32,
    /// Dialogues an hour from one source: a remote host, a terminal or a uid.
    pub starts_per_hour: u32,
    /// Messages an hour from this machine, whoever they are for.
    pub messages_per_hour: u32,
    /// How long one recovery may take from start to finish.
    pub recovery: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            failed_proofs: 5,
            failed_window: Span::seconds(86_400),
            sends_per_hour: 5,
            sends_per_day: 10,
            starts_per_hour: 20,
            messages_per_hour: 100,
            recovery: Span::seconds(900),
        }
    }
}

/// `[password]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Password {
    /// The least number of characters (NIST SP 800-63B asks for length, not for kinds of characters).
    pub min_length: u8,
    /// The least zxcvbn score, 0 (anything) to 4.
    pub min_score: u8,
}

impl Default for Password {
    fn default() -> Self {
        Self { min_length: 12, min_score: 2 }
    }
}

/// `[email]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Email {
    /// How mail leaves.
    pub gateway: EmailGateway,
    /// `smtp://host:587` (STARTTLS required), `smtps://host:465` (TLS), or, to this machine only, `smtp+plain://127.0.0.1:25`.
    pub smtp: Option<String>,
    /// The sender, `Name <address>` or an address.
    pub from: Option<String>,
    /// User name for SMTP authentication.
    pub username: Option<String>,
    /// A file with the SMTP password, readable by the agent alone.
    pub password_file: Option<PathBuf>,
    /// The language-neutral name of this machine in texts; the host name where unset.
    pub host_name: Option<String>,
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
        }
    }
}

/// How mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailGateway {
    /// Into files, see [`Spool`].
    Spool,
    /// To an SMTP server.
    Smtp,
}

/// `[phone]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phone {
    /// How text messages leave.
    pub gateway: PhoneGateway,
    /// The country (ISO 3166-1, two letters) in which a number without a country code is read.
    pub default_region: Option<String>,
    /// `[phone.twilio]`
    pub twilio: Option<Twilio>,
    /// `[phone.webhook]`
    pub webhook: Option<Webhook>,
    /// `[phone.command]`
    pub command: Option<Command>,
}

impl Default for Phone {
    fn default() -> Self {
        Self { gateway: PhoneGateway::Spool, default_region: None, twilio: None, webhook: None, command: None }
    }
}

/// How text messages leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhoneGateway {
    /// Into files, see [`Spool`].
    Spool,
    /// The Twilio Messages API.
    Twilio,
    /// Any HTTP API, by template.
    Webhook,
    /// A program on this machine.
    Command,
}

/// `[phone.twilio]`: the Messages resource of the Twilio API, version 2010-04-01.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// A file with the auth token, readable by the agent alone.
    pub token_file: PathBuf,
    /// The sender: a number in E.164, or a messaging service (`MG` and 32 hexadecimal digits).
    pub from: String,
    /// Where the API is; https, or http to this machine only.
    #[serde(default = "Twilio::default_url")]
    pub url: String,
}

impl Twilio {
    fn default_url() -> String {
        "https://api.twilio.com".into()
    }
}

/// `[phone.webhook]`. `{to}`, `{text}` and `{code}` in `url`, `headers` and `body` values are replaced; the values are
/// encoded as their place needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// `"POST"` (the default), `"PUT"` or `"GET"`.
    #[serde(default = "Webhook::default_method")]
    pub method: String,
    /// https, or http to this machine only.
    pub url: String,
    /// Header names and values; `{token}` is the content of `token_file`.
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    /// `"json"` (the default) or `"form"`.
    #[serde(default)]
    pub encoding: BodyEncoding,
    /// Keys and values of the body.
    #[serde(default)]
    pub body: std::collections::BTreeMap<String, String>,
    /// A file whose first line replaces `{token}` in `headers`.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// The HTTP statuses that mean success; any 2xx where empty.
    #[serde(default)]
    pub success: Vec<u16>,
    /// Where set, the answer's body must have this text as well.
    #[serde(default)]
    pub success_contains: Option<String>,
}

impl Webhook {
    fn default_method() -> String {
        "POST".into()
    }
}

/// `[phone.webhook] encoding`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyEncoding {
    /// `application/json`
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// `[phone.command]`: a program and its arguments; no shell.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Program by full path and arguments; `{to}` and `{text}` in an argument are replaced.
    pub argv: Vec<String>,
    /// Whether the text goes to standard input. It must where no argument has `{text}`.
    #[serde(default)]
    pub stdin: bool,
    /// How long the program may take.
    #[serde(default = "Command::default_timeout")]
    pub timeout: Span,
}

impl Command {
    const fn default_timeout() -> Span {
        Span::seconds(30)
    }
}

/// `[spool]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spool {
    /// Where the files go; made by the agent with mode 0700.
    pub directory: PathBuf,
}

impl Default for Spool {
    fn default() -> Self {
        Self { directory: "/var/lib/sspr/spool".into() }
    }
}

/// `[notify]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// After a recovery every registered contact gets a note.
    pub recovery: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { recovery: true }
    }
}

/// `[helpdesk]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Helpdesk {
    /// One line that ends the texts in which self-service can't help, such as `"Call 4711."`.
    pub text: Option<String>,
}

/// Whether `host` is this machine, so that a connection without TLS shows nothing to a network.
pub fn is_loopback(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
