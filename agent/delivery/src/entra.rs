//! The phones and addresses that users of Microsoft Entra registered for its own self-service password reset, read by
//! Microsoft Graph 1.0 (<https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview>) with the
//! application right `UserAuthenticationMethod.Read.All`. Nothing is written there.
//!
//! The token goes only to the two hosts of the settings. The server chooses the address of the next page, and an
//! address on another host is refused. The connection uses `[phone] proxy` and `ca_file`.

use std::{collections::HashSet, time::Duration};

use reqwest::{Method, RequestBuilder, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use sspr_config::{
    directory::Person,
    settings::{EntraContacts, EntraName},
};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::{
    DeliveryError, DeliverySetupError, Secret,
    gateway::Setup,
    http::{Clients, Door},
    secret,
};

/// How many users are on a page.
const PAGE: usize = 100;
/// How many times a postponed request is sent.
const ASKED_MAX: u32 = 6;
/// The wait if the server gives no time; it doubles.
const WAIT: Duration = Duration::from_secs(2);
/// The longest wait. If the server asks for more, the sync ends: the next one is as good, and this one holds up
/// others.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// How long before its end a token is renewed.
const AHEAD: Duration = Duration::from_mins(5);
/// The longest lifetime of a token that is accepted.
const TOKEN_MAX: u64 = 86_400;
/// The ids of phones and users have 36 characters.
const ID_MAX: usize = 64;
/// The longest name in bytes; Entra's are 113 characters at most.
const NAME_MAX: usize = 512;

const NOT_GRAPH: &str = "entra: an answer that is not Graph's; is graph_url right?";

/// Why the contacts can't be read, for the journal, without any text from the server.
pub type Unread = String;

/// The tenant in the settings.
#[derive(Debug)]
pub struct Entra {
    door: Door,
    login: String,
    graph: String,
    client_id: String,
    secret: Secret,
    name: EntraName,
    domains: Vec<String>,
}

/// A user with the name of an account here, if there is one. Another user can have the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Entra's id of the user.
    pub id: String,
    /// The name.
    pub name: String,
    /// Whether the user can sign in there.
    pub enabled: bool,
}

/// The state of reading all users.
#[derive(Debug, Default)]
pub struct Walk {
    token: Option<(Secret, Instant)>,
    next: Option<String>,
    begun: bool,
    /// The pages that were requested.
    asked: HashSet<String>,
    clients: Clients,
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
struct Listed {
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
    /// The tenant that `[contacts.entra]` names, if any. Does not connect yet.
    pub(super) fn of(setup: &Setup<'_>) -> Result<Option<Self>, DeliverySetupError> {
        setup.settings.contacts.entra.as_ref().map(|own| Self::new(own, setup)).transpose()
    }

    fn new(own: &EntraContacts, setup: &Setup<'_>) -> Result<Self, DeliverySetupError> {
        let base = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self {
            door: Door::of("entra", setup)?,
            login: format!("{}/{}/oauth2/v2.0/token", base(&own.login_url), own.tenant),
            graph: base(&own.graph_url),
            client_id: own.client_id.clone(),
            secret: secret::read(&own.secret_file, setup.around.credentials.as_deref())?,
            name: own.name,
            domains: own.domains.clone(),
        })
    }

    /// The next page of all users that have a name, whatever they registered; `None` after the last one. Names and ids
    /// are as in Entra.
    pub async fn users(&self, walk: &mut Walk) -> Result<Option<Vec<User>>, Unread> {
        let url = match walk.next.take() {
            Some(next) => next,
            None if walk.begun => return Ok(None),
            None => format!("{}/v1.0/users?$select=id,accountEnabled,{}&$top={PAGE}", self.graph, self.name.as_str()),
        };
        walk.begun = true;
        let page: Page<Listed> = self.get(walk, &url).await?.ok_or("entra: the list of users is not there")?;
        if page.value.iter().any(|user| !is_id(&user.id)) {
            return Err(NOT_GRAPH.to_owned());
        }
        walk.asked.insert(url);
        walk.next = page.next.map(|next| self.here(next)).transpose()?;
        if walk.next.as_ref().is_some_and(|next| walk.asked.contains(next)) {
            return Err("entra: the next page is said to be one that was read already, so there is no end".to_owned());
        }
        Ok(Some(page.value.into_iter().filter_map(|user| self.user(user)).collect()))
    }

    /// The address of the next page, if it is on the host in the settings.
    fn here(&self, url: String) -> Result<String, Unread> {
        let rest = url.strip_prefix(&self.graph);
        if rest.is_some_and(|rest| rest.starts_with('/')) && url.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(url);
        }
        Err("entra: the next page is said to be at another host, which gets no token".to_owned())
    }

    /// The user with the name of an account here; `None`: there is no name, or its domain has no accounts here.
    fn user(&self, user: Listed) -> Option<User> {
        let name = match self.name {
            EntraName::OnPremisesSamAccountName => user.on_premises_sam_account_name,
            EntraName::MailNickname => user.mail_nickname,
            EntraName::UserPrincipalName => user.user_principal_name.and_then(|name| {
                let (name, domain) = name.rsplit_once('@')?;
                self.domains.iter().any(|own| own.eq_ignore_ascii_case(domain)).then(|| name.to_owned())
            }),
        };
        let name = name.filter(|name| (1..=NAME_MAX).contains(&name.len()))?;
        Some(User { id: user.id, name, enabled: user.account_enabled != Some(false) })
    }

    /// The contacts that a user with this Entra id registered; `None`: there are none.
    pub async fn registered(&self, walk: &mut Walk, user: User) -> Result<Option<Person>, Unread> {
        let of = |kind: &str| format!("{}/v1.0/users/{}/authentication/{kind}", self.graph, user.id);
        let (Some(phones), Some(emails)) = (
            self.get::<Page<PhoneMethod>>(walk, &of("phoneMethods")).await?,
            self.get::<Page<EmailMethod>>(walk, &of("emailMethods")).await?,
        ) else {
            // The user was deleted since the list was made.
            return Ok(None);
        };
        let mut phones: Vec<(u8, String)> = phones.value.into_iter().filter_map(phone).collect();
        phones.sort();
        let phones: Vec<String> = phones.into_iter().map(|(_, number)| number).collect();
        let emails: Vec<String> = emails.value.into_iter().filter_map(|method| method.email_address).collect();
        if phones.is_empty() && emails.is_empty() {
            return Ok(None);
        }
        Ok(Some(Person { name: user.name, id: user.id, emails, phones }))
    }

    /// Sends a request, and repeats it if it is postponed. `None`: not found.
    async fn get<T: DeserializeOwned>(&self, walk: &mut Walk, url: &str) -> Result<Option<T>, Unread> {
        let (mut wait, mut renewed) = (WAIT, false);
        for _ in 0..ASKED_MAX {
            let token = self.token(walk).await?;
            let (status, after, body) =
                self.ask(walk, Method::GET, url, |request| request.bearer_auth(token.as_str())).await?;
            match status {
                StatusCode::OK => {
                    return serde_json::from_slice(&body).map(Some).map_err(|_| NOT_GRAPH.to_owned());
                }
                StatusCode::NOT_FOUND => return Ok(None),
                // It has expired, or was revoked.
                StatusCode::UNAUTHORIZED if !renewed => {
                    walk.token = None;
                    renewed = true;
                }
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                    put_off(after, &mut wait).await?;
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
            let (status, after, body) =
                self.ask(walk, Method::POST, &self.login, |request| request.form(&form)).await?;
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
                    put_off(after, &mut wait).await?;
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
        walk: &mut Walk,
        method: Method,
        url: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<(StatusCode, Option<Duration>, Vec<u8>), Unread> {
        let asked = self.door.ask_by(&mut walk.clients, method, url, build, async |answer| {
            let (status, after) = (answer.status, answer.after);
            Ok::<_, DeliveryError>((status, after, answer.body().await))
        });
        asked.await.map_err(|error| error.to_string())
    }
}

/// Whether it is safe in a URL.
fn is_id(id: &str) -> bool {
    (1..=ID_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Waits as long as the server says, or twice as long as before.
async fn put_off(after: Option<Duration>, wait: &mut Duration) -> Result<(), Unread> {
    let pause = after.unwrap_or(*wait);
    if pause > WAIT_MAX {
        return Err(format!(
            "entra wants no question for {} s, which is too long to wait; everybody is asked for again at the next sync",
            pause.as_secs()
        ));
    }
    sleep(pause).await;
    *wait = (*wait * 2).min(WAIT_MAX);
    Ok(())
}

/// A phone that receives text messages, the main one first. An office phone is only called, and an extension receives
/// no text messages.
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
