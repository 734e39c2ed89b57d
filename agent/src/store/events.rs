//! Counted events. A kind and a key (a keyed MAC of an account, a destination or a source) have a time each.

use sqlx::Row as _;

use super::Tx;
use crate::{clock::Time, error::Result, keys::Tag};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A dialogue was begun, by source.
    Start,
    /// A code was sent, by account.
    SendToAccount,
    /// A code was sent, by destination.
    SendToDestination,
    /// A code was wrong, by account.
    Failure,
    /// Self-service of an account began to rest.
    Rest,
    /// A message left this host.
    Message,
    /// A current password was asked for, by account.
    PasswordCheck,
    /// A note went out that self-service of an account rests.
    BlockedNote,
    /// An account was let in without the registration that is required.
    LetIn,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::SendToAccount => "send-account",
            Self::SendToDestination => "send-destination",
            Self::Failure => "failure",
            Self::Rest => "rest",
            Self::Message => "message",
            Self::PasswordCheck => "password",
            Self::BlockedNote => "blocked-note",
            Self::LetIn => "let-in",
        }
    }
}

/// How many events there were since `since`. Events from the future (the clock was set back) count as well: in doubt,
/// no.
pub async fn count(tx: &mut Tx<'_>, kind: Kind, key: &Tag, since: Time) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM event WHERE kind = ? AND key = ? AND at > ?")
        .bind(kind.as_str())
        .bind(key.as_slice())
        .bind(since)
        .fetch_one(&mut **tx)
        .await?)
}

/// The time of the `n`th newest event since `since`, counted from 1.
pub async fn nth_newest(tx: &mut Tx<'_>, kind: Kind, key: &Tag, since: Time, n: u32) -> Result<Option<Time>> {
    Ok(sqlx::query_scalar(
        "SELECT at FROM event WHERE kind = ? AND key = ? AND at > ? ORDER BY at DESC LIMIT 1 OFFSET ?",
    )
    .bind(kind.as_str())
    .bind(key.as_slice())
    .bind(since)
    .bind(i64::from(n.saturating_sub(1)))
    .fetch_optional(&mut **tx)
    .await?)
}

/// Every key of a kind that has an event since `since`, with the newest one's time.
pub async fn newest_by_key(tx: &mut Tx<'_>, kind: Kind, since: Time) -> Result<Vec<(Vec<u8>, Time)>> {
    sqlx::query("SELECT key, max(at) FROM event WHERE kind = ? AND at > ? GROUP BY key")
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
    sqlx::query("INSERT INTO event (kind, key, at) VALUES (?, ?, ?)")
        .bind(kind.as_str())
        .bind(key.as_slice())
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

/// For how much longer than others [`Kind::LetIn`] is remembered.
const LET_IN_KEPT: Time = 30 * 86_400;

/// Forgets what happened before `before`.
pub async fn prune(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    sqlx::query("DELETE FROM event WHERE at < ?1 AND (kind <> ?2 OR at < ?3)")
        .bind(before)
        .bind(Kind::LetIn.as_str())
        .bind(before - LET_IN_KEPT)
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
