//! The audit trail's rows.

use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

pub use sspr_protocol::audit::{PAGE, Query, Record};

use super::Tx;
use crate::{audit::Entry, clock::Time, error::Result};

/// The audit log.
pub trait AuditRows {
    /// Adds a row and gives its id.
    fn add(&mut self, entry: &Entry) -> impl Future<Output = Result<i64>> + Send;

    /// The rows that `query` wants, oldest first.
    fn read(&mut self, query: &Query) -> impl Future<Output = Result<Vec<Record>>> + Send;

    /// How often each of `events` happened since `since`, by quarters of an hour: no time zone divides one.
    fn counts(&mut self, events: &[&str], since: Time)
    -> impl Future<Output = Result<Vec<(Time, String, u64)>>> + Send;

    /// Forgets rows from before `before`, if there are some from after it that are a week old, or half as old as rows may
    /// become: a clock that has jumped years ahead takes nothing with it.
    fn prune(&mut self, before: Time, now: Time) -> impl Future<Output = Result<()>> + Send;
}

impl AuditRows for Tx<'_> {
    async fn add(&mut self, entry: &Entry) -> Result<i64> {
        Ok(sqlx::query_scalar(
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
        .bind(if entry.success { "success" } else { "failure" })
        .bind(&entry.reason)
        .fetch_one(&mut **self)
        .await?)
    }

    async fn read(&mut self, query: &Query) -> Result<Vec<Record>> {
        let newest_first = query.last.is_some();
        let order = if newest_first { "DESC" } else { "ASC" };
        let statement = format!(
            "SELECT id, at, event, correlation, actor, account, service, source, outcome, reason FROM audit \
             WHERE id > $1 AND at >= $2 AND ($3 IS NULL OR account = $3 OR actor = $3) ORDER BY id {order} LIMIT $4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(query.after)
            .bind(query.since)
            .bind(&query.user)
            .bind(query.last.unwrap_or(PAGE).min(PAGE))
            .fetch_all(&mut **self)
            .await?;
        let mut records = rows.iter().map(record).collect::<Result<Vec<_>>>()?;
        if newest_first {
            records.reverse();
        }
        Ok(records)
    }

    async fn counts(&mut self, events: &[&str], since: Time) -> Result<Vec<(Time, String, u64)>> {
        let events = serde_json::to_string(events).unwrap_or_default();
        sqlx::query(
            "SELECT at / 900 * 900, event, count(*) FROM audit \
             WHERE at >= $1 AND event IN (SELECT value FROM json_each($2)) GROUP BY 1, 2",
        )
        .bind(since)
        .bind(events)
        .fetch_all(&mut **self)
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
        sqlx::query("DELETE FROM audit WHERE at < $1 AND EXISTS (SELECT 1 FROM audit WHERE at BETWEEN $1 AND $2)")
            .bind(before)
            .bind(believed)
            .execute(&mut **self)
            .await?;
        Ok(())
    }
}

/// Whether `account` has an `event` for this `reason` that is younger than `since`.
pub async fn has(
    connection: &mut SqliteConnection,
    account: &str,
    event: &str,
    reason: &str,
    since: Time,
) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM audit WHERE account = $1 AND at > $2 AND event = $3 AND reason = $4)",
    )
    .bind(account)
    .bind(since)
    .bind(event)
    .bind(reason)
    .fetch_one(connection)
    .await?)
}

fn record(row: &SqliteRow) -> Result<Record> {
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

/// A row of this age shows that the clock is correct. A week gives an administrator time to see that it is not, before the trail
/// is gone.
const BELIEVED_AFTER: Time = 7 * 86_400;
