//! Imports many contacts at once. A chunk of rows goes to the store as one JSON text, so
//! that a hundred thousand contacts take a second of the store's time instead of a minute.

use serde::Serialize;
use serde_json::json;
use sspr_config::{dialogue::Purpose, settings::Method};

use super::{Tx, id_of, sql};
use crate::{
    account::{Id, Name},
    audit::Event,
    clock::Time,
    error::Result,
    keys::Tag,
};

/// A contact to register.
#[derive(Debug)]
pub struct NewContact {
    /// The account's realm.
    pub realm: &'static str,
    /// The account's name.
    pub name: String,
    /// The account's id.
    pub id: Id,
    /// The method.
    pub method: Method,
    /// The sealed contact.
    pub sealed: Vec<u8>,
    /// The key by which the contact is found.
    pub lookup: Tag,
}

/// A registered contact.
#[derive(Debug)]
pub struct Existing {
    /// The account's realm.
    pub realm: String,
    /// The account's name.
    pub name: String,
    /// The account's id at registration.
    pub id: Id,
    /// The method's word.
    pub method: String,
    /// The key by which the contact is found.
    pub lookup: Vec<u8>,
    /// `false`: imported, and not confirmed.
    pub usable: bool,
    /// `false`: an import takes it over. It was copied from elsewhere and can be erased there, or the registration waits.
    pub lasts: bool,
}

/// The contacts of an account that new ones replace.
#[derive(Debug, PartialEq, Eq)]
pub struct Others {
    /// The account's realm.
    pub realm: String,
    /// The account's name.
    pub name: String,
    /// The keys by which the contacts are found.
    pub lookups: Vec<Vec<u8>>,
}

/// A contact in the JSON text. Bytes are hexadecimal.
#[derive(Serialize)]
struct Line<'a> {
    r: &'a str,
    n: &'a str,
    u: &'a str,
    m: &'a str,
    s: String,
    l: String,
}

/// Contacts as one JSON text.
#[derive(Debug)]
pub struct Chunk(String);

impl Chunk {
    /// The text of `contacts`.
    pub fn new(contacts: &[NewContact]) -> Self {
        let rows: Vec<Line<'_>> = contacts
            .iter()
            .map(|contact| Line {
                r: contact.realm,
                n: &contact.name,
                u: contact.id.as_str(),
                m: contact.method.as_str(),
                s: hex(&contact.sealed),
                l: hex(&contact.lookup),
            })
            .collect();
        // Serializing texts can't fail.
        Self(serde_json::to_string(&rows).unwrap_or_default())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The contacts in a text from [`Self::as_str`].
    pub const fn of_text(text: String) -> Self {
        Self(text)
    }
}

/// Imports contacts in bulk. [`ContactsInBulk::lay_out`] puts a chunk into a temporary table; the methods after it work
/// on this table.
pub trait ContactsInBulk {
    /// The registered contacts of the accounts `names`.
    fn existing(&mut self, names: &[Name<'_>], now: Time) -> impl Future<Output = Result<Vec<Existing>>> + Send;

    /// Fills a temporary table of this connection with the contacts of `chunk`, and removes those of an earlier chunk.
    /// Without the table, each statement would parse the text again, and each column its part of a row.
    fn lay_out(&mut self, chunk: &Chunk) -> impl Future<Output = Result<()>> + Send;

    /// The accounts in the table that have another contact for the method of a new one, with those contacts.
    fn others(&mut self) -> impl Future<Output = Result<Vec<Others>>> + Send;

    /// Whether another account under one of the names in the table registered after `begun`.
    fn has_newcomers(&mut self, begun: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Registers the contacts in the table. They replace other contacts of their method. A registration of another id
    /// under the same name is deleted.
    fn write(&mut self, usable: bool, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Adds an audit record for each contact in the table, and returns the id of the newest record.
    fn record(&mut self, administrator: &str, correlation: &str, now: Time)
    -> impl Future<Output = Result<i64>> + Send;

    /// Drops the table.
    fn clear_away(&mut self) -> impl Future<Output = Result<()>> + Send;
}

// With CROSS JOIN, SQLite keeps the order of the tables. Otherwise it would begin with all registrations of a realm,
// and go through a whole chunk for each of them.
impl ContactsInBulk for Tx<'_> {
    async fn existing(&mut self, names: &[Name<'_>], now: Time) -> Result<Vec<Existing>> {
        let names: Vec<_> = names.iter().map(|name| json!({ "r": name.realm, "n": name.name })).collect();
        sql::query(
            "SELECT r.realm, r.name, r.id, c.method, c.lookup, c.usable, \
               CAST(CASE WHEN c.source = 'import' OR c.source IS NULL AND (r.waits IS NULL OR r.waits <= $2) \
                 THEN 1 ELSE 0 END AS BIGINT) \
             FROM json_each($1) AS j \
             CROSS JOIN registration AS r CROSS JOIN contact AS c \
             WHERE r.realm = json_extract(j.value, '$.r') AND r.name = json_extract(j.value, '$.n') \
               AND c.realm = r.realm AND c.name = r.name",
        )
        .bind(json!(names).to_string())
        .bind(now)
        .fetch_all(self)
        .await?
        .iter()
        .map(|row| {
            Ok(Existing {
                realm: row.try_get(0)?,
                name: row.try_get(1)?,
                id: id_of(row, 2)?,
                method: row.try_get(3)?,
                lookup: row.try_get(4)?,
                usable: row.try_get(5)?,
                lasts: row.try_get(6)?,
            })
        })
        .collect()
    }

    async fn lay_out(&mut self, chunk: &Chunk) -> Result<()> {
        let create = sql::either(
            "CREATE TEMP TABLE IF NOT EXISTS imported \
               (realm TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, method TEXT NOT NULL, sealed BLOB NOT NULL, lookup BLOB NOT NULL)",
            // Another caller gets the pooled connection after the transaction.
            "CREATE TEMP TABLE IF NOT EXISTS imported \
               (realm TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, method TEXT NOT NULL, sealed BYTEA NOT NULL, lookup BYTEA NOT NULL) \
             ON COMMIT DROP",
        );
        for statement in [create, "DELETE FROM imported".into()] {
            sql::query(statement).execute(self).await?;
        }
        sql::query(
            "INSERT INTO imported (realm, name, id, method, sealed, lookup) \
             SELECT json_extract(j.value, '$.r'), json_extract(j.value, '$.n'), json_extract(j.value, '$.u'), json_extract(j.value, '$.m'), \
               unhex(json_extract(j.value, '$.s')), unhex(json_extract(j.value, '$.l')) \
             FROM json_each($1) AS j",
        )
        .bind(&chunk.0)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn others(&mut self) -> Result<Vec<Others>> {
        let rows = sql::query(
            "SELECT DISTINCT r.realm, r.name, c.lookup FROM imported AS j \
             CROSS JOIN registration AS r CROSS JOIN contact AS c \
             WHERE r.realm = j.realm AND r.name = j.name AND r.id = j.id AND c.realm = r.realm AND c.name = r.name \
               AND c.method = j.method AND c.lookup <> j.lookup ORDER BY r.realm, r.name",
        )
        .fetch_all(self)
        .await?;
        let mut others: Vec<Others> = Vec::new();
        for row in &rows {
            let (realm, name, lookup): (String, String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            match others.last_mut().filter(|last| last.realm == realm && last.name == name) {
                Some(last) => last.lookups.push(lookup),
                None => others.push(Others { realm, name, lookups: vec![lookup] }),
            }
        }
        Ok(others)
    }

    async fn has_newcomers(&mut self, begun: Time) -> Result<bool> {
        let count: i64 = sql::query_scalar(
            "SELECT count(*) FROM imported AS j CROSS JOIN registration AS r \
             WHERE r.realm = j.realm AND r.name = j.name AND r.id <> j.id AND r.created > $1",
        )
        .bind(begun)
        .fetch_one(self)
        .await?;
        Ok(count > 0)
    }

    async fn write(&mut self, usable: bool, now: Time) -> Result<()> {
        for statement in [
            "DELETE FROM registration WHERE (realm, name) IN (SELECT r.realm, r.name FROM imported AS j \
               CROSS JOIN registration AS r WHERE r.realm = j.realm AND r.name = j.name AND r.id <> j.id)",
            "DELETE FROM contact WHERE id IN (SELECT c.id FROM imported AS j CROSS JOIN contact AS c \
               WHERE c.realm = j.realm AND c.name = j.name AND c.method = j.method AND c.lookup <> j.lookup)",
        ] {
            sql::query(statement).execute(self).await?;
        }
        sql::query(
            "INSERT INTO registration (realm, name, id, created, confirmed) \
             SELECT DISTINCT realm, name, id, $1, $1 FROM imported WHERE true ON CONFLICT (realm, name) DO NOTHING",
        )
        .bind(now)
        .execute(self)
        .await?;
        sql::query(
            "INSERT INTO contact (realm, name, method, sealed, lookup, created, usable, preferred, source) \
             SELECT realm, name, method, sealed, lookup, $1, $2, $2, 'import' FROM imported WHERE true \
             ON CONFLICT (realm, name, lookup) DO UPDATE SET usable = max(contact.usable, excluded.usable), \
               preferred = max(contact.preferred, excluded.preferred)",
        )
        .bind(now)
        .bind(usable)
        .execute(self)
        .await?;
        // Vouched for from now on, and no longer the copying's.
        sql::query(
            "UPDATE contact SET source = 'import' WHERE id IN (SELECT c.id FROM imported AS j \
               CROSS JOIN registration AS r CROSS JOIN contact AS c \
               WHERE r.realm = j.realm AND r.name = j.name AND c.realm = j.realm AND c.name = j.name AND c.lookup = j.lookup \
                 AND (c.source <> 'import' OR c.source IS NULL AND r.waits > $1))",
        )
        .bind(now)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn record(&mut self, administrator: &str, correlation: &str, now: Time) -> Result<i64> {
        sql::query(
            "INSERT INTO audit (at, event, correlation, actor, realm, account, service, source, outcome, reason) \
             SELECT $1, $2, $3, $4, realm, name, 'sspr admin', 'this machine', 'success', method FROM imported",
        )
        .bind(now)
        .bind(Event::Imported.name(Purpose::Status))
        .bind(correlation)
        .bind(administrator)
        .execute(self)
        .await?;
        Ok(sql::query_scalar("SELECT max(id) FROM audit").fetch_one(self).await?)
    }

    async fn clear_away(&mut self) -> Result<()> {
        sql::query("DROP TABLE IF EXISTS imported").execute(self).await?;
        Ok(())
    }
}

/// Bytes in hexadecimal, as `unhex` reads them in a statement.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
