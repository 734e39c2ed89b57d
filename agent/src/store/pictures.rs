//! Users whose connection ended while an app's picture was shown. They get no picture unless they ask for one.

use sqlx::SqliteConnection;

use super::Tx;
use crate::{
    account::{Id, Name},
    error::Result,
};

/// Whose connection ended at a picture.
pub trait Pictures {
    /// The connection of `name` with `id` ended at a picture.
    fn cut_off(&mut self, name: Name<'_>, id: Id) -> impl Future<Output = Result<()>> + Send;

    /// `name` answered where a picture was shown.
    fn seen(&mut self, name: Name<'_>) -> impl Future<Output = Result<()>> + Send;
}

impl Pictures for Tx<'_> {
    async fn cut_off(&mut self, name: Name<'_>, id: Id) -> Result<()> {
        sqlx::query("INSERT INTO picture (realm, name, id) VALUES ($1, $2, $3) ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id")
            .bind(name.realm)
            .bind(name.name)
            .bind(id.as_str())
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn seen(&mut self, name: Name<'_>) -> Result<()> {
        sqlx::query("DELETE FROM picture WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .execute(&mut **self)
            .await?;
        Ok(())
    }
}

/// Whether it did, and none was answered since.
pub async fn was_cut_off(connection: &mut SqliteConnection, name: Name<'_>, id: Id) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM picture WHERE realm = $1 AND name = $2 AND id = $3)")
        .bind(name.realm)
        .bind(name.name)
        .bind(id.as_str())
        .fetch_one(connection)
        .await?)
}
