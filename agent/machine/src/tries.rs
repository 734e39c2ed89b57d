//! Limits how many passwords a helper refuses in an hour. The limit is the helper's own and does not depend on the
//! agent. Otherwise an attacker who controls the agent could guess as fast as PAM answers, and learn a password
//! unnoticed.
//!
//! The helper exits when it is idle, so the count is kept in its own directory, until the next boot.

use std::{fmt::Write as _, io, path::Path};

use crate::{Error, files};

const NAME: &str = "tries";
/// How long each one counts, in seconds.
const HOUR: u64 = 3600;

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A current password that was wrong.
    Verify,
    /// A refused new password, because the refusal tells whether it is the current one.
    Change,
    /// A new password that was checked ahead of its change, good or not. The result is not reported, and every check
    /// takes the same time; it is limited anyway.
    Prepare,
    /// An account to unlock, locked or not. Each is a line of the witness, which must not grow at the caller's will.
    Unlock,
    /// A reset in the directory that is followed up. Each is a line of the witness as well.
    Settle,
}

impl Kind {
    const fn letter(self) -> &'static str {
        match self {
            Self::Verify => "v",
            Self::Change => "c",
            Self::Prepare => "p",
            Self::Unlock => "u",
            Self::Settle => "s",
        }
    }

    /// The most in an hour for one account, and for all together. The agent refuses a user long before.
    const fn limits(self) -> (usize, usize) {
        match self {
            Self::Verify | Self::Prepare | Self::Unlock => (10, 300),
            Self::Change => (40, 1000),
            // Of all accounts under one key.
            Self::Settle => (1000, 1000),
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Try {
    at: u64,
    key: String,
    letter: String,
}

/// The most bytes of a key. The id of a directory entry has 36.
const KEY_MAX: usize = 64;

/// A key comes from the caller, and is written between blanks in a line of the count.
fn word(key: &str) -> Result<(), Error> {
    let is_word = (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word { Ok(()) } else { Err(Error::Refused("that is the id of no account".to_owned())) }
}

/// Checks that one more may be tried for the account `key`, by the last hour's count in `directory`. A key is a word of
/// printable ASCII.
pub fn room(directory: &Path, kind: Kind, key: &str, now: u64) -> Result<(), Error> {
    word(key)?;
    let (of_one, of_all) = count(&last_hour(directory, now).map_err(unavailable)?, kind, key);
    let (most, most_of_all) = kind.limits();
    if of_one < most && of_all < most_of_all {
        return Ok(());
    }
    Err(Error::Unavailable(match kind {
        Kind::Unlock => format!(
            "the last hour had {of_one} calls to unlock this account, and {of_all} in all; no more is unlocked for now"
        ),
        Kind::Settle => format!("the last hour had {of_all} resets to follow up; no more is followed up for now"),
        Kind::Verify | Kind::Change | Kind::Prepare => format!(
            "{of_one} passwords of this account and {of_all} in all were refused in the last hour; no more is judged for now"
        ),
    }))
}

/// Counts a refusal, and returns how many `key` has had.
pub fn refused(directory: &Path, kind: Kind, key: &str, now: u64) -> Result<usize, Error> {
    word(key)?;
    let mut tries = last_hour(directory, now).map_err(unavailable)?;
    tries.push(Try { at: now, key: key.to_owned(), letter: kind.letter().to_owned() });
    let mut text = String::new();
    for Try { at, key, letter } in &tries {
        let _ = writeln!(text, "{at} {key} {letter}");
    }
    private(directory).map_err(unavailable)?;
    files::write(&directory.join(NAME), text.as_bytes(), 0o600, None).map_err(unavailable)?;
    Ok(count(&tries, kind, key).0)
}

/// The directory, which belongs to the program alone; the unit creates it.
fn private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    match std::fs::DirBuilder::new().mode(0o700).create(directory) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn count(tries: &[Try], kind: Kind, key: &str) -> (usize, usize) {
    let of_kind = tries.iter().filter(|one| one.letter == kind.letter());
    (of_kind.clone().filter(|one| one.key == key).count(), of_kind.count())
}

fn last_hour(directory: &Path, now: u64) -> io::Result<Vec<Try>> {
    let text = files::read(&directory.join(NAME))?.unwrap_or_default();
    Ok(parse(&String::from_utf8_lossy(&text)).into_iter().filter(|one| now < one.at.saturating_add(HOUR)).collect())
}

fn parse(text: &str) -> Vec<Try> {
    let line = |line: &str| {
        let mut words = line.split(' ');
        let (at, key, letter) = (words.next()?.parse().ok()?, words.next()?.to_owned(), words.next()?.to_owned());
        Some(Try { at, key, letter })
    };
    text.lines().filter_map(line).collect()
}

/// Seconds since boot, which nobody can set back.
pub fn now() -> u64 {
    let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    u64::try_from(since.tv_sec).unwrap_or_default()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unavailable(why: io::Error) -> Error {
    Error::Unavailable(format!("the count of refused passwords: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 50_000;

    #[test]
    fn so_many_an_hour_are_judged_for_one_account_and_others_are_not_held_up_by_it() {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("run");
        for number in 1..=10 {
            room(&own, Kind::Verify, "1000", NOW).unwrap();
            assert_eq!(refused(&own, Kind::Verify, "1000", NOW).unwrap(), number);
        }
        for later in [0, HOUR - 1] {
            assert!(matches!(room(&own, Kind::Verify, "1000", NOW + later), Err(Error::Unavailable(_))));
        }
        room(&own, Kind::Verify, "1001", NOW).unwrap();
        room(&own, Kind::Change, "1000", NOW).unwrap();
        for _ in 0..10 {
            room(&own, Kind::Unlock, "1000", NOW).unwrap();
            refused(&own, Kind::Unlock, "1000", NOW).unwrap();
        }
        assert!(room(&own, Kind::Unlock, "1000", NOW).unwrap_err().to_string().contains("10 calls to unlock"));
        room(&own, Kind::Verify, "1000", NOW + HOUR).unwrap();
        assert_eq!(refused(&own, Kind::Verify, "1000", NOW + HOUR).unwrap(), 1);
    }

    #[test]
    fn there_is_a_bound_on_all_accounts_together_and_what_can_not_be_read_means_no() {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path();
        let lines: Vec<String> = (0..300).map(|uid| format!("{NOW} {uid} v\n")).collect();
        std::fs::write(own.join(NAME), lines.concat()).unwrap();
        assert!(room(own, Kind::Verify, "1000", NOW).is_err());
        room(own, Kind::Change, "1000", NOW).unwrap();
        std::fs::remove_file(own.join(NAME)).unwrap();
        std::fs::create_dir(own.join(NAME)).unwrap();
        assert!(room(own, Kind::Verify, "1000", NOW).is_err());
    }
}
