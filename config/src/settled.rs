//! Users about whom the module need not ask the agent for a while. The agent leaves a symbolic link for each in a
//! directory that only it and root can read. The link leads nowhere; its target is the note: the uid, and until when
//! it is valid. The agent does not know the uids of directory users: their notes have a word instead.
//!
//! The module looks here before it uses the bus, so that the sign-in of a user with nothing to answer costs one
//! `readlink`. A link is one inode in memory, is read and replaced in one step, and can't be opened. These notes
//! decide only whether a question is asked a little later.
//!
//! The directory belongs to the agent, and root reads it at a sign-in. So no link in the path is followed, and no
//! other file system is asked: one that the agent's user mounted there might never answer.

use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags, Stat, fstat, open, openat2, readlinkat};

/// Where the notes are, unless a test has them elsewhere.
pub const DIRECTORY: &str = "/run/sspr/settled";

/// The longest time that a note may be valid, in seconds; a note for longer is from before the clock was set.
pub const LONGEST: i64 = 86_400;

/// The path of the note about `name`. `None` for a name that can't be a file name.
pub fn path(directory: &Path, name: &str) -> Option<PathBuf> {
    let fits = !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && !name.contains(['/', '\0']);
    fits.then(|| directory.join(name))
}

/// Replaces the uid in the note of a directory user.
const OF_A_DIRECTORY: &str = "directory";

/// The note that the account with `uid` is settled until `until`, in seconds since 1970.
pub fn note(uid: u32, until: i64) -> String {
    format!("{uid}:{until}")
}

/// The same note for the directory user with the name.
pub fn note_far(until: i64) -> String {
    format!("{OF_A_DIRECTORY}:{until}")
}

/// A note that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// About the account with this uid.
    Of(u32),
    /// About whoever has the name in a directory.
    Far,
}

impl Note {
    /// Whether the account with `uid` is settled.
    pub fn is_of(self, uid: u32) -> bool {
        self == Self::Far || self == Self::Of(uid)
    }
}

/// The note about `name` that holds at `now`. Anything but a note that says so is none.
pub fn look(directory: &Path, name: &str, now: i64) -> Option<Note> {
    let target = read(directory, name)?;
    let (noted, until) = target.split_once(':')?;
    let note = if noted == OF_A_DIRECTORY { Note::Far } else { Note::Of(noted.parse().ok()?) };
    until.parse::<i64>().is_ok_and(|until| now < until && until - now <= LONGEST).then_some(note)
}

/// Whether the account `name` with `uid` is settled at `now`.
pub fn holds(directory: &Path, name: &str, uid: u32, now: i64) -> bool {
    look(directory, name, now).is_some_and(|note| note.is_of(uid))
}

/// The note about `name`. `directory` and the directory above it must have the same owner, and be closed to others; the
/// one above that is root's (`/run`).
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
        assert_eq!(look(&directory, "alice", now), Some(Note::Of(1000)));
        noted(&note_far(now + 60));
        assert_eq!((look(&directory, "alice", now), look(&directory, "alice", now + 60)), (Some(Note::Far), None));
        assert!(holds(&directory, "alice", 1000, now) && holds(&directory, "alice", 20_000, now));
        assert!(!holds(&directory, "alice", 20_000, now + 60), "over");
        for target in
            ["1000", "1000:", ":1", "1000:x", "x:1790000060", "1000:1790000060:1", "/etc/shadow", "-1:1", "directory"]
        {
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
