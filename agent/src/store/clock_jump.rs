//! Corrects dates after the clock was ahead for a while. Rows from that time have dates in the future. Without the
//! correction, limits would apply, and users would not be asked to register, until the clock reaches those dates.
//!
//! A small step needs no correction: a date that is a little ahead is soon in the past.

use super::{Tx, sql};
use crate::{clock::Time, error::Result};

/// Dates that are further ahead than this many seconds come from a wrong clock.
const AHEAD: Time = 86_400;
/// Limits and notifications are corrected only if their dates are further ahead than this. A clock can be some days
/// behind, such as that of a machine without a battery until the network sets it. Such a clock must free no limit and
/// spoil no notification once it is correct again.
const FAR_AHEAD: Time = 366 * AHEAD;
/// The earliest time that this program can run, in seconds since 1970. A clock that shows an earlier time is wrong
/// itself, such as that of a machine with an empty battery until the network sets it.
const WRITTEN: Time = 1_767_225_600;

/// Whether a date is too far ahead of `$1`. The latest one is at the end of an index, and beyond all rows that were
/// deleted lately. With `EXISTS`, PostgreSQL would read row by row, because it expects to find a later date soon.
pub(super) const NOTICED: &str = "SELECT (SELECT max(at) FROM event WHERE at > $1 + $3) IS NOT NULL \
                         OR (SELECT max(next_try) FROM outbox WHERE next_try > $1 + $2) IS NOT NULL";

/// Corrects dates from a clock that was ahead.
pub trait ClockJump {
    /// Sets dates in the future to `now`. This frees no limit, and delays nothing for longer than if it happened now.
    /// Codes and join tokens from the future are deleted.
    fn settle(&mut self, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Whether a limit or the outbox shows that the clock was set back. It costs one look at two indexes.
    fn is_noticed(&mut self, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Does the same as [`Self::settle`] if that is so.
    fn settle_if_noticed(&mut self, now: Time) -> impl Future<Output = Result<()>> + Send;
}

impl ClockJump for Tx<'_> {
    async fn settle(&mut self, now: Time) -> Result<()> {
        if now < WRITTEN {
            return Ok(());
        }
        for statement in [
            "UPDATE event SET at = $1 WHERE at > $1 + $3",
            "DELETE FROM outbox WHERE challenge IS NOT NULL AND created > $1 + $2",
            "UPDATE outbox SET not_after = $1 + not_after - created, created = $1 WHERE created > $1 + $3",
            "UPDATE outbox SET next_try = $1 WHERE next_try > $1 + $2",
            // Codes from the future must not say anything about a gateway either, or about where a user is.
            "DELETE FROM challenge WHERE created > $1 + $2 OR accepted > $1 + $2 OR spent > $1 + $2",
            "UPDATE invitation SET last_time = min(last_time, $1), first_time = min(first_time, $1) \
             WHERE last_time > $1 + $2 OR coalesce(first_time, 0) > $1 + $2",
            "UPDATE unanswered SET time = $1 WHERE time > $1 + $2",
            // The waiting period starts over.
            "UPDATE synced SET since = $1 WHERE since > $1 + $2",
            // A host's key does not get older by this. A first registration waits as long as it was meant to, which is
            // 30 days at most; the time since it began shows how long that was.
            "UPDATE host SET joined = min(joined, $1), seen = min(seen, $1) WHERE max(joined, seen) > $1 + $2",
            "DELETE FROM host_token WHERE created > $1 + $2",
            "UPDATE registration SET waits = $1 + min(max(waits - created, $2), 32 * $2) WHERE waits > $1 + 32 * $2",
            "UPDATE sync SET tried = min(tried, $1), done = min(done, $1) WHERE max(tried, coalesce(done, 0)) > $1 + $2",
            "UPDATE registration SET confirmed = min(confirmed, $1), asked = min(asked, $1), checked = min(checked, $1) \
             WHERE max(confirmed, coalesce(asked, 0), coalesce(checked, 0)) > $1 + $2",
        ] {
            sql::query(statement).bind(now).bind(AHEAD).bind(FAR_AHEAD).execute(self).await?;
        }
        Ok(())
    }

    async fn is_noticed(&mut self, now: Time) -> Result<bool> {
        Ok(sql::query_scalar(NOTICED).bind(now).bind(AHEAD).bind(FAR_AHEAD).fetch_one(self).await?)
    }

    async fn settle_if_noticed(&mut self, now: Time) -> Result<()> {
        if ClockJump::is_noticed(self, now).await? {
            tracing::warn!("the clock was set back; what was counted while it was ahead counts as of now");
            ClockJump::settle(self, now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    /// All dates that a wait depends on.
    const DATES: &str = "SELECT at FROM event UNION ALL SELECT created FROM outbox UNION ALL SELECT next_try FROM outbox \
                         UNION ALL SELECT last_time FROM invitation UNION ALL SELECT first_time FROM invitation UNION ALL SELECT confirmed FROM registration \
                         UNION ALL SELECT asked FROM registration UNION ALL SELECT checked FROM registration \
                         UNION ALL SELECT time FROM unanswered UNION ALL SELECT since FROM synced UNION ALL SELECT tried FROM sync \
                         UNION ALL SELECT done FROM sync";

    /// A store with one row of each kind, dated `at`.
    async fn filled(at: Time) -> Store {
        let store = Store::for_tests().await.unwrap();
        let mut session = store.session().await.unwrap();
        for statement in [
            "INSERT INTO event (kind, key, at) VALUES ('rest', unhex('01'), $1)",
            "INSERT INTO challenge (id, account, purpose, method, way, code, created, expires, tries_left) \
             VALUES ('c', unhex('01'), 'recover', 'email', unhex(''), unhex(''), $1, $1 + 600, 5)",
            "INSERT INTO outbox (challenge, sealed, created, not_after, next_try, attempts, counted) \
             VALUES ('c', unhex(''), $1, $1 + 600, $1 + 60, 0, 0)",
            "INSERT INTO outbox (challenge, sealed, created, not_after, next_try, attempts, counted) \
             VALUES (NULL, unhex(''), $1, $1 + 86400, $1, 0, 0)",
            "INSERT INTO invitation VALUES ('local', 'a', '1', $1, $1)",
            "INSERT INTO unanswered VALUES ('local', 'a', '1', $1)",
            "INSERT INTO registration (realm, name, id, created, confirmed, asked) VALUES ('local', 'a', '1', $1, $1, $1)",
            "INSERT INTO synced (realm, name, id, method, lookup, since, told, entered, seen) \
             VALUES ('directory', 'a', '1', 'email', unhex('01'), $1, 0, 0, 1)",
            "INSERT INTO sync (realm, number, tried, done, people, contacts) VALUES ('directory', 1, $1, $1, 1, 1)",
        ] {
            sql::query(statement).bind(at).execute(session.connection()).await.unwrap();
        }
        drop(session);
        store
    }

    async fn dates(store: &Store) -> Vec<Option<Time>> {
        sql::query_scalar(DATES).fetch_all(store.session().await.unwrap().connection()).await.unwrap()
    }

    #[tokio::test]
    async fn nothing_waits_for_the_future_any_more_and_codes_from_there_are_not_sent() {
        let (now, ahead) = (1_800_000_000, 10 * 365 * 86_400);
        let store = filled(now + ahead).await;
        store.settle(now).await.unwrap();
        let dates = dates(&store).await;
        assert_eq!(dates.iter().filter(|date| date.is_some()).count(), 11, "{dates:?}");
        assert!(dates.iter().flatten().all(|date| *date == now), "{dates:?}");
        let left: (i64, i64) = sql::query_as("SELECT count(*), max(not_after) FROM outbox")
            .fetch_one(store.session().await.unwrap().connection())
            .await
            .unwrap();
        assert_eq!(left, (1, now + 86_400), "the note goes on, the code does not");
    }

    #[tokio::test]
    async fn a_first_registration_from_the_future_waits_as_long_from_now_as_it_was_to_wait() {
        let (now, day) = (1_800_000_000, 86_400);
        for (waits, left) in [(7 * day, 7 * day), (60, day), (400 * day, 32 * day)] {
            let ahead = now + 10 * 365 * day;
            let store = filled(ahead).await;
            let mut session = store.session().await.unwrap();
            sql::query("UPDATE registration SET waits = $1")
                .bind(ahead + waits)
                .execute(session.connection())
                .await
                .unwrap();
            drop(session);
            store.settle(now).await.unwrap();
            let until: i64 = sql::query_scalar("SELECT waits FROM registration")
                .fetch_one(store.session().await.unwrap().connection())
                .await
                .unwrap();
            assert_eq!(until, now + left);
        }
    }

    #[tokio::test]
    async fn a_small_step_the_right_time_and_a_clock_that_is_itself_wrong_change_nothing() {
        let now = 1_800_000_000;
        for at in [now - 1000, now, now + 3600] {
            let store = filled(at).await;
            let before = dates(&store).await;
            store.settle(now).await.unwrap();
            assert_eq!(dates(&store).await, before);
        }
        // A clock with a time before this program existed changes nothing either.
        let store = filled(now).await;
        let before = dates(&store).await;
        store.settle(now - 10 * 365 * 86_400).await.unwrap();
        assert_eq!(dates(&store).await, before);
    }

    #[tokio::test]
    async fn it_is_noticed_by_what_was_counted_and_by_what_waits_to_be_sent() {
        let now = 1_800_000_000;
        for kept in ["event", "outbox"] {
            let store = filled(now + 400 * 86_400).await;
            let delete = if kept == "event" { "DELETE FROM outbox" } else { "DELETE FROM event" };
            sql::query(delete).execute(store.session().await.unwrap().connection()).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            ClockJump::settle_if_noticed(&mut tx, now).await.unwrap();
            tx.commit().await.unwrap();
            assert!(dates(&store).await.iter().flatten().all(|date| *date <= now), "{kept}");
        }
    }
}
