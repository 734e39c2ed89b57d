//! Contacts in bulk, of this host's own accounts. A chunk of rows goes to SQLite as one JSON text, so that a hundred thousand contacts take a second of
//! the store's time and not a minute.

use serde::Serialize;
use serde_json::json;
use sqlx::Row as _;
use sspr_config::{dialogue::Purpose, settings::Method};

use super::{Tx, id_of};
use crate::{account::Id, audit::Event, clock::Time, error::Result, keys::Tag};

/// A contact to be registered.
#[derive(Debug)]
pub struct NewContact {
    /// The account's name.
    pub name: String,
    /// Its id.
    pub id: Id,
    /// The method.
    pub method: Method,
    /// Sealed.
    pub sealed: Vec<u8>,
    /// By which it is found.
    pub lookup: Tag,
}

/// A contact that is registered.
#[derive(Debug)]
pub struct Existing {
    /// The account's name.
    pub name: String,
    /// Its id at registration.
    pub id: Id,
    /// The method's word.
    pub method: String,
    /// By which it is found.
    pub lookup: Vec<u8>,
    /// `false`: imported, and not confirmed.
    pub usable: bool,
}

// CROSS JOIN: SQLite keeps the order. It would begin with all registrations of the realm otherwise, and go through a whole chunk for each.

/// What `names` have registered.
pub async fn existing(tx: &mut Tx<'_>, names: &[&str]) -> Result<Vec<Existing>> {
    sqlx::query(
        "SELECT r.name, r.id, c.method, c.lookup, c.usable FROM json_each($1) AS j \
         CROSS JOIN registration AS r ON r.realm = 'local' AND r.name = j.value \
         CROSS JOIN contact AS c ON c.realm = r.realm AND c.name = r.name",
    )
    .bind(json!(names).to_string())
    .fetch_all(&mut **tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Existing {
            name: row.try_get(0)?,
            id: id_of(row, 1)?,
            method: row.try_get(2)?,
            lookup: row.try_get(3)?,
            usable: row.try_get(4)?,
        })
    })
    .collect()
}

/// A contact as a line of that text; bytes are in hexadecimal.
#[derive(Serialize)]
struct Line<'a> {
    n: &'a str,
    u: &'a str,
    m: &'a str,
    s: String,
    l: String,
}

/// Contacts as one text.
#[derive(Debug)]
pub struct Chunk(String);

impl Chunk {
    /// The text of `contacts`.
    pub fn new(contacts: &[NewContact]) -> Self {
        let rows: Vec<Line<'_>> = contacts
            .iter()
            .map(|contact| Line {
                n: &contact.name,
                u: contact.id.as_str(),
                m: contact.method.as_str(),
                s: hex(&contact.sealed),
                l: hex(&contact.lookup),
            })
            .collect();
        // Of texts alone, it can't fail.
        Self(serde_json::to_string(&rows).unwrap_or_default())
    }

    /// That text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What [`Self::as_str`] gave.
    pub const fn of_text(text: String) -> Self {
        Self(text)
    }

    /// Lays the contacts out as a table of this connection, in place of those before: each statement below would read the text again,
    /// and each column the row's part of it.
    pub async fn lay_out(&self, tx: &mut Tx<'_>) -> Result<()> {
        for statement in [
            "CREATE TEMP TABLE IF NOT EXISTS imported \
               (name TEXT NOT NULL, id TEXT NOT NULL, method TEXT NOT NULL, sealed BLOB NOT NULL, lookup BLOB NOT NULL)",
            "DELETE FROM temp.imported",
        ] {
            sqlx::query(statement).execute(&mut **tx).await?;
        }
        sqlx::query(
            "INSERT INTO temp.imported (name, id, method, sealed, lookup) \
             SELECT j.value ->> 'n', j.value ->> 'u', j.value ->> 'm', unhex(j.value ->> 's'), unhex(j.value ->> 'l') \
             FROM json_each($1) AS j",
        )
        .bind(&self.0)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// Of the contacts that are laid out: the accounts that have by now another contact for the method of a new one, and by what those are
/// found.
pub async fn others(tx: &mut Tx<'_>) -> Result<Vec<(String, Vec<Vec<u8>>)>> {
    let rows = sqlx::query(
        "SELECT DISTINCT r.name, c.lookup FROM temp.imported AS j \
         CROSS JOIN registration AS r ON r.realm = 'local' AND r.name = j.name AND r.id = j.id \
         CROSS JOIN contact AS c ON c.realm = r.realm AND c.name = r.name AND c.method = j.method \
         WHERE c.lookup <> j.lookup ORDER BY r.name",
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut others: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for row in &rows {
        let (name, lookup): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        match others.last_mut().filter(|(last, _)| *last == name) {
            Some((_, lookups)) => lookups.push(lookup),
            None => others.push((name, vec![lookup])),
        }
    }
    Ok(others)
}

/// Registers the contacts that are laid out. They take the place of others of their method, and registrations of other uids go.
pub async fn write(tx: &mut Tx<'_>, usable: bool, now: Time) -> Result<()> {
    for statement in [
        "DELETE FROM registration WHERE realm = 'local' AND name IN (SELECT r.name FROM temp.imported AS j \
           CROSS JOIN registration AS r ON r.realm = 'local' AND r.name = j.name WHERE r.id <> j.id)",
        "DELETE FROM contact WHERE id IN (SELECT c.id FROM temp.imported AS j \
           CROSS JOIN contact AS c ON c.realm = 'local' AND c.name = j.name AND c.method = j.method WHERE c.lookup <> j.lookup)",
    ] {
        sqlx::query(statement).execute(&mut **tx).await?;
    }
    sqlx::query(
        "INSERT INTO registration (realm, name, id, created, confirmed) \
         SELECT DISTINCT 'local', name, id, $1, $1 FROM temp.imported WHERE true ON CONFLICT (realm, name) DO NOTHING",
    )
    .bind(now)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO contact (realm, name, method, sealed, lookup, created, usable, preferred, source) \
         SELECT 'local', name, method, sealed, lookup, $1, $2, $2, 'import' FROM temp.imported WHERE true \
         ON CONFLICT (realm, name, lookup) DO UPDATE SET usable = max(usable, excluded.usable), \
           preferred = max(preferred, excluded.preferred)",
    )
    .bind(now)
    .bind(usable)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds an audit record for each contact that is laid out, and gives the newest one's id.
pub async fn record(tx: &mut Tx<'_>, administrator: &str, correlation: &str, now: Time) -> Result<i64> {
    sqlx::query(
        "INSERT INTO audit (at, event, correlation, actor, account, service, source, outcome, reason) \
         SELECT $1, $2, $3, $4, name, 'sspr admin', 'this machine', 'success', method FROM temp.imported",
    )
    .bind(now)
    .bind(Event::Imported.name(Purpose::Status))
    .bind(correlation)
    .bind(administrator)
    .execute(&mut **tx)
    .await?;
    Ok(sqlx::query_scalar("SELECT max(id) FROM audit").fetch_one(&mut **tx).await?)
}

/// Takes the table away.
pub async fn clear_away(tx: &mut Tx<'_>) -> Result<()> {
    sqlx::query("DROP TABLE IF EXISTS temp.imported").execute(&mut **tx).await?;
    Ok(())
}

/// Bytes in hexadecimal, as SQLite's `unhex` reads them.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
