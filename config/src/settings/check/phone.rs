//! The rules for `[phone]`. Each gateway has a function here, and a line in [`check`].

use super::{
    super::{
        BodyEncoding, Command, Modem, Phone, PhoneGateway, Twilio,
        gateways::is_sid,
        is_loopback,
        json::Json,
        providers::{Account, Preset, Provider},
        webhook::{SLOTS, Webhook},
    },
    Fault, fault,
};

const SECTION: &str = "phone";

/// The first fault found. Entra is reached in the same way as the gateway.
pub(super) fn check(p: &Phone, with_entra: bool) -> Result<(), Fault> {
    if let Some(region) = &p.default_region
        && !(region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return fault(
            "phone",
            "default_region",
            format!(
                "default_region = {region:?} is not a country; write two capital letters (ISO 3166-1), such as \"JP\""
            ),
        );
    }
    voice(p)?;
    proxy(p, with_entra)?;
    match p.gateway {
        PhoneGateway::Spool => Ok(()),
        PhoneGateway::Twilio => match &p.twilio {
            Some(t) => twilio(t),
            None => fault(
                "phone",
                "gateway",
                "gateway is \"twilio\", but there is no [phone.twilio] with account_sid, token_file and from",
            ),
        },
        PhoneGateway::Webhook => match &p.webhook {
            Some(w) => webhook(w),
            None => {
                fault("phone", "gateway", "gateway is \"webhook\", but there is no [phone.webhook] with url and body")
            }
        },
        PhoneGateway::Command => match &p.command {
            Some(c) => command(c),
            None => fault("phone", "gateway", "gateway is \"command\", but there is no [phone.command] with argv"),
        },
        PhoneGateway::Modem => match p.modem.as_ref().and_then(Modem::fault) {
            Some(why) => fault(Modem::SECTION, "device", why),
            None => Ok(()),
        },
        PhoneGateway::Provider(preset) => match &p.provider {
            Some(account) => provider(preset, account),
            None => fault(
                "phone",
                "gateway",
                format!("gateway is {:?}, but there is no [phone.provider] with {}", preset.name, wanted(preset)),
            ),
        },
    }
}

/// The keys of `[phone.provider]` that `preset` needs.
fn wanted(preset: &Preset) -> &'static str {
    match (preset.account, preset.url) {
        (Account::Needed(_), _) => "account, token_file and from",
        (_, None) => "url, token_file and from",
        (_, Some(_)) => "token_file and from",
    }
}

fn provider(preset: &Preset, p: &Provider) -> Result<(), Fault> {
    let title = preset.title;
    match (preset.account, &p.account) {
        (Account::Needed(what), None) => {
            return fault(Provider::SECTION, "account", format!("account is not set; it is the {what} of {title}"));
        }
        (Account::None, Some(_)) => {
            return fault(
                Provider::SECTION,
                "account",
                format!("{title} knows the account by its {}; leave account out", preset.key),
            );
        }
        _ => {}
    }
    for (key, value) in [("account", p.account.as_deref()), ("from", Some(p.from.as_str()))] {
        let odd = |c: char| c.is_control() || matches!(c, '{' | '}');
        if value.is_some_and(|value| value.trim().is_empty() || value.contains(odd)) {
            return fault(Provider::SECTION, key, format!("{key} is empty, or has a character that can't be sent"));
        }
    }
    match preset.base(p) {
        Some(base) => {
            url(Provider::SECTION, "url", base)?;
            if base.contains(['?', '#', '{', '}']) {
                return fault(Provider::SECTION, "url", "url is scheme, host and port alone");
            }
            Ok(())
        }
        None => fault(
            Provider::SECTION,
            "url",
            format!("url is not set; it is not the same for all customers of {title}: its console shows yours"),
        ),
    }
}

/// The rules for a proxy and an own certificate authority: they require Entra, or a gateway that is asked over HTTP.
fn proxy(p: &Phone, with_entra: bool) -> Result<(), Fault> {
    let set = [
        ("proxy", p.proxy.is_some()),
        ("proxy_user", p.proxy_user.is_some()),
        ("proxy_password_file", p.proxy_password_file.is_some()),
        ("ca_file", p.ca_file.is_some()),
    ];
    if let (false, Some((key, _))) = (p.gateway.is_http() || with_entra, set.into_iter().find(|(_, set)| *set)) {
        let why = format!(
            "{key} is for gateways that are asked by HTTP and for [contacts.entra], and gateway = {:?} is not; leave {key} out",
            p.gateway.name()
        );
        return fault(SECTION, key, why);
    }
    for (key, file) in [("proxy_password_file", &p.proxy_password_file), ("ca_file", &p.ca_file)] {
        if file.as_ref().is_some_and(|file| !file.is_absolute()) {
            return fault(SECTION, key, format!("{key} must be a full path, such as \"/etc/sspr/{key}\""));
        }
    }
    let Some(url) = &p.proxy else {
        return match set.into_iter().find(|(key, set)| *set && *key != "ca_file") {
            Some((key, _)) => fault(SECTION, key, format!("{key} is set, but proxy is not")),
            None => Ok(()),
        };
    };
    if url.contains('@') {
        return fault(
            SECTION,
            "proxy",
            "proxy is scheme, host and port alone; the user name goes to proxy_user and the password to the file that \
             proxy_password_file names",
        );
    }
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else {
        return fault(
            SECTION,
            "proxy",
            format!("proxy = {url:?} can't be used; write it as http://proxy.example.org:3128, or with https://"),
        );
    };
    if super::super::host_and_port(rest.trim_end_matches('/')).is_none() {
        return fault(SECTION, "proxy", format!("proxy = {url:?} has no host, or something odd behind it"));
    }
    match (&p.proxy_user, &p.proxy_password_file) {
        (Some(user), _) if user.is_empty() || user.contains(|c: char| c.is_control() || c == ':') => {
            fault(SECTION, "proxy_user", "proxy_user is empty, or has a colon or a control character")
        }
        (Some(_), None) => fault(
            SECTION,
            "proxy_user",
            "proxy_user is set but proxy_password_file is not; name a file with the password",
        ),
        (None, Some(_)) => fault(SECTION, "proxy_password_file", "proxy_password_file is set but proxy_user is not"),
        _ => Ok(()),
    }
}

/// https to any host, http only to this machine. No user name: text before an `@` looks like the host but is not.
pub(super) fn url(section: &'static str, key: &'static str, url: &str) -> Result<(), Fault> {
    let host = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        match authority.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
            Some((v6, _)) => v6.to_owned(),
            None => authority.split(':').next().unwrap_or_default().to_owned(),
        }
    };
    if let Some((_, rest)) = url.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let behind = authority.strip_prefix('[').and_then(|v6| v6.split_once(']')).map_or("", |(_, behind)| behind);
        let odd = |c: char| matches!(c, '@' | '\\' | '%') || c.is_whitespace() || c.is_control();
        if authority.contains(odd) || !behind.is_empty() && !behind.starts_with(':') {
            return fault(
                section,
                key,
                format!("{key} has a user name or an odd host; write scheme, host and port alone"),
            );
        }
    }
    if let Some(rest) = url.strip_prefix("https://") {
        return if host(rest).is_empty() { fault(section, key, format!("{key} has no host")) } else { Ok(()) };
    }
    match url.strip_prefix("http://") {
        Some(rest) if is_loopback(&host(rest)) => Ok(()),
        Some(_) => fault(
            section,
            key,
            format!(
                "{key} has no encryption; http:// is for an address of this machine (127.0.0.1, [::1]) only, use https://"
            ),
        ),
        None => fault(section, key, format!("{key} = {url:?} must begin with https://")),
    }
}

fn twilio(t: &Twilio) -> Result<(), Fault> {
    if !is_sid(&t.account_sid, "AC") {
        return fault(
            Twilio::SECTION,
            "account_sid",
            "account_sid must be AC and 32 hexadecimal digits, as the Twilio console shows it",
        );
    }
    if t.api_key.as_ref().is_some_and(|key| !is_sid(key, "SK")) {
        return fault(
            Twilio::SECTION,
            "api_key",
            "api_key must be SK and 32 hexadecimal digits; its secret goes to the file that token_file names",
        );
    }
    if !(t.is_from_a_number() || t.is_from_a_service() || is_short_code(&t.from) || is_sender_name(&t.from)) {
        return fault(
            Twilio::SECTION,
            "from",
            "from must be a number such as \"+15005550006\", a short code, a name of up to 11 letters, or a messaging service \
             (MG and 32 hexadecimal digits)",
        );
    }
    url(Twilio::SECTION, "url", &t.url)
}

/// A short number without a plus, which the networks of a country share.
fn is_short_code(from: &str) -> bool {
    (3..=8).contains(&from.len()) && from.bytes().all(|b| b.is_ascii_digit())
}

/// An alphanumeric sender ID of Twilio.
fn is_sender_name(from: &str) -> bool {
    (1..=11).contains(&from.len())
        && from.bytes().any(|b| b.is_ascii_alphabetic())
        && from.bytes().all(|b| b.is_ascii_alphanumeric() || b" +-_&".contains(&b))
        && from.trim() == from
}

/// A call requires a gateway that can make calls, and a number as the sender.
fn voice(p: &Phone) -> Result<(), Fault> {
    if !p.voice {
        return Ok(());
    }
    if p.gateway != PhoneGateway::Twilio {
        return fault("phone", "voice", "voice = true needs gateway = \"twilio\"; no other gateway makes calls");
    }
    if p.twilio.as_ref().is_some_and(|t| !t.is_from_a_number()) {
        return fault(
            "phone.twilio",
            "from",
            "from must be a number such as \"+15005550006\" where voice = true; no other sender makes calls",
        );
    }
    Ok(())
}

/// Also applies to the settings that a provider's row results in.
pub(in super::super) fn webhook(w: &Webhook) -> Result<(), Fault> {
    const SECTION: &str = Webhook::SECTION;
    url(SECTION, "url", &w.url)?;
    if !matches!(w.method.as_str(), "POST" | "PUT" | "GET") {
        return fault(SECTION, "method", format!("method = {:?} can be \"POST\", \"PUT\" or \"GET\"", w.method));
    }
    if w.encoding == BodyEncoding::Form && !is_flat(&w.body) {
        return fault(SECTION, "body", "a form has keys and values alone; lists and tables need encoding = \"json\"");
    }
    let has = |slot: &str| w.url.contains(slot) || w.body.texts().any(|(_, text)| text.contains(slot));
    if !has("{to}") && !has("{number}") {
        return fault(SECTION, "body", "nothing in url or body has {to} or {number}; the number would not be sent");
    }
    if !has("{text}") && !has("{code}") {
        return fault(SECTION, "body", "nothing in url or body has {text} or {code}; the code would not be sent");
    }
    for name in w.secret_files.keys() {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return fault(
                SECTION,
                "secret_files",
                format!("{name:?} can't stand in braces; write small letters, digits and _"),
            );
        }
        if name == "token" || SLOTS.contains(&name.as_str()) {
            return fault(
                SECTION,
                "secret_files",
                format!("{{{name}}} means something else already; choose another name"),
            );
        }
    }
    if w.token_file.is_none() {
        let user = w.user.as_deref().unwrap_or_default();
        let with_token = [
            ("url", w.url.contains("{token}")),
            ("headers", w.headers.values().any(|value| value.contains("{token}"))),
            ("user", user.contains("{token}")),
            ("body", w.body.texts().any(|(_, text)| text.contains("{token}"))),
        ];
        if let Some((key, _)) = with_token.into_iter().find(|(_, has)| *has) {
            return fault(SECTION, key, format!("{key} has {{token}}, but token_file is not set"));
        }
    }
    match (&w.user, &w.password_file) {
        (Some(_), None) => {
            return fault(SECTION, "user", "user is set but password_file is not; name a file with the password");
        }
        (None, Some(_)) => return fault(SECTION, "password_file", "password_file is set but user is not"),
        _ => {}
    }
    answer(w)
}

/// The rules for reading the answer.
fn answer(w: &Webhook) -> Result<(), Fault> {
    const SECTION: &str = Webhook::SECTION;
    if w.success_field.is_some() && w.success_values.is_empty() {
        return fault(
            SECTION,
            "success_values",
            "success_field is set, but no value of it means success; set success_values, such as [\"queued\"]",
        );
    }
    if w.success_field.is_none() && !w.success_values.is_empty() {
        return fault(
            SECTION,
            "success_field",
            "success_values is set, but success_field does not say where they stand, such as \"messages.0.status\"",
        );
    }
    if w.success_field.is_none() && w.error_field.is_empty() && !w.retry_values.is_empty() {
        return fault(
            SECTION,
            "retry_values",
            "retry_values needs success_field or error_field, which say where they stand",
        );
    }
    let one = [("success_field", &w.success_field), ("id_field", &w.id_field)];
    let one = one.into_iter().filter_map(|(key, path)| Some((key, path.as_ref()?)));
    for (key, path) in one.chain(w.error_field.iter().map(|path| ("error_field", path))) {
        if path.split('.').any(|part| part.trim().is_empty()) {
            return fault(
                SECTION,
                key,
                format!("{key} is keys and places with dots between, such as \"messages.0.status\""),
            );
        }
    }
    Ok(())
}

fn is_flat(body: &Json) -> bool {
    match body {
        Json::Table(table) => !table.values().any(|value| matches!(value, Json::Table(_) | Json::List(_))),
        _ => false,
    }
}

fn command(c: &Command) -> Result<(), Fault> {
    match c.argv.first() {
        None => {
            return fault(
                "phone.command",
                "argv",
                "argv is empty; name the program and its arguments, such as [\"/usr/bin/gammu-smsd-inject\", \"TEXT\", \"{to}\"]",
            );
        }
        Some(program) if !program.starts_with('/') => {
            return fault("phone.command", "argv", format!("the program {program:?} must be a full path"));
        }
        Some(program) if program.contains('{') => {
            return fault("phone.command", "argv", "the program itself can't be a template");
        }
        Some(_) => {}
    }
    // With the message in an argument, which 0.1.0 accepted, the gateway is off: see `exposed`.
    if !c.stdin && c.shown().is_none() {
        return fault(
            "phone.command",
            "stdin",
            "the message goes nowhere: it comes on standard input alone; set stdin = true",
        );
    }
    if !c.argv.iter().any(|a| a.contains("{to}")) {
        return fault("phone.command", "argv", "no argument has {to}; the number would not be passed");
    }
    // The lease of a message that is being sent is 60 s; after that it is sent again.
    if c.timeout.as_secs() > 45 {
        return fault(
            "phone.command",
            "timeout",
            format!(
                "timeout = \"{}\" is too long; a command may take at most \"45s\", or its message would go twice",
                c.timeout
            ),
        );
    }
    Ok(())
}
