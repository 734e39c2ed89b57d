//! Whether the settings are valid: one check for the agent's start, a reload, `sspr setup` and `sspr config check`.

use sspr_config::{
    language,
    settings::{Settings, SettingsError},
    why::Why,
};

use crate::{delivery::DeliverySetupError, error::Error, fault::Fault, languages::Languages, password::banned};

fn of(error: Error) -> Why {
    match error {
        Error::Settings(SettingsError::File { path, why }) => why.behind(path.display()),
        other => other.to_string().into(),
    }
}

/// Reads the files that the settings name. `gateways` sets up the gateways, or only checks that it is possible.
pub fn read<G>(
    settings: &Settings,
    gateways: impl FnOnce(&Settings) -> Result<G, DeliverySetupError>,
) -> Result<(Languages, G), Fault> {
    if let Some(file) = &settings.password.banned_words_file {
        // Read again for each new password, and not kept. This reports a mistake when it can be corrected.
        banned::load(file).map_err(|why| Fault::Setting { section: "password", key: "banned_words_file", why })?;
    }
    let languages = Languages::load(&settings.texts, &language::machine_locale());
    let languages = languages.map_err(|e| Fault::Setting { section: "texts", key: "templates", why: of(e) })?;
    Ok((languages, gateways(settings)?))
}
