//! How libpam reads its configuration: files, lines and words.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

/// Where libpam looks for a service, in this order.
pub const DIRECTORIES: [&str; 2] = ["/etc/pam.d", "/usr/lib/pam.d"];

/// Reads a configuration file as libpam finds it: an absolute path as it is, a name in the first directory that has it.
pub(super) fn read_from(directories: &[&Path]) -> impl Fn(&str) -> io::Result<String> {
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

/// Each byte as the character of its number.
fn decoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The bytes that [`decoded`] made it from.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// As text for people and paths.
pub(super) fn readable(text: &str) -> String {
    String::from_utf8_lossy(&encoded(text)).into_owned()
}

/// The name of a module that is given with or without its path.
pub fn module_name(module: &str) -> &str {
    let name = module.rsplit('/').next().unwrap_or(module);
    name.strip_suffix(".so").unwrap_or(name)
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

/// A line, in its parts.
pub(super) enum Line<'l> {
    /// `@include FILE`, Debian's way.
    IncludeAll(&'l str),
    /// `TYPE include FILE` or `TYPE substack FILE`.
    Include { kind: Kind, start: &'l str, control: &'l str, file: &'l str },
    /// `TYPE CONTROL MODULE ARGUMENTS`
    Module { kind: Kind, start: &'l str, control: &'l str, module: &'l str, arguments: Vec<&'l str> },
}

impl<'l> Line<'l> {
    pub(super) fn parse(line: &'l str) -> Option<Self> {
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

    pub(super) fn includes(&self) -> Option<&'l str> {
        match self {
            Self::IncludeAll(file) => Some(file),
            Self::Include { kind, file, .. } if *kind != Kind::Unused => Some(file),
            Self::Include { .. } | Self::Module { .. } => None,
        }
    }
}
