//! Sign-ins with a password on this host. If an administrator enabled that, the fleet's server has the directory check
//! the password, and asks users who have to register. After any failure, the sign-in goes on without a question.

use std::time::Duration;

use sspr_config::{
    dialogue::{Ask, Standing, Step},
    settings::RegisterMode,
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    relay::{About, Host, Open, Opened, Result, ask, end},
    told::message,
};
use crate::{
    caller::Caller,
    clock::Time,
    held::Refused,
    principal::Principal,
    sessions::{Beginning, Sessions},
    settled::Since,
    snapshot::Snapshot,
};

/// How long everything before the first question may take: less than the module waits.
const PATIENCE: Duration = Duration::from_millis(850);
/// How many seconds pass before the server is asked again about a user who was asked nothing, for any reason. It checks
/// one wrong password a day.
const SETTLED: Time = 86_400;
/// How many seconds pass if the server did not get the password.
const NOT_ASKED: Time = 900;

/// A sign-in that waits for its first question.
#[derive(Clone, Debug)]
pub(super) struct SigningIn {
    by: Instant,
    since: Since,
}

/// A last step without a text.
fn nothing(turn: u32) -> Step {
    end(turn, Standing::Finished, String::new())
}

impl SigningIn {
    /// How long the server may take after the answer to a question of this kind, if the sign-in waits for it.
    pub(super) fn left(&self, ask: Ask) -> Option<Duration> {
        (ask == Ask::Password).then(|| self.by.saturating_duration_since(Instant::now()))
    }

    /// Notes that the dialogue about `user` ended after a question of this kind.
    pub(super) fn ended(&self, agent: &Snapshot, user: &str, ask: Ask) {
        if ask == Ask::Password {
            self.note(agent, user, SETTLED);
        }
    }

    /// The last step if the server was lost at a question of this kind.
    pub(super) fn broken_off(&self, agent: &Snapshot, about: &About, ask: Ask, turn: u32) -> Step {
        if ask == Ask::Password {
            self.note(agent, &about.user, SETTLED);
            return nothing(turn);
        }
        end(turn, Standing::Finished, about.texts.say("register-not-now", &[]))
    }

    /// Notes that the module left at a question of this kind. It leaves at the first one if the password came too soon
    /// to be typed.
    pub(super) fn left_at(&self, agent: &Snapshot, user: &str, ask: Ask) {
        if ask == Ask::Password {
            self.note(agent, user, NOT_ASKED);
        }
    }

    fn note(&self, agent: &Snapshot, user: &str, seconds: Time) {
        let now = agent.now();
        agent.settled.note_far(self.since, user, user, now, now + seconds);
    }
}

impl Host {
    /// Begins a dialogue with the user `name`, who has just signed in.
    pub(super) async fn signs_in(
        &self,
        sessions: &Sessions,
        who: &Principal,
        name: String,
        caller: Caller,
        wanted: &Beginning<'_>,
        leaving: impl Future<Output = std::result::Result<(), String>> + Send + 'static,
    ) -> Result<(String, Step)> {
        let by = Instant::now() + PATIENCE;
        let agent = self.agent.now();
        let settings = &agent.settings;
        let asks = settings.fleet.checks_sign_ins() && settings.register.mode != RegisterMode::Off;
        // Unlike the files here, the server's directory may ignore case.
        let is_own = |name: &str| agent.people.is_own(name);
        if !asks || agent.settled.holds_far(&name, agent.now()) || is_own(&name) || is_own(&name.to_lowercase()) {
            return Ok((String::new(), nothing(1)));
        }
        let signing_in = SigningIn { by, since: agent.settled.since() };
        let place =
            self.places.take(who.uid()).ok_or_else(|| Refused::Unavailable("too many dialogues are open".into()))?;
        let message = message(who, wanted, &caller, (name.clone(), String::new()));
        let begun = self.begun(&agent, &message, by.saturating_duration_since(Instant::now())).await;
        let Opened { at, handle, step, .. } = match begun {
            Ok(begun) => begun,
            Err(why) => {
                tracing::warn!(%why, "nobody is asked to register at this sign-in: {why}");
                return Ok((String::new(), nothing(1)));
            }
        };
        if ask(&step) == Ask::Nothing {
            if !step.text.is_empty() {
                // A server of an earlier version sends this line to every user at every sign-in.
                signing_in.note(&agent, &name, NOT_ASKED);
            }
            return Ok((String::new(), nothing(1)));
        }
        let (texts, _) = sessions.texts(caller, wanted);
        let about = About { user: name, uid: who.uid(), texts, new_password: Zeroizing::default(), own: None };
        let mut open = Open::new(who, (at, handle, &step), about, place);
        if ask(&step) != Ask::Password {
            // No other question may come before the password was checked.
            self.told(&open, None);
            return Ok((String::new(), nothing(1)));
        }
        open.signing_in = Some(signing_in);
        self.keeps(&agent, open, leaving).map(|handle| (handle, step))
    }
}
