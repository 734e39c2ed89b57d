//! Registrations with their contacts, and postponed invitations. Contacts are sealed, and bound to the account's name
//! and id. A registration whose account is gone or has another id is deleted, never inherited.

use sspr_config::{language::Language, settings::Method};

use crate::{
    account::{Id, Name},
    clock::Time,
    contact::Contact,
    error::{Error, Result},
    keys::{Keys, Tag},
    random::Random,
};

mod rows;

pub(super) use rows::settle_preferred;

/// The most contacts of one method.
pub const CONTACTS_MAX: usize = 2;

/// A registration.
#[derive(Debug)]
pub struct Registration {
    /// The account's id at registration.
    pub id: Id,
    /// When the contacts were last confirmed.
    pub confirmed: Time,
    /// The contacts, oldest first.
    pub contacts: Vec<Registered>,
}

impl Registration {
    /// The usable contacts.
    pub fn usable(&self) -> Vec<Contact> {
        self.contacts.iter().filter(|c| c.usable).map(|c| c.contact.clone()).collect()
    }
}

/// A registered contact.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The row of the contact.
    pub id: i64,
    /// The address or number.
    pub contact: Contact,
    /// Whether it is the first of several contacts of one method.
    pub preferred: bool,
    /// Whether it can be used. An imported contact may have to be confirmed by its owner first.
    pub usable: bool,
    /// Its source, if the user neither registered nor confirmed it: "import", "directory" or "entra".
    pub source: Option<String>,
}

/// When a user was asked to register.
#[derive(Clone, Copy, Debug)]
pub struct Invitation {
    /// When the question was certainly seen for the first time. The days in which registering can be put off begin
    /// then.
    pub first: Option<Time>,
    /// When the user was last asked.
    pub last: Time,
}

fn context(name: Name<'_>, id: Id) -> Vec<u8> {
    [b"contact\0".as_slice(), &name.bytes(), b"\0", &id.bytes()].concat()
}

/// Seals a contact of the account `name` with `id`.
pub(crate) fn seal(keys: &Keys, random: &dyn Random, name: Name<'_>, id: Id, contact: &Contact) -> Result<Vec<u8>> {
    keys.seal(random, &context(name, id), contact.as_str().as_bytes())
}

/// Opens a contact that [`seal`] sealed for the same account.
pub(crate) fn open(keys: &Keys, name: Name<'_>, id: Id, method: &str, sealed: &[u8]) -> Result<Contact> {
    let plain = keys.open(&context(name, id), sealed)?;
    Method::from_word(method)
        .zip(std::str::from_utf8(&plain).ok())
        .and_then(|(method, text)| Contact::from_stored(method, text))
        .ok_or(Error::Sealed)
}

const LOOKUP: &str = "contact";

/// The MAC by which a contact is found without being opened.
pub fn lookup(keys: &Keys, contact: &Contact) -> Tag {
    keys.mac(LOOKUP, &[contact.method().as_str().as_bytes(), contact.limit_key().as_bytes()])
}

/// [`lookup`] by each earlier host key, for a contact that was not stored when it was replaced.
pub fn former_lookups(keys: &Keys, contact: &Contact) -> impl Iterator<Item = Tag> {
    let macs = keys.macs(LOOKUP, &[contact.method().as_str().as_bytes(), contact.limit_key().as_bytes()]);
    macs.into_iter().skip(1)
}

/// Registrations, and invitations to register.
pub trait Registrations {
    /// The registration of `name`, if there is one.
    fn get(&mut self, keys: &Keys, name: Name<'_>) -> impl Future<Output = Result<Option<Registration>>> + Send;

    /// The newest usable mailbox of a user other than `name`. Unless it was imported, it is known to accept mail from
    /// here.
    fn another_mailbox(&mut self, keys: &Keys, name: Name<'_>) -> impl Future<Output = Result<Option<Contact>>> + Send;

    /// Stores the language that `name` registered in. Call it in the transaction of the registration.
    fn set_language(&mut self, name: Name<'_>, language: Language) -> impl Future<Output = Result<()>> + Send;

    /// The row of the usable contact of `name` for `method`. With `lookup`, it is the contact that was typed; otherwise
    /// the preferred one, or the oldest. An imported contact does not count until its owner has confirmed it, if that
    /// is required.
    fn find_contact(
        &mut self,
        name: Name<'_>,
        method: Method,
        lookup: Option<&Tag>,
    ) -> impl Future<Output = Result<Option<i64>>> + Send;

    /// Makes sure that `name` with `id` has a registration. A registration of the same name with another id is deleted
    /// first, with everything that belongs to it.
    fn ensure(&mut self, name: Name<'_>, id: Id, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Registers `contact`, which the owner of the account `name` with `id` proved. A registration of the same name
    /// with another id is deleted first. An existing contact stays, and is usable and the owner's own from now on.
    fn add_contact(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        contact: &Contact,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Registers `contact`, which an administrator imports for `name` with `id`. Unless it is `usable`, its owner has
    /// to confirm it before it can be used. `false`: it existed already, and is unchanged.
    #[allow(clippy::too_many_arguments, reason = "what a row consists of")]
    fn import_contact(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        contact: &Contact,
        usable: bool,
        now: Time,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// Removes the contact `id` of `name`. `false`: there is no such contact.
    fn remove_contact(&mut self, name: Name<'_>, id: i64) -> impl Future<Output = Result<bool>> + Send;

    /// Makes `id` the first of the usable contacts of its method. `false`: there is no such contact.
    fn prefer(&mut self, name: Name<'_>, id: i64) -> impl Future<Output = Result<bool>> + Send;

    /// Notes that the owner of `name` confirmed the registration.
    fn confirm(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Undoes [`Self::asked`], because the user could not be asked after all: `former` is the previous time.
    fn put_asked_back(&mut self, name: Name<'_>, former: Option<Time>) -> impl Future<Output = Result<()>> + Send;

    /// Notes that `name` is asked about the registration.
    fn asked(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that the registration of `name` is complete, which ends an invitation.
    fn enough(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Deletes the registration of `name`, everything that belongs to it, and the invitation. `false`: there was no
    /// registration.
    fn forget(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;

    /// Deletes the rows of accounts of `realm` that are not among `living`. A later account with the same name may get
    /// the same id, but belongs to another user. Returns the number of deleted registrations.
    fn keep_only(&mut self, realm: &str, living: &[(String, Id)]) -> impl Future<Output = Result<u64>> + Send;

    /// Deletes the registration of `name` at its owner's request. The days in which registering can be put off don't
    /// start over. `false`: there was no registration.
    fn withdraw(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Notes that `name` is asked to register. If the question was certainly `seen`, the days in which it can be put
    /// off begin, unless they have begun.
    fn invite(&mut self, name: Name<'_>, id: Id, seen: bool, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Begins the days in which `name` can put registering off, unless they have begun. The user could not be asked,
    /// and may never be.
    fn days_begin(&mut self, name: Name<'_>, id: Id, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Undoes [`Self::invite`], because `name` was not asked after all. `former` is the previous invitation. Nothing
    /// changes if the user was asked elsewhere in the meantime and certainly saw it.
    fn put_invitation_back(
        &mut self,
        name: Name<'_>,
        id: Id,
        former: Option<Invitation>,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// How far a user has got with registering.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many different methods are registered and usable.
    pub methods: i64,
    /// How many imported contacts the owner still has to confirm.
    pub unconfirmed: i64,
    /// When the registration was last confirmed; `None` if there is none.
    pub confirmed: Option<Time>,
    /// When the user was last asked whether it is still correct.
    pub asked: Option<Time>,
    /// When the registration was last found to be complete.
    pub checked: Option<Time>,
    /// When the user was asked to register.
    pub invited: Option<Invitation>,
    /// Whether an administrator exempted this account.
    pub exempt: bool,
    /// When no person answered a question over SSH.
    pub unanswered: Option<Time>,
    /// Whether there are unused recovery codes, none of which is known to have been read.
    pub unseen_codes: bool,
}
