//! The options of `sspr setup`, and the plan that they make.

use std::{path::PathBuf, sync::LazyLock};

use clap::{Args, ValueEnum, builder::PossibleValue};
use sspr_config::settings::{self, PhoneGateway, Provider};

use super::{
    directory,
    plan::{self, Mail, Phone, Plan},
    secret::secret_in,
    section::Section,
    server, way_out,
};
use crate::{failure::Failure, whom};

/// The options of `sspr setup`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "options are")]
pub struct Arguments {
    /// Make all changes without asking
    #[arg(long)]
    pub(super) yes: bool,
    /// Change nothing, and show what would change, even with --yes
    #[arg(long)]
    pub(super) check: bool,
    /// Undo everything that setup has changed
    #[arg(long)]
    pub(super) undo: bool,
    /// Choose who can use the service: none, all, or the names of groups
    #[arg(long, value_delimiter = ',', value_name = "none|all|GROUP,...")]
    scope: Vec<String>,
    /// URL of the mail server, with the scheme smtp (STARTTLS), smtps (TLS) or smtp+plain (on this machine), or none
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// Sender of mails
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// User name at the mail server
    #[arg(long, value_name = "NAME")]
    smtp_user: Option<String>,
    /// File with the password at the mail server; setup copies it
    #[arg(long, value_name = "FILE")]
    smtp_password_file: Option<PathBuf>,
    /// Choose how text messages are sent
    #[arg(long, value_enum)]
    phone: Option<Kind>,
    /// Country of numbers without a country code, such as JP
    #[arg(long, value_name = "COUNTRY")]
    region: Option<String>,
    /// Account at the provider, if it needs one besides the key
    #[arg(long, value_name = "NAME")]
    provider_account: Option<String>,
    /// File with the provider's key; setup copies it
    #[arg(long, value_name = "FILE")]
    provider_token_file: Option<PathBuf>,
    /// Sender at the provider: a number, a short code or a name
    #[arg(long, value_name = "SENDER")]
    provider_from: Option<String>,
    /// URL of the provider's API, if each customer has its own
    #[arg(long, value_name = "URL")]
    provider_url: Option<String>,
    /// Account SID at Twilio
    #[arg(long, value_name = "SID")]
    twilio_account: Option<String>,
    /// API key at Twilio; the token file then has its secret
    #[arg(long, value_name = "SID")]
    twilio_api_key: Option<String>,
    /// File with the auth token at Twilio or the API key's secret; setup copies it
    #[arg(long, value_name = "FILE")]
    twilio_token_file: Option<PathBuf>,
    /// Sender at Twilio: a number, a short code, a name or a messaging service
    #[arg(long, value_name = "NUMBER")]
    twilio_from: Option<String>,
    /// URL of Twilio's API
    #[arg(long, hide = true)]
    twilio_url: Option<String>,
    /// URL of the HTTP API for text messages
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Key and value in the body, such as to={to}; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    webhook_body: Vec<(String, String)>,
    /// Header, such as "Authorization=Bearer {token}"; can be repeated. {token} works in the URL and the body too
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    webhook_header: Vec<(String, String)>,
    /// File with the value of {token}; setup copies it
    #[arg(long, value_name = "FILE")]
    webhook_token_file: Option<PathBuf>,
    /// Program for text messages; repeat it for each argument. {to} is the number; the message is on standard input
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    phone_command: Vec<String>,
    /// Modem for text messages, by its IMEI or port [default: the only one]
    #[arg(long, value_name = "DEVICE")]
    modem: Option<String>,
    /// HTTP proxy to Twilio, a provider or a webhook: http://host:port, https://host:port, or none
    #[arg(long, value_name = "URL|none")]
    phone_proxy: Option<String>,
    /// File with the certificate authority of the gateway or of a proxy that inspects TLS, or none
    #[arg(long, value_name = "FILE|none")]
    phone_ca_file: Option<String>,
    /// Line of text for users whom self-service can't help
    #[arg(long, value_name = "TEXT")]
    helpdesk: Option<String>,
    #[command(flatten)]
    directory: directory::options::Options,
    #[command(flatten)]
    pub(super) server: server::options::Options,
    /// Don't change PAM
    #[arg(long)]
    pub(super) no_pam: bool,
    /// Don't change sshd
    #[arg(long)]
    pub(super) no_sshd: bool,
    /// Offer resets over SSH even if sshd accepts keys only; users can then type passwords over SSH
    #[arg(long, conflicts_with = "no_sshd")]
    pub(super) sshd_passwords: bool,
    /// Refuse keyboard-interactive in each Match block of sshd that refuses passwords
    #[arg(long, conflicts_with = "no_sshd")]
    pub(super) sshd_match_blocks: bool,
    /// For the package before its removal: remove the drop-in of sshd if nobody is locked out or let in by that
    #[arg(long, hide = true)]
    pub(super) leave_sshd: bool,
    /// For the package after an upgrade: show where the drop-in lets users type a password whom sshd restricts to keys
    #[arg(long, hide = true)]
    pub(super) check_sshd: bool,
    /// For the package after an installation: show that the service is on while PAM lacks the module
    #[arg(long, hide = true)]
    pub(super) check_pam: bool,
    /// The settings file
    #[arg(long, hide = true, default_value = settings::PATH)]
    pub(super) config: PathBuf,
}

/// How text messages are sent; `Spool` means not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind(PhoneGateway);

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Kind>> = LazyLock::new(|| PhoneGateway::all().map(|(_, kind)| Kind(kind)).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(if self.0 == PhoneGateway::Spool { "none" } else { self.0.name() }))
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Arguments {
    /// The plan that the options make; `now` are the current settings.
    pub(super) fn plan(&self, now: &settings::Settings) -> Result<Plan, Failure> {
        let secret = |file: &Option<PathBuf>| file.as_ref().map(secret_in).transpose();
        let scope = if self.scope.is_empty() { None } else { Some((whom::parse(&self.scope)?, self.scope.clone())) };
        let password = secret(&self.smtp_password_file)?;
        let url = self.smtp.clone().or_else(|| now.email.smtp.clone());
        let mail = match (self.smtp.as_deref(), url) {
            (Some("none"), _) => Some(Mail::None),
            (None, _) if self.from.is_none() && self.smtp_user.is_none() && password.is_none() => None,
            (Some(_), _) if self.from.is_none() && now.email.from.is_none() => {
                return Err(Failure::Usage(
                    "--smtp needs a sender; add: --from \"Password reset <no-reply@example.org>\"".into(),
                ));
            }
            (_, Some(url)) => Some(Mail::Smtp { url, from: self.from.clone(), user: self.smtp_user.clone(), password }),
            (_, None) => {
                return Err(Failure::Usage(
                    "--from, --smtp-user and --smtp-password-file need a server; add: --smtp smtp://HOST:587".into(),
                ));
            }
        };
        let phone = match self.phone {
            None => None,
            Some(Kind(PhoneGateway::Spool)) => Some(Phone::None),
            Some(Kind(PhoneGateway::Twilio)) => Some(Phone::Twilio {
                account: self.twilio_account.clone(),
                api_key: self.twilio_api_key.clone(),
                from: self.twilio_from.clone(),
                token: secret(&self.twilio_token_file)?,
                url: self.twilio_url.clone(),
            }),
            Some(Kind(PhoneGateway::Webhook)) => Some(Phone::Webhook {
                url: self.webhook_url.clone(),
                body: self.webhook_body.clone(),
                headers: self.webhook_header.clone(),
                token: secret(&self.webhook_token_file)?,
            }),
            Some(Kind(PhoneGateway::Command)) => Some(Phone::Command(self.phone_command.clone())),
            Some(Kind(PhoneGateway::Modem)) => Some(Phone::Modem(self.modem.clone())),
            Some(Kind(gateway @ PhoneGateway::Provider(_))) => {
                let given =
                    [("account", &self.provider_account), ("from", &self.provider_from), ("url", &self.provider_url)];
                let values = given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
                let token = secret(&self.provider_token_file)?;
                Some(Phone::Section(Section { gateway, name: Provider::SECTION, values, token }))
            }
        };
        plan::nothing_shown(phone.as_ref())?;
        let directory = self.directory.plan(&now.directory)?;
        Ok(Plan {
            scope,
            mail,
            phone,
            proxy: self.phone_proxy.as_deref().map(way_out::given),
            ca_file: self.phone_ca_file.as_deref().map(way_out::given),
            region: self.region.clone(),
            helpdesk: self.helpdesk.clone(),
            directory,
        })
    }
}
