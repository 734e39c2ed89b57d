//! Recovery codes, as keyed MACs. They are deleted with the registration.

use zeroize::Zeroizing;

use super::{Tx, sql};
use crate::{
    account::Name,
    clock::Time,
    error::Result,
    keys::{Keys, Tag},
};

const LABEL: &str = "recovery code";

fn tag(keys: &Keys, name: Name<'_>, code: &str) -> Tag {
    keys.mac(LABEL, &[&name.bytes(), code.as_bytes()])
}

/// The rows of codes that were issued together.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    first: i64,
    last: i64,
}

/// Recovery codes.
pub trait RecoveryCodes {
    /// Gives the registered account `name` these codes (made by [`crate::recovery_codes::make`]) instead of any others.
    fn replace(
        &mut self,
        keys: &Keys,
        name: Name<'_>,
        codes: &[Zeroizing<String>],
        now: Time,
    ) -> impl Future<Output = Result<Batch>> + Send;

    /// Gives these codes to the registered account `name`, whose owner has read none. Deletes other codes that were
    /// never marked as read, except those made since `since`: they may be on a screen now.
    fn add_to_unseen(
        &mut self,
        keys: &Keys,
        name: Name<'_>,
        codes: &[Zeroizing<String>],
        since: Time,
        now: Time,
    ) -> impl Future<Output = Result<Batch>> + Send;

    /// Marks the codes of `batch` as read by `name`.
    fn seen(&mut self, name: Name<'_>, batch: Batch, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Marks all codes of `name` as read, as the user said.
    fn all_seen(&mut self, name: Name<'_>, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Whether `name` has usable codes that were read.
    fn any_seen(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;

    /// How many codes `name` can still use.
    fn left(&mut self, name: Name<'_>) -> impl Future<Output = Result<i64>> + Send;

    /// The row of the unused `code` (tidied) of `name`.
    fn find(&mut self, keys: &Keys, name: Name<'_>, code: &str) -> impl Future<Output = Result<Option<i64>>> + Send;

    /// Uses up the code `id` of `name`, and marks the other codes of its batch as read. `false`: it was used before, or
    /// belongs to another account.
    fn use_up(&mut self, name: Name<'_>, id: i64, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Makes the code `id` of `name` usable again, because the write that it was used for did not happen.
    fn give_back(&mut self, name: Name<'_>, id: i64) -> impl Future<Output = Result<()>> + Send;

    /// Deletes every code of `name`.
    fn remove(&mut self, name: Name<'_>) -> impl Future<Output = Result<()>> + Send;
}

impl RecoveryCodes for Tx<'_> {
    async fn replace(&mut self, keys: &Keys, name: Name<'_>, codes: &[Zeroizing<String>], now: Time) -> Result<Batch> {
        RecoveryCodes::remove(self, name).await?;
        add(self, keys, name, codes, now).await
    }

    async fn add_to_unseen(
        &mut self,
        keys: &Keys,
        name: Name<'_>,
        codes: &[Zeroizing<String>],
        since: Time,
        now: Time,
    ) -> Result<Batch> {
        sql::query("DELETE FROM recovery_code WHERE realm = $1 AND name = $2 AND created < $3")
            .of(name)
            .bind(since)
            .execute(self)
            .await?;
        add(self, keys, name, codes, now).await
    }

    async fn seen(&mut self, name: Name<'_>, batch: Batch, now: Time) -> Result<()> {
        sql::query("UPDATE recovery_code SET seen = $1 WHERE realm = $2 AND name = $3 AND id BETWEEN $4 AND $5")
            .bind(now)
            .of(name)
            .bind(batch.first)
            .bind(batch.last)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn all_seen(&mut self, name: Name<'_>, now: Time) -> Result<()> {
        sql::query("UPDATE recovery_code SET seen = coalesce(seen, $1) WHERE realm = $2 AND name = $3")
            .bind(now)
            .of(name)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn any_seen(&mut self, name: Name<'_>) -> Result<bool> {
        let statement = "SELECT EXISTS (SELECT 1 FROM recovery_code WHERE realm = $1 AND name = $2 AND used IS NULL AND seen IS NOT NULL)";
        Ok(sql::query_scalar(statement).of(name).fetch_one(self).await?)
    }

    async fn left(&mut self, name: Name<'_>) -> Result<i64> {
        Ok(sql::query_scalar("SELECT count(*) FROM recovery_code WHERE realm = $1 AND name = $2 AND used IS NULL")
            .of(name)
            .fetch_one(self)
            .await?)
    }

    async fn find(&mut self, keys: &Keys, name: Name<'_>, code: &str) -> Result<Option<i64>> {
        // As many statements for one name as for another.
        let mut found = None;
        for tag in keys.macs(LABEL, &[&name.bytes(), code.as_bytes()]) {
            let statement =
                "SELECT id FROM recovery_code WHERE realm = $1 AND name = $2 AND code = $3 AND used IS NULL";
            let id: Option<i64> =
                sql::query_scalar(statement).of(name).bind(tag.as_slice()).fetch_optional(self).await?;
            found = found.or(id);
        }
        Ok(found)
    }

    async fn use_up(&mut self, name: Name<'_>, id: i64, now: Time) -> Result<bool> {
        let done = sql::query(
            "UPDATE recovery_code SET used = $1 WHERE id = $2 AND realm = $3 AND name = $4 AND used IS NULL",
        )
        .bind(now)
        .bind(id)
        .of(name)
        .execute(self)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        let together = "UPDATE recovery_code SET seen = coalesce(seen, $1) WHERE realm = $2 AND name = $3 AND \
                        created = (SELECT created FROM recovery_code WHERE id = $4)";
        sql::query(together).bind(now).of(name).bind(id).execute(self).await?;
        Ok(true)
    }

    async fn give_back(&mut self, name: Name<'_>, id: i64) -> Result<()> {
        sql::query("UPDATE recovery_code SET used = NULL WHERE id = $1 AND realm = $2 AND name = $3")
            .bind(id)
            .of(name)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn remove(&mut self, name: Name<'_>) -> Result<()> {
        sql::query("DELETE FROM recovery_code WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(())
    }
}

async fn add(tx: &mut Tx<'_>, keys: &Keys, name: Name<'_>, codes: &[Zeroizing<String>], now: Time) -> Result<Batch> {
    let mut batch = Batch { first: i64::MAX, last: 0 };
    for code in codes {
        let id: i64 = sql::query_scalar(
            "INSERT INTO recovery_code (realm, name, code, created) VALUES ($1, $2, $3, $4) RETURNING id",
        )
        .of(name)
        .bind(tag(keys, name, code).as_slice())
        .bind(now)
        .fetch_one(tx)
        .await?;
        batch = Batch { first: batch.first.min(id), last: batch.last.max(id) };
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::Id,
        random::SystemRandom,
        recovery_codes::{COUNT, make},
        store::{Registrations, Store},
    };

    #[tokio::test(flavor = "current_thread")]
    async fn each_code_is_good_once_for_its_owner_and_new_ones_take_the_place_of_all() {
        let (store, keys) = (Store::for_tests().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let codes = make(&SystemRandom).unwrap();
        for (name, uid) in [("alice", 1001), ("bob", 1002)] {
            Registrations::ensure(&mut tx, Name::local(name), Id::from(uid), 100).await.unwrap();
        }
        RecoveryCodes::replace(&mut tx, &keys, Name::local("alice"), &codes, 100).await.unwrap();
        assert_eq!(RecoveryCodes::left(&mut tx, Name::local("alice")).await.unwrap(), i64::try_from(COUNT).unwrap());
        assert_eq!(RecoveryCodes::left(&mut tx, Name::local("bob")).await.unwrap(), 0);
        assert_eq!(RecoveryCodes::find(&mut tx, &keys, Name::local("bob"), &codes[0]).await.unwrap(), None);
        let id = RecoveryCodes::find(&mut tx, &keys, Name::local("alice"), &codes[0]).await.unwrap().unwrap();
        assert!(!RecoveryCodes::use_up(&mut tx, Name::local("bob"), id, 200).await.unwrap());
        assert!(!RecoveryCodes::any_seen(&mut tx, Name::local("alice")).await.unwrap());
        assert!(RecoveryCodes::use_up(&mut tx, Name::local("alice"), id, 200).await.unwrap());
        assert!(
            RecoveryCodes::any_seen(&mut tx, Name::local("alice")).await.unwrap(),
            "whoever has one has read the others"
        );
        assert!(!RecoveryCodes::use_up(&mut tx, Name::local("alice"), id, 200).await.unwrap());
        assert_eq!(RecoveryCodes::find(&mut tx, &keys, Name::local("alice"), &codes[0]).await.unwrap(), None);
        assert_eq!(RecoveryCodes::left(&mut tx, Name::local("alice")).await.unwrap(), 9);
        RecoveryCodes::give_back(&mut tx, Name::local("alice"), id).await.unwrap();
        assert_eq!(RecoveryCodes::find(&mut tx, &keys, Name::local("alice"), &codes[0]).await.unwrap(), Some(id));

        RecoveryCodes::replace(&mut tx, &keys, Name::local("alice"), &make(&SystemRandom).unwrap(), 300).await.unwrap();
        assert_eq!(RecoveryCodes::left(&mut tx, Name::local("alice")).await.unwrap(), 10);
        assert!(
            !RecoveryCodes::use_up(&mut tx, Name::local("alice"), id, 300).await.unwrap(),
            "an id never comes twice"
        );
        Registrations::forget(&mut tx, Name::local("alice")).await.unwrap();
        assert_eq!(RecoveryCodes::left(&mut tx, Name::local("alice")).await.unwrap(), 0);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn codes_that_may_be_on_a_screen_stay_until_others_were_seen_or_that_is_long_ago() {
        let (store, keys) = (Store::for_tests().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        Registrations::ensure(&mut tx, Name::local("alice"), Id::from(1001), 100).await.unwrap();
        let batches = [make(&SystemRandom).unwrap(), make(&SystemRandom).unwrap(), make(&SystemRandom).unwrap()];
        RecoveryCodes::add_to_unseen(&mut tx, &keys, Name::local("alice"), &batches[0], 50, 100).await.unwrap();
        let second =
            RecoveryCodes::add_to_unseen(&mut tx, &keys, Name::local("alice"), &batches[1], 100, 150).await.unwrap();
        assert_eq!(
            RecoveryCodes::left(&mut tx, Name::local("alice")).await.unwrap(),
            20,
            "two dialogues show them at once"
        );
        assert!(!RecoveryCodes::any_seen(&mut tx, Name::local("alice")).await.unwrap());
        RecoveryCodes::add_to_unseen(&mut tx, &keys, Name::local("alice"), &batches[2], 101, 200).await.unwrap();
        assert_eq!(
            RecoveryCodes::find(&mut tx, &keys, Name::local("alice"), &batches[0][0]).await.unwrap(),
            None,
            "long ago"
        );
        RecoveryCodes::seen(&mut tx, Name::local("alice"), second, 210).await.unwrap();
        assert!(RecoveryCodes::any_seen(&mut tx, Name::local("alice")).await.unwrap());
        for code in &batches[1] {
            let id = RecoveryCodes::find(&mut tx, &keys, Name::local("alice"), code).await.unwrap().unwrap();
            RecoveryCodes::use_up(&mut tx, Name::local("alice"), id, 220).await.unwrap();
        }
        assert!(
            !RecoveryCodes::any_seen(&mut tx, Name::local("alice")).await.unwrap(),
            "used up, and nobody saw the others"
        );
    }
}
