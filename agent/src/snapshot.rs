//! What a reload of the settings swaps, in one piece: a dialogue, a command or a message sees all of the old or all of the new.

use std::{ops::Deref, sync::Arc};

use sspr_config::{language::Language, names, settings::Settings};

use crate::{
    account::DIRECTORY,
    delivery::Deliveries,
    languages::Languages,
    proof::Attempt,
    services::Services,
    session::Session,
    settled::Settled,
    targets::{Placed, Target},
    texts::Texts,
};

/// The settings and all that follows from them, with the services of the process. What begins takes the one that counts then, and
/// keeps it to its end.
#[derive(Clone)]
pub struct Snapshot {
    /// The services, which a reload leaves as they are.
    pub services: Arc<Services>,
    /// What the administrator set.
    pub settings: Arc<Settings>,
    /// What people read, in each language.
    pub languages: Arc<Languages>,
    /// How texts name this machine.
    pub host_name: Arc<String>,
    /// How messages leave, and what the gateways answered last.
    pub deliveries: Arc<Deliveries>,
    /// Whom the module need not ask about for a while.
    pub settled: Arc<Settled>,
}

impl Snapshot {
    /// What is said to nobody in particular, and to administrators.
    pub fn default_texts(&self) -> &Arc<Texts> {
        self.languages.texts(self.languages.default())
    }

    /// The realm and the name that somebody means who types `typed`: an account of this host's files where they have it, as
    /// nsswitch.conf has them first, and else one of the directory, where there is one. No target is asked: whether there is such an
    /// account must not show.
    pub fn place<'a>(&self, typed: &'a str) -> Placed<'a> {
        if self.settings.directory.kind.is_none() || self.people.is_here(typed) {
            return Placed::local(typed);
        }
        Placed::in_the_directory(names::folded(typed, &self.settings.directory.domains))
    }

    /// The targets that the settings make use of.
    fn served(&self) -> impl Iterator<Item = &dyn Target> {
        let directory = self.settings.directory.kind.is_some();
        self.targets.all().filter(move |target| directory || target.realm() != DIRECTORY)
    }

    /// Why nobody's password can be set. It is asked before a proof, and is the same whatever the name: else an answer would tell which
    /// names are this host's.
    pub async fn why_nobody(&self) -> Option<String> {
        let mut whys = Vec::new();
        for target in self.served() {
            whys.push(target.why_not().await?);
        }
        Some(whys.join("; "))
    }

    /// Starts what may be needed, for every name alike; see [`Target::wake`].
    pub fn wake(&self) {
        self.served().for_each(Target::wake);
    }

    /// A dialogue in `language`, which turns to plain English without the others. Costs a few reference counts: the texts are read
    /// when the first of them is said.
    #[must_use]
    pub fn session(self: &Arc<Self>, language: Language, attempt: Attempt) -> Session {
        Session::new(self.clone(), language, attempt)
    }
}

impl Deref for Snapshot {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.services
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("host_name", &self.host_name).finish_non_exhaustive()
    }
}

#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
impl Snapshot {
    /// A host that serves everybody, with `settings` on top, a store in memory, and these accounts.
    pub(crate) async fn for_tests<A>(settings: &str, clock: Arc<dyn crate::clock::Clock>, accounts: Arc<A>) -> Self
    where
        A: crate::credential::client::Credentials + crate::people::People + 'static,
    {
        let settings = settings_for_tests(settings);
        let languages = Languages::load(&settings.texts, "").unwrap();
        let services = Services {
            store: Arc::new(crate::store::Store::in_memory().await.unwrap()),
            keys: Arc::new(crate::keys::Keys::from_host_key(&[7; 32])),
            outbox: Arc::default(),
            audit: crate::audit::AuditLog::new(clock.clone()),
            busy: crate::busy::Busy::default(),
            clock,
            random: Arc::new(crate::random::SystemRandom),
            targets: crate::targets::Targets::local(Arc::new(crate::targets::Local::new(
                accounts.clone(),
                accounts.clone(),
            ))),
            helper: accounts.clone(),
            people: accounts,
            judge: Arc::new(crate::password::strength::tests_support::Here::default()),
            syncing: Arc::default(),
        };
        Self {
            services: Arc::new(services),
            settings: Arc::new(settings),
            languages: Arc::new(languages),
            host_name: Arc::new("shell.example.org".into()),
            deliveries: Arc::new(Deliveries::nowhere()),
            settled: Arc::default(),
        }
    }

    /// The same host with other settings.
    pub(crate) fn with_settings(&self, settings: Settings) -> Arc<Self> {
        Arc::new(Self { settings: Arc::new(settings), ..self.clone() })
    }

    /// The same host with another of its services.
    pub(crate) fn with_services(&self, change: impl FnOnce(&mut Services)) -> Arc<Self> {
        let mut services = Services::clone(&self.services);
        change(&mut services);
        Arc::new(Self { services: Arc::new(services), ..self.clone() })
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
