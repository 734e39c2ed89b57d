//! Who is registered with which contacts, and who said "not now". Contacts are sealed, bound to the account's name and
//! uid; a registration whose account is gone or has another uid is dropped, never inherited.

use sqlx::{Row as _, SqliteConnection};
use sspr_config::{language::Language, settings::Method};

use super::Tx;
use crate::{
    clock::Time,
    contact::Contact,
    error::{Error, Result},
    keys::{Keys, Tag},
    random::Random,
};

/// A registered person.
#[derive(Debug)]
pub struct Registration {
    /// The uid at registration.
    pub uid: u32,
    /// When the contacts were last confirmed.
    pub confirmed: Time,
    /// What is registered, oldest first.
    pub contacts: Vec<Registered>,
}

/// A registered contact.
#[derive(Debug)]
pub struct Registered {
    /// Its row.
    pub id: i64,
    /// Where it leads.
    pub contact: Contact,
}

/// When somebody was asked to register.
#[derive(Clone, Copy, Debug)]
pub struct Invitation {
    /// The first time.
    pub first: Time,
    /// The last time.
    pub last: Time,
}

fn context(name: &str, uid: u32) -> Vec<u8> {
    [b"contact\0".as_slice(), name.as_bytes(), b"\0", &uid.to_be_bytes()].concat()
}

/// Seals a contact of the account `name` with `uid`.
pub(crate) fn seal(keys: &Keys, random: &dyn Random, name: &str, uid: u32, contact: &Contact) -> Result<Vec<u8>> {
    keys.seal(random, &context(name, uid), contact.as_str().as_bytes())
}

/// Opens what [`seal`] sealed for the same account.
pub(crate) fn open(keys: &Keys, name: &str, uid: u32, method: &str, sealed: &[u8]) -> Result<Contact> {
    let plain = keys.open(&context(name, uid), sealed)?;
    Method::from_word(method)
        .zip(std::str::from_utf8(&plain).ok())
        .and_then(|(method, text)| Contact::from_stored(method, text))
        .ok_or(Error::Sealed)
}

/// The MAC by which a contact is found without opening any.
pub fn lookup(keys: &Keys, contact: &Contact) -> Tag {
    keys.mac("contact", &[contact.method().as_str().as_bytes(), contact.limit_key().as_bytes()])
}

/// The registration of `name`, if there is one.
pub async fn get(tx: &mut Tx<'_>, keys: &Keys, name: &str) -> Result<Option<Registration>> {
    let Some(row) = sqlx::query("SELECT uid, confirmed FROM registration WHERE name = ?")
        .bind(name)
        .fetch_optional(&mut **tx)
        .await?
    else {
        return Ok(None);
    };
    let uid: u32 = row.try_get(0)?;
    let rows = sqlx::query("SELECT id, method, sealed FROM contact WHERE name = ? ORDER BY id")
        .bind(name)
        .fetch_all(&mut **tx)
        .await?;
    let contacts = rows
        .iter()
        .map(|row| {
            let sealed: Vec<u8> = row.try_get(2)?;
            let plain = keys.open(&context(name, uid), &sealed)?;
            let method: String = row.try_get(1)?;
            let contact = Method::from_word(&method)
                .zip(std::str::from_utf8(&plain).ok())
                .and_then(|(method, text)| Contact::from_stored(method, text))
                .ok_or(Error::Sealed)?;
            Ok(Registered { id: row.try_get(0)?, contact })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Some(Registration { uid, confirmed: row.try_get(1)?, contacts }))
}

/// How far somebody is with registering.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many different methods are registered.
    pub methods: i64,
    /// When the person was asked.
    pub invited: Option<Invitation>,
}

/// How far `name` with `uid` is. What another uid had under that name does not count. One statement, and opens nothing.
pub async fn progress(connection: &mut SqliteConnection, name: &str, uid: u32) -> Result<Progress> {
    let row = sqlx::query(
        "SELECT (SELECT count(DISTINCT contact.method) FROM contact JOIN registration USING (name) \
                 WHERE name = ?1 AND uid = ?2) \
              + (SELECT count(*) FROM authenticator JOIN registration USING (name) WHERE name = ?1 AND uid = ?2), \
                first_time, last_time \
         FROM (SELECT 1) LEFT JOIN invitation ON invitation.name = ?1 AND invitation.uid = ?2",
    )
    .bind(name)
    .bind(uid)
    .fetch_one(connection)
    .await?;
    let (first, last): (Option<Time>, Option<Time>) = (row.try_get(1)?, row.try_get(2)?);
    let invited = first.zip(last).map(|(first, last)| Invitation { first, last });
    Ok(Progress { methods: row.try_get(0)?, invited })
}

/// The uid that `name` had at registration.
pub async fn uid_of(tx: &mut Tx<'_>, name: &str) -> Result<Option<u32>> {
    Ok(sqlx::query_scalar("SELECT uid FROM registration WHERE name = ?").bind(name).fetch_optional(&mut **tx).await?)
}

/// The tag of the language that `name` registered in, where it is known.
pub async fn language(connection: &mut SqliteConnection, name: &str) -> Result<Option<String>> {
    let language: Option<Option<String>> = sqlx::query_scalar("SELECT language FROM registration WHERE name = ?")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    Ok(language.flatten())
}

/// Remembers the language that `name` registered in; call it in the transaction that registers something.
pub async fn set_language(tx: &mut Tx<'_>, name: &str, language: Language) -> Result<()> {
    sqlx::query("UPDATE registration SET language = ? WHERE name = ?")
        .bind(language.tag())
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The row of the contact of `name` for `method`; with `lookup`, the one that was typed, else the preferred, else the
/// oldest. An imported one that its owner has not confirmed is none.
pub async fn find_contact(tx: &mut Tx<'_>, name: &str, method: Method, lookup: Option<&Tag>) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT id FROM contact WHERE name = ?1 AND method = ?2 AND usable = 1 AND (?3 IS NULL OR lookup = ?3) \
         ORDER BY preferred DESC, id LIMIT 1",
    )
    .bind(name)
    .bind(method.as_str())
    .bind(lookup.map(Tag::as_slice))
    .fetch_optional(&mut **tx)
    .await?)
}

/// The rows of the contacts of `name` that can be used.
pub async fn usable(tx: &mut Tx<'_>, name: &str) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar("SELECT id FROM contact WHERE name = ? AND usable = 1")
        .bind(name)
        .fetch_all(&mut **tx)
        .await?)
}

/// There is a registration of `name` with `uid`, confirmed now, and nobody has to be asked for one. One of the same name
/// with another uid is dropped first.
pub async fn ensure(tx: &mut Tx<'_>, name: &str, uid: u32, now: Time) -> Result<()> {
    sqlx::query("DELETE FROM registration WHERE name = ? AND uid <> ?").bind(name).bind(uid).execute(&mut **tx).await?;
    sqlx::query(
        "INSERT INTO registration (name, uid, created, confirmed) VALUES (?1, ?2, ?3, ?3) \
         ON CONFLICT (name) DO UPDATE SET confirmed = excluded.confirmed",
    )
    .bind(name)
    .bind(uid)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    sqlx::query("DELETE FROM invitation WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(())
}

/// Registers `contact` for the account `name` with `uid`. A registration of the same name with another uid is dropped
/// first; a contact that is there already stays.
pub async fn add_contact(
    tx: &mut Tx<'_>,
    keys: &Keys,
    random: &dyn Random,
    name: &str,
    uid: u32,
    contact: &Contact,
    now: Time,
) -> Result<()> {
    ensure(tx, name, uid, now).await?;
    let sealed = keys.seal(random, &context(name, uid), contact.as_str().as_bytes())?;
    sqlx::query("INSERT INTO contact (name, method, sealed, lookup, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, lookup) DO UPDATE SET sealed = excluded.sealed")
        .bind(name)
        .bind(contact.method().as_str())
        .bind(sealed)
        .bind(lookup(keys, contact).as_slice())
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Drops every contact of `name` for `contact`'s method but `contact` itself: a new one takes the old one's place.
pub async fn retire_others(tx: &mut Tx<'_>, keys: &Keys, name: &str, contact: &Contact) -> Result<()> {
    sqlx::query("DELETE FROM contact WHERE name = ? AND method = ? AND lookup <> ?")
        .bind(name)
        .bind(contact.method().as_str())
        .bind(lookup(keys, contact).as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Drops the registration of `name`, its contacts and its invitation.
pub async fn forget(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    sqlx::query("DELETE FROM invitation WHERE name = ?").bind(name).execute(&mut **tx).await?;
    let done = sqlx::query("DELETE FROM registration WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that `name` was asked at `now` and put it off.
pub async fn put_off(tx: &mut Tx<'_>, name: &str, uid: u32, now: Time) -> Result<()> {
    sqlx::query("DELETE FROM invitation WHERE name = ? AND uid <> ?").bind(name).bind(uid).execute(&mut **tx).await?;
    sqlx::query(
        "INSERT INTO invitation (name, uid, first_time, last_time) VALUES (?1, ?2, ?3, ?3) \
         ON CONFLICT (name) DO UPDATE SET last_time = excluded.last_time",
    )
    .bind(name)
    .bind(uid)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
