//! Dialogues for the users of this machine: the agent's own, or those of the fleet's server, whose steps are relayed.
//!
//! On a host of a fleet, the server makes every reset, whatever the name: the host must not reveal which names are in
//! its own files. For such a name, the server gets a name that no user has. It is always the same one, so the server
//! counts it like any other name. Only if the settings of both ends say so does the server serve such an account, see
//! `own.rs`. If no server answers, every user reads that reset is unavailable.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sspr_config::dialogue::{Ask, Purpose, Standing, Step};
use sspr_fleet::{client::Trouble, wire::Begin};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{
    Fleet, Why,
    open::{About, Again, Open, Opened},
    own::{self, Own},
    reach::Reach,
    steps::{ask, end, from_wire},
    told::{message, not_now, unknown},
};
use crate::{
    errand,
    held::Refused,
    places::Places,
    principal::Principal,
    random,
    reloadable::Reloadable,
    sessions::{Beginning, Sessions},
    snapshot::Snapshot,
    source::Source,
};

pub(super) type Result<T> = std::result::Result<T, Refused>;

/// How long the first step of a reset may take. At a password prompt, the module waits for one second.
const AT_A_PROMPT: Duration = Duration::from_millis(800);
/// How long the first step of other dialogues may take, in a shell.
const IN_A_SHELL: Duration = Duration::from_secs(5);
/// How long the next step may take after an answer that is not sealed. The module waits one second longer.
pub(super) const ANSWER: Duration = Duration::from_secs(14);
/// How long a dialogue is kept here at most. The server ends it long before that.
const KEPT: Duration = Duration::from_hours(1);

/// The dialogues of the agent and of the fleet's server. Clones share them.
#[derive(Clone)]
pub struct Relay {
    sessions: Sessions,
    host: Option<Host>,
}

/// The state of a host of a fleet.
#[derive(Clone)]
pub(super) struct Host {
    pub(super) agent: Reloadable<Snapshot>,
    fleet: Fleet,
    pub(super) places: Places,
    open: Arc<Mutex<HashMap<String, Open>>>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").finish_non_exhaustive()
    }
}

impl From<Sessions> for Relay {
    /// The dialogues of a machine that is not a host of a fleet, whatever its settings say.
    fn from(sessions: Sessions) -> Self {
        Self { sessions, host: None }
    }
}

impl Relay {
    /// The dialogues of `sessions`, and those of the fleet's servers if the settings name any.
    pub fn new(sessions: Sessions, agent: Reloadable<Snapshot>, fleet: Fleet) -> Self {
        Self { sessions, host: Some(Host { agent, fleet, places: Places::default(), open: Arc::default() }) }
    }

    /// See [`Sessions::begin`]. On a host, an unreachable server is not an error: the step says that reset is
    /// unavailable.
    pub async fn begin(
        &self,
        who: &Principal,
        wanted: Beginning<'_>,
        leaving: impl Future<Output = std::result::Result<(), String>> + Send + 'static,
    ) -> Result<(String, Step)> {
        match self.host.as_ref().filter(|host| host.agent.now().settings.fleet.is_on()) {
            Some(host) => host.begin(&self.sessions, who, wanted, leaving).await,
            None => self.sessions.begin(who, wanted, leaving).await,
        }
    }

    /// See [`Sessions::answer`].
    pub async fn answer(&self, who: &Principal, handle: &str, turn: u32, answer: &[u8], sealed: bool) -> Result<Step> {
        if let Some(host) = &self.host
            && let Some(taken) = host.take(who, handle, turn, sealed)?
        {
            return host.answer(handle, turn, taken, answer, sealed).await;
        }
        self.sessions.answer(who, handle, turn, answer, sealed).await
    }

    /// See [`Sessions::cancel`].
    pub fn cancel(&self, who: &Principal, handle: &str) {
        if !self.host.as_ref().is_some_and(|host| host.end(who, handle, None)) {
            self.sessions.cancel(who, handle);
        }
    }

    /// See [`Sessions::leave`].
    pub fn leave(&self, who: &Principal, handle: &str, why: &str) {
        if !self.host.as_ref().is_some_and(|host| host.end(who, handle, Some(why.to_owned()))) {
            self.sessions.leave(who, handle, why);
        }
    }
}

impl Host {
    pub(super) fn table(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn begin(
        &self,
        sessions: &Sessions,
        who: &Principal,
        wanted: Beginning<'_>,
        leaving: impl Future<Output = std::result::Result<(), String>> + Send + 'static,
    ) -> Result<(String, Step)> {
        let (name, caller) = sessions.identify(who, &wanted).await?;
        let agent = self.agent.now();
        // In a shell the current password is asked for, and no password of an account of this host's own leaves it.
        let is_here = match wanted.purpose() {
            Purpose::Recover => agent.people.is_here(&name),
            _ => agent.people.is_own(&name),
        };
        let own = own::name(&agent, &agent.settings.fleet, &name, wanted.purpose());
        let is_served = !own.is_empty() && !self.fleet.refuses_own();
        match wanted.purpose() {
            Purpose::Recover => {}
            Purpose::Register => return self.signs_in(sessions, who, name, caller, &wanted, leaving).await,
            _ if is_here && !is_served => return sessions.begin(who, wanted, leaving).await,
            // The server shows a registration only after the password, and "sspr enroll" asks for that.
            Purpose::Status => {
                let text = sessions.texts(caller, &wanted).0.say("register-by-hand", &[]);
                return Ok((String::new(), end(1, Standing::Finished, text)));
            }
            Purpose::Hint => return Ok((String::new(), end(1, Standing::Finished, String::new()))),
            Purpose::Enroll | Purpose::Codes | Purpose::Remove | Purpose::Desk => {}
        }
        let full = || Refused::Unavailable("too many dialogues are open".into());
        let mut place = self.places.take(who.uid()).ok_or_else(full)?;
        if wanted.purpose() == Purpose::Recover {
            place = place.from(Source::new(&caller.source).near).ok_or_else(full)?;
        }
        // Unlike the files here, the server's directory may ignore case.
        let folded = name.to_lowercase();
        let is_here = is_here || agent.people.is_here(&folded);
        let user = if is_here { unknown(&agent, &folded) } else { name.clone() };
        let message = message(who, &wanted, &caller, (user, own.clone()));
        let (texts, far) = sessions.texts(caller.clone(), &wanted);
        let own =
            (!own.is_empty()).then(|| Own::new(&own, wanted.purpose(), caller, texts.clone(), self.fleet.clone()));
        if wanted.purpose() != Purpose::Recover
            && let Some(own) = own.as_ref().filter(|_| is_served)
            && let Some(why) = own.why_not(&agent).await
        {
            return Ok((String::new(), end(1, Standing::Refused, why)));
        }
        let patience = if wanted.purpose() == Purpose::Recover { AT_A_PROMPT } else { IN_A_SHELL };
        let until = agent.now() + agent.settings.limits.recovery.as_secs();
        let Opened { at, handle, step, own: is_own } = match self.begun(&agent, &message, patience).await {
            Ok(begun) => begun,
            Err(why) => {
                tracing::warn!(%why, "no dialogue through the fleet: {why}");
                return Ok((String::new(), end(1, Standing::Refused, not_now(&agent, &texts, far))));
            }
        };
        if ask(&step) == Ask::Nothing {
            let step = match &own {
                Some(own) if is_own => own.ended(&agent, step).await,
                _ => step,
            };
            return Ok((String::new(), step));
        }
        let is_lost = !is_own && own.is_some() && wanted.purpose() != Purpose::Recover;
        let about =
            About { user: name, uid: who.uid(), texts, new_password: Zeroizing::default(), wanted: own, is_own };
        let again = Again { begin: Begin { resumes: Some(handle.clone()), ..message }, until, has_moved: false };
        let mut open = Open::new(who, (at, handle, &step), about, place);
        open.again = (wanted.purpose() == Purpose::Recover).then_some(again);
        if is_lost {
            // The server does not serve accounts of its hosts, and this host did not know it yet.
            self.told(&open, None);
            drop(open);
            return sessions.begin(who, wanted, leaving).await;
        }
        self.keeps(&agent, open, leaving).map(|handle| (handle, step))
    }

    /// Has a server begin a dialogue.
    pub(super) async fn begun(
        &self,
        agent: &Snapshot,
        message: &Begin,
        patience: Duration,
    ) -> std::result::Result<Opened, Why> {
        let begun = self.reach(agent)?.begin(message, patience).await?;
        let own = begun.own && !message.own.is_empty();
        if !message.own.is_empty() {
            self.fleet.heard_of_own(own);
        }
        let step = from_wire(begun.step);
        if errand::is_one(&step) {
            return Err(Why::Server(Trouble::Strange("the first step of a dialogue".to_owned())));
        }
        Ok(Opened { at: begun.at, handle: begun.handle, step, own })
    }

    /// Keeps a dialogue that a server has begun until it is over, or `leaving` reports that its caller is gone. Its handle here.
    pub(super) fn keeps(
        &self,
        agent: &Snapshot,
        mut open: Open,
        leaving: impl Future<Output = std::result::Result<(), String>> + Send + 'static,
    ) -> Result<String> {
        let handle =
            random::handle(agent.random.as_ref()).map_err(|_| Refused::Unavailable("see the journal".into()))?;
        let watch = watch(self.clone(), Box::pin(leaving), open.owner.clone(), handle.clone());
        let mut table = self.table();
        open.watch = Some(tokio::spawn(watch).abort_handle());
        table.insert(handle.clone(), open);
        Ok(handle)
    }

    pub(super) fn reach(&self, agent: &Snapshot) -> std::result::Result<Reach, Why> {
        // The server has the records.
        agent.audit.worked();
        self.fleet.reach(&agent.settings.fleet)
    }
}

/// Ends the dialogues of `owner` when its connection is gone, and the dialogue `handle` after [`KEPT`] in any case.
async fn watch(
    host: Host,
    leaving: impl Future<Output = std::result::Result<(), String>> + Unpin,
    owner: String,
    handle: String,
) {
    match timeout(KEPT, leaving).await {
        Ok(Ok(())) => host.gone(&owner),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a caller can't be watched");
            tokio::time::sleep(KEPT).await;
            host.table().remove(&handle);
        }
        Err(_) => drop(host.table().remove(&handle)),
    }
}
