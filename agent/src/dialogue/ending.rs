//! How a dialogue, or a part of it, ends.

use sspr_config::dialogue::{Purpose, Standing};

use super::{
    conversation::{Conversation, Gone, Misread},
    wording::with_help,
};
use crate::{error::Error, proof::Pause, session::Session};

/// How a dialogue ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// See [`Standing`].
    pub standing: Standing,
    /// The text to show; may be empty.
    pub text: String,
}

impl Ending {
    pub(super) fn new(standing: Standing, text: impl Into<String>) -> Self {
        Self { standing, text: text.into() }
    }

    pub(super) fn finished() -> Self {
        Self::new(Standing::Finished, "")
    }

    /// Registration is required, and a user who declines it is not let in.
    pub(crate) fn declined(s: &Session) -> Self {
        Self::new(Standing::Denied, with_help(s, s.say("register-denied")))
    }

    pub(super) fn refused(text: impl Into<String>) -> Self {
        Self::new(Standing::Refused, text)
    }

    /// There were too many failures. That of a host's limit says nothing of the account, which is not suspended.
    pub(super) fn suspended(s: &Session, pause: Pause) -> Self {
        let say = |text, seconds| s.say_with(text, &[("time", s.texts.span(seconds).as_str().into())]);
        Self::refused(match pause {
            Pause::Account(seconds) => with_help(s, say("resting", seconds)),
            // Which no help desk can end.
            Pause::Host(seconds) => say("too-many-starts", seconds),
        })
    }
}

/// Why a dialogue stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// The user is gone.
    Gone,
    /// Apparently no user is there: too many answers were not among those offered.
    Misread,
    /// Something failed.
    Failed(Error),
    /// The dialogue ended early.
    Over(Ending),
}

impl Stop {
    /// The ending in this case; `None` if no user is there to read it.
    pub fn ending(&self, conversation: &Conversation, s: &Session) -> Option<Ending> {
        match self {
            // A user who is still there, after too many answers or too much time, is told what leaving means here.
            Self::Gone | Self::Misread if conversation.binding() => Some(Ending::declined(s)),
            Self::Misread if s.purpose() == Purpose::Recover => {
                Some(Ending::new(Standing::GivenUp, s.say("recover-given-up")))
            }
            Self::Misread => Some(Ending::finished()),
            Self::Gone | Self::Failed(_) | Self::Over(_) => None,
        }
    }
}

impl From<Misread> for Stop {
    fn from(_: Misread) -> Self {
        Self::Misread
    }
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The outcome of the question for a code.
#[derive(Debug)]
pub(super) enum Asked {
    /// The code was correct.
    Right,
    /// The user wants another way.
    Other,
    /// The user wants to leave.
    Back,
    /// It is over.
    Over(Ending),
}

/// The outcome of registering one method.
pub(super) enum Outcome {
    /// It is registered.
    Saved,
    /// The user does not want to.
    GivenUp,
    /// It can't be done now, for this reason; empty if there is nothing more to say.
    NotPossible(String),
}

impl Outcome {
    /// The outcome, given whether anything was saved.
    pub(super) fn saved(s: &Session, saved: bool) -> Self {
        if saved { Self::Saved } else { Self::NotPossible(s.say("register-changed")) }
    }
}
