//! What must hold in `[contacts.directory]` and `[contacts.entra]`.

use super::{
    super::{EntraContacts, Settings},
    Fault, fault, url, within,
};

const SECTION: &str = "contacts.directory";
const ENTRA: &str = "contacts.entra";
/// How often contacts can be copied, in seconds.
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

/// What must hold in `[contacts.entra]`.
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
