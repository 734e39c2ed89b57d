//! Proof by code: sent, answered, spent. Everything that decides whether somebody is who they say stands here; a dialogue
//! can only ask. Proof is derived from a stored challenge that was answered rightly in the very dialogue that spends it,
//! never from a flag.

use sspr_config::{dialogue::Purpose, settings::Method};
use zeroize::Zeroizing;

use crate::{
    clock::Time,
    contact::Contact,
    dialogue::Caller,
    doors::Doors,
    error::Result,
    keys::{Tag, same},
    limits::{self, Allowance},
    outbox::{self, Code, Letter},
    random,
    store::{
        Tx,
        challenges::{self, Challenge, NewChallenge},
        registrations,
    },
};

/// Whom a dialogue is about: a name as it was typed, whether there is such an account or not.
#[derive(Clone, Debug)]
pub struct Account {
    /// The name.
    pub name: String,
    /// Its keyed MAC; the store knows unregistered names by this alone.
    tag: Tag,
    /// Whether the name stands for somebody, so that it can be recorded.
    known: bool,
}

impl Account {
    /// The account that `name` stands for.
    pub fn new(doors: &Doors, name: &str) -> Self {
        Self { name: name.to_owned(), tag: doors.keys.mac("account", &[name.as_bytes()]), known: false }
    }

    /// What the audit trail calls it. At a login prompt people type passwords by mistake, so a name that stands for nobody is
    /// not written down.
    pub fn recorded(&self) -> &str {
        if self.known { &self.name } else { "-" }
    }

    /// Finds out whether the name stands for somebody. Asked for every name alike.
    pub async fn look_up(&mut self, doors: &Doors) -> Result<()> {
        let mut session = doors.store.session().await;
        let mut tx = session.begin().await?;
        self.known = registrations::uid_of(&mut tx, &self.name).await?.is_some();
        Ok(tx.commit().await?)
    }

    /// The caller vouches for the name: somebody has just signed in with it, or asks from a shell of its own.
    #[must_use]
    pub fn vouched(mut self) -> Self {
        self.known = true;
        self
    }

    /// The keyed MAC of the name.
    pub(crate) const fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Under what key the codes of a purpose are counted. Whoever asks for codes at the password prompt uses up nothing of
    /// what the person may have to register.
    fn sends(&self, doors: &Doors, purpose: Purpose) -> Tag {
        doors.keys.mac("sends", &[&self.tag, purpose.as_str().as_bytes()])
    }

    /// Under what key the failures of a purpose are counted. Wrong codes while registering don't rest recovery.
    pub(crate) fn failures(&self, doors: &Doors, purpose: Purpose) -> Tag {
        doors.keys.mac("failures", &[&self.tag, purpose.as_str().as_bytes()])
    }
}

/// One purpose of one account in one dialogue.
#[derive(Clone, Debug)]
pub struct Case {
    /// Whose.
    pub account: Account,
    /// What for; a proof for one purpose is none for another.
    pub purpose: Purpose,
    /// The dialogue, to which a proof is bound.
    pub dialogue: String,
    /// When the dialogue began.
    pub began: Time,
    /// Who speaks, for the audit trail.
    pub caller: Caller,
}

/// Where a code is to go.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    /// To the registered contact of that method; of several, to the one that was typed.
    Registered(Method, Option<&'a Contact>),
    /// To a contact that is to be registered.
    New(&'a Contact),
    /// Where an earlier code of this case went, or would have gone.
    Again(Method, &'a Challenge),
    /// Nowhere: what was typed can't be a contact, and must not show.
    Nowhere(Method, &'a [u8]),
}

impl To<'_> {
    fn method(&self) -> Method {
        match self {
            Self::Registered(method, _) | Self::Again(method, _) | Self::Nowhere(method, _) => *method,
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

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Right: proved, for this dialogue.
    Right,
    /// Wrong; so many tries are left.
    Wrong(i64),
    /// Too late, or a newer code took its place.
    Expired,
    /// Self-service of the account rests for so many seconds.
    Resting(Time),
}

/// Whether self-service of the account rests.
pub async fn resting(doors: &Doors, case: &Case) -> Result<Option<Time>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let rest = rest(&mut tx, doors, case).await?;
    tx.commit().await?;
    Ok(rest)
}

/// The same in a transaction.
pub(crate) async fn rest(tx: &mut Tx<'_>, doors: &Doors, case: &Case) -> Result<Option<Time>> {
    let failures = case.account.failures(doors, case.purpose);
    Ok(match limits::resting(tx, &doors.settings.limits, &failures, doors.clock.now()).await? {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => Some(seconds),
    })
}

/// The newest challenge that was sent earlier, over another connection maybe, and can still be answered; of `method` where
/// one is named.
pub async fn open_challenge(doors: &Doors, case: &Case, method: Option<Method>) -> Result<Option<Challenge>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let word = method.map(Method::as_str);
    let open = challenges::open(&mut tx, &case.account.tag, case.purpose.as_str(), word, doors.clock.now()).await?;
    tx.commit().await?;
    Ok(open)
}

/// The challenge that went where `to` leads, and can still be answered.
pub async fn sent_to(doors: &Doors, case: &Case, to: To<'_>) -> Result<Option<Challenge>> {
    let way = way(doors, case, to);
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let open =
        challenges::open_by_way(&mut tx, &case.account.tag, case.purpose.as_str(), &way, doors.clock.now()).await?;
    tx.commit().await?;
    Ok(open)
}

/// The challenge `id` of this case, if it can still be answered.
pub async fn challenge(doors: &Doors, case: &Case, id: &str) -> Result<Option<Challenge>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let open = challenges::open_by_id(&mut tx, &case.account.tag, case.purpose.as_str(), id, doors.clock.now()).await?;
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
    let way = way(doors, case, to);
    let sends = case.account.sends(doors, case.purpose);
    if let Allowance::Wait(seconds) = limits::send(&mut tx, &settings.limits, &sends, &way, resend_after, now).await? {
        return Ok(Sent::Wait(seconds));
    }
    let (contact, destination) = match to {
        To::Registered(method, typed) => {
            let lookup = typed.map(|contact| registrations::lookup(&doors.keys, contact));
            (registrations::find_contact(&mut tx, &case.account.name, method, lookup.as_ref()).await?, None)
        }
        To::Again(_, earlier) => (earlier.contact, None),
        To::Nowhere(method, _) => {
            // The same look-up as for a number; nobody registered this.
            let nobodys = registrations::find_contact(&mut tx, &case.account.name, method, Some(&way)).await?;
            (nobodys.filter(|_| false), None)
        }
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
            To::Registered(..) | To::Again(..) | To::Nowhere(..) => None,
        },
        code,
    });
    outbox::put(&mut tx, doors, Some(&id), &letter, now, expires).await?;
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(Sent::Now(id))
}

/// What a cool-down is for. A mistyped number or address can be corrected at once; the same one again has to wait.
fn way(doors: &Doors, case: &Case, to: To<'_>) -> Tag {
    let typed = match to {
        To::Again(_, earlier) if earlier.way.len() == size_of::<Tag>() => {
            let mut way = Tag::default();
            way.copy_from_slice(&earlier.way);
            return way;
        }
        To::Registered(_, typed) => typed.map(|contact| registrations::lookup(&doors.keys, contact)),
        To::New(contact) => Some(registrations::lookup(&doors.keys, contact)),
        To::Nowhere(_, typed) => Some(doors.keys.mac("nowhere", &[typed])),
        To::Again(..) => None,
    };
    let typed = typed.unwrap_or_default();
    let parts: [&[u8]; 4] =
        [&case.account.tag, case.purpose.as_str().as_bytes(), to.method().as_str().as_bytes(), &typed];
    doors.keys.mac("way", &parts)
}

fn code_tag(doors: &Doors, challenge: &str, code: &str) -> Tag {
    doors.keys.mac("code", &[challenge.as_bytes(), code.as_bytes()])
}

/// Looks at an answer to the open challenge. The limits are asked first, the try and the failure are written in the same
/// transaction as the verdict, and the proof belongs to this dialogue alone.
pub async fn answer(doors: &Doors, case: &Case, challenge: &str, code: &str) -> Result<Answered> {
    let now = doors.clock.now();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if let Some(seconds) = rest(&mut tx, doors, case).await? {
        return Ok(Answered::Resting(seconds));
    }
    let Some(open) = challenges::open_by_id(&mut tx, &case.account.tag, case.purpose.as_str(), challenge, now).await?
    else {
        return Ok(Answered::Expired);
    };
    // A decoy that somebody else had made for this name must not stand in the way of the code that was really sent.
    let candidates = challenges::all_open(&mut tx, &case.account.tag, case.purpose.as_str(), &open.method, now).await?;
    let mut right = None;
    for candidate in candidates.iter().chain([&open]) {
        let leads_somewhere = candidate.contact.is_some() || candidate.destination.is_some();
        if same(&code_tag(doors, &candidate.id, code), &candidate.code) & leads_somewhere {
            right = Some(&candidate.id);
        }
    }
    if let Some(right) = right {
        if !challenges::prove(&mut tx, right, &case.dialogue, now).await? {
            return Ok(Answered::Expired);
        }
        tx.commit().await?;
        return Ok(Answered::Right);
    }
    challenges::take_tries(&mut tx, &case.account.tag, case.purpose.as_str(), &open.method, now).await?;
    let failures = case.account.failures(doors, case.purpose);
    let rest = limits::failure(&mut tx, &doors.settings.limits, &failures, now).await?;
    let left = challenges::tries_left(&mut tx, challenge).await?;
    tx.commit().await?;
    Ok(match rest {
        Allowance::Granted => Answered::Wrong(left),
        Allowance::Wait(seconds) => Answered::Resting(seconds),
    })
}

/// The methods that this dialogue has proved and not spent.
pub async fn proved(doors: &Doors, case: &Case) -> Result<Vec<Method>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let words = challenges::proved_methods(
        &mut tx,
        &case.account.tag,
        case.purpose.as_str(),
        &case.dialogue,
        oldest(doors, case),
    )
    .await?;
    tx.commit().await?;
    Ok(words.iter().filter_map(|word| Method::from_word(word)).collect())
}

/// A proof older than this is none.
fn oldest(doors: &Doors, case: &Case) -> Time {
    case.began.max(doors.clock.now() - doors.settings.limits.recovery.as_secs()) - 1
}

/// Spends the proofs of this dialogue if they are of at least `required` different methods and the account does not rest.
/// `false`: they are not, and nothing was spent.
pub async fn spend(doors: &Doors, case: &Case, required: usize) -> Result<bool> {
    let now = doors.clock.now();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if required == 0 || rest(&mut tx, doors, case).await?.is_some() {
        return Ok(false);
    }
    let since = oldest(doors, case);
    let methods = challenges::spend(
        &mut tx,
        &case.account.tag,
        &case.account.name,
        case.purpose.as_str(),
        &case.dialogue,
        since,
        now,
    )
    .await?;
    if methods < required {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Gives back what was just spent, because the write was refused before anything was written.
pub async fn give_back(doors: &Doors, case: &Case) -> Result<()> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    challenges::unspend(&mut tx, &case.account.tag, case.purpose.as_str(), &case.dialogue).await?;
    Ok(tx.commit().await?)
}

/// The purpose is reached: failures are forgotten, and what is still open is void.
pub async fn succeed(doors: &Doors, case: &Case) -> Result<()> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    limits::clear_failures(&mut tx, &case.account.failures(doors, case.purpose)).await?;
    challenges::void_all(&mut tx, &case.account.tag, case.purpose.as_str(), doors.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// How long a gateway may take to accept a code before it counts as one that does not work.
const ACCEPTED_WITHIN: Time = 10;

/// Whether a code of this case, sent now or over an earlier connection, was never accepted by a gateway.
pub async fn undelivered(doors: &Doors, case: &Case) -> Result<bool> {
    let now = doors.clock.now();
    let since = case.began.min(now - doors.settings.code.lifetime.as_secs());
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let purpose = case.purpose.as_str();
    let waits = challenges::any_unaccepted(&mut tx, &case.account.tag, purpose, since, now - ACCEPTED_WITHIN).await?;
    tx.commit().await?;
    Ok(waits)
}

/// A code as it was typed, brought to plain digits: spaces and dashes are left out, full-width and other decimal digits
/// are taken for what they mean (Unicode NFKC). `None` when it is not `digits` digits then.
pub fn tidy_code(typed: &str, digits: u8) -> Option<Zeroizing<String>> {
    use unicode_normalization::UnicodeNormalization as _;
    let mut code = Zeroizing::new(String::with_capacity(usize::from(digits)));
    for c in typed.nfkc() {
        match c {
            '0'..='9' if code.len() < usize::from(digits) => code.push(c),
            c if c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '.' | '\u{30fc}') => {}
            _ => return None,
        }
    }
    (code.len() == usize::from(digits)).then_some(code)
}
