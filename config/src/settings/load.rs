//! Reading the settings file. Every refusal names the file, the line, what is wrong and the way out.

use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{Settings, check};

/// The largest settings file that is read, in bytes.
const SIZE_MAX: u64 = 1 << 20;

/// Why the settings can't be used. The text is one or two lines for an administrator.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// The file can't be had at all.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and the fix.
        why: String,
    },
    /// A line is wrong.
    #[error("{path}:{line}: {why}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it, and the fix.
        why: String,
    },
}

/// Reads and checks the settings at `path`.
///
/// The file must be there, be a regular file that belongs to root (or to whoever runs this, in a test), and be writable
/// by its owner alone: who can write it can switch the service on.
pub fn load(path: &Path) -> Result<Settings, SettingsError> {
    let refuse = |why: String| SettingsError::File { path: path.into(), why };
    let file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            refuse("there is no such file; reinstall the package or copy /usr/share/doc/sspr/sspr.toml there".into())
        }
        _ => refuse(format!("can't be read: {e}; it should be mode 0644 and belong to root")),
    })?;
    let meta = file.metadata().map_err(|e| refuse(format!("can't be read: {e}")))?;
    if !meta.is_file() {
        return Err(refuse("is not a regular file".into()));
    }
    if meta.mode() & 0o022 != 0 {
        return Err(refuse(format!(
            "is writable by others than its owner (mode {:04o}); run: chmod 0644 {}",
            meta.mode() & 0o7777,
            path.display()
        )));
    }
    let own = std::fs::metadata("/proc/self").map_or(0, |m| m.uid());
    if meta.uid() != 0 && meta.uid() != own {
        return Err(refuse(format!("belongs to uid {}; run: chown root:root {}", meta.uid(), path.display())));
    }
    let mut text = String::new();
    file.take(SIZE_MAX + 1).read_to_string(&mut text).map_err(|e| refuse(format!("can't be read as text: {e}")))?;
    if text.len() as u64 > SIZE_MAX {
        return Err(refuse("is larger than 1 MiB".into()));
    }
    parse(&text, path)
}

/// Reads and checks `text`; `path` is for the errors.
pub fn parse(text: &str, path: &Path) -> Result<Settings, SettingsError> {
    let settings: Settings = toml::from_str(text).map_err(|e| SettingsError::Line {
        path: path.into(),
        line: e.span().map_or(1, |span| line_of(text, span.start)),
        why: plain(e.message()),
    })?;
    check::check(&settings).map_err(|fault| SettingsError::Line {
        path: path.into(),
        line: line_of_key(text, fault.section, fault.key),
        why: fault.why,
    })?;
    Ok(settings)
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

/// The line on which `key` of `[section]` stands; else that of the section; else the last line, where it can be added.
fn line_of_key(text: &str, section: &str, key: &str) -> usize {
    let mut current = String::new();
    let mut heading = None;
    for (number, line) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())) {
        if let Some(rest) = line.strip_prefix('[') {
            rest.split(']').next().unwrap_or_default().trim().clone_into(&mut current);
            if current == section {
                heading = Some(number);
            }
        } else if current == section && line.split('=').next().is_some_and(|k| k.trim() == key) {
            return number;
        }
    }
    heading.unwrap_or_else(|| text.lines().count().max(1))
}

/// serde's message, with the nearest known key in place of the list of all.
fn plain(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return message.to_owned();
    };
    let Some((unknown, expected)) = rest.split_once('`') else {
        return message.to_owned();
    };
    let nearest =
        expected.split('`').skip(1).step_by(2).map(|known| (strsim::damerau_levenshtein(unknown, known), known)).min();
    match nearest {
        Some((distance, known)) if distance <= 3 => {
            format!("there is no setting {unknown:?} here; did you mean {known:?}?")
        }
        Some(_) => format!(
            "there is no setting {unknown:?} here; known are {}",
            expected.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", ")
        ),
        None => format!("there is no setting {unknown:?} here"),
    }
}
