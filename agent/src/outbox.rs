//! The outbox: what is to be sent waits in the store, sealed, and a background task sends it. A dialogue answers at once
//! and at the same speed for everybody, and a restart loses nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sspr_config::{dialogue::Purpose, language::Language, settings::Method};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::{
    account::Name,
    admin::wire::LastAnswer,
    clock::Time,
    contact::{Contact, EmailAddress},
    credential::Verdict,
    delivery::{Deliveries, DeliveryError, fix},
    error::{Error, Result},
    keys::{Keys, Tag},
    letters,
    limits::{self, Allowance},
    notes::Changed,
    services::Services,
    snapshot::Snapshot,
    store::{Challenges, Messages, Registrations, Tx, outbox::Waiting, registrations},
    targets::Living,
};

/// A message that is being sent is left alone for so long, again and again as long as that goes on.
pub(crate) const LEASE: Time = 60;
/// The longest pause between two tries.
const PAUSE_MAX: Time = 120;
/// Where nothing waits, the store is still tidied up when something is sent: everything older than this goes.
const KEPT: Time = 2 * 86_400;

/// Something to be sent.
#[derive(Serialize, Deserialize)]
pub enum Letter {
    /// A code.
    Code(Code),
    /// A note.
    Note(Note),
}

/// A code and where it is to go. Whether it may go is asked when it is sent.
#[derive(Serialize, Deserialize)]
pub struct Code {
    /// Who answers for it.
    #[serde(default = "crate::account::local")]
    pub realm: String,
    /// The account, as typed.
    pub name: String,
    /// The purpose's word.
    pub purpose: String,
    /// The row of the registered contact; `None` together with no new contact is a decoy.
    pub contact: Option<i64>,
    /// Method and address of a contact that is being registered.
    pub new_contact: Option<(String, String)>,
    /// The tag of the language of a user who registers; a registered user has one already.
    #[serde(default)]
    pub language: Option<String>,
    /// Whether it is read out in a call; a text message otherwise. Counts for telephones alone.
    #[serde(default)]
    pub voice: bool,
    /// The code.
    pub code: Zeroizing<String>,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoteKind {
    /// The password was reset.
    Recovered,
    /// A lock after too many wrong passwords was taken off.
    Unlocked,
    /// The registration was changed.
    ContactChanged,
    /// Self-service rests after too many wrong codes.
    Blocked,
    /// To administrators: the password of one of them was reset.
    AdminRecovered,
    /// To administrators: more codes were wrong than people mistype, over all accounts.
    ManyFailures,
    /// To administrators: more codes were wrong at one source than a single one may.
    FailuresAtSource,
}

impl NoteKind {
    /// Whether it goes to the user whose account it is about.
    pub const fn is_to_the_user(self) -> bool {
        matches!(self, Self::Recovered | Self::Unlocked | Self::ContactChanged | Self::Blocked)
    }
}

/// A note.
#[derive(Serialize, Deserialize)]
pub struct Note {
    /// About what.
    pub kind: NoteKind,
    /// What was changed, in a note about that.
    #[serde(default)]
    pub change: Option<Changed>,
    /// Who answers for it.
    #[serde(default = "crate::account::local")]
    pub realm: String,
    /// The account.
    pub name: String,
    /// The method's word.
    pub method: String,
    /// The address or number.
    pub contact: String,
    /// When it happened.
    pub at: Time,
    /// At which service.
    pub service: String,
    /// From where.
    pub source: String,
}

/// The bell of the background task.
#[derive(Debug, Default)]
pub struct Outbox(Notify);

impl Outbox {
    /// Something was put in.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Until something is.
    pub(crate) async fn rings(&self) {
        self.0.notified().await;
    }
}

const CONTEXT: &[u8] = b"outbox";

/// Puts `letter` in, which leaves by `method`, in the caller's transaction; `challenge` is the code's. Its row. Call
/// [`Outbox::wake`] after the commit.
pub async fn put(
    tx: &mut Tx<'_>,
    services: &Services,
    method: Method,
    challenge: Option<&str>,
    letter: &Letter,
    now: Time,
    not_after: Time,
) -> Result<i64> {
    let plain = Zeroizing::new(serde_json::to_vec(letter).map_err(Error::Letter)?);
    let sealed = services.keys.seal(services.random.as_ref(), CONTEXT, &plain)?;
    Messages::put(tx, method, challenge, &sealed, now, not_after).await
}

/// Forgets rows that are too old to be of use.
pub(crate) async fn prune(agent: &Snapshot) -> Result<()> {
    let (now, settings) = (agent.now(), &agent.settings);
    agent.store.settle(now).await?;
    let audit_before = now - i64::from(settings.audit.keep_days) * 86_400;
    agent.store.prune(now - KEPT.max(settings.limits.failed_window.as_secs()), audit_before, now).await
}

/// Deletes the registrations of accounts that are gone, as their targets say. What can't be told is left as it is.
pub(crate) async fn forget_gone(agent: &Snapshot) -> Result<()> {
    for target in agent.targets.all() {
        let mut tx = agent.begin().await?;
        // Read while nobody can register: whose account was made a moment ago is among them.
        let living = match target.living() {
            Ok(Living::All(living)) => living,
            Ok(Living::Untold) => continue,
            Err(error) => {
                tracing::warn!(%error, realm = target.realm(), "the accounts that there are can't be read");
                continue;
            }
        };
        let gone = Registrations::keep_only(&mut tx, target.realm(), &living).await?;
        tx.commit().await?;
        if gone > 0 {
            tracing::info!(gone, realm = target.realm(), "registrations of accounts that are gone were removed");
        }
    }
    Ok(())
}

/// Sends one message, or notes why it could not be sent.
pub(crate) async fn send_one(agent: &Snapshot, deliveries: &Deliveries, waiting: &Waiting) -> Result<()> {
    let now = agent.now();
    let plain = agent.keys.open(CONTEXT, &waiting.sealed)?;
    let letter: Letter = serde_json::from_slice(&plain).map_err(|_| Error::Sealed)?;
    let outcome = match admit(agent, &letter, waiting).await {
        Err(Error::Credential(error)) => Outcome::Postponed(error.to_string(), None),
        Err(error) => return Err(error),
        Ok(admission) => match admission {
            // Nothing was to leave: that tells neither that a gateway is down nor that it works.
            Admission::Drop => return closed(agent, waiting, 0).await,
            Admission::Later(seconds) => {
                Outcome::Postponed("the limit of messages from this host is reached".into(), Some(seconds))
            }
            Admission::To(contact) => {
                let texts = agent.languages.texts(language(agent, &letter).await?);
                let method = contact.method();
                let mut message = letters::render(agent, texts, &letter, contact, waiting);
                message.known = known_mailbox(agent, &letter).await?;
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
                    // That says nothing of its gateway.
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
    let (kind, seconds) = (kind(&letter), agent.now() - waiting.created);
    match outcome {
        Outcome::Accepted => {
            tracing::info!(kind, seconds, "a message was accepted by its gateway");
            closed(agent, waiting, agent.now()).await
        }
        Outcome::Failed(DeliveryError::Never { why }) => {
            tracing::error!(kind, why, fix = fix(&why), "a message was refused by its gateway: {why}");
            // That one address is bad does not mean that the gateway is down, nor that it works.
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
        // That is not the gateway's fault: the user who waits has named an address that gets nothing, by a typo or on purpose.
        Outcome::Failed(DeliveryError::Recipient { why, after }) => {
            again(agent, waiting, kind, &why, in_seconds(after), Some(Failed::ForRecipient)).await
        }
        Outcome::Postponed(why, after) => again(agent, waiting, kind, &why, after, None).await,
    }
}

fn in_seconds(after: Option<Duration>) -> Option<Time> {
    after.map(|after| i64::try_from(after.as_secs()).unwrap_or(PAUSE_MAX))
}

/// A mailbox that takes mail, for a code of a user who has to register, or to prove the identity before that: see
/// [`crate::delivery::Message::known`]. Nobody waits for a gateway in a recovery.
async fn known_mailbox(agent: &Snapshot, letter: &Letter) -> Result<Option<EmailAddress>> {
    let Letter::Code(Code { realm, name, purpose, .. }) = letter else { return Ok(None) };
    if purpose == Purpose::Recover.as_str() {
        return Ok(None);
    }
    let mut tx = agent.begin_to_read().await?;
    let known = Registrations::another_mailbox(&mut tx, &agent.keys, Name { realm, name }).await?;
    tx.commit().await?;
    Ok(match known {
        Some(Contact::Email(known)) => Some(known),
        Some(Contact::Phone(_)) | None => None,
    })
}

/// What became of a message that was to leave.
enum Outcome {
    Accepted,
    Failed(DeliveryError),
    /// It is no matter of its gateway; not before so many seconds.
    Postponed(String, Option<Time>),
}

/// How a message failed that was to leave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failed {
    /// Its gateway may be down.
    ByGateway,
    /// Its gateway works, and does not take it for this recipient.
    ForRecipient,
}

/// The message is tried again; it may have `failed`, or was not tried at all.
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

/// Keeps the lease of a message for as long as it is being sent.
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

const fn kind(letter: &Letter) -> &'static str {
    match letter {
        Letter::Code(_) => "code",
        Letter::Note(_) => "note",
    }
}

/// What the limit of messages to one destination counts by. Each purpose has its own: an attacker who has codes sent to an address
/// in order to register it uses up nothing of what its owner may have to recover.
pub fn destination_key(keys: &Keys, purpose: &str, contact: &Contact) -> Tag {
    keys.mac("to", &[purpose.as_bytes(), &registrations::lookup(keys, contact)])
}

/// Nothing is left to do; a code that it brought counts as accepted by its gateway at `at`.
async fn closed(agent: &Snapshot, waiting: &Waiting, at: Time) -> Result<()> {
    let mut tx = agent.begin().await?;
    if let Some(challenge) = &waiting.challenge {
        Challenges::accepted(&mut tx, challenge, at).await?;
    }
    Messages::remove(&mut tx, waiting.id).await?;
    tx.commit().await
}

enum Admission {
    To(Contact),
    Later(Time),
    Drop,
}

/// Where a letter may go now: the account is looked at here, out of sight of the user who typed its name.
async fn admit(agent: &Snapshot, letter: &Letter, waiting: &Waiting) -> Result<Admission> {
    let stored = |method: &str, text: &str| Method::from_word(method).and_then(|m| Contact::from_stored(m, text));
    let contact = match letter {
        Letter::Note(note) => stored(&note.method, &note.contact),
        Letter::Code(Code { new_contact: Some((method, text)), .. }) => stored(method, text),
        // For a decoy the same is asked, so that nobody can tell by the helper's coming and going.
        Letter::Code(Code { contact: id, realm, name, .. }) => {
            let name = Name { realm, name };
            // A directory is asked nothing before a proof. What was registered by another entry of the name proves nothing for this one.
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
    let contact = match (letter, contact) {
        // A call was asked for, and the typed contact is a mailbox.
        (Letter::Code(Code { voice: true, .. }), Some(Contact::Email(_))) => None,
        (_, contact) => contact,
    };
    let Some(contact) = contact else { return Ok(Admission::Drop) };
    if waiting.counted {
        return Ok(Admission::To(contact));
    }
    let now = agent.now();
    let settings = &agent.settings.limits;
    let mut tx = agent.begin().await?;
    // A new contact was counted when it was typed; a registered one is counted here, where nobody can watch.
    if let Letter::Code(code) = letter
        && code.purpose != Purpose::Register.as_str()
        && limits::destination(&mut tx, settings, &destination_key(&agent.keys, &code.purpose, &contact), now).await?
            != Allowance::Granted
    {
        tx.commit().await?;
        tracing::warn!("a code was not sent: its destination had enough");
        return Ok(Admission::Drop);
    }
    let allowance = match letter {
        // An attacker who has codes sent, or accounts suspended, must not keep owners from hearing of a reset.
        Letter::Note(note) if note.kind != NoteKind::Blocked => {
            limits::note(&mut tx, settings, &agent.keys, now).await?
        }
        Letter::Note(_) | Letter::Code(_) => limits::message(&mut tx, settings, &agent.keys, now).await?,
    };
    match allowance {
        Allowance::Granted => {
            Messages::counted(&mut tx, waiting.id).await?;
            tx.commit().await?;
            Ok(Admission::To(contact))
        }
        // Not committed: what was not sent is not counted for its destination either.
        Allowance::Wait(seconds) => Ok(Admission::Later(seconds)),
    }
}

/// The language of a letter: that of the person, asked for here, out of sight of the user who typed the name.
async fn language(agent: &Snapshot, letter: &Letter) -> Result<Language> {
    let (name, said) = match letter {
        Letter::Code(code) => (Name { realm: &code.realm, name: &code.name }, code.language.as_deref()),
        Letter::Note(note) => (Name { realm: &note.realm, name: &note.name }, None),
    };
    let remembered = if let Some(tag) = said {
        Some(tag.to_owned())
    } else {
        registrations::language(agent.store.session().await.connection(), name).await?
    };
    Ok(agent.languages.of_person(remembered.as_deref().and_then(Language::from_tag)))
}

#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
pub(crate) mod tests_support {
    //! The mailbox of a test: what the background task would send, and to whom.

    use super::*;
    use crate::delivery::Message;

    /// Hands over what waits, once.
    #[cfg(test)]
    pub(crate) async fn send(agent: &Snapshot, deliveries: &Deliveries) {
        let room = [(Method::Email, 1000), (Method::Phone, 1000)];
        let (due, _) = crate::sender::take_due(agent, agent.now(), room).await.unwrap();
        for (_, waiting) in due {
            send_one(agent, deliveries, &waiting).await.unwrap();
        }
    }

    /// Takes everything out that would be sent now, through the same admission as the real task.
    pub(crate) async fn drain(agent: &Snapshot) -> Vec<(Letter, Message)> {
        let now = agent.now();
        let due = {
            let mut tx = agent.begin().await.unwrap();
            let mut due = Messages::due(&mut tx, Method::Email, now, 1000).await.unwrap();
            due.extend(Messages::due(&mut tx, Method::Phone, now, 1000).await.unwrap());
            due.sort_by_key(|waiting| waiting.id);
            tx.commit().await.unwrap();
            due
        };
        let mut sent = Vec::new();
        for waiting in due {
            let letter: Letter = serde_json::from_slice(&agent.keys.open(CONTEXT, &waiting.sealed).unwrap()).unwrap();
            if now < waiting.not_after
                && let Admission::To(contact) = admit(agent, &letter, &waiting).await.unwrap()
            {
                let texts = agent.languages.texts(language(agent, &letter).await.unwrap());
                let message = letters::render(agent, texts, &letter, contact, &waiting);
                sent.push((letter, message));
            }
            closed(agent, &waiting, now).await.unwrap();
        }
        sent
    }
}
