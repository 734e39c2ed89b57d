//! The rows of codes that were sent.

use super::{Challenge, ChallengeState, Challenges, NewChallenge, Unaccepted};
use crate::{
    clock::Time,
    error::Result,
    keys::Tag,
    store::{
        Tx,
        sql::{self, Row},
    },
};

/// How many codes of an account no gateway accepted, and of how many of these the gateway accepted no later one either.
/// The newest one that it accepted is at the end of an index. With `NOT EXISTS`, PostgreSQL would read row by row, because
/// it expects to find a later one soon.
pub(in crate::store) const UNACCEPTED: &str = "\
    SELECT count(*), count(*) FILTER (WHERE failed IS NOT NULL AND coalesce(( \
        SELECT max(other.accepted) FROM challenge AS other \
        WHERE other.method = c.method AND other.accepted IS NOT NULL) <= c.created, TRUE)) \
    FROM challenge AS c WHERE account = $1 AND purpose = $2 AND created >= $3 \
      AND created <= CASE WHEN failed IS NULL THEN $4 ELSE $5 END \
      AND accepted IS NULL AND method NOT IN ('app', 'recovery-code', 'help-desk')";

/// Whether a success from a source other than `$viewer` ended the challenge, and no success from `$viewer` ended a later
/// one. To a source with a success, no challenge from before it looks open.
macro_rules! closed_elsewhere {
    ($viewer:literal) => {
        concat!(
            "coalesce(closed_from <> ",
            $viewer,
            " AND NOT EXISTS ( \
             SELECT 1 FROM challenge AS later WHERE later.account = challenge.account AND later.purpose = challenge.purpose \
               AND later.closed_from = ",
            $viewer,
            " AND later.number > challenge.number), FALSE)"
        )
    };
}

/// Whether a challenge was not voided, or was voided only because an open one replaced it. On the screen, a replaced
/// challenge can still be answered, by the codes that are valid. Otherwise a user could see which two routes lead to
/// the same mailbox. Over sshd, two routes of the same length are one for an unknown name.
///
/// A challenge that a success ended also looks open to `$viewer`, unless the success came from there. If the screen no
/// longer asked for its code, a stranger would learn that the account exists, and that its owner was here.
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

/// Whether the challenge is not spent, as `$viewer` sees it.
macro_rules! not_spent {
    ($viewer:literal) => {
        concat!("(spent IS NULL OR ", closed_elsewhere!($viewer), ")")
    };
}

/// Reads the newest challenge that is not used up.
///
/// The number of its row decides, not its date. If the clock was set back in between, an older challenge would outlive
/// it, and would be found for one name and void for another.
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

fn read(row: &Row) -> Result<Challenge> {
    Ok(Challenge {
        id: row.try_get(0)?,
        purpose: row.try_get(1)?,
        method: row.try_get(2)?,
        contact: row.try_get(3)?,
        destination: row.try_get(4)?,
        code: row.try_get(5)?,
        route_key: row.try_get(6)?,
        cooldown_key: row.try_get(7)?,
        created: row.try_get(8)?,
        expires: row.try_get(9)?,
        tries_left: row.try_get(10)?,
        state: match (row.try_get(11)?, row.try_get(12)?) {
            (false, _) => ChallengeState::Good,
            (true, true) => ChallengeState::Replaced,
            (true, false) => ChallengeState::Void,
        },
    })
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
        let newest = sql::query(select_newest!("($3 IS NULL OR method = $3)"))
            .bind(account.as_slice())
            .bind(purpose)
            .bind(method)
            .bind(viewer.as_slice())
            .fetch_optional(self)
            .await?
            .as_ref()
            .map(read)
            .transpose()?;
        Ok(newest.filter(|newest| newest.is_open(now)))
    }

    async fn open_by_cooldown(
        &mut self,
        account: &Tag,
        purpose: &str,
        cooldown_key: &Tag,
        viewer: &Tag,
        now: Time,
    ) -> Result<Option<Challenge>> {
        let newest = sql::query(select_newest!("asked = $3"))
            .bind(account.as_slice())
            .bind(purpose)
            .bind(cooldown_key.as_slice())
            .bind(viewer.as_slice())
            .fetch_optional(self)
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
        let found = sql::query(select_newest!("id = $3"))
            .bind(account.as_slice())
            .bind(purpose)
            .bind(id)
            .bind(viewer.as_slice())
            .fetch_optional(self)
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
        sql::query(
            "SELECT id, purpose, method, contact, destination, code, way, asked, created, expires, tries_left, 0, 1 FROM challenge \
             WHERE account = $1 AND purpose = $2 AND ($4 IS NULL OR method = $4) AND spent IS NULL AND voided IS NULL \
               AND tries_left > 0 AND created <= $3 AND expires > $3",
        )
        .bind(account.as_slice())
        .bind(purpose)
        .bind(now)
        .bind(method)
        .fetch_all(self)
        .await?
        .iter()
        .map(read)
        .collect()
    }

    async fn accepted(&mut self, id: &str, now: Time) -> Result<()> {
        sql::query("UPDATE challenge SET accepted = $1 WHERE id = $2").bind(now).bind(id).execute(self).await?;
        Ok(())
    }

    async fn failed(&mut self, id: &str, at: Option<Time>) -> Result<()> {
        sql::query("UPDATE challenge SET failed = $1 WHERE id = $2").bind(at).bind(id).execute(self).await?;
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
        let row = sql::query(UNACCEPTED)
            .bind(account.as_slice())
            .bind(purpose)
            .bind(since)
            .bind(slow_by)
            .bind(failed_by)
            .fetch_one(self)
            .await?;
        let (all, down): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Unaccepted { at_all: all > 0, by_a_gateway_that_is_down: down > 0 })
    }

    async fn spent_routes(&mut self, account: &Tag, purpose: &str, since: Time) -> Result<Vec<Vec<u8>>> {
        Ok(sql::query_scalar("SELECT way FROM challenge WHERE account = $1 AND purpose = $2 AND spent > $3")
            .bind(account.as_slice())
            .bind(purpose)
            .bind(since)
            .fetch_all(self)
            .await?)
    }

    async fn add(&mut self, new: &NewChallenge<'_>) -> Result<()> {
        sql::query(
            "UPDATE challenge SET voided = CASE WHEN proved IS NULL THEN $1 END, \
                                  expires = CASE WHEN proved IS NULL THEN expires ELSE min(expires, $1) END \
             WHERE account = $2 AND purpose = $3 AND method = $4 AND voided IS NULL AND spent IS NULL \
               AND (way = $5 OR contact = $6 OR destination IS NOT NULL)",
        )
        .bind(new.created)
        .bind(new.account.as_slice())
        .bind(new.purpose)
        .bind(new.method)
        .bind(new.route_key)
        .bind(new.contact)
        .execute(self)
        .await?;
        sql::query(
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
        .bind(new.route_key)
        .bind(new.cooldown_key)
        .bind(new.created)
        .bind(new.expires)
        .bind(i64::from(new.tries))
        .execute(self)
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
        sql::query(concat!(
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
        .execute(self)
        .await?;
        Ok(())
    }

    async fn tries_left(&mut self, id: &str) -> Result<i64> {
        Ok(sql::query_scalar("SELECT tries_left FROM challenge WHERE id = $1")
            .bind(id)
            .fetch_optional(self)
            .await?
            .unwrap_or(0))
    }

    async fn prove(&mut self, id: &str, dialogue: &str, now: Time) -> Result<bool> {
        let done = sql::query(
            "UPDATE challenge SET proved = $1, dialogue = $2 WHERE id = $3 AND spent IS NULL AND voided IS NULL",
        )
        .bind(now)
        .bind(dialogue)
        .bind(id)
        .execute(self)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn void_by_cooldown(&mut self, account: &Tag, purpose: &str, cooldown_key: &Tag, now: Time) -> Result<()> {
        sql::query(
            "UPDATE challenge SET voided = $1 WHERE account = $2 AND purpose = $3 AND asked = $4 AND voided IS NULL AND spent IS NULL",
        )
        .bind(now)
        .bind(account.as_slice())
        .bind(purpose)
        .bind(cooldown_key.as_slice())
        .execute(self)
        .await?;
        Ok(())
    }

    async fn void_all(&mut self, account: &Tag, purpose: &str, closed_from: Option<&Tag>, now: Time) -> Result<()> {
        sql::query(
            "UPDATE challenge SET voided = $1, closed_from = coalesce(closed_from, $2) \
             WHERE account = $3 AND purpose = $4 AND voided IS NULL",
        )
        .bind(now)
        .bind(closed_from.map(Tag::as_slice))
        .bind(account.as_slice())
        .bind(purpose)
        .execute(self)
        .await?;
        Ok(())
    }
}
