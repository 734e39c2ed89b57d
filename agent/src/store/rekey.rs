//! Another host key takes the place of the one that the store was sealed with. What the store can open is sealed anew. Of
//! what it has as MACs alone, [`Keys::again`] makes MACs under the new key, so that recovery codes stay valid. Codes that
//! were sent and counts of limits do not outlive a key.

use std::time::Duration;

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{
    AuditRows, Backend, Held, Kind, Store, Tx, authenticators, id_of,
    import::hex,
    outbox, registrations,
    sql::{self, Row},
};
use crate::{
    account::{Id, Name},
    audit::Entry,
    error::{Error, Result},
    keys::{Keys, Tag},
    random::Random,
};

/// How many rows are read and written at a time.
const PIECE: i64 = 500;
/// The version of programs that read former keys, see `shared.min_reader`.
pub const READER: i64 = 2;
/// How often the database is asked for others' connections: one that was just closed is there for a moment.
const LOOKS: u32 = 30;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What has the new key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rekeyed {
    /// How many contacts.
    pub contacts: u64,
    /// How many authenticator apps.
    pub apps: u64,
    /// How many recovery codes, used ones among them.
    pub codes: u64,
}

/// From which keys to which.
#[derive(Debug)]
pub struct Change<'a> {
    /// Those that the store is sealed with.
    pub old: &'a Keys,
    /// Those that it is sealed with from now on.
    pub new: &'a Keys,
    /// What a database knows the old and the new host key by.
    pub tags: (Tag, Tag),
}

/// The transaction in which the key is replaced.
#[derive(Debug)]
pub struct Rekeying<'a>(Tx<'a>);

/// A changed row: its number, and hexadecimal digits of what it has now.
#[derive(Serialize)]
struct Line {
    i: i64,
    s: String,
    #[serde(flatten)]
    found: Option<Found>,
}

/// By what a contact was found, and is found now. The directory may have reported it, too.
#[derive(Serialize)]
struct Found {
    r: String,
    n: String,
    o: String,
    l: String,
}

impl Store {
    /// The former keys, sealed, oldest first.
    pub async fn former_keys(&self) -> Result<Vec<Vec<u8>>> {
        let all = sql::query_scalar("SELECT sealed FROM former_key ORDER BY number");
        Ok(all.fetch_all(self.look().await?.connection()).await?)
    }

    /// Whether the store was sealed anew with `keys`, which took the place of others.
    pub async fn took(&self, keys: &Keys) -> Result<bool> {
        // The transaction of a program that is replacing the key has ended when this one begins.
        let mut tx = self.begin().await?;
        let last = sql::query_scalar("SELECT sealed FROM former_key ORDER BY number DESC LIMIT 1");
        let last: Option<Vec<u8>> = last.fetch_optional(&mut tx).await?;
        tx.commit().await?;
        Ok(last.is_some_and(|sealed| keys.opens_former(&sealed)))
    }

    /// Whether the oldest or the newest contact or app opens with `keys`, or there is none.
    pub async fn opens_with(&self, keys: &Keys) -> Result<bool> {
        let contacts = "SELECT c.realm, c.name, r.id, c.sealed, c.method FROM contact AS c \
                        JOIN registration AS r ON r.realm = c.realm AND r.name = c.name \
                        WHERE c.id = (SELECT min(id) FROM contact) OR c.id = (SELECT max(id) FROM contact)";
        let apps = "SELECT a.realm, a.name, r.id, a.sealed FROM authenticator AS a \
                    JOIN registration AS r ON r.realm = a.realm AND r.name = a.name \
                    WHERE a.id = (SELECT min(id) FROM authenticator) OR a.id = (SELECT max(id) FROM authenticator)";
        let (contacts, apps) = {
            let mut look = self.begin_to_read().await?;
            (sql::query(contacts).fetch_all(&mut look).await?, sql::query(apps).fetch_all(&mut look).await?)
        };
        let mut opened = contacts.is_empty() && apps.is_empty();
        for row in &contacts {
            let ((realm, name, id), sealed, method) =
                (account(row, 0)?, row.try_get::<Vec<u8>, _>(3)?, row.try_get::<String, _>(4)?);
            let owner = Name { realm: &realm, name: &name };
            opened |= registrations::open(keys, owner, id, &method, &sealed).is_ok();
        }
        for row in &apps {
            let ((realm, name, id), sealed) = (account(row, 0)?, row.try_get::<Vec<u8>, _>(3)?);
            opened |= authenticators::open(keys, Name { realm: &realm, name: &name }, id, &sealed).is_ok();
        }
        Ok(opened)
    }

    /// Overwrites what a file has of former contents. PostgreSQL keeps dead rows until it vacuums.
    pub async fn forget_former_pages(&self) -> Result<()> {
        if let Backend::Sqlite(_) = self.0 {
            sql::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(self.session().await?.connection()).await?;
        }
        Ok(())
    }

    /// Begins to replace the key, as the only program that uses the store. A file must have been opened with
    /// [`Store::alone`].
    pub async fn begin_to_rekey(&self) -> Result<Rekeying<'_>> {
        let Backend::Postgres(database) = &self.0 else { return Ok(Rekeying(self.begin().await?)) };
        let mut tx = Tx(Held(Kind::Postgres(Box::new(Box::pin(database.begin_to_fill()).await?))));
        // From here on, no other program can write; one that comes now learns the new key, or that it has another.
        let mut others = 0;
        for _ in 0..LOOKS {
            database.close_idle();
            // Within a transaction, the first answer would stand.
            sql::query("SELECT pg_stat_clear_snapshot()").execute(&mut tx).await?;
            others = sql::query_scalar(
                "SELECT count(*) FROM pg_stat_activity \
                 WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()",
            )
            .fetch_one(&mut tx)
            .await?;
            if others == 0 {
                return Ok(Rekeying(tx));
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(Error::InUse(others))
    }
}

impl Rekeying<'_> {
    /// Makes `change`, and adds `record` to the audit trail.
    pub async fn replace(&mut self, change: &Change<'_>, random: &dyn Random, record: &Entry) -> Result<Rekeyed> {
        let Change { old, new, .. } = *change;
        let tx = &mut self.0;
        if let Kind::Postgres(_) = tx.0.0 {
            let take = "UPDATE shared SET host_key = $1, min_reader = greatest(min_reader, $2) WHERE host_key = $3";
            let taken = sql::query(take).bind(change.tags.1.as_slice()).bind(READER).bind(change.tags.0.as_slice());
            if taken.execute(tx).await?.rows_affected() != 1 {
                return Err(Error::Rekey("another server has just replaced the key".to_owned()));
            }
        }
        end_what_is_under_way(tx).await?;
        // Before the contacts: one that the directory has reported is found there by its former key.
        let unknown = "SELECT number, lookup FROM synced AS s WHERE number > $1 AND NOT EXISTS (SELECT 1 FROM contact AS c \
                       WHERE c.realm = s.realm AND c.name = s.name AND c.lookup = s.lookup) ORDER BY number LIMIT $2";
        let renew = "UPDATE synced SET lookup = unhex(json_extract(j.value, '$.s')) FROM json_each($1) AS j \
                     WHERE synced.number = CAST(json_extract(j.value, '$.i') AS BIGINT)";
        again(tx, new, unknown, renew).await?;
        let rekeyed = Rekeyed {
            contacts: contacts(tx, old, new, random).await?,
            apps: apps(tx, old, new, random).await?,
            codes: macs(tx, new, "recovery_code", "id", "code").await?,
        };
        macs(tx, new, "host_token", "number", "secret").await?;
        messages(tx, old, new, random).await?;
        sql::query("DELETE FROM former_key").execute(tx).await?;
        for sealed in old.handed_on(new, random)? {
            sql::query("INSERT INTO former_key (sealed) VALUES ($1)").bind(sealed).execute(tx).await?;
        }
        AuditRows::add(tx, record).await?;
        Ok(rekeyed)
    }

    /// Commits. An error may come after it was done.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await
    }
}

/// Deletes what is of no use for long, and could be guessed with the former key: codes that were sent or given out, and
/// counts by what somebody typed.
async fn end_what_is_under_way(tx: &mut Tx<'_>) -> Result<()> {
    for statement in [
        "DELETE FROM outbox WHERE challenge IS NOT NULL",
        "DELETE FROM challenge",
        "DELETE FROM helpdesk_code",
        "DELETE FROM event",
    ] {
        sql::query(statement).execute(tx).await?;
    }
    Ok(())
}

/// Writes what `line` makes of each row of `select`, which takes the last number and the most rows, by each of `updates`.
/// Returns the number of rows.
async fn rewrite(
    tx: &mut Tx<'_>,
    select: &str,
    updates: &[&str],
    mut line: impl FnMut(&Row) -> Result<Option<Line>> + Send,
) -> Result<u64> {
    let (mut after, mut count) = (i64::MIN, 0);
    loop {
        let rows = sql::query(AssertSqlSafe(select.to_owned())).bind(after).bind(PIECE).fetch_all(tx).await?;
        let Some(last) = rows.last() else { return Ok(count) };
        after = last.try_get(0)?;
        count += rows.len() as u64;
        let lines = rows.iter().filter_map(|row| line(row).transpose()).collect::<Result<Vec<_>>>()?;
        let lines = serde_json::to_string(&lines).map_err(|error| Error::Store(sqlx::Error::Encode(error.into())))?;
        for update in updates {
            sql::query(AssertSqlSafe((*update).to_owned())).bind(lines.as_str()).execute(tx).await?;
        }
    }
}

/// Replaces the MACs that `select` finds (number, MAC).
async fn again(tx: &mut Tx<'_>, new: &Keys, select: &str, update: &str) -> Result<u64> {
    let line = |row: &Row| {
        let mac: Vec<u8> = row.try_get(1)?;
        Ok(Some(Line { i: row.try_get(0)?, s: hex(&new.again(&mac)), found: None }))
    };
    rewrite(tx, select, &[update], line).await
}

/// Replaces all MACs in a column of a table.
async fn macs(tx: &mut Tx<'_>, new: &Keys, table: &str, number: &str, column: &str) -> Result<u64> {
    let select = format!("SELECT {number}, {column} FROM {table} WHERE {number} > $1 ORDER BY {number} LIMIT $2");
    let update = format!(
        "UPDATE {table} SET {column} = unhex(json_extract(j.value, '$.s')) FROM json_each($1) AS j \
         WHERE {table}.{number} = CAST(json_extract(j.value, '$.i') AS BIGINT)"
    );
    again(tx, new, &select, &update).await
}

/// The account of a row: realm, name and id in the columns from `at` on.
fn account(row: &Row, at: usize) -> Result<(String, String, Id)> {
    Ok((row.try_get(at)?, row.try_get(at + 1)?, id_of(row, at + 2)?))
}

fn damaged(what: &str, name: Name<'_>) -> impl Fn(Error) -> Error {
    let what = format!("{what} of {}", name.in_full());
    move |_| Error::Damaged(what.clone())
}

async fn contacts(tx: &mut Tx<'_>, old: &Keys, new: &Keys, random: &dyn Random) -> Result<u64> {
    let line = |row: &Row| {
        let (realm, name, id) = account(row, 1)?;
        let (method, sealed, known): (String, Vec<u8>, Vec<u8>) = (row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
        let owner = Name { realm: &realm, name: &name };
        let contact = registrations::open(old, owner, id, &method, &sealed).map_err(damaged("a contact", owner))?;
        let sealed = registrations::seal(new, random, owner, id, &contact)?;
        let lookup = registrations::lookup(new, &contact);
        let found = Found { r: realm, n: name, o: hex(&known), l: hex(&lookup) };
        Ok(Some(Line { i: row.try_get(0)?, s: hex(&sealed), found: Some(found) }))
    };
    let select = "SELECT c.id, c.realm, c.name, r.id, c.method, c.sealed, c.lookup FROM contact AS c \
                  JOIN registration AS r ON r.realm = c.realm AND r.name = c.name WHERE c.id > $1 ORDER BY c.id LIMIT $2";
    let contact = "UPDATE contact SET sealed = unhex(json_extract(j.value, '$.s')), lookup = unhex(json_extract(j.value, '$.l')) \
                   FROM json_each($1) AS j WHERE contact.id = CAST(json_extract(j.value, '$.i') AS BIGINT)";
    let reported = "UPDATE synced SET lookup = unhex(json_extract(j.value, '$.l')) FROM json_each($1) AS j \
                    WHERE synced.realm = json_extract(j.value, '$.r') AND synced.name = json_extract(j.value, '$.n') \
                      AND synced.lookup = unhex(json_extract(j.value, '$.o'))";
    rewrite(tx, select, &[contact, reported], line).await
}

async fn apps(tx: &mut Tx<'_>, old: &Keys, new: &Keys, random: &dyn Random) -> Result<u64> {
    let line = |row: &Row| {
        let (realm, name, id) = account(row, 1)?;
        let owner = Name { realm: &realm, name: &name };
        let sealed: Vec<u8> = row.try_get(4)?;
        let secret = authenticators::open(old, owner, id, &sealed).map_err(damaged("the app", owner))?;
        let sealed = authenticators::seal(new, random, owner, id, &secret)?;
        Ok(Some(Line { i: row.try_get(0)?, s: hex(&sealed), found: None }))
    };
    let select = "SELECT a.id, a.realm, a.name, r.id, a.sealed FROM authenticator AS a \
                  JOIN registration AS r ON r.realm = a.realm AND r.name = a.name WHERE a.id > $1 ORDER BY a.id LIMIT $2";
    let update = "UPDATE authenticator SET sealed = unhex(json_extract(j.value, '$.s')) FROM json_each($1) AS j \
                  WHERE authenticator.id = CAST(json_extract(j.value, '$.i') AS BIGINT)";
    rewrite(tx, select, &[update], line).await
}

/// Messages on their way; one that does not open could not be sent, either.
async fn messages(tx: &mut Tx<'_>, old: &Keys, new: &Keys, random: &dyn Random) -> Result<()> {
    let line = |row: &Row| {
        let sealed: Vec<u8> = row.try_get(1)?;
        let Ok(plain) = old.open(outbox::CONTEXT, &sealed) else { return Ok(None) };
        let sealed = new.seal(random, outbox::CONTEXT, &plain)?;
        Ok(Some(Line { i: row.try_get(0)?, s: hex(&sealed), found: None }))
    };
    let select = "SELECT id, sealed FROM outbox WHERE id > $1 ORDER BY id LIMIT $2";
    let update = "UPDATE outbox SET sealed = unhex(json_extract(j.value, '$.s')) FROM json_each($1) AS j \
                  WHERE outbox.id = CAST(json_extract(j.value, '$.i') AS BIGINT)";
    rewrite(tx, select, &[update], line).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
