//! Providers of text messages with a known HTTP API. Each is a row of [`PROVIDERS`]: the `[phone.webhook]` that an
//! administrator would write, and the provider's own names for what differs. `agent/delivery/tests/contracts` has the
//! requests of each provider's own library, and a test compares the rows with them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::webhook::Webhook;

/// `[phone.provider]`: the account at the provider that `[phone] gateway` names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The account at the provider, if the key alone does not identify it.
    #[serde(default)]
    pub account: Option<String>,
    /// A file with the key, readable only by the agent.
    pub token_file: PathBuf,
    /// The sender: a number, a short code or a name, as the provider allows.
    pub from: String,
    /// The URL of the API; if unset, the provider's own. https, or http to this machine only.
    #[serde(default)]
    pub url: Option<String>,
}

impl Provider {
    /// Their section.
    pub const SECTION: &str = "phone.provider";
}

/// The meaning of `[phone.provider] account`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// None: the key identifies the account.
    None,
    /// An account with this name.
    Needed(&'static str),
    /// The same, required only for some senders.
    Optional(&'static str),
}

/// A provider.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name in `[phone] gateway`.
    pub name: &'static str,
    /// Its own spelling of its name.
    pub title: &'static str,
    /// The console's name for the account.
    pub account: Account,
    /// The console's name for the key.
    pub key: &'static str,
    /// The kinds of sender that it accepts.
    pub from: &'static str,
    /// The URL of its API; `None` if each customer or region has its own.
    pub url: Option<&'static str>,
    /// The path after the URL.
    path: &'static str,
    /// The rest of `[phone.webhook]`. `{account}` and `{from}` are those of `[phone.provider]`; `{token}` is the key.
    /// A key of the body whose value is an unset `{account}` is left out.
    rest: &'static str,
    /// `{token}` is the password of basic authentication.
    basic: bool,
}

/// The kinds of sender at most providers.
const NUMBER_OR_NAME: &str = "a number or a name";

/// All providers.
pub static PROVIDERS: [Preset; 9] = [
    // <https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms> has the statuses.
    Preset {
        name: "vonage",
        title: "Vonage",
        account: Account::Needed("API key"),
        key: "API secret",
        from: NUMBER_OR_NAME,
        url: Some("https://rest.nexmo.com"),
        path: "/sms/json",
        basic: true,
        rest: r#"
            encoding = "form"
            body = { from = "{from}", to = "{number}", text = "{text}", type = "{coding}" }
            success_field = "messages.0.status"
            success_values = ["0"]
            retry_values = ["1", "2", "4", "5", "8", "9", "10", "11", "14", "15", "29", "32"]
            id_field = "messages.0.message-id"
        "#,
    },
    // <https://developers.sinch.com/docs/sms/api-reference/sms/tag/Batches/>
    Preset {
        name: "sinch",
        title: "Sinch",
        account: Account::Needed("service plan ID"),
        key: "API token",
        from: NUMBER_OR_NAME,
        url: Some("https://us.sms.api.sinch.com"),
        path: "/xms/v1/{account}/batches",
        basic: false,
        rest: r#"
            headers = { Authorization = "Bearer {token}" }
            body = { type = "mt_text", from = "{from}", to = ["{to}"], body = "{text}" }
            success_field = "id"
            success_values = ["*"]
            retry_values = ["syntax_constraint_violation"]
            id_field = "id"
            error_field = "code"
        "#,
    },
    // The SMS API of MessageBird: <https://developers.messagebird.com/api/sms-messaging/>. Code 2 is the key, 25 the balance.
    Preset {
        name: "bird",
        title: "Bird",
        account: Account::None,
        key: "access key",
        from: NUMBER_OR_NAME,
        url: Some("https://rest.messagebird.com"),
        path: "/messages",
        basic: false,
        rest: r#"
            headers = { Authorization = "AccessKey {token}" }
            body = { originator = "{from}", recipients = "{number}", body = "{text}", datacoding = "auto" }
            success_field = "recipients.items.0.status"
            success_values = ["scheduled", "sent", "buffered", "delivered"]
            retry_values = ["2", "25", "originator"]
            id_field = "id"
            error_field = ["errors.0.code", "errors.0.parameter"]
        "#,
    },
    // <https://docs.bird.com/api/channels-api/supported-channels/programmable-sms/sending-sms-messages>
    Preset {
        name: "bird-channels",
        title: "Bird",
        account: Account::Needed("workspace ID"),
        key: "access key",
        from: "the channel ID",
        url: Some("https://api.bird.com"),
        path: "/workspaces/{account}/channels/{from}/messages",
        basic: false,
        rest: r#"
            headers = { Authorization = "AccessKey {token}" }
            body = { receiver = { contacts = [{ identifierKey = "phonenumber", identifierValue = "{to}" }] }, body = { type = "text", text = { text = "{text}" } } }
            success_field = "id"
            success_values = ["*"]
            id_field = "id"
            error_field = "code"
        "#,
    },
    // <https://bird.com/docs/api/errors>. Each key begins with the region in the URL.
    Preset {
        name: "bird-platform",
        title: "Bird",
        account: Account::None,
        key: "API key",
        from: NUMBER_OR_NAME,
        url: None,
        path: "/v1/sms/messages",
        basic: false,
        rest: r#"
            headers = { Authorization = "Bearer {token}" }
            body = { to = "{to}", from = "{from}", text = "{text}", category = "authentication" }
            success_field = "status"
            success_values = ["scheduled", "accepted", "sent", "delivered"]
            retry_values = ["SMSNoEligibleSender", "from", "insufficient_balance", "provider_unavailable", "sender_unregistered"]
            id_field = "id"
            error_field = ["error.name", "error.details.0.param", "last_error.code"]
        "#,
    },
    // <https://www.plivo.com/docs/messaging/api/message/send-a-message>
    Preset {
        name: "plivo",
        title: "Plivo",
        account: Account::Needed("Auth ID"),
        key: "Auth Token",
        from: NUMBER_OR_NAME,
        url: Some("https://api.plivo.com"),
        path: "/v1/Account/{account}/Message/",
        basic: true,
        rest: r#"
            body = { src = "{from}", dst = "{number}", text = "{text}", type = "sms", method = "POST", log = "true", trackable = false }
            success_field = "message_uuid.0"
            success_values = ["*"]
            retry_values = ["rate_limit_exceeded"]
            id_field = "message_uuid.0"
            error_field = "error"
        "#,
    },
    // <https://developers.telnyx.com/api-reference/messages/send-a-message>
    Preset {
        name: "telnyx",
        title: "Telnyx",
        account: Account::Optional("messaging profile ID"),
        key: "API key",
        from: NUMBER_OR_NAME,
        url: Some("https://api.telnyx.com"),
        path: "/v2/messages",
        basic: false,
        rest: r#"
            headers = { Authorization = "Bearer {token}" }
            body = { from = "{from}", to = "{to}", text = "{text}", messaging_profile_id = "{account}" }
            retry_values = [
                "10011", "40305", "40306", "40307", "40312", "40313", "40314", "40315", "40318", "40320", "40321", "40329",
                "40330", "40333",
            ]
            id_field = "data.id"
            error_field = "errors.0.code"
        "#,
    },
    // <https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes>
    Preset {
        name: "infobip",
        title: "Infobip",
        account: Account::None,
        key: "API key",
        from: NUMBER_OR_NAME,
        url: None,
        path: "/sms/3/messages",
        basic: false,
        rest: r#"
            headers = { Authorization = "App {token}" }
            body = { messages = [{ sender = "{from}", destinations = [{ to = "{number}" }], content = { text = "{text}" } }] }
            success_field = "messages.0.status.groupName"
            success_values = ["OK", "PENDING", "DELIVERED"]
            retry_values = [
                "REJECTED_NETWORK", "REJECTED_SOURCE", "REJECTED_NOT_ENOUGH_CREDITS", "REJECTED_SENDER",
                "REJECTED_PREPAID_PACKAGE_EXPIRED", "REJECTED_ROUTE_NOT_AVAILABLE", "REJECTED_SYSTEM_ERROR",
            ]
            id_field = "messages.0.messageId"
            error_field = "messages.0.status.name"
        "#,
    },
    // <https://developers.clicksend.com/docs/messaging/sms/other/send-sms>
    Preset {
        name: "clicksend",
        title: "ClickSend",
        account: Account::Needed("username"),
        key: "API key",
        from: NUMBER_OR_NAME,
        url: Some("https://rest.clicksend.com"),
        path: "/v3/sms/send",
        basic: true,
        rest: r#"
            body = { messages = [{ source = "pam_sspr", from = "{from}", to = "{to}", body = "{text}" }] }
            success_field = "data.messages.0.status"
            success_values = ["SUCCESS"]
            retry_values = [
                "ACCOUNT_NOT_ACTIVATED", "COUNTRY_NOT_ENABLED", "INSUFFICIENT_CREDIT", "INTERNAL_ERROR", "INVALID_CREDENTIALS",
                "INVALID_SENDER_ID", "MISSING_CREDENTIALS",
            ]
            id_field = "data.messages.0.message_id"
            error_field = "response_code"
        "#,
    },
];

impl Preset {
    /// The URL of the API for an account, if it is known.
    pub fn base<'a>(&self, account: &'a Provider) -> Option<&'a str> {
        account.url.as_deref().or(self.url)
    }

    /// The equivalent `[phone.webhook]` for `account`. `None` if the URL of the API is not known.
    pub fn webhook(&self, account: &Provider) -> Option<Webhook> {
        let url = format!("{}{}", self.base(account)?.trim_end_matches('/'), self.path);
        // Every row is valid: a test reads each.
        let mut webhook: Webhook = toml::from_str(&format!("url = {}\n{}", toml::Value::from(url), self.rest)).ok()?;
        if self.basic {
            webhook.user = Some("{account}".to_owned());
            webhook.password_file = Some(account.token_file.clone());
        } else {
            webhook.token_file = Some(account.token_file.clone());
        }
        Some(webhook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_is_a_webhook_that_sends_number_and_text_and_shows_no_key() {
        for preset in &PROVIDERS {
            let account = Provider {
                account: Some("a".into()),
                token_file: "/t".into(),
                from: "+15005550006".into(),
                url: Some("https://sms.example.org/".into()),
            };
            let webhook = preset.webhook(&account).unwrap_or_else(|| panic!("{}", preset.name));
            assert_eq!(super::super::check::webhook(&webhook).err().map(|fault| fault.why), None, "{}", preset.name);
            assert!(webhook.url.starts_with("https://sms.example.org/") && !webhook.url.contains("org//"));
            assert_ne!(webhook.token_file.is_some(), webhook.password_file.is_some(), "{}", preset.name);
            let settings = super::super::Settings {
                phone: super::super::Phone { webhook: Some(webhook), ..Default::default() },
                ..Default::default()
            };
            assert_eq!(settings.shown_secret(), None, "{}", preset.name);
        }
    }
}
