//! The users of the directory in the report: whoever has a registration here. The directory itself is not asked.

use crate::{
    account::{DIRECTORY, Id},
    snapshot::Snapshot,
    store::{Tallies as _, tally::Table},
};

use super::{
    Result, aside,
    counted::{self, Has},
    people::{self, Facts},
    roll::Roll,
    wire::OfDirectory,
};

/// What is known about one user.
#[derive(Clone, Copy, Default)]
struct Known {
    exempt: bool,
    waits: bool,
    has: Has,
    /// The same of contacts that the user did not register.
    vouched: Has,
}

/// Counts the users with a registration. `None`: no directory is set up.
pub(super) async fn count(agent: &Snapshot) -> Result<Option<OfDirectory>> {
    if agent.settings.directory.kind.is_none() {
        return Ok(None);
    }
    let mut tx = agent.begin().await?;
    let facts = Facts::read(&mut tx, agent, DIRECTORY).await?;
    tx.commit().await?;
    let mut users: Roll<Known> = Roll::default();
    for table in
        [Table::Registrations, Table::Waits, Table::Contacts, Table::Vouched, Table::Apps, Table::RecoveryCodes]
    {
        let mut note = |word: &str, name: &str| {
            if matches!(table, Table::Registrations) {
                let exempt = Id::parse(word).is_some_and(|id| facts.is_exempt(name, id));
                users.insert(name, Known { exempt, ..Known::default() });
                return;
            }
            // A row without a registration is being written or deleted right now.
            let Some(known) = users.get_mut(name) else { return };
            if matches!(table, Table::Waits) {
                known.waits = word.parse().is_ok_and(|until| agent.now() < until);
                return;
            }
            // A method of a later version counts for nothing here.
            let Some(index) = counted::index(table, word) else { return };
            let has = if matches!(table, Table::Vouched) { &mut known.vouched } else { &mut known.has };
            has.get_mut(index).into_iter().for_each(|has| *has = true);
        };
        agent.store.each(DIRECTORY, table, &mut note).await?;
    }
    let agent = agent.clone();
    aside(move || {
        let mut all = OfDirectory { by_method: counted::none(), ..OfDirectory::default() };
        for (name, user) in users.iter() {
            add(&mut all, &agent, &facts, name, *user);
        }
        Some(all)
    })
    .await
}

fn add(all: &mut OfDirectory, agent: &Snapshot, facts: &Facts, name: &str, user: Known) {
    // Whether somebody is an administrator, only a look-up of each account would tell.
    let enough = |has: Has| people::has_enough(agent, false, |method| counted::holds_method(has, method));
    let registered = enough(user.has);
    let capable = if user.waits { enough(user.vouched) } else { registered };
    let suspended = facts.suspended_for(agent, name).is_some();
    let OfDirectory { known, registered: enrolled, capable: able, waiting, exempt, resting, by_method } = all;
    let numbers = [known, enrolled, able, waiting, exempt, resting];
    for (number, holds) in numbers.into_iter().zip([true, registered, capable, user.waits, user.exempt, suspended]) {
        *number += u64::from(holds);
    }
    counted::count(by_method, user.has);
}
