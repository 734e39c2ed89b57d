//! Contacts in bulk, of this host's own accounts. A chunk of rows goes to SQLite as one JSON text, so that a hundred thousand contacts take a second of
//! the store's time and not a minute.

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

/// What `names` have registered.
pub async fn existing(tx: &mut Tx<'_>, names: &[&str]) -> Result<Vec<Existing>> {
    sqlx::query(
        "SELECT r.name, r.id, c.method, c.lookup, c.usable FROM json_each($1) AS j \
         JOIN registration AS r ON r.realm = 'local' AND r.name = j.value \
         JOIN contact AS c ON c.realm = r.realm AND c.name = r.name",
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

/// Contacts as one text.
#[derive(Debug)]
pub struct Chunk(String);

impl Chunk {
    /// The text of `contacts`.
    pub fn new(contacts: &[NewContact]) -> Self {
        let row = |contact: &NewContact| {
            json!({
                "n": contact.name,
                "u": contact.id.as_str(),
                "m": contact.method.as_str(),
                "s": hex(&contact.sealed),
                "l": hex(&contact.lookup),
            })
        };
        Self(contacts.iter().map(row).collect::<serde_json::Value>().to_string())
    }

    /// That text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What [`Self::as_str`] gave.
    pub const fn of_text(text: String) -> Self {
        Self(text)
    }

    /// The accounts that have by now another contact for the method of a new one, and by what those are found.
    pub async fn others(&self, tx: &mut Tx<'_>) -> Result<Vec<(String, Vec<Vec<u8>>)>> {
        let rows = sqlx::query(
            "SELECT DISTINCT r.name, c.lookup FROM json_each($1) AS j \
             JOIN registration AS r ON r.realm = 'local' AND r.name = j.value ->> 'n' AND r.id = j.value ->> 'u' \
             JOIN contact AS c ON c.realm = r.realm AND c.name = r.name AND c.method = j.value ->> 'm' \
             WHERE c.lookup <> unhex(j.value ->> 'l') ORDER BY r.name",
        )
        .bind(&self.0)
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

    /// Registers the contacts. They take the place of others of their method, and registrations of other uids go.
    pub async fn write(&self, tx: &mut Tx<'_>, usable: bool, now: Time) -> Result<()> {
        for statement in [
            "DELETE FROM registration WHERE realm = 'local' AND name IN (SELECT r.name FROM json_each($1) AS j \
               JOIN registration AS r ON r.realm = 'local' AND r.name = j.value ->> 'n' WHERE r.id <> j.value ->> 'u')",
            "DELETE FROM contact WHERE id IN (SELECT c.id FROM json_each($1) AS j \
               JOIN contact AS c ON c.realm = 'local' AND c.name = j.value ->> 'n' AND c.method = j.value ->> 'm' \
               WHERE c.lookup <> unhex(j.value ->> 'l'))",
        ] {
            sqlx::query(statement).bind(&self.0).execute(&mut **tx).await?;
        }
        sqlx::query(
            "INSERT INTO registration (realm, name, id, created, confirmed) \
             SELECT DISTINCT 'local', j.value ->> 'n', j.value ->> 'u', $2, $2 FROM json_each($1) AS j WHERE true \
             ON CONFLICT (realm, name) DO NOTHING",
        )
        .bind(&self.0)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        sqlx::query(
            "INSERT INTO contact (realm, name, method, sealed, lookup, created, usable, preferred) \
             SELECT 'local', j.value ->> 'n', j.value ->> 'm', unhex(j.value ->> 's'), unhex(j.value ->> 'l'), $2, $3, $3 \
             FROM json_each($1) AS j WHERE true \
             ON CONFLICT (realm, name, lookup) DO UPDATE SET usable = max(usable, excluded.usable), \
               preferred = max(preferred, excluded.preferred)",
        )
        .bind(&self.0)
        .bind(now)
        .bind(usable)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Adds an audit record for each contact, and gives the newest one's id.
    pub async fn record(&self, tx: &mut Tx<'_>, administrator: &str, correlation: &str, now: Time) -> Result<i64> {
        sqlx::query(
            "INSERT INTO audit (at, event, correlation, actor, account, service, source, outcome, reason) \
             SELECT $2, $3, $4, $5, j.value ->> 'n', 'sspr admin', 'this machine', 'success', j.value ->> 'm' \
             FROM json_each($1) AS j",
        )
        .bind(&self.0)
        .bind(now)
        .bind(Event::Imported.name(Purpose::Status))
        .bind(correlation)
        .bind(administrator)
        .execute(&mut **tx)
        .await?;
        Ok(sqlx::query_scalar("SELECT max(id) FROM audit").fetch_one(&mut **tx).await?)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
