//! The valid settings of a webhook. What is sent is tested against a server in `tests/delivery`.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use super::{super::Surroundings, *};

/// `[phone.webhook]` with this URL and body, and more.
fn settings(extra: &str) -> Settings {
    let text = format!(
        "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://sms.example.org/send\"\n\
         body = {{ to = \"{{to}}\", message = \"{{text}}\" }}\n{extra}\n"
    );
    sspr_config::settings::parse(&text, "sspr.toml".as_ref()).unwrap().phone.webhook.unwrap()
}

fn made(webhook: &Settings) -> Result<Webhook, DeliverySetupError> {
    let around = Surroundings::of_this_machine("host");
    let settings = sspr_config::settings::Settings::default();
    let setup = Setup { settings: &settings, around: &around, only_checked: true };
    Webhook::new(webhook, Door::of("webhook", &setup)?, Vec::new(), &setup)
}

fn refusal(webhook: &Settings) -> String {
    made(webhook).unwrap_err().to_string()
}

fn token(dir: &tempfile::TempDir, content: &str) -> PathBuf {
    let path = dir.path().join("token");
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn a_header_that_would_start_another_is_refused_at_the_start() {
    for (header, part) in [
        (r#""X-A" = "a\r\nX-B: b""#, "control character"),
        (r#""X-A" = "a\u0000""#, "control character"),
        (r#""X A" = "a""#, "not the name of a header"),
        (r#""X-A\nX-B" = "a""#, "not the name of a header"),
        (r#""X-A" = "{text}""#, "put {text} and {code} into body"),
        (r#""X-A" = "{code}""#, "put {text} and {code} into body"),
    ] {
        let error = refusal(&settings(&format!("headers = {{ {header} }}")));
        assert!(error.contains("[phone.webhook] headers") && error.contains(part), "{error}");
    }
}

#[test]
fn a_token_comes_from_a_guarded_file_and_is_in_nothing_that_debug_shows() {
    let dir = tempfile::tempdir().unwrap();
    let mut webhook = settings(
        r#"headers = { Authorization = "Bearer {token}" }
token_file = "/nonexistent/token""#,
    );
    assert!(refusal(&webhook).contains("/nonexistent/token: there is no such file"));
    webhook.token_file = Some(token(&dir, "s3cret\n"));
    let ready = made(&webhook).unwrap();
    let headers = ready.filled_headers("+1").unwrap();
    assert_eq!(headers["authorization"], "Bearer s3cret");
    assert!(!format!("{ready:?} {headers:?}").contains("s3cret"));
    webhook.body = [("key".to_owned(), "{token}".into())].into_iter().collect();
    webhook.url = "https://sms.example.org/{token}".into();
    let ready = made(&webhook).unwrap();
    assert!(!format!("{ready:?}").contains("s3cret"));
    // A host from a file could be anybody's.
    webhook.url = "https://{token}/".into();
    assert!(refusal(&webhook).contains("the host has to be a name"));
}

#[test]
fn neither_the_host_nor_its_owner_can_be_a_template() {
    for url in
        ["https://{to}.example.org/", "https://{to}/", "https://user@sms.example.org/", "https://{text}@example.org"]
    {
        let mut webhook = settings("");
        webhook.url = url.into();
        assert!(refusal(&webhook).contains("the host has to be a name"), "{url}");
    }
}

#[test]
fn a_get_request_with_a_body_is_refused() {
    assert!(refusal(&settings("method = \"GET\"")).contains("GET request has no body"));
}

#[test]
fn hostile_values_stay_values_wherever_they_stand() {
    let hostile = "a\"b\\c&d=e#f\r\ng\u{0}{to}é";
    let mut webhook = settings("");
    webhook.body = [
        (
            "list".to_owned(),
            Json::List(vec![Json::Table([("m".to_owned(), "{text}".into())].into()), Json::Truth(true)]),
        ),
        ("number".to_owned(), Json::Whole(7)),
        ("to".to_owned(), "{to}".into()),
    ]
    .into_iter()
    .collect();
    let ready = made(&webhook).unwrap();
    let value = |slot: &str| if slot == TEXT { hostile } else { ready.fixed.value(slot, "+1") };
    let body = ready.body.filled(&value, &ready.fixed).unwrap().to_string();
    let read: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(read, serde_json::json!({ "list": [{ "m": hostile }, true], "number": 7, "to": "+1" }));
    let sent = form(&serde_json::json!({ "a&b": hostile, "n": 7, "t": true }));
    assert_eq!(sent, "a%26b=a%22b%5Cc%26d%3De%23f%0D%0Ag%00%7Bto%7D%C3%A9&n=7&t=true");
}

#[test]
fn what_an_account_lacks_is_left_out_and_nothing_of_it_is_read_as_a_template() {
    let fixed = Fixed { words: vec![("account", None), ("from", Some("{to}".into()))], secrets: Vec::new() };
    let body: Json = [("a", "{account}"), ("f", "{from}"), ("t", "{text}")]
        .map(|(key, value)| (key.to_owned(), value.into()))
        .into_iter()
        .collect();
    let part = Part::of(&body, &fixed.names());
    let value = |slot: &str| if slot == TEXT { "{from}" } else { fixed.value(slot, "+1") };
    let filled = part.filled(&value, &fixed).unwrap();
    assert_eq!(filled, serde_json::json!({ "f": "{to}", "t": "{from}" }));
}
