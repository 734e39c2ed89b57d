//! Accounts of this host itself, where the settings of host and server let the server register them and check the codes
//! of their resets. Their passwords stay on this host: the server gets a word in place of each, and this host's own
//! helper checks and sets them when the server says so. The server is believed in no more than that: nothing is set
//! unless a user typed it here, twice, in a dialogue that is for a reset.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sspr_config::{
    dialogue::{ANSWER_MAX, Ask, Purpose, Standing, Step},
    names,
    settings::Fleet as Settings,
};
use zeroize::Zeroizing;

use super::{Fleet, marks::uid, steps::end, told::with_help};
use crate::{
    account::{Id, Name},
    aftermath_texts,
    attempt::{Account, Attempt},
    audit::Event,
    caller::Caller,
    credential::{Aftermath, Change, Verdict, client::CredentialsError},
    dialogue::rules,
    errand::{Errand, Report},
    random,
    session::Session,
    snapshot::Snapshot,
    texts::Texts,
    typed::word,
};

/// In records of this host.
const THROUGH: &str = "through the fleet";
/// What the server gets in place of a password.
const TYPED: &[u8] = b"typed";
/// What it gets if the new password was typed differently the second time.
const OTHER: &[u8] = b"other";
/// The word that unlocks an account that wrong passwords have locked.
const UNLOCK: &str = "unlock";
/// The word that switches the server's texts to plain English.
const PLAIN: &str = "en";

/// The name of the account in this machine's files that `name` leads to, if the settings want it served; otherwise
/// empty. For a reset, case does not count, as in a directory: a suspension must not tell whose an account is. The name
/// of a user in a shell is not typed.
pub(super) fn name(agent: &Snapshot, settings: &Settings, name: &str, purpose: Purpose) -> String {
    if !settings.local_accounts || name.contains([':', '/']) {
        return String::new();
    }
    let folded = (purpose == Purpose::Recover).then(|| name.to_lowercase());
    std::iter::once(name.to_owned()).chain(folded).find(|name| agent.people.uid(name).is_some()).unwrap_or_default()
}

/// Whether `typed` is the word that switches the server's texts to plain English.
pub(super) fn is_plain(typed: &[u8]) -> bool {
    is(typed, PLAIN)
}

/// Whether `typed` is this word, in any form in which the server takes it.
fn is(typed: &[u8], wanted: &str) -> bool {
    str::from_utf8(typed).is_ok_and(|typed| word(typed) == wanted)
}

/// A dialogue about an account of this host itself. Clones share it.
#[derive(Clone)]
pub(super) struct Own(Arc<Inner>);

struct Inner {
    user: String,
    purpose: Purpose,
    caller: Caller,
    texts: Arc<Texts>,
    fleet: Fleet,
    state: Mutex<State>,
}

/// What happened so far.
#[derive(Default)]
struct State {
    /// The current password as it was typed, until it was checked.
    current: Option<Zeroizing<Vec<u8>>>,
    /// The new password, which the rules of this host allow.
    new: Zeroizing<Vec<u8>>,
    /// Whether it was typed twice, and was not tried yet.
    twice: bool,
    /// Whether the rules were shown, and no password was refused since.
    rules_shown: bool,
    /// Whether the user's last answer is the wish to unlock the account.
    wants_unlock: bool,
    done: Done,
}

/// What this host did to the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Done {
    #[default]
    Nothing,
    /// The password of the account with this uid is set.
    Changed(u32),
    /// It is not known whether it is.
    Unsure,
    /// The account is unlocked.
    Unlocked,
    /// It is not known whether it is.
    UnlockUnsure,
}

/// What becomes of an answer.
pub(super) enum Instead {
    /// This is sent to the server.
    Send(Zeroizing<Vec<u8>>),
    /// The user is asked again, for this reason.
    Ask(String),
}

impl Own {
    /// A dialogue with `caller` about the account `user`.
    pub(super) fn new(user: &str, purpose: Purpose, caller: Caller, texts: Arc<Texts>, fleet: Fleet) -> Self {
        Self(Arc::new(Inner { user: user.to_owned(), purpose, caller, texts, fleet, state: Mutex::default() }))
    }

    /// Why the account can't be registered, as far as this host knows. Only for its user in a shell.
    pub(super) async fn why_not(&self, agent: &Snapshot) -> Option<String> {
        let found = agent.helper.account(&self.0.user).await.ok()?;
        let served = found.verdict == Verdict::Eligible && !found.admin && names::is_login(&self.0.user);
        (!served).then(|| with_help(agent, self.0.texts.say("enroll-not-served", &[])))
    }

    /// Whether this host changed nothing so far, for certain.
    pub(super) fn did_nothing(&self) -> bool {
        self.state().done == Done::Nothing
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The view of this host's rules for passwords.
    fn session(&self, agent: &Arc<Snapshot>) -> Session {
        Session::with_texts(agent.clone(), self.0.texts.clone(), self.attempt(agent))
    }

    fn attempt(&self, agent: &Snapshot) -> Attempt {
        let Inner { user, purpose, caller, .. } = &*self.0;
        let account = Account::new(&agent.keys, Name::local(user)).vouched();
        let dialogue = random::handle(agent.random.as_ref()).unwrap_or_default();
        Attempt { account, purpose: *purpose, dialogue, began: agent.now(), resumed: false, caller: caller.clone() }
    }

    /// Notes in this host's own trail what its helper did, which writes it down as well: each is checked against the other.
    fn record(&self, agent: &Snapshot, event: Event, warning: &str) {
        let reason = [THROUGH, warning].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
        agent.audit.record(event, &self.attempt(agent), &reason);
    }

    /// The server's step, with this host's rules where a new password is asked for.
    pub(super) fn shown(&self, agent: &Arc<Snapshot>, step: Step) -> Step {
        if Ask::from_wire(step.ask) != Some(Ask::NewPassword) || std::mem::replace(&mut self.state().rules_shown, true)
        {
            return step;
        }
        let rules = rules::said(&self.session(agent));
        let text = [step.text.as_str(), &rules].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
        Step { text: text.join("\n"), ..step }
    }

    /// Keeps what was `typed` at a question of this kind, if it is a password.
    pub(super) async fn takes(&self, agent: &Arc<Snapshot>, ask: Ask, typed: Zeroizing<Vec<u8>>) -> Instead {
        let send = |word: &[u8]| Instead::Send(Zeroizing::new(word.to_vec()));
        match (ask, self.0.purpose) {
            (Ask::NewPassword, Purpose::Recover) => {
                if let Some(why) = self.refusal(agent, &typed).await {
                    return Instead::Ask(why);
                }
                let mut state = self.state();
                (state.new, state.twice) = (typed, false);
                send(TYPED)
            }
            (Ask::Secret, Purpose::Recover) => {
                let mut state = self.state();
                state.twice = !state.new.is_empty() && crate::keys::same(&state.new, &typed);
                send(if state.twice { TYPED } else { OTHER })
            }
            (Ask::Line, _) => {
                self.state().wants_unlock = is(&typed, UNLOCK);
                Instead::Send(typed)
            }
            // No other password is ever sent, whatever a server asks for.
            _ => {
                self.state().current = Some(typed);
                send(TYPED)
            }
        }
    }

    /// Why the settings and modules of this host refuse a new password.
    async fn refusal(&self, agent: &Arc<Snapshot>, typed: &[u8]) -> Option<String> {
        let say = |key: &str| Some(self.0.texts.say(key, &[]));
        if typed.len() > ANSWER_MAX {
            return say("too-long");
        }
        match std::str::from_utf8(typed) {
            Ok(new) if !new.chars().any(char::is_control) => rules::refusal(&self.session(agent), new).await,
            _ => say("not-plain"),
        }
    }

    /// The question again, at the same turn.
    pub(super) fn again(&self, turn: u32, text: String) -> Step {
        let prompt = self.0.texts.say("password-prompt", &[]);
        Step { turn, standing: Standing::Asking.to_wire(), ask: Ask::NewPassword.to_wire(), text, prompt }
    }

    /// Does what the server asks of this host.
    pub(super) async fn does(&self, agent: &Snapshot, errand: Option<Errand>) -> Report {
        let user = self.0.user.as_str();
        let resets = self.0.purpose == Purpose::Recover;
        let refused = |why: &str| Report::Refused { why: why.to_owned() };
        match errand {
            Some(Errand::Account) => self.account(agent).await,
            Some(Errand::Verify) => {
                let current = self.state().current.take();
                let Some(current) = current.filter(|_| !resets) else { return refused("no password was typed") };
                match agent.helper.verify(user, &current).await {
                    Ok(right) => Report::Verified { right },
                    Err(error) => error.into(),
                }
            }
            Some(Errand::Change { id }) => {
                let twice = std::mem::take(&mut self.state().twice);
                if !resets || !twice {
                    return refused("no new password was typed twice");
                }
                match self.to_write(agent, id).await {
                    Ok(uid) => self.change(agent, uid).await,
                    Err(report) => report,
                }
            }
            Some(Errand::Unlock { id }) => {
                let wanted = std::mem::take(&mut self.state().wants_unlock);
                if !resets || !wanted {
                    return refused("nobody asked to unlock it");
                }
                match self.to_write(agent, id).await {
                    Ok(uid) => self.unlock(agent, uid).await,
                    Err(report) => report,
                }
            }
            None => Report::Unavailable { why: "this version of the host does not know that errand".to_owned() },
        }
    }

    async fn account(&self, agent: &Snapshot) -> Report {
        let resets = self.0.purpose == Purpose::Recover;
        // The server asks after a proof only. Where no password can be set, the proof is not spent.
        if resets && let Some(why) = agent.helper.why_not().await {
            return Report::Unavailable { why };
        }
        let found = match agent.helper.account(&self.0.user).await {
            Ok(found) => found,
            Err(error) => return error.into(),
        };
        // Whoever took over the server must not get from there to root here.
        let verdict =
            if found.admin && found.verdict == Verdict::Eligible { Verdict::OutOfScope } else { found.verdict };
        // A mark is made for what is registered, not for what is reset.
        let id = if resets || verdict != Verdict::Eligible {
            self.0.fleet.marked(&self.0.user, found.uid)
        } else {
            self.0.fleet.mark(agent.random.as_ref(), &self.0.user, found.uid)
        };
        match id {
            Ok(id) => Report::Account {
                id: id.unwrap_or_else(|| Id::from(found.uid)),
                verdict: verdict.to_wire(),
                admin: found.admin,
                locked: found.faillock_locked,
            },
            Err(error) => Report::Unavailable { why: format!("the marks of this host's accounts: {error}") },
        }
    }

    /// The uid of the account to write, if it is still the one with this id. Fails with the report of the refusal.
    async fn to_write(&self, agent: &Snapshot, id: Id) -> Result<u32, Report> {
        let refused = |why: &str| Report::Refused { why: why.to_owned() };
        match self.account(agent).await {
            Report::Account { id: now, verdict, .. } if now == id && verdict == Verdict::Eligible.to_wire() => {
                uid(id).ok_or_else(|| refused("the account was never registered"))
            }
            Report::Account { .. } => Err(refused("the account is another one now, or is not served")),
            other => Err(other),
        }
    }

    async fn unlock(&self, agent: &Snapshot, uid: u32) -> Report {
        let outcome = agent.helper.unlock(&self.0.user, uid).await;
        match &outcome {
            Ok(()) => {
                self.record(agent, Event::Unlocked, "");
                self.state().done = Done::Unlocked;
            }
            Err(CredentialsError::Unknown(_)) => self.state().done = Done::UnlockUnsure,
            Err(CredentialsError::Refused(_) | CredentialsError::Unavailable(_)) => {}
        }
        match outcome {
            Ok(()) => Report::Unlocked,
            Err(error) => error.into(),
        }
    }

    async fn change(&self, agent: &Snapshot, uid: u32) -> Report {
        let new = self.state().new.clone();
        let outcome = agent.helper.change(&self.0.user, uid, &new).await;
        match &outcome {
            Ok(Change::Changed) => self.record(agent, Event::Recovered, ""),
            Ok(Change::ChangedWithWarning(why)) => self.record(agent, Event::Recovered, why),
            Err(CredentialsError::Unknown(_)) => self.record(agent, Event::Failed, "unknown"),
            _ => {}
        }
        let mut state = self.state();
        match &outcome {
            Ok(Change::Changed | Change::ChangedWithWarning(_)) => state.done = Done::Changed(uid),
            Ok(Change::Refused(_) | Change::Same) => state.rules_shown = false,
            Err(CredentialsError::Unknown(_)) => state.done = Done::Unsure,
            Err(CredentialsError::Refused(_) | CredentialsError::Unavailable(_)) => {}
        }
        drop(state);
        match outcome {
            Ok(change) => change.into(),
            Err(error) => error.into(),
        }
    }

    /// The last step, with what the user should check on this host. The server can't claim a reset that this host did
    /// not make.
    pub(super) async fn ended(&self, agent: &Snapshot, last: Step) -> Step {
        let recovered = Standing::from_wire(last.standing) == Some(Standing::Recovered);
        let done = self.state().done;
        match done {
            Done::Changed(uid) => {
                let said = self.aftermath(agent, uid).await;
                let text = [if recovered { last.text.as_str() } else { "" }, &said];
                let text = text.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
                end(last.turn, Standing::Recovered, text)
            }
            Done::Nothing | Done::Unlocked | Done::UnlockUnsure if recovered => {
                self.refused(agent, last.turn, "not-changed")
            }
            Done::Unsure if recovered => self.refused(agent, last.turn, "not-sure"),
            Done::Nothing | Done::Unsure | Done::Unlocked | Done::UnlockUnsure => last,
        }
    }

    /// The last step if the server was lost. What this host did is known here.
    pub(super) async fn broken_off(&self, agent: &Snapshot, turn: u32) -> Step {
        let done = self.state().done;
        match done {
            Done::Changed(uid) => end(turn, Standing::Recovered, self.aftermath(agent, uid).await),
            Done::Unsure => self.refused(agent, turn, "not-sure"),
            Done::Unlocked => end(turn, Standing::Refused, self.0.texts.say("unlocked", &[])),
            Done::UnlockUnsure => self.refused(agent, turn, "unlock-not-sure"),
            Done::Nothing => self.refused(agent, turn, "unavailable"),
        }
    }

    fn refused(&self, agent: &Snapshot, turn: u32, key: &str) -> Step {
        end(turn, Standing::Refused, with_help(agent, self.0.texts.say(key, &[])))
    }

    async fn aftermath(&self, agent: &Snapshot, uid: u32) -> String {
        let (user, but_for) = (self.0.user.as_str(), self.0.caller.uid);
        let ends = agent.settings.recover.end_sessions && but_for != uid;
        let found = agent.helper.aftermath(user, uid, ends).await.unwrap_or_else(|error| {
            tracing::error!(%error, "after a reset of an account of this host: {error}");
            Aftermath::default()
        });
        aftermath_texts::said(&self.0.texts, found)
    }
}
