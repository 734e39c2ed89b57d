//! Reading the audit trail.

use std::time::Duration;

use crate::{
    audit,
    doors::Doors,
    store::audit::{self as rows, Record},
};

use super::{Result, wire::AuditOf};

/// How long one call waits for a new record.
const WAIT: Duration = Duration::from_secs(25);

pub(super) async fn read(doors: &Doors, of: AuditOf) -> Result<Vec<Record>> {
    // What was done before this question is part of the answer.
    audit::drain(doors).await?;
    let mut newest = doors.trail.newest();
    newest.mark_unchanged();
    let records = select(doors, &of).await?;
    if !of.wait || !records.is_empty() {
        return Ok(records);
    }
    let _ = tokio::time::timeout(WAIT, newest.changed()).await;
    select(doors, &of).await
}

async fn select(doors: &Doors, of: &AuditOf) -> Result<Vec<Record>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let records = rows::read(&mut tx, &of.query).await?;
    tx.commit().await?;
    Ok(records)
}
