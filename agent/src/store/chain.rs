//! The chain of the rows of the audit trail, see [`sspr_protocol::chain`]. New rows are not chained; a single statement
//! may add many of them. They are chained afterwards, in the order of their ids.

use serde_json::json;
use sspr_protocol::{
    audit::PAGE,
    chain::{self, Link, Place, hex},
};

use super::{
    Tx,
    audit::record,
    sql::{self, Row},
};
use crate::{account::Name, error::Result, random::Random};

/// How many random bytes are hashed with the words about a user, so that the hash does not help to guess them.
const SALT_BYTES: usize = 16;

/// The chain of the audit trail.
pub trait Chains {
    /// Chains at most `most` rows, the oldest of the rows that are not chained yet, and returns their number.
    fn chain_up(&mut self, random: &dyn Random, most: u32) -> impl Future<Output = Result<u32>> + Send;

    /// The newest chained row.
    fn head(&mut self) -> impl Future<Output = Result<Option<Place>>> + Send;

    /// The last row that was deleted because of its age.
    fn anchor(&mut self) -> impl Future<Output = Result<Option<Place>>> + Send;

    /// The chained rows after `after`, at most [`PAGE`] of them.
    fn links(&mut self, after: i64) -> impl Future<Output = Result<Vec<Link>>> + Send;

    /// Replaces `name` with `pseudonym` in the rows about it, and returns their number. The rows stay, without what
    /// else they say about the user: the source, and the reason if the event is one of `free_text`. All rows must be
    /// chained.
    fn erase_person(
        &mut self,
        name: Name<'_>,
        pseudonym: &str,
        free_text: &[&str],
    ) -> impl Future<Output = Result<u64>> + Send;
}

/// The columns of [`record`], and the other columns of the chain.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, at, event, correlation, actor, account, service, source, outcome, reason, realm, salt, person, chain FROM audit ",
            $rest
        )
    };
}

impl Chains for Tx<'_> {
    async fn chain_up(&mut self, random: &dyn Random, most: u32) -> Result<u32> {
        let rows = sql::query(select!("WHERE chain IS NULL ORDER BY id LIMIT $1")).bind(most).fetch_all(self).await?;
        let Some(first) = rows.first() else { return Ok(0) };
        let mut before = before(self, first.try_get(0)?).await?;
        let mut links = Vec::with_capacity(rows.len());
        for row in &rows {
            let (record, realm) = (record(row)?, row.try_get::<String, _>(10)?);
            let mut salt = [0; SALT_BYTES];
            random.fill(&mut salt)?;
            let person = chain::person(&salt, &realm, &record);
            before = chain::chain(&before, &record, &person).to_vec();
            links.push(json!({ "i": record.id, "s": hex(&salt), "p": hex(&person), "c": hex(&before) }));
        }
        sql::query(
            "UPDATE audit SET salt = unhex(json_extract(j.value, '$.s')), person = unhex(json_extract(j.value, '$.p')), \
               chain = unhex(json_extract(j.value, '$.c')) \
             FROM json_each($1) AS j WHERE audit.id = CAST(json_extract(j.value, '$.i') AS BIGINT)",
        )
        .bind(json!(links).to_string())
        .execute(self)
        .await?;
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    async fn head(&mut self) -> Result<Option<Place>> {
        let statement = "SELECT id, chain FROM audit WHERE chain IS NOT NULL ORDER BY id DESC LIMIT 1";
        sql::query(statement).fetch_optional(self).await?.as_ref().map(place).transpose()
    }

    async fn anchor(&mut self) -> Result<Option<Place>> {
        let row = sql::query("SELECT row, chain FROM audit_anchor").fetch_optional(self).await?;
        row.as_ref().map(place).transpose()
    }

    async fn links(&mut self, after: i64) -> Result<Vec<Link>> {
        let rows = sql::query(select!("WHERE id > $1 AND chain IS NOT NULL ORDER BY id LIMIT $2"));
        let rows = rows.bind(after).bind(PAGE).fetch_all(self).await?;
        rows.iter().map(link).collect()
    }

    async fn erase_person(&mut self, name: Name<'_>, pseudonym: &str, free_text: &[&str]) -> Result<u64> {
        let done = sql::query(
            "UPDATE audit SET source = CASE actor WHEN $5 THEN '-' ELSE source END, \
               reason = CASE WHEN event IN (SELECT value FROM json_each($4)) THEN '' ELSE reason END, \
               actor = CASE actor WHEN $5 THEN $6 ELSE actor END, account = $3, salt = NULL \
             WHERE realm = $1 AND account = $2",
        )
        .of(name)
        .bind(pseudonym)
        .bind(serde_json::to_string(free_text).unwrap_or_default())
        .bind(&*name.in_full())
        .bind(&*Name { name: pseudonym, ..name }.in_full())
        .execute(self)
        .await?;
        Ok(done.rows_affected())
    }
}

/// The value of the chain before the row `id`.
async fn before(tx: &mut Tx<'_>, id: i64) -> Result<Vec<u8>> {
    let before: Option<Option<Vec<u8>>> =
        sql::query_scalar("SELECT chain FROM audit WHERE id < $1 ORDER BY id DESC LIMIT 1")
            .bind(id)
            .fetch_optional(tx)
            .await?;
    if let Some(before) = before.flatten() {
        return Ok(before);
    }
    let anchor: Option<Vec<u8>> = sql::query_scalar("SELECT chain FROM audit_anchor").fetch_optional(tx).await?;
    Ok(anchor.unwrap_or_else(|| chain::BEGINNING.to_vec()))
}

fn place(row: &Row) -> Result<Place> {
    Ok(Place { row: row.try_get(0)?, chain: hex(&row.try_get::<Vec<u8>, _>(1)?) })
}

fn link(row: &Row) -> Result<Link> {
    Ok(Link {
        record: record(row)?,
        realm: row.try_get(10)?,
        salt: row.try_get::<Option<Vec<u8>>, _>(11)?.as_deref().map(hex),
        person: hex(&row.try_get::<Vec<u8>, _>(12)?),
        chain: hex(&row.try_get::<Vec<u8>, _>(13)?),
    })
}
