//! Reads the audit trail.

use std::time::Duration;

use sspr_protocol::chain::{ChainOf, Chained};

use crate::{
    audit_writer, chaining,
    snapshot::Snapshot,
    store::{AuditRows, Chains, audit::Record},
};

use super::{Result, find, wire::AuditOf};

/// How long one call waits for a new record.
const WAIT: Duration = Duration::from_secs(25);

pub(super) async fn read(agent: &Snapshot, mut of: AuditOf) -> Result<Vec<Record>> {
    if let Some(user) = of.query.user.take() {
        of.query.user = Some(find::in_full(agent, user).await?);
    }
    // Events before this question are part of the answer.
    audit_writer::drain(agent).await?;
    let mut newest = agent.audit.newest();
    newest.mark_unchanged();
    let records = select(agent, &of).await?;
    if !of.wait || !records.is_empty() {
        return Ok(records);
    }
    let _ = tokio::time::timeout(WAIT, newest.changed()).await;
    select(agent, &of).await
}

async fn select(agent: &Snapshot, of: &AuditOf) -> Result<Vec<Record>> {
    let mut tx = agent.begin_to_read().await?;
    let records = AuditRows::read(&mut tx, &of.query).await?;
    tx.commit().await?;
    Ok(records)
}

/// Rows with their chain. Rows that are not chained yet are chained first.
pub(super) async fn chain(agent: &Snapshot, of: ChainOf) -> Result<Chained> {
    audit_writer::drain(agent).await?;
    chaining::chain_all(agent).await?;
    let mut tx = agent.begin_to_read().await?;
    let (anchor, rows) = (Chains::anchor(&mut tx).await?, Chains::links(&mut tx, of.after).await?);
    tx.commit().await?;
    Ok(Chained { anchor, keep_days: agent.settings.audit.keep_days, rows })
}
