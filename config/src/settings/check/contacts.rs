//! The rules for `[contacts.directory]` and `[contacts.entra]`.

use super::{
    super::{EntraContacts, EntraName, Settings},
    Fault, fault, url, within,
};

const SECTION: &str = "contacts.directory";
const ENTRA: &str = "contacts.entra";
/// The range of the interval for copying contacts, in seconds.
const EVERY: std::ops::RangeInclusive<i64> = 900..=30 * 86_400;

/// The first fault of `[contacts.directory]`.
pub(super) fn check(s: &Settings) -> Result<(), Fault> {
    let own = &s.contacts.directory;
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    for (method, attribute) in own.attributes() {
        let key = method.as_str();
        if !plain(attribute) {
            let why = format!("{key} = {attribute:?} is no attribute; write its name alone, such as \"mail\"");
            return fault(SECTION, key, why);
        }
        if s.directory.kind.is_none() {
            return fault(SECTION, key, format!("{key} is set, but there is no directory; set kind in [directory]"));
        }
        if !s.register.methods.contains(&method) {
            let why = format!("{key} is set, but [register] methods does not name \"{key}\"; add it there");
            return fault(SECTION, key, why);
        }
    }
    if !EVERY.contains(&own.every.as_secs()) {
        return fault(SECTION, "every", format!("every = \"{}\" can be \"15m\" to \"30d\"", own.every));
    }
    within(SECTION, "quiet_days", own.quiet_days, 1, 90)?;
    let Some(entra) = &s.contacts.entra else { return Ok(()) };
    if s.contacts.source(&s.register.methods).is_none_or(|source| source.methods.is_empty()) {
        let why = "[register] methods names neither \"email\" nor \"phone\", and there is nothing else to copy; add one there";
        return fault(ENTRA, "tenant", why);
    }
    self::entra(entra, !own.attributes().is_empty())
}

/// The rules for `[contacts.entra]`.
fn entra(e: &EntraContacts, with_directory: bool) -> Result<(), Fault> {
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    if with_directory {
        let why =
            "contacts come from [contacts.directory] already; name an attribute there, or a tenant here, not both";
        return fault(ENTRA, "tenant", why);
    }
    for (key, value) in [("tenant", &e.tenant), ("client_id", &e.client_id)] {
        if !plain(value) {
            return fault(
                ENTRA,
                key,
                format!("{key} = {value:?} is not an id; write it as the Entra admin centre shows it"),
            );
        }
    }
    if e.domains.iter().any(|domain| !plain(domain)) {
        return fault(ENTRA, "domains", "domains takes names alone, such as [\"contoso.com\"]");
    }
    match (e.name, e.domains.is_empty()) {
        (EntraName::UserPrincipalName, true) => {
            let why = "domains is not set: name the domain whose users have accounts here, such as domains = [\"contoso.com\"], as users of \
                       another domain of the tenant can have the same names";
            return fault(ENTRA, "domains", why);
        }
        (EntraName::OnPremisesSamAccountName | EntraName::MailNickname, false) => {
            let name = e.name.as_str();
            return fault(
                ENTRA,
                "domains",
                format!("domains is set, but name = {name:?} has no domain; take domains out"),
            );
        }
        _ => {}
    }
    if !e.secret_file.is_absolute() {
        return fault(ENTRA, "secret_file", "secret_file must be a full path, such as \"/etc/sspr/entra-secret\"");
    }
    url(ENTRA, "login_url", &e.login_url)?;
    url(ENTRA, "graph_url", &e.graph_url)?;
    if !EVERY.contains(&e.every.as_secs()) {
        return fault(ENTRA, "every", format!("every = \"{}\" can be \"15m\" to \"30d\"", e.every));
    }
    within(ENTRA, "quiet_days", e.quiet_days, 1, 90)
}
