//! The list of all users by pages, for a user interface: there may be a million. All names are read, but only the
//! accounts on the page are looked up.

use std::{collections::HashSet, io};

use crate::{
    account::{DIRECTORY, LOCAL, Name},
    snapshot::Snapshot,
};

use super::{
    Error, Result, aside, no_accounts,
    people::{Facts, local, names_of_the_directory, names_of_the_hosts, of_the_directory, of_the_hosts},
    wire::{PAGE_MAX, People, PeopleOf},
};

/// Where an account is. Accounts of one name are listed in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In this host's files.
    Here,
    /// In the directory.
    Directory,
    /// In the files of a host of the fleet; its name is the one in full.
    Host,
}

/// A name, and where its account is.
type Entry = (String, Place);

impl Place {
    /// The key of the rows of the account that is called `name` there.
    fn name(self, name: &str) -> Name<'_> {
        match self {
            Self::Here => Name::local(name),
            Self::Directory => Name { realm: DIRECTORY, name },
            Self::Host => Name::of_a_host(name).unwrap_or(Name::local(name)),
        }
    }
}

pub(super) async fn page(agent: &Snapshot, of: PeopleOf) -> Result<People> {
    if !(1..=PAGE_MAX).contains(&of.most) {
        return Err(Error::Malformed(format!("a page has 1 to {PAGE_MAX} accounts")));
    }
    let (directory, hosts) = (names_of_the_directory(agent).await?, names_of_the_hosts(agent).await?);
    let judged = if of.suspended { Some(facts(agent).await?) } else { None };
    let (people, settings, judge) = (agent.people.clone(), agent.settings.clone(), agent.clone());
    let looked = aside(move || {
        let at = |place: Place| move |name: String| (name, place);
        let all = people.names(&settings.scope)?.into_iter().map(at(Place::Here));
        let all =
            all.chain(directory.into_iter().map(at(Place::Directory))).chain(hosts.into_iter().map(at(Place::Host)));
        let page = Cut::of(all, &of, |name, place| {
            judged.as_ref().is_none_or(|facts| facts.account_suspended_for(&judge, place.name(name)).is_some())
        });
        let here = page.entries.iter().filter(|(_, place)| *place == Place::Here).map(|(name, _)| name.as_str());
        let listed = people.called(&settings.scope, &here.collect::<HashSet<_>>())?;
        Ok::<_, io::Error>((page, listed))
    });
    let (page, listed) = looked.await?.map_err(no_accounts)?;
    let mut users = local(agent, listed).await?;
    let (mut directory, mut hosts) = (Vec::new(), Vec::new());
    for (name, place) in page.entries {
        match place {
            Place::Here => {}
            Place::Directory => directory.push(name),
            Place::Host => hosts.push(name),
        }
    }
    users.extend(of_the_directory(agent, &directory).await?);
    users.extend(of_the_hosts(agent, &hosts).await?);
    users.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(People { users, matching: page.matching, more: page.more })
}

/// Who is suspended, in all realms.
async fn facts(agent: &Snapshot) -> Result<Facts> {
    let mut tx = agent.begin_to_read().await?;
    let facts = Facts::read(&mut tx, agent, LOCAL).await?;
    tx.commit().await?;
    Ok(facts)
}

/// The names of one page.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    entries: Vec<Entry>,
    matching: u64,
    more: bool,
}

impl Cut {
    fn of(all: impl Iterator<Item = Entry>, of: &PeopleOf, wanted: impl Fn(&str, Place) -> bool) -> Self {
        let search = of.search.trim().to_lowercase();
        let found = |name: &str| search.is_empty() || name.to_lowercase().contains(&search);
        let mut entries: Vec<Entry> = all.filter(|(name, place)| found(name) && wanted(name, *place)).collect();
        let matching = entries.len() as u64;
        entries.retain(|(name, _)| of.after.is_empty() || *name > of.after);
        entries.sort_unstable();
        let most = usize::from(of.most);
        let last = most.checked_sub(1).and_then(|last| entries.get(last)).map(|(name, _)| name.clone());
        // The next page begins after a name, so both accounts of one name must be on this page.
        let end = entries.iter().skip(most).take_while(|(name, _)| Some(name) == last.as_ref()).count();
        let more = entries.len() > most + end;
        entries.truncate(most + end);
        Self { entries, matching, more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(names: &[(&str, bool)], search: &str, after: &str, most: u16) -> (Vec<String>, u64, bool) {
        let of = PeopleOf { search: search.into(), after: after.into(), most, suspended: false };
        let place = |here| if here { Place::Here } else { Place::Directory };
        let cut = Cut::of(names.iter().map(|(name, here)| ((*name).to_owned(), place(*here))), &of, |_, _| true);
        (
            cut.entries
                .into_iter()
                .map(|(name, place)| format!("{name}{}", if place == Place::Here { "" } else { "@" }))
                .collect(),
            cut.matching,
            cut.more,
        )
    }

    #[test]
    fn pages_go_by_name_and_lose_nobody() {
        let all = [("carol", true), ("alice", true), ("bob", true), ("Dave", true)];
        assert_eq!(cut(&all, "", "", 2), (vec!["Dave".into(), "alice".into()], 4, true));
        assert_eq!(cut(&all, "", "alice", 2), (vec!["bob".into(), "carol".into()], 4, false));
        assert_eq!(cut(&all, "", "carol", 2), (vec![], 4, false));
        // A user who was deleted in the meantime is no longer a starting point, but no user is skipped.
        assert_eq!(cut(&all, "", "am", 2), (vec!["bob".into(), "carol".into()], 4, false));
    }

    #[test]
    fn a_search_finds_a_part_of_a_name_in_capitals_or_not() {
        let all = [("alice", true), ("Malik", true), ("bob", true)];
        assert_eq!(cut(&all, " ALI ", "", 9), (vec!["Malik".into(), "alice".into()], 2, false));
        assert_eq!(cut(&all, "zz", "", 9), (vec![], 0, false));
    }

    #[test]
    fn two_of_one_name_are_on_one_page_so_that_the_next_one_can_begin_behind_it() {
        let all = [("bob", false), ("alice", true), ("bob", true), ("carol", true)];
        assert_eq!(cut(&all, "", "", 2), (vec!["alice".into(), "bob".into(), "bob@".into()], 4, true));
        assert_eq!(cut(&all, "", "bob", 2), (vec!["carol".into()], 4, false));
    }
}
