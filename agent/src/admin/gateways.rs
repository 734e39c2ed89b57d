//! Test messages, sent while the administrator waits, and checks of gateways. Only the agent connects to gateways: a
//! process of its user that root started would run outside of the agent's sandbox, and a compromised agent could attack
//! it.

use std::time::{Duration, UNIX_EPOCH};

use sspr_config::settings::Method;

use crate::{
    audit::{Deed, Event},
    contact::{Contact, ContactFault, EmailAddress},
    contact_texts,
    delivery::{DeliveryError, Message, Probed},
    limits::{self, Allowance},
    message_texts,
};

use super::{
    AdminCall, Error, Result, refused,
    wire::{LastAnswer, Look, Looked, Probe, Test, Tested},
};

/// The longest that a check may take. An administrator need not wait for a slower server. Doctor waits a second
/// longer.
const LOOK_MAX: Duration = Duration::from_secs(9);

/// The longest that a test message may take while an administrator waits for it.
const TEST_MAX: Duration = Duration::from_mins(2);

/// Asks a gateway whether it would accept a message, without sending one.
pub(super) async fn probe(call: &AdminCall, probe: &Probe) -> Result<Look> {
    let method = Method::from_word(&probe.method).filter(|method| method.has_contacts());
    let method = method.ok_or_else(|| Error::Malformed("a gateway is one for email or for phone".into()))?;
    let to = match probe.to.as_deref().filter(|_| method == Method::Email) {
        Some(to) => Some(EmailAddress::parse(to).map_err(|fault| wrong(call, fault))?),
        None => None,
    };
    let deliveries = &call.agent.deliveries;
    let look = deliveries.probe(method, to.as_ref(), LOOK_MAX);
    let mut about = None;
    let looked = match tokio::time::timeout(LOOK_MAX, look).await {
        Ok(Ok(Probed::Accepted)) => Looked::Accepted,
        Ok(Ok(Probed::Described(description))) => {
            about = Some(description);
            Looked::Accepted
        }
        Ok(Ok(Probed::Nameless(address))) => Looked::Nameless(address),
        Ok(Ok(Probed::Unasked)) => Looked::Unasked,
        Ok(Err(error)) => Looked::Refused(error.to_string()),
        Ok(Ok(Probed::Slow)) | Err(_) => Looked::Slow(LOOK_MAX.as_secs()),
    };
    Ok(Look { looked, last: deliveries.last(method), about })
}

fn wrong(call: &AdminCall, fault: ContactFault) -> Error {
    refused(contact_texts::fault(call.agent.default_texts(), fault).replace('\n', " "))
}

/// Sends a message, and returns the gateway's verdict.
pub(super) async fn test(call: &AdminCall, test: &Test) -> Result<Tested> {
    let agent = &call.agent;
    let method = Method::from_word(&test.method).filter(|method| method.has_contacts());
    let method = method.ok_or_else(|| Error::Malformed("a test goes by email or by phone".into()))?;
    let contact = Contact::parse(method, &test.to, agent.settings.phone.default_region.as_deref());
    let code = test.code.as_ref().map(|code| code.as_str());
    if code.is_some_and(|code| !(6..=8).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Error::Malformed("a code is 6 to 8 digits".into()));
    }
    let contact = contact.map_err(|fault| wrong(call, fault))?;
    let now = agent.now();
    let mut tx = agent.begin().await?;
    let allowance = limits::message(&mut tx, &agent.settings.limits, &agent.keys, now).await?;
    tx.commit().await?;
    if let Allowance::Wait(seconds) = allowance {
        let time = agent.default_texts().span(seconds);
        return Err(refused(format!(
            "this machine has sent all that [limits] messages_per_hour allows; in {time} again"
        )));
    }
    let to = contact.as_str().to_owned();
    let message = Message {
        id: call.correlation.clone(),
        at: UNIX_EPOCH + Duration::from_secs(u64::try_from(now).unwrap_or_default()),
        code: None,
        content: message_texts::test(agent.default_texts(), &agent.host_name, contact, code),
        known: None,
    };
    let deliveries = &agent.deliveries;
    let gateway = deliveries.gateway(method).to_owned();
    let answer = tokio::time::timeout(TEST_MAX, deliveries.deliver(&message)).await;
    let of_its_gateway = !matches!(answer, Ok(Err(DeliveryError::Never { .. } | DeliveryError::Recipient { .. })));
    let (accepted, unsure, said) = match answer {
        Ok(Ok(receipt)) => (true, false, receipt.reference.unwrap_or_default()),
        Ok(Err(error)) => {
            let unsure = matches!(error, DeliveryError::Unsure { .. });
            (false, unsure, named(&gateway, error.to_string()))
        }
        Err(_) => (false, true, format!("{gateway}: no answer within two minutes; a message waits for it longer")),
    };
    if of_its_gateway {
        let why = (!accepted).then(|| said.clone());
        deliveries.answered(method, LastAnswer { at: agent.now(), why, unsure });
    }
    let reason = if accepted { format!("{gateway}: accepted") } else { said.clone() };
    call.record(Deed { event: Event::TestSent, success: accepted, account: "-", reason: &reason });
    Ok(Tested { accepted, unsure, gateway, said, to })
}

/// A gateway's answer, with its name once before it.
fn named(gateway: &str, said: String) -> String {
    if said.starts_with(gateway) { said } else { format!("{gateway}: {said}") }
}
