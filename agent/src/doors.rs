//! Everything a dialogue reaches through: each door can be another in a test.

use std::sync::Arc;

use sspr_config::{language::Language, settings::Settings};

use crate::{
    busy::Busy, clock::Clock, credential::client::Credentials, keys::Keys, languages::Languages, outbox::Outbox,
    password::strength::Judge, people::People, random::Random, settled::Settled, store::Store, texts::Texts,
};

/// The doors of a running agent. A clone is cheap and leads to the same places; each dialogue has one of its own, for its
/// language, and goes on with it after a reload of the settings.
#[derive(Clone)]
pub struct Doors {
    /// What the administrator set.
    pub settings: Arc<Settings>,
    /// What people read, in the language of this dialogue or message.
    pub texts: Arc<Texts>,
    /// The same in all languages.
    pub languages: Arc<Languages>,
    /// How texts name this machine.
    pub host_name: Arc<String>,
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
    /// Who judges new passwords.
    pub judge: Arc<dyn Judge>,
}

impl Doors {
    /// The same doors with the texts of `language`. Costs a few reference counts: the texts are read when the first of them
    /// is said.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Self {
        Self { texts: self.languages.texts(language).clone(), ..self.clone() }
    }
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").field("host_name", &self.host_name).finish_non_exhaustive()
    }
}
