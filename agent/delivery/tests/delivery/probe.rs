//! Gateways that are asked whether they would accept a message, but get none.

use std::time::Duration;

use sspr_config::settings::Method;
use sspr_core::contact::EmailAddress;
use sspr_delivery::{Probed, Trust};

use crate::{
    http, smtp,
    support::{ADDRESS, certificate, deliveries, later, tells_nothing},
};

const LOOK: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_mail_server_is_told_an_address_where_one_is_given_and_gets_no_mail() {
    let to = EmailAddress::parse(ADDRESS).unwrap();
    let server = smtp::Server::default();
    let mail = deliveries(&server.settings_without_password("smtp+plain").await, Trust::System);
    assert_eq!(mail.probe(Method::Email, Some(&to), LOOK).await, Ok(Probed::Accepted));
    let heard = server.heard();
    assert!(heard.contains("RCPT TO:<jane.doe@example.org>") && heard.ends_with("QUIT"), "{heard}");
    assert!(!heard.contains("DATA"), "{heard}");

    let mut server = smtp::Server::default();
    server.to_rcpt = Some("554 5.7.1 <leaked>: Relay access denied\r\n");
    let mail = deliveries(&server.settings_without_password("smtp+plain").await, Trust::System);
    let error = mail.probe(Method::Email, Some(&to), LOOK).await.unwrap_err();
    assert!(later(&error).unwrap().contains("sends nothing on for this machine"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_reached_and_not_ready_is_slow_and_no_fault() {
    let mut server = smtp::Server::default();
    server.hangs_after = Some("EHLO");
    let mail = deliveries(&server.settings_without_password("smtp+plain").await, Trust::System);
    assert_eq!(mail.probe(Method::Email, None, Duration::from_millis(500)).await, Ok(Probed::Slow));
}

#[tokio::test]
async fn a_mail_server_is_signed_in_to_and_gets_no_mail() {
    let (tls, trust) = certificate("127.0.0.1");
    let server = smtp::Server::with_starttls(tls);
    let mail = deliveries(&server.settings("smtp").await, trust);
    assert_eq!(mail.probe(Method::Email, None, LOOK).await, Ok(Probed::Accepted));
    let heard = server.heard();
    assert!(heard.contains("AUTH PLAIN") && heard.contains("QUIT") && !heard.contains("MAIL"), "{heard}");
}

#[tokio::test]
async fn a_wrong_password_an_untrusted_certificate_and_a_server_that_is_not_there_are_told_apart() {
    let (tls, trust) = certificate("127.0.0.1");
    let mut server = smtp::Server::with_starttls(tls.clone());
    server.to_auth = Some("535 no\r\n");
    let error =
        deliveries(&server.settings("smtp").await, trust.clone()).probe(Method::Email, None, LOOK).await.unwrap_err();
    assert!(later(&error).unwrap().contains("refused the user name or the password (535)"), "{error}");
    tells_nothing(&error);

    let server = smtp::Server::with_starttls(tls);
    let error =
        deliveries(&server.settings("smtp").await, Trust::System).probe(Method::Email, None, LOOK).await.unwrap_err();
    assert!(later(&error).unwrap().contains("its certificate is not accepted"), "{error}");

    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings =
        format!("[email]\ngateway = \"smtp\"\nsmtp = \"smtp://127.0.0.1:{gone}\"\nfrom = \"a@example.org\"\n");
    let error = deliveries(&settings, trust).probe(Method::Email, None, LOOK).await.unwrap_err();
    assert!(later(&error).unwrap().contains("Connection refused"), "{error}");
}

#[tokio::test]
async fn twilio_is_asked_for_the_account_and_nothing_is_sent() {
    for (status, body, want) in [
        ("200 OK", r#"{"status": "active"}"#, None),
        ("200 OK", r#"{"status": "suspended"}"#, Some("suspended or closed")),
        ("200 OK", "<html>", Some("is the url right")),
        ("401 Unauthorized", r#"{"code": 20003}"#, Some("is the account or the token right")),
    ] {
        let server = http::Server::with(status, "", body);
        let outcome = server.twilio().await.probe(Method::Phone, None, LOOK).await;
        match want {
            None => assert_eq!(outcome, Ok(Probed::Accepted)),
            Some(want) => assert!(later(outcome.as_ref().unwrap_err()).unwrap().contains(want), "{outcome:?}"),
        }
        let requests = server.requests();
        assert!(
            requests.iter().all(|r| r.starts_with("GET /2010-04-01/Accounts/AC00000000000000000000000000000000.json")),
            "{requests:?}"
        );
    }
}

#[tokio::test]
async fn a_program_must_be_there() {
    for (program, there) in [("/bin/true", true), ("/nonexistent/send", false), ("/etc/passwd", false)] {
        let settings = format!("[phone]\ngateway = \"command\"\n[phone.command]\nargv = [{program:?}, \"{{to}}\"]\n");
        assert_eq!(
            deliveries(&settings, Trust::System).probe(Method::Phone, None, LOOK).await.is_ok(),
            there,
            "{program}"
        );
    }
}
