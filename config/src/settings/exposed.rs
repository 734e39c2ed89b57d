//! Settings that would let every user of this machine read codes, or the key to a gateway. Version 0.1.0 accepted them,
//! so an agent must start with them after an upgrade: a gateway that shows its messages is off then, and a key in the
//! settings still works. New ones are refused.

use super::{Command, PhoneGateway, SLOTS, Settings, Webhook};

/// A setting that exposes a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Such as `phone.command`.
    pub section: &'static str,
    /// Such as `argv`.
    pub key: &'static str,
    /// The fault, and its fix. Does not repeat the value.
    pub why: String,
}

impl Settings {
    /// If the program for text messages would get the message in an argument: its gateway is off.
    pub fn shown_message(&self) -> Option<Exposed> {
        let command = self.phone.command.as_ref().filter(|_| self.phone.gateway == PhoneGateway::Command)?;
        let slot = command.shown()?;
        let why = format!(
            "{slot} in an argument shows each code to everybody on this machine, in the list of processes, so the gateway is \
             switched off; the message comes on standard input: take {slot} out of argv"
        );
        Some(Exposed { section: "phone.command", key: "argv", why })
    }

    /// The first key to a gateway that seems to be in the settings, which every user can read.
    pub fn shown_secret(&self) -> Option<Exposed> {
        let (key, what) = self.phone.webhook.as_ref()?.shown()?;
        let why = format!(
            "{what} seems to have a key in it, and everybody on this machine can read that here; write {{token}} in its place, \
             the key into the first line of a file (mode 0600, owned by sspr), and its name into token_file"
        );
        Some(Exposed { section: "phone.webhook", key, why })
    }
}

impl Command {
    /// The part of a message that would be in an argument.
    pub(super) fn shown(&self) -> Option<&'static str> {
        ["{text}", "{code}"].into_iter().find(|slot| self.argv.iter().any(|argument| argument.contains(slot)))
    }
}

impl Webhook {
    /// The key with a value that seems to contain a secret, and the words for it.
    fn shown(&self) -> Option<(&'static str, String)> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let secrets: Vec<String> = self.secrets().map(|(name, _)| format!("{{{name}}}")).collect();
        let has_secret = |value: &str| secrets.iter().any(|slot| value.contains(slot));
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body: Vec<_> = self.body.texts().collect();
        let mut everywhere = headers.iter().chain(&body).map(|(_, value)| *value).chain([self.url.as_str()]);
        let tokened = self.password_file.is_some() || everywhere.any(has_secret);
        for (key, kind, pairs) in
            [("headers", "the header", headers), ("url", "the parameter", query.collect()), ("body", "the key", body)]
        {
            let is_shown = |name: &str, value: &str| !has_secret(value) && is_secret(name, value, tokened);
            if let Some((name, _)) = pairs.into_iter().find(|(name, value)| is_shown(name, value)) {
                let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                return Some((key, format!("{kind} {name}")));
            }
        }
        None
    }
}

/// Whether `value` seems to be a secret, by its name or its form. If the request also has one from a file (`tokened`),
/// a key beside it counts as the name of the account that it belongs to.
fn is_secret(name: &str, value: &str, tokened: bool) -> bool {
    let own = SLOTS.iter().fold(value.to_owned(), |value, slot| value.replace(&format!("{{{slot}}}"), ""));
    if own.trim().is_empty() {
        return false;
    }
    let name: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let telling = ["token", "secret", "passw", "passphrase", "authorization", "credential", "signature"];
    let whole = ["cookie", "pass", "pwd", "pw", "auth"];
    let by_name = telling.iter().any(|word| name.contains(word)) || whole.contains(&name.as_str());
    let lower = value.trim_start().to_lowercase();
    let by_form = ["bearer ", "basic ", "token "].iter().any(|scheme| lower.starts_with(scheme));
    by_name || name.starts_with("xauth") || by_form || (name.contains("key") && !tokened)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::parse, *};

    fn webhook(rest: &str) -> Option<Exposed> {
        let text =
            format!("[phone]\ngateway = \"webhook\"\n[phone.webhook]\ntoken_file = \"/etc/sspr/sms-token\"\n{rest}");
        parse(&text, Path::new("sspr.toml")).unwrap_or_else(|e| panic!("{e}")).shown_secret()
    }

    #[test]
    fn what_looks_like_a_key_to_the_gateway_is_named_and_not_repeated_and_a_token_takes_its_place() {
        let body = "body = { to = \"{to}\", text = \"{text}\" }";
        let keyed = |pair: &str| {
            format!("url = \"https://s.example.org/\"\nbody = {{ to = \"{{to}}\", text = \"{{text}}\", {pair} }}")
        };
        for (settings, key, what) in [
            (format!("url = \"https://s.example.org/?key=s3cret\"\n{body}"), "url", "the parameter key"),
            (
                format!("url = \"https://s.example.org/?a=b&access_token=s3cret#x\"\n{body}"),
                "url",
                "the parameter access_token",
            ),
            (
                format!("url = \"https://s.example.org/\"\n{body}\nheaders = {{ Authorization = \"s3cret\" }}"),
                "headers",
                "the header Authorization",
            ),
            (
                format!("url = \"https://s.example.org/\"\n{body}\nheaders = {{ X-Auth = \"s3cret\" }}"),
                "headers",
                "the header X-Auth",
            ),
            (
                format!("url = \"https://s.example.org/\"\n{body}\nheaders = {{ Cookie = \"a=s3cret\" }}"),
                "headers",
                "the header Cookie",
            ),
            (
                format!("url = \"https://s.example.org/\"\n{body}\nheaders = {{ X-Api-Key = \"s3cret\" }}"),
                "headers",
                "the header X-Api-Key",
            ),
            (
                format!("url = \"https://s.example.org/\"\n{body}\nheaders = {{ X-Other = \"Bearer s3cret\" }}"),
                "headers",
                "the header X-Other",
            ),
            (keyed("api_key = \"s3cret\""), "body", "the key api_key"),
            (keyed("password = \"s3cret\""), "body", "the key password"),
            // The token belongs to an account, whose name may be called a key; a second secret may not.
            (keyed("key = \"{token}\", apiSecret = \"s3cret\""), "body", "the key apiSecret"),
            (keyed("messages = [{ auth = { password = \"s3cret\" } }]"), "body", "the key password"),
        ] {
            let found = webhook(&settings).unwrap_or_else(|| panic!("{settings}"));
            assert_eq!(found.key, key, "{settings}");
            assert!(
                found.why.contains(what) && found.why.contains("{token}") && !found.why.contains("s3cret"),
                "{found:?}"
            );
        }
        for settings in [
            format!("url = \"https://s.example.org/?key={{token}}\"\n{body}"),
            format!(
                "url = \"https://s.example.org/?from=sspr\"\n{body}\nheaders = {{ Authorization = \"Bearer {{token}}\" }}"
            ),
            keyed("password = \"{token}\", user = \"sspr\""),
            keyed("api_key = \"abcd1234\", api_secret = \"{token}\""),
            format!("secret_files = {{ key = \"/k\" }}\n{}", keyed("api_key = \"{key}\", user = \"sspr\"")),
            keyed("author = \"sspr\", idempotency_key = \"{to}\""),
        ] {
            assert_eq!(webhook(&settings), None, "{settings}");
        }
    }
}
