//! The parts that a reload of the settings replaces while the agent runs. Each task takes the current ones when it
//! begins, and keeps them to its end.

use std::{future::pending, sync::Arc};

use tokio::sync::watch;

/// A value that is replaced as a whole. Clones share it.
#[derive(Debug)]
pub struct Reloadable<T>(watch::Sender<Arc<T>>);

/// Announces each new value.
#[derive(Debug)]
pub struct Reloads<T>(watch::Receiver<Arc<T>>);

impl<T> Reloadable<T> {
    /// Begins with `value`.
    pub fn new(value: Arc<T>) -> Self {
        Self(watch::Sender::new(value))
    }

    /// The current value.
    pub fn now(&self) -> Arc<T> {
        self.0.borrow().clone()
    }

    /// Replaces the value by `value`.
    pub fn replace(&self, value: Arc<T>) {
        self.0.send_replace(value);
    }

    /// The values from now on.
    pub fn reloads(&self) -> Reloads<T> {
        Reloads(self.0.subscribe())
    }
}

impl<T> Reloads<T> {
    /// Waits for the next value; returns at once if there was one since the last call.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            // Nothing can replace it any more.
            pending::<()>().await;
        }
    }
}

impl<T> Clone for Reloadable<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> From<Arc<T>> for Reloadable<T> {
    fn from(value: Arc<T>) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn what_was_taken_before_a_reload_stays_and_what_is_taken_after_it_is_new() {
        let live = Reloadable::new(Arc::new("old"));
        let (taken, shared) = (live.now(), live.clone());
        let mut reloads = shared.reloads();
        assert!(reloads.next().now_or_never().is_none());
        live.replace(Arc::new("new"));
        assert_eq!((*taken, *shared.now()), ("old", "new"));
        assert!(reloads.next().now_or_never().is_some() && reloads.next().now_or_never().is_none());
    }
}
