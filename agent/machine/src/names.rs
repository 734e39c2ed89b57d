//! Accounts and groups by name, from this machine's name services.

use nix::{
    Result,
    errno::Errno,
    unistd::{Group, Uid, User},
};

/// The account `name`, if there is one.
pub fn user(name: &str) -> Result<Option<User>> {
    found(User::from_name(name))
}

/// The name of `uid`. Waits for a name service that hangs.
pub fn of_uid(uid: u32) -> Option<String> {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name)
}

/// The group `name`, if there is one.
pub fn group(name: &str) -> Result<Option<Group>> {
    found(Group::from_name(name))
}

/// A name service that is listed in `/etc/nsswitch.conf` but missing, such as sssd before it is set up, knows no names.
/// glibc reports that as an error if it is the last one (getpwnam(3): `ENOENT`, `ESRCH`). A name service that is there
/// and fails stays an error: it may know the name.
fn found<T>(looked_up: Result<Option<T>>) -> Result<Option<T>> {
    match looked_up {
        Err(Errno::ENOENT | Errno::ESRCH) => Ok(None),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_service_that_is_not_there_has_nobody_and_one_that_fails_is_an_error() {
        for nobody in [Errno::ENOENT, Errno::ESRCH] {
            assert_eq!(found::<()>(Err(nobody)), Ok(None));
        }
        for failed in [Errno::EIO, Errno::ECONNREFUSED, Errno::EPERM, Errno::EACCES, Errno::EMFILE, Errno::ETIMEDOUT] {
            assert_eq!(found::<()>(Err(failed)), Err(failed));
        }
        assert_eq!(found(Ok(Some(1))), Ok(Some(1)));
        assert_eq!(found::<()>(Ok(None)), Ok(None));
    }

    #[test]
    fn root_is_an_account_and_a_group_and_a_strange_name_is_neither() {
        assert_eq!(user("root").unwrap().unwrap().uid.as_raw(), 0);
        assert_eq!(group("root").unwrap().unwrap().gid.as_raw(), 0);
        assert!(user("no such name").unwrap().is_none() && group("no\0such name").unwrap().is_none());
    }
}
