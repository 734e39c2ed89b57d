//! Users of a directory. This program doesn't have their passwords and may not ask a server about them, because it has
//! no network. `sspr-directory` answers the module's questions about them: it has a network and is not root.

use std::time::Duration;

use sspr_config::{
    bus::{DIRECTORY, DIRECTORY_PATH},
    credential::Error,
    directory::INTERFACE,
    sealed,
};
use tokio::time::timeout;
use zbus::{Connection, Fd};

/// How long the answer may take, which is longer than any module waits at a sign-in; the sign-in goes on without an
/// answer.
const VERIFY_MAX: Duration = Duration::from_secs(3);

/// Whether `password` is the password of the eligible user `user`, checked by signing in to the directory.
pub(crate) async fn is_right(bus: &Connection, user: &str, password: &[u8]) -> Result<bool, Error> {
    let sealed = sealed::make(password).map_err(|why| Error::Unavailable(why.to_string()))?;
    let body = (user, Fd::from(&sealed));
    let asked = bus.call_method(Some(DIRECTORY), DIRECTORY_PATH, Some(INTERFACE), "Verify", &body);
    let late = || Error::Unavailable("the directory does not answer in time".to_owned());
    let reply = timeout(VERIFY_MAX, asked).await.map_err(|_| late())?;
    let right = reply.and_then(|reply| reply.body().deserialize());
    right.map_err(|why| Error::Unavailable(why.to_string()))
}
