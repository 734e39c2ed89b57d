//! The bell of the outbox: it rings when there is something to send.

use tokio::sync::Notify;

/// Wakes the task that sends.
#[derive(Debug, Default)]
pub struct Bell(Notify);

impl Bell {
    /// Rings: a message was added.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits for the bell.
    pub(crate) async fn rings(&self) {
        self.0.notified().await;
    }
}
