//! Counted events. Each has a kind, a key (a keyed MAC of an account, a destination or a source) and a time.

use sqlx::AssertSqlSafe;

use super::{Tx, sql};
use crate::{clock::Time, error::Result, keys::Tag};

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A dialogue began, by source.
    Start,
    /// The same by the larger network around the source.
    StartNearby,
    /// A registration was viewed, by source.
    Look,
    /// A record was written that too many dialogues began, by source.
    StartNote,
    /// A code was sent, by account.
    SendToAccount,
    /// A code was sent, by destination.
    SendToDestination,
    /// A code was wrong, by account.
    Failure,
    /// Self-service of an account was suspended.
    Suspension,
    /// A code of any account was wrong.
    AnyFailure,
    /// Administrators were notified that too many were wrong.
    AnyFailureNote,
    /// A code of any account was wrong, by source.
    SourceFailure,
    /// The same by the larger network around the source.
    SourceFailureNearby,
    /// A record was written that too many codes were wrong, by source.
    SourceFailureNote,
    /// A message left this host.
    Message,
    /// A current password was requested, by account.
    PasswordCheck,
    /// A notification was sent that self-service of an account is suspended.
    BlockedNote,
    /// An account was let in without the required registration.
    LetIn,
    /// A member of the help desk did something, by member.
    Desk,
    /// A record was written that a member did too much, by member.
    DeskNote,
    /// A dialogue began through a host of the fleet, by host.
    HostStart,
    /// A code or a password was wrong through a host, by host.
    HostFailure,
    /// A code was sent for a host, by host.
    HostCode,
    /// A record was written that a host did too much, by host.
    HostNote,
    /// A password was tried at a sign-in on a host, and not found correct, by host.
    HostSignIn,
    /// A password was tried at a sign-in on a host, and led to no question, by host and account.
    HostSignInOf,
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
            Self::Suspension => "rest",
            Self::AnyFailure => "any-failure",
            Self::AnyFailureNote => "any-failure-note",
            Self::SourceFailure => "source-failure",
            Self::SourceFailureNearby => "source-failure-nearby",
            Self::SourceFailureNote => "source-failure-note",
            Self::Message => "message",
            Self::PasswordCheck => "password",
            Self::BlockedNote => "blocked-note",
            Self::LetIn => "let-in",
            Self::Desk => "desk",
            Self::DeskNote => "desk-note",
            Self::HostStart => "host-start",
            Self::HostFailure => "host-failure",
            Self::HostCode => "host-code",
            Self::HostNote => "host-note",
            Self::HostSignIn => "host-sign-in",
            Self::HostSignInOf => "host-sign-in-of",
        }
    }
}

/// A limit: at most this many events of a kind and key in a window of this many seconds.
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

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which of the limits; the first one that is reached.
    pub limit: usize,
    /// After how many seconds there is room.
    pub wait: Time,
}

/// The counts that limits use.
pub trait Events {
    /// Counts an event of each kind and key in `counted` and returns `None`. If one of `limits` is reached, counts no
    /// event. This is one method, so that concurrent callers together never get more than the limit.
    fn count_within_and_add(
        &mut self,
        limits: &[AtMost<'_>],
        counted: &[(Kind, &Tag)],
        now: Time,
    ) -> impl Future<Output = Result<Option<Reached>>> + Send;

    /// The number of events after `since`. Events from the future (the clock was set back) count as well: if in doubt,
    /// the limit applies.
    fn count(&mut self, kind: Kind, key: &Tag, since: Time) -> impl Future<Output = Result<i64>> + Send;

    /// The number of failures after `since` as `source` sees them: without those that a success from there cleared.
    fn count_as_seen(
        &mut self,
        kind: Kind,
        key: &Tag,
        source: &Tag,
        since: Time,
    ) -> impl Future<Output = Result<i64>> + Send;

    /// Clears the failures that came from `source` so far, as seen from there.
    fn forgive(&mut self, kind: Kind, key: &Tag, source: &Tag) -> impl Future<Output = Result<()>> + Send;

    /// The times of all events of a kind and key after `since`, newest first.
    fn times(&mut self, kind: Kind, key: &Tag, since: Time) -> impl Future<Output = Result<Vec<Time>>> + Send;

    /// The times of the requested events, in their order; `None` if there are fewer than `n`. If the store has fewer
    /// than `n` events in all, none is counted: a distant limit costs nothing, however many events it allows. One
    /// statement reads all times, because each statement costs a switch to another thread and back, which takes longer
    /// than the query itself.
    fn nth_newest_of(&mut self, asked: &[Nth<'_>]) -> impl Future<Output = Result<Vec<Option<Time>>>> + Send;

    /// The time of the `n`th newest event after `since`, see [`Self::nth_newest_of`].
    fn nth_newest(
        &mut self,
        kind: Kind,
        key: &Tag,
        since: Time,
        n: u32,
    ) -> impl Future<Output = Result<Option<Time>>> + Send;

    /// Every event of a kind after `since`, as its key and time, newest first.
    fn all_since(&mut self, kind: Kind, since: Time) -> impl Future<Output = Result<Vec<(Vec<u8>, Time)>>> + Send;

    /// Adds an event.
    fn add(&mut self, kind: Kind, key: &Tag, at: Time) -> impl Future<Output = Result<()>> + Send;

    /// Adds these events, in one statement.
    fn add_all(&mut self, events: &[(Kind, &Tag)], at: Time) -> impl Future<Output = Result<()>> + Send;

    /// Adds an event with its source.
    fn add_from(&mut self, kind: Kind, key: &Tag, source: &Tag, at: Time) -> impl Future<Output = Result<()>> + Send;

    /// Deletes all events of a kind and key.
    fn clear(&mut self, kind: Kind, key: &Tag) -> impl Future<Output = Result<()>> + Send;

    /// Deletes events from before `before`. Kinds that count for 30 days are kept 37 days longer.
    fn prune(&mut self, before: Time) -> impl Future<Output = Result<()>> + Send;

    /// Removes the newest event of a kind and key at the time `at`.
    fn undo(&mut self, kind: Kind, key: &Tag, at: Time) -> impl Future<Output = Result<()>> + Send;
}

impl Events for Tx<'_> {
    async fn count_within_and_add(
        &mut self,
        limits: &[AtMost<'_>],
        counted: &[(Kind, &Tag)],
        now: Time,
    ) -> Result<Option<Reached>> {
        // The transaction has exclusive use of the store.
        let asked: Vec<Nth<'_>> = limits
            .iter()
            .map(|AtMost { kind, key, window, most }| Nth { kind: *kind, key, since: now - window, n: *most })
            .collect();
        let oldest = Events::nth_newest_of(self, &asked).await?;
        for (at, (limit, oldest)) in limits.iter().zip(oldest).enumerate() {
            if let Some(oldest) = oldest {
                let wait = (oldest.saturating_add(limit.window) - now).max(1);
                return Ok(Some(Reached { limit: at, wait }));
            }
        }
        if !counted.is_empty() {
            Events::add_all(self, counted, now).await?;
        }
        Ok(None)
    }

    async fn count(&mut self, kind: Kind, key: &Tag, since: Time) -> Result<i64> {
        Ok(sql::query_scalar("SELECT count(*) FROM event WHERE kind = $1 AND key = $2 AND at > $3")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(since)
            .fetch_one(self)
            .await?)
    }

    async fn count_as_seen(&mut self, kind: Kind, key: &Tag, source: &Tag, since: Time) -> Result<i64> {
        Ok(sql::query_scalar(
            "SELECT count(*) FROM event WHERE kind = $1 AND key = $2 AND at > $3 AND NOT (forgiven = 1 AND source = $4)",
        )
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(since)
        .bind(source.as_slice())
        .fetch_one(self)
        .await?)
    }

    async fn forgive(&mut self, kind: Kind, key: &Tag, source: &Tag) -> Result<()> {
        sql::query("UPDATE event SET forgiven = 1 WHERE kind = $1 AND key = $2 AND source = $3")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(source.as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn times(&mut self, kind: Kind, key: &Tag, since: Time) -> Result<Vec<Time>> {
        Ok(sql::query_scalar("SELECT at FROM event WHERE kind = $1 AND key = $2 AND at > $3 ORDER BY at DESC")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(since)
            .fetch_all(self)
            .await?)
    }

    async fn nth_newest_of(&mut self, asked: &[Nth<'_>]) -> Result<Vec<Option<Time>>> {
        // Each parameter has its own number.
        let one = |first: usize| {
            let [kind, key, since, n] = [first, first + 1, first + 2, first + 3];
            format!(
                "(SELECT at FROM event WHERE kind = ${kind} AND key = ${key} AND at > ${since} ORDER BY at DESC \
                 LIMIT CASE WHEN (SELECT max(id) FROM event) - (SELECT min(id) FROM event) >= ${n} THEN 1 ELSE 0 END OFFSET ${n})"
            )
        };
        let columns: Vec<String> = (0..asked.len()).map(|at| one(4 * at + 1)).collect();
        // Built only from our own numbers.
        let mut query = sql::query(AssertSqlSafe(format!("SELECT {}", columns.join(", "))));
        for Nth { kind, key, since, n } in asked {
            query = query.bind(kind.as_str()).bind(key.to_vec()).bind(*since).bind(i64::from(n.saturating_sub(1)));
        }
        let row = query.fetch_one(self).await?;
        (0..asked.len()).map(|at| Ok(row.try_get(at)?)).collect()
    }

    async fn nth_newest(&mut self, kind: Kind, key: &Tag, since: Time, n: u32) -> Result<Option<Time>> {
        Ok(Events::nth_newest_of(self, &[Nth { kind, key, since, n }]).await?.into_iter().next().flatten())
    }

    async fn all_since(&mut self, kind: Kind, since: Time) -> Result<Vec<(Vec<u8>, Time)>> {
        sql::query("SELECT key, at FROM event WHERE kind = $1 AND at > $2 ORDER BY at DESC")
            .bind(kind.as_str())
            .bind(since)
            .fetch_all(self)
            .await?
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect()
    }

    async fn add(&mut self, kind: Kind, key: &Tag, at: Time) -> Result<()> {
        Events::add_all(self, &[(kind, key)], at).await
    }

    async fn add_all(&mut self, events: &[(Kind, &Tag)], at: Time) -> Result<()> {
        // Built only from our own numbers.
        let rows: Vec<String> = (0..events.len()).map(|n| format!("(${}, ${}, $1)", 2 * n + 2, 2 * n + 3)).collect();
        let mut query =
            sql::query(AssertSqlSafe(format!("INSERT INTO event (kind, key, at) VALUES {}", rows.join(", ")))).bind(at);
        for (kind, key) in events {
            query = query.bind(kind.as_str()).bind(key.to_vec());
        }
        query.execute(self).await?;
        Ok(())
    }

    async fn add_from(&mut self, kind: Kind, key: &Tag, source: &Tag, at: Time) -> Result<()> {
        sql::query("INSERT INTO event (kind, key, source, at) VALUES ($1, $2, $3, $4)")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(source.as_slice())
            .bind(at)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn clear(&mut self, kind: Kind, key: &Tag) -> Result<()> {
        sql::query("DELETE FROM event WHERE kind = $1 AND key = $2")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn prune(&mut self, before: Time) -> Result<()> {
        sql::query("DELETE FROM event WHERE at < $1 AND (kind NOT IN ($2, $3) OR at < $4)")
            .bind(before)
            .bind(Kind::LetIn.as_str())
            .bind(Kind::Suspension.as_str())
            .bind(before - KEPT_LONGER)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn undo(&mut self, kind: Kind, key: &Tag, at: Time) -> Result<()> {
        sql::query("DELETE FROM event WHERE id = (SELECT max(id) FROM event WHERE kind = $1 AND key = $2 AND at = $3)")
            .bind(kind.as_str())
            .bind(key.as_slice())
            .bind(at)
            .execute(self)
            .await?;
        Ok(())
    }
}

/// The query of a limit: the time of the `n`th newest event of a kind and key after `since`, counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Nth<'a> {
    /// The kind.
    pub kind: Kind,
    /// The key.
    pub key: &'a Tag,
    /// Events up to this time are not counted.
    pub since: Time,
    /// Which of the events.
    pub n: u32,
}

/// How many seconds longer than others [`Kind::LetIn`] and [`Kind::Suspension`] are kept: 30 days count, and the newest
/// suspension may have begun a week ago.
const KEPT_LONGER: Time = 37 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn the_nth_newest_is_found_whatever_else_is_counted_and_where_there_are_fewer_there_is_none() {
        let store = Store::for_tests().await.unwrap();
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
        // The numbers of deleted rows are not used again, and other rows are in between.
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
