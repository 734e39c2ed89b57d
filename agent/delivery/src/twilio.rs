//! Text messages and calls through the Messages and Calls resources of the Twilio API, version 2010-04-01.

use std::{fmt::Write as _, time::Duration};

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use sspr_core::contact::EmailAddress;
use zeroize::Zeroizing;

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Probed, Secret, Spoken,
    gateway::{Gateway, Setup, Work},
    http::{Answer, Door},
    missing, secret, wrong_kind,
};

/// <https://www.twilio.com/docs/api/errors>: errors about the number (invalid, can't receive text messages or calls, or
/// its country or owner gets none) or the text (empty, too long, filtered). All others, such as 20003 and 21606, are
/// about the account, its sender or the settings, or are temporary.
const FOR_GOOD: [u32; 16] =
    [21211, 21214, 21215, 21216, 21217, 21265, 21408, 21602, 21605, 21610, 21612, 21614, 21617, 21635, 30006, 30007];

/// The most characters that the parameter `Twiml` accepts.
const TWIML_MAX: usize = 4000;

#[derive(Debug)]
struct Twilio {
    door: Door,
    /// The account's resource, to which the others belong.
    account: String,
    /// The user name: the account, or an API key of it.
    user: String,
    /// Whether the user is an API key, which may not read the account itself.
    by_key: bool,
    token: Secret,
    from: String,
    /// Whether the sender is a messaging service.
    by_service: bool,
    /// Whether the sender is a number, which can make calls.
    by_number: bool,
}

/// The message resource, as far as it is needed.
#[derive(Deserialize)]
struct Created {
    sid: Option<String>,
    status: Option<String>,
    error_code: Option<u32>,
}

/// The account resource, as far as it is needed.
#[derive(Deserialize)]
struct Account {
    status: Option<String>,
}

/// `{"code": 21211, "message": "...", "more_info": "...", "status": 400}`; the message repeats the number.
#[derive(Deserialize)]
struct Refused {
    code: Option<u32>,
}

/// The account that `[phone.twilio]` names.
pub(super) fn gateway(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    let settings = setup.settings.phone.twilio.as_ref().ok_or_else(|| missing("phone.twilio"))?;
    let token = secret::read(&settings.token_file, setup.around.credentials.as_deref())?;
    Ok(Box::new(Twilio {
        door: Door::of("twilio", setup)?,
        account: format!("{}/2010-04-01/Accounts/{}", settings.url.trim_end_matches('/'), settings.account_sid),
        user: settings.api_key.as_ref().unwrap_or(&settings.account_sid).clone(),
        by_key: settings.api_key.is_some(),
        token,
        from: settings.from.clone(),
        by_service: settings.is_from_a_service(),
        by_number: settings.is_from_a_number(),
    }))
}

impl Gateway for Twilio {
    fn name(&self) -> &'static str {
        self.door.name
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(self.send(message))
    }

    fn probe<'a>(&'a self, _: Option<&'a EmailAddress>, _: Duration) -> Work<'a, Probed> {
        Box::pin(self.look())
    }
}

impl Twilio {
    async fn send(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        match &message.content {
            Content::Text { to, text } => {
                let sender = if self.by_service { "MessagingServiceSid" } else { "From" };
                let form = [("To", to.as_str()), (sender, self.from.as_str()), ("Body", text.as_str())];
                self.post("Messages", form).await
            }
            // A messaging service, a name and a short code can't make calls.
            Content::Call { .. } if !self.by_number => Err(wrong_kind()),
            Content::Call { to, spoken } => {
                let twiml = twiml(spoken);
                if twiml.chars().count() > TWIML_MAX {
                    return Err(DeliveryError::never("twilio: what is to be read out is too long"));
                }
                self.post("Calls", [("To", to.as_str()), ("From", self.from.as_str()), ("Twiml", twiml.as_str())]).await
            }
            Content::Mail { .. } => Err(wrong_kind()),
        }
    }

    /// Creates a resource of a kind.
    async fn post(&self, kind: &str, form: [(&str, &str); 3]) -> Result<Option<String>, DeliveryError> {
        self.door
            .ask(
                Method::POST,
                &format!("{}/{kind}.json", self.account),
                |request| request.basic_auth(&self.user, Some(self.token.0.as_str())).form(&form),
                async |answer| self.read(answer).await,
            )
            .await
    }

    /// Reads the account, which sends nothing: its token must be correct and the account active. An API key may not
    /// read the account. It may list the numbers, unless it is a restricted key.
    async fn look(&self) -> Result<Probed, DeliveryError> {
        let what = if self.by_key { "/IncomingPhoneNumbers.json?PageSize=1" } else { ".json" };
        self.door
            .ask(
                Method::GET,
                &format!("{}{what}", self.account),
                |request| request.basic_auth(&self.user, Some(self.token.0.as_str())),
                async |answer| {
                    let (status, after) = (answer.status, answer.after);
                    let body = answer.body_soon().await;
                    if self.by_key && status == StatusCode::FORBIDDEN {
                        return Ok(Probed::Unasked);
                    }
                    if status != StatusCode::OK {
                        let code = serde_json::from_slice::<Refused>(&body).ok().and_then(|refused| refused.code);
                        return Err(self.door.refusal(status, after, &detail(code)));
                    }
                    if self.by_key {
                        return Ok(Probed::Accepted);
                    }
                    match serde_json::from_slice::<Account>(&body) {
                        Ok(account) if account.status.as_deref() == Some("active") => Ok(Probed::Accepted),
                        Ok(_) => Err(DeliveryError::later("twilio: the account is suspended or closed")),
                        Err(_) => Err(DeliveryError::later("twilio: the answer is not Twilio's; is the url right?")),
                    }
                },
            )
            .await
    }

    async fn read(&self, answer: Answer) -> Result<Option<String>, DeliveryError> {
        let (status, after) = (answer.status, answer.after);
        // The status decides; a body that doesn't arrive must not make a sent message look unsent.
        let body = answer.body_soon().await;
        if status == StatusCode::CREATED {
            let Ok(created) = serde_json::from_slice::<Created>(&body) else { return Ok(None) };
            if matches!(created.status.as_deref(), Some("failed" | "undelivered")) {
                return Err(refusal("twilio took the message but could not send it".into(), created.error_code));
            }
            return Ok(created.sid.filter(|sid| sid.len() == 34 && sid.bytes().all(|b| b.is_ascii_alphanumeric())));
        }
        let code = serde_json::from_slice::<Refused>(&body).ok().and_then(|refused| refused.code);
        if status.is_success() {
            return Err(DeliveryError::later(format!(
                "twilio answered {} where it should answer 201; is the url right?",
                status.as_u16()
            )));
        }
        if status == StatusCode::BAD_REQUEST {
            return Err(refusal("twilio answered 400".into(), code));
        }
        Err(self.door.refusal(status, after, &detail(code)))
    }
}

/// The code, read out digit by digit and twice, as <https://www.twilio.com/docs/voice/twiml> describes.
fn twiml(spoken: &Spoken) -> Zeroizing<String> {
    let mut twiml = Zeroizing::new(String::with_capacity(TWIML_MAX));
    let language = escaped(&spoken.language);
    let say = |twiml: &mut String, words: &str, pause: u8| {
        let _ = write!(
            twiml,
            "<Say language=\"{}\">{}</Say><Pause length=\"{pause}\"/>",
            language.as_str(),
            escaped(words).as_str()
        );
    };
    twiml.push_str("<Response><Pause length=\"1\"/>");
    for words in [&spoken.opening, &spoken.again] {
        say(&mut twiml, words, 1);
        for digit in spoken.code.chars() {
            say(&mut twiml, digit.encode_utf8(&mut [0; 4]), 1);
        }
    }
    say(&mut twiml, &spoken.closing, 1);
    twiml.push_str("</Response>");
    twiml
}

/// The text, escaped for XML.
fn escaped(text: &str) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The meaning of an error number for this one message.
fn refusal(mut why: String, code: Option<u32>) -> DeliveryError {
    why.push_str(&detail(code));
    match code {
        Some(code) if FOR_GOOD.contains(&code) => DeliveryError::never(why),
        _ => DeliveryError::later(why),
    }
}

fn detail(code: Option<u32>) -> String {
    code.map(|code| format!(" (error {code}, see https://www.twilio.com/docs/errors/{code})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(opening: &str, code: &str) -> Spoken {
        Spoken {
            language: "en-US".into(),
            opening: opening.into(),
            code: Zeroizing::new(code.into()),
            again: "Once more:".into(),
            closing: "Goodbye.".into(),
        }
    }

    #[test]
    fn every_digit_is_said_by_itself_and_twice_with_pauses_between() {
        let twiml = twiml(&spoken("Hello.", "042"));
        let say = |words: &str| format!("<Say language=\"en-US\">{words}</Say><Pause length=\"1\"/>");
        let words = ["Hello.", "0", "4", "2", "Once more:", "0", "4", "2", "Goodbye."];
        let body: String = words.iter().map(|words| say(words)).collect();
        assert_eq!(twiml.as_str(), format!("<Response><Pause length=\"1\"/>{body}</Response>"));
    }

    #[test]
    fn nothing_that_is_read_out_becomes_markup() {
        let hostile = "</Say><Dial>+1900</Dial>&lt; \"x\" 'y' \u{0}\n";
        let twiml = twiml(&Spoken { language: "en\"><Dial>".into(), ..spoken(hostile, "042") });
        assert!(!twiml.contains("<Dial") && !twiml.contains('\u{0}'), "{}", twiml.as_str());
        assert!(
            twiml.contains("&lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt;&amp;lt; &quot;x&quot; &apos;y&apos;"),
            "{}",
            twiml.as_str()
        );
    }

    #[test]
    fn the_longest_code_for_the_longest_host_name_fits() {
        let opening = format!("Hello. This is your code for {}.", "x".repeat(253));
        assert!(twiml(&spoken(&opening, "01234567")).len() < TWIML_MAX);
    }
}
