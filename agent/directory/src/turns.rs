//! One change at a time for each account, and several accounts at once.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, Weak},
};

use sspr_config::credential::Error;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

/// How many accounts are served at once. A directory that is slow for some accounts must not hold up all others, and
/// memory is bounded.
pub const AT_ONCE: usize = 8;

/// How many names are looked up at once, apart from changes. Each look-up is a connection to a server.
const LOOKS: usize = 16;

/// The accounts that are being served.
pub struct Turns {
    looks: Semaphore,
    at_once: Semaphore,
    accounts: std::sync::Mutex<BTreeMap<String, Weak<Mutex<()>>>>,
}

/// The turn of an account, held while it is served.
#[must_use]
#[derive(Debug)]
pub struct Turn<'a> {
    _account: OwnedMutexGuard<()>,
    _room: SemaphorePermit<'a>,
}

impl Turns {
    /// Serves `at_once` accounts at a time.
    pub fn new(at_once: usize) -> Self {
        Self { looks: Semaphore::new(LOOKS), at_once: Semaphore::new(at_once), accounts: std::sync::Mutex::default() }
    }

    /// A permit for looking a name up. It does not wait: if there is no room, the caller must ask again.
    pub fn look(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.looks.try_acquire().map_err(|_| Error::Unavailable("too many names are looked up at once".to_owned()))
    }

    /// Waits until no other call works on the account `id` and there is room for one more, at most until `until`.
    pub async fn take(&self, id: &str, until: Instant) -> Result<Turn<'_>, Error> {
        let account = self.account(id);
        // The account comes first, so that a caller that waits for an account takes no room from others.
        let turn = async {
            let account = account.lock_owned().await;
            self.at_once.acquire().await.map(|room| Turn { _account: account, _room: room })
        };
        let busy = || Error::Unavailable("other calls took too long".to_owned());
        timeout_at(until, turn).await.map_err(|_| busy())?.map_err(|_| busy())
    }

    fn account(&self, id: &str) -> Arc<Mutex<()>> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = accounts.get(id).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Mutex::new(()));
        accounts.insert(id.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    }

    #[test]
    fn an_account_waits_for_itself_and_not_for_others() {
        run(async {
            let turns = Turns::new(AT_ONCE);
            let alice = turns.take("alice", Instant::now()).await.unwrap();
            let again = turns.take("alice", Instant::now()).await;
            assert!(matches!(&again, Err(Error::Unavailable(_))), "{again:?}");
            let bob = turns.take("bob", Instant::now()).await.unwrap();
            drop(alice);
            drop((turns.take("alice", Instant::now()).await.unwrap(), bob));
            assert!(turns.account("carol").try_lock().is_ok());
            assert_eq!(turns.accounts.lock().unwrap().len(), 1, "those who are served no more are forgotten");
        });
    }

    #[test]
    fn only_so_many_names_are_looked_up_at_once() {
        let turns = Turns::new(AT_ONCE);
        let mut looks: Vec<_> = (0..LOOKS).map(|_| turns.look().unwrap()).collect();
        assert!(matches!(turns.look(), Err(Error::Unavailable(_))));
        looks.pop();
        assert!(turns.look().is_ok());
    }

    #[test]
    fn who_waits_for_an_account_takes_no_room_and_beyond_the_room_others_wait() {
        run(async {
            let turns = Turns::new(2);
            let alice = turns.take("alice", Instant::now()).await.unwrap();
            let hour = Instant::now() + std::time::Duration::from_hours(1);
            let mut again = Box::pin(turns.take("alice", hour));
            // Let it come as far as it can.
            assert!(timeout_at(Instant::now(), &mut again).await.is_err());
            let bob = turns.take("bob", Instant::now()).await.unwrap();
            assert!(turns.take("carol", Instant::now()).await.is_err());
            drop(bob);
            let carol = turns.take("carol", Instant::now()).await.unwrap();
            drop((alice, carol));
            drop(again.await.unwrap());
        });
    }
}
