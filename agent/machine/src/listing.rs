//! All accounts of this machine by the rules of `[scope]`, for administrators. Like a look-up in `account`, but without
//! what only root can read: it does not show whether an account is locked or expired.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io,
    path::Path,
};

use nix::unistd::Gid;
use sspr_config::settings::Scope;

use super::{
    Verdict, account, hash,
    members::Members,
    names as by_name, passwd,
    shadow::{self, All, Passwd},
    verdict::{self, Facts},
};

/// An account by the rules of the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: u32,
    /// Whether self-service is on for it: `[scope]` includes it.
    pub enabled: bool,
    /// Member of one of the administrators' groups.
    pub admin: bool,
}

/// Who can use self-service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligible {
    /// How many accounts.
    pub accounts: usize,
    /// Lines of the shadow file that the C library skips: these accounts can't sign in with a password, and none can be
    /// set.
    pub broken: Vec<String>,
    /// Accounts that only their shell excludes: it lets nobody in, and is not one that is meant to refuse users. Name
    /// and shell.
    pub shells: Vec<(String, String)>,
    /// Accounts that can use self-service, but whose hash takes too long to be checked at a sign-in: their users are
    /// not asked to register there.
    pub slow: Vec<String>,
}

/// This machine's own accounts that are people's: neither root nor below `min_uid`, and with a shell that lets them in.
pub fn people(scope: &Scope) -> io::Result<Vec<Listed>> {
    let mut all = Vec::new();
    each(scope, |listed| all.push(listed.clone()))?;
    Ok(all)
}

/// Passes each of them to `take`. There may be a million, so none is kept.
pub fn each(scope: &Scope, take: impl FnMut(&Listed)) -> io::Result<()> {
    listed(scope, |_| true, take)
}

/// The names of all of them. Does not look up groups, which may take long for many accounts.
pub fn names(scope: &Scope) -> io::Result<Vec<String>> {
    let mut all = Vec::new();
    each_line(scope, |line| {
        all.push(line.name.into_owned());
        Ok(())
    })?;
    Ok(all)
}

/// Those with one of these names.
#[allow(clippy::implicit_hasher, reason = "one caller, with the usual one")]
pub fn people_called(scope: &Scope, names: &HashSet<&str>) -> io::Result<Vec<Listed>> {
    let mut all = Vec::new();
    listed(scope, |name| names.contains(name), |listed| all.push(listed.clone()))?;
    Ok(all)
}

/// Passes the line of each of [`people`] to `look`, up to an error.
fn each_line(scope: &Scope, mut look: impl FnMut(Passwd<'_>) -> io::Result<()>) -> io::Result<()> {
    let shells = account::login_shells().map_err(io::Error::other)?;
    passwd::each(|line| {
        let system = line.uid == 0 || line.uid < scope.min_uid || line.uid == super::NO_UID;
        if system || !shells.let_in(&line.shell) { Ok(()) } else { look(line) }
    })
}

fn listed(scope: &Scope, wanted: impl Fn(&str) -> bool, mut take: impl FnMut(&Listed)) -> io::Result<()> {
    let members = Members::of(account::named_groups(scope).map_err(io::Error::other)?);
    let mut listed = Listed { name: String::new(), uid: super::NO_UID, enabled: false, admin: false };
    each_line(scope, |line| {
        if !wanted(&line.name) {
            return Ok(());
        }
        let member_of = members.groups(&line.name, Gid::from_raw(line.gid)).map_err(io::Error::other)?;
        listed.name.clear();
        listed.name.push_str(&line.name);
        listed.uid = line.uid;
        listed.enabled = verdict::includes(scope, &member_of, |name| name == line.name);
        listed.admin = verdict::is_admins(&member_of, scope);
        take(&listed);
        Ok(())
    })
}

/// In which of `groups` these accounts are. Who is in none is left out, and so is a group that is not there.
pub fn members(scope: &Scope, groups: &[String]) -> io::Result<HashMap<String, BTreeSet<String>>> {
    let mut named = Vec::new();
    for name in groups {
        named.extend(by_name::group(name)?.map(|group| (name.clone(), group.gid)));
    }
    let members = Members::of(named);
    let mut found = HashMap::new();
    each_line(scope, |line| {
        let groups = members.groups(&line.name, Gid::from_raw(line.gid)).map_err(io::Error::other)?;
        if !groups.is_empty() {
            found.insert(line.name.into_owned(), groups);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The accounts that can use self-service, for root. The account files are read once, as there may be a million lines.
pub fn eligible(scope: &Scope) -> io::Result<Eligible> {
    let shells = account::login_shells().map_err(io::Error::other)?;
    let members = Members::of(account::named_groups(scope).map_err(io::Error::other)?);
    let (All { mut entries, broken }, today) = (shadow::all(Path::new(account::SHADOW))?, account::today());
    let (mut accounts, mut slow, mut odd) = (0, Vec::new(), Vec::new());
    let mut uids: HashMap<u32, u32> = HashMap::new();
    passwd::each(|line| {
        *uids.entry(line.uid).or_default() += 1;
        Ok(())
    })?;
    passwd::each(|Passwd { name, uid, gid, shell, shadowed }| {
        let Some(shadow) = entries.remove(name.as_bytes()).filter(|_| shadowed) else { return Ok(()) };
        let (name, shell) = (name.into_owned(), shell.into_owned());
        let member_of = members.groups(&name, Gid::from_raw(gid)).map_err(io::Error::other)?;
        let shares_uid = uids.get(&uid).is_some_and(|count| *count > 1);
        let quick = hash::is_quick(&shadow.hash);
        let facts = Facts { name, uid, shell, member_of, local_uid: Some(uid), shadow: Some(shadow), shares_uid };
        match verdict::decide(&facts, scope, &shells, today) {
            Verdict::Eligible => {
                accounts += 1;
                slow.extend((!quick).then_some(facts.name));
            }
            Verdict::NoLogin if !verdict::refuses(&facts.shell) => odd.push((facts.name, facts.shell)),
            _ => {}
        }
        Ok(())
    })?;
    Ok(Eligible { accounts, broken, slow, shells: odd })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_some_names_are_listed_as_they_are_among_all() {
        let scope = Scope { min_uid: 1, ..Scope::default() };
        let all = people(&scope).unwrap();
        let mut named = names(&scope).unwrap();
        assert_eq!(named, all.iter().map(|listed| listed.name.clone()).collect::<Vec<_>>());
        named.truncate(1);
        let wanted = named.iter().map(String::as_str).chain(["no such name"]).collect();
        assert_eq!(people_called(&scope, &wanted).unwrap(), all.into_iter().take(1).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_is_listed_who_is_root_or_below_the_least_uid() {
        let scope = Scope { min_uid: 0, ..Scope::default() };
        assert!(people(&scope).unwrap().iter().all(|listed| listed.uid > 0 && !listed.enabled));
    }
}
