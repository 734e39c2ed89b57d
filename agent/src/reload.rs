//! The state that follows from the settings, read at the agent's start, on SIGHUP, and when root asks on the bus
//! (`systemctl reload sspr-agent`). After a mistake everything stays as it was.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use sspr_config::settings::{self, AuditJournal, Enable, Scope, Settings};
use zbus::{fdo::DBusProxy, message::Header, names::BusName};

use crate::{
    credential::client::Credentials,
    delivery::Deliveries,
    error::{Error, Result},
    languages::Languages,
    reloadable::Reloadable,
    services::Services,
    settled::Settled,
    snapshot::Snapshot,
    validate,
};
use sspr_machine::names;

/// The state that follows from the settings.
#[derive(Debug)]
pub struct Chosen {
    settings: Settings,
    host_name: String,
    languages: Languages,
    deliveries: Deliveries,
}

impl Chosen {
    /// Reads the settings at `config` and the files that they name.
    pub fn read(config: &Path) -> Result<Self> {
        let settings = settings::load(config)?;
        warn_of_missing_groups(&settings.scope);
        warn_of_what_0_1_0_took(&settings);
        let host_name = host_name(&settings);
        let (languages, deliveries) = validate::read(&settings, |s| Deliveries::from_settings(s, &host_name))?;
        Ok(Self { settings, host_name, languages, deliveries })
    }

    /// The settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All of it in one piece, with the services of the process. `settled` has the users whom the module need not ask
    /// about.
    pub fn snapshot(self, services: Arc<Services>, settled: Settled) -> Snapshot {
        services.audit.speak_json(self.settings.audit.journal == AuditJournal::Json);
        Snapshot {
            services,
            settings: Arc::new(self.settings),
            languages: Arc::new(self.languages),
            host_name: Arc::new(self.host_name),
            deliveries: Arc::new(self.deliveries),
            settled: Arc::new(settled),
        }
    }
}

/// A typo in a group's name leaves out all its members. The group may also be in a directory that is not reachable
/// yet, so it is no error. In `exclude`, the credential helper treats it as one.
fn warn_of_missing_groups(scope: &Scope) {
    let enabled = match &scope.enable {
        Enable::Groups(groups) => groups.as_slice(),
        Enable::None | Enable::All => &[],
    };
    let excluded = scope.exclude.iter().filter_map(|entry| entry.strip_prefix('@'));
    let named: Vec<String> = enabled.iter().map(String::as_str).chain(excluded).map(str::to_owned).collect();
    // In the background: a name service that hangs must not hold up the agent for a warning.
    let look = move || {
        for group in named.iter().filter(|group| matches!(names::group(group), Ok(None))) {
            tracing::warn!(group, "[scope] names a group that does not exist: {group}");
        }
    };
    if let Err(error) = thread::Builder::new().name("groups".into()).spawn(look) {
        tracing::warn!(%error, "the groups in [scope] are not looked up");
    }
}

/// A setting that newly shows a code or a key to every user. A reload refuses it; a start of the agent goes on with
/// it.
fn newly_exposed(old: &Settings, new: &Settings) -> Option<String> {
    if new.phone == old.phone {
        return None;
    }
    let exposed = new.shown_message().or_else(|| new.shown_secret())?;
    Some(format!("[{}] {}: {}", exposed.section, exposed.key, exposed.why))
}

/// One line for each setting that version 0.1.0 accepted although it is wrong. The agent starts anyway, so that an
/// upgrade does not stop it.
fn warn_of_what_0_1_0_took(settings: &Settings) {
    if let Some(exposed) = settings.shown_message() {
        tracing::error!("text messages are off: [{}] {}: {}", exposed.section, exposed.key, exposed.why);
    }
    if let Some(exposed) = settings.shown_secret() {
        tracing::warn!("[{}] {}: {}", exposed.section, exposed.key, exposed.why);
    }
    for bounded in &settings.bounded {
        tracing::warn!("[{}] {}: {}", bounded.section, bounded.key, bounded.why);
    }
}

/// The name of this machine in texts.
pub fn host_name(settings: &Settings) -> String {
    let own = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    settings.email.host_name.clone().unwrap_or_else(own)
}

/// Reads the settings of a running agent again.
#[derive(Clone, Debug)]
pub struct Reloader {
    config: PathBuf,
    agent: Reloadable<Snapshot>,
}

impl Reloader {
    /// For the settings at `config`, and the state that follows from them.
    pub fn new(config: PathBuf, agent: Reloadable<Snapshot>) -> Self {
        Self { config, agent }
    }

    /// Reads the settings from the files, or keeps the old ones and writes the reason to the journal.
    ///
    /// All settings are swapped in one piece. Open dialogues go on with the settings that they began with, as does a
    /// message that is being sent; a waiting message is sent by the new ones.
    pub fn reload(&self) -> Result<()> {
        let chosen = Chosen::read(&self.config).inspect_err(
            |error| tracing::error!(%error, "the settings were not read again; the old ones are kept until this is corrected"),
        )?;
        let old = self.agent.now();
        if let Some(error) = newly_exposed(&old.settings, &chosen.settings) {
            tracing::error!(error, "the settings were not read again; the old ones are kept until this is corrected");
            return Err(Error::Exposed(error));
        }
        // The new settings may ask other users at a sign-in.
        let settled = old.settled.for_new_settings();
        self.agent.replace(Arc::new(chosen.snapshot(old.services.clone(), settled)));
        old.outbox.wake();
        publish(old.helper.clone());
        tracing::info!("the settings were read again");
        Ok(())
    }
}

/// Until the next try: a helper of an older version, which does not have this call, ends once it is idle.
const PUBLISH_PAUSES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(30)];

/// Has the helper write the present settings for the module. The helper reads the files at each call, and keeps the
/// last valid ones, so it has the same settings from now on.
pub fn publish(helper: Arc<dyn Credentials>) {
    tokio::spawn(async move {
        for pause in PUBLISH_PAUSES {
            let Err(error) = helper.publish().await else { return };
            tracing::error!(
                %error,
                "root's helper could not write the policy for sign-ins, so the PAM module uses the previous one; where there is \
                 none, registering is not required: {error}"
            );
            tokio::time::sleep(pause).await;
        }
    });
}

/// Why a reload was refused; the text is for the caller.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.pam_sspr.Error")]
pub enum ReloadError {
    /// The bus failed.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// This caller may not do that.
    Denied(String),
    /// The settings have a mistake; the old ones are kept.
    Settings(String),
}

/// `org.pam_sspr.Settings1`, for root and for the agent's own user; systemd runs `ExecReload=` as the latter.
#[derive(Debug)]
pub struct SettingsInterface(pub Reloader);

#[zbus::interface(name = "org.pam_sspr.Settings1")]
impl SettingsInterface {
    /// Reads the settings again, and returns once they are in effect.
    async fn reload(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
    ) -> std::result::Result<(), ReloadError> {
        let denied = || ReloadError::Denied("only root and the agent's user may ask for that".into());
        let sender = header.sender().ok_or_else(denied)?.to_owned();
        let bus = DBusProxy::new(connection).await?;
        let uid = bus.get_connection_unix_user(BusName::Unique(sender)).await.map_err(|_| denied())?;
        if uid != 0 && uid != rustix::process::geteuid().as_raw() {
            return Err(denied());
        }
        self.0.reload().map_err(|error| ReloadError::Settings(error.to_string()))
    }
}
