//! Registrations of many users at once, for administrators, without opening a single contact.

use serde_json::json;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::Tx;
use crate::{clock::Time, error::Result};

/// The registration of one user.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The account's name.
    pub name: String,
    /// Its uid at registration.
    pub uid: u32,
    /// Since when.
    pub created: Time,
    /// When the contacts were last confirmed.
    pub confirmed: Time,
    /// The language that the person registered in.
    pub language: Option<String>,
    /// The words of the methods with a contact that can be used.
    pub usable: Vec<String>,
    /// The words of the methods with a contact that waits for its owner to confirm it.
    pub waiting: Vec<String>,
    /// Whether there is an authenticator app.
    pub app: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
}

/// Those of `names` who are registered.
pub async fn of(tx: &mut Tx<'_>, names: &[&str]) -> Result<Vec<Overview>> {
    sqlx::query(
        "SELECT r.name, r.uid, r.created, r.confirmed, r.language, \
           (SELECT group_concat(DISTINCT method) FROM contact WHERE contact.name = r.name AND usable = 1) AS usable, \
           (SELECT group_concat(DISTINCT method) FROM contact WHERE contact.name = r.name AND usable = 0) AS waiting, \
           EXISTS (SELECT 1 FROM authenticator WHERE authenticator.name = r.name) AS app, \
           (SELECT count(*) FROM recovery_code WHERE recovery_code.name = r.name AND used IS NULL) AS codes \
         FROM json_each(?) AS j JOIN registration AS r ON r.name = j.value",
    )
    .bind(json!(names).to_string())
    .fetch_all(&mut **tx)
    .await?
    .iter()
    .map(overview)
    .collect()
}

fn overview(row: &SqliteRow) -> Result<Overview> {
    let words = |text: Option<String>| -> Vec<String> {
        let mut words: Vec<String> = text.iter().flat_map(|text| text.split(',')).map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    Ok(Overview {
        name: row.try_get("name")?,
        uid: row.try_get("uid")?,
        created: row.try_get("created")?,
        confirmed: row.try_get("confirmed")?,
        language: row.try_get("language")?,
        usable: words(row.try_get("usable")?),
        waiting: words(row.try_get("waiting")?),
        app: row.try_get("app")?,
        recovery_codes: row.try_get("codes")?,
    })
}

/// A help-desk code that was given out, without the code.
#[derive(Clone, Debug)]
pub struct HelpdeskCode {
    /// The account's uid.
    pub uid: u32,
    /// Who gave it out.
    pub issuer: String,
    /// When.
    pub created: Time,
    /// When it expires.
    pub expires: Time,
    /// When it was used.
    pub used: Option<Time>,
}

/// The newest help-desk code of `name`.
pub async fn helpdesk_code(tx: &mut Tx<'_>, name: &str) -> Result<Option<HelpdeskCode>> {
    sqlx::query("SELECT uid, issuer, created, expires, used FROM helpdesk_code WHERE name = ?")
        .bind(name)
        .fetch_optional(&mut **tx)
        .await?
        .map(|row| {
            Ok(HelpdeskCode {
                uid: row.try_get(0)?,
                issuer: row.try_get(1)?,
                created: row.try_get(2)?,
                expires: row.try_get(3)?,
                used: row.try_get(4)?,
            })
        })
        .transpose()
}

/// When `name` was last asked to register.
pub async fn last_asked(tx: &mut Tx<'_>, name: &str, uid: u32) -> Result<Option<Time>> {
    Ok(sqlx::query_scalar("SELECT last_time FROM invitation WHERE name = ? AND uid = ?")
        .bind(name)
        .bind(uid)
        .fetch_optional(&mut **tx)
        .await?)
}

/// A contact as it is stored; opened only where it is shown.
#[derive(Debug)]
pub struct Kept {
    /// The method's word.
    pub method: String,
    /// Sealed.
    pub sealed: Vec<u8>,
    /// Of several of one method, this one first.
    pub preferred: bool,
    /// Not imported, or confirmed by its owner.
    pub usable: bool,
    /// Since when.
    pub created: Time,
}

/// The contacts of `name`.
pub async fn contacts(tx: &mut Tx<'_>, name: &str) -> Result<Vec<Kept>> {
    sqlx::query(
        "SELECT method, sealed, preferred, usable, created FROM contact WHERE name = ? \
         ORDER BY method, preferred DESC, id",
    )
    .bind(name)
    .fetch_all(&mut **tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Kept {
            method: row.try_get(0)?,
            sealed: row.try_get(1)?,
            preferred: row.try_get(2)?,
            usable: row.try_get(3)?,
            created: row.try_get(4)?,
        })
    })
    .collect()
}

/// Deletes everything that `name` registered, was asked or was given. `false`: there was nothing.
pub async fn forget(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    let mut rows = 0;
    for statement in [
        "DELETE FROM registration WHERE name = ?",
        "DELETE FROM helpdesk_code WHERE name = ?",
        "DELETE FROM invitation WHERE name = ?",
        "DELETE FROM unanswered WHERE name = ?",
        "DELETE FROM picture WHERE name = ?",
    ] {
        rows += sqlx::query(statement).bind(name).execute(&mut **tx).await?.rows_affected();
    }
    Ok(rows > 0)
}
