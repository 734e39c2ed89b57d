//! The store: one SQLite file ([`sqlite`]), or PostgreSQL for a server with replicas ([`postgres`]). Both have the same
//! tables and almost the same statements ([`sql`]). Each table has its own file.

use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
};

use crate::{
    account::Id,
    clock::Time,
    error::{Error, Result},
    keys::{Tag, same},
};

pub mod audit;
pub mod authenticators;
pub mod carry;
pub mod chain;
pub mod challenges;
pub mod clock_jump;
#[cfg(test)]
mod conformance;
pub mod dossier;
pub mod events;
pub mod exemptions;
pub mod first_contacts;
pub mod helpdesk_codes;
pub mod hosts;
pub mod import;
mod link;
pub mod look_ups;
pub mod outbox;
pub mod overview;
pub mod pictures;
#[cfg(test)]
mod plans;
pub mod postgres;
pub mod proofs;
pub mod recovery_codes;
pub mod registrations;
pub mod rekey;
pub mod spill;
pub mod sql;
pub mod sqlite;
pub mod synced;
pub mod tally;
pub mod unanswered;
pub mod uses;

pub use self::{
    audit::AuditRows, authenticators::Authenticators, chain::Chains, challenges::Challenges, clock_jump::ClockJump,
    dossier::Dossiers, events::Events, exemptions::Exemptions, first_contacts::FirstContacts,
    helpdesk_codes::HelpdeskCodes, hosts::Hosts, import::ContactsInBulk, look_ups::LookUps, outbox::Messages,
    overview::Overviews, pictures::Pictures, proofs::Proofs, recovery_codes::RecoveryCodes,
    registrations::Registrations, synced::Synced, tally::Tallies, unanswered::Unanswered, uses::Uses,
};

#[cfg(test)]
pub(crate) use self::sqlite::STATEMENTS;
use self::{
    postgres::{Database, Lent},
    sql::{Connection, Row},
    sqlite::{File, Lease},
};

/// The id of an account in column `index`.
fn id_of(row: &Row, index: usize) -> Result<Id> {
    let text: String = row.try_get(index)?;
    Id::parse(&text).ok_or(Error::Id(text))
}

/// A connection of either kind, held until dropped.
#[derive(Debug)]
enum Kind<'a> {
    Sqlite(Lease<'a>),
    Postgres(Box<Lent>),
}

/// A connection of the store, held until dropped. Every sign-in waits for one, and each further statement costs a round
/// trip to the database.
#[derive(Debug)]
pub struct Held<'a>(Kind<'a>);

impl Held<'_> {
    /// The connection itself.
    pub fn connection(&mut self) -> &mut Connection {
        match &mut self.0 {
            Kind::Sqlite(lease) => lease,
            Kind::Postgres(lent) => lent,
        }
    }
}

impl Deref for Held<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.0 {
            Kind::Sqlite(lease) => lease,
            Kind::Postgres(lent) => lent,
        }
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection()
    }
}

/// A transaction. Transactions that write run one after another, on all hosts that share the store. A transaction is
/// rolled back unless it is committed.
#[derive(Debug)]
pub struct Tx<'a>(Held<'a>);

impl Tx<'_> {
    /// Commits the transaction.
    pub async fn commit(self) -> Result<()> {
        match self.0.0 {
            Kind::Sqlite(lease) => lease.commit().await,
            Kind::Postgres(lent) => Box::pin(lent.commit()).await,
        }
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.0.connection()
    }
}

/// The store.
#[derive(Debug)]
pub struct Store(Backend);

#[derive(Debug)]
enum Backend {
    Sqlite(File),
    Postgres(Database),
}

impl Store {
    /// Opens the SQLite store at `path`, creates it if it is missing, and migrates it to this version's schema. A store
    /// of a newer version is refused with [`Error::NewerStore`] and left unchanged.
    pub async fn open(path: &Path) -> Result<Self> {
        Ok(Self(Backend::Sqlite(File::open(path).await?)))
    }

    /// A SQLite store in memory, for tests.
    pub async fn in_memory() -> Result<Self> {
        Ok(Self(Backend::Sqlite(File::in_memory().await?)))
    }

    /// An empty store: SQLite in memory, or its own PostgreSQL database if the environment has
    /// `SSPR_TEST_STORE=postgres`.
    #[cfg(any(test, fuzzing))]
    pub(crate) async fn for_tests() -> Result<Self> {
        #[cfg(test)]
        if std::env::var_os("SSPR_TEST_STORE").is_some_and(|store| store == "postgres") {
            return Ok(Self::shared_for_tests().await);
        }
        Self::in_memory().await
    }

    /// An empty PostgreSQL database.
    #[cfg(test)]
    pub(crate) async fn shared_for_tests() -> Self {
        Self::shared(postgres::tests::database().await)
    }

    /// Opens the SQLite store at `path`, which no other program has open, and locks it for all others.
    pub async fn alone(path: &Path) -> Result<Self> {
        Ok(Self(Backend::Sqlite(File::alone(path).await?)))
    }

    /// The store in `database`.
    pub const fn shared(database: Database) -> Self {
        Self(Backend::Postgres(database))
    }

    /// Whether other servers may have the same store.
    pub const fn is_shared(&self) -> bool {
        matches!(self.0, Backend::Postgres(_))
    }

    /// A directory that belongs to the agent only; a store in memory has none.
    pub fn directory(&self) -> Option<&Path> {
        match &self.0 {
            Backend::Sqlite(file) => file.directory(),
            Backend::Postgres(database) => database.directory(),
        }
    }

    /// Whether the store belongs to the host key whose MAC is `tag`. A new database belongs to the first key that asks.
    /// A file always does, because its host key is beside it.
    pub async fn is_written_with(&self, tag: &Tag) -> Result<bool> {
        if let Backend::Sqlite(_) = self.0 {
            return Ok(true);
        }
        let mut tx = self.begin().await?;
        sql::query("UPDATE shared SET host_key = coalesce(host_key, $1)").bind(tag.as_slice()).execute(&mut tx).await?;
        let tagged: Vec<u8> = sql::query_scalar("SELECT host_key FROM shared").fetch_one(&mut tx).await?;
        tx.commit().await?;
        Ok(same(tag, &tagged))
    }

    /// From now on, no connection reads or writes in a database that was sealed with another key than the one of `tag`, which is
    /// the file at `path`: a server that was out of reach while the key was replaced must not go on with the old one.
    pub fn expect(&self, tag: Tag, path: PathBuf) {
        if let Backend::Postgres(database) = &self.0 {
            database.expect(tag, path);
        }
    }

    /// Waits until a transaction was refused because of [`Store::expect`]; for a file, for ever. This server can do nothing
    /// more then. Returns the file of its key.
    pub async fn has_other_key(&self) -> PathBuf {
        match &self.0 {
            Backend::Sqlite(_) => std::future::pending().await,
            Backend::Postgres(database) => database.has_other_key().await,
        }
    }

    /// Whether no registration and no audit record was ever stored.
    pub async fn is_new(&self) -> Result<bool> {
        let any = "SELECT EXISTS (SELECT 1 FROM registration) OR EXISTS (SELECT 1 FROM audit)";
        Ok(!sql::query_scalar::<bool>(any).fetch_one(self.look().await?.connection()).await?)
    }

    /// The same store, opened by three replicas.
    #[cfg(test)]
    pub(crate) async fn three_for_tests(directory: &Path) -> [Self; 3] {
        if std::env::var_os("SSPR_TEST_STORE").is_some_and(|store| store == "postgres") {
            return postgres::tests::three().await;
        }
        let path = directory.join("sspr.db");
        [Self::open(&path).await.unwrap(), Self::open(&path).await.unwrap(), Self::open(&path).await.unwrap()]
    }

    /// Begins a transaction after the previous one has ended. It is rolled back unless it is committed.
    pub async fn begin(&self) -> Result<Tx<'_>> {
        Ok(Tx(Held(match &self.0 {
            Backend::Sqlite(file) => Kind::Sqlite(file.begin().await?),
            Backend::Postgres(database) => Kind::Postgres(Box::new(Box::pin(database.begin()).await?)),
        })))
    }

    /// Begins a transaction that only reads. Its statements all see the same rows.
    pub async fn begin_to_read(&self) -> Result<Tx<'_>> {
        Ok(Tx(Held(match &self.0 {
            Backend::Sqlite(file) => Kind::Sqlite(file.begin_to_read().await?),
            Backend::Postgres(database) => Kind::Postgres(Box::new(Box::pin(database.begin_to_read()).await?)),
        })))
    }

    /// Waits for a connection without a transaction. Each statement is committed by itself.
    pub async fn session(&self) -> Result<Held<'_>> {
        Ok(Held(match &self.0 {
            Backend::Sqlite(file) => Kind::Sqlite(file.session().await?),
            Backend::Postgres(database) => Kind::Postgres(Box::new(Box::pin(database.session()).await?)),
        }))
    }

    /// A connection for a single statement that only reads. It sees the last commit, so a sign-in never waits for a
    /// writer.
    pub async fn look(&self) -> Result<Held<'_>> {
        Ok(Held(match &self.0 {
            Backend::Sqlite(file) => Kind::Sqlite(file.look().await?),
            Backend::Postgres(database) => Kind::Postgres(Box::new(Box::pin(database.begin_to_read()).await?)),
        }))
    }

    /// Corrects dates from a time when the clock was ahead, see [`clock_jump`].
    pub async fn settle(&self, now: Time) -> Result<()> {
        let mut tx = self.begin().await?;
        ClockJump::settle(&mut tx, now).await?;
        tx.commit().await
    }

    /// Prepares the store for a new agent. If the store is a file, no other agent uses it.
    pub async fn resume(&self, now: Time) -> Result<()> {
        let mut tx = self.begin().await?;
        ClockJump::settle(&mut tx, now).await?;
        // Messages that another replica is sending stay leased to it until the lease ends.
        if let Backend::Sqlite(_) = self.0 {
            Messages::resume(&mut tx, now).await?;
        }
        tx.commit().await
    }

    /// Deletes rows that no limit and no dialogue needs any more: counts, challenges, help-desk codes and join tokens
    /// from before `before`, and audit records from before `audit_before`.
    pub async fn prune(&self, before: Time, audit_before: Time, now: Time) -> Result<()> {
        let mut tx = self.begin().await?;
        Events::prune(&mut tx, before).await?;
        sql::query("DELETE FROM challenge WHERE expires < $1").bind(before).execute(&mut tx).await?;
        sql::query("DELETE FROM helpdesk_code WHERE expires < $1").bind(before).execute(&mut tx).await?;
        Hosts::prune_tokens(&mut tx, before).await?;
        AuditRows::prune(&mut tx, audit_before, now).await?;
        tx.commit().await
    }
}
