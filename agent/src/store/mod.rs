//! The store: one SQLite file behind one connection, so that transactions follow one another and no two callers ever see
//! the same unspent proof; a second one only looks. Each table has its own file.

use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{
    Connection as _, Row as _, SqliteConnection,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, MutexGuard},
};

use crate::{
    account::Id,
    clock::Time,
    error::{Error, Result},
};

pub mod audit;
pub mod authenticators;
pub mod challenges;
#[cfg(test)]
mod conformance;
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
pub mod synced;
pub mod tally;
pub mod unanswered;

pub use self::{
    audit::AuditRows, authenticators::Authenticators, challenges::Challenges, events::Events, exemptions::Exemptions,
    helpdesk_codes::HelpdeskCodes, outbox::Messages, overview::Overviews, pictures::Pictures, proofs::Proofs,
    recovery_codes::RecoveryCodes, registrations::Registrations, set_back::SetBack, synced::Synced,
    unanswered::Unanswered,
};

/// One transaction, which has the store's connection to itself. It is undone unless it is committed.
#[derive(Debug)]
pub struct Tx<'a> {
    held: MutexGuard<'a, Connected>,
    connection: &'a Arc<Mutex<Connected>>,
}

impl Tx<'_> {
    /// Keeps what was written.
    pub async fn commit(mut self) -> Result<()> {
        // For reading alone nothing was begun.
        if !self.held.open {
            return Ok(());
        }
        sqlx::query("COMMIT").execute(&mut self.held.connection).await?;
        self.held.open = false;
        Ok(())
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        // Whoever is next undoes it. Should nobody come, it must not stay open: it keeps other programs from writing.
        if let (true, Ok(runtime)) = (self.held.open, Handle::try_current()) {
            let connection = self.connection.clone();
            runtime.spawn(async move { connection.lock().await.mend().await });
        }
    }
}

impl Deref for Tx<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.held.connection
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.held.connection
    }
}

/// The id of an account in column `index`.
fn id_of(row: &SqliteRow, index: usize) -> Result<Id> {
    let text: String = row.try_get(index)?;
    Id::parse(&text).ok_or(Error::Id(text))
}

/// The store.
#[derive(Debug)]
pub struct Store {
    connection: Arc<Mutex<Connected>>,
    /// Reads beside it, whatever is being written; a store in memory has none.
    reader: Option<Mutex<Connected>>,
    /// Where its file is.
    directory: Option<PathBuf>,
}

/// A connection, and what is to be done before it is used again.
#[derive(Debug)]
pub struct Connected {
    connection: SqliteConnection,
    /// How to open another in its place; a store in memory would be another one.
    options: Option<SqliteConnectOptions>,
    /// A transaction was begun and not committed.
    open: bool,
}

impl Connected {
    /// Undoes a transaction that was left open. When the disk is full, SQLite does that by itself, or the library gives the
    /// connection up: another one is opened then.
    async fn mend(&mut self) -> Result<()> {
        if !self.open {
            return Ok(());
        }
        let undone = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
        let sound = match &undone {
            Ok(_) => true,
            Err(sqlx::Error::Database(error)) => error.message().contains("no transaction is active"),
            Err(_) => false,
        };
        if let Some(options) = self.options.as_ref().filter(|_| !sound) {
            self.connection = SqliteConnection::connect_with(options).await?;
        } else if !sound {
            undone?;
        }
        self.open = false;
        Ok(())
    }
}

/// The store's connection, held until dropped, for a single statement that only reads. Every sign-in waits for it, and each
/// further statement costs a hand-over to SQLite's thread and back.
#[derive(Debug)]
pub struct Held<'a>(MutexGuard<'a, Connected>);

impl Held<'_> {
    /// The connection itself.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0.connection
    }
}

/// All statements of a reset, of a registration and of what follows them stay prepared: in a cache with less room than they take, one
/// after another, each throws out the one that is needed next. Each takes some KiB.
pub(crate) const STATEMENTS: usize = 160;

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
        store.reader = Some(Mutex::new(Connected { connection, options: None, open: false }));
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
            .statement_cache_capacity(STATEMENTS)
            .pragma("secure_delete", "ON")
            // What an import lays out: no file of it.
            .pragma("temp_store", "MEMORY")
            .pragma("trusted_schema", "OFF");
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::migrate!("./migrations").run(&mut connection).await?;
        let connected = Connected { connection, options: on_disk.then_some(options), open: false };
        Ok(Self { connection: Arc::new(Mutex::new(connected)), reader: None, directory: None })
    }

    /// The directory of its file, which is the agent's alone; a store in memory has none.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Begins a transaction, which waits for the one before it; it is undone unless it is committed.
    pub async fn begin(&self) -> Result<Tx<'_>> {
        let mut held = self.connection.lock().await;
        held.mend().await?;
        // Before it is: who breaks off here leaves it to be undone.
        held.open = true;
        let mut tx = Tx { held, connection: &self.connection };
        only_reads(&mut tx, false).await?;
        // IMMEDIATE: the write lock is taken at once, so what was read still holds when it is written.
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// The same for statements that only read. The connection is this one's alone meanwhile, so nothing changes between two of them; a
    /// beginning and an end would be a change of threads and back each, which costs more than most looks.
    pub async fn begin_to_read(&self) -> Result<Tx<'_>> {
        let mut held = self.connection.lock().await;
        held.mend().await?;
        let mut tx = Tx { held, connection: &self.connection };
        only_reads(&mut tx, true).await?;
        Ok(tx)
    }

    /// Waits for the connection.
    pub async fn session(&self) -> Held<'_> {
        let mut held = self.connection.lock().await;
        let ready = match held.mend().await {
            Ok(()) => only_reads(&mut held.connection, false).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ready {
            tracing::error!(%error, "the store's connection can't be used");
        }
        Held(held)
    }

    /// For a single statement that only reads what was last committed, so a sign-in never waits for a writer.
    pub async fn look(&self) -> Held<'_> {
        match &self.reader {
            Some(reader) => Held(reader.lock().await),
            None => self.session().await,
        }
    }

    /// Corrects dates from a time when the clock was ahead, see [`set_back`].
    pub async fn settle(&self, now: Time) -> Result<()> {
        let mut tx = self.begin().await?;
        SetBack::settle(&mut tx, now).await?;
        tx.commit().await
    }

    /// An agent begins, and no other works on this store.
    pub async fn resume(&self, now: Time) -> Result<()> {
        let mut tx = self.begin().await?;
        SetBack::settle(&mut tx, now).await?;
        Messages::resume(&mut tx, now).await?;
        tx.commit().await
    }

    /// Deletes rows that no limit and no dialogue needs any more: counts, challenges and help-desk codes from before `before`, and
    /// audit records from before `audit_before`.
    pub async fn prune(&self, before: Time, audit_before: Time, now: Time) -> Result<()> {
        let mut tx = self.begin().await?;
        Events::prune(&mut tx, before).await?;
        sqlx::query("DELETE FROM challenge WHERE expires < $1").bind(before).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM helpdesk_code WHERE expires < $1").bind(before).execute(&mut *tx).await?;
        AuditRows::prune(&mut tx, audit_before, now).await?;
        tx.commit().await
    }
}

/// In tests, whoever said that it only reads is held to it.
async fn only_reads(connection: &mut SqliteConnection, reads: bool) -> Result<()> {
    if cfg!(debug_assertions) {
        let on = if reads { "PRAGMA query_only = ON" } else { "PRAGMA query_only = OFF" };
        sqlx::query(on).execute(connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Name;

    #[tokio::test]
    async fn what_begins_to_read_sees_what_was_written_before_and_writes_nothing() {
        let store = Store::in_memory().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        Registrations::ensure(&mut tx, Name::local("alice"), Id::from(1000), 1).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin_to_read().await.unwrap();
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM registration");
        assert_eq!(count.fetch_one(&mut *tx).await.unwrap(), 1);
        assert!(Registrations::ensure(&mut tx, Name::local("bob"), Id::from(1001), 1).await.is_err());
        tx.commit().await.unwrap();
        // Who comes next writes as ever.
        drop(store.begin_to_read().await.unwrap());
        let mut tx = store.begin().await.unwrap();
        Registrations::ensure(&mut tx, Name::local("bob"), Id::from(1001), 1).await.unwrap();
        tx.commit().await.unwrap();
        drop(store.begin_to_read().await.unwrap());
        sqlx::query("DELETE FROM registration").execute(store.session().await.connection()).await.unwrap();
    }

    #[tokio::test]
    async fn a_look_waits_for_no_transaction_and_sees_what_was_committed_before() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("sspr.db")).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        Registrations::ensure(&mut tx, Name::local("alice"), Id::from(1000), 1).await.unwrap();
        let look = async || {
            let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM registration");
            count.fetch_one(store.look().await.connection()).await.unwrap()
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
        sqlx::query(insert).execute(&mut *tx).await.unwrap();
        drop(tx);
        let count = "SELECT count(*) FROM event";
        let left: i64 = sqlx::query_scalar(count).fetch_one(store.session().await.connection()).await.unwrap();
        assert_eq!(left, 0);
        // Nobody comes to this store after it.
        drop(store.begin().await.unwrap());
        let mut tx = other.begin().await.unwrap();
        sqlx::query(insert).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_disk_that_was_full_leaves_the_store_usable() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("sspr.db")).await.unwrap();
        let fill = async |at: i64| -> Result<()> {
            let mut tx = store.begin().await?;
            for key in 0..2000 {
                let statement = sqlx::query("INSERT INTO event (kind, key, at) VALUES ('rest', ?, ?)");
                statement.bind(format!("{at} {key}").into_bytes()).bind(at).execute(&mut *tx).await?;
            }
            tx.commit().await
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
