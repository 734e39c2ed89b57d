//! Providers of text messages: each gets what its own library sends, which `tests/contracts/record.py` recorded.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sspr_config::settings::{Account, Method, PROVIDERS, Preset};
use sspr_delivery::{Deliveries, Probed, Trust};

use crate::{
    http::{CREATED, Server},
    support::{deliveries, secret, text},
};

const RECORDED: &str = include_str!("../contracts/providers.json");

fn recorded() -> (Value, Vec<Value>) {
    let mut all: Value = serde_json::from_str(RECORDED).unwrap();
    let contracts = all["contracts"].as_array().unwrap().clone();
    (all["given"].take(), contracts)
}

fn preset(name: &str) -> &'static Preset {
    PROVIDERS.iter().find(|preset| preset.name == name).unwrap()
}

/// The provider at `url`, with the account of the contracts.
pub(crate) fn at(preset: &Preset, url: &str) -> Deliveries {
    let (given, _) = recorded();
    let account = match preset.account {
        Account::None => String::new(),
        Account::Needed(_) | Account::Optional(_) => format!("account = {}\n", given["account"]),
    };
    let token = secret(&format!("{}\n", given["secret"].as_str().unwrap()));
    let settings = format!(
        "[phone]\ngateway = {:?}\n[phone.provider]\n{account}token_file = \"{}\"\nfrom = {}\nurl = {url:?}\n",
        preset.name,
        token.display(),
        given["sender"]
    );
    deliveries(&settings, Trust::System)
}

/// Twilio at `url`, with an API key and a name as sender.
pub(crate) fn twilio(url: &str) -> Deliveries {
    let (given, _) = recorded();
    let token = secret("s3cret\n");
    let settings = format!(
        "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = {}\napi_key = {}\ntoken_file = {:?}\nfrom = {}\n\
         url = {url:?}\n",
        given["twilio_account"],
        given["twilio_key"],
        token.display().to_string(),
        given["sender"]
    );
    deliveries(&settings, Trust::System)
}

/// What `request` says, in the form of a contract.
pub(crate) fn contract(request: &str, base: &str) -> Value {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let header = |name: &str| {
        let found = head.lines().filter_map(|line| line.split_once(": ")).find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut authorization = header("authorization");
    if let Some(encoded) = authorization.strip_prefix("Basic ") {
        let plain = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
        authorization = format!("Basic {plain}");
    }
    let kind = header("content-type");
    let body: Value = if kind == "application/json" {
        serde_json::from_str(body).unwrap()
    } else {
        let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
        pairs
            .map(|(key, value)| (key.to_owned(), Value::from(decoded(value))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let path = rest.split(' ').next().unwrap();
    json!({
        "method": method, "url": format!("{base}{path}"), "authorization": authorization, "content_type": kind, "body": body,
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// The recorded request, without whose it is: a library's, or that of a document where there is none.
fn bare(mut recorded: Value) -> Value {
    let keys = recorded.as_object_mut().unwrap();
    keys.remove("provider").unwrap();
    if keys.remove("document").is_none() {
        keys.remove("library").and(keys.remove("registry")).unwrap();
    }
    recorded
}

#[tokio::test]
async fn each_provider_gets_what_its_own_library_sends() {
    let (given, contracts) = recorded();
    let words = given["text"].as_str().unwrap();
    for preset in &PROVIDERS {
        let contract_of = contracts.iter().find(|contract| contract["provider"] == preset.name);
        let recorded = contract_of.unwrap_or_else(|| panic!("no contract of {}", preset.name)).clone();
        let url = recorded["url"].as_str().unwrap();
        let base = url.split('/').take(3).collect::<Vec<_>>().join("/");
        assert!(preset.url.is_none_or(|own| own == base), "{url}");
        let server = Server::with("200 OK", "", "{}");
        let provider = at(preset, &format!("http://127.0.0.1:{}", server.start().await));
        // What the answer means is looked at below.
        let _ = provider.deliver(&text(words)).await;
        let sent = contract(&server.requests().concat(), &base);
        assert_eq!(sent, bare(recorded), "{}", preset.name);
    }
}

#[tokio::test]
async fn twilio_gets_what_its_own_library_sends_with_an_api_key_and_a_name_as_sender() {
    let (given, contracts) = recorded();
    let recorded = contracts.into_iter().find(|contract| contract["provider"] == "twilio").unwrap();
    let server = Server::with("201 Created", "", CREATED);
    let twilio = twilio(&format!("http://127.0.0.1:{}", server.start().await));
    twilio.deliver(&text(given["text"].as_str().unwrap())).await.unwrap();
    assert_eq!(contract(&server.requests().concat(), "https://api.twilio.com"), bare(recorded));
}

#[tokio::test]
async fn an_api_key_of_twilio_is_looked_at_by_what_it_may_see() {
    for (status, want) in [
        ("200 OK", Ok(Probed::Accepted)),
        ("403 Forbidden", Ok(Probed::Unasked)),
        ("401 Unauthorized", Err("is the account or the token right")),
    ] {
        let server = Server::with(status, "", "{}");
        let token = secret("s3cret\n");
        let settings = format!(
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"AC{0:032}\"\napi_key = \"SK{0:032}\"\n\
             token_file = {token:?}\nfrom = \"Example\"\nurl = \"http://127.0.0.1:{1}\"\n",
            0,
            server.start().await
        );
        let looked =
            deliveries(&settings, Trust::System).probe(Method::Phone, None, std::time::Duration::from_secs(10)).await;
        match want {
            Ok(want) => assert_eq!(looked, Ok(want)),
            Err(part) => assert!(looked.unwrap_err().to_string().contains(part)),
        }
        let request = server.requests().concat();
        assert!(request.starts_with("GET /2010-04-01/Accounts/AC") && request.contains("PageSize=1"), "{request}");
    }
}

#[tokio::test]
async fn a_text_with_other_letters_than_gsm_s_is_said_to_be_so_where_the_provider_wants_to_know() {
    let server = Server::with("200 OK", "", "{}");
    let provider = at(preset("vonage"), &format!("http://127.0.0.1:{}", server.start().await));
    let _ = provider.deliver(&text("コードは 042042 です")).await;
    assert!(server.requests().concat().ends_with("&type=unicode"));
}

#[tokio::test]
async fn what_an_account_does_not_need_is_not_sent() {
    let server = Server::with("200 OK", "", r#"{"data":{"id":"a"}}"#);
    let token = secret("s3cret\n");
    let settings = format!(
        "[phone]\ngateway = \"telnyx\"\n[phone.provider]\ntoken_file = {token:?}\nfrom = \"+15005550006\"\n\
         url = \"http://127.0.0.1:{}\"\n",
        server.start().await
    );
    deliveries(&settings, Trust::System).deliver(&text("x")).await.unwrap();
    assert!(!server.requests().concat().contains("messaging_profile_id"));
}
