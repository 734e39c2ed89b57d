//! The tables in PostgreSQL: their version, and the state that the replicas share.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use super::{COMMIT, Kept, WRITE};
use crate::{
    clock::Time,
    error::{Error, Result},
    store::{rekey, sql},
};

/// The version of the tables that this program can use. A migration that older programs can't go on with raises
/// `min_reader`. A release that can use both versions comes first.
const READER: i64 = rekey::READER;

/// Migrates the tables to this version, in one transaction while no other transaction writes. Tables of a newer version
/// stay unchanged. Fails with [`Error::NewerDatabase`] if this program can't use them.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<()> {
    let mut tx = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let min_reader = to_this_version(&mut tx).await?;
    tx.commit().await?;
    if min_reader > Some(READER) { Err(Error::NewerDatabase) } else { Ok(()) }
}

/// What is in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The MAC by which it knows the host key that it was written with; `None` if no server has used it.
    pub host_key: Option<Vec<u8>>,
    /// Whether one of the tables has rows.
    pub in_use: bool,
}

/// Does what [`migrate`] does, and undoes it. Looks for rows in `tables`.
pub(super) async fn try_out(connection: &mut PgConnection, tables: &[&'static str]) -> Result<Trial> {
    // Rolled back when it is dropped.
    let mut tx = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let encoding: String =
        sqlx::query_scalar("SELECT current_setting('server_encoding')").persistent(false).fetch_one(&mut *tx).await?;
    if encoding != "UTF8" {
        return Err(Error::CarryOver(format!("its encoding is {encoding}; create it with --encoding=UTF8")));
    }
    if to_this_version(&mut tx).await? > Some(READER) {
        return Err(Error::NewerDatabase);
    }
    let host_key = sqlx::query_scalar("SELECT host_key FROM shared").persistent(false).fetch_one(&mut *tx).await?;
    let mut in_use = false;
    for table in tables {
        let rows = AssertSqlSafe(format!("SELECT EXISTS (SELECT 1 FROM {table})"));
        in_use = in_use || sqlx::query_scalar(rows).persistent(false).fetch_one(&mut *tx).await?;
    }
    tx.rollback().await?;
    Ok(Trial { host_key, in_use })
}

/// Migrates the tables in this transaction. Returns the least version of programs that can use them.
async fn to_this_version(tx: &mut PgConnection) -> Result<Option<i64>> {
    let mut migrator = sqlx::migrate!("./migrations-postgres");
    // The migrator's own lock would belong to the session. A newer replica's migrations may exist already.
    migrator.set_locking(false).set_ignore_missing(true);
    let newest = migrator.iter().map(|migration| migration.version).max();
    let mut version = None;
    if number(tx, "SELECT CASE WHEN to_regclass('_sqlx_migrations') IS NULL THEN 0::bigint END").await?.is_none() {
        version = number(tx, "SELECT max(version) FROM _sqlx_migrations").await?;
    }
    if version < newest {
        number(tx, WAIT).await?;
        // A table may be in the hands of a vacuum for hours, and all writers wait meanwhile. The agent starts again and
        // tries once more.
        sqlx::query("SET LOCAL lock_timeout = '10s'").persistent(false).execute(&mut *tx).await?;
        migrator.run_direct(None, &mut *tx, false).await?;
    }
    number(tx, "SELECT min_reader FROM shared").await
}

/// Takes the lock of writers ("sspr" in ASCII), with no limit on the wait.
const WAIT: &str = "SELECT NULL::bigint FROM (SELECT pg_advisory_xact_lock(1936945266) OFFSET 0) AS locked";

/// The one number that a statement returns. The statement does not stay prepared.
async fn number(connection: &mut PgConnection, statement: &'static str) -> Result<Option<i64>> {
    let row = sqlx::query(statement).persistent(false).fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

/// Handles a database whose timeline differs from that of this replica's last transaction: a standby took over, or a
/// backup was restored. The last commits may be lost. A spent code must not become valid again, so all open codes are
/// voided.
pub(super) async fn new_timeline(kept: &mut Kept, timeline: i64, now: Time) -> Result<()> {
    kept.all_of(WRITE).await?;
    let known = sql::query_scalar("SELECT timeline FROM shared");
    let known: Option<i64> = known.fetch_one(&mut kept.connection).await?;
    if known != Some(timeline) {
        if known.is_some() {
            tracing::warn!("the database goes on from an earlier state; all codes that were sent are void");
            let void = "UPDATE challenge SET voided = $1 WHERE voided IS NULL AND spent IS NULL";
            sql::query(void).bind(now).execute(&mut kept.connection).await?;
        }
        sql::query("UPDATE shared SET timeline = $1").bind(timeline).execute(&mut kept.connection).await?;
    }
    kept.all_of(COMMIT).await?;
    Ok(())
}
