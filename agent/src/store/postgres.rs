//! PostgreSQL, for a server with replicas. No state is kept in a session, so a pooler may give each transaction another
//! one.
//!
//! Transactions that write run one after another: each takes one advisory lock that ends with it. As in SQLite,
//! everything that was read is still true when the transaction writes, and nothing has to be retried. Only the primary
//! is used, even for reading.

use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgRow},
};
use tokio::{
    runtime::Handle,
    sync::{Mutex as Queue, Notify, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{link::Link, sql::Connection};
use crate::{
    clock::Clock,
    error::{Error, Result},
    keys::{Tag, same},
};

mod address;
mod begin;
mod clock;
mod schema;
#[cfg(test)]
pub(super) mod tests;

pub use address::Address;
use begin::{COMMIT, FIRST_READ, FIRST_WRITE, LONGER, READ, Seen, WRITE};
use clock::DatabaseClock;
pub use schema::Trial;

/// The longest wait for a connection, free or new, and for earlier writers. After this, the user is told "not now".
const ACQUIRE: Duration = Duration::from_secs(1);
/// The longest wait for an answer. It is longer than the server's own limit for a statement, see [`WRITE`].
const ANSWER: Duration = Duration::from_secs(3);
/// The longest wait for an answer in a transaction that fills an empty database: nobody waits for that one. Its last
/// statements count all rows, and a standby may have much to write before its commit is done.
const FILL: Duration = Duration::from_mins(10);
/// How many statements stay prepared in each connection.
const STATEMENTS: usize = 200;
/// The most connections of this replica.
const CONNECTIONS: usize = 8;
/// How long a connection is used. If the host name leads to another server, all connections lead there after this time.
const LIFETIME: Duration = Duration::from_mins(5);

/// A PostgreSQL database.
#[derive(Clone, Debug)]
pub struct Database(Arc<Inner>);

struct Inner {
    options: PgConnectOptions,
    /// Whether statements stay prepared.
    prepares: bool,
    /// See [`ACQUIRE`].
    patience: Duration,
    /// A permit for each connection that may be in use.
    room: Arc<Semaphore>,
    /// The queue of writers. Only one of them has a connection at a time; the other connections are for readers.
    writers: Arc<Queue<()>>,
    idle: Mutex<Vec<Kept>>,
    clock: Arc<DatabaseClock>,
    /// The timeline of the last transaction.
    timeline: AtomicI64,
    directory: Option<PathBuf>,
    /// See [`super::Store::expect`].
    expected: OnceLock<(Tag, PathBuf)>,
    /// Rings when another key is found there.
    other_key: Notify,
    /// Drops the database, if only a test has it.
    #[cfg(test)]
    _test: Option<tests::cluster::Own>,
}

/// The derived implementation would show the password in the options.
impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

/// A connection that is kept for the next caller.
#[derive(Debug)]
struct Kept {
    connection: Connection,
    since: Instant,
    /// Whether the database was seen to have the expected host key, in a transaction that writes. As long as the connection
    /// is open, nobody replaces the key.
    checked: bool,
}

impl Kept {
    const fn link(&mut self) -> Option<&mut Link> {
        match &mut self.connection {
            Connection::Postgres(link) => Some(link),
            Connection::Sqlite(_) | Connection::Closed => None,
        }
    }

    fn is_broken(&mut self) -> bool {
        self.link().is_none_or(|link| link.is_broken())
    }

    /// Runs our own statements, without values, in one round trip.
    async fn all_of(&mut self, statements: &'static str) -> std::result::Result<Vec<PgRow>, sqlx::Error> {
        let Some(link) = self.link() else { return Err(sqlx::Error::PoolClosed) };
        let (connection, health) = link.parts();
        health.of(sqlx::raw_sql(statements).fetch_all(connection)).await
    }

    /// Rolls back an open transaction. `false`: the connection failed.
    async fn mend(&mut self) -> bool {
        let done = self.all_of("ROLLBACK").await.is_ok();
        if let Some(link) = self.link().filter(|_| done) {
            link.mended();
        }
        done
    }
}

/// A borrowed connection. An open transaction is rolled back unless it is committed.
#[derive(Debug)]
pub struct Lent {
    kept: Kept,
    /// Whether a transaction was begun and not committed.
    open: bool,
    writes: bool,
    inner: Arc<Inner>,
    /// The permit and the lock that other callers wait for, until the connection can be used again.
    waited_for: Option<(OwnedSemaphorePermit, Option<OwnedMutexGuard<()>>)>,
}

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.kept.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.kept.connection
    }
}

impl Lent {
    /// Commits the transaction. An error may come after the commit was done. Then the result is not known, and
    /// everything that was spent counts as spent.
    pub async fn commit(mut self) -> Result<()> {
        // A transaction that only reads has nothing to commit.
        if !self.writes {
            return Ok(());
        }
        if self.kept.link().is_none_or(|link| link.has_failed()) {
            return Err(sqlx::Error::Protocol("a statement of the transaction failed".into()).into());
        }
        self.kept.all_of(COMMIT).await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let closed = Kept { connection: Connection::Closed, since: self.kept.since, checked: false };
        let mut kept = std::mem::replace(&mut self.kept, closed);
        let (inner, waited_for) = (self.inner.clone(), self.waited_for.take());
        if kept.is_broken() {
            return;
        }
        if !self.open {
            inner.give_back(kept);
        } else if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if kept.mend().await {
                    inner.give_back(kept);
                }
                drop(waited_for);
            });
        }
    }
}

impl Inner {
    fn idle(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, mut kept: Kept) {
        if let Some(link) = kept.link() {
            link.waits(ANSWER);
        }
        self.idle().push(kept);
    }

    /// The connection that was used last, so that surplus connections grow old.
    fn take(&self) -> Option<Kept> {
        let mut idle = self.idle();
        idle.retain(|kept| kept.since.elapsed() < LIFETIME);
        idle.pop()
    }

    async fn connect(&self) -> Result<Kept> {
        let connection = timeout(self.patience, PgConnection::connect_with(&self.options)).await.map_err(late)??;
        let link = Link::new(connection, ANSWER, self.prepares);
        Ok(Kept { connection: Connection::Postgres(link), since: Instant::now(), checked: false })
    }

    /// Begins a transaction with `begin`, [`WRITE`] or [`READ`]. Fails with [`Error::Standby`] if the server accepts no
    /// writes, and with [`Error::OtherHostKey`] if the host key is not the expected one. The first transaction that writes
    /// looks at the key, as do those before it.
    async fn begin_on(&self, kept: &mut Kept, begin: &'static str) -> Result<Seen> {
        let expected = self.expected.get().filter(|_| !kept.checked);
        let writes = begin == WRITE;
        let statements = match (expected, writes) {
            (None, _) => begin,
            (Some(_), true) => FIRST_WRITE,
            (Some(_), false) => FIRST_READ,
        };
        let seen = Seen::of(&kept.all_of(statements).await?)?;
        if seen.takes_no_writes {
            return Err(Error::Standby);
        }
        if let Some((tag, path)) = expected {
            if seen.host_key.as_ref().is_some_and(|there| !same(tag, there)) {
                self.other_key.notify_one();
                return Err(Error::OtherHostKey { path: path.clone() });
            }
            kept.checked = writes;
        }
        self.clock.set(seen.clock);
        Ok(seen)
    }
}

fn late(_: tokio::time::error::Elapsed) -> sqlx::Error {
    sqlx::Error::PoolTimedOut
}

impl Database {
    /// Opens the database at `address`, and migrates it to this version's schema. A newer database that this version
    /// can't use is refused with [`Error::NewerDatabase`].
    pub async fn open(address: Address) -> Result<Self> {
        Self::with(address, ACQUIRE).await
    }

    async fn with(address: Address, patience: Duration) -> Result<Self> {
        let inner = Self::inner(address, patience);
        let mut first = inner.connect().await?;
        if let Some(link) = first.link() {
            schema::migrate(link.parts().0).await?;
        }
        let database = Self(Arc::new(inner));
        // This transaction learns the timeline, so that no later reader has to wait for a writer to learn it.
        drop(database.begin().await?);
        Ok(database)
    }

    /// Whether this host could use the database at `address`: does what [`Database::open`] does, and undoes it. Looks for
    /// rows in `tables`.
    pub async fn try_out(address: Address, tables: &[&'static str]) -> Result<Trial> {
        let inner = Self::inner(address, ACQUIRE);
        let mut first = inner.connect().await?;
        inner.begin_on(&mut first, READ).await?;
        first.mend().await;
        match first.link() {
            Some(link) => schema::try_out(link.parts().0, tables).await,
            None => Err(sqlx::Error::PoolClosed.into()),
        }
    }

    fn inner(address: Address, patience: Duration) -> Inner {
        Inner {
            options: address.options,
            prepares: address.prepares,
            patience,
            room: Arc::new(Semaphore::new(CONNECTIONS)),
            writers: Arc::default(),
            idle: Mutex::default(),
            clock: Arc::default(),
            timeline: AtomicI64::new(0),
            directory: address.directory,
            expected: OnceLock::new(),
            other_key: Notify::new(),
            #[cfg(test)]
            _test: address.test,
        }
    }

    /// The database's clock, which all replicas share.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.0.clock.clone()
    }

    /// The directory of this host's own files.
    pub fn directory(&self) -> Option<&Path> {
        self.0.directory.as_deref()
    }

    /// See [`super::Store::begin`].
    pub async fn begin(&self) -> Result<Lent> {
        let writer = timeout(self.0.patience, self.0.writers.clone().lock_owned()).await.map_err(late)?;
        self.lend(WRITE, Some(writer)).await
    }

    /// Begins a transaction that fills an empty database. Its statements may take `FILL`.
    pub async fn begin_to_fill(&self) -> Result<Lent> {
        let mut lent = self.begin().await?;
        lent.kept.all_of(LONGER).await?;
        if let Some(link) = lent.kept.link() {
            link.waits(FILL);
        }
        Ok(lent)
    }

    /// See [`super::Store::expect`].
    pub fn expect(&self, tag: Tag, path: PathBuf) {
        // The first one stays: an agent has one key as long as it runs.
        let _ = self.0.expected.set((tag, path));
    }

    /// Waits until the database is found to have another host key than expected. Returns the file of this host's key.
    pub async fn has_other_key(&self) -> PathBuf {
        self.0.other_key.notified().await;
        self.0.expected.get().map(|(_, path)| path.clone()).unwrap_or_default()
    }

    /// Closes connections that are not in use.
    pub fn close_idle(&self) {
        self.0.idle().clear();
    }

    /// See [`super::Store::begin_to_read`].
    pub async fn begin_to_read(&self) -> Result<Lent> {
        self.lend(READ, None).await
    }

    /// See [`super::Store::session`].
    pub async fn session(&self) -> Result<Lent> {
        let mut lent = self.begin_to_read().await?;
        if lent.kept.mend().await {
            lent.open = false;
        }
        Ok(lent)
    }

    async fn lend(&self, begin: &'static str, writer: Option<OwnedMutexGuard<()>>) -> Result<Lent> {
        let inner = &self.0;
        let room = timeout(inner.patience, inner.room.clone().acquire_owned()).await.map_err(late)?;
        let room = room.map_err(|_| sqlx::Error::PoolClosed)?;
        let kept = inner.take();
        let used_before = kept.is_some();
        let kept = match kept {
            Some(kept) => kept,
            None => inner.connect().await?,
        };
        let mut lent = Lent {
            kept,
            // Set before BEGIN, so that the transaction is rolled back if the caller is cancelled there.
            open: true,
            writes: writer.is_some(),
            inner: inner.clone(),
            waited_for: Some((room, writer)),
        };
        let mut answer = inner.begin_on(&mut lent.kept, begin).await;
        if used_before && answer.is_err() && (lent.kept.is_broken() || matches!(answer, Err(Error::Standby))) {
            // The other idle connections lead to the same server, which is gone or has become a standby. Nothing was
            // done yet.
            inner.idle().clear();
            lent.kept = inner.connect().await?;
            answer = inner.begin_on(&mut lent.kept, begin).await;
        }
        let seen = match answer {
            Ok(seen) => seen,
            Err(error) => {
                // A connection to a standby is not used again.
                if matches!(error, Error::Standby) {
                    lent.kept.connection = Connection::Closed;
                }
                return Err(error);
            }
        };
        if seen.timeline != inner.timeline.load(Ordering::Relaxed) {
            lent.kept.mend().await;
            schema::new_timeline(&mut lent.kept, seen.timeline, seen.clock / 1000).await?;
            inner.timeline.store(seen.timeline, Ordering::Relaxed);
            inner.begin_on(&mut lent.kept, begin).await?;
        }
        Ok(lent)
    }
}
