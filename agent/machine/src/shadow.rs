//! This machine's own account files, passwd(5) and shadow(5), read as they stand.
//!
//! Read directly, not through NSS, because the question is what `pam_unix` will change, and entries from LDAP or sssd
//! are not part of that. Both files are replaced by renaming, so a read sees the old file or the new one, never half of
//! one.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use zeroize::Zeroizing;

mod spent;

/// Days, as shadow(5) counts them, since 1970-01-01.
pub type Day = i64;

/// One line of the shadow file. An empty number is -1, as in getspnam(3).
#[derive(Clone, PartialEq, Eq)]
pub struct Shadow {
    /// The hash, or a mark in its place.
    pub hash: Zeroizing<String>,
    /// Last change; 0 requires a change at the next sign-in.
    pub changed: Day,
    /// For how many days a password is valid.
    pub max: Day,
    /// Days after that in which it can still be changed.
    pub inactive: Day,
    /// The day on which the account expires.
    pub expire: Day,
}

/// One line of the passwd file, as far as it is needed here.
pub struct Passwd<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Whether its hash is in the shadow file, as the line says.
    pub shadowed: bool,
    /// Its number.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Empty means `/bin/sh`.
    pub shell: Cow<'a, str>,
}

impl Passwd<'_> {
    /// The same, for keeps.
    fn into_owned(self) -> Passwd<'static> {
        Passwd { name: Cow::Owned(self.name.into_owned()), shell: Cow::Owned(self.shell.into_owned()), ..self }
    }

    /// The uid, if the line says that the hash is in the shadow file.
    pub(super) fn local_uid(&self) -> Option<u32> {
        self.shadowed.then_some(self.uid)
    }
}

/// The entry of `user` in the shadow file at `path`; `None` if there is none that the C library accepts.
pub fn shadow(path: &Path, user: &str) -> io::Result<Option<Shadow>> {
    first(path, user, spent::parse)
}

/// The entry of `user` in the passwd file at `path`; `None` if there is none that the C library accepts.
pub fn account(path: &Path, user: &str) -> io::Result<Option<Passwd<'static>>> {
    first(path, user, |line| passwd(line).map(Passwd::into_owned))
}

/// A line of passwd(5), as the C library reads it; `None` if that is no account's entry to the C library. Name and
/// GECOS field may be in any encoding.
pub fn passwd(line: &[u8]) -> Option<Passwd<'_>> {
    let mut fields = line.split(|byte| *byte == b':');
    let name = fields.next().filter(|name| !matches!(name, [] | [b'+' | b'-' | b'#', ..]))?;
    let shadowed = fields.next()? == b"x";
    let (uid, gid) = (number_in(fields.next()?)?, number_in(fields.next()?)?);
    let (name, shell) = (String::from_utf8_lossy(name), String::from_utf8_lossy(fields.nth(2).unwrap_or_default()));
    Some(Passwd { name, shadowed, uid, gid, shell })
}

/// The uid in a line of passwd(5), whatever else is in it: enough to skip a million other lines and keep none.
pub(super) fn uid_in(line: &[u8]) -> Option<u32> {
    line.split(|byte| *byte == b':').nth(2).and_then(number_in)
}

fn number_in(field: &[u8]) -> Option<u32> {
    std::str::from_utf8(field).ok()?.trim_ascii_start().parse().ok()
}

/// The first line of `user` that `read` accepts, as in getspnam(3) and passwd(1).
pub fn first<T>(path: &Path, user: &str, read: impl Fn(&[u8]) -> Option<T>) -> io::Result<Option<T>> {
    find(path, |line| {
        if !line.strip_prefix(user.as_bytes()).is_some_and(|rest| rest.starts_with(b":")) {
            return None;
        }
        let entry = read(line);
        if entry.is_none() {
            tracing::warn!(user, file = %path.display(), "a line of this account is passed over, as the C library does");
        }
        entry
    })
}

/// How much is read at a time at most.
const PIECE: usize = 1 << 16;
/// How much at least.
const PIECE_MIN: usize = 1 << 12;

/// The first result of `look` for a line of an account file, without leading blanks. The file is read piece by piece,
/// because it may have a million lines, and wiped, because it contains hashes. Most files are small, and looked at for
/// each sign-in, and to wipe a whole piece takes longer than to read them.
pub fn find<T>(path: &Path, mut look: impl FnMut(&[u8]) -> Option<T>) -> io::Result<Option<T>> {
    let mut file = File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(PIECE).saturating_add(1);
    let mut piece = Zeroizing::new(vec![0; size.clamp(PIECE_MIN, PIECE)]);
    // The beginning of a line whose end is not read yet.
    let mut held = 0;
    // Inside a line that is longer than any account's.
    let mut endless = false;
    loop {
        if held == piece.len() && held < PIECE {
            // The file has grown meanwhile.
            let mut roomier = Zeroizing::new(vec![0; PIECE]);
            roomier.iter_mut().zip(piece.iter()).for_each(|(to, from)| *to = *from);
            piece = roomier;
        } else if held == piece.len() {
            (held, endless) = (0, true);
        }
        let room = piece.get_mut(held..).unwrap_or_default();
        let got = match file.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            got => got?,
        };
        let filled = held + got;
        let text = piece.get(..filled).unwrap_or_default();
        let last = text.iter().rposition(|byte| *byte == b'\n');
        let whole = if got == 0 { filled } else { last.map_or(0, |at| at + 1) };
        // Only complete lines.
        let lines = text.get(..whole).filter(|whole| !whole.is_empty());
        for line in lines.into_iter().flat_map(|lines| lines.split(|byte| *byte == b'\n')) {
            if std::mem::take(&mut endless) {
                continue;
            }
            if let Some(found) = look(line.trim_ascii_start()) {
                return Ok(Some(found));
            }
        }
        if got == 0 {
            return Ok(None);
        }
        piece.copy_within(whole..filled, 0);
        held = filled - whole;
    }
}

/// All of a shadow file.
pub struct All {
    /// Its entries by name; the first of each name counts.
    pub entries: HashMap<Vec<u8>, Shadow>,
    /// The lines that the C library skips.
    pub broken: Vec<String>,
}

/// The content of the shadow file at `path`.
pub fn all(path: &Path) -> io::Result<All> {
    let text = Zeroizing::new(std::fs::read(path)?);
    let (mut entries, mut broken) = (HashMap::new(), Vec::new());
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii_start();
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if line.is_empty() || matches!(name, [b'#' | b'+' | b'-', ..]) || entries.contains_key(name) {
            continue;
        }
        match spent::parse(line).filter(|_| !name.is_empty()) {
            Some(entry) => {
                entries.insert(name.to_vec(), entry);
            }
            None => broken.push(place(number + 1, name)),
        }
    }
    Ok(All { entries, broken })
}

/// Where a line is. The first field of an invalid line need not be a name.
fn place(number: usize, name: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._@-".contains(byte);
    match name {
        [_, ..] if name.len() <= 32 && name.iter().all(plain) => {
            format!("line {number} ({})", String::from_utf8_lossy(name))
        }
        _ => format!("line {number}"),
    }
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
        let endless = file(&format!("{}\nalice:$y$a:1:0:99999:7:::\n", "x:".repeat(2 * PIECE + 7)));
        assert!(shadow(endless.path(), "x").unwrap().is_none(), "no account's line is as long");
        assert!(shadow(endless.path(), "alice").unwrap().is_some(), "and it costs nobody else");
        for end in ["", "\n"] {
            let inside = file(&format!("{}alice:$y$a:1:0:99999:7:::{end}", "x".repeat(PIECE)));
            assert!(shadow(inside.path(), "alice").unwrap().is_none(), "not where a piece of a line begins");
        }
    }

    #[test]
    fn a_file_that_is_longer_than_it_was_is_read_to_its_end() {
        // Of a pipe, the size is not known.
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let text = format!("bob:{}:1:0:99999:7:::\nalice:$y$a:1:0:99999:7:::\n", "y".repeat(3 * PIECE_MIN));
        let (to, lines) = (pipe.clone(), text.clone());
        let writer = std::thread::spawn(move || std::fs::write(to, lines).unwrap());
        let mut seen = String::new();
        let found = find(&pipe, |line| {
            seen.push_str(std::str::from_utf8(line).unwrap());
            line.starts_with(b"alice:").then_some(())
        });
        writer.join().unwrap();
        assert!(found.unwrap().is_some() && seen == text.replace('\n', ""), "{} bytes", seen.len());
    }

    #[test]
    fn all_lines_are_what_each_is_alone_and_those_that_are_none_are_named() {
        let text = "root:*:19000:0:99999:7:::\nalice:$y$a:20000:0:99999:7:::\nalice:again:1:0:99999:7:::\nodd\n\n\
                    # a comment\ncarol:$y$c:20000:0:99999\n$y$j9T$secret/hash:1:2\n+::::::::\n";
        let shadow_file = file(text);
        let All { mut entries, broken } = all(shadow_file.path()).unwrap();
        assert_eq!(entries.len(), 3);
        let alice = entries.remove(b"alice".as_slice()).unwrap();
        assert_eq!(alice.hash, shadow(shadow_file.path(), "alice").unwrap().unwrap().hash);
        assert_eq!(broken, ["line 4 (odd)", "line 8"]);
    }

    #[test]
    fn a_line_that_is_none_is_passed_over_as_the_c_library_does() {
        for line in ["alice:$y$x", "alice:$y$x:today:0:99999:7:::", "alice:$y$x:1:2:3:4:5:"] {
            assert!(shadow(file(line).path(), "alice").unwrap().is_none(), "{line}");
            let two = file(&format!("{line}\n  alice:$y$good:1:0:99999:7:::\n"));
            assert_eq!(shadow(two.path(), "alice").unwrap().unwrap().hash.as_str(), "$y$good", "{line}");
        }
        assert!(shadow(Path::new("/nonexistent/shadow"), "alice").is_err());
    }

    #[test]
    fn the_uid_of_a_line_is_the_same_whether_or_not_all_of_it_is_read() {
        for line in [
            "a:x:1000:1::/:/bin/sh",
            "a:x: 1000:1::",
            "a:x:0001000:1::",
            "a:x:+1000:1::",
            "a:x:-1:1",
            "a:x",
            "",
            "a:x:\u{e9}:1:",
        ] {
            let read = passwd(line.as_bytes()).map(|entry| entry.uid);
            assert!(read.is_none() || uid_in(line.as_bytes()) == read, "{line}");
        }
        assert_eq!(uid_in(b"a:x:0001000:no group::"), Some(1000));
        assert_eq!(uid_in(b"a:x:\xff:1::"), None);
    }

    #[test]
    fn an_account_is_local_only_with_its_hash_in_the_shadow_file() {
        let passwd = file("alice:x:1000:1000:\u{fffd}:/home/alice:/bin/sh\nold:aaJ:1001:1:::\n+nis::::::\n");
        let local_uid = |user: &str| account(passwd.path(), user).unwrap().and_then(|entry| entry.local_uid());
        assert_eq!((local_uid("alice"), local_uid("old"), local_uid("carol")), (Some(1000), None, None));
    }
}
