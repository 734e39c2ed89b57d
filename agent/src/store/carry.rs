//! Copies a SQLite store to PostgreSQL: every table, in one transaction, with all rows counted.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    Held, Kind, Store, Tx,
    postgres::Database,
    rekey::READER,
    sql::{self, Row, Value},
};
use crate::error::{Error, Result};

/// The tables, each after the tables that it refers to, with the column that has a sequence.
const TABLES: [(&str, Option<&str>); 19] = [
    ("registration", Some("number")),
    ("contact", Some("id")),
    ("authenticator", Some("id")),
    ("recovery_code", Some("id")),
    ("helpdesk_code", Some("id")),
    ("invitation", None),
    ("exemption", None),
    ("unanswered", None),
    ("picture", None),
    ("challenge", Some("number")),
    ("event", Some("id")),
    ("outbox", Some("id")),
    ("audit", Some("id")),
    ("audit_anchor", None),
    ("synced", Some("number")),
    ("sync", None),
    ("host", Some("number")),
    ("host_token", Some("number")),
    ("former_key", Some("number")),
];

/// The most rows that one statement writes.
const PIECE: i64 = 500;

/// The names of all tables.
pub fn tables() -> [&'static str; 19] {
    TABLES.map(|(table, _)| table)
}

/// The outcome of [`carry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// Everything came over: the number of rows of each table.
    Rows(Vec<(&'static str, u64)>),
    /// The database is in use, and the file has nothing that it lacks.
    Before,
}

/// [`carry_over`], or nothing if that was done before, or if there is nothing in the file. The agent may have the file open
/// if the database is in use.
pub async fn carry(from: &Path, to: &Database) -> Result<Carried> {
    let store = Store::shared(to.clone());
    let mut there = store.begin_to_read().await?;
    let mut used = None;
    for (table, _) in TABLES {
        if used.is_none() && has_rows(&mut there, table).await? {
            used = Some(table);
        }
    }
    let exists = from.try_exists().map_err(|source| Error::File { path: from.to_owned(), source })?;
    let Some(table) = used else {
        drop(there);
        return if exists { Ok(Carried::Rows(carry_over(from, to).await?)) } else { Ok(Carried::Before) };
    };
    if !exists || is_there(from, &mut there).await? {
        return Ok(Carried::Before);
    }
    Err(Error::CarryOver(format!(
        "the database is not empty: there are rows in its table {table}. They are not those of {from}, which has \
         registrations of its own. If only the database is to count, move that file away; otherwise name an empty database",
        from = from.display()
    )))
}

/// Whether the file at `from` has no registration and no host, or the database has its last record of the audit trail:
/// each of them leaves one there.
async fn is_there(from: &Path, there: &mut Tx<'_>) -> Result<bool> {
    let options = SqliteConnectOptions::new().filename(from).read_only(true);
    let mut file = SqliteConnection::connect_with(&options).await?;
    let registered = "SELECT (SELECT count(*) FROM registration) + (SELECT count(*) FROM host)";
    let registered: i64 = sqlx::query_scalar(registered).fetch_one(&mut file).await?;
    let last = sqlx::query_as("SELECT id, chain FROM audit WHERE chain IS NOT NULL ORDER BY id DESC LIMIT 1");
    let last: Option<(i64, Vec<u8>)> = last.fetch_optional(&mut file).await?;
    file.close().await?;
    if registered == 0 {
        return Ok(true);
    }
    let Some((number, chain)) = last else { return Ok(false) };
    let same = sql::query_scalar("SELECT count(*) FROM audit WHERE id = $1 AND chain = $2");
    let same: i64 = same.bind(number).bind(chain).fetch_one(there).await?;
    Ok(same == 1)
}

/// A column, and how its values are read.
struct Column {
    name: String,
    kind: fn(&Row, usize) -> Result<Value>,
}

/// Copies everything from the SQLite store at `from`, which no agent may have open, to `to`, which must be empty.
/// Returns the number of rows of each table.
///
/// If it fails, nothing was written, except after [`Error::MaybeCarriedOver`]: then the result is not known.
pub async fn carry_over(from: &Path, to: &Database) -> Result<Vec<(&'static str, u64)>> {
    let from = Store::alone(from).await?;
    let mut old = from.begin().await?;
    let mut new = Tx(Held(Kind::Postgres(Box::new(Box::pin(to.begin_to_fill()).await?))));
    let others = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                  AND name <> '_sqlx_migrations'";
    let tables: Vec<String> = sql::query_scalar(others).fetch_all(&mut old).await?;
    if let Some(unknown) = tables.iter().find(|name| TABLES.iter().all(|(table, _)| table != name)) {
        return Err(Error::CarryOver(format!("the table {unknown} has no place in the database")));
    }
    for (table, _) in TABLES {
        if has_rows(&mut new, table).await? {
            return Err(Error::CarryOver(format!("the database is not empty: there are rows in its table {table}")));
        }
    }
    let mut counts = Vec::new();
    for (table, numbered) in TABLES {
        copy(&mut old, &mut new, table).await?;
        if let Some(column) = numbered {
            go_on_numbering(&mut old, &mut new, table, column).await?;
        }
        let (there, here) = (count(&mut old, table).await?, count(&mut new, table).await?);
        if there != here {
            return Err(Error::CarryOver(format!("of {there} rows of {table} only {here} came")));
        }
        counts.push((table, here));
    }
    // Servers of an earlier version would not find what is stored under a former key.
    let keep_out = "UPDATE shared SET min_reader = greatest(min_reader, $1) WHERE EXISTS (SELECT 1 FROM former_key)";
    sql::query(keep_out).bind(READER).execute(&mut new).await?;
    new.commit().await.map_err(|why| Error::MaybeCarriedOver(Box::new(why)))?;
    Ok(counts)
}

async fn has_rows(tx: &mut Tx<'_>, table: &str) -> Result<bool> {
    let any = AssertSqlSafe(format!("SELECT EXISTS (SELECT 1 FROM {table})"));
    Ok(sql::query_scalar(any).fetch_one(tx).await?)
}

async fn count(tx: &mut Tx<'_>, table: &str) -> Result<u64> {
    let count: i64 = sql::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(tx).await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The columns of a table in SQLite.
async fn columns(old: &mut Tx<'_>, table: &str) -> Result<Vec<Column>> {
    let rows: Vec<(String, String)> =
        sql::query_as("SELECT name, type FROM pragma_table_info($1)").bind(table).fetch_all(old).await?;
    let column = |(name, kind): (String, String)| Column {
        name,
        kind: match kind.as_str() {
            "INTEGER" => |row, at| Ok(Value::Integer(row.try_get(at)?)),
            "BLOB" => |row, at| Ok(Value::Bytes(row.try_get(at)?)),
            _ => |row, at| Ok(Value::Text(row.try_get(at)?)),
        },
    };
    Ok(rows.into_iter().map(column).collect())
}

async fn copy(old: &mut Tx<'_>, new: &mut Tx<'_>, table: &str) -> Result<()> {
    let columns = columns(old, table).await?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let (names, width) = (names.join(", "), columns.len());
    let mut after = i64::MIN;
    loop {
        let select = format!("SELECT {names}, rowid FROM {table} WHERE rowid > $1 ORDER BY rowid LIMIT $2");
        let rows = sql::query(AssertSqlSafe(select)).bind(after).bind(PIECE).fetch_all(old).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.try_get(width)?;
        let places: Vec<String> = (0..rows.len())
            .map(|row| {
                let row: Vec<String> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
                format!("({})", row.join(", "))
            })
            .collect();
        let insert = format!("INSERT INTO {table} ({names}) VALUES {}", places.join(", "));
        let mut insert = sql::query(AssertSqlSafe(insert));
        for row in &rows {
            for (at, column) in columns.iter().enumerate() {
                insert = insert.bind((column.kind)(row, at)?);
            }
        }
        insert.execute(new).await?;
    }
}

/// Makes the sequence go on after the last number that was used, even if that row is gone.
async fn go_on_numbering(old: &mut Tx<'_>, new: &mut Tx<'_>, table: &str, column: &str) -> Result<()> {
    let numbered = "SELECT seq FROM sqlite_sequence WHERE name = $1";
    let numbered: Option<i64> = sql::query_scalar(numbered).bind(table).fetch_optional(old).await?;
    let greatest = AssertSqlSafe(format!("SELECT max({column}) FROM {table}"));
    let greatest: Option<i64> = sql::query_scalar(greatest).fetch_one(old).await?;
    if let Some(last) = numbered.max(greatest).filter(|last| *last > 0) {
        let go_on = "SELECT setval(pg_get_serial_sequence($1, $2), $3)";
        sql::query(go_on).bind(table).bind(column).bind(last).execute(new).await?;
    }
    Ok(())
}
