//! The groups that an entry is in, directly and through other groups, as the directory reports them.

use std::collections::BTreeSet;

use super::{
    connection::{Connection, Failure, TOO_MUCH},
    filter::Filter,
    message::{Entry, Request, SIZE_LIMIT, Scope, Search},
    names,
};

/// The most groups that are read for one account. Beyond that, a protected group could go unnoticed among the rest, so
/// it is an error. The steps from group to group are limited to `STEPS_MAX` for the same reason.
const GROUPS_MAX: u32 = 1000;
pub(super) const STEPS_MAX: usize = 32;
/// How many groups are requested at a time.
const AT_A_TIME: usize = 20;

/// In a domain of Active Directory, the groups that control the domain, by the last part of their SIDs: read-only
/// domain controllers of the enterprise, domain administrators, domain controllers, administrators of the schema, of
/// the enterprise, of policies, read-only domain controllers, key administrators of the domain and of the enterprise.
const AD_DOMAIN: [u32; 9] = [498, 512, 516, 518, 519, 520, 521, 526, 527];
/// The same among the groups that exist in every domain: administrators, operators of accounts, servers, printers and
/// backups, and replicators.
const AD_BUILTIN: [u32; 6] = [544, 548, 549, 550, 551, 552];
/// The accounts of the administrator and of the domain's key, by the last part of their SIDs.
const AD_ACCOUNTS: [u32; 2] = [500, 502];

/// Why the groups are not known. For logs.
pub type Unknown = String;

/// The most groups of a directory that are read at once. This is our limit, whatever the server's is.
const ALL_MAX: u32 = 10_000;
/// What to do if there are more groups than are read.
const NARROWER: &str = "set group_base to the groups that matter";

/// The groups called `wanted` that `person`, with the names `called`, is in. The names are returned as they are in
/// `wanted`.
pub async fn member_of(
    connection: &mut Connection,
    base: &str,
    person: &Entry,
    called: &BTreeSet<&str>,
    wanted: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Unknown> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    above(connection, base, starts(person, called), wanted).await
}

/// The filters for the groups that `person`, with the names `called`, is in directly.
pub fn starts(person: &Entry, called: &BTreeSet<&str>) -> Vec<Filter> {
    let mut starts = with_member(&person.dn);
    starts.extend(called.iter().map(|name| listing(name)));
    starts.extend(person.text("gidNumber").map(primary));
    starts
}

/// The filters for the groups that have the entry `dn` as a member.
pub fn with_member(dn: &str) -> Vec<Filter> {
    vec![Filter::equal("member", dn), Filter::equal("uniqueMember", dn)]
}

/// The filter for the groups that list this name.
pub fn listing(name: &str) -> Filter {
    posix("memberUid", name)
}

/// The filter for the group with this number, which is the primary group of each user with that number.
pub fn primary(gid: &str) -> Filter {
    posix("gidNumber", gid)
}

fn posix(attribute: &str, value: &str) -> Filter {
    Filter::And(vec![Filter::equal("objectClass", "posixGroup"), Filter::equal(attribute, value)])
}

/// The DNs of all entries that [`above`] could find.
pub async fn with_members(connection: &mut Connection, base: &str) -> Result<Vec<String>, Unknown> {
    let members = ["member", "uniqueMember"].map(Filter::present);
    let filter = Filter::Or([Filter::equal("objectClass", "posixGroup")].into_iter().chain(members).collect());
    let all = search_most(connection, base, filter, &["1.1"], ALL_MAX).await?;
    Ok(all.into_iter().map(|group| group.dn).collect())
}

/// The groups called `wanted` that `next` finds, and those that contain a found group, directly or through others.
pub async fn above(
    connection: &mut Connection,
    base: &str,
    mut next: Vec<Filter>,
    wanted: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Unknown> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..STEPS_MAX {
        let mut above = Vec::new();
        for part in next.chunks(2 * AT_A_TIME) {
            let groups = search(connection, base, Filter::Or(part.to_vec()), &["cn"]).await?;
            for group in groups {
                if !seen.insert(group.dn.to_lowercase()) {
                    continue;
                }
                let names: Vec<_> = group.values("cn").filter_map(|name| std::str::from_utf8(name).ok()).collect();
                let is_called = |wanted: &&String| names.iter().any(|name| names::same(name, wanted));
                found.extend(wanted.iter().filter(is_called).cloned());
                above.extend(with_member(&group.dn));
            }
            if seen.len() >= GROUPS_MAX as usize {
                return Err("the account is in too many groups".to_owned());
            }
        }
        if above.is_empty() {
            return Ok(found);
        }
        next = above;
    }
    Err("the account's groups are in groups too deep".to_owned())
}

/// The attribute with a group's members, by the group's class.
const MEMBERS: [(&str, &str); 4] = [
    ("groupOfNames", "member"),
    ("groupOfMembers", "member"),
    ("groupOfUniqueNames", "uniqueMember"),
    ("posixGroup", "memberUid"),
];

/// The groups that a search by name found.
#[derive(Debug, Default)]
pub struct There {
    /// The groups that exist.
    pub all: BTreeSet<String>,
    /// Those of them whose members can't be read, so that nobody knows who is in them.
    pub hidden: BTreeSet<String>,
}

/// The groups called `wanted` that exist. In Active Directory (`by_sid`), members are found by other means.
pub async fn existing(
    connection: &mut Connection,
    base: &str,
    by_sid: bool,
    wanted: &BTreeSet<String>,
) -> Result<There, Unknown> {
    let mut there = There::default();
    if wanted.is_empty() {
        return Ok(there);
    }
    let attribute = if by_sid { "sAMAccountName" } else { "cn" };
    let groups = search(connection, base, called(attribute, wanted), &[attribute]).await?;
    let named = |groups: &[Entry]| {
        let names: Vec<&[u8]> = groups.iter().flat_map(|group| group.values(attribute)).collect();
        let is_there = |wanted: &&String| {
            names.iter().any(|name| std::str::from_utf8(name).is_ok_and(|name| names::same(name, wanted)))
        };
        wanted.iter().filter(is_there).cloned().collect::<BTreeSet<_>>()
    };
    there.all = named(&groups);
    if by_sid || groups.is_empty() {
        return Ok(there);
    }
    let filter = Filter::And(vec![called(attribute, wanted), members_can_be_seen()]);
    let seen = search(connection, base, filter, &[attribute]).await?;
    let hidden: Vec<Entry> = groups.into_iter().filter(|group| !seen.iter().any(|seen| seen.dn == group.dn)).collect();
    there.hidden = named(&hidden);
    Ok(there)
}

/// Matches a group whose members can be read. An attribute that can't be read looks like a missing one, except to a
/// filter: then neither the attribute nor its negation matches.
fn members_can_be_seen() -> Filter {
    let of = |(class, attribute): (&str, &str)| {
        let there = Filter::present(attribute);
        let other = Filter::Not(Box::new(Filter::equal("objectClass", class)));
        Filter::Or(vec![other, there.clone(), Filter::Not(Box::new(there))])
    };
    Filter::And(MEMBERS.into_iter().map(of).collect())
}

/// The name of a visible group whose members can't be read, if there is one.
pub async fn hidden(connection: &mut Connection, base: &str) -> Result<Option<String>, Unknown> {
    // No filter finds a group for which neither holds, so the visible ones are subtracted from all groups.
    let seen = Filter::And(vec![any_class(), members_can_be_seen()]);
    let all = search_most(connection, base, any_class(), &["1.1"], ALL_MAX).await?;
    let seen = search_most(connection, base, seen, &["1.1"], ALL_MAX).await?;
    let seen: BTreeSet<String> = seen.into_iter().map(|group| group.dn).collect();
    Ok(all.into_iter().map(|group| group.dn).find(|dn| !seen.contains(dn)))
}

fn any_class() -> Filter {
    Filter::Or(MEMBERS.iter().map(|(class, _)| Filter::equal("objectClass", class)).collect())
}

/// Whether any group can be read.
pub async fn any(connection: &mut Connection, base: &str) -> Result<bool, Unknown> {
    let search = Search { base, scope: Scope::Subtree, filter: any_class(), attributes: &["1.1"], most: 1 };
    let asked = connection.ask(&Request::Search(&search), &[]).await;
    let (entries, _) = asked.map_err(|why: Failure| format!("groups: {why}"))?;
    Ok(!entries.is_empty())
}

/// The SIDs of the groups called `wanted` in Active Directory, each with its name as `wanted` has it.
pub async fn sids(
    connection: &mut Connection,
    base: &str,
    wanted: &BTreeSet<String>,
) -> Result<Vec<(Vec<u8>, String)>, Unknown> {
    let mut sids = Vec::new();
    if wanted.is_empty() {
        return Ok(sids);
    }
    let filter = Filter::And(vec![Filter::equal("objectClass", "group"), called("sAMAccountName", wanted)]);
    for group in search(connection, base, filter, &["sAMAccountName", "objectSid"]).await? {
        let name = group.text("sAMAccountName").unwrap_or_default();
        for own in wanted.iter().filter(|wanted| names::same(wanted, name)) {
            sids.extend(group.values("objectSid").map(|sid| (sid.to_vec(), own.clone())));
        }
    }
    Ok(sids)
}

/// Does the same as [`member_of`] in Active Directory, which returns all groups of an account by their SIDs; `wanted`
/// comes from [`sids`]. Also returns why the account controls the domain, if one of the groups does, whatever its
/// localized name.
pub async fn member_of_by_sid(
    connection: &mut Connection,
    person: &Entry,
    wanted: &[(Vec<u8>, String)],
) -> Result<(BTreeSet<String>, Option<&'static str>), Unknown> {
    let own = Search {
        base: &person.dn,
        scope: Scope::Base,
        filter: Filter::present("objectClass"),
        attributes: &["tokenGroups"],
        most: 1,
    };
    let (entries, answer) = connection.ask(&Request::Search(&own), &[]).await.map_err(|why| why.to_string())?;
    if !answer.is_success() {
        return Err(format!("tokenGroups: {answer}"));
    }
    let sids: Vec<&[u8]> = entries.iter().flat_map(|entry| entry.values("tokenGroups")).collect();
    // Every account is in at least one group. An empty list means that the groups can't be read.
    if sids.is_empty() {
        return Err("tokenGroups can't be read".to_owned());
    }
    let own_sid = person.values("objectSid").next().and_then(last_of);
    let protected = if sids.iter().any(|sid| is_protected(sid)) {
        Some("a group that is as good as the domain")
    } else if own_sid.is_none_or(|(_, last)| AD_ACCOUNTS.contains(&last)) {
        Some("an account of the domain itself")
    } else {
        None
    };
    let found = wanted.iter().filter(|(sid, _)| sids.contains(&sid.as_slice())).map(|(_, name)| name.clone());
    Ok((found.collect(), protected))
}

/// The filter for entries whose `attribute` is one of `names`.
pub(super) fn called(attribute: &str, names: &BTreeSet<String>) -> Filter {
    Filter::Or(names.iter().map(|name| Filter::equal(attribute, name)).collect())
}

/// Searches for at most as many groups as an account may be in. A list that the server truncated is an error.
pub(super) async fn search(
    connection: &mut Connection,
    base: &str,
    filter: Filter,
    attributes: &[&str],
) -> Result<Vec<Entry>, Unknown> {
    search_most(connection, base, filter, attributes, GROUPS_MAX).await
}

async fn search_most(
    connection: &mut Connection,
    base: &str,
    filter: Filter,
    attributes: &[&str],
    most: u32,
) -> Result<Vec<Entry>, Unknown> {
    let search = Search { base, scope: Scope::Subtree, filter, attributes, most };
    let asked = connection.ask(&Request::Search(&search), &[]).await;
    let (entries, answer) = asked.map_err(|why: Failure| match why {
        Failure::Lost(why) if why == TOO_MUCH => format!("groups below {base}: {why}; {NARROWER}"),
        why => format!("groups: {why}"),
    })?;
    // A list that a size limit truncated is not enough.
    if answer.is_success() {
        return Ok(entries);
    }
    let fix = match answer.code {
        SIZE_LIMIT if entries.len() < most as usize => {
            format!("; raise the server's limit for the service's entry, or {NARROWER}")
        }
        SIZE_LIMIT => format!("; no more than {most} are read, whatever the server's limit is; {NARROWER}"),
        _ => String::new(),
    };
    Err(format!("groups below {base}: {answer}{fix}"))
}

/// The last part of a SID, and whether the SID belongs to one domain (true) or is the same in every domain.
fn last_of(sid: &[u8]) -> Option<(bool, u32)> {
    let (first, last) = (sid.get(8..12)?, sid.last_chunk::<4>()?);
    let domain = match first {
        [21, 0, 0, 0] => true,
        [32, 0, 0, 0] => false,
        _ => return None,
    };
    Some((domain, u32::from_le_bytes(*last)))
}

fn is_protected(sid: &[u8]) -> bool {
    match last_of(sid) {
        Some((true, last)) => AD_DOMAIN.contains(&last),
        Some((false, last)) => AD_BUILTIN.contains(&last),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid(parts: &[u32]) -> Vec<u8> {
        let mut bytes = vec![1, u8::try_from(parts.len()).unwrap(), 0, 0, 0, 0, 0, 5];
        for part in parts {
            bytes.extend_from_slice(&part.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn groups_that_are_as_good_as_the_domain_are_known_by_their_sids_in_every_language() {
        for protected in [sid(&[21, 1, 2, 3, 512]), sid(&[21, 1, 2, 3, 519]), sid(&[32, 544]), sid(&[32, 548])] {
            assert!(is_protected(&protected), "{protected:?}");
        }
        for other in
            [sid(&[21, 1, 2, 3, 513]), sid(&[21, 1, 2, 3, 1104]), sid(&[32, 545]), sid(&[11]), vec![], vec![1; 7]]
        {
            assert!(!is_protected(&other), "{other:?}");
        }
    }
}
