//! Text messages by any HTTP API, as the settings describe it.

use reqwest::{
    Method, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use sspr_config::settings::{BodyEncoding, Webhook as WebhookSettings};

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Secret, Surroundings,
    gateway::{Gateway, Setup, Work},
    http::{Answer, Door},
    missing, secret, setting,
    template::{Slot, Template, percent, verbatim},
    wrong_kind,
};

const SECTION: &str = "phone.webhook";

#[derive(Debug)]
struct Webhook {
    door: Door,
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    encoding: BodyEncoding,
    body: Vec<(String, Template)>,
    token: Option<Secret>,
    success: Vec<u16>,
    success_contains: Option<String>,
}

/// The API that `[phone.webhook]` describes.
pub(super) fn gateway(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    let settings = setup.settings.phone.webhook.as_ref().ok_or_else(|| missing(SECTION))?;
    Ok(Box::new(Webhook::new(settings, setup.around)?))
}

impl Gateway for Webhook {
    fn name(&self) -> &'static str {
        self.door.name
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(self.send(message))
    }
}

impl Webhook {
    fn new(webhook: &WebhookSettings, around: &Surroundings) -> Result<Self, DeliverySetupError> {
        let method = match webhook.method.as_str() {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "GET" if webhook.body.is_empty() => Method::GET,
            "GET" => {
                return Err(setting(SECTION, "body", "a GET request has no body; put {to} and {text} into url"));
            }
            other => return Err(setting(SECTION, "method", format!("{other:?} can be \"POST\", \"PUT\" or \"GET\""))),
        };
        let token = match &webhook.token_file {
            Some(path) => Some(secret::read(path, around.credentials.as_deref())?),
            None => None,
        };
        let headers = webhook.headers.iter().map(|(name, value)| header(name, value)).collect::<Result<_, _>>()?;
        let body = webhook.body.iter().map(|(key, value)| (key.clone(), Template::parse(value))).collect();
        let this = Self {
            door: Door { name: "webhook", trust: around.trust.clone(), deadline: around.gateway_deadline },
            method,
            url: url(&webhook.url)?,
            headers,
            encoding: webhook.encoding,
            body,
            token,
            success: webhook.success.clone(),
            success_contains: webhook.success_contains.clone(),
        };
        // A token that can't stand in a header shows here, not at the first message.
        this.filled_headers("+1").map_err(|e| setting(SECTION, "headers", e.to_string()))?;
        Ok(this)
    }

    async fn send(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let Content::Text { to, text } = &message.content else { return Err(wrong_kind()) };
        let code = message.code.as_ref().map(|code| code.as_str());
        let templates = || self.body.iter().map(|(_, value)| value).chain([&self.url]);
        if code.is_none() && !templates().any(|t| t.has(Slot::Text)) {
            return Err(DeliveryError::never("webhook: a note without a code can't be sent, nothing has {text}"));
        }
        let value = |slot| match slot {
            Slot::To => to.as_str(),
            Slot::Text => text.as_str(),
            Slot::Code => code.unwrap_or_default(),
            Slot::Token => self.token.as_ref().map_or("", |token| token.0.as_str()),
        };
        let headers = self.filled_headers(to.as_str())?;
        let fields: Vec<(&str, String)> =
            self.body.iter().map(|(key, template)| (key.as_str(), template.render(value, verbatim))).collect();
        let (kind, body) = match self.encoding {
            _ if self.method == Method::GET => (None, String::new()),
            BodyEncoding::Json => (Some("application/json"), json(fields)),
            BodyEncoding::Form => (Some("application/x-www-form-urlencoded"), form(&fields)),
        };
        self.door
            .ask(
                self.method.clone(),
                &self.url.render(value, percent),
                |mut request| {
                    if let Some(kind) = kind.filter(|_| !headers.contains_key(CONTENT_TYPE)) {
                        request = request.header(CONTENT_TYPE, kind);
                    }
                    if kind.is_some() {
                        request = request.body(body);
                    }
                    request.headers(headers)
                },
                async |answer| self.read(answer).await,
            )
            .await
    }

    async fn read(&self, answer: Answer) -> Result<Option<String>, DeliveryError> {
        let (status, after) = (answer.status, answer.after);
        let good = if self.success.is_empty() { status.is_success() } else { self.success.contains(&status.as_u16()) };
        if !good {
            return Err(for_this_message(status, self.door.refusal(status, after, "")));
        }
        if let Some(wanted) = &self.success_contains {
            let body = answer.body().await;
            if !String::from_utf8_lossy(&body).contains(wanted.as_str()) {
                let error = self.door.refusal(status, after, " without the text of success_contains");
                return Err(for_this_message(status, error));
            }
        }
        Ok(None)
    }

    fn filled_headers(&self, to: &str) -> Result<HeaderMap, DeliveryError> {
        let token = self.token.as_ref().map_or("", |token| token.0.as_str());
        let mut headers = HeaderMap::new();
        for (name, template) in &self.headers {
            let value = template.render(|slot| if slot == Slot::Token { token } else { to }, verbatim);
            let mut value = HeaderValue::try_from(value)
                .map_err(|_| DeliveryError::never(format!("the value of {name} can't stand in a header")))?;
            value.set_sensitive(template.has(Slot::Token));
            headers.insert(name.clone(), value);
        }
        Ok(headers)
    }
}

/// 400 and 422 find fault with what was said, such as the number; a message refused so will never go. One that was
/// answered with 2xx, but not as the settings want it, may have gone: another try could send it again and again.
fn for_this_message(status: StatusCode, error: DeliveryError) -> DeliveryError {
    let at_fault = matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY);
    match error {
        DeliveryError::Later { why, .. } if at_fault || status.is_success() => DeliveryError::Never { why },
        error => error,
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, Template), DeliverySetupError> {
    let refuse = |why: &str| setting(SECTION, "headers", format!("{name:?}: {why}"));
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse("is not the name of a header"))?;
    if value.chars().any(char::is_control) {
        return Err(refuse("the value has a control character, such as a newline"));
    }
    let template = Template::parse(value);
    // Headers end up in the logs of servers and proxies.
    if template.has(Slot::Text) || template.has(Slot::Code) {
        return Err(refuse("a header can have {token} and {to}; put {text} and {code} into body"));
    }
    Ok((parsed, template))
}

fn url(source: &str) -> Result<Template, DeliverySetupError> {
    let refuse = |why| setting(SECTION, "url", why);
    let template = Template::parse(source);
    let authority = source.split_once("://").map_or(source, |(_, rest)| rest).split(['/', '?', '#']).next();
    if authority.is_none_or(|a| a.contains(['{', '}', '@'])) {
        return Err(refuse("the host has to be a name, without {} and without a user name"));
    }
    Url::parse(&template.render(|_| "0", percent)).map_err(|_| refuse("is not a URL"))?;
    Ok(template)
}

fn json(fields: Vec<(&str, String)>) -> String {
    let map: serde_json::Map<String, serde_json::Value> =
        fields.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
    serde_json::Value::Object(map).to_string()
}

fn form(fields: &[(&str, String)]) -> String {
    let pairs: Vec<String> = fields.iter().map(|(key, value)| format!("{}={}", percent(key), percent(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
