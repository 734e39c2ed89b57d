//! The agent's error type. The user always gets the same answer: not now. The journal has the details.

use sspr_config::why::Why;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// The store's schema could not be migrated to this version.
    #[error("the store's schema: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// The store was written by a newer version.
    #[error(
        "the store {path} was written by a newer version of this package and is left as it is; install that version \
         again, or put back the copy of {directory} made before the upgrade", path = path.display(),
        directory = path.parent().unwrap_or(path).display()
    )]
    NewerStore {
        /// Its file.
        path: std::path::PathBuf,
    },
    /// The database's tables were made by a newer version, and this one can't use them.
    #[error(
        "the tables in the database are those of a newer version of this package, which this one can't use; \
         install that version here, too"
    )]
    NewerDatabase,
    /// The database takes no writes.
    #[error("the database takes no writes: it is a standby, or was made read-only")]
    Standby,
    /// The store was written with another host key.
    #[error(
        "the host key {path} is not the one that the store was written with; put back the one from the same backup, or \
         copy it from another server of the same database; after sspr replace-key, the other key is beside it, as host.key.old \
         or host.key.unused-1", path = path.display()
    )]
    OtherHostKey {
        /// Its file.
        path: std::path::PathBuf,
    },
    /// The store was not carried over to the database.
    #[error("{0}")]
    CarryOver(String),
    /// The database gave no answer when everything had been written to it.
    #[error(
        "it is not known whether everything was carried over or nothing: the database gave no answer at the end ({0}). \
         Do it once more: if the database is not empty then, everything is there"
    )]
    MaybeCarriedOver(Box<Error>),
    /// Others are connected to the database, which must have one user while its key is replaced.
    #[error(
        "others are connected to the database as the same user (connections: {0}); stop the agents of all other servers \
         (systemctl stop sspr-agent), and a pooler, which keeps connections of its own; past it: sspr replace-key --direct URL. Start them again afterwards"
    )]
    InUse(i64),
    /// Something in the store does not open with its host key.
    #[error(
        "{0} does not open with the host key. If nobody can reset, host.key is not this store's: put back the one from the \
         same backup. If others can, delete what that user registered: sspr admin forget NAME"
    )]
    Damaged(String),
    /// The store gave no answer when it had everything under the new key.
    #[error(
        "it is not known whether the store has the new key ({0}). The agent finds out when it starts; if host.key.old is there \
         then, the key was replaced, and the guide says what is left to do"
    )]
    MaybeRekeyed(Box<Error>),
    /// The host key was not replaced.
    #[error("{0}")]
    Rekey(String),
    /// A sealed value does not open: it is of another host key, or the store is damaged.
    #[error("a sealed value in the store does not open; was the host key replaced?")]
    Sealed,
    /// The host key can't be read.
    #[error("the host key {path}: {why}", path = path.display())]
    HostKey {
        /// Its file.
        path: std::path::PathBuf,
        /// The fault, and its fix.
        why: Why,
    },
    /// The operating system gave no random bytes.
    #[error("no randomness: {0}")]
    Random(#[from] getrandom::Error),
    /// The credential helper failed or did not answer.
    #[error("the credential helper: {0}")]
    Credential(#[from] crate::credential::client::CredentialsError),
    /// The bus failed.
    #[error("the bus: {0}")]
    Bus(#[from] zbus::Error),
    /// The agent's user is a person's account.
    #[error("{0}")]
    User(Why),
    /// The settings are invalid.
    #[error(transparent)]
    Settings(#[from] sspr_config::settings::SettingsError),
    /// A file that the settings name can't be used.
    #[error(transparent)]
    Fault(#[from] crate::fault::Fault),
    /// The settings have a change that a reload does not accept.
    #[error("{0}")]
    Exposed(String),
    /// A part of the agent ended by itself.
    #[error("{0} stopped")]
    Stopped(&'static str),
    /// A value in the store can't be written or read.
    #[error("a message in the store: {0}")]
    OutboxMessage(serde_json::Error),
    /// An account's id is invalid.
    #[error("an id of an account in the store: {0:?}")]
    Id(String),
    /// A text is missing or broken.
    #[error("the texts: {0}")]
    Texts(String),
    /// A file or directory failed.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Its path.
        path: std::path::PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

/// A result with the agent's error.
pub type Result<T> = std::result::Result<T, Error>;
