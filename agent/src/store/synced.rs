//! What a directory said of contacts when it was last asked for all of them. The contacts themselves are beside those that people
//! registered, marked as the directory's.

use serde::Serialize;
use serde_json::json;
use sqlx::Row as _;
use sspr_config::settings::Method;

use super::{Tx, id_of, import::hex};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::{Error, Result},
    keys::Tag,
};

/// So many contacts are looked through at a time: sign-ins come between.
const PIECE: i64 = 2000;

/// What it said of one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its row.
    pub number: i64,
    /// Of whom.
    pub name: String,
    /// Of which account of that name.
    pub id: Id,
    /// The method's word.
    pub method: String,
    /// By which the contact is found.
    pub lookup: Vec<u8>,
    /// Since when.
    pub since: Time,
    /// The contacts that were registered then were notified.
    pub told: bool,
    /// It was put among the contacts.
    pub entered: bool,
    /// In which sync it was last found.
    pub seen: i64,
}

/// What it says for the first time.
#[derive(Debug)]
pub struct Saying {
    /// Of whom.
    pub name: String,
    /// Of which account of that name.
    pub id: Id,
    /// The method.
    pub method: Method,
    /// By which the contact is found.
    pub lookup: Tag,
    /// The contacts that are registered now are notified.
    pub told: bool,
}

/// A contact of somebody.
#[derive(Clone, Debug)]
pub struct Own {
    /// Whose.
    pub name: String,
    /// The account's id at registration.
    pub id: Id,
    /// The method's word.
    pub method: String,
    /// By which it is found.
    pub lookup: Vec<u8>,
}

/// A contact of the directory's that it does not have any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its row.
    pub row: i64,
    /// Whose.
    pub name: String,
    /// By which it is found.
    pub lookup: Vec<u8>,
    /// The directory has another in its place, which was told when it came.
    pub replaced: bool,
}

/// How the syncs of a realm go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The number of the last one that was begun.
    pub number: i64,
    /// When that was.
    pub tried: Time,
    /// When one last came to its end.
    pub done: Option<Time>,
    /// How many people it found.
    pub people: u64,
    /// How many contacts of theirs.
    pub contacts: u64,
    /// Why it erased nothing.
    pub held: Option<String>,
    /// Why the last one did not come to its end.
    pub failed: Option<String>,
}

/// What is kept of a directory's contacts, by realm.
pub trait Synced {
    /// Begins a sync and gives its number.
    fn begin(&mut self, realm: &str, now: Time) -> impl Future<Output = Result<i64>> + Send;

    /// How the syncs go; `None`: there was none.
    fn state(&mut self, realm: &str) -> impl Future<Output = Result<Option<State>>> + Send;

    /// The sync that was begun last came to its end (`Ok`), or did not. Its number and its time are as they were.
    fn end(&mut self, realm: &str, came: std::result::Result<&State, &str>) -> impl Future<Output = Result<()>> + Send;

    /// What was said of `names`.
    fn said(&mut self, realm: &str, names: &[&str]) -> impl Future<Output = Result<Vec<Said>>> + Send;

    /// The contacts of `names`, whoever vouched for them.
    fn contacts(&mut self, realm: &str, names: &[&str]) -> impl Future<Output = Result<Vec<Own>>> + Send;

    /// Notes what is said for the first time, or in place of something else, in the sync `number`.
    fn say(&mut self, realm: &str, new: &[Saying], number: i64, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// The rows `said` were found again in the sync `number`.
    fn again(&mut self, said: &[i64], number: i64) -> impl Future<Output = Result<()>> + Send;

    /// The contacts of the rows `said` were put among the others.
    fn entered(&mut self, said: &[i64]) -> impl Future<Output = Result<()>> + Send;

    /// Marks a contact as vouched for by `source`.
    fn vouch(&mut self, name: Name<'_>, lookup: &Tag, source: &str) -> impl Future<Output = Result<()>> + Send;

    /// How many contacts of `method` it has said in all, and how many of them are not among the others yet.
    fn count(&mut self, realm: &str, method: Method) -> impl Future<Output = Result<(u64, u64)>> + Send;

    /// Forgets what was not found in the sync `number`.
    fn forget_unseen(&mut self, realm: &str, number: i64) -> impl Future<Output = Result<()>> + Send;

    /// Forgets what was said of other methods than `methods`. `false`: there was nothing.
    fn forget_but(&mut self, realm: &str, methods: &[Method]) -> impl Future<Output = Result<bool>> + Send;

    /// The contacts of the directory's with rows after `after`, up to a row that it gives, that nothing is said of any more. `None`
    /// in place of that row: there are no more.
    fn gone(&mut self, realm: &str, after: i64) -> impl Future<Output = Result<(Vec<Gone>, Option<i64>)>> + Send;

    /// Erases contacts of the directory's of `name`, and the registration if nothing else is in it.
    fn erase(&mut self, name: Name<'_>, rows: &[i64]) -> impl Future<Output = Result<()>> + Send;
}

/// What is said first, as a line of a text.
#[derive(Serialize)]
struct Line<'a> {
    n: &'a str,
    u: &'a str,
    m: &'a str,
    l: String,
    t: i64,
}

impl Synced for Tx<'_> {
    async fn begin(&mut self, realm: &str, now: Time) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "INSERT INTO sync (realm, number, tried, people, contacts) VALUES ($1, 1, $2, 0, 0) \
             ON CONFLICT (realm) DO UPDATE SET number = number + 1, tried = excluded.tried RETURNING number",
        )
        .bind(realm)
        .bind(now)
        .fetch_one(&mut **self)
        .await?)
    }

    async fn state(&mut self, realm: &str) -> Result<Option<State>> {
        sqlx::query("SELECT number, tried, done, people, contacts, held, failed FROM sync WHERE realm = $1")
            .bind(realm)
            .fetch_optional(&mut **self)
            .await?
            .map(|row| {
                Ok(State {
                    number: row.try_get(0)?,
                    tried: row.try_get(1)?,
                    done: row.try_get(2)?,
                    people: unsigned(row.try_get(3)?),
                    contacts: unsigned(row.try_get(4)?),
                    held: row.try_get(5)?,
                    failed: row.try_get(6)?,
                })
            })
            .transpose()
    }

    async fn end(&mut self, realm: &str, came: std::result::Result<&State, &str>) -> Result<()> {
        let statement = match came {
            Ok(state) => sqlx::query(
                "UPDATE sync SET done = $2, people = $3, contacts = $4, held = $5, failed = NULL WHERE realm = $1",
            )
            .bind(realm)
            .bind(state.done)
            .bind(i64::try_from(state.people).unwrap_or(i64::MAX))
            .bind(i64::try_from(state.contacts).unwrap_or(i64::MAX))
            .bind(state.held.as_deref()),
            Err(why) => sqlx::query("UPDATE sync SET failed = $2 WHERE realm = $1").bind(realm).bind(why),
        };
        statement.execute(&mut **self).await?;
        Ok(())
    }

    async fn said(&mut self, realm: &str, names: &[&str]) -> Result<Vec<Said>> {
        // CROSS JOIN here and below: SQLite keeps the order, and goes through what is asked for alone.
        sqlx::query(
            "SELECT s.number, s.id, s.name, s.method, s.lookup, s.since, s.told, s.entered, s.seen FROM json_each($2) AS j \
             CROSS JOIN synced AS s ON s.realm = $1 AND s.name = j.value",
        )
        .bind(realm)
        .bind(json!(names).to_string())
        .fetch_all(&mut **self)
        .await?
        .iter()
        .map(|row| {
            Ok(Said {
                number: row.try_get(0)?,
                id: id_of(row, 1)?,
                name: row.try_get(2)?,
                method: row.try_get(3)?,
                lookup: row.try_get(4)?,
                since: row.try_get(5)?,
                told: row.try_get(6)?,
                entered: row.try_get(7)?,
                seen: row.try_get(8)?,
            })
        })
        .collect()
    }

    async fn contacts(&mut self, realm: &str, names: &[&str]) -> Result<Vec<Own>> {
        sqlx::query(
            "SELECT r.name, r.id, c.method, c.lookup FROM json_each($2) AS j \
             CROSS JOIN registration AS r ON r.realm = $1 AND r.name = j.value \
             CROSS JOIN contact AS c ON c.realm = r.realm AND c.name = r.name",
        )
        .bind(realm)
        .bind(json!(names).to_string())
        .fetch_all(&mut **self)
        .await?
        .iter()
        .map(|row| {
            Ok(Own { name: row.try_get(0)?, id: id_of(row, 1)?, method: row.try_get(2)?, lookup: row.try_get(3)? })
        })
        .collect()
    }

    async fn say(&mut self, realm: &str, new: &[Saying], number: i64, now: Time) -> Result<()> {
        let lines: Vec<Line<'_>> = new
            .iter()
            .map(|new| Line {
                n: &new.name,
                u: new.id.as_str(),
                m: new.method.as_str(),
                l: hex(&new.lookup),
                t: new.told.into(),
            })
            .collect();
        let lines = serde_json::to_string(&lines).map_err(|error| Error::Store(sqlx::Error::Encode(error.into())))?;
        sqlx::query(
            "INSERT INTO synced (realm, name, id, method, lookup, since, told, entered, seen) \
             SELECT $1, j.value ->> 'n', j.value ->> 'u', j.value ->> 'm', unhex(j.value ->> 'l'), $2, j.value ->> 't', 0, $3 \
             FROM json_each($4) AS j WHERE true \
             ON CONFLICT (realm, name, method) DO UPDATE SET id = excluded.id, lookup = excluded.lookup, since = excluded.since, \
               told = excluded.told, entered = 0, seen = excluded.seen",
        )
        .bind(realm)
        .bind(now)
        .bind(number)
        .bind(lines)
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn again(&mut self, said: &[i64], number: i64) -> Result<()> {
        sqlx::query("UPDATE synced SET seen = $1 WHERE number IN (SELECT value FROM json_each($2))")
            .bind(number)
            .bind(json!(said).to_string())
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn entered(&mut self, said: &[i64]) -> Result<()> {
        sqlx::query("UPDATE synced SET entered = 1 WHERE number IN (SELECT value FROM json_each($1))")
            .bind(json!(said).to_string())
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn vouch(&mut self, name: Name<'_>, lookup: &Tag, source: &str) -> Result<()> {
        sqlx::query("UPDATE contact SET source = $4 WHERE realm = $1 AND name = $2 AND lookup = $3")
            .bind(name.realm)
            .bind(name.name)
            .bind(lookup.as_slice())
            .bind(source)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn count(&mut self, realm: &str, method: Method) -> Result<(u64, u64)> {
        let (all, waiting): (i64, i64) = sqlx::query_as(
            "SELECT count(*), count(*) FILTER (WHERE entered = 0) FROM synced WHERE realm = $1 AND method = $2",
        )
        .bind(realm)
        .bind(method.as_str())
        .fetch_one(&mut **self)
        .await?;
        Ok((unsigned(all), unsigned(waiting)))
    }

    async fn forget_unseen(&mut self, realm: &str, number: i64) -> Result<()> {
        sqlx::query("DELETE FROM synced WHERE realm = $1 AND seen <> $2")
            .bind(realm)
            .bind(number)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn forget_but(&mut self, realm: &str, methods: &[Method]) -> Result<bool> {
        let words: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
        let done =
            sqlx::query("DELETE FROM synced WHERE realm = $1 AND method NOT IN (SELECT value FROM json_each($2))")
                .bind(realm)
                .bind(json!(words).to_string())
                .execute(&mut **self)
                .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn gone(&mut self, realm: &str, after: i64) -> Result<(Vec<Gone>, Option<i64>)> {
        let rows = sqlx::query(
            "SELECT c.id, c.name, c.lookup, \
               EXISTS (SELECT 1 FROM synced AS s WHERE s.realm = c.realm AND s.name = c.name AND s.lookup = c.lookup \
                 AND s.id = (SELECT r.id FROM registration AS r WHERE r.realm = c.realm AND r.name = c.name)), \
               EXISTS (SELECT 1 FROM synced AS s WHERE s.realm = c.realm AND s.name = c.name AND s.method = c.method) \
             FROM contact AS c WHERE c.realm = $1 AND c.source IN ('directory', 'entra') AND c.id > $2 ORDER BY c.id LIMIT $3",
        )
        .bind(realm)
        .bind(after)
        .bind(PIECE)
        .fetch_all(&mut **self)
        .await?;
        let (mut gone, mut last) = (Vec::new(), None);
        for row in &rows {
            let id = row.try_get(0)?;
            last = Some(id);
            if !row.try_get::<bool, _>(3)? {
                gone.push(Gone { row: id, name: row.try_get(1)?, lookup: row.try_get(2)?, replaced: row.try_get(4)? });
            }
        }
        Ok((gone, last))
    }

    async fn erase(&mut self, name: Name<'_>, rows: &[i64]) -> Result<()> {
        sqlx::query(
            "DELETE FROM contact WHERE realm = $1 AND name = $2 AND source IN ('directory', 'entra') \
               AND id IN (SELECT value FROM json_each($3))",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(json!(rows).to_string())
        .execute(&mut **self)
        .await?;
        sqlx::query(
            "DELETE FROM registration AS r WHERE realm = $1 AND name = $2 \
               AND NOT EXISTS (SELECT 1 FROM contact AS c WHERE c.realm = r.realm AND c.name = r.name) \
               AND NOT EXISTS (SELECT 1 FROM authenticator AS a WHERE a.realm = r.realm AND a.name = r.name) \
               AND NOT EXISTS (SELECT 1 FROM recovery_code AS c WHERE c.realm = r.realm AND c.name = r.name)",
        )
        .bind(name.realm)
        .bind(name.name)
        .execute(&mut **self)
        .await?;
        super::registrations::settle_preferred(self, name).await
    }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
