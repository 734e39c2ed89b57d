//! The list of all users by pages, for a user interface: there may be a million. All names are read, but only the
//! accounts on the page are looked up.

use std::{collections::HashSet, io};

use crate::{
    account::{DIRECTORY, LOCAL},
    snapshot::Snapshot,
};

use super::{
    Error, Result, aside, no_accounts,
    people::{Facts, local, names_of_the_directory, of_the_directory},
    wire::{PAGE_MAX, People, PeopleOf},
};

/// A name, and whether its account is local. A directory account with the same name comes after it.
type Entry = (String, bool);

pub(super) async fn page(agent: &Snapshot, of: PeopleOf) -> Result<People> {
    if !(1..=PAGE_MAX).contains(&of.most) {
        return Err(Error::Malformed(format!("a page has 1 to {PAGE_MAX} accounts")));
    }
    let directory = names_of_the_directory(agent).await?;
    let mut judged = None;
    if of.suspended {
        judged = Some((facts(agent, LOCAL).await?, facts(agent, DIRECTORY).await?));
    }
    let (people, settings, judge) = (agent.people.clone(), agent.settings.clone(), agent.clone());
    let looked = aside(move || {
        let names = people.names(&settings.scope)?;
        let all = names.into_iter().map(|name| (name, true)).chain(directory.into_iter().map(|name| (name, false)));
        let page = Cut::of(all, &of, |name, here| {
            judged.as_ref().is_none_or(|(local, directory)| {
                let facts = if here { local } else { directory };
                facts.suspended_for(&judge, name).is_some()
            })
        });
        let here = page.entries.iter().filter(|(_, here)| *here).map(|(name, _)| name.as_str());
        let listed = people.called(&settings.scope, &here.collect::<HashSet<_>>())?;
        Ok::<_, io::Error>((page, listed))
    });
    let (page, listed) = looked.await?.map_err(no_accounts)?;
    let mut users = local(agent, listed).await?;
    let elsewhere: Vec<String> = page.entries.into_iter().filter(|(_, here)| !here).map(|(name, _)| name).collect();
    users.extend(of_the_directory(agent, &elsewhere).await?);
    users.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(People { users, matching: page.matching, more: page.more })
}

async fn facts(agent: &Snapshot, realm: &'static str) -> Result<Facts> {
    let mut tx = agent.begin().await?;
    let facts = Facts::read(&mut tx, agent, realm).await?;
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
    fn of(all: impl Iterator<Item = Entry>, of: &PeopleOf, wanted: impl Fn(&str, bool) -> bool) -> Self {
        let search = of.search.trim().to_lowercase();
        let found = |name: &str| search.is_empty() || name.to_lowercase().contains(&search);
        let mut entries: Vec<Entry> = all.filter(|(name, here)| found(name) && wanted(name, *here)).collect();
        let matching = entries.len() as u64;
        entries.retain(|(name, _)| of.after.is_empty() || *name > of.after);
        entries.sort_unstable_by(|a, b| (&a.0, !a.1).cmp(&(&b.0, !b.1)));
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
        let cut = Cut::of(names.iter().map(|(name, here)| ((*name).to_owned(), *here)), &of, |_, _| true);
        (
            cut.entries.into_iter().map(|(name, here)| format!("{name}{}", if here { "" } else { "@" })).collect(),
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
