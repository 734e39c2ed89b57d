//! The last valid settings. While the settings files have a mistake, these stay in force; the agent keeps its own in
//! the same way. They are kept until the next boot; after it, a mistake means that no user is served.

use std::path::Path;

use sspr_config::settings::{self, Settings, SettingsError};

use crate::{Error, files};

const NAME: &str = "settings.toml";

/// The settings at `config`; if a line there is wrong, the ones kept in `directory`, which belongs to the program
/// alone.
///
/// Nothing else falls back: settings that are missing, unreadable or writable by another user mean no.
pub fn load(config: &Path, directory: &Path) -> Result<Settings, Error> {
    let kept = directory.join(NAME);
    match settings::load(config) {
        Ok(settings) => {
            keep(&settings, &kept);
            Ok(settings)
        }
        Err(error @ SettingsError::Line { .. }) => {
            let old = files::read(&kept).ok().flatten().and_then(|text| String::from_utf8(text).ok());
            let old = old.and_then(|text| settings::parse(&text, &kept).ok());
            let Some(old) = old else { return Err(Error::Unavailable(error.to_string())) };
            tracing::error!(%error, "the settings have a mistake; the old ones are kept until it is corrected");
            Ok(old)
        }
        Err(error) => Err(Error::Unavailable(error.to_string())),
    }
}

/// A failure does not matter until there is a mistake.
fn keep(settings: &Settings, kept: &Path) {
    let Ok(text) = toml::to_string(settings) else { return };
    if files::read(kept).ok().flatten().as_deref() != Some(text.as_bytes())
        && let Err(error) = files::write(kept, text.as_bytes(), 0o600, None)
    {
        tracing::debug!(%error, "the settings can't be kept");
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use sspr_config::settings::Enable;

    use super::*;

    #[test]
    fn a_mistake_keeps_what_counted_last_and_what_is_mended_counts_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let (config, kept) = (dir.path().join("sspr.toml"), dir.path().join("run"));
        let write = |text: &str, mode: u32| {
            fs::write(&config, text).unwrap();
            fs::set_permissions(&config, fs::Permissions::from_mode(mode)).unwrap();
        };
        write("[code]\ndigits = 4\n", 0o644);
        assert!(load(&config, &kept).is_err(), "nothing was kept yet");
        fs::create_dir(&kept).unwrap();
        write("[scope]\nenable = [\"staff\"]\nexclude = [\"bob\"]\n", 0o644);
        let good = load(&config, &kept).unwrap();
        write("[scope]\nenable = \"everybody\"\n", 0o644);
        assert_eq!(load(&config, &kept).unwrap(), good);
        write("[scope]\nenable = \"all\"\n", 0o644);
        assert_eq!(load(&config, &kept).unwrap().scope.enable, Enable::All);
        write("[scope]\nenable = \"none\"\n", 0o666);
        assert!(load(&config, &kept).is_err(), "somebody else may have written it");
        fs::remove_file(&config).unwrap();
        assert!(load(&config, &kept).is_err(), "no settings mean no");
    }

    #[test]
    fn all_settings_that_can_be_shown_survive_being_kept() {
        let shown = settings::SHIPPED
            .lines()
            .map(|line| line.strip_prefix('#').filter(|l| l.starts_with('[') || l.contains(" = ")).unwrap_or(line))
            .filter(|line| !line.starts_with('#') && !line.contains("gateway = "))
            .filter(|line| {
                let without = [
                    "smtp = ",
                    "from = \"P",
                    "username",
                    "password_file",
                    "kind = ",
                    "email = \"m",
                    "phone = \"m",
                    "proxy",
                    "ca_file",
                    "listen = ",
                ];
                !without.iter().any(|key| line.starts_with(key))
            })
            .collect::<Vec<_>>()
            .join("\n");
        let settings = settings::parse(&shown, Path::new("shown")).unwrap_or_else(|e| panic!("{e}"));
        let text = toml::to_string(&settings).unwrap();
        assert_eq!(settings::parse(&text, Path::new("kept")).unwrap(), settings);
    }
}
