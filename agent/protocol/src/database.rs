//! A PostgreSQL database that is tried or filled before the settings name it, and the key that a store is sealed with.
//! The command asks the agent's program, over its standard input and output: only that links a store.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The option that has the agent's program try a database, and answer with [`Tried`].
pub const TRY: &str = "--try-database";
/// The option that has it copy this machine's file into a database, and answer with [`Carried`].
pub const CARRY: &str = "--carry-into";

/// The option that has it replace the host key, and answer with [`Rekeyed`]. It is asked with a [`Database`], or `null` if
/// the store is this machine's file.
pub const REPLACE_KEY: &str = "--replace-key";

/// The database.
#[derive(Clone, Serialize, Deserialize)]
pub struct Database {
    /// `postgres://user@host/name`, without a password.
    pub url: String,
    /// The password, if there is one.
    pub password: Option<Zeroizing<String>>,
}

/// Shows no password.
impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Whether a server could use the database. Nothing was changed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Why not.
    pub error: Option<String>,
    /// What to do about it, if that is known.
    pub fix: Option<String>,
    /// Whether something is kept there already, by a server with this machine's key.
    pub in_use: bool,
}

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Why nothing was; or that this is not known.
    pub error: Option<String>,
    /// The number of rows of each table.
    pub rows: Vec<(String, u64)>,
    /// Whether the database had everything before, so that nothing was copied.
    pub before: bool,
}

/// What was sealed anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rekeyed {
    /// Why nothing was; or that this is not known.
    pub error: Option<String>,
    /// How many contacts.
    pub contacts: u64,
    /// How many authenticator apps.
    pub apps: u64,
    /// Whether other servers have the same store.
    pub shared: bool,
}
