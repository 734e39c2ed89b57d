//! Exemptions from required registration. An exemption is bound to the account's name and id, and never inherited.

use serde::{Deserialize, Serialize};

use super::{
    Tx, id_of,
    sql::{self, Row},
};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
};

/// An exemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// The account's id.
    pub id: Id,
    /// The administrator who granted it.
    pub issuer: String,
    /// The reason; may be empty.
    pub reason: String,
    /// When it was granted.
    pub created: Time,
}

fn read(row: &Row) -> Result<Exemption> {
    Ok(Exemption {
        id: id_of(row, 0)?,
        issuer: row.try_get("issuer")?,
        reason: row.try_get("reason")?,
        created: row.try_get("created")?,
    })
}

/// The accounts that need not register.
pub trait Exemptions {
    /// The exemption of `name` with `id`.
    fn get(&mut self, name: Name<'_>, id: Id) -> impl Future<Output = Result<Option<Exemption>>> + Send;

    /// Names and ids of all accounts in `realm` that are exempt.
    fn all(&mut self, realm: &str) -> impl Future<Output = Result<Vec<(String, Id)>>> + Send;

    /// Grants an exemption, and replaces an existing one.
    fn give(&mut self, name: Name<'_>, exemption: &Exemption) -> impl Future<Output = Result<()>> + Send;

    /// Ends the exemption of `name`. `false` if there was none.
    fn end(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;
}

impl Exemptions for Tx<'_> {
    async fn get(&mut self, name: Name<'_>, id: Id) -> Result<Option<Exemption>> {
        sql::query("SELECT id, issuer, reason, created FROM exemption WHERE realm = $1 AND name = $2 AND id = $3")
            .of(name)
            .bind(id.as_str())
            .fetch_optional(self)
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    async fn all(&mut self, realm: &str) -> Result<Vec<(String, Id)>> {
        sql::query("SELECT name, id FROM exemption WHERE realm = $1")
            .bind(realm)
            .fetch_all(self)
            .await?
            .iter()
            .map(|row| Ok((row.try_get(0)?, id_of(row, 1)?)))
            .collect()
    }

    async fn give(&mut self, name: Name<'_>, exemption: &Exemption) -> Result<()> {
        sql::query(
            "INSERT INTO exemption (realm, name, id, issuer, reason, created) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id, issuer = excluded.issuer, reason = excluded.reason, \
                 created = excluded.created",
        )
        .of(name)
        .bind(exemption.id.as_str())
        .bind(&exemption.issuer)
        .bind(&exemption.reason)
        .bind(exemption.created)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn end(&mut self, name: Name<'_>) -> Result<bool> {
        let done = sql::query("DELETE FROM exemption WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(done.rows_affected() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{LookUps as _, Store};

    #[tokio::test(flavor = "current_thread")]
    async fn an_exemption_holds_for_one_name_and_uid_until_it_is_ended() {
        let store = Store::for_tests().await.unwrap();
        let exemption = Exemption { id: Id::from(1001), issuer: "root".into(), reason: "robot".into(), created: 7 };
        let mut tx = store.begin().await.unwrap();
        Exemptions::give(&mut tx, Name::local("alice"), &exemption).await.unwrap();
        assert_eq!(Exemptions::get(&mut tx, Name::local("alice"), Id::from(1001)).await.unwrap(), Some(exemption));
        assert_eq!(
            Exemptions::get(&mut tx, Name::local("alice"), Id::from(1002)).await.unwrap(),
            None,
            "another uid inherits nothing"
        );
        tx.commit().await.unwrap();
        for (name, uid, exempt) in [("alice", 1001, true), ("alice", 1002, false), ("bob", 1001, false)] {
            let progress = store.look().await.unwrap().progress(Name::local(name), Id::from(uid), &[]).await.unwrap();
            assert_eq!(progress.exempt, exempt, "{name} {uid}");
        }
        let mut tx = store.begin().await.unwrap();
        assert!(Exemptions::end(&mut tx, Name::local("alice")).await.unwrap());
        assert!(!Exemptions::end(&mut tx, Name::local("alice")).await.unwrap());
        assert!(Exemptions::all(&mut tx, crate::account::LOCAL).await.unwrap().is_empty());
    }
}
