//! Statements for both databases, SQLite and PostgreSQL. One text with `$1`, `$2` … is enough if both accept it;
//! otherwise [`either`] has a text for each.
//!
//! The tables have only integers, texts and bytes. A boolean is stored as 1 or 0.

use std::{borrow::Cow, marker::PhantomData, pin::Pin};

use sqlx::{
    AssertSqlSafe, ColumnIndex, Database, Decode, Row as _, SqliteConnection, Type,
    postgres::{PgRow, Postgres},
    sqlite::{Sqlite, SqliteRow},
};

use super::link::Link;
use crate::account::Name;

/// The result of a statement. The errors are sqlx's for both databases.
type Result<T> = std::result::Result<T, sqlx::Error>;

/// A connection to either database.
#[derive(Debug)]
pub enum Connection {
    /// SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(Link),
    /// A connection that was given back.
    Closed,
}

/// The text of a statement.
#[derive(Debug)]
pub struct Sql {
    sqlite: Cow<'static, str>,
    postgres: Cow<'static, str>,
}

/// A statement with a separate text for each database.
pub const fn either(sqlite: &'static str, postgres: &'static str) -> Sql {
    Sql { sqlite: Cow::Borrowed(sqlite), postgres: Cow::Borrowed(postgres) }
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        either(both, both)
    }
}

impl From<AssertSqlSafe<String>> for Sql {
    fn from(AssertSqlSafe(both): AssertSqlSafe<String>) -> Self {
        Self { sqlite: Cow::Owned(both.clone()), postgres: Cow::Owned(both) }
    }
}

/// A value for a statement. It has a type even if it is NULL, because PostgreSQL requires one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// An integer.
    Integer(Option<i64>),
    /// A text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

macro_rules! values {
    ($($kind:ident from $from:ty: $value:ident => $into:expr;)+) => {
        $(
            impl From<$from> for Value {
                fn from($value: $from) -> Self {
                    Self::$kind(Some($into))
                }
            }

            impl From<Option<$from>> for Value {
                fn from(value: Option<$from>) -> Self {
                    Self::$kind(value.map(|$value| $into))
                }
            }
        )+
    };
}

values! {
    Integer from i64: value => value;
    Integer from u32: value => value.into();
    Integer from bool: value => value.into();
    Text from &str: value => value.to_owned();
    Text from &String: value => value.clone();
    Text from String: value => value;
    Bytes from &[u8]: value => value.to_vec();
    Bytes from &Vec<u8>: value => value.clone();
    Bytes from Vec<u8>: value => value;
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

/// A row of an answer.
#[derive(Debug)]
pub enum Row {
    /// A row of SQLite.
    Sqlite(SqliteRow),
    /// A row of PostgreSQL.
    Postgres(PgRow),
}

/// A column, by its number or its name.
pub trait At: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Copy {}

impl<T: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Copy> At for T {}

impl Row {
    /// The value of a column.
    pub fn try_get<T: Field, I: At>(&self, at: I) -> Result<T> {
        T::of(self, at)
    }
}

/// A type that a column can be read as.
pub trait Field: Sized {
    /// Reads the column `at` of `row`.
    fn of<I: At>(row: &Row, at: I) -> Result<Self>;
}

/// An integer of any width that PostgreSQL computed, or a boolean.
fn integer<I: At>(row: &PgRow, at: I) -> Result<Option<i64>> {
    match row.try_get::<Option<i64>, _>(at) {
        Err(sqlx::Error::ColumnDecode { .. }) => {}
        read => return read,
    }
    match row.try_get::<Option<i32>, _>(at) {
        Err(sqlx::Error::ColumnDecode { .. }) => Ok(row.try_get::<Option<bool>, _>(at)?.map(i64::from)),
        read => Ok(read?.map(i64::from)),
    }
}

fn missing() -> sqlx::Error {
    sqlx::Error::Decode("NULL where there is always a value".into())
}

impl Field for Option<i64> {
    fn of<I: At>(row: &Row, at: I) -> Result<Self> {
        match row {
            Row::Sqlite(row) => row.try_get(at),
            Row::Postgres(row) => integer(row, at),
        }
    }
}

impl Field for i64 {
    fn of<I: At>(row: &Row, at: I) -> Result<Self> {
        Option::of(row, at)?.ok_or_else(missing)
    }
}

impl Field for u32 {
    fn of<I: At>(row: &Row, at: I) -> Result<Self> {
        Self::try_from(i64::of(row, at)?).map_err(|error| sqlx::Error::Decode(error.into()))
    }
}

impl Field for bool {
    fn of<I: At>(row: &Row, at: I) -> Result<Self> {
        Ok(i64::of(row, at)? != 0)
    }
}

/// Reads a type that both databases read in the same way.
fn alike<T, I: At>(row: &Row, at: I) -> Result<T>
where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
{
    match row {
        Row::Sqlite(row) => row.try_get(at),
        Row::Postgres(row) => row.try_get(at),
    }
}

macro_rules! fields_alike {
    ($($field:ty)+) => {
        $(
            impl Field for $field {
                fn of<I: At>(row: &Row, at: I) -> Result<Self> {
                    alike(row, at)
                }
            }
        )+
    };
}

fields_alike! { String Option<String> Vec<u8> Option<Vec<u8>> }

/// A whole row as a tuple.
pub trait FromRow: Sized {
    /// Reads the row.
    fn from_row(row: &Row) -> Result<Self>;
}

macro_rules! tuples {
    ($(($($field:ident $at:literal),+))+) => {
        $(
            impl<$($field: Field),+> FromRow for ($($field,)+) {
                fn from_row(row: &Row) -> Result<Self> {
                    Ok(($(row.try_get::<$field, _>($at)?,)+))
                }
            }
        )+
    };
}

tuples! {
    (A 0_usize, B 1_usize)
    (A 0_usize, B 1_usize, C 2_usize)
    (A 0_usize, B 1_usize, C 2_usize, D 3_usize)
}

/// The result of a statement that changes rows.
#[derive(Clone, Copy, Debug)]
pub struct Done(u64);

impl Done {
    /// The number of changed rows.
    pub const fn rows_affected(self) -> u64 {
        self.0
    }
}

/// A statement with its values.
#[derive(Debug)]
pub struct Query {
    sql: Sql,
    values: Vec<Value>,
}

/// A statement.
pub fn query(sql: impl Into<Sql>) -> Query {
    Query { sql: sql.into(), values: Vec::new() }
}

/// A statement of which only the first column of each row is read.
pub fn query_scalar<T: Field>(sql: impl Into<Sql>) -> Scalar<T> {
    Scalar(query(sql), PhantomData)
}

/// A statement whose rows are tuples.
pub fn query_as<T: FromRow>(sql: impl Into<Sql>) -> As<T> {
    As(query(sql), PhantomData)
}

/// sqlx's statement for one of the databases. It stays prepared, by its text, unless it is set otherwise.
fn bound<DB>(sql: Cow<'static, str>, values: Vec<Value>) -> sqlx::query::Query<'static, DB, DB::Arguments>
where
    DB: Database,
    Option<i64>: for<'t> sqlx::Encode<'t, DB> + Type<DB>,
    Option<String>: for<'t> sqlx::Encode<'t, DB> + Type<DB>,
    Option<Vec<u8>>: for<'t> sqlx::Encode<'t, DB> + Type<DB>,
{
    let query = match sql {
        Cow::Borrowed(sql) => sqlx::query(sql),
        // Only text that our own code asserted to be safe comes here.
        Cow::Owned(sql) => sqlx::query(AssertSqlSafe(sql)),
    };
    values.into_iter().fold(query, |query, value| match value {
        Value::Integer(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

/// Calls `$call` with the statement on either connection, and converts the answer to our own types.
macro_rules! on_either {
    ($query:ident, $on:ident, $call:ident, $sqlite:expr, $postgres:expr) => {
        match $on {
            Connection::Sqlite(connection) => {
                let statement = bound::<Sqlite>($query.sql.sqlite, $query.values);
                Box::pin(async move { statement.$call(connection).await.map($sqlite) })
            }
            Connection::Postgres(link) => {
                let statement = bound::<Postgres>($query.sql.postgres, $query.values).persistent(link.prepares());
                let (connection, health) = link.parts();
                Box::pin(async move { health.of(statement.$call(connection)).await.map($postgres) })
            }
            Connection::Closed => Box::pin(async { Err(sqlx::Error::PoolClosed) }),
        }
    };
}

/// A running statement, on the heap: a dialogue that waits for an answer must take little memory, see `sizes` among its
/// tests.
type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

impl Query {
    /// Binds the value of the next `$`.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Binds the values of the next two `$`, the realm and the name.
    #[must_use]
    pub fn of(self, name: Name<'_>) -> Self {
        self.bind(name.realm).bind(name.name)
    }

    /// Runs the statement.
    pub fn execute(self, on: &mut Connection) -> Work<'_, Done> {
        on_either!(self, on, execute, |done| Done(done.rows_affected()), |done| Done(done.rows_affected()))
    }

    /// Runs the statement and returns all rows.
    pub fn fetch_all(self, on: &mut Connection) -> Work<'_, Vec<Row>> {
        on_either!(self, on, fetch_all, |rows| rows.into_iter().map(Row::Sqlite).collect(), |rows| rows
            .into_iter()
            .map(Row::Postgres)
            .collect())
    }

    /// Runs the statement and returns the first row, if there is one.
    pub fn fetch_optional(self, on: &mut Connection) -> Work<'_, Option<Row>> {
        on_either!(self, on, fetch_optional, |row| row.map(Row::Sqlite), |row| row.map(Row::Postgres))
    }

    /// Runs the statement and returns the first row.
    pub fn fetch_one(self, on: &mut Connection) -> Work<'_, Row> {
        on_either!(self, on, fetch_one, Row::Sqlite, Row::Postgres)
    }
}

/// Implements the methods of a statement whose rows `$read` converts.
macro_rules! read_as {
    ($query:ident, $bound:ident, $read:expr) => {
        impl<T: $bound> $query<T> {
            /// Binds the value of the next `$`.
            #[must_use]
            pub fn bind(self, value: impl Into<Value>) -> Self {
                Self(self.0.bind(value), PhantomData)
            }

            /// Binds the values of the next two `$`, the realm and the name.
            #[must_use]
            pub fn of(self, name: Name<'_>) -> Self {
                Self(self.0.of(name), PhantomData)
            }

            /// Runs the statement and returns all rows.
            pub fn fetch_all(self, on: &mut Connection) -> impl Future<Output = Result<Vec<T>>> + Send {
                let rows = self.0.fetch_all(on);
                async { rows.await?.iter().map($read).collect() }
            }

            /// Runs the statement and returns the first row, if there is one.
            pub fn fetch_optional(self, on: &mut Connection) -> impl Future<Output = Result<Option<T>>> + Send {
                let row = self.0.fetch_optional(on);
                async { row.await?.as_ref().map($read).transpose() }
            }

            /// Runs the statement and returns the first row.
            pub fn fetch_one(self, on: &mut Connection) -> impl Future<Output = Result<T>> + Send {
                let row = self.0.fetch_one(on);
                async { $read(&row.await?) }
            }
        }
    };
}

/// A statement from [`query_scalar`].
#[derive(Debug)]
pub struct Scalar<T>(Query, PhantomData<fn() -> T>);

/// A statement from [`query_as`].
#[derive(Debug)]
pub struct As<T>(Query, PhantomData<fn() -> T>);

read_as!(Scalar, Field, |row: &Row| T::of(row, 0_usize));
read_as!(As, FromRow, T::from_row);
