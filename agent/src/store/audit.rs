//! The audit trail's rows.

use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

pub use sspr_protocol::audit::{PAGE, Query, Record};

use super::Tx;
use crate::{audit::Entry, clock::Time, error::Result};

/// Adds a row and gives its id.
pub async fn add(tx: &mut Tx<'_>, entry: &Entry) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "INSERT INTO audit (at, event, correlation, actor, account, service, source, outcome, reason) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(entry.at)
    .bind(entry.event)
    .bind(&entry.correlation)
    .bind(&entry.actor)
    .bind(&entry.account)
    .bind(&entry.service)
    .bind(&entry.source)
    .bind(if entry.success { "success" } else { "failure" })
    .bind(&entry.reason)
    .fetch_one(&mut **tx)
    .await?)
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
        "SELECT EXISTS (SELECT 1 FROM audit WHERE account = ? AND at > ? AND event = ? AND reason = ?)",
    )
    .bind(account)
    .bind(since)
    .bind(event)
    .bind(reason)
    .fetch_one(connection)
    .await?)
}

/// The rows that `query` wants, oldest first.
pub async fn read(tx: &mut Tx<'_>, query: &Query) -> Result<Vec<Record>> {
    let newest_first = query.last.is_some();
    let order = if newest_first { "DESC" } else { "ASC" };
    let statement = format!(
        "SELECT id, at, event, correlation, actor, account, service, source, outcome, reason FROM audit \
         WHERE id > ?1 AND at >= ?2 AND (?3 IS NULL OR account = ?3 OR actor = ?3) ORDER BY id {order} LIMIT ?4"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(query.after)
        .bind(query.since)
        .bind(&query.user)
        .bind(query.last.unwrap_or(PAGE).min(PAGE))
        .fetch_all(&mut **tx)
        .await?;
    let mut records = rows.iter().map(record).collect::<Result<Vec<_>>>()?;
    if newest_first {
        records.reverse();
    }
    Ok(records)
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

/// How often each of `events` happened since `since`, by quarters of an hour: no time zone divides one.
pub async fn counts(tx: &mut Tx<'_>, events: &[&str], since: Time) -> Result<Vec<(Time, String, u64)>> {
    let events = serde_json::to_string(events).unwrap_or_default();
    sqlx::query(
        "SELECT at / 900 * 900, event, count(*) FROM audit \
         WHERE at >= ? AND event IN (SELECT value FROM json_each(?)) GROUP BY 1, 2",
    )
    .bind(since)
    .bind(events)
    .fetch_all(&mut **tx)
    .await?
    .iter()
    .map(|row| {
        let count: i64 = row.try_get(2)?;
        Ok((row.try_get(0)?, row.try_get(1)?, u64::try_from(count).unwrap_or_default()))
    })
    .collect()
}

/// A row of this age shows that the clock is correct. A week gives an administrator time to see that it is not, before the trail
/// is gone.
const BELIEVED_AFTER: Time = 7 * 86_400;

/// Forgets rows from before `before`, if there are some from after it that are a week old, or half as old as rows may
/// become: a clock that has jumped years ahead takes nothing with it.
pub async fn prune(tx: &mut Tx<'_>, before: Time, now: Time) -> Result<()> {
    let believed = now - BELIEVED_AFTER.min((now - before) / 2);
    sqlx::query("DELETE FROM audit WHERE at < ?1 AND EXISTS (SELECT 1 FROM audit WHERE at BETWEEN ?1 AND ?2)")
        .bind(before)
        .bind(believed)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
