//! Reading the audit trail.

use std::time::Duration;

use crate::{
    audit,
    snapshot::Snapshot,
    store::{AuditRows, audit::Record},
};

use super::{Result, wire::AuditOf};

/// How long one call waits for a new record.
const WAIT: Duration = Duration::from_secs(25);

pub(super) async fn read(agent: &Snapshot, of: AuditOf) -> Result<Vec<Record>> {
    // What was done before this question is part of the answer.
    audit::drain(agent).await?;
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
    let mut tx = agent.begin().await?;
    let records = AuditRows::read(&mut tx, &of.query).await?;
    tx.commit().await?;
    Ok(records)
}
