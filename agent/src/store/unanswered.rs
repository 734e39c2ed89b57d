//! Users from whom a question at a sign-in over SSH got no person's answer, and when.

use super::Tx;
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
};

/// Notes that `name` with `id` was asked, and nobody answered.
pub async fn note(tx: &mut Tx<'_>, name: Name<'_>, id: Id, now: Time) -> Result<()> {
    sqlx::query(
        "INSERT INTO unanswered (realm, name, id, time) VALUES (?, ?, ?, ?) \
         ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id, time = excluded.time",
    )
    .bind(name.realm)
    .bind(name.name)
    .bind(id.as_str())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes that a person answered for `name`.
pub async fn forget(tx: &mut Tx<'_>, name: Name<'_>) -> Result<()> {
    sqlx::query("DELETE FROM unanswered WHERE realm = ? AND name = ?")
        .bind(name.realm)
        .bind(name.name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
