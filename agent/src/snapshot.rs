//! The state that a reload of the settings swaps in one piece: a dialogue, a command or a message sees only the old
//! state or only the new one.

use std::{ops::Deref, sync::Arc};

use sspr_config::{names, settings::Settings};

use crate::{
    account::{DIRECTORY, Name},
    delivery::Deliveries,
    languages::Languages,
    services::Services,
    settled::Settled,
    targets::{Placed, Target},
    texts::Texts,
};

/// The settings and everything that follows from them, with the services of the process. A dialogue, command or
/// message takes the current snapshot, and keeps it to its end.
#[derive(Clone)]
pub struct Snapshot {
    /// The services, which a reload does not change.
    pub services: Arc<Services>,
    /// The administrator's settings.
    pub settings: Arc<Settings>,
    /// The texts for users, in each language.
    pub languages: Arc<Languages>,
    /// The name of this machine in texts.
    pub host_name: Arc<String>,
    /// The gateways, and their last answers.
    pub deliveries: Arc<Deliveries>,
    /// Users whom the module need not ask about for a while.
    pub settled: Arc<Settled>,
}

impl Snapshot {
    /// The texts for no user in particular, and for administrators.
    pub fn default_texts(&self) -> &Arc<Texts> {
        self.languages.texts(self.languages.default())
    }

    /// The realm and the name for a user who types `typed`: an account in this host's files, which come first in
    /// nsswitch.conf, otherwise one of the directory, if there is one. No target is asked: whether the account exists
    /// must not show.
    pub fn place<'a>(&self, typed: &'a str) -> Placed<'a> {
        if self.settings.directory.kind.is_none() || self.people.is_here(typed) {
            return Placed::local(typed);
        }
        Placed::in_the_directory(names::folded(typed, &self.settings.directory.domains))
    }

    /// The same for a host of the fleet, whose users are the directory's: files of this machine say nothing of them.
    pub fn place_far(&self, typed: &str) -> Placed<'static> {
        Placed::in_the_directory(names::folded(typed, &self.settings.directory.domains))
    }

    /// The targets that the settings use.
    fn served(&self) -> impl Iterator<Item = &dyn Target> {
        let directory = self.settings.directory.kind.is_some();
        self.targets.all().filter(move |target| directory || target.realm() != DIRECTORY)
    }

    /// The same with one more target, for one dialogue.
    pub(crate) fn with_target(self: &Arc<Self>, target: Arc<dyn Target>) -> Arc<Self> {
        let mut services = Services::clone(&self.services);
        services.targets = services.targets.with(target);
        Arc::new(Self { services: Arc::new(services), ..Self::clone(self) })
    }

    /// Why no password can be set for the users of a fleet. It is the same for every name, see [`Self::why_nobody`]: a
    /// host is not asked about its own accounts before a proof.
    pub async fn why_nobody_of_the_fleet(&self) -> Option<String> {
        self.settings.directory.kind?;
        self.targets.why_not(Name { realm: DIRECTORY, name: "" }).await
    }

    /// Why no password can be set at all. It is asked before a proof, and the answer does not depend on the name;
    /// otherwise it would reveal which names belong to this host.
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
    /// A host that serves all users, with `settings` added, a store in memory, and these accounts.
    pub(crate) async fn for_tests<A>(settings: &str, clock: Arc<dyn crate::clock::Clock>, accounts: Arc<A>) -> Self
    where
        A: crate::credential::client::Credentials + crate::people::People + 'static,
    {
        let settings = settings_for_tests(settings);
        let languages = Languages::load(&settings.texts, "").unwrap();
        let services = Services {
            store: Arc::new(crate::store::Store::for_tests().await.unwrap()),
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
            strength: Arc::new(crate::password::strength::tests_support::InProcess::default()),
            syncing: Arc::default(),
            sign_ins: Arc::new(tokio::sync::Semaphore::new(crate::services::SIGN_INS_AT_ONCE)),
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

/// Settings that serve all users, with `text` added.
#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
pub(crate) fn settings_for_tests(text: &str) -> Settings {
    let phone = if text.contains("[phone]") { "" } else { "[phone]\ndefault_region = \"JP\"\n" };
    let scope = if text.contains("[scope]") { "" } else { "[scope]\nenable = \"all\"\n" };
    let text = format!("{scope}{phone}{text}");
    let mut settings = sspr_config::settings::parse(&text, std::path::Path::new("test.toml")).unwrap();
    // Users in tests type faster than any person.
    if !text.contains("min_typing_ms") {
        settings.register.min_typing_ms = 0;
    }
    settings
}
