//! Reads a typed contact on its own thread, and always takes the same time. A telephone number takes milliseconds,
//! because the patterns of its country are compiled; the junk that sshd types for an unknown name is refused at once.
//! Other dialogues must not notice the difference.

use std::{hint::black_box, time::Duration};

use rustix::time::{ClockId, clock_gettime};
use tokio::{sync::Semaphore, task};

/// One at a time: many simultaneous users must not take all processors or much memory.
static ONE: Semaphore = Semaphore::const_new(1);

/// The processor time of every reading: longer than any country's number takes. Tests don't need it.
const COST: Duration = Duration::from_millis(if cfg!(any(test, fuzzing)) { 0 } else { 15 });

/// The result of `read`; `None` if the input can't be read.
pub async fn read<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _turn = ONE.acquire().await.ok()?;
    task::spawn_blocking(move || at_cost(COST, read)).await.ok()
}

/// Does `work`, and keeps this thread busy until it has worked for `cost`.
fn at_cost<T>(cost: Duration, work: impl FnOnce() -> T) -> T {
    let begun = worked();
    let done = work();
    while worked().saturating_sub(begun) < cost {
        for n in 0..1000u32 {
            black_box(n);
        }
    }
    done
}

/// How long this thread has worked so far.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{EmailAddress, PhoneNumber};

    #[test]
    fn whatever_is_read_costs_the_same() {
        // Long enough to read a number even in a program that is not optimised.
        let cost = Duration::from_millis(400);
        // The first number loads the numbering plans.
        let _ = PhoneNumber::parse("+81 90 1234 5678", None);
        for typed in ["+81 90 1234 5678", "090-1234-5678", "\u{8}\n\r\u{7f}INCORRECT", "ann@example.org", ""] {
            let begun = worked();
            at_cost(cost, || (PhoneNumber::parse(typed, Some("JP")).is_ok(), EmailAddress::parse(typed).is_ok()));
            let took = worked().saturating_sub(begun);
            assert!(took >= cost && took < cost + cost / 4, "{typed:?}: {took:?}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nobody_else_waits_while_something_is_read() {
        let (go, going) = std::sync::mpsc::channel::<()>();
        let reading = tokio::spawn(read(move || going.recv().is_ok()));
        // The only thread of this runtime is not blocked, otherwise this would never return.
        tokio::task::yield_now().await;
        go.send(()).unwrap();
        assert_eq!(reading.await.unwrap(), Some(true));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_can_not_be_read_at_all_is_nothing() {
        assert_eq!(
            read(|| if worked() < Duration::MAX { panic!("a number that nobody thought of") } else { 1 }).await,
            None
        );
        assert_eq!(read(|| 1).await, Some(1), "and the next is read");
    }
}
