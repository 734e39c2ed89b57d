//! Counts all registrations by reading whole tables in pieces. One row for each account would pass between threads a
//! million times, so each piece is one text with a line for each row.

use futures_util::future::join;

use super::{
    Store,
    sql::{self, Sql, either},
};
use crate::error::Result;

/// How many rows a piece has. It is read in some milliseconds, for which a sign-in may have to wait.
const PIECE: u32 = 5000;

/// A statement for the next piece of a table. Each counted row becomes a line: a word, a colon, and the account's name,
/// which has no newline. `$realm` is an expression, so that no index by realm is used: the table is read in its order.
macro_rules! piece {
    ($realm:literal, $number:literal, $word:literal, $table:literal, $counts:literal) => {
        concat!(
            "SELECT max(number), string_agg(line, '\n') FROM (SELECT ",
            $number,
            " AS number, ",
            $word,
            " || ':' || name AS line FROM ",
            $table,
            " WHERE ",
            $realm,
            " = $3 AND ",
            $number,
            " > $1 AND ",
            $counts,
            " ORDER BY 1 LIMIT $2) AS piece"
        )
    };
}

/// The same for both databases. SQLite's unary plus costs nothing; PostgreSQL has none for a text.
macro_rules! pieces {
    ($($part:literal),+) => {
        either(piece!("+realm", $($part),+), piece!("realm || ''", $($part),+))
    };
}

/// The table to read.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    /// The id at registration of each registered account.
    Registrations,
    /// The method of each usable contact.
    Contacts,
    /// `app` for each authenticator app.
    Apps,
    /// `codes` for each recovery code that is left.
    RecoveryCodes,
    /// When the waiting time of each first registration ends, see [`super::FirstContacts`].
    Waits,
    /// The method of each usable contact with a source. It does not wait.
    Vouched,
}

impl Table {
    const fn statement(self) -> Sql {
        match self {
            Self::Registrations => pieces!("number", "id", "registration", "TRUE"),
            Self::Contacts => pieces!("id", "method", "contact", "usable = 1"),
            Self::Apps => pieces!("id", "'app'", "authenticator", "TRUE"),
            Self::RecoveryCodes => pieces!("id", "'codes'", "recovery_code", "used IS NULL"),
            Self::Waits => pieces!("number", "waits", "registration", "waits IS NOT NULL"),
            Self::Vouched => pieces!("id", "method", "contact", "usable = 1 AND source IS NOT NULL"),
        }
    }
}

/// Reads whole tables while other callers write.
pub trait Tallies {
    /// Passes the word and the name of each row of `table` in `realm` to `take`. Rows that are written meanwhile may be
    /// among them.
    fn each(
        &self,
        realm: &str,
        table: Table,
        take: impl FnMut(&str, &str) + Send,
    ) -> impl Future<Output = Result<()>> + Send;
}

impl Tallies for Store {
    async fn each(&self, realm: &str, table: Table, mut take: impl FnMut(&str, &str) + Send) -> Result<()> {
        let piece = async |after: i64| -> Result<(Option<i64>, Option<String>)> {
            let statement = sql::query_as(table.statement()).bind(after).bind(PIECE).bind(realm);
            Ok(statement.fetch_one(self.look().await?.connection()).await?)
        };
        let (mut last, mut lines) = piece(i64::MIN).await?;
        while let Some(after) = last {
            let rows = lines.iter().flat_map(|lines| lines.split('\n')).filter_map(|line| line.split_once(':'));
            // The database reads the next piece meanwhile.
            let hand_over = async { rows.for_each(|(word, name)| take(word, name)) };
            (last, lines) = join(piece(after), hand_over).await.0?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_row_that_counts_is_handed_over_once_however_many_pieces_there_are() {
        let store = Store::for_tests().await.unwrap();
        let many = 2 * i64::from(PIECE) + 7;
        for statement in [
            "INSERT INTO registration (realm, name, id, created, confirmed) \
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1) \
             SELECT 'local', 'p' || n, CAST(n AS TEXT), 0, 0 FROM n",
            "INSERT INTO contact (realm, name, method, sealed, lookup, created, usable) \
             SELECT realm, name, CASE CAST(id AS BIGINT) % 2 WHEN 0 THEN 'email' ELSE 'phone' END, \
                    unhex(''), unhex(''), 0, CASE WHEN CAST(id AS BIGINT) % 3 > 0 THEN 1 ELSE 0 END \
             FROM registration WHERE $1 > 0",
            "INSERT INTO authenticator (realm, name, sealed, last_step, created) VALUES ('local', 'p5', unhex(''), $1, 0)",
            "INSERT INTO recovery_code (realm, name, code, created, used) \
             VALUES ('local', 'p6', unhex(''), $1, NULL), ('local', 'p7', unhex(''), 0, 1)",
            "UPDATE registration SET waits = 60 WHERE name = 'p8' AND $1 > 0",
            // p3's contact is not usable.
            "UPDATE contact SET source = 'import' WHERE name IN ('p3', 'p4') AND $1 > 0",
        ] {
            sql::query(statement).bind(many).execute(store.session().await.unwrap().connection()).await.unwrap();
        }
        let read = async |table| {
            let mut rows = Vec::new();
            let take = |word: &str, name: &str| rows.push((word.to_owned(), name.to_owned()));
            store.each(crate::account::LOCAL, table, take).await.unwrap();
            rows
        };
        let registered: Vec<_> = (1..=many).map(|n| (n.to_string(), format!("p{n}"))).collect();
        assert_eq!(read(Table::Registrations).await, registered);
        let method = |n: i64| if n % 2 == 0 { "email" } else { "phone" };
        let usable = (1..=many).filter(|n| n % 3 > 0).map(|n| (method(n).to_owned(), format!("p{n}")));
        assert_eq!(read(Table::Contacts).await, usable.collect::<Vec<_>>());
        assert_eq!(read(Table::Waits).await, [("60".to_owned(), "p8".to_owned())]);
        assert_eq!(read(Table::Vouched).await, [("email".to_owned(), "p4".to_owned())]);
        assert_eq!(read(Table::Apps).await, [("app".to_owned(), "p5".to_owned())]);
        assert_eq!(read(Table::RecoveryCodes).await, [("codes".to_owned(), "p6".to_owned())]);
    }
}
