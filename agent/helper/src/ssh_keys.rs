//! Counts the SSH keys that can sign in as a user, in the files that sshd reads by default.
//!
//! A home directory belongs to the user, who may have put anything there: a link, a pipe, or a file system that never
//! answers. See [`local`] for how it is entered safely. Anything that can't be read in this way is reported as such,
//! and never counts as "no keys".

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
};

use jiff::{Zoned, fmt::strtime, tz::TimeZone};
use nix::unistd::User;

use super::{
    local::{self, below, is_missing},
    ssh_elsewhere,
};

/// The most bytes of a file that are read; lines beyond them are not counted.
const SIZE_MAX: u64 = 1 << 20;

/// The result of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The keys that were found.
    pub(crate) keys: u32,
    /// Whether these are all keys: every file could be read to the end or does not exist, none of them has a
    /// certificate authority, and sshd takes keys from nowhere else.
    pub(crate) whole: bool,
}

/// The keys in the home directory of `user`.
pub(crate) fn count(user: &User) -> Counted {
    let mut counted = Counted { keys: 0, whole: true };
    let mut unseen = |what: &str, why: &io::Error| {
        tracing::warn!(user = user.name, what, %why, "SSH keys are not looked at: {why}");
        counted.whole = false;
    };
    let sources = ssh_elsewhere::sources();
    let files = match &sources {
        Ok(sources) => {
            if sources.elsewhere {
                unseen("sshd_config", &io::Error::other("sshd takes keys from elsewhere as well"));
            }
            sources.files.as_slice()
        }
        Err(why) => {
            unseen("sshd_config", why);
            &[".ssh/authorized_keys", ".ssh/authorized_keys2"]
        }
    };
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
    for name in files {
        match keys_in(&home, name, user.uid.as_raw()) {
            Ok(found) => {
                keys = keys.saturating_add(found.keys);
                if !found.whole {
                    unseen(name, &io::Error::other("the file is too long, or has a certificate authority in it"));
                }
            }
            Err(why) if is_missing(&why) => {}
            Err(why) => unseen(name, &why),
        }
    }
    Counted { keys, ..counted }
}

/// The keys in the file `name` in `home`, and whether these are all keys that the file accepts. The file must belong to
/// `owner` or root.
fn keys_in(home: &File, name: &str, owner: u32) -> io::Result<Counted> {
    let names: Vec<&OsStr> = name.split('/').map(OsStr::new).collect();
    let held = below(home, &names)?;
    let meta = held.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("not a plain file"));
    }
    // sshd reads the file as the user, and root could read more.
    if meta.uid() != owner && !(meta.uid() == 0 && meta.mode() & 0o004 != 0) {
        return Err(io::Error::other("the file belongs to another user"));
    }
    let mut bytes = Vec::new();
    local::reopen(&held)?.take(SIZE_MAX).read_to_end(&mut bytes)?;
    let now = Zoned::now();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<Key<'_>> = text.lines().filter_map(Key::of).filter(|key| !key.is_expired(&now)).collect();
    let keys = lines.iter().filter(|key| !key.authority).count();
    Ok(Counted {
        keys: u32::try_from(keys).unwrap_or(u32::MAX),
        // Every key that the authority signed is accepted.
        whole: meta.size() <= SIZE_MAX && lines.iter().all(|key| !key.authority),
    })
}

/// A line of an `authorized_keys` file as in sshd(8): options if there are any, a type, and the key in base64.
#[derive(Debug, PartialEq, Eq)]
struct Key<'l> {
    /// Whether the key is a certificate authority's: keys that it signed are accepted, not the key itself.
    authority: bool,
    /// The times as written. From the earliest on, the key is no longer accepted.
    expires: Vec<&'l str>,
}

impl<'l> Key<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let line = line.trim_matches(|c: char| c.is_ascii_whitespace());
        let (options, rest) = if is_type(line) { ("", line) } else { split_options(line) };
        let (kind, key) = rest.trim_start().split_once(|c: char| c.is_ascii_whitespace())?;
        // The base64 of every key begins like this, with the length of the type's name in four bytes.
        if line.starts_with('#') || !is_type(kind) || !key.trim_start().starts_with("AAAA") {
            return None;
        }
        let mut found = Self { authority: false, expires: Vec::new() };
        for option in each_option(options) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            found.authority |= name.eq_ignore_ascii_case("cert-authority");
            if name.eq_ignore_ascii_case("expiry-time") {
                found.expires.push(value.trim_matches('"'));
            }
        }
        Some(found)
    }

    /// Whether the key has expired at `now`. The earliest of several times counts, see sshd(8).
    fn is_expired(&self, now: &Zoned) -> bool {
        self.expires.iter().any(|expires| is_over(expires, now))
    }
}

/// Whether the time of an `expiry-time` option is over at `now`. One that can't be parsed counts as not reached: sshd may be
/// able to parse it.
fn is_over(expires: &str, now: &Zoned) -> bool {
    let (digits, utc) = expires.strip_suffix(['Z', 'z']).map_or((expires, false), |digits| (digits, true));
    let format = match digits.len() {
        8 => "%Y%m%d",
        12 => "%Y%m%d%H%M",
        14 => "%Y%m%d%H%M%S",
        _ => return false,
    };
    let time = strtime::parse(format, digits).ok();
    let time = time.and_then(|time| {
        let date = time.to_date().ok()?;
        Some(time.to_datetime().unwrap_or_else(|_| date.to_datetime(jiff::civil::Time::midnight())))
    });
    let zone = if utc { TimeZone::UTC } else { now.time_zone().clone() };
    time.and_then(|time| time.to_zoned(zone).ok()).is_some_and(|expires| *now >= expires)
}

fn is_type(text: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| text.starts_with(start))
}

/// The options before a key, and the rest. The options end at a blank that is not in quotes.
fn split_options(line: &str) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    let end = line.find(|c: char| {
        let quote = c == '"' && !escaped;
        quoted ^= quote;
        escaped = c == '\\' && !escaped;
        !quoted && c.is_ascii_whitespace()
    });
    line.split_at(end.unwrap_or(line.len()))
}

/// The options, separated by commas that are not in quotes.
fn each_option(options: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    options.split(move |c: char| {
        let quote = c == '"' && !escaped;
        quoted ^= quote;
        escaped = c == '\\' && !escaped;
        !quoted && c == ','
    })
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
            "command=\"echo \\\"cert-authority,\\\" x\" ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC",
            "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAA",
        ] {
            assert_eq!(Key::of(line), Some(Key { authority: false, expires: Vec::new() }), "{line}");
        }
        for line in [
            "",
            "   ",
            "# ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI",
            "root:$y$j9T$abc:1:::::",
            "ssh-ed25519",
            "AAAA",
            "command=\"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC",
        ] {
            assert_eq!(Key::of(line), None, "{line}");
        }
        for line in
            ["cert-authority ssh-ed25519 AAAAC3 ca", "no-pty,Cert-Authority,principals=\"a,b\" ssh-rsa AAAAB3 ca"]
        {
            assert!(Key::of(line).unwrap().authority, "{line}");
        }
    }

    #[test]
    fn a_key_is_expired_from_the_time_on_that_its_line_has() {
        let now: Zoned = "2026-11-28T12:00:00+09:00[Asia/Tokyo]".parse().unwrap();
        let expired = |option: &str| {
            let line = format!("no-pty,{option} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI alice");
            Key::of(&line).unwrap().is_expired(&now)
        };
        for past in [
            "expiry-time=\"20200101\"",
            "expiry-time=\"20261128\"",
            "Expiry-Time=\"202611281200\"",
            "expiry-time=\"20261128025959Z\"",
            "expiry-time=\"20300101\",expiry-time=\"20200101\"",
            "expiry-time=\"20261128030001Z\",expiry-time=\"202611281100\"",
        ] {
            assert!(expired(past), "{past}");
        }
        for ahead in [
            "expiry-time=\"20261129\"",
            "expiry-time=\"202611281201\"",
            "expiry-time=\"20261128030001Z\"",
            "expiry-time=\"soon\"",
            "expiry-time=\"99999999\"",
            "no-x11-forwarding",
        ] {
            assert!(!expired(ahead), "{ahead}");
        }
    }

    /// An open home directory and its owner's uid.
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
        let keys = |name: &str, owner| keys_in(&held, &format!(".ssh/{name}"), owner);
        let seen = |keys, whole| Counted { keys, whole };
        fs::write(path("keys"), KEY.repeat(3)).unwrap();
        assert_eq!(keys("keys", me).unwrap(), seen(3, true));
        fs::write(path("more"), format!("expiry-time=\"20200101\" {KEY}cert-authority {KEY}{KEY}")).unwrap();
        assert_eq!(keys("more", me).unwrap(), seen(1, false));
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
        assert_eq!(keys("huge", me).unwrap(), seen(2, false));
    }
}
