//! How many SSH keys can sign in as somebody, in the files where sshd looks unless it is told otherwise.
//!
//! A home directory is its owner's, who may have put anything there: a link, a pipe, a file system of their own that never
//! answers. See [`local`] for how it is entered all the same. What can't be looked at in this way is said to be so,
//! and is never taken for "no keys".

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
};

use nix::unistd::User;

use super::{
    local::{self, below, is_missing},
    ssh_elsewhere,
};

/// What sshd looks at in `~/.ssh` unless `AuthorizedKeysFile` says otherwise.
const FILES: [&str; 2] = ["authorized_keys", "authorized_keys2"];
/// What is beyond this is not counted, in bytes.
const SIZE_MAX: u64 = 1 << 20;

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
    let home = match local::directory(&user.dir) {
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

/// The keys in the file `name` of `.ssh` in `home`, which `owner` or root must own, and whether that is all of it.
fn keys_in(home: &File, name: &str, owner: u32) -> io::Result<(u32, bool)> {
    let held = below(home, &[OsStr::new(".ssh"), OsStr::new(name)])?;
    let meta = held.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("not a plain file"));
    }
    // sshd reads it as its owner; root could read more.
    if meta.uid() != owner && !(meta.uid() == 0 && meta.mode() & 0o004 != 0) {
        return Err(io::Error::other("the file is somebody else's"));
    }
    let mut bytes = Vec::new();
    local::reopen(&held)?.take(SIZE_MAX).read_to_end(&mut bytes)?;
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
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use rustix::fs::{Mode, OFlags};

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
    fn a_home() -> (tempfile::TempDir, File, u32) {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".ssh")).unwrap();
        let held = rustix::fs::open(home.path(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        (home, held.into(), rustix::process::geteuid().as_raw())
    }

    #[test]
    fn a_file_that_is_not_plain_not_the_owners_or_huge_is_not_taken_for_one_without_keys() {
        let (home, held, me) = a_home();
        let path = |name: &str| home.path().join(".ssh").join(name);
        let keys = |name: &str, owner| keys_in(&held, name, owner);
        fs::write(path("keys"), KEY.repeat(3)).unwrap();
        assert_eq!(keys("keys", me).unwrap(), (3, true));
        std::os::unix::fs::symlink(path("keys"), path("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("fifo"), Mode::RUSR).unwrap();
        for name in ["link", "fifo", ".", ".."] {
            let found = keys(name, me);
            assert!(found.as_ref().is_err_and(|why| !is_missing(why)), "{name}: {found:?}");
        }
        assert!(keys("missing", me).is_err_and(|why| is_missing(&why)));
        fs::set_permissions(path("keys"), fs::Permissions::from_mode(0o600)).unwrap();
        assert!(keys("keys", me + 1).is_err(), "somebody else's, that only they can read");
        fs::write(path("huge"), KEY.repeat(2)).unwrap();
        File::options().write(true).open(path("huge")).unwrap().set_len(1 << 30).unwrap();
        assert_eq!(keys("huge", me).unwrap(), (2, false));
    }
}
