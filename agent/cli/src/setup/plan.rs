//! What the administrator plans, and the settings for it.

use std::path::Path;

use sspr_config::settings::{self, EmailGateway, Enable, Loaded, PhoneGateway};
use toml_edit::InlineTable;
use zeroize::Zeroizing;

use super::{
    change::Change,
    directory,
    document::{Document, list},
    secret::Secret,
    section::Section,
};
use crate::{
    failure::Failure,
    whom::{self, DROP_IN as ENABLE},
};

mod secrets;
mod shown;
mod way_out;

pub use shown::nothing_shown;

/// The drop-in that setup writes.
pub const DROP_IN: &str = "40-setup.toml";

const HEADER: &str = "# Written by: sspr setup. Run it again to change this, or write a file with a later name.\n";

/// The plan for the settings; `None` leaves a setting as it is.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Who can use the service, and the words that said so.
    pub scope: Option<(Enable, Vec<String>)>,
    /// Mail.
    pub mail: Option<Mail>,
    /// Text messages.
    pub phone: Option<Phone>,
    /// The proxy to a gateway that is asked over HTTP; empty: none.
    pub proxy: Option<String>,
    /// A file with the certificate authority of the gateway; empty: none.
    pub ca_file: Option<String>,
    /// The country of numbers without a country code.
    pub region: Option<String>,
    /// The help-desk line.
    pub helpdesk: Option<String>,
    /// Users of a directory.
    pub directory: Option<directory::Directory>,
}

/// How mail is sent.
#[derive(Clone)]
pub enum Mail {
    /// It is written to files.
    None,
    /// To a server.
    Smtp {
        /// `smtp://host:port`
        url: String,
        /// The sender; `None`: it stays as it is.
        from: Option<String>,
        /// The user name at the server; `None`: it stays as it is, empty: none.
        user: Option<String>,
        /// Its password; `None`: it stays as it is.
        password: Option<Secret>,
    },
}

/// How text messages are sent.
#[derive(Clone)]
pub enum Phone {
    /// Not at all.
    None,
    /// Through Twilio.
    Twilio {
        /// `AC...`
        account: Option<String>,
        /// `SK...`, if the token is the secret of an API key; `None`: it stays as it is.
        api_key: Option<String>,
        /// The sender.
        from: Option<String>,
        /// The auth token; `None`: it stays as it is.
        token: Option<Secret>,
        /// The URL of the API; `None`: Twilio's own.
        url: Option<String>,
    },
    /// Through any HTTP API.
    Webhook {
        /// Its URL.
        url: Option<String>,
        /// Keys and values of the body.
        body: Vec<(String, String)>,
        /// Names and values of headers.
        headers: Vec<(String, String)>,
        /// The value of `{token}`; `None`: it stays as it is.
        token: Option<Secret>,
    },
    /// By a program.
    Command(Vec<String>),
    /// By a modem: its name; `None`: it stays as it is, empty: the only one.
    Modem(Option<String>),
    /// Through a gateway with a few keys of one section, such as a provider.
    Section(Section),
}

// The content may be secret; the kind is not.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::None) { "None" } else { "Smtp" })
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Twilio { .. } => "Twilio",
            Self::Webhook { .. } => "Webhook",
            Self::Command(_) => "Command",
            Self::Modem(_) => "Modem",
            Self::Section(section) => section.gateway.name(),
        })
    }
}

/// The settings files that have to change. Secrets come first, so that the settings that name them find them. `owner`
/// is the agent's uid and gid.
pub fn changes(config: &Path, loaded: &Loaded, plan: &Plan, owner: (u32, u32)) -> Result<Vec<Change>, Failure> {
    let beside = config.parent().unwrap_or(Path::new("/")).to_owned();
    let secret = |name: &str| beside.join(name);
    let drop_in = settings::drop_ins(config).join(DROP_IN);
    let mut all = Vec::new();
    let mut keep = |name: &str, secret_of: &Option<Secret>| -> Result<(), Failure> {
        if let Some(text) = secret_of {
            let content = Zeroizing::new(format!("{}\n", text.as_str()));
            all.push(Change::to_secret(secret(name), content.as_bytes().to_vec(), owner)?);
        }
        Ok(())
    };
    if let Some(Mail::Smtp { password, .. }) = &plan.mail {
        keep(secrets::SMTP, password)?;
    }
    match &plan.phone {
        Some(Phone::Twilio { token, .. }) => keep(secrets::TWILIO, token)?,
        Some(Phone::Webhook { token, .. }) => keep(secrets::WEBHOOK, token)?,
        Some(Phone::Section(wanted)) => keep(secrets::PROVIDER, &wanted.token)?,
        _ => {}
    }
    let of_directory =
        plan.directory.as_ref().map(|planned| directory::secret(planned, &loaded.settings.directory, &beside));
    let (made, mut gone): (Vec<_>, Vec<_>) =
        of_directory.transpose()?.flatten().into_iter().partition(|change| change.after.is_some());
    all.extend(made);
    let old = sspr_machine::files::read(&drop_in)?.map(|text| String::from_utf8_lossy(&text).into_owned());
    let new = written(old.as_deref(), loaded, plan, &beside, &drop_in)?;
    gone.extend(secrets::gone(old.as_deref(), new.as_deref(), loaded, (&beside, &drop_in))?);
    if let Some(new) = new {
        all.push(Change::to(drop_in, new.into_bytes())?);
    }
    // Removed once no setting names it any more.
    all.extend(gone);
    if let Some((whom, typed)) = &plan.scope
        && loaded.settings.scope.enable != *whom
    {
        let change = Change::to(settings::drop_ins(config).join(ENABLE), whom::content(whom, typed).into_bytes())?;
        if !change.is_needed() {
            // It is in the file already, but has no effect.
            whom::counts(config, whom).map_err(Failure::Refused)?;
        }
        all.push(change);
    }
    all.retain(Change::is_needed);
    Ok(all)
}

/// The drop-in `old` with the plan added; `None` if it would be empty.
fn written(
    old: Option<&str>,
    loaded: &Loaded,
    plan: &Plan,
    beside: &Path,
    drop_in: &Path,
) -> Result<Option<String>, Failure> {
    // Otherwise the comment would belong to the first section, or to none, and move.
    let text = old.map(|old| old.strip_prefix(HEADER).unwrap_or(old)).unwrap_or_default();
    let mut doc = Document::of(text, &loaded.settings)
        .map_err(|_| Failure::Refused(format!("{} can't be read; run: sspr config check", drop_in.display())))?;
    let path = |name: &str| beside.join(name).display().to_string();
    let mut mail_leaves = loaded.settings.email.gateway != EmailGateway::Spool;
    match &plan.mail {
        None => {}
        Some(Mail::None) => {
            mail_leaves = false;
            doc.set("email", "gateway", "spool");
            for key in ["smtp", "from", "username", "password_file"] {
                doc.unset("email", key);
            }
        }
        Some(Mail::Smtp { url, from, user, password }) => {
            mail_leaves = true;
            doc.set("email", "gateway", "smtp");
            doc.set("email", "smtp", url.as_str());
            if let Some(from) = from {
                doc.set("email", "from", from.as_str());
            }
            match user.as_deref() {
                None => {}
                Some("") => {
                    doc.unset("email", "username");
                    doc.unset("email", "password_file");
                }
                Some(user) => {
                    doc.set("email", "username", user);
                    if password.is_some() || loaded.settings.email.password_file.is_none() {
                        doc.set("email", "password_file", path(secrets::SMTP));
                    }
                }
            }
        }
    }
    let mut texts_leave = loaded.settings.phone.gateway != PhoneGateway::Spool;
    if let Some(phone) = &plan.phone {
        texts_leave = !matches!(phone, Phone::None);
        gateway(&mut doc, phone, &path, loaded, beside);
    }
    way_out::write(&mut doc, plan, loaded);
    if let Some(region) = &plan.region {
        doc.set("phone", "default_region", region.as_str());
    }
    match plan.helpdesk.as_deref() {
        None => {}
        Some("") => doc.unset("helpdesk", "text"),
        Some(text) => doc.set("helpdesk", "text", text),
    }
    if let Some(planned) = &plan.directory {
        directory::write(&mut doc, planned, loaded, beside, drop_in)?;
    }
    // Users should not register a method for which no codes are sent. An administrator who set the methods in another
    // file has a reason.
    let elsewhere = loaded.origin("register", "methods").is_some_and(|origin| origin.path != *drop_in);
    let switches_on = plan.scope.as_ref().is_some_and(|(whom, _)| *whom != Enable::None);
    if !elsewhere && (plan.mail.is_some() || plan.phone.is_some() || switches_on) {
        match (mail_leaves, texts_leave) {
            // Also for a trial, in which mail is written to files.
            (_, false) => doc.set("register", "methods", list(&["email", "app"])),
            (false, true) => doc.set("register", "methods", list(&["phone", "app"])),
            (true, true) => doc.unset("register", "methods"),
        }
    }
    let new = doc.text();
    let header = if old.is_none_or(|old| old.starts_with(HEADER)) { HEADER } else { "" };
    Ok((old.is_some() || !new.is_empty()).then(|| format!("{header}{new}")))
}

fn gateway(doc: &mut Document, phone: &Phone, path: &dyn Fn(&str) -> String, loaded: &Loaded, beside: &Path) {
    match phone {
        Phone::None => {
            doc.set("phone", "gateway", "spool");
            for name in ["twilio", "webhook", "command", "provider", "modem"] {
                doc.unset("phone", name);
            }
        }
        Phone::Twilio { account, api_key, from, token, url } => {
            doc.set("phone", "gateway", "twilio");
            for (key, value) in [("account_sid", account), ("api_key", api_key), ("from", from), ("url", url)] {
                if let Some(value) = value {
                    doc.set("phone.twilio", key, value.as_str());
                }
            }
            if token.is_some() {
                doc.set("phone.twilio", "token_file", path(secrets::TWILIO));
            }
        }
        Phone::Webhook { url, body, headers, token } => {
            doc.set("phone", "gateway", "webhook");
            if let Some(url) = url {
                doc.set("phone.webhook", "url", url.as_str());
            }
            for (key, pairs) in [("body", body), ("headers", headers)] {
                if !pairs.is_empty() {
                    let table: InlineTable = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                    doc.set("phone.webhook", key, table);
                }
            }
            if token.is_some() {
                doc.set("phone.webhook", "token_file", path(secrets::WEBHOOK));
            }
        }
        Phone::Section(wanted) => {
            if loaded.settings.phone.gateway != wanted.gateway {
                // One provider's account or address means nothing to another.
                doc.unset_others(wanted.name, &wanted.keys());
            }
            for (section, key, value) in wanted.lines(beside) {
                doc.set(section, key, value);
            }
        }
        Phone::Command(argv) => {
            doc.set("phone", "gateway", "command");
            doc.set("phone.command", "argv", list(&argv.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        Phone::Modem(device) => {
            doc.set("phone", "gateway", "modem");
            match device.as_deref() {
                None => {}
                Some("") => doc.unset("phone", "modem"),
                Some(device) => doc.set("phone.modem", "device", device),
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
