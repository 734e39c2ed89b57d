//! Authenticator apps, one for each user. The secret is sealed, and bound to the account's name and id. It is deleted
//! with the registration.

use zeroize::Zeroizing;

use super::{Registrations, Tx, id_of, sql};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::{Error, Result},
    keys::Keys,
    random::Random,
    totp::Secret,
};

/// An authenticator app.
#[derive(Debug)]
pub struct Authenticator {
    /// The row of the app. Another app of the same user has another row.
    pub id: i64,
    /// The secret that the app shares with this machine.
    pub secret: Secret,
    /// The newest time step that was used.
    pub last_step: i64,
}

fn context(name: Name<'_>, id: Id) -> Vec<u8> {
    [b"authenticator\0".as_slice(), &name.bytes(), b"\0", &id.bytes()].concat()
}

/// Seals the secret of an app of `name` with `id`.
pub(super) fn seal(keys: &Keys, random: &dyn Random, name: Name<'_>, id: Id, secret: &[u8]) -> Result<Vec<u8>> {
    keys.seal(random, &context(name, id), secret)
}

/// Opens a secret that [`seal`] sealed for the same account.
pub(super) fn open(keys: &Keys, name: Name<'_>, id: Id, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    keys.open(&context(name, id), sealed)
}

/// Authenticator apps.
pub trait Authenticators {
    /// Registers the app that has `secret` and has just shown the code of `step`. It replaces any other app.
    #[allow(clippy::too_many_arguments)]
    fn put(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        secret: &Secret,
        step: i64,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;

    /// The app of `name`, if there is one.
    fn get(&mut self, keys: &Keys, name: Name<'_>) -> impl Future<Output = Result<Option<Authenticator>>> + Send;

    /// Uses up `step` of the app `id`. `false`: this step or a newer one was used before.
    fn take_step(&mut self, id: i64, step: i64) -> impl Future<Output = Result<bool>> + Send;

    /// Whether `name` has an app.
    fn exists(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;

    /// Deletes the app of `name`. Returns whether there was one.
    fn remove(&mut self, name: Name<'_>) -> impl Future<Output = Result<bool>> + Send;
}

impl Authenticators for Tx<'_> {
    async fn put(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        secret: &Secret,
        step: i64,
        now: Time,
    ) -> Result<()> {
        Registrations::ensure(self, name, id, now).await?;
        Authenticators::remove(self, name).await?;
        sql::query("INSERT INTO authenticator (realm, name, sealed, last_step, created) VALUES ($1, $2, $3, $4, $5)")
            .of(name)
            .bind(seal(keys, random, name, id, secret.as_ref())?)
            .bind(step)
            .bind(now)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn get(&mut self, keys: &Keys, name: Name<'_>) -> Result<Option<Authenticator>> {
        let row = sql::query(
            "SELECT authenticator.id, sealed, last_step, registration.id FROM authenticator JOIN registration USING (realm, name) \
             WHERE realm = $1 AND name = $2",
        )
        .of(name)
        .fetch_optional(self)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (sealed, id): (Vec<u8>, Id) = (row.try_get(1)?, id_of(&row, 3)?);
        let plain = keys.open(&context(name, id), &sealed)?;
        let secret = Zeroizing::new(plain.as_slice().try_into().map_err(|_| Error::Sealed)?);
        Ok(Some(Authenticator { id: row.try_get(0)?, secret, last_step: row.try_get(2)? }))
    }

    async fn take_step(&mut self, id: i64, step: i64) -> Result<bool> {
        let done = sql::query("UPDATE authenticator SET last_step = $1 WHERE id = $2 AND last_step < $1")
            .bind(step)
            .bind(id)
            .execute(self)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn exists(&mut self, name: Name<'_>) -> Result<bool> {
        Ok(sql::query_scalar("SELECT EXISTS (SELECT 1 FROM authenticator WHERE realm = $1 AND name = $2)")
            .of(name)
            .fetch_one(self)
            .await?)
    }

    async fn remove(&mut self, name: Name<'_>) -> Result<bool> {
        let done =
            sql::query("DELETE FROM authenticator WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(done.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    use sspr_config::settings::Method;

    use super::*;
    use crate::{
        random::SystemRandom,
        store::{LookUps as _, Store},
        totp,
    };

    #[tokio::test(flavor = "current_thread")]
    async fn an_app_is_kept_sealed_and_each_step_is_taken_once_and_never_an_older_one() {
        let (store, keys) = (Store::for_tests().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let secret = totp::secret(&SystemRandom).unwrap();
        Authenticators::put(&mut tx, &keys, &SystemRandom, Name::local("alice"), Id::from(1001), &secret, 100, 3000)
            .await
            .unwrap();
        assert!(
            Authenticators::exists(&mut tx, Name::local("alice")).await.unwrap()
                && !Authenticators::exists(&mut tx, Name::local("bob")).await.unwrap()
        );
        let app = Authenticators::get(&mut tx, &keys, Name::local("alice")).await.unwrap().unwrap();
        assert_eq!((app.secret, app.last_step), (secret.clone(), 100));
        for (step, taken) in [(100, false), (102, true), (102, false), (101, false), (103, true)] {
            assert_eq!(Authenticators::take_step(&mut tx, app.id, step).await.unwrap(), taken, "{step}");
        }
        let sealed: Vec<u8> = sql::query_scalar("SELECT sealed FROM authenticator").fetch_one(&mut tx).await.unwrap();
        assert!(!sealed.windows(4).any(|part| part == &secret[..4]));

        Authenticators::put(&mut tx, &keys, &SystemRandom, Name::local("alice"), Id::from(1001), &secret, 200, 6000)
            .await
            .unwrap();
        assert!(!Authenticators::take_step(&mut tx, app.id, 300).await.unwrap(), "another app has taken its place");
        assert!(
            Authenticators::remove(&mut tx, Name::local("alice")).await.unwrap()
                && !Authenticators::remove(&mut tx, Name::local("alice")).await.unwrap()
        );
        assert!(Authenticators::get(&mut tx, &keys, Name::local("alice")).await.unwrap().is_none());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_app_counts_as_a_method_and_is_not_inherited_with_the_name() {
        let (store, keys) = (Store::for_tests().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let secret = totp::secret(&SystemRandom).unwrap();
        Authenticators::put(&mut tx, &keys, &SystemRandom, Name::local("alice"), Id::from(1001), &secret, 100, 3000)
            .await
            .unwrap();
        assert_eq!(tx.progress(Name::local("alice"), Id::from(1001), &[Method::App]).await.unwrap().methods, 1);
        assert_eq!(tx.progress(Name::local("alice"), Id::from(2001), &[Method::App]).await.unwrap().methods, 0);
        sql::query("UPDATE registration SET id = '2001'").execute(&mut tx).await.unwrap();
        assert!(Authenticators::get(&mut tx, &keys, Name::local("alice")).await.is_err(), "sealed for another uid");
        Registrations::ensure(&mut tx, Name::local("alice"), Id::from(3001), 4000).await.unwrap();
        assert!(
            !Authenticators::exists(&mut tx, Name::local("alice")).await.unwrap(),
            "the account that had the name before"
        );
    }
}
