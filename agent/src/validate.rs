//! Whether the settings can stand: one answer for the agent's start, a reload, `sspr setup` and `sspr config check`.

use sspr_config::{
    language,
    settings::{Settings, SettingsError},
    why::Why,
};

use crate::{delivery::DeliverySetupError, error::Error, languages::Languages, password::banned};

/// Why settings that can be read can't stand.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A file that a setting names, or the setting.
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
        /// Which.
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
    /// Whether it is a shortage, which passes: nobody has to change anything.
    pub fn passes(&self) -> bool {
        self.why().passes()
    }

    /// Why it can't stand.
    pub fn why(&self) -> &Why {
        match self {
            Self::Setting { why, .. } | Self::File { why, .. } => why,
        }
    }
}

fn of(error: Error) -> Why {
    match error {
        Error::Settings(SettingsError::File { path, why }) => why.behind(path.display()),
        other => other.to_string().into(),
    }
}

/// Reads what the settings name. `gateways` sets the gateways up, or only sees whether they could be.
pub fn read<G>(
    settings: &Settings,
    gateways: impl FnOnce(&Settings) -> Result<G, DeliverySetupError>,
) -> Result<(Languages, G), Fault> {
    if let Some(file) = &settings.password.banned_words_file {
        // Read again for each new password, and not kept; here a mistake is said when it can be corrected.
        banned::load(file).map_err(|why| Fault::Setting { section: "password", key: "banned_words_file", why })?;
    }
    let languages = Languages::load(&settings.texts, &language::machine_locale());
    let languages = languages.map_err(|e| Fault::Setting { section: "texts", key: "templates", why: of(e) })?;
    Ok((languages, gateways(settings)?))
}
