//! Finds the one entry that a name means, and the facts about it. If a fact that decides can't be read, no entry is
//! found.

use std::collections::BTreeSet;

use nix::unistd::Gid;
use sspr_config::{credential::Verdict, directory::Account};
use sspr_machine::members;

use super::{
    super::{
        filter::Filter,
        groups,
        kerberos::Kerberos,
        kind::{Closed, shows_hashes},
        message::{Entry, PASSWORD_POLICY, Request, SIZE_LIMIT, Scope, Search},
        names, rule,
    },
    At, Directory, Found, Session, now,
};

/// Why the service's own entry is never served.
pub(super) const OWN_ENTRY: &str = "the service's own entry";

impl Directory {
    pub(super) async fn find_in(
        &self,
        session: &mut Session,
        server: usize,
        user: &str,
    ) -> Result<Option<Found>, String> {
        if !names::plausible(user) {
            return Ok(None);
        }
        let domains = &self.settings.domains;
        let short = names::short(user, domains);
        let mut called = vec![Filter::equal(&self.name_attribute, short)];
        if self.kind.has_sids() && user.contains('@') {
            called.push(Filter::equal("userPrincipalName", user));
        }
        let base = self.settings.base.as_deref().unwrap_or_default();
        let mut attributes = self.kind.attributes().to_vec();
        attributes.push(&self.name_attribute);
        let search = Search {
            base,
            scope: Scope::Subtree,
            filter: Filter::And(vec![self.filter.clone(), Filter::Or(called)]),
            attributes: &attributes,
            most: 2,
        };
        let asked = session.connection.ask(&Request::Search(&search), &[]).await;
        let (mut entries, answer) = asked.map_err(|why| why.to_string())?;
        if !answer.is_success() && answer.code != SIZE_LIMIT {
            return Err(format!("people below {base}: {answer}"));
        }
        let Some(entry) = entries.pop() else { return Ok(None) };
        let is_only = self.servers.len() == 1 && session.connection.is_only();
        let at = At { server, peer: session.connection.peer(), is_only };
        if !entries.is_empty() || !answer.is_success() {
            let account = Account { verdict: Verdict::SharedUid, ..Account::unknown() };
            let why = Some(format!("several entries below {base} have this name"));
            return Ok(Some(Found { account, why, entry: Entry::default(), at }));
        }
        // A server matches more names than a host does, so the name must be exactly this one.
        let its: Vec<&str> =
            entry.values(&self.name_attribute).filter_map(|name| std::str::from_utf8(name).ok()).collect();
        let by_principal = entry.text("userPrincipalName").is_some_and(|name| names::same(name, user));
        if its.is_empty() || !(by_principal || its.iter().any(|name| names::same(name, short))) {
            return Ok(None);
        }
        // Everything is stored under one name, the one in the DN, whichever of its names was typed.
        let Some(name) = self.own_name(&entry, &its).map(str::to_owned) else {
            let account = Account { verdict: Verdict::SharedUid, ..Account::unknown() };
            let why = Some(format!("{} has several names, and its DN does not say which is its own", entry.dn));
            return Ok(Some(Found { account, why, entry: Entry::default(), at }));
        };
        let all = its.iter().map(|name| (*name).to_owned()).collect();
        let id = self.kind.id(&entry).ok_or_else(|| format!("{} has no id that the service may read", entry.dn))?;
        if shows_hashes(&entry) {
            tracing::warn!("the service's entry can read the hashes of passwords, which it has no need to");
        }
        self.sees_who_is_closed(session, &entry).await?;
        let (member_of, protected) = self.groups(session, &entry, &name).await?;
        let facts = self.facts(&entry, name, all, member_of, protected);
        let verdict = rule::decide(&facts, &self.scope, domains);
        let locked = verdict == Verdict::Eligible && self.kind.locked(&entry, now());
        let admin = rule::is_admin(&facts, &self.scope);
        let why = (verdict != Verdict::Eligible)
            .then(|| format!("{verdict:?}: {:?} {:?}", facts.protected.as_deref().unwrap_or_default(), facts.closed));
        Ok(Some(Found { account: Account { name: facts.name, id, verdict, admin, locked }, why, entry, at }))
    }

    /// The facts that decide whether an entry called `name` may be served.
    pub(super) fn facts(
        &self,
        entry: &Entry,
        name: String,
        names: Vec<String>,
        member_of: BTreeSet<String>,
        protected: Option<String>,
    ) -> rule::Facts {
        rule::Facts {
            uid: entry.number("uidNumber"),
            shell: entry.text("loginShell").map(str::to_owned),
            protected,
            closed: self.closed(entry, &name, now()),
            member_of,
            names,
            name,
        }
    }

    /// The name that an entry is stored under, of its names `its`; `None` if that is not clear.
    pub(super) fn own_name<'a>(&self, entry: &Entry, its: &[&'a str]) -> Option<&'a str> {
        let attribute = &self.name_attribute;
        if let ([one], 1) = (its, entry.values(attribute).count()) {
            return Some(*one);
        }
        match names::in_rdn(&entry.dn, attribute).as_slice() {
            [own] => its.iter().find(|name| names::same(name, own)).copied(),
            _ => None,
        }
    }

    /// Why `entry` can't sign in. A password that is stored elsewhere closes it, unless it is stored in the KDC where
    /// it is set.
    fn closed(&self, entry: &Entry, name: &str, at: i64) -> Option<Closed> {
        let there = |kerberos: &Kerberos| entry.values("userPassword").all(|value| kerberos.keeps(name, value));
        match self.kind.closed(entry, at) {
            Some(Closed::Elsewhere(_)) if self.kerberos.as_ref().is_some_and(there) => None,
            other => other,
        }
    }

    /// Checks that the service could see whether an administrator had disabled the entry. An attribute that can't be
    /// read looks like a missing one, except to a filter: then neither the attribute nor its negation matches.
    pub(super) async fn sees_who_is_closed(&self, session: &mut Session, entry: &Entry) -> Result<(), String> {
        // A server without a password policy does not know the attribute.
        let has_policy = session.known.is_empty() || session.known.iter().any(|oid| oid == PASSWORD_POLICY);
        let Some(attribute) = self.kind.must_see().filter(|_| has_policy) else { return Ok(()) };
        let there = Filter::present(attribute);
        let search = Search {
            base: &entry.dn,
            scope: Scope::Base,
            filter: Filter::Or(vec![there.clone(), Filter::Not(Box::new(there))]),
            attributes: &["1.1"],
            most: 1,
        };
        let asked = session.connection.ask(&Request::Search(&search), &[]).await;
        match asked.map_err(|why| why.to_string())? {
            (entries, answer) if answer.is_success() && entries.len() == 1 => Ok(()),
            (_, answer) => Err(format!(
                "the service's entry may not read {attribute}, so it can't tell whom an administrator locked ({answer}); \
                 see /usr/share/doc/sspr-directory/directories.md"
            )),
        }
    }

    /// The groups of an entry among those that the settings name, and why the entry is never served, if it is not.
    pub(super) async fn groups(
        &self,
        session: &mut Session,
        entry: &Entry,
        name: &str,
    ) -> Result<(BTreeSet<String>, Option<String>), String> {
        let wanted = self.wanted();
        let called = self.called(entry, name);
        let (found, by_sid) = self.in_the_directory(session, entry, &called, &wanted.all()).await?;
        self.sees_groups(session, &wanted).await?;
        Ok(self.standing_in(entry, &called, &wanted, found, by_sid))
    }

    /// The groups that decide.
    pub(super) fn wanted(&self) -> Wanted {
        let own = self.kind.protected_groups().iter().map(|name| (*name).to_owned());
        let excluded: BTreeSet<String> = rule::excluded_groups(&self.scope).collect();
        // Directory users can be in groups of this host. Such a membership counts against them, never for them.
        let against = |group: &[u8]| {
            let mut named = excluded.iter().chain(&self.scope.admin_groups);
            named.any(|name| name.as_bytes() == group)
        };
        let here = std::fs::read("/etc/group").unwrap_or_default();
        Wanted {
            named: rule::groups_of(&self.scope),
            protected: own.chain(self.settings.protected_groups.iter().cloned()).collect(),
            against: lines_of(&here, against),
            here,
        }
    }

    /// All names of an entry, because a group may list any of them.
    pub(super) fn called<'a>(&self, entry: &'a Entry, name: &'a str) -> BTreeSet<&'a str> {
        let also = entry.values(&self.name_attribute).filter_map(|other| std::str::from_utf8(other).ok());
        also.chain([name]).collect()
    }

    /// The groups among `wanted` that the directory reports for an entry, and why the entry controls the domain.
    pub(super) async fn in_the_directory(
        &self,
        session: &mut Session,
        entry: &Entry,
        called: &BTreeSet<&str>,
        wanted: &BTreeSet<String>,
    ) -> Result<(BTreeSet<String>, Option<&'static str>), String> {
        let (connection, base) = (&mut session.connection, self.settings.groups());
        if self.kind.has_sids() {
            let sids = groups::sids(connection, base, wanted).await?;
            return groups::member_of_by_sid(connection, entry, &sids).await;
        }
        Ok((groups::member_of(connection, base, entry, called, wanted).await?, None))
    }

    /// Checks that the members of the groups that matter can be read. Returns the groups that exist.
    pub(super) async fn sees_groups(&self, session: &mut Session, wanted: &Wanted) -> Result<BTreeSet<String>, String> {
        let (connection, base) = (&mut session.connection, self.settings.groups());
        let there = groups::existing(connection, base, self.kind.has_sids(), &wanted.all()).await?;
        if let Some(hidden) = there.hidden.first() {
            return Err(format!(
                "the service's entry can't see who is in the group {hidden:?}, so nobody knows whom to leave out; let it read \
                 the members of groups"
            ));
        }
        // A missing group has no members. In these lists it may be a typo that would admit exactly the users who are to
        // be excluded.
        let excluded: BTreeSet<String> = rule::excluded_groups(&self.scope).collect();
        let ours = &self.settings.protected_groups;
        if let Some(gone) = excluded.iter().chain(ours).find(|group| {
            // An excluded group may be one of this host's; a protected one is the directory's.
            let local = excluded.contains(*group) && !ours.contains(*group) && is_local(&wanted.here, group);
            !there.all.contains(*group) && !local
        }) {
            return Err(format!(
                "the settings leave out the group {gone:?}, which does not exist below {base}, or which the service's entry may not \
                 read; correct it"
            ));
        }
        // It is not known whether these groups exist, but at least one group must be readable.
        if there.all.is_empty() && !self.kind.protected_groups().is_empty() && !groups::any(connection, base).await? {
            return Err(format!(
                "the service's entry can't see one group below {base}, so nobody knows who is an administrator; let it read groups"
            ));
        }
        // If a group's members can't be read, any user may be in the deciding groups through it.
        if !self.kind.has_sids()
            && !there.all.is_empty()
            && let Some(hidden) = groups::hidden(connection, base).await?
        {
            return Err(format!(
                "the service's entry can't see who is in {hidden:?}, which may be in a group that the settings name; let it read the \
                 members of groups"
            ));
        }
        Ok(there.all)
    }

    /// What these memberships, and those in this host's files, mean for an entry: see [`Self::groups`].
    pub(super) fn standing_in(
        &self,
        entry: &Entry,
        called: &BTreeSet<&str>,
        wanted: &Wanted,
        mut found: BTreeSet<String>,
        by_sid: Option<&'static str>,
    ) -> (BTreeSet<String>, Option<String>) {
        let gid = entry.number("gidNumber").and_then(|gid| u32::try_from(gid).ok()).map(Gid::from_raw);
        let of = |name: &&str| local_groups(&wanted.against, name, gid, &self.settings.domains);
        let own: BTreeSet<&[u8]> = called.iter().flat_map(of).collect();
        let local = wanted.named.iter().filter(|group| own.contains(group.as_bytes())).cloned();
        found.extend(local);
        let is_service = self.settings.bind.as_deref().is_some_and(|bind| same_dn(bind, &entry.dn));
        let why = self.kind.protected(entry).or(by_sid).map(str::to_owned);
        let mut protected = wanted.protected.iter();
        let why = why.or_else(|| protected.find(|group| found.contains(*group)).map(|g| format!("group {g}")));
        let why = why.or_else(|| is_service.then(|| OWN_ENTRY.to_owned()));
        (found.intersection(&wanted.named).cloned().collect(), why)
    }
}

/// The groups that decide.
pub(super) struct Wanted {
    /// The groups that `[scope]` names.
    named: BTreeSet<String>,
    /// The groups whose members are never served.
    protected: BTreeSet<String>,
    /// This host's groups, as in group(5).
    here: Vec<u8>,
    /// The lines of those of this host's groups whose members are excluded or need more proofs.
    against: Vec<u8>,
}

impl Wanted {
    pub(super) fn all(&self) -> BTreeSet<String> {
        self.named.union(&self.protected).cloned().collect()
    }
}

/// The lines in `text` (group(5)) of the groups for which `counts` holds.
fn lines_of(text: &[u8], counts: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let of = |line: &&[u8]| members::lines(line).any(|line| counts(line.name));
    text.split_inclusive(|byte| *byte == b'\n').filter(of).collect::<Vec<_>>().concat()
}

/// Whether a group is one of this host's, according to `text` (group(5)). The settings apply to both kinds of groups.
fn is_local(text: &[u8], group: &str) -> bool {
    members::lines(text).any(|line| line.name == group.as_bytes())
}

/// Whether two DNs are the same, apart from case and blanks around commas.
pub(super) fn same_dn(one: &str, other: &str) -> bool {
    let plain = |dn: &str| dn.split(',').map(str::trim).collect::<Vec<_>>().join(",").to_lowercase();
    plain(one) == plain(other)
}

/// The groups in `text` (group(5)) that have `name` as a member, however the host writes it, or that have this number.
fn local_groups<'a>(text: &'a [u8], name: &str, gid: Option<Gid>, domains: &[String]) -> BTreeSet<&'a [u8]> {
    let is_own = |user: &[u8]| {
        let user = String::from_utf8_lossy(user);
        names::same(names::short(&user, domains), name)
    };
    let counts = |line: &members::Line<'_>| gid.is_some() && line.gid == gid || line.users().any(is_own);
    members::lines(text).filter(counts).map(|line| line.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_a_group_of_this_host_is_known_by_name_in_each_way_and_by_the_number_of_the_own_group() {
        let text = b"root:x:0:\nsudo:x:27:bob,EXAMPLE\\Alice\nstaff:x:50:alice@example.org\nnoone:x:60:\nbroken\n:::\n";
        let domains = ["EXAMPLE".to_owned(), "example.org".to_owned()];
        let of = |name: &str, gid: Option<u32>| {
            local_groups(text, name, gid.map(Gid::from_raw), &domains).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(of("alice", None), [b"staff".as_slice(), b"sudo"]);
        assert_eq!(of("carol", Some(27)), [b"sudo"]);
        assert!(of("carol", None).is_empty() && of("carol", Some(20_000)).is_empty());
        assert_eq!(lines_of(text, |name| name == b"staff"), b"staff:x:50:alice@example.org\n");
        assert!(is_local(text, "staff") && !is_local(text, "sta") && !is_local(text, "x"));
    }
}
