//! Outgoing messages. The store keeps them sealed; only the outbox knows their content.

use sspr_config::settings::Method;

use super::{
    LookUps as _, Tx,
    sql::{self, Row},
};
use crate::{clock::Time, error::Result};

/// A waiting message.
#[derive(Debug)]
pub struct Waiting {
    /// The row of the message.
    pub id: i64,
    /// The sealed message.
    pub sealed: Vec<u8>,
    /// When the message was put in.
    pub created: Time,
    /// When the message expires.
    pub not_after: Time,
    /// How many times sending was tried.
    pub attempts: i64,
    /// Whether the limits have counted the message.
    pub counted: bool,
    /// The id of the challenge whose code the message carries.
    pub challenge: Option<String>,
}

/// What messages are sealed with.
pub(crate) const CONTEXT: &[u8] = b"outbox";

/// The messages that were leased to be sent.
#[derive(Debug, Default)]
pub struct Taken {
    /// The messages, each with its method.
    pub messages: Vec<(Method, Waiting)>,
    /// When more messages are due, of the methods that still have room.
    pub next: Option<Time>,
    /// How many messages had expired and were dropped.
    pub late: u64,
}

/// Makes due messages due again later, and returns them. PostgreSQL would join the few that `IN` finds with all that
/// there are.
pub(super) const TAKE: [&str; 2] = [
    "UPDATE outbox SET next_try = $1, attempts = attempts + 1 \
     WHERE id IN (SELECT id FROM outbox WHERE method = $2 AND next_try <= $3 ORDER BY next_try, id LIMIT $4) \
     RETURNING id, sealed, created, not_after, attempts - 1, counted, challenge",
    "UPDATE outbox SET next_try = $1, attempts = attempts + 1 WHERE id = ANY (ARRAY( \
         SELECT id FROM outbox WHERE method = $2 AND next_try <= $3 ORDER BY next_try, id LIMIT $4)) \
     RETURNING id, sealed, created, not_after, attempts - 1, counted, challenge",
];

/// Removes messages that are too late, unless one is being sent. The plus keeps the databases from reading all that are
/// due.
pub(super) const LATE: [&str; 2] = [
    "DELETE FROM outbox \
     WHERE id IN (SELECT id FROM outbox WHERE not_after <= $1 AND +next_try <= $1 ORDER BY not_after LIMIT 100) \
     RETURNING challenge, attempts",
    "DELETE FROM outbox WHERE id = ANY (ARRAY( \
         SELECT id FROM outbox WHERE not_after <= $1 AND +next_try <= $1 ORDER BY not_after LIMIT 100)) \
     RETURNING challenge, attempts",
];
/// At most so many at a time.
const LATE_AT_ONCE: usize = 100;

/// A row: id, sealed, created, `not_after`, attempts, counted, challenge.
pub(super) fn waiting(row: &Row) -> Result<Waiting> {
    Ok(Waiting {
        id: row.try_get(0)?,
        sealed: row.try_get(1)?,
        created: row.try_get(2)?,
        not_after: row.try_get(3)?,
        attempts: row.try_get(4)?,
        counted: row.try_get(5)?,
        challenge: row.try_get(6)?,
    })
}

/// Outgoing messages.
pub trait Messages {
    /// Leases the due messages until `until`, for each method at most as many as `room` says, and drops those that have
    /// expired. This is one method, so that only one of several senders gets each message.
    fn take_due(
        &mut self,
        room: &[(Method, u32)],
        until: Time,
        now: Time,
    ) -> impl Future<Output = Result<Taken>> + Send;

    /// Adds a message that is sent by `method`, and returns its row. `challenge` is the id of the challenge whose code
    /// the message carries, if any.
    fn put(
        &mut self,
        method: Method,
        challenge: Option<&str>,
        sealed: &[u8],
        now: Time,
        not_after: Time,
    ) -> impl Future<Output = Result<i64>> + Send;

    /// Leases due messages of `method` for sending, the oldest first, at most `most`, and counts a try of each. They are
    /// due again at `until` unless another time is noted. Returns them as they were before, in the order of their rows.
    fn take(
        &mut self,
        method: Method,
        most: u32,
        until: Time,
        now: Time,
    ) -> impl Future<Output = Result<Vec<Waiting>>> + Send;

    /// Removes due messages that have expired, and returns their number. A code that was never tried counts as failed:
    /// earlier messages kept its gateway busy all the time.
    fn remove_late(&mut self, now: Time) -> impl Future<Output = Result<u64>> + Send;

    /// The number of waiting messages, and when the oldest of them was put in.
    fn waiting(&mut self) -> impl Future<Output = Result<(u64, Option<Time>)>> + Send;

    /// Removes a message that was sent or given up.
    fn remove(&mut self, id: i64) -> impl Future<Output = Result<()>> + Send;

    /// Ends all leases when a new agent starts, because the former sender is gone. A message that was tried often waits
    /// longer: one that crashes the agent must not be sent in a loop.
    fn resume(&mut self, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that the limits have counted the message: another try is not another message.
    fn counted(&mut self, id: i64) -> impl Future<Output = Result<()>> + Send;

    /// Makes the message due at `next_try`.
    fn later(&mut self, id: i64, next_try: Time) -> impl Future<Output = Result<()>> + Send;
}

impl Messages for Tx<'_> {
    async fn take_due(&mut self, room: &[(Method, u32)], until: Time, now: Time) -> Result<Taken> {
        // All expired messages are removed at once: after an outage or a flood there may be thousands, and the messages
        // that are still useful wait behind them.
        let mut taken = Taken { late: Messages::remove_late(self, now).await?, ..Taken::default() };
        let mut roomy = Vec::new();
        for (method, room) in room.iter().filter(|(_, room)| *room > 0) {
            let due = Messages::take(self, *method, *room, until, now).await?;
            if u32::try_from(due.len()).is_ok_and(|taken| taken < *room) {
                roomy.push(*method);
            }
            taken.messages.extend(due.into_iter().map(|waiting| (*method, waiting)));
        }
        if !roomy.is_empty() {
            taken.next = self.next_tries(&roomy).await?;
        }
        Ok(taken)
    }

    async fn put(
        &mut self,
        method: Method,
        challenge: Option<&str>,
        sealed: &[u8],
        now: Time,
        not_after: Time,
    ) -> Result<i64> {
        Ok(sql::query_scalar(
            "INSERT INTO outbox (method, challenge, sealed, created, not_after, next_try, attempts, counted) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0) RETURNING id",
        )
        .bind(method.as_str())
        .bind(challenge)
        .bind(sealed)
        .bind(now)
        .bind(not_after)
        .bind(now)
        .fetch_one(self)
        .await?)
    }

    async fn take(&mut self, method: Method, most: u32, until: Time, now: Time) -> Result<Vec<Waiting>> {
        let rows = sql::query(sql::either(TAKE[0], TAKE[1]))
            .bind(until)
            .bind(method.as_str())
            .bind(now)
            .bind(most)
            .fetch_all(self)
            .await?;
        let mut taken = rows.iter().map(waiting).collect::<Result<Vec<_>>>()?;
        taken.sort_by_key(|waiting| waiting.id);
        Ok(taken)
    }

    async fn remove_late(&mut self, now: Time) -> Result<u64> {
        let mut gone: Vec<(Option<String>, i64)> = Vec::new();
        loop {
            let some = sql::query_as(sql::either(LATE[0], LATE[1])).bind(now).fetch_all(self).await?;
            let is_last = some.len() < LATE_AT_ONCE;
            gone.extend(some);
            if is_last {
                break;
            }
        }
        for challenge in
            gone.iter().filter(|(_, attempts)| *attempts == 0).filter_map(|(challenge, _)| challenge.as_ref())
        {
            sql::query("UPDATE challenge SET failed = $1 WHERE id = $2 AND accepted IS NULL")
                .bind(now)
                .bind(challenge)
                .execute(self)
                .await?;
        }
        Ok(gone.len() as u64)
    }

    async fn waiting(&mut self) -> Result<(u64, Option<Time>)> {
        let row = sql::query("SELECT count(*), min(created) FROM outbox").fetch_one(self).await?;
        let messages: i64 = row.try_get(0)?;
        Ok((u64::try_from(messages).unwrap_or_default(), row.try_get(1)?))
    }

    async fn remove(&mut self, id: i64) -> Result<()> {
        sql::query("DELETE FROM outbox WHERE id = $1").bind(id).execute(self).await?;
        Ok(())
    }

    async fn resume(&mut self, now: Time) -> Result<()> {
        sql::query("UPDATE outbox SET next_try = min(next_try, $1 + (1 << CAST(min(attempts, 6) AS INTEGER)))")
            .bind(now)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn counted(&mut self, id: i64) -> Result<()> {
        sql::query("UPDATE outbox SET counted = 1 WHERE id = $1").bind(id).execute(self).await?;
        Ok(())
    }

    async fn later(&mut self, id: i64, next_try: Time) -> Result<()> {
        sql::query("UPDATE outbox SET next_try = $1 WHERE id = $2").bind(next_try).bind(id).execute(self).await?;
        Ok(())
    }
}
