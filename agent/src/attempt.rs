//! The subject and the purpose of a dialogue. Limits, codes and proofs are stored by them.

use sspr_config::dialogue::Purpose;

use crate::{
    account::Name,
    caller::Caller,
    clock::Time,
    keys::{Keys, Tag},
    source::Source,
};

/// The subject of a dialogue: a typed name, whether such an account exists or not.
#[derive(Clone, Debug)]
pub struct Account {
    /// The realm.
    pub realm: String,
    /// The name.
    pub name: String,
    /// The keyed MAC of realm and name; the store identifies unregistered names only by it.
    tag: Tag,
    /// Whether the account exists, so the name can be recorded.
    known: bool,
    /// The name as the host has it, if different.
    typed: Option<String>,
}

impl Account {
    /// The account with the name `name`.
    pub fn new(keys: &Keys, name: Name<'_>) -> Self {
        let tag = keys.mac("account", &[&name.bytes()]);
        Self { realm: name.realm.to_owned(), name: name.name.to_owned(), tag, known: false, typed: None }
    }

    /// The same account, with the name as the host has it.
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
    pub(crate) fn sends(&self, keys: &Keys, purpose: Purpose) -> Tag {
        keys.mac("sends", &[&self.tag, purpose.as_str().as_bytes()])
    }

    /// The key under which the failures of a purpose are counted. Wrong codes while registering don't suspend recovery.
    pub(crate) fn failures(&self, keys: &Keys, purpose: Purpose) -> Tag {
        keys.mac("failures", &[&self.tag, purpose.as_str().as_bytes()])
    }

    /// The keys under which its failures are counted, each with its purpose.
    pub(crate) fn all_failures(&self, keys: &Keys) -> [(Purpose, Tag); Purpose::ALL.len()] {
        Purpose::ALL.map(|purpose| (purpose, self.failures(keys, purpose)))
    }

    /// The key under which sign-ins without the required registration are counted.
    pub(crate) fn let_ins(&self, keys: &Keys) -> Tag {
        keys.mac("let-in", &[&self.tag])
    }
}

/// One attempt for one purpose: of one account, in one dialogue.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The account.
    pub account: Account,
    /// The purpose; a proof for one purpose is not valid for another.
    pub purpose: Purpose,
    /// The dialogue, to which a proof is bound.
    pub dialogue: String,
    /// When the dialogue began.
    pub began: Time,
    /// Whether it goes on with a dialogue that was lost with its server. Proofs of that one are valid.
    pub resumed: bool,
    /// The caller, for the audit trail.
    pub caller: Caller,
}

impl Attempt {
    /// Whether only the lengths of answers may count: see `Caller::counts_by_length`.
    pub fn by_length(&self) -> bool {
        self.purpose == Purpose::Recover && self.caller.counts_by_length()
    }

    /// The key of its source.
    pub(crate) fn source(&self, keys: &Keys) -> Tag {
        keys.mac("source", &[Source::new(&self.caller.source).near.as_bytes()])
    }

    /// The source whose user sees its challenges end; `None` if no stranger sees them.
    pub(crate) fn closed_from(&self, keys: &Keys) -> Option<Tag> {
        (self.purpose == Purpose::Recover).then(|| self.source(keys))
    }
}
