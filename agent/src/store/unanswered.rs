//! Users from whom a question at a sign-in over SSH got no person's answer, and when.

use super::Tx;
use crate::{clock::Time, error::Result};

/// Notes that `name` with `uid` was asked, and nobody answered.
pub async fn note(tx: &mut Tx<'_>, name: &str, uid: u32, now: Time) -> Result<()> {
    sqlx::query(
        "INSERT INTO unanswered (name, uid, time) VALUES (?, ?, ?) \
         ON CONFLICT (name) DO UPDATE SET uid = excluded.uid, time = excluded.time",
    )
    .bind(name)
    .bind(uid)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes that a person answered for `name`.
pub async fn forget(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    sqlx::query("DELETE FROM unanswered WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(())
}
