//! Any settings file is read, or refused with a reason that names it; and what is read is read the same way again.

use std::path::Path;

use sspr_config::settings;

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match settings::parse(text, Path::new("sspr.toml")) {
        Ok(read) => assert_eq!(settings::parse(text, Path::new("sspr.toml")), Ok(read)),
        Err(error) => assert!(error.to_string().contains("sspr.toml"), "{error}"),
    }
}
