//! Hashes on a thread of their own, while the main thread serves the next call.

use std::{fmt::Display, thread};

use nix::sys::signal::{SigSet, SigmaskHow};
use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

use super::crypt;

/// The most threads at a time. A quick hash takes up to 64 MiB.
static SEATS: Semaphore = Semaphore::const_new(4);

/// Whether `password` gives `hash`, computed on a thread that gets no signals: those are for the main thread, where the
/// C library waits for them.
///
/// Fails if there is no thread, or no answer by `until`.
pub(crate) async fn matches(password: &Zeroizing<Vec<u8>>, hash: &str, until: Instant) -> Result<bool, String> {
    let (tell, told) = oneshot::channel();
    let (password, hash) = (password.clone(), Zeroizing::new(hash.to_owned()));
    let seat = timeout_at(until, SEATS.acquire()).await.map_err(worded)?.map_err(worded)?;
    // A thread has the mask of its parent.
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK).map_err(worded)?;
    let started = thread::Builder::new().name("hash".to_owned()).spawn(move || {
        let _seat = seat;
        // Whoever waited may have left.
        let _ = tell.send(crypt::matches(&password, &hash));
    });
    before.thread_set_mask().map_err(worded)?;
    started.map_err(worded)?;
    timeout_at(until, told).await.map_err(worded)?.map_err(worded)
}

fn worded(why: impl Display) -> String {
    why.to_string()
}

#[cfg(test)]
mod tests {
    use tokio::time::Duration;

    use super::*;

    /// Made by perl's crypt.
    const HASH: &str = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$ULclfly.IrwVnshh2BSbS7LopOqlGlGkXutbl2SqiM9";

    #[tokio::test]
    async fn a_hash_is_told_and_this_thread_gets_its_signals_as_before() {
        let before = SigSet::thread_get_mask().unwrap();
        let until = || Instant::now() + Duration::from_mins(1);
        let right = Zeroizing::new(b"Old-horse-battery-1".to_vec());
        assert_eq!(matches(&right, HASH, until()).await, Ok(true));
        assert_eq!(matches(&Zeroizing::new(b"another".to_vec()), HASH, until()).await, Ok(false));
        assert_eq!(SigSet::thread_get_mask().unwrap(), before);
        // Nothing waits for a hash when the time is up.
        matches(&right, HASH, Instant::now()).await.unwrap_err();
    }
}
