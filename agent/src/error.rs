//! The one error of the agent. Whatever it is, the answer to a person is the same: not now. The detail is for the
//! journal.

use sspr_config::why::Why;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store did not do what was asked.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// The store's schema could not be brought to this version.
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
    /// A sealed value does not open: another host key, or a damaged store.
    #[error("a sealed value in the store does not open; was the host key replaced?")]
    Sealed,
    /// The host key can't be had.
    #[error("the host key {path}: {why}", path = path.display())]
    HostKey {
        /// Its file.
        path: std::path::PathBuf,
        /// What is wrong, and the fix.
        why: Why,
    },
    /// The operating system gave no random bytes.
    #[error("no randomness: {0}")]
    Random(#[from] getrandom::Error),
    /// The credential helper failed or did not answer.
    #[error("the credential helper: {0}")]
    Credential(#[from] crate::credential::client::CredentialsError),
    /// The bus.
    #[error("the bus: {0}")]
    Bus(#[from] zbus::Error),
    /// The agent's user is a person's account.
    #[error("{0}")]
    User(Why),
    /// The settings.
    #[error(transparent)]
    Settings(#[from] sspr_config::settings::SettingsError),
    /// What the settings name can't be used.
    #[error(transparent)]
    Fault(#[from] crate::validate::Fault),
    /// The settings have what a reload doesn't take.
    #[error("{0}")]
    Exposed(String),
    /// A part of the agent ended by itself.
    #[error("{0} stopped")]
    Stopped(&'static str),
    /// What waits in the store can't be written down or read.
    #[error("a message in the store: {0}")]
    Letter(serde_json::Error),
    /// What should tell an account from others can't.
    #[error("an id of an account in the store: {0:?}")]
    Id(String),
    /// A text is missing or broken.
    #[error("the texts: {0}")]
    Texts(String),
    /// A file or directory.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A result with the agent's error.
pub type Result<T> = std::result::Result<T, Error>;
