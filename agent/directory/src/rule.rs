//! The rule of who may be served, from facts alone.

use std::collections::BTreeSet;

use sspr_config::{
    credential::Verdict,
    settings::{Enable, Scope},
};

use super::{kind::Closed, names};

/// What is known of an entry that was found.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Its own name, as the directory has it.
    pub name: String,
    /// All names that lead to it: what holds for one of them holds for it.
    pub names: Vec<String>,
    /// Its uid, where it has one.
    pub uid: Option<i64>,
    /// Its login shell, where it has one.
    pub shell: Option<String>,
    /// Why it is one of those that are never served.
    pub protected: Option<String>,
    /// Why nobody can sign in by it.
    pub closed: Option<Closed>,
    /// Those of the groups that the settings name that it is a member of, as the settings write them.
    pub member_of: BTreeSet<String>,
}

/// The groups that `scope` names and that are looked for.
pub fn groups_of(scope: &Scope) -> BTreeSet<String> {
    let enabled = match &scope.enable {
        Enable::Groups(groups) => groups.as_slice(),
        Enable::None | Enable::All => &[],
    };
    enabled.iter().chain(&scope.admin_groups).cloned().chain(excluded_groups(scope)).collect()
}

/// The groups that `scope` leaves out.
pub fn excluded_groups(scope: &Scope) -> impl Iterator<Item = String> {
    scope.exclude.iter().filter_map(|entry| entry.strip_prefix('@')).map(str::to_owned)
}

/// Whether `facts` may be served, where names may have one of `domains` before or behind them.
pub fn decide(facts: &Facts, scope: &Scope, domains: &[String]) -> Verdict {
    let too_low = |uid: i64| uid <= 0 || uid < i64::from(scope.min_uid);
    // Whoever has root's name in a directory may be taken for root by a host.
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
    if facts.shell.as_deref().is_some_and(sspr_machine::verdict::refuses) {
        return Verdict::NoLogin;
    }
    Verdict::Eligible
}

/// Whether it is an administrator, who needs more proofs.
pub fn is_admin(facts: &Facts, scope: &Scope) -> bool {
    scope.admin_groups.iter().any(|group| facts.member_of.contains(group))
}

fn in_scope(facts: &Facts, scope: &Scope, domains: &[String]) -> bool {
    let enabled = match &scope.enable {
        Enable::None => false,
        Enable::All => true,
        Enable::Groups(groups) => groups.iter().any(|group| facts.member_of.contains(group)),
    };
    let excluded = scope.exclude.iter().any(|entry| match entry.strip_prefix('@') {
        Some(group) => facts.member_of.contains(group),
        // In whatever way the host writes it.
        None => facts.names.iter().any(|name| names::same(names::short(entry, domains), name)),
    });
    enabled && !excluded
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
