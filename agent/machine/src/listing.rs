//! All accounts of this machine by the rules of `[scope]`, for administrators: as `account` looks one up, but
//! without what only root can read. Whether an account is locked or expired is not known here.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

use nix::unistd::Gid;
use sspr_config::settings::Scope;

use super::{
    Verdict, account, hash,
    members::Members,
    shadow::{self, All, Passwd},
    verdict::{self, Facts},
};

const PASSWD: &str = "/etc/passwd";

/// An account by the rules of the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: u32,
    /// Whether self-service is on for it: `[scope]` has it.
    pub enabled: bool,
    /// Member of one of the administrators' groups.
    pub admin: bool,
}

/// Who can use self-service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligible {
    /// So many accounts.
    pub accounts: usize,
    /// Lines of the shadow file that the C library passes over: no password of theirs signs in or can be set.
    pub broken: Vec<String>,
    /// Accounts that would be served but for their shell, which lets nobody in and is not there to turn people away: name and shell.
    pub shells: Vec<(String, String)>,
    /// Accounts that can use self-service and whose hash takes too long to be checked at a sign-in: they are not asked to register
    /// there.
    pub slow: Vec<String>,
}

/// This machine's own accounts with their uids. Others have their passwords elsewhere and are not served.
pub fn local() -> io::Result<Vec<(String, u32)>> {
    lines()?.map(|line| line.map(|line| (line.name, line.uid))).collect()
}

/// The uid of this machine's own account `name`, as its passwd file has it.
pub fn uid(name: &str) -> io::Result<Option<u32>> {
    Ok(shadow::first(Path::new(PASSWD), name, shadow::passwd)?.map(|line| line.uid))
}

/// The name that this machine's passwd file has first for `uid`.
pub fn name(uid: u32) -> io::Result<Option<String>> {
    for line in lines()? {
        let line = line?;
        if line.uid == uid {
            return Ok(Some(line.name));
        }
    }
    Ok(None)
}

/// Whether several of this machine's own accounts have `uid`. Asked about every account that is looked at, so of other lines
/// nothing is kept.
pub fn share(uid: u32) -> io::Result<bool> {
    shared(Path::new(PASSWD), uid)
}

fn shared(passwd: &Path, uid: u32) -> io::Result<bool> {
    let mut found = 0;
    let several = shadow::find(passwd, |line| {
        found += usize::from(shadow::uid_in(line) == Some(uid) && shadow::passwd(line).is_some());
        (found > 1).then_some(())
    })?;
    Ok(several.is_some())
}

/// The lines one at a time: a machine may have a million. Lines of no account are skipped.
fn lines() -> io::Result<impl Iterator<Item = io::Result<Passwd>>> {
    let file = BufReader::new(File::open(PASSWD)?);
    Ok(file.split(b'\n').filter_map(|line| line.map(|line| shadow::passwd(line.trim_ascii_start())).transpose()))
}

/// This machine's own accounts that are people's: neither root nor below `min_uid`, and with a shell that lets them in.
pub fn people(scope: &Scope) -> io::Result<Vec<Listed>> {
    listed(scope, |_| true)
}

/// The names of all of them. Nobody is asked about groups for that, which may take long for many.
pub fn names(scope: &Scope) -> io::Result<Vec<String>> {
    lines_of_people(scope)?.map(|line| line.map(|line| line.name)).collect()
}

/// Those of them with one of these names.
#[allow(clippy::implicit_hasher, reason = "one caller, with the usual one")]
pub fn people_called(scope: &Scope, names: &HashSet<&str>) -> io::Result<Vec<Listed>> {
    listed(scope, |name| names.contains(name))
}

/// The lines of [`people`].
fn lines_of_people(scope: &Scope) -> io::Result<impl Iterator<Item = io::Result<Passwd>>> {
    let shells = account::login_shells().map_err(io::Error::other)?;
    let min_uid = scope.min_uid;
    let is_person = move |line: &Passwd| {
        let system = line.uid == 0 || line.uid < min_uid || line.uid == super::NO_UID;
        !system && shells.let_in(&line.shell)
    };
    Ok(lines()?.filter(move |line| line.as_ref().map_or(true, &is_person)))
}

fn listed(scope: &Scope, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Listed>> {
    let members = Members::of(account::named_groups(scope).map_err(io::Error::other)?);
    let mut listed = Vec::new();
    for line in lines_of_people(scope)? {
        let line = line?;
        if !wanted(&line.name) {
            continue;
        }
        let member_of = members.groups(&line.name, Gid::from_raw(line.gid)).map_err(io::Error::other)?;
        let Passwd { name, uid, shell, .. } = line;
        let facts = Facts { name, uid, shell, member_of, local_uid: Some(uid), shadow: None, shares_uid: false };
        listed.push(Listed {
            enabled: verdict::in_scope(&facts, scope),
            admin: verdict::is_admin(&facts, scope),
            name: facts.name,
            uid,
        });
    }
    Ok(listed)
}

/// The accounts that can use self-service, for root. The account files are read once, as there may be a million lines.
pub fn eligible(scope: &Scope) -> io::Result<Eligible> {
    let shells = account::login_shells().map_err(io::Error::other)?;
    let members = Members::of(account::named_groups(scope).map_err(io::Error::other)?);
    let (All { mut entries, broken }, today) = (shadow::all(Path::new(account::SHADOW))?, account::today());
    let (mut accounts, mut slow, mut odd) = (0, Vec::new(), Vec::new());
    let mut uids: HashMap<u32, u32> = HashMap::new();
    for line in lines()? {
        *uids.entry(line?.uid).or_default() += 1;
    }
    for line in lines()? {
        let Passwd { name, uid, gid, shell, shadowed } = line?;
        let Some(shadow) = entries.remove(name.as_bytes()).filter(|_| shadowed) else { continue };
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
    }
    Ok(Eligible { accounts, broken, slow, shells: odd })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_passwd_are_read_and_what_is_none_is_left_out() {
        let text = "root:x:0:0:root:/root:/bin/bash\n\nalice:x:1001:1002:Alice,,,:/home/alice:/bin/bash\n\
                    # a comment:x:1:1::/:/bin/sh\n+::::::\nbroken:x:one:1::/:/bin/sh\nshort:x:5\nbob:x:1003:1003::/home/bob\n";
        let lines: Vec<Passwd> = text.lines().filter_map(|line| shadow::passwd(line.as_bytes())).collect();
        let names: Vec<_> = lines.iter().map(|l| (l.name.as_str(), l.uid, l.gid, l.shell.as_str())).collect();
        assert_eq!(names, [("root", 0, 0, "/bin/bash"), ("alice", 1001, 1002, "/bin/bash"), ("bob", 1003, 1003, "")]);
    }

    #[test]
    fn a_uid_is_shared_where_a_second_account_has_it_however_it_is_written() {
        let text = "root:x:0:0::/:/bin/sh\nalice:x:1001:1::/:/bin/sh\nbob:x:1002:1::/:/bin/sh\n# carol:x:1002:1::/:/bin/sh\n\
                    +dave:x:1002:1::/:/bin/sh\nerin:x:1002\n  frank:x:01001:1::/:/bin/sh\n";
        let passwd = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(passwd.path(), text).unwrap();
        for (uid, several) in [(0, false), (1001, true), (1002, false), (1003, false)] {
            assert_eq!(shared(passwd.path(), uid).unwrap(), several, "{uid}");
        }
    }

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
