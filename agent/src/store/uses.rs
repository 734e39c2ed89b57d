//! When registered contacts and apps were last used.

use std::collections::HashMap;

use super::{Tx, proofs::Holder, sql};
use crate::{account::Name, clock::Time, error::Result};

/// When each contact and app of a user was last used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastUsed {
    /// The contacts, by row.
    pub contacts: HashMap<i64, Option<Time>>,
    /// The authenticator app.
    pub app: Option<Time>,
}

/// Records when contacts and apps are used.
pub trait Uses {
    /// Notes the use of the contacts and the app of the holder's proofs, which were just spent. Call it in the
    /// transaction that spends them.
    fn note(&mut self, holder: &Holder<'_>) -> impl Future<Output = Result<()>> + Send;

    /// When each contact and the app of `name` was last used.
    fn last(&mut self, name: Name<'_>) -> impl Future<Output = Result<LastUsed>> + Send;

    /// Copies the times of `from` to the same contacts and the app of `to`, which takes them over.
    fn carry(&mut self, from: Name<'_>, to: Name<'_>) -> impl Future<Output = Result<()>> + Send;
}

/// The rows in `$column` of the challenges that a holder just spent.
macro_rules! spent {
    ($column:literal) => {
        concat!(
            "(SELECT ",
            $column,
            " FROM challenge WHERE account = $1 AND purpose = $2 AND dialogue = $3 AND spent = $4 AND ",
            $column,
            " IS NOT NULL"
        )
    };
}

impl Uses for Tx<'_> {
    async fn note(&mut self, holder: &Holder<'_>) -> Result<()> {
        for statement in [
            concat!("UPDATE contact SET used = $4 WHERE id IN ", spent!("contact"), ")"),
            concat!("UPDATE authenticator SET used = $4 WHERE id IN ", spent!("token"), " AND method = 'app')"),
        ] {
            sql::query(statement)
                .bind(holder.account.as_slice())
                .bind(holder.purpose)
                .bind(holder.dialogue)
                .bind(holder.now)
                .execute(self)
                .await?;
        }
        Ok(())
    }

    async fn last(&mut self, name: Name<'_>) -> Result<LastUsed> {
        let contacts: Vec<(i64, Option<Time>)> =
            sql::query_as("SELECT id, used FROM contact WHERE realm = $1 AND name = $2")
                .of(name)
                .fetch_all(self)
                .await?;
        let app: Option<Option<Time>> =
            sql::query_scalar("SELECT used FROM authenticator WHERE realm = $1 AND name = $2")
                .of(name)
                .fetch_optional(self)
                .await?;
        Ok(LastUsed { contacts: contacts.into_iter().collect(), app: app.flatten() })
    }

    async fn carry(&mut self, from: Name<'_>, to: Name<'_>) -> Result<()> {
        for statement in [
            "UPDATE contact SET verified = old.verified, used = old.used FROM contact AS old \
             WHERE contact.realm = $3 AND contact.name = $4 AND old.realm = $1 AND old.name = $2 AND old.lookup = contact.lookup",
            "UPDATE authenticator SET used = old.used FROM authenticator AS old \
             WHERE authenticator.realm = $3 AND authenticator.name = $4 AND old.realm = $1 AND old.name = $2",
        ] {
            sql::query(statement).of(from).of(to).execute(self).await?;
        }
        Ok(())
    }
}
