//! Messages on their way out. The store keeps them sealed; only the outbox knows their content.

use sqlx::Row as _;
use sspr_config::settings::Method;

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
    /// When it expires.
    pub not_after: Time,
    /// How often it was tried.
    pub attempts: i64,
    /// Whether the limits have counted it.
    pub counted: bool,
    /// The challenge whose code it carries.
    pub challenge: Option<String>,
}

/// Puts a message in that leaves by `method`; `challenge` is the code's, where it carries one. Its row.
pub async fn put(
    tx: &mut Tx<'_>,
    method: Method,
    challenge: Option<&str>,
    sealed: &[u8],
    now: Time,
    not_after: Time,
) -> Result<i64> {
    let done = sqlx::query(
        "INSERT INTO outbox (method, challenge, sealed, created, not_after, next_try, attempts, counted) \
         VALUES (?, ?, ?, ?, ?, ?, 0, 0)",
    )
    .bind(method.as_str())
    .bind(challenge)
    .bind(sealed)
    .bind(now)
    .bind(not_after)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.last_insert_rowid())
}

/// The messages that are due and leave by `method`, oldest first, at most `most`.
pub async fn due(tx: &mut Tx<'_>, method: Method, now: Time, most: u32) -> Result<Vec<Waiting>> {
    let rows = sqlx::query(
        "SELECT id, sealed, created, not_after, attempts, counted, challenge FROM outbox \
         WHERE method = ? AND next_try <= ? ORDER BY next_try, id LIMIT ?",
    )
    .bind(method.as_str())
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

/// Removes messages that are due and have expired, and returns their number. A code that was never tried counts as failed: the
/// messages before it blocked its gateway all the time.
pub async fn remove_late(tx: &mut Tx<'_>, now: Time) -> Result<u64> {
    let gone: Vec<(Option<String>, i64)> =
        sqlx::query_as("DELETE FROM outbox WHERE next_try <= ?1 AND not_after <= ?1 RETURNING challenge, attempts")
            .bind(now)
            .fetch_all(&mut **tx)
            .await?;
    for challenge in gone.iter().filter(|(_, attempts)| *attempts == 0).filter_map(|(challenge, _)| challenge.as_ref())
    {
        sqlx::query("UPDATE challenge SET failed = ?1 WHERE id = ?2 AND accepted IS NULL")
            .bind(now)
            .bind(challenge)
            .execute(&mut **tx)
            .await?;
    }
    Ok(gone.len() as u64)
}

/// When the next message that leaves by `method` is due; `None` when none waits.
pub async fn next_due(tx: &mut Tx<'_>, method: Method) -> Result<Option<Time>> {
    let next = sqlx::query_scalar("SELECT min(next_try) FROM outbox WHERE method = ?");
    Ok(next.bind(method.as_str()).fetch_one(&mut **tx).await?)
}

/// The message is done with, one way or the other.
pub async fn remove(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM outbox WHERE id = ?").bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Notes that the message is being sent; it comes up again at `until` if nothing else is heard. That counts as a try in any case.
pub async fn lease(tx: &mut Tx<'_>, id: i64, until: Time) -> Result<()> {
    sqlx::query("UPDATE outbox SET next_try = ?, attempts = attempts + 1 WHERE id = ?")
        .bind(until)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends all leases when a new agent starts, as the former sender is gone. A message that was tried often waits longer: one that
/// crashes the agent must not be sent again and again.
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
