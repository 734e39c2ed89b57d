//! What follows the reset of a password in the directory: whether this host takes the new one, and what else still opens the account here.
//!
//! An sssd that takes the directory for offline takes the old password from its cache and refuses the new one, for a minute or more after
//! the directory is back. SIGUSR2 has it look at once, see sssd(8). systemd sends it, and to the main process alone: a program that sssd
//! runs for another sign-in would end by it.

use std::{
    ffi::CString,
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    time::Duration,
};

use nix::sys::signal::Signal;
use sspr_config::{
    bus::{DIRECTORY, DIRECTORY_PATH},
    directory::INTERFACE,
};
use sspr_machine::modules;
use tokio::time::{Instant, sleep, timeout};
use zbus::Connection;
use zeroize::Zeroizing;

use super::{
    Error, PAM_SERVICE, Verdict,
    change::RUNTIME,
    files,
    pam::{Failure, Secret, Transaction},
    service::within,
};

/// How long `sspr-directory` may take to say whose account it is. It found it a moment ago.
pub(crate) const ACCOUNT_MAX: Duration = Duration::from_secs(4);
/// How long sssd may take over one sign-in.
const SIGN_IN_MAX: Duration = Duration::from_secs(4);
/// sssd looks a second after it was told to, and then has to connect.
const LOOKS_IN: Duration = Duration::from_secs(2);
/// How long systemd may take to send a signal.
const SENT_MAX: Duration = Duration::from_secs(1);
/// How long [`takes`] may take.
#[cfg(test)]
pub(crate) const TAKES_MAX: Duration = SIGN_IN_MAX.saturating_mul(2).saturating_add(LOOKS_IN).saturating_add(SENT_MAX);

/// The one line that is asked.
const MODULE: &str = "pam_sss";

/// Whether `user` is one of the directory who is served, and has `id` there.
pub(crate) async fn is_served(bus: &Connection, user: &str, id: &str) -> Result<bool, Error> {
    let body = (user,);
    let asked = bus.call_method(Some(DIRECTORY), DIRECTORY_PATH, Some(INTERFACE), "Account", &body);
    let late = |_| Error::Unavailable("sspr-directory does not answer in time".to_owned());
    let reply = timeout(ACCOUNT_MAX, asked).await.map_err(late)?;
    let found = reply.and_then(|reply| reply.body().deserialize::<(String, String, u8, bool, bool)>());
    let (_, own, verdict, _, _) = found.map_err(|why| Error::Unavailable(why.to_string()))?;
    Ok(own == id && Verdict::from_wire(verdict) == Some(Verdict::Eligible))
}

/// Whether sssd signs `user` in with the password that was just set; `None` where it has no part in sign-ins here, or does not know the
/// user. Where it refuses, it is told to look whether the directory is there, and asked once more. Not oftener: if it asks a server that
/// has the old password still, each try counts there as a wrong one.
pub(crate) async fn takes(bus: &Connection, user: &str, password: &Zeroizing<Vec<u8>>) -> Result<Option<bool>, Error> {
    if !modules::is_installed(Path::new("/"), MODULE) {
        return Ok(None);
    }
    let start = Instant::now();
    let mut found = within(SIGN_IN_MAX, || signs_in(user, password))??;
    if found == Some(false) {
        match wake(bus).await {
            Ok(()) => {
                sleep(LOOKS_IN).await;
                found = within(SIGN_IN_MAX, || signs_in(user, password))??;
                tracing::warn!(?user, ?found, took = ?start.elapsed(), "sssd refused the new password and was told to look again");
            }
            Err(why) => tracing::error!(%why, "sssd can't be told to look whether the directory is there: {why}"),
        }
    }
    Ok(found)
}

/// Has sssd look whether the directory is there.
async fn wake(bus: &Connection) -> zbus::Result<()> {
    let (systemd, path) = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1");
    let body = ("sssd.service", "main", Signal::SIGUSR2 as i32);
    let sent = bus.call_method(Some(systemd), path, Some("org.freedesktop.systemd1.Manager"), "KillUnit", &body);
    let late = |_| zbus::Error::Failure("systemd does not answer".to_owned());
    timeout(SENT_MAX, sent).await.map_err(late)?.map(drop)
}

fn signs_in(user: &str, password: &Zeroizing<Vec<u8>>) -> Result<Option<bool>, Error> {
    let unavailable = |why: &dyn std::fmt::Display| Error::Unavailable(why.to_string());
    let folder = Path::new(RUNTIME).join("sssd.d");
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(why) if why.kind() != std::io::ErrorKind::AlreadyExists => return Err(unavailable(&why)),
        _ => {}
    }
    let line = format!("auth required {MODULE}.so quiet\n");
    // Without the second one libpam complains.
    for name in [PAM_SERVICE, "other"] {
        files::write(&folder.join(name), line.as_bytes(), 0o600, None).map_err(|why| unavailable(&why))?;
    }
    let c = |text: &str| CString::new(text).map_err(|why| Error::Unavailable(why.to_string()));
    let secret = (password.clone(), Secret::Current);
    let talk = Transaction::start(&c(&folder.to_string_lossy())?, &c(PAM_SERVICE)?, &c(user)?, secret, 1);
    // libpam reads the whole configuration when a talk starts.
    if let Err(why) = fs::remove_dir_all(&folder) {
        tracing::warn!(%why, "the private PAM configuration could not be removed");
    }
    let talk = talk.and_then(|mut talk| talk.authenticate());
    Ok(said(talk))
}

/// What sssd's module means. A one-time code that it asks for beside the password can't be given, and what it can't tell of a user, or
/// without its daemon, is no word about the password.
fn said(outcome: Result<(), Failure>) -> Option<bool> {
    /// `PAM_AUTHINFO_UNAVAIL`: there is nothing in the cache, and no server.
    const OFFLINE: i32 = 9;
    match outcome {
        Ok(()) => Some(true),
        // sssd says the second where it can't have TLS with the server.
        Err(Failure::AuthErr | Failure::PermDenied | Failure::MaxTries | Failure::Other(OFFLINE)) => Some(false),
        Err(failure) => {
            tracing::debug!(?failure, "sssd does not say whether it takes the new password");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_that_sssd_does_not_know_and_a_question_that_can_not_be_answered_say_nothing_of_the_password() {
        assert_eq!(said(Ok(())), Some(true));
        for failure in [Failure::AuthErr, Failure::PermDenied, Failure::MaxTries, Failure::Other(9)] {
            assert_eq!(said(Err(failure)), Some(false), "{failure:?}");
        }
        // PAM_CONV_ERR, PAM_MODULE_UNKNOWN.
        for failure in [Failure::UserUnknown, Failure::Other(19), Failure::Other(28)] {
            assert_eq!(said(Err(failure)), None, "{failure:?}");
        }
    }
}
