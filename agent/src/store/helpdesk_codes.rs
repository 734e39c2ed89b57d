//! Codes that the help desk gave out, as keyed MACs bound to name and uid. A new one replaces the old one; the user need not be
//! registered.

use sqlx::Row as _;
use zeroize::Zeroizing;

use super::Tx;
use crate::{
    clock::Time,
    error::Result,
    helpdesk_codes,
    keys::{Keys, Tag, same},
    random::Random,
};

/// The recipient and the issuer of a code.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// The account.
    pub name: &'a str,
    /// Its uid now; the code is not valid for another account of that name.
    pub uid: u32,
    /// The administrator who gives it out.
    pub issuer: &'a str,
    /// When.
    pub now: Time,
    /// When it expires.
    pub expires: Time,
}

/// A code that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its row.
    pub id: i64,
    /// The uid that it is for.
    pub uid: u32,
    /// Who gave it out.
    pub issuer: String,
}

fn tag(keys: &Keys, name: &str, uid: u32, code: &str) -> Tag {
    keys.mac("help-desk code", &[name.as_bytes(), &uid.to_be_bytes(), code.as_bytes()])
}

/// Makes a code, stores it, and returns it to be read out; it can't be shown again.
pub async fn issue(tx: &mut Tx<'_>, keys: &Keys, random: &dyn Random, issue: Issue<'_>) -> Result<Zeroizing<String>> {
    let code = helpdesk_codes::make(random)?;
    let plain = helpdesk_codes::tidy(&code).unwrap_or_default();
    remove(tx, issue.name).await?;
    sqlx::query("INSERT INTO helpdesk_code (name, uid, code, issuer, created, expires) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(issue.name)
        .bind(issue.uid)
        .bind(tag(keys, issue.name, issue.uid, &plain).as_slice())
        .bind(issue.issuer)
        .bind(issue.now)
        .bind(issue.expires)
        .execute(&mut **tx)
        .await?;
    Ok(code)
}

/// The `code` (tidied) of `name`, if it can be used at `now`. One from the future (the clock was set back) can't.
pub async fn find(tx: &mut Tx<'_>, keys: &Keys, name: &str, code: &str, now: Time) -> Result<Option<Found>> {
    let row = sqlx::query(
        "SELECT id, uid, issuer, code FROM helpdesk_code \
         WHERE name = ?1 AND used IS NULL AND created <= ?2 AND expires > ?2",
    )
    .bind(name)
    .bind(now)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (uid, stored): (u32, Vec<u8>) = (row.try_get(1)?, row.try_get(3)?);
    if !same(&tag(keys, name, uid, code), &stored) {
        return Ok(None);
    }
    Ok(Some(Found { id: row.try_get(0)?, uid, issuer: row.try_get(2)? }))
}

/// Uses up the code `id` of `name`. `false`: it was used, replaced or too old meanwhile, or is another's.
pub async fn use_up(tx: &mut Tx<'_>, name: &str, id: i64, now: Time) -> Result<bool> {
    let done =
        sqlx::query("UPDATE helpdesk_code SET used = ?1 WHERE id = ?2 AND name = ?3 AND used IS NULL AND expires > ?1")
            .bind(now)
            .bind(id)
            .bind(name)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the code `id` of `name` back: the write that it was used for did not happen.
pub async fn give_back(tx: &mut Tx<'_>, name: &str, id: i64) -> Result<()> {
    sqlx::query("UPDATE helpdesk_code SET used = NULL WHERE id = ? AND name = ?")
        .bind(id)
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Drops the code of `name`.
pub async fn remove(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    sqlx::query("DELETE FROM helpdesk_code WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, store::Store};

    const ALICE: Issue<'static> = Issue { name: "alice", uid: 1001, issuer: "carol", now: 1000, expires: 4600 };

    #[tokio::test(flavor = "current_thread")]
    async fn a_code_is_good_once_in_its_time_for_its_account_until_another_is_given_out() {
        let (store, keys) = (Store::in_memory().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let first = issue(&mut tx, &keys, &SystemRandom, ALICE).await.unwrap();
        let plain = helpdesk_codes::tidy(&first).unwrap();
        let found = find(&mut tx, &keys, "alice", &plain, 1000).await.unwrap().unwrap();
        assert_eq!((found.uid, found.issuer.as_str()), (1001, "carol"));
        assert_eq!(find(&mut tx, &keys, "alice", "babadbabadbabad", 1000).await.unwrap(), None);
        assert_eq!(find(&mut tx, &keys, "bob", &plain, 1000).await.unwrap(), None);
        for (now, good) in [(999, false), (4599, true), (4600, false)] {
            assert_eq!(find(&mut tx, &keys, "alice", &plain, now).await.unwrap().is_some(), good, "{now}");
        }
        assert!(!use_up(&mut tx, "bob", found.id, 2000).await.unwrap());
        assert!(!use_up(&mut tx, "alice", found.id, 4600).await.unwrap());
        assert!(use_up(&mut tx, "alice", found.id, 2000).await.unwrap());
        assert!(!use_up(&mut tx, "alice", found.id, 2000).await.unwrap());
        assert_eq!(find(&mut tx, &keys, "alice", &plain, 2000).await.unwrap(), None);
        give_back(&mut tx, "alice", found.id).await.unwrap();
        assert_eq!(find(&mut tx, &keys, "alice", &plain, 2000).await.unwrap().unwrap().id, found.id);

        let second = issue(&mut tx, &keys, &SystemRandom, Issue { issuer: "dave", ..ALICE }).await.unwrap();
        assert_eq!(find(&mut tx, &keys, "alice", &plain, 2000).await.unwrap(), None, "replaced");
        assert!(!use_up(&mut tx, "alice", found.id, 2000).await.unwrap(), "an id never comes twice");
        let second = helpdesk_codes::tidy(&second).unwrap();
        assert_eq!(find(&mut tx, &keys, "alice", &second, 2000).await.unwrap().unwrap().issuer, "dave");
        sqlx::query("UPDATE helpdesk_code SET uid = 2001").execute(&mut *tx).await.unwrap();
        assert_eq!(find(&mut tx, &keys, "alice", &second, 2000).await.unwrap(), None, "bound to the uid");
    }
}
