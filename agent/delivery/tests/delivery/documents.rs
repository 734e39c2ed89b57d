//! The providers' `OpenAPI` documents: what leaves fits that of each provider that publishes one. `tests/contracts/documents.json` has
//! what they say of it.

use serde_json::{Value, json};
use sspr_config::settings::PROVIDERS;

use crate::{
    http::Server,
    providers::{at, contract, twilio},
    support::text,
};

const DOCUMENTS: &str = include_str!("../contracts/documents.json");

/// What the provider of that name gets, in the form of a contract.
async fn sent(name: &str, words: &str) -> Value {
    let server = Server::with("200 OK", "", "{}");
    let url = format!("http://127.0.0.1:{}", server.start().await);
    let preset = PROVIDERS.iter().find(|preset| preset.name == name);
    let provider = preset.map_or_else(|| twilio(&url), |preset| at(preset, &url));
    // What the answer means is looked at elsewhere.
    let _ = provider.deliver(&text(words)).await;
    contract(&server.requests().concat(), "")
}

/// Why a value does not fit: where, and what is wrong.
fn faults(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    match schema["type"].as_str().unwrap_or("object") {
        "string" => {
            let Some(text) = value.as_str() else { return vec![format!("{at} is no text")] };
            let length = text.chars().count() as u64;
            let fits = length >= schema["min"].as_u64().unwrap_or(0)
                && length <= schema["max"].as_u64().unwrap_or(u64::MAX)
                && schema["enum"].as_array().is_none_or(|words| words.iter().any(|word| word == text))
                && (schema["digits"] != true || text.bytes().all(|b| b.is_ascii_digit()));
            if fits { Vec::new() } else { vec![format!("{at} can't be {text:?}")] }
        }
        "array" => match value.as_array() {
            Some(items) => items.iter().flat_map(|item| faults(&schema["items"], item, at)).collect(),
            None => vec![format!("{at} is no list")],
        },
        "object" => {
            let Some(keys) = value.as_object() else { return vec![format!("{at} is no table")] };
            let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let missing = needed.filter(|key| !keys.contains_key(*key)).map(|key| format!("{at} lacks {key}"));
            let inside = keys.iter().flat_map(|(key, value)| match schema["properties"].get(key) {
                Some(schema) => faults(schema, value, key),
                None => vec![format!("{at} has no {key}")],
            });
            missing.chain(inside).collect()
        }
        other => panic!("{at}: {other}"),
    }
}

fn is_path(path: &str, template: &str) -> bool {
    let (path, template): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    let fits = |(part, wanted): (&&str, &&str)| {
        part == wanted || wanted.starts_with('{') && wanted.ends_with('}') && !part.is_empty()
    };
    path.len() == template.len() && path.iter().zip(&template).all(fits)
}

#[tokio::test]
async fn what_leaves_fits_the_openapi_document_of_each_provider_that_publishes_one() {
    let all: Value = serde_json::from_str(DOCUMENTS).unwrap();
    let documents = all["documents"].as_array().unwrap();
    for name in PROVIDERS.iter().map(|preset| preset.name).chain(["twilio"]) {
        let Some(document) = documents.iter().find(|document| document["provider"] == name) else {
            assert!(all["without"][name].is_string(), "{name}");
            continue;
        };
        for words in ["Your code is 042042.", "コードは 042042 です"] {
            let sent = sent(name, words).await;
            assert_eq!(
                (&sent["method"], &sent["content_type"]),
                (&document["method"], &document["content_type"]),
                "{name}"
            );
            let path = sent["url"].as_str().unwrap();
            assert!(is_path(path, document["path"].as_str().unwrap()), "{name}: {path}");
            let scheme = sent["authorization"].as_str().unwrap().split(' ').next().unwrap();
            assert!(document["security"].as_str().unwrap().eq_ignore_ascii_case(scheme), "{name}: {scheme}");
            assert_eq!(faults(&document["body"], &sent["body"], name), Vec::<String>::new());
        }
    }
}

#[test]
fn what_does_not_fit_a_document_is_found() {
    let schema = json!({
        "required": ["to"],
        "properties": {
            "to": { "type": "array", "items": { "type": "string", "min": 7, "max": 15, "digits": true } },
            "type": { "type": "string", "enum": ["text"] },
        },
    });
    for (body, want) in [
        (json!({ "to": ["819012345678"], "type": "text" }), ""),
        (json!({ "type": "text" }), "x lacks to"),
        (json!({ "to": ["819012345678"], "form": "a" }), "x has no form"),
        (json!({ "to": "819012345678" }), "to is no list"),
        (json!({ "to": ["+819012345678"] }), "to can't be \"+819012345678\""),
        (json!({ "to": ["81"] }), "to can't be \"81\""),
        (json!({ "to": [819_012_345_678_u64] }), "to is no text"),
        (json!({ "to": [], "type": "Text" }), "type can't be \"Text\""),
        (json!([]), "x is no table"),
    ] {
        assert_eq!(faults(&schema, &body, "x").concat(), want, "{body}");
    }
    assert!(is_path("/v1/a/x", "/v1/{id}/x") && !is_path("/v1//x", "/v1/{id}/x") && !is_path("/v1/a", "/v1/{id}/x"));
}
