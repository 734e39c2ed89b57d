//! Gateways for text messages: Twilio according to its documentation, and harmful servers.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustls::ServerConfig;
use sspr_delivery::{Deliveries, DeliveryError, Receipt, Trust};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::support::{
    CODE, NUMBER, call, certificate, certificates_from_a_pipe, deliveries, expired_certificate, later, never, secret,
    tells_nothing, text, while_they_are_read,
};

const SID: &str = "AC00000000000000000000000000000000";

/// A server that answers every request with the same bytes.
#[derive(Clone)]
pub(crate) struct Server {
    answer: Vec<u8>,
    /// Its behaviour after the answer.
    then: Then,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    heard: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Close,
    Hang,
    /// Sends the last kilobyte again and again.
    Endless,
    /// Sends a byte from time to time.
    Drips,
}

impl Server {
    fn answering(answer: impl Into<Vec<u8>>) -> Self {
        Self { answer: answer.into(), then: Then::Close, tls: None, heard: Arc::default() }
    }

    pub(crate) fn with(status: &str, headers: &str, body: &str) -> Self {
        Self::answering(format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        ))
    }

    pub(crate) async fn start(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move {
                    match &server.tls {
                        None => server.serve(tcp).await,
                        Some(tls) => server.serve(TlsAcceptor::from(Arc::clone(tls)).accept(tcp).await.ok()?).await,
                    }
                });
            }
        });
        port
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, mut stream: S) -> Option<()> {
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer).await.ok()?;
            if count == 0 {
                return None;
            }
            request.extend_from_slice(&buffer[..count]);
            let whole = String::from_utf8_lossy(&request).into_owned();
            let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|l| l.lines().next()?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                self.heard.lock().unwrap().push(whole);
                break;
            }
        }
        stream.write_all(&self.answer).await.ok()?;
        stream.flush().await.ok()?;
        match self.then {
            Then::Close => stream.shutdown().await.ok(),
            Then::Hang => std::future::pending().await,
            Then::Endless => loop {
                stream.write_all(&[b'a'; 1024]).await.ok()?;
            },
            Then::Drips => loop {
                stream.write_all(b"a").await.ok()?;
                stream.flush().await.ok()?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            },
        }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) async fn twilio(&self) -> Deliveries {
        twilio(&format!("http://127.0.0.1:{}", self.start().await), "+15005550006", Trust::System)
    }

    async fn by_twilio(&self) -> Result<Receipt, DeliveryError> {
        told(self.twilio().await.deliver(&text(&format!("Code {CODE}"))).await)
    }

    pub(crate) async fn by_webhook(&self, path: &str, rest: &str, words: &str) -> Result<Receipt, DeliveryError> {
        let url = format!("http://127.0.0.1:{}{path}", self.start().await);
        told(deliveries(&webhook(&url, rest), Trust::System).deliver(&text(words)).await)
    }
}

pub(crate) fn told(result: Result<Receipt, DeliveryError>) -> Result<Receipt, DeliveryError> {
    if let Err(error) = &result {
        tells_nothing(error);
    }
    result
}

pub(crate) fn twilio(url: &str, from: &str, trust: Trust) -> Deliveries {
    let token = secret("s3cret\n");
    deliveries(
        &format!(
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"{SID}\"\ntoken_file = {:?}\n\
             from = \"{from}\"\nurl = \"{url}\"",
            token.to_str().unwrap()
        ),
        trust,
    )
}

pub(crate) fn webhook(url: &str, rest: &str) -> String {
    format!("[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"{url}\"\n{rest}")
}

pub(crate) const BODY: &str = "body = { to = \"{to}\", message = \"{text}\" }\n";
pub(crate) const CREATED: &str =
    r#"{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued","error_code":null,"to":"+819012345678"}"#;

#[tokio::test]
async fn twilio_gets_the_request_that_its_documentation_asks_for() {
    let server = Server::with("201 Created", "", CREATED);
    let receipt = server.by_twilio().await.unwrap();
    assert_eq!(receipt.gateway, "twilio");
    assert_eq!(receipt.reference.as_deref(), Some("SM0123456789abcdef0123456789abcdef"));
    let request = server.requests().concat();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("POST /2010-04-01/Accounts/{SID}/Messages.json HTTP/1.1\r\n")), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    // base64 of "AC00000000000000000000000000000000:s3cret", which is compared case-insensitively here.
    let basic = "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDpzM2NyZXQ=".to_ascii_lowercase();
    assert!(head.contains(&format!("authorization: basic {basic}")), "{head}");
    assert_eq!(body, "To=%2B819012345678&From=%2B15005550006&Body=Code+042042");
}

#[tokio::test]
async fn a_messaging_service_is_named_as_one() {
    let server = Server::with("201 Created", "", CREATED);
    let url = format!("http://127.0.0.1:{}/", server.start().await);
    let deliveries = twilio(&url, "MG00000000000000000000000000000000", Trust::System);
    deliveries.deliver(&text("x")).await.unwrap();
    assert!(server.requests().concat().contains("&MessagingServiceSid=MG0"));
}

#[tokio::test]
async fn a_sender_that_only_begins_like_a_messaging_service_is_a_name() {
    let server = Server::with("201 Created", "", CREATED);
    let url = format!("http://127.0.0.1:{}/", server.start().await);
    for from in ["MG Bank", "MGEXAMPLE", "12345"] {
        let deliveries = twilio(&url, from, Trust::System);
        deliveries.deliver(&text("x")).await.unwrap();
        assert!(never(&deliveries.deliver(&call()).await.unwrap_err()).is_some(), "{from}");
    }
    let requests = server.requests();
    assert!(requests.len() == 3 && requests.iter().all(|request| request.contains("&From=")), "{requests:?}");
}

#[tokio::test]
async fn a_call_is_asked_for_with_the_words_that_are_read_out() {
    let created = r#"{"sid":"CA0123456789abcdef0123456789abcdef","status":"queued","to":"+819012345678"}"#;
    let server = Server::with("201 Created", "", created);
    let receipt = told(server.twilio().await.deliver(&call()).await).unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("CA0123456789abcdef0123456789abcdef"));
    let request = server.requests().concat();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("POST /2010-04-01/Accounts/{SID}/Calls.json HTTP/1.1\r\n")), "{head}");
    assert!(body.starts_with("To=%2B819012345678&From=%2B15005550006&Twiml=%3CResponse%3E%3CPause"), "{body}");
    assert!(body.contains("Hello+%26amp%3B+welcome."), "{body}");
    assert!(!body.contains(CODE), "digit by digit");
    for (code, expected_never) in [(21217, true), (21214, true), (21215, true), (21210, false), (21205, false)] {
        let refused = format!(r#"{{"code":{code},"message":"leaked {NUMBER}","status":400}}"#);
        let server = Server::with("400 Bad Request", "", &refused);
        let error = told(server.twilio().await.deliver(&call()).await).unwrap_err();
        assert_eq!(never(&error).is_some(), expected_never, "{error}");
    }
}

#[tokio::test]
async fn no_gateway_makes_a_call_that_can_not() {
    let server = Server::with("201 Created", "", CREATED);
    let url = format!("http://127.0.0.1:{}/", server.start().await);
    let service = twilio(&url, "MG00000000000000000000000000000000", Trust::System);
    for deliveries in [service, deliveries(&webhook(&url, BODY), Trust::System)] {
        assert!(never(&deliveries.deliver(&call()).await.unwrap_err()).is_some());
    }
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn what_twilio_refuses_is_told_by_its_number_alone() {
    for (status, code, expected_never) in [
        ("400 Bad Request", 21211, true),
        ("400 Bad Request", 21408, true),
        ("400 Bad Request", 21610, true),
        ("400 Bad Request", 21612, true),
        ("400 Bad Request", 21614, true),
        ("400 Bad Request", 21617, true),
        ("201 Created", 30006, true),
        // The account, the sender and the settings can be corrected.
        ("400 Bad Request", 21603, false),
        ("400 Bad Request", 21606, false),
        ("400 Bad Request", 21608, false),
        ("400 Bad Request", 21659, false),
        ("400 Bad Request", 99999, false),
        ("401 Unauthorized", 20003, false),
        ("403 Forbidden", 20005, false),
        ("404 Not Found", 20404, false),
        ("201 Created", 30002, false),
        ("429 Too Many Requests", 20429, false),
        ("500 Internal Server Error", 20500, false),
        ("503 Service Unavailable", 20503, false),
    ] {
        let refused = format!(
            r#"{{"code":{code},"message":"The number {NUMBER} is not valid, code {CODE}","more_info":"leaked","status":400}}"#
        );
        let failed = format!(r#"{{"status":"failed","error_code":{code},"error_message":"leaked"}}"#);
        let body = if status.starts_with("201") { failed } else { refused };
        let error = Server::with(status, "", &body).by_twilio().await.unwrap_err();
        assert_eq!(never(&error).is_some(), expected_never, "{error}");
        assert!(error.to_string().contains(&code.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_gateway_says_how_long_to_wait() {
    for (header, least, most) in [
        ("Retry-After: 7\r\n", 7, 7),
        ("Retry-After: 99999999\r\n", 3600, 3600),
        ("Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n", 3600, 3600),
        ("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", 0, 0),
    ] {
        let error = Server::with("429 Too Many Requests", header, "{}").by_twilio().await.unwrap_err();
        let DeliveryError::Later { after: Some(after), .. } = error else { panic!("{header}: {error:?}") };
        assert!((least..=most).contains(&after.as_secs()), "{header}: {after:?}");
    }
    for header in ["", "Retry-After: soon\r\n", "Retry-After: -1\r\n"] {
        let error = Server::with("429 Too Many Requests", header, "{}").by_twilio().await.unwrap_err();
        assert!(matches!(error, DeliveryError::Later { after: None, .. }), "{header}: {error:?}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let other = Server::with("201 Created", "", CREATED);
    let location = format!("Location: http://127.0.0.2:{}/leaked\r\n", other.start().await);
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let error = Server::with(status, &location, "").by_twilio().await.unwrap_err();
        assert!(later(&error).unwrap().contains("redirects are not followed"), "{error}");
    }
    let error = Server::with("307 Temporary Redirect", &location, "").by_webhook("/", BODY, "x").await.unwrap_err();
    assert!(later(&error).unwrap().contains("correct the url"), "{error}");
    assert_eq!(other.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off() {
    for status in ["201 Created", "400 Bad Request"] {
        let server = Server {
            then: Then::Endless,
            ..Server::answering(format!("HTTP/1.1 {status}\r\nContent-Length: 99999999999\r\n\r\n"))
        };
        let begun = Instant::now();
        assert_eq!(server.by_twilio().await.is_ok(), status.starts_with("201"));
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    let server =
        Server { then: Then::Endless, ..Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n") };
    let error = server.by_webhook("/", &format!("{BODY}success_contains = \"queued\""), "x").await.unwrap_err();
    assert!(error.to_string().contains("success_contains"), "{error}");
    let endless_header = Server { then: Then::Endless, ..Server::answering("HTTP/1.1 201 Created\r\nX-Leaked: ") };
    assert!(later(&endless_header.by_twilio().await.unwrap_err()).is_some());
}

#[tokio::test]
async fn a_message_that_was_taken_counts_though_the_rest_of_the_answer_is_missing() {
    for then in [Then::Close, Then::Hang, Then::Drips] {
        let server =
            Server { then, ..Server::answering("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"sid\":") };
        server.by_twilio().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_hangs_or_talks_nonsense_is_tried_again_later() {
    for (answer, then) in [
        ("", Then::Hang),
        ("", Then::Close),
        ("HTTP/1.1 20", Then::Close),
        ("HTTP/1.1 20", Then::Hang),
        ("HTTP/1.1 201 Created\r\nX-Leaked: ", Then::Drips),
        ("HTTP/1.1 400 Bad Request\r\nContent-Length: 99999\r\n\r\n{", Then::Drips),
        ("220 leaked\r\n", Then::Close),
        ("\0\0\0", Then::Close),
        ("HTTP/1.1 999999 leaked\r\n\r\n", Then::Close),
    ] {
        let server = Server { then, ..Server::answering(answer) };
        let begun = Instant::now();
        let error = server.by_twilio().await.unwrap_err();
        assert!(later(&error).is_some(), "{answer:?}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn an_answer_of_success_that_twilio_would_not_give_is_no_success() {
    for (status, body) in [
        ("200 OK", "<html>login</html>"),
        ("204 No Content", ""),
        ("201 Created", r#"{"status":"failed","error_code":30008}"#),
    ] {
        let error = Server::with(status, "", body).by_twilio().await.unwrap_err();
        assert!(later(&error).unwrap().starts_with("twilio "), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_certificate_gets_no_request() {
    let (tls, trust) = certificate("127.0.0.1");
    let (other_name, trust_in_other_name) = certificate("api.twilio.com");
    let (expired, trust_in_expired) = expired_certificate("127.0.0.1");
    for (tls, trust, part) in [
        (tls.clone(), Trust::System, "nobody but the server itself vouches for it"),
        (other_name, trust_in_other_name, "another name"),
        (expired, trust_in_expired, "it has expired"),
    ] {
        let server = Server { tls: Some(tls), ..Server::with("201 Created", "", CREATED) };
        let url = format!("https://127.0.0.1:{}", server.start().await);
        let error = twilio(&url, "+15005550006", trust).deliver(&text("x")).await.unwrap_err();
        assert!(later(&error).unwrap().contains(part), "{error}");
        assert_eq!(server.requests(), Vec::<String>::new());
    }
    let server = Server { tls: Some(tls), ..Server::with("201 Created", "", CREATED) };
    let url = format!("https://127.0.0.1:{}", server.start().await);
    twilio(&url, "+15005550006", trust).deliver(&text("x")).await.unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn nobody_waits_while_a_gateway_s_request_has_the_certificates_read() {
    let name = "http::nobody_waits_while_a_gateway_s_request_has_the_certificates_read";
    let Some(pipe) = certificates_from_a_pipe(name).await else { return };
    let (tls, _) = certificate("127.0.0.1");
    let server = Server { tls: Some(tls), ..Server::with("201 Created", "", CREATED) };
    let url = format!("https://127.0.0.1:{}", server.start().await);
    let deliveries = twilio(&url, "+15005550006", Trust::System);
    let error = while_they_are_read(&pipe, deliveries.deliver(&text("x"))).await.unwrap_err();
    assert!(later(&error).unwrap().contains("its certificate is not accepted"), "{error}");
}
