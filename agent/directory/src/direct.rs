//! The members of the deciding groups, read once if they are few. Then the server is asked about no page of users: to
//! compare two hundred names with the members of a group takes it longer than to return the users themselves.
//!
//! How names of entries match, the server alone knows. So it is asked for the entry of each member, and entries are
//! compared by the directory's own ids. Members that are listed by name are only a hint whom to ask about.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    connection::Connection,
    filter::Filter,
    groups::Unknown,
    message::{Entry, Request, SUCCESS, Scope, Search},
    nested::MEMBERS,
};

/// How many members are few: each costs a request.
const MEMBERS_MAX: usize = 500;
/// How many groups are few.
const GROUPS_MAX: usize = 100;
/// The result code for an entry that does not exist.
const NO_SUCH_OBJECT: u32 = 32;

/// The members of the deciding groups, as they were when the list of users began.
#[derive(Debug, Default)]
pub struct Direct {
    /// The names of the deciding groups that lead from each member's entry, by its id.
    by_id: BTreeMap<String, BTreeSet<String>>,
    /// The members that are listed by name, in lower case.
    by_name: BTreeSet<String>,
}

impl Direct {
    /// Reads the members of `groups`, which are DNs, each with the names of the deciding groups that its members are in.
    /// `id` finds the directory's own id among these `attributes` of an entry.
    ///
    /// The error is the reason why the server has to be asked about everybody: there are too many, or it does not
    /// show them all. The connection may be broken then.
    pub async fn read<'g>(
        connection: &mut Connection,
        groups: impl Iterator<Item = (&'g str, &'g BTreeSet<String>)>,
        attributes: &[&str],
        id: impl Fn(&Entry) -> Option<String>,
    ) -> Result<Self, Unknown> {
        let (mut all, mut entries, mut count) = (Self::default(), BTreeMap::<String, BTreeSet<String>>::new(), 0);
        for (number, (dn, leads)) in groups.enumerate() {
            if number >= GROUPS_MAX {
                return Err("there are too many groups".to_owned());
            }
            let group = entry(connection, dn, &MEMBERS).await?.ok_or("a group is gone")?;
            let is_known = |name: &String| MEMBERS.iter().any(|known| known.eq_ignore_ascii_case(name));
            if !group.attributes.iter().all(|(name, _)| is_known(name)) {
                // Such as a part of a long list.
                return Err("members are in attributes with options".to_owned());
            }
            for attribute in MEMBERS {
                let mut values = group.values(attribute).peekable();
                if values.peek().is_none() && is_there(connection, dn, attribute).await? {
                    return Err("members can be found, but not read".to_owned());
                }
                for value in values {
                    count += 1;
                    if count > MEMBERS_MAX {
                        return Err("there are too many members".to_owned());
                    }
                    let value = plain(value, attribute).ok_or("a member's name has to be compared by the server")?;
                    if attribute == "memberUid" {
                        all.by_name.insert(value.to_ascii_lowercase());
                    } else {
                        entries.entry(value.to_owned()).or_default().extend(leads.iter().cloned());
                    }
                }
            }
        }
        for (dn, leads) in entries {
            // An entry without an id is not a user who is listed.
            if let Some(id) = entry(connection, &dn, attributes).await?.as_ref().and_then(&id) {
                all.by_id.entry(id).or_default().extend(leads);
            }
        }
        Ok(all)
    }

    /// The names of the deciding groups that the entry with this id is in as an entry.
    pub fn of(&self, id: &str) -> impl Iterator<Item = &String> {
        self.by_id.get(id).into_iter().flatten()
    }

    /// Whether the server has to be asked about an entry with the names `called`: a group may list one of them.
    pub fn may_list(&self, called: &BTreeSet<&str>) -> bool {
        let may = |name: &&str| !is_plain(name) || self.by_name.contains(&name.to_ascii_lowercase());
        !self.by_name.is_empty() && called.iter().any(may)
    }
}

/// The value of an attribute with members, if it means the same everywhere but for case.
fn plain<'v>(value: &'v [u8], attribute: &str) -> Option<&'v str> {
    let text = std::str::from_utf8(value).ok()?;
    match attribute {
        "memberUid" => Some(text).filter(|text| is_plain(text)),
        // After a hash, a unique name may have a number (RFC 4517, 3.3.21).
        "uniqueMember" => Some(text).filter(|text| !text.contains('#')),
        _ => Some(text),
    }
}

/// Whether a server can't take `name` for another one, apart from case.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The entry `dn`; `None` if there is none. Fails if it exists and can't be read.
async fn entry(connection: &mut Connection, dn: &str, attributes: &[&str]) -> Result<Option<Entry>, Unknown> {
    let search = Search { base: dn, scope: Scope::Base, filter: Filter::present("objectClass"), attributes, most: 1 };
    let (mut entries, answer) = connection.ask(&Request::Search(&search), &[]).await.map_err(|why| why.to_string())?;
    match (entries.pop(), answer.code) {
        (Some(entry), SUCCESS) => Ok(Some(entry)),
        (None, NO_SUCH_OBJECT) => Ok(None),
        _ => Err(format!("a member can't be read: {answer}")),
    }
}

/// Whether the entry `dn` has `attribute`. A filter may see an attribute that can't be read.
async fn is_there(connection: &mut Connection, dn: &str, attribute: &str) -> Result<bool, Unknown> {
    let filter = Filter::present(attribute);
    let search = Search { base: dn, scope: Scope::Base, filter, attributes: &["1.1"], most: 1 };
    let (entries, answer) = connection.ask(&Request::Search(&search), &[]).await.map_err(|why| why.to_string())?;
    if answer.is_success() { Ok(!entries.is_empty()) } else { Err(format!("a group can't be read: {answer}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_be_listed_by_name_is_asked_about_and_nobody_else() {
        let none = Direct::default();
        let some = Direct { by_name: BTreeSet::from(["alice".to_owned()]), ..Direct::default() };
        for (called, asked) in [
            (["alice", "x"], true),
            (["x", "ALICE"], true),
            (["bob", "ali"], false),
            (["bob", "jürgen"], true),
            (["bob", "a lice"], true),
        ] {
            let called = BTreeSet::from(called);
            assert_eq!((some.may_list(&called), none.may_list(&called)), (asked, false), "{called:?}");
        }
    }

    #[test]
    fn what_the_server_alone_can_compare_is_not_plain() {
        for (attribute, value, is) in [
            ("member", "uid=Jürgen, ou=people", true),
            ("uniqueMember", "uid=a,ou=people", true),
            ("uniqueMember", "uid=a,ou=people#'0101'B", false),
            ("memberUid", "alice", true),
            ("memberUid", "a lice", false),
            ("memberUid", "jürgen", false),
            ("memberUid", "", false),
        ] {
            assert_eq!(plain(value.as_bytes(), attribute).is_some(), is, "{attribute}: {value}");
        }
        assert_eq!(plain(&[0xff], "member"), None);
    }
}
