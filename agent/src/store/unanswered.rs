//! Users from whom a question at a sign-in over SSH got no person's answer, and when.

use super::Tx;
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
};

/// Who did not answer over SSH.
pub trait Unanswered {
    /// Notes that `name` with `id` was asked, and nobody answered.
    fn note(&mut self, name: Name<'_>, id: Id, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that a person answered for `name`.
    fn forget(&mut self, name: Name<'_>) -> impl Future<Output = Result<()>> + Send;
}

impl Unanswered for Tx<'_> {
    async fn note(&mut self, name: Name<'_>, id: Id, now: Time) -> Result<()> {
        sqlx::query(
            "INSERT INTO unanswered (realm, name, id, time) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id, time = excluded.time",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(id.as_str())
        .bind(now)
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn forget(&mut self, name: Name<'_>) -> Result<()> {
        sqlx::query("DELETE FROM unanswered WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(())
    }
}
