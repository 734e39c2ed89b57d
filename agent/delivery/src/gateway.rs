//! What every gateway is, whatever it talks to. Each has a file of its own, with a function `gateway` that reads its settings, and
//! its line in one of the two lists in `lib.rs`.

use std::{fmt::Debug, pin::Pin, time::Duration};

use sspr_config::settings::Settings;
use sspr_core::contact::EmailAddress;

use super::{DeliveryError, Message, Probed, Surroundings};

/// What a gateway does in its time.
pub(super) type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeliveryError>> + Send + 'a>>;

/// A way out.
pub(super) trait Gateway: Debug + Send + Sync {
    /// Its name, as in [`super::Receipt::gateway`] and in the settings.
    fn name(&self) -> &'static str;

    /// Hands `message` over, and gives what it is called there, where that is said.
    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>>;

    /// Whether it would take a message, to that address where it goes by mail. Sends none.
    fn probe<'a>(&'a self, _to: Option<&'a EmailAddress>, _within: Duration) -> Work<'a, Probed> {
        Box::pin(async { Ok(Probed::Unasked) })
    }
}

/// What a gateway is set up by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup<'a> {
    /// All of them: a gateway reads its own.
    pub(super) settings: &'a Settings,
    /// The outside world.
    pub(super) around: &'a Surroundings,
    /// Nothing is to be made, it is only asked whether it could be.
    pub(super) only_checked: bool,
}
