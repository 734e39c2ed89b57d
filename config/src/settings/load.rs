//! Reads the settings. Every error names the file, the line, the fault and the fix.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Settings,
    merged::{Merged, Origin},
    sources::{self, Source},
    words,
};
use crate::why::Why;

/// Why the settings can't be used. The text is one or two lines for an administrator.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// The file can't be read at all.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The fault, and its fix.
        why: Why,
    },
    /// A line is wrong.
    #[error("{path}:{line}: {why}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The fault, and its fix.
        why: String,
    },
}

/// Settings, and their files.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings in force.
    pub settings: Settings,
    /// The files, in the order in which they were merged.
    pub files: Vec<PathBuf>,
    origins: BTreeMap<String, Origin>,
}

/// A key with its value in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// Such as `phone.twilio`.
    pub section: String,
    /// Such as `account_sid`.
    pub key: String,
    /// The value in force; `None` if it is unset and has no default.
    pub value: Option<toml::Value>,
    /// Where it is written; `None` for a default.
    pub origin: Option<Origin>,
}

impl Loaded {
    /// Where `key` of `section` is written, the last place if there are several; `None` for a default.
    pub fn origin(&self, section: &str, key: &str) -> Option<&Origin> {
        self.origins.get(&format!("{section}.{key}"))
    }

    /// Every key with its value in force, in the order of the shipped file. A gateway that is not set up is left out.
    pub fn effective(&self) -> Vec<Effective> {
        let table = toml::Table::try_from(&self.settings).unwrap_or_default();
        let section_of = |name: &str| {
            let mut parts = name.split('.');
            let first = parts.next().and_then(|part| table.get(part)?.as_table());
            parts.fold(first, |above, part| above?.get(part)?.as_table())
        };
        words::shipped()
            .filter_map(|(section, key, _)| {
                Some(Effective {
                    section: section.into(),
                    key: key.into(),
                    value: section_of(section)?.get(key).cloned(),
                    origin: self.origin(section, key).cloned(),
                })
            })
            .collect()
    }
}

/// Reads and checks the settings at `path`, with the drop-ins from the directory beside it (`sspr.toml.d`) on top.
///
/// Each file must be a regular file that belongs to root (or to the user who runs a test), and only its owner may be able to write it: a
/// user who can write it can switch the service on.
pub fn load(path: &Path) -> Result<Settings, SettingsError> {
    load_with_origins(path).map(|loaded| loaded.settings)
}

/// The same, and where each value comes from.
pub fn load_with_origins(path: &Path) -> Result<Loaded, SettingsError> {
    let sources = sources::read(path)?;
    let merged = Merged::of(&sources)?;
    Ok(Loaded {
        settings: merged.settings()?,
        origins: merged.origins(),
        files: sources.iter().map(|source| source.path.clone()).collect(),
    })
}

/// Reads and checks `text` alone; `path` is for the errors.
pub fn parse(text: &str, path: &Path) -> Result<Settings, SettingsError> {
    Merged::of(&[Source { path: path.into(), text: text.into() }])?.settings()
}
