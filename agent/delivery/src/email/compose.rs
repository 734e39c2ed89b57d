//! Composes a mail: its headers and its parts.

use lettre::{
    Address, Message as Mail,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use sspr_core::contact::EmailAddress;

use super::super::{Content, DeliveryError, Message, wrong_kind};

/// Reads the sender of the settings, `Name <address>` or an address; `None` if it is not one, or not ASCII.
pub(super) fn sender(text: &str) -> Option<Mailbox> {
    let from: Mailbox = text.trim().parse().ok()?;
    // The parser stops at what it can't read, so it is checked that it read everything.
    let complete = text.trim().trim_end_matches('>').ends_with(from.email.as_ref() as &str);
    (complete && (from.email.as_ref() as &str).is_ascii()).then_some(from)
}

/// A random number for one attempt, in hexadecimal.
pub(super) fn nonce() -> Result<String, DeliveryError> {
    let number = getrandom::u64().map_err(|_| DeliveryError::later("the system has no random numbers"))?;
    Ok(format!("{number:016x}"))
}

/// RFC 3834: asks machines not to answer this mail.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The address `to` as SMTP has it.
pub(super) fn mailbox(to: &EmailAddress) -> Result<Address, DeliveryError> {
    Address::new(to.mailbox().as_ref(), to.domain()).map_err(|_| DeliveryError::never("the address is not accepted"))
}

/// The mail as it is sent. `nonce` gives each attempt its own Message-ID: some mail programs show two messages with the
/// same one as one, and the second code would not be seen.
pub(super) fn compose(from: &Mailbox, message: &Message, nonce: &str) -> Result<Mail, DeliveryError> {
    let Content::Mail { to, subject, text, html } = &message.content else { return Err(wrong_kind()) };
    let unfit = |_| DeliveryError::never("the mail can't be put together");
    let to = mailbox(to)?;
    let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Taken from the header, a local part would lose the quotes that it needs.
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.clone()]);
    let mail = Mail::builder()
        .envelope(envelope.map_err(|_| DeliveryError::never("the address is not accepted"))?)
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(message.at)
        .message_id(Some(format!("<{}.{nonce}@{}>", message.plain_id(), from.email.domain())))
        .header(AutoSubmitted);
    let text = SinglePart::plain(text.to_string());
    match html {
        Some(html) => {
            mail.multipart(MultiPart::alternative().singlepart(text).singlepart(SinglePart::html(html.to_string())))
        }
        None => mail.singlepart(text),
    }
    .map_err(unfit)
}
