//! The agent on the bus: `org.pam_sspr.Dialogue1`. Who calls is what the bus says; a handle is good for the connection
//! that began it, and for nobody else.

use std::{num::NonZeroUsize, time::Duration};

use futures_util::StreamExt as _;
use sspr_config::{
    bus,
    dialogue::{ANSWER_MAX, LEFT_TO_A_PROGRAM, Purpose, Standing, Step},
    language::{Language, Locale, Place as Seat},
};
use tokio::time::Instant;
use zbus::{
    MatchRule, MessageStream,
    message::{self, Header},
    names::OwnedUniqueName,
    object_server::SignalEmitter,
};
use zeroize::Zeroizing;

use crate::{
    audit::Event,
    dialogue::{
        self, Caller, Ending, Screen, Stop, Talk,
        talk::{Answer, Word},
    },
    error::{Error, Result},
    held::{Ends, Held},
    places::Places,
    proof::{Account, Attempt},
    random,
    reloadable::Reloadable,
    snapshot::Snapshot,
    source::Source,
    unshown::Unshown,
};
use sspr_config::sealed;

/// So long after the last moment at which a dialogue takes an answer it is over, whatever became of its caller: an answer
/// that came in time may be under way.
const LATE: Duration = Duration::from_mins(1);
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

/// Who comes in by a connection of the agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entrance {
    /// Root: PAM hosts.
    Root,
    /// Everybody.
    People,
}

/// The language and screen of a user.
#[derive(Clone, Copy)]
struct Spoken {
    language: Language,
    /// In ASCII alone.
    plain: bool,
    /// Through a client far away, whose locale nobody tells.
    remote: bool,
}

/// The interface.
#[derive(Clone)]
pub struct Service {
    agent: Reloadable<Snapshot>,
    held: Held,
    places: Places,
    unshown: Unshown,
    entrance: Entrance,
}

impl Service {
    /// Serves dialogues; each goes on to its end with the settings that it began with.
    pub fn new(agent: impl Into<Reloadable<Snapshot>>) -> Self {
        let (held, places, unshown) = (Held::default(), Places::default(), Unshown::default());
        Self { agent: agent.into(), held, places, unshown, entrance: Entrance::Root }
    }

    /// The same dialogues, for the connection of those who are not root.
    #[must_use]
    pub fn for_people(&self) -> Self {
        Self { entrance: Entrance::People, ..self.clone() }
    }

    fn begin(&self, purpose: Purpose, name: &str, caller: Caller, spoken: Spoken) -> Result<(String, Ends, Instant)> {
        let agent = self.agent.now();
        let handle = random::handle(agent.random.as_ref())?;
        let account = Account::new(&agent.keys, name);
        let attempt = Attempt {
            account: if purpose == Purpose::Recover { account } else { account.vouched() },
            purpose,
            // The proof is bound to this, which the caller never learns and so can't name.
            dialogue: random::handle(agent.random.as_ref())?,
            began: agent.now(),
            caller,
        };
        let s = agent.session(spoken.language, attempt);
        if spoken.plain {
            s.texts.turn_plain();
        }
        let longest = u64::try_from(s.settings.limits.recovery.as_secs()).unwrap_or_default();
        let deadline = Instant::now() + Duration::from_secs(longest);
        let (talk, steps, answers) = Talk::new(s.texts.clone(), s.clock.clone(), deadline);
        let mut talk = talk.held_for(purpose).carried_afar(spoken.remote);
        let last_word = talk.last_word();
        let unshown = self.unshown.clone();
        tokio::spawn(async move {
            let held = dialogue::hold(&mut talk, &s).await;
            if talk.left_unshown() {
                unshown.note(Source::new(&s.caller().source).near, s.now());
            }
            let ending = match held {
                Ok(ending) | Err(Stop::Over(ending)) => ending,
                Err(stop @ (Stop::Gone | Stop::Misread)) => match stop.ending(&talk, &s) {
                    Some(ending) => ending,
                    None => return,
                },
                Err(Stop::Failed(error)) => {
                    tracing::error!(%error, correlation = s.attempt.dialogue, "a dialogue failed: {error}");
                    let what =
                        if matches!(error, Error::Credential(_)) { "credential helper" } else { "see the journal" };
                    s.record(Event::Failed, what);
                    // A user who signs in did not ask for anything, and need not hear that it failed.
                    if matches!(s.purpose(), Purpose::Register | Purpose::Hint) {
                        talk.end(Standing::Finished, String::new()).await;
                        return;
                    }
                    Ending { standing: Standing::Refused, text: dialogue::for_now(&talk, &s).say("unavailable") }
                }
            };
            talk.end(ending.standing, ending.text).await;
        });
        Ok((handle, Ends { steps, answers, last_word }, deadline))
    }

    async fn answered(
        &self,
        handle: &str,
        mut ends: Ends,
        answer: Zeroizing<Vec<u8>>,
    ) -> std::result::Result<Step, CallError> {
        // A dialogue that has ended by itself takes no answer, and may have left its last word.
        let _ = ends.answers.send(Answer(answer)).await;
        let Some(step) = ends.steps.recv().await else {
            self.held.remove(handle);
            return Err(CallError::NoDialogue("the dialogue is over".into()));
        };
        self.held.asked(handle, &step, ends);
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
        // Borrowed from the message, however large it is.
        purpose: &str,
        user: &str,
        service: &str,
        tty: &str,
        rhost: &str,
        locale: &str,
    ) -> std::result::Result<(String, Step), CallError> {
        let owner = sender(&header)?;
        let purpose = Purpose::from_word(purpose).ok_or_else(|| CallError::Malformed("no such purpose".into()))?;
        if [user, service, tty, rhost].iter().any(|a| a.len() > ARGUMENT_MAX || a.chars().any(char::is_control)) {
            return Err(CallError::Malformed("an argument is too long or has control characters".into()));
        }
        let locale = if locale.len() > ARGUMENT_MAX { "" } else { locale };
        let connection = emitter.connection();
        let uid = uid_of(connection, &owner).await?;
        if self.entrance == Entrance::Root && uid != 0 {
            return Err(CallError::Denied(format!("this name is for root; there is {}", bus::PEOPLE)));
        }
        let full = || CallError::Unavailable("too many dialogues are open".into());
        let place = self.places.take(uid).ok_or_else(full)?;
        let (name, caller) = self.identify(purpose, uid, user.to_owned(), service.to_owned(), tty, rhost).await?;
        let place = match purpose {
            Purpose::Recover => place.from(Source::new(&caller.source).near).ok_or_else(full)?,
            _ => place,
        };
        let (spoken, caller) = self.spoken(caller, tty, rhost, locale);
        let unavailable = |error: Error| {
            tracing::error!(%error, "a dialogue can't begin");
            CallError::Unavailable("see the journal".into())
        };
        let (handle, mut ends, deadline) = self.begin(purpose, &name, caller, spoken).map_err(unavailable)?;
        let Some(step) = ends.steps.recv().await else {
            return Err(CallError::Unavailable("the dialogue did not begin".into()));
        };
        let leaving = until_gone(connection.clone(), owner.clone());
        self.held.begun(&handle, owner, place, (&step, ends), leaving, deadline + LATE);
        Ok((handle, step))
    }

    /// Answers the question of `turn`.
    async fn answer(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: &str,
        turn: u32,
        answer: &[u8],
    ) -> std::result::Result<(Step,), CallError> {
        let ends = self.held.take(handle, &sender(&header)?, turn, false)?;
        // No more than what shows that it is too long.
        let answer = Zeroizing::new(answer.iter().take(ANSWER_MAX + 1).copied().collect());
        self.answered(handle, ends, answer).await.map(|step| (step,))
    }

    /// Answers the question of `turn` with what a sealed memfd holds.
    async fn answer_sealed(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: &str,
        turn: u32,
        answer: zbus::wire::OwnedFd,
    ) -> std::result::Result<(Step,), CallError> {
        let answer = sealed::read(&answer, ANSWER_MAX + 1).map_err(|e| CallError::Malformed(e.to_string()))?;
        let ends = self.held.take(handle, &sender(&header)?, turn, true)?;
        self.answered(handle, ends, answer).await.map(|step| (step,))
    }

    /// Ends a dialogue early. What was sent stays good.
    #[allow(clippy::unused_async, reason = "the interface wants it")]
    async fn cancel(&self, #[zbus(header)] header: Header<'_>, handle: &str) -> std::result::Result<(), CallError> {
        self.held.end(handle, &sender(&header)?, Word::GoodBye);
        Ok(())
    }

    /// Ends a dialogue early, and says why: see [`sspr_config::dialogue::LEFT_TO_A_PROGRAM`].
    #[allow(clippy::unused_async, reason = "the interface wants it")]
    async fn leave(
        &self,
        #[zbus(header)] header: Header<'_>,
        handle: &str,
        why: &str,
    ) -> std::result::Result<(), CallError> {
        let word = if why == LEFT_TO_A_PROGRAM { Word::Program } else { Word::None };
        self.held.end(handle, &sender(&header)?, word);
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
                return Err(CallError::Denied("only a PAM host registers a user at a sign-in".into()));
            }
            Purpose::Enroll | Purpose::Status | Purpose::Codes | Purpose::Remove | Purpose::Hint => self
                .agent
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

    /// The language for a user, by where the user sits only: an account that is known is spoken to like one that is not.
    fn spoken(&self, caller: Caller, tty: &str, rhost: &str, locale: &str) -> (Spoken, Caller) {
        let named = (!locale.is_empty()).then(|| Locale::parse(locale));
        let seat = Seat { service: &caller.service, tty, rhost };
        let agent = self.agent.now();
        let shown = seat.shows(agent.languages.locale(named));
        let remote = caller.uid == 0 && seat.is_remote();
        let plain = remote && self.unshown.holds(&Source::new(&caller.source).near, agent.now());
        let language = if plain { Language::English } else { shown.language };
        let screen = Screen { utf8: shown.utf8 && !plain, text_console: seat.is_text_console() };
        (Spoken { language, plain, remote }, Caller { screen, language: named.map(|locale| locale.language), ..caller })
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

/// Until `owner` has left the bus. Listens for that one name alone: the agent sleeps through everybody else's comings and goings.
pub(crate) async fn until_gone(connection: zbus::Connection, owner: OwnedUniqueName) -> zbus::Result<()> {
    // Apart: what the beginning takes is given back before the wait, of which there is one for each dialogue.
    if let Some(mut changes) = Box::pin(while_there(&connection, &owner)).await? {
        changes.next().await;
    }
    Ok(())
}

/// What tells that `owner` has left; `None` where it has.
async fn while_there(connection: &zbus::Connection, owner: &OwnedUniqueName) -> zbus::Result<Option<MessageStream>> {
    let bus = "org.freedesktop.DBus";
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(bus)
        .path("/org/freedesktop/DBus")
        .interface(bus)
        .member("NameOwnerChanged")
        .add_arg(owner.as_str())
        .build()?;
    // It comes once.
    let changes = MessageStream::for_match_rule(rule, connection, NonZeroUsize::new(1)).await?;
    // It may have left before the bus was asked to tell.
    let there: bool = call_bus(connection, "NameHasOwner", owner).await?.body().deserialize()?;
    Ok(there.then_some(changes))
}

/// Serves the agent on `connection` and then, with everything in place, takes its name.
pub async fn serve(connection: &zbus::Connection, service: Service) -> zbus::Result<()> {
    connection.object_server().at(bus::AGENT_PATH, service).await?;
    bus::own(connection, bus::AGENT).await?;
    Ok(())
}
