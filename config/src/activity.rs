//! Tracks when a program that the bus starts is idle.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Calls under way, and when the last one ended.
#[derive(Debug)]
pub struct Activity {
    calls: AtomicUsize,
    last: Mutex<Instant>,
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl Activity {
    /// Starts now, without a call.
    pub fn new() -> Self {
        Self { calls: AtomicUsize::new(0), last: Mutex::new(Instant::now()) }
    }

    /// A call goes on as long as the returned value lives.
    pub fn call(self: &Arc<Self>) -> Call {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Call(Arc::clone(self))
    }

    /// When to look again; `None` if there was no call for `limit`.
    pub fn idle_until(&self, limit: Duration) -> Option<Instant> {
        let now = Instant::now();
        if self.calls.load(Ordering::Relaxed) > 0 {
            return Some(now + limit);
        }
        let until = *self.last.lock().unwrap_or_else(PoisonError::into_inner) + limit;
        (until > now).then_some(until)
    }
}

/// A call under way.
#[derive(Debug)]
pub struct Call(Arc<Activity>);

impl Drop for Call {
    fn drop(&mut self) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_idle_only_when_no_call_goes_on_and_none_was_lately() {
        let activity = Arc::new(Activity::new());
        assert!(activity.idle_until(Duration::from_mins(1)).is_some());
        assert!(activity.idle_until(Duration::ZERO).is_none());
        let call = activity.call();
        assert!(activity.idle_until(Duration::ZERO).is_some());
        drop(call);
        assert!(activity.idle_until(Duration::from_mins(1)).is_some());
        assert!(activity.idle_until(Duration::ZERO).is_none());
    }
}
