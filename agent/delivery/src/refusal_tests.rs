//! Answers as servers write them, and the reaction to each: try again soon, try again once it can have been corrected,
//! or give up.

use super::*;

#[derive(Debug, PartialEq)]
enum Then {
    Soon,
    Mended,
    Never,
}

fn then(reply: &Reply, stage: Stage) -> Then {
    match (reply.is_for_good(stage), reply.is_permanent()) {
        (true, _) => Then::Never,
        (false, true) => Then::Mended,
        (false, false) => Then::Soon,
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_servers_write_is_told_apart_and_only_a_mailbox_that_is_not_there_is_given_up() {
    use Stage::{Connection, Data, Mail, Recipient, Sender, SignIn, StartTls};
    use Then::{Mended, Never, Soon};
    use cause as c;
    let to = "<jane.doe@example.org>";
    for (stage, code, text, cause, fate) in [
        // Postfix, with its usual restrictions one by one.
        (Recipient, 554, format!("5.7.1 {to}: Relay access denied"), &c::RELAYING, Mended),
        (Recipient, 454, format!("4.7.1 {to}: Relay access denied"), &c::RELAYING, Soon),
        (
            Recipient,
            550,
            format!("5.1.1 {to}: Recipient address rejected: User unknown in local recipient table"),
            &c::RECIPIENT,
            Never,
        ),
        (
            Recipient,
            553,
            "5.7.1 <a@example.org>: Sender address rejected: not owned by user sspr".into(),
            &c::SENDER_OF_ANOTHER,
            Mended,
        ),
        (
            Recipient,
            553,
            "5.7.1 <a@example.org>: Sender address rejected: not logged in".into(),
            &c::WANTS_SIGN_IN,
            Mended,
        ),
        (
            Recipient,
            450,
            "4.1.8 <a@example.invalid>: Sender address rejected: Domain not found".into(),
            &c::SENDER_DOMAIN,
            Soon,
        ),
        (
            Recipient,
            550,
            "5.1.8 <a@example.invalid>: Sender address rejected: Domain not found".into(),
            &c::SENDER_DOMAIN,
            Mended,
        ),
        (
            Recipient,
            504,
            "5.5.2 <no-reply@debian>: Sender address rejected: need fully-qualified address".into(),
            &c::SENDER_BARE,
            Mended,
        ),
        (
            Recipient,
            550,
            "5.1.0 <a@example.org>: Sender address rejected: User unknown in virtual mailbox table".into(),
            &c::SENDER,
            Mended,
        ),
        (
            Recipient,
            504,
            "5.5.2 <shell>: Helo command rejected: need fully-qualified hostname".into(),
            &c::GREETING,
            Mended,
        ),
        (Recipient, 450, "4.7.1 <shell.example.org>: Helo command rejected: Host not found".into(), &c::GREETING, Soon),
        (Recipient, 554, "5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied".into(), &c::CLIENT, Mended),
        (
            Recipient,
            450,
            "4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]".into(),
            &c::NAMELESS,
            Soon,
        ),
        (
            Recipient,
            554,
            "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org".into(),
            &c::LISTED,
            Mended,
        ),
        (
            Recipient,
            450,
            format!("4.2.0 {to}: Recipient address rejected: Greylisted, see postgrey.schweikert.ch"),
            &c::GREYLISTED,
            Soon,
        ),
        (Recipient, 451, "4.3.0 <a@example.org>: Temporary lookup failure".into(), &c::OWN_FAULT, Soon),
        (Recipient, 452, "4.3.1 Insufficient system storage".into(), &c::NO_ROOM, Soon),
        (Recipient, 452, format!("4.2.2 {to}: Mailbox is full"), &c::FULL, Soon),
        (Recipient, 552, format!("5.2.2 {to}: Mailbox is full"), &c::RECIPIENT, Never),
        (Sender, 552, "5.3.4 Message size exceeds fixed limit".into(), &c::SIZE, Mended),
        (Sender, 530, "5.7.0 Must issue a STARTTLS command first".into(), &c::WANTS_TLS, Mended),
        (Sender, 530, "5.7.0 Authentication required".into(), &c::WANTS_SIGN_IN, Mended),
        (Sender, 421, "4.7.0 mail.example.org Error: too many connections from 192.0.2.1".into(), &c::BUSY, Soon),
        (SignIn, 535, "5.7.8 Error: authentication failed: authentication failure".into(), &c::PASSWORD, Mended),
        (
            SignIn,
            454,
            "4.7.0 Temporary authentication failure: Connection lost to authentication server".into(),
            &c::SIGN_IN_FAILS,
            Soon,
        ),
        (StartTls, 454, "4.7.0 TLS not available due to local problem".into(), &c::TLS_FAILS, Soon),
        (Connection, 554, "5.5.0 no SMTP service here".into(), &c::CONNECTION, Mended),
        (Connection, 421, "4.3.2 All server ports are busy".into(), &c::BUSY, Soon),
        (Mail, 554, "5.7.1 Spam message rejected".into(), &c::SPAM, Mended),
        (Mail, 550, "5.7.1 Message content rejected, id=1".into(), &c::SPAM, Mended),
        (Mail, 552, "5.3.4 Error: message file too big".into(), &c::SIZE, Mended),
        // Exim.
        (Recipient, 550, "relay not permitted".into(), &c::RELAYING, Mended),
        (Recipient, 550, "Sender verify failed".into(), &c::SENDER, Mended),
        (Recipient, 550, "Unrouteable address".into(), &c::RECIPIENT_OR_RELAYING, Mended),
        (Recipient, 451, "Temporary local problem - please try later".into(), &c::OWN_FAULT, Soon),
        (Sender, 501, "<no-reply>: sender address must contain a domain".into(), &c::SENDER_BARE, Mended),
        (Connection, 501, "Syntactically invalid EHLO argument(s)".into(), &c::GREETING, Mended),
        (Connection, 421, "Too many concurrent SMTP connections; please try again later.".into(), &c::BUSY, Soon),
        (SignIn, 535, "Incorrect authentication data".into(), &c::PASSWORD, Mended),
        // OpenSMTPD.
        (Sender, 530, "5.5.1 Invalid command: Must issue an AUTH command first".into(), &c::WANTS_SIGN_IN, Mended),
        (Sender, 530, "5.5.1 Invalid command: Must issue a STARTTLS command first".into(), &c::WANTS_TLS, Mended),
        (Recipient, 550, format!("Invalid recipient: {to}"), &c::RECIPIENT_OR_RELAYING, Mended),
        (Sender, 452, "4.5.3 Too many recipients: Too many messages sent".into(), &c::BUSY, Soon),
        (Recipient, 421, "4.3.0 Temporary Error".into(), &c::BUSY, Soon),
        (SignIn, 535, "Authentication failed".into(), &c::PASSWORD, Mended),
        // spamd of OpenBSD.
        (Recipient, 451, "Temporary failure, please try again later.".into(), &c::GREYLISTED, Soon),
        // Exchange and large providers.
        (
            SignIn,
            535,
            "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.".into(),
            &c::SIGN_IN_OFF,
            Mended,
        ),
        (SignIn, 534, "5.7.9 Application-specific password required.".into(), &c::APPLICATION_PASSWORD, Mended),
        (SignIn, 504, "5.7.4 Unrecognized authentication type".into(), &c::OTHER_SIGN_IN, Mended),
        (Recipient, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain".into(), &c::RELAYING, Mended),
        (
            Mail,
            550,
            "5.7.60 SMTP; Client does not have permissions to send as this sender".into(),
            &c::SENDER_OF_ANOTHER,
            Mended,
        ),
        (
            Mail,
            554,
            "5.2.252 SendAsDenied; sspr@example.org not allowed to send as a@example.org".into(),
            &c::SENDER_OF_ANOTHER,
            Mended,
        ),
        (
            Mail,
            550,
            "5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy".into(),
            &c::UNPROVED,
            Mended,
        ),
        (
            Connection,
            550,
            "5.7.25 The IP address sending this message does not have a PTR record setup".into(),
            &c::NAMELESS,
            Mended,
        ),
        (
            Recipient,
            550,
            "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup".into(),
            &c::RECIPIENT,
            Never,
        ),
        (
            Mail,
            550,
            "5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour"
                .into(),
            &c::RECIPIENT,
            Mended,
        ),
        // Domino has a directory, which is not a block list.
        (Recipient, 550, format!("5.1.1 {to}... User not listed in Domino Directory"), &c::RECIPIENT, Never),
        (Recipient, 550, "5.7.1 192.0.2.1 is listed in bl.example.org".into(), &c::LISTED, Mended),
        // The number is about the mailbox, but the words are not.
        (Mail, 550, format!("5.1.1 {to}: no such user"), &c::RECIPIENT, Never),
        (Recipient, 550, format!("5.2.1 {to}: mailbox disabled"), &c::RECIPIENT, Never),
        (Mail, 550, "5.2.1 Message refused as spam".into(), &c::SPAM, Mended),
        (Recipient, 550, "5.1.1 192.0.2.1 is on our block list".into(), &c::LISTED, Mended),
        (Recipient, 550, "5.2.1 Authentication required".into(), &c::WANTS_SIGN_IN, Mended),
        (Recipient, 550, "5.2.1 rate limit reached, too many messages".into(), &c::BUSY, Mended),
        // Bare numbers, which may mean anything.
        (Sender, 554, "no".into(), &c::SENDER, Mended),
        (Recipient, 550, "no".into(), &c::RECIPIENT_OR_RELAYING, Mended),
        (Recipient, 550, "5.7.1 no".into(), &c::RELAYING, Mended),
        (Data, 554, "no".into(), &c::DATA, Mended),
        (Mail, 554, "no".into(), &c::MAIL, Mended),
        (Mail, 451, "no".into(), &c::OWN_FAULT, Soon),
    ] {
        let reply = Reply::new(code, &text);
        assert_eq!((reply.cause(stage), then(&reply, stage)), (cause, fate), "{stage:?} {code} {text}");
    }
}

#[test]
fn an_address_in_an_answer_decides_nothing() {
    for address in ["relay@spf.example.org", "spam-dkim@helo.example.org", "sender address@greylist.example.org"] {
        let reply = Reply::new(550, &format!("5.1.1 <{address}>: no such user here"));
        assert_eq!(reply.cause(Stage::Recipient), &cause::RECIPIENT, "{address}");
    }
}
