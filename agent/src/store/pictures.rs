//! Users whose connection ended while an app's picture was shown. They get no picture unless they ask for one.

use super::{Tx, sql};
use crate::{
    account::{Id, Name},
    error::Result,
};

/// The accounts whose connection ended while a picture was shown.
pub trait Pictures {
    /// Notes that the connection of `name` with `id` ended while a picture was shown.
    fn cut_off(&mut self, name: Name<'_>, id: Id) -> impl Future<Output = Result<()>> + Send;

    /// Notes that `name` answered while a picture was shown.
    fn seen(&mut self, name: Name<'_>) -> impl Future<Output = Result<()>> + Send;
}

impl Pictures for Tx<'_> {
    async fn cut_off(&mut self, name: Name<'_>, id: Id) -> Result<()> {
        sql::query("INSERT INTO picture (realm, name, id) VALUES ($1, $2, $3) ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id")
            .of(name)
            .bind(id.as_str())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn seen(&mut self, name: Name<'_>) -> Result<()> {
        sql::query("DELETE FROM picture WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(())
    }
}
