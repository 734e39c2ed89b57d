//! People of a directory, whose passwords this program neither has nor may ask a server about: it has no network. What the module asks
//! of one of them, `sspr-directory` answers, which has a network and is not root.

use std::time::Duration;

use sspr_config::{
    bus::{DIRECTORY, DIRECTORY_PATH},
    credential::Error,
    directory::INTERFACE,
    sealed,
};
use tokio::time::timeout;
use zbus::{Connection, Fd};

/// Longer than any module waits at a sign-in, which goes on without an answer.
const VERIFY_MAX: Duration = Duration::from_secs(3);

/// Whether `password` is the one of the eligible person `user`, by a sign-in at the directory.
pub(crate) async fn is_right(bus: &Connection, user: &str, password: &[u8]) -> Result<bool, Error> {
    let sealed = sealed::make(password).map_err(|why| Error::Unavailable(why.to_string()))?;
    let body = (user, Fd::from(&sealed));
    let asked = bus.call_method(Some(DIRECTORY), DIRECTORY_PATH, Some(INTERFACE), "Verify", &body);
    let late = || Error::Unavailable("the directory does not answer in time".to_owned());
    let reply = timeout(VERIFY_MAX, asked).await.map_err(|_| late())?;
    let right = reply.and_then(|reply| reply.body().deserialize());
    right.map_err(|why| Error::Unavailable(why.to_string()))
}
