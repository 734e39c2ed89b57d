//! What everybody has registered, for counting: whole tables from end to end, a piece at a time. A row for each account would be
//! handed from thread to thread a million times; so a piece comes as one text, with a line for each row.

use super::Store;
use crate::error::Result;

/// Rows of a piece: read in some milliseconds, which a sign-in may have to wait.
const PIECE: u32 = 5000;

/// A table, and what a line says of each of its rows that count: a word, a colon, and the account's name, which has no newline.
macro_rules! pieces {
    ($number:literal, $word:literal, $table:literal, $counts:literal) => {
        concat!(
            "SELECT max(number), group_concat(line, char(10)) FROM (SELECT ",
            $number,
            " AS number, ",
            $word,
            " || ':' || name AS line FROM ",
            $table,
            " WHERE realm || '' = $3 AND ",
            $number,
            " > $1 AND ",
            $counts,
            " ORDER BY 1 LIMIT $2)"
        )
    };
}

/// What is read.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    /// The id at registration, of each who is registered.
    Registrations,
    /// The method of each contact that can be used.
    Contacts,
    /// `app`, of each authenticator app.
    Apps,
    /// `codes`, of each recovery code that is left.
    RecoveryCodes,
}

impl Table {
    const fn statement(self) -> &'static str {
        match self {
            Self::Registrations => pieces!("number", "id", "registration", "TRUE"),
            Self::Contacts => pieces!("id", "method", "contact", "usable = 1"),
            Self::Apps => pieces!("id", "'app'", "authenticator", "TRUE"),
            Self::RecoveryCodes => pieces!("id", "'codes'", "recovery_code", "used IS NULL"),
        }
    }
}

/// Hands over the word and the name of each row of `table` in `realm`. What is written meanwhile may be among them or not.
pub async fn each(store: &Store, realm: &str, table: Table, mut take: impl FnMut(&str, &str)) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let (last, lines): (Option<i64>, Option<String>) = sqlx::query_as(table.statement())
            .bind(after)
            .bind(PIECE)
            .bind(realm)
            .fetch_one(store.look().await.connection())
            .await?;
        let Some(last) = last else { return Ok(()) };
        for (word, name) in lines.iter().flat_map(|lines| lines.split('\n')).filter_map(|line| line.split_once(':')) {
            take(word, name);
        }
        after = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_row_that_counts_is_handed_over_once_however_many_pieces_there_are() {
        let store = Store::in_memory().await.unwrap();
        let many = 2 * i64::from(PIECE) + 7;
        for statement in [
            "INSERT INTO registration (realm, name, id, created, confirmed) \
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
             SELECT 'local', 'p' || n, CAST(n AS TEXT), 0, 0 FROM n",
            "INSERT INTO contact (realm, name, method, sealed, lookup, created, usable) \
             SELECT realm, name, CASE id % 2 WHEN 0 THEN 'email' ELSE 'phone' END, x'', x'', 0, id % 3 > 0 \
             FROM registration WHERE ?1 > 0",
            "INSERT INTO authenticator (realm, name, sealed, last_step, created) VALUES ('local', 'p5', x'', ?1, 0)",
            "INSERT INTO recovery_code (realm, name, code, created, used) \
             VALUES ('local', 'p6', x'', ?1, NULL), ('local', 'p7', x'', 0, 1)",
        ] {
            sqlx::query(statement).bind(many).execute(store.session().await.connection()).await.unwrap();
        }
        let read = async |table| {
            let mut rows = Vec::new();
            each(&store, crate::account::LOCAL, table, |word, name| rows.push((word.to_owned(), name.to_owned())))
                .await
                .unwrap();
            rows
        };
        let registered: Vec<_> = (1..=many).map(|n| (n.to_string(), format!("p{n}"))).collect();
        assert_eq!(read(Table::Registrations).await, registered);
        let method = |n: i64| if n % 2 == 0 { "email" } else { "phone" };
        let usable = (1..=many).filter(|n| n % 3 > 0).map(|n| (method(n).to_owned(), format!("p{n}")));
        assert_eq!(read(Table::Contacts).await, usable.collect::<Vec<_>>());
        assert_eq!(read(Table::Apps).await, [("app".to_owned(), "p5".to_owned())]);
        assert_eq!(read(Table::RecoveryCodes).await, [("codes".to_owned(), "p6".to_owned())]);
    }
}
