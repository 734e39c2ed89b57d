//! The numbers of the report by group.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sspr_config::settings::Enable;

use crate::snapshot::Snapshot;

use super::{
    Error, Result, aside,
    counted::{Counted, holds},
    wire::Share,
};

/// The most groups in one report.
const GROUPS_MAX: usize = 200;

/// The members of the counted groups, and the numbers so far.
#[derive(Debug, Default)]
pub(super) struct Groups {
    members: HashMap<String, BTreeSet<String>>,
    counted: BTreeMap<String, Share>,
}

impl Groups {
    /// The groups that are `asked` for. `None`: no groups. An empty list: the groups in `[scope]` that exist.
    pub(super) async fn read(agent: &Snapshot, asked: Option<Vec<String>>) -> Result<Self> {
        let Some(asked) = asked else { return Ok(Self::default()) };
        if asked.len() > GROUPS_MAX {
            return Err(Error::Malformed(format!("a report counts at most {GROUPS_MAX} groups")));
        }
        let (people, settings) = (agent.people.clone(), agent.settings.clone());
        aside(move || {
            let mut groups = asked;
            if groups.is_empty() {
                let scope = &settings.scope;
                let enabled = if let Enable::Groups(groups) = &scope.enable { groups.as_slice() } else { &[] };
                groups = enabled.iter().chain(&scope.admin_groups).filter(|g| people.is_group(g)).cloned().collect();
            } else if let Some(unknown) = groups.iter().find(|group| !people.is_group(group)) {
                return Err(Error::NotFound(format!("there is no group {unknown}")));
            }
            let members = people
                .members(&settings.scope, &groups)
                .map_err(|error| Error::Unavailable(format!("the groups can't be read: {error}")))?;
            Ok(Self { members, counted: groups.into_iter().map(|group| (group, Share::default())).collect() })
        })
        .await?
    }

    /// Counts the account `name` in each of its groups.
    pub(super) fn add(&mut self, name: &str, account: &Counted) {
        for group in self.members.get(name).into_iter().flatten() {
            let Some(share) = self.counted.get_mut(group) else { continue };
            let Share { accounts, enabled, registered, capable, exempt, resting } = share;
            for (number, holds) in
                [accounts, enabled, registered, capable, exempt, resting].into_iter().zip(holds(account))
            {
                *number += u64::from(holds);
            }
        }
    }

    /// Returns the numbers.
    pub(super) fn done(self) -> BTreeMap<String, Share> {
        self.counted
    }
}
