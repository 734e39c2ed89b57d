//! What lives as long as the process: built once, when the agent starts, and the same for every dialogue. Each can be another in
//! a test.

use std::sync::Arc;

use crate::{
    audit::AuditLog,
    bell::Bell,
    busy::Busy,
    clock::{Clock, Time},
    credential::client::Credentials,
    error::Result,
    keys::Keys,
    password::strength::StrengthChecker,
    people::People,
    random::Random,
    store::{Store, Tx},
    targets::Targets,
};

/// The services of a running agent.
#[derive(Clone)]
pub struct Services {
    /// What lasts.
    pub store: Arc<Store>,
    /// The host key.
    pub keys: Arc<Keys>,
    /// Messages on their way out.
    pub outbox: Arc<Bell>,
    /// What happened, on its way to the store.
    pub audit: AuditLog,
    /// What must not be cut off.
    pub busy: Busy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Accounts and passwords.
    pub targets: Targets,
    /// Root's helper, which writes what the module goes by.
    pub helper: Arc<dyn Credentials>,
    /// Names and uids.
    pub people: Arc<dyn People>,
    /// Checks the strength of new passwords.
    pub strength: Arc<dyn StrengthChecker>,
    /// Held while the directory's contacts are copied.
    pub syncing: Arc<tokio::sync::Mutex<()>>,
    /// For how many sign-ins on hosts of a fleet the directory may check a password at a time.
    pub sign_ins: Arc<tokio::sync::Semaphore>,
}

/// See [`Services::sign_ins`]: fewer than `sspr-directory` works on at a time, so that resets find room.
pub const SIGN_INS_AT_ONCE: usize = 6;

impl Services {
    /// The time.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Begins a transaction on the store, which waits for the one before it. It is undone unless it is committed.
    pub async fn begin(&self) -> Result<Tx<'_>> {
        self.store.begin().await
    }

    /// The same for statements that only read, see [`Store::begin_to_read`].
    pub async fn begin_to_read(&self) -> Result<Tx<'_>> {
        self.store.begin_to_read().await
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}
