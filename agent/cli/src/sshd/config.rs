//! sshd's files as sshd reads them: included files in their place, and the lines of each Match block that decide how
//! users sign in.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where a relative path of `Include` starts.
const BASE: &str = "/etc/ssh";
/// The depth up to which sshd follows includes.
const DEPTH: usize = 16;

/// The subject of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// `PasswordAuthentication`.
    Password,
    /// `KbdInteractiveAuthentication`, under any of its names.
    Conversation,
    /// `AuthenticationMethods`.
    Methods,
}

impl Keyword {
    /// Its current name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "PasswordAuthentication",
            Self::Conversation => "KbdInteractiveAuthentication",
            Self::Methods => "AuthenticationMethods",
        }
    }

    fn of(word: &str) -> Option<Self> {
        match word {
            "passwordauthentication" => Some(Self::Password),
            "kbdinteractiveauthentication" | "challengeresponseauthentication" | "skeyauthentication" => {
                Some(Self::Conversation)
            }
            "authenticationmethods" => Some(Self::Methods),
            _ => None,
        }
    }
}

/// A line that decides how users sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its subject.
    pub keyword: Keyword,
    /// Its value.
    pub value: String,
    /// Its place: `/etc/ssh/sshd_config:12`.
    pub place: String,
    /// The Match block that it is in, by its number in [`Config::blocks`]; `None` is the global section.
    pub block: Option<usize>,
}

/// A Match block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its criteria, as written: `Group staff`.
    pub criteria: String,
    /// Where it begins.
    pub place: String,
    /// Whether its file is included from within another block, so that it applies only if both match.
    pub nested: bool,
}

impl Block {
    /// As an administrator finds it: `Match Group staff (/etc/ssh/sshd_config:12)`.
    pub fn shown(&self) -> String {
        format!("Match {} ({})", self.criteria, self.place)
    }
}

/// All files together, in the order in which sshd reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The Match blocks.
    pub blocks: Vec<Block>,
    /// The statements in the global section and in blocks.
    pub statements: Vec<Statement>,
    /// What could not be read or understood.
    pub unread: Vec<String>,
    /// Whether sshd reads the file that is to be skipped, or would read it if it existed.
    pub reads_ours: bool,
}

impl Config {
    /// Reads `main` below `root` with all files that it includes, except the file `ours`.
    pub fn read(root: &Path, main: &Path, ours: Option<&Path>) -> Self {
        let mut reader = Reader { root, ours, config: Self::default() };
        reader.file(main, None, 0);
        reader.config
    }

    /// The statement of `block` about `keyword`: its first.
    pub fn word(&self, block: Option<usize>, keyword: Keyword) -> Option<&Statement> {
        self.statements.iter().find(|statement| statement.block == block && statement.keyword == keyword)
    }
}

struct Reader<'a> {
    root: &'a Path,
    ours: Option<&'a Path>,
    config: Config,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, outer: Option<usize>, depth: usize) {
        let inside = path.strip_prefix("/").unwrap_or(path);
        let content = match fs::read(self.root.join(inside)) {
            Ok(content) => content,
            Err(error) => {
                self.config.unread.push(format!("{}: {error}", path.display()));
                return;
            }
        };
        // A block ends with its file at the latest.
        let mut block = outer;
        for (number, line) in String::from_utf8_lossy(&content).lines().enumerate() {
            let place = format!("{}:{}", path.display(), number.saturating_add(1));
            let Some((keyword, rest)) = keyword(line) else { continue };
            match keyword.as_str() {
                "match" => {
                    let criteria = written(rest).to_owned();
                    self.config.blocks.push(Block { criteria, place, nested: outer.is_some() });
                    block = Some(self.config.blocks.len().saturating_sub(1));
                }
                "include" => {
                    for pattern in words(rest) {
                        self.include(&pattern, &place, block, depth);
                    }
                }
                word => {
                    if let Some(keyword) = Keyword::of(word) {
                        let value = words(rest).join(" ");
                        self.config.statements.push(Statement { keyword, value, place, block });
                    }
                }
            }
        }
    }

    fn include(&mut self, pattern: &str, place: &str, block: Option<usize>, depth: usize) {
        if depth >= DEPTH {
            self.config.unread.push(format!("{place}: files include each other"));
            return;
        }
        let pattern = Path::new(BASE).join(pattern);
        if pattern.to_string_lossy().contains('\\') {
            self.config.unread.push(format!("{place}: Include {}", pattern.display()));
            return;
        }
        if self.ours.is_some_and(|ours| fits_path(&pattern, ours)) {
            self.config.reads_ours = true;
        }
        for path in self.found(&pattern) {
            if self.ours != Some(path.as_path()) {
                self.file(&path, block, depth.saturating_add(1));
            }
        }
    }

    /// The files that `pattern` names, in the order of glob(3).
    fn found(&self, pattern: &Path) -> Vec<PathBuf> {
        let mut all = vec![PathBuf::from("/")];
        for part in pattern.components().skip(1) {
            let part = part.as_os_str().to_string_lossy();
            if !part.contains(['*', '?', '[']) {
                for path in &mut all {
                    path.push(part.as_ref());
                }
                continue;
            }
            let mut next = Vec::new();
            for path in all {
                let inside = self.root.join(path.strip_prefix("/").unwrap_or(&path));
                for entry in fs::read_dir(inside).into_iter().flatten().flatten() {
                    if fits_name(&part, &entry.file_name().to_string_lossy()) {
                        next.push(path.join(entry.file_name()));
                    }
                }
            }
            next.sort();
            all = next;
        }
        all.retain(|path| self.root.join(path.strip_prefix("/").unwrap_or(path)).exists());
        all
    }
}

fn fits_name(pattern: &str, name: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    (name.first() != Some(&'.') || pattern.first() == Some(&'.')) && globs(&name, &pattern)
}

/// Whether `pattern` matches a name as in glob(3).
fn globs(name: &[char], pattern: &[char]) -> bool {
    let one = |good: &dyn Fn(char) -> bool, rest: &[char]| {
        name.split_first().is_some_and(|(first, others)| good(*first) && globs(others, rest))
    };
    match pattern.split_first() {
        None => name.is_empty(),
        Some(('*', rest)) => (0..=name.len()).any(|at| name.get(at..).is_some_and(|others| globs(others, rest))),
        Some(('?', rest)) => one(&|_| true, rest),
        Some(('[', rest)) => match class(rest) {
            Some((all, not, rest)) => one(&|c| all.iter().any(|(from, to)| (*from..=*to).contains(&c)) != not, rest),
            None => one(&|c| c == '[', rest),
        },
        Some((wanted, rest)) => one(&|c| c == *wanted, rest),
    }
}

type Ranges = Vec<(char, char)>;

/// The content of brackets: ranges, whether they are excluded, and the text that follows.
fn class(text: &[char]) -> Option<(Ranges, bool, &[char])> {
    let (not, text) = match text.split_first() {
        Some(('!' | '^', rest)) => (true, rest),
        _ => (false, text),
    };
    // A bracket in first place stands for itself.
    let end = text.iter().skip(1).position(|c| *c == ']')?.saturating_add(1);
    let (mut inside, rest) = (text.get(..end)?, text.get(end.saturating_add(1)..)?);
    let mut all = Vec::new();
    loop {
        inside = match inside {
            [] => return Some((all, not, rest)),
            [from, '-', to, others @ ..] => {
                all.push((*from, *to));
                others
            }
            [one, others @ ..] => {
                all.push((*one, *one));
                others
            }
        };
    }
}

fn fits_path(pattern: &Path, path: &Path) -> bool {
    let (mut patterns, mut parts) = (pattern.components(), path.components());
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) => {
                let (pattern, part) = (pattern.as_os_str().to_string_lossy(), part.as_os_str().to_string_lossy());
                if !fits_name(&pattern, &part) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// The keyword of a line, in lower case, and the rest; `None` for a line without a statement.
fn keyword(line: &str) -> Option<(String, &str)> {
    let line = line.trim_matches([' ', '\t', '\r', '\n', '\u{c}']);
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    // Only the keyword may be in quotes, and one "=" may follow it.
    let (word, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => line.split_at(line.find([' ', '\t', '=', '"']).unwrap_or(line.len())),
    };
    let rest = rest.trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start_matches([' ', '\t']);
    Some((word.to_ascii_lowercase(), rest))
}

/// Words as sshd and systemd split them, and the position of the word that starts a comment.
fn parted(text: &str) -> (Vec<String>, usize) {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match (quote, c) {
            (None, ' ' | '\t') => all.extend(word.take()),
            (None, '#') if word.is_none() => return (all, at),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), _) if c == open => quote = None,
            (_, '\\') if characters.peek().is_some_and(|(_, next)| ['"', '\'', '\\'].contains(next)) => {
                word.get_or_insert_default().extend(characters.next().map(|(_, next)| next));
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    (all, text.len())
}

/// The words of `text`, without quotes, up to a comment.
pub(super) fn words(text: &str) -> Vec<String> {
    parted(text).0
}

/// `text` as written, up to a comment.
fn written(text: &str) -> &str {
    text.get(..parted(text).1).unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)], ours: Option<&str>) -> Config {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Config::read(root.path(), Path::new("/etc/ssh/sshd_config"), ours.map(Path::new))
    }

    fn said(config: &Config) -> Vec<String> {
        let block = |number: Option<usize>| number.map_or("all", |n| config.blocks[n].criteria.as_str());
        let all = config.statements.iter();
        all.map(|s| format!("{} | {} {} | {}", block(s.block), s.keyword.name(), s.value, s.place)).collect()
    }

    #[test]
    fn each_way_to_write_a_line_is_read() {
        for (line, want) in [
            ("PasswordAuthentication no", Some("PasswordAuthentication no")),
            ("  passwordauthentication\tno  \r", Some("PasswordAuthentication no")),
            ("PasswordAuthentication=no", Some("PasswordAuthentication no")),
            ("PasswordAuthentication = no", Some("PasswordAuthentication no")),
            ("PasswordAuthentication \"no\"", Some("PasswordAuthentication no")),
            ("\"PasswordAuthentication\" no", Some("PasswordAuthentication no")),
            ("PasswordAuthentication no # for now", Some("PasswordAuthentication no")),
            ("ChallengeResponseAuthentication yes", Some("KbdInteractiveAuthentication yes")),
            ("KbdInteractiveAuthentication\u{9}no\u{c}", Some("KbdInteractiveAuthentication no")),
            (
                "AuthenticationMethods publickey,password  publickey,keyboard-interactive",
                Some("AuthenticationMethods publickey,password publickey,keyboard-interactive"),
            ),
            ("#PasswordAuthentication no", None),
            ("PasswordAuthenticationX no", None),
            ("", None),
        ] {
            let config = read(&[("/etc/ssh/sshd_config", line)], None);
            let found = config.statements.first().map(|s| format!("{} {}", s.keyword.name(), s.value));
            assert_eq!(found.as_deref(), want, "{line:?}");
        }
    }

    #[test]
    fn a_block_goes_on_to_the_next_or_to_the_end_of_its_file_and_an_included_file_is_in_the_block_of_its_line() {
        let config = read(
            &[
                (
                    "/etc/ssh/sshd_config",
                    "Include sshd_config.d/*.conf /etc/ssh/none.conf\nPasswordAuthentication yes\n\
                     Match Group \"domain users\",staff  # those\n  PasswordAuthentication no\n  Include /etc/ssh/more/*\n\
                     Match all\nKbdInteractiveAuthentication no\n",
                ),
                ("/etc/ssh/sshd_config.d/20-b.conf", "KbdInteractiveAuthentication yes\n"),
                ("/etc/ssh/sshd_config.d/10-a.conf", "MATCH user bob\nPasswordAuthentication no\n"),
                ("/etc/ssh/sshd_config.d/.hidden.conf", "PasswordAuthentication no\n"),
                ("/etc/ssh/sshd_config.d/readme", "PasswordAuthentication no\n"),
                (
                    "/etc/ssh/more/x",
                    "KbdInteractiveAuthentication no\nMatch LocalPort 2222\nPasswordAuthentication yes\n",
                ),
            ],
            None,
        );
        assert_eq!(
            said(&config),
            [
                "user bob | PasswordAuthentication no | /etc/ssh/sshd_config.d/10-a.conf:2",
                "all | KbdInteractiveAuthentication yes | /etc/ssh/sshd_config.d/20-b.conf:1",
                "all | PasswordAuthentication yes | /etc/ssh/sshd_config:2",
                "Group \"domain users\",staff | PasswordAuthentication no | /etc/ssh/sshd_config:4",
                "Group \"domain users\",staff | KbdInteractiveAuthentication no | /etc/ssh/more/x:1",
                "LocalPort 2222 | PasswordAuthentication yes | /etc/ssh/more/x:3",
                "all | KbdInteractiveAuthentication no | /etc/ssh/sshd_config:7",
            ]
        );
        let nested: Vec<_> = config.blocks.iter().map(|block| block.nested).collect();
        assert_eq!(nested, [false, false, true, false]);
        assert_eq!(config.unread, Vec::<String>::new());
    }

    #[test]
    fn our_own_file_is_passed_over_and_it_is_known_whether_sshd_would_read_it() {
        let ours = "/etc/ssh/sshd_config.d/10-sspr.conf";
        for (main, there, reads) in [
            ("Include /etc/ssh/sshd_config.d/*.conf\n", true, true),
            ("Include sshd_config.d/*.conf\n", false, true),
            ("Include /etc/ssh/sshd_config.d/20-*.conf\n", true, false),
            ("Include /etc/ssh/sshd_config.d/[0-9]*.conf\n", true, true),
            ("Include /etc/ssh/sshd_config.d/[!0-9]*.conf\n", true, false),
            ("Include /etc/ssh/sshd_config.d/[]1]?-sspr.con[a-f]\n", true, true),
            ("#Include /etc/ssh/sshd_config.d/*.conf\n", true, false),
        ] {
            let mut files = vec![("/etc/ssh/sshd_config", main)];
            if there {
                files.push((ours, "KbdInteractiveAuthentication yes\n"));
            }
            let config = read(&files, Some(ours));
            assert_eq!((config.statements.len(), config.reads_ours), (0, reads), "{main}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_said_and_files_that_include_each_other_end() {
        let config = read(&[("/etc/ssh/sshd_config", "Include /etc/ssh/a\\*\nInclude /etc/ssh/sshd_config\n")], None);
        assert!(config.unread.iter().any(|what| what.contains("Include /etc/ssh/a\\*")), "{:?}", config.unread);
        assert!(config.unread.iter().any(|what| what.contains("include each other")), "{:?}", config.unread);
        assert_eq!(read(&[], None).unread.len(), 1);
        // Bytes that are not UTF-8 must not stop it.
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc/ssh")).unwrap();
        fs::write(root.path().join("etc/ssh/sshd_config"), b"# f\xfcr alle\nPasswordAuthentication no\n").unwrap();
        let config = Config::read(root.path(), Path::new("/etc/ssh/sshd_config"), None);
        assert_eq!(config.statements.len(), 1);
    }
}
