//! Mail servers: with TLS, without, with the wrong certificate, and with bad manners.

mod server;

use std::time::{Duration, Instant};

use sspr_core::contact::EmailAddress;
use sspr_delivery::{Content, DeliveryError, Message, Trust, fix};
use tokio::net::TcpListener;

pub(crate) use server::Server;
use server::login;

use crate::support::{
    ADDRESS, CODE, certificate, certificates_from_a_pipe, deliveries, expired_certificate, later, mail, never,
    tells_nothing, unsure, while_they_are_read,
};

#[tokio::test]
async fn a_mail_goes_out_over_starttls_with_the_password_inside_only() {
    let (tls, trust) = certificate("127.0.0.1");
    let server = Server { tls: Some(tls), offers_starttls: true, offers_auth: true, ..Server::default() };
    let receipt = server.mail_by("smtp", &login(), trust).await.unwrap();
    assert_eq!(receipt.gateway, "smtp");
    let heard = server.heard();
    let order = [
        "EHLO shell.example.org",
        "STARTTLS",
        "EHLO",
        "AUTH PLAIN AHNzcHIAczNjcmV0",
        "MAIL FROM:<no-reply@example.org>",
    ];
    let mut rest = heard.as_str();
    for command in order {
        rest = rest.split_once(command).unwrap_or_else(|| panic!("no {command} in its place: {heard}")).1;
    }
    assert!(
        rest.contains(&format!("RCPT TO:<{ADDRESS}>")) && rest.contains(CODE) && rest.contains("Auto-Submitted"),
        "{rest}"
    );
}

#[tokio::test]
async fn a_mail_goes_out_over_tls_from_the_first_byte() {
    let (tls, trust) = certificate("127.0.0.1");
    let server = Server { tls: Some(tls), implicit: true, offers_auth: true, ..Server::default() };
    server.mail_by("smtps", &login(), trust).await.unwrap();
    assert!(server.heard().contains(CODE));
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_password_nor_mail() {
    let server = Server { offers_auth: true, ..Server::default() };
    let error = server.mail_by("smtp", &login(), Trust::System).await.unwrap_err();
    assert!(later(&error).unwrap().contains("doesn't offer STARTTLS"), "{error}");
    let heard = server.heard();
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL") && !heard.contains(CODE), "{heard}");
}

/// CVE-2011-0411 and similar: plain text from before the handshake passes for the server's words inside TLS.
#[tokio::test]
async fn lines_that_somebody_on_the_way_puts_behind_starttls_do_not_pass_for_the_servers_answers() {
    let (tls, trust) = certificate("127.0.0.1");
    for put in [
        "220 go on\r\n250-mail.example.org\r\n250 AUTH PLAIN LOGIN\r\n",
        "220 go on\r\n250 mail.example.org\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n221 bye\r\n",
        "220-go\r\n220 on\r\n250",
        "220 go on\r\n\r\n",
    ] {
        let login = if put.contains("AUTH") { login() } else { String::new() };
        let server = Server { to_starttls: Some(put), ..Server::with_starttls(tls.clone()) };
        let error = server.mail_by("smtp", &login, trust.clone()).await.unwrap_err();
        assert!(later(&error).is_some(), "{put:?}: {error}");
        let heard = server.heard();
        assert!(heard.ends_with("STARTTLS"), "{put:?}: nothing is said after it: {heard}");
    }
}

#[tokio::test]
async fn a_wrong_certificate_is_refused_before_anything_is_said() {
    let (own, trust) = certificate("127.0.0.1");
    let (other_name, trust_in_other_name) = certificate("mail.example.org");
    let (expired, trust_in_expired) = expired_certificate("127.0.0.1");
    for (implicit, scheme) in [(true, "smtps"), (false, "smtp")] {
        for (tls, trust, part) in [
            (own.clone(), Trust::System, "nobody but the server itself vouches for it"),
            (own.clone(), trust_in_other_name.clone(), "doesn't trust who issued it"),
            (other_name.clone(), trust_in_other_name.clone(), "another name"),
            (other_name.clone(), trust.clone(), "not accepted"),
            (expired.clone(), trust_in_expired.clone(), "it has expired"),
        ] {
            let server =
                Server { tls: Some(tls), implicit, offers_starttls: true, offers_auth: true, ..Server::default() };
            let error = server.mail_by(scheme, &login(), trust).await.unwrap_err();
            assert!(later(&error).unwrap().contains(part), "{scheme}: {error}");
            let heard = server.heard();
            assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
        }
    }
}

#[tokio::test]
async fn refusals_are_told_apart_by_their_number_alone() {
    for (reply, expected_never) in [
        ("450 4.2.1 jane.doe@example.org mailbox busy\r\n", false),
        ("452-4.3.1 leaked\r\n452 4.3.1 leaked\r\n", false),
        ("550 5.1.1 <jane.doe@example.org> unknown\r\n", true),
        ("550 5.2.1 jane.doe@example.org disabled\r\n", true),
        // Exim and OpenSMTPD also say this to a client that is not allowed to send.
        ("553 leaked 042042\r\n", false),
        ("550 5.1.0 leaked\r\n", false),
    ] {
        for server in
            [Server { to_rcpt: Some(reply), ..Server::default() }, Server { to_mail: Some(reply), ..Server::default() }]
        {
            let error = server.mail_by("smtp+plain", "", Trust::System).await.unwrap_err();
            assert_eq!(never(&error).is_some(), expected_never, "{reply}: {error}");
            assert!(error.to_string().contains(&reply[..3]), "{error}");
            assert!(server.heard().ends_with("QUIT"), "{}", server.heard());
        }
    }
    let spam = Server { to_mail: Some("554 5.7.1 leaked\r\n"), ..Server::default() };
    let error = spam.mail_by("smtp+plain", "", Trust::System).await.unwrap_err();
    assert!(later(&error).unwrap().ends_with("refused the mail (554)"), "{error}");
}

#[tokio::test]
async fn what_an_administrator_can_mend_does_not_end_a_mail() {
    let reply = Some("550 5.1.0 jane.doe@example.org leaked\r\n");
    let no = Some("554 jane.doe@example.org leaked\r\n");
    let rcpt = |reply| Server { to_rcpt: Some(reply), ..Server::default() };
    for (server, part) in [
        (Server { greeting: no, ..Server::default() }, "refused the connection (554)"),
        (Server { to_ehlo: no, ..Server::default() }, "refused the connection (554)"),
        (Server { to_from: no, ..Server::default() }, "refused the sender, the address in [email] from (554)"),
        (Server { to_from: reply, ..Server::default() }, "the address in [email] from (550)"),
        (Server { to_data: no, ..Server::default() }, "refused to begin with the mail (554)"),
        // Delayed until the recipient is known.
        (
            rcpt("504 5.5.2 <shell>: Helo command rejected: need fully-qualified hostname\r\n"),
            "refused the name that it was greeted with, shell.example.org (504)",
        ),
        (rcpt("550 5.1.0 <a@example.org>: Sender address rejected\r\n"), "the address in [email] from (550)"),
        (rcpt("550 leaked\r\n"), "refused the recipient, or to send for this machine (550)"),
        (rcpt("550 relay not permitted\r\n"), "sends nothing on for this machine (relaying) (550)"),
        (rcpt("554 5.7.1 <jane.doe@example.org>: Relay access denied\r\n"), "(relaying) (554)"),
        (rcpt("530 leaked\r\n"), "wants a user name and a password first (530)"),
        (rcpt("530-5.7.0 leaked\r\n530 5.7.0 leaked\r\n"), "wants a user name and a password first (530)"),
    ] {
        let error = server.mail_by("smtp+plain", "", Trust::System).await.unwrap_err();
        assert!(later(&error).is_some_and(|why| why.contains(part)), "{error:?}");
        assert!(!server.heard().contains(CODE), "{}", server.heard());
    }
}

/// A bare refusal may concern this address or this machine. The difference is whether the server accepts mail for
/// another.
#[tokio::test]
async fn a_recipient_alone_is_refused_where_the_server_takes_mail_for_one_that_is_known() {
    let known = "carol@example.net";
    let replies = [
        "550 leaked\r\n",
        "550 5.1.0 leaked\r\n",
        "554 5.7.1 <jane.doe@example.org>: Relay access denied\r\n",
        "450 4.1.2 leaked\r\n",
    ];
    for reply in replies {
        for (takes, with_known, alone) in [
            (Some(known), true, true),
            (None, true, false),
            // No other mailbox is known, or the server accepts mail only for others.
            (Some(known), false, false),
            (Some("dan@example.net"), true, false),
        ] {
            let server = Server { to_rcpt: Some(reply), takes, ..Server::default() };
            let message = Message { known: with_known.then(|| EmailAddress::parse(known).unwrap()), ..mail() };
            let error = server.by("smtp+plain", "", Trust::System, &message).await.unwrap_err();
            let is_alone = matches!(error, DeliveryError::Recipient { .. });
            assert_eq!(is_alone, alone, "{reply} {takes:?} {with_known}: {error:?}");
            assert!(alone || later(&error).is_some(), "{error:?}");
            tells_nothing(&error);
            let heard = server.heard();
            assert!(!heard.contains("DATA") && heard.ends_with("QUIT"), "no mail goes to who is known: {heard}");
            assert_eq!(heard.contains(known), with_known, "{heard}");
        }
    }
    // A server that accepts the mail is not asked anything else.
    let server = Server::default();
    let message = Message { known: Some(EmailAddress::parse(known).unwrap()), ..mail() };
    server.by("smtp+plain", "", Trust::System, &message).await.unwrap();
    assert!(!server.heard().contains(known), "{}", server.heard());
    // A refusal that is clearly about the mailbox is final without a comparison.
    let server = Server { to_rcpt: Some("550 5.1.1 leaked\r\n"), takes: Some(known), ..Server::default() };
    let error = server.by("smtp+plain", "", Trust::System, &message).await.unwrap_err();
    assert!(never(&error).is_some(), "{error:?}");
}

#[tokio::test]
async fn nobody_waits_while_a_mail_has_the_certificates_read() {
    let name = "smtp::nobody_waits_while_a_mail_has_the_certificates_read";
    let Some(pipe) = certificates_from_a_pipe(name).await else { return };
    let (tls, _) = certificate("127.0.0.1");
    for (implicit, scheme) in [(true, "smtps"), (false, "smtp")] {
        let server = Server { tls: Some(tls.clone()), implicit, offers_starttls: true, ..Server::default() };
        let sent = server.mail_by(scheme, "", Trust::System);
        let error = while_they_are_read(&pipe, sent).await.unwrap_err();
        assert!(later(&error).unwrap().contains("its certificate is not accepted"), "{scheme}: {error}");
    }
}

#[tokio::test]
async fn a_refused_password_is_called_that() {
    let (tls, trust) = certificate("127.0.0.1");
    let server = Server {
        tls: Some(tls),
        offers_starttls: true,
        offers_auth: true,
        to_auth: Some("535 5.7.8 leaked\r\n"),
        ..Server::default()
    };
    let error = server.mail_by("smtp", &login(), trust.clone()).await.unwrap_err();
    assert!(later(&error).unwrap().contains("the user name or the password (535)"), "{error}");
    let server = Server { offers_auth: false, to_auth: None, ..server };
    let error = server.mail_by("smtp", &login(), trust).await.unwrap_err();
    assert!(later(&error).unwrap().contains("it offers no way to sign in"), "{error}");
}

#[tokio::test]
async fn a_server_that_knows_other_ways_to_sign_in_is_said_to_with_their_names() {
    for (offered, named) in [
        ("250-mail\r\n250 AUTH SCRAM-SHA-256 XOAUTH2\r\n", "than PLAIN and LOGIN: SCRAM-SHA-256, XOAUTH2"),
        ("250-mail\r\n250 auth leaked-042042\r\n", "other ways to sign in than PLAIN and LOGIN"),
        ("250-mail\r\n250 AUTH=GSSAPI\r\n", "than PLAIN and LOGIN: GSSAPI"),
    ] {
        let server = Server { to_ehlo: Some(offered), ..Server::default() };
        let error = server.mail_by("smtp+plain", &login(), Trust::System).await.unwrap_err();
        assert!(later(&error).unwrap().ends_with(named), "{error}");
        assert!(fix(&error.to_string()).unwrap().contains("OAuth"), "{error}");
        assert!(!server.heard().contains("MAIL"), "{}", server.heard());
    }
}

#[tokio::test]
async fn a_port_that_speaks_tls_otherwise_than_the_settings_say_is_told_with_the_scheme_to_write() {
    let (tls, trust) = certificate("127.0.0.1");
    let server = Server { tls: Some(tls), implicit: true, ..Server::default() };
    let error = server.mail_by("smtp", "", trust.clone()).await.unwrap_err();
    assert!(later(&error).unwrap().contains("it speaks TLS from the first byte here"), "{error}");
    assert!(fix(&error.to_string()).unwrap().contains("write smtps://"), "{error}");
    // Also if its certificate is not trusted.
    let error = server.mail_by("smtp", "", Trust::System).await.unwrap_err();
    assert!(later(&error).unwrap().contains("it speaks TLS from the first byte here"), "{error}");

    let server = Server::default();
    let error = server.mail_by("smtps", "", trust).await.unwrap_err();
    assert!(later(&error).unwrap().contains("it doesn't speak TLS here"), "{error}");
    assert!(fix(&error.to_string()).unwrap().contains("write smtp://"), "{error}");
}

#[tokio::test]
async fn an_address_that_a_carrier_gave_out_goes_to_the_server_in_quotes() {
    let server = Server::default();
    let mut mail = mail();
    if let Content::Mail { to, .. } = &mut mail.content {
        *to = EmailAddress::parse("jane..doe.@docomo.ne.jp").unwrap();
    }
    let settings = server.settings_without_password("smtp+plain").await;
    deliveries(&settings, Trust::System).deliver(&mail).await.unwrap();
    let heard = server.heard();
    assert!(heard.contains("RCPT TO:<\"jane..doe.\"@docomo.ne.jp>"), "{heard}");
    assert!(heard.contains("To: \"jane..doe.\"@docomo.ne.jp\r\n"), "{heard}");
}

#[tokio::test]
async fn a_server_that_talks_nonsense_is_tried_again_later() {
    let endless: &'static str = "220-leaked\r\n".repeat(100_000).leak();
    let one_line: &'static str = "2".repeat(5_000_000).leak();
    for greeting in ["HTTP/1.1 400 leaked\r\n\r\n", "\r\n", "220", "\u{0}\u{1}leaked\r\n", endless, one_line] {
        let server = Server { greeting: Some(greeting), ..Server::default() };
        let error = server.mail_by("smtp+plain", "", Trust::System).await.unwrap_err();
        assert!(later(&error).is_some(), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_ends_at_the_deadline() {
    for verb in ["EHLO", "RCPT", "DATA"] {
        let server = Server { hangs_after: Some(verb), ..Server::default() };
        let begun = Instant::now();
        let error = server.mail_by("smtp+plain", "", Trust::System).await.unwrap_err();
        assert!(later(&error).unwrap().contains("not done within [email] timeout (2s)"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_server_that_has_the_mail_and_does_not_say_what_becomes_of_it_may_have_delivered_it() {
    let server = Server { hangs_with_the_mail: true, ..Server::default() };
    let error = server.mail_by("smtp+plain", "", Trust::System).await.unwrap_err();
    assert!(unsure(&error) && error.to_string().contains("may have been sent"), "{error}");
    assert!(server.heard().contains(CODE));
}

#[tokio::test]
async fn a_server_is_greeted_with_a_full_name_or_with_the_address_that_it_is_called_from() {
    for (host_name, said) in
        [("", "EHLO shell.example.org"), ("host_name = \"no-such-name-anywhere\"", "EHLO [127.0.0.1]")]
    {
        let server = Server::default();
        server.mail_by("smtp+plain", host_name, Trust::System).await.unwrap();
        assert!(server.heard().contains(said), "{}", server.heard());
    }
}

#[tokio::test]
async fn a_server_that_says_one_byte_now_and_then_ends_at_the_deadline_too() {
    let server = Server { drips: true, ..Server::default() };
    let begun = Instant::now();
    let error = server.mail_by("smtp+plain", "", Trust::System).await.unwrap_err();
    assert!(later(&error).unwrap().contains("not done within [email] timeout"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_mail_that_was_taken_counts_though_the_server_never_says_goodbye() {
    let server = Server { hangs_after: Some("QUIT"), ..Server::default() };
    server.mail_by("smtp+plain", "", Trust::System).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_later() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let deliveries = deliveries(
        &format!("[email]\ngateway = \"smtp\"\nsmtp = \"smtp://127.0.0.1:{port}\"\nfrom = \"a@example.org\""),
        Trust::System,
    );
    let error = deliveries.deliver(&mail()).await.unwrap_err();
    assert!(later(&error).unwrap().contains("refused"), "{error}");
}
