//! This machine's own account files, passwd(5) and shadow(5), read as they stand.
//!
//! Read directly and not through NSS, because the question is just what `pam_unix` will change: an entry that LDAP or
//! sssd adds is none of it. Both files are replaced by renaming, so a read sees the old or the new, never half.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use zeroize::Zeroizing;

/// Days, as shadow(5) counts them, since 1970-01-01.
pub(super) type Day = i64;

/// One line of the shadow file. A number that is left empty is -1, as getspnam(3) has it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Shadow {
    /// The hash or what stands in its place.
    pub(super) hash: Zeroizing<String>,
    /// Last change; 0 asks for a change at the next sign-in.
    pub(super) changed: Day,
    /// The most days a password is good for.
    pub(super) max: Day,
    /// Days after that in which it can still be changed.
    pub(super) inactive: Day,
    /// The day from which the account is closed.
    pub(super) expire: Day,
}

/// The line of `user` in the shadow file at `path`; `None` where there is none. A line that can't be understood is an
/// error.
pub(super) fn shadow(path: &Path, user: &str) -> io::Result<Option<Shadow>> {
    line_of(path, user)?.map(|line| parse(&line)).transpose()
}

/// Whether the passwd file at `path` has a line of `user`.
pub(super) fn has_line(path: &Path, user: &str) -> io::Result<bool> {
    Ok(line_of(path, user)?.is_some())
}

/// The uid that the passwd file at `path` gives `user` where its hash is said to be in the shadow file.
pub(super) fn local_uid(path: &Path, user: &str) -> io::Result<Option<u32>> {
    let Some(line) = line_of(path, user)? else { return Ok(None) };
    let mut fields = line.split(':').skip(1);
    Ok(match (fields.next(), fields.next()) {
        (Some("x"), Some(uid)) => uid.parse().ok(),
        _ => None,
    })
}

/// So much is read at a time. No line is longer.
const PIECE: usize = 1 << 16;

/// The first line of `user`, which is the one that counts for getspnam(3) and passwd(1) too. Read piece by piece, as there may
/// be a million lines, and wiped, as there are hashes in them.
pub(super) fn line_of(path: &Path, user: &str) -> io::Result<Option<Zeroizing<String>>> {
    let mut file = File::open(path)?;
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    // The beginning of a line whose end is still to be read.
    let mut held = 0;
    loop {
        let room = piece.get_mut(held..).unwrap_or_default();
        if room.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long for an account file"));
        }
        let read = match file.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let filled = held + read;
        let text = piece.get(..filled).unwrap_or_default();
        let last = text.iter().rposition(|byte| *byte == b'\n');
        let whole = if read == 0 { filled } else { last.map_or(0, |at| at + 1) };
        for line in text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n') {
            if line.strip_prefix(user.as_bytes()).is_some_and(|rest| rest.starts_with(b":")) {
                // GECOS fields may be in any encoding; names, hashes and numbers are ASCII.
                return Ok(Some(Zeroizing::new(String::from_utf8_lossy(line).into_owned())));
            }
        }
        if read == 0 {
            return Ok(None);
        }
        piece.copy_within(whole..filled, 0);
        held = filled - whole;
    }
}

/// All lines of the shadow file at `path`, by name; the first of a name counts.
pub(super) fn all(path: &Path) -> io::Result<HashMap<Vec<u8>, io::Result<Shadow>>> {
    let text = Zeroizing::new(std::fs::read(path)?);
    let mut all = HashMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if !name.is_empty() && !all.contains_key(name) {
            all.insert(name.to_vec(), parse(&String::from_utf8_lossy(line)));
        }
    }
    Ok(all)
}

fn parse(line: &str) -> io::Result<Shadow> {
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "a line of the shadow file is not as shadow(5) has it");
    let fields: Vec<&str> = line.split(':').collect();
    let [_, hash, changed, _, max, _, inactive, expire, _] = fields.as_slice() else { return Err(broken()) };
    let day = |text: &&str| if text.is_empty() { Ok(-1) } else { text.parse().map_err(|_| broken()) };
    Ok(Shadow {
        hash: Zeroizing::new((*hash).to_owned()),
        changed: day(changed)?,
        max: day(max)?,
        inactive: day(inactive)?,
        expire: day(expire)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_shadow_line_is_found_by_its_whole_name_and_empty_numbers_are_minus_one() {
        let shadow_file = file("ali:!:1::::::\nalice:$y$x:20000:0:99999:7:30:20500:\nalice:!:0::::::\nbob:*:::::::\n");
        let alice = shadow(shadow_file.path(), "alice").unwrap().unwrap();
        assert_eq!(alice.hash.as_str(), "$y$x");
        assert_eq!((alice.changed, alice.max, alice.inactive, alice.expire), (20000, 99999, 30, 20500));
        let bob = shadow(shadow_file.path(), "bob").unwrap().unwrap();
        assert_eq!((bob.changed, bob.max, bob.inactive, bob.expire), (-1, -1, -1, -1));
        assert!(shadow(shadow_file.path(), "al").unwrap().is_none());
        assert!(shadow(shadow_file.path(), "").unwrap().is_none());
    }

    #[test]
    fn a_line_is_found_wherever_it_stands_in_a_file_of_many_pieces_and_the_first_counts() {
        let lines: Vec<String> = (0..20_000).map(|n| format!("p{n}:$y${n}:20000:0:99999:7:::\n")).collect();
        let many = lines.concat();
        assert!(many.len() > 4 * PIECE);
        let shadow_file = file(&format!("{many}p7:again:1:0:99999:7:::\nlast:$y$last:2:0:99999:7:::"));
        let hash = |user: &str| shadow(shadow_file.path(), user).unwrap().map(|line| line.hash.to_string());
        for n in [0, 7, 1999, 2000, 9_876, 19_999] {
            assert_eq!(hash(&format!("p{n}")), Some(format!("$y${n}")));
        }
        assert_eq!((hash("last").as_deref(), hash("p20000")), (Some("$y$last"), None));
        let endless = file(&"x".repeat(2 * PIECE));
        assert!(shadow(endless.path(), "x").is_err());
    }

    #[test]
    fn all_lines_are_what_each_is_alone() {
        let text = "root:*:19000:0:99999:7:::\nalice:$y$a:20000:0:99999:7:::\nalice:again:1:0:99999:7:::\nodd\n\n";
        let shadow_file = file(text);
        let mut all = all(shadow_file.path()).unwrap();
        assert_eq!(all.len(), 3);
        let alice = all.remove(b"alice".as_slice()).unwrap().unwrap();
        assert_eq!(alice.hash, shadow(shadow_file.path(), "alice").unwrap().unwrap().hash);
        assert!(all.remove(b"odd".as_slice()).unwrap().is_err());
    }

    #[test]
    fn a_shadow_line_that_is_not_one_is_an_error_and_not_a_guess() {
        for line in ["alice:$y$x", "alice:$y$x:today:0:99999:7:::", "alice:$y$x:1:2:3:4:5:6:7:8"] {
            assert!(shadow(file(line).path(), "alice").is_err(), "{line}");
        }
        assert!(shadow(Path::new("/nonexistent/shadow"), "alice").is_err());
    }

    #[test]
    fn an_account_is_local_only_with_its_hash_in_the_shadow_file() {
        let passwd = file("alice:x:1000:1000:\u{fffd}:/home/alice:/bin/sh\nold:aaJ:1001:1:::\n+nis::::::\n");
        assert_eq!(local_uid(passwd.path(), "alice").unwrap(), Some(1000));
        assert_eq!(local_uid(passwd.path(), "old").unwrap(), None);
        assert_eq!(local_uid(passwd.path(), "carol").unwrap(), None);
    }
}
