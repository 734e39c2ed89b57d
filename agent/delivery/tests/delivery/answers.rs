//! Providers of text messages: each is understood when it answers as it says that it does.

use sspr_config::settings::PROVIDERS;
use sspr_delivery::{DeliveryError, Receipt};

use crate::{
    http::{Server, told},
    providers::at,
    support::{never, text},
};

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
    // The number was looked at before: what is left of constraints is the sender.
    (
        "sinch",
        "400 Bad Request",
        r#"{"code":"syntax_constraint_violation","text":"leaked from"}"#,
        Later("sinch answered 400 (syntax_constraint_violation)"),
    ),
    ("sinch", "403 Forbidden", r#"{"code":"unknown_campaign","text":"leaked"}"#, Later("403 (unknown_campaign)")),
    ("sinch", "429 Too Many Requests", "", Later("sinch answered 429")),
    ("sinch", "500 Internal Server Error", "leaked", Later("sinch answered 500")),
    ("sinch", "200 OK", "<html>leaked</html>", Never("sinch answered 200 without a known id")),
    ("sinch", "201 Created", r#"{"id":"","to":[]}"#, Never("sinch answered 201 without a known id")),
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
        Never("bird answered 422 (9, recipients)"),
    ),
    (
        "bird",
        "422 Unprocessable Entity",
        r#"{"errors":[{"code":10,"description":"leaked originator is invalid","parameter":"originator"}]}"#,
        Later("bird answered 422 (10, originator)"),
    ),
    (
        "bird",
        "422 Unprocessable Entity",
        r#"{"errors":[{"code":25,"description":"leaked no balance","parameter":null}]}"#,
        Later("bird answered 422 (25)"),
    ),
    ("bird", "200 OK", r#"{"errors":[{"code":25,"description":"leaked"}]}"#, Later("status (25)")),
    (
        "bird",
        "201 Created",
        r#"{"id":"e8077d803532c0b5937c639b60216938","recipients":{"items":[{"recipient":819012345678,"status":"delivery_failed"}]}}"#,
        Never("bird answered 201 with recipients.items.0.status = delivery_failed"),
    ),
    ("bird", "429 Too Many Requests", "", Later("bird answered 429")),
    (
        "bird",
        "401 Unauthorized",
        r#"{"errors":[{"code":2,"description":"leaked Request not allowed (incorrect access_key)","parameter":"access_key"}]}"#,
        Later("bird answered 401 (2, access_key): is the account or the token right"),
    ),
    (
        "bird-channels",
        "202 Accepted",
        r#"{"id":"d8a9ebd4-ac79-4f2f-a2a5-6a1e5b6e2e0a","channelId":"x","status":"accepted"}"#,
        Sent("d8a9ebd4-ac79-4f2f-a2a5-6a1e5b6e2e0a"),
    ),
    ("bird-channels", "202 Accepted", "{}", Never("bird-channels answered 202 without a known id")),
    (
        "bird-channels",
        "422 Unprocessable Entity",
        r#"{"code":"InvalidPayload","message":"leaked 819012345678"}"#,
        Never("bird-channels answered 422 (InvalidPayload)"),
    ),
    ("bird-channels", "404 Not Found", "", Later("is the url right")),
    (
        "bird-platform",
        "202 Accepted",
        r#"{"id":"sms_01krdgeqcxet5s7t44vh8rt9mg","direction":"outbound","status":"accepted","to":"+819012345678","from":"Example"}"#,
        Sent("sms_01krdgeqcxet5s7t44vh8rt9mg"),
    ),
    (
        "bird-platform",
        "202 Accepted",
        r#"{"id":"sms_01krdgeqcxet5s7t44vh8rt9mg","status":"rejected","last_error":{"code":"insufficient_balance","description":"leaked"}}"#,
        Later("with status = rejected (insufficient_balance)"),
    ),
    (
        "bird-platform",
        "202 Accepted",
        r#"{"id":"sms_01krdgeqcxet5s7t44vh8rt9mg","status":"rejected","last_error":{"code":"invalid_destination","description":"leaked"}}"#,
        Never("with status = rejected (invalid_destination)"),
    ),
    (
        "bird-platform",
        "422 Unprocessable Entity",
        r#"{"error":{"type":"validation_error","code":"E01001","name":"SMSInvalidRecipient","message":"leaked"}}"#,
        Never("bird-platform answered 422 (SMSInvalidRecipient)"),
    ),
    (
        "bird-platform",
        "422 Unprocessable Entity",
        r#"{"error":{"type":"validation_error","code":"E01001","name":"SMSNoEligibleSender","message":"leaked"}}"#,
        Later("bird-platform answered 422 (SMSNoEligibleSender)"),
    ),
    (
        "bird-platform",
        "422 Unprocessable Entity",
        r#"{"error":{"code":"E01001","name":"ValidationError","message":"leaked","details":[{"param":"from","message":"leaked"}]}}"#,
        Later("(ValidationError, from)"),
    ),
    ("bird-platform", "402 Payment Required", r#"{"error":{"type":"billing_error"}}"#, Later("answered 402")),
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
        "plivo",
        "400 Bad Request",
        r#"{"api_id":"a","error":"invalid_parameter"}"#,
        Never("plivo answered 400 (invalid_parameter)"),
    ),
    (
        "plivo",
        "202 Accepted",
        r#"{"message":"leaked","message_uuid":[],"invalid_number":["819012345678"],"api_id":"a"}"#,
        Never("plivo answered 202 without a known message_uuid.0"),
    ),
    ("plivo", "202 Accepted", r#"{"api_id":"a","error":"rate_limit_exceeded"}"#, Later("(rate_limit_exceeded)")),
    ("plivo", "429 Too Many Requests", r#"{"api_id":"a","error":"rate_limit_exceeded"}"#, Later("answered 429")),
    ("plivo", "500 Internal Server Error", "leaked", Later("plivo answered 500")),
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
        r#"{"http_code":200,"response_code":"SUCCESS","data":{"messages":[{"status":"INTERNAL_ERROR"}]}}"#,
        Later("status = INTERNAL_ERROR"),
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
