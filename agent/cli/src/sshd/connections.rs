//! Which connections to ask sshd about: one for each kind of users and places that its Match blocks distinguish.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::CString,
    fs,
    path::Path,
};

use nix::unistd::{Gid, Group, getgrouplist};

use super::{
    config::{Block, Config},
    patterns::{self, Criterion},
};

/// Each takes one run of sshd, some milliseconds.
const MOST: usize = 300;
/// How many accounts are looked up, besides those that Match lines name: each look-up reads all groups.
const ACCOUNTS: usize = 5000;
/// For a connection from any address: one that is reserved for documentation.
const SOMEWHERE: &str = "192.0.2.77";

/// A connection as `sshd -T -C` takes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Connection {
    /// Who signs in.
    pub user: String,
    host: String,
    address: String,
    local_address: String,
    local_port: String,
    domain: Option<String>,
}

impl Connection {
    /// A connection of `user` from any address.
    pub fn plain(user: &str) -> Self {
        Self {
            user: user.into(),
            host: SOMEWHERE.into(),
            address: SOMEWHERE.into(),
            local_address: "192.0.2.1".into(),
            local_port: "22".into(),
            domain: None,
        }
    }

    /// The argument of `-C`.
    pub fn specification(&self) -> String {
        let Self { user, host, address, local_address, local_port, domain } = self;
        let domain = domain.as_ref().map(|domain| format!(",rdomain={domain}")).unwrap_or_default();
        format!("user={user},host={host},addr={address},laddr={local_address},lport={local_port}{domain}")
    }

    /// As part of a sentence.
    pub fn shown(&self) -> String {
        let mut text = self.user.clone();
        if self.address != SOMEWHERE {
            text = format!("{text} from {}", self.address);
        } else if self.host != SOMEWHERE {
            text = format!("{text} from {}", self.host);
        }
        text
    }
}

/// An account, and the groups that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// The groups' names.
    pub groups: BTreeSet<String>,
}

/// The accounts of this machine, including those that Match lines name, or whose groups they name.
pub fn accounts(root: &Path, config: &Config) -> Vec<Account> {
    let text = fs::read(root.join("etc/passwd")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut names: BTreeMap<String, Option<Gid>> = BTreeMap::from([("root".to_owned(), None)]);
    // Without blocks, all accounts are of one kind.
    let most = if config.blocks.is_empty() { 1 } else { ACCOUNTS };
    for line in text.lines().filter(|line| !line.starts_with("root:")).take(most) {
        let mut fields = line.split(':');
        let (name, gid) = (fields.next().unwrap_or_default(), fields.nth(2).and_then(|gid| gid.parse().ok()));
        names.insert(name.to_owned(), gid.map(Gid::from_raw));
    }
    for criterion in config.blocks.iter().flat_map(|block| patterns::criteria(&block.criteria)) {
        for name in patterns::examples(&criterion.list) {
            match criterion.attribute.as_str() {
                "user" => {
                    names.entry(name).or_insert(None);
                }
                "group" => {
                    let members = Group::from_name(&name).ok().flatten().map(|group| group.mem).unwrap_or_default();
                    for member in members {
                        names.entry(member).or_insert(None);
                    }
                }
                _ => {}
            }
        }
    }
    // Names that are not possible in the list after -C.
    names.retain(|name, _| !name.is_empty() && !name.contains([',', '=', '\u{fffd}']));
    let mut known = BTreeMap::new();
    let all = names.into_iter().map(|(name, gid)| {
        let gid = gid.or_else(|| nix::unistd::User::from_name(&name).ok().flatten().map(|user| user.gid));
        let gids = gid.zip(CString::new(name.as_str()).ok()).and_then(|(gid, name)| getgrouplist(&name, gid).ok());
        let group = |gid: Gid| -> Option<String> {
            let name = known.entry(gid.as_raw()).or_insert_with(|| Group::from_gid(gid).ok().flatten().map(|g| g.name));
            name.clone()
        };
        Account { name, groups: gids.into_iter().flatten().filter_map(group).collect() }
    });
    all.collect()
}

fn of_people(criterion: &Criterion, account: &Account) -> Option<bool> {
    match criterion.attribute.as_str() {
        "user" => Some(patterns::has(&criterion.list, &account.name)),
        "group" => {
            // One group in an exception is enough to exclude the account.
            let hit = |list: &str| account.groups.iter().any(|group| patterns::has(list, group));
            let mut not = criterion.list.split(',').filter_map(|pattern| pattern.strip_prefix('!'));
            Some(!not.any(hit) && hit(&criterion.list))
        }
        _ => None,
    }
}

/// A connection for each kind of users and places; and the blocks for which there is none, because their criteria are
/// unknown here.
pub fn of(config: &Config, accounts: &[Account]) -> (Vec<Connection>, Vec<Block>) {
    let parsed: Vec<Vec<Criterion>> = config.blocks.iter().map(|block| patterns::criteria(&block.criteria)).collect();
    let (mut addresses, mut hosts, mut here, mut ports, mut domains) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut unknown = Vec::new();
    for (block, criteria) in config.blocks.iter().zip(&parsed) {
        let mut understood = !criteria.is_empty();
        for criterion in criteria {
            let list = &criterion.list;
            match criterion.attribute.as_str() {
                "all" | "user" | "group" => {}
                "address" => addresses.extend(patterns::addresses(list)),
                "localaddress" => here.extend(patterns::addresses(list)),
                "host" => hosts.extend(patterns::examples(list)),
                "localport" => ports.extend(patterns::examples(list)),
                "rdomain" => domains.extend(patterns::examples(list)),
                _ => understood = false,
            }
        }
        if !understood {
            unknown.push(block.clone());
        }
    }
    // Users whom no block distinguishes are one kind.
    let mut kinds: BTreeMap<Vec<bool>, &str> = BTreeMap::new();
    for account in accounts.iter().filter(|account| account.name != "root") {
        let kind = parsed.iter().flatten().filter_map(|criterion| of_people(criterion, account)).collect();
        kinds.entry(kind).or_insert(&account.name);
    }
    let mut people: Vec<&str> = kinds.into_values().collect();
    people.push("root");
    let mut all = BTreeSet::new();
    for user in people {
        let plain = Connection::plain(user);
        let mut some = vec![plain];
        vary(&mut some, &addresses, |connection, address| {
            address.clone_into(&mut connection.address);
            address.clone_into(&mut connection.host);
        });
        vary(&mut some, &hosts, |connection, host| host.clone_into(&mut connection.host));
        vary(&mut some, &here, |connection, address| address.clone_into(&mut connection.local_address));
        vary(&mut some, &ports, |connection, port| port.clone_into(&mut connection.local_port));
        vary(&mut some, &domains, |connection, domain| connection.domain = Some(domain.to_owned()));
        all.extend(some);
        if all.len() > MOST {
            break;
        }
    }
    if !domains.is_empty() {
        // Otherwise sshd refuses to print anything.
        all = all.into_iter().map(|c| Connection { domain: c.domain.or_else(|| Some("none".into())), ..c }).collect();
    }
    if all.len() > MOST {
        unknown.clone_from(&config.blocks);
    }
    (all.into_iter().take(MOST).collect(), unknown)
}

fn vary(all: &mut Vec<Connection>, values: &BTreeSet<String>, set: impl Fn(&mut Connection, &str)) {
    let before = all.clone();
    for value in values {
        if all.len() > MOST {
            return;
        }
        all.extend(before.iter().cloned().map(|mut connection| {
            set(&mut connection, value);
            connection
        }));
    }
}

/// Whether the criteria of `block` match this connection; `None` if that is not known.
pub fn has(block: &Block, connection: &Connection, accounts: &[Account]) -> Option<bool> {
    let account = accounts.iter().find(|account| account.name == connection.user);
    let mut sure = true;
    for criterion in patterns::criteria(&block.criteria) {
        let fits = match criterion.attribute.as_str() {
            "all" => Some(true),
            "user" | "group" => account.and_then(|account| of_people(&criterion, account)),
            "host" => Some(patterns::has(&criterion.list, &connection.host)),
            "localport" => Some(patterns::has(&criterion.list, &connection.local_port)),
            "address" => Some(patterns::addresses(&criterion.list).contains(&connection.address)),
            "localaddress" => Some(patterns::addresses(&criterion.list).contains(&connection.local_address)),
            "rdomain" => Some(connection.domain.as_ref().is_some_and(|d| patterns::has(&criterion.list, d))),
            _ => None,
        };
        match fits {
            Some(false) => return Some(false),
            Some(true) => {}
            None => sure = false,
        }
    }
    sure.then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(lines: &[&str]) -> Config {
        let block = |criteria: &&str| Block { criteria: (*criteria).into(), place: "x:1".into(), nested: false };
        Config { blocks: lines.iter().map(block).collect(), ..Config::default() }
    }

    fn account(name: &str, groups: &[&str]) -> Account {
        Account { name: name.into(), groups: groups.iter().map(|group| (*group).to_owned()).collect() }
    }

    fn people() -> Vec<Account> {
        vec![
            account("alice", &["alice", "staff"]),
            account("bob", &["bob"]),
            account("carol", &["carol", "staff"]),
            account("dave", &["dave", "staff", "interns"]),
            account("root", &["root"]),
        ]
    }

    #[test]
    fn of_people_whom_no_block_tells_apart_one_stands_for_all() {
        let users = |lines: &[&str]| -> Vec<String> {
            let mut all: Vec<_> = of(&config(lines), &people()).0.into_iter().map(|c| c.user).collect();
            all.dedup();
            all
        };
        assert_eq!(users(&[]), ["alice", "root"]);
        assert_eq!(users(&["Group staff"]), ["alice", "bob", "root"]);
        assert_eq!(users(&["Group staff", "User carol"]), ["alice", "bob", "carol", "root"]);
        assert_eq!(users(&["Group staff,!interns"]), ["alice", "bob", "root"]);
        let (all, unknown) = of(&config(&["Group staff Address 10.0.0.0/8,192.168.*", "LocalPort 2222"]), &people());
        assert_eq!((all.len(), unknown.len()), (3 * 3 * 2, 0));
        assert!(
            all.iter()
                .any(|c| c.specification() == "user=alice,host=10.0.0.0,addr=10.0.0.0,laddr=192.0.2.1,lport=2222")
        );
        let (all, unknown) = of(&config(&["Invalid-User", "RDomain vrf1"]), &people());
        assert_eq!(unknown.len(), 1);
        assert!(all.iter().all(|c| c.specification().contains(",rdomain=")));
    }

    #[test]
    fn whether_a_block_has_a_connection_is_known_or_said_to_be_unknown() {
        let block = |criteria: &str| config(&[criteria]).blocks.remove(0);
        let from = |user: &str, address: &str| Connection { address: address.into(), ..Connection::plain(user) };
        for (criteria, connection, want) in [
            ("Group staff", Connection::plain("alice"), Some(true)),
            ("Group staff", Connection::plain("bob"), Some(false)),
            ("Group staff,!interns", Connection::plain("dave"), Some(false)),
            ("User alice Address 10.0.0.0/8", from("alice", "10.0.0.0"), Some(true)),
            ("User alice Address 10.0.0.0/8", Connection::plain("alice"), Some(false)),
            ("all", Connection::plain("bob"), Some(true)),
            ("Invalid-User", Connection::plain("bob"), None),
            ("Invalid-User User alice", Connection::plain("bob"), Some(false)),
        ] {
            assert_eq!(has(&block(criteria), &connection, &people()), want, "{criteria}");
        }
    }

    #[test]
    fn blocks_that_would_take_too_long_are_said_to_be_unlooked_at() {
        let lines: Vec<String> = (0..40).map(|n| format!("Address 10.{n}.0.0/16 LocalPort {n}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (all, unknown) = of(&config(&lines), &people());
        assert_eq!((all.len(), unknown.len()), (MOST, 40));
    }
}
