//! What the directory does not have any more is erased, if that is not suddenly much.

use std::collections::BTreeMap;

use sspr_config::settings::Method;

use super::{Source, by_the_directory, record};
use crate::{
    account::{DIRECTORY, LOCAL, Name},
    audit::Event,
    error::Result,
    notes::{self, About, Changed},
    random,
    snapshot::Snapshot,
    store::{AuditRows, Registrations, Synced, Tx, synced::Gone},
};

/// So many contacts of a method must be missing, and more than one in so many of those that there were: then nothing is erased.
const LOST_LEAST: u64 = 5;
/// See [`LOST_LEAST`].
const LOST_SHARE: u64 = 5;

/// Erases contacts that the settings do not have copied any more: of other methods, or of another realm.
pub(super) async fn forget_unset(agent: &Snapshot) -> Result<()> {
    let source = Source::of(agent);
    for realm in [LOCAL, DIRECTORY] {
        let own = source.as_ref().filter(|source| source.realm == realm);
        let taken = own.map(|source| source.set.methods.as_slice()).unwrap_or_default();
        let mut tx = agent.begin_to_read().await?;
        let mut some = false;
        for method in [Method::Email, Method::Phone] {
            some |= !taken.contains(&method) && Synced::count(&mut tx, realm, method).await?.0 > 0;
        }
        tx.commit().await?;
        if some {
            let mut tx = agent.begin().await?;
            Synced::forget_but(&mut tx, realm, taken).await?;
            tx.commit().await?;
            erase_gone(agent, realm, &random::handle(agent.random.as_ref())?).await?;
        }
    }
    Ok(())
}

/// Why nothing is erased where `lost` of the `before` contacts of a method are not found any more, with `people` on all pages.
pub(super) fn too_many(method: Method, before: u64, lost: u64, people: u64) -> Option<String> {
    let much = lost >= LOST_LEAST && lost.saturating_mul(LOST_SHARE) > before;
    if lost == 0 || (people > 0 && !much) {
        return None;
    }
    let what = if method == Method::Phone { "telephone numbers" } else { "email addresses" };
    Some(format!(
        "the directory lacks {lost} of the {before} {what} that it had the last time, so nothing was erased; if that is right: sspr \
         admin directory sync --erase"
    ))
}

/// Erases contacts of which nothing is said any more. Those that are left are notified, and the contact itself is; where the directory
/// has another in its place, they were when that came.
pub(super) async fn erase_gone(agent: &Snapshot, realm: &str, correlation: &str) -> Result<()> {
    let mut after = 0;
    loop {
        let mut tx = agent.begin().await?;
        let (gone, last) = Synced::gone(&mut tx, realm, after).await?;
        let mut people: BTreeMap<String, Vec<Gone>> = BTreeMap::new();
        for one in gone {
            people.entry(one.name.clone()).or_default().push(one);
        }
        let mut newest = 0;
        for (name, gone) in &people {
            newest = erase(&mut tx, agent, Name { realm, name }, gone, correlation).await?;
        }
        tx.commit().await?;
        if newest > 0 {
            agent.audit.wrote(newest);
            agent.settled.clear();
            agent.outbox.wake();
        }
        let Some(last) = last else { return Ok(()) };
        after = last;
    }
}

async fn erase(tx: &mut Tx<'_>, agent: &Snapshot, who: Name<'_>, gone: &[Gone], correlation: &str) -> Result<i64> {
    let Some(registration) = Registrations::get(tx, &agent.keys, who).await? else { return Ok(0) };
    let told = registration.usable();
    let mut newest = 0;
    for one in gone {
        let Some(own) = registration.contacts.iter().find(|own| own.id == one.row) else { continue };
        if own.usable && !one.replaced {
            let change = Changed::Removed(About::contact(&own.contact));
            notes::changed(tx, agent, who, &by_the_directory(), change, &told).await?;
        }
        let method = own.contact.method().as_str();
        newest = AuditRows::add(tx, &record(Event::Erased, who, method, correlation, agent.now())).await?;
    }
    let rows: Vec<i64> = gone.iter().map(|one| one.row).collect();
    Synced::erase(tx, who, &rows).await?;
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_may_go_at_once_and_many_or_all_may_not() {
        let held = |before, lost, people| too_many(Method::Email, before, lost, people).is_some();
        for (before, lost, people, want) in [
            (1000, 0, 1000, false),
            (1000, 200, 800, false),
            (1000, 201, 799, true),
            (8, 4, 4, false),
            (8, 5, 3, true),
            (25, 5, 20, false),
            (1, 1, 0, true),
            (0, 0, 0, false),
        ] {
            assert_eq!(held(before, lost, people), want, "{lost} of {before}");
        }
        let why = too_many(Method::Phone, 100, 30, 5).unwrap();
        assert!(why.contains("30 of the 100 telephone numbers") && why.contains("--erase"), "{why}");
    }
}
