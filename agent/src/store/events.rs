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

/// The number of events since `since`. Events from the future (the clock was set back) count as well: in doubt, the limit holds.
pub async fn count(tx: &mut Tx<'_>, kind: Kind, key: &Tag, since: Time) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM event WHERE kind = ? AND key = ? AND at > ?")
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(since)
        .fetch_one(&mut **tx)
        .await?)
}

/// The number of failures as `source` sees them: without those that a success from there cleared.
pub async fn count_as_seen(tx: &mut Tx<'_>, kind: Kind, key: &Tag, source: &Tag, since: Time) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM event WHERE kind = ? AND key = ? AND at > ? AND NOT (forgiven = 1 AND source = ?)",
    )
    .bind(kind.as_str())
    .bind(key.as_slice())
    .bind(since)
    .bind(source.as_slice())
    .fetch_one(&mut **tx)
    .await?)
}

/// Clears the failures that came from `source` so far, as seen from there.
pub async fn forgive(tx: &mut Tx<'_>, kind: Kind, key: &Tag, source: &Tag) -> Result<()> {
    sqlx::query("UPDATE event SET forgiven = 1 WHERE kind = ? AND key = ? AND source = ?")
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(source.as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The times of all events of a kind and key since `since`, the newest first.
pub async fn times(tx: &mut Tx<'_>, kind: Kind, key: &Tag, since: Time) -> Result<Vec<Time>> {
    Ok(sqlx::query_scalar("SELECT at FROM event WHERE kind = ? AND key = ? AND at > ? ORDER BY at DESC")
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(since)
        .fetch_all(&mut **tx)
        .await?)
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

/// The times of these events, in their order; `None` where there are fewer than `n`. Where there are fewer than `n` rows in all, none
/// is counted: a limit that is far away costs nothing, however much it counts. All are asked for in one statement: each takes a
/// change of threads and back, which costs more than the look itself.
pub async fn nth_newest_of(tx: &mut Tx<'_>, asked: &[Nth<'_>]) -> Result<Vec<Option<Time>>> {
    // No row is numbered twice.
    let one = |first: usize| {
        let [kind, key, since, n] = [first, first + 1, first + 2, first + 3];
        format!(
            "(SELECT at FROM event WHERE kind = ?{kind} AND key = ?{key} AND at > ?{since} ORDER BY at DESC \
             LIMIT coalesce((SELECT max(id) FROM event) - (SELECT min(id) FROM event) >= ?{n}, 0) OFFSET ?{n})"
        )
    };
    let columns: Vec<String> = (0..asked.len()).map(|at| one(4 * at + 1)).collect();
    // Of numbers of ours alone.
    let mut query = sqlx::query(AssertSqlSafe(format!("SELECT {}", columns.join(", "))));
    for Nth { kind, key, since, n } in asked {
        query = query.bind(kind.as_str()).bind(key.to_vec()).bind(*since).bind(i64::from(n.saturating_sub(1)));
    }
    let row = query.fetch_one(&mut **tx).await?;
    (0..asked.len()).map(|at| Ok(row.try_get(at)?)).collect()
}

/// The time of the `n`th newest event since `since`, see [`nth_newest_of`].
pub async fn nth_newest(tx: &mut Tx<'_>, kind: Kind, key: &Tag, since: Time, n: u32) -> Result<Option<Time>> {
    Ok(nth_newest_of(tx, &[Nth { kind, key, since, n }]).await?.into_iter().next().flatten())
}

/// Every event of a kind since `since`, by its key; the newest first.
pub async fn all_since(tx: &mut Tx<'_>, kind: Kind, since: Time) -> Result<Vec<(Vec<u8>, Time)>> {
    sqlx::query("SELECT key, at FROM event WHERE kind = ? AND at > ? ORDER BY at DESC")
        .bind(kind.as_str())
        .bind(since)
        .fetch_all(&mut **tx)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// Notes an event.
pub async fn add(tx: &mut Tx<'_>, kind: Kind, key: &Tag, at: Time) -> Result<()> {
    add_all(tx, &[(kind, key)], at).await
}

/// Notes these events, in one statement.
pub async fn add_all(tx: &mut Tx<'_>, events: &[(Kind, &Tag)], at: Time) -> Result<()> {
    // Of numbers of ours alone.
    let rows: Vec<String> = (0..events.len()).map(|n| format!("(?{}, ?{}, ?1)", 2 * n + 2, 2 * n + 3)).collect();
    let mut query =
        sqlx::query(AssertSqlSafe(format!("INSERT INTO event (kind, key, at) VALUES {}", rows.join(", ")))).bind(at);
    for (kind, key) in events {
        query = query.bind(kind.as_str()).bind(key.to_vec());
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Notes an event with where it came from.
pub async fn add_from(tx: &mut Tx<'_>, kind: Kind, key: &Tag, source: &Tag, at: Time) -> Result<()> {
    sqlx::query("INSERT INTO event (kind, key, source, at) VALUES (?, ?, ?, ?)")
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(source.as_slice())
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Forgets all events of a kind and key.
pub async fn clear(tx: &mut Tx<'_>, kind: Kind, key: &Tag) -> Result<()> {
    sqlx::query("DELETE FROM event WHERE kind = ? AND key = ?")
        .bind(kind.as_str())
        .bind(key.as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How much longer than others [`Kind::LetIn`] and [`Kind::Rest`] are kept: 30 days count, and the newest suspension may have
/// begun a week ago.
const KEPT_LONGER: Time = 37 * 86_400;

/// Forgets what happened before `before`.
pub async fn prune(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    sqlx::query("DELETE FROM event WHERE at < ?1 AND (kind NOT IN (?2, ?3) OR at < ?4)")
        .bind(before)
        .bind(Kind::LetIn.as_str())
        .bind(Kind::Rest.as_str())
        .bind(before - KEPT_LONGER)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes the newest event of a kind and key back.
pub async fn undo(tx: &mut Tx<'_>, kind: Kind, key: &Tag, at: Time) -> Result<()> {
    sqlx::query("DELETE FROM event WHERE id = (SELECT max(id) FROM event WHERE kind = ? AND key = ? AND at = ?)")
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn the_nth_newest_is_found_whatever_else_is_counted_and_where_there_are_fewer_there_is_none() {
        let store = Store::in_memory().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let (mine, others) = ([1; 32], [2; 32]);
        assert_eq!(nth_newest(&mut tx, Kind::Start, &mine, 0, 1).await.unwrap(), None);
        for at in 1..=20 {
            add(&mut tx, Kind::Start, &mine, at).await.unwrap();
            for n in [1, 2, 19, 20, 21, u32::MAX] {
                let expected = (i64::from(n) <= at).then(|| at + 1 - i64::from(n));
                assert_eq!(nth_newest(&mut tx, Kind::Start, &mine, 0, n).await.unwrap(), expected, "{n} of {at}");
            }
        }
        // What is gone leaves numbers that are not used again, and others' rows stand between.
        prune(&mut tx, 11).await.unwrap();
        for at in 21..40 {
            add(&mut tx, Kind::Start, &others, at).await.unwrap();
        }
        assert_eq!(nth_newest(&mut tx, Kind::Start, &mine, 0, 10).await.unwrap(), Some(11));
        assert_eq!(nth_newest(&mut tx, Kind::Start, &mine, 0, 11).await.unwrap(), None);
        assert_eq!(nth_newest(&mut tx, Kind::Start, &mine, 15, 6).await.unwrap(), None);
        clear(&mut tx, Kind::Start, &mine).await.unwrap();
        assert_eq!(nth_newest(&mut tx, Kind::Start, &others, 0, 19).await.unwrap(), Some(21));
    }
}
