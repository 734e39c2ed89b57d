//! Dialogues for the users of this machine: the agent's own, or those of the fleet's server, whose steps are relayed.
//!
//! On a host of a fleet, the server makes every reset, whatever the name: the host must not reveal which names are in
//! its own files. For such a name, the server gets a name that no user has. It is always the same one, so the server
//! counts it like any other name. Only if the settings of both ends say so does the server serve such an account, see
//! [`super::own`]. If no server answers, every user reads that reset is unavailable.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sspr_config::{
    credential::patience,
    dialogue::{ANSWER_MAX, ANSWER_SEALED_MAX, Ask, Purpose, Standing, Step},
};
use sspr_fleet::{
    client::{Replica, Trouble},
    wire::{Answer, Begin, Leave, Refusal, Typed, VERSION},
};
use tokio::{
    task::AbortHandle,
    time::{Instant, timeout},
};
use zeroize::Zeroizing;

use super::{
    Fleet, Why,
    after::{self, Reset},
    own::{self, Instead, Own},
    reach::Reach,
    signing_in::SigningIn,
    steps::{ask, end, from_wire},
    told::{message, not_now, unknown, with_help},
};
use crate::{
    clock::Time,
    errand,
    held::Refused,
    places::{Place, Places},
    principal::Principal,
    random,
    reloadable::Reloadable,
    sessions::{Beginning, Sessions},
    snapshot::Snapshot,
    source::Source,
    texts::Texts,
};

pub(super) type Result<T> = std::result::Result<T, Refused>;

/// How long the first step of a reset may take. At a password prompt, the module waits for one second.
const AT_A_PROMPT: Duration = Duration::from_millis(800);
/// How long the first step of other dialogues may take, in a shell.
const IN_A_SHELL: Duration = Duration::from_secs(5);
/// How long the next step may take after an answer that is not sealed. The module waits one second longer.
const ANSWER: Duration = Duration::from_secs(14);
/// How long a call that ends a dialogue early may take.
const LEAVE: Duration = Duration::from_secs(2);
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

/// A dialogue at the server.
pub(super) struct Open {
    owner: String,
    /// The server that holds it, and its handle there.
    at: Replica,
    handle: String,
    turn: u32,
    ask: Ask,
    about: About,
    /// Set if it is a reset, which can go on at another server; see [`super::failover`].
    pub(super) again: Option<Again>,
    /// The last step, if a question of this host's own comes before it.
    end: Option<Step>,
    /// Set if the user has just signed in, and the sign-in waits for the first question.
    pub(super) signing_in: Option<SigningIn>,
    /// Whether an answer is in progress.
    busy: bool,
    watch: Option<AbortHandle>,
    _place: Place,
}

impl Open {
    /// What a server has begun there, under this handle, with this step.
    pub(super) fn new(who: &Principal, begun: (Replica, String, &Step), about: About, place: Place) -> Self {
        let (at, handle, step) = begun;
        Self {
            owner: who.connection().to_owned(),
            at,
            handle,
            turn: step.turn,
            ask: ask(step),
            about,
            again: None,
            end: None,
            signing_in: None,
            busy: false,
            watch: None,
            _place: place,
        }
    }
}

impl Open {
    /// Goes on at another server, under the handle there, with this step.
    pub(super) fn goes_on_at(&mut self, (at, handle): (Replica, String), step: &Step) {
        (self.at, self.handle) = (at, handle);
        (self.turn, self.ask, self.busy) = (step.turn, ask(step), false);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

/// How a reset goes on at another server.
#[derive(Clone)]
pub(super) struct Again {
    /// What begins it there.
    pub(super) begin: Begin,
    /// When its time is over, by this host's settings, counted from its beginning at the first server.
    pub(super) until: Time,
}

/// The parts of a dialogue that an answer needs.
pub(super) struct Taken {
    pub(super) at: Replica,
    pub(super) handle: String,
    pub(super) ask: Ask,
    pub(super) again: Option<Again>,
    end: Option<Step>,
    signing_in: Option<SigningIn>,
    /// Needed after a reset, even if the user is gone by then.
    pub(super) about: About,
}

/// An answer's way.
pub(super) enum Answered {
    /// The server of the dialogue took it, and this is the next step.
    Here(Step),
    /// That server is lost, and another one goes on.
    Elsewhere(Opened),
}

/// The user of a dialogue.
#[derive(Clone)]
pub(super) struct About {
    pub(super) user: String,
    pub(super) uid: u32,
    pub(super) texts: Arc<Texts>,
    pub(super) new_password: Zeroizing<Vec<u8>>,
    /// Set if it is an account of this host itself, which the server serves.
    pub(super) own: Option<Own>,
}

/// A dialogue that a server has begun.
pub(super) struct Opened {
    pub(super) at: Replica,
    pub(super) handle: String,
    pub(super) step: Step,
    /// Whether it is about an account of this host itself.
    pub(super) own: bool,
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
        let is_here = agent.people.is_here(&name);
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
        let wants_own = !own.is_empty();
        let message = message(who, &wanted, &caller, (user, own.clone()));
        let (texts, far) = sessions.texts(caller.clone(), &wanted);
        let patience = if wanted.purpose() == Purpose::Recover { AT_A_PROMPT } else { IN_A_SHELL };
        let until = agent.now() + agent.settings.limits.recovery.as_secs();
        let Opened { at, handle, step, own: is_served } = match self.begun(&agent, &message, patience).await {
            Ok(begun) => begun,
            Err(why) => {
                tracing::warn!(%why, "no dialogue through the fleet: {why}");
                return Ok((String::new(), end(1, Standing::Refused, not_now(&agent, &texts, far))));
            }
        };
        if ask(&step) == Ask::Nothing {
            return Ok((String::new(), step));
        }
        let own = is_served.then(|| Own::new(&own, wanted.purpose(), caller, texts.clone()));
        let is_lost = own.is_none() && wants_own && wanted.purpose() != Purpose::Recover;
        // What this host does for an account of its own is known here alone, so such a dialogue does not go on elsewhere.
        let may_go_on = own.is_none() && wanted.purpose() == Purpose::Recover;
        let about = About { user: name, uid: who.uid(), texts, new_password: Zeroizing::default(), own };
        let again = Begin { resumes: Some(handle.clone()), own: String::new(), ..message };
        let mut open = Open::new(who, (at, handle, &step), about, place);
        open.again = may_go_on.then_some(Again { begin: again, until });
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
        self.fleet.reach(&agent.settings.fleet)
    }

    /// Takes a dialogue for one answer; `None` if it is not one of the server's.
    fn take(&self, who: &Principal, handle: &str, turn: u32, sealed: bool) -> Result<Option<Taken>> {
        let mut table = self.table();
        let Some(open) = table.get_mut(handle) else { return Ok(None) };
        if open.owner != who.connection() {
            return Err(Refused::NoDialogue("there is no such dialogue".into()));
        }
        if open.turn != turn {
            return Err(Refused::Malformed("the answer is for another question".into()));
        }
        if sealed != open.ask.is_sealed() {
            return Err(Refused::Malformed("the question wants the other kind of answer".into()));
        }
        if std::mem::replace(&mut open.busy, true) {
            return Err(Refused::Malformed("an answer is under way".into()));
        }
        let (at, handle, about) = (open.at.clone(), open.handle.clone(), open.about.clone());
        let signing_in = open.signing_in.clone();
        let again = open.again.clone();
        Ok(Some(Taken { at, handle, ask: open.ask, again, end: open.end.take(), signing_in, about }))
    }

    async fn answer(&self, handle: &str, turn: u32, mut taken: Taken, typed: &[u8], sealed: bool) -> Result<Step> {
        if let Some(end) = taken.end {
            self.table().remove(handle);
            return Ok(end);
        }
        let agent = self.agent.now();
        let begun = Instant::now();
        // One byte more than the maximum is enough to show that the answer is too long.
        let typed: Zeroizing<Vec<u8>> = Zeroizing::new(typed.iter().take(ANSWER_MAX + 1).copied().collect());
        let own = taken.about.own.clone();
        let typed = match &own {
            Some(own) => match own.takes(&agent, taken.ask, typed).await {
                Instead::Send(typed) => typed,
                Instead::Ask(why) => {
                    match self.table().get_mut(handle) {
                        Some(open) => open.busy = false,
                        None => self.told_at(taken.at.clone(), taken.handle.clone(), None),
                    }
                    return Ok(own.again(turn, why));
                }
            },
            None => typed,
        };
        if own.is_none() && taken.ask == Ask::NewPassword {
            taken.about.new_password.clone_from(&typed);
            if let Some(open) = self.table().get_mut(handle) {
                open.about.new_password.clone_from(&typed);
            }
        }
        let answer = Answer { v: VERSION, handle: taken.handle.clone(), turn, answer: Typed(typed) };
        let patience = match taken.signing_in.as_ref().and_then(|signing_in| signing_in.left(taken.ask)) {
            Some(left) => left,
            None if sealed && own.is_some() => ANSWER_SEALED_MAX.saturating_sub(patience::AFTERMATH),
            None if sealed => ANSWER_SEALED_MAX.saturating_sub(patience::SETTLE),
            None => ANSWER,
        };
        let answered = match self.reach(&agent) {
            Ok(_) if own.is_some() => {
                self.carried(&agent, &taken, &answer, sealed, begun + patience).await.map(Answered::Here)
            }
            Ok(reach) => self.answered(&reach, &taken, &answer, sealed, patience).await,
            Err(why) => Err(why),
        };
        let answered = match answered {
            Ok(Answered::Here(step)) if errand::is_one(&step) => {
                Err(Why::Server(Trouble::Strange("what this host is to do".to_owned())))
            }
            Ok(Answered::Here(step)) => Ok(step),
            Ok(Answered::Elsewhere(opened)) => return Ok(self.goes_on(&agent, handle, &taken, opened)),
            Err(why) => Err(why),
        };
        match answered {
            Ok(step) if ask(&step) != Ask::Nothing => {
                let step = match &own {
                    Some(own) => own.shown(&agent, step),
                    None => step,
                };
                if let Some(open) = self.table().get_mut(handle) {
                    (open.turn, open.ask, open.busy) = (step.turn, ask(&step), false);
                    return Ok(step);
                }
                if own.is_some() {
                    // The user left while this host did what the server asked of it.
                    self.told_at(taken.at.clone(), taken.handle.clone(), None);
                }
                Ok(step)
            }
            Ok(last) => {
                if let Some(signing_in) = &taken.signing_in {
                    signing_in.ended(&agent, &taken.about.user, taken.ask, self.signs_in_twice(&taken.about.user));
                }
                Ok(self.ended(&agent, handle, &taken.about, last).await)
            }
            Err(Why::Server(Trouble::Refused(refused))) if own.is_none() && refused.refused == Refusal::NoDialogue => {
                self.table().remove(handle);
                if sealed && !taken.about.new_password.is_empty() {
                    // The server may have set the password before it forgot the dialogue.
                    let text = with_help(&agent, taken.about.texts.say("not-sure", &[]));
                    return Ok(end(turn + 1, Standing::Refused, text));
                }
                Err(Refused::NoDialogue("the dialogue is over".into()))
            }
            Err(why) => {
                tracing::warn!(%why, "a dialogue through the fleet broke off: {why}");
                let open = self.table().remove(handle);
                if let Some(signing_in) = &taken.signing_in {
                    if let Some(open) = open {
                        // The server puts off what it was about to ask.
                        self.told(&open, None);
                    }
                    return Ok(signing_in.broken_off(
                        &agent,
                        (&taken.about.user, &taken.about.texts),
                        taken.ask,
                        turn + 1,
                    ));
                }
                if let Some(own) = own {
                    return Ok(own.broken_off(&agent, turn + 1).await);
                }
                let About { texts, new_password, .. } = taken.about;
                // The server may have set the password already.
                let key = if sealed && !new_password.is_empty() { "not-sure" } else { "unavailable" };
                Ok(end(turn + 1, Standing::Refused, with_help(&agent, texts.say(key, &[]))))
            }
        }
    }

    /// Whether more than one sign-in of `user` is in progress.
    fn signs_in_twice(&self, user: &str) -> bool {
        self.table().values().filter(|open| open.signing_in.is_some() && open.about.user == user).count() > 1
    }

    /// Ends the dialogue with the `last` step of the server. After a reset, the credential helper makes this host
    /// accept the new password, even if the user is gone.
    async fn ended(&self, agent: &Snapshot, handle: &str, about: &About, last: Step) -> Step {
        if let Some(own) = &about.own {
            self.table().remove(handle);
            let _busy = agent.busy.enter();
            return own.ended(agent, last).await;
        }
        if Standing::from_wire(last.standing) != Some(Standing::Recovered) {
            self.table().remove(handle);
            return last;
        }
        let busy = agent.busy.enter();
        let About { user, uid, texts, new_password, .. } = about;
        let reset = Reset { user, uid: *uid, new_password, texts };
        let (question, last) = after::look_after(agent, reset, last).await;
        drop(busy);
        let mut table = self.table();
        if let (Some(question), Some(open)) = (question, table.get_mut(handle)) {
            (open.turn, open.ask, open.busy, open.end) = (question.turn, Ask::Line, false, Some(last));
            return question;
        }
        table.remove(handle);
        last
    }

    /// Ends a dialogue of the server early. Returns `false` if the handle is not of such a dialogue of `who`.
    fn end(&self, who: &Principal, handle: &str, why: Option<String>) -> bool {
        let mut table = self.table();
        if table.get(handle).is_none_or(|open| open.owner != who.connection()) {
            return false;
        }
        if let Some(open) = table.remove(handle) {
            if let Some(signing_in) = &open.signing_in {
                signing_in.left_at(&self.agent.now(), &open.about.user, open.ask);
            }
            self.told(&open, why);
        }
        true
    }

    /// Tells the server in the background that a dialogue is over. While this host may be changing an account of its
    /// own, its report is waited for.
    pub(super) fn told(&self, open: &Open, why: Option<String>) {
        if open.about.own.is_none() || !open.busy {
            self.told_at(open.at.clone(), open.handle.clone(), why);
        }
    }

    /// The same for the dialogue `handle` of the server `at`.
    pub(super) fn told_at(&self, at: Replica, handle: String, why: Option<String>) {
        let Ok(reach) = self.reach(&self.agent.now()) else { return };
        let leave = Leave { v: VERSION, handle, why };
        tokio::spawn(async move {
            // A server that is not told ends the dialogue at its deadline.
            let _ = reach.leave(&at, &leave, LEAVE).await;
        });
    }

    /// Ends the dialogues of a connection that is gone.
    fn gone(&self, owner: &str) {
        let mut table = self.table();
        let handles: Vec<String> =
            table.iter().filter(|(_, open)| open.owner == owner).map(|(handle, _)| handle.clone()).collect();
        let gone: Vec<Open> = handles.iter().filter_map(|handle| table.remove(handle)).collect();
        drop(table);
        for mut open in gone {
            // A user who was asked nothing yet did not leave. The module gave up waiting.
            let waits = open.signing_in.is_some() && open.ask == Ask::Password;
            self.told(&open, (!waits).then(|| "gone".to_owned()));
            // Dropping the watch would end the task that runs this.
            open.watch = None;
        }
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
