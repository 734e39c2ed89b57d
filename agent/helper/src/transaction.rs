//! PAM transactions with a private copy of the host's lines.

use std::{ffi::CString, fs, path::Path};

use zeroize::Zeroizing;

use super::{
    Error, PAM_SERVICE, RUNTIME,
    pam::{Secret, Transaction},
    pamconf,
};

/// The most prompts that get the new password. Each module that needs it asks twice; a module that goes on asking gets
/// nowhere.
const NEW_PROMPTS: usize = 8;

/// Starts a transaction that can set `password`.
pub(crate) fn start_new(user: &str, password: &Zeroizing<Vec<u8>>) -> Result<Transaction, Error> {
    start(user, (password.clone(), Secret::New), NEW_PROMPTS)
}

pub(crate) fn start(user: &str, secret: (Zeroizing<Vec<u8>>, Secret), prompts: usize) -> Result<Transaction, Error> {
    let confdir = pamconf::install(PAM_SERVICE, Path::new(RUNTIME)).map_err(|e| Error::Unavailable(e.to_string()))?;
    let c = |text: &str| CString::new(text).map_err(|e| Error::Unavailable(e.to_string()));
    let started = Transaction::start(&c(&confdir.to_string_lossy())?, &c(PAM_SERVICE)?, &c(user)?, secret, prompts);
    // libpam reads the whole configuration when a transaction starts.
    if let Err(why) = fs::remove_dir_all(&confdir) {
        tracing::warn!(%why, "the private PAM configuration could not be removed");
    }
    started.map_err(|failure| Error::Unavailable(format!("PAM can't start: {failure:?}")))
}
