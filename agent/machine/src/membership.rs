//! In which of some groups one account is, wherever it is kept. The name service may hang, and is waited for.

use std::collections::BTreeSet;

use super::{account, names};

/// Those of `groups` that the account `name` is in; of several accounts of that name, the one with `uid` if one is given. `None` if
/// there is no such account, or that can't be told: then it may be in any of them.
pub fn of(name: &str, uid: Option<u32>, groups: &[String]) -> Option<BTreeSet<String>> {
    let user = names::user(name).ok().flatten()?;
    if uid.is_some_and(|uid| uid != user.uid.as_raw()) {
        return None;
    }
    let mut named = Vec::new();
    for group in groups {
        if let Some(entry) = names::group(group).ok()? {
            named.push((group.clone(), entry.gid));
        }
    }
    let gids = account::groups_of(name, user.gid).ok()?;
    Some(account::member_of(&gids, &named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_in_its_own_group_and_of_whom_nothing_is_known_nothing_is_said() {
        let groups = ["root".to_owned(), "no such group".to_owned(), "daemon".to_owned()];
        let root = BTreeSet::from(["root".to_owned()]);
        assert_eq!(of("root", None, &groups), Some(root.clone()));
        assert_eq!(of("root", Some(0), &groups), Some(root));
        assert_eq!(of("root", Some(1), &groups), None, "another account of that name");
        assert_eq!(of("no such name", None, &groups), None);
        assert_eq!(of("no\0such name", None, &groups), None);
        assert_eq!(of("daemon", None, &[]), Some(BTreeSet::new()));
    }
}
