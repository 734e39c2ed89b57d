//! The rules that keys must satisfy together. A setting that is chosen but incomplete refuses to start: an unset value
//! never means "anything".

mod contacts;
mod directory;
mod fleet;
mod phone;

use phone::url;
#[cfg(test)]
pub(super) use phone::webhook;

use crate::language::Language;

use super::{Email, EmailGateway, Enable, Settings, Words, is_loopback};

/// The largest minimum, in milliseconds: only a person takes longer than this to type a password.
const MIN_TYPING_MS_MOST: i64 = 5000;

/// A key with an invalid value, and what to do.
pub(super) struct Fault {
    pub(super) section: &'static str,
    pub(super) key: &'static str,
    pub(super) why: String,
}

fn fault(section: &'static str, key: &'static str, why: impl Into<String>) -> Result<(), Fault> {
    Err(Fault { section, key, why: why.into() })
}

fn within(section: &'static str, key: &'static str, value: impl Into<i64>, least: i64, most: i64) -> Result<(), Fault> {
    let value = value.into();
    if (least..=most).contains(&value) {
        return Ok(());
    }
    fault(section, key, format!("{key} = {value} is out of range; it can be {least} to {most}"))
}

/// The first fault found, in the order of the file.
pub(super) fn check(s: &Settings) -> Result<(), Fault> {
    scope(s)?;
    if s.register.methods.is_empty() {
        return fault("register", "methods", "methods is empty; name at least one of \"email\" and \"phone\"");
    }
    let mut methods = s.register.methods.clone();
    methods.sort_unstable();
    methods.dedup();
    if methods.len() != s.register.methods.len() {
        return fault("register", "methods", "methods names the same method twice");
    }
    let unfit = |name: &String| {
        name.trim() != name || name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control)
    };
    if s.register.app_issuer.as_ref().is_some_and(unfit) {
        return fault(
            "register",
            "app_issuer",
            "app_issuer must be one line of 1 to 64 characters, without blanks around it",
        );
    }
    within("register", "min_typing_ms", s.register.min_typing_ms, 0, MIN_TYPING_MS_MOST)?;
    within("recover", "methods_required", s.recover.methods_required, 1, 2)?;
    within("recover", "admin_methods_required", s.recover.admin_methods_required, 1, 2)?;
    if usize::from(s.recover.methods_required) > methods.len() {
        return fault(
            "recover",
            "methods_required",
            "methods_required is 2, but [register] methods names only one; add the other or set 1",
        );
    }
    if usize::from(s.recover.admin_methods_required) > methods.len() {
        return fault(
            "register",
            "methods",
            "methods names only one, but administrators need two; name the other, or set admin_methods_required = 1 in [recover]",
        );
    }
    within("code", "digits", s.code.digits, 6, 8)?;
    within("code", "tries", s.code.tries, 1, 10)?;
    if s.code.lifetime.as_secs() > 600 {
        return fault(
            "code",
            "lifetime",
            format!(
                "lifetime = \"{}\" is too long; a code may live at most \"10m\" (NIST SP 800-63B)",
                s.code.lifetime
            ),
        );
    }
    if s.code.resend_after > s.code.lifetime {
        return fault(
            "code",
            "resend_after",
            "resend_after is longer than lifetime; nobody could ask for another code in time",
        );
    }
    if let Some((key, value, least, most)) = s.limits.beyond() {
        within("limits", key, value, least, most)?;
    }
    within("password", "min_length", s.password.min_length, 8, 64)?;
    within("password", "min_score", s.password.min_score, 0, 4)?;
    email(&s.email)?;
    phone::check(&s.phone, s.contacts.entra.is_some())?;
    if !s.spool.directory.is_absolute() {
        return fault("spool", "directory", "directory must be a full path, such as \"/var/lib/sspr/spool\"");
    }
    for address in &s.notify.admins {
        let parts = address.split_once('@').filter(|(local, domain)| !local.is_empty() && domain.contains('.'));
        if parts.is_none() || address.contains(|c: char| c.is_control() || c.is_whitespace() || c == ',') {
            return fault("notify", "admins", format!("{address:?} in admins is not a mail address"));
        }
    }
    if s.helpdesk.text.as_deref().is_some_and(|t| t.chars().any(char::is_control) || t.chars().count() > 200) {
        return fault("helpdesk", "text", "text must be one line of at most 200 characters");
    }
    let group = &s.helpdesk.group;
    if group.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, ':' | ',' | '/' | '@')) {
        return fault("helpdesk", "group", format!("group = {group:?} is not the name of one group"));
    }
    within("helpdesk", "codes_per_hour", s.helpdesk.codes_per_hour, 1, 1000)?;
    texts(&s.texts)?;
    directory::check(&s.directory)?;
    contacts::check(s)?;
    fleet::check(s)
}

fn texts(t: &Words) -> Result<(), Fault> {
    if t.language != "auto" && Language::from_tag(&t.language).is_none() {
        let tags = Language::ALL.map(Language::tag).join(", ");
        let why = format!("language = {:?} is not known; it can be \"auto\" or one of {tags}", t.language);
        return fault("texts", "language", why);
    }
    if t.templates.as_ref().is_some_and(|directory| !directory.is_absolute()) {
        return fault("texts", "templates", "templates must be a full path, such as \"/etc/sspr/templates\"");
    }
    Ok(())
}

fn scope(s: &Settings) -> Result<(), Fault> {
    if s.scope.min_uid == 0 {
        return fault("scope", "min_uid", "min_uid = 0 would serve root; the minimum is 1");
    }
    if let Enable::Groups(groups) = &s.scope.enable {
        if groups.is_empty() {
            return fault("scope", "enable", "enable is an empty list; write \"none\", \"all\" or the names of groups");
        }
        if groups.iter().any(String::is_empty) {
            return fault("scope", "enable", "enable has an empty group name");
        }
    }
    if s.scope.exclude.iter().any(|e| e.is_empty() || e == "@") {
        return fault("scope", "exclude", "exclude has an empty name");
    }
    Ok(())
}

fn email(e: &Email) -> Result<(), Fault> {
    if !(5..=600).contains(&e.timeout.as_secs()) {
        return fault("email", "timeout", format!("timeout = \"{}\" can be \"5s\" to \"10m\"", e.timeout));
    }
    if e.gateway == EmailGateway::Spool {
        return match (&e.smtp, &e.from) {
            (None, None) => Ok(()),
            _ => fault("email", "gateway", "smtp or from is set, but mail still goes to files; set gateway = \"smtp\""),
        };
    }
    let Some(smtp) = &e.smtp else {
        return fault(
            "email",
            "smtp",
            "mail is to go by SMTP, but no server is named; set smtp = \"smtp://mail.example.org:587\"",
        );
    };
    let Some(from) = &e.from else {
        return fault("email", "from", "mail has no sender; set from = \"Password reset <no-reply@example.org>\"");
    };
    if !from.contains('@') || from.chars().any(char::is_control) {
        return fault("email", "from", format!("from = {from:?} is not a mail address"));
    }
    let Some((scheme, host)) = smtp.split_once("://") else {
        return fault(
            "email",
            "smtp",
            format!(
                "smtp = {smtp:?} has no scheme; write smtp:// (STARTTLS) or smtps:// (TLS) before the host, or smtp+plain:// for a \
                 server on this machine"
            ),
        );
    };
    if host.contains(['/', '@', ' ']) || host.is_empty() {
        return fault(
            "email",
            "smtp",
            "smtp is scheme, host and port alone; the user name goes to username and the password to the file that password_file names",
        );
    }
    let port = match host.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => Some(port),
        _ => None,
    };
    if let Some(port) = port.filter(|port| !port.parse::<u16>().is_ok_and(|number| number > 0)) {
        return fault(
            "email",
            "smtp",
            format!("smtp = {smtp:?} has no port {port:?}; write a number up to 65535 after the host, such as :587"),
        );
    }
    match scheme {
        "smtp" | "smtps" => {}
        "smtp+plain" if is_loopback(host.rsplit_once(':').map_or(host, |(h, _)| h)) => {}
        "smtp+plain" => {
            return fault(
                "email",
                "smtp",
                "smtp+plain:// has no encryption and is for an address of this machine (127.0.0.1, [::1]) only; use smtp://",
            );
        }
        other => {
            return fault(
                "email",
                "smtp",
                format!("smtp can't begin with {other}://; write smtp:// (STARTTLS) or smtps:// (TLS)"),
            );
        }
    }
    match (&e.username, &e.password_file) {
        (Some(_), None) => {
            fault("email", "username", "username is set but password_file is not; name a file with the password")
        }
        (None, Some(_)) => fault("email", "password_file", "password_file is set but username is not"),
        _ => Ok(()),
    }
}
