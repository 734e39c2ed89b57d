//! Everything a dialogue reaches through: each door can be another in a test.

use std::sync::Arc;

use sspr_config::settings::Settings;

use crate::{
    busy::Busy, clock::Clock, credential::client::Credentials, keys::Keys, outbox::Outbox, people::People,
    random::Random, settled::Settled, store::Store, texts::Texts,
};

/// The doors of a running agent. A clone is cheap and shares everything; after a reload of the settings, dialogues in flight
/// go on with the clone that they began with.
#[derive(Clone)]
pub struct Doors {
    /// What the administrator set.
    pub settings: Arc<Settings>,
    /// What people read.
    pub texts: Arc<Texts>,
    /// How texts name this machine.
    pub host_name: String,
    /// What lasts.
    pub store: Arc<Store>,
    /// The host key.
    pub keys: Arc<Keys>,
    /// Whom the module need not ask about for a while.
    pub settled: Arc<Settled>,
    /// Messages on their way out.
    pub outbox: Arc<Outbox>,
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
