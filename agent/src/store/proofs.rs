//! Proofs: challenges that were answered correctly, each held by one dialogue until it spends them. A code that the user already
//! had makes a challenge that is proved from the start.

use super::Tx;
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
    keys::Tag,
};

/// A challenge that is already answered: by a code that the user had.
#[derive(Debug)]
pub struct NewToken<'a> {
    /// See [`super::challenges::Challenge`].
    pub id: &'a str,
    /// Keyed MAC of the account's name.
    pub account: &'a Tag,
    /// See [`super::challenges::Challenge`].
    pub purpose: &'a str,
    /// By what means.
    pub method: &'a str,
    /// The row that it uses up.
    pub token: i64,
    /// The dialogue that proved it.
    pub dialogue: &'a str,
    /// When.
    pub now: Time,
    /// From when on it can be forgotten.
    pub expires: Time,
}

/// The holder of proofs, and the time since which they count.
#[derive(Debug)]
pub struct Holder<'a> {
    /// Keyed MAC of the account's name.
    pub account: &'a Tag,
    /// The name.
    pub name: Name<'a>,
    /// The id that goes with the name now.
    pub id: Id,
    /// What for.
    pub purpose: &'a str,
    /// The dialogue that the proofs are bound to.
    pub dialogue: &'a str,
    /// A proof is valid if it is newer.
    pub since: Time,
    /// Now.
    pub now: Time,
    /// From where, for purposes that look open elsewhere.
    pub from: Option<Tag>,
}

/// The proofs of a [`Holder`] that are not spent.
macro_rules! held {
    () => {
        "account = $1 AND purpose = $2 AND dialogue = $3 AND proved > $4 AND spent IS NULL AND voided IS NULL"
    };
}

/// Of those, the ones that are valid for the account with that id now: their contact, app or code is still registered for it, and
/// usable.
macro_rules! good {
    () => {
        concat!(
            held!(),
            " AND (destination IS NOT NULL \
              OR contact IN (SELECT id FROM contact JOIN mine USING (realm, name) WHERE usable = 1) \
              OR method = 'app' AND token IN (SELECT id FROM authenticator JOIN mine USING (realm, name)) \
              OR method = 'recovery-code' \
                 AND token IN (SELECT id FROM recovery_code JOIN mine USING (realm, name) WHERE used IS NULL) \
              OR method = 'help-desk' \
                 AND token IN (SELECT id FROM helpdesk_code \
                               WHERE realm = $5 AND name = $6 AND account = $7 AND used IS NULL AND expires > $8))"
        )
    };
}

/// What `mine` stands for in [`good!`].
macro_rules! with_mine {
    () => {
        "WITH mine AS (SELECT realm, name FROM registration WHERE realm = $5 AND name = $6 AND id = $7) "
    };
}
/// Codes that were answered.
pub trait Proofs {
    /// Stores a proof by a code that the user already had. It is never open: there is nothing to answer.
    fn add_token(&mut self, new: &NewToken<'_>) -> impl Future<Output = Result<()>> + Send;

    /// The means by which the holder has proved its identity.
    fn proved_methods(&mut self, holder: &Holder<'_>) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// The same, limited to those that are valid for the account now.
    fn good_methods(&mut self, holder: &Holder<'_>) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// Spends all valid proofs of the holder. Returns their means, and the row that each used up, if any.
    fn spend(&mut self, holder: &Holder<'_>) -> impl Future<Output = Result<Vec<(String, Option<i64>)>>> + Send;

    /// Gives back the proofs that `dialogue` spent: the write was refused before anything was written. Returns their means, and the
    /// row that each had used up.
    fn unspend(
        &mut self,
        account: &Tag,
        purpose: &str,
        dialogue: &str,
    ) -> impl Future<Output = Result<Vec<(String, Option<i64>)>>> + Send;
}

impl Proofs for Tx<'_> {
    async fn add_token(&mut self, new: &NewToken<'_>) -> Result<()> {
        sqlx::query(
            "INSERT INTO challenge (id, account, purpose, method, token, dialogue, created, accepted, proved, expires, \
                                    tries_left, way, code) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, 0, x'', x'')",
        )
        .bind(new.id)
        .bind(new.account.as_slice())
        .bind(new.purpose)
        .bind(new.method)
        .bind(new.token)
        .bind(new.dialogue)
        .bind(new.now)
        .bind(new.expires)
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn proved_methods(&mut self, holder: &Holder<'_>) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(concat!("SELECT DISTINCT method FROM challenge WHERE ", held!()))
            .bind(holder.account.as_slice())
            .bind(holder.purpose)
            .bind(holder.dialogue)
            .bind(holder.since)
            .fetch_all(&mut **self)
            .await?)
    }

    async fn good_methods(&mut self, holder: &Holder<'_>) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(concat!(with_mine!(), "SELECT DISTINCT method FROM challenge WHERE ", good!()))
            .bind(holder.account.as_slice())
            .bind(holder.purpose)
            .bind(holder.dialogue)
            .bind(holder.since)
            .bind(holder.name.realm)
            .bind(holder.name.name)
            .bind(holder.id.as_str())
            .bind(holder.now)
            .fetch_all(&mut **self)
            .await?)
    }

    async fn spend(&mut self, holder: &Holder<'_>) -> Result<Vec<(String, Option<i64>)>> {
        Ok(sqlx::query_as(concat!(
            with_mine!(),
            "UPDATE challenge SET spent = $8, closed_from = $9 WHERE ",
            good!(),
            " RETURNING method, token"
        ))
        .bind(holder.account.as_slice())
        .bind(holder.purpose)
        .bind(holder.dialogue)
        .bind(holder.since)
        .bind(holder.name.realm)
        .bind(holder.name.name)
        .bind(holder.id.as_str())
        .bind(holder.now)
        .bind(holder.from.as_ref().map(Tag::as_slice))
        .fetch_all(&mut **self)
        .await?)
    }

    async fn unspend(&mut self, account: &Tag, purpose: &str, dialogue: &str) -> Result<Vec<(String, Option<i64>)>> {
        Ok(sqlx::query_as(
            "UPDATE challenge SET spent = NULL, closed_from = NULL WHERE account = $1 AND purpose = $2 AND dialogue = $3 AND spent IS NOT NULL \
             RETURNING method, token",
        )
        .bind(account.as_slice())
        .bind(purpose)
        .bind(dialogue)
        .fetch_all(&mut **self)
        .await?)
    }
}
