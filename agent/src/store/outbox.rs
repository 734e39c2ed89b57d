//! Messages on their way out. The store keeps them sealed; only the outbox knows their content.

use sqlx::Row as _;
use sspr_config::settings::Method;

use super::Tx;
use crate::{clock::Time, error::Result};

/// One waiting message.
#[derive(Debug)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// Sealed content.
    pub sealed: Vec<u8>,
    /// When it was put here.
    pub created: Time,
    /// When it expires.
    pub not_after: Time,
    /// How often it was tried.
    pub attempts: i64,
    /// Whether the limits have counted it.
    pub counted: bool,
    /// The challenge whose code it carries.
    pub challenge: Option<String>,
}

/// What was taken to be sent.
#[derive(Debug, Default)]
pub struct Taken {
    /// The messages, each with the method that it leaves by.
    pub messages: Vec<(Method, Waiting)>,
    /// When more are due, of methods for which there is still room.
    pub next: Option<Time>,
    /// How many were given up: it was too late for them.
    pub late: u64,
}

/// Messages on their way out.
pub trait Messages {
    /// Takes what is due on lease until `until`, by each method at most as much as there is `room` for, and gives up what has
    /// expired. One method, so that of many senders one alone gets each message.
    fn take_due(
        &mut self,
        room: &[(Method, u32)],
        until: Time,
        now: Time,
    ) -> impl Future<Output = Result<Taken>> + Send;

    /// Puts a message in that leaves by `method`; `challenge` is the code's, where it carries one. Its row.
    fn put(
        &mut self,
        method: Method,
        challenge: Option<&str>,
        sealed: &[u8],
        now: Time,
        not_after: Time,
    ) -> impl Future<Output = Result<i64>> + Send;

    /// The messages that are due and leave by `method`, oldest first, at most `most`.
    fn due(&mut self, method: Method, now: Time, most: u32) -> impl Future<Output = Result<Vec<Waiting>>> + Send;

    /// Removes messages that are due and have expired, and returns their number. A code that was never tried counts as failed: the
    /// messages before it blocked its gateway all the time.
    fn remove_late(&mut self, now: Time) -> impl Future<Output = Result<u64>> + Send;

    /// When the next message that leaves by `method` is due; `None` when none waits.
    fn next_due(&mut self, method: Method) -> impl Future<Output = Result<Option<Time>>> + Send;

    /// The message is done with, one way or the other.
    fn remove(&mut self, id: i64) -> impl Future<Output = Result<()>> + Send;

    /// Notes that the message is being sent; it comes up again at `until` if nothing else is heard. That counts as a try in any case.
    fn lease(&mut self, id: i64, until: Time) -> impl Future<Output = Result<()>> + Send;

    /// Ends all leases when a new agent starts, as the former sender is gone. A message that was tried often waits longer: one that
    /// crashes the agent must not be sent again and again.
    fn resume(&mut self, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// The limits have counted the message: another try is not another message.
    fn counted(&mut self, id: i64) -> impl Future<Output = Result<()>> + Send;

    /// The message is due at `next_try`.
    fn later(&mut self, id: i64, next_try: Time) -> impl Future<Output = Result<()>> + Send;
}

impl Messages for Tx<'_> {
    async fn take_due(&mut self, room: &[(Method, u32)], until: Time, now: Time) -> Result<Taken> {
        // All at once: after an outage or a flood there may be thousands, and what is still of use waits behind them.
        let mut taken = Taken { late: Messages::remove_late(self, now).await?, ..Taken::default() };
        for (method, room) in room {
            let due = Messages::due(self, *method, now, *room).await?;
            for waiting in &due {
                Messages::lease(self, waiting.id, until).await?;
            }
            if u32::try_from(due.len()).is_ok_and(|taken| taken < *room) {
                taken.next = [taken.next, Messages::next_due(self, *method).await?].into_iter().flatten().min();
            }
            taken.messages.extend(due.into_iter().map(|waiting| (*method, waiting)));
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
        Ok(sqlx::query_scalar(
            "INSERT INTO outbox (method, challenge, sealed, created, not_after, next_try, attempts, counted) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0) RETURNING id",
        )
        .bind(method.as_str())
        .bind(challenge)
        .bind(sealed)
        .bind(now)
        .bind(not_after)
        .bind(now)
        .fetch_one(&mut **self)
        .await?)
    }

    async fn due(&mut self, method: Method, now: Time, most: u32) -> Result<Vec<Waiting>> {
        let rows = sqlx::query(
            "SELECT id, sealed, created, not_after, attempts, counted, challenge FROM outbox \
             WHERE method = $1 AND next_try <= $2 ORDER BY next_try, id LIMIT $3",
        )
        .bind(method.as_str())
        .bind(now)
        .bind(most)
        .fetch_all(&mut **self)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Waiting {
                    id: row.try_get(0)?,
                    sealed: row.try_get(1)?,
                    created: row.try_get(2)?,
                    not_after: row.try_get(3)?,
                    attempts: row.try_get(4)?,
                    counted: row.try_get(5)?,
                    challenge: row.try_get(6)?,
                })
            })
            .collect()
    }

    async fn remove_late(&mut self, now: Time) -> Result<u64> {
        let gone: Vec<(Option<String>, i64)> =
            sqlx::query_as("DELETE FROM outbox WHERE next_try <= $1 AND not_after <= $1 RETURNING challenge, attempts")
                .bind(now)
                .fetch_all(&mut **self)
                .await?;
        for challenge in
            gone.iter().filter(|(_, attempts)| *attempts == 0).filter_map(|(challenge, _)| challenge.as_ref())
        {
            sqlx::query("UPDATE challenge SET failed = $1 WHERE id = $2 AND accepted IS NULL")
                .bind(now)
                .bind(challenge)
                .execute(&mut **self)
                .await?;
        }
        Ok(gone.len() as u64)
    }

    async fn next_due(&mut self, method: Method) -> Result<Option<Time>> {
        let next = sqlx::query_scalar("SELECT min(next_try) FROM outbox WHERE method = $1");
        Ok(next.bind(method.as_str()).fetch_one(&mut **self).await?)
    }

    async fn remove(&mut self, id: i64) -> Result<()> {
        sqlx::query("DELETE FROM outbox WHERE id = $1").bind(id).execute(&mut **self).await?;
        Ok(())
    }

    async fn lease(&mut self, id: i64, until: Time) -> Result<()> {
        sqlx::query("UPDATE outbox SET next_try = $1, attempts = attempts + 1 WHERE id = $2")
            .bind(until)
            .bind(id)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn resume(&mut self, now: Time) -> Result<()> {
        sqlx::query("UPDATE outbox SET next_try = min(next_try, $1 + (1 << min(attempts, 6)))")
            .bind(now)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn counted(&mut self, id: i64) -> Result<()> {
        sqlx::query("UPDATE outbox SET counted = 1 WHERE id = $1").bind(id).execute(&mut **self).await?;
        Ok(())
    }

    async fn later(&mut self, id: i64, next_try: Time) -> Result<()> {
        sqlx::query("UPDATE outbox SET next_try = $1 WHERE id = $2")
            .bind(next_try)
            .bind(id)
            .execute(&mut **self)
            .await?;
        Ok(())
    }
}
