//! What root's helper did, and what the directory's program did, each in a file of its own where the agent can't write: the witnesses
//! of the agent's audit trail. A line each, with the time, a word and what it is about; lines are added and none is changed. A
//! local account is a uid, and one of a directory is the directory's id with `@` before it; a host of a fleet, which has no such
//! id, writes the name.

use std::{
    fmt,
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::Error;

/// Where the helper's is on an installed machine. The unit makes its directory, which is root's alone.
pub const FILE: &str = "/var/lib/sspr-credential/witness";
/// Where the one of the directory's program is. The unit makes its directory, which is that program's alone.
pub const DIRECTORY: &str = "/var/lib/sspr-directory/witness";

/// Where nothing was done meanwhile, the chain's head is written down so often at most, in seconds: a captured agent must not fill
/// the disk.
const HEADS_EVERY: u64 = 3600;
/// A line is not longer.
const LINE_MAX: usize = 160;
/// A file is not read if it is larger, in bytes: whoever took over the program that writes it must not fill root's memory.
const FILE_MAX: u64 = 256 << 20;

/// Seconds since 1970, as the audit trail dates its rows.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Whose account it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// The account of this host with this uid.
    Uid(u32),
    /// The entry of the directory with this id, which is one word.
    Entry(String),
}

impl Who {
    fn read(word: &str) -> Option<Self> {
        match word.strip_prefix('@') {
            Some(id) if !id.is_empty() => Some(Self::Entry(id.to_owned())),
            Some(_) => None,
            None => word.parse().ok().map(Self::Uid),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uid(uid) => write!(f, "{uid}"),
            Self::Entry(id) => write!(f, "@{id}"),
        }
    }
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A change of this account's password begins.
    Trying(Who),
    /// It was made.
    Changed(Who),
    /// It was not made.
    Unchanged(Who),
    /// The account was unlocked.
    Unlocked(Who),
    /// The password of this entry of a directory was just set there, as the agent says and the directory's program does not deny.
    Settled(String),
    /// The audit trail's chain at a row, as the agent says at that time.
    Head(i64, String),
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, in seconds since the epoch.
    pub at: u64,
    /// What.
    pub what: What,
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (at, word, about) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
        let who = || Who::read(about);
        let what = match word {
            "trying" => What::Trying(who()?),
            "changed" => What::Changed(who()?),
            "unchanged" => What::Unchanged(who()?),
            "unlocked" => What::Unlocked(who()?),
            "settled" => What::Settled(about.to_owned()),
            "head" => What::Head(about.parse().ok()?, words.next()?.to_owned()),
            _ => return None,
        };
        words.next().is_none().then_some(Self { at, what })
    }

    fn text(&self) -> String {
        let at = self.at;
        match &self.what {
            What::Trying(who) => format!("{at} trying {who}\n"),
            What::Changed(who) => format!("{at} changed {who}\n"),
            What::Unchanged(who) => format!("{at} unchanged {who}\n"),
            What::Unlocked(who) => format!("{at} unlocked {who}\n"),
            What::Settled(id) => format!("{at} settled {id}\n"),
            What::Head(row, chain) => format!("{at} head {row} {chain}\n"),
        }
    }
}

/// What comes from the agent stands as one word in a line.
fn word(text: &str) -> Result<(), Error> {
    let is_word = (1..LINE_MAX / 2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word { Ok(()) } else { Err(Error::Refused("that is not one word".to_owned())) }
}

/// Adds a line to the file at `path`, which is made if it is missing.
pub fn add(path: &Path, what: What, now: u64) -> Result<(), Error> {
    match &what {
        What::Settled(text) | What::Head(_, text) => word(text)?,
        What::Trying(who) | What::Changed(who) | What::Unchanged(who) | What::Unlocked(who) => {
            if let Who::Entry(id) = who {
                word(id)?;
            }
        }
    }
    append(path, &Line { at: now, what }.text()).map(drop).map_err(|why| unavailable(path, &why))
}

/// Adds the head of the chain, if something was done since the last one or an hour is over, and has all of it reach the disk.
pub fn add_head(path: &Path, row: i64, chain: &str, now: u64) -> Result<(), Error> {
    word(chain)?;
    let last = last(path).map_err(|why| unavailable(path, &why))?;
    if let Some(Line { at, what: What::Head(..) }) = last
        && now.abs_diff(at) < HEADS_EVERY
    {
        return Ok(());
    }
    let line = Line { at: now, what: What::Head(row, chain.to_owned()) };
    let file = append(path, &line.text()).map_err(|why| unavailable(path, &why))?;
    file.sync_data().map_err(|why| unavailable(path, &why))
}

/// All lines of the file at `path`, oldest first; `None` if there is no such file. What is no line, as after a power cut, is passed
/// over. No link is followed.
pub fn read(path: &Path) -> io::Result<Option<Vec<Line>>> {
    use rustix::fs::OFlags;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(why),
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > FILE_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no file, or much too large"));
    }
    let mut content = Vec::new();
    file.take(FILE_MAX).read_to_end(&mut content)?;
    Ok(Some(String::from_utf8_lossy(&content).lines().filter_map(Line::read).collect()))
}

fn unavailable(path: &Path, why: &io::Error) -> Error {
    Error::Unavailable(format!("{}: {why}", path.display()))
}

fn append(path: &Path, line: &str) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(why) if why.kind() != io::ErrorKind::AlreadyExists => return Err(why),
            _ => {}
        }
    }
    let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).custom_flags(flags).open(path)?;
    // A full disk or a loss of power can leave half a line: this one must not run into it.
    let line = if ends_a_line(&file)? { line.to_owned() } else { format!("\n{line}") };
    // In one piece, so that no line runs into another.
    if file.write(line.as_bytes())? == line.len() { Ok(file) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Whether the next line begins where `file` ends.
fn ends_a_line(file: &File) -> io::Result<bool> {
    let Some(at) = file.metadata()?.len().checked_sub(1) else { return Ok(true) };
    let mut end = [0];
    file.read_exact_at(&mut end, at)?;
    Ok(end == *b"\n")
}

/// The last line.
fn last(path: &Path) -> io::Result<Option<Line>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(why),
    };
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(2 * LINE_MAX as u64)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).lines().next_back().and_then(Line::read))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const CHAIN: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn what_was_done_is_read_again_in_its_order_and_only_root_can_read_it() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("its own/witness");
        assert_eq!(read(&path).unwrap(), None);
        let done = [
            What::Trying(Who::Uid(1001)),
            What::Changed(Who::Uid(1001)),
            What::Unchanged(Who::Uid(1002)),
            What::Unlocked(Who::Entry("1003".into())),
            What::Settled("5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11".into()),
        ];
        for (what, at) in done.iter().zip(100..) {
            add(&path, what.clone(), at).unwrap();
        }
        add_head(&path, 7, CHAIN, 200).unwrap();
        let lines = read(&path).unwrap().unwrap();
        assert_eq!(lines.iter().map(|line| &line.what).collect::<Vec<_>>()[..5], done.iter().collect::<Vec<_>>());
        assert_eq!(lines[5], Line { at: 200, what: What::Head(7, CHAIN.into()) });
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn an_agent_that_repeats_the_head_adds_one_line_an_hour_and_one_after_each_change() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("witness");
        let lines = || read(&path).unwrap().unwrap().len();
        for at in 1000..1100 {
            add_head(&path, 1, CHAIN, at).unwrap();
        }
        assert_eq!(lines(), 1);
        add_head(&path, 2, CHAIN, 1000 + HEADS_EVERY).unwrap();
        assert_eq!(lines(), 2);
        add(&path, What::Changed(Who::Uid(1001)), 5000).unwrap();
        add_head(&path, 3, CHAIN, 5000).unwrap();
        add_head(&path, 4, CHAIN, 5000).unwrap();
        assert_eq!(lines(), 4);
    }

    #[test]
    fn what_an_agent_says_can_not_make_a_line_of_its_own_and_half_a_line_hides_no_other() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("witness");
        for chain in ["", "a b", "a\n1 changed 1001", &"a".repeat(LINE_MAX)] {
            assert!(add_head(&path, 1, chain, 1).is_err(), "{chain:?}");
            assert!(add(&path, What::Settled(chain.to_owned()), 1).is_err(), "{chain:?}");
            assert!(add(&path, What::Changed(Who::Entry(chain.to_owned())), 1).is_err(), "{chain:?}");
        }
        assert_eq!(read(&path).unwrap(), None);
        std::fs::write(
            &path,
            "1 changed 1001\n2 chan\n3 changed 1002 more\n4 changed -1\n4 changed @\n\n5 unlocked 1003\n",
        )
        .unwrap();
        let lines = read(&path).unwrap().unwrap();
        assert_eq!(lines.iter().map(|line| line.at).collect::<Vec<_>>(), [1, 5]);
        std::fs::write(&path, "1 changed 1001\n2 chan").unwrap();
        add(&path, What::Changed(Who::Uid(1003)), 3).unwrap();
        let lines = read(&path).unwrap().unwrap();
        assert_eq!(lines.iter().map(|line| line.at).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn where_nothing_can_be_written_it_is_said_and_no_link_is_followed() {
        let place = tempfile::tempdir().unwrap();
        let victim = place.path().join("victim");
        std::fs::write(&victim, "").unwrap();
        let path = place.path().join("witness");
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        let trying = What::Trying(Who::Uid(1001));
        assert!(add(&path, trying.clone(), 1).is_err() && read(&path).is_err());
        assert_eq!(std::fs::read(&victim).unwrap(), b"");
        assert!(add(Path::new("/proc/nowhere/witness"), trying, 1).is_err());
        assert!(read(place.path()).is_err());
    }
}
