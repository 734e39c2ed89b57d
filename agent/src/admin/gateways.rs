//! Test messages, sent while the administrator waits.

use std::time::{Duration, UNIX_EPOCH};

use sspr_config::settings::Method;
use zeroize::Zeroizing;

use crate::{
    audit::{Deed, Event},
    contact::{Contact, EmailAddress, PhoneNumber},
    contact_texts,
    delivery::{Content, Deliveries, Message},
    limits::{self, Allowance},
};

use super::{
    Desk, Error, Result, refused,
    wire::{Test, Tested},
};

/// Sends a message, and gives the gateway's verdict.
pub(super) async fn test(desk: &Desk, deliveries: &Deliveries, test: &Test) -> Result<Tested> {
    let doors = &desk.doors;
    let contact = match Method::from_word(&test.method) {
        Some(Method::Email) => EmailAddress::parse(&test.to).map(Contact::Email),
        Some(Method::Phone) => {
            PhoneNumber::parse(&test.to, doors.settings.phone.default_region.as_deref()).map(Contact::Phone)
        }
        Some(Method::App) | None => return Err(Error::Malformed("a test goes by email or by phone".into())),
    };
    let contact = contact.map_err(|fault| refused(contact_texts::fault(&doors.texts, fault).replace('\n', " ")))?;
    let now = doors.clock.now();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let allowance = limits::message(&mut tx, &doors.settings.limits, &doors.keys, now).await?;
    tx.commit().await?;
    drop(session);
    if let Allowance::Wait(seconds) = allowance {
        let time = doors.texts.span(seconds);
        return Err(refused(format!(
            "this machine has sent all that [limits] messages_per_hour allows; in {time} again"
        )));
    }
    let (to, method) = (contact.as_str().to_owned(), contact.method());
    let message = Message {
        id: desk.correlation.clone(),
        at: UNIX_EPOCH + Duration::from_secs(u64::try_from(now).unwrap_or_default()),
        code: None,
        content: content(desk, contact),
    };
    let gateway = deliveries.gateway(method).to_owned();
    let (accepted, said) = match deliveries.deliver(&message).await {
        Ok(receipt) => (true, receipt.reference.unwrap_or_default()),
        Err(error) => (false, named(&gateway, error.to_string())),
    };
    let reason = if accepted { format!("{gateway}: accepted") } else { said.clone() };
    desk.record(Deed { event: Event::TestSent, success: accepted, account: "-", reason: &reason });
    Ok(Tested { accepted, gateway, said, to })
}

/// What a gateway said, with its name before it once.
fn named(gateway: &str, said: String) -> String {
    if said.starts_with(gateway) { said } else { format!("{gateway}: {said}") }
}

fn content(desk: &Desk, contact: Contact) -> Content {
    let texts = &desk.doors.texts;
    let values = [("host", desk.doors.host_name.as_str().into())];
    match contact {
        Contact::Email(to) => Content::Mail {
            to,
            subject: texts.say("mail-test-subject", &values),
            text: Zeroizing::new(texts.say("mail-test", &values) + "\n"),
            html: None,
        },
        Contact::Phone(to) => Content::Text { to, text: Zeroizing::new(texts.say("text-test", &values)) },
    }
}
