//! The thread that sends messages. Handshakes and rendering take milliseconds of processor time. In the one thread that
//! serves all dialogues, they would delay a dialogue's beat whenever a message is sent, which would tell an observer
//! about it.

use std::{io, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinSet,
};

/// For look-ups of names and reading certificates; the unit allows 64 tasks in all.
const BLOCKING_MAX: usize = 16;

/// The thread. It ends, with all its work, when this is dropped.
#[derive(Debug)]
pub struct Courier {
    handle: Handle,
    /// Nothing is ever sent: the thread waits until this is dropped.
    alive: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Courier {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING_MAX).build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("delivery".into()).spawn(move || {
            let _ = runtime.block_on(ended);
            // Its blocking reads may hang.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, alive: Some(alive), thread: Some(thread) })
    }

    /// The handle to spawn work on the thread.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.alive.take();
        if let Some(thread) = self.thread.take() {
            // It has no result.
            let _ = thread.join();
        }
    }
}

/// Does `work` on the thread of `handle`, and ends it if this is dropped first. `None`: the thread is gone.
pub async fn carry<T: Send + 'static>(handle: &Handle, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let mut one = JoinSet::new();
    one.spawn_on(work, handle);
    one.join_next().await?.ok()
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_carried_runs_in_a_thread_of_its_own_and_ends_when_nobody_waits_for_it() {
        let courier = Courier::start().unwrap();
        let here = thread::current().id();
        // The sleep would block this thread.
        let there = carry(courier.handle(), async {
            thread::sleep(Duration::from_millis(50));
            (thread::current().id(), thread::current().name().map(str::to_owned))
        });
        let mut beats = 0;
        let beat = async {
            loop {
                tokio::time::sleep(Duration::from_millis(5)).await;
                beats += 1;
            }
        };
        let (id, name) = tokio::select! {
            there = there => there.unwrap(),
            () = beat => unreachable!(),
        };
        assert!(id != here && name.as_deref() == Some("delivery") && beats > 1, "{beats}");

        let kept = Arc::new(());
        let held = kept.clone();
        let waiting = carry(courier.handle(), async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        assert!(tokio::time::timeout(Duration::from_millis(20), waiting).await.is_err());
        while Arc::strong_count(&kept) > 1 {
            tokio::task::yield_now().await;
        }
        let handle = courier.handle().clone();
        drop(courier);
        assert_eq!(carry(&handle, async {}).await, None);
    }
}
