//! `pam_faillock`: whether its tally refuses a sign-in now, and clearing the wrong passwords that it counted.
//!
//! The tally is read without its lock and without the module. The file belongs to the user, who could hold the lock
//! forever; a read during a write is wrong by one failure for a moment. The result follows `check_tally` of
//! `modules/pam_faillock/pam_faillock.c`, with the options of the host's own lines.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use nix::unistd::Gid;
use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock},
    io::Errno,
};

use super::{
    local::{below, reopen},
    pamconf::{self, Kind},
};
use crate::{files, names};

/// The places where faillock(8) may be.
const PROGRAM: [&str; 2] = ["/usr/sbin/faillock", "/sbin/faillock"];
/// How long it may take; it waits for the tally's lock.
const PROGRAM_MAX: Duration = Duration::from_secs(3);
/// The services whose lines may have the module, besides our own, which includes the host's common lines.
const SERVICES: [&str; 3] = [super::PAM_SERVICE, "login", "sshd"];
const SETTINGS: &str = "/etc/security/faillock.conf";
const DIRECTORY: &str = "/var/run/faillock";
/// The longest time that the module accepts in its settings, in seconds.
const TIME_MAX: u64 = 604_800;
/// The most records of a tally (`MAX_RECORDS` of `faillock.h`).
const RECORDS_MAX: u64 = 1024;
/// `struct tally`: source 52, reserved 2, status 2, time 8.
const RECORD: usize = 64;
/// `TALLY_STATUS_VALID`
const VALID: u16 = 1;

/// The module's settings for one of the host's lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rule {
    directory: PathBuf,
    /// This many failures lock the account; 0: never.
    deny: u64,
    /// Failures that are older than this, counted back from the last one, don't count.
    fail_interval: u64,
    /// The lock ends this long after the last failure; 0: never.
    unlock_time: u64,
    /// Members of this group are treated like root.
    admin_group: Option<String>,
    even_deny_root: bool,
    root_unlock_time: Option<u64>,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            directory: DIRECTORY.into(),
            deny: 3,
            fail_interval: 900,
            unlock_time: 600,
            admin_group: None,
            even_deny_root: false,
            root_unlock_time: None,
        }
    }
}

impl Rule {
    /// The rule of a line with these arguments; `settings` reads a settings file.
    fn of(arguments: &[String], settings: impl Fn(&Path) -> io::Result<String>) -> io::Result<Self> {
        let mut rule = Self::default();
        let named = arguments.iter().rev().find_map(|a| a.strip_prefix("conf="));
        match settings(Path::new(named.unwrap_or(SETTINGS))) {
            Ok(text) => text.lines().for_each(|line| {
                let line = line.split('#').next().unwrap_or_default().trim();
                let (key, value) = line.split_once(|c: char| c == '=' || c.is_whitespace()).unwrap_or((line, ""));
                rule.set(key, value.trim_start_matches(|c: char| c == '=' || c.is_whitespace()));
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
        for argument in arguments {
            let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
            rule.set(key, value);
        }
        Ok(rule)
    }

    /// A value that can't be parsed is ignored, as by the module.
    fn set(&mut self, key: &str, value: &str) {
        let time = || if value == "never" { Some(0) } else { value.parse().ok().filter(|t| *t <= TIME_MAX) };
        match key {
            "dir" if value.starts_with('/') => self.directory = value.into(),
            "deny" => self.deny = value.parse().unwrap_or(self.deny),
            "fail_interval" => self.fail_interval = time().unwrap_or(self.fail_interval),
            "unlock_time" => self.unlock_time = time().unwrap_or(self.unlock_time),
            "root_unlock_time" => self.root_unlock_time = time().or(self.root_unlock_time),
            "admin_group" if !value.is_empty() => self.admin_group = Some(value.to_owned()),
            "even_deny_root" => self.even_deny_root = true,
            _ => {}
        }
    }

    /// Whether failures at these `times` refuse a sign-in at `now`.
    fn locks(&self, times: &[u64], admin: bool, now: u64) -> bool {
        if admin && !self.even_deny_root {
            return false;
        }
        let latest = times.iter().copied().max().unwrap_or_default();
        let failures = times.iter().filter(|time| latest - **time < self.fail_interval).count() as u64;
        let unlock = if admin { self.root_unlock_time.unwrap_or(self.unlock_time) } else { self.unlock_time };
        let over = unlock != 0 && latest.saturating_add(unlock) < now;
        self.deny != 0 && failures >= self.deny && !over
    }
}

/// Whether a sign-in of `user`, with the groups `gids`, is refused now by any of the host's lines with the module.
pub fn locked(user: &str, gids: &[Gid]) -> io::Result<bool> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    for rule in rules(&["preauth", "authsucc"])? {
        let times = tally(&rule.directory.join(user))?;
        if times.is_empty() {
            continue;
        }
        let admin = match &rule.admin_group {
            Some(group) => names::group(group)?.is_some_and(|g| gids.contains(&g.gid)),
            None => false,
        };
        if rule.locks(&times, admin, now) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a process holds the lock of a tally of `user`, or something is mounted on it. The tally belongs to the user,
/// who could keep either forever, and `pam_faillock` in the helper would wait just as long.
pub fn held(user: &str) -> io::Result<bool> {
    for rule in rules(&[])? {
        let file = match open(&rule.directory.join(user)) {
            Ok(Some(file)) => file,
            Ok(None) => continue,
            Err(why) if why.kind() == io::ErrorKind::CrossesDevices => return Ok(true),
            Err(why) => return Err(why),
        };
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// Clears the failures of `user` with faillock(8), which takes the tally's lock and writes to the audit log.
pub fn clear(user: &str) -> io::Result<()> {
    let mut directories: BTreeSet<PathBuf> = rules(&[])?.into_iter().map(|rule| rule.directory).collect();
    directories.insert(DIRECTORY.into());
    for directory in directories {
        let path = directory.join(user);
        if tally(&path)?.is_empty() {
            continue;
        }
        let reset = reset(user, &directory);
        // The tally counts, not what the program reports.
        if !tally(&path)?.is_empty() {
            reset?;
            return Err(io::Error::other("faillock cleared the tally, and it is not empty"));
        }
    }
    Ok(())
}

fn reset(user: &str, directory: &Path) -> io::Result<()> {
    let program = PROGRAM.iter().find(|path| Path::new(path).exists()).ok_or(io::ErrorKind::NotFound)?;
    let mut faillock = Command::new(program);
    faillock.arg("--dir").arg(directory).args(["--user", user, "--reset"]).env_clear();
    let mut faillock = faillock.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let deadline = Instant::now() + PROGRAM_MAX;
    loop {
        match faillock.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(format!("faillock ended with {status}"))),
            None if Instant::now() < deadline => sleep(Duration::from_millis(2)),
            None => {
                faillock.kill()?;
                faillock.wait()?;
                return Err(io::Error::other("somebody holds the lock of the tally"));
            }
        }
    }
}

/// The rules of all lines with one of `words` among their arguments; of all lines if `words` is empty.
fn rules(words: &[&str]) -> io::Result<BTreeSet<Rule>> {
    let mut found = BTreeSet::new();
    for service in SERVICES {
        let lines = match pamconf::arguments(Kind::Auth, service, "pam_faillock") {
            Ok(lines) => lines,
            // A host may have no console or no sshd. Faults in their lines are reported elsewhere.
            Err(_) if service != super::PAM_SERVICE => continue,
            Err(why) => return Err(io::Error::other(why)),
        };
        for arguments in lines {
            if words.is_empty() || arguments.iter().any(|a| words.contains(&a.as_str())) {
                found.insert(Rule::of(&arguments, files::text)?);
            }
        }
    }
    Ok(found)
}

/// The times of the failures in the tally at `path`, in seconds since 1970. A missing tally has none.
fn tally(path: &Path) -> io::Result<Vec<u64>> {
    open(path)?.map_or(Ok(Vec::new()), records)
}

/// The tally at `path`, if there is one.
fn open(path: &Path) -> io::Result<Option<File>> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let held = || {
        let directory = rustix::fs::open(directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        // The file belongs to the user, who can mount a file system on it that never answers.
        below(&directory.into(), &[name])
    };
    let held = match held() {
        Ok(held) => held,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let meta = held.metadata()?;
    if !meta.is_file() || meta.nlink() > 1 {
        return Err(io::Error::other("a tally of faillock is not a plain file"));
    }
    reopen(&held).map(Some)
}

fn records(file: File) -> io::Result<Vec<u64>> {
    let mut bytes = Vec::new();
    file.take(RECORDS_MAX * RECORD as u64).read_to_end(&mut bytes)?;
    let valid = bytes.chunks_exact(RECORD).filter_map(|record| {
        let status = record.get(54..56).and_then(|field| field.try_into().ok()).map(u16::from_ne_bytes)?;
        let time = record.get(56..64).and_then(|field| field.try_into().ok()).map(u64::from_ne_bytes)?;
        (status & VALID != 0).then_some(time)
    });
    Ok(valid.collect())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Seek as _, Write as _},
    };

    use super::*;

    fn rule(arguments: &[&str], settings: Option<&str>) -> Rule {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        Rule::of(&arguments, |_| settings.map(str::to_owned).ok_or_else(|| io::ErrorKind::NotFound.into())).unwrap()
    }

    #[test]
    fn a_rule_is_the_modules_defaults_then_its_settings_then_its_arguments() {
        assert_eq!(rule(&["preauth", "silent"], None), Rule::default());
        let settings =
            "# deny = 9\n deny = 5 # five\nunlock_time=never\naudit\nfail_interval 60\ndir = /var/lib/tally\n";
        let from_settings = rule(&["authfail"], Some(settings));
        assert_eq!((from_settings.deny, from_settings.unlock_time, from_settings.fail_interval), (5, 0, 60));
        assert_eq!(from_settings.directory, Path::new("/var/lib/tally"));
        let both = rule(&["preauth", "deny=2", "unlock_time=9999999", "dir=relative"], Some(settings));
        assert_eq!((both.deny, both.unlock_time), (2, 0), "a time that is too long is passed over");
        assert_eq!(both.directory, Path::new("/var/lib/tally"));
    }

    #[test]
    fn failures_lock_as_the_module_has_it() {
        let rule = Rule::default();
        for (times, now, want) in [
            (vec![], 1000, false),
            (vec![1000, 1001], 1001, false),
            (vec![1000, 1001, 1002], 1002, true),
            (vec![1000, 1001, 1002], 1602, true),
            (vec![1000, 1001, 1002], 1603, false),
            (vec![100, 1001, 1002], 1002, false),
            (vec![103, 1001, 1002], 1002, true),
            (vec![u64::MAX, u64::MAX, u64::MAX], 1000, true),
        ] {
            assert_eq!(rule.locks(&times, false, now), want, "{times:?} at {now}");
        }
        let times = [1000, 1001, 1002];
        assert!(!rule.locks(&times, true, 1003), "an administrator of the module's own group is spared");
        let strict = Rule { even_deny_root: true, root_unlock_time: Some(10), ..Rule::default() };
        assert!(strict.locks(&times, true, 1012) && !strict.locks(&times, true, 1013));
        assert!(Rule { unlock_time: 0, ..Rule::default() }.locks(&times, false, u64::MAX));
        assert!(!Rule { deny: 0, ..Rule::default() }.locks(&times, false, 1003));
    }

    #[test]
    fn only_valid_and_whole_records_count() {
        let mut file = tempfile::tempfile().unwrap();
        for (status, time) in [(1u16, 10u64), (0, 20), (3, 30)] {
            let mut record = [b'x'; RECORD];
            record[54..56].copy_from_slice(&status.to_ne_bytes());
            record[56..].copy_from_slice(&time.to_ne_bytes());
            file.write_all(&record).unwrap();
        }
        file.write_all(&[1; 63]).unwrap();
        file.rewind().unwrap();
        assert_eq!(records(file).unwrap(), [10, 30]);
    }

    #[test]
    fn a_tally_whose_lock_somebody_holds_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alice");
        fs::write(&path, []).unwrap();
        let mine = open(&path).unwrap().unwrap();
        flock(&mine, FlockOperation::LockExclusive).unwrap();
        let other = open(&path).unwrap().unwrap();
        assert_eq!(flock(&other, FlockOperation::NonBlockingLockExclusive), Err(Errno::WOULDBLOCK));
        drop(mine);
        flock(&other, FlockOperation::NonBlockingLockExclusive).unwrap();
        assert!(open(&dir.path().join("bob")).unwrap().is_none());
    }

    #[test]
    fn a_tally_that_is_not_a_plain_file_is_an_error_and_a_missing_one_is_empty() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        assert!(tally(&path("missing")).unwrap().is_empty());
        fs::write(path("plain"), [0; RECORD]).unwrap();
        assert!(tally(&path("plain")).unwrap().is_empty());
        std::os::unix::fs::symlink(path("plain"), path("link")).unwrap();
        fs::hard_link(path("plain"), path("second")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("fifo"), rustix::fs::Mode::RUSR).unwrap();
        for name in ["link", "second", "plain", "fifo", "."] {
            assert!(tally(&path(name)).is_err(), "{name}");
        }
    }
}
