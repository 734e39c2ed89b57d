//! The waiting time of first registrations through a host of the fleet, before they can be used for a reset. An
//! attacker who broke into the host had the password as well, and could have registered their own mailbox.

use sspr_config::settings::Method;

use super::{
    Tx,
    sql::{self, Row},
};
use crate::{account::Name, clock::Time, error::Result, keys::Tag};

/// A waiting time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// When it ends.
    pub until: Time,
    /// The id of the host that the registration came through.
    pub via: String,
}

/// Where a code can go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForCodes {
    /// The row of the contact, as from [`super::Registrations::find_contact`].
    pub usable: Option<i64>,
    /// The same among the contacts with a source, such as imported ones. Those that only the user registered do not
    /// count.
    pub vouched: Option<i64>,
    /// When the waiting time of the first registration ends, even if it has ended.
    pub until: Option<Time>,
}

/// The preferred usable contact, or the oldest, with further conditions.
macro_rules! contact {
    ($which:literal) => {
        concat!(
            "(SELECT id FROM contact WHERE realm = $1 AND name = $2 AND method = $3 AND usable = 1 ",
            $which,
            " AND ($4 IS NULL OR lookup = $4) ORDER BY preferred DESC, id LIMIT 1)"
        )
    };
}

/// First registrations that came through a host.
pub trait FirstContacts {
    /// Makes the contacts, app and recovery codes that the owner of `name` registered wait until `until`: they came
    /// through the host `via`, and nothing was registered before.
    fn wait(&mut self, name: Name<'_>, until: Time, via: &str) -> impl Future<Output = Result<()>> + Send;

    /// The waiting time of `name`, even if it has ended.
    fn waits(&mut self, name: Name<'_>) -> impl Future<Output = Result<Option<Waits>>> + Send;

    /// Where a code of `method` to `name` can go, all in one statement: each costs a switch to another thread and back.
    fn for_codes(
        &mut self,
        name: Name<'_>,
        method: Method,
        lookup: Option<&Tag>,
    ) -> impl Future<Output = Result<ForCodes>> + Send;
}

impl FirstContacts for Tx<'_> {
    async fn wait(&mut self, name: Name<'_>, until: Time, via: &str) -> Result<()> {
        sql::query("UPDATE registration SET waits = $1, via = $2 WHERE realm = $3 AND name = $4")
            .bind(until)
            .bind(via)
            .of(name)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn waits(&mut self, name: Name<'_>) -> Result<Option<Waits>> {
        let row =
            sql::query("SELECT waits, via FROM registration WHERE realm = $1 AND name = $2 AND waits IS NOT NULL")
                .of(name)
                .fetch_optional(self)
                .await?;
        let read = |row: Row| -> Result<Waits> {
            Ok(Waits { until: row.try_get(0)?, via: row.try_get::<Option<String>, _>(1)?.unwrap_or_default() })
        };
        row.map(read).transpose()
    }

    async fn for_codes(&mut self, name: Name<'_>, method: Method, lookup: Option<&Tag>) -> Result<ForCodes> {
        let (usable, vouched, until) = sql::query_as(concat!(
            "SELECT ",
            contact!(""),
            ", ",
            contact!("AND source IS NOT NULL"),
            ", (SELECT waits FROM registration WHERE realm = $1 AND name = $2)"
        ))
        .of(name)
        .bind(method.as_str())
        .bind(lookup.map(Tag::as_slice))
        .fetch_one(self)
        .await?;
        Ok(ForCodes { usable, vouched, until })
    }
}
