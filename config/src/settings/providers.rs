//! Providers of text messages whose HTTP API is known. One is a row of [`PROVIDERS`]: what an administrator would write into
//! `[phone.webhook]`, and what its console calls the things that differ. `agent/delivery/tests/contracts` has what each one's own
//! library sends, and a test holds the rows against that.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::webhook::Webhook;

/// `[phone.provider]`: the account at the provider that `[phone] gateway` names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What the account is called there, where the key alone does not tell.
    #[serde(default)]
    pub account: Option<String>,
    /// A file with the key, readable by the agent alone.
    pub token_file: PathBuf,
    /// The sender: a number, a short code or a name, as the provider allows.
    pub from: String,
    /// Where the API is; where the provider has it, if unset. https, or http to this machine only.
    #[serde(default)]
    pub url: Option<String>,
}

impl Provider {
    /// Where they stand.
    pub const SECTION: &str = "phone.provider";
}

/// What `[phone.provider] account` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// Nothing: the key tells.
    None,
    /// This.
    Needed(&'static str),
    /// This, for some senders.
    Optional(&'static str),
}

/// A provider.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// As `[phone] gateway` has it.
    pub name: &'static str,
    /// As it writes itself.
    pub title: &'static str,
    /// What its console calls the account.
    pub account: Account,
    /// What its console calls the key.
    pub key: &'static str,
    /// Where its API is; `None` where each customer has an address of its own.
    pub url: Option<&'static str>,
    /// What comes behind that.
    path: &'static str,
    /// The rest of `[phone.webhook]`. `{account}` and `{from}` are those of `[phone.provider]`, `{token}` is the key. A key of the body
    /// whose value is an `{account}` that is not set is left out.
    rest: &'static str,
    /// `{token}` is the password of basic authentication.
    basic: bool,
}

/// All of them.
pub static PROVIDERS: [Preset; 7] = [
    // <https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms> has the statuses.
    Preset {
        name: "vonage",
        title: "Vonage",
        account: Account::Needed("API key"),
        key: "API secret",
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
        url: Some("https://us.sms.api.sinch.com"),
        path: "/xms/v1/{account}/batches",
        basic: false,
        rest: r#"
            headers = { Authorization = "Bearer {token}" }
            body = { type = "mt_text", from = "{from}", to = ["{to}"], body = "{text}" }
            id_field = "id"
            error_field = "code"
        "#,
    },
    // <https://developers.messagebird.com/api/sms-messaging/>
    Preset {
        name: "bird",
        title: "Bird",
        account: Account::None,
        key: "access key",
        url: Some("https://rest.messagebird.com"),
        path: "/messages",
        basic: false,
        rest: r#"
            headers = { Authorization = "AccessKey {token}" }
            body = { originator = "{from}", recipients = "{number}", body = "{text}", datacoding = "auto" }
            id_field = "id"
            error_field = "errors.0.code"
        "#,
    },
    // <https://www.plivo.com/docs/messaging/api/message/send-a-message>
    Preset {
        name: "plivo",
        title: "Plivo",
        account: Account::Needed("Auth ID"),
        key: "Auth Token",
        url: Some("https://api.plivo.com"),
        path: "/v1/Account/{account}/Message/",
        basic: true,
        rest: r#"
            body = { src = "{from}", dst = "{number}", text = "{text}", type = "sms", method = "POST", log = "true", trackable = false }
            id_field = "message_uuid.0"
        "#,
    },
    // <https://developers.telnyx.com/api-reference/messages/send-a-message>
    Preset {
        name: "telnyx",
        title: "Telnyx",
        account: Account::Optional("messaging profile ID"),
        key: "API key",
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
        url: Some("https://rest.clicksend.com"),
        path: "/v3/sms/send",
        basic: true,
        rest: r#"
            body = { messages = [{ source = "pam_sspr", from = "{from}", to = "{to}", body = "{text}" }] }
            success_field = "data.messages.0.status"
            success_values = ["SUCCESS"]
            retry_values = ["COUNTRY_NOT_ENABLED", "INSUFFICIENT_CREDIT", "INVALID_SENDER_ID", "MISSING_CREDENTIALS"]
            id_field = "data.messages.0.message_id"
            error_field = "response_code"
        "#,
    },
];

impl Preset {
    /// Where the API of an account is, if that is known.
    pub fn base<'a>(&self, account: &'a Provider) -> Option<&'a str> {
        account.url.as_deref().or(self.url)
    }

    /// What `[phone.webhook]` would say for `account`. `None` where it is not known where the API is.
    pub fn webhook(&self, account: &Provider) -> Option<Webhook> {
        let url = format!("{}{}", self.base(account)?.trim_end_matches('/'), self.path);
        // The rows can be read: a test reads each.
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
