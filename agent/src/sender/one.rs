//! Sends one message: whether it may be sent now and where to, and the result.

use std::time::Duration;

use sspr_config::{dialogue::Purpose, language::Language, settings::Method};
use sspr_protocol::admin::LastAnswer;

use super::LEASE;
use crate::{
    account::Name,
    clock::Time,
    contact::{Contact, EmailAddress},
    credential::Verdict,
    delivery::{Deliveries, DeliveryError, fix},
    error::{Error, Result},
    limits::{self, Allowance},
    message_texts,
    outbox::{Code, NotificationKind, OutboxMessage, destination_key, opened},
    snapshot::Snapshot,
    store::{Challenges, LookUps as _, Messages, Registrations, outbox::Waiting},
};

/// The longest pause between two tries.
pub(super) const PAUSE_MAX: Time = 120;

/// Sends one message, or notes why it could not be sent.
pub(super) async fn send_one(agent: &Snapshot, deliveries: &Deliveries, waiting: &Waiting) -> Result<()> {
    let now = agent.now();
    let queued = opened(&agent.keys, &waiting.sealed)?;
    let outcome = match admit(agent, &queued, waiting).await {
        Err(Error::Credential(error)) => Outcome::Postponed(error.to_string(), None),
        Err(error) => return Err(error),
        Ok(admission) => match admission {
            // Nothing was sent, so this shows neither that a gateway is down nor that it works.
            Admission::Drop => return closed(agent, waiting, 0).await,
            Admission::Later(seconds) => {
                Outcome::Postponed("the limit of messages from this host is reached".into(), Some(seconds))
            }
            Admission::To(contact) => {
                let texts = agent.languages.texts(language(agent, &queued).await?);
                let method = contact.method();
                let mut message = message_texts::render(agent, texts, &queued, contact, waiting).await?;
                if method == Method::Email {
                    message.known = known_mailbox(agent, &queued).await?;
                }
                let useful = Duration::from_secs(u64::try_from(waiting.not_after - now).unwrap_or_default());
                let outcome = tokio::select! {
                    sent = tokio::time::timeout(useful, deliveries.deliver(&message)) => match sent {
                        Ok(Ok(_)) => Outcome::Accepted,
                        Ok(Err(error)) => Outcome::Failed(error),
                        Err(_) => Outcome::Failed(DeliveryError::Later { why: "it took too long".into(), after: None }),
                    },
                    error = hold(agent, waiting) => return Err(error),
                };
                let answer = match &outcome {
                    Outcome::Accepted => Some((None, false)),
                    Outcome::Failed(DeliveryError::Later { why, .. }) => Some((Some(why.clone()), false)),
                    Outcome::Failed(DeliveryError::Unsure { why }) => Some((Some(why.clone()), true)),
                    // This says nothing about its gateway.
                    Outcome::Failed(DeliveryError::Never { .. } | DeliveryError::Recipient { .. })
                    | Outcome::Postponed(..) => None,
                };
                if let Some((why, unsure)) = answer {
                    deliveries.answered(method, LastAnswer { at: agent.now(), why, unsure });
                }
                outcome
            }
        },
    };
    let (kind, seconds) = (kind(&queued), agent.now() - waiting.created);
    match outcome {
        Outcome::Accepted => {
            tracing::info!(kind, seconds, "a message was accepted by its gateway");
            closed(agent, waiting, agent.now()).await
        }
        Outcome::Failed(DeliveryError::Never { why }) => {
            tracing::error!(kind, why, fix = fix(&why), "a message was refused by its gateway: {why}");
            // One bad address does not mean that the gateway is down, nor that it works.
            closed(agent, waiting, 0).await
        }
        Outcome::Failed(DeliveryError::Unsure { why }) => {
            tracing::warn!(
                kind,
                seconds,
                why,
                fix = fix(&why),
                "a message may have been sent, and is not sent again: {why}"
            );
            let mut tx = agent.begin().await?;
            Messages::remove(&mut tx, waiting.id).await?;
            tx.commit().await
        }
        Outcome::Failed(DeliveryError::Later { why, after }) => {
            again(agent, waiting, kind, &why, in_seconds(after), Some(Failed::ByGateway)).await
        }
        // This is not the gateway's fault: the waiting user has named an address that receives nothing, by a typo or
        // on purpose.
        Outcome::Failed(DeliveryError::Recipient { why, after }) => {
            again(agent, waiting, kind, &why, in_seconds(after), Some(Failed::ForRecipient)).await
        }
        Outcome::Postponed(why, after) => again(agent, waiting, kind, &why, after, None).await,
    }
}

fn in_seconds(after: Option<Duration>) -> Option<Time> {
    after.map(|after| i64::try_from(after.as_secs()).unwrap_or(PAUSE_MAX))
}

/// A mailbox that accepts mail, for a code of a user who has to register, or who proves the identity before that: see
/// [`crate::delivery::Message::known`]. In a recovery, nobody waits for a gateway.
async fn known_mailbox(agent: &Snapshot, queued: &OutboxMessage) -> Result<Option<EmailAddress>> {
    let OutboxMessage::Code(Code { realm, name, purpose, .. }) = queued else { return Ok(None) };
    if purpose == Purpose::Recover.as_str() {
        return Ok(None);
    }
    let mut tx = agent.begin_to_read().await?;
    let known = Registrations::another_mailbox(&mut tx, &agent.keys, Name { realm, name }).await?;
    tx.commit().await?;
    let Some(Contact::Email(known)) = known else { return Ok(None) };
    Ok(Some(known))
}

/// The outcome of a message that was not sent.
enum Outcome {
    Accepted,
    Failed(DeliveryError),
    /// The gateway is not the reason; not before this many seconds.
    Postponed(String, Option<Time>),
}

/// How sending a message failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failed {
    /// Its gateway may be down.
    ByGateway,
    /// Its gateway works, and does not accept it for this recipient.
    ForRecipient,
}

/// The message is tried again. It may have `failed`, or was not tried at all.
async fn again(
    agent: &Snapshot,
    waiting: &Waiting,
    kind: &str,
    why: &str,
    after: Option<Time>,
    failed: Option<Failed>,
) -> Result<()> {
    let doubled = || 2i64.saturating_pow(u32::try_from(waiting.attempts).unwrap_or(30).min(30) + 1);
    let pause = after.unwrap_or_else(doubled).clamp(1, PAUSE_MAX);
    let advice = fix(why).map(|fix| format!("; to do: {fix}")).unwrap_or_default();
    tracing::warn!(kind, why, pause, "a message could not be sent yet: {why}{advice}");
    let now = agent.now();
    let mut tx = agent.begin().await?;
    if let (Some(challenge), Some(failed)) = (&waiting.challenge, failed) {
        Challenges::failed(&mut tx, challenge, (failed == Failed::ByGateway).then_some(now)).await?;
    }
    Messages::later(&mut tx, waiting.id, now + pause).await?;
    tx.commit().await
}

/// Extends the lease of a message as long as it is being sent.
async fn hold(agent: &Snapshot, waiting: &Waiting) -> Error {
    let held = async {
        loop {
            tokio::time::sleep(Duration::from_secs(LEASE.unsigned_abs() / 2)).await;
            let mut tx = agent.begin().await?;
            Messages::later(&mut tx, waiting.id, agent.now() + LEASE).await?;
            tx.commit().await?;
        }
    };
    let Err(error): Result<std::convert::Infallible> = held.await;
    error
}

const fn kind(queued: &OutboxMessage) -> &'static str {
    match queued {
        OutboxMessage::Code(_) => "code",
        OutboxMessage::Notification(_) => "note",
    }
}

/// The message is done. A code in it counts as accepted by its gateway at `at`.
pub(super) async fn closed(agent: &Snapshot, waiting: &Waiting, at: Time) -> Result<()> {
    let mut tx = agent.begin().await?;
    if let Some(challenge) = &waiting.challenge {
        Challenges::accepted(&mut tx, challenge, at).await?;
    }
    Messages::remove(&mut tx, waiting.id).await?;
    tx.commit().await
}

pub(super) enum Admission {
    To(Contact),
    Later(Time),
    Drop,
}

/// Where a message may be sent now. The account is looked up here, out of sight of the user who typed its name.
pub(super) async fn admit(agent: &Snapshot, queued: &OutboxMessage, waiting: &Waiting) -> Result<Admission> {
    let stored = |method: &str, text: &str| Method::from_word(method).and_then(|m| Contact::from_stored(m, text));
    let contact = match queued {
        OutboxMessage::Notification(notification) => stored(&notification.method, &notification.contact),
        OutboxMessage::Code(Code { new_contact: Some((method, text)), .. }) => stored(method, text),
        // The helper is asked for a decoy too, so that its start and end reveal nothing.
        OutboxMessage::Code(Code { contact: id, realm, name, .. }) => {
            let name = Name { realm, name };
            // A directory is not asked before a proof. A registration of another entry with this name proves nothing
            // for this one.
            let far = agent.targets.is_far(name);
            let state = if far { None } else { Some(agent.targets.account(name).await?) };
            let mut tx = agent.begin_to_read().await?;
            let registration = Registrations::get(&mut tx, &agent.keys, name).await?;
            tx.commit().await?;
            registration
                .filter(|r| state.is_none_or(|state| state.verdict == Verdict::Eligible && r.id == state.id))
                .and_then(|r| r.contacts.into_iter().find(|c| Some(c.id) == *id))
                .map(|c| c.contact)
        }
    };
    let contact = match (queued, contact) {
        // A call was requested, but the typed contact may be a mailbox.
        (OutboxMessage::Code(Code { voice: true, .. }), contact) => {
            contact.filter(|contact| contact.method() == Method::Phone)
        }
        (_, contact) => contact,
    };
    let Some(contact) = contact else { return Ok(Admission::Drop) };
    if waiting.counted {
        return Ok(Admission::To(contact));
    }
    let now = agent.now();
    let settings = &agent.settings.limits;
    let mut tx = agent.begin().await?;
    let allowance = match queued {
        // A new contact was counted when it was typed. A registered one is counted here, out of sight.
        OutboxMessage::Code(code) if code.purpose != Purpose::Register.as_str() => {
            let key = destination_key(&agent.keys, &code.purpose, &contact);
            let Some(allowance) = limits::message_to(&mut tx, settings, &agent.keys, &key, now).await? else {
                tracing::warn!("a code was not sent: its destination had enough");
                return Ok(Admission::Drop);
            };
            allowance
        }
        // An attacker who causes codes and suspensions must not keep owners from hearing of a reset.
        OutboxMessage::Notification(notification) if notification.kind != NotificationKind::Blocked => {
            limits::notification(&mut tx, settings, &agent.keys, now).await?
        }
        OutboxMessage::Notification(_) | OutboxMessage::Code(_) => {
            limits::message(&mut tx, settings, &agent.keys, now).await?
        }
    };
    match allowance {
        Allowance::Granted => {
            Messages::counted(&mut tx, waiting.id).await?;
            tx.commit().await?;
            Ok(Admission::To(contact))
        }
        // Not committed: a message that was not sent does not count for its destination either.
        Allowance::Wait(seconds) => Ok(Admission::Later(seconds)),
    }
}

/// The language of a message: its owner's, looked up here, out of sight of the user who typed the name.
pub(super) async fn language(agent: &Snapshot, queued: &OutboxMessage) -> Result<Language> {
    let said = match queued {
        OutboxMessage::Code(code) => code.language.clone(),
        OutboxMessage::Notification(_) => None,
    };
    let remembered = if said.is_some() { said } else { agent.store.look().await?.language(queued.account()).await? };
    Ok(agent.languages.of_person(remembered.as_deref().and_then(Language::from_tag)))
}
