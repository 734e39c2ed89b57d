//! This machine's own accounts, as its passwd file has them.

use std::{collections::HashSet, hash::BuildHasher, io, path::Path};

use super::shadow::{self, Passwd};

const PASSWD: &str = "/etc/passwd";

/// This machine's own accounts with their uids. Others have their passwords elsewhere and are not served.
pub fn local() -> io::Result<Vec<(String, u32)>> {
    let mut all = Vec::new();
    each(|line| {
        all.push((line.name.into_owned(), line.uid));
        Ok(())
    })?;
    Ok(all)
}

/// The uid of this machine's own account `name`, as its passwd file has it.
pub fn uid(name: &str) -> io::Result<Option<u32>> {
    Ok(shadow::account(Path::new(PASSWD), name)?.map(|line| line.uid))
}

/// Which of `names` this machine's own accounts have. The file is read once, however many they are.
pub fn known<'n, S: BuildHasher>(names: &HashSet<&'n str, S>) -> io::Result<HashSet<&'n str>> {
    known_in(Path::new(PASSWD), names)
}

fn known_in<'n, S: BuildHasher>(passwd: &Path, names: &HashSet<&'n str, S>) -> io::Result<HashSet<&'n str>> {
    let mut found = HashSet::new();
    shadow::find(passwd, |line| {
        let name = line.split(|byte| *byte == b':').next().and_then(|name| std::str::from_utf8(name).ok());
        let asked = name.and_then(|name| names.get(name)).filter(|_| shadow::passwd(line).is_some());
        found.extend(asked.copied());
        None::<()>
    })?;
    Ok(found)
}

/// The name that this machine's passwd file has first for `uid`.
pub fn name(uid: u32) -> io::Result<Option<String>> {
    find(|line| (line.uid == uid).then(|| line.name.into_owned()))
}

/// Whether several of this machine's own accounts have `uid`. Asked about every account that is looked at, so of other lines
/// nothing is kept.
pub fn share(uid: u32) -> io::Result<bool> {
    shared(Path::new(PASSWD), uid)
}

fn shared(passwd: &Path, uid: u32) -> io::Result<bool> {
    let mut found = 0;
    let several = shadow::find(passwd, |line| {
        found += usize::from(shadow::uid_in(line) == Some(uid) && shadow::passwd(line).is_some());
        (found > 1).then_some(())
    })?;
    Ok(several.is_some())
}

/// Passes the line of each account to `look`, up to an error.
pub(crate) fn each(mut look: impl FnMut(Passwd<'_>) -> io::Result<()>) -> io::Result<()> {
    find(|line| look(line).err())?.map_or(Ok(()), Err)
}

/// The first result of `look` for the line of an account. A machine may have a million, so nothing of them is kept.
fn find<T>(mut look: impl FnMut(Passwd<'_>) -> Option<T>) -> io::Result<Option<T>> {
    shadow::find(Path::new(PASSWD), |line| shadow::passwd(line).and_then(&mut look))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_passwd_are_read_and_what_is_none_is_left_out() {
        let text = "root:x:0:0:root:/root:/bin/bash\n\nalice:x:1001:1002:Alice,,,:/home/alice:/bin/bash\n\
                    # a comment:x:1:1::/:/bin/sh\n+::::::\nbroken:x:one:1::/:/bin/sh\nshort:x:5\nbob:x:1003:1003::/home/bob\n";
        let lines: Vec<Passwd<'_>> = text.lines().filter_map(|line| shadow::passwd(line.as_bytes())).collect();
        let names: Vec<_> = lines.iter().map(|l| (&*l.name, l.uid, l.gid, &*l.shell)).collect();
        assert_eq!(names, [("root", 0, 0, "/bin/bash"), ("alice", 1001, 1002, "/bin/bash"), ("bob", 1003, 1003, "")]);
    }

    #[test]
    fn of_many_names_those_are_known_that_are_found_one_by_one() {
        let text = "root:x:0:0::/:/bin/sh\n  alice:x:1001:1::/:/bin/sh\nbob:x:none:1::/:/bin/sh\n+carol:x:1002:1::/:/bin/sh\n\
                    erin:x\ndave:x:1003:1::/:/bin/sh\nbob:x:1004:1::/:/bin/sh";
        let passwd = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(passwd.path(), text).unwrap();
        let names =
            HashSet::from(["root", "alice", "Alice", "ali", "bob", "carol", "+carol", "erin", "dave", "zoe", ""]);
        let known = known_in(passwd.path(), &names).unwrap();
        assert_eq!(known, HashSet::from(["root", "alice", "bob", "dave"]));
        for name in names {
            let alone = shadow::account(passwd.path(), name).unwrap();
            assert_eq!(alone.is_some(), known.contains(name), "{name}");
        }
        assert!(known_in(Path::new("/nonexistent/passwd"), &known).is_err());
    }

    #[test]
    fn a_uid_is_shared_where_a_second_account_has_it_however_it_is_written() {
        let text = "root:x:0:0::/:/bin/sh\nalice:x:1001:1::/:/bin/sh\nbob:x:1002:1::/:/bin/sh\n# carol:x:1002:1::/:/bin/sh\n\
                    +dave:x:1002:1::/:/bin/sh\nerin:x:1002\n  frank:x:01001:1::/:/bin/sh\n";
        let passwd = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(passwd.path(), text).unwrap();
        for (uid, several) in [(0, false), (1001, true), (1002, false), (1003, false)] {
            assert_eq!(shared(passwd.path(), uid).unwrap(), several, "{uid}");
        }
    }
}
