//! The questions of `sspr setup`: who can use it, mail, text messages, and a line for all others.

use sspr_config::settings::{self, Loaded, PROVIDERS, PhoneGateway};
use sspr_core::{typed, wrapped::wrapped};
use sspr_machine::host_name::{full_name, is_full_sender};

use super::{
    ask::{Person, agrees, ask, ask_words, checked, hidden, quoted},
    plan::{Mail, Phone, Plan},
    secret::Secret,
    section, stopped,
};
use crate::{failure::Failure, whom};

/// Asks for everything that `given` leaves open. Enter keeps the value in the settings.
pub fn plan(person: &mut dyn Person, loaded: &Loaded, mut given: Plan) -> Result<Plan, Failure> {
    person.hear(
        "Self-service password reset, set up in a few questions. Each change is shown\n\
         before it is made. Enter accepts the value in [brackets]; ctrl-C stops.\n",
    );
    let s = &loaded.settings;
    if given.scope.is_none() {
        let now = match &s.scope.enable {
            settings::Enable::None => "none".to_owned(),
            settings::Enable::All => "all".to_owned(),
            settings::Enable::Groups(groups) => groups.join(" "),
        };
        person.hear("Who can use it? all, none, or the names of groups.");
        given.scope = Some(ask(person, "Users", &now, |typed| {
            let words: Vec<String> =
                typed.split([' ', ',']).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
            whom::parse(&words).map(|whom| (whom, words)).map_err(|e| e.to_string())
        })?);
    }
    if given.mail.is_none() {
        given.mail = Some(mail(person, loaded)?);
    }
    if given.phone.is_none() {
        given.phone = phone(person, loaded)?;
    }
    if given.region.is_none() && !matches!(given.phone, Some(Phone::None)) {
        let now = s.phone.default_region.clone().unwrap_or_else(|| "none".into());
        person.hear("\nCountry of numbers without a country code? Two letters, such as JP.");
        let region = ask(person, "Country", &now, |typed| match typed {
            "none" => Ok(None),
            typed => {
                let region = typed.to_uppercase();
                checked(&format!("[phone]\ndefault_region = {}\n", quoted(&region))).map(|()| Some(region))
            }
        })?;
        given.region = region;
    }
    if given.helpdesk.is_none() {
        let now = s.helpdesk.text.clone().unwrap_or_else(|| "none".into());
        person.hear("\nOne line for users whom self-service can't help, such as: Call 4711.");
        given.helpdesk = Some(ask_words(person, "Line", &now, |typed| match typed {
            "none" => Ok(String::new()),
            typed => checked(&format!("[helpdesk]\ntext = {}\n", quoted(typed))).map(|()| typed.to_owned()),
        })?);
    }
    person.hear("");
    Ok(given)
}

/// Asks for the mail server and its requirements.
pub(super) fn mail(person: &mut dyn Person, loaded: &Loaded) -> Result<Mail, Failure> {
    let email = &loaded.settings.email;
    let now = |value: &Option<String>, otherwise: &str| value.clone().unwrap_or_else(|| otherwise.to_owned());
    person.hear(
        "\nThe mail server: smtp://host:587 (STARTTLS) or smtps://host:465 (TLS);\n\
         one on this machine, without TLS: smtp+plain://127.0.0.1:25.\n\
         none: mail is written to files that only root can read, for a trial.",
    );
    let url = ask(person, "Mail server", &now(&email.smtp, "none"), |typed| match typed {
        "none" => Ok(None),
        typed => checked(&format!("[email]\ngateway = \"smtp\"\nfrom = \"a@example.org\"\nsmtp = {}\n", quoted(typed)))
            .map(|()| Some(typed.to_owned())),
    })?;
    let Some(url) = url else { return Ok(Mail::None) };
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let far = !url.starts_with("smtp+plain://");
    let known = full_name(&host).map(|name| format!("Password reset <no-reply@{name}>"));
    if known.is_none() && email.from.is_none() {
        person.hear(
            "The sender of mails, such as: Password reset <no-reply@example.org>\n\
             This machine's own name has no domain to use here.",
        );
    }
    let from = ask(person, "Sender", &now(&email.from, &known.unwrap_or_default()), |typed| sender(typed, far))?;
    let user = ask(person, "User name at that server, or none", &now(&email.username, "none"), |typed| {
        Ok(if typed == "none" { String::new() } else { typed.to_owned() })
    })?;
    let known = email.username.as_deref() == Some(user.as_str());
    let password = if user.is_empty() { None } else { hidden(person, "Password at that server", known)? };
    Ok(Mail::Smtp { url, from: Some(from), user: Some(user), password })
}

/// Checks a typed sender of mails. A server that is not on this machine requires a domain that other servers know.
pub fn sender(typed: &str, far: bool) -> Result<String, String> {
    let typed = typed::argument(typed);
    checked(&format!("[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = {}\n", quoted(&typed)))?;
    if far && !is_full_sender(&typed) {
        return Err(format!(
            "{typed:?} has no full domain, which mail servers require; write one such as no-reply@example.org"
        ));
    }
    Ok(typed)
}

/// The word that leads back to the question before.
const BACK: &str = "back";

/// The administrator at questions that `back` leaves.
pub(super) struct WithBack<'a> {
    pub(super) person: &'a mut dyn Person,
    pub(super) back: bool,
}

impl Person for WithBack<'_> {
    fn hear(&mut self, text: &str) {
        self.person.hear(text);
    }

    fn line(&mut self, prompt: &str) -> Result<String, Failure> {
        let line = self.person.line(prompt)?;
        if typed::word(&line) == BACK {
            self.back = true;
            return Err(stopped::failure());
        }
        Ok(line)
    }

    fn secret(&mut self, prompt: &str) -> Result<Secret, Failure> {
        self.person.secret(prompt)
    }
}

fn phone(person: &mut dyn Person, loaded: &Loaded) -> Result<Option<Phone>, Failure> {
    loop {
        let kind = phone_kind(person, loaded)?;
        if kind == "none" {
            return Ok(Some(Phone::None));
        }
        person.hear("back: choose another way to send them.");
        let mut person = WithBack { person: &mut *person, back: false };
        match gateway(&mut person, loaded, &kind) {
            Err(_) if person.back => {}
            asked => return asked,
        }
    }
}

/// Asks how text messages are sent.
fn phone_kind(person: &mut dyn Person, loaded: &Loaded) -> Result<String, Failure> {
    let settings = &loaded.settings.phone;
    let now = match settings.gateway {
        PhoneGateway::Spool => "none",
        gateway => gateway.name(),
    };
    let providers: Vec<_> = PROVIDERS.iter().map(|preset| preset.name).collect();
    let providers = providers.join(", ");
    let ways = format!(
        "Text messages: none, twilio, webhook (any HTTP API), command (a program), modem, or one of {providers}."
    );
    person.hear(&format!("\n{}", wrapped(&ways, 78).join("\n")));
    ask(person, "Text messages by", now, |typed| {
        if typed == "none" || PhoneGateway::all().any(|(name, gateway)| name == typed && gateway != PhoneGateway::Spool)
        {
            Ok(typed.to_owned())
        } else {
            Err(format!("Please type none, twilio, webhook, command, modem or one of {providers}."))
        }
    })
}

/// Asks what the gateway with the name `kind` needs.
fn gateway(person: &mut dyn Person, loaded: &Loaded, kind: &str) -> Result<Option<Phone>, Failure> {
    let settings = &loaded.settings.phone;
    let named = PhoneGateway::all().find(|(name, _)| *name == kind).map(|(_, gateway)| gateway);
    if let Some(gateway) = named.filter(|gateway| section::has(*gateway)) {
        return Ok(section::asked(person, loaded, gateway)?.map(Phone::Section));
    }
    Ok(Some(match kind {
        "twilio" => {
            let old = settings.twilio.as_ref();
            let known = |value: Option<&String>| value.cloned().unwrap_or_default();
            let sample = |account: &str, from: &str| {
                checked(&format!(
                    "[phone]\ngateway = \"twilio\"\n[phone.twilio]\ntoken_file = \"/t\"\naccount_sid = {}\nfrom = {}\n",
                    quoted(account),
                    quoted(from)
                ))
            };
            let account = ask(person, "Account SID (AC...)", &known(old.map(|t| &t.account_sid)), |typed| {
                sample(typed, "+15005550006").map(|()| typed.to_owned())
            })?;
            let from = ask(
                person,
                "Sender (+15005550006, a name, a short code or MG...)",
                &known(old.map(|t| &t.from)),
                |typed| sample("AC00000000000000000000000000000000", typed).map(|()| typed.to_owned()),
            )?;
            let token = hidden(person, "Auth token", old.is_some())?;
            Phone::Twilio { account: Some(account), api_key: None, from: Some(from), token, url: None }
        }
        "webhook" => {
            let old = settings.webhook.as_ref();
            person.hear(
                "{to}, {text} and {token} stand for the number, the message and the key to the API. The\n\
                 key itself comes below: everybody can read the settings.",
            );
            let url = ask(person, "URL", &old.map(|w| w.url.clone()).unwrap_or_default(), |typed| {
                checked(&format!(
                    "[phone]\ngateway = \"webhook\"\n[phone.webhook]\ntoken_file = \"/t\"\nurl = {}\nbody = {{ a = \"{{to}}{{text}}\" }}\n",
                    quoted(typed)
                ))
                .map(|()| typed.to_owned())
            })?;
            let in_url = url.contains("{token}");
            let to = ask(person, "Key of the number in the JSON body", "to", |typed| Ok(typed.to_owned()))?;
            let text = ask(person, "Key of the message", "text", |typed| Ok(typed.to_owned()))?;
            let known = old.is_some_and(|w| w.token_file.is_some());
            let bearer = !in_url && (known || agrees(person, "Is there a token to send (Authorization: Bearer ...)?")?);
            let token = if bearer || in_url { hidden(person, "Token", known)? } else { None };
            let headers =
                if bearer { vec![("Authorization".to_owned(), "Bearer {token}".to_owned())] } else { Vec::new() };
            Phone::Webhook { url: Some(url), body: vec![(to, "{to}".into()), (text, "{text}".into())], headers, token }
        }
        "command" => {
            person.hear(
                "The program by its full path, and its arguments with {to} for the number. It reads\n\
                 the message from standard input, as everybody can see arguments.",
            );
            let now = settings.command.as_ref().filter(|_| loaded.settings.shown_message().is_none());
            let now = now.map(|c| c.argv.join(" ")).unwrap_or_default();
            Phone::Command(ask(person, "Program", &now, |typed| {
                let argv: Vec<String> = typed.split_whitespace().map(ToOwned::to_owned).collect();
                let list: Vec<_> = argv.iter().map(|word| quoted(word)).collect();
                checked(&format!("[phone]\ngateway = \"command\"\n[phone.command]\nargv = [{}]\n", list.join(", ")))
                    .map(|()| argv)
            })?)
        }
        "modem" => modem(person, settings.modem.as_ref().and_then(|modem| modem.device.as_deref()))?,
        _ => Phone::None,
    }))
}

fn modem(person: &mut dyn Person, now: Option<&str>) -> Result<Phone, Failure> {
    person.hear(
        "With several modems: the IMEI or the port of the one to send by, as mmcli -m any\n\
         shows them. The guide says what else a modem needs.",
    );
    let device = ask(person, "Modem, or any for the only one", now.unwrap_or("any"), |typed| match typed {
        "any" => Ok(String::new()),
        typed => checked(&format!("[phone]\ngateway = \"modem\"\n[phone.modem]\ndevice = {}\n", quoted(typed)))
            .map(|()| typed.to_owned()),
    })?;
    Ok(Phone::Modem(Some(device)))
}

#[cfg(test)]
mod tests;
