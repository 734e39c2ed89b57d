//! The files with the secrets of gateways. Setup removes one when it takes away the last setting that names it.

use std::path::Path;

use sspr_config::settings::Loaded;
use sspr_machine::files;

use crate::setup::{
    change::{Change, now},
    section,
};

pub(super) const SMTP: &str = "smtp-password";
pub(super) const TWILIO: &str = "twilio-token";
pub(super) const WEBHOOK: &str = "sms-token";
pub(super) const PROVIDER: &str = section::TOKEN.1;

/// The changes that remove files which the drop-in named before, as `old`, and no settings name any more; `new` is its
/// new text.
pub(super) fn gone(
    old: Option<&str>,
    new: Option<&str>,
    loaded: &Loaded,
    (beside, drop_in): (&Path, &Path),
) -> std::io::Result<Vec<Change>> {
    let mut gone = Vec::new();
    for name in [SMTP, TWILIO, WEBHOOK, PROVIDER] {
        let path = beside.join(name);
        let named = path.display().to_string();
        let is_in = |text: Option<&str>| text.is_some_and(|text| text.contains(&named));
        let elsewhere = |file: &Path| file != drop_in && is_in(files::text(file).ok().as_deref());
        if !is_in(old) || is_in(new) || loaded.files.iter().any(|file| elsewhere(file)) {
            continue;
        }
        let before = now(&path)?;
        gone.push(Change { path, before, after: None, mode: 0, owner: (0, 0), secret: true });
    }
    Ok(gone)
}
