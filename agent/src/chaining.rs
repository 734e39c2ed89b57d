//! Keeps the audit trail chained, and has root's helper store the head of the chain where the agent can't write.

use sspr_protocol::chain::Place;

use crate::{error::Result, services::Services, store::Chains};

/// How many rows are chained at a time: sign-ins come in between.
pub(crate) const BATCH: u32 = 200;

/// Chains all rows that are not chained yet, and returns the head.
pub(crate) async fn chain_all(services: &Services) -> Result<Option<Place>> {
    loop {
        let mut tx = services.begin().await?;
        let chained = Chains::chain_up(&mut tx, services.random.as_ref(), BATCH).await?;
        let head = if chained < BATCH { Chains::head(&mut tx).await? } else { None };
        tx.commit().await?;
        if chained < BATCH {
            return Ok(head);
        }
        tokio::task::yield_now().await;
    }
}

/// The same, and after a reset passes the head to root's helper. If that fails, the next reset passes it.
pub(crate) async fn keep_up(services: &Services) {
    let head = match chain_all(services).await {
        Ok(head) => head,
        Err(error) => {
            tracing::error!(%error, "audit records can't be chained");
            return;
        }
    };
    if let (Some(head), true) = (head, services.audit.take_witnessed())
        && let Err(error) = services.helper.witness(head.row, &head.chain).await
    {
        // The helper of an older release does not have this call.
        tracing::warn!(%error, "root's helper keeps no line about the audit trail");
    }
}
