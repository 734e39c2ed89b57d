//! The time, and waiting for it, as a parameter, so that tests can set the clock and need not wait.

use std::{
    pin::Pin,
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::time::{Instant, sleep_until};

pub use sspr_protocol::Time;

/// A wait.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Returns the time.
pub trait Clock: Send + Sync {
    /// Now, in seconds since the epoch.
    fn now(&self) -> Time;

    /// Waits until `moment`, for work that must not be done earlier. A test's clock may only record how long this
    /// would take.
    fn until(&self, moment: Instant) -> Wait<'_> {
        Box::pin(sleep_until(moment))
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
    }
}
