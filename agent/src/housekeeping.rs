//! Deletes old rows, and registrations of accounts that are gone.

use sspr_config::settings::Settings;

use crate::{clock::Time, error::Result, snapshot::Snapshot, store::Registrations, targets::Living};

/// If nothing waits, the store is still tidied up when something is sent: everything older than this is deleted.
const KEPT: Time = 2 * 86_400;

/// Deletes rows that are too old to be of use.
pub(crate) async fn prune(agent: &Snapshot) -> Result<()> {
    let (now, settings) = (agent.now(), &agent.settings);
    agent.store.settle(now).await?;
    let audit_before = now - i64::from(settings.audit.keep_days) * 86_400;
    agent.store.prune(now - kept(settings), audit_before, now).await
}

/// How many seconds the counts of limits are kept.
pub(crate) fn kept(settings: &Settings) -> Time {
    KEPT.max(settings.limits.failed_window.as_secs())
}

/// Deletes the registrations of accounts that their targets report as gone. If that is unknown, the registration
/// stays.
pub(crate) async fn forget_gone(agent: &Snapshot) -> Result<()> {
    for target in agent.targets.all() {
        let mut tx = agent.begin().await?;
        // Read while nobody can register: an account that was created a moment ago is included.
        let living = match target.living() {
            Ok(Living::All(living)) => living,
            Ok(Living::Untold) => continue,
            Err(error) => {
                tracing::warn!(%error, realm = target.realm(), "the accounts that there are can't be read");
                continue;
            }
        };
        let gone = Registrations::keep_only(&mut tx, target.realm(), &living).await?;
        tx.commit().await?;
        if gone > 0 {
            tracing::info!(gone, realm = target.realm(), "registrations of accounts that are gone were removed");
        }
    }
    Ok(())
}
