//! The interface of every gateway, whatever it connects to. Each has its own file, with a function `gateway` that reads
//! its settings, and its line in one of the two lists in `lib.rs`.

use std::{fmt::Debug, pin::Pin, time::Duration};

use sspr_config::settings::Settings;
use sspr_core::contact::EmailAddress;

use super::{DeliveryError, Message, Probed, Surroundings};

/// The asynchronous work of a gateway.
pub(super) type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeliveryError>> + Send + 'a>>;

/// A gateway.
pub(super) trait Gateway: Debug + Send + Sync {
    /// Its name, as in [`super::Receipt::gateway`] and in the settings.
    fn name(&self) -> &'static str;

    /// Hands `message` over, and returns its name there, if the gateway gives it one.
    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>>;

    /// Whether the gateway would accept a message, to that address if it sends mail. Sends none.
    fn probe<'a>(&'a self, _to: Option<&'a EmailAddress>, _within: Duration) -> Work<'a, Probed> {
        Box::pin(async { Ok(Probed::Unasked) })
    }
}

/// The input that a gateway is created from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup<'a> {
    /// All settings: a gateway reads its own.
    pub(super) settings: &'a Settings,
    /// The outside world.
    pub(super) around: &'a Surroundings,
    /// Nothing is created; the caller only asks whether it could be.
    pub(super) only_checked: bool,
}
