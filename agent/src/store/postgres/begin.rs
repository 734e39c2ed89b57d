//! How transactions begin and end, and what each learns of the server that it leads to.

use sqlx::{Row as _, postgres::PgRow};

/// The query that follows every BEGIN: the connection may lead to another server than before.
macro_rules! seen {
    ($before:literal, $lock:literal, $key:literal) => {
        concat!(
            $before,
            "SELECT ",
            $lock,
            "(extract(epoch FROM clock_timestamp()) * 1000)::bigint, \
             pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean, \
             CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END",
            $key
        )
    };
}

/// Begins a transaction that writes. A statement waits at most 1 s for a lock, and takes at most 2 s. The number is
/// "sspr" in ASCII.
///
/// Each statement sees what was committed before it, whatever isolation level the role or the database has by default.
/// A snapshot of the whole transaction would be older than the lock.
///
/// The database ends a transaction whose server says nothing for 10 s: one that is frozen in the middle of a transaction
/// has the lock, and without the limit, no other server could write.
pub(super) const WRITE: &str = seen!(
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = 1000; SET LOCAL statement_timeout = 2000; \
     SET LOCAL idle_in_transaction_session_timeout = 10000; ",
    "pg_advisory_xact_lock(1936945266), ",
    ""
);

/// The same for the first one of a connection, which also reads what the database knows its host key by. The lock is
/// taken in a statement of its own: a statement does not see what was committed while it waited.
pub(super) const FIRST_WRITE: &str = seen!(
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = 1000; SET LOCAL statement_timeout = 2000; \
     SET LOCAL idle_in_transaction_session_timeout = 10000; SELECT pg_advisory_xact_lock(1936945266); ",
    "NULL, ",
    ", (SELECT host_key FROM shared)"
);

/// Begins a transaction that only reads and sees a single moment.
pub(super) const READ: &str =
    seen!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 2000; ", "NULL, ", "");

/// The same as long as the connection has not written, see [`FIRST_WRITE`]. No lock: what it reads proves that the key is
/// another one, and not that it stays.
pub(super) const FIRST_READ: &str = seen!(
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 2000; ",
    "NULL, ",
    ", (SELECT host_key FROM shared)"
);

/// Has the transaction wait longer, see [`super::FILL`].
pub(super) const LONGER: &str =
    "SET LOCAL statement_timeout = 600000; SET LOCAL idle_in_transaction_session_timeout = 600000";

/// Commits without the server's time limit. A caller that waits for a standby must not be told that the commit
/// succeeded when the wait is cut short. Only our own [`super::ANSWER`] limits it.
pub(super) const COMMIT: &str = "SET LOCAL statement_timeout = 0; COMMIT";

/// The server's state.
pub(super) struct Seen {
    /// The server's clock, in milliseconds since the epoch.
    pub(super) clock: i64,
    pub(super) takes_no_writes: bool,
    pub(super) timeline: i64,
    /// The MAC by which it knows the host key, if that was read.
    pub(super) host_key: Option<Vec<u8>>,
}

impl Seen {
    pub(super) fn of(rows: &[PgRow]) -> std::result::Result<Self, sqlx::Error> {
        let row = rows.last().ok_or(sqlx::Error::RowNotFound)?;
        let timeline: String = row.try_get(3)?;
        Ok(Self {
            clock: row.try_get(1)?,
            takes_no_writes: row.try_get(2)?,
            timeline: i64::from_str_radix(&timeline, 16).unwrap_or_default(),
            host_key: if row.len() > 4 { row.try_get(4)? } else { None },
        })
    }
}
