//! Sends codes to their destinations, and checks the answers.

use sspr_config::{dialogue::Purpose, settings::Method};

use super::{Answered, Pause, failing, new_app, paused_before_a_try, waits_until};
use crate::{
    clock::Time,
    contact::Contact,
    error::Result,
    keys::{Tag, same},
    limits::{self, Allowance},
    outbox::{self, Code, OutboxMessage},
    random,
    session::Session,
    store::{
        Challenges, FirstContacts, Tx,
        challenges::{Challenge, ChallengeState, NewChallenge},
        registrations,
    },
};

/// The destination of a code.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    /// The registered contact of that method; of several, the chosen one.
    Registered(Method, Option<&'a Contact>),
    /// The contact that was typed in full, if it is registered. The raw input may not be a contact at all, and that
    /// must not show.
    Typed(Method, Option<&'a Contact>, &'a [u8]),
    /// A contact that is being registered.
    New(&'a Contact),
    /// The contact that an earlier code of this attempt went to, or would have gone to; this code is read out in a
    /// call. Only a phone gets one.
    Call(Method, &'a Challenge),
}

impl To<'_> {
    fn method(&self) -> Method {
        match self {
            Self::Registered(method, _) | Self::Typed(method, ..) | Self::Call(method, _) => *method,
            Self::New(contact) => contact.method(),
        }
    }
}

/// The outcome of a request for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way, if there is a destination.
    Now(Box<Challenge>),
    /// Nothing was sent; the next code can be sent in this many seconds.
    Wait(Time),
    /// Nothing can be sent or tried for now.
    Suspended(Pause),
}

/// The newest challenge that was sent earlier, perhaps over another connection, and can still be answered. If `method`
/// is given, only of that method.
pub async fn open_challenge(s: &Session, method: Option<Method>) -> Result<Option<Challenge>> {
    let mut tx = s.begin_to_read().await?;
    let word = method.map(Method::as_str);
    let (purpose, viewer, now) = (s.purpose().as_str(), s.source(), s.now());
    let open = Challenges::open(&mut tx, s.attempt.account.tag(), purpose, word, &viewer, now).await?;
    tx.commit().await?;
    Ok(open)
}

/// The newest challenge that was sent earlier by one of `methods` and can still be answered. One query gets
/// everything, because every dialogue begins with it.
pub async fn sent_by(s: &Session, methods: &[Method]) -> Result<Option<Challenge>> {
    let (account, purpose) = (s.attempt.account.tag(), s.purpose().as_str());
    let (viewer, now) = (s.source(), s.now());
    let mut tx = s.begin_to_read().await?;
    // For an unknown name, sshd hides whether a number or an address was typed. So the newest challenge of all
    // decides, even if it can't be answered because it expired before an older one, or is from the future because the
    // clock was set back. Only challenges of a method that is no longer offered are skipped.
    let offered = |challenge: &Challenge| methods.iter().any(|method| method.as_str() == challenge.method);
    let mut newest = Challenges::open(&mut tx, account, purpose, None, &viewer, now).await?;
    if newest.as_ref().is_some_and(|newest| !offered(newest)) {
        newest = None;
        for method in methods {
            let open = Challenges::open(&mut tx, account, purpose, Some(method.as_str()), &viewer, now).await?;
            let newer = |open: &Challenge| newest.as_ref().is_none_or(|other| other.created <= open.created);
            if open.as_ref().is_some_and(newer) {
                newest = open;
            }
        }
    }
    tx.commit().await?;
    Ok(newest)
}

/// The challenge with the same route as `to` that can still be answered.
pub async fn sent_to(s: &Session, to: To<'_>) -> Result<Option<Challenge>> {
    let cooldown_key = cooldown_key(s, to);
    let mut tx = s.begin_to_read().await?;
    let (purpose, viewer, now) = (s.purpose().as_str(), s.source(), s.now());
    let open =
        Challenges::open_by_cooldown(&mut tx, s.attempt.account.tag(), purpose, &cooldown_key, &viewer, now).await?;
    tx.commit().await?;
    Ok(open)
}

/// The contact that a challenge of a registration was sent to.
pub fn destination(s: &Session, challenge: &Challenge) -> Result<Option<Contact>> {
    let Some(sealed) = &challenge.destination else { return Ok(None) };
    let plain = s.keys.open(&destination_context(s, &challenge.id), sealed)?;
    Ok(Method::from_word(&challenge.method)
        .zip(std::str::from_utf8(&plain).ok())
        .and_then(|(method, text)| Contact::from_stored(method, text)))
}

pub(crate) fn destination_context(s: &Session, challenge: &str) -> Vec<u8> {
    [b"destination\0".as_slice(), s.attempt.account.tag(), challenge.as_bytes()].concat()
}

/// Makes a code and puts it in the outbox, within the limits. If the account has no such contact, the same is done for
/// a decoy, which nobody can answer and which goes nowhere.
pub async fn send(s: &Session, to: To<'_>) -> Result<Sent> {
    let now = s.now();
    let settings = &s.settings;
    let code = random::code(s.random.as_ref(), settings.code.digits)?;
    let id = random::handle(s.random.as_ref())?;
    let mut tx = s.begin().await?;
    if let Some(pause) = paused_before_a_try(&mut tx, s).await? {
        return Ok(Sent::Suspended(pause));
    }
    if let Some(host) = &s.caller().host
        && let Allowance::Wait(seconds) = limits::host_code(&mut tx, &settings.limits, (&s.keys, host), now).await?
    {
        return Ok(Sent::Wait(seconds));
    }
    let resend_after = settings.code.resend_after.as_secs();
    let (route_key, cooldown_key) = (route_key(s, to), cooldown_key(s, to));
    let sends = s.attempt.account.sends(&s.keys, s.purpose());
    if let Allowance::Wait(seconds) =
        limits::send(&mut tx, &settings.limits, &sends, &cooldown_key, resend_after, now).await?
    {
        return Ok(Sent::Wait(seconds));
    }
    let (contact, destination) = match to {
        To::Registered(method, chosen) => {
            let lookup = chosen.map(|contact| registrations::lookup(&s.keys, contact));
            (registered(&mut tx, s, method, lookup.as_ref()).await?, None)
        }
        To::Typed(method, typed, _) => {
            // The same look-up for input that can't be a contact: nobody has registered it.
            let lookup = typed.map_or(route_key, |contact| registrations::lookup(&s.keys, contact));
            let found = registered(&mut tx, s, method, Some(&lookup)).await?;
            (found.filter(|_| typed.is_some()), None)
        }
        To::Call(_, earlier) => (earlier.contact, None),
        To::New(contact) => {
            let key = outbox::destination_key(&s.keys, s.purpose().as_str(), contact);
            if let Allowance::Wait(seconds) = limits::destination(&mut tx, &settings.limits, &key, now).await? {
                return Ok(Sent::Wait(seconds));
            }
            let sealed = s.keys.seal(s.random.as_ref(), &destination_context(s, &id), contact.as_str().as_bytes())?;
            (None, Some(sealed))
        }
    };
    let expires = now + settings.code.lifetime.as_secs();
    let new = NewChallenge {
        id: &id,
        account: s.attempt.account.tag(),
        purpose: s.purpose().as_str(),
        method: to.method().as_str(),
        contact,
        destination: destination.as_deref(),
        code: &code_tag(s, &id, &code),
        route_key: &route_key,
        cooldown_key: &cooldown_key,
        created: now,
        expires,
        tries: settings.code.tries,
    };
    Challenges::add(&mut tx, &new).await?;
    let queued = OutboxMessage::Code(Code {
        realm: s.name().realm.to_owned(),
        name: s.name().name.to_owned(),
        purpose: s.purpose().as_str().to_owned(),
        contact,
        new_contact: match to {
            To::New(contact) => Some((contact.method().as_str().to_owned(), contact.as_str().to_owned())),
            To::Registered(..) | To::Typed(..) | To::Call(..) => None,
        },
        language: match to {
            To::New(_) => s.caller().language.map(|language| language.tag().to_owned()),
            To::Registered(..) | To::Typed(..) | To::Call(..) => None,
        },
        voice: matches!(to, To::Call(..)),
        code,
    });
    outbox::put(&mut tx, s, to.method(), Some(&id), &queued, now, expires).await?;
    let challenge = Challenge::from(&new);
    tx.commit().await?;
    s.outbox.wake();
    Ok(Sent::Now(Box::new(challenge)))
}

/// The registered contact that a code can go to. One that waits counts as absent; both are looked up for every name.
async fn registered(tx: &mut Tx<'_>, s: &Session, method: Method, lookup: Option<&Tag>) -> Result<Option<i64>> {
    let found = FirstContacts::for_codes(tx, s.name(), method, lookup).await?;
    Ok(if waits_until(s, found.until) { found.vouched } else { found.usable })
}

/// The key of a code's route. A new code replaces an older one with the same key, and one that went to the same
/// contact in another way. For a contact that is being registered, the key includes the source of the request.
fn route_key(s: &Session, to: To<'_>) -> Tag {
    let destined = destined(s, to);
    match to {
        To::New(_) => s.keys.mac("way from", &[&destined, s.caller().source.as_bytes()]),
        To::Registered(..) | To::Typed(..) | To::Call(..) => destined,
    }
}

fn destined(s: &Session, to: To<'_>) -> Tag {
    let contact = match to {
        To::Call(_, earlier) => return tag(&earlier.route_key),
        To::Registered(_, Some(contact)) | To::Typed(_, Some(contact), _) | To::New(contact) => {
            registrations::lookup(&s.keys, contact)
        }
        To::Registered(_, None) => Tag::default(),
        To::Typed(_, None, typed) => s.keys.mac("nowhere", &[typed]),
    };
    let parts: [&[u8]; 4] =
        [s.attempt.account.tag(), s.purpose().as_str().as_bytes(), to.method().as_str().as_bytes(), &contact];
    s.keys.mac("way", &parts)
}

/// The key of a cool-down. A typo in a number or address can be corrected at once, but the same input has to wait.
///
/// Over sshd, input of the same length has to wait too: for an unknown name, sshd turns both into the same junk, and a
/// second code that is sent at once would reveal that the account exists.
fn cooldown_key(s: &Session, to: To<'_>) -> Tag {
    match to {
        To::Typed(_, _, typed) if s.attempt.by_length() => {
            let length = (typed.len() as u64).to_be_bytes();
            s.keys.mac("asked", &[s.attempt.account.tag(), s.purpose().as_str().as_bytes(), &length])
        }
        To::Call(_, earlier) => tag(earlier.cooldown_key.as_deref().unwrap_or(&earlier.route_key)),
        to => destined(s, to),
    }
}

/// Voids all codes that were sent to `contact` to register it.
pub(crate) async fn void_new(tx: &mut Tx<'_>, s: &Session, contact: &Contact) -> Result<()> {
    let s = &s.for_purpose(Purpose::Register);
    let cooldown_key = cooldown_key(s, To::New(contact));
    let purpose = s.purpose().as_str();
    Challenges::void_by_cooldown(tx, s.attempt.account.tag(), purpose, &cooldown_key, s.now()).await
}

/// Whether `challenge` was made from the source of this attempt, to register `contact`.
pub fn begun_here(s: &Session, challenge: &Challenge, contact: &Contact) -> bool {
    challenge.route_key == route_key(s, To::New(contact))
}

fn tag(stored: &[u8]) -> Tag {
    stored.try_into().unwrap_or_default()
}

/// Whether the code of `challenge` went, or would have gone, to a typed contact rather than to the registered mailbox.
pub fn to_typed_contact(s: &Session, challenge: &Challenge) -> bool {
    challenge.route_key != route_key(s, To::Registered(Method::Email, None))
}

fn code_tag(s: &Session, challenge: &str, code: &str) -> Tag {
    s.keys.mac("code", &[challenge.as_bytes(), code.as_bytes()])
}

/// Checks an answer to the open challenge. The limits are checked first; the try and the failure are written in the
/// same transaction as the verdict; the proof is valid only in this dialogue.
///
/// For registered contacts, a code that went to any of them is correct: a user who waits for two types them in any
/// order. A wrong code uses up a try of all of them: the tries left must not reveal which of two ways a code went. A
/// contact that is being registered is proved only by its own code.
pub async fn answer(s: &Session, challenge: &str, code: &str) -> Result<Answered> {
    let now = s.now();
    let mut tx = s.begin().await?;
    if let Some(pause) = paused_before_a_try(&mut tx, s).await? {
        return Ok(Answered::Suspended(pause));
    }
    let (purpose, viewer) = (s.purpose().as_str(), s.source());
    let Some(open) = Challenges::open_by_id(&mut tx, s.attempt.account.tag(), purpose, challenge, &viewer, now).await?
    else {
        return Ok(Answered::Expired);
    };
    // A decoy that a stranger caused for this name must not block the code that was really sent.
    let method = open.destination.as_ref().map(|_| open.method.as_str());
    let candidates = Challenges::all_open(&mut tx, s.attempt.account.tag(), purpose, method, now).await?;
    let mut right = None;
    for candidate in candidates.iter().chain([&open]) {
        let leads_somewhere = candidate.contact.is_some() || candidate.destination.is_some();
        if same(&code_tag(s, &candidate.id, code), &candidate.code) & leads_somewhere {
            right = Some(candidate);
        }
    }
    let right = match right {
        // The user has it from an older message.
        Some(right) if right.state == ChallengeState::Replaced => return Ok(Answered::Expired),
        right => right.map(|right| &right.id),
    };
    if let Some(right) = right {
        if !Challenges::prove(&mut tx, right, &s.attempt.dialogue, now).await? {
            return Ok(Answered::Expired);
        }
        tx.commit().await?;
        return Ok(Answered::Right);
    }
    Challenges::take_tries(&mut tx, s.attempt.account.tag(), purpose, method, &viewer, now).await?;
    let failed = failing::count(&mut tx, s, now).await?;
    let left = Challenges::tries_left(&mut tx, challenge).await?;
    tx.commit().await?;
    Ok(failed.tell(s, left))
}

/// How long a gateway that failed to accept a code may recover before it counts as down: a quick retry lets nobody in.
const RECOVERS_WITHIN: Time = 10;

/// How long a code may be under way before the waiting user is let in. A late code does not mean that its gateway is
/// down.
const ACCEPTED_WITHIN: Time = 30;

/// How long a code that was not accepted counts as a sign that its gateway is down.
const TELLING: Time = 86_400;

/// Whether codes reach a user who has to register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateways {
    /// Yes, as far as is known.
    Work,
    /// A code of this attempt has been under way for long, or was refused while others were accepted: its destination
    /// is at fault, or it is only slow.
    NotYet,
    /// A code of this attempt was refused, and no other was accepted since.
    Down,
}

/// The state of the gateways, judged by the codes of this attempt, including those of earlier connections.
pub async fn gateways(s: &Session) -> Result<Gateways> {
    let now = s.now();
    let since = s.attempt.began.min(now - TELLING);
    let mut tx = s.begin_to_read().await?;
    let (account, purpose) = (s.attempt.account.tag(), s.purpose().as_str());
    let (failed_by, slow_by) = (now - RECOVERS_WITHIN, now - ACCEPTED_WITHIN);
    let waits = Challenges::unaccepted(&mut tx, account, purpose, since, failed_by, slow_by).await?;
    tx.commit().await?;
    Ok(match (waits.by_a_gateway_that_is_down, waits.at_all) {
        (true, _) => Gateways::Down,
        (false, true) => Gateways::NotYet,
        (false, false) => Gateways::Work,
    })
}

/// How long after a registration a user at the same source counts as the one who registered.
const SAME_PERSON: Time = 900;

/// Whether one of `contacts`, or the authenticator app if `app`, was registered a moment ago from the source of this
/// attempt.
pub async fn registered_here(s: &Session, contacts: &[&Contact], app: bool) -> Result<bool> {
    let s = &s.for_purpose(Purpose::Register);
    let mut routes: Vec<Tag> = contacts.iter().map(|contact| route_key(s, To::New(contact))).collect();
    routes.extend(app.then(|| new_app::route_key(s)));
    let mut tx = s.begin_to_read().await?;
    let since = s.now() - SAME_PERSON;
    let lately = Challenges::spent_routes(&mut tx, s.attempt.account.tag(), s.purpose().as_str(), since).await?;
    tx.commit().await?;
    Ok(lately.iter().any(|lately| routes.iter().any(|route| route == lately.as_slice())))
}
