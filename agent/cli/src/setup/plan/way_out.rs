//! The settings for the way to a gateway that is asked over HTTP.

use sspr_config::settings::Loaded;

use super::{super::document::Document, Phone, Plan};

/// The keys of `[phone]` for a proxy, and the one for a certificate authority.
const PROXY: [&str; 3] = ["proxy", "proxy_user", "proxy_password_file"];
const AUTHORITY: [&str; 1] = ["ca_file"];

/// Writes them. Keys that the new gateway does not use are removed, because the settings would be invalid with them.
pub(super) fn write(doc: &mut Document, plan: &Plan, now: &Loaded) {
    let elsewhere = matches!(plan.phone, Some(Phone::None | Phone::Command(_) | Phone::Modem(_)));
    if elsewhere && now.settings.contacts.entra.is_none() {
        PROXY.iter().chain(&AUTHORITY).for_each(|key| doc.unset("phone", key));
    }
    for (value, name, keys) in [(&plan.proxy, "proxy", &PROXY[..]), (&plan.ca_file, "ca_file", &AUTHORITY[..])] {
        match value.as_deref() {
            None => {}
            Some("") => keys.iter().for_each(|key| doc.unset("phone", key)),
            Some(value) => doc.set("phone", name, value),
        }
    }
}
