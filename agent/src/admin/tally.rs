//! Counts all users on this machine. There may be a million: their accounts are read once, registrations are read by
//! whole tables (see [`crate::store::tally`]), and the work runs off the thread that all dialogues share.

use sspr_config::settings::Method;
use sspr_machine::listing::Listed;

use crate::{
    account::{Id, LOCAL},
    snapshot::Snapshot,
    store::{Tallies as _, tally::Table},
};

use super::{
    Result, aside,
    by_group::Groups,
    counted::{self, Counted, Has},
    no_accounts,
    people::{self, Facts},
    roll::Roll,
    wire::Report,
};

/// The facts about an account, one bit each.
#[derive(Clone, Copy, Default)]
struct Known {
    uid: u32,
    bits: u16,
}

const ENABLED: u16 = 1;
const ADMIN: u16 = 1 << 1;
/// Registered with the account's current uid.
const OWN: u16 = 1 << 2;
/// This and the next bits: what [`Has`] has.
const FIRST_METHOD: u16 = 1 << 3;

impl Known {
    const fn is(self, bit: u16) -> bool {
        self.bits & bit != 0
    }

    /// The registration of another uid under the same name does not count.
    fn has(self) -> Has {
        std::array::from_fn(|n| self.is(OWN) && self.is(FIRST_METHOD << n))
    }
}

/// Counts all user accounts on this machine into `report`.
pub(super) async fn tally(agent: &Snapshot, mut report: Report, mut groups: Groups) -> Result<Report> {
    let mut tx = agent.begin().await?;
    let facts = Facts::read(&mut tx, agent, LOCAL).await?;
    tx.commit().await?;
    let mut people = aside(known(agent)).await??;
    registered(agent, &mut people).await?;
    let agent = agent.clone();
    aside(move || {
        for (name, known) in people.iter() {
            let counted = counted(&agent, &facts, name, *known);
            counted::add(&mut report, &counted);
            groups.add(name, &counted);
        }
        report.by_group = groups.done();
        report
    })
    .await
}

/// The accounts by name.
fn known(agent: &Snapshot) -> impl FnOnce() -> Result<Roll<Known>> + Send + 'static {
    let (people, settings) = (agent.people.clone(), agent.settings.clone());
    move || {
        let mut known = Roll::default();
        let bit = |holds: bool, bit: u16| if holds { bit } else { 0 };
        let mut add = |listed: &Listed| {
            let bits = bit(listed.enabled, ENABLED) | bit(listed.admin, ADMIN);
            known.insert(&listed.name, Known { uid: listed.uid, bits });
        };
        people.each(&settings.scope, &mut add).map_err(no_accounts)?;
        Ok(known)
    }
}

/// Adds their registrations.
async fn registered(agent: &Snapshot, people: &mut Roll<Known>) -> Result<()> {
    for table in [Table::Registrations, Table::Contacts, Table::Apps, Table::RecoveryCodes] {
        let mut note = |word: &str, name: &str| {
            let Some(known) = people.get_mut(name) else { return };
            known.bits |= match counted::index(table, word) {
                Some(index) => FIRST_METHOD << index,
                None => OWN * u16::from(word.parse() == Ok(known.uid)),
            };
        };
        agent.store.each(LOCAL, table, &mut note).await?;
    }
    Ok(())
}

fn counted(agent: &Snapshot, facts: &Facts, name: &str, known: Known) -> Counted {
    let has = known.has();
    let method = |method: Method| counted::holds_method(has, method);
    Counted {
        enabled: known.is(ENABLED),
        registered: people::has_enough(agent, known.is(ADMIN), method),
        exempt: facts.is_exempt(name, Id::from(known.uid)),
        suspended: facts.suspended_for(agent, name).is_some(),
        has,
    }
}
