//! The users of the directory in the report: whoever has a registration here. The directory itself is not asked.

use sspr_config::settings::Method;

use crate::{
    account::{DIRECTORY, Id},
    snapshot::Snapshot,
    store::{Tallies as _, tally::Table},
};

use super::{
    Result, aside,
    counted::METHODS,
    people::{self, Facts},
    roll::Roll,
    wire::OfDirectory,
};

/// What is known about one user.
#[derive(Clone, Copy, Default)]
struct Known {
    exempt: bool,
    waits: bool,
    /// Which of [`METHODS`] the user has.
    has: [bool; METHODS.len()],
    /// Whether there is an email address and a phone that the user did not register.
    vouched: [bool; 2],
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
            let Some(Known { waits, has: [email, phone, app, codes], vouched: [by_email, by_phone], .. }) =
                users.get_mut(name)
            else {
                return;
            };
            match table {
                Table::Registrations => {}
                Table::Waits => *waits = word.parse().is_ok_and(|until| agent.now() < until),
                Table::Contacts if word == METHODS[0] => *email = true,
                Table::Contacts => *phone = true,
                Table::Vouched => *(if word == METHODS[0] { by_email } else { by_phone }) = true,
                Table::Apps => *app = true,
                Table::RecoveryCodes => *codes = true,
            }
        };
        agent.store.each(DIRECTORY, table, &mut note).await?;
    }
    let agent = agent.clone();
    aside(move || {
        let mut all =
            OfDirectory { by_method: METHODS.map(|method| (method.to_owned(), 0)).into(), ..OfDirectory::default() };
        for (name, user) in users.iter() {
            add(&mut all, &agent, &facts, name, *user);
        }
        Some(all)
    })
    .await
}

fn add(all: &mut OfDirectory, agent: &Snapshot, facts: &Facts, name: &str, user: Known) {
    let [email, phone, app, _] = user.has;
    // Whether somebody is an administrator, only a look-up of each account would tell.
    let enough = |[email, phone, app]: [bool; 3]| {
        people::has_enough(agent, false, |method| match method {
            Method::Email => email,
            Method::Phone => phone,
            Method::App => app,
        })
    };
    let registered = enough([email, phone, app]);
    let [vouched_email, vouched_phone] = user.vouched;
    let capable = if user.waits { enough([vouched_email, vouched_phone, false]) } else { registered };
    let suspended = facts.suspended_for(agent, name).is_some();
    let OfDirectory { known, registered: enrolled, capable: able, waiting, exempt, resting, by_method } = all;
    let numbers = [known, enrolled, able, waiting, exempt, resting];
    for (number, holds) in numbers.into_iter().zip([true, registered, capable, user.waits, user.exempt, suspended]) {
        *number += u64::from(holds);
    }
    for (method, _) in METHODS.iter().zip(user.has).filter(|(_, has)| *has) {
        *by_method.entry((*method).to_owned()).or_default() += 1;
    }
}
