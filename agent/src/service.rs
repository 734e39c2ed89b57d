//! The agent on the bus: `org.pam_sspr.Dialogue1`. Who calls is what the bus says; a handle is good for the connection
//! that began it, and for nobody else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use futures_util::StreamExt as _;
use sspr_config::{
    bus,
    dialogue::{ANSWER_MAX, Ask, Purpose, Standing, Step},
    language::{Language, Locale, Place as Seat},
};
use tokio::{sync::mpsc, task::AbortHandle, time::Instant};
use zbus::{fdo::DBusProxy, message::Header, names::OwnedUniqueName, object_server::SignalEmitter};
use zeroize::Zeroizing;

use crate::{
    audit::{self, Event},
    bus_name,
    dialogue::{
        self, Caller, Ending, Screen, Stop, Talk,
        talk::{Answer, GoodBye},
    },
    doors::Doors,
    error::Result,
    live::Live,
    proof::{Account, Case},
    random, sealed,
};

/// The most dialogues at a time, over all callers.
const OPEN_MAX: usize = 2000;
/// The most dialogues at a time of one caller that is not root.
const OPEN_MAX_OF_USER: usize = 8;
/// The longest argument of `Begin`; a login name has at most 32 characters, a host name 255.
const ARGUMENT_MAX: usize = 256;

/// What a call may fail with. The texts are for logs; a terminal only learns that it does not go on.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.pam_sspr.Error")]
pub enum CallError {
    /// The bus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// Not now.
    Unavailable(String),
    /// There is no such dialogue, or it is not the caller's.
    NoDialogue(String),
    /// The arguments are not of the right form.
    Malformed(String),
    /// This caller may not do that.
    Denied(String),
}

struct Open {
    owner: OwnedUniqueName,
    turn: u32,
    ask: Ask,
    /// Taken while an answer is under way, so that two answers to one question can't both count.
    ends: Option<Ends>,
    /// Waits for the owner to leave the bus.
    watch: AbortHandle,
    _place: Place,
}

/// One of the dialogues that can be held at a time; taken before anything is waited for, given back when dropped.
struct Place {
    taken: Arc<Mutex<HashMap<u32, usize>>>,
    uid: u32,
}

impl Place {
    fn take(service: &Service, uid: u32) -> std::result::Result<Self, CallError> {
        let mut taken = service.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&uid).copied().unwrap_or_default();
        if taken.values().sum::<usize>() >= OPEN_MAX || (uid != 0 && own >= OPEN_MAX_OF_USER) {
            return Err(CallError::Unavailable("too many dialogues are open".into()));
        }
        taken.insert(uid, own + 1);
        drop(taken);
        Ok(Self { taken: service.taken.clone(), uid })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.uid) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.uid);
            }
        }
    }
}

struct Ends {
    steps: mpsc::Receiver<Step>,
    answers: mpsc::Sender<Answer>,
    good_bye: GoodBye,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// The interface.
#[derive(Clone)]
pub struct Service {
    doors: Live<Doors>,
    open: Arc<Mutex<HashMap<String, Open>>>,
    taken: Arc<Mutex<HashMap<u32, usize>>>,
}

impl Service {
    /// Serves dialogues over `doors`; each goes on to its end with those that it began with.
    pub fn new(doors: impl Into<Live<Doors>>) -> Self {
        Self { doors: doors.into(), open: Arc::default(), taken: Arc::default() }
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the dialogues of a connection that is gone.
    pub fn gone(&self, owner: &str) {
        self.table().retain(|_, open| open.owner.as_str() != owner);
    }

    fn begin(&self, purpose: Purpose, name: &str, caller: Caller, language: Language) -> Result<(String, Ends)> {
        let doors = self.doors.now().in_language(language);
        let handle = random::handle(doors.random.as_ref())?;
        let longest = u64::try_from(doors.settings.limits.recovery.as_secs()).unwrap_or_default();
        let (talk, steps, answers) = Talk::new(doors.texts.clone(), Instant::now() + Duration::from_secs(longest));
        let mut talk = talk.held_for(purpose);
        let good_bye = talk.good_bye();
        let account = Account::new(&doors, name);
        let case = Case {
            account: if purpose == Purpose::Recover { account } else { account.vouched() },
            purpose,
            // The proof is bound to this, which the caller never learns and so can't name.
            dialogue: random::handle(doors.random.as_ref())?,
            began: doors.clock.now(),
            caller: caller.clone(),
        };
        tokio::spawn(async move {
            let ending = match dialogue::hold(&mut talk, &doors, &caller, &case).await {
                Ok(ending) => ending,
                Err(stop @ (Stop::Gone | Stop::Misread)) => match stop.ending(&talk, &doors, case.purpose) {
                    Some(ending) => ending,
                    None => return,
                },
                Err(Stop::Failed(error)) => {
                    tracing::error!(%error, correlation = case.dialogue, "a dialogue failed: {error}");
                    audit::record(Event::Failed, &case, &caller, "see the record before");
                    // Whoever signs in did not ask for anything, and need not hear that it did not work.
                    if matches!(case.purpose, Purpose::Register | Purpose::Hint) {
                        talk.end(Standing::Finished, String::new()).await;
                        return;
                    }
                    Ending { standing: Standing::Refused, text: doors.texts.say("unavailable", &[]) }
                }
            };
            talk.end(ending.standing, ending.text).await;
        });
        Ok((handle, Ends { steps, answers, good_bye }))
    }

    /// Takes the ends of a dialogue for one answer, if the caller holds it and the answer is for its last question.
    fn take(&self, handle: &str, owner: &str, turn: u32, sealed: bool) -> std::result::Result<Ends, CallError> {
        let mut table = self.table();
        let none = || CallError::NoDialogue("there is no such dialogue".into());
        let open = table.get_mut(handle).filter(|open| open.owner.as_str() == owner).ok_or_else(none)?;
        if open.turn != turn {
            return Err(CallError::Malformed("the answer is for another question".into()));
        }
        if sealed != matches!(open.ask, Ask::Secret | Ask::NewPassword) {
            return Err(CallError::Malformed("the question wants the other kind of answer".into()));
        }
        open.ends.take().ok_or_else(|| CallError::Malformed("an answer is under way".into()))
    }

    async fn answered(
        &self,
        handle: &str,
        mut ends: Ends,
        answer: Zeroizing<Vec<u8>>,
    ) -> std::result::Result<Step, CallError> {
        // A dialogue that has ended by itself takes no answer, and may have left its last word.
        let _ = ends.answers.send(Answer(answer)).await;
        let step = ends.steps.recv().await;
        let mut table = self.table();
        let Some(step) = step else {
            table.remove(handle);
            return Err(CallError::NoDialogue("the dialogue is over".into()));
        };
        let ask = Ask::from_wire(step.ask).unwrap_or(Ask::Nothing);
        if ask == Ask::Nothing {
            table.remove(handle);
        } else if let Some(open) = table.get_mut(handle) {
            open.turn = step.turn;
            open.ask = ask;
            open.ends = Some(ends);
        }
        Ok(step)
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

/// The unique name of the sender; every message from a bus has one.
pub(crate) fn sender(header: &Header<'_>) -> std::result::Result<OwnedUniqueName, CallError> {
    header.sender().map(|name| name.to_owned().into()).ok_or_else(|| CallError::Denied("who calls is not known".into()))
}

#[zbus::interface(name = "org.pam_sspr.Dialogue1")]
impl Service {
    /// Begins a dialogue. See [`sspr_config::dialogue`].
    #[allow(clippy::too_many_arguments)]
    #[zbus(name = "Begin")]
    async fn begin_dialogue(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        purpose: String,
        user: String,
        service: String,
        tty: String,
        rhost: String,
        locale: String,
    ) -> std::result::Result<(String, Step), CallError> {
        let owner = sender(&header)?;
        let purpose = Purpose::from_word(&purpose).ok_or_else(|| CallError::Malformed("no such purpose".into()))?;
        if [&user, &service, &tty, &rhost].iter().any(|a| a.len() > ARGUMENT_MAX || a.chars().any(char::is_control)) {
            return Err(CallError::Malformed("an argument is too long or has control characters".into()));
        }
        let connection = emitter.connection();
        let uid = uid_of(connection, &owner).await?;
        let place = Place::take(self, uid)?;
        let (name, caller) = self.identify(purpose, uid, user, service, &tty, &rhost).await?;
        let (language, caller) = self.spoken(caller, &tty, &rhost, &locale);
        let unavailable = |error: crate::error::Error| {
            tracing::error!(%error, "a dialogue can't begin");
            CallError::Unavailable("see the journal".into())
        };
        let (handle, mut ends) = self.begin(purpose, &name, caller, language).map_err(unavailable)?;
        let Some(step) = ends.steps.recv().await else {
            return Err(CallError::Unavailable("the dialogue did not begin".into()));
        };
        let ask = Ask::from_wire(step.ask).unwrap_or(Ask::Nothing);
        if ask != Ask::Nothing {
            let watch = tokio::spawn(watch(self.clone(), connection.clone(), owner.clone())).abort_handle();
            let open = Open { owner, turn: step.turn, ask, ends: Some(ends), watch, _place: place };
            self.table().insert(handle.clone(), open);
        }
        Ok((handle, step))
    }

    /// Answers the question of `turn`.
    async fn answer(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: String,
        turn: u32,
        answer: Vec<u8>,
    ) -> std::result::Result<(Step,), CallError> {
        let answer = Zeroizing::new(answer);
        let ends = self.take(&handle, sender(&header)?.as_str(), turn, false)?;
        self.answered(&handle, ends, answer).await.map(|step| (step,))
    }

    /// Answers the question of `turn` with what a sealed memfd holds.
    async fn answer_sealed(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: String,
        turn: u32,
        answer: zbus::wire::OwnedFd,
    ) -> std::result::Result<(Step,), CallError> {
        let answer = sealed::read(&answer, ANSWER_MAX + 1).map_err(|e| CallError::Malformed(e.to_string()))?;
        let ends = self.take(&handle, sender(&header)?.as_str(), turn, true)?;
        self.answered(&handle, ends, answer).await.map(|step| (step,))
    }

    /// Ends a dialogue early. What was sent stays good.
    #[allow(clippy::unused_async, reason = "the interface wants it")]
    async fn cancel(&self, #[zbus(header)] header: Header<'_>, handle: String) -> std::result::Result<(), CallError> {
        let owner = sender(&header)?;
        let mut table = self.table();
        if let Some(open) = table.get(&handle).filter(|open| open.owner == owner) {
            if let Some(ends) = &open.ends {
                ends.good_bye.store(true, Ordering::Relaxed);
            }
            table.remove(&handle);
        }
        Ok(())
    }
}

impl Service {
    /// Whom a dialogue is about and who holds it. Root is a PAM host and acts for the person at its terminal. Anybody else
    /// acts for itself, or recovers like anybody at a login prompt.
    pub(crate) async fn identify(
        &self,
        purpose: Purpose,
        uid: u32,
        user: String,
        service: String,
        tty: &str,
        rhost: &str,
    ) -> std::result::Result<(String, Caller), CallError> {
        let source = match (uid, rhost, tty) {
            (0, "", "") => "uid 0".to_owned(),
            (0, "", tty) => tty.to_owned(),
            (0, rhost, _) => rhost.to_owned(),
            _ => format!("uid {uid}"),
        };
        let name = match purpose {
            Purpose::Recover => user,
            _ if uid == 0 => user,
            Purpose::Register => {
                return Err(CallError::Denied("only a PAM host registers somebody who has just signed in".into()));
            }
            Purpose::Enroll | Purpose::Status | Purpose::Codes | Purpose::Remove | Purpose::Hint => self
                .doors
                .now()
                .people
                .name(uid)
                .await
                .ok_or_else(|| CallError::Denied("the caller has no account".into()))?,
        };
        if name.is_empty() {
            return Err(CallError::Malformed("no user is named".into()));
        }
        let service = if uid == 0 { service } else { "sspr".into() };
        Ok((name, Caller { uid, service, source, screen: Screen::default(), language: None }))
    }

    /// The language of a dialogue, by where the person sits alone: an account that is known is spoken to like one that is not.
    fn spoken(&self, caller: Caller, tty: &str, rhost: &str, locale: &str) -> (Language, Caller) {
        let named = (!locale.is_empty()).then(|| Locale::parse(locale));
        let seat = Seat { service: &caller.service, tty, rhost };
        let shown = seat.shows(self.doors.now().languages.locale(named));
        let (screen, language) = (Screen { utf8: shown.utf8 }, named.map(|locale| locale.language));
        (shown.language, Caller { screen, language, ..caller })
    }
}

/// The uid behind a connection. What the bus can't tell is refused (CVE-2021-3560 of polkit).
pub(crate) async fn uid_of(
    connection: &zbus::Connection,
    owner: &OwnedUniqueName,
) -> std::result::Result<u32, CallError> {
    told_uid(call_bus(connection, "GetConnectionUnixUser", owner).await)
}

/// The uid in the bus's answer. What can't be understood is nobody's.
pub(crate) fn told_uid(answer: zbus::Result<zbus::Message>) -> std::result::Result<u32, CallError> {
    let uid = answer.and_then(|reply| reply.body().deserialize());
    uid.map_err(|_| CallError::Denied("who calls can't be told".into()))
}

/// One call to the bus itself, about `name`. Without a proxy: this is in the way of every sign-in.
pub(crate) async fn call_bus(
    connection: &zbus::Connection,
    member: &str,
    name: &OwnedUniqueName,
) -> zbus::Result<zbus::Message> {
    let bus = "org.freedesktop.DBus";
    connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), member, &name.as_str()).await
}

/// Ends the dialogues of `owner` once it leaves the bus. Listens for that one name alone: the agent sleeps through
/// everybody else's comings and goings.
async fn watch(service: Service, connection: zbus::Connection, owner: OwnedUniqueName) {
    if let Err(error) = until_gone(&connection, &owner).await {
        tracing::debug!(%error, "a caller can't be watched");
        return;
    }
    service.gone(owner.as_str());
}

async fn until_gone(connection: &zbus::Connection, owner: &OwnedUniqueName) -> zbus::Result<()> {
    let bus = DBusProxy::new(connection).await?;
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, owner.as_str())]).await?;
    // It may have left before the bus was asked to tell.
    if call_bus(connection, "NameHasOwner", owner).await?.body().deserialize()? {
        changes.next().await;
    }
    Ok(())
}

/// Serves the agent on `connection` and then, with everything in place, takes its name.
pub async fn serve(connection: &zbus::Connection, service: Service) -> zbus::Result<()> {
    connection.object_server().at(bus::AGENT_PATH, service).await?;
    bus_name::own(connection, bus::AGENT).await?;
    Ok(())
}
