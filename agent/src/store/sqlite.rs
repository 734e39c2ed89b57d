//! SQLite: one file behind one connection. Transactions run one after another, and no two callers ever see the same
//! unspent proof. A second connection only reads.

use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{
    AssertSqlSafe, Connection as _, SqliteConnection,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, MutexGuard, OnceCell},
};

use super::sql::{self, Connection};
use crate::error::{Error, Result};

/// The capacity of the statement cache. All statements of a reset, of a registration and of the steps after them stay
/// prepared. In a smaller cache, each statement would evict the one that is needed next. Each takes some KiB.
pub(crate) const STATEMENTS: usize = 160;

/// A store in SQLite.
#[derive(Debug)]
pub struct File {
    connection: Arc<Mutex<Connected>>,
    /// The connection for reading, whatever is being written; a store in memory has none.
    reader: Option<Arc<Mutex<Connected>>>,
    /// The directory of the file.
    directory: Option<PathBuf>,
}

/// A connection, and the state that must be restored before it is used again.
#[derive(Debug)]
struct Connected {
    connection: Connection,
    /// The options for opening a replacement; `None` for a store in memory, whose replacement would be another store.
    options: Option<SqliteConnectOptions>,
    /// Whether a transaction was begun and not committed.
    open: bool,
}

impl Connected {
    const fn new(connection: SqliteConnection, options: Option<SqliteConnectOptions>) -> Self {
        Self { connection: Connection::Sqlite(connection), options, open: false }
    }

    /// Rolls back a transaction that was left open. If the disk is full, SQLite does that by itself, or the library
    /// closes the connection. Then another one is opened.
    async fn mend(&mut self) -> Result<()> {
        if !self.open {
            return Ok(());
        }
        let undone = sql::query("ROLLBACK").execute(&mut self.connection).await;
        let sound = match &undone {
            Ok(_) => true,
            Err(sqlx::Error::Database(error)) => error.message().contains("no transaction is active"),
            Err(_) => false,
        };
        if let Some(options) = self.options.as_ref().filter(|_| !sound) {
            self.connection = Connection::Sqlite(SqliteConnection::connect_with(options).await?);
        } else if !sound {
            undone?;
        }
        self.open = false;
        Ok(())
    }
}

/// The exclusive use of a connection. An open transaction is rolled back unless it is committed.
#[derive(Debug)]
pub struct Lease<'a> {
    held: MutexGuard<'a, Connected>,
    connection: &'a Arc<Mutex<Connected>>,
}

impl Lease<'_> {
    /// Commits the transaction.
    pub async fn commit(mut self) -> Result<()> {
        // A caller that only reads began no transaction.
        if !self.held.open {
            return Ok(());
        }
        sql::query("COMMIT").execute(&mut self).await?;
        self.held.open = false;
        Ok(())
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        // The next user of the connection rolls the transaction back. If there is none, it is rolled back here: an open
        // transaction blocks other programs' writes.
        if let (true, Ok(runtime)) = (self.held.open, Handle::try_current()) {
            let connection = self.connection.clone();
            runtime.spawn(async move { connection.lock().await.mend().await });
        }
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.held.connection
    }
}

impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.held.connection
    }
}

impl File {
    /// Opens the file at `path`, creates it if it is missing, and migrates it to this version's schema. A store of a
    /// newer version is refused and left unchanged.
    pub async fn open(path: &Path) -> Result<Self> {
        let store = Self::with(SqliteConnectOptions::new().filename(path).create_if_missing(true), true).await;
        let mut store = store.map_err(|error| match error {
            // The store has a migration that this version does not know.
            Error::Schema(MigrateError::VersionMissing(_)) => Error::NewerStore { path: path.to_owned() },
            other => other,
        })?;
        let options = SqliteConnectOptions::new().filename(path).read_only(true).statement_cache_capacity(4);
        let connection = SqliteConnection::connect_with(&options.pragma("trusted_schema", "OFF")).await?;
        store.reader = Some(Arc::new(Mutex::new(Connected::new(connection, None))));
        store.directory = path.parent().map(Path::to_owned);
        Ok(store)
    }

    /// Opens an existing file, for this connection only.
    pub async fn alone(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).locking_mode(SqliteLockingMode::Exclusive);
        Self::with(options, false).await
    }

    /// A store in memory, for tests. The migrations run for the first one alone: they take most of the time of a short
    /// test.
    pub async fn in_memory() -> Result<Self> {
        static TABLES: OnceCell<String> = OnceCell::const_new();
        let options = || SqliteConnectOptions::new().in_memory(true);
        let migrated = || async {
            let first = Self::with(options(), false).await?;
            let all = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
            let all: Vec<String> = sql::query_scalar(all).fetch_all(&mut *first.look().await?).await?;
            Ok::<_, Error>(all.join(";"))
        };
        let tables = TABLES.get_or_try_init(migrated).await?;
        let mut connection = SqliteConnection::connect_with(&Self::options(options())).await?;
        sqlx::raw_sql(AssertSqlSafe(tables.clone())).execute(&mut connection).await?;
        let connection = Arc::new(Mutex::new(Connected::new(connection, None)));
        Ok(Self { connection, reader: None, directory: None })
    }

    fn options(options: SqliteConnectOptions) -> SqliteConnectOptions {
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .statement_cache_capacity(STATEMENTS)
            .pragma("secure_delete", "ON")
            // The table of an import must not be a file.
            .pragma("temp_store", "MEMORY")
            .pragma("trusted_schema", "OFF")
    }

    async fn with(options: SqliteConnectOptions, on_disk: bool) -> Result<Self> {
        let options = Self::options(options);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::migrate!("./migrations").run(&mut connection).await?;
        let connected = Connected::new(connection, on_disk.then_some(options));
        Ok(Self { connection: Arc::new(Mutex::new(connected)), reader: None, directory: None })
    }

    /// The directory of the file; a store in memory has none.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// See [`super::Store::begin`].
    pub async fn begin(&self) -> Result<Lease<'_>> {
        let mut lease = self.lease().await?;
        // Set before BEGIN, so that the transaction is rolled back if the caller is cancelled here.
        lease.held.open = true;
        only_reads(&mut lease, false).await?;
        // IMMEDIATE takes the write lock at once, so that everything that was read is still true when the transaction
        // writes.
        sql::query("BEGIN IMMEDIATE").execute(&mut lease).await?;
        Ok(lease)
    }

    /// See [`super::Store::begin_to_read`]. No BEGIN is sent: it and the end would each cost a switch to another thread
    /// and back, more than most queries.
    pub async fn begin_to_read(&self) -> Result<Lease<'_>> {
        let mut lease = self.lease().await?;
        only_reads(&mut lease, true).await?;
        Ok(lease)
    }

    /// See [`super::Store::session`].
    pub async fn session(&self) -> Result<Lease<'_>> {
        let mut lease = self.lease().await?;
        only_reads(&mut lease, false).await?;
        Ok(lease)
    }

    /// See [`super::Store::look`].
    pub async fn look(&self) -> Result<Lease<'_>> {
        match &self.reader {
            Some(connection) => Ok(Lease { held: connection.lock().await, connection }),
            None => self.session().await,
        }
    }

    async fn lease(&self) -> Result<Lease<'_>> {
        let mut held = self.connection.lock().await;
        held.mend().await?;
        Ok(Lease { held, connection: &self.connection })
    }
}

/// In tests, a caller that said that it only reads can't write.
async fn only_reads(connection: &mut Connection, reads: bool) -> Result<()> {
    if cfg!(debug_assertions) {
        let on = if reads { "PRAGMA query_only = ON" } else { "PRAGMA query_only = OFF" };
        sql::query(on).execute(connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{Id, Name},
        store::{Registrations, Store},
    };

    #[tokio::test]
    async fn what_begins_to_read_sees_what_was_written_before_and_writes_nothing() {
        let store = Store::in_memory().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        Registrations::ensure(&mut tx, Name::local("alice"), Id::from(1000), 1).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin_to_read().await.unwrap();
        let count = sql::query_scalar::<i64>("SELECT count(*) FROM registration");
        assert_eq!(count.fetch_one(&mut tx).await.unwrap(), 1);
        assert!(Registrations::ensure(&mut tx, Name::local("bob"), Id::from(1001), 1).await.is_err());
        tx.commit().await.unwrap();
        // The next transaction can write as usual.
        drop(store.begin_to_read().await.unwrap());
        let mut tx = store.begin().await.unwrap();
        Registrations::ensure(&mut tx, Name::local("bob"), Id::from(1001), 1).await.unwrap();
        tx.commit().await.unwrap();
        drop(store.begin_to_read().await.unwrap());
        sql::query("DELETE FROM registration").execute(store.session().await.unwrap().connection()).await.unwrap();
    }

    #[tokio::test]
    async fn a_look_waits_for_no_transaction_and_sees_what_was_committed_before() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("sspr.db")).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        Registrations::ensure(&mut tx, Name::local("alice"), Id::from(1000), 1).await.unwrap();
        let look = async || {
            let count = sql::query_scalar::<i64>("SELECT count(*) FROM registration");
            count.fetch_one(store.look().await.unwrap().connection()).await.unwrap()
        };
        assert_eq!(look().await, 0);
        tx.commit().await.unwrap();
        assert_eq!(look().await, 1);
    }

    #[tokio::test]
    async fn what_was_not_committed_is_undone_at_once_and_keeps_nobody_else_from_writing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sspr.db");
        let (store, other) = (Store::open(&path).await.unwrap(), Store::open(&path).await.unwrap());
        let insert = "INSERT INTO event (kind, key, at) VALUES ('rest', x'01', 1)";
        let mut tx = store.begin().await.unwrap();
        sql::query(insert).execute(&mut tx).await.unwrap();
        drop(tx);
        let count = "SELECT count(*) FROM event";
        let left: i64 = sql::query_scalar(count).fetch_one(store.session().await.unwrap().connection()).await.unwrap();
        assert_eq!(left, 0);
        // No other caller uses the store after this.
        drop(store.begin().await.unwrap());
        let mut tx = other.begin().await.unwrap();
        sql::query(insert).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_disk_that_was_full_leaves_the_store_usable() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("sspr.db")).await.unwrap();
        let fill = async |at: i64| -> Result<()> {
            let mut tx = store.begin().await?;
            for key in 0..2000 {
                let statement = sql::query("INSERT INTO event (kind, key, at) VALUES ('rest', $1, $2)");
                statement.bind(format!("{at} {key}").into_bytes()).bind(at).execute(&mut tx).await?;
            }
            tx.commit().await
        };
        let limit = async |pages: i64| {
            let mut session = store.session().await.unwrap();
            let limit = sql::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")));
            limit.execute(session.connection()).await.unwrap();
        };
        // The database is limited to its current number of pages. SQLite reports one more page as a full disk, in the
        // middle of a transaction.
        limit(1).await;
        assert!(fill(1).await.unwrap_err().to_string().contains("full"));
        limit(1_000_000).await;
        fill(2).await.unwrap();
        fill(3).await.unwrap();
        let mut session = store.session().await.unwrap();
        let counted = sql::query_scalar::<i64>("SELECT count(*) FROM event").fetch_one(session.connection());
        assert_eq!(counted.await.unwrap(), 4000);
    }

    #[tokio::test]
    async fn a_store_of_a_newer_version_is_refused_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sspr.db");
        let store = Store::open(&path).await.unwrap();
        sql::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', TRUE, x'00', 0)",
        )
        .execute(store.session().await.unwrap().connection())
        .await
        .unwrap();
        drop(store);
        let error = Store::open(&path).await.unwrap_err().to_string();
        assert!(error.contains("newer version") && error.contains("install that version again"), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}
