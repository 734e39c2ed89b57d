//! Gateways for text messages without questions of their own: a few keys of one section, and a key to the gateway in a
//! file. Each gateway has a row in `keys`.

use std::path::Path;

use sspr_config::settings::{Account, Loaded, PhoneGateway, Provider};

use super::{
    ask::{self, Person},
    secret::Secret,
};
use crate::failure::Failure;

/// The plan for such a gateway.
#[derive(Clone)]
pub struct Section {
    /// The gateway.
    pub gateway: PhoneGateway,
    /// The section of its keys.
    pub name: &'static str,
    /// Keys and values; other keys stay as they are.
    pub values: Vec<(&'static str, String)>,
    /// The key to the gateway; `None`: it stays as it is.
    pub token: Option<Secret>,
}

/// The setting for the file with the key to the gateway, and the name of that file.
pub const TOKEN: (&str, &str) = ("token_file", "provider-token");

/// A key, the question for it, and whether it may be left out.
type Key = (&'static str, String, bool);

/// The section of such a gateway, its keys, and the name of the key to it.
fn keys(gateway: PhoneGateway) -> Option<(&'static str, Vec<Key>, &'static str)> {
    let PhoneGateway::Provider(preset) = gateway else { return None };
    let account = match preset.account {
        Account::None => None,
        Account::Needed(what) => Some(("account", capital(what), false)),
        Account::Optional(what) => Some(("account", format!("{}, or none", capital(what)), true)),
    };
    let url = preset.url.is_none().then(|| ("url", format!("URL of your API at {}", preset.title), false));
    let from = ("from", format!("Sender ({})", preset.from), false);
    Some((Provider::SECTION, account.into_iter().chain([from]).chain(url).collect(), preset.key))
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Whether `gateway` has its questions here.
pub fn has(gateway: PhoneGateway) -> bool {
    keys(gateway).is_some()
}

/// Asks for the keys of `gateway`. Enter keeps the value in the settings, if they name the same gateway.
pub fn asked(person: &mut dyn Person, loaded: &Loaded, gateway: PhoneGateway) -> Result<Option<Section>, Failure> {
    let Some((name, keys, token)) = keys(gateway) else { return Ok(None) };
    let same = loaded.settings.phone.gateway == gateway;
    let old = loaded.effective().into_iter().filter(|entry| same && entry.section == name);
    let old: Vec<_> = old.filter_map(|entry| Some((entry.key, entry.value?.as_str()?.to_owned()))).collect();
    let old_of = |key: &str| old.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let mut values: Vec<(&'static str, String)> = Vec::new();
    for (key, question, optional) in keys {
        let now = old_of(key).unwrap_or_else(|| if optional { "none".into() } else { String::new() });
        let value = ask::ask(person, &question, &now, |typed| match typed {
            "none" if optional => Ok(None),
            "" => Err("A value is required.".to_owned()),
            typed => fits(gateway, name, key, typed).map(|()| Some(typed.to_owned())),
        })?;
        values.extend(value.map(|value| (key, value)));
    }
    let token = ask::hidden(person, &capital(token), old_of(TOKEN.0).is_some())?;
    Ok(Some(Section { gateway, name, values, token }))
}

/// Checks a value, with placeholders for those that are not known yet.
fn fits(gateway: PhoneGateway, name: &str, key: &str, value: &str) -> Result<(), String> {
    let Some((_, keys, _)) = keys(gateway) else { return Ok(()) };
    let stand_in = |key: &str| if key == "url" { "https://h" } else { "a" };
    let lines = keys.iter().filter(|(_, _, optional)| !optional).map(|(name, ..)| *name).filter(|name| *name != key);
    let lines: Vec<_> = lines.map(|key| format!("{key} = {:?}\n", stand_in(key))).collect();
    let lines = lines.concat();
    let text = format!(
        "[phone]\ngateway = {:?}\n[{name}]\n{} = \"/t\"\n{lines}{key} = {}\n",
        gateway.name(),
        TOKEN.0,
        ask::quoted(value)
    );
    ask::checked(&text)
}

impl Section {
    /// The keys that it has or may have values for.
    pub fn keys(&self) -> Vec<&'static str> {
        self.values.iter().map(|(key, _)| *key).chain([TOKEN.0]).collect()
    }

    /// The lines of the settings: section, key and value.
    pub fn lines(&self, directory: &Path) -> Vec<(&'static str, &'static str, String)> {
        let mut lines = vec![("phone", "gateway", self.gateway.name().to_owned())];
        lines.extend(self.values.iter().map(|(key, value)| (self.name, *key, value.clone())));
        if self.token.is_some() {
            lines.push((self.name, TOKEN.0, directory.join(TOKEN.1).display().to_string()));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use sspr_config::settings::PROVIDERS;

    use super::*;

    #[test]
    fn each_provider_has_its_questions_and_each_fits_a_terminal() {
        for preset in &PROVIDERS {
            let (section, keys, token) = keys(PhoneGateway::Provider(preset)).unwrap();
            assert!(section == "phone.provider" && keys.iter().any(|(key, ..)| *key == "from") && !token.is_empty());
            for (key, question, _) in &keys {
                assert!(question.chars().count() <= 50, "{question}");
                let good = if *key == "url" { "https://sms.example.org" } else { "Example" };
                assert_eq!(fits(PhoneGateway::Provider(preset), section, key, good), Ok(()), "{} {key}", preset.name);
                fits(PhoneGateway::Provider(preset), section, key, "{to}").unwrap_err();
            }
        }
        assert!(!has(PhoneGateway::Twilio) && !has(PhoneGateway::Spool));
    }
}
