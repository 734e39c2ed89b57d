//! The parts that a reload of the settings replaces while the agent runs: each task takes those that count at its beginning, and keeps them
//! to the end.

use std::sync::{Arc, PoisonError, RwLock};

/// A value that is replaced as a whole. Clones share it.
#[derive(Debug)]
pub struct Reloadable<T>(Arc<RwLock<Arc<T>>>);

impl<T> Reloadable<T> {
    /// Begins with `value`.
    pub fn new(value: Arc<T>) -> Self {
        Self(Arc::new(RwLock::new(value)))
    }

    /// What counts now.
    pub fn now(&self) -> Arc<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on `value` counts.
    pub fn replace(&self, value: Arc<T>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
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
    use super::*;

    #[test]
    fn what_was_taken_before_a_reload_stays_and_what_is_taken_after_it_is_new() {
        let live = Reloadable::new(Arc::new("old"));
        let (taken, shared) = (live.now(), live.clone());
        live.replace(Arc::new("new"));
        assert_eq!((*taken, *shared.now()), ("old", "new"));
    }
}
