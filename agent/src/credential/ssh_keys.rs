//! How many SSH keys can sign in as somebody.
//!
//! A home directory is its owner's, who may have put anything there. It is read by a process that has become that user,
//! never by root; root only reads the number that this process writes.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::Stdio,
    time::Duration,
};

use nix::unistd::User;
use rustix::{
    fs::OFlags,
    process::{DumpableBehavior, geteuid, set_dumpable_behavior},
};
use tokio::{io::AsyncReadExt as _, process::Command, time::timeout};

use super::service::within;

/// The option of `sspr-credential` that makes it [`report`].
pub const OPTION: &str = "--count-ssh-keys";

/// What sshd looks at unless `AuthorizedKeysFile` says otherwise.
const FILES: [&str; 2] = [".ssh/authorized_keys", ".ssh/authorized_keys2"];
/// What is beyond this is not counted, in bytes.
const SIZE_MAX: u64 = 1 << 20;
/// A home directory may be on a network that is gone.
const READ_MAX: Duration = Duration::from_secs(2);
const ANSWER_MAX: u64 = 16;

/// The number of keys in the home directory of `user`; 0 where they can't be read in time.
pub(super) async fn count(user: &User) -> u32 {
    match ask(user).await {
        Ok(number) => number,
        Err(why) => {
            tracing::warn!(user = user.name, %why, "the SSH keys can't be counted");
            0
        }
    }
}

async fn ask(user: &User) -> io::Result<u32> {
    if user.uid.is_root() || !user.dir.is_absolute() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // With a uid and without groups of its own, Command drops root's groups before it drops root.
    let mut reader = Command::new("/proc/self/exe");
    reader.arg(OPTION).arg(&user.dir).uid(user.uid.as_raw()).gid(user.gid.as_raw()).env_clear().current_dir("/");
    let mut reader = reader.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut output = reader.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?.take(ANSWER_MAX);
    let mut text = String::new();
    // It ends by itself: root without CAP_KILL can't end it.
    let read = timeout(READ_MAX + Duration::from_millis(500), output.read_to_string(&mut text));
    read.await.map_err(|_| io::ErrorKind::TimedOut)??;
    text.trim().parse().map_err(io::Error::other)
}

/// The body of the process that became the user: writes the number of keys in `home` to standard output.
pub fn report(home: &Path) -> io::Result<()> {
    if geteuid().is_root() {
        return Err(io::Error::other("home directories are not read as root"));
    }
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let number = within(READ_MAX, || FILES.iter().map(|name| keys_in(&home.join(name))).sum::<u32>());
    writeln!(io::stdout(), "{}", number.map_err(io::Error::other)?)
}

fn keys_in(path: &Path) -> u32 {
    let read = open(path).and_then(|file| {
        let mut bytes = Vec::new();
        file.take(SIZE_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    read.map_or(0, |bytes| {
        let keys = String::from_utf8_lossy(&bytes).lines().filter(|line| is_key(line)).count();
        u32::try_from(keys).unwrap_or(u32::MAX)
    })
}

fn open(path: &Path) -> io::Result<File> {
    // NONBLOCK: a pipe without a writer would be waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a plain file"));
    }
    Ok(file)
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
    use super::*;

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

    #[test]
    fn what_is_no_plain_file_has_no_keys_and_a_huge_one_is_read_to_the_limit() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI alice\n";
        fs::write(path("keys"), key.repeat(3)).unwrap();
        assert_eq!(keys_in(&path("keys")), 3);
        std::os::unix::fs::symlink(path("keys"), path("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("fifo"), rustix::fs::Mode::RUSR).unwrap();
        for name in ["link", "fifo", ".", "missing"] {
            assert_eq!(keys_in(&path(name)), 0, "{name}");
        }
        fs::write(path("huge"), key.repeat(2)).unwrap();
        File::options().write(true).open(path("huge")).unwrap().set_len(1 << 30).unwrap();
        assert_eq!(keys_in(&path("huge")), 2);
    }

    #[test]
    fn root_does_not_read_a_home_directory() {
        if geteuid().is_root() {
            assert!(report(Path::new("/root")).is_err());
        }
    }
}
