//! What the answer of an HTTP API means for a message.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use sspr_config::settings::Webhook;

use super::{
    DeliveryError,
    http::{Answer, Door},
};

/// The longest name of an error or a message that goes into the journal.
const NAME_MAX: usize = 64;
/// A code has six digits or more: an error's name with so many in a row could be one.
const DIGITS_MAX: usize = 5;

/// How an answer is read.
#[derive(Debug)]
pub(super) struct Verdict {
    success: Vec<u16>,
    contains: Option<String>,
    /// Where it stands whether the message was taken, and what says so.
    field: Option<(String, Vec<String>)>,
    /// What says that the same message can go later.
    retry: Vec<String>,
    id: Option<String>,
    /// Where an error says what it is, and what it is about.
    error: Vec<String>,
}

impl Verdict {
    pub(super) fn of(settings: &Webhook) -> Self {
        Self {
            success: settings.success.clone(),
            contains: settings.success_contains.clone(),
            field: settings.success_field.clone().map(|path| (path, settings.success_values.clone())),
            retry: settings.retry_values.clone(),
            id: settings.id_field.clone(),
            error: settings.error_field.clone(),
        }
    }

    /// What the message is called there, or why it did not go. Nothing that has something `private` in it is told.
    pub(super) async fn on(
        &self,
        answer: Answer,
        door: &Door,
        private: &[String],
    ) -> Result<Option<String>, DeliveryError> {
        let (status, after) = (answer.status, answer.after);
        let good = if self.success.is_empty() { status.is_success() } else { self.success.contains(&status.as_u16()) };
        if !good {
            let told =
                if !self.error.is_empty() || self.field.is_some() { answer.body_soon().await } else { Vec::new() };
            return Err(self.refusal(status, after, &parsed(&told), "", door, private));
        }
        let body = match (&self.contains, &self.field, &self.id) {
            (None, None, None) => return Ok(None),
            // It was taken, whatever else is said.
            (None, None, Some(_)) => answer.body_soon().await,
            _ => answer.body().await,
        };
        let json = parsed(&body);
        if let Some(wanted) = &self.contains
            && !String::from_utf8_lossy(&body).contains(wanted.as_str())
        {
            return Err(self.refusal(status, after, &json, " without the text of success_contains", door, private));
        }
        if let Some((path, values)) = &self.field {
            let said = at(&json, path).filter(|said| !said.is_empty());
            let any = values.iter().any(|value| value == Webhook::ANY);
            if !said.as_ref().is_some_and(|said| any || values.contains(said)) {
                let detail = match said.and_then(|said| harmless(said, private)) {
                    Some(said) => format!(" with {path} = {said}"),
                    None => format!(" without a known {path}"),
                };
                return Err(self.refusal(status, after, &json, &detail, door, private));
            }
        }
        // A message's id may have as many digits as it likes.
        Ok(self.id.as_ref().and_then(|path| at(&json, path)).and_then(|id| plain(id, private)))
    }

    /// What an answer that is no success means.
    ///
    /// 400 and 422 find fault with what was said, such as the number; a message refused so will never go. One that was
    /// answered with 2xx, but not as the settings want it, may have gone: another try could send it again and again. In both
    /// cases the answer can say that it is about something else.
    fn refusal(
        &self,
        status: StatusCode,
        after: Option<Duration>,
        json: &Value,
        detail: &str,
        door: &Door,
        private: &[String],
    ) -> DeliveryError {
        let named: Vec<String> = self.error.iter().filter_map(|path| at(json, path)).collect();
        let said = self.field.as_ref().and_then(|(path, _)| at(json, path));
        let passes = named.iter().chain(&said).any(|value| self.retry.contains(value));
        let named: Vec<String> = named.into_iter().filter_map(|named| harmless(named, private)).collect();
        let named = if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) };
        let error = door.refusal(status, after, &format!("{detail}{named}"));
        let at_fault = matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY);
        match error {
            DeliveryError::Later { why, .. } if !passes && (at_fault || status.is_success()) => {
                DeliveryError::Never { why }
            }
            error => error,
        }
    }
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

/// The text, the number or the truth at a path such as `messages.0.status`.
fn at(json: &Value, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(json, |value, part| match value {
        Value::Array(values) => values.get(part.parse::<usize>().ok()?),
        value => value.get(part),
    });
    match found? {
        Value::String(text) => Some(text.clone()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// The name of an error, if it is one: a word or a number, and nothing that could be a code.
fn harmless(text: String, private: &[String]) -> Option<String> {
    let row = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    plain(text, private).filter(|_| row <= DIGITS_MAX)
}

/// The name of something, if it is one and nothing private is in it.
fn plain(text: String, private: &[String]) -> Option<String> {
    let fits = !text.is_empty()
        && text.len() <= NAME_MAX
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    let told = private.iter().any(|private| !private.is_empty() && text.contains(private.as_str()));
    (fits && !told).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_lists_and_tables_to_a_value_and_nowhere_else() {
        let answer = json!({ "messages": [{ "status": "0", "ok": true, "n": 7, "none": null }] });
        for (path, want) in [
            ("messages.0.status", Some("0")),
            ("messages.0.ok", Some("true")),
            ("messages.0.n", Some("7")),
            ("messages.0.none", None),
            ("messages.1.status", None),
            ("messages.status", None),
            ("messages", None),
            ("messages.-1", None),
            ("", None),
        ] {
            assert_eq!(at(&answer, path).as_deref(), want, "{path}");
        }
    }

    #[test]
    fn what_goes_into_the_journal_is_a_name_and_has_no_code_number_or_secret_in_it() {
        let private = ["042042".to_owned(), "819012345678".to_owned(), "s3cret".to_owned(), String::new()];
        for (text, id, error) in [
            ("REJECTED_PREFIX_MISSING", true, true),
            ("40310", true, true),
            ("0C000000217B7F02", true, false),
            ("b0c7e8cb-6227-4c74-9f32-c7f80c30934b", true, true),
            ("x042042", false, false),
            ("42042x0", true, true),
            ("819012345678", false, false),
            ("key-s3cret", false, false),
            ("two words", false, false),
            ("a\nb", false, false),
            ("é", false, false),
            ("", false, false),
            ("a".repeat(NAME_MAX + 1).as_str(), false, false),
        ] {
            assert_eq!(plain(text.to_owned(), &private).is_some(), id, "{text}");
            assert_eq!(harmless(text.to_owned(), &private).is_some(), error, "{text}");
        }
    }
}
