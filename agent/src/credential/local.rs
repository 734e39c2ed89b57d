//! Looking at files that somebody else may have put in place, without asking a file system that may not answer.
//!
//! A process that waits for a file system of somebody's own, by FUSE or on a server that is gone, can't be ended, not even by
//! SIGKILL, so nothing is asked of any file system but of those that this machine keeps itself. The way to a file is gone one name
//! at a time; each step is held without being opened (`O_PATH`), and `/proc` tells which mount it is on, which asks nobody.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs::{self, File},
    io,
    os::{
        fd::{AsFd, AsRawFd as _, OwnedFd},
        unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    },
    path::{Component, Path},
};

use rustix::{
    fs::{CWD, Mode, OFlags, ResolveFlags, openat2},
    io::Errno,
};

/// File systems that answer without asking another machine or a program. One that is not named here may wait for somebody.
const LOCAL: [&str; 14] = [
    "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "nilfs2", "overlay", "ramfs", "rootfs", "tmpfs", "xfs",
    "zfs",
];

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

    /// That what `held` holds is on a file system of this machine. Asks that file system nothing.
    fn local(&self, held: impl AsFd) -> io::Result<()> {
        let information = fs::read(format!("/proc/self/fdinfo/{}", held.as_fd().as_raw_fd()))?;
        let mut lines = information.split(|byte| *byte == b'\n');
        let number = lines.find_map(|line| line.strip_prefix(b"mnt_id:")).unwrap_or_default().trim_ascii();
        match self.0.get(number) {
            Some(kind) if LOCAL.iter().any(|local| local.as_bytes() == kind) => Ok(()),
            Some(kind) => {
                Err(io::Error::other(format!("a file system of kind {} may not answer", kind.escape_ascii())))
            }
            // It was mounted just now.
            None => Err(io::Error::other("the file system is not known")),
        }
    }
}

/// The directory `path`, held: nothing on the way is a link, or on a file system that may not answer.
pub(super) fn directory(path: &Path) -> io::Result<OwnedFd> {
    walk(&Mounts::read()?, path)
}

/// Whether `path` is a program, on the same file system as the directory of `/` that it begins with. Links there are followed.
pub(super) fn is_program(path: &Path) -> bool {
    let program = || {
        let mut parts = path.strip_prefix("/").ok()?.components();
        let top = parts.next()?;
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let top = openat2(CWD, Path::new("/").join(top), flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS).ok()?;
        Mounts::read().ok()?.local(&top).ok()?;
        let resolve = ResolveFlags::NO_XDEV | ResolveFlags::NO_MAGICLINKS;
        let held = File::from(openat2(&top, parts.as_path(), flags, Mode::empty(), resolve).ok()?);
        held.metadata().ok().filter(|meta| meta.is_file() && meta.mode() & 0o111 != 0)
    };
    program().is_some()
}

/// Nothing is there, whoever looks.
pub(super) fn is_missing(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn walk(mounts: &Mounts, path: &Path) -> io::Result<OwnedFd> {
    let mut parts = path.components();
    if parts.next() != Some(Component::RootDir) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut held = hold(CWD, OsStr::new("/"), ResolveFlags::empty())?;
    mounts.local(&held)?;
    for part in parts {
        let Component::Normal(name) = part else { return Err(io::ErrorKind::InvalidInput.into()) };
        held = hold(&held, name, ResolveFlags::empty())?;
        mounts.local(&held)?;
    }
    Ok(held)
}

/// Holds `name` in the directory `at`, which must not be a link. On the way to it there is none either.
pub(super) fn hold(at: impl AsFd, name: impl rustix::path::Arg, more: ResolveFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS | more;
    // Without O_DIRECTORY, which would have an automounter asked.
    openat2(at, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve).map_err(|error| match error {
        Errno::LOOP => io::Error::other("a symbolic link"),
        Errno::XDEV => io::Error::new(io::ErrorKind::CrossesDevices, "something else is mounted there"),
        error => error.into(),
    })
}

/// Opens what is held for reading. By its link in `/proc` it is the very file that was looked at; its owner may have a lease on it,
/// and is not waited for.
pub(super) fn reopen(held: &File) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let path = format!("/proc/self/fd/{}", held.as_raw_fd());
    fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
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
        assert!(walk(&mounts, real.path()).is_ok());
        let link = real.path().join("link");
        std::os::unix::fs::symlink(real.path(), &link).unwrap();
        assert!(walk(&mounts, &link).is_err_and(|why| !is_missing(&why)));
        assert!(walk(&mounts, Path::new("/proc/self")).is_err());
        for odd in ["home/alice", "", "/tmp/../root"] {
            assert!(walk(&mounts, Path::new(odd)).is_err(), "{odd}");
        }
        assert!(walk(&mounts, Path::new("/no-such/home")).is_err_and(|why| is_missing(&why)));
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
