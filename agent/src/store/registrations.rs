//! Registrations with their contacts, and invitations that were put off. Contacts are sealed, bound to the account's name and
//! id; a registration whose account is gone or has another id is deleted, never inherited.

use sqlx::{Row as _, SqliteConnection};
use sspr_config::{language::Language, settings::Method};

use super::{Pictures, Tx, Unanswered, id_of};
use crate::{
    account::{Id, Name},
    clock::Time,
    contact::Contact,
    error::{Error, Result},
    keys::{Keys, Tag},
    random::Random,
};

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
    /// Its row.
    pub id: i64,
    /// Where it leads.
    pub contact: Contact,
    /// Of several of one method, this one first.
    pub preferred: bool,
    /// Imported contacts may have to be confirmed by their owner before they are usable.
    pub usable: bool,
    /// Who vouched for it, where its owner neither registered nor confirmed it: "import", "directory" or "entra".
    pub source: Option<String>,
}

/// When a user was asked to register.
#[derive(Clone, Copy, Debug)]
pub struct Invitation {
    /// The first time that the question was surely seen; the days in which it can be put off begin here.
    pub first: Option<Time>,
    /// The last time.
    pub last: Time,
}

fn context(name: Name<'_>, id: Id) -> Vec<u8> {
    [b"contact\0".as_slice(), &name.bytes(), b"\0", &id.bytes()].concat()
}

/// Seals a contact of the account `name` with `id`.
pub(crate) fn seal(keys: &Keys, random: &dyn Random, name: Name<'_>, id: Id, contact: &Contact) -> Result<Vec<u8>> {
    keys.seal(random, &context(name, id), contact.as_str().as_bytes())
}

/// Opens what [`seal`] sealed for the same account.
pub(crate) fn open(keys: &Keys, name: Name<'_>, id: Id, method: &str, sealed: &[u8]) -> Result<Contact> {
    let plain = keys.open(&context(name, id), sealed)?;
    Method::from_word(method)
        .zip(std::str::from_utf8(&plain).ok())
        .and_then(|(method, text)| Contact::from_stored(method, text))
        .ok_or(Error::Sealed)
}

/// The MAC by which a contact is found without opening any.
pub fn lookup(keys: &Keys, contact: &Contact) -> Tag {
    keys.mac("contact", &[contact.method().as_str().as_bytes(), contact.limit_key().as_bytes()])
}

/// What is registered, and who was asked to register.
pub trait Registrations {
    /// The registration of `name`, if there is one.
    fn get(&mut self, keys: &Keys, name: Name<'_>) -> impl Future<Output = Result<Option<Registration>>> + Send;

    /// The mailbox that another user than `name` registered last, and so is known to accept mail from here.
    fn another_mailbox(&mut self, keys: &Keys, name: Name<'_>) -> impl Future<Output = Result<Option<Contact>>> + Send;

    /// Remembers the language that `name` registered in; call it in the transaction that registers something.
    fn set_language(&mut self, name: Name<'_>, language: Language) -> impl Future<Output = Result<()>> + Send;

    /// The row of the contact of `name` for `method`; with `lookup`, the one that was typed, else the preferred, else the oldest. An
    /// imported one does not count until its owner has confirmed it.
    fn find_contact(
        &mut self,
        name: Name<'_>,
        method: Method,
        lookup: Option<&Tag>,
    ) -> impl Future<Output = Result<Option<i64>>> + Send;

    /// Makes sure that there is a registration of `name` with `id`. One of the same name with another id is deleted first, with all
    /// that belongs to it.
    fn ensure(&mut self, name: Name<'_>, id: Id, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Registers `contact` for the account `name` with `id`, whose owner proved it. A registration of the same name with another id
    /// is deleted first. A contact that exists already stays, and is usable and its owner's own from now on.
    fn add_contact(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        contact: &Contact,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Registers `contact`, which an administrator imports for `name` with `id`; unless it is `usable`, its owner has to confirm it
    /// before it can be used. `false`: it exists already, and stays as it is.
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

    /// Removes the contact `id` of `name`. `false`: there was none.
    fn remove_contact(&mut self, name: Name<'_>, id: i64) -> impl Future<Output = Result<bool>> + Send;

    /// Makes `id` the first of the usable contacts of its method. `false`: there is no such contact.
    fn prefer(&mut self, name: Name<'_>, id: i64) -> impl Future<Output = Result<bool>> + Send;

    /// Notes that the owner of `name` confirmed the registration.
    fn confirm(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that `name` could not be asked about its registration after all: it was last asked at `former`.
    fn put_asked_back(&mut self, name: Name<'_>, former: Option<Time>) -> impl Future<Output = Result<()>> + Send;

    /// Notes that `name` is asked about its registration.
    fn asked(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that `name` was checked and has all that is required, which ends an invitation.
    fn enough(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Drops the registration of `name`, all that belongs to it, and its invitation.
    fn forget(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;

    /// Deletes the rows of accounts of `realm` that are no longer among `living`: a later account of the same name may get the same id,
    /// and is another user's. Returns the number of deleted registrations.
    fn keep_only(&mut self, realm: &str, living: &[(String, Id)]) -> impl Future<Output = Result<u64>> + Send;

    /// Deletes the registration of `name` at its owner's request. The days in which registering can be put off don't start over.
    fn withdraw(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Notes that `name` is asked to register. If the question is `seen` for sure, the days in which it can be put off begin, unless
    /// they have begun.
    fn invite(&mut self, name: Name<'_>, id: Id, seen: bool, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Begins the days in which `name` can put registering off, unless they have begun: it could not be asked, and may never be.
    fn days_begin(&mut self, name: Name<'_>, id: Id, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that `name` was not asked to register after all: undoes [`Self::invite`], unless the user was asked elsewhere in the meantime
    /// and surely saw it.
    fn put_invitation_back(
        &mut self,
        name: Name<'_>,
        id: Id,
        former: Option<Invitation>,
    ) -> impl Future<Output = Result<()>> + Send;
}

impl Registrations for Tx<'_> {
    async fn get(&mut self, keys: &Keys, name: Name<'_>) -> Result<Option<Registration>> {
        let Some(row) = sqlx::query("SELECT id, confirmed FROM registration WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .fetch_optional(&mut **self)
            .await?
        else {
            return Ok(None);
        };
        let id = id_of(&row, 0)?;
        let rows = sqlx::query(
            "SELECT id, method, sealed, preferred, usable, source FROM contact WHERE realm = $1 AND name = $2 ORDER BY id",
        )
        .bind(name.realm)
        .bind(name.name)
        .fetch_all(&mut **self)
        .await?;
        let contacts = rows
            .iter()
            .map(|row| {
                let (method, sealed): (String, Vec<u8>) = (row.try_get(1)?, row.try_get(2)?);
                let contact = open(keys, name, id, &method, &sealed)?;
                let (preferred, usable, source) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
                Ok(Registered { id: row.try_get(0)?, contact, preferred, usable, source })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Some(Registration { id, confirmed: row.try_get(1)?, contacts }))
    }

    async fn another_mailbox(&mut self, keys: &Keys, name: Name<'_>) -> Result<Option<Contact>> {
        let row = sqlx::query(
            "SELECT c.realm, c.name, r.id, c.method, c.sealed FROM contact AS c JOIN registration AS r USING (realm, name) \
             WHERE c.method = 'email' AND c.usable = 1 AND (c.realm <> $1 OR c.name <> $2) ORDER BY c.id DESC LIMIT 1",
        )
        .bind(name.realm)
        .bind(name.name)
        .fetch_optional(&mut **self)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (realm, owner, method): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(3)?);
        let sealed: Vec<u8> = row.try_get(4)?;
        let owner = Name { realm: &realm, name: &owner };
        Ok(Some(open(keys, owner, id_of(&row, 2)?, &method, &sealed)?))
    }

    async fn set_language(&mut self, name: Name<'_>, language: Language) -> Result<()> {
        sqlx::query("UPDATE registration SET language = $1 WHERE realm = $2 AND name = $3")
            .bind(language.tag())
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn find_contact(&mut self, name: Name<'_>, method: Method, lookup: Option<&Tag>) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT id FROM contact WHERE realm = $1 AND name = $2 AND method = $3 AND usable = 1 \
                 AND ($4 IS NULL OR lookup = $4) ORDER BY preferred DESC, id LIMIT 1",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(method.as_str())
        .bind(lookup.map(Tag::as_slice))
        .fetch_optional(&mut **self)
        .await?)
    }

    async fn ensure(&mut self, name: Name<'_>, id: Id, now: Time) -> Result<()> {
        sqlx::query("DELETE FROM registration WHERE realm = $1 AND name = $2 AND id <> $3")
            .bind(name.realm)
            .bind(name.name)
            .bind(id.as_str())
            .execute(&mut **self)
            .await?;
        sqlx::query(
            "INSERT INTO registration (realm, name, id, created, confirmed) VALUES ($1, $2, $3, $4, $4) \
             ON CONFLICT (realm, name) DO NOTHING",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(id.as_str())
        .bind(now)
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn add_contact(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        contact: &Contact,
        now: Time,
    ) -> Result<()> {
        Registrations::ensure(self, name, id, now).await?;
        let sealed = seal(keys, random, name, id, contact)?;
        sqlx::query(
            "INSERT INTO contact (realm, name, method, sealed, lookup, created) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (realm, name, lookup) DO UPDATE SET sealed = excluded.sealed, usable = 1, source = NULL",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(contact.method().as_str())
        .bind(sealed)
        .bind(lookup(keys, contact).as_slice())
        .bind(now)
        .execute(&mut **self)
        .await?;
        Registrations::confirm(self, name, now).await?;
        settle_preferred(self, name).await
    }

    async fn import_contact(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        contact: &Contact,
        usable: bool,
        now: Time,
    ) -> Result<bool> {
        Registrations::ensure(self, name, id, now).await?;
        let sealed = seal(keys, random, name, id, contact)?;
        let done = sqlx::query(
            "INSERT INTO contact (realm, name, method, sealed, lookup, created, usable) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (realm, name, lookup) DO NOTHING",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(contact.method().as_str())
        .bind(sealed)
        .bind(lookup(keys, contact).as_slice())
        .bind(now)
        .bind(usable)
        .execute(&mut **self)
        .await?;
        settle_preferred(self, name).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn remove_contact(&mut self, name: Name<'_>, id: i64) -> Result<bool> {
        let done = sqlx::query("DELETE FROM contact WHERE id = $1 AND realm = $2 AND name = $3")
            .bind(id)
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        settle_preferred(self, name).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn prefer(&mut self, name: Name<'_>, id: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE contact SET preferred = (id = $1) WHERE realm = $2 AND name = $3 AND method = \
             (SELECT method FROM contact WHERE id = $1 AND realm = $2 AND name = $3 AND usable = 1)",
        )
        .bind(id)
        .bind(name.realm)
        .bind(name.name)
        .execute(&mut **self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn confirm(&mut self, name: Name<'_>, now: Time) -> Result<()> {
        sqlx::query("UPDATE registration SET confirmed = $1 WHERE realm = $2 AND name = $3")
            .bind(now)
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn put_asked_back(&mut self, name: Name<'_>, former: Option<Time>) -> Result<()> {
        sqlx::query("UPDATE registration SET asked = $1 WHERE realm = $2 AND name = $3")
            .bind(former)
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn asked(&mut self, name: Name<'_>, now: Time) -> Result<()> {
        Registrations::put_asked_back(self, name, Some(now)).await
    }

    async fn enough(&mut self, name: Name<'_>, now: Time) -> Result<()> {
        sqlx::query("UPDATE registration SET checked = $1 WHERE realm = $2 AND name = $3")
            .bind(now)
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        sqlx::query("DELETE FROM invitation WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn forget(&mut self, name: Name<'_>) -> Result<bool> {
        Unanswered::forget(self, name).await?;
        Pictures::seen(self, name).await?;
        sqlx::query("DELETE FROM invitation WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        let done = sqlx::query("DELETE FROM registration WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn keep_only(&mut self, realm: &str, living: &[(String, Id)]) -> Result<u64> {
        let living = serde_json::to_string(living).map_err(|error| Error::Store(sqlx::Error::Encode(error.into())))?;
        let mut gone = 0;
        for statement in [
            "DELETE FROM exemption WHERE realm = $1 AND (name, id) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))",
            "DELETE FROM invitation WHERE realm = $1 AND (name, id) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))",
            "DELETE FROM unanswered WHERE realm = $1 AND (name, id) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))",
            "DELETE FROM picture WHERE realm = $1 AND (name, id) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))",
            "DELETE FROM helpdesk_code WHERE realm = $1 \
                 AND (name, account) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))",
            "DELETE FROM registration WHERE realm = $1 AND (name, id) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))",
        ] {
            gone = sqlx::query(statement).bind(realm).bind(&living).execute(&mut **self).await?.rows_affected();
        }
        // The last statement's.
        Ok(gone)
    }

    async fn withdraw(&mut self, name: Name<'_>, now: Time) -> Result<bool> {
        sqlx::query(
            "INSERT INTO invitation (realm, name, id, first_time, last_time) \
             SELECT realm, name, id, created, $3 FROM registration WHERE realm = $1 AND name = $2 \
             ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id, last_time = excluded.last_time, \
                 first_time = min(excluded.first_time, coalesce(invitation.first_time, excluded.first_time))",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(now)
        .execute(&mut **self)
        .await?;
        let done = sqlx::query("DELETE FROM registration WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn invite(&mut self, name: Name<'_>, id: Id, seen: bool, now: Time) -> Result<()> {
        sqlx::query("DELETE FROM invitation WHERE realm = $1 AND name = $2 AND id <> $3")
            .bind(name.realm)
            .bind(name.name)
            .bind(id.as_str())
            .execute(&mut **self)
            .await?;
        sqlx::query(
            "INSERT INTO invitation (realm, name, id, first_time, last_time) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (realm, name) DO UPDATE SET last_time = excluded.last_time, \
                 first_time = coalesce(invitation.first_time, excluded.first_time)",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(id.as_str())
        .bind(seen.then_some(now))
        .bind(now)
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn days_begin(&mut self, name: Name<'_>, id: Id, now: Time) -> Result<()> {
        // Asked long ago: the next host that can ask does.
        sqlx::query(
            "INSERT INTO invitation (realm, name, id, first_time, last_time) VALUES ($1, $2, $3, $4, 0) \
             ON CONFLICT (realm, name) DO UPDATE SET first_time = coalesce(invitation.first_time, excluded.first_time)",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(id.as_str())
        .bind(now)
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn put_invitation_back(&mut self, name: Name<'_>, id: Id, former: Option<Invitation>) -> Result<()> {
        match former {
            Some(former) => {
                sqlx::query(
                    "UPDATE invitation SET last_time = $1 WHERE realm = $2 AND name = $3 AND id = $4 AND first_time IS $5",
                )
                .bind(former.last)
                .bind(name.realm)
                .bind(name.name)
                .bind(id.as_str())
                .bind(former.first)
                .execute(&mut **self)
                .await?;
            }
            None => {
                sqlx::query("DELETE FROM invitation WHERE realm = $1 AND name = $2 AND id = $3 AND first_time IS NULL")
                    .bind(name.realm)
                    .bind(name.name)
                    .bind(id.as_str())
                    .execute(&mut **self)
                    .await?;
            }
        }
        Ok(())
    }
}

/// How far a user has got with registering.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many different methods are registered and usable.
    pub methods: i64,
    /// How many imported contacts wait for their owner to confirm them.
    pub unconfirmed: i64,
    /// When the registration was last confirmed; `None` if there is none.
    pub confirmed: Option<Time>,
    /// When the user was last asked whether it is still correct.
    pub asked: Option<Time>,
    /// When the account was last checked and had all that it needs.
    pub checked: Option<Time>,
    /// When the person was asked to register.
    pub invited: Option<Invitation>,
    /// An administrator exempted this account.
    pub exempt: bool,
    /// When a question over SSH got no person's answer.
    pub unanswered: Option<Time>,
    /// There are recovery codes, and none that can be used is known to have been seen.
    pub unseen_codes: bool,
}

/// How far `name` with `id` has got, if `methods` are switched on. Rows of another id under that name don't count. One statement,
/// which opens no contact.
pub async fn progress(
    connection: &mut SqliteConnection,
    name: Name<'_>,
    id: Id,
    methods: &[Method],
) -> Result<Progress> {
    let on = |method: Method| methods.contains(&method).then(|| method.as_str());
    let row = sqlx::query(
        "SELECT (SELECT count(DISTINCT method) FROM contact AS c \
                    WHERE c.realm = r.realm AND c.name = r.name AND usable = 1 AND method IN ($4, $5)) \
              + (SELECT count(*) FROM authenticator AS a WHERE a.realm = r.realm AND a.name = r.name AND $6 IS NOT NULL), \
                (SELECT count(*) FROM contact AS c \
                    WHERE c.realm = r.realm AND c.name = r.name AND usable = 0 AND method IN ($4, $5)), \
                r.confirmed, r.asked, r.checked, i.first_time, i.last_time, \
                EXISTS (SELECT 1 FROM exemption WHERE realm = $1 AND name = $2 AND id = $3), \
                EXISTS (SELECT 1 FROM recovery_code AS c WHERE c.realm = r.realm AND c.name = r.name AND used IS NULL) \
                AND NOT EXISTS (SELECT 1 FROM recovery_code AS c \
                    WHERE c.realm = r.realm AND c.name = r.name AND used IS NULL AND seen IS NOT NULL), \
                (SELECT time FROM unanswered WHERE realm = $1 AND name = $2 AND id = $3) \
         FROM (SELECT 1) LEFT JOIN registration AS r ON r.realm = $1 AND r.name = $2 AND r.id = $3 \
                         LEFT JOIN invitation AS i ON i.realm = $1 AND i.name = $2 AND i.id = $3",
    )
    .bind(name.realm)
        .bind(name.name)
    .bind(id.as_str())
    .bind(on(Method::Email))
    .bind(on(Method::Phone))
    .bind(on(Method::App))
    .fetch_one(connection)
    .await?;
    let (first, last): (Option<Time>, Option<Time>) = (row.try_get(5)?, row.try_get(6)?);
    Ok(Progress {
        methods: row.try_get(0)?,
        unconfirmed: row.try_get(1)?,
        confirmed: row.try_get(2)?,
        asked: row.try_get(3)?,
        checked: row.try_get(4)?,
        invited: last.map(|last| Invitation { first, last }),
        exempt: row.try_get(7)?,
        unseen_codes: row.try_get(8)?,
        unanswered: row.try_get(9)?,
    })
}

/// The id that `name` had at registration.
pub async fn id_at_registration(connection: &mut SqliteConnection, name: Name<'_>) -> Result<Option<Id>> {
    let row = sqlx::query("SELECT id FROM registration WHERE realm = $1 AND name = $2")
        .bind(name.realm)
        .bind(name.name)
        .fetch_optional(connection)
        .await?;
    row.map(|row| id_of(&row, 0)).transpose()
}

/// The tag of the language that `name` registered in, where it is known.
pub async fn language(connection: &mut SqliteConnection, name: Name<'_>) -> Result<Option<String>> {
    let language: Option<Option<String>> =
        sqlx::query_scalar("SELECT language FROM registration WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .fetch_optional(connection)
            .await?;
    Ok(language.flatten())
}

/// Of each method, exactly one usable contact comes first: the one that did, else the oldest.
pub(super) async fn settle_preferred(tx: &mut Tx<'_>, name: Name<'_>) -> Result<()> {
    sqlx::query(
        "UPDATE contact SET preferred = (id = (SELECT c.id FROM contact AS c \
             WHERE c.realm = contact.realm AND c.name = contact.name AND c.method = contact.method AND c.usable = 1 \
             ORDER BY c.preferred DESC, c.id LIMIT 1)) IS TRUE WHERE realm = $1 AND name = $2",
    )
    .bind(name.realm)
    .bind(name.name)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
