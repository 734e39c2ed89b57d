//! Everything a dialogue reaches through: each door can be another in a test.

use std::sync::Arc;

use sspr_config::settings::Settings;

use crate::{
    busy::Busy, clock::Clock, credential::client::Credentials, keys::Keys, outbox::Outbox, people::People,
    random::Random, settled::Settled, store::Store, texts::Texts,
};

/// The doors of a running agent.
pub struct Doors {
    /// What the administrator set.
    pub settings: Settings,
    /// What people read.
    pub texts: Texts,
    /// How texts name this machine.
    pub host_name: String,
    /// What lasts.
    pub store: Store,
    /// The host key.
    pub keys: Keys,
    /// Whom the module need not ask about for a while.
    pub settled: Settled,
    /// Messages on their way out.
    pub outbox: Outbox,
    /// What must not be cut off.
    pub busy: Busy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Accounts and passwords.
    pub credentials: Arc<dyn Credentials>,
    /// Names and uids.
    pub people: Arc<dyn People>,
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").field("host_name", &self.host_name).finish_non_exhaustive()
    }
}
