//! The database's clock, which all replicas use.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::clock::{Clock, Time};

/// This host's clock, corrected by the database's clock, which every transaction returns.
#[derive(Debug, Default)]
pub(super) struct DatabaseClock {
    /// How many milliseconds the database's clock is ahead of this host's.
    ahead: AtomicI64,
}

fn here() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

impl DatabaseClock {
    /// Corrects the clock: the database's clock now shows `clock`, in milliseconds since the epoch.
    pub(super) fn set(&self, clock: i64) {
        self.ahead.store(clock.saturating_sub(here()), Ordering::Relaxed);
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Time {
        here().saturating_add(self.ahead.load(Ordering::Relaxed)) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_what_the_database_said_last() {
        let clock = DatabaseClock::default();
        clock.set(here() + 86_400_000);
        let ahead = clock.now() - here() / 1000;
        assert!((86_399..=86_401).contains(&ahead), "{ahead}");
    }
}
