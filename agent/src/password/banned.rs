//! The words that no password of this machine may contain: the name of the place, its products, its football club.
//!
//! Disguised words are found too: `P4ssw0rd` contains "password", and so does full-width `ｐａｓｓｗｏｒｄ`.

use std::{
    fs::OpenOptions,
    io::{self, Read as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use rustix::fs::OFlags;
use sspr_config::why::Why;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::{templates, typed::trimmed};

/// The largest file that is read, in bytes.
const SIZE_MAX: u64 = 1 << 20;
/// A shorter word would be in half of all passwords.
const WORD_MIN: usize = 3;
/// A longer one is not a word, and would not fit into the message.
const WORD_MAX: usize = 40;

/// The words, each as written in the file and in the form that is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Banned(Vec<(String, String)>);

/// Reads the file at `path`: a word on each line; empty lines and lines that begin with `#` are skipped. `Err` says in
/// one line what is wrong and how to correct it.
pub fn load(path: &Path) -> Result<Banned, Why> {
    let refuse = |why: Why| why.behind(path.display());
    // Without NONBLOCK, opening a pipe would wait.
    let flags = OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let file = opened.map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => refuse("there is no such file".into()),
        _ => refuse(Why::of(&e, format!("can't be read: {e}; it should be mode 0644 and belong to root"))),
    })?;
    let meta = file.metadata().map_err(|e| refuse(Why::of(&e, format!("can't be read: {e}"))))?;
    if !meta.is_file() {
        return Err(refuse("is not a plain file".into()));
    }
    if meta.mode() & 0o022 != 0 {
        return Err(refuse(format!("is writable by others than its owner; run: chmod 0644 {}", path.display()).into()));
    }
    if !templates::is_trusted(meta.uid()) {
        return Err(refuse(format!("belongs to uid {}; run: chown root:root {}", meta.uid(), path.display()).into()));
    }
    let mut text = String::new();
    file.take(SIZE_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|e| refuse(Why::of(&e, format!("can't be read as text: {e}"))))?;
    if text.len() as u64 > SIZE_MAX {
        return Err(refuse("is larger than 1 MiB".into()));
    }
    parse(&text).map_err(|(line, why)| format!("{}:{line}: {why}", path.display()).into())
}

fn parse(text: &str) -> Result<Banned, (usize, String)> {
    let mut words = Vec::new();
    for (number, word) in text.lines().enumerate().map(|(n, line)| (n + 1, trimmed(line))) {
        if word.is_empty() || word.starts_with('#') {
            continue;
        }
        if word.chars().any(char::is_control) {
            return Err((number, "there are control characters in this word".into()));
        }
        let folded = fold(word);
        if !(WORD_MIN..=WORD_MAX).contains(&folded.chars().count()) || word.chars().count() > WORD_MAX {
            return Err((number, format!("a banned word has {WORD_MIN} to {WORD_MAX} characters")));
        }
        words.push((word.to_owned(), folded.to_string()));
    }
    Ok(Banned(words))
}

impl Banned {
    /// A banned word that `password` contains, as written in the file; of several, the longest.
    pub fn in_password(&self, password: &str) -> Option<&str> {
        let folded = fold(password);
        let found = self.0.iter().filter(|(_, word)| folded.contains(word.as_str()));
        found.max_by_key(|(_, word)| word.len()).map(|(word, _)| word.as_str())
    }

    /// Whether nothing is banned.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `text` without its disguise: one form for what Unicode writes in several (NFKC), lower case, and letters for the
/// digits and signs that stand for them. If a sign can stand for two letters, these become one.
pub(super) fn fold(text: &str) -> Zeroizing<String> {
    // Room for the longest form, because growing would leave a copy behind.
    let mut folded = Zeroizing::new(String::with_capacity(text.len() * 4));
    // Lower case may be decomposed (İ), and has to be composed again.
    let lower = Zeroizing::new(text.nfkc().flat_map(char::to_lowercase).collect::<String>());
    for c in lower.nfkc() {
        folded.push(match c {
            '0' => 'o',
            '1' | '!' | '|' | 'l' => 'i',
            '3' | '€' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '6' | '9' => 'g',
            '7' | '+' => 't',
            '8' => 'b',
            '2' => 'z',
            other => other,
        });
    }
    folded
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_banned_word_is_found_in_every_disguise_and_nowhere_else() {
        let banned = parse("\u{feff}# ours\nacme\n\nPassword\n  Falcon  \n東京\u{3000}支社\nGrüße\n").unwrap();
        for (password, word) in [
            ("my-acme-account", "acme"),
            ("ACME rules the world", "acme"),
            ("4cm3 in disguise", "acme"),
            ("p4ssw0rd p4ssw0rd", "Password"),
            ("P@$$W0RD of mine", "Password"),
            ("ｐａｓｓｗｏｒｄ １２３４", "Password"),
            ("xxfa1c0nxx", "Falcon"),
            ("xxfa!conxx", "Falcon"),
            ("gru\u{308}ße aus Hamburg", "Grüße"),
            ("acme password", "Password"),
            ("静かな東京\u{3000}支社です", "東京\u{3000}支社"),
        ] {
            assert_eq!(banned.in_password(password), Some(word), "{password}");
        }
        for password in ["plover tundra biscuit", "ac me", "pass word", "", "fa lcon"] {
            assert_eq!(banned.in_password(password), None, "{password}");
        }
        // The mark that an editor writes at the beginning is not part of the first word.
        assert_eq!(parse("\u{feff}acme\u{a0}\r\n").unwrap().in_password("my-acme"), Some("acme"));
        assert!(parse("# nothing\n\n").unwrap().is_empty());
    }

    #[test]
    fn a_word_that_would_ban_half_of_all_passwords_is_refused_with_its_line() {
        for (text, line) in [("acme\nab\n", 2), ("é\n", 1), ("acme\n\n# x\na\u{7}bc\n", 4)] {
            assert_eq!(parse(text).unwrap_err().0, line, "{text:?}");
        }
        assert!(parse(&"x".repeat(41)).is_err());
    }

    #[test]
    fn a_file_that_others_can_write_or_that_is_no_plain_text_is_refused_with_the_fix() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("banned");
        let refused = |path: &Path| load(path).unwrap_err().to_string();
        assert!(refused(&path).contains("no such file"));
        fs::write(&path, "acme\n").unwrap();
        assert!(!load(&path).unwrap().is_empty());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(refused(&path).contains("chmod 0644"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(&path, b"acme\xff\n").unwrap();
        assert!(refused(&path).contains("as text"));
        fs::write(&path, "acme\n".repeat(1 << 18)).unwrap();
        assert!(refused(&path).contains("larger than 1 MiB"));
        assert!(refused(directory.path()).contains("not a plain file"));
        let fifo = directory.path().join("fifo");
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RUSR).unwrap();
        assert!(refused(&fifo).contains("not a plain file"));
    }
}
