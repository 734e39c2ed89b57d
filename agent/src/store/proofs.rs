//! Proofs: challenges that were answered correctly, each held by one dialogue until it spends them. A code that the
//! user already had makes a challenge that is proved from the start.

use super::{Tx, sql};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
    keys::Tag,
};

/// A challenge that is already answered, by a code that the user had.
#[derive(Debug)]
pub struct NewToken<'a> {
    /// See [`super::challenges::Challenge`].
    pub id: &'a str,
    /// Keyed MAC of the account's name.
    pub account: &'a Tag,
    /// See [`super::challenges::Challenge`].
    pub purpose: &'a str,
    /// The word of the method.
    pub method: &'a str,
    /// The row of the code or app that proves it.
    pub token: i64,
    /// The dialogue in which the user proved it.
    pub dialogue: &'a str,
    /// The time now.
    pub now: Time,
    /// When the row can be deleted.
    pub expires: Time,
}

/// The holder of proofs, and the time since which they count.
#[derive(Debug)]
pub struct Holder<'a> {
    /// Keyed MAC of the account's name.
    pub account: &'a Tag,
    /// The account's name.
    pub name: Name<'a>,
    /// The id that the name has now.
    pub id: Id,
    /// The purpose of the dialogue.
    pub purpose: &'a str,
    /// The dialogue that the proofs are bound to.
    pub dialogue: &'a str,
    /// Only proofs after this time are valid.
    pub since: Time,
    /// The time now.
    pub now: Time,
    /// The source, for purposes whose challenges look open from other sources.
    pub from: Option<Tag>,
}

/// The unspent proofs of a [`Holder`].
macro_rules! held {
    () => {
        "account = $1 AND purpose = $2 AND dialogue = $3 AND proved > $4 AND spent IS NULL AND voided IS NULL"
    };
}

/// The unspent proofs that are valid for the account with that id now: their contact, app or code is still registered
/// for it, and usable.
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

/// Defines `mine` in [`good!`].
macro_rules! with_mine {
    () => {
        "WITH mine AS (SELECT realm, name FROM registration WHERE realm = $5 AND name = $6 AND id = $7) "
    };
}
/// Proofs: codes that were answered.
pub trait Proofs {
    /// Stores a proof by a code that the user already had. It is never open, because there is nothing to answer.
    fn add_token(&mut self, new: &NewToken<'_>) -> impl Future<Output = Result<()>> + Send;

    /// The methods with which the holder has proved their identity.
    fn proved_methods(&mut self, holder: &Holder<'_>) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// The methods of the proofs that are valid for the account now.
    fn good_methods(&mut self, holder: &Holder<'_>) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// Spends all valid proofs of the holder, and returns them.
    fn spend(&mut self, holder: &Holder<'_>) -> impl Future<Output = Result<Vec<Spent>>> + Send;

    /// Makes the proofs valid again that were just `spent`, because nothing was written. Returns the ids of those that
    /// nothing has voided meanwhile. Others of the same dialogue stay spent: one that went on at another server shares
    /// its id.
    fn unspend(&mut self, spent: &[Spent]) -> impl Future<Output = Result<Vec<String>>> + Send;
}

/// A proof that was spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The challenge.
    pub id: String,
    /// The word of its method.
    pub method: String,
    /// The row that it used up, if any.
    pub token: Option<i64>,
}

impl Proofs for Tx<'_> {
    async fn add_token(&mut self, new: &NewToken<'_>) -> Result<()> {
        sql::query(
            "INSERT INTO challenge (id, account, purpose, method, token, dialogue, created, accepted, proved, expires, \
                                    tries_left, way, code) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, 0, $9, $9)",
        )
        .bind(new.id)
        .bind(new.account.as_slice())
        .bind(new.purpose)
        .bind(new.method)
        .bind(new.token)
        .bind(new.dialogue)
        .bind(new.now)
        .bind(new.expires)
        .bind(Vec::new())
        .execute(self)
        .await?;
        Ok(())
    }

    async fn proved_methods(&mut self, holder: &Holder<'_>) -> Result<Vec<String>> {
        Ok(sql::query_scalar(concat!("SELECT DISTINCT method FROM challenge WHERE ", held!()))
            .bind(holder.account.as_slice())
            .bind(holder.purpose)
            .bind(holder.dialogue)
            .bind(holder.since)
            .fetch_all(self)
            .await?)
    }

    async fn good_methods(&mut self, holder: &Holder<'_>) -> Result<Vec<String>> {
        Ok(sql::query_scalar(concat!(with_mine!(), "SELECT DISTINCT method FROM challenge WHERE ", good!()))
            .bind(holder.account.as_slice())
            .bind(holder.purpose)
            .bind(holder.dialogue)
            .bind(holder.since)
            .of(holder.name)
            .bind(holder.id.as_str())
            .bind(holder.now)
            .fetch_all(self)
            .await?)
    }

    async fn spend(&mut self, holder: &Holder<'_>) -> Result<Vec<Spent>> {
        let rows: Vec<(String, String, Option<i64>)> = sql::query_as(concat!(
            with_mine!(),
            "UPDATE challenge SET spent = $8, closed_from = $9 WHERE ",
            good!(),
            " RETURNING id, method, token"
        ))
        .bind(holder.account.as_slice())
        .bind(holder.purpose)
        .bind(holder.dialogue)
        .bind(holder.since)
        .of(holder.name)
        .bind(holder.id.as_str())
        .bind(holder.now)
        .bind(holder.from.as_ref().map(Tag::as_slice))
        .fetch_all(self)
        .await?;
        Ok(rows.into_iter().map(|(id, method, token)| Spent { id, method, token }).collect())
    }

    async fn unspend(&mut self, spent: &[Spent]) -> Result<Vec<String>> {
        let ids: Vec<&str> = spent.iter().map(|one| one.id.as_str()).collect();
        Ok(sql::query_scalar(
            "UPDATE challenge SET spent = NULL, closed_from = NULL \
             WHERE id IN (SELECT value FROM json_each($1)) AND spent IS NOT NULL AND voided IS NULL RETURNING id",
        )
        .bind(serde_json::json!(ids).to_string())
        .fetch_all(self)
        .await?)
    }
}
