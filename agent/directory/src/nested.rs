//! The deciding groups and all groups in them, read once for many accounts. A few requests then show which accounts are
//! in one of these. The server must be asked, because it alone knows how names of entries match.

use std::{collections::BTreeSet, ops::Range};

use super::{
    connection::Connection,
    filter::Filter,
    groups::{self, STEPS_MAX, Unknown},
    message::{Request, Scope, Search},
    names,
};

/// How many accounts or groups one request asks about.
const AT_A_TIME: usize = 200;
/// The attributes with members.
pub(super) const MEMBERS: [&str; 3] = ["member", "uniqueMember", "memberUid"];
/// How many groups one request names.
const NAMED_MAX: usize = 50;

/// The deciding groups, and all groups that are in one of them, directly or through others.
#[derive(Debug, Default)]
pub struct Nested {
    groups: Vec<Group>,
    /// The attributes with members that at least one of the groups has.
    members: Vec<&'static str>,
}

#[derive(Clone, Debug)]
struct Group {
    dn: String,
    name: String,
    /// The names of the deciding groups that its members are in.
    leads: BTreeSet<String>,
}

/// The filters for the groups that an account or a group is in directly. Each of these groups matches one of the
/// filters.
pub type Item = Vec<Filter>;

impl Nested {
    /// Reads the groups called `wanted`, and the groups in them.
    pub async fn read(connection: &mut Connection, base: &str, wanted: &BTreeSet<String>) -> Result<Self, Unknown> {
        let mut all = Self { groups: called(connection, base, wanted).await?, members: Vec::new() };
        if all.groups.is_empty() {
            return Ok(all);
        }
        let others = groups::with_members(connection, base).await?;
        let mut frontier = all.groups.clone();
        for _ in 0..STEPS_MAX {
            let mut changed = Vec::new();
            for some in others.chunks(AT_A_TIME) {
                let items: Vec<Item> = some.iter().map(|dn| groups::with_member(dn)).collect();
                let found = each(connection, base, &frontier, &items).await?;
                for (dn, leads) in some.iter().zip(found).filter(|(_, leads)| !leads.is_empty()) {
                    changed.extend(all.add(connection, dn, leads).await?);
                }
            }
            if changed.is_empty() {
                for attribute in MEMBERS {
                    // An attribute that no group has is left out of searches, where it would take the server most of
                    // the time.
                    if !any(connection, base, &all.groups, &[vec![Filter::present(attribute)]]).await?.is_empty() {
                        all.members.push(attribute);
                    }
                }
                return Ok(all);
            }
            frontier = changed;
        }
        Err("there are groups in groups too deep".to_owned())
    }

    /// Adds the group `dn`, whose members are in the groups `leads`. Returns the group if this is new.
    async fn add(
        &mut self,
        connection: &mut Connection,
        dn: &str,
        leads: BTreeSet<String>,
    ) -> Result<Option<Group>, Unknown> {
        if let Some(known) = self.groups.iter_mut().find(|known| known.dn == dn) {
            let before = known.leads.len();
            known.leads.extend(leads);
            return Ok((known.leads.len() > before).then(|| known.clone()));
        }
        let name = own_name(connection, dn).await?;
        let group = Group { dn: dn.to_owned(), name, leads };
        self.groups.push(group.clone());
        Ok(Some(group))
    }

    /// The filters for the groups of the account with the entry `dn` and the names `called`, except its primary group.
    pub fn item(&self, dn: &str, called: &BTreeSet<&str>) -> Item {
        let of = |attribute: &&'static str| match *attribute {
            "memberUid" => called.iter().map(|name| groups::listing(name)).collect(),
            by_dn => vec![Filter::equal(by_dn, dn)],
        };
        self.members.iter().flat_map(of).collect()
    }

    /// The DN of each of these groups, and the names of the deciding groups that its members are in.
    pub fn all(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.groups.iter().map(|group| (group.dn.as_str(), &group.leads))
    }

    /// The names of the deciding groups that each of `items` is in, directly or through others.
    pub async fn of_each(
        &self,
        connection: &mut Connection,
        base: &str,
        items: &[Item],
    ) -> Result<Vec<BTreeSet<String>>, Unknown> {
        each(connection, base, &self.groups, items).await
    }
}

/// The groups called `wanted`.
async fn called(connection: &mut Connection, base: &str, wanted: &BTreeSet<String>) -> Result<Vec<Group>, Unknown> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for group in groups::search(connection, base, groups::called("cn", wanted), &["cn"]).await? {
        let names: Vec<_> = group.values("cn").filter_map(|name| std::str::from_utf8(name).ok()).collect();
        let is_called = |wanted: &&String| names.iter().any(|name| names::same(name, wanted));
        let leads: BTreeSet<String> = wanted.iter().filter(is_called).cloned().collect();
        if let Some(name) = names.first().filter(|_| !leads.is_empty()) {
            all.push(Group { name: (*name).to_owned(), dn: group.dn.clone(), leads });
        }
    }
    Ok(all)
}

/// The name by which a request finds the group `dn`.
async fn own_name(connection: &mut Connection, dn: &str) -> Result<String, Unknown> {
    let filter = Filter::present("objectClass");
    let search = Search { base: dn, scope: Scope::Base, filter, attributes: &["cn"], most: 1 };
    let (entries, answer) = connection.ask(&Request::Search(&search), &[]).await.map_err(|why| why.to_string())?;
    let name = entries.first().and_then(|group| group.text("cn")).map(str::to_owned);
    name.ok_or_else(|| format!("the name of {dn}: {answer}"))
}

/// The names of the deciding groups that each of `items` is in directly, through `all`. One request asks about all
/// items. If one of them is in a group, each half is asked about separately.
async fn each(
    connection: &mut Connection,
    base: &str,
    all: &[Group],
    items: &[Item],
) -> Result<Vec<BTreeSet<String>>, Unknown> {
    let mut found = vec![BTreeSet::new(); items.len()];
    let mut open: Vec<Range<usize>> = Vec::new();
    let starts = (0..items.len()).step_by(AT_A_TIME);
    open.extend(starts.map(|start| start..items.len().min(start + AT_A_TIME)));
    while let Some(range) = open.pop() {
        let Some(some) = items.get(range.clone()) else { continue };
        let leads = any(connection, base, all, some).await?;
        if leads.is_empty() {
            continue;
        }
        if let ([_], Some(own)) = (some, found.get_mut(range.start)) {
            *own = leads;
            continue;
        }
        let middle = range.start + range.len() / 2;
        open.extend([range.start..middle, middle..range.end]);
    }
    Ok(found)
}

/// The names of the deciding groups that any of `items` is in directly, through `all`.
async fn any(
    connection: &mut Connection,
    base: &str,
    all: &[Group],
    items: &[Item],
) -> Result<BTreeSet<String>, Unknown> {
    let members: Vec<Filter> = items.iter().flatten().cloned().collect();
    let mut leads = BTreeSet::new();
    if members.is_empty() {
        return Ok(leads);
    }
    for some in all.chunks(NAMED_MAX) {
        let names = some.iter().map(|group| group.name.clone()).collect();
        // The names come first, so that a server without an index of an attribute with members searches only these
        // groups.
        let filter = Filter::And(vec![groups::called("cn", &names), Filter::Or(members.clone())]);
        for hit in groups::search(connection, base, filter, &["1.1"]).await? {
            let is_hit = |group: &&Group| group.dn.eq_ignore_ascii_case(&hit.dn);
            leads.extend(all.iter().filter(is_hit).flat_map(|group| group.leads.iter().cloned()));
        }
    }
    Ok(leads)
}
