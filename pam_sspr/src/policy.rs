//! The policy that the credential helper wrote, see [`sspr_config::policy`]. An unreadable policy locks nobody out.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use sspr_config::policy::{FILE_MAX, LOGIN_DEFS, Policy};

/// The most bytes of login.defs(5) that are read.
const LOGIN_DEFS_MAX: usize = 64 * 1024;

/// The most bytes of passwd(5) that are read.
const PASSWD_MAX: usize = 1024 * 1024;

/// The policy at `path`, or the default if there is none.
pub(crate) fn read(path: &Path) -> Policy {
    written(path).unwrap_or_else(|| Policy::without_a_file(&text(Path::new(LOGIN_DEFS), LOGIN_DEFS_MAX)))
}

/// The policy in the file. `None` if a user other than root could have written it, or if it is not a plain file.
fn written(path: &Path) -> Option<Policy> {
    // Does not follow a link or wait for a pipe.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    let stat = rustix::fs::fstat(&file).ok()?;
    let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    if !is_file || stat.st_uid != 0 || stat.st_mode & 0o022 != 0 {
        return None;
    }
    let most = u64::try_from(FILE_MAX).ok()?;
    let mut text = String::new();
    File::from(file).take(most + 1).read_to_string(&mut text).ok()?;
    if text.len() > FILE_MAX {
        return None;
    }
    Policy::parse(&text)
}

/// Whether `user` is in this machine's own passwd file, or may be: whatever the agent says, it never gets the password
/// of such an account.
pub(crate) fn is_here(user: &str) -> bool {
    is_in(user, &text(Path::new("/etc/passwd"), PASSWD_MAX))
}

fn is_in(user: &str, passwd: &str) -> bool {
    passwd.is_empty()
        || passwd.len() >= PASSWD_MAX
        || passwd.lines().any(|line| line.strip_prefix(user).is_some_and(|rest| rest.starts_with(':')))
}

/// The text of a file of this machine's, or its first bytes, `most` at most; empty if it can't be read.
fn text(path: &Path, most: usize) -> String {
    let mut text = Vec::new();
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    if let Ok(file) = rustix::fs::open(path, flags, Mode::empty()) {
        let _ = File::from(file).take(most as u64).read_to_end(&mut text);
    }
    // A comment may be in any encoding.
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    #[test]
    fn only_a_small_file_of_roots_that_nobody_else_can_write_says_that_it_is_required() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy");
        let text = Policy { required: true, min_uid: 500, min_typing_ms: 0, fleet: true }.to_text();
        fs::write(&path, &text).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        assert_eq!(written(&path).map(|policy| policy.min_uid), is_root.then_some(500));
        for mode in [0o620, 0o602, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(written(&path), None, "{mode:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        assert_eq!(written(&link), None);
        fs::write(&path, text.repeat(FILE_MAX)).unwrap();
        assert_eq!(written(&path), None);
        fs::write(&path, b"required=yes\nmin_uid=\xff\n").unwrap();
        assert_eq!(written(&path), None);
        if is_root {
            fs::write(&path, &text).unwrap();
            chown(&path, Some(1000), None).unwrap();
            assert_eq!(written(&path), None, "somebody else's");
        }
        assert_eq!(written(dir.path()), None);
        assert_eq!(written(&dir.path().join("none")), None);
        assert!(!read(&dir.path().join("none")).required);
    }

    #[test]
    fn an_account_of_the_machines_own_is_one_and_what_can_not_be_told_is_one_too() {
        assert!(is_here("root") && !is_here("nobody-has-this-name"));
        let passwd = "root:x:0:0::/:/bin/sh\nalice2:x:1001:1001::/:/bin/sh\nbob:x:1002:1002::/:/bin/sh\n";
        for (user, is_one) in [("bob", true), ("alice", false), ("alice2", true), ("dora", false)] {
            assert_eq!(is_in(user, passwd), is_one, "{user}");
        }
        assert!(is_in("dora", ""), "it can't be read");
        assert!(is_in("dora", &"x".repeat(PASSWD_MAX)), "it was not read to its end");
    }

    #[test]
    fn a_pipe_in_its_place_holds_nobody_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(written(&path), None);
    }
}
