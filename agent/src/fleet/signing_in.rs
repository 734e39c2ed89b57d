//! What a host notes about a sign-in that waits for the fleet's server: see [`super::at_sign_in`].

use std::time::Duration;

use sspr_config::dialogue::{Ask, Standing, Step};
use tokio::time::Instant;

use super::steps::end;
use crate::{clock::Time, settled::Since, snapshot::Snapshot, texts::Texts};

/// How long everything before the first question may take: less than the module waits.
const PATIENCE: Duration = Duration::from_millis(850);
/// How many seconds pass before the server is asked again about a user whom it told nothing, for any reason. It checks
/// one wrong password a day.
const SETTLED: Time = 86_400;
/// How many seconds pass if the server did not get the password, or was lost.
pub(super) const NOT_ASKED: Time = 900;

/// A sign-in that waits for its first question.
#[derive(Clone, Debug)]
pub(super) struct SigningIn {
    /// Until when the first question must be there.
    pub(super) by: Instant,
    since: Since,
}

/// A last step without a text.
pub(super) fn nothing(turn: u32) -> Step {
    end(turn, Standing::Finished, String::new())
}

impl SigningIn {
    /// A sign-in that begins now.
    pub(super) fn new(agent: &Snapshot) -> Self {
        Self { by: Instant::now() + PATIENCE, since: agent.settled.since() }
    }

    /// How long the server may take after the answer to a question of this kind, if the sign-in waits for it.
    pub(super) fn left(&self, ask: Ask) -> Option<Duration> {
        (ask == Ask::Password).then(|| self.by.saturating_duration_since(Instant::now()))
    }

    /// Notes that the dialogue about `user` ended after a question of this kind. `another`: another sign-in of the user
    /// is in progress here. Then the server may have told this one nothing because of that one.
    pub(super) fn ended(&self, agent: &Snapshot, user: &str, ask: Ask, another: bool) {
        if ask == Ask::Password && !another {
            self.note(agent, user, SETTLED);
        }
    }

    /// The last step if the server was lost at a question of this kind. If it did have the password checked, it knows.
    pub(super) fn broken_off(&self, agent: &Snapshot, (user, texts): (&str, &Texts), ask: Ask, turn: u32) -> Step {
        if ask == Ask::Password {
            self.note(agent, user, NOT_ASKED);
            return nothing(turn);
        }
        end(turn, Standing::Finished, texts.say("register-not-now", &[]))
    }

    /// Notes that the module left at a question of this kind. It leaves at the first one if the password came too soon
    /// to be typed.
    pub(super) fn left_at(&self, agent: &Snapshot, user: &str, ask: Ask) {
        if ask == Ask::Password {
            self.note(agent, user, NOT_ASKED);
        }
    }

    pub(super) fn note(&self, agent: &Snapshot, user: &str, seconds: Time) {
        let now = agent.now();
        agent.settled.note_far(self.since, user, user, now, now + seconds);
    }
}
