//! Why settings that can be read are invalid.

use sspr_config::why::Why;

use crate::delivery::DeliverySetupError;

/// Why settings that can be read are invalid.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A setting, or a file that it names.
    #[error("[{section}] {key}: {why}")]
    Setting {
        /// Such as `texts`.
        section: &'static str,
        /// Such as `templates`.
        key: &'static str,
        /// The fault, and its fix.
        why: Why,
    },
    /// A file or a directory, of a setting that has a default too.
    #[error("{}: {why}", path.display())]
    File {
        /// Its path.
        path: std::path::PathBuf,
        /// The fault, and its fix.
        why: Why,
    },
}

impl From<DeliverySetupError> for Fault {
    fn from(error: DeliverySetupError) -> Self {
        match error {
            DeliverySetupError::Setting { section, key, why } => Self::Setting { section, key, why: why.into() },
            DeliverySetupError::File { path, why } => Self::File { path, why },
        }
    }
}

impl Fault {
    /// Whether it is a shortage, which passes without any change.
    pub fn passes(&self) -> bool {
        self.why().passes()
    }

    /// The reason.
    pub fn why(&self) -> &Why {
        match self {
            Self::Setting { why, .. } | Self::File { why, .. } => why,
        }
    }
}
