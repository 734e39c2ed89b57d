//! Users about whom the module need not ask the agent for a while. The agent leaves a symbolic link for each in a directory that only it
//! and root can read. The link leads nowhere; its target is the note: the uid, and until when it holds.
//!
//! The module looks here before it goes to the bus, so that the sign-in of a user with nothing to answer costs one
//! `readlink`. A link is one inode in memory, is read and replaced in one step, and can't be opened into anything. Nothing
//! rests on these notes but whether a question is put a little later.
//!
//! The directory is the agent's, and root looks into it at a sign-in: no link is followed on the way, and no other file system
//! is asked, as one that the agent's user mounted there might never answer.

use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags, Stat, fstat, open, openat2, readlinkat};

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
    let Some(target) = read(directory, name) else { return false };
    let Some((noted, until)) = target.split_once(':') else { return false };
    noted.parse() == Ok(uid) && until.parse::<i64>().is_ok_and(|until| now < until && until - now <= LONGEST)
}

/// What the note about `name` says. The directory above `directory` must be of the same owner, and both closed to others; the one
/// above that is root's (`/run`).
fn read(directory: &Path, name: &str) -> Option<String> {
    path(directory, name)?;
    let above = directory.parent()?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = open(above.parent()?, flags | OFlags::NOFOLLOW, Mode::empty()).ok()?;
    let resolve =
        ResolveFlags::BENEATH | ResolveFlags::NO_XDEV | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let above = openat2(&root, above.file_name()?, flags, Mode::empty(), resolve).ok()?;
    let notes = openat2(&above, directory.file_name()?, flags, Mode::empty(), resolve).ok()?;
    let closed = |stat: &Stat| stat.st_mode & 0o022 == 0;
    let (above, here) = (fstat(&above).ok()?, fstat(&notes).ok()?);
    if here.st_uid != above.st_uid || !closed(&above) || !closed(&here) {
        return None;
    }
    readlinkat(&notes, name, Vec::new()).ok()?.into_string().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_note_holds_for_its_account_and_its_time_alone() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("sspr/settled");
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
    }

    #[test]
    fn no_link_is_followed_to_the_notes_and_they_are_nobody_elses() {
        let root = tempfile::tempdir().unwrap();
        let (own, other) = (root.path().join("sspr"), root.path().join("other"));
        let directory = own.join("settled");
        let now = 1_790_000_000;
        for made in [&directory, &other.join("settled")] {
            std::fs::create_dir_all(made).unwrap();
            symlink(note(1000, now + 60), made.join("alice")).unwrap();
        }
        let told = || holds(&directory, "alice", 1000, now);
        let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        assert!(told());
        for path in [&own, &directory] {
            mode(path, 0o777);
            assert!(!told(), "others can write in {}", path.display());
            mode(path, 0o700);
            assert!(told());
        }
        std::fs::remove_dir_all(&directory).unwrap();
        symlink(other.join("settled"), &directory).unwrap();
        assert!(!told(), "a link in place of the directory");
        std::fs::remove_dir_all(&own).unwrap();
        symlink(&other, &own).unwrap();
        assert!(!told(), "a link in place of the one above it");
    }

    #[test]
    fn a_name_never_leads_out_of_the_directory() {
        for name in ["", ".", "..", "../x", "a/b", ".hidden", "a\0b", &"x".repeat(201)] {
            assert_eq!(path(Path::new("/d"), name), None, "{name:?}");
        }
        assert_eq!(path(Path::new("/d"), "alice"), Some(PathBuf::from("/d/alice")));
    }
}
