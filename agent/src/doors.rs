//! Everything a dialogue reaches through: each door can be another in a test.

use std::sync::Arc;

use sspr_config::{language::Language, settings::Settings};

use crate::{
    audit::Trail, busy::Busy, clock::Clock, credential::client::Credentials, keys::Keys, languages::Languages,
    outbox::Outbox, password::strength::Judge, people::People, random::Random, settled::Settled, store::Store,
    texts::Texts,
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
    /// What happened, on its way to the store.
    pub trail: Trail,
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
    /// The same doors with the texts of `language`, which turn to plain English without those of others. Costs a few reference
    /// counts: the texts are read when the first of them is said.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Self {
        Self { texts: Arc::new(self.languages.texts(language).for_one()), ..self.clone() }
    }
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").field("host_name", &self.host_name).finish_non_exhaustive()
    }
}

#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
impl Doors {
    /// Doors of a host that serves everybody, with `settings` on top, a store in memory, and these accounts.
    pub(crate) async fn for_tests<A: Credentials + People + 'static>(
        settings: &str,
        clock: Arc<dyn Clock>,
        accounts: Arc<A>,
    ) -> Self {
        let settings = settings_for_tests(settings);
        let languages = Languages::load(&settings.texts, "").unwrap();
        Self {
            settings: Arc::new(settings),
            texts: languages.texts(languages.default()).clone(),
            languages: Arc::new(languages),
            host_name: Arc::new("shell.example.org".into()),
            store: Arc::new(Store::in_memory().await.unwrap()),
            keys: Arc::new(Keys::from_host_key(&[7; 32])),
            settled: Arc::default(),
            outbox: Arc::default(),
            trail: Trail::new(clock.clone()),
            busy: Busy::default(),
            clock,
            random: Arc::new(crate::random::SystemRandom),
            credentials: accounts.clone(),
            people: accounts,
            judge: Arc::new(crate::password::strength::tests_support::Here::default()),
        }
    }
}

/// Settings that serve everybody, with `text` on top.
#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
pub(crate) fn settings_for_tests(text: &str) -> Settings {
    let phone = if text.contains("[phone]") { "" } else { "[phone]\ndefault_region = \"JP\"\n" };
    let text = format!("[scope]\nenable = \"all\"\n{phone}{text}");
    let mut settings = sspr_config::settings::parse(&text, std::path::Path::new("test.toml")).unwrap();
    // The people of the tests type faster than any.
    if !text.contains("min_typing_ms") {
        settings.register.min_typing_ms = 0;
    }
    settings
}
