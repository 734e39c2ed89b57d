//! The rule that decides who may be served, from facts alone.

use std::collections::BTreeSet;

use sspr_config::{
    credential::Verdict,
    settings::{Enable, Scope},
};
use sspr_machine::verdict;

use super::{kind::Closed, names};

/// The facts about an entry that was found.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The entry's own name, as it is in the directory.
    pub name: String,
    /// All names of the entry: a rule that matches one of them matches the entry.
    pub names: Vec<String>,
    /// The uid of the entry, if it has one.
    pub uid: Option<i64>,
    /// The login shell of the entry, if it has one.
    pub shell: Option<String>,
    /// Why the entry is never served, if it is not.
    pub protected: Option<String>,
    /// Why the entry can't sign in, if it can't.
    pub closed: Option<Closed>,
    /// The groups of the entry among those that the settings name, as the settings write them.
    pub member_of: BTreeSet<String>,
}

/// The groups that `scope` names and that must be looked up.
pub fn groups_of(scope: &Scope) -> BTreeSet<String> {
    let enabled = match &scope.enable {
        Enable::Groups(groups) => groups.as_slice(),
        Enable::None | Enable::All => &[],
    };
    enabled.iter().chain(&scope.admin_groups).cloned().chain(excluded_groups(scope)).collect()
}

/// The groups that `scope` excludes.
pub fn excluded_groups(scope: &Scope) -> impl Iterator<Item = String> {
    scope.exclude.iter().filter_map(|entry| entry.strip_prefix('@')).map(str::to_owned)
}

/// Whether an entry with these `facts` may be served. Names may have one of `domains` before or after them.
pub fn decide(facts: &Facts, scope: &Scope, domains: &[String]) -> Verdict {
    let too_low = |uid: i64| uid <= 0 || uid < i64::from(scope.min_uid);
    // A host may take an entry with root's name for root.
    if facts.uid.is_some_and(too_low)
        || facts.protected.is_some()
        || facts.names.iter().any(|name| names::same(name, "root"))
    {
        return Verdict::System;
    }
    if !in_scope(facts, scope, domains) {
        return Verdict::OutOfScope;
    }
    match facts.closed {
        Some(Closed::Elsewhere(_)) => return Verdict::NotLocal,
        Some(Closed::Administrator(_)) => return Verdict::Locked,
        Some(Closed::Ended(_)) => return Verdict::Expired,
        None => {}
    }
    if facts.shell.as_deref().is_some_and(verdict::refuses) {
        return Verdict::NoLogin;
    }
    Verdict::Eligible
}

/// Whether an entry with these `facts` is an administrator, who needs more than one proof.
pub fn is_admin(facts: &Facts, scope: &Scope) -> bool {
    verdict::is_admins(&facts.member_of, scope)
}

fn in_scope(facts: &Facts, scope: &Scope, domains: &[String]) -> bool {
    // The name may be written in any form that the host accepts.
    let is_called = |entry: &str| facts.names.iter().any(|name| names::same(names::short(entry, domains), name));
    verdict::includes(scope, &facts.member_of, is_called)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Facts {
        Facts {
            name: "alice".into(),
            names: vec!["alice".into()],
            uid: Some(20_000),
            shell: Some("/bin/bash".into()),
            protected: None,
            closed: None,
            member_of: BTreeSet::from(["staff".to_owned()]),
        }
    }

    #[track_caller]
    fn is(want: Verdict, scope: &Scope, change: impl FnOnce(&mut Facts)) {
        let mut facts = alice();
        change(&mut facts);
        assert_eq!(decide(&facts, scope, &["EXAMPLE".to_owned()]), want, "{facts:?}");
    }

    fn all() -> Scope {
        Scope { enable: Enable::All, ..Scope::default() }
    }

    #[test]
    fn whoever_is_protected_closed_ended_or_kept_elsewhere_is_refused_and_others_are_served() {
        is(Verdict::Eligible, &all(), |_| {});
        is(Verdict::Eligible, &all(), |f| (f.uid, f.shell) = (None, None));
        is(Verdict::System, &all(), |f| f.uid = Some(0));
        is(Verdict::System, &all(), |f| f.uid = Some(-2));
        is(Verdict::System, &all(), |f| f.uid = Some(999));
        is(Verdict::System, &all(), |f| f.names.push("Root".into()));
        is(Verdict::System, &all(), |f| f.protected = Some("Domain Admins".into()));
        is(Verdict::Locked, &all(), |f| f.closed = Some(Closed::Administrator("disabled")));
        is(Verdict::Expired, &all(), |f| f.closed = Some(Closed::Ended("over")));
        is(Verdict::NotLocal, &all(), |f| f.closed = Some(Closed::Elsewhere("{SASL}")));
        is(Verdict::NoLogin, &all(), |f| f.shell = Some("/usr/sbin/nologin".into()));
    }

    #[test]
    fn the_scope_of_the_settings_holds_for_people_of_a_directory_too_however_a_host_writes_their_names() {
        for (enable, exclude, want) in [
            (Enable::None, vec![], Verdict::OutOfScope),
            (Enable::All, vec!["ALICE"], Verdict::OutOfScope),
            (Enable::All, vec!["EXAMPLE\\alice"], Verdict::OutOfScope),
            (Enable::All, vec!["bob"], Verdict::Eligible),
            (Enable::All, vec!["@staff"], Verdict::OutOfScope),
            (Enable::Groups(vec!["staff".into()]), vec![], Verdict::Eligible),
            (Enable::Groups(vec!["interns".into()]), vec![], Verdict::OutOfScope),
        ] {
            let exclude = exclude.into_iter().map(str::to_owned).collect();
            is(want, &Scope { enable, exclude, ..Scope::default() }, |_| {});
        }
        let ally = Scope { exclude: vec!["Ally".into()], ..all() };
        is(Verdict::Eligible, &ally, |_| {});
        is(Verdict::OutOfScope, &ally, |f| f.names.push("ally".into()));
        let scope = Scope { admin_groups: vec!["staff".into()], ..all() };
        assert!(is_admin(&alice(), &scope) && !is_admin(&alice(), &all()));
        assert_eq!(
            groups_of(&Scope { exclude: vec!["@out".into(), "x".into()], ..scope }),
            BTreeSet::from(["out".into(), "staff".into()])
        );
    }
}
