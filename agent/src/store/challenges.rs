//! Challenges: codes that were sent. Only [`crate::proof`] decides with them; [`super::proofs`] has those that were answered.

use sqlx::{Row as _, sqlite::SqliteRow};

use super::Tx;
use crate::{clock::Time, error::Result, keys::Tag};

/// A challenge as it is stored.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// 128 random bits in hexadecimal.
    pub id: String,
    /// "recover" or "register".
    pub purpose: String,
    /// The method's word.
    pub method: String,
    /// The contact that it was sent to; `None` in a decoy, and for a contact that is not registered yet.
    pub contact: Option<i64>,
    /// Sealed, for a contact that is not registered yet.
    pub destination: Option<Vec<u8>>,
    /// MAC of the code.
    pub code: Vec<u8>,
    /// Where it went.
    pub way: Vec<u8>,
    /// The key of its cool-down.
    pub asked: Option<Vec<u8>>,
    /// When it was made.
    pub created: Time,
    /// When it expires.
    pub expires: Time,
    /// How many more answers are accepted.
    pub tries_left: i64,
    /// What became of it.
    pub fate: Fate,
}

/// The state of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its code is valid until it expires.
    Good,
    /// Another replaced it. It can be answered, but not by its own code; see `open_or_replaced`.
    Replaced,
    /// It can't be answered any more.
    Void,
}

/// A new challenge.
#[derive(Debug)]
pub struct NewChallenge<'a> {
    /// See [`Challenge`].
    pub id: &'a str,
    /// Keyed MAC of the account's name.
    pub account: &'a Tag,
    /// See [`Challenge`].
    pub purpose: &'a str,
    /// See [`Challenge`].
    pub method: &'a str,
    /// See [`Challenge`].
    pub contact: Option<i64>,
    /// See [`Challenge`].
    pub destination: Option<&'a [u8]>,
    /// See [`Challenge`].
    pub code: &'a Tag,
    /// See [`Challenge`].
    pub way: &'a [u8],
    /// The key of its cool-down.
    pub asked: &'a [u8],
    /// See [`Challenge`].
    pub created: Time,
    /// See [`Challenge`].
    pub expires: Time,
    /// See [`Challenge`].
    pub tries: u8,
}

/// Whether a success from elsewhere than `$viewer` ended it.
macro_rules! closed_elsewhere {
    ($viewer:literal) => {
        concat!("coalesce(closed_from <> ", $viewer, ", 0)")
    };
}

/// Whether a challenge was not voided, or only because an open one replaced it. On the screen, a replaced challenge can still be
/// answered, by the codes that are valid: which of two ways lead to one mailbox must not show, and over sshd, two ways of the same
/// length are one for an unknown name.
///
/// A challenge that a success ended looks open as well, from everywhere else than `$viewer`: if its code were no longer asked for,
/// a stranger would learn that the account exists, and that its owner was here.
macro_rules! open_or_replaced {
    ($viewer:literal) => {
        concat!(
            "(voided IS NULL OR ",
            closed_elsewhere!($viewer),
            " OR (destination IS NULL AND EXISTS ( \
             SELECT 1 FROM challenge AS newer WHERE newer.account = challenge.account AND newer.purpose = challenge.purpose \
               AND (newer.way = challenge.way OR newer.contact = challenge.contact) AND newer.number > challenge.number \
               AND newer.voided IS NULL)))"
        )
    };
}

/// Whether it is spent, as `$viewer` sees it.
macro_rules! not_spent {
    ($viewer:literal) => {
        concat!("(spent IS NULL OR ", closed_elsewhere!($viewer), ")")
    };
}

/// Reads the newest challenge that is not used up.
///
/// By its row, not by its date: if the clock was set back in between, an older one would outlive it, and be found for one name and
/// void for another.
macro_rules! select_newest {
    ($which:expr) => {
        concat!(
            "SELECT id, purpose, method, contact, destination, code, way, asked, created, expires, tries_left, \
                    voided IS NOT NULL OR spent IS NOT NULL, ",
            open_or_replaced!("$4"),
            " FROM challenge WHERE account = $1 AND purpose = $2 AND tries_left > 0 AND ",
            not_spent!("$4"),
            " AND ",
            $which,
            " ORDER BY number DESC LIMIT 1"
        )
    };
}

impl Challenge {
    /// Whether it can be answered at `now`. One from the future (the clock was set back) can't.
    const fn is_open(&self, now: Time) -> bool {
        !matches!(self.fate, Fate::Void) && self.created <= now && now < self.expires
    }
}

fn read(row: &SqliteRow) -> Result<Challenge> {
    Ok(Challenge {
        id: row.try_get(0)?,
        purpose: row.try_get(1)?,
        method: row.try_get(2)?,
        contact: row.try_get(3)?,
        destination: row.try_get(4)?,
        code: row.try_get(5)?,
        way: row.try_get(6)?,
        asked: row.try_get(7)?,
        created: row.try_get(8)?,
        expires: row.try_get(9)?,
        tries_left: row.try_get(10)?,
        fate: match (row.try_get(11)?, row.try_get(12)?) {
            (false, _) => Fate::Good,
            (true, true) => Fate::Replaced,
            (true, false) => Fate::Void,
        },
    })
}

/// Codes that were sent.
pub trait Challenges {
    /// The newest challenge of an account and purpose, of `method` where one is named, if it can still be answered, as `viewer` (the
    /// key of a source) sees it.
    fn open(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<Option<Challenge>>> + Send;

    /// The newest challenge of an account and purpose that has the cool-down `asked`, if it can still be answered.
    fn open_by_asked(
        &mut self,
        account: &Tag,
        purpose: &str,
        asked: &Tag,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<Option<Challenge>>> + Send;

    /// The challenge `id` of an account and purpose, if it can still be answered.
    fn open_by_id(
        &mut self,
        account: &Tag,
        purpose: &str,
        id: &str,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<Option<Challenge>>> + Send;

    /// Every challenge of an account and purpose whose own code is good, of `method` where one is named; decoys too.
    fn all_open(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        now: Time,
    ) -> impl Future<Output = Result<Vec<Challenge>>> + Send;

    /// The gateway accepted the code of `id`.
    fn accepted(&mut self, id: &str, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// The gateway failed to take the code of `id` at that time; with `None` it did not fail, and takes no code for this recipient yet.
    fn failed(&mut self, id: &str, at: Option<Time>) -> impl Future<Output = Result<()>> + Send;

    /// Looks at the codes that were made for an account and purpose since `since`: those that failed and were made by `failed_by`, and
    /// those that are under way and were made by `slow_by`. An app's codes go through no gateway.
    fn unaccepted(
        &mut self,
        account: &Tag,
        purpose: &str,
        since: Time,
        failed_by: Time,
        slow_by: Time,
    ) -> impl Future<Output = Result<Unaccepted>> + Send;

    /// The ways of the challenges of an account and purpose that were spent since `since`.
    fn spent_ways(
        &mut self,
        account: &Tag,
        purpose: &str,
        since: Time,
    ) -> impl Future<Output = Result<Vec<Vec<u8>>>> + Send;

    /// Stores a new challenge. Voids older ones that went the same way or to the same contact, and every older one of a registration.
    /// One that was proved already can't be answered again, but its proof stays: a stranger who asks for another code must not take it
    /// away. No screen depends on whether a challenge has a destination.
    fn add(&mut self, new: &NewChallenge<'_>) -> impl Future<Output = Result<()>> + Send;

    /// Takes one try of every challenge that can be answered, as a guess is compared with all of them; as `viewer` sees it.
    fn take_tries(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;

    /// How many tries a challenge has left.
    fn tries_left(&mut self, id: &str) -> impl Future<Output = Result<i64>> + Send;

    /// Notes that the challenge was answered correctly in `dialogue`; the proof is valid only there. No try is taken: a user whose
    /// connection drops now can prove the same again.
    fn prove(&mut self, id: &str, dialogue: &str, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Voids all challenges of an account and purpose that have the cool-down `asked`.
    fn void_asked(
        &mut self,
        account: &Tag,
        purpose: &str,
        asked: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Voids all open challenges of an account and purpose. If `closed_from` is a source, they look open from everywhere else until
    /// they expire.
    fn void_all(
        &mut self,
        account: &Tag,
        purpose: &str,
        closed_from: Option<&Tag>,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;
}

impl Challenges for Tx<'_> {
    async fn open(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        viewer: &Tag,
        now: Time,
    ) -> Result<Option<Challenge>> {
        let newest = sqlx::query(select_newest!("($3 IS NULL OR method = $3)"))
            .bind(account.as_slice())
            .bind(purpose)
            .bind(method)
            .bind(viewer.as_slice())
            .fetch_optional(&mut **self)
            .await?
            .as_ref()
            .map(read)
            .transpose()?;
        Ok(newest.filter(|newest| newest.is_open(now)))
    }

    async fn open_by_asked(
        &mut self,
        account: &Tag,
        purpose: &str,
        asked: &Tag,
        viewer: &Tag,
        now: Time,
    ) -> Result<Option<Challenge>> {
        let newest = sqlx::query(select_newest!("asked = $3"))
            .bind(account.as_slice())
            .bind(purpose)
            .bind(asked.as_slice())
            .bind(viewer.as_slice())
            .fetch_optional(&mut **self)
            .await?
            .as_ref()
            .map(read)
            .transpose()?;
        Ok(newest.filter(|newest| newest.is_open(now)))
    }

    async fn open_by_id(
        &mut self,
        account: &Tag,
        purpose: &str,
        id: &str,
        viewer: &Tag,
        now: Time,
    ) -> Result<Option<Challenge>> {
        let found = sqlx::query(select_newest!("id = $3"))
            .bind(account.as_slice())
            .bind(purpose)
            .bind(id)
            .bind(viewer.as_slice())
            .fetch_optional(&mut **self)
            .await?
            .as_ref()
            .map(read)
            .transpose()?;
        Ok(found.filter(|found| found.is_open(now)))
    }

    async fn all_open(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        now: Time,
    ) -> Result<Vec<Challenge>> {
        sqlx::query(
            "SELECT id, purpose, method, contact, destination, code, way, asked, created, expires, tries_left, 0, 1 FROM challenge \
             WHERE account = $1 AND purpose = $2 AND ($4 IS NULL OR method = $4) AND spent IS NULL AND voided IS NULL \
               AND tries_left > 0 AND created <= $3 AND expires > $3",
        )
        .bind(account.as_slice())
        .bind(purpose)
        .bind(now)
        .bind(method)
        .fetch_all(&mut **self)
        .await?
        .iter()
        .map(read)
        .collect()
    }

    async fn accepted(&mut self, id: &str, now: Time) -> Result<()> {
        sqlx::query("UPDATE challenge SET accepted = $1 WHERE id = $2").bind(now).bind(id).execute(&mut **self).await?;
        Ok(())
    }

    async fn failed(&mut self, id: &str, at: Option<Time>) -> Result<()> {
        sqlx::query("UPDATE challenge SET failed = $1 WHERE id = $2").bind(at).bind(id).execute(&mut **self).await?;
        Ok(())
    }

    async fn unaccepted(
        &mut self,
        account: &Tag,
        purpose: &str,
        since: Time,
        failed_by: Time,
        slow_by: Time,
    ) -> Result<Unaccepted> {
        let row = sqlx::query(
            "SELECT count(*), count(*) FILTER (WHERE failed IS NOT NULL AND NOT EXISTS ( \
                 SELECT 1 FROM challenge AS other WHERE other.method = c.method AND other.accepted > c.created)) \
             FROM challenge AS c WHERE account = $1 AND purpose = $2 AND created >= $3 \
               AND created <= CASE WHEN failed IS NULL THEN $4 ELSE $5 END \
               AND accepted IS NULL AND method IN ('email', 'phone')",
        )
        .bind(account.as_slice())
        .bind(purpose)
        .bind(since)
        .bind(slow_by)
        .bind(failed_by)
        .fetch_one(&mut **self)
        .await?;
        let (all, down): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Unaccepted { at_all: all > 0, by_a_gateway_that_is_down: down > 0 })
    }

    async fn spent_ways(&mut self, account: &Tag, purpose: &str, since: Time) -> Result<Vec<Vec<u8>>> {
        Ok(sqlx::query_scalar("SELECT way FROM challenge WHERE account = $1 AND purpose = $2 AND spent > $3")
            .bind(account.as_slice())
            .bind(purpose)
            .bind(since)
            .fetch_all(&mut **self)
            .await?)
    }

    async fn add(&mut self, new: &NewChallenge<'_>) -> Result<()> {
        sqlx::query(
            "UPDATE challenge SET voided = CASE WHEN proved IS NULL THEN $1 END, \
                                  expires = CASE WHEN proved IS NULL THEN expires ELSE min(expires, $1) END \
             WHERE account = $2 AND purpose = $3 AND method = $4 AND voided IS NULL AND spent IS NULL \
               AND (way = $5 OR contact = $6 OR destination IS NOT NULL)",
        )
        .bind(new.created)
        .bind(new.account.as_slice())
        .bind(new.purpose)
        .bind(new.method)
        .bind(new.way)
        .bind(new.contact)
        .execute(&mut **self)
        .await?;
        sqlx::query(
            "INSERT INTO challenge (id, account, purpose, method, contact, destination, code, way, asked, created, expires, \
                                    tries_left) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(new.id)
        .bind(new.account.as_slice())
        .bind(new.purpose)
        .bind(new.method)
        .bind(new.contact)
        .bind(new.destination)
        .bind(new.code.as_slice())
        .bind(new.way)
        .bind(new.asked)
        .bind(new.created)
        .bind(new.expires)
        .bind(i64::from(new.tries))
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn take_tries(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        viewer: &Tag,
        now: Time,
    ) -> Result<()> {
        sqlx::query(concat!(
            "UPDATE challenge SET tries_left = tries_left - 1 \
             WHERE account = $1 AND purpose = $2 AND ($4 IS NULL OR method = $4) AND tries_left > 0 \
               AND created <= $3 AND expires > $3 AND ",
            not_spent!("$5"),
            " AND ",
            open_or_replaced!("$5")
        ))
        .bind(account.as_slice())
        .bind(purpose)
        .bind(now)
        .bind(method)
        .bind(viewer.as_slice())
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn tries_left(&mut self, id: &str) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT tries_left FROM challenge WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut **self)
            .await?
            .unwrap_or(0))
    }

    async fn prove(&mut self, id: &str, dialogue: &str, now: Time) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE challenge SET proved = $1, dialogue = $2 WHERE id = $3 AND spent IS NULL AND voided IS NULL",
        )
        .bind(now)
        .bind(dialogue)
        .bind(id)
        .execute(&mut **self)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn void_asked(&mut self, account: &Tag, purpose: &str, asked: &Tag, now: Time) -> Result<()> {
        sqlx::query(
            "UPDATE challenge SET voided = $1 WHERE account = $2 AND purpose = $3 AND asked = $4 AND voided IS NULL AND spent IS NULL",
        )
        .bind(now)
        .bind(account.as_slice())
        .bind(purpose)
        .bind(asked.as_slice())
        .execute(&mut **self)
        .await?;
        Ok(())
    }

    async fn void_all(&mut self, account: &Tag, purpose: &str, closed_from: Option<&Tag>, now: Time) -> Result<()> {
        sqlx::query(
            "UPDATE challenge SET voided = $1, closed_from = coalesce(closed_from, $2) \
             WHERE account = $3 AND purpose = $4 AND voided IS NULL",
        )
        .bind(now)
        .bind(closed_from.map(Tag::as_slice))
        .bind(account.as_slice())
        .bind(purpose)
        .execute(&mut **self)
        .await?;
        Ok(())
    }
}

/// The state of codes that no gateway ever accepted.
#[derive(Clone, Copy, Debug)]
pub struct Unaccepted {
    /// There is one.
    pub at_all: bool,
    /// There is one that failed, and its gateway accepted no other since.
    pub by_a_gateway_that_is_down: bool,
}
