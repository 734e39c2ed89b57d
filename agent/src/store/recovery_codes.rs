//! Recovery codes, as keyed MACs. They are deleted with the registration.

use zeroize::Zeroizing;

use super::Tx;
use crate::{
    clock::Time,
    error::Result,
    keys::{Keys, Tag},
};

fn tag(keys: &Keys, name: &str, code: &str) -> Tag {
    keys.mac("recovery code", &[name.as_bytes(), code.as_bytes()])
}

/// The rows of codes that were given out together.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    first: i64,
    last: i64,
}

/// Gives `name`, who is registered, these codes (as [`crate::recovery_codes::make`] makes them) in place of any others.
pub async fn replace(
    tx: &mut Tx<'_>,
    keys: &Keys,
    name: &str,
    codes: &[Zeroizing<String>],
    now: Time,
) -> Result<Batch> {
    remove(tx, name).await?;
    add(tx, keys, name, codes, now).await
}

/// Gives `name`, who is registered and has seen none, these codes. Deletes others that nobody is known to have seen, except those
/// made since `since`: they may be on a screen now.
pub async fn add_to_unseen(
    tx: &mut Tx<'_>,
    keys: &Keys,
    name: &str,
    codes: &[Zeroizing<String>],
    since: Time,
    now: Time,
) -> Result<Batch> {
    sqlx::query("DELETE FROM recovery_code WHERE name = ? AND created < ?")
        .bind(name)
        .bind(since)
        .execute(&mut **tx)
        .await?;
    add(tx, keys, name, codes, now).await
}

async fn add(tx: &mut Tx<'_>, keys: &Keys, name: &str, codes: &[Zeroizing<String>], now: Time) -> Result<Batch> {
    let mut batch = Batch { first: i64::MAX, last: 0 };
    for code in codes {
        let done = sqlx::query("INSERT INTO recovery_code (name, code, created) VALUES (?, ?, ?)")
            .bind(name)
            .bind(tag(keys, name, code).as_slice())
            .bind(now)
            .execute(&mut **tx)
            .await?;
        let id = done.last_insert_rowid();
        batch = Batch { first: batch.first.min(id), last: batch.last.max(id) };
    }
    Ok(batch)
}

/// The codes of `batch` were read by `name`.
pub async fn seen(tx: &mut Tx<'_>, name: &str, batch: Batch, now: Time) -> Result<()> {
    sqlx::query("UPDATE recovery_code SET seen = ? WHERE name = ? AND id BETWEEN ? AND ?")
        .bind(now)
        .bind(name)
        .bind(batch.first)
        .bind(batch.last)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// All codes of `name` count as read: the user says so.
pub async fn all_seen(tx: &mut Tx<'_>, name: &str, now: Time) -> Result<()> {
    sqlx::query("UPDATE recovery_code SET seen = coalesce(seen, ?) WHERE name = ?")
        .bind(now)
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether `name` has codes that can be used and were read.
pub async fn any_seen(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    let statement = "SELECT EXISTS (SELECT 1 FROM recovery_code WHERE name = ? AND used IS NULL AND seen IS NOT NULL)";
    Ok(sqlx::query_scalar(statement).bind(name).fetch_one(&mut **tx).await?)
}

/// How many codes `name` can still use.
pub async fn left(tx: &mut Tx<'_>, name: &str) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM recovery_code WHERE name = ? AND used IS NULL")
        .bind(name)
        .fetch_one(&mut **tx)
        .await?)
}

/// The row of the unused `code` (tidied) of `name`.
pub async fn find(tx: &mut Tx<'_>, keys: &Keys, name: &str, code: &str) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("SELECT id FROM recovery_code WHERE name = ? AND code = ? AND used IS NULL")
        .bind(name)
        .bind(tag(keys, name, code).as_slice())
        .fetch_optional(&mut **tx)
        .await?)
}

/// Uses up the code `id` of `name`, and marks those that were given out with it as read. `false`: it was used before, or is
/// another's.
pub async fn use_up(tx: &mut Tx<'_>, name: &str, id: i64, now: Time) -> Result<bool> {
    let done = sqlx::query("UPDATE recovery_code SET used = ? WHERE id = ? AND name = ? AND used IS NULL")
        .bind(now)
        .bind(id)
        .bind(name)
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    let together = "UPDATE recovery_code SET seen = coalesce(seen, ?1) WHERE name = ?2 AND \
                    created = (SELECT created FROM recovery_code WHERE id = ?3)";
    sqlx::query(together).bind(now).bind(name).bind(id).execute(&mut **tx).await?;
    Ok(true)
}

/// Gives the code `id` of `name` back: the write that it was used for did not happen.
pub async fn give_back(tx: &mut Tx<'_>, name: &str, id: i64) -> Result<()> {
    sqlx::query("UPDATE recovery_code SET used = NULL WHERE id = ? AND name = ?")
        .bind(id)
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Drops every code of `name`.
pub async fn remove(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    sqlx::query("DELETE FROM recovery_code WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        random::SystemRandom,
        recovery_codes::{COUNT, make},
        store::{Store, registrations},
    };

    #[tokio::test(flavor = "current_thread")]
    async fn each_code_is_good_once_for_its_owner_and_new_ones_take_the_place_of_all() {
        let (store, keys) = (Store::in_memory().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let codes = make(&SystemRandom).unwrap();
        for (name, uid) in [("alice", 1001), ("bob", 1002)] {
            registrations::ensure(&mut tx, name, uid, 100).await.unwrap();
        }
        replace(&mut tx, &keys, "alice", &codes, 100).await.unwrap();
        assert_eq!(left(&mut tx, "alice").await.unwrap(), i64::try_from(COUNT).unwrap());
        assert_eq!(left(&mut tx, "bob").await.unwrap(), 0);
        assert_eq!(find(&mut tx, &keys, "bob", &codes[0]).await.unwrap(), None);
        let id = find(&mut tx, &keys, "alice", &codes[0]).await.unwrap().unwrap();
        assert!(!use_up(&mut tx, "bob", id, 200).await.unwrap());
        assert!(!any_seen(&mut tx, "alice").await.unwrap());
        assert!(use_up(&mut tx, "alice", id, 200).await.unwrap());
        assert!(any_seen(&mut tx, "alice").await.unwrap(), "whoever has one has read the others");
        assert!(!use_up(&mut tx, "alice", id, 200).await.unwrap());
        assert_eq!(find(&mut tx, &keys, "alice", &codes[0]).await.unwrap(), None);
        assert_eq!(left(&mut tx, "alice").await.unwrap(), 9);
        give_back(&mut tx, "alice", id).await.unwrap();
        assert_eq!(find(&mut tx, &keys, "alice", &codes[0]).await.unwrap(), Some(id));

        replace(&mut tx, &keys, "alice", &make(&SystemRandom).unwrap(), 300).await.unwrap();
        assert_eq!(left(&mut tx, "alice").await.unwrap(), 10);
        assert!(!use_up(&mut tx, "alice", id, 300).await.unwrap(), "an id never comes twice");
        registrations::forget(&mut tx, "alice").await.unwrap();
        assert_eq!(left(&mut tx, "alice").await.unwrap(), 0);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn codes_that_may_be_on_a_screen_stay_until_others_were_seen_or_that_is_long_ago() {
        let (store, keys) = (Store::in_memory().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        registrations::ensure(&mut tx, "alice", 1001, 100).await.unwrap();
        let batches = [make(&SystemRandom).unwrap(), make(&SystemRandom).unwrap(), make(&SystemRandom).unwrap()];
        add_to_unseen(&mut tx, &keys, "alice", &batches[0], 50, 100).await.unwrap();
        let second = add_to_unseen(&mut tx, &keys, "alice", &batches[1], 100, 150).await.unwrap();
        assert_eq!(left(&mut tx, "alice").await.unwrap(), 20, "two dialogues show them at once");
        assert!(!any_seen(&mut tx, "alice").await.unwrap());
        add_to_unseen(&mut tx, &keys, "alice", &batches[2], 101, 200).await.unwrap();
        assert_eq!(find(&mut tx, &keys, "alice", &batches[0][0]).await.unwrap(), None, "long ago");
        seen(&mut tx, "alice", second, 210).await.unwrap();
        assert!(any_seen(&mut tx, "alice").await.unwrap());
        for code in &batches[1] {
            let id = find(&mut tx, &keys, "alice", code).await.unwrap().unwrap();
            use_up(&mut tx, "alice", id, 220).await.unwrap();
        }
        assert!(!any_seen(&mut tx, "alice").await.unwrap(), "used up, and nobody saw the others");
    }
}
