//! The texts of messages. Names and places are inserted without control characters; the mail library protects headers.

use std::time::{Duration, UNIX_EPOCH};

use jiff::{Timestamp, tz::TimeZone};
use sspr_config::dialogue::Purpose;
use zeroize::Zeroizing;

use crate::{
    clock::Time,
    contact::Contact,
    delivery::{Content, Message, Spoken},
    error::Result,
    machines,
    methods::{self, Named},
    notifications::{About, Changed},
    outbox::{Code, Notification, NotificationKind, OutboxMessage},
    snapshot::Snapshot,
    store::outbox::Waiting,
    texts::Texts,
};

/// The most characters of a text message with the help desk's line: two parts in the alphabet of GSM.
const SHORT_MAX: usize = 306;

/// The message for `queued`, to `contact`.
pub(crate) async fn render(
    agent: &Snapshot,
    texts: &Texts,
    queued: &OutboxMessage,
    contact: Contact,
    waiting: &Waiting,
) -> Result<Message> {
    let host = machines::of_account(agent, queued.account()).await?;
    Ok(match queued {
        OutboxMessage::Code(code) => self::code(&host, texts, code, contact, waiting),
        OutboxMessage::Notification(notification) => {
            self::notification(agent, &host, texts, notification, contact, waiting)
        }
    })
}

fn code(host: &str, texts: &Texts, code: &Code, contact: Contact, waiting: &Waiting) -> Message {
    let account = plain(&code.name);
    let until = clock(waiting.not_after, "%H:%M %Z");
    let values = [
        ("code", code.code.as_str().into()),
        ("account", account.as_str().into()),
        ("host", host.into()),
        ("until", until.as_str().into()),
    ];
    let (text, short) = match Purpose::from_word(&code.purpose) {
        Some(Purpose::Register) => (texts.say("mail-code-register", &values), texts.say("text-code-register", &values)),
        Some(Purpose::Enroll) => (texts.say("mail-code-enroll", &values), texts.say("text-code-enroll", &values)),
        Some(Purpose::Desk) => (texts.say("mail-code-desk", &values), texts.say("text-code-desk", &values)),
        _ => (texts.say("mail-code-recover", &values), texts.say("text-code-recover", &values)),
    };
    let subject = texts.say("mail-code-subject", &values);
    let call = match &contact {
        Contact::Phone(to) if code.voice => {
            let spoken = Spoken {
                language: texts.say("call-language", &[]),
                opening: texts.say("call-opening", &values),
                code: code.code.clone(),
                again: texts.say("call-again", &[]),
                closing: texts.say("call-closing", &[]),
            };
            Some(Content::Call { to: to.clone(), spoken })
        }
        _ => None,
    };
    let mut message = message(contact, subject, text, short, waiting);
    if let Some(call) = call {
        message.content = call;
    }
    message.code = Some(code.code.clone());
    message
}

/// Where a change came from: an address, a terminal, or a shell, which is this machine's or that of a host of the fleet.
fn place(texts: &Texts, source: &str) -> String {
    match source.strip_prefix("uid ").map(|shell| shell.split_once(' ')) {
        None => plain(source),
        Some(None) => texts.say("text-source-shell", &[]),
        Some(Some((_, host))) => plain(host.trim_matches(['(', ')'])),
    }
}

fn notification(
    agent: &Snapshot,
    host: &str,
    texts: &Texts,
    notification: &Notification,
    contact: Contact,
    waiting: &Waiting,
) -> Message {
    let (account, service) = (plain(&notification.name), plain(&notification.service));
    let source = place(texts, &notification.source);
    let when = clock(notification.at, &format!("{} %H:%M %Z", texts.say("date-format", &[])));
    let change = notification.change.as_ref().map_or_else(String::new, |change| changed(texts, change));
    let values = [
        ("change", change.as_str().into()),
        ("account", account.as_str().into()),
        ("host", host.into()),
        ("when", when.as_str().into()),
        ("service", service.as_str().into()),
        ("source", source.as_str().into()),
    ];
    let (subject, mut text, mut short) = match notification.kind {
        NotificationKind::Recovered => (
            texts.say("mail-recovered-subject", &values),
            texts.say("mail-recovered", &values),
            texts.say("text-recovered", &values),
        ),
        NotificationKind::Unlocked => (
            texts.say("mail-unlocked-subject", &values),
            texts.say("mail-unlocked", &values),
            texts.say("text-unlocked", &values),
        ),
        NotificationKind::ContactChanged => (
            texts.say("mail-contact-changed-subject", &values),
            texts.say("mail-contact-changed", &values),
            texts.say("text-contact-changed", &values),
        ),
        NotificationKind::Blocked => (
            texts.say("mail-blocked-subject", &values),
            texts.say("mail-blocked", &values),
            texts.say("text-blocked", &values),
        ),
        // Mail only; a short form is never asked for.
        NotificationKind::AdminRecovered => (
            texts.say("mail-admin-recovered-subject", &values),
            texts.say("mail-admin-recovered", &values),
            texts.say("mail-admin-recovered-subject", &values),
        ),
        NotificationKind::ManyFailures => (
            texts.say("mail-many-failures-subject", &values),
            texts.say("mail-many-failures", &values),
            texts.say("mail-many-failures-subject", &values),
        ),
        NotificationKind::FailuresAtSource => (
            texts.say("mail-failures-at-source-subject", &values),
            texts.say("mail-failures-at-source", &values),
            texts.say("mail-failures-at-source-subject", &values),
        ),
    };
    // A user who did not do it needs to know whom to call. Administrators are the ones whom that line names.
    if let Some(help) = agent.settings.helpdesk.text.as_deref().filter(|_| notification.kind.is_to_the_user()) {
        text = format!("{text}\n{help}");
        // A gateway may refuse a longer message, and the owner has to be notified.
        if short.chars().count() + help.chars().count() < SHORT_MAX {
            short = format!("{short} {help}");
        }
    }
    message(contact, subject, text, short, waiting)
}

/// One sentence about a change.
fn changed(texts: &Texts, change: &Changed) -> String {
    let about =
        |About { method, masked }: &About| methods::with_contact(texts, Named::of(*method).about, masked.as_deref());
    match change {
        Changed::Added(what) => texts.say("text-change-added", &[("what", about(what).as_str().into())]),
        Changed::Announced(what, from) => texts.say(
            "text-change-announced",
            &[
                ("what", about(what).as_str().into()),
                ("from", clock(*from, &texts.say("date-format", &[])).as_str().into()),
            ],
        ),
        Changed::Removed(what) => texts.say("text-change-removed", &[("what", about(what).as_str().into())]),
        Changed::Preferred(what) => texts.say("text-change-preferred", &[("what", about(what).as_str().into())]),
        Changed::Codes => texts.say("text-change-codes", &[]),
        Changed::Everything => texts.say("text-change-everything", &[]),
    }
}

fn message(contact: Contact, subject: String, text: String, short: String, waiting: &Waiting) -> Message {
    let content = if let Contact::Email(to) = contact {
        let html = Some(Zeroizing::new(html(&text)));
        Content::Mail { to, subject, text: Zeroizing::new(text + "\n"), html }
    } else {
        Content::Text { to: contact, text: Zeroizing::new(short) }
    };
    let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(waiting.created).unwrap_or_default());
    Message { id: format!("{}-{}", waiting.created, waiting.id), at, code: None, content, known: None }
}

/// An administrator's test message. Setup's has the `code` that it asks for.
pub(crate) fn test(texts: &Texts, host: &str, contact: Contact, code: Option<&str>) -> Content {
    let values = [("host", host.into())];
    match (contact, code) {
        (Contact::Email(to), Some(code)) => Content::Mail {
            to,
            subject: format!("Test mail of password reset on {host}"),
            text: Zeroizing::new(format!(
                "{code} is the code that sspr setup on {host} asks for.\n\nThis mail shows that codes for password reset \
                 arrive. If you did not run\nsspr setup, somebody typed your address by mistake; nothing needs to be done.\n"
            )),
            html: None,
        },
        (Contact::Email(to), None) => Content::Mail {
            to,
            subject: texts.say("mail-test-subject", &values),
            text: Zeroizing::new(texts.say("mail-test", &values) + "\n"),
            html: None,
        },
        (to, _) => Content::Text { to, text: Zeroizing::new(texts.say("text-test", &values)) },
    }
}

/// The plain text as HTML: paragraphs, and nothing that a mail reader would have to load.
fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let paragraphs: Vec<String> =
        escaped.split("\n\n").map(|p| format!("<p>{}</p>", p.replace('\n', "<br>\n"))).collect();
    let paragraphs = paragraphs.join("\n");
    format!("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head>\n<body>\n{paragraphs}\n</body></html>\n")
}

/// A time in the format of this machine.
fn clock(time: Time, format: &str) -> String {
    Timestamp::from_second(time)
        .map_or_else(|_| time.to_string(), |at| at.to_zoned(TimeZone::system()).strftime(format).to_string())
}

/// Text from outside, made safe for a message.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_of_a_host_is_not_said_to_be_on_this_machine() {
        let texts = Texts::english();
        for (source, said) in [
            ("uid 1000", "a shell on this machine"),
            ("uid 1000 (web1)", "web1"),
            ("198.51.100.7 (web1)", "198.51.100.7 (web1)"),
            ("tty3", "tty3"),
        ] {
            assert_eq!(place(&texts, source), said);
        }
    }
}
