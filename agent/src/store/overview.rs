//! Registrations of many users at once, for administrators, without opening a single contact.

use serde_json::json;

use super::{
    Tx, id_of,
    sql::{self, Row},
};
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
    /// The account's id at registration.
    pub id: Id,
    /// When the user registered.
    pub created: Time,
    /// When the contacts were last confirmed.
    pub confirmed: Time,
    /// The language that the user registered in.
    pub language: Option<String>,
    /// The words of the methods that have a usable contact.
    pub usable: Vec<String>,
    /// The words of the methods that have a contact which the user has to confirm.
    pub waiting: Vec<String>,
    /// Whether the user has an authenticator app.
    pub app: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// When the waiting time of the first registration ends, see [`super::FirstContacts`]; even if it has ended.
    pub waits: Option<Time>,
    /// The words of the methods that have a usable contact with a source. It does not wait.
    pub vouched: Vec<String>,
}

/// The registrations of many users, for administrators.
pub trait Overviews {
    /// The existing registrations of `names` in `realm`.
    fn of(&mut self, realm: &str, names: &[&str]) -> impl Future<Output = Result<Vec<Overview>>> + Send;

    /// The registered names in `realm`, sorted.
    fn names(&mut self, realm: &str) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// Whether `name` has a registration or, if `in_the_trail`, rows of the audit trail are about it.
    fn is_kept(&mut self, name: Name<'_>, in_the_trail: bool) -> impl Future<Output = Result<bool>> + Send;

    /// The realms and the names of the accounts of hosts of the fleet themselves that are registered, sorted.
    fn names_of_the_hosts(&mut self) -> impl Future<Output = Result<Vec<(String, String)>>> + Send;

    /// The help-desk code of `name`. Only the newest one is stored.
    fn helpdesk_code(&mut self, name: Name<'_>) -> impl Future<Output = Result<Option<HelpdeskCode>>> + Send;

    /// When `name` was last asked to register.
    fn last_asked(&mut self, name: Name<'_>, id: Id) -> impl Future<Output = Result<Option<Time>>> + Send;

    /// The contacts of `name`.
    fn contacts(&mut self, name: Name<'_>) -> impl Future<Output = Result<Vec<Kept>>> + Send;

    /// Deletes the registration of `name`, its help-desk code, the records of questions to the user, and the
    /// directory's reports. An exemption stays. `false`: there was nothing to delete.
    fn forget(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;
}

impl Overviews for Tx<'_> {
    async fn of(&mut self, realm: &str, names: &[&str]) -> Result<Vec<Overview>> {
        sql::query(
            "SELECT r.name, r.id, r.created, r.confirmed, r.language, \
               (SELECT string_agg(method, ',') FROM (SELECT DISTINCT method FROM contact AS c \
                 WHERE c.realm = r.realm AND c.name = r.name AND c.usable = 1) AS methods) AS usable, \
               (SELECT string_agg(method, ',') FROM (SELECT DISTINCT method FROM contact AS c \
                 WHERE c.realm = r.realm AND c.name = r.name AND c.usable = 0) AS methods) AS waiting, \
               (SELECT string_agg(method, ',') FROM (SELECT DISTINCT method FROM contact AS c WHERE r.waits IS NOT NULL \
                 AND c.realm = r.realm AND c.name = r.name AND c.usable = 1 AND c.source IS NOT NULL) AS methods) AS vouched, r.waits, \
               EXISTS (SELECT 1 FROM authenticator WHERE authenticator.realm = r.realm AND authenticator.name = r.name) AS app, \
               (SELECT count(*) FROM recovery_code WHERE recovery_code.realm = r.realm AND recovery_code.name = r.name AND used IS NULL) AS codes \
             FROM json_each($1) AS j CROSS JOIN registration AS r WHERE r.realm = $2 AND r.name = j.value",
        )
        .bind(json!(names).to_string())
        .bind(realm)
        .fetch_all(self)
        .await?
        .iter()
        .map(overview)
        .collect()
    }

    async fn names(&mut self, realm: &str) -> Result<Vec<String>> {
        let names = sql::query_scalar("SELECT name FROM registration WHERE realm = $1 ORDER BY name").bind(realm);
        Ok(names.fetch_all(self).await?)
    }

    async fn is_kept(&mut self, name: Name<'_>, in_the_trail: bool) -> Result<bool> {
        let kept = "SELECT EXISTS (SELECT 1 FROM registration WHERE realm = $1 AND name = $2) \
                    OR $3 = 1 AND EXISTS (SELECT 1 FROM audit WHERE account = $2 AND realm = $1)";
        let kept = sql::query_scalar(kept).bind(name.realm).bind(name.name).bind(i64::from(in_the_trail));
        Ok(kept.fetch_one(self).await?)
    }

    async fn names_of_the_hosts(&mut self) -> Result<Vec<(String, String)>> {
        // From "host:" up to what follows it: a range of the index, which may have a million other rows.
        let names =
            "SELECT realm, name FROM registration WHERE realm >= 'host:' AND realm < 'host;' ORDER BY realm, name";
        Ok(sql::query_as(names).fetch_all(self).await?)
    }

    async fn helpdesk_code(&mut self, name: Name<'_>) -> Result<Option<HelpdeskCode>> {
        sql::query("SELECT account, issuer, created, expires, used FROM helpdesk_code WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .fetch_optional(self)
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
        Ok(sql::query_scalar("SELECT last_time FROM invitation WHERE realm = $1 AND name = $2 AND id = $3")
            .bind(name.realm)
            .bind(name.name)
            .bind(id.as_str())
            .fetch_optional(self)
            .await?)
    }

    async fn contacts(&mut self, name: Name<'_>) -> Result<Vec<Kept>> {
        sql::query(
            "SELECT method, sealed, preferred, usable, created, source, verified, used FROM contact WHERE realm = $1 AND name = $2 \
             ORDER BY method, preferred DESC, id",
        )
        .bind(name.realm)
        .bind(name.name)
        .fetch_all(self)
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
                verified: row.try_get(6)?,
                used: row.try_get(7)?,
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
            rows += sql::query(statement).bind(name.realm).bind(name.name).execute(self).await?.rows_affected();
        }
        Ok(rows > 0)
    }
}

fn overview(row: &Row) -> Result<Overview> {
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
        waits: row.try_get("waits")?,
        vouched: words(row.try_get("vouched")?),
    })
}

/// A help-desk code, without the code itself.
#[derive(Clone, Debug)]
pub struct HelpdeskCode {
    /// The account's id.
    pub account: Id,
    /// The administrator who issued it.
    pub issuer: String,
    /// When it was issued.
    pub created: Time,
    /// When it expires.
    pub expires: Time,
    /// When it was used.
    pub used: Option<Time>,
}

/// A contact as it is stored. It is opened only to be shown.
#[derive(Debug)]
pub struct Kept {
    /// The method's word.
    pub method: String,
    /// The sealed contact.
    pub sealed: Vec<u8>,
    /// Whether it is the first of several contacts of one method.
    pub preferred: bool,
    /// Whether it was registered or confirmed by the user, or imported as usable.
    pub usable: bool,
    /// When it was stored.
    pub created: Time,
    /// Its source, see [`super::registrations::Registered`].
    pub source: Option<String>,
    /// When the owner last proved it.
    pub verified: Option<Time>,
    /// When a code that was sent to it was last used.
    pub used: Option<Time>,
}
