//! Users whose connection ended while an app's picture was shown. They get no picture unless they ask for one.

use sqlx::SqliteConnection;

use super::Tx;
use crate::{
    account::{Id, Name},
    error::Result,
};

/// The connection of `name` with `id` ended at a picture.
pub async fn cut_off(tx: &mut Tx<'_>, name: Name<'_>, id: Id) -> Result<()> {
    sqlx::query("INSERT INTO picture (realm, name, id) VALUES (?, ?, ?) ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id")
        .bind(name.realm)
        .bind(name.name)
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether it did, and none was answered since.
pub async fn was_cut_off(connection: &mut SqliteConnection, name: Name<'_>, id: Id) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM picture WHERE realm = ? AND name = ? AND id = ?)")
        .bind(name.realm)
        .bind(name.name)
        .bind(id.as_str())
        .fetch_one(connection)
        .await?)
}

/// `name` answered where a picture was shown.
pub async fn seen(tx: &mut Tx<'_>, name: Name<'_>) -> Result<()> {
    sqlx::query("DELETE FROM picture WHERE realm = ? AND name = ?")
        .bind(name.realm)
        .bind(name.name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
