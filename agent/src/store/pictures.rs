//! Users whose connection ended while an app's picture was shown. They get no picture unless they ask for one.

use sqlx::SqliteConnection;

use super::Tx;
use crate::error::Result;

/// The connection of `name` with `uid` ended at a picture.
pub async fn cut_off(tx: &mut Tx<'_>, name: &str, uid: u32) -> Result<()> {
    sqlx::query("INSERT INTO picture (name, uid) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET uid = excluded.uid")
        .bind(name)
        .bind(uid)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether it did, and none was answered since.
pub async fn was_cut_off(connection: &mut SqliteConnection, name: &str, uid: u32) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM picture WHERE name = ? AND uid = ?)")
        .bind(name)
        .bind(uid)
        .fetch_one(connection)
        .await?)
}

/// `name` answered where a picture was shown.
pub async fn seen(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    sqlx::query("DELETE FROM picture WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(())
}
