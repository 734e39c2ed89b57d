//! The steps after a password reset in the directory: they check whether this host accepts the new password, and what
//! else still opens the account here.
//!
//! While sssd believes that the directory is offline, it accepts the old password from its cache and refuses the new
//! one, until a minute or more after the directory is back. SIGUSR2 makes it check at once, see sssd(8). systemd sends
//! the signal only to the main process: it would kill a program that sssd runs for another sign-in.

use std::{
    ffi::CString,
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process,
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
    Error, PAM_SERVICE, RUNTIME, Verdict,
    account::entry_of,
    apart::{self, Question},
    files,
    pam::{Failure, Secret, Transaction},
    ssh_keys::{self, Counted},
};

/// How long `sspr-directory` may take to identify the account, which it found just before.
pub(crate) const ACCOUNT_MAX: Duration = Duration::from_secs(4);
/// How long to wait for sssd: it checks the directory one second after the signal, and then has to connect.
const LOOKS_IN: Duration = Duration::from_secs(2);
/// How long systemd may take to send a signal.
const SENT_MAX: Duration = Duration::from_secs(1);
/// How long [`refuses`] may take.
#[cfg(test)]
pub(crate) const TAKES_MAX: Duration =
    apart::SIGN_IN_MAX.saturating_mul(2).saturating_add(LOOKS_IN).saturating_add(SENT_MAX);

/// The only module in the private PAM configuration.
const MODULE: &str = "pam_sss";

/// Whether `user` is a served account of the directory with this `id`.
pub(crate) async fn is_served(bus: &Connection, user: &str, id: &str) -> Result<bool, Error> {
    let body = (user,);
    let asked = bus.call_method(Some(DIRECTORY), DIRECTORY_PATH, Some(INTERFACE), "Account", &body);
    let late = |_| Error::Unavailable("sspr-directory does not answer in time".to_owned());
    let reply = timeout(ACCOUNT_MAX, asked).await.map_err(late)?;
    let found = reply.and_then(|reply| reply.body().deserialize::<(String, String, u8, bool, bool)>());
    let (_, own, verdict, _, _) = found.map_err(|why| Error::Unavailable(why.to_string()))?;
    Ok(own == id && Verdict::from_wire(verdict) == Some(Verdict::Eligible))
}

/// What this host knows about a directory user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Here {
    pub(crate) uid: u32,
    pub(crate) counted: Counted,
}

impl Here {
    /// The child's answer.
    fn to_line(self) -> String {
        format!("{} {} {}", self.uid, self.counted.keys, u8::from(self.counted.whole))
    }

    fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (uid, keys) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let whole = words.next()? == "1";
        words.next().is_none().then_some(Self { uid, counted: Counted { keys, whole } })
    }
}

/// What this host knows about `user`; `None` if its name service takes too long.
pub(crate) async fn here(user: &str) -> Result<Option<Here>, Error> {
    let Some(said) = apart::ask(Question::Entry, user, &[]).await? else {
        tracing::warn!(?user, "the name service does not say in time who this is");
        return Ok(None);
    };
    let here = Here::from_line(&said).ok_or_else(|| Error::Unavailable(format!("no entry: {said:?}")))?;
    Ok(Some(here))
}

/// The child's answer to `question`.
pub(crate) fn answer(question: Question, user: &str, password: &Zeroizing<Vec<u8>>) -> Result<String, Error> {
    match question {
        Question::Entry => entry(user).map(Here::to_line),
        Question::SignIn => signs_in(user, password).map(|found| to_word(found).to_owned()),
    }
}

/// What this host knows about `user`; this is the child's side of [`here`].
fn entry(user: &str) -> Result<Here, Error> {
    let entry = entry_of(user)?;
    Ok(Here { uid: entry.uid.as_raw(), counted: ssh_keys::count(&entry) })
}

/// Whether sssd's PAM module is installed on this host.
pub(crate) fn has_sssd() -> bool {
    modules::is_installed(Path::new("/"), MODULE)
}

/// sssd's answer to one sign-in.
enum Tried {
    /// The answer, as [`said`] interprets it.
    Said(Option<bool>),
    /// sssd did not answer in time.
    Late,
}

/// Whether sssd refuses `user` with the password that was just set. A user whom sssd does not know is not refused. An
/// answer that takes too long counts as a refusal, because a sign-in would take as long.
///
/// If sssd refuses, it is told to check whether the directory is online, and asked once more. It is not asked more
/// often: if its server still has the old password, each try counts there as a wrong one.
pub(crate) async fn refuses(bus: &Connection, user: &str, password: &[u8]) -> Result<bool, Error> {
    let start = Instant::now();
    match tried(user, password).await? {
        Tried::Said(Some(false)) => {}
        Tried::Said(_) => return Ok(false),
        Tried::Late => return Ok(true),
    }
    if let Err(why) = wake(bus).await {
        tracing::error!(%why, "sssd can't be told to look whether the directory is there: {why}");
        return Ok(true);
    }
    sleep(LOOKS_IN).await;
    let refused = matches!(tried(user, password).await?, Tried::Said(Some(false)) | Tried::Late);
    tracing::warn!(?user, refused, took = ?start.elapsed(), "sssd refused the new password and was told to look again");
    Ok(refused)
}

async fn tried(user: &str, password: &[u8]) -> Result<Tried, Error> {
    let Some(word) = apart::ask(Question::SignIn, user, password).await? else {
        tracing::warn!(?user, "sssd does not say in time whether it takes the new password");
        return Ok(Tried::Late);
    };
    let found = WORDS.into_iter().find(|(_, own)| *own == word).map(|(found, _)| Tried::Said(found));
    found.ok_or_else(|| Error::Unavailable(format!("no word about a sign-in: {word:?}")))
}

/// The child's words for sssd's answer.
const WORDS: [(Option<bool>, &str); 3] = [(Some(true), "taken"), (Some(false), "refused"), (None, "unknown")];

/// The word for `found`.
fn to_word(found: Option<bool>) -> &'static str {
    WORDS.into_iter().find(|(own, _)| *own == found).map_or("", |(_, word)| word)
}

/// Makes sssd check whether the directory is online.
async fn wake(bus: &Connection) -> zbus::Result<()> {
    let (systemd, path) = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1");
    let body = ("sssd.service", "main", Signal::SIGUSR2 as i32);
    let sent = bus.call_method(Some(systemd), path, Some("org.freedesktop.systemd1.Manager"), "KillUnit", &body);
    let late = |_| zbus::Error::Failure("systemd does not answer".to_owned());
    timeout(SENT_MAX, sent).await.map_err(late)?.map(drop)
}

/// Whether sssd signs `user` in; this is the child's side.
fn signs_in(user: &str, password: &Zeroizing<Vec<u8>>) -> Result<Option<bool>, Error> {
    let unavailable = |why: &dyn std::fmt::Display| Error::Unavailable(why.to_string());
    let folder = configuration();
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(why) if why.kind() != std::io::ErrorKind::AlreadyExists => return Err(unavailable(&why)),
        _ => {}
    }
    let line = format!("auth required {MODULE}.so quiet\n");
    // libpam logs an error without the second file.
    for name in [PAM_SERVICE, "other"] {
        files::write(&folder.join(name), line.as_bytes(), 0o600, None).map_err(|why| unavailable(&why))?;
    }
    let c = |text: &str| CString::new(text).map_err(|why| Error::Unavailable(why.to_string()));
    let secret = (password.clone(), Secret::Current);
    let transaction = Transaction::start(&c(&folder.to_string_lossy())?, &c(PAM_SERVICE)?, &c(user)?, secret, 1);
    // libpam reads the whole configuration when a transaction starts.
    if let Err(why) = fs::remove_dir_all(&folder) {
        tracing::warn!(%why, "the private PAM configuration could not be removed");
    }
    let outcome = transaction.and_then(|mut transaction| transaction.authenticate());
    Ok(said(outcome))
}

/// The folder with the PAM configuration of one try. Each try has its own, because several may run at once.
fn configuration() -> PathBuf {
    Path::new(RUNTIME).join(format!("sssd.{}.d", process::id()))
}

/// The meaning of the result of sssd's module: whether it accepts the password, or `None`. A one-time code that it
/// requests besides the password can't be given. A result about an unknown user, or without sssd's daemon, says nothing
/// about the password.
fn said(outcome: Result<(), Failure>) -> Option<bool> {
    /// `PAM_AUTHINFO_UNAVAIL`: the cache has no entry, and there is no server.
    const OFFLINE: i32 = 9;
    match outcome {
        Ok(()) => Some(true),
        // sssd returns `PermDenied` if it can't have TLS with the server.
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
    fn what_the_child_found_is_understood_and_nothing_else_is() {
        for (keys, whole) in [(0, true), (3, false)] {
            let here = Here { uid: 20_000, counted: Counted { keys, whole } };
            assert_eq!(Here::from_line(&here.to_line()), Some(here));
        }
        for junk in ["", "20000", "20000 1", "20000 1 1 1", "alice 1 1", "-1 0 1"] {
            assert_eq!(Here::from_line(junk), None, "{junk:?}");
        }
        for (found, word) in WORDS {
            assert_eq!(to_word(found), word);
        }
    }

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
