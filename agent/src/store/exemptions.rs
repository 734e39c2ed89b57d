//! Exemptions from required registration. An exemption is bound to the account's name and uid, and never inherited.

use serde::{Deserialize, Serialize};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::Tx;
use crate::{clock::Time, error::Result};

/// An exemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// The account's uid.
    pub uid: u32,
    /// The administrator who gave it.
    pub issuer: String,
    /// Why; may be empty.
    pub reason: String,
    /// Since when.
    pub created: Time,
}

fn read(row: &SqliteRow) -> Result<Exemption> {
    Ok(Exemption {
        uid: row.try_get("uid")?,
        issuer: row.try_get("issuer")?,
        reason: row.try_get("reason")?,
        created: row.try_get("created")?,
    })
}

/// Whether `name` with `uid` is exempt. One statement, as a sign-in waits for it.
pub async fn holds(connection: &mut SqliteConnection, name: &str, uid: u32) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM exemption WHERE name = ? AND uid = ?")
        .bind(name)
        .bind(uid)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// The exemption of `name` with `uid`.
pub async fn get(tx: &mut Tx<'_>, name: &str, uid: u32) -> Result<Option<Exemption>> {
    sqlx::query("SELECT uid, issuer, reason, created FROM exemption WHERE name = ? AND uid = ?")
        .bind(name)
        .bind(uid)
        .fetch_optional(&mut **tx)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Names and uids of all that are exempt.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<(String, u32)>> {
    sqlx::query("SELECT name, uid FROM exemption")
        .fetch_all(&mut **tx)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// Gives an exemption, in place of an existing one.
pub async fn give(tx: &mut Tx<'_>, name: &str, exemption: &Exemption) -> Result<()> {
    sqlx::query("INSERT OR REPLACE INTO exemption (name, uid, issuer, reason, created) VALUES (?, ?, ?, ?, ?)")
        .bind(name)
        .bind(exemption.uid)
        .bind(&exemption.issuer)
        .bind(&exemption.reason)
        .bind(exemption.created)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends the exemption of `name`. `false`: there was none.
pub async fn end(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM exemption WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(done.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test(flavor = "current_thread")]
    async fn an_exemption_holds_for_one_name_and_uid_until_it_is_ended() {
        let store = Store::in_memory().await.unwrap();
        let exemption = Exemption { uid: 1001, issuer: "root".into(), reason: "robot".into(), created: 7 };
        let mut tx = store.begin().await.unwrap();
        give(&mut tx, "alice", &exemption).await.unwrap();
        assert_eq!(get(&mut tx, "alice", 1001).await.unwrap(), Some(exemption));
        assert_eq!(get(&mut tx, "alice", 1002).await.unwrap(), None, "another uid inherits nothing");
        tx.commit().await.unwrap();
        let mut session = store.session().await;
        assert!(holds(session.connection(), "alice", 1001).await.unwrap());
        assert!(!holds(session.connection(), "alice", 1002).await.unwrap());
        assert!(!holds(session.connection(), "bob", 1001).await.unwrap());
        drop(session);
        let mut tx = store.begin().await.unwrap();
        assert!(end(&mut tx, "alice").await.unwrap());
        assert!(!end(&mut tx, "alice").await.unwrap());
        assert!(all(&mut tx).await.unwrap().is_empty());
    }
}
