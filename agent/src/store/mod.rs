//! The store: one SQLite file behind one connection, so that transactions follow one another and no two callers ever see
//! the same unspent proof; a second one only looks. Each table has its own file.

use std::path::{Path, PathBuf};

use sqlx::{
    Connection as _, Sqlite, SqliteConnection, Transaction,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    clock::Time,
    error::{Error, Result},
};

pub mod audit;
pub mod authenticators;
pub mod challenges;
pub mod events;
pub mod exemptions;
pub mod helpdesk_codes;
pub mod import;
pub mod outbox;
pub mod overview;
pub mod pictures;
pub mod proofs;
pub mod recovery_codes;
pub mod registrations;
pub mod set_back;
pub mod spill;
pub mod tally;
pub mod unanswered;

/// One transaction.
pub type Tx<'a> = Transaction<'a, Sqlite>;

/// The store.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connected>,
    /// Reads beside it, whatever is being written; a store in memory has none.
    reader: Option<Mutex<Connected>>,
    /// Where its file is.
    directory: Option<PathBuf>,
}

#[derive(Debug)]
struct Connected {
    connection: SqliteConnection,
    /// How to open another in its place; a store in memory would be another one.
    options: Option<SqliteConnectOptions>,
    /// No transaction could be begun the last time.
    failed: bool,
}

impl Connected {
    /// When the disk is full, SQLite ends a transaction by itself. The library then takes it for open forever, or gives the
    /// connection up; in both cases another connection is opened.
    async fn mend(&mut self) -> Result<()> {
        if !self.failed && !self.connection.is_in_transaction() {
            return Ok(());
        }
        // A transaction that can be undone has been undone by now.
        let sound = self.connection.ping().await.is_ok() && !self.connection.is_in_transaction();
        if let Some(options) = self.options.as_ref().filter(|_| !sound) {
            self.connection = SqliteConnection::connect_with(options).await?;
        }
        self.failed = false;
        Ok(())
    }
}

/// The store's connection, held until dropped.
#[derive(Debug)]
pub struct Session<'a>(MutexGuard<'a, Connected>);

impl Session<'_> {
    /// The connection itself, for a single statement that only reads. Every sign-in waits for it, and each further statement costs
    /// a hand-over to SQLite's thread and back.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0.connection
    }

    /// Begins a transaction; it is undone unless it is committed.
    pub async fn begin(&mut self) -> Result<Tx<'_>> {
        let held = &mut *self.0;
        held.mend().await?;
        // IMMEDIATE: the write lock is taken at once, so what was read still holds when it is written.
        match held.connection.begin_with("BEGIN IMMEDIATE").await {
            Ok(tx) => Ok(tx),
            Err(error) => {
                held.failed = true;
                Err(error.into())
            }
        }
    }
}

impl Store {
    /// Opens the store at `path`, creates it if it is missing, and brings it to this version's schema. A store of a newer version
    /// is refused and left as it is.
    pub async fn open(path: &Path) -> Result<Self> {
        let store = Self::with(SqliteConnectOptions::new().filename(path).create_if_missing(true), true).await;
        let mut store = store.map_err(|error| match error {
            // A step of the schema was taken that this version does not know.
            Error::Schema(MigrateError::VersionMissing(_)) => Error::NewerStore { path: path.to_owned() },
            other => other,
        })?;
        let options = SqliteConnectOptions::new().filename(path).read_only(true).statement_cache_capacity(4);
        let connection = SqliteConnection::connect_with(&options.pragma("trusted_schema", "OFF")).await?;
        store.reader = Some(Mutex::new(Connected { connection, options: None, failed: false }));
        store.directory = path.parent().map(Path::to_owned);
        Ok(store)
    }

    /// A store in memory, for tests.
    pub async fn in_memory() -> Result<Self> {
        Self::with(SqliteConnectOptions::new().in_memory(true), false).await
    }

    async fn with(options: SqliteConnectOptions, on_disk: bool) -> Result<Self> {
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .statement_cache_capacity(64)
            .pragma("secure_delete", "ON")
            .pragma("trusted_schema", "OFF");
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::migrate!("./migrations").run(&mut connection).await?;
        let connected = Connected { connection, options: on_disk.then_some(options), failed: false };
        Ok(Self { connection: Mutex::new(connected), reader: None, directory: None })
    }

    /// The directory of its file, which is the agent's alone; a store in memory has none.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Waits for the connection.
    pub async fn session(&self) -> Session<'_> {
        Session(self.connection.lock().await)
    }

    /// For a single statement that only reads what was last committed, so a sign-in never waits for a writer.
    pub async fn look(&self) -> Session<'_> {
        match &self.reader {
            Some(reader) => Session(reader.lock().await),
            None => self.session().await,
        }
    }

    /// Corrects dates from a time when the clock was ahead, see [`set_back`].
    pub async fn settle(&self, now: Time) -> Result<()> {
        let mut session = self.session().await;
        let mut tx = session.begin().await?;
        set_back::settle(&mut tx, now).await?;
        Ok(tx.commit().await?)
    }

    /// An agent begins, and no other works on this store.
    pub async fn resume(&self, now: Time) -> Result<()> {
        let mut session = self.session().await;
        let mut tx = session.begin().await?;
        set_back::settle(&mut tx, now).await?;
        outbox::resume(&mut tx, now).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes rows that no limit and no dialogue needs any more: counts, challenges and help-desk codes from before `before`, and
    /// audit records from before `audit_before`, see [`audit::prune`].
    pub async fn prune(&self, before: Time, audit_before: Time, now: Time) -> Result<()> {
        let mut session = self.session().await;
        let mut tx = session.begin().await?;
        events::prune(&mut tx, before).await?;
        sqlx::query("DELETE FROM challenge WHERE expires < ?").bind(before).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM helpdesk_code WHERE expires < ?").bind(before).execute(&mut *tx).await?;
        audit::prune(&mut tx, audit_before, now).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_waits_for_no_transaction_and_sees_what_was_committed_before() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("sspr.db")).await.unwrap();
        let mut session = store.session().await;
        let mut tx = session.begin().await.unwrap();
        registrations::ensure(&mut tx, "alice", 1000, 1).await.unwrap();
        let look = async || {
            let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM registration");
            count.fetch_one(store.look().await.connection()).await.unwrap()
        };
        assert_eq!(look().await, 0);
        tx.commit().await.unwrap();
        assert_eq!(look().await, 1);
    }

    #[tokio::test]
    async fn a_disk_that_was_full_leaves_the_store_usable() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("sspr.db")).await.unwrap();
        let fill = async |at: i64| -> Result<()> {
            let mut session = store.session().await;
            let mut tx = session.begin().await?;
            for key in 0..2000 {
                let statement = sqlx::query("INSERT INTO event (kind, key, at) VALUES ('rest', ?, ?)");
                statement.bind(format!("{at} {key}").into_bytes()).bind(at).execute(&mut *tx).await?;
            }
            Ok(tx.commit().await?)
        };
        let limit = async |pages: i64| {
            let mut session = store.session().await;
            let limit = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")));
            limit.execute(session.connection()).await.unwrap();
        };
        // As many pages as there are: one more is what SQLite takes for a full disk, in the middle of a transaction.
        limit(1).await;
        assert!(fill(1).await.unwrap_err().to_string().contains("full"));
        limit(1_000_000).await;
        fill(2).await.unwrap();
        fill(3).await.unwrap();
        let mut session = store.session().await;
        let counted = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM event").fetch_one(session.connection());
        assert_eq!(counted.await.unwrap(), 4000);
    }

    #[tokio::test]
    async fn a_store_of_a_newer_version_is_refused_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sspr.db");
        let store = Store::open(&path).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', TRUE, x'00', 0)",
        )
        .execute(store.session().await.connection())
        .await
        .unwrap();
        drop(store);
        let error = Store::open(&path).await.unwrap_err().to_string();
        assert!(error.contains("newer version") && error.contains("install that version again"), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}
