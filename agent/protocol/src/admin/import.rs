//! Importing contacts.

use serde::{Deserialize, Serialize};

/// The most rows in one batch of an import.
pub const BATCH_MAX: usize = 1000;

/// Options of an import.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportBegin {
    /// Contacts replace others of the same method.
    pub replace: bool,
}

/// An import under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// Its name.
    pub handle: String,
}

/// Rows of an import.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportRows {
    /// The import that they belong to.
    pub handle: String,
    /// At most [`BATCH_MAX`].
    pub rows: Vec<Row>,
    /// Report what would be stored.
    #[serde(default)]
    pub list: bool,
}

/// One row of an import.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The account.
    pub name: String,
    /// Whether `name` is the part of a principal name before its `@`. In a directory, that can be another user's name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub principal: bool,
    /// A mail address, as written; empty for none.
    #[serde(default)]
    pub email: String,
    /// A telephone number, as written; empty for none.
    #[serde(default)]
    pub phone: String,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("line", &self.line).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A row that can't be imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its line.
    pub line: u64,
    /// The column at fault, if there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub column: String,
    /// The account that it names, if that is known.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What would be stored from a row, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsRead {
    /// Its line.
    pub line: u64,
    /// The account.
    pub name: String,
    /// Its new contacts, masked as everywhere.
    pub contacts: Vec<String>,
}

/// The result for some rows: checked, or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOutcome {
    /// Accounts with new contacts.
    pub imported: u64,
    /// Of these, accounts whose other contacts were replaced.
    pub replaced: u64,
    /// Accounts that already have exactly these contacts.
    pub unchanged: u64,
    /// Imported contacts are usable at once; otherwise only when their owners have confirmed them.
    pub usable: bool,
    /// Rows that can't be imported.
    pub faults: Vec<Fault>,
    /// What would be stored, if that was requested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<AsRead>,
    /// How the characters of the file were decoded, if that may be wrong. Not set by the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
}
