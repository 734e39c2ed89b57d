//! How messages leave: `[email]`, `[phone]` and `[spool]`.

use std::{net::IpAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::duration::Span;

use super::modem::Modem;

/// `[email]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    /// The language-neutral name of this machine in texts, with which mail servers are greeted too; the host name where unset.
    pub host_name: Option<String>,
    /// How long a mail server may take until it is ready for a mail.
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

/// How mail leaves.
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
    /// How text messages leave.
    pub gateway: PhoneGateway,
    /// The country (ISO 3166-1, two letters) in which a number without a country code is read.
    pub default_region: Option<String>,
    /// Whether a code can be read out in a call (gateway "twilio" only).
    pub voice: bool,
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
            twilio: None,
            webhook: None,
            command: None,
            modem: None,
        }
    }
}

/// How text messages leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    /// A modem on this machine, by ModemManager.
    Modem,
}

/// `[phone.twilio]`: the Messages resource of the Twilio API, version 2010-04-01.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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

/// `[phone.webhook]`. `{to}` and `{token}` in `url`, `body` values and `headers` are replaced, and so are `{text}` and `{code}` in
/// `url` and `body` values; each is encoded as its place needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    /// A file whose first line replaces `{token}`.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyEncoding {
    /// `application/json`
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// `[phone.command]`: a program and its arguments; no shell.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Program by full path and arguments; `{to}` in an argument is replaced. One with `{text}` or `{code}` would show the code
    /// to everybody: see [`super::Settings::shown_message`].
    pub argv: Vec<String>,
    /// That the message goes to standard input; it goes nowhere else.
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
    /// Where the files go; made by the agent with mode 0700.
    pub directory: PathBuf,
}

impl Default for Spool {
    fn default() -> Self {
        Self { directory: "/var/lib/sspr/spool".into() }
    }
}

/// Whether `host` is this machine, so that a connection without TLS shows nothing to a network.
pub fn is_loopback(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
