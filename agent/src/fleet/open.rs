//! A dialogue at a server of the fleet, as its host keeps it.

use std::sync::Arc;

use sspr_config::dialogue::{Ask, Step};
use sspr_fleet::{client::Replica, wire::Begin};
use tokio::task::AbortHandle;
use zeroize::Zeroizing;

use super::{own::Own, signing_in::SigningIn, steps::ask};
use crate::{clock::Time, places::Place, principal::Principal, texts::Texts};

/// A dialogue at a server.
pub(super) struct Open {
    pub(super) owner: String,
    /// The server that holds it, and its handle there.
    pub(super) at: Replica,
    pub(super) handle: String,
    pub(super) turn: u32,
    pub(super) ask: Ask,
    pub(super) about: About,
    /// Set if it is a reset, which can go on at another server; see [`super::failover`].
    pub(super) again: Option<Again>,
    /// The last step, if a question of this host's own comes before it.
    pub(super) end: Option<Step>,
    /// Set if the user has just signed in, and the sign-in waits for the first question.
    pub(super) signing_in: Option<SigningIn>,
    /// Whether an answer is in progress.
    pub(super) busy: bool,
    pub(super) watch: Option<AbortHandle>,
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
    pub(super) fn goes_on_at(&mut self, (at, handle): (Replica, String), step: &Step, is_own: bool) {
        (self.at, self.handle, self.about.is_own) = (at, handle, is_own);
        if let Some(again) = &mut self.again {
            again.has_moved = true;
        }
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
    /// Whether it went on at another server, which counts its time anew.
    pub(super) has_moved: bool,
}

impl Again {
    /// The user asked for plain English, and reads it from another server, too.
    pub(super) fn speaks_english(&mut self) {
        "en".clone_into(&mut self.begin.locale);
    }
}

/// The parts of a dialogue that an answer needs.
pub(super) struct Taken {
    pub(super) at: Replica,
    pub(super) handle: String,
    pub(super) ask: Ask,
    pub(super) again: Option<Again>,
    pub(super) end: Option<Step>,
    pub(super) signing_in: Option<SigningIn>,
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
    /// Set if it is an account of this host itself that this host wants served.
    pub(super) wanted: Option<Own>,
    /// Whether the server that holds the dialogue serves it.
    pub(super) is_own: bool,
}

impl About {
    /// Set if it is an account of this host itself, which the server serves.
    pub(super) fn own(&self) -> Option<&Own> {
        self.wanted.as_ref().filter(|_| self.is_own)
    }
}

/// A dialogue that a server has begun.
pub(super) struct Opened {
    pub(super) at: Replica,
    pub(super) handle: String,
    pub(super) step: Step,
    /// Whether it is about an account of this host itself.
    pub(super) own: bool,
}
