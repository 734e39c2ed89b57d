//! Users whose sign-in over SSH asked a question that no person answered, and when.

use super::{Tx, sql};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
};

/// The accounts that did not answer over SSH.
pub trait Unanswered {
    /// Notes that `name` with `id` was asked at `now`, and no person answered.
    fn note(&mut self, name: Name<'_>, id: Id, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that a person answered for `name`.
    fn forget(&mut self, name: Name<'_>) -> impl Future<Output = Result<()>> + Send;
}

impl Unanswered for Tx<'_> {
    async fn note(&mut self, name: Name<'_>, id: Id, now: Time) -> Result<()> {
        sql::query(
            "INSERT INTO unanswered (realm, name, id, time) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id, time = excluded.time",
        )
        .of(name)
        .bind(id.as_str())
        .bind(now)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn forget(&mut self, name: Name<'_>) -> Result<()> {
        sql::query("DELETE FROM unanswered WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(())
    }
}
