//! Codes that are sent: where to, and what was answered.

use sspr_config::{dialogue::Purpose, settings::Method};

use super::{Answered, Case, failing, rest};
use crate::{
    clock::Time,
    contact::Contact,
    doors::Doors,
    error::Result,
    keys::{Tag, same},
    limits::{self, Allowance},
    new_app,
    outbox::{self, Code, Letter},
    random,
    store::{
        Tx,
        challenges::{self, Challenge, Fate, NewChallenge},
        registrations,
    },
};

/// Where a code is to go.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    /// To the registered contact of that method; of several, to the one that was chosen.
    Registered(Method, Option<&'a Contact>),
    /// To the contact that was typed in full, if it is registered; what was typed, as it came, may be none at all, and that
    /// must not show.
    Typed(Method, Option<&'a Contact>, &'a [u8]),
    /// To a contact that is to be registered.
    New(&'a Contact),
    /// Where an earlier code of this case went, or would have gone: read out in a call. What is no telephone gets none.
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

/// What became of a wish to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// On its way, if there is a way. The challenge's id.
    Now(String),
    /// Nothing was sent: the next may go in so many seconds.
    Wait(Time),
    /// Self-service of the account rests for so many seconds.
    Resting(Time),
}

/// The newest challenge that was sent earlier, over another connection maybe, and can still be answered; of `method` where
/// one is named.
pub async fn open_challenge(doors: &Doors, case: &Case, method: Option<Method>) -> Result<Option<Challenge>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let word = method.map(Method::as_str);
    let (purpose, viewer, now) = (case.purpose.as_str(), case.source(doors), doors.clock.now());
    let open = challenges::open(&mut tx, &case.account.tag, purpose, word, &viewer, now).await?;
    tx.commit().await?;
    Ok(open)
}

/// The newest challenge that was sent earlier by one of `methods` and can still be answered. All that is asked for it is asked at
/// once: this is in the way of every beginning.
pub async fn sent_by(doors: &Doors, case: &Case, methods: &[Method]) -> Result<Option<Challenge>> {
    let (account, purpose) = (&case.account.tag, case.purpose.as_str());
    let (viewer, now) = (case.source(doors), doors.clock.now());
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    // Whether what was typed was a number or an address does not come through from sshd for a name that it does not know,
    // so the newest of all goes first.
    let offered = |challenge: &Challenge| methods.iter().any(|method| method.as_str() == challenge.method);
    let mut newest = challenges::open(&mut tx, account, purpose, None, &viewer, now).await?.filter(offered);
    if newest.is_none() {
        for method in methods {
            let open = challenges::open(&mut tx, account, purpose, Some(method.as_str()), &viewer, now).await?;
            let newer = |open: &Challenge| newest.as_ref().is_none_or(|other| other.created <= open.created);
            if open.as_ref().is_some_and(newer) {
                newest = open;
            }
        }
    }
    tx.commit().await?;
    Ok(newest)
}

/// The challenge that was asked for like `to`, and can still be answered.
pub async fn sent_to(doors: &Doors, case: &Case, to: To<'_>) -> Result<Option<Challenge>> {
    let asked = asked(doors, case, to);
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let (purpose, viewer, now) = (case.purpose.as_str(), case.source(doors), doors.clock.now());
    let open = challenges::open_by_asked(&mut tx, &case.account.tag, purpose, &asked, &viewer, now).await?;
    tx.commit().await?;
    Ok(open)
}

/// The challenge `id` of this case, if it can still be answered.
pub async fn challenge(doors: &Doors, case: &Case, id: &str) -> Result<Option<Challenge>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let (purpose, viewer, now) = (case.purpose.as_str(), case.source(doors), doors.clock.now());
    let open = challenges::open_by_id(&mut tx, &case.account.tag, purpose, id, &viewer, now).await?;
    tx.commit().await?;
    Ok(open)
}

/// The contact that a challenge of a registration was sent to.
pub fn destination(doors: &Doors, case: &Case, challenge: &Challenge) -> Result<Option<Contact>> {
    let Some(sealed) = &challenge.destination else { return Ok(None) };
    let plain = doors.keys.open(&destination_context(case, &challenge.id), sealed)?;
    Ok(Method::from_word(&challenge.method)
        .zip(std::str::from_utf8(&plain).ok())
        .and_then(|(method, text)| Contact::from_stored(method, text)))
}

pub(crate) fn destination_context(case: &Case, challenge: &str) -> Vec<u8> {
    [b"destination\0".as_slice(), &case.account.tag, challenge.as_bytes()].concat()
}

/// Makes a code and puts it in the outbox, within the limits. For an account that has no such contact everything is
/// done alike, but for a decoy that nobody can answer and that goes nowhere.
pub async fn send(doors: &Doors, case: &Case, to: To<'_>) -> Result<Sent> {
    let now = doors.clock.now();
    let settings = &doors.settings;
    let code = random::code(doors.random.as_ref(), settings.code.digits)?;
    let id = random::handle(doors.random.as_ref())?;
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if let Some(seconds) = rest(&mut tx, doors, case).await? {
        return Ok(Sent::Resting(seconds));
    }
    let resend_after = settings.code.resend_after.as_secs();
    let (way, asked) = (way(doors, case, to), asked(doors, case, to));
    let sends = case.account.sends(doors, case.purpose);
    if let Allowance::Wait(seconds) = limits::send(&mut tx, &settings.limits, &sends, &asked, resend_after, now).await?
    {
        return Ok(Sent::Wait(seconds));
    }
    let (contact, destination) = match to {
        To::Registered(method, chosen) => {
            let lookup = chosen.map(|contact| registrations::lookup(&doors.keys, contact));
            (registrations::find_contact(&mut tx, &case.account.name, method, lookup.as_ref()).await?, None)
        }
        To::Typed(method, typed, _) => {
            // The same look-up for what can't be a contact; nobody registered that.
            let lookup = typed.map_or(way, |contact| registrations::lookup(&doors.keys, contact));
            let found = registrations::find_contact(&mut tx, &case.account.name, method, Some(&lookup)).await?;
            (found.filter(|_| typed.is_some()), None)
        }
        To::Call(_, earlier) => (earlier.contact, None),
        To::New(contact) => {
            let key = outbox::destination_key(doors, case.purpose.as_str(), contact);
            if let Allowance::Wait(seconds) = limits::destination(&mut tx, &settings.limits, &key, now).await? {
                return Ok(Sent::Wait(seconds));
            }
            let sealed =
                doors.keys.seal(doors.random.as_ref(), &destination_context(case, &id), contact.as_str().as_bytes())?;
            (None, Some(sealed))
        }
    };
    let expires = now + settings.code.lifetime.as_secs();
    let new = NewChallenge {
        id: &id,
        account: &case.account.tag,
        purpose: case.purpose.as_str(),
        method: to.method().as_str(),
        contact,
        destination: destination.as_deref(),
        code: &code_tag(doors, &id, &code),
        way: &way,
        asked: &asked,
        created: now,
        expires,
        tries: settings.code.tries,
    };
    challenges::add(&mut tx, &new).await?;
    let letter = Letter::Code(Code {
        name: case.account.name.clone(),
        purpose: case.purpose.as_str().to_owned(),
        contact,
        new_contact: match to {
            To::New(contact) => Some((contact.method().as_str().to_owned(), contact.as_str().to_owned())),
            To::Registered(..) | To::Typed(..) | To::Call(..) => None,
        },
        language: match to {
            To::New(_) => case.caller.language.map(|language| language.tag().to_owned()),
            To::Registered(..) | To::Typed(..) | To::Call(..) => None,
        },
        voice: matches!(to, To::Call(..)),
        code,
    });
    outbox::put(&mut tx, doors, to.method(), Some(&id), &letter, now, expires).await?;
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(Sent::Now(id))
}

/// Where a code goes. A new code takes the place of an older one that went the same way, or another way to the same
/// contact. Of a contact that is to be registered, also from where that was asked for.
fn way(doors: &Doors, case: &Case, to: To<'_>) -> Tag {
    let way = destined(doors, case, to);
    match to {
        To::New(_) => doors.keys.mac("way from", &[&way, case.caller.source.as_bytes()]),
        To::Registered(..) | To::Typed(..) | To::Call(..) => way,
    }
}

fn destined(doors: &Doors, case: &Case, to: To<'_>) -> Tag {
    let contact = match to {
        To::Call(_, earlier) => return tag(&earlier.way),
        To::Registered(_, Some(contact)) | To::Typed(_, Some(contact), _) | To::New(contact) => {
            registrations::lookup(&doors.keys, contact)
        }
        To::Registered(_, None) => Tag::default(),
        To::Typed(_, None, typed) => doors.keys.mac("nowhere", &[typed]),
    };
    let parts: [&[u8]; 4] =
        [&case.account.tag, case.purpose.as_str().as_bytes(), to.method().as_str().as_bytes(), &contact];
    doors.keys.mac("way", &parts)
}

/// What a cool-down is for. A mistyped number or address can be corrected at once; the same one again has to wait.
///
/// Over sshd, one of the same length has to wait as well: for a name that it does not know, sshd turns both into the same
/// rubbish, and a second number that goes at once would tell that there is such an account.
fn asked(doors: &Doors, case: &Case, to: To<'_>) -> Tag {
    match to {
        To::Typed(_, _, typed) if case.by_length() => {
            let length = (typed.len() as u64).to_be_bytes();
            doors.keys.mac("asked", &[&case.account.tag, case.purpose.as_str().as_bytes(), &length])
        }
        To::Call(_, earlier) => tag(earlier.asked.as_deref().unwrap_or(&earlier.way)),
        to => destined(doors, case, to),
    }
}

/// No code that was sent to `contact` in order to register it is good any more.
pub(crate) async fn void_new(tx: &mut Tx<'_>, doors: &Doors, case: &Case, contact: &Contact) -> Result<()> {
    let case = Case { purpose: Purpose::Register, ..case.clone() };
    let asked = asked(doors, &case, To::New(contact));
    let purpose = case.purpose.as_str();
    challenges::void_asked(tx, &case.account.tag, purpose, &asked, doors.clock.now()).await
}

/// Whether `challenge` was made from where this case is, in order to register `contact`.
pub fn begun_here(doors: &Doors, case: &Case, challenge: &Challenge, contact: &Contact) -> bool {
    challenge.way == way(doors, case, To::New(contact))
}

fn tag(stored: &[u8]) -> Tag {
    stored.try_into().unwrap_or_default()
}

/// Whether the code of `challenge` went to a contact that was typed, or would have: not simply to the registered mailbox.
pub fn to_typed_contact(doors: &Doors, case: &Case, challenge: &Challenge) -> bool {
    challenge.way != way(doors, case, To::Registered(Method::Email, None))
}

fn code_tag(doors: &Doors, challenge: &str, code: &str) -> Tag {
    doors.keys.mac("code", &[challenge.as_bytes(), code.as_bytes()])
}

/// Looks at an answer to the open challenge. The limits are asked first, the try and the failure are written in the same
/// transaction as the verdict, and the proof belongs to this dialogue alone.
///
/// Where registered contacts are asked, a code that went to any of them is right: whoever waits for two types them in any
/// order. And a guess takes a try from all of them: which of two ways a code went must not show in the tries left. A
/// contact that is to be registered is proved by its own code alone.
pub async fn answer(doors: &Doors, case: &Case, challenge: &str, code: &str) -> Result<Answered> {
    let now = doors.clock.now();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if let Some(seconds) = rest(&mut tx, doors, case).await? {
        return Ok(Answered::Resting(seconds));
    }
    let (purpose, viewer) = (case.purpose.as_str(), case.source(doors));
    let Some(open) = challenges::open_by_id(&mut tx, &case.account.tag, purpose, challenge, &viewer, now).await? else {
        return Ok(Answered::Expired);
    };
    // A decoy that somebody else had made for this name must not stand in the way of the code that was really sent.
    let method = open.destination.as_ref().map(|_| open.method.as_str());
    let candidates = challenges::all_open(&mut tx, &case.account.tag, purpose, method, now).await?;
    let mut right = None;
    for candidate in candidates.iter().chain([&open]) {
        let leads_somewhere = candidate.contact.is_some() || candidate.destination.is_some();
        if same(&code_tag(doors, &candidate.id, code), &candidate.code) & leads_somewhere {
            right = Some(candidate);
        }
    }
    let right = match right {
        // The person has it from an older message.
        Some(right) if right.fate == Fate::Replaced => return Ok(Answered::Expired),
        right => right.map(|right| &right.id),
    };
    if let Some(right) = right {
        if !challenges::prove(&mut tx, right, &case.dialogue, now).await? {
            return Ok(Answered::Expired);
        }
        tx.commit().await?;
        return Ok(Answered::Right);
    }
    challenges::take_tries(&mut tx, &case.account.tag, purpose, method, &viewer, now).await?;
    let failed = failing::count(&mut tx, doors, case, now).await?;
    let left = challenges::tries_left(&mut tx, challenge).await?;
    tx.commit().await?;
    Ok(failed.tell(doors, case, left))
}

/// A gateway that failed to take a code is given so long to recover, before it counts as one that does not work: nobody gets in
/// by being quick.
const RECOVERS_WITHIN: Time = 10;

/// How long a code may be under way before whoever waits for it gets in. That its gateway is down it does not tell.
const ACCEPTED_WITHIN: Time = 30;

/// For how long a code that was not accepted tells of a gateway that does not work.
const TELLING: Time = 86_400;

/// Whether codes reach a person who has to register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateways {
    /// As far as it is known.
    Work,
    /// A code of this case is under way for long, or was refused while others were accepted: it is a matter of where that one
    /// was to go, or of patience.
    NotYet,
    /// A code of this case was refused, and no other was accepted since.
    Down,
}

/// What the codes of this case tell of their gateways, those over an earlier connection too.
pub async fn gateways(doors: &Doors, case: &Case) -> Result<Gateways> {
    let now = doors.clock.now();
    let since = case.began.min(now - TELLING);
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let (account, purpose) = (&case.account.tag, case.purpose.as_str());
    let (failed_by, slow_by) = (now - RECOVERS_WITHIN, now - ACCEPTED_WITHIN);
    let waits = challenges::unaccepted(&mut tx, account, purpose, since, failed_by, slow_by).await?;
    tx.commit().await?;
    Ok(match (waits.by_a_gateway_that_is_down, waits.at_all) {
        (true, _) => Gateways::Down,
        (false, true) => Gateways::NotYet,
        (false, false) => Gateways::Work,
    })
}

/// So long after something was registered, whoever is at the same place is taken for the one who did it.
const SAME_PERSON: Time = 900;

/// Whether one of `contacts`, or with `app` the authenticator app, was registered from where this case is a moment ago.
pub async fn registered_here(doors: &Doors, case: &Case, contacts: &[&Contact], app: bool) -> Result<bool> {
    let case = &Case { purpose: Purpose::Register, ..case.clone() };
    let mut ways: Vec<Tag> = contacts.iter().map(|contact| way(doors, case, To::New(contact))).collect();
    ways.extend(app.then(|| new_app::way(doors, case)));
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let since = doors.clock.now() - SAME_PERSON;
    let lately = challenges::spent_ways(&mut tx, &case.account.tag, case.purpose.as_str(), since).await?;
    tx.commit().await?;
    Ok(lately.iter().any(|lately| ways.iter().any(|way| way == lately.as_slice())))
}
