//! Proof of identity. Everything that decides about it is here; a dialogue can only ask. A proof derives from a stored challenge
//! that was answered correctly in the dialogue that spends it, never from a flag.
//!
//! `codes` has the codes that are sent, `tokens` those that a user already has (an app's, recovery codes, the help desk's), and
//! `spending` decides what proofs are worth together, and uses them up.

use sspr_config::{dialogue::Purpose, settings::Method};

use crate::{
    account::Name,
    caller::Caller,
    clock::Time,
    error::Result,
    keys::{Keys, Tag},
    limits::{self, Allowance},
    session::Session,
    source::Source,
    store::{Challenges, Tx},
};

mod codes;
pub(crate) mod failing;
mod spending;
mod tokens;

pub use sspr_core::code::tidy as tidy_code;

pub use codes::{
    Gateways, Sent, To, answer, begun_here, challenge, destination, gateways, open_challenge, registered_here, send,
    sent_by, sent_to, to_typed_contact,
};
pub(crate) use codes::{destination_context, void_new};
pub(crate) use spending::succeeding;
pub use spending::{Needed, give_back, good, proved, recovery_codes_left, spend, spend_for, spending, succeed};
pub use tokens::{Token, present};

/// A means of proof. Two different ones make two proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Means {
    /// A code by mail.
    Email,
    /// A code by text message or voice call.
    Phone,
    /// A code of an authenticator app.
    App,
    /// A recovery code.
    RecoveryCode,
    /// A code from the help desk: a human has verified the caller.
    HelpDesk,
}

impl Means {
    /// All of them.
    const ALL: [Self; 5] = [Self::Email, Self::Phone, Self::App, Self::RecoveryCode, Self::HelpDesk];

    /// Its name in store and journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => Method::Email.as_str(),
            Self::Phone => Method::Phone.as_str(),
            Self::App => Method::App.as_str(),
            Self::RecoveryCode => "recovery-code",
            Self::HelpDesk => "help-desk",
        }
    }

    /// The means with the name `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|means| means.as_str() == word)
    }
}

impl From<Method> for Means {
    fn from(method: Method) -> Self {
        match method {
            Method::Email => Self::Email,
            Method::Phone => Self::Phone,
            Method::App => Self::App,
        }
    }
}

/// The subject of a dialogue: a name as it was typed, whether such an account exists or not.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who answers for it.
    pub realm: String,
    /// The name.
    pub name: String,
    /// Their keyed MAC; the store knows unregistered names by this alone.
    tag: Tag,
    /// Whether the account exists, so the name can be recorded.
    known: bool,
    /// As the host has the name, where that is not the same.
    typed: Option<String>,
}

impl Account {
    /// The account that `name` stands for.
    pub fn new(keys: &Keys, name: Name<'_>) -> Self {
        let tag = keys.mac("account", &[&name.bytes()]);
        Self { realm: name.realm.to_owned(), name: name.name.to_owned(), tag, known: false, typed: None }
    }

    /// The same, where the host has the name so.
    #[must_use]
    pub fn typed(mut self, name: &str) -> Self {
        self.typed = (name != self.name).then(|| name.to_owned());
        self
    }

    /// Its name as the host has it.
    pub fn as_typed(&self) -> &str {
        self.typed.as_deref().unwrap_or(&self.name)
    }

    /// Its name in its realm.
    pub fn name(&self) -> Name<'_> {
        Name { realm: &self.realm, name: &self.name }
    }

    /// Its name in the audit trail. At a login prompt users type passwords by mistake, so the name of an unknown account is not
    /// written down.
    pub fn recorded(&self) -> &str {
        if self.known { &self.name } else { "-" }
    }

    /// The caller vouches for the name: the user has just signed in with it, or asks from a shell.
    #[must_use]
    pub fn vouched(mut self) -> Self {
        self.known = true;
        self
    }

    /// The keyed MAC of the name.
    pub(crate) const fn tag(&self) -> &Tag {
        &self.tag
    }

    /// The key under which the codes of a purpose are counted. A stranger who asks for codes at the password prompt uses up none of
    /// those that the owner needs to register.
    fn sends(&self, keys: &Keys, purpose: Purpose) -> Tag {
        keys.mac("sends", &[&self.tag, purpose.as_str().as_bytes()])
    }

    /// The key under which the failures of a purpose are counted. Wrong codes while registering don't suspend recovery.
    pub(crate) fn failures(&self, keys: &Keys, purpose: Purpose) -> Tag {
        keys.mac("failures", &[&self.tag, purpose.as_str().as_bytes()])
    }
}

impl Account {
    /// The keys under which its failures are counted, each with its purpose.
    pub(crate) fn all_failures(&self, keys: &Keys) -> [(Purpose, Tag); Purpose::ALL.len()] {
        Purpose::ALL.map(|purpose| (purpose, self.failures(keys, purpose)))
    }

    /// An administrator ends its suspension, for every purpose, and gives it time to register as required.
    pub(crate) async fn unblock(&self, tx: &mut Tx<'_>, keys: &Keys) -> Result<()> {
        for (_, failures) in self.all_failures(keys) {
            limits::clear_failures(tx, &failures).await?;
        }
        limits::clear_let_ins(tx, &self.let_ins(keys)).await
    }

    /// The key under which sign-ins without the required registration are counted.
    pub(crate) fn let_ins(&self, keys: &Keys) -> Tag {
        keys.mac("let-in", &[&self.tag])
    }

    /// Voids every code that was sent to it. A stranger at a login prompt does not see that.
    pub(crate) async fn void(&self, tx: &mut Tx<'_>, keys: &Keys, now: Time) -> Result<()> {
        let nowhere = keys.mac("nowhere", &[]);
        for purpose in Purpose::ALL {
            let closed_from = (purpose == Purpose::Recover).then_some(&nowhere);
            Challenges::void_all(tx, &self.tag, purpose.as_str(), closed_from, now).await?;
        }
        Ok(())
    }
}

/// One attempt at one purpose: of one account, in one dialogue.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Whose.
    pub account: Account,
    /// The purpose; a proof for one purpose is not valid for another.
    pub purpose: Purpose,
    /// The dialogue, to which a proof is bound.
    pub dialogue: String,
    /// When the dialogue began.
    pub began: Time,
    /// The caller, for the audit trail.
    pub caller: Caller,
}

impl Attempt {
    /// Whether only the lengths of answers may count: see `Caller::counts_by_length`.
    pub fn by_length(&self) -> bool {
        self.purpose == Purpose::Recover && self.caller.counts_by_length()
    }

    /// The key of where it comes from.
    pub(crate) fn source(&self, keys: &Keys) -> Tag {
        keys.mac("source", &[Source::new(&self.caller.source).near.as_bytes()])
    }

    /// The source that sees its challenges end; `None` if no stranger sees them.
    fn closed_from(&self, keys: &Keys) -> Option<Tag> {
        (self.purpose == Purpose::Recover).then(|| self.source(keys))
    }
}

/// The verdict on an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Correct: proved, for this dialogue.
    Right,
    /// Wrong; so many tries are left, of the code or of the account.
    Wrong(i64),
    /// Too late, or a newer code took its place.
    Expired,
    /// Self-service of the account is suspended for so many seconds.
    Resting(Time),
}

/// Whether self-service of the account is suspended.
pub async fn resting(s: &Session) -> Result<Option<Time>> {
    let mut tx = s.begin_to_read().await?;
    let rest = rest(&mut tx, s).await?;
    tx.commit().await?;
    Ok(rest)
}

/// The same in a transaction.
pub(crate) async fn rest(tx: &mut Tx<'_>, s: &Session) -> Result<Option<Time>> {
    Ok(match limits::resting(tx, &s.settings.limits, &s.failures(), s.now()).await? {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => Some(seconds),
    })
}
