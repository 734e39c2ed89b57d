//! Messages on their way out. The store keeps them sealed; what is in them is the outbox's matter.

use sqlx::Row as _;

use super::Tx;
use crate::{clock::Time, error::Result};

/// One waiting message.
#[derive(Debug)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// Sealed content.
    pub sealed: Vec<u8>,
    /// When it was put here.
    pub created: Time,
    /// From when on it is of no use.
    pub not_after: Time,
    /// How often it was tried.
    pub attempts: i64,
    /// Whether the limits have counted it.
    pub counted: bool,
    /// The challenge whose code it carries.
    pub challenge: Option<String>,
}

/// Puts a message in; `challenge` is the code's, where it carries one. Its row.
pub async fn put(tx: &mut Tx<'_>, challenge: Option<&str>, sealed: &[u8], now: Time, not_after: Time) -> Result<i64> {
    let done = sqlx::query(
        "INSERT INTO outbox (challenge, sealed, created, not_after, next_try, attempts, counted) VALUES (?, ?, ?, ?, ?, 0, 0)",
    )
    .bind(challenge)
    .bind(sealed)
    .bind(now)
    .bind(not_after)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.last_insert_rowid())
}

/// The messages that are due, oldest first, at most `most`.
pub async fn due(tx: &mut Tx<'_>, now: Time, most: u32) -> Result<Vec<Waiting>> {
    let rows = sqlx::query(
        "SELECT id, sealed, created, not_after, attempts, counted, challenge FROM outbox WHERE next_try <= ? ORDER BY next_try, id LIMIT ?",
    )
    .bind(now)
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting {
                id: row.try_get(0)?,
                sealed: row.try_get(1)?,
                created: row.try_get(2)?,
                not_after: row.try_get(3)?,
                attempts: row.try_get(4)?,
                counted: row.try_get(5)?,
                challenge: row.try_get(6)?,
            })
        })
        .collect()
}

/// Removes what is due and too late to be of use, and says how much that was.
pub async fn remove_late(tx: &mut Tx<'_>, now: Time) -> Result<u64> {
    let done =
        sqlx::query("DELETE FROM outbox WHERE next_try <= ?1 AND not_after <= ?1").bind(now).execute(&mut **tx).await?;
    Ok(done.rows_affected())
}

/// When the next message is due; `None` when nothing waits.
pub async fn next_due(tx: &mut Tx<'_>) -> Result<Option<Time>> {
    Ok(sqlx::query_scalar("SELECT min(next_try) FROM outbox").fetch_one(&mut **tx).await?)
}

/// The message is done with, one way or the other.
pub async fn remove(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM outbox WHERE id = ?").bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// The message is being sent; it comes up again at `until` if nothing else is heard. That is a try, whatever becomes of it.
pub async fn lease(tx: &mut Tx<'_>, id: i64, until: Time) -> Result<()> {
    sqlx::query("UPDATE outbox SET next_try = ?, attempts = attempts + 1 WHERE id = ?")
        .bind(until)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whoever sent messages is gone, and another begins: nobody waits for a lease any more. What was tried often waits longer, so
/// that a message that ends the agent each time is not sent again and again.
pub async fn resume(tx: &mut Tx<'_>, now: Time) -> Result<()> {
    sqlx::query("UPDATE outbox SET next_try = min(next_try, ?1 + (1 << min(attempts, 6)))")
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The limits have counted the message: another try is not another message.
pub async fn counted(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    sqlx::query("UPDATE outbox SET counted = 1 WHERE id = ?").bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// The message is due at `next_try`.
pub async fn later(tx: &mut Tx<'_>, id: i64, next_try: Time) -> Result<()> {
    sqlx::query("UPDATE outbox SET next_try = ? WHERE id = ?").bind(next_try).bind(id).execute(&mut **tx).await?;
    Ok(())
}
