//! Work that must not be interrupted: from a password's change to the notification about it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Counts the work in progress.
#[derive(Clone, Debug, Default)]
pub struct Busy(Arc<AtomicUsize>);

/// Counts as work in progress until it is dropped.
#[derive(Debug)]
pub struct Guard(Arc<AtomicUsize>);

impl Busy {
    /// Starts some work.
    pub fn enter(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(self.0.clone())
    }

    /// Whether no work is in progress.
    #[cfg(test)]
    pub(crate) fn is_idle(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }

    /// Waits until no work is in progress. Only for the end of the program: it polls.
    pub async fn settled(&self) {
        while self.0.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
