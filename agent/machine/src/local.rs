//! Reads files that another user may have put in place, without asking a file system that may not answer.
//!
//! A process that waits for a user's own file system (FUSE), or for a server that is down, can't be killed, not even
//! with SIGKILL. So only file systems that this machine serves itself are asked. A path is followed one name at a time.
//! Each step is held without being opened (`O_PATH`), and `/proc` says which mount it is on, without asking any file
//! system.
//!
//! Uses openat(2), because the unit's `RestrictSUIDSGID=` blocks openat2(2).

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    os::{
        fd::{AsFd, AsRawFd as _},
        unix::{
            ffi::OsStringExt as _,
            fs::{MetadataExt as _, OpenOptionsExt as _},
        },
    },
    path::{Component, Path, PathBuf},
};

use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat};

/// File systems that answer without asking another machine or a program. Any other may wait for one.
const LOCAL: [&str; 14] = [
    "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "nilfs2", "overlay", "ramfs", "rootfs", "tmpfs", "xfs",
    "zfs",
];

/// The most links in a row that are followed.
const LINKS_MAX: usize = 16;

/// The mounts of this process: number and kind of file system.
struct Mounts(HashMap<Vec<u8>, Vec<u8>>);

impl Mounts {
    fn read() -> io::Result<Self> {
        Ok(Self::parse(&fs::read("/proc/self/mountinfo")?))
    }

    /// See `proc_pid_mountinfo(5)`.
    fn parse(text: &[u8]) -> Self {
        let line = |line: &[u8]| {
            let mut words = line.split(|byte| *byte == b' ');
            let number = words.next()?.to_vec();
            let kind = words.skip_while(|word| *word != b"-").nth(1)?.to_vec();
            Some((number, kind))
        };
        Self(text.split(|byte| *byte == b'\n').filter_map(line).collect())
    }

    /// Checks that the file in `held` is on a file system of this machine. Does not ask that file system.
    fn local(&self, held: impl AsFd) -> io::Result<()> {
        match self.0.get(&mount_of(held)?) {
            Some(kind) if LOCAL.iter().any(|local| local.as_bytes() == kind) => Ok(()),
            Some(kind) => {
                Err(io::Error::other(format!("a file system of kind {} may not answer", kind.escape_ascii())))
            }
            // It was mounted just now.
            None => Err(io::Error::other("the file system is not known")),
        }
    }
}

/// The number of the mount that `held` is on.
fn mount_of(held: impl AsFd) -> io::Result<Vec<u8>> {
    let information = fs::read(format!("/proc/self/fdinfo/{}", held.as_fd().as_raw_fd()))?;
    let mut lines = information.split(|byte| *byte == b'\n');
    let number = lines.find_map(|line| line.strip_prefix(b"mnt_id:"));
    number.map(|number| number.trim_ascii().to_vec()).ok_or_else(|| io::Error::other("no number of a mount in /proc"))
}

/// Holds `name` in the directory `at`: a link itself, not its target, and at a mount point what is mounted.
fn hold(at: impl AsFd, name: &OsStr) -> io::Result<File> {
    // Without O_DIRECTORY, which would trigger an automounter.
    Ok(openat(at, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?.into())
}

/// The directory `path`, held. No part of the path is a link, or on a file system that may not answer.
pub fn directory(path: &Path) -> io::Result<File> {
    walk(&Mounts::read()?, path, 0)
}

/// Whether `path` is a program on file systems of this machine. Links are followed.
pub fn is_program(path: &Path) -> bool {
    let held = Mounts::read().and_then(|mounts| walk(&mounts, path, LINKS_MAX));
    let meta = held.and_then(|held| held.metadata());
    meta.is_ok_and(|meta| meta.is_file() && meta.mode() & 0o111 != 0)
}

/// Whether something is mounted on the file at `path` itself. Does not ask any file system about the file.
pub fn is_mounted_on(path: &Path) -> io::Result<bool> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let directory = hold(CWD, path.parent().unwrap_or(Path::new("/")).as_os_str())?;
    let held = hold(&directory, name)?;
    let mount = mount_of(&held)?;
    // This is how systemd hides a file from a service: the service sees something else than other programs do.
    let hidden =
        || Ok::<_, io::Error>(root_of(&fs::read("/proc/self/mountinfo")?, &mount).ends_with(b"/inaccessible/reg"));
    Ok(mount != mount_of(&directory)? && !hidden()?)
}

/// Which part of its file system the mount of this number shows, see `proc_pid_mountinfo(5)`; empty if there is no such
/// mount.
fn root_of<'t>(text: &'t [u8], mount: &[u8]) -> &'t [u8] {
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.split(|byte| *byte == b' '));
    lines.find_map(|mut words| (words.next() == Some(mount)).then(|| words.nth(2))).flatten().unwrap_or_default()
}

/// The file that `names` lead to from the directory `at`, held: not through a link, and on the same mount.
pub fn below(at: &File, names: &[&OsStr]) -> io::Result<File> {
    let mount = mount_of(at)?;
    let mut held = at.try_clone()?;
    for name in names {
        held = hold(&held, name)?;
        if mount_of(&held)? != mount {
            return Err(io::Error::new(io::ErrorKind::CrossesDevices, "something else is mounted there"));
        }
        if held.metadata()?.is_symlink() {
            return Err(io::Error::other("a symbolic link"));
        }
    }
    Ok(held)
}

/// Whether there is no such file.
pub fn is_missing(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Opens a held file for reading. Its link in `/proc` leads to exactly the file that was checked. Its owner may have a
/// lease on it; this does not wait for it.
pub fn reopen(held: &File) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let path = format!("/proc/self/fd/{}", held.as_raw_fd());
    fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Follows `path` from the root, through at most `links` links.
fn walk(mounts: &Mounts, path: &Path, links: usize) -> io::Result<File> {
    let mut parts = path.components();
    if parts.next() != Some(Component::RootDir) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let (mut held, mut here) = (hold(CWD, OsStr::new("/"))?, PathBuf::from("/"));
    mounts.local(&held)?;
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else { return Err(io::ErrorKind::InvalidInput.into()) };
        let next = hold(&held, name)?;
        mounts.local(&next)?;
        if next.metadata()?.is_symlink() {
            let links = links.checked_sub(1).ok_or_else(|| io::Error::other("a symbolic link"))?;
            let target = OsString::from_vec(readlinkat(&held, name, Vec::new())?.into_bytes());
            return walk(mounts, &plain(&here.join(target).join(parts.as_path())), links);
        }
        here.push(name);
        held = next;
    }
    Ok(held)
}

/// `path` without dots. The parts before them are not links.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_known_by_its_number_and_only_kinds_of_this_machine_are_asked() {
        let text = b"29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            80 29 0:50 / /home/al\\040ice/.ssh rw,nosuid - fuse.sshfs x rw,user_id=1000\n\
            81 29 0:51 / /home rw master:1 propagate_from:2 - autofs /etc/auto.home rw\nodd\n";
        let Mounts(found) = Mounts::parse(text);
        let kind = |number: &str| found.get(number.as_bytes()).map(|kind| String::from_utf8_lossy(kind).into_owned());
        assert_eq!(kind("29").as_deref(), Some("ext4"));
        assert_eq!(kind("80").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind("81").as_deref(), Some("autofs"));
        let home = tempfile::tempdir().unwrap();
        let held = rustix::fs::open(home.path(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        assert!(Mounts::read().unwrap().local(&held).is_ok());
        assert!(Mounts::parse(text).local(&held).is_err(), "a mount that is not listed");
        let proc = rustix::fs::open("/proc", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        assert!(Mounts::read().unwrap().local(&proc).is_err(), "a kind that is none of these");
    }

    #[test]
    fn a_home_behind_a_link_or_on_another_kind_of_file_system_is_not_entered() {
        let real = tempfile::tempdir().unwrap();
        let mounts = Mounts::read().unwrap();
        assert!(walk(&mounts, real.path(), 0).is_ok());
        let link = real.path().join("link");
        std::os::unix::fs::symlink(real.path(), &link).unwrap();
        assert!(walk(&mounts, &link, 0).is_err_and(|why| !is_missing(&why)));
        let other_kind = walk(&mounts, Path::new("/proc/sys"), 0).unwrap_err();
        assert!(other_kind.to_string().contains("may not answer"), "{other_kind}");
        for odd in ["home/alice", "", "/tmp/../root"] {
            assert!(walk(&mounts, Path::new(odd), 0).is_err(), "{odd}");
        }
        assert!(walk(&mounts, Path::new("/no-such/home"), 0).is_err_and(|why| is_missing(&why)));
    }

    #[test]
    fn a_file_is_a_mount_of_its_own_only_where_something_is_mounted_on_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("shadow");
        assert!(is_mounted_on(&file).is_err_and(|why| is_missing(&why)));
        fs::write(&file, "").unwrap();
        assert!(!is_mounted_on(&file).unwrap());
        assert!(is_mounted_on(Path::new("/proc")).unwrap());
        let text = b"29 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            80 29 0:50 /systemd/inaccessible/reg /etc/shadow ro - tmpfs tmpfs rw\n";
        assert_eq!(root_of(text, b"80"), b"/systemd/inaccessible/reg");
        assert_eq!((root_of(text, b"29"), root_of(text, b"8")), (b"/".as_slice(), b"".as_slice()));
    }

    #[test]
    fn links_are_followed_so_far_and_no_further_and_dots_lead_nowhere_else() {
        let real = tempfile::tempdir().unwrap();
        let path = |name: &str| real.path().join(name);
        fs::create_dir(path("bin")).unwrap();
        fs::write(path("bin/shell"), "").unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path("bin/shell"), executable).unwrap();
        for (target, name) in
            [("bin", "link"), ("../bin/./shell", "bin/again"), ("round", "round"), ("/proc/self/exe", "away")]
        {
            std::os::unix::fs::symlink(target, path(name)).unwrap();
        }
        assert!(is_program(&path("link/again")));
        for name in ["round", "away", "bin", "link/none"] {
            assert!(!is_program(&path(name)), "{name}");
        }
    }

    #[test]
    fn a_program_is_one_that_can_be_run_and_is_on_no_other_file_system() {
        for path in ["/bin/sh", "/usr/bin/env"] {
            assert!(is_program(Path::new(path)), "{path}");
        }
        for path in ["/etc/passwd", "/usr", "/", "", "sh", "/no/such", "/proc/self/exe", "/dev/null"] {
            assert!(!is_program(Path::new(path)), "{path}");
        }
    }
}
