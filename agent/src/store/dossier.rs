//! All rows about one user, to export or erase them. Sealed contents are opened elsewhere.

use std::collections::BTreeMap;

use sspr_protocol::compliance::{App, Counted, InDirectory, Questions, RecoveryCode, SentCode};

use super::{
    Tx,
    audit::Record,
    audit::record_in_full,
    id_of,
    outbox::{Waiting, waiting},
    sql,
};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
    keys::Tag,
};

/// A registration's row.
#[derive(Debug)]
pub struct Row {
    /// The account's id at registration.
    pub id: Id,
    /// When the user was last asked about it.
    pub asked: Option<Time>,
    /// When it was last found to be complete.
    pub checked: Option<Time>,
}

/// All rows about one user.
pub trait Dossiers {
    /// The registration of `name`.
    fn row(&mut self, name: Name<'_>) -> impl Future<Output = Result<Option<Row>>> + Send;

    /// The authenticator app of `name`.
    fn app(&mut self, name: Name<'_>) -> impl Future<Output = Result<Option<App>>> + Send;

    /// The recovery codes of `name`.
    fn recovery_codes(&mut self, name: Name<'_>) -> impl Future<Output = Result<Vec<RecoveryCode>>> + Send;

    /// When `name` was asked to register.
    fn questions(&mut self, name: Name<'_>) -> impl Future<Output = Result<Questions>> + Send;

    /// What the directory last reported about `name`.
    fn in_directory(&mut self, name: Name<'_>) -> impl Future<Output = Result<Vec<InDirectory>>> + Send;

    /// The events that are counted under `keys`, oldest first.
    fn counted(&mut self, keys: &[Tag]) -> impl Future<Output = Result<Vec<Counted>>> + Send;

    /// The codes that were sent to `account`.
    fn codes(&mut self, account: &Tag) -> impl Future<Output = Result<Vec<SentCode>>> + Send;

    /// All waiting messages, of any user, each with the word of its method.
    fn waiting(&mut self) -> impl Future<Output = Result<Vec<(String, Waiting)>>> + Send;

    /// At most `most` rows of the audit trail after `after` that are about `name` or about an action of `name`.
    fn trail(&mut self, name: Name<'_>, after: i64, most: u32) -> impl Future<Output = Result<Vec<Record>>> + Send;

    /// Erases the rows of `name` and the events under `keys`. Returns the number of rows of each table.
    ///
    /// Codes that were sent to `account` have only keyed hashes, and limits depend on them. Of these, only those are
    /// erased that a stranger can't see.
    fn erase(
        &mut self,
        name: Name<'_>,
        account: &Tag,
        keys: &[Tag],
    ) -> impl Future<Output = Result<BTreeMap<String, u64>>> + Send;
}

impl Dossiers for Tx<'_> {
    async fn row(&mut self, name: Name<'_>) -> Result<Option<Row>> {
        sql::query("SELECT id, asked, checked FROM registration WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .fetch_optional(self)
            .await?
            .map(|row| Ok(Row { id: id_of(&row, 0)?, asked: row.try_get(1)?, checked: row.try_get(2)? }))
            .transpose()
    }

    async fn app(&mut self, name: Name<'_>) -> Result<Option<App>> {
        sql::query("SELECT created, used FROM authenticator WHERE realm = $1 AND name = $2")
            .bind(name.realm)
            .bind(name.name)
            .fetch_optional(self)
            .await?
            .map(|row| Ok(App { since: row.try_get(0)?, used: row.try_get(1)? }))
            .transpose()
    }

    async fn recovery_codes(&mut self, name: Name<'_>) -> Result<Vec<RecoveryCode>> {
        sql::query("SELECT created, seen, used FROM recovery_code WHERE realm = $1 AND name = $2 ORDER BY id")
            .bind(name.realm)
            .bind(name.name)
            .fetch_all(self)
            .await?
            .iter()
            .map(|row| Ok(RecoveryCode { made: row.try_get(0)?, seen: row.try_get(1)?, used: row.try_get(2)? }))
            .collect()
    }

    async fn questions(&mut self, name: Name<'_>) -> Result<Questions> {
        let row = sql::query(
            "SELECT max(first_time), max(last_time), max(unanswered), max(picture) FROM ( \
               SELECT first_time, last_time, NULL AS unanswered, 0 AS picture FROM invitation WHERE realm = $1 AND name = $2 \
               UNION ALL SELECT NULL, NULL, time, 0 FROM unanswered WHERE realm = $1 AND name = $2 \
               UNION ALL SELECT NULL, NULL, NULL, 1 FROM picture WHERE realm = $1 AND name = $2) AS asked",
        )
        .bind(name.realm)
        .bind(name.name)
        .fetch_one(self)
        .await?;
        Ok(Questions {
            first: row.try_get(0)?,
            last: row.try_get(1)?,
            unanswered: row.try_get(2)?,
            no_picture: row.try_get::<Option<i64>, _>(3)? == Some(1),
        })
    }

    async fn in_directory(&mut self, name: Name<'_>) -> Result<Vec<InDirectory>> {
        sql::query("SELECT method, since, told, entered FROM synced WHERE realm = $1 AND name = $2 ORDER BY method")
            .bind(name.realm)
            .bind(name.name)
            .fetch_all(self)
            .await?
            .iter()
            .map(|row| {
                Ok(InDirectory {
                    method: row.try_get(0)?,
                    since: row.try_get(1)?,
                    told: row.try_get(2)?,
                    entered: row.try_get(3)?,
                })
            })
            .collect()
    }

    async fn counted(&mut self, keys: &[Tag]) -> Result<Vec<Counted>> {
        let mut counted = Vec::new();
        for key in keys {
            let rows = sql::query("SELECT kind, at FROM event WHERE key = $1").bind(key.as_slice());
            for row in rows.fetch_all(self).await? {
                counted.push(Counted { what: row.try_get(0)?, at: row.try_get(1)? });
            }
        }
        counted.sort_by(|a, b| (a.at, &a.what).cmp(&(b.at, &b.what)));
        Ok(counted)
    }

    async fn codes(&mut self, account: &Tag) -> Result<Vec<SentCode>> {
        sql::query(
            "SELECT purpose, method, created, expires, tries_left, proved, spent FROM challenge WHERE account = $1 ORDER BY number",
        )
        .bind(account.as_slice())
        .fetch_all(self)
        .await?
        .iter()
        .map(|row| {
            Ok(SentCode {
                purpose: row.try_get(0)?,
                method: row.try_get(1)?,
                made: row.try_get(2)?,
                expires: row.try_get(3)?,
                tries_left: row.try_get(4)?,
                proved: row.try_get(5)?,
                used: row.try_get(6)?,
            })
        })
        .collect()
    }

    async fn waiting(&mut self) -> Result<Vec<(String, Waiting)>> {
        sql::query(
            "SELECT id, sealed, created, not_after, attempts, counted, challenge, method FROM outbox ORDER BY id",
        )
        .fetch_all(self)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(7)?, waiting(row)?)))
        .collect()
    }

    async fn trail(&mut self, name: Name<'_>, after: i64, most: u32) -> Result<Vec<Record>> {
        // Accounts of one name here and in the directory are the same actor, and are told apart by the account.
        sql::query(
            "SELECT id, at, event, correlation, actor, account, service, source, outcome, reason, realm FROM audit \
             WHERE id > $3 AND (account = $2 AND realm = $1 OR actor = $5 AND (account <> $2 OR realm LIKE 'host:%')) \
             ORDER BY id LIMIT $4",
        )
        .bind(name.realm)
        .bind(name.name)
        .bind(after)
        .bind(most)
        .bind(&*name.in_full())
        .fetch_all(self)
        .await?
        .iter()
        .map(record_in_full)
        .collect()
    }

    async fn erase(&mut self, name: Name<'_>, account: &Tag, keys: &[Tag]) -> Result<BTreeMap<String, u64>> {
        let mut rows = BTreeMap::new();
        // Rows that are deleted with a registration are deleted first, so that they are counted.
        for (table, statement) in [
            ("contact", "DELETE FROM contact WHERE realm = $1 AND name = $2"),
            ("authenticator", "DELETE FROM authenticator WHERE realm = $1 AND name = $2"),
            ("recovery_code", "DELETE FROM recovery_code WHERE realm = $1 AND name = $2"),
            ("registration", "DELETE FROM registration WHERE realm = $1 AND name = $2"),
            ("helpdesk_code", "DELETE FROM helpdesk_code WHERE realm = $1 AND name = $2"),
            ("exemption", "DELETE FROM exemption WHERE realm = $1 AND name = $2"),
            ("invitation", "DELETE FROM invitation WHERE realm = $1 AND name = $2"),
            ("unanswered", "DELETE FROM unanswered WHERE realm = $1 AND name = $2"),
            ("picture", "DELETE FROM picture WHERE realm = $1 AND name = $2"),
            ("synced", "DELETE FROM synced WHERE realm = $1 AND name = $2"),
        ] {
            let done = sql::query(statement).bind(name.realm).bind(name.name).execute(self).await?;
            rows.insert(table.to_owned(), done.rows_affected());
        }
        let mut count = 0;
        for key in keys {
            count += sql::query("DELETE FROM event WHERE key = $1")
                .bind(key.as_slice())
                .execute(self)
                .await?
                .rows_affected();
        }
        rows.insert("counted".to_owned(), count);
        let codes = sql::query("DELETE FROM challenge WHERE account = $1 AND purpose <> 'recover'")
            .bind(account.as_slice())
            .execute(self)
            .await?;
        rows.insert("code".to_owned(), codes.rows_affected());
        Ok(rows)
    }
}
