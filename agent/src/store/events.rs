//! Counted events. A kind and a key (a keyed MAC of an account, a destination or a source) have a time each.

use sqlx::{AssertSqlSafe, Row as _};

use super::Tx;
use crate::{clock::Time, error::Result, keys::Tag};

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A dialogue was begun, by source.
    Start,
    /// The same by the larger network around the source.
    StartNearby,
    /// Somebody looked at what is registered, by source.
    Look,
    /// A record was written that a source had begun too many, by source.
    StartNote,
    /// A code was sent, by account.
    SendToAccount,
    /// A code was sent, by destination.
    SendToDestination,
    /// A code was wrong, by account.
    Failure,
    /// Self-service of an account was suspended.
    Rest,
    /// A code of any account was wrong.
    AnyFailure,
    /// Administrators were notified that too many were wrong.
    AnyFailureNote,
    /// A code of any account was wrong, by source.
    SourceFailure,
    /// The same by the larger network around the source.
    SourceFailureNearby,
    /// A record was written that too many were wrong, by source.
    SourceFailureNote,
    /// A message left this host.
    Message,
    /// A current password was asked for, by account.
    PasswordCheck,
    /// A notification went out that self-service of an account is suspended.
    BlockedNote,
    /// An account was let in without the registration that is required.
    LetIn,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::StartNearby => "start-nearby",
            Self::Look => "look",
            Self::StartNote => "start-note",
            Self::SendToAccount => "send-account",
            Self::SendToDestination => "send-destination",
            Self::Failure => "failure",
            Self::Rest => "rest",
            Self::AnyFailure => "any-failure",
            Self::AnyFailureNote => "any-failure-note",
            Self::SourceFailure => "source-failure",
            Self::SourceFailureNearby => "source-failure-nearby",
            Self::SourceFailureNote => "source-failure-note",
            Self::Message => "message",
            Self::PasswordCheck => "password",
            Self::BlockedNote => "blocked-note",
            Self::LetIn => "let-in",
        }
    }
}

/// At most so many events of a kind and key in a window of so many seconds.
#[derive(Clone, Copy, Debug)]
pub struct AtMost<'a> {
    /// The kind.
    pub kind: Kind,
    /// The key.
    pub key: &'a Tag,
    /// The window, in seconds.
    pub window: Time,
    /// How many.
    pub most: u32,
}

/// What limits count.
pub trait Events {
    /// Counts an event of each kind and key in `counted`, unless one of `limits` is reached: then none is counted, and after so many
    /// seconds there is room. One method, so that of many who ask at once no more are granted than may be.
    fn count_within_and_add(
        &mut self,
        limits: &[AtMost<'_>],
        counted: &[(Kind, &Tag)],
        now: Time,
    ) -> impl Future<Output = Result<Option<Time>>> + Send;

    /// The number of events since `since`. Events from the future (the clock was set back) count as well: in doubt, the limit holds.
    fn count(&mut self, kind: Kind, key: &Tag, since: Time) -> impl Future<Output = Result<i64>> + Send;

    /// The number of failures as `source` sees them: without those that a success from there cleared.
    fn count_as_seen(
        &mut self,
        kind: Kind,
        key: &Tag,
        source: &Tag,
        since: Time,
    ) -> impl Future<Output = Result<i64>> + Send;

    /// Clears the failures that came from `source` so far, as seen from there.
    fn forgive(&mut self, kind: Kind, key: &Tag, source: &Tag) -> impl Future<Output = Result<()>> + Send;

    /// The times of all events of a kind and key since `since`, the newest first.
    fn times(&mut self, kind: Kind, key: &Tag, since: Time) -> impl Future<Output = Result<Vec<Time>>> + Send;

    /// The times of these events, in their order; `None` where there are fewer than `n`. Where there are fewer than `n` rows in all, none
    /// is counted: a limit that is far away costs nothing, however much it counts. All are asked for in one statement: each takes a
    /// change of threads and back, which costs more than the look itself.
    fn nth_newest_of(&mut self, asked: &[Nth<'_>]) -> impl Future<Output = Result<Vec<Option<Time>>>> + Send;

    /// The time of the `n`th newest event since `since`, see [`Self::nth_newest_of`].
    fn nth_newest(
        &mut self,
        kind: Kind,
        key: &Tag,
        since: Time,
        n: u32,
    ) -> impl Future<Output = Result<Option<Time>>> + Send;

    /// Every event of a kind since `since`, by its key; the newest first.
    fn all_since(&mut self, kind: Kind, since: Time) -> impl Future<Output = Result<Vec<(Vec<u8>, Time)>>> + Send;

    /// Notes an event.
    fn add(&mut self, kind: Kind, key: &Tag, at: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes these events, in one statement.
    fn add_all(&mut self, events: &[(Kind, &Tag)], at: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes an event with where it came from.
    fn add_from(&mut self, kind: Kind, key: &Tag, source: &Tag, at: Time) -> impl Future<Output = Result<()>> + Send;

    /// Forgets all events of a kind and key.
    fn clear(&mut self, kind: Kind, key: &Tag) -> impl Future<Output = Result<()>> + Send;

    /// Forgets what happened before `before`.
    fn prune(&mut self, before: Time) -> impl Future<Output = Result<()>> + Send;

    /// Takes the newest event of a kind and key back.
    fn undo(&mut self, kind: Kind, key: &Tag, at: Time) -> impl Future<Output = Result<()>> + Send;
}

impl Events for Tx<'_> {
    async fn count_within_and_add(
        &mut self,
        limits: &[AtMost<'_>],
        counted: &[(Kind, &Tag)],
        now: Time,
    ) -> Result<Option<Time>> {
        // The transaction has the store to itself.
        let asked: Vec<Nth<'_>> = limits
            .iter()
            .map(|AtMost { kind, key, window, most }| Nth { kind: *kind, key, since: now - window, n: *most })
            .collect();
        let oldest = Events::nth_newest_of(self, &asked).await?;
        if let Some((limit, oldest)) = limits.iter().zip(oldest).find_map(|(limit, oldest)| Some((limit, oldest?))) {
            return Ok(Some((oldest.saturating_add(limit.window) - now).max(1)));
        }
        if !counted.is_empty() {
            Events::add_all(self, counted, now).await?;
        }
        Ok(None)
    }

    async fn count(&mut self, kind: Kind, key: &Tag, since: Time) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM event WHERE kind = $1 AND key = $2 AND at > $3")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(since)
            .fetch_one(&mut **self)
            .await?)
    }

    async fn count_as_seen(&mut self, kind: Kind, key: &Tag, source: &Tag, since: Time) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "SELECT count(*) FROM event WHERE kind = $1 AND key = $2 AND at > $3 AND NOT (forgiven = 1 AND source = $4)",
        )
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(since)
        .bind(source.as_slice())
        .fetch_one(&mut **self)
        .await?)
    }

    async fn forgive(&mut self, kind: Kind, key: &Tag, source: &Tag) -> Result<()> {
        sqlx::query("UPDATE event SET forgiven = 1 WHERE kind = $1 AND key = $2 AND source = $3")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(source.as_slice())
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn times(&mut self, kind: Kind, key: &Tag, since: Time) -> Result<Vec<Time>> {
        Ok(sqlx::query_scalar("SELECT at FROM event WHERE kind = $1 AND key = $2 AND at > $3 ORDER BY at DESC")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(since)
            .fetch_all(&mut **self)
            .await?)
    }

    async fn nth_newest_of(&mut self, asked: &[Nth<'_>]) -> Result<Vec<Option<Time>>> {
        // No row is numbered twice.
        let one = |first: usize| {
            let [kind, key, since, n] = [first, first + 1, first + 2, first + 3];
            format!(
                "(SELECT at FROM event WHERE kind = ${kind} AND key = ${key} AND at > ${since} ORDER BY at DESC \
                 LIMIT coalesce((SELECT max(id) FROM event) - (SELECT min(id) FROM event) >= ${n}, 0) OFFSET ${n})"
            )
        };
        let columns: Vec<String> = (0..asked.len()).map(|at| one(4 * at + 1)).collect();
        // Of numbers of ours alone.
        let mut query = sqlx::query(AssertSqlSafe(format!("SELECT {}", columns.join(", "))));
        for Nth { kind, key, since, n } in asked {
            query = query.bind(kind.as_str()).bind(key.to_vec()).bind(*since).bind(i64::from(n.saturating_sub(1)));
        }
        let row = query.fetch_one(&mut **self).await?;
        (0..asked.len()).map(|at| Ok(row.try_get(at)?)).collect()
    }

    async fn nth_newest(&mut self, kind: Kind, key: &Tag, since: Time, n: u32) -> Result<Option<Time>> {
        Ok(Events::nth_newest_of(self, &[Nth { kind, key, since, n }]).await?.into_iter().next().flatten())
    }

    async fn all_since(&mut self, kind: Kind, since: Time) -> Result<Vec<(Vec<u8>, Time)>> {
        sqlx::query("SELECT key, at FROM event WHERE kind = $1 AND at > $2 ORDER BY at DESC")
            .bind(kind.as_str())
            .bind(since)
            .fetch_all(&mut **self)
            .await?
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect()
    }

    async fn add(&mut self, kind: Kind, key: &Tag, at: Time) -> Result<()> {
        Events::add_all(self, &[(kind, key)], at).await
    }

    async fn add_all(&mut self, events: &[(Kind, &Tag)], at: Time) -> Result<()> {
        // Of numbers of ours alone.
        let rows: Vec<String> = (0..events.len()).map(|n| format!("(${}, ${}, $1)", 2 * n + 2, 2 * n + 3)).collect();
        let mut query =
            sqlx::query(AssertSqlSafe(format!("INSERT INTO event (kind, key, at) VALUES {}", rows.join(", "))))
                .bind(at);
        for (kind, key) in events {
            query = query.bind(kind.as_str()).bind(key.to_vec());
        }
        query.execute(&mut **self).await?;
        Ok(())
    }

    async fn add_from(&mut self, kind: Kind, key: &Tag, source: &Tag, at: Time) -> Result<()> {
        sqlx::query("INSERT INTO event (kind, key, source, at) VALUES ($1, $2, $3, $4)")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(source.as_slice())
            .bind(at)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn clear(&mut self, kind: Kind, key: &Tag) -> Result<()> {
        sqlx::query("DELETE FROM event WHERE kind = $1 AND key = $2")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn prune(&mut self, before: Time) -> Result<()> {
        sqlx::query("DELETE FROM event WHERE at < $1 AND (kind NOT IN ($2, $3) OR at < $4)")
            .bind(before)
            .bind(Kind::LetIn.as_str())
            .bind(Kind::Rest.as_str())
            .bind(before - KEPT_LONGER)
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    async fn undo(&mut self, kind: Kind, key: &Tag, at: Time) -> Result<()> {
        sqlx::query(
            "DELETE FROM event WHERE id = (SELECT max(id) FROM event WHERE kind = $1 AND key = $2 AND at = $3)",
        )
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(at)
        .execute(&mut **self)
        .await?;
        Ok(())
    }
}

/// What a limit asks: the time of the `n`th newest event of a kind and key since `since`, counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Nth<'a> {
    /// The kind.
    pub kind: Kind,
    /// The key.
    pub key: &'a Tag,
    /// Events up to this time are not counted.
    pub since: Time,
    /// Which of them.
    pub n: u32,
}

/// How much longer than others [`Kind::LetIn`] and [`Kind::Rest`] are kept: 30 days count, and the newest suspension may have
/// begun a week ago.
const KEPT_LONGER: Time = 37 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn the_nth_newest_is_found_whatever_else_is_counted_and_where_there_are_fewer_there_is_none() {
        let store = Store::in_memory().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let (mine, others) = ([1; 32], [2; 32]);
        assert_eq!(Events::nth_newest(&mut tx, Kind::Start, &mine, 0, 1).await.unwrap(), None);
        for at in 1..=20 {
            Events::add(&mut tx, Kind::Start, &mine, at).await.unwrap();
            for n in [1, 2, 19, 20, 21, u32::MAX] {
                let expected = (i64::from(n) <= at).then(|| at + 1 - i64::from(n));
                assert_eq!(
                    Events::nth_newest(&mut tx, Kind::Start, &mine, 0, n).await.unwrap(),
                    expected,
                    "{n} of {at}"
                );
            }
        }
        // What is gone leaves numbers that are not used again, and others' rows stand between.
        Events::prune(&mut tx, 11).await.unwrap();
        for at in 21..40 {
            Events::add(&mut tx, Kind::Start, &others, at).await.unwrap();
        }
        assert_eq!(Events::nth_newest(&mut tx, Kind::Start, &mine, 0, 10).await.unwrap(), Some(11));
        assert_eq!(Events::nth_newest(&mut tx, Kind::Start, &mine, 0, 11).await.unwrap(), None);
        assert_eq!(Events::nth_newest(&mut tx, Kind::Start, &mine, 15, 6).await.unwrap(), None);
        Events::clear(&mut tx, Kind::Start, &mine).await.unwrap();
        assert_eq!(Events::nth_newest(&mut tx, Kind::Start, &others, 0, 19).await.unwrap(), Some(21));
    }
}
