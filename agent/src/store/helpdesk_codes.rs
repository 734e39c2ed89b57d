//! Help-desk codes, as keyed MACs that are bound to the account's name and id. A new code replaces the old one. The
//! user need not be registered.

use zeroize::Zeroizing;

use super::{Tx, id_of, sql};
use crate::{
    account::{Id, Name},
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
    pub name: Name<'a>,
    /// The account's id now. The code is not valid for another account with the same name.
    pub id: Id,
    /// The administrator who issues the code.
    pub issuer: &'a str,
    /// The time now.
    pub now: Time,
    /// When it expires.
    pub expires: Time,
}

/// A code that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The row of the code.
    pub id: i64,
    /// The id of the account that the code is for.
    pub account: Id,
    /// The administrator who issued it.
    pub issuer: String,
}

fn tag(keys: &Keys, name: Name<'_>, id: Id, code: &str) -> Tag {
    keys.mac("help-desk code", &[&name.bytes(), &id.bytes(), code.as_bytes()])
}

/// Codes of the help desk.
pub trait HelpdeskCodes {
    /// Makes and stores a code, and returns it to be read out. It can't be shown again.
    fn issue(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        issue: Issue<'_>,
    ) -> impl Future<Output = Result<Zeroizing<String>>> + Send;

    /// The `code` (tidied) of `name`, if it can be used at `now`. A code from the future (the clock was set back) can't
    /// be used.
    fn find(
        &mut self,
        keys: &Keys,
        name: Name<'_>,
        code: &str,
        now: Time,
    ) -> impl Future<Output = Result<Option<Found>>> + Send;

    /// Uses up the code `id` of `name`. `false`: it was used, was replaced or has expired meanwhile, or belongs to
    /// another account.
    fn use_up(&mut self, name: Name<'_>, id: i64, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Makes the code `id` of `name` usable again, because the write that it was used for did not happen.
    fn give_back(&mut self, name: Name<'_>, id: i64) -> impl Future<Output = Result<()>> + Send;

    /// Deletes the code of `name`.
    fn remove(&mut self, name: Name<'_>) -> impl Future<Output = Result<()>> + Send;
}

impl HelpdeskCodes for Tx<'_> {
    async fn issue(&mut self, keys: &Keys, random: &dyn Random, issue: Issue<'_>) -> Result<Zeroizing<String>> {
        let code = helpdesk_codes::make(random)?;
        let plain = helpdesk_codes::tidy(&code).unwrap_or_default();
        HelpdeskCodes::remove(self, issue.name).await?;
        sql::query(
            "INSERT INTO helpdesk_code (realm, name, account, code, issuer, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .of(issue.name)
        .bind(issue.id.as_str())
        .bind(tag(keys, issue.name, issue.id, &plain).as_slice())
        .bind(issue.issuer)
        .bind(issue.now)
        .bind(issue.expires)
        .execute(self)
        .await?;
        Ok(code)
    }

    async fn find(&mut self, keys: &Keys, name: Name<'_>, code: &str, now: Time) -> Result<Option<Found>> {
        let row = sql::query(
            "SELECT id, account, issuer, code FROM helpdesk_code \
             WHERE realm = $1 AND name = $2 AND used IS NULL AND created <= $3 AND expires > $3",
        )
        .of(name)
        .bind(now)
        .fetch_optional(self)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (account, stored): (Id, Vec<u8>) = (id_of(&row, 1)?, row.try_get(3)?);
        if !same(&tag(keys, name, account, code), &stored) {
            return Ok(None);
        }
        Ok(Some(Found { id: row.try_get(0)?, account, issuer: row.try_get(2)? }))
    }

    async fn use_up(&mut self, name: Name<'_>, id: i64, now: Time) -> Result<bool> {
        let done = sql::query(
            "UPDATE helpdesk_code SET used = $1 \
             WHERE id = $2 AND realm = $3 AND name = $4 AND used IS NULL AND expires > $1",
        )
        .bind(now)
        .bind(id)
        .of(name)
        .execute(self)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn give_back(&mut self, name: Name<'_>, id: i64) -> Result<()> {
        sql::query("UPDATE helpdesk_code SET used = NULL WHERE id = $1 AND realm = $2 AND name = $3")
            .bind(id)
            .of(name)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn remove(&mut self, name: Name<'_>) -> Result<()> {
        sql::query("DELETE FROM helpdesk_code WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, store::Store};

    fn alice() -> Issue<'static> {
        Issue { name: Name::local("alice"), id: Id::from(1001), issuer: "carol", now: 1000, expires: 4600 }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_code_is_good_once_in_its_time_for_its_account_until_another_is_given_out() {
        let (store, keys) = (Store::for_tests().await.unwrap(), Keys::from_host_key(&[1; 32]));
        let mut tx = store.begin().await.unwrap();
        let first = HelpdeskCodes::issue(&mut tx, &keys, &SystemRandom, alice()).await.unwrap();
        let plain = helpdesk_codes::tidy(&first).unwrap();
        let found = HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), &plain, 1000).await.unwrap().unwrap();
        assert_eq!((found.account, found.issuer.as_str()), (Id::from(1001), "carol"));
        assert_eq!(
            HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), "babadbabadbabad", 1000).await.unwrap(),
            None
        );
        assert_eq!(HelpdeskCodes::find(&mut tx, &keys, Name::local("bob"), &plain, 1000).await.unwrap(), None);
        for (now, good) in [(999, false), (4599, true), (4600, false)] {
            assert_eq!(
                HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), &plain, now).await.unwrap().is_some(),
                good,
                "{now}"
            );
        }
        assert!(!HelpdeskCodes::use_up(&mut tx, Name::local("bob"), found.id, 2000).await.unwrap());
        assert!(!HelpdeskCodes::use_up(&mut tx, Name::local("alice"), found.id, 4600).await.unwrap());
        assert!(HelpdeskCodes::use_up(&mut tx, Name::local("alice"), found.id, 2000).await.unwrap());
        assert!(!HelpdeskCodes::use_up(&mut tx, Name::local("alice"), found.id, 2000).await.unwrap());
        assert_eq!(HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), &plain, 2000).await.unwrap(), None);
        HelpdeskCodes::give_back(&mut tx, Name::local("alice"), found.id).await.unwrap();
        assert_eq!(
            HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), &plain, 2000).await.unwrap().unwrap().id,
            found.id
        );

        let second =
            HelpdeskCodes::issue(&mut tx, &keys, &SystemRandom, Issue { issuer: "dave", ..alice() }).await.unwrap();
        assert_eq!(
            HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), &plain, 2000).await.unwrap(),
            None,
            "replaced"
        );
        assert!(
            !HelpdeskCodes::use_up(&mut tx, Name::local("alice"), found.id, 2000).await.unwrap(),
            "an id never comes twice"
        );
        let second = helpdesk_codes::tidy(&second).unwrap();
        assert_eq!(
            HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), &second, 2000).await.unwrap().unwrap().issuer,
            "dave"
        );
        sql::query("UPDATE helpdesk_code SET account = '2001'").execute(&mut tx).await.unwrap();
        assert_eq!(
            HelpdeskCodes::find(&mut tx, &keys, Name::local("alice"), &second, 2000).await.unwrap(),
            None,
            "bound to the uid"
        );
    }
}
