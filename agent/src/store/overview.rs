//! Registrations of many users at once, for administrators, without opening a single contact.

use serde_json::json;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Tx, id_of};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
};

/// The registration of one user.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The account's name.
    pub name: String,
    /// Its id at registration.
    pub id: Id,
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

/// What administrators see of many at once.
pub trait Overviews {
    /// Those of `names` in `realm` who are registered.
    fn of(&mut self, realm: &str, names: &[&str]) -> impl Future<Output = Result<Vec<Overview>>> + Send;

    /// The names in `realm` that are registered, in their order.
    fn names(&mut self, realm: &str) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// The newest help-desk code of `name`.
    fn helpdesk_code(&mut self, name: Name<'_>) -> impl Future<Output = Result<Option<HelpdeskCode>>> + Send;

    /// When `name` was last asked to register.
    fn last_asked(&mut self, name: Name<'_>, id: Id) -> impl Future<Output = Result<Option<Time>>> + Send;

    /// The contacts of `name`.
    fn contacts(&mut self, name: Name<'_>) -> impl Future<Output = Result<Vec<Kept>>> + Send;

    /// Deletes everything that `name` registered, was asked or was given. `false`: there was nothing.
    fn forget(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;
}

impl Overviews for Tx<'_> {
    async fn of(&mut self, realm: &str, names: &[&str]) -> Result<Vec<Overview>> {
        sqlx::query(
            "SELECT r.name, r.id, r.created, r.confirmed, r.language, \
               (SELECT group_concat(DISTINCT method) FROM contact WHERE contact.realm = r.realm AND contact.name = r.name AND usable = 1) AS usable, \
               (SELECT group_concat(DISTINCT method) FROM contact WHERE contact.realm = r.realm AND contact.name = r.name AND usable = 0) AS waiting, \
               EXISTS (SELECT 1 FROM authenticator WHERE authenticator.realm = r.realm AND authenticator.name = r.name) AS app, \
               (SELECT count(*) FROM recovery_code WHERE recovery_code.realm = r.realm AND recovery_code.name = r.name AND used IS NULL) AS codes \
             FROM json_each($1) AS j CROSS JOIN registration AS r ON r.realm = $2 AND r.name = j.value",
        )
        .bind(json!(names).to_string())
        .bind(realm)
        .fetch_all(&mut **self)
        .await?
        .iter()
        .map(overview)
        .collect()
    }

    async fn names(&mut self, realm: &str) -> Result<Vec<String>> {
        let names = sqlx::query_scalar("SELECT name FROM registration WHERE realm = $1 ORDER BY name").bind(realm);
        Ok(names.fetch_all(&mut **self).await?)
    }

    async fn helpdesk_code(&mut self, name: Name<'_>) -> Result<Option<HelpdeskCode>> {
        sqlx::query("SELECT account, issuer, created, expires, used FROM helpdesk_code WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .fetch_optional(&mut **self)
            .await?
            .map(|row| {
                Ok(HelpdeskCode {
                    account: id_of(&row, 0)?,
                    issuer: row.try_get(1)?,
                    created: row.try_get(2)?,
                    expires: row.try_get(3)?,
                    used: row.try_get(4)?,
                })
            })
            .transpose()
    }

    async fn last_asked(&mut self, name: Name<'_>, id: Id) -> Result<Option<Time>> {
        Ok(sqlx::query_scalar("SELECT last_time FROM invitation WHERE realm = $1 AND name = $2 AND id = $3")
            .bind(name.realm)
            .bind(name.name)
            .bind(id.as_str())
            .fetch_optional(&mut **self)
            .await?)
    }

    async fn contacts(&mut self, name: Name<'_>) -> Result<Vec<Kept>> {
        sqlx::query(
            "SELECT method, sealed, preferred, usable, created, source FROM contact WHERE realm = $1 AND name = $2 \
             ORDER BY method, preferred DESC, id",
        )
        .bind(name.realm)
        .bind(name.name)
        .fetch_all(&mut **self)
        .await?
        .iter()
        .map(|row| {
            Ok(Kept {
                method: row.try_get(0)?,
                sealed: row.try_get(1)?,
                preferred: row.try_get(2)?,
                usable: row.try_get(3)?,
                created: row.try_get(4)?,
                source: row.try_get(5)?,
            })
        })
        .collect()
    }

    async fn forget(&mut self, name: Name<'_>) -> Result<bool> {
        let mut rows = 0;
        for statement in [
            "DELETE FROM registration WHERE realm = $1 AND name = $2",
            "DELETE FROM helpdesk_code WHERE realm = $1 AND name = $2",
            "DELETE FROM invitation WHERE realm = $1 AND name = $2",
            "DELETE FROM unanswered WHERE realm = $1 AND name = $2",
            "DELETE FROM picture WHERE realm = $1 AND name = $2",
            "DELETE FROM synced WHERE realm = $1 AND name = $2",
        ] {
            rows += sqlx::query(statement).bind(name.realm).bind(name.name).execute(&mut **self).await?.rows_affected();
        }
        Ok(rows > 0)
    }
}

fn overview(row: &SqliteRow) -> Result<Overview> {
    let words = |text: Option<String>| -> Vec<String> {
        let mut words: Vec<String> = text.iter().flat_map(|text| text.split(',')).map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    Ok(Overview {
        name: row.try_get("name")?,
        id: id_of(row, 1)?,
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
    /// The account's id.
    pub account: Id,
    /// Who gave it out.
    pub issuer: String,
    /// When.
    pub created: Time,
    /// When it expires.
    pub expires: Time,
    /// When it was used.
    pub used: Option<Time>,
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
    /// As in [`super::registrations::Registered`].
    pub source: Option<String>,
}
