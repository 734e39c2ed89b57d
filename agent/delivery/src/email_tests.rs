//! Mails as bytes, and the valid settings.

use std::time::{Duration, UNIX_EPOCH};

use zeroize::Zeroizing;

use super::{super::Content, *};

fn message(subject: &str, text: &str, html: Option<&str>) -> Message {
    Message {
        id: "dialogue-1".into(),
        at: UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        code: None,
        content: Content::Mail {
            to: EmailAddress::parse("jane.doe@example.org").unwrap(),
            subject: subject.into(),
            text: Zeroizing::new(text.into()),
            html: html.map(|html| Zeroizing::new(html.into())),
        },
        known: None,
    }
}

fn bytes(message: &Message) -> String {
    let from = sender("Password reset <no-reply@shell.example.org>").unwrap();
    String::from_utf8(compose(&from, message, "00ff").unwrap().formatted()).unwrap()
}

/// The header's fields, unfolded.
fn fields(mail: &str) -> Vec<(String, String)> {
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.split("\r\n").map(|line| line.split_once(": ").unwrap()).map(|(n, v)| (n.into(), v.into())).collect()
}

#[test]
fn a_mail_has_every_header_that_a_machine_s_mail_should_have_and_no_other() {
    let mail = bytes(&message("Your code", "The code is 042042.\n", Some("<p>The code is 042042.</p>")));
    let fields = fields(&mail);
    let get = |name: &str| {
        let mut of_name = fields.iter().filter(|(n, _)| n == name);
        let value = of_name.next().unwrap_or_else(|| panic!("no {name} in {fields:?}")).1.clone();
        assert_eq!(of_name.next(), None, "{name} twice");
        value
    };
    assert_eq!(get("From"), "\"Password reset\" <no-reply@shell.example.org>");
    assert_eq!(get("To"), "jane.doe@example.org");
    assert_eq!(get("Subject"), "Your code");
    assert_eq!(get("Date"), "Tue, 14 Nov 2023 22:13:20 +0000");
    assert_eq!(get("Message-ID"), "<dialogue-1.00ff@shell.example.org>");
    assert_eq!(get("Auto-Submitted"), "auto-generated");
    assert_eq!(get("MIME-Version"), "1.0");
    assert!(get("Content-Type").starts_with("multipart/alternative;"));
    assert_eq!(fields.len(), 8, "{fields:?}");
    let plain = mail.find("Content-Type: text/plain; charset=utf-8").unwrap();
    let html = mail.find("Content-Type: text/html; charset=utf-8").unwrap();
    assert!(plain < html, "the last part is the one that is shown");
    assert_eq!(mail.matches("The code is 042042.").count(), 2);
}

#[test]
fn nothing_in_a_subject_or_an_id_starts_a_header_of_its_own() {
    for attack in
        ["x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\rBcc: eve@example.org", "x\u{85}\0\x1b[2J"]
    {
        let mut message = message(attack, "text", None);
        message.id = format!("id> {attack}");
        let mail = bytes(&message);
        assert!(!fields(&mail).iter().any(|(name, _)| name == "Bcc"), "{mail}");
        assert!(!mail.contains(['\0', '\x1b']), "{mail:?}");
        assert_eq!(mail.matches("\r\n\r\n").count(), 1, "{mail:?}");
        let from = sender("no-reply@example.org").unwrap();
        let composed = compose(&from, &message, "0").unwrap();
        assert_eq!(
            composed.envelope().to().iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["jane.doe@example.org"]
        );
    }
}

#[test]
fn any_language_arrives_over_servers_that_take_seven_bits() {
    let mail = bytes(&message("確認コード", "コードは 042042 です。\n.\n.hidden\n", Some("<p>コード</p>")));
    assert!(mail.is_ascii());
    assert!(mail.split("\r\n").all(|line| line.len() <= 998 && !line.contains('\n')), "{mail}");
    assert!(mail.contains("Subject: =?utf-8?b?"), "{mail}");
}

#[test]
fn a_server_is_named_by_scheme_host_and_port() {
    let named = |url: &str| server(url);
    assert_eq!(named("smtp://mail.example.org"), Some((Security::StartTls, "mail.example.org".into(), 587)));
    assert_eq!(named("smtp://mail.example.org:25"), Some((Security::StartTls, "mail.example.org".into(), 25)));
    assert_eq!(named("smtps://mail.example.org."), Some((Security::Tls, "mail.example.org".into(), 465)));
    assert_eq!(named("smtps://[2001:db8::1]:4465"), Some((Security::Tls, "2001:db8::1".into(), 4465)));
    assert_eq!(named("smtp+plain://127.0.0.1"), Some((Security::Plain, "127.0.0.1".into(), 25)));
    for url in [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://:25",
        "smtp://mail.example.org:",
        "smtp://mail.example.org:0",
        "smtp://mail.example.org:65536",
        "smtp://mail.example.org:25/x",
        "smtp://[::1",
        "smtp://[::1]25",
        "smtp://mail example.org",
        "smtp://ma\nil.example.org",
    ] {
        assert_eq!(named(url), None, "{url}");
    }
}

#[test]
fn a_sender_is_an_address_with_or_without_a_name() {
    for (text, address) in [
        ("no-reply@example.org", "no-reply@example.org"),
        ("Password reset <no-reply@example.org>", "no-reply@example.org"),
        ("\"Help, desk\" <help@example.org>", "help@example.org"),
        ("sspr@localhost", "sspr@localhost"),
    ] {
        assert_eq!(sender(text).unwrap_or_else(|| panic!("{text}")).email.to_string(), address);
    }
    for text in
        ["", "nobody", "a@example.org, b@example.org", "A <a@example.org> <b@example.org>", "a@", "ä@example.org"]
    {
        assert!(sender(text).is_none(), "{text}");
    }
}

#[tokio::test]
async fn a_host_name_that_smtp_could_misread_is_not_said() {
    for name in ["", "a b.example.org", "a\r\nMAIL FROM:<x@example.org>", "über.example.org"] {
        let said = Greeting::new(name).from("192.0.2.1:25".parse().unwrap()).await;
        assert_eq!(said.to_string(), "[192.0.2.1]", "{name:?}");
    }
}
