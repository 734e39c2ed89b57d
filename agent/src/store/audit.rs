//! The rows of the audit trail.

use serde::Serialize;
pub use sspr_protocol::audit::{PAGE, Query, Record};

use super::{
    Tx,
    sql::{self, Row},
};
use crate::{
    account::{Name, OF_A_HOST},
    audit::{self, Entry},
    clock::Time,
    error::{Error, Result},
};

/// The rows of the audit trail.
pub trait AuditRows {
    /// Adds a row and returns its id.
    fn add(&mut self, entry: &Entry) -> impl Future<Output = Result<i64>> + Send;

    /// Adds rows in this order, in one statement, and returns the newest id.
    fn add_all<'e>(
        &mut self,
        entries: impl Iterator<Item = &'e Entry> + Send,
    ) -> impl Future<Output = Result<i64>> + Send;

    /// Whether the row with the number `id` is the row of `entry`. A user's name may have been erased from it since.
    fn has(&mut self, id: i64, entry: &Entry) -> impl Future<Output = Result<bool>> + Send;

    /// The rows that match `query`, oldest first, at most [`PAGE`] of them.
    fn read(&mut self, query: &Query) -> impl Future<Output = Result<Vec<Record>>> + Send;

    /// How often each of `events` happened after `since`, as (start of the quarter of an hour, event, count). No time
    /// zone splits a quarter of an hour.
    fn counts(&mut self, events: &[&str], since: Time)
    -> impl Future<Output = Result<Vec<(Time, String, u64)>>> + Send;

    /// Deletes rows from before `before`. A later row must show that the clock is correct: it must be a week old, or
    /// half as old as rows may become. After a clock jumps years ahead, nothing is deleted.
    fn prune(&mut self, before: Time, now: Time) -> impl Future<Output = Result<()>> + Send;
}

impl AuditRows for Tx<'_> {
    async fn add(&mut self, entry: &Entry) -> Result<i64> {
        Ok(sql::query_scalar(
            "INSERT INTO audit (at, event, correlation, actor, realm, account, service, source, outcome, reason) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        )
        .bind(entry.at)
        .bind(entry.event)
        .bind(&entry.correlation)
        .bind(&entry.actor)
        .bind(&entry.realm)
        .bind(&entry.account)
        .bind(&entry.service)
        .bind(&entry.source)
        .bind(outcome(entry))
        .bind(&entry.reason)
        .fetch_one(self)
        .await?)
    }

    async fn add_all<'e>(&mut self, entries: impl Iterator<Item = &'e Entry> + Send) -> Result<i64> {
        let lines: Vec<Line<'_>> = entries
            .map(|entry| Line {
                a: entry.at,
                e: entry.event,
                c: &entry.correlation,
                u: &entry.actor,
                r: &entry.realm,
                n: &entry.account,
                s: &entry.service,
                f: &entry.source,
                o: outcome(entry),
                w: &entry.reason,
            })
            .collect();
        let lines = serde_json::to_string(&lines).map_err(|error| Error::Store(sqlx::Error::Encode(error.into())))?;
        let ids: Vec<i64> = sql::query_scalar(
            "INSERT INTO audit (at, event, correlation, actor, realm, account, service, source, outcome, reason) \
             SELECT CAST(json_extract(j.value, '$.a') AS BIGINT), json_extract(j.value, '$.e'), json_extract(j.value, '$.c'), \
               json_extract(j.value, '$.u'), json_extract(j.value, '$.r'), json_extract(j.value, '$.n'), json_extract(j.value, '$.s'), \
               json_extract(j.value, '$.f'), json_extract(j.value, '$.o'), json_extract(j.value, '$.w') \
             FROM json_each($1) AS j RETURNING id",
        )
        .bind(lines)
        .fetch_all(self)
        .await?;
        Ok(ids.into_iter().max().unwrap_or_default())
    }

    async fn has(&mut self, id: i64, entry: &Entry) -> Result<bool> {
        let same = "SELECT count(*) FROM audit WHERE id = $1 AND at = $2 AND event = $3 AND correlation = $4";
        let same = sql::query_scalar(same).bind(id).bind(entry.at).bind(entry.event).bind(&entry.correlation);
        let count: i64 = same.fetch_one(self).await?;
        Ok(count > 0)
    }

    async fn read(&mut self, query: &Query) -> Result<Vec<Record>> {
        let newest_first = query.last.is_some();
        let order = if newest_first { "DESC" } else { "ASC" };
        let user = query.user.as_deref();
        let account = user.map(|user| Name::of_a_host(user).unwrap_or(Name { realm: "", name: user }));
        let statement = format!(
            "SELECT id, at, event, correlation, actor, account, service, source, outcome, reason, realm FROM audit \
             WHERE id > $1 AND at >= $2 AND ($3 IS NULL OR actor = $3 OR \
               account = $5 AND (realm = $6 OR $6 = '' AND realm NOT LIKE '{OF_A_HOST}%')) ORDER BY id {order} LIMIT $4"
        );
        let rows = sql::query(sqlx::AssertSqlSafe(statement))
            .bind(query.after)
            .bind(query.since)
            .bind(user)
            .bind(query.last.unwrap_or(PAGE).min(PAGE))
            .bind(account.map(|account| account.name))
            .bind(account.map(|account| account.realm))
            .fetch_all(self)
            .await?;
        let mut records = rows.iter().map(record_in_full).collect::<Result<Vec<_>>>()?;
        if newest_first {
            records.reverse();
        }
        Ok(records)
    }

    async fn counts(&mut self, events: &[&str], since: Time) -> Result<Vec<(Time, String, u64)>> {
        let events = serde_json::to_string(events).unwrap_or_default();
        sql::query(
            "SELECT at / 900 * 900, event, count(*) FROM audit \
             WHERE at >= $1 AND event IN (SELECT value FROM json_each($2)) GROUP BY 1, 2",
        )
        .bind(since)
        .bind(events)
        .fetch_all(self)
        .await?
        .iter()
        .map(|row| {
            let count: i64 = row.try_get(2)?;
            Ok((row.try_get(0)?, row.try_get(1)?, u64::try_from(count).unwrap_or_default()))
        })
        .collect()
    }

    async fn prune(&mut self, before: Time, now: Time) -> Result<()> {
        let believed = now - BELIEVED_AFTER.min((now - before) / 2);
        // Only the beginning of the chain is deleted, up to the first row that is young enough or not chained yet. Rows
        // with dates from a clock that was ahead don't hold up the deletion.
        let first: Option<i64> = sql::query_scalar(
            "SELECT min(id) FROM audit WHERE (at BETWEEN $1 AND $3 OR chain IS NULL) \
               AND EXISTS (SELECT 1 FROM audit WHERE at BETWEEN $1 AND $2)",
        )
        .bind(before)
        .bind(believed)
        .bind(now + AHEAD)
        .fetch_one(self)
        .await?;
        let Some(first) = first else { return Ok(()) };
        for statement in [
            "INSERT INTO audit_anchor (one, row, chain) \
             SELECT 1, id, chain FROM audit WHERE id < $1 ORDER BY id DESC LIMIT 1 \
             ON CONFLICT (one) DO UPDATE SET row = excluded.row, chain = excluded.chain",
            "DELETE FROM audit WHERE id < $1",
        ] {
            sql::query(statement).bind(first).execute(self).await?;
        }
        Ok(())
    }
}

/// A row in the JSON text.
#[derive(Serialize)]
struct Line<'e> {
    a: Time,
    e: &'e str,
    c: &'e str,
    u: &'e str,
    r: &'e str,
    n: &'e str,
    s: &'e str,
    f: &'e str,
    o: &'e str,
    w: &'e str,
}

const fn outcome(entry: &Entry) -> &'static str {
    if entry.success { "success" } else { "failure" }
}

/// The record as the chain has it: the account by its name in its realm.
pub(super) fn record(row: &Row) -> Result<Record> {
    Ok(Record {
        id: row.try_get(0)?,
        at: row.try_get(1)?,
        event: row.try_get(2)?,
        correlation: row.try_get(3)?,
        actor: row.try_get(4)?,
        account: row.try_get(5)?,
        service: row.try_get(6)?,
        source: row.try_get(7)?,
        outcome: row.try_get(8)?,
        reason: row.try_get(9)?,
    })
}

/// The record for readers, if the row has its realm after the columns of [`record`].
pub(super) fn record_in_full(row: &Row) -> Result<Record> {
    let (record, realm) = (record(row)?, row.try_get::<String, _>(10)?);
    let account = audit::in_full(&realm, &record.account).into_owned();
    Ok(Record { account, ..record })
}

/// A date further ahead than this many seconds comes from a wrong clock.
const AHEAD: Time = 86_400;
/// A row of this age in seconds shows that the clock is correct. A week gives an administrator time to notice a wrong
/// clock before the trail is deleted.
const BELIEVED_AFTER: Time = 7 * 86_400;
