//! How many SSH keys can sign in as somebody, in the files where sshd looks unless it is told otherwise.
//!
//! A home directory is its owner's, who may have put anything there: a link, a pipe, a file system of their own that never
//! answers. A process that waits for such a file system can't be ended, not even by SIGKILL, so nothing is asked of any file
//! system but of those that this machine keeps itself. The way to the file is gone one name at a time; each step is held
//! without being opened (`O_PATH`), and `/proc` tells which mount it is on, which asks nobody. What can't be looked at in this
//! way is said to be so, and is never taken for "no keys".

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read as _},
    os::{
        fd::{AsFd, AsRawFd as _, OwnedFd},
        unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    },
    path::{Component, Path},
};

use nix::unistd::User;
use rustix::{
    fs::{CWD, Mode, OFlags, ResolveFlags, openat2},
    io::Errno,
};

use super::ssh_elsewhere;

/// What sshd looks at unless `AuthorizedKeysFile` says otherwise.
const FILES: [&str; 2] = [".ssh/authorized_keys", ".ssh/authorized_keys2"];
/// What is beyond this is not counted, in bytes.
const SIZE_MAX: u64 = 1 << 20;
/// File systems that answer without asking another machine or a program. One that is not named here may wait for somebody.
const LOCAL: [&str; 14] = [
    "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "nilfs2", "overlay", "ramfs", "rootfs", "tmpfs", "xfs",
    "zfs",
];

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// Keys that were seen.
    pub(super) keys: u32,
    /// Whether both files could be looked at to their end; a file that is not there could.
    pub(super) whole: bool,
}

/// The keys in the home directory of `user`.
pub(super) fn count(user: &User) -> Counted {
    let mut counted = Counted { keys: 0, whole: true };
    let mut unseen = |what: &str, why: &io::Error| {
        tracing::warn!(user = user.name, what, %why, "SSH keys are not looked at: {why}");
        counted.whole = false;
    };
    match ssh_elsewhere::may_be() {
        Ok(false) => {}
        Ok(true) => unseen("sshd_config", &io::Error::other("sshd takes keys from elsewhere as well")),
        Err(why) => unseen("sshd_config", &why),
    }
    let found = Mounts::read().and_then(|mounts| home(&mounts, &user.dir));
    let home = match found {
        Ok(home) => home,
        Err(why) => {
            if !is_missing(&why) {
                unseen("home directory", &why);
            }
            return counted;
        }
    };
    let mut keys = 0u32;
    for name in FILES {
        match keys_in(&home, name, user.uid.as_raw()) {
            Ok((found, whole)) => {
                keys = keys.saturating_add(found);
                if !whole {
                    unseen(name, &io::Error::other("the file is too long"));
                }
            }
            Err(why) if is_missing(&why) => {}
            Err(why) => unseen(name, &why),
        }
    }
    Counted { keys, ..counted }
}

/// sshd finds nothing there either.
fn is_missing(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

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
fn home(mounts: &Mounts, path: &Path) -> io::Result<OwnedFd> {
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

fn hold(at: impl AsFd, name: impl rustix::path::Arg, more: ResolveFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS | more;
    // Without O_DIRECTORY, which would have an automounter asked.
    openat2(at, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve).map_err(|error| match error {
        Errno::LOOP => io::Error::other("a symbolic link"),
        Errno::XDEV => io::Error::other("something else is mounted there"),
        error => error.into(),
    })
}

/// The keys in the file `name` below `home`, which `owner` or root must own, and whether that is all of it.
fn keys_in(home: &OwnedFd, name: &str, owner: u32) -> io::Result<(u32, bool)> {
    let held = hold(home, name, ResolveFlags::NO_XDEV | ResolveFlags::BENEATH)?;
    // A descriptor of O_PATH is opened again by its link in /proc: it is the very file that was looked at.
    let held = File::from(held);
    let meta = held.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("not a plain file"));
    }
    // sshd reads it as its owner; root could read more.
    if meta.uid() != owner && !(meta.uid() == 0 && meta.mode() & 0o004 != 0) {
        return Err(io::Error::other("the file is somebody else's"));
    }
    // NONBLOCK: its owner may hold a lease on it.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(format!("/proc/self/fd/{}", held.as_raw_fd()))?;
    let mut bytes = Vec::new();
    file.take(SIZE_MAX).read_to_end(&mut bytes)?;
    let keys = String::from_utf8_lossy(&bytes).lines().filter(|line| is_key(line)).count();
    Ok((u32::try_from(keys).unwrap_or(u32::MAX), meta.size() <= SIZE_MAX))
}

/// Whether a line is a key as sshd(8) has it: options maybe, a type, the key in base64.
fn is_key(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with('#') {
        return false;
    }
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let is_type = ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start));
        // The length of the type's name, in four bytes, begins every key.
        if is_type && words.peek().is_some_and(|key| key.starts_with("AAAA")) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI alice\n";

    #[test]
    fn a_key_is_a_line_with_a_type_and_a_key_whatever_options_stand_before_it() {
        for line in [
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI alice@laptop",
            "  ssh-rsa\tAAAAB3NzaC1yc2EAAAADAQABAAABgQC",
            "command=\"echo hello # there\",no-pty ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= backup",
            "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAA",
            "cert-authority ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI ca",
        ] {
            assert!(is_key(line), "{line}");
        }
        for line in
            ["", "   ", "# ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "root:$y$j9T$abc:1:::::", "ssh-ed25519", "AAAA"]
        {
            assert!(!is_key(line), "{line}");
        }
    }

    /// A home directory, held, and whose it is.
    fn a_home() -> (tempfile::TempDir, OwnedFd, u32) {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".ssh")).unwrap();
        let held = rustix::fs::open(home.path(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        (home, held, rustix::process::geteuid().as_raw())
    }

    #[test]
    fn a_file_that_is_not_plain_not_the_owners_or_huge_is_not_taken_for_one_without_keys() {
        let (home, held, me) = a_home();
        let path = |name: &str| home.path().join(".ssh").join(name);
        let keys = |name: &str, owner| keys_in(&held, &format!(".ssh/{name}"), owner);
        fs::write(path("keys"), KEY.repeat(3)).unwrap();
        assert_eq!(keys("keys", me).unwrap(), (3, true));
        std::os::unix::fs::symlink(path("keys"), path("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("fifo"), Mode::RUSR).unwrap();
        for name in ["link", "fifo", "."] {
            let found = keys(name, me);
            assert!(found.as_ref().is_err_and(|why| !is_missing(why)), "{name}: {found:?}");
        }
        for name in ["missing", "keys/below"] {
            assert!(keys(name, me).is_err_and(|why| is_missing(&why)), "{name}");
        }
        fs::set_permissions(path("keys"), fs::Permissions::from_mode(0o600)).unwrap();
        assert!(keys("keys", me + 1).is_err(), "somebody else's, that only they can read");
        fs::write(path("huge"), KEY.repeat(2)).unwrap();
        File::options().write(true).open(path("huge")).unwrap().set_len(1 << 30).unwrap();
        assert_eq!(keys("huge", me).unwrap(), (2, false));
        assert!(keys_in(&held, "../etc/passwd", me).is_err(), "out of the home");
    }

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
        let (_home, held, _) = a_home();
        assert!(Mounts::read().unwrap().local(&held).is_ok());
        assert!(Mounts::parse(text).local(&held).is_err(), "a mount that is not listed");
        let proc = rustix::fs::open("/proc", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        assert!(Mounts::read().unwrap().local(&proc).is_err(), "a kind that is none of these");
    }

    #[test]
    fn a_home_behind_a_link_or_on_another_kind_of_file_system_is_not_entered() {
        let (real, ..) = a_home();
        let mounts = Mounts::read().unwrap();
        assert!(home(&mounts, real.path()).is_ok());
        let link = real.path().join("link");
        std::os::unix::fs::symlink(real.path(), &link).unwrap();
        assert!(home(&mounts, &link).is_err_and(|why| !is_missing(&why)));
        assert!(home(&mounts, Path::new("/proc/self")).is_err());
        for odd in ["home/alice", "", "/tmp/../root"] {
            assert!(home(&mounts, Path::new(odd)).is_err(), "{odd}");
        }
        assert!(home(&mounts, Path::new("/no-such/home")).is_err_and(|why| is_missing(&why)));
    }
}
