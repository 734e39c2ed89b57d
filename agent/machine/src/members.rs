//! The members of the groups that the settings name, for all accounts of a machine at once.
//!
//! The C library returns the groups of one account, and reads all of `/etc/group` each time. If that file is the only
//! source of groups, it is read once here. If another name service may add groups, the C library is asked, account by
//! account.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io,
    path::Path,
};

use nix::unistd::Gid;

use super::{Error, account};

const NSSWITCH: &str = "etc/nsswitch.conf";
const GROUP: &str = "etc/group";

/// A line of group(5), as the C library reads it.
#[derive(Debug)]
pub struct Line<'a> {
    /// The group's name.
    pub name: &'a [u8],
    /// Its number.
    pub gid: Option<Gid>,
    users: &'a [u8],
}

impl<'a> Line<'a> {
    /// Its members, by name.
    pub fn users(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.users.split(|byte| *byte == b',').map(<[u8]>::trim_ascii_start).filter(|user| !user.is_empty())
    }

    /// Whether the line refers to another name service.
    const fn leads_elsewhere(&self) -> bool {
        matches!(self.name.first(), Some(b'+' | b'-'))
    }
}

/// The lines of `text`, the content of group(5), without comments.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let all = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start);
    all.filter(|line| line.first().is_some_and(|first| *first != b'#')).map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let name = fields.next().unwrap_or_default();
        let number = fields.nth(1).and_then(|field| std::str::from_utf8(field).ok()?.trim_ascii_start().parse().ok());
        Line { name, gid: number.map(Gid::from_raw), users: fields.next().unwrap_or_default() }
    })
}

/// The members of some groups.
pub(super) struct Members {
    named: Vec<(String, Gid)>,
    /// Their members in `/etc/group`, if that is the only source: names of accounts.
    listed: Option<HashMap<Gid, HashSet<Vec<u8>>>>,
}

impl Members {
    /// The members of the groups in `named`.
    pub(super) fn of(named: Vec<(String, Gid)>) -> Self {
        Self::below(Path::new("/"), named)
    }

    fn below(root: &Path, named: Vec<(String, Gid)>) -> Self {
        let in_files = std::fs::read_to_string(root.join(NSSWITCH)).is_ok_and(|text| kept_in_files(&text));
        // What can't be read, or is not as the C library writes it, is left to the C library.
        let listed = in_files.then(|| listed(&root.join(GROUP), &named).ok().flatten()).flatten();
        Self { named, listed }
    }

    /// Which of them `user`, with the primary group `primary`, is in.
    pub(super) fn groups(&self, user: &str, primary: Gid) -> Result<BTreeSet<String>, Error> {
        if self.named.is_empty() {
            return Ok(BTreeSet::new());
        }
        let Some(listed) = &self.listed else {
            return Ok(account::member_of(&account::groups_of(user, primary)?, &self.named));
        };
        let is_in =
            |gid: &Gid| *gid == primary || listed.get(gid).is_some_and(|members| members.contains(user.as_bytes()));
        Ok(self.named.iter().filter(|(_, gid)| is_in(gid)).map(|(name, _)| name.clone()).collect())
    }
}

/// Whether, by `text`, the content of nsswitch.conf(5), only `/etc/group` has groups of accounts.
fn kept_in_files(text: &str) -> bool {
    let services = |database: &str| {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let of_it = lines.filter_map(|line| line.strip_prefix(database)?.trim_start().strip_prefix(':'));
        of_it.map(|services| services.split_ascii_whitespace().collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    // getgrouplist(3) uses the first one if it is there.
    let of_it = [services("initgroups"), services("group")].into_iter().find(|lines| !lines.is_empty());
    of_it.is_some_and(|lines| lines == [["files"]])
}

/// The members of the groups in `named`, from the group file at `path`; several lines may have one gid. `None` if a
/// line refers to another name service.
fn listed(path: &Path, named: &[(String, Gid)]) -> io::Result<Option<HashMap<Gid, HashSet<Vec<u8>>>>> {
    let mut all: HashMap<Gid, HashSet<Vec<u8>>> = named.iter().map(|(_, gid)| (*gid, HashSet::new())).collect();
    // The whole file: the line of a group that includes every account has no maximum length.
    for line in lines(&std::fs::read(path)?) {
        if line.leads_elsewhere() {
            return Ok(None);
        }
        if let Some(members) = line.gid.and_then(|gid| all.get_mut(&gid)) {
            members.extend(line.users().map(<[u8]>::to_vec));
        }
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_nothing_but_files_is_asked_for_groups_are_files_enough() {
        for (text, enough) in [
            ("passwd: files\ngroup:  files\n", true),
            ("group: files # no directory\n", true),
            (" group : files\n", true),
            ("group: files systemd\n", false),
            ("group: files [SUCCESS=merge] systemd\n", false),
            ("group: compat\n", false),
            ("group: files\ngroup: files\n", false),
            ("group: files\ninitgroups: files sss\n", false),
            ("group: files sss\ninitgroups: files\n", true),
            ("#group: files\n", false),
            ("netgroup: files\ngroups: files\n", false),
            ("", false),
        ] {
            assert_eq!(kept_in_files(text), enough, "{text:?}");
        }
    }

    fn below(nsswitch: &str, group: &str, named: &[(&str, u32)]) -> Members {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("etc")).unwrap();
        std::fs::write(root.path().join(NSSWITCH), nsswitch).unwrap();
        std::fs::write(root.path().join(GROUP), group).unwrap();
        let named = named.iter().map(|(name, gid)| ((*name).to_owned(), Gid::from_raw(*gid))).collect();
        Members::below(root.path(), named)
    }

    #[test]
    fn members_are_those_of_every_line_with_the_gid_and_whose_own_group_it_is() {
        let group = "sudo:x:27:alice,bob\nstaff:x:50:carol,  dave,,\n  again:x:27:erin\nsudo2:x:270:mallory\n# sudo:x:27:mallory\n\
                     broken:x:27\nodd:x:twenty:mallory\n";
        let members = below("group: files\n", group, &[("sudo", 27), ("staff", 50), ("empty", 99)]);
        assert!(members.listed.is_some());
        for (user, primary, want) in [
            ("alice", 1000, vec!["sudo"]),
            ("erin", 1000, vec!["sudo"]),
            ("dave", 27, vec!["staff", "sudo"]),
            ("mallory", 1000, vec![]),
            ("ali", 1000, vec![]),
            ("", 1000, vec![]),
            ("zoe", 99, vec!["empty"]),
        ] {
            let groups: Vec<String> = members.groups(user, Gid::from_raw(primary)).unwrap().into_iter().collect();
            assert_eq!(groups, want, "{user}");
        }
    }

    #[test]
    fn what_may_be_kept_elsewhere_is_asked_of_the_c_library() {
        let root = [("root", 0)];
        for members in
            [below("group: files sss\n", "root:x:0:\n", &root), below("group: files\n", "root:x:0:\n+::::\n", &root)]
        {
            assert!(members.listed.is_none());
            let groups = members.groups("root", Gid::from_raw(0)).unwrap();
            assert_eq!(groups.into_iter().collect::<Vec<_>>(), ["root"]);
        }
        // Without groups, nothing is looked up.
        assert!(below("", "", &[]).groups("nobody of that name", Gid::from_raw(1)).unwrap().is_empty());
    }

    #[test]
    fn on_this_machine_the_files_say_what_the_c_library_says() {
        let text = std::fs::read_to_string("/etc/group").unwrap();
        let named: Vec<(String, Gid)> = text
            .lines()
            .filter_map(|line| {
                let fields: Vec<&str> = line.split(':').collect();
                Some((fields.first()?.to_string(), Gid::from_raw(fields.get(2)?.parse().ok()?)))
            })
            .collect();
        let listed = listed(Path::new("/etc/group"), &named).unwrap();
        let members = Members { named: named.clone(), listed };
        for user in ["root", "daemon", "nobody", "no such name"] {
            let primary = crate::names::user(user).unwrap().map_or(Gid::from_raw(65_534), |user| user.gid);
            let asked = account::member_of(&account::groups_of(user, primary).unwrap(), &named);
            assert_eq!(members.groups(user, primary).unwrap(), asked, "{user}");
        }
    }
}
