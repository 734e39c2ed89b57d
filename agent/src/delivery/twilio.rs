//! Text messages by the Messages resource of the Twilio API, version 2010-04-01.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use sspr_config::settings::Twilio as TwilioSettings;

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Secret, Surroundings,
    http::{Answer, Door},
    secret, wrong_kind,
};

/// <https://www.twilio.com/docs/api/errors>: what is wrong with the number (not one, none for text messages, of a country
/// or an owner that gets none) or the text (empty, too long, filtered). All others, such as 20003 and 21606, are about the
/// account, its sender, the settings or the day.
const FOR_GOOD: [u32; 12] = [21211, 21265, 21408, 21602, 21605, 21610, 21612, 21614, 21617, 21635, 30006, 30007];

/// How long the body of an answer whose status says it all is waited for.
const BODY_DEADLINE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Twilio {
    door: Door,
    url: String,
    account_url: String,
    account_sid: String,
    token: Secret,
    from: String,
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

impl Twilio {
    pub(super) fn new(twilio: &TwilioSettings, around: &Surroundings) -> Result<Self, DeliverySetupError> {
        Ok(Self {
            door: Door { name: "twilio", trust: around.trust.clone(), deadline: around.gateway_deadline },
            url: format!(
                "{}/2010-04-01/Accounts/{}/Messages.json",
                twilio.url.trim_end_matches('/'),
                twilio.account_sid
            ),
            account_url: format!(
                "{}/2010-04-01/Accounts/{}.json",
                twilio.url.trim_end_matches('/'),
                twilio.account_sid
            ),
            account_sid: twilio.account_sid.clone(),
            token: secret::read(&twilio.token_file, around.credentials.as_deref())?,
            from: twilio.from.clone(),
        })
    }

    pub(super) async fn deliver(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let Content::Text { to, text } = &message.content else { return Err(wrong_kind()) };
        let sender = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let form = [("To", to.as_str()), (sender, self.from.as_str()), ("Body", text.as_str())];
        self.door
            .ask(
                Method::POST,
                &self.url,
                |request| request.basic_auth(&self.account_sid, Some(self.token.0.as_str())).form(&form),
                async |answer| self.read(answer).await,
            )
            .await
    }

    /// Reads the account, which sends nothing: its token must be right and the account open.
    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        self.door
            .ask(
                Method::GET,
                &self.account_url,
                |request| request.basic_auth(&self.account_sid, Some(self.token.0.as_str())),
                async |answer| {
                    let (status, after) = (answer.status, answer.after);
                    let body = tokio::time::timeout(BODY_DEADLINE, answer.body()).await.unwrap_or_default();
                    if status != StatusCode::OK {
                        let code = serde_json::from_slice::<Refused>(&body).ok().and_then(|refused| refused.code);
                        return Err(self.door.refusal(status, after, &detail(code)));
                    }
                    match serde_json::from_slice::<Account>(&body) {
                        Ok(account) if account.status.as_deref() == Some("active") => Ok(()),
                        Ok(_) => Err(DeliveryError::later("twilio: the account is suspended or closed")),
                        Err(_) => Err(DeliveryError::later("twilio: the answer is not Twilio's; is the url right?")),
                    }
                },
            )
            .await
    }

    async fn read(&self, answer: Answer) -> Result<Option<String>, DeliveryError> {
        let (status, after) = (answer.status, answer.after);
        // The status decides; a body that doesn't come must not make a sent message look unsent.
        let body = tokio::time::timeout(BODY_DEADLINE, answer.body()).await.unwrap_or_default();
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

/// What the number of an error that is about one message means for it.
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
