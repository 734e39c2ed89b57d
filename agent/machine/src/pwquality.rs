//! The settings of `pam_pwquality` and `pam_cracklib`, as libpwquality 1.4.5 and Linux-PAM read them.
//!
//! | what | how it is read |
//! |---|---|
//! | order | `*.conf` in `pwquality.conf.d` by name, then `pwquality.conf`, then the arguments of the line; the last value counts |
//! | a line | cut at `#`; a name up to a blank or `=`; blanks and one `=`; the rest is the value |
//! | a name | case is ignored |
//! | a number | as strtol(3) parses it, to its end |
//! | any other line | stops reading files; what was read before it counts, and so do the arguments |

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

const MAIN: &str = "etc/security/pwquality.conf";
const DROP_INS: &str = "etc/security/pwquality.conf.d";
/// The most bytes of a line, with its end; a longer line is invalid.
const LINE_MAX: usize = 1023;
/// Longer option names are unknown.
const NAME_MAX: usize = 79;

const NUMBERS: [&str; 16] = [
    "difok",
    "minlen",
    "dcredit",
    "ucredit",
    "lcredit",
    "ocredit",
    "minclass",
    "maxrepeat",
    "maxclassrepeat",
    "maxsequence",
    "gecoscheck",
    "dictcheck",
    "usercheck",
    "usersubstr",
    "enforcing",
    "retry",
];
const TEXTS: [&str; 2] = ["badwords", "dictpath"];
/// Set by being there; a value changes nothing.
const FLAGS: [&str; 2] = ["enforce_for_root", "local_users_only"];

/// The settings that result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    numbers: BTreeMap<&'static str, i32>,
    /// Where the dictionary is, if not where it was compiled in.
    pub dictionary: Option<PathBuf>,
    /// The line at which the reading of files stopped early, with the reason.
    pub stopped: Option<String>,
}

impl Quality {
    /// The settings of `pam_pwquality` with these arguments, on the machine below `root`.
    pub fn read(root: &Path, arguments: &[String]) -> Self {
        let mut quality = Self::default();
        quality.numbers.insert("minlen", 8);
        if let Err(why) = files(root).into_iter().try_for_each(|(path, content)| quality.file(&path, &content)) {
            quality.stopped = Some(why);
        }
        for argument in arguments {
            quality.option(argument);
        }
        quality
    }

    /// The settings of `pam_cracklib`, which has only its arguments, and other defaults.
    pub fn of_cracklib(arguments: &[String]) -> Self {
        let mut quality = Self::default();
        for (name, value) in [("minlen", 9), ("dcredit", 1), ("ucredit", 1), ("lcredit", 1), ("ocredit", 1)] {
            quality.numbers.insert(name, value);
        }
        for argument in arguments {
            quality.option(argument);
        }
        quality
    }

    /// The value of a number, or `default` if nothing sets it.
    pub fn number(&self, name: &str, default: i32) -> i32 {
        self.numbers.get(name).copied().unwrap_or(default)
    }

    /// Whether a password that breaks a rule is refused, and not just reported.
    pub fn enforces(&self) -> bool {
        self.number("enforcing", 1) != 0
    }

    /// Whether passwords are looked up in the dictionary.
    pub fn looks_up(&self) -> bool {
        self.number("dictcheck", 1) != 0
    }

    /// Applies `content`, up to a line that stops reading.
    fn file(&mut self, path: &str, content: &[u8]) -> Result<(), String> {
        let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
        for (number, line) in (1..).zip(&lines) {
            let place = |what: &str| format!("/{path}:{number}: {what}");
            if line.len() >= LINE_MAX {
                return Err(place("the line is too long"));
            }
            // It is read into a C string, which ends at a NUL; only the last line of a file can lack its own end.
            let text = line.split(|byte| *byte == 0).next().unwrap_or_default();
            if text.len() < line.len() && !text.is_empty() && number < lines.len() {
                return Err(place("a NUL"));
            }
            let line = text;
            let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
            let line = trimmed(line);
            if line.is_empty() {
                continue;
            }
            let end = line.iter().position(|byte| blank(*byte) || *byte == b'=').unwrap_or(line.len());
            let (name, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
            self.set(name, value_of(rest)).map_err(place)?;
        }
        Ok(())
    }

    fn option(&mut self, argument: &str) {
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        if name.len() <= NAME_MAX {
            // An argument that can't be parsed is skipped alone.
            let _ = self.set(name.as_bytes(), value.as_bytes());
        }
    }

    fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), &'static str> {
        let known =
            |names: &[&'static str]| names.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name)).copied();
        if let Some(name) = known(&NUMBERS) {
            let value = number(value).ok_or("the value is not a number")?;
            let value = match name {
                "minlen" => value.max(6),
                "minclass" => value.min(4),
                _ => value,
            };
            self.numbers.insert(name, value);
        } else if let Some(name) = known(&TEXTS) {
            if name == "dictpath" {
                let path = String::from_utf8_lossy(value);
                self.dictionary = (!value.is_empty()).then(|| PathBuf::from(path.as_ref()));
            }
        } else if known(&FLAGS).is_none() {
            return Err("this setting is not known");
        }
        Ok(())
    }
}

/// The files to read, in order, each with its path without the root. A drop-in that can't be opened is skipped.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(root.join(DROP_INS)).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    names.sort();
    // The first ".conf" in the name must be its end.
    let is_conf = |name: &str| name.find(".conf").is_some_and(|at| at + ".conf".len() == name.len());
    let read = |path: String| fs::read(root.join(&path)).map(|content| (path, content));
    let drop_ins = names.iter().filter_map(|name| name.to_str()).filter(|name| is_conf(name));
    let all = drop_ins.map(|name| format!("{DROP_INS}/{name}")).chain([MAIN.to_owned()]);
    all.filter_map(|path| read(path).ok()).collect()
}

/// What follows the name: blanks, and among them at most one `=`; then the value.
fn value_of(rest: &[u8]) -> &[u8] {
    let mut equals = false;
    let start = rest.iter().position(|byte| {
        let between = blank(*byte) || *byte == b'=' && !equals;
        equals |= *byte == b'=';
        !between
    });
    start.and_then(|start| rest.get(start..)).unwrap_or_default()
}

/// As strtol(3) in base 10, to the end of the text, and within an int.
fn number(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?.trim_start_matches(|c: char| u8::try_from(c).is_ok_and(blank));
    let number: i32 = text.parse().ok()?;
    (number != i32::MAX && number != i32::MIN).then_some(number)
}

fn trimmed(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| !blank(*byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !blank(*byte)).map_or(start, |at| at + 1);
    line.get(start..end).unwrap_or_default()
}

/// isspace(3) without a locale.
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Why the dictionary that `quality` uses can't be read, on the machine below `root`: without it, every password is
/// refused. `None` if it can be read, or if it is not known which one is used.
pub fn no_dictionary(root: &Path, quality: &Quality) -> Option<String> {
    if !quality.looks_up() || !quality.enforces() {
        return None;
    }
    let path = match &quality.dictionary {
        Some(path) => path.clone(),
        None => compiled_in(root)?.into(),
    };
    // cracklib opens these two files, the first of which may be compressed.
    let there = |endings: &[&str]| {
        endings.iter().any(|ending| {
            let mut file = path.clone().into_os_string();
            file.push(ending);
            let file = root.join(file.to_string_lossy().trim_start_matches('/'));
            match fs::metadata(&file) {
                Ok(meta) => meta.len() > 0,
                Err(e) => e.kind() != io::ErrorKind::NotFound,
            }
        })
    };
    let whole = there(&[".pwd", ".pwd.gz"]) && there(&[".pwi"]);
    (!whole).then(|| format!("{}.pwd or .pwi", path.display()))
}

/// Where the distribution's cracklib has its dictionary. Debian is recognized by where its libraries are.
fn compiled_in(root: &Path) -> Option<&'static str> {
    const DEBIAN: &str = "/var/cache/cracklib/cracklib_dict";
    const FEDORA: &str = "/usr/share/cracklib/pw_dict";
    let is_library = |directory: &Path| directory.join("libcrack.so.2").exists();
    let libraries = fs::read_dir(root.join("usr/lib")).into_iter().flatten().flatten();
    if libraries.map(|entry| entry.path()).any(|path| path.to_string_lossy().contains("-linux-") && is_library(&path)) {
        return Some(DEBIAN);
    }
    is_library(&root.join("usr/lib64")).then_some(FEDORA)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// A machine with these files below /etc/security.
    fn machine(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(DROP_INS)).unwrap();
        for (name, content) in files {
            fs::write(root.path().join("etc/security").join(name), content).unwrap();
        }
        root
    }

    fn minlen(files: &[(&str, &[u8])], arguments: &str) -> i32 {
        Quality::read(machine(files).path(), &words(arguments)).number("minlen", 0)
    }

    #[test]
    fn the_main_file_wins_over_its_drop_ins_and_the_line_over_both() {
        let files: &[(&str, &[u8])] = &[
            ("pwquality.conf.d/90-b.conf", b"minlen = 20\nucredit = -1\n"),
            ("pwquality.conf.d/10-a.conf", b"minlen = 30\nucredit = -3\n"),
            ("pwquality.conf.d/odd.conf.conf", b"minlen = 40\nucredit = -4\n"),
            ("pwquality.conf.d/README", b"minlen = 50\n"),
            ("pwquality.conf", b"minlen = 12\n"),
        ];
        assert_eq!(minlen(files, ""), 12);
        assert_eq!(minlen(&files[..4], ""), 20, "the last drop-in by name");
        assert_eq!(minlen(files, "retry=3 minlen=14"), 14);
        assert_eq!(Quality::read(machine(files).path(), &[]).number("ucredit", 0), -1);
        assert_eq!(minlen(&[], ""), 8, "what it is by itself");
    }

    #[test]
    fn a_line_is_read_as_the_library_reads_it() {
        for (line, want) in [
            (b"minlen 20".as_slice(), 20),
            (b"minlen=20", 20),
            (b"\t MinLen \t =\t 20 \r", 20),
            (b"minlen = +20 # caf\xe9", 20),
            (b"# minlen = 20", 8),
            (b"#", 8),
            (b"minlen = 3", 6),
            (b"gecoscheck = 1\nbadwords = caf\xe9 m\xfcller\nenforce_for_root\nlocal_users_only = no\nminlen = 20", 20),
            (b"\0 anything\nminlen 20\0", 20),
        ] {
            assert_eq!(minlen(&[("pwquality.conf", line)], ""), want, "{}", line.escape_ascii());
        }
        assert_eq!(minlen(&[("pwquality.conf", b"minclass = 9")], ""), 8);
        assert_eq!(Quality::read(machine(&[("pwquality.conf", b"minclass = 9")]).path(), &[]).number("minclass", 0), 4);
    }

    #[test]
    fn a_line_that_is_none_ends_the_reading_of_all_files_and_is_named() {
        let long = [b"#".repeat(1023), b"\nminlen = 20\n".to_vec()].concat();
        for (line, why) in [
            (b"minlen == 20".as_slice(), "not a number"),
            (b"minlen = 20 characters", "not a number"),
            (b"minlen =", "not a number"),
            (b"minlen = 0x14", "not a number"),
            (b"minlen = 2147483647", "not a number"),
            (b"minlength = 20", "not known"),
            (b"= 20", "not known"),
            (b"dcredit = -1\0\n", "NUL"),
            (&long, "too long"),
        ] {
            let root = machine(&[
                ("pwquality.conf.d/10.conf", b"dcredit = -2\n".as_slice()),
                ("pwquality.conf.d/20.conf", line),
                ("pwquality.conf", b"minlen = 30\n"),
            ]);
            let quality = Quality::read(root.path(), &words("ocredit=-1 minlength=4 ucredit=x"));
            let numbers = ["minlen", "dcredit", "ocredit"].map(|name| quality.number(name, 0));
            assert_eq!(numbers, [8, -2, -1], "{}", line.escape_ascii());
            let stopped = quality.stopped.unwrap();
            assert!(
                stopped.starts_with("/etc/security/pwquality.conf.d/20.conf:1: ") && stopped.contains(why),
                "{stopped}"
            );
        }
        let short = [b"#".repeat(1022), b"\nminlen = 20\n".to_vec()].concat();
        assert_eq!(minlen(&[("pwquality.conf", &short)], ""), 20);
    }

    #[test]
    fn a_module_that_only_warns_is_known_by_the_last_word_about_it() {
        let root = machine(&[("pwquality.conf", b"enforcing = 0\n")]);
        assert!(!Quality::read(root.path(), &[]).enforces());
        assert!(Quality::read(root.path(), &words("enforcing=1")).enforces());
        let cracklib = Quality::of_cracklib(&words("minlen=12 lcredit=0"));
        assert_eq!(["minlen", "dcredit", "lcredit"].map(|name| cracklib.number(name, 7)), [12, 1, 0]);
    }

    #[test]
    fn a_dictionary_that_is_not_there_is_named_and_one_of_which_it_can_not_be_told_is_not() {
        let root = machine(&[]);
        let path = |name: &str| root.path().join(name);
        let looked = |arguments: &str| no_dictionary(root.path(), &Quality::read(root.path(), &words(arguments)));
        assert_eq!(looked(""), None, "no cracklib");
        fs::create_dir_all(path("usr/lib/x86_64-linux-gnu")).unwrap();
        fs::write(path("usr/lib/x86_64-linux-gnu/libcrack.so.2"), "").unwrap();
        assert!(looked("").unwrap().starts_with("/var/cache/cracklib/cracklib_dict.pwd"));
        for off in ["dictcheck=0", "enforcing=0"] {
            assert_eq!(looked(off), None, "{off}");
        }
        fs::create_dir_all(path("var/cache/cracklib")).unwrap();
        fs::write(path("var/cache/cracklib/cracklib_dict.pwd"), "").unwrap();
        fs::write(path("var/cache/cracklib/cracklib_dict.pwi"), "x").unwrap();
        assert!(looked("").is_some(), "an empty one is none");
        fs::write(path("var/cache/cracklib/cracklib_dict.pwd"), "x").unwrap();
        assert_eq!(looked(""), None);
        assert!(looked("dictpath=/opt/words").unwrap().starts_with("/opt/words.pwd"));
    }
}
