//! What must hold in `[contacts.directory]`.

use super::{super::Settings, Fault, fault, within};

const SECTION: &str = "contacts.directory";

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
    if !(900..=30 * 86_400).contains(&own.every.as_secs()) {
        return fault(SECTION, "every", format!("every = \"{}\" can be \"15m\" to \"30d\"", own.every));
    }
    within(SECTION, "quiet_days", own.quiet_days, 1, 90)
}
