//! The day on which a shell last showed the hint to register, kept in its user's home.
//!
//! After `sudo -E` or `su -p`, a shell may have another user's HOME. Nothing there is read, written or waited for.

use std::{
    env,
    ffi::OsString,
    io::{self, Read as _, Seek as _, Write as _},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FileType, Mode, OFlags, fstat, ftruncate, mkdirat, open, openat},
    io::Errno,
    process::geteuid,
};

/// A longer file is not ours.
const LONGEST: u64 = 64;

/// The place of the file according to the environment: a directory, and the path below it.
pub fn place(get: impl Fn(&str) -> Option<OsString>) -> Option<(PathBuf, &'static [&'static str])> {
    let set = |name| get(name).filter(|value| !value.is_empty()).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(state) = set("XDG_STATE_HOME") {
        return Some((state, &["sspr"]));
    }
    set("HOME").map(|home| (home, &[".local", "state", "sspr"] as &[_]))
}

/// Notes `today`. Returns whether that is new: not if the file has that day already, and not if it can't be written.
pub fn is_news(today: &str) -> bool {
    place(|name| env::var_os(name)).is_some_and(|(base, below)| note(&base, below, today).unwrap_or(false))
}

fn note(base: &Path, below: &[&str], today: &str) -> io::Result<bool> {
    let directory = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    let mut at = own(open(base, directory, Mode::empty())?, FileType::Directory)?;
    for name in below {
        match mkdirat(&at, *name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        at = own(openat(&at, *name, directory | OFlags::NOFOLLOW, Mode::empty())?, FileType::Directory)?;
    }
    // Without NONBLOCK, opening a FIFO would wait.
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = own(openat(&at, "hint", flags, Mode::RUSR | Mode::WUSR)?, FileType::RegularFile)?;
    let mut file = std::fs::File::from(file);
    let mut last = Vec::new();
    (&file).take(LONGEST).read_to_end(&mut last)?;
    if last.trim_ascii() == today.as_bytes() {
        return Ok(false);
    }
    ftruncate(&file, 0)?;
    file.rewind()?;
    file.write_all(format!("{today}\n").as_bytes())?;
    Ok(true)
}

/// The open file, if it belongs to the caller and has only one name.
fn own(file: OwnedFd, kind: FileType) -> io::Result<OwnedFd> {
    let stat = fstat(&file)?;
    let links = kind == FileType::Directory || stat.st_nlink == 1;
    if stat.st_uid == geteuid().as_raw() && FileType::from_raw_mode(stat.st_mode) == kind && links {
        Ok(file)
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{chown, symlink},
    };

    use super::*;

    const BELOW: &[&str] = &[".local", "state", "sspr"];

    fn noted(home: &Path) -> Option<bool> {
        note(home, BELOW, "2026-11-28").ok()
    }

    #[test]
    fn a_day_is_news_once() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!((noted(home.path()), noted(home.path())), (Some(true), Some(false)));
        let stamp = home.path().join(".local/state/sspr/hint");
        fs::write(&stamp, "2026-11-27 and what is longer than a date\n").unwrap();
        assert_eq!(noted(home.path()), Some(true));
        assert_eq!(fs::read_to_string(stamp).unwrap(), "2026-11-28\n");
    }

    #[test]
    fn links_pipes_and_what_is_somebody_elses_are_left_alone_and_not_waited_for() {
        let outside = tempfile::tempdir().unwrap();
        let precious = outside.path().join("precious");
        fs::write(&precious, "precious").unwrap();
        let state = |home: &Path| {
            let path = home.join(".local/state/sspr");
            fs::create_dir_all(&path).unwrap();
            path.join("hint")
        };
        let tries: [&dyn Fn(&Path); 6] = [
            &|home| symlink(&precious, state(home)).unwrap(),
            &|home| fs::hard_link(&precious, state(home)).unwrap(),
            &|home| {
                let path = state(home);
                rustix::fs::mknodat(rustix::fs::CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
            },
            &|home| fs::create_dir(state(home)).unwrap(),
            &|home| symlink(outside.path(), home.join(".local")).unwrap(),
            &|home| fs::write(home.join(".local"), "").unwrap(),
        ];
        for (number, set) in tries.iter().enumerate() {
            let home = tempfile::tempdir().unwrap();
            set(home.path());
            assert_ne!(noted(home.path()), Some(true), "{number}");
        }
        assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
        if geteuid().is_root() {
            let home = tempfile::tempdir().unwrap();
            chown(home.path(), Some(65534), Some(65534)).unwrap();
            assert_eq!(noted(home.path()), None);
            assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn the_environment_names_the_place() {
        let of = |pairs: &[(&str, &str)]| {
            place(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
        };
        assert_eq!(of(&[("HOME", "/home/a")]), Some(("/home/a".into(), BELOW)));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_STATE_HOME", "/s")]), Some(("/s".into(), ["sspr"].as_slice())));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_STATE_HOME", "")]).unwrap().0, Path::new("/h"));
        assert_eq!((of(&[]), of(&[("HOME", "relative")])), (None, None));
    }
}
