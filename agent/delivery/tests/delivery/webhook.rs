//! Webhooks: the request that the settings describe, and the answers that they accept.

use sspr_delivery::{DeliveryError, Trust};

use crate::{
    http::{BODY, Server, webhook},
    support::{NUMBER, deliveries, never, secret, text},
};

#[tokio::test]
async fn hostile_text_stays_inside_its_field_of_a_webhook() {
    let hostile = "a\"},\"to\":\"+1900\r\nX-Evil: 1\r\n\r\n{to}{code}&to=+1900#%00é";
    let server = Server::with("200 OK", "", "{}");
    server.by_webhook("/send", BODY, hostile).await.unwrap();
    let request = server.requests().concat();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /send HTTP/1.1\r\n") && !head.contains("Evil"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
    let read: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(read, serde_json::json!({ "to": NUMBER, "message": hostile }));

    let server = Server::with("200 OK", "", "{}");
    server.by_webhook("/send?n={to}&m={text}&c={code}#x", "method = \"GET\"", hostile).await.unwrap();
    let request = server.requests().concat();
    let line = request.lines().next().unwrap();
    assert!(line.starts_with("GET /send?n=%2B819012345678&m=a%22%7D%2C"), "{line}");
    assert!(line.ends_with("&c=042042 HTTP/1.1") && line.matches('&').count() == 2, "{line}");
    assert!(!request.contains("Evil:"), "{request}");

    let server = Server::with("200 OK", "", "{}");
    server.by_webhook("/send", &format!("{BODY}encoding = \"form\"\nmethod = \"PUT\""), hostile).await.unwrap();
    let request = server.requests().concat();
    let body = request.split_once("\r\n\r\n").unwrap().1;
    assert!(request.starts_with("PUT ") && body.matches('&').count() == 1 && body.is_ascii(), "{request}");
}

#[tokio::test]
async fn a_webhook_s_token_goes_into_url_and_body_as_their_place_needs_it() {
    let token = secret("s3&cr=et \"x\"\n");
    let file = format!("token_file = {:?}", token.to_str().unwrap());
    for (encoding, sent) in [("json", r#""key":"s3&cr=et \"x\"""#), ("form", "key=s3%26cr%3Det%20%22x%22")] {
        let server = Server::with("200 OK", "", "{}");
        let settings = format!(
            "encoding = \"{encoding}\"\nbody = {{ to = \"{{to}}\", message = \"{{text}}\", key = \"{{token}}\" }}\n{file}"
        );
        server.by_webhook("/send?k={token}", &settings, "hello").await.unwrap();
        let request = server.requests().remove(0);
        assert!(request.starts_with("POST /send?k=s3%26cr%3Det%20%22x%22 "), "{request}");
        assert!(request.contains(sent), "{request}");
    }
}

#[tokio::test]
async fn a_webhook_says_any_json_with_secrets_from_files_where_they_are_meant_and_nowhere_else() {
    let (token, key, password) = (secret("t0ken\n"), secret("k3y\n"), secret("p4ss\n"));
    let rest = format!(
        "user = \"sspr\"\npassword_file = {password:?}\ntoken_file = {token:?}\nsecret_files = {{ key = {key:?} }}\n\
         headers = {{ X-Key = \"{{key}}\" }}\n\
         body = {{ messages = [{{ to = [{{ number = \"{{number}}\" }}], text = \"{{text}}\", parts = 1, flash = false, rate = 0.5 }}], \
         auth = {{ token = \"{{token}}\" }} }}\n"
    );
    let server = Server::with("200 OK", "", "{}");
    server.by_webhook("/send", &rest, "hello {token} {key}").await.unwrap();
    let request = server.requests().concat();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let read: serde_json::Value = serde_json::from_str(body).unwrap();
    let message = serde_json::json!({
        "to": [{ "number": NUMBER.trim_start_matches('+') }],
        "text": "hello {token} {key}", "parts": 1, "flash": false, "rate": 0.5,
    });
    assert_eq!(read, serde_json::json!({ "messages": [message], "auth": { "token": "t0ken" } }));
    let head = head.to_ascii_lowercase();
    // base64 of "sspr:p4ss"
    assert!(head.contains("authorization: basic c3nwcjpwnhnz") && head.contains("x-key: k3y"), "{head}");
    assert_eq!(request.matches("k3y").count() + request.matches("t0ken").count(), 2, "{request}");
}

#[tokio::test]
async fn a_list_can_be_the_whole_body() {
    let server = Server::with("200 OK", "", "{}");
    server.by_webhook("/", "body = [{ to = \"{to}\", m = \"{text}\" }]\n", "x").await.unwrap();
    assert!(server.requests().concat().ends_with(&format!("[{{\"m\":\"x\",\"to\":\"{NUMBER}\"}}]")));
}

#[tokio::test]
async fn a_field_of_the_answer_says_whether_the_message_was_taken_and_what_it_is_called() {
    let rest = format!(
        "{BODY}success_field = \"m.0.status\"\nsuccess_values = [\"0\", \"queued\"]\nretry_values = [\"1\", \"busy\"]\n\
         id_field = \"m.0.id\"\nerror_field = \"e\"\n"
    );
    let answers = async |status: &str, body: &str| Server::with(status, "", body).by_webhook("/", &rest, "x").await;
    for (body, id) in [
        (r#"{"m":[{"status":0,"id":"a-1"}]}"#, Some("a-1")),
        (r#"{"m":[{"status":"queued","id":17}]}"#, Some("17")),
        (r#"{"m":[{"status":"queued"}]}"#, None),
        // Values that could reveal the code, the number or a sentence are not shown.
        (r#"{"m":[{"status":"queued","id":"x042042"}]}"#, None),
        (r#"{"m":[{"status":"queued","id":"819012345678"}]}"#, None),
        (r#"{"m":[{"status":"queued","id":"leaked words\n"}]}"#, None),
    ] {
        assert_eq!(answers("200 OK", body).await.unwrap().reference.as_deref(), id, "{body}");
    }
    for (status, body, expected_never, part) in [
        ("200 OK", r#"{"m":[{"status":"4"}]}"#, true, "webhook answered 200 with m.0.status = 4"),
        ("200 OK", r#"{"m":[{"status":"1"}]}"#, false, "with m.0.status = 1"),
        ("200 OK", r#"{"m":[{"status":"9"}],"e":"busy"}"#, false, "with m.0.status = 9 (busy)"),
        ("200 OK", r#"{"m":[{"status":"leaked words"}]}"#, true, "without a known m.0.status"),
        ("200 OK", r#"{"m":[{"status":"c042042"}]}"#, true, "without a known m.0.status"),
        ("200 OK", "leaked", true, "without a known m.0.status"),
        ("400 Bad Request", r#"{"e":"no_such_number"}"#, true, "answered 400 (no_such_number)"),
        ("400 Bad Request", r#"{"e":"busy"}"#, false, "answered 400 (busy)"),
        ("500 Broken", r#"{"e":"819012345678"}"#, false, "answered 500"),
    ] {
        let error = answers(status, body).await.unwrap_err();
        assert_eq!(never(&error).is_some(), expected_never, "{body}: {error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_webhook_s_token_goes_into_its_header() {
    let server = Server::with("202 Accepted", "", "");
    let token = secret("s3cret\n");
    let rest = format!(
        "{BODY}headers = {{ Authorization = \"Bearer {{token}}\", Content-Type = \"application/vnd.sms+json\" }}\n\
         token_file = {:?}",
        token.to_str().unwrap()
    );
    server.by_webhook("/", &rest, "x").await.unwrap();
    let request = server.requests().concat().to_ascii_lowercase();
    assert!(request.contains("authorization: bearer s3cret\r\n"), "{request}");
    assert_eq!(request.matches("content-type: ").count(), 1);
    assert!(request.contains("content-type: application/vnd.sms+json"));
}

#[tokio::test]
async fn a_webhook_succeeds_as_its_settings_say() {
    for (status, body, rest, ok) in [
        ("200 OK", "", "", true),
        ("202 Accepted", "", "", true),
        ("202 Accepted", "", "success = [200]", false),
        ("302 Found", "", "success = [302]", true),
        ("200 OK", "status=queued", "success_contains = \"queued\"", true),
        ("200 OK", "status=error", "success_contains = \"queued\"", false),
        ("404 Not Found", "", "", false),
    ] {
        let result = Server::with(status, "", body).by_webhook("/", &format!("{BODY}{rest}"), "x").await;
        assert_eq!(result.is_ok(), ok, "{status} {rest}: {result:?}");
    }
    let error = Server::with("503 Busy", "Retry-After: 9\r\n", "").by_webhook("/", BODY, "x").await.unwrap_err();
    assert!(matches!(error, DeliveryError::Later { after: Some(after), .. } if after.as_secs() == 9));
}

#[tokio::test]
async fn a_webhook_gives_a_message_up_only_where_the_message_itself_is_refused() {
    for (status, rest, expected_never, part) in [
        ("400 Bad Request", "", true, "answered 400"),
        ("422 Unprocessable Content", "", true, "answered 422"),
        ("400 Bad Request", "success = [400]\nsuccess_contains = \"queued\"", true, "success_contains"),
        ("401 Unauthorized", "", false, "the token right"),
        ("402 Payment Required", "", false, "answered 402"),
        ("403 Forbidden", "", false, "the token right"),
        ("404 Not Found", "", false, "is the url right"),
        ("405 Method Not Allowed", "", false, "is the url right"),
        ("407 Proxy Authentication Required", "", false, "answered 407"),
        ("409 Conflict", "", false, "answered 409"),
        ("302 Found", "", false, "correct the url"),
        ("202 Accepted", "success = [200]", true, "answered 202"),
        ("200 OK", "success_contains = \"queued\"", true, "success_contains"),
    ] {
        let server = Server::with(status, "", "leaked");
        let error = server.by_webhook("/", &format!("{BODY}{rest}"), "x").await.unwrap_err();
        assert_eq!(never(&error).is_some(), expected_never, "{status}: {error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_note_without_a_code_does_not_go_through_a_webhook_that_sends_codes_only() {
    let server = Server::with("200 OK", "", "{}");
    let url = format!("http://127.0.0.1:{}/", server.start().await);
    let deliveries = deliveries(&webhook(&url, "body = { to = \"{to}\", code = \"{code}\" }"), Trust::System);
    let mut note = text("Your password was changed.");
    deliveries.deliver(&note).await.unwrap();
    note.code = None;
    assert!(never(&deliveries.deliver(&note).await.unwrap_err()).unwrap().contains("{text}"));
    assert_eq!(server.requests().len(), 1);
}
