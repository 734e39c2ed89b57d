//! Counting everybody on this machine. There may be a million: their accounts are read once, what they have registered comes in
//! whole tables (see [`crate::store::tally`]), and the work is done beside the thread that everybody's dialogues share.

use std::collections::HashMap;

use sspr_config::settings::Method;
use tokio::task::spawn_blocking;

use crate::{
    account::{Id, LOCAL},
    snapshot::Snapshot,
    store::tally::{self, Table},
};

use super::{
    Error, Result,
    people::{self, Facts},
    report,
    wire::Report,
};

/// What can be registered, by the words of the report.
pub(super) const METHODS: [&str; 4] = ["email", "phone", "app", "recovery codes"];

/// The facts about an account: a bit for each.
#[derive(Clone, Copy, Default)]
struct Known {
    uid: u32,
    bits: u8,
}

const ENABLED: u8 = 1;
const ADMIN: u8 = 1 << 1;
/// Registered, with the uid that the account has.
const OWN: u8 = 1 << 2;
/// This and the next ones: those of [`METHODS`].
const FIRST_METHOD: u8 = 1 << 3;

impl Known {
    const fn is(self, bit: u8) -> bool {
        self.bits & bit != 0
    }

    /// What of [`METHODS`] is registered; what another uid had under the same name is not.
    fn has(self) -> [bool; METHODS.len()] {
        std::array::from_fn(|n| self.is(OWN) && self.is(FIRST_METHOD << n))
    }
}

/// An account as it counts.
#[allow(clippy::struct_excessive_bools, reason = "each is counted by itself")]
pub(super) struct Counted {
    pub(super) enabled: bool,
    pub(super) registered: bool,
    pub(super) exempt: bool,
    pub(super) resting: bool,
    /// Which of [`METHODS`] it has.
    pub(super) has: [bool; METHODS.len()],
}

/// Counts everybody with an account of a person's on this machine into `report`.
pub(super) async fn tally(agent: &Snapshot, mut report: Report) -> Result<Report> {
    let mut tx = agent.begin().await?;
    let facts = Facts::read(&mut tx, agent, LOCAL).await?;
    tx.commit().await?;
    let people = aside(known(agent)).await??;
    let people = registered(agent, people).await?;
    let agent = agent.clone();
    aside(move || {
        for (name, known) in &people {
            report::add(&mut report, &counted(&agent, &facts, name, *known));
        }
        report
    })
    .await
}

/// Does `work` beside the thread that everybody's dialogues share.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|error| Error::Unavailable(error.to_string()))
}

/// The accounts by name.
fn known(agent: &Snapshot) -> impl FnOnce() -> Result<HashMap<String, Known>> + Send + 'static {
    let (people, settings) = (agent.people.clone(), agent.settings.clone());
    move || {
        let listed = people.listed(&settings.scope);
        let listed = listed.map_err(|error| Error::Unavailable(format!("the accounts can't be read: {error}")))?;
        let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
        let known = listed.into_iter().map(|listed| {
            let bits = bit(listed.enabled, ENABLED) | bit(listed.admin, ADMIN);
            (listed.name, Known { uid: listed.uid, bits })
        });
        Ok(known.collect())
    }
}

/// The same with what they have registered.
async fn registered(agent: &Snapshot, mut people: HashMap<String, Known>) -> Result<HashMap<String, Known>> {
    for table in [Table::Registrations, Table::Contacts, Table::Apps, Table::RecoveryCodes] {
        let mut note = |word: &str, name: &str| {
            let Some(known) = people.get_mut(name) else { return };
            known.bits |= match table {
                Table::Registrations => OWN * u8::from(word.parse() == Ok(known.uid)),
                Table::Contacts if word == METHODS[0] => FIRST_METHOD,
                Table::Contacts => FIRST_METHOD << 1,
                Table::Apps => FIRST_METHOD << 2,
                Table::RecoveryCodes => FIRST_METHOD << 3,
            };
        };
        tally::each(&agent.store, LOCAL, table, &mut note).await?;
    }
    Ok(people)
}

fn counted(agent: &Snapshot, facts: &Facts, name: &str, known: Known) -> Counted {
    let has = known.has();
    let [email, phone, app, _] = has;
    let method = |method: Method| match method {
        Method::Email => email,
        Method::Phone => phone,
        Method::App => app,
    };
    Counted {
        enabled: known.is(ENABLED),
        registered: people::has_enough(agent, known.is(ADMIN), method),
        exempt: facts.is_exempt(name, Id::from(known.uid)),
        resting: facts.rests_for(agent, name).is_some(),
        has,
    }
}
