//! The directory's reports about contacts in the last sync. The contacts themselves are beside those that users
//! registered, marked as the directory's.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::json;
use sspr_config::settings::Method;
use sspr_protocol::chain::unhex;

use super::{Tx, id_of, import::hex, sql};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::{Error, Result},
    keys::Tag,
};

/// How many contacts are read at a time, so that sign-ins can come in between.
const PIECE: i64 = 2000;

/// The directory's report about one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The row of the report.
    pub number: i64,
    /// The account's name.
    pub name: String,
    /// The account's id.
    pub id: Id,
    /// The method's word.
    pub method: String,
    /// The key by which the contact is found.
    pub lookup: Vec<u8>,
    /// When it was first reported.
    pub since: Time,
    /// Whether the contacts that were registered then got a notification.
    pub told: bool,
    /// Whether it was added to the contacts.
    pub entered: bool,
    /// The number of the sync that last found it.
    pub seen: i64,
}

/// A contact that is reported for the first time.
#[derive(Debug)]
pub struct Saying {
    /// The account's name.
    pub name: String,
    /// The account's id.
    pub id: Id,
    /// The method.
    pub method: Method,
    /// The key by which the contact is found.
    pub lookup: Tag,
    /// Whether the contacts that are registered now get a notification.
    pub told: bool,
}

/// A contact of an account.
#[derive(Clone, Debug)]
pub struct Own {
    /// The account's name.
    pub name: String,
    /// The account's id at registration.
    pub id: Id,
    /// The method's word.
    pub method: String,
    /// The key by which the contact is found.
    pub lookup: Vec<u8>,
}

/// A contact from the directory that is no longer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The row of the contact.
    pub row: i64,
    /// The account's name.
    pub name: String,
    /// The key by which the contact is found.
    pub lookup: Vec<u8>,
    /// Whether the directory has another contact instead; users were notified of that one when it came.
    pub replaced: bool,
}

/// The state of a realm's syncs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The number of the last sync that began.
    pub number: i64,
    /// When it began.
    pub tried: Time,
    /// When a sync was last completed.
    pub done: Option<Time>,
    /// How many users it found.
    pub people: u64,
    /// How many contacts these users have.
    pub contacts: u64,
    /// Why the sync erased nothing.
    pub held: Option<String>,
    /// A sentence about accounts whose name several users have in the directory.
    pub doubled: Option<String>,
    /// Why the last sync was not completed.
    pub failed: Option<String>,
}

/// A directory's reported contacts, by realm.
pub trait Synced {
    /// Begins a sync and returns its number.
    fn begin(&mut self, realm: &str, now: Time) -> impl Future<Output = Result<i64>> + Send;

    /// The state of the syncs; `None` if there was none.
    fn state(&mut self, realm: &str) -> impl Future<Output = Result<Option<State>>> + Send;

    /// Notes that the last sync was completed (`Ok`), or was not, for this reason. Its number and its start stay
    /// unchanged.
    fn end(&mut self, realm: &str, came: std::result::Result<&State, &str>) -> impl Future<Output = Result<()>> + Send;

    /// The reports about `names`.
    fn said(&mut self, realm: &str, names: &[&str]) -> impl Future<Output = Result<Vec<Said>>> + Send;

    /// The contacts of `names`, from any source.
    fn contacts(&mut self, realm: &str, names: &[&str]) -> impl Future<Output = Result<Vec<Own>>> + Send;

    /// Stores contacts that are reported for the first time, or instead of others, in the sync `number`. Of several
    /// of one name and method, the last counts.
    fn say(&mut self, realm: &str, new: &[Saying], number: i64, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that the reports in the rows `said` were found again in the sync `number`. A later sync of another server may
    /// have found them before.
    fn again(&mut self, said: &[i64], number: i64) -> impl Future<Output = Result<()>> + Send;

    /// Replaces the keys by which contacts in these rows are found: they are those of an earlier host key.
    fn renew(&mut self, said: &[(i64, Tag)]) -> impl Future<Output = Result<()>> + Send;

    /// Notes that the contacts in the rows `said` were added to the other contacts.
    fn entered(&mut self, said: &[i64]) -> impl Future<Output = Result<()>> + Send;

    /// Sets the `source` of a contact.
    fn vouch(&mut self, name: Name<'_>, lookup: &Tag, source: &str) -> impl Future<Output = Result<()>> + Send;

    /// How many contacts of `method` were reported in all, and how many of them are not among the other contacts yet.
    fn count(&mut self, realm: &str, method: Method) -> impl Future<Output = Result<(u64, u64)>> + Send;

    /// Deletes reports that neither the sync `number` nor a later one found.
    fn forget_unseen(&mut self, realm: &str, number: i64) -> impl Future<Output = Result<()>> + Send;

    /// Deletes reports about methods that are not in `methods`. `false` if there were none.
    fn forget_but(&mut self, realm: &str, methods: &[Method]) -> impl Future<Output = Result<bool>> + Send;

    /// The directory's contacts in rows after `after` that are no longer reported, and the last row that was read;
    /// `None` if there are no more rows.
    fn gone(&mut self, realm: &str, after: i64) -> impl Future<Output = Result<(Vec<Gone>, Option<i64>)>> + Send;

    /// Erases the directory's contacts of `name` in `rows`, and the registration if nothing else is in it.
    fn erase(&mut self, name: Name<'_>, rows: &[i64]) -> impl Future<Output = Result<()>> + Send;
}

/// A report in the JSON text.
#[derive(Serialize)]
struct Line<'a> {
    n: &'a str,
    u: &'a str,
    m: &'a str,
    l: String,
    t: i64,
}

/// A statement for reports as one text, a line for each, see [`from_line`].
macro_rules! lines {
    ($lookup:literal) => {
        concat!(
            "SELECT string_agg(CAST(s.number AS TEXT) || ' ' || s.since || ' ' || s.told || ' ' || s.entered || ' ' || s.seen || ' ' \
               || s.method || ' ' || ",
            $lookup,
            " || ' ' || s.id || ' ' || s.name, '\n') FROM json_each($2) AS j CROSS JOIN synced AS s \
             WHERE s.realm = $1 AND s.name = j.value"
        )
    };
}

/// A report from its line. The name may have blanks, but no line ends.
fn from_line(line: &str) -> Option<Said> {
    let mut words = line.splitn(9, ' ');
    let mut number = || words.next()?.parse::<i64>().ok();
    let (row, since, told, entered, seen) = (number()?, number()?, number()?, number()?, number()?);
    let (method, lookup, id) = (words.next()?, unhex(words.next()?)?, Id::parse(words.next()?)?);
    let name = words.next()?.to_owned();
    let (told, entered) = (told != 0, entered != 0);
    Some(Said { number: row, name, id, method: method.to_owned(), lookup, since, told, entered, seen })
}

impl Synced for Tx<'_> {
    async fn begin(&mut self, realm: &str, now: Time) -> Result<i64> {
        Ok(sql::query_scalar(
            "INSERT INTO sync (realm, number, tried, people, contacts) VALUES ($1, 1, $2, 0, 0) \
             ON CONFLICT (realm) DO UPDATE SET number = sync.number + 1, tried = excluded.tried RETURNING number",
        )
        .bind(realm)
        .bind(now)
        .fetch_one(self)
        .await?)
    }

    async fn state(&mut self, realm: &str) -> Result<Option<State>> {
        sql::query("SELECT number, tried, done, people, contacts, held, failed, doubled FROM sync WHERE realm = $1")
            .bind(realm)
            .fetch_optional(self)
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
                    doubled: row.try_get(7)?,
                })
            })
            .transpose()
    }

    async fn end(&mut self, realm: &str, came: std::result::Result<&State, &str>) -> Result<()> {
        let statement = match came {
            Ok(state) => sql::query(
                "UPDATE sync SET done = $2, people = $3, contacts = $4, held = $5, doubled = $6, failed = NULL WHERE realm = $1",
            )
            .bind(realm)
            .bind(state.done)
            .bind(i64::try_from(state.people).unwrap_or(i64::MAX))
            .bind(i64::try_from(state.contacts).unwrap_or(i64::MAX))
            .bind(state.held.as_deref())
            .bind(state.doubled.as_deref()),
            Err(why) => sql::query("UPDATE sync SET failed = $2 WHERE realm = $1").bind(realm).bind(why),
        };
        statement.execute(self).await?;
        Ok(())
    }

    async fn said(&mut self, realm: &str, names: &[&str]) -> Result<Vec<Said>> {
        // With CROSS JOIN, here and below, SQLite keeps this order of the tables, and reads only the rows that are
        // needed. They come as one text: row by row, they would pass between threads a hundred thousand times.
        let lines: Option<String> =
            sql::query_scalar(sql::either(lines!("hex(s.lookup)"), lines!("encode(s.lookup, 'hex')")))
                .bind(realm)
                .bind(json!(names).to_string())
                .fetch_one(self)
                .await?;
        let lines = lines.unwrap_or_default();
        lines.lines().map(|line| from_line(line).ok_or_else(|| Error::Id(line.to_owned()))).collect()
    }

    async fn contacts(&mut self, realm: &str, names: &[&str]) -> Result<Vec<Own>> {
        sql::query(
            "SELECT r.name, r.id, c.method, c.lookup FROM json_each($2) AS j \
             CROSS JOIN registration AS r CROSS JOIN contact AS c \
             WHERE r.realm = $1 AND r.name = j.value AND c.realm = r.realm AND c.name = r.name",
        )
        .bind(realm)
        .bind(json!(names).to_string())
        .fetch_all(self)
        .await?
        .iter()
        .map(|row| {
            Ok(Own { name: row.try_get(0)?, id: id_of(row, 1)?, method: row.try_get(2)?, lookup: row.try_get(3)? })
        })
        .collect()
    }

    async fn say(&mut self, realm: &str, new: &[Saying], number: i64, now: Time) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        // PostgreSQL refuses a statement that changes a row twice.
        let mut said = HashSet::new();
        let lines: Vec<Line<'_>> = new
            .iter()
            .rev()
            .filter(|new| said.insert((new.name.as_str(), new.method.as_str())))
            .map(|new| Line {
                n: &new.name,
                u: new.id.as_str(),
                m: new.method.as_str(),
                l: hex(&new.lookup),
                t: new.told.into(),
            })
            .collect();
        let lines = serde_json::to_string(&lines).map_err(|error| Error::Store(sqlx::Error::Encode(error.into())))?;
        sql::query(
            "INSERT INTO synced (realm, name, id, method, lookup, since, told, entered, seen) \
             SELECT $1, json_extract(j.value, '$.n'), json_extract(j.value, '$.u'), json_extract(j.value, '$.m'), \
               unhex(json_extract(j.value, '$.l')), $2, CAST(json_extract(j.value, '$.t') AS BIGINT), 0, $3 \
             FROM json_each($4) AS j WHERE true \
             ON CONFLICT (realm, name, method) DO UPDATE SET id = excluded.id, lookup = excluded.lookup, since = excluded.since, \
               told = excluded.told, entered = 0, \
               seen = CASE WHEN synced.seen > excluded.seen THEN synced.seen ELSE excluded.seen END",
        )
        .bind(realm)
        .bind(now)
        .bind(number)
        .bind(lines)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn again(&mut self, said: &[i64], number: i64) -> Result<()> {
        if said.is_empty() {
            return Ok(());
        }
        sql::query("UPDATE synced SET seen = $1 WHERE seen < $1 AND number IN (SELECT CAST(value AS BIGINT) FROM json_each($2))")
            .bind(number)
            .bind(json!(said).to_string())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn renew(&mut self, said: &[(i64, Tag)]) -> Result<()> {
        for (number, lookup) in said {
            sql::query("UPDATE synced SET lookup = $2 WHERE number = $1")
                .bind(*number)
                .bind(lookup.as_slice())
                .execute(self)
                .await?;
        }
        Ok(())
    }

    async fn entered(&mut self, said: &[i64]) -> Result<()> {
        if said.is_empty() {
            return Ok(());
        }
        sql::query("UPDATE synced SET entered = 1 WHERE number IN (SELECT CAST(value AS BIGINT) FROM json_each($1))")
            .bind(json!(said).to_string())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn vouch(&mut self, name: Name<'_>, lookup: &Tag, source: &str) -> Result<()> {
        sql::query("UPDATE contact SET source = $4 WHERE realm = $1 AND name = $2 AND lookup = $3")
            .of(name)
            .bind(lookup.as_slice())
            .bind(source)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn count(&mut self, realm: &str, method: Method) -> Result<(u64, u64)> {
        let (all, waiting): (i64, i64) = sql::query_as(
            "SELECT count(*), count(*) FILTER (WHERE entered = 0) FROM synced WHERE realm = $1 AND method = $2",
        )
        .bind(realm)
        .bind(method.as_str())
        .fetch_one(self)
        .await?;
        Ok((unsigned(all), unsigned(waiting)))
    }

    async fn forget_unseen(&mut self, realm: &str, number: i64) -> Result<()> {
        sql::query("DELETE FROM synced WHERE realm = $1 AND seen < $2").bind(realm).bind(number).execute(self).await?;
        Ok(())
    }

    async fn forget_but(&mut self, realm: &str, methods: &[Method]) -> Result<bool> {
        let words: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
        let done =
            sql::query("DELETE FROM synced WHERE realm = $1 AND method NOT IN (SELECT value FROM json_each($2))")
                .bind(realm)
                .bind(json!(words).to_string())
                .execute(self)
                .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn gone(&mut self, realm: &str, after: i64) -> Result<(Vec<Gone>, Option<i64>)> {
        let rows = sql::query(
            "SELECT c.id, c.name, c.lookup, \
               EXISTS (SELECT 1 FROM synced AS s WHERE s.realm = c.realm AND s.name = c.name AND s.lookup = c.lookup \
                 AND s.id = (SELECT r.id FROM registration AS r WHERE r.realm = c.realm AND r.name = c.name)), \
               EXISTS (SELECT 1 FROM synced AS s WHERE s.realm = c.realm AND s.name = c.name AND s.method = c.method) \
             FROM contact AS c WHERE c.realm = $1 AND c.source IN ('directory', 'entra') AND c.id > $2 ORDER BY c.id LIMIT $3",
        )
        .bind(realm)
        .bind(after)
        .bind(PIECE)
        .fetch_all(self)
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
        sql::query(
            "DELETE FROM contact WHERE realm = $1 AND name = $2 AND source IN ('directory', 'entra') \
               AND id IN (SELECT CAST(value AS BIGINT) FROM json_each($3))",
        )
        .of(name)
        .bind(json!(rows).to_string())
        .execute(self)
        .await?;
        sql::query(
            "DELETE FROM registration AS r WHERE realm = $1 AND name = $2 \
               AND NOT EXISTS (SELECT 1 FROM contact AS c WHERE c.realm = r.realm AND c.name = r.name) \
               AND NOT EXISTS (SELECT 1 FROM authenticator AS a WHERE a.realm = r.realm AND a.name = r.name) \
               AND NOT EXISTS (SELECT 1 FROM recovery_code AS c WHERE c.realm = r.realm AND c.name = r.name)",
        )
        .of(name)
        .execute(self)
        .await?;
        super::registrations::settle_preferred(self, name).await
    }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
