//! A private copy of the PAM configuration, made anew for each talk with PAM.
//!
//! The host's own lines decide, with four differences that a file in `/etc/pam.d` can't have without changing things
//! for everybody else:
//!
//! - In `password`, modules that only warn when root changes a password are made to refuse, as they would for the
//!   account's owner, and to ask once.
//! - Also in `password`, modules of directories are passed over: the account's password is this machine's, and they may ask for one
//!   of theirs. The next line that would have taken the password that they asked for (`use_authtok`) asks for it itself.
//! - In `auth`, only modules that judge the password or count failures are left. One that asks for something else,
//!   goes elsewhere or acts on a sign-in is replaced by a line without effect, so that jumps still land where they did.
//! - `account` and `session` are not used and left out, and the fallback service `other` denies.
//!
//! The text is read as `pam.conf(5)` and `libpam/pam_handlers.c` have it; a line that is not understood is an error. Files may be in any
//! encoding: here each byte is the character of that number, and is written back as the same byte.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::{
        ffi::OsStringExt as _,
        fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    },
    path::{Path, PathBuf},
};

/// Where libpam looks for a service, in this order.
pub const DIRECTORIES: [&str; 2] = ["/etc/pam.d", "/usr/lib/pam.d"];

/// `password` modules that only warn root unless told otherwise.
const QUALITY: [&str; 3] = ["pam_pwquality", "pam_cracklib", "pam_pwhistory"];

/// `password` modules that set a password elsewhere. Their lines have no effect on an account of this machine, or a harmful one.
pub const ELSEWHERE: [&str; 9] = [
    "pam_krb5",
    "pam_heimdal",
    "pam_ldap",
    "pam_sss",
    "pam_winbind",
    "pam_lsass",
    "pam_himmelblau",
    "pam_aad",
    "pam_tacplus",
];

/// `password` modules that ask for the new password unless they are told to take the one that was asked for (`use_authtok`).
pub const ASK: [&str; 5] = ["pam_unix", "pam_pwquality", "pam_cracklib", "pam_passwdqc", "pam_pwhistory"];

/// `auth` modules that judge the password, count failures, or decide by name and group which line comes next.
const JUDGES: [&str; 11] = [
    "pam_unix",
    "pam_faillock",
    "pam_tally2",
    "pam_deny",
    "pam_permit",
    "pam_succeed_if",
    "pam_localuser",
    "pam_usertype",
    "pam_listfile",
    "pam_debug",
    "pam_warn",
];

const OTHER: &str = "auth required pam_deny.so\naccount required pam_deny.so\n\
                     password required pam_deny.so\nsession required pam_deny.so\n";

/// A fault in the host's PAM configuration, for the log.
#[derive(Debug)]
pub enum ConfError {
    /// A file that is named is not there or can't be read.
    File(String, io::Error),
    /// A line is not as pam.conf(5) has it.
    Line(String, String),
    /// A file that includes itself.
    Loop(String),
    /// The copy can't be written.
    Write(PathBuf, io::Error),
}

impl fmt::Display for ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file, error) => write!(f, "PAM configuration {file}: {error}"),
            Self::Line(file, line) => write!(f, "PAM configuration {file}: this line is not understood: {line}"),
            Self::Loop(file) => write!(f, "PAM configuration {file} includes itself"),
            Self::Write(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for ConfError {}

/// Writes the copy of `service` into a new directory `pam.d` in `runtime`, which is made if needed and must be root's
/// alone. Gives the path of the copy; an earlier copy is removed.
pub fn install(service: &str, runtime: &Path) -> Result<PathBuf, ConfError> {
    let target = runtime.join("pam.d");
    let files = derive(service, &target, &read_from(&DIRECTORIES.map(Path::new)))?;
    write(&files, runtime, &target).map_err(|e| ConfError::Write(target.clone(), e))?;
    Ok(target)
}

/// The arguments of every line of `kind` and `module` that `service` leads to, as they are in the copy.
pub fn arguments(kind: Kind, service: &str, module: &str) -> Result<Vec<Vec<String>>, ConfError> {
    Ok(arguments_in(&copy(service)?, kind, module))
}

/// The same of a [`copy`].
pub fn arguments_in(copy: &BTreeMap<String, String>, kind: Kind, module: &str) -> Vec<Vec<String>> {
    copy.values().flat_map(|text| text.lines()).filter_map(|line| arguments_of(line, kind, module)).collect()
}

/// Whether any line of `service`, of whatever kind, names `module`. What can't be read or understood might.
pub fn mentions(service: &str, module: &str) -> bool {
    mentions_in(service, module, &read_from(&DIRECTORIES.map(Path::new)), 0)
}

fn mentions_in(file: &str, wanted: &str, read: &dyn Fn(&str) -> io::Result<String>, depth: usize) -> bool {
    let text = match read(file) {
        Ok(text) if depth < 16 => text,
        // A host may have no console or no sshd.
        Err(e) if e.kind() == io::ErrorKind::NotFound && depth == 0 => return false,
        _ => return true,
    };
    logical_lines(&text).iter().any(|line| match Line::parse(line) {
        Some(Line::IncludeAll(file) | Line::Include { file, .. }) => mentions_in(file, wanted, read, depth + 1),
        Some(Line::Module { module, .. }) => module_name(module) == wanted,
        None => true,
    })
}

/// Each byte as the character of its number.
fn decoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The bytes that [`decoded`] made it from.
fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// As text for people and paths.
fn readable(text: &str) -> String {
    String::from_utf8_lossy(&encoded(text)).into_owned()
}

fn arguments_of(line: &str, wanted_kind: Kind, wanted: &str) -> Option<Vec<String>> {
    match Line::parse(line)? {
        Line::Module { kind, module, arguments, .. } if kind == wanted_kind && module_name(module) == wanted => {
            Some(arguments.into_iter().map(readable).collect())
        }
        _ => None,
    }
}

/// The copy of `service`, as it would be written; what it includes stands in `/`.
pub fn copy(service: &str) -> Result<BTreeMap<String, String>, ConfError> {
    derive(service, Path::new("/"), &read_from(&DIRECTORIES.map(Path::new)))
}

/// Kind, control, module or file, and arguments of a line of the copy.
pub fn parts(line: &str) -> Option<(Kind, String, String, Vec<String>)> {
    match Line::parse(line)? {
        Line::IncludeAll(_) => None,
        Line::Include { kind, control, file, .. } => {
            Some((kind, control.to_ascii_lowercase(), file.to_owned(), Vec::new()))
        }
        Line::Module { kind, control, module, arguments, .. } => {
            let arguments = arguments.into_iter().map(readable).collect();
            Some((kind, control.to_ascii_lowercase(), module.to_owned(), arguments))
        }
    }
}

/// The name of a module that is given with or without its path.
pub fn module_name(module: &str) -> &str {
    let name = module.rsplit('/').next().unwrap_or(module);
    name.strip_suffix(".so").unwrap_or(name)
}

fn write(files: &BTreeMap<String, String>, runtime: &Path, target: &Path) -> io::Result<()> {
    let mut private = DirBuilder::new();
    private.mode(0o700);
    match private.create(runtime) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    let meta = fs::symlink_metadata(runtime)?;
    if !meta.is_dir() || meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o022 != 0 {
        return Err(io::Error::other("the directory above must belong to root and be writable by nobody else"));
    }
    match fs::remove_dir_all(target) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    private.create(target)?;
    for (name, text) in files {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(target.join(OsString::from_vec(encoded(name))))?;
        file.write_all(&encoded(text))?;
    }
    Ok(())
}

/// Reads a configuration file as libpam finds it: an absolute path as it is, a name in the first directory that has it.
fn read_from(directories: &[&Path]) -> impl Fn(&str) -> io::Result<String> {
    move |name| {
        let path = PathBuf::from(OsString::from_vec(encoded(name)));
        let read = |path: &Path| fs::read(path).map(|bytes| decoded(&bytes));
        if path.is_absolute() {
            return read(&path);
        }
        if name.is_empty() || name.contains('/') || name.starts_with('.') {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a service"));
        }
        for directory in directories {
            match read(&directory.join(&path)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                done => return done,
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

/// The files of the copy that will stand in `target`, by name: `service`, everything that it includes, and `other`.
fn derive(
    service: &str,
    target: &Path,
    read: &dyn Fn(&str) -> io::Result<String>,
) -> Result<BTreeMap<String, String>, ConfError> {
    let files = BTreeMap::from([("other".to_owned(), OTHER.to_owned())]);
    let mut copy = Copy { target, read, files, open: Vec::new(), asking: Asking::default() };
    copy.add(service, service.to_owned())?;
    Ok(copy.files)
}

/// A copy in the making.
struct Copy<'a> {
    target: &'a Path,
    read: &'a dyn Fn(&str) -> io::Result<String>,
    files: BTreeMap<String, String>,
    /// The files that are being read, each included by the one before.
    open: Vec<String>,
    asking: Asking,
}

/// Which module has asked for the new password so far, while the `password` lines are read.
#[derive(Default)]
struct Asking {
    /// A line was passed over that would have.
    passed_over: bool,
    /// One did that stands in the copy.
    asked: bool,
}

impl Copy<'_> {
    fn add(&mut self, source: &str, name: String) -> Result<(), ConfError> {
        if self.open.iter().any(|name| name == source) {
            return Err(ConfError::Loop(source.to_owned()));
        }
        if self.files.contains_key(&name) {
            return Ok(());
        }
        self.open.push(source.to_owned());
        let text = (self.read)(source).map_err(|e| ConfError::File(readable(source), e))?;
        let mut lines = String::new();
        for line in logical_lines(&text) {
            let line = Line::parse(&line).ok_or_else(|| ConfError::Line(readable(source), readable(&line)))?;
            if let Some(included) = line.includes() {
                self.add(included, copy_name(included))?;
            }
            if let Some(line) = line.derived(self.target, &mut self.asking) {
                lines.push_str(&line);
                lines.push('\n');
            }
        }
        self.open.pop();
        self.files.insert(name, lines);
        Ok(())
    }
}

/// The name in the copy of a file that is included. Never that of the service itself or of `other`.
fn copy_name(included: &str) -> String {
    format!("included-{}", included.replace('/', "%"))
}

/// The lines with something on them: without comments, and with those joined that end in a backslash.
pub fn logical_lines(text: &str) -> Vec<String> {
    numbered_lines(text).into_iter().map(|(_, line)| line).collect()
}

/// The same, each with the number that its first line has in the file.
pub fn numbered_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let (mut first, mut current) = (1, String::new());
    for (number, physical) in (1..).zip(text.lines()) {
        let (content, comment) = match physical.split_once('#') {
            Some((content, _)) => (content, true),
            None => (physical, false),
        };
        let content = content.trim_matches(blank);
        if let Some(start) = content.strip_suffix('\\').filter(|_| !comment) {
            current.push_str(start);
            current.push(' ');
        } else {
            current.push_str(content);
            lines.push((first, std::mem::take(&mut current)));
            first = number + 1;
        }
    }
    lines.push((first, current));
    lines.retain(|(_, line)| !line.trim().is_empty());
    lines
}

/// What libpam parts words by; a byte of a longer character may look like another blank.
fn blank(c: char) -> bool {
    c.is_ascii_whitespace()
}

/// The words of a line; what stands in square brackets is one word, as libpam has it.
pub fn words(line: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = line.trim_start_matches(blank);
    while !rest.is_empty() {
        let end = if rest.starts_with('[') {
            let mut escaped = false;
            let close = rest.char_indices().find(|(_, c)| {
                let closes = *c == ']' && !escaped;
                escaped = *c == '\\' && !escaped;
                closes
            });
            close?.0 + 1
        } else {
            rest.find(blank).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at_checked(end)?;
        found.push(word);
        rest = after.trim_start_matches(blank);
    }
    Some(found)
}

/// What a line is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `auth`.
    Auth,
    /// `password`.
    Password,
    /// `account` and `session`.
    Unused,
}

enum Line<'l> {
    /// `@include FILE`, Debian's way.
    IncludeAll(&'l str),
    /// `TYPE include FILE` or `TYPE substack FILE`.
    Include { kind: Kind, start: &'l str, control: &'l str, file: &'l str },
    /// `TYPE CONTROL MODULE ARGUMENTS`
    Module { kind: Kind, start: &'l str, control: &'l str, module: &'l str, arguments: Vec<&'l str> },
}

impl<'l> Line<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        let words = words(line)?;
        let (start, rest) = words.split_first()?;
        if start.eq_ignore_ascii_case("@include") {
            let [file] = rest else { return None };
            return Some(Self::IncludeAll(file));
        }
        let kind = match start.strip_prefix('-').unwrap_or(start).to_ascii_lowercase().as_str() {
            "auth" => Kind::Auth,
            "password" => Kind::Password,
            "account" | "session" => Kind::Unused,
            _ => return None,
        };
        let [control, module, arguments @ ..] = rest else { return None };
        if control.eq_ignore_ascii_case("include") || control.eq_ignore_ascii_case("substack") {
            return Some(Self::Include { kind, start, control, file: module });
        }
        Some(Self::Module { kind, start, control, module, arguments: arguments.to_vec() })
    }

    fn includes(&self) -> Option<&'l str> {
        match self {
            Self::IncludeAll(file) => Some(file),
            Self::Include { kind, file, .. } if *kind != Kind::Unused => Some(file),
            Self::Include { .. } | Self::Module { .. } => None,
        }
    }

    /// The line in the copy that stands in `target`; `None` where it has no use there.
    ///
    /// Includes name their file by its full path. A bare name would be looked for in `/etc/pam.d`, whatever directory
    /// `pam_start_confdir` was given (Linux-PAM 1.5), and so find the lines that only warn.
    fn derived(&self, target: &Path, asking: &mut Asking) -> Option<String> {
        let path = |file: &str| target.join(copy_name(file)).display().to_string();
        match self {
            Self::IncludeAll(file) => {
                let path = path(file);
                Some(format!("auth include {path}\npassword include {path}"))
            }
            Self::Include { kind: Kind::Unused, .. } | Self::Module { kind: Kind::Unused, .. } => None,
            Self::Include { start, control, file, .. } => Some(format!("{start} {control} {}", path(file))),
            Self::Module { kind, start, control, module, arguments } => {
                let name = module_name(module);
                // Our own module would ask the agent, which waits for this very call.
                let passed_over = match kind {
                    Kind::Auth => !JUDGES.contains(&name),
                    Kind::Password => ELSEWHERE.contains(&name),
                    Kind::Unused => false,
                };
                if name == "pam_sspr" || passed_over {
                    asking.passed_over |= passed_over && *kind == Kind::Password;
                    return Some(format!("{start} [default=ignore] pam_permit.so"));
                }
                let mut arguments = if *kind == Kind::Password { enforced(name, arguments) } else { arguments.clone() };
                if *kind == Kind::Password && ASK.contains(&name) {
                    if asking.passed_over && !asking.asked {
                        arguments.retain(|argument| !matches!(*argument, "use_authtok" | "use_first_pass"));
                    }
                    asking.asked = true;
                }
                let mut line = format!("{start} {control} {module}");
                for argument in arguments {
                    line.push(' ');
                    line.push_str(argument);
                }
                Some(line)
            }
        }
    }
}

/// `arguments` of the password module `name`, with which it refuses root what it would refuse the owner.
fn enforced<'a>(name: &str, arguments: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = arguments.to_vec();
    let asks_once = |arguments: &mut Vec<&'a str>| {
        arguments.retain(|a| !a.starts_with("retry="));
        arguments.push("retry=1");
    };
    if QUALITY.contains(&name) {
        asks_once(&mut arguments);
        if !arguments.contains(&"enforce_for_root") {
            arguments.push("enforce_for_root");
        }
    } else if name == "pam_passwdqc" {
        asks_once(&mut arguments);
        if arguments.contains(&"enforce=users") {
            arguments.push("enforce=everyone");
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The copy of `files`, of which the first is the service.
    fn copied(files: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
        let read = |name: &str| {
            let found = files.iter().find(|(n, _)| *n == name);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
        };
        derive(files[0].0, Path::new("/run/x"), &read).map_err(|e| e.to_string())
    }

    /// What becomes of one line.
    fn line(text: &str) -> String {
        copied(&[("sspr", text), ("common-auth", ""), ("/etc/x", "")]).unwrap()["sspr"].clone()
    }

    #[test]
    fn modules_that_only_warn_root_are_made_to_refuse_and_ask_once() {
        for (from, to) in [
            (
                "password requisite pam_pwquality.so retry=3",
                "password requisite pam_pwquality.so retry=1 enforce_for_root\n",
            ),
            (
                "password requisite /lib/security/pam_pwquality.so enforce_for_root minlen=12",
                "password requisite /lib/security/pam_pwquality.so enforce_for_root minlen=12 retry=1\n",
            ),
            (
                "PASSWORD [success=1 new_authtok_reqd=ok default=die] pam_pwhistory.so remember=5 use_authtok",
                "PASSWORD [success=1 new_authtok_reqd=ok default=die] pam_pwhistory.so remember=5 use_authtok retry=1 enforce_for_root\n",
            ),
            ("-password required pam_cracklib.so", "-password required pam_cracklib.so retry=1 enforce_for_root\n"),
            (
                "password requisite pam_passwdqc.so enforce=users [min=disabled, 24]",
                "password requisite pam_passwdqc.so enforce=users [min=disabled, 24] retry=1 enforce=everyone\n",
            ),
            (
                "password requisite pam_passwdqc.so enforce=none",
                "password requisite pam_passwdqc.so enforce=none retry=1\n",
            ),
            (
                "password [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt # hashes",
                "password [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt\n",
            ),
            ("password optional pam_exec.so [a \\] b] c", "password optional pam_exec.so [a \\] b] c\n"),
        ] {
            assert_eq!(line(from), to);
        }
    }

    #[test]
    fn only_lines_that_judge_a_password_keep_their_effect_and_every_line_its_place() {
        for (from, to) in [
            ("auth required pam_unix.so nullok", "auth required pam_unix.so nullok\n"),
            ("auth [default=die] pam_faillock.so authfail", "auth [default=die] pam_faillock.so authfail\n"),
            ("auth [success=1 default=ignore] pam_sss.so", "auth [default=ignore] pam_permit.so\n"),
            ("auth sufficient pam_u2f.so", "auth [default=ignore] pam_permit.so\n"),
            ("-auth required pam_google_authenticator.so", "-auth [default=ignore] pam_permit.so\n"),
            ("auth sufficient pam_sspr.so", "auth [default=ignore] pam_permit.so\n"),
            ("password optional pam_sspr.so", "password [default=ignore] pam_permit.so\n"),
            (
                "password [success=2 default=ignore] pam_krb5.so minimum_uid=1000",
                "password [default=ignore] pam_permit.so\n",
            ),
            ("password sufficient pam_sss.so use_authtok", "password [default=ignore] pam_permit.so\n"),
            ("account required pam_unix.so", ""),
            ("session optional pam_systemd.so", ""),
            ("-session include system-auth", ""),
        ] {
            assert_eq!(line(from), to);
        }
    }

    /// As Debian's profile of `pam_krb5` leaves `common-password`.
    #[test]
    fn the_line_behind_a_directorys_that_is_passed_over_asks_for_the_password_itself() {
        let krb5 = "password [success=3 default=ignore] pam_krb5.so minimum_uid=1000\n";
        let unix = "password [success=2 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt\n";
        let asks = "password [success=2 default=ignore] pam_unix.so obscure try_first_pass yescrypt\n";
        let nothing = "password [default=ignore] pam_permit.so\n";
        assert_eq!(line(&format!("{krb5}{unix}")), format!("{nothing}{asks}"));
        let sss = "password [success=1 default=ignore] pam_sss.so use_authtok\n";
        assert_eq!(line(&format!("{krb5}{unix}{sss}")), format!("{nothing}{asks}{nothing}"));
        // Where another line asks, it is as it was.
        let quality = "password requisite pam_pwquality.so retry=3\n";
        for before in [format!("{quality}{krb5}"), format!("{krb5}{quality}")] {
            assert!(line(&format!("{before}{unix}")).ends_with(unix));
        }
        // Also across files.
        let copy = copied(&[("sspr", "@include a\n@include b\n"), ("a", krb5), ("b", unix)]).unwrap();
        assert_eq!(copy["included-b"], asks);
        // Nothing was passed over: it can't be set, and that is said.
        assert_eq!(line(unix), unix);
    }

    #[test]
    fn every_kind_of_include_is_followed_and_renamed() {
        let copy = copied(&[
            ("sspr", "@include common-auth\npassword include system-auth\npassword\tsubstack /etc/pam.d/extra\n"),
            ("common-auth", "auth required pam_unix.so\n@include deeper\n"),
            ("deeper", "password required pam_deny.so\n"),
            ("system-auth", "auth required pam_deny.so\npassword substack deeper\n"),
            ("/etc/pam.d/extra", "password required pam_pwquality.so\n"),
        ]);
        let copy = copy.unwrap();
        let names: Vec<&str> = copy.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "included-%etc%pam.d%extra",
                "included-common-auth",
                "included-deeper",
                "included-system-auth",
                "other",
                "sspr"
            ]
        );
        assert_eq!(
            copy["sspr"],
            "auth include /run/x/included-common-auth\npassword include /run/x/included-common-auth\n\
             password include /run/x/included-system-auth\npassword substack /run/x/included-%etc%pam.d%extra\n"
        );
        assert_eq!(copy["included-%etc%pam.d%extra"], "password required pam_pwquality.so retry=1 enforce_for_root\n");
        assert_eq!(copy["other"], OTHER);
    }

    #[test]
    fn comments_and_continued_lines_are_read_as_libpam_does() {
        assert_eq!(
            line("# a comment\n\n   \nauth required \\\n   pam_unix.so nullok\n"),
            "auth required  pam_unix.so nullok\n".replace("  ", " ")
        );
        assert_eq!(
            line("auth required pam_unix.so # nullok \\\nauth required pam_deny.so"),
            "auth required pam_unix.so\nauth required pam_deny.so\n"
        );
    }

    #[test]
    fn a_line_has_the_number_that_it_begins_at() {
        let text = "# one\n\nauth required \\\n pam_unix.so\nauth required pam_deny.so # no\n";
        let lines = numbered_lines(text);
        let numbers: Vec<usize> = lines.iter().map(|(number, _)| *number).collect();
        assert_eq!((numbers, lines.len()), (vec![3, 5], 2), "{lines:?}");
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for text in [
            "authentication required pam_unix.so",
            "auth required",
            "auth",
            "auth [success=1 pam_unix.so",
            "@include",
            "@include a b",
            "password include",
        ] {
            let error = copied(&[("sspr", text)]).unwrap_err();
            assert!(error.contains("not understood"), "{text}: {error}");
        }
        assert!(copied(&[("sspr", "@include missing")]).unwrap_err().contains("missing"));
        let error = copied(&[("sspr", "@include a"), ("a", "auth include b"), ("b", "@include a")]).unwrap_err();
        assert!(error.contains("includes itself"), "{error}");
    }

    #[test]
    fn files_may_be_in_any_encoding_and_the_copy_is_byte_for_byte() {
        let dir = tempfile::tempdir().unwrap();
        // Latin-1 in a comment; "à" in UTF-8, of which the second byte alone would be a blank of Latin-1.
        let text = b"# f\xfcr alle\npassword optional pam_exec.so /opt/voil\xc3\xa0 \xe9\n@include d\xe9j\xe0\n";
        fs::write(dir.path().join("sspr"), text).unwrap();
        let odd = PathBuf::from(OsString::from_vec(b"d\xe9j\xe0".to_vec()));
        fs::write(dir.path().join(odd), "auth required pam_unix.so\n").unwrap();
        let directories = [dir.path()];
        let target = dir.path().join("run/pam.d");
        let copy = derive("sspr", Path::new("/run/x"), &read_from(&directories)).unwrap();
        write(&copy, &dir.path().join("run"), &target).unwrap();
        let written = fs::read(target.join("sspr")).unwrap();
        assert!(written.starts_with(b"password optional pam_exec.so /opt/voil\xc3\xa0 \xe9\n"), "{written:?}");
        assert!(written.ends_with(b"included-d\xe9j\xe0\n"), "{written:?}");
        let line = copy["sspr"].lines().next().unwrap();
        assert_eq!(arguments_of(line, Kind::Password, "pam_exec").unwrap()[0], "/opt/voil\u{e0}");
    }

    #[test]
    fn a_module_is_found_in_lines_of_every_kind_and_what_is_not_understood_might_name_it() {
        let read = |name: &str| match name {
            "sshd" => Ok("auth required pam_unix.so\n@include common-account\n".to_owned()),
            "common-account" => Ok("account [success=1 default=bad] /lib/security/pam_shells.so\n".to_owned()),
            "broken" => Ok("account\n".to_owned()),
            "plain" => Ok("account required pam_unix.so # pam_shells.so\n".to_owned()),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        for (service, want) in [("sshd", true), ("plain", false), ("broken", true), ("missing", false)] {
            assert_eq!(mentions_in(service, "pam_shells", &read, 0), want, "{service}");
        }
    }

    #[test]
    fn a_name_in_the_first_directory_wins_and_no_name_leaves_the_directories() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(first.path().join("both"), "1").unwrap();
        fs::write(second.path().join("both"), "2").unwrap();
        fs::write(second.path().join("vendor"), "3").unwrap();
        let directories = [first.path(), second.path()];
        let read = read_from(&directories);
        assert_eq!((read("both").unwrap(), read("vendor").unwrap()), ("1".into(), "3".into()));
        for name in ["", "..", "../etc/passwd", "a/b", ".hidden", "missing"] {
            assert!(read(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_copy_is_for_its_owner_alone_and_replaces_the_last_one() {
        let dir = tempfile::tempdir().unwrap();
        let (runtime, target) = (dir.path().join("run"), dir.path().join("run/pam.d"));
        write(&BTreeMap::from([("old".into(), "1".into())]), &runtime, &target).unwrap();
        write(&BTreeMap::from([("new".into(), "2".into())]), &runtime, &target).unwrap();
        let names: Vec<_> = fs::read_dir(&target).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["new"]);
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&runtime), mode(&target), mode(&target.join("new"))), (0o700, 0o700, 0o600));
    }

    #[test]
    fn a_runtime_directory_that_others_can_write_or_that_is_a_link_is_refused() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (open, link) = (dir.path().join("open"), dir.path().join("link"));
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        symlink(dir.path(), &link).unwrap();
        for runtime in [open, link] {
            assert!(write(&BTreeMap::new(), &runtime, &runtime.join("pam.d")).is_err(), "{runtime:?}");
        }
    }
}
