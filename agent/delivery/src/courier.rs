//! The thread in which messages leave. Handshakes and rendering take milliseconds of a processor: in the one thread that holds all
//! dialogues, a dialogue's beat would come later whenever a message goes out, and tell an observer that one does.

use std::{io, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinSet,
};

/// Look-ups of names and the reading of certificates; the unit allows 64 tasks in all.
const BLOCKING_MAX: usize = 16;

/// The thread; it ends, with all that it does, when this is dropped.
#[derive(Debug)]
pub struct Courier {
    handle: Handle,
    /// Never sent; its end is what the thread waits for.
    alive: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Courier {
    /// Starts it.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING_MAX).build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("delivery".into()).spawn(move || {
            let _ = runtime.block_on(ended);
            // What it reads on the side may hang.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, alive: Some(alive), thread: Some(thread) })
    }

    /// Where to spawn what is to run there.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.alive.take();
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

/// Does `work` by `handle`, and ends it when this is dropped before. `None`: the thread is gone.
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
        // It would hold this thread up.
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
