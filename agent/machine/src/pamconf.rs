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

mod reading;

pub use reading::{DIRECTORIES, Kind, logical_lines, module_name, numbered_lines, words};
use reading::{Line, encoded, read_from, readable};

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

impl Line<'_> {
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
mod tests;
