//! Text messages through any HTTP API, as described by the settings or by the row of a provider.

use std::collections::BTreeMap;

use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use sspr_config::settings::{BodyEncoding, Json, Preset, Provider, Webhook as Settings};
use sspr_core::contact::EmailAddress;
use zeroize::Zeroizing;

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Probed, Secret, coding,
    gateway::{Gateway, Setup, Work},
    http::{Answer, Door},
    missing, secret, setting,
    template::{CODE, CODING, NUMBER, TEXT, TO, Template, percent, verbatim},
    verdict::Verdict,
    wrong_kind,
};

/// Placeholders that no header may contain: headers end up in the logs of servers and proxies.
const MESSAGE: [&str; 3] = [TEXT, CODE, CODING];

#[derive(Debug)]
struct Webhook {
    door: Door,
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    /// The user name and the password of basic authentication.
    login: Option<(Template, Secret)>,
    encoding: BodyEncoding,
    body: Part,
    fixed: Fixed,
    verdict: Verdict,
}

/// The values for every message, by name.
#[derive(Debug, Default)]
struct Fixed {
    /// The values of a provider's account; a setting that is unset has none.
    words: Vec<(&'static str, Option<String>)>,
    secrets: Vec<(String, Secret)>,
}

/// A body with its placeholders.
#[derive(Debug)]
enum Part {
    Text(Template),
    Value(Value),
    List(Vec<Part>),
    Table(Vec<(String, Part)>),
}

/// The API that `[phone.webhook]` describes.
pub(super) fn gateway(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    let settings = setup.settings.phone.webhook.as_ref().ok_or_else(|| missing(Settings::SECTION))?;
    let door = Door::of("webhook", setup)?;
    Ok(Box::new(Webhook::new(settings, door, Vec::new(), setup)?))
}

/// The provider's API, with the account of `[phone.provider]`.
pub(super) fn of_provider(preset: &'static Preset, setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    let account = setup.settings.phone.provider.as_ref().ok_or_else(|| missing(Provider::SECTION))?;
    let settings = preset.webhook(account).ok_or_else(|| setting(Provider::SECTION, "url", "it is not set"))?;
    let words = vec![("account", account.account.clone()), ("from", Some(account.from.clone()))];
    Ok(Box::new(Webhook::new(&settings, Door::of(preset.name, setup)?, words, setup)?))
}

impl Gateway for Webhook {
    fn name(&self) -> &'static str {
        self.door.name
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(self.send(message))
    }

    fn probe<'a>(&'a self, _: Option<&'a EmailAddress>, within: std::time::Duration) -> Work<'a, Probed> {
        Box::pin(async move {
            self.door.look(&self.url.render(|_| "0", percent), within).await?;
            Ok(Probed::Unasked)
        })
    }
}

impl Webhook {
    fn new(
        settings: &Settings,
        door: Door,
        words: Vec<(&'static str, Option<String>)>,
        setup: &Setup<'_>,
    ) -> Result<Self, DeliverySetupError> {
        let section = if words.is_empty() { Settings::SECTION } else { Provider::SECTION };
        let refuse = |key, why: &str| setting(section, key, why);
        let method = match settings.method.as_str() {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "GET" if settings.body.is_empty() => Method::GET,
            "GET" => return Err(refuse("body", "a GET request has no body; put {to} and {text} into url")),
            other => {
                return Err(refuse("method", &format!("{other:?} can be \"POST\", \"PUT\" or \"GET\"")));
            }
        };
        let read = |path| secret::read(path, setup.around.credentials.as_deref());
        let secrets: Vec<(String, Secret)> = settings
            .secrets()
            .filter_map(|(name, file)| file.map(|file| read(file).map(|secret| (name.to_owned(), secret))))
            .collect::<Result<_, _>>()?;
        let fixed = Fixed { words, secrets };
        let names = fixed.names();
        let login = match (&settings.user, &settings.password_file) {
            (Some(user), Some(file)) => Some((Template::parse(user, &names), read(file)?)),
            _ => None,
        };
        let headers = settings.headers.iter().map(|(name, value)| header(name, value, &names));
        let this = Self {
            door,
            method,
            url: url(section, &settings.url, &names)?,
            headers: headers.collect::<Result<_, _>>()?,
            login,
            encoding: settings.encoding,
            body: Part::of(&settings.body, &names),
            fixed,
            verdict: Verdict::of(settings),
        };
        // A token that a header can't contain is found here, not at the first message.
        this.filled_headers("+1").map_err(|e| refuse("headers", &e.to_string()))?;
        Ok(this)
    }

    async fn send(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let Content::Text { to, text } = &message.content else { return Err(wrong_kind()) };
        let code = message.code.as_ref().map(|code| code.as_str());
        if code.is_none() && !self.body.has(TEXT) && !self.url.has(TEXT) {
            let why = format!("{}: a note without a code can't be sent, nothing has {{text}}", self.door.name);
            return Err(DeliveryError::never(why));
        }
        let number = to.as_str();
        let value = |slot: &str| match slot {
            TEXT => text.as_str(),
            CODE => code.unwrap_or_default(),
            CODING => coding::of(text),
            other => self.fixed.value(other, number),
        };
        let headers = self.filled_headers(number)?;
        let body = self.body.filled(&value, &self.fixed).unwrap_or_default();
        let (kind, body) = match self.encoding {
            _ if self.method == Method::GET => (None, String::new()),
            BodyEncoding::Json => (Some("application/json"), body.to_string()),
            BodyEncoding::Form => (Some("application/x-www-form-urlencoded"), form(&body)),
        };
        let private = Zeroizing::new(self.private(number, code));
        self.door
            .ask(
                self.method.clone(),
                &self.url.render(value, percent),
                |mut request| {
                    if let Some((user, password)) = &self.login {
                        request = request.basic_auth(user.render(value, verbatim), Some(password.0.as_str()));
                    }
                    if let Some(kind) = kind.filter(|_| !headers.contains_key(CONTENT_TYPE)) {
                        request = request.header(CONTENT_TYPE, kind);
                    }
                    if kind.is_some() {
                        request = request.body(body);
                    }
                    request.headers(headers)
                },
                async |answer: Answer| self.verdict.on(answer, &self.door, &private).await,
            )
            .await
    }

    /// What must not appear in the part of an answer that goes to the journal.
    fn private(&self, number: &str, code: Option<&str>) -> Vec<String> {
        let secrets =
            self.fixed.secrets.iter().map(|(_, secret)| secret).chain(self.login.iter().map(|(_, secret)| secret));
        let own = [Some(number.trim_start_matches('+')), code].into_iter().flatten();
        secrets.map(|secret| secret.0.as_str()).chain(own).map(str::to_owned).collect()
    }

    fn filled_headers(&self, number: &str) -> Result<HeaderMap, DeliveryError> {
        let mut headers = HeaderMap::new();
        for (name, template) in &self.headers {
            let value = template.render(|slot| self.fixed.value(slot, number), verbatim);
            let mut value = HeaderValue::try_from(value)
                .map_err(|_| DeliveryError::never(format!("the value of {name} can't stand in a header")))?;
            value.set_sensitive(template.slots().any(|slot| self.fixed.is_secret(slot)));
            headers.insert(name.clone(), value);
        }
        Ok(headers)
    }
}

impl Fixed {
    /// The valid placeholders.
    fn names(&self) -> Vec<&str> {
        let words = self.words.iter().map(|(name, _)| *name);
        let secrets = self.secrets.iter().map(|(name, _)| name.as_str());
        [TO, NUMBER, TEXT, CODE, CODING].into_iter().chain(words).chain(secrets).collect()
    }

    fn value<'a>(&'a self, slot: &str, number: &'a str) -> &'a str {
        match slot {
            TO => number,
            NUMBER => number.trim_start_matches('+'),
            _ => {
                let secret = self.secrets.iter().find(|(name, _)| name == slot).map(|(_, secret)| secret.0.as_str());
                let word = || self.words.iter().find(|(name, _)| *name == slot).and_then(|(_, word)| word.as_deref());
                secret.or_else(word).unwrap_or_default()
            }
        }
    }

    fn is_secret(&self, slot: &str) -> bool {
        self.secrets.iter().any(|(name, _)| name == slot)
    }

    /// Whether the placeholder is a word that the settings leave out.
    fn lacks(&self, slot: &str) -> bool {
        self.words.iter().any(|(name, word)| *name == slot && word.is_none())
    }
}

impl Part {
    fn of(json: &Json, names: &[&str]) -> Self {
        match json {
            Json::Text(text) => Self::Text(Template::parse(text, names)),
            Json::Whole(number) => Self::Value((*number).into()),
            Json::Real(bits) => Self::Value(f64::from_bits(*bits).into()),
            Json::Truth(truth) => Self::Value((*truth).into()),
            Json::List(values) => Self::List(values.iter().map(|value| Self::of(value, names)).collect()),
            Json::Table(table) => {
                Self::Table(table.iter().map(|(key, value)| (key.clone(), Self::of(value, names))).collect())
            }
        }
    }

    fn has(&self, slot: &str) -> bool {
        match self {
            Self::Text(template) => template.has(slot),
            Self::Value(_) => false,
            Self::List(parts) => parts.iter().any(|part| part.has(slot)),
            Self::Table(table) => table.iter().any(|(_, part)| part.has(slot)),
        }
    }

    /// `None` if it depends on something that the settings leave out.
    fn filled<'v>(&self, value: &impl Fn(&str) -> &'v str, fixed: &Fixed) -> Option<Value> {
        Some(match self {
            Self::Text(template) if template.slots().any(|slot| fixed.lacks(slot)) => return None,
            Self::Text(template) => template.render(value, verbatim).into(),
            Self::Value(value) => value.clone(),
            Self::List(parts) => parts.iter().filter_map(|part| part.filled(value, fixed)).collect(),
            Self::Table(table) => {
                let filled = table.iter().filter_map(|(key, part)| Some((key.clone(), part.filled(value, fixed)?)));
                Value::Object(filled.collect())
            }
        })
    }
}

fn header(name: &str, value: &str, names: &[&str]) -> Result<(HeaderName, Template), DeliverySetupError> {
    let refuse = |why: &str| setting(Settings::SECTION, "headers", format!("{name:?}: {why}"));
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse("is not the name of a header"))?;
    if value.chars().any(char::is_control) {
        return Err(refuse("the value has a control character, such as a newline"));
    }
    let template = Template::parse(value, names);
    if MESSAGE.iter().any(|slot| template.has(slot)) {
        return Err(refuse("a header can have {to}, {number} and secrets; put {text} and {code} into body"));
    }
    Ok((parsed, template))
}

fn url(section: &'static str, source: &str, names: &[&str]) -> Result<Template, DeliverySetupError> {
    let refuse = |why| setting(section, "url", why);
    let template = Template::parse(source, names);
    let authority = source.split_once("://").map_or(source, |(_, rest)| rest).split(['/', '?', '#']).next();
    if authority.is_none_or(|a| a.contains(['{', '}', '@'])) {
        return Err(refuse("the host has to be a name, without {} and without a user name"));
    }
    Url::parse(&template.render(|_| "0", percent)).map_err(|_| refuse("is not a URL"))?;
    Ok(template)
}

/// The keys and values of a table without lists or tables in it, which the settings' check ensures.
fn form(body: &Value) -> String {
    let fields: BTreeMap<&str, String> = body.as_object().map_or_else(BTreeMap::new, |table| {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        table.iter().map(|(key, value)| (key.as_str(), text(value))).collect()
    });
    let pairs: Vec<String> = fields.iter().map(|(key, value)| format!("{}={}", percent(key), percent(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
