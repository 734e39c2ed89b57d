//! Queries of one statement each that only read. A sign-in waits for them, but not for writers.

use sspr_config::settings::Method;

use super::{
    id_of,
    registrations::{Invitation, Progress},
    sql::{self, Connection},
};
use crate::{
    account::{Id, Name},
    clock::Time,
    error::Result,
};

/// Queries that run in a transaction or without one.
pub trait LookUps {
    /// How far `name` with `id` has got with registering, if `methods` are enabled. Rows of another id with this name
    /// don't count. Opens no contact.
    fn progress(&mut self, name: Name<'_>, id: Id, methods: &[Method])
    -> impl Future<Output = Result<Progress>> + Send;

    /// The id that `name` had at registration.
    fn id_at_registration(&mut self, name: Name<'_>) -> impl Future<Output = Result<Option<Id>>> + Send;

    /// The tag of the language that `name` registered in, if it is known.
    fn language(&mut self, name: Name<'_>) -> impl Future<Output = Result<Option<String>>> + Send;

    /// Whether the connection of `name` with `id` ended while an app's picture was shown, and the user has not answered
    /// at a picture since.
    fn was_cut_off(&mut self, name: Name<'_>, id: Id) -> impl Future<Output = Result<bool>> + Send;

    /// Whether the audit trail has an `event` of `account` with this `reason` after `since`.
    fn is_recorded(
        &mut self,
        account: Name<'_>,
        event: &str,
        reason: &str,
        since: Time,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// When the next message in the outbox is due by one of `methods`; `None` if none waits.
    fn next_tries(&mut self, methods: &[Method]) -> impl Future<Output = Result<Option<Time>>> + Send;
}

impl LookUps for Connection {
    async fn progress(&mut self, name: Name<'_>, id: Id, methods: &[Method]) -> Result<Progress> {
        let listed = methods.iter().fold(",".to_owned(), |listed, method| listed + method.as_str() + ",");
        let row = sql::query(
            "SELECT (SELECT count(DISTINCT method) FROM contact AS c \
                        WHERE c.realm = r.realm AND c.name = r.name AND usable = 1 AND $4 LIKE '%,' || method || ',%') \
                  + (SELECT count(*) FROM authenticator AS a WHERE a.realm = r.realm AND a.name = r.name AND $4 LIKE '%,app,%'), \
                    (SELECT count(*) FROM contact AS c \
                        WHERE c.realm = r.realm AND c.name = r.name AND usable = 0 AND $4 LIKE '%,' || method || ',%'), \
                    r.confirmed, r.asked, r.checked, i.first_time, i.last_time, \
                    EXISTS (SELECT 1 FROM exemption WHERE realm = $1 AND name = $2 AND id = $3), \
                    EXISTS (SELECT 1 FROM recovery_code AS c WHERE c.realm = r.realm AND c.name = r.name AND used IS NULL) \
                    AND NOT EXISTS (SELECT 1 FROM recovery_code AS c \
                        WHERE c.realm = r.realm AND c.name = r.name AND used IS NULL AND seen IS NOT NULL), \
                    (SELECT time FROM unanswered WHERE realm = $1 AND name = $2 AND id = $3) \
             FROM (SELECT 1) AS always LEFT JOIN registration AS r ON r.realm = $1 AND r.name = $2 AND r.id = $3 \
                             LEFT JOIN invitation AS i ON i.realm = $1 AND i.name = $2 AND i.id = $3",
        )
        .of(name)
        .bind(id.as_str())
        .bind(listed)
        .fetch_one(&mut *self)
        .await?;
        let (first, last): (Option<Time>, Option<Time>) = (row.try_get(5)?, row.try_get(6)?);
        Ok(Progress {
            methods: row.try_get(0)?,
            unconfirmed: row.try_get(1)?,
            confirmed: row.try_get(2)?,
            asked: row.try_get(3)?,
            checked: row.try_get(4)?,
            invited: last.map(|last| Invitation { first, last }),
            exempt: row.try_get(7)?,
            unseen_codes: row.try_get(8)?,
            unanswered: row.try_get(9)?,
        })
    }

    async fn id_at_registration(&mut self, name: Name<'_>) -> Result<Option<Id>> {
        let row = sql::query("SELECT id FROM registration WHERE realm = $1 AND name = $2")
            .of(name)
            .fetch_optional(&mut *self)
            .await?;
        row.map(|row| id_of(&row, 0)).transpose()
    }

    async fn language(&mut self, name: Name<'_>) -> Result<Option<String>> {
        let language: Option<Option<String>> =
            sql::query_scalar("SELECT language FROM registration WHERE realm = $1 AND name = $2")
                .of(name)
                .fetch_optional(&mut *self)
                .await?;
        Ok(language.flatten())
    }

    async fn was_cut_off(&mut self, name: Name<'_>, id: Id) -> Result<bool> {
        Ok(sql::query_scalar("SELECT EXISTS (SELECT 1 FROM picture WHERE realm = $1 AND name = $2 AND id = $3)")
            .of(name)
            .bind(id.as_str())
            .fetch_one(&mut *self)
            .await?)
    }

    async fn is_recorded(&mut self, account: Name<'_>, event: &str, reason: &str, since: Time) -> Result<bool> {
        Ok(sql::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM audit \
             WHERE realm = $5 AND account = $1 AND at > $2 AND event = $3 AND reason = $4)",
        )
        .bind(account.name)
        .bind(since)
        .bind(event)
        .bind(reason)
        .bind(account.realm)
        .fetch_one(&mut *self)
        .await?)
    }

    async fn next_tries(&mut self, methods: &[Method]) -> Result<Option<Time>> {
        const { assert!(Method::CONTACTS.len() <= 3, "one more look for each") };
        let word = |at: usize| methods.get(at).map(|method| method.as_str());
        // One look at an index for each of them, however many messages wait.
        let times: (Option<Time>, Option<Time>, Option<Time>) = sql::query_as(
            "SELECT (SELECT min(next_try) FROM outbox WHERE method = $1), (SELECT min(next_try) FROM outbox WHERE method = $2), \
                    (SELECT min(next_try) FROM outbox WHERE method = $3)",
        )
        .bind(word(0))
        .bind(word(1))
        .bind(word(2))
        .fetch_one(&mut *self)
        .await?;
        Ok([times.0, times.1, times.2].into_iter().flatten().min())
    }
}
