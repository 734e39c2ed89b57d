//! The rule that decides who may be served, from facts alone.

use std::collections::BTreeSet;

use sspr_config::settings::{Enable, Scope};

use super::{
    Verdict, hash,
    shadow::{Day, Shadow},
};

/// The facts about an account that exists.
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Its uid, from the system's name service.
    pub uid: u32,
    /// Its login shell; empty means `/bin/sh`.
    pub shell: String,
    /// The groups in `[scope]` that it is a member of.
    pub member_of: BTreeSet<String>,
    /// The uid in this machine's own passwd file.
    pub local_uid: Option<u32>,
    /// Its line in this machine's own shadow file.
    pub shadow: Option<Shadow>,
    /// Whether another account in this machine's own passwd file has the same uid.
    pub shares_uid: bool,
}

/// Whether `facts` may be served on day `today`; `shells` are the login shells of shells(5).
pub fn decide(facts: &Facts, scope: &Scope, shells: &Shells, today: Day) -> Verdict {
    if facts.uid == 0 || facts.uid < scope.min_uid || facts.uid == super::NO_UID {
        return Verdict::System;
    }
    if !in_scope(facts, scope) {
        return Verdict::OutOfScope;
    }
    // Otherwise an account that is excluded by name would be served under its other name.
    if facts.shares_uid {
        return Verdict::SharedUid;
    }
    let Some(shadow) = facts.shadow.as_ref().filter(|_| facts.local_uid == Some(facts.uid)) else {
        return Verdict::NotLocal;
    };
    if !hash::usable(&shadow.hash) {
        return Verdict::Locked;
    }
    if expired(shadow, today) {
        return Verdict::Expired;
    }
    if !shells.let_in(&facts.shell) {
        return Verdict::NoLogin;
    }
    Verdict::Eligible
}

/// Member of one of the administrators' groups.
pub fn is_admin(facts: &Facts, scope: &Scope) -> bool {
    is_admins(&facts.member_of, scope)
}

/// Whether an account in these `groups` is an administrator's.
pub fn is_admins(groups: &BTreeSet<String>, scope: &Scope) -> bool {
    scope.admin_groups.iter().any(|group| groups.contains(group))
}

/// Whether `[scope]` includes the account.
pub fn in_scope(facts: &Facts, scope: &Scope) -> bool {
    includes(scope, &facts.member_of, |name| name == facts.name)
}

/// Whether `scope` includes an account in these `groups`. `is_called` says whether a name in `exclude` is the account's.
pub fn includes(scope: &Scope, groups: &BTreeSet<String>, is_called: impl Fn(&str) -> bool) -> bool {
    let enabled = match &scope.enable {
        Enable::None => false,
        Enable::All => true,
        Enable::Groups(enabled) => enabled.iter().any(|group| groups.contains(group)),
    };
    let excluded = scope.exclude.iter().any(|entry| match entry.strip_prefix('@') {
        Some(group) => groups.contains(group),
        None => is_called(entry),
    });
    enabled && !excluded
}

/// The rules of `pam_unix`'s account check that only an administrator can fix. A password that must merely be changed
/// is not among them.
fn expired(shadow: &Shadow, today: Day) -> bool {
    if shadow.expire != -1 && today >= shadow.expire {
        return true;
    }
    if shadow.changed <= 0 || shadow.max == -1 || shadow.inactive == -1 {
        return false;
    }
    // `pam_unix` also compares each one alone, which matters for negative values.
    let age = today - shadow.changed;
    age > shadow.max && age > shadow.inactive && age > shadow.max.saturating_add(shadow.inactive)
}

/// Which shells let users in.
pub struct Shells {
    /// The shells in shells(5).
    pub listed: Vec<String>,
    /// Whether another shell does. sshd and login accept any that runs; `pam_shells` accepts none.
    pub unlisted: fn(&str) -> bool,
}

impl Shells {
    /// Whether `shell` does. A shell that only refuses users does not, listed or not.
    pub fn let_in(&self, shell: &str) -> bool {
        let shell = if shell.is_empty() { "/bin/sh" } else { shell };
        !refuses(shell) && (self.listed.iter().any(|known| known == shell) || (self.unlisted)(shell))
    }
}

/// Whether `shell` is meant to refuse users.
pub fn refuses(shell: &str) -> bool {
    matches!(shell.rsplit('/').next(), Some("nologin" | "false"))
}

/// The login shells in `text`, the content of shells(5), as getusershell(3) reads it; without a file, its defaults.
pub fn shells(text: Option<&str>) -> Vec<String> {
    let Some(text) = text else { return vec!["/bin/sh".to_owned(), "/bin/csh".to_owned()] };
    let line = |line: &str| {
        let path = line.split('#').next().and_then(|line| line.find('/').and_then(|start| line.get(start..)))?;
        path.split(|c: char| c.is_ascii_whitespace()).next().map(str::to_owned)
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    const HASH: &str = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7";
    const TODAY: Day = 20_000;

    fn alice() -> Facts {
        let hash = Zeroizing::new(HASH.to_owned());
        Facts {
            name: "alice".into(),
            uid: 1000,
            shell: "/bin/bash".into(),
            member_of: BTreeSet::from(["staff".to_owned()]),
            local_uid: Some(1000),
            shadow: Some(Shadow { hash, changed: 19_990, max: 99_999, inactive: -1, expire: -1 }),
            shares_uid: false,
        }
    }

    fn everybody() -> Scope {
        Scope { enable: Enable::All, ..Scope::default() }
    }

    fn known() -> Shells {
        let listed = shells(Some("# valid\n/bin/sh\n  /bin/bash # the usual\n\n/usr/sbin/nologin\n"));
        Shells { listed, unlisted: |shell| shell == "/opt/bin/fish" }
    }

    #[track_caller]
    fn alice_is(want: Verdict, change: impl FnOnce(&mut Facts)) {
        let mut facts = alice();
        change(&mut facts);
        assert_eq!(decide(&facts, &everybody(), &known(), TODAY), want);
    }

    #[track_caller]
    fn shadow_is(want: Verdict, change: impl FnOnce(&mut Shadow)) {
        alice_is(want, |facts| change(facts.shadow.as_mut().unwrap()));
    }

    #[test]
    fn an_ordinary_account_is_eligible() {
        alice_is(Verdict::Eligible, |_| {});
    }

    #[test]
    fn root_by_any_name_and_system_accounts_are_never_served() {
        alice_is(Verdict::System, |f| (f.uid, f.local_uid) = (0, Some(0)));
        alice_is(Verdict::System, |f| (f.uid, f.local_uid) = (999, Some(999)));
        alice_is(Verdict::System, |f| (f.uid, f.local_uid) = (u32::MAX, Some(u32::MAX)));
        let mut root = alice();
        (root.uid, root.local_uid) = (0, Some(0));
        let reckless = Scope { min_uid: 0, ..everybody() };
        assert_eq!(decide(&root, &reckless, &known(), TODAY), Verdict::System);
    }

    #[test]
    fn the_scope_is_who_is_enabled_without_who_is_excluded() {
        let groups = |names: &[&str]| Enable::Groups(names.iter().map(|n| (*n).to_owned()).collect());
        for (enable, exclude, want) in [
            (Enable::None, vec![], Verdict::OutOfScope),
            (Enable::All, vec![], Verdict::Eligible),
            (Enable::All, vec!["alice"], Verdict::OutOfScope),
            (Enable::All, vec!["bob", "@staff"], Verdict::OutOfScope),
            (Enable::All, vec!["staff", "@alice", "Alice", "alic"], Verdict::Eligible),
            (groups(&["staff"]), vec![], Verdict::Eligible),
            (groups(&["interns", "staff"]), vec![], Verdict::Eligible),
            (groups(&["interns", "alice"]), vec![], Verdict::OutOfScope),
            (groups(&["staff"]), vec!["@staff"], Verdict::OutOfScope),
        ] {
            let exclude = exclude.into_iter().map(str::to_owned).collect();
            let scope = Scope { enable, exclude, ..Scope::default() };
            assert_eq!(decide(&alice(), &scope, &known(), TODAY), want, "{scope:?}");
        }
    }

    #[test]
    fn an_account_whose_uid_another_has_is_not_served_by_either_name() {
        alice_is(Verdict::SharedUid, |f| f.shares_uid = true);
        alice_is(Verdict::System, |f| (f.uid, f.local_uid, f.shares_uid) = (0, Some(0), true));
    }

    #[test]
    fn an_account_from_elsewhere_is_not_local() {
        alice_is(Verdict::NotLocal, |f| f.shadow = None);
        alice_is(Verdict::NotLocal, |f| f.local_uid = None);
        alice_is(Verdict::NotLocal, |f| f.local_uid = Some(1001));
    }

    #[test]
    fn a_locked_password_or_none_is_locked_and_stays_so_when_it_is_expired_too() {
        for hash in
            [format!("!{HASH}"), format!("*{HASH}"), "!".into(), "!!".into(), "*".into(), "x".into(), String::new()]
        {
            shadow_is(Verdict::Locked, |s| s.hash = Zeroizing::new(hash));
        }
        shadow_is(Verdict::Locked, |s| {
            s.hash = Zeroizing::new("!".into());
            s.expire = 1;
        });
    }

    #[test]
    fn an_account_is_expired_from_the_day_of_its_expiry_on() {
        for (expire, want) in [
            (-1, Verdict::Eligible),
            (0, Verdict::Expired),
            (1, Verdict::Expired),
            (TODAY - 1, Verdict::Expired),
            (TODAY, Verdict::Expired),
            (TODAY + 1, Verdict::Eligible),
        ] {
            shadow_is(want, |s| s.expire = expire);
        }
    }

    #[test]
    fn an_aged_password_can_be_recovered_until_its_inactive_days_are_over() {
        for (changed, max, inactive, want) in [
            (TODAY - 100, 90, -1, Verdict::Eligible),
            (TODAY - 100, 90, 10, Verdict::Eligible),
            (TODAY - 101, 90, 10, Verdict::Expired),
            (TODAY - 91, 90, 0, Verdict::Expired),
            (TODAY - 90, 90, 0, Verdict::Eligible),
            (0, 90, 0, Verdict::Eligible),
            (-1, 90, 0, Verdict::Eligible),
            (TODAY + 5, 90, 0, Verdict::Eligible),
            (1, 99_999, Day::MAX, Verdict::Eligible),
        ] {
            shadow_is(want, |s| (s.changed, s.max, s.inactive) = (changed, max, inactive));
        }
    }

    #[test]
    fn a_shell_that_lets_nobody_in_is_no_login() {
        for (shell, want) in [
            ("/bin/bash", Verdict::Eligible),
            ("", Verdict::Eligible),
            ("/usr/sbin/nologin", Verdict::NoLogin),
            ("/bin/false", Verdict::NoLogin),
            ("/usr/bin/git-shell", Verdict::NoLogin),
            ("/opt/bin/fish", Verdict::Eligible),
            ("bash", Verdict::NoLogin),
        ] {
            alice_is(want, |f| f.shell = shell.into());
        }
        assert_eq!(shells(None), ["/bin/sh", "/bin/csh"]);
        assert!(shells(Some("")).is_empty());
        // getusershell(3) skips everything before the path.
        assert_eq!(shells(Some(" \t/bin/zsh\t# mine\n#/bin/no\nx/bin/ksh\n")), ["/bin/zsh", "/bin/ksh"]);
        let closed = Shells { listed: known().listed, unlisted: |_| true };
        assert!(closed.let_in("/opt/any") && !closed.let_in("/usr/sbin/nologin") && !closed.let_in("/bin/false"));
    }

    #[test]
    fn an_administrator_is_who_is_in_an_administrators_group() {
        let mut facts = alice();
        assert!(!is_admin(&facts, &everybody()));
        facts.member_of.insert("wheel".into());
        assert!(is_admin(&facts, &everybody()));
        assert!(!is_admin(&facts, &Scope { admin_groups: vec![], ..everybody() }));
    }
}
