//! The open dialogues, for any transport: a [`Principal`] calls, and questions and answers cross.

use std::{sync::Arc, time::Duration};

use sspr_config::{
    credential::NO_UID,
    dialogue::{ANSWER_MAX, LEFT_TO_A_PROGRAM, Purpose, Standing, Step},
    language::{Language, Locale, Place as Seat},
    names,
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    audit::Event,
    dialogue::{
        self, Caller, Conversation, Ending, Screen, Stop,
        conversation::{Answer, Word},
    },
    errand::Reports,
    errands_carried::{self, Channels},
    error::{Error, Result},
    held::{Ends, Held},
    places::Places,
    principal::Principal,
    proof::{Account, Attempt},
    random,
    reloadable::Reloadable,
    snapshot::Snapshot,
    source::{self, Source},
    targets::{OfAHost, Placed},
    texts::Texts,
    unshown::Unshown,
};

pub use crate::held::Refused;

/// How long a dialogue lives after the last moment at which it accepts an answer, even if its caller stays. An answer
/// that came in time may be in progress.
const LATE: Duration = Duration::from_mins(1);
/// The longest argument of a beginning, in bytes. A login name has at most 32 characters, and a host name 255.
const ARGUMENT_MAX: usize = 256;

/// The longest handle of a dialogue, in bytes.
pub(crate) const HANDLE_MAX: usize = 64;

/// The arguments with which a caller begins a dialogue.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    purpose: Purpose,
    user: &'a str,
    service: &'a str,
    tty: &'a str,
    rhost: &'a str,
    locale: &'a str,
    /// The first handle of a dialogue of the same host that was lost with its server.
    resumes: Option<&'a str>,
    of_the_host: bool,
}

impl<'a> Beginning<'a> {
    /// The purpose of the dialogue.
    pub(crate) const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The service, terminal, remote host and locale, in this order.
    pub(crate) const fn seat(&self) -> [&'a str; 4] {
        [self.service, self.tty, self.rhost, self.locale]
    }

    /// Checks the arguments; see [`sspr_config::dialogue`]. Fails with [`Refused::Malformed`] if the purpose is
    /// unknown, or if an argument is too long or has control characters. A locale that is too long counts as empty.
    pub fn new(purpose: &str, [user, service, tty, rhost, locale]: [&'a str; 5]) -> std::result::Result<Self, Refused> {
        // The help desk's purpose has no dialogue.
        let purpose = Purpose::from_word(purpose).filter(|purpose| *purpose != Purpose::Desk);
        let purpose = purpose.ok_or_else(|| Refused::Malformed("no such purpose".into()))?;
        if [user, service, tty, rhost].iter().any(|a| a.len() > ARGUMENT_MAX || a.chars().any(char::is_control)) {
            return Err(Refused::Malformed("an argument is too long or has control characters".into()));
        }
        let locale = if locale.len() > ARGUMENT_MAX { "" } else { locale };
        Ok(Self { purpose, user, service, tty, rhost, locale, resumes: None, of_the_host: false })
    }

    /// The same, going on with the dialogue of a host that had the handle `first`. Fails with [`Refused::Malformed`] if
    /// it is not a reset: nothing else can go on.
    pub(crate) fn resuming(self, first: Option<&'a str>) -> std::result::Result<Self, Refused> {
        let known = first.is_none_or(|first| self.purpose == Purpose::Recover && !first.is_empty());
        if !known || first.is_some_and(|first| first.len() > HANDLE_MAX) {
            return Err(Refused::Malformed("only a reset can go on at another server".into()));
        }
        Ok(Self { resumes: first, ..self })
    }

    /// The same about an account of the calling host of the fleet itself. Fails with [`Refused::Malformed`] if no host
    /// can have an account of this name.
    ///
    /// A captured host may call an account anything, and have the name sent to any address, so nothing is registered for
    /// a name that is not plausible. A reset sends nothing without a registration, and must look the same for all names.
    pub(crate) fn of_the_host(self) -> std::result::Result<Self, Refused> {
        let plausible = match self.purpose {
            Purpose::Recover => !self.user.is_empty() && !self.user.contains([':', '/']),
            _ => names::is_login(self.user),
        };
        if !plausible {
            return Err(Refused::Malformed("no host has an account of this name".into()));
        }
        Ok(Self { of_the_host: true, ..self })
    }
}

/// The language and screen of a user.
#[derive(Clone, Copy)]
struct Spoken {
    language: Language,
    /// Whether the texts are in ASCII only.
    plain: bool,
    /// Whether the user is at a remote client, whose locale is unknown.
    remote: bool,
}

/// All dialogues of an agent. Clones share them.
#[derive(Clone)]
pub struct Sessions {
    agent: Reloadable<Snapshot>,
    held: Held,
    places: Places,
    unshown: Unshown,
    reports: Reports,
}

/// How long a server that stops waits for the reports of hosts.
const REPORTS: Duration = Duration::from_secs(10);

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// Starts without dialogues. Each dialogue keeps the settings that it began with.
    pub fn new(agent: impl Into<Reloadable<Snapshot>>) -> Self {
        Self {
            agent: agent.into(),
            held: Held::default(),
            places: Places::default(),
            unshown: Unshown::default(),
            reports: Reports::default(),
        }
    }

    /// Waits for the report of no host any more, once the listener for hosts has stopped.
    pub fn give_up_reports(&self) {
        self.reports.give_up();
    }

    /// Waits until no host is about to report what became of one of its own accounts, for [`REPORTS`] at most.
    pub(crate) async fn settled(&self) {
        self.reports.settled(REPORTS).await;
    }

    /// Begins a dialogue with `who`, and returns its handle and first step. The dialogue goes on until it is over, or
    /// until `leaving` reports that the caller's connection is gone.
    ///
    /// Fails with [`Refused::Unavailable`] if there is no room or the dialogue can't begin, with [`Refused::Denied`] if
    /// the caller may not begin it, and with [`Refused::Malformed`] if no user is named.
    pub async fn begin(
        &self,
        who: &Principal,
        wanted: Beginning<'_>,
        leaving: impl Future<Output = std::result::Result<(), String>> + Send + 'static,
    ) -> std::result::Result<(String, Step), Refused> {
        let full = || Refused::Unavailable("too many dialogues are open".into());
        let place = match who.host() {
            Some(host) if wanted.purpose == Purpose::Register => self.places.take_for_a_sign_in(host),
            Some(host) => self.places.take_for_host(host),
            None => self.places.take(who.uid()),
        };
        let place = place.ok_or_else(full)?;
        let (name, caller) = self.identify(who, &wanted).await?;
        let place = match wanted.purpose {
            Purpose::Recover => place.from(Source::new(&caller.source).near).ok_or_else(full)?,
            _ => place,
        };
        let (spoken, caller) = self.spoken(caller, &wanted);
        let unavailable = |error: Error| {
            tracing::error!(%error, "a dialogue can't begin");
            Refused::Unavailable("see the journal".into())
        };
        let (handle, mut ends, deadline) = self.hold(&wanted, &name, caller, spoken).map_err(unavailable)?;
        let Some(step) = ends.steps.recv().await else {
            return Err(Refused::Unavailable("the dialogue did not begin".into()));
        };
        self.held.begun(&handle, who.connection(), place, (&step, ends), leaving, deadline + LATE);
        Ok((handle, step))
    }

    /// Answers the question of `turn`, and returns the next step. `sealed`: the answer came in a way that only secrets
    /// use.
    ///
    /// Fails with [`Refused::NoDialogue`] if `who` has no open dialogue with this handle, and with
    /// [`Refused::Malformed`] if the answer is for another question, came in the wrong way, or another answer is in
    /// progress.
    pub async fn answer(
        &self,
        who: &Principal,
        handle: &str,
        turn: u32,
        answer: &[u8],
        sealed: bool,
    ) -> std::result::Result<Step, Refused> {
        let ends = self.held.take(handle, who.connection(), turn, sealed)?;
        // One byte more than the maximum is enough to show that the answer is too long.
        let answer = Zeroizing::new(answer.iter().take(ANSWER_MAX + 1).copied().collect());
        self.answered(handle, ends, answer).await
    }

    /// Ends a dialogue of `who` early; an unknown handle is ignored. Codes that were sent stay valid.
    pub fn cancel(&self, who: &Principal, handle: &str) {
        self.held.end(handle, who.connection(), Word::GoodBye);
    }

    /// Ends a dialogue early for the reason `why`: see [`sspr_config::dialogue::LEFT_TO_A_PROGRAM`].
    pub fn leave(&self, who: &Principal, handle: &str, why: &str) {
        let word = if why == LEFT_TO_A_PROGRAM { Word::Program } else { Word::None };
        self.held.end(handle, who.connection(), word);
    }

    fn hold(
        &self,
        wanted: &Beginning<'_>,
        name: &str,
        caller: Caller,
        spoken: Spoken,
    ) -> Result<(String, Ends, Instant)> {
        let (agent, purpose) = (self.agent.now(), wanted.purpose);
        let handle = random::handle(agent.random.as_ref())?;
        // For hosts, the server of a fleet serves users of the directory and each host's own accounts, even if its own
        // files have the name.
        let through_a_host = caller.is_of_the_fleet();
        let own = caller.host.as_deref().filter(|_| wanted.of_the_host).map(str::to_owned);
        let placed = match &own {
            Some(host) => Placed::of_a_host(host, name),
            None if through_a_host => agent.place_far(name),
            None => agent.place(name),
        };
        let account = Account::new(&agent.keys, placed.name()).typed(name);
        let attempt = Attempt {
            account: if purpose == Purpose::Recover || through_a_host { account } else { account.vouched() },
            purpose,
            // The proof is bound to this, which the caller never learns and so can't name. All servers of a fleet have
            // the same keys, so that a host can go on with its dialogue at another one.
            dialogue: match &caller.host {
                Some(host) => random::named(
                    &agent.keys.mac("fleet dialogue", &[host.as_bytes(), wanted.resumes.unwrap_or(&handle).as_bytes()]),
                ),
                None => random::handle(agent.random.as_ref())?,
            },
            began: agent.now(),
            resumed: wanted.resumes.is_some() && through_a_host,
            caller,
        };
        let (agent, errands) = match own.as_deref().map(|host| OfAHost::new(host, self.reports.clone())) {
            Some((target, errands)) => (agent.with_target(Arc::new(target)), Some(errands)),
            None => (agent, None),
        };
        let s = agent.session(spoken.language, attempt);
        if spoken.plain {
            s.texts.turn_plain();
        }
        let longest = u64::try_from(s.settings.limits.recovery.as_secs()).unwrap_or_default();
        let deadline = Instant::now() + Duration::from_secs(longest);
        let (conversation, steps, answers) = Conversation::new(s.texts.clone(), s.clock.clone(), deadline);
        let mut conversation = conversation.held_for(purpose).carried_afar(spoken.remote);
        let last_word = conversation.last_word();
        let channels = Channels { steps, answers };
        let Channels { steps, answers } = match errands {
            Some(errands) => errands_carried::between(channels, errands),
            None => channels,
        };
        let unshown = self.unshown.clone();
        tokio::spawn(async move {
            let held = dialogue::hold(&mut conversation, &s).await;
            if conversation.left_unshown() {
                unshown.note(Source::new(&s.caller().source).near, s.now());
            }
            let ending = match held {
                Ok(ending) | Err(Stop::Over(ending)) => ending,
                Err(stop @ (Stop::Gone | Stop::Misread)) => match stop.ending(&conversation, &s) {
                    Some(ending) => ending,
                    None => return,
                },
                Err(Stop::Failed(error)) => {
                    tracing::error!(%error, correlation = s.attempt.dialogue, "a dialogue failed: {error}");
                    let what = if matches!(error, Error::Credential(_)) { s.by_whom() } else { "see the journal" };
                    s.record(Event::Failed, what);
                    // A user who signs in did not ask for anything, and need not hear that it failed.
                    if matches!(s.purpose(), Purpose::Register | Purpose::Hint) {
                        conversation.end(Standing::Finished, String::new()).await;
                        return;
                    }
                    Ending {
                        standing: Standing::Refused,
                        text: dialogue::for_now(&conversation, &s).say("unavailable"),
                    }
                }
            };
            conversation.end(ending.standing, ending.text).await;
        });
        Ok((handle, Ends { steps, answers, last_word }, deadline))
    }

    async fn answered(
        &self,
        handle: &str,
        mut ends: Ends,
        answer: Zeroizing<Vec<u8>>,
    ) -> std::result::Result<Step, Refused> {
        // A dialogue that has ended by itself accepts no answer, and may have left its last word.
        let _ = ends.answers.send(Answer(answer)).await;
        let Some(step) = ends.steps.recv().await else {
            self.held.remove(handle);
            return Err(Refused::NoDialogue("the dialogue is over".into()));
        };
        self.held.asked(handle, &step, ends);
        Ok(step)
    }

    /// The name that a dialogue is about, and its caller. Root is a PAM host and acts for the user at its terminal. Any
    /// other caller acts for itself, or recovers like a user at a login prompt.
    pub(crate) async fn identify(
        &self,
        who: &Principal,
        wanted: &Beginning<'_>,
    ) -> std::result::Result<(String, Caller), Refused> {
        if let Some(host) = who.host() {
            return of_the_fleet(host, wanted);
        }
        let uid = who.uid();
        let source = match (who.is_root(), wanted.rhost, wanted.tty) {
            (true, "", "") => "uid 0".to_owned(),
            (true, "", tty) => tty.to_owned(),
            (true, rhost, _) => rhost.to_owned(),
            _ => format!("uid {uid}"),
        };
        let name = match wanted.purpose {
            Purpose::Recover => wanted.user.to_owned(),
            Purpose::Desk => return Err(Refused::Malformed("no such purpose".into())),
            _ if who.is_root() => wanted.user.to_owned(),
            Purpose::Register => {
                return Err(Refused::Denied("only a PAM host registers a user at a sign-in".into()));
            }
            Purpose::Enroll | Purpose::Status | Purpose::Codes | Purpose::Remove | Purpose::Hint => self
                .agent
                .now()
                .people
                .name(uid)
                .await
                .ok_or_else(|| Refused::Denied("the caller has no account".into()))?,
        };
        if name.is_empty() {
            return Err(Refused::Malformed("no user is named".into()));
        }
        let service = if who.is_root() { wanted.service } else { "sspr" }.to_owned();
        Ok((name, Caller { uid, service, source, screen: Screen::default(), language: None, host: None }))
    }

    /// The texts of a dialogue that `caller` begins with `wanted`, and whether they are shown at a remote terminal.
    pub(crate) fn texts(&self, caller: Caller, wanted: &Beginning<'_>) -> (Arc<Texts>, bool) {
        let (spoken, _) = self.spoken(caller, wanted);
        let texts = Arc::new(self.agent.now().languages.texts(spoken.language).for_one());
        if spoken.plain {
            texts.turn_plain();
        }
        (texts, spoken.remote)
    }

    /// The language and screen for a user. They depend only on the seat and the locale: an existing account is
    /// addressed like an unknown one.
    fn spoken(&self, caller: Caller, wanted: &Beginning<'_>) -> (Spoken, Caller) {
        let Beginning { tty, rhost, locale, .. } = *wanted;
        let named = (!locale.is_empty()).then(|| Locale::parse(locale));
        let seat = Seat { service: &caller.service, tty, rhost };
        let agent = self.agent.now();
        let shown = seat.shows(agent.languages.locale(named));
        let remote = (caller.is_host() || caller.is_of_the_fleet()) && seat.is_remote();
        let plain = remote && self.unshown.holds(&Source::new(&caller.source).near, agent.now());
        let language = if plain { Language::English } else { shown.language };
        let screen = Screen { utf8: shown.utf8 && !plain, text_console: seat.is_text_console() };
        (Spoken { language, plain, remote }, Caller { screen, language: named.map(|locale| locale.language), ..caller })
    }
}

/// The name that a dialogue of the host `host` is about, and its caller. The server trusts only the name: the current
/// password of a user who registers, typed at the sign-in or in a shell, is checked here. Before that, no registration is
/// shown.
fn of_the_fleet(host: &str, wanted: &Beginning<'_>) -> std::result::Result<(String, Caller), Refused> {
    match wanted.purpose {
        // At a sign-in, the server checks a password itself, which it can't for a host's own account.
        Purpose::Register if wanted.of_the_host => {
            return Err(Refused::Denied("no account of a host is asked at a sign-in".into()));
        }
        Purpose::Recover | Purpose::Register | Purpose::Enroll | Purpose::Codes | Purpose::Remove => {}
        Purpose::Status | Purpose::Hint | Purpose::Desk => {
            return Err(Refused::Denied("that is not served through a host of the fleet".into()));
        }
    }
    if wanted.user.is_empty() {
        return Err(Refused::Malformed("no user is named".into()));
    }
    let place = if wanted.rhost.is_empty() { wanted.tty } else { wanted.rhost };
    let caller = Caller {
        uid: NO_UID,
        service: wanted.service.to_owned(),
        source: source::through_host(place, host),
        screen: Screen::default(),
        language: None,
        host: Some(host.to_owned()),
    };
    Ok((wanted.user.to_owned(), caller))
}
