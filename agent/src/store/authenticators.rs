//! Authenticator apps, one for each user. The secret is sealed, bound to the account's name and uid, and deleted with the
//! registration.

use sqlx::Row as _;
use zeroize::Zeroizing;

use super::{Tx, registrations};
use crate::{
    clock::Time,
    error::{Error, Result},
    keys::Keys,
    random::Random,
    totp::Secret,
};

/// An authenticator app.
#[derive(Debug)]
pub struct Authenticator {
    /// Its row. Another app of the same person has another.
    pub id: i64,
    /// The secret that it shares with this machine.
    pub secret: Secret,
    /// The newest time step that was taken.
    pub last_step: i64,
}

fn context(name: &str, uid: u32) -> Vec<u8> {
    [b"authenticator\0".as_slice(), name.as_bytes(), b"\0", &uid.to_be_bytes()].concat()
}

/// Registers the app that has `secret` and has just shown the code of `step`; it takes another one's place.
#[allow(clippy::too_many_arguments)]
pub async fn put(
    tx: &mut Tx<'_>,
    keys: &Keys,
    random: &dyn Random,
    name: &str,
    uid: u32,
    secret: &Secret,
    step: i64,
    now: Time,
) -> Result<()> {
    registrations::ensure(tx, name, uid, now).await?;
    remove(tx, name).await?;
    sqlx::query("INSERT INTO authenticator (name, sealed, last_step, created) VALUES (?, ?, ?, ?)")
        .bind(name)
        .bind(keys.seal(random, &context(name, uid), secret.as_ref())?)
        .bind(step)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The app of `name`, if there is one.
pub async fn get(tx: &mut Tx<'_>, keys: &Keys, name: &str) -> Result<Option<Authenticator>> {
    let row = sqlx::query(
        "SELECT authenticator.id, sealed, last_step, uid FROM authenticator JOIN registration USING (name) WHERE name = ?",
    )
    .bind(name)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (sealed, uid): (Vec<u8>, u32) = (row.try_get(1)?, row.try_get(3)?);
    let plain = keys.open(&context(name, uid), &sealed)?;
    let secret = Zeroizing::new(plain.as_slice().try_into().map_err(|_| Error::Sealed)?);
    Ok(Some(Authenticator { id: row.try_get(0)?, secret, last_step: row.try_get(2)? }))
}

/// Uses up `step` of the app `id`. `false`: it, or a newer one, was used before.
pub async fn take_step(tx: &mut Tx<'_>, id: i64, step: i64) -> Result<bool> {
    let done = sqlx::query("UPDATE authenticator SET last_step = ?1 WHERE id = ?2 AND last_step < ?1")
        .bind(step)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether `name` has an app.
pub async fn exists(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM authenticator WHERE name = ?)")
        .bind(name)
        .fetch_one(&mut **tx)
        .await?)
}

/// Drops the app of `name`. Whether there was one.
pub async fn remove(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM authenticator WHERE name = ?").bind(name).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use sspr_config::settings::Method;

    use super::*;
    use crate::{random::SystemRandom, store::Store, totp};

    #[tokio::test(flavor = "current_thread")]
    async fn an_app_is_kept_sealed_and_each_step_is_taken_once_and_never_an_older_one() {
        let (store, keys) = (Store::in_memory().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let secret = totp::secret(&SystemRandom).unwrap();
        put(&mut tx, &keys, &SystemRandom, "alice", 1001, &secret, 100, 3000).await.unwrap();
        assert!(exists(&mut tx, "alice").await.unwrap() && !exists(&mut tx, "bob").await.unwrap());
        let app = get(&mut tx, &keys, "alice").await.unwrap().unwrap();
        assert_eq!((app.secret, app.last_step), (secret.clone(), 100));
        for (step, taken) in [(100, false), (102, true), (102, false), (101, false), (103, true)] {
            assert_eq!(take_step(&mut tx, app.id, step).await.unwrap(), taken, "{step}");
        }
        let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM authenticator").fetch_one(&mut *tx).await.unwrap();
        assert!(!sealed.windows(4).any(|part| part == &secret[..4]));

        put(&mut tx, &keys, &SystemRandom, "alice", 1001, &secret, 200, 6000).await.unwrap();
        assert!(!take_step(&mut tx, app.id, 300).await.unwrap(), "another app has taken its place");
        assert!(remove(&mut tx, "alice").await.unwrap() && !remove(&mut tx, "alice").await.unwrap());
        assert!(get(&mut tx, &keys, "alice").await.unwrap().is_none());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_app_counts_as_a_method_and_is_not_inherited_with_the_name() {
        let (store, keys) = (Store::in_memory().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let secret = totp::secret(&SystemRandom).unwrap();
        put(&mut tx, &keys, &SystemRandom, "alice", 1001, &secret, 100, 3000).await.unwrap();
        assert_eq!(registrations::progress(&mut tx, "alice", 1001, &[Method::App]).await.unwrap().methods, 1);
        assert_eq!(registrations::progress(&mut tx, "alice", 2001, &[Method::App]).await.unwrap().methods, 0);
        sqlx::query("UPDATE registration SET uid = 2001").execute(&mut *tx).await.unwrap();
        assert!(get(&mut tx, &keys, "alice").await.is_err(), "sealed for another uid");
        registrations::ensure(&mut tx, "alice", 3001, 4000).await.unwrap();
        assert!(!exists(&mut tx, "alice").await.unwrap(), "the account that had the name before");
    }
}
