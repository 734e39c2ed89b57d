//! The phones and addresses that users of Microsoft Entra registered for its own self-service password reset, read by Microsoft Graph 1.0
//! (<https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview>) with the application right
//! `UserAuthenticationMethod.Read.All`. Nothing is written there.
//!
//! The token goes to the two hosts of the settings and to no other: the address of a next page is the server's to say, and is refused
//! where it leads elsewhere.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use sspr_config::{
    directory::Person,
    settings::{EntraContacts, EntraName, Settings},
};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::{DeliveryError, DeliverySetupError, Secret, Surroundings, http::Door, secret};

/// So many users on a page; each costs two questions more.
const PAGE: usize = 50;
/// A question that is put off is asked so often.
const ASKED_MAX: u32 = 6;
/// The wait where the server does not say how long; it doubles.
const WAIT: Duration = Duration::from_secs(2);
/// A token is renewed so long before its end.
const AHEAD: Duration = Duration::from_mins(5);
/// The longest life of a token that is believed.
const TOKEN_MAX: u64 = 86_400;
/// A telephone's id and a user's are 36 characters.
const ID_MAX: usize = 64;

/// Why they can't be read: words for the journal, without anything that the server wrote.
pub type Unread = String;

/// A tenant, by the settings.
#[derive(Debug)]
pub struct Entra {
    door: Door,
    login: String,
    graph: String,
    client_id: String,
    secret: Secret,
    name: EntraName,
}

/// How far somebody has got who reads everybody.
#[derive(Debug, Default)]
pub struct Walk {
    token: Option<(Secret, Instant)>,
    next: Option<String>,
    begun: bool,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "as Graph has them")]
struct User {
    id: String,
    account_enabled: Option<bool>,
    user_principal_name: Option<String>,
    on_premises_sam_account_name: Option<String>,
    mail_nickname: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneMethod {
    phone_number: Option<String>,
    phone_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EmailMethod {
    email_address: Option<String>,
}

impl Entra {
    /// The tenant that `[contacts.entra]` names, if it does. Connects to nothing.
    pub(super) fn of(settings: &Settings, around: &Surroundings) -> Result<Option<Self>, DeliverySetupError> {
        settings.contacts.entra.as_ref().map(|own| Self::new(own, around)).transpose()
    }

    fn new(own: &EntraContacts, around: &Surroundings) -> Result<Self, DeliverySetupError> {
        let base = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self {
            door: Door::direct("entra", around),
            login: format!("{}/{}/oauth2/v2.0/token", base(&own.login_url), own.tenant),
            graph: base(&own.graph_url),
            client_id: own.client_id.clone(),
            secret: secret::read(&own.secret_file, around.credentials.as_deref())?,
            name: own.name,
        })
    }

    /// The next page of everybody who is enabled and has a contact; `None` after the last one. Names are as they are in Entra, and so are
    /// ids.
    pub async fn page(&self, walk: &mut Walk) -> Result<Option<Vec<Person>>, Unread> {
        let url = match walk.next.take() {
            Some(next) => next,
            None if walk.begun => return Ok(None),
            None => format!("{}/v1.0/users?$select=id,accountEnabled,{}&$top={PAGE}", self.graph, self.name.as_str()),
        };
        walk.begun = true;
        let page: Page<User> = self.get(walk, &url).await?.ok_or("entra: the list of users is not there")?;
        walk.next = page.next.map(|next| self.here(next)).transpose()?;
        let mut people = Vec::new();
        for user in page.value {
            if let Some(person) = self.person(walk, user).await? {
                people.push(person);
            }
        }
        Ok(Some(people))
    }

    /// The address of a next page, if it is at the host that the settings name.
    fn here(&self, url: String) -> Result<String, Unread> {
        let rest = url.strip_prefix(&self.graph);
        if rest.is_some_and(|rest| rest.starts_with('/')) && url.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(url);
        }
        Err("entra: the next page is said to be at another host, which gets no token".to_owned())
    }

    /// What a user registered; `None`: nothing, or there is no name.
    async fn person(&self, walk: &mut Walk, user: User) -> Result<Option<Person>, Unread> {
        let plain =
            |id: &str| (1..=ID_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let name = match self.name {
            EntraName::OnPremisesSamAccountName => user.on_premises_sam_account_name,
            EntraName::UserPrincipalName => {
                user.user_principal_name.and_then(|name| Some(name.split_once('@')?.0.to_owned()))
            }
            EntraName::MailNickname => user.mail_nickname,
        };
        let name = name.filter(|name| !name.is_empty());
        let (Some(name), true, true) = (name, user.account_enabled != Some(false), plain(&user.id)) else {
            return Ok(None);
        };
        let of = |kind: &str| format!("{}/v1.0/users/{}/authentication/{kind}", self.graph, user.id);
        let (Some(phones), Some(emails)) = (
            self.get::<Page<PhoneMethod>>(walk, &of("phoneMethods")).await?,
            self.get::<Page<EmailMethod>>(walk, &of("emailMethods")).await?,
        ) else {
            // Deleted since the list was made.
            return Ok(None);
        };
        let mut phones: Vec<(u8, String)> = phones.value.into_iter().filter_map(phone).collect();
        phones.sort();
        let phones: Vec<String> = phones.into_iter().map(|(_, number)| number).collect();
        let emails: Vec<String> = emails.value.into_iter().filter_map(|method| method.email_address).collect();
        if phones.is_empty() && emails.is_empty() {
            return Ok(None);
        }
        Ok(Some(Person { name, id: user.id, emails, phones }))
    }

    /// Asks, and asks again where it is put off. `None`: it is not there.
    async fn get<T: DeserializeOwned>(&self, walk: &mut Walk, url: &str) -> Result<Option<T>, Unread> {
        let (mut wait, mut renewed) = (WAIT, false);
        for _ in 0..ASKED_MAX {
            let token = self.token(walk).await?;
            let (status, after, body) =
                self.ask(Method::GET, url, |request| request.bearer_auth(token.as_str())).await?;
            match status {
                StatusCode::OK => {
                    let read = serde_json::from_slice(&body);
                    return read
                        .map(Some)
                        .map_err(|_| "entra: an answer that is not Graph's; is graph_url right?".to_owned());
                }
                StatusCode::NOT_FOUND => return Ok(None),
                // It has ended, or was taken back.
                StatusCode::UNAUTHORIZED if !renewed => {
                    walk.token = None;
                    renewed = true;
                }
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                    sleep(after.unwrap_or(wait)).await;
                    wait *= 2;
                }
                StatusCode::FORBIDDEN => {
                    return Err("entra answered 403: give the application UserAuthenticationMethod.Read.All and User.Read.All, \
                                and an administrator's consent"
                        .to_owned());
                }
                other => return Err(self.door.refusal(other, None, "").to_string()),
            }
        }
        Err("entra puts off every question; try again later".to_owned())
    }

    /// The token, renewed in time.
    async fn token(&self, walk: &mut Walk) -> Result<Zeroizing<String>, Unread> {
        if let Some((token, until)) = &walk.token
            && Instant::now() + AHEAD < *until
        {
            return Ok(token.0.clone());
        }
        let scope = format!("{}/.default", self.graph);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.0.as_str()),
            ("scope", scope.as_str()),
        ];
        let mut wait = WAIT;
        for _ in 0..ASKED_MAX {
            let (status, after, body) = self.ask(Method::POST, &self.login, |request| request.form(&form)).await?;
            let body = Zeroizing::new(body);
            match status {
                StatusCode::OK => {
                    let Ok(token) = serde_json::from_slice::<Token>(&body) else {
                        return Err("entra: an answer without a token; is login_url right?".to_owned());
                    };
                    let life = Duration::from_secs(token.expires_in.min(TOKEN_MAX));
                    let token = Zeroizing::new(token.access_token);
                    walk.token = Some((Secret(token.clone()), Instant::now() + life));
                    return Ok(token);
                }
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                    sleep(after.unwrap_or(wait)).await;
                    wait *= 2;
                }
                StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                    return Err(format!(
                        "entra gives no token ({}): check tenant, client_id and the secret in secret_file, and that it has not expired",
                        status.as_u16()
                    ));
                }
                other => return Err(self.door.refusal(other, None, "").to_string()),
            }
        }
        Err("entra puts off the question for a token; try again later".to_owned())
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<(StatusCode, Option<Duration>, Vec<u8>), Unread> {
        let asked = self.door.ask(method, url, build, async |answer| {
            let (status, after) = (answer.status, answer.after);
            Ok::<_, DeliveryError>((status, after, answer.body().await))
        });
        asked.await.map_err(|error| error.to_string())
    }
}

/// A phone that gets text messages, the main one first. An office's is only called, and an extension is no number to be texted.
fn phone(method: PhoneMethod) -> Option<(u8, String)> {
    let rank = match method.phone_type.as_deref()? {
        "mobile" => 0,
        "alternateMobile" => 1,
        _ => return None,
    };
    let number = method.phone_number?;
    (!number.contains(['x', 'X'])).then_some((rank, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_comes_before_the_other_and_an_office_or_an_extension_is_none() {
        let of = |kind: &str, number: &str| {
            phone(PhoneMethod { phone_number: Some(number.to_owned()), phone_type: Some(kind.to_owned()) })
        };
        assert_eq!(of("mobile", "+1 5555551234"), Some((0, "+1 5555551234".to_owned())));
        assert_eq!(of("alternateMobile", "+1 5555551234").map(|(rank, _)| rank), Some(1));
        assert_eq!(of("office", "+1 5555551234"), None);
        assert_eq!(of("mobile", "+1 5555551234x123"), None);
        assert_eq!(phone(PhoneMethod { phone_number: None, phone_type: Some("mobile".to_owned()) }), None);
    }
}
