//! Whom the agent need not be asked about at a sign-in for a while. It leaves a symbolic link for each in a directory that
//! only it and root can read; the link leads nowhere, its target is the note: the uid and until when it holds.
//!
//! The module looks here before it goes to the bus, so that the sign-in of somebody who has nothing to be asked costs one
//! `readlink`. A link is one inode in memory, is read and replaced in one step, and can't be opened into anything. Nothing
//! rests on these notes but whether a question is put a little later.

use std::path::{Path, PathBuf};

/// Where the notes are, unless a test has them elsewhere.
pub const DIRECTORY: &str = "/run/sspr/settled";

/// The longest time that a note may hold, in seconds: one that says more is from before the clock was set.
pub const LONGEST: i64 = 86_400;

/// Where the note about `name` is. `None` for a name that can't be one in a directory.
pub fn path(directory: &Path, name: &str) -> Option<PathBuf> {
    let fits = !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && !name.contains(['/', '\0']);
    fits.then(|| directory.join(name))
}

/// The note that the account with `uid` is settled until `until`, in seconds since 1970.
pub fn note(uid: u32, until: i64) -> String {
    format!("{uid}:{until}")
}

/// Whether the account `name` with `uid` is settled at `now`. Anything but a note that says so is a no.
pub fn holds(directory: &Path, name: &str, uid: u32, now: i64) -> bool {
    let Some(target) = path(directory, name).and_then(|path| std::fs::read_link(path).ok()) else { return false };
    let Some((noted, until)) = target.to_str().and_then(|note| note.split_once(':')) else { return false };
    noted.parse() == Ok(uid) && until.parse::<i64>().is_ok_and(|until| now < until && until - now <= LONGEST)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_note_holds_for_its_account_and_its_time_alone() {
        let directory = std::env::temp_dir().join(format!("sspr-settled-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let now = 1_790_000_000;
        let noted = |target: &str| {
            let path = path(&directory, "alice").unwrap();
            let _ = std::fs::remove_file(&path);
            symlink(target, path).unwrap();
        };
        noted(&note(1000, now + 60));
        assert!(holds(&directory, "alice", 1000, now));
        assert!(!holds(&directory, "alice", 1001, now), "another account of that name");
        assert!(!holds(&directory, "alice", 1000, now + 60), "over");
        assert!(!holds(&directory, "bob", 1000, now), "somebody else");
        for target in ["1000", "1000:", ":1", "1000:x", "x:1790000060", "1000:1790000060:1", "/etc/shadow", "-1:1"] {
            noted(target);
            assert!(!holds(&directory, "alice", 1000, now), "{target}");
        }
        noted(&note(1000, now + LONGEST + 1));
        assert!(!holds(&directory, "alice", 1000, now), "the clock was set back");
        let _ = std::fs::remove_file(directory.join("alice"));
        std::fs::write(directory.join("alice"), note(1000, now + 60)).unwrap();
        assert!(!holds(&directory, "alice", 1000, now), "a file is no note");
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_name_never_leads_out_of_the_directory() {
        for name in ["", ".", "..", "../x", "a/b", ".hidden", "a\0b", &"x".repeat(201)] {
            assert_eq!(path(Path::new("/d"), name), None, "{name:?}");
        }
        assert_eq!(path(Path::new("/d"), "alice"), Some(PathBuf::from("/d/alice")));
    }
}
