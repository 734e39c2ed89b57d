//! Providers of text messages: each gets what its own library sends (`tests/contracts/record.py` recorded that), and is understood when
//! it answers as it says that it does.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sspr_config::settings::{Account, Method, PROVIDERS, Preset};
use sspr_delivery::{Deliveries, DeliveryError, Probed, Receipt, Trust};

use crate::{
    http::{CREATED, Server, told},
    support::{deliveries, never, secret, text},
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
fn at(preset: &Preset, url: &str) -> Deliveries {
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

/// What `request` says, in the form of a contract.
fn contract(request: &str, base: &str) -> Value {
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

/// The recorded request, without who recorded it.
fn bare(mut recorded: Value) -> Value {
    for key in ["provider", "library", "registry"] {
        recorded.as_object_mut().unwrap().remove(key).unwrap();
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
    let token = secret("s3cret\n");
    let settings = format!(
        "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = {}\napi_key = {}\ntoken_file = {token:?}\nfrom = {}\n\
         url = \"http://127.0.0.1:{}\"\n",
        given["twilio_account"],
        given["twilio_key"],
        given["sender"],
        server.start().await
    );
    let twilio = deliveries(&settings, Trust::System);
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

/// What becomes of a message.
enum Want {
    Sent(&'static str),
    Later(&'static str),
    Never(&'static str),
}

use Want::{Later, Never, Sent};

/// As the providers publish them.
const ANSWERS: &[(&str, &str, &str, Want)] = &[
    (
        "vonage",
        "200 OK",
        r#"{"message-count":"1","messages":[{"to":"819012345678","message-id":"0C000000217B7F02","status":"0","remaining-balance":"15.53590000"}]}"#,
        Sent("0C000000217B7F02"),
    ),
    (
        "vonage",
        "200 OK",
        r#"{"message-count":"1","messages":[{"status":"4","error-text":"leaked Bad Credentials"}]}"#,
        Later("vonage answered 200 with messages.0.status = 4"),
    ),
    (
        "vonage",
        "200 OK",
        r#"{"message-count":"1","messages":[{"status":"1","error-text":"leaked Throughput Rate Exceeded"}]}"#,
        Later("status = 1"),
    ),
    (
        "vonage",
        "200 OK",
        r#"{"message-count":"1","messages":[{"status":"6","error-text":"leaked Unroutable message"}]}"#,
        Never("status = 6"),
    ),
    ("vonage", "401 Unauthorized", "", Later("is the account or the token right")),
    (
        "sinch",
        "201 Created",
        r#"{"id":"01FC66621XXXXX119Z8PMV1QPQ","to":["819012345678"],"from":"Example","canceled":false,"type":"mt_text"}"#,
        Sent("01FC66621XXXXX119Z8PMV1QPQ"),
    ),
    (
        "sinch",
        "400 Bad Request",
        r#"{"code":"syntax_invalid_parameter_format","text":"leaked 819012345678"}"#,
        Never("sinch answered 400 (syntax_invalid_parameter_format)"),
    ),
    ("sinch", "401 Unauthorized", "", Later("is the account or the token right")),
    (
        "bird",
        "201 Created",
        r#"{"id":"e8077d803532c0b5937c639b60216938","originator":"Example","recipients":{"items":[{"recipient":819012345678,"status":"sent"}]}}"#,
        Sent("e8077d803532c0b5937c639b60216938"),
    ),
    (
        "bird",
        "422 Unprocessable Entity",
        r#"{"errors":[{"code":9,"description":"leaked no (correct) recipients found","parameter":"recipients"}]}"#,
        Never("bird answered 422 (9)"),
    ),
    (
        "bird",
        "401 Unauthorized",
        r#"{"errors":[{"code":2,"description":"leaked Request not allowed (incorrect access_key)","parameter":"access_key"}]}"#,
        Later("bird answered 401 (2): is the account or the token right"),
    ),
    (
        "plivo",
        "202 Accepted",
        r#"{"message":"message(s) queued","message_uuid":["db3ce55a-7f1d-11e1-8ea7-1231380bc196"],"api_id":"db342550-7f1d-11e1-8ea7-1231380bc196"}"#,
        Sent("db3ce55a-7f1d-11e1-8ea7-1231380bc196"),
    ),
    (
        "plivo",
        "400 Bad Request",
        r#"{"api_id":"a","error":"leaked 819012345678 is invalid"}"#,
        Never("plivo answered 400"),
    ),
    ("plivo", "401 Unauthorized", "leaked", Later("is the account or the token right")),
    (
        "telnyx",
        "200 OK",
        r#"{"data":{"record_type":"message","id":"b0c7e8cb-6227-4c74-9f32-c7f80c30934b","to":[{"phone_number":"+819012345678","status":"queued"}]}}"#,
        Sent("b0c7e8cb-6227-4c74-9f32-c7f80c30934b"),
    ),
    (
        "telnyx",
        "400 Bad Request",
        r#"{"errors":[{"code":"40310","title":"leaked Invalid 'to' address"}]}"#,
        Never("telnyx answered 400 (40310)"),
    ),
    (
        "telnyx",
        "400 Bad Request",
        r#"{"errors":[{"code":"40305","title":"leaked Invalid 'from' address"}]}"#,
        Later("telnyx answered 400 (40305)"),
    ),
    (
        "infobip",
        "200 OK",
        r#"{"bulkId":"1688025180464000013","messages":[{"messageId":"1688025180464000014","status":{"groupId":1,"groupName":"PENDING","id":26,"name":"PENDING_ACCEPTED","description":"Message sent to next instance"},"destination":"819012345678"}]}"#,
        Sent("1688025180464000014"),
    ),
    (
        "infobip",
        "200 OK",
        r#"{"messages":[{"messageId":"1","status":{"groupId":5,"groupName":"REJECTED","id":12,"name":"REJECTED_NOT_ENOUGH_CREDITS","description":"leaked"}}]}"#,
        Later("status.groupName = REJECTED (REJECTED_NOT_ENOUGH_CREDITS)"),
    ),
    (
        "infobip",
        "200 OK",
        r#"{"messages":[{"messageId":"1","status":{"groupId":5,"groupName":"REJECTED","id":6,"name":"REJECTED_PREFIX_MISSING","description":"leaked"}}]}"#,
        Never("(REJECTED_PREFIX_MISSING)"),
    ),
    (
        "infobip",
        "401 Unauthorized",
        r#"{"errorCode":"E401","description":"leaked The request lacks valid authentication credentials","action":"leaked"}"#,
        Later("is the account or the token right"),
    ),
    (
        "clicksend",
        "200 OK",
        r#"{"http_code":200,"response_code":"SUCCESS","response_msg":"Messages queued for delivery.","data":{"total_price":0.28,"messages":[{"to":"+819012345678","message_id":"BF7AD270-0DE2-418B-B606-71D527D9C1AE","status":"SUCCESS"}]}}"#,
        Sent("BF7AD270-0DE2-418B-B606-71D527D9C1AE"),
    ),
    (
        "clicksend",
        "200 OK",
        r#"{"http_code":200,"response_code":"SUCCESS","data":{"messages":[{"status":"INSUFFICIENT_CREDIT"}]}}"#,
        Later("status = INSUFFICIENT_CREDIT"),
    ),
    (
        "clicksend",
        "200 OK",
        r#"{"http_code":200,"response_code":"SUCCESS","data":{"messages":[{"status":"INVALID_RECIPIENT"}]}}"#,
        Never("status = INVALID_RECIPIENT"),
    ),
    (
        "clicksend",
        "401 Unauthorized",
        r#"{"http_code":401,"response_code":"UNAUTHORIZED","response_msg":"leaked Authorization failed.","data":null}"#,
        Later("clicksend answered 401 (UNAUTHORIZED): is the account"),
    ),
];

#[tokio::test]
async fn each_provider_is_understood_when_it_answers_as_it_says_that_it_does() {
    for preset in &PROVIDERS {
        let answers = ANSWERS.iter().filter(|(name, ..)| *name == preset.name);
        assert!(answers.clone().any(|(.., want)| matches!(want, Sent(_))), "{}", preset.name);
        assert!(answers.clone().any(|(.., want)| matches!(want, Never(_))), "{}", preset.name);
        for (name, status, body, want) in answers {
            let server = Server::with(status, "", body);
            let provider = at(preset, &format!("http://127.0.0.1:{}", server.start().await));
            let outcome: Result<Receipt, DeliveryError> = told(provider.deliver(&text("Code 042042")).await);
            match (want, &outcome) {
                (Sent(id), Ok(receipt)) => {
                    assert_eq!((receipt.gateway, receipt.reference.as_deref()), (*name, Some(*id)));
                }
                (Later(part), Err(DeliveryError::Later { why, .. })) => assert!(why.contains(part), "{why}"),
                (Never(part), Err(error)) => assert!(never(error).is_some_and(|why| why.contains(part)), "{error:?}"),
                _ => panic!("{name} {status} {body}: {outcome:?}"),
            }
        }
    }
}
