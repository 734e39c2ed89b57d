//! Collects the facts about one account from the name service, the account files and the settings. Every call reads
//! everything again, so that a changed scope or a lock applies at once.

use std::{collections::BTreeSet, ffi::CString, io, path::Path, time::SystemTime};

use nix::unistd::{Gid, User, getgrouplist};
use sspr_config::settings::{Enable, Scope};

use super::{
    Account, Error, NO_UID, Verdict, faillock, local, pamconf, passwd,
    shadow::{self, Day, Shadow},
    verdict::{self, Facts, Shells},
};
use crate::{files, names};

const PASSWD: &str = "/etc/passwd";
/// The file with the hashes.
pub const SHADOW: &str = "/etc/shadow";
const SHELLS: &str = "/etc/shells";

/// The longest name that is looked up; `LOGIN_NAME_MAX` without its NUL.
const NAME_MAX: usize = 255;

/// The account of `user` by the rules of `scope`. `Err` is always [`Error::Unavailable`].
pub fn look_up(scope: &Scope, user: &str) -> Result<Account, Error> {
    let unknown = Account { uid: NO_UID, verdict: Verdict::Unknown, admin: false, faillock_locked: false };
    if !plausible(user) {
        return Ok(unknown);
    }
    // Other accounts are never served. The name service is not asked about them: a directory that is down may hang, and
    // one user who types any name at a login prompt would hold up all others.
    let Some(local) = shadow::account(Path::new(PASSWD), user).map_err(unavailable)? else { return Ok(unknown) };
    let Some(entry) = names::user(user).map_err(unavailable)? else { return Ok(unknown) };
    let gids = groups_of(user, entry.gid)?;
    let facts = Facts {
        name: user.to_owned(),
        uid: entry.uid.as_raw(),
        shell: entry.shell.to_string_lossy().into_owned(),
        member_of: member_of(&gids, &named_groups(scope)?),
        local_uid: local.local_uid(),
        shadow: shadow_of(user)?,
        shares_uid: passwd::share(entry.uid.as_raw()).map_err(unavailable)?,
    };
    let shells = login_shells()?;
    let verdict = verdict::decide(&facts, scope, &shells, today());
    // Checked for every account: an observer of this process must not be able to tell locked or expired accounts by its
    // work.
    let locked = faillock::locked(user, &gids).unwrap_or_else(|why| {
        tracing::warn!(user, %why, "what faillock counted can't be told");
        false
    });
    let faillock_locked = locked && verdict == Verdict::Eligible;
    Ok(Account { uid: facts.uid, verdict, admin: verdict::is_admin(&facts, scope), faillock_locked })
}

/// The home directory of `user`, and the uid and groups that its files are read with.
pub fn entry_of(user: &str) -> Result<User, Error> {
    names::user(user).map_err(unavailable)?.ok_or_else(|| unavailable("the account is gone"))
}

/// The login shells of this machine.
pub fn login_shells() -> Result<Shells, Error> {
    let listed = match files::text(Path::new(SHELLS)) {
        Ok(text) => verdict::shells(Some(&text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => verdict::shells(None),
        Err(e) => return Err(unavailable(e)),
    };
    Ok(Shells { listed, unlisted: unlisted_shell })
}

/// Whether sshd and login accept a user whose shell is not in /etc/shells. They do if the shell can be run, unless
/// their lines have `pam_shells`.
fn unlisted_shell(shell: &str) -> bool {
    local::is_program(Path::new(shell))
        && !["login", "sshd"].iter().any(|service| pamconf::mentions(service, "pam_shells"))
}

/// The current shadow line of `user`.
pub fn shadow_of(user: &str) -> Result<Option<Shadow>, Error> {
    shadow::shadow(Path::new(SHADOW), user).map_err(unavailable)
}

/// Today as shadow(5) counts days.
pub fn today() -> Day {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Day::try_from(since.as_secs() / 86_400).unwrap_or(Day::MAX)
}

/// Whether `user` can be a name at all. A name with a leading dash could be taken for an option.
fn plausible(user: &str) -> bool {
    (1..=NAME_MAX).contains(&user.len())
        && !user.starts_with('-')
        && !user.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, ':' | ',' | '/'))
}

/// The groups of `user`, including `primary`.
pub fn groups_of(user: &str, primary: Gid) -> Result<Vec<Gid>, Error> {
    let name = CString::new(user).map_err(unavailable)?;
    getgrouplist(&name, primary).map_err(unavailable)
}

/// The groups that `scope` names and that exist.
pub fn named_groups(scope: &Scope) -> Result<Vec<(String, Gid)>, Error> {
    let enabled = match &scope.enable {
        Enable::Groups(groups) => groups.as_slice(),
        Enable::None | Enable::All => &[],
    };
    let mut named = Vec::new();
    for group in enabled.iter().chain(&scope.admin_groups) {
        if let Some(entry) = names::group(group).map_err(unavailable)? {
            named.push((group.clone(), entry.gid));
        }
    }
    for group in scope.exclude.iter().filter_map(|entry| entry.strip_prefix('@')) {
        // Elsewhere a missing group has no members. Here it may be a typo that would admit exactly the users who are to
        // be left out.
        let entry = names::group(group).map_err(unavailable)?.ok_or_else(|| {
            Error::Unavailable(format!("[scope] exclude names the group {group:?}, which does not exist; correct it"))
        })?;
        named.push((group.to_owned(), entry.gid));
    }
    Ok(named)
}

/// Which of the groups that are `named` are among `gids`.
///
/// `gids` are what initgroups(3) gives a session: the primary group too, and nested groups if the name service (sssd,
/// LDAP, winbind) resolves them. `/etc/group` has no nested groups.
pub fn member_of(gids: &[Gid], named: &[(String, Gid)]) -> BTreeSet<String> {
    named.iter().filter(|(_, gid)| gids.contains(gid)).map(|(name, _)| name.clone()).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unavailable(why: impl ToString) -> Error {
    Error::Unavailable(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_can_not_be_one_is_not_even_looked_up() {
        for name in ["alice", "j.doe", "mary-ann", "x", "user@example.org", "jürgen"] {
            assert!(plausible(name), "{name:?}");
        }
        let long = "a".repeat(NAME_MAX + 1);
        for name in ["", "-x", "--reset", "a b", "a:b", "../a", "a\nb", "a\0b", "a\u{1b}[2J", "a,b", &long] {
            assert!(!plausible(name), "{name:?}");
        }
    }
}
