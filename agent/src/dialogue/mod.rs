//! The dialogues. Each reads from top to bottom like the conversation that it is: ask, check, send, ask. They know no bus
//! and no SQL; the world is behind [`crate::session::Session`].

use std::time::Duration;

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
};

pub use crate::caller::{Caller, Screen};
use crate::{error::Error, session::Session, writing};

mod admission;
mod aftermath;
mod app;
mod code;
mod codes;
mod contacts;
mod desk;
mod due;
mod enroll;
mod helpdesk;
mod hint;
mod outlook;
mod owner;
mod prove;
mod reconfirm;
mod recover;
mod register;
mod remove;
mod status;
pub mod talk;
mod terms;
#[cfg(any(test, fuzzing))]
mod tests;
mod token;
mod unlock;

pub use outlook::Outlook;
pub use talk::{Gone, Misread, Talk};
#[cfg(fuzzing)]
pub use tests::walk;

/// How a dialogue ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// See [`Standing`].
    pub standing: Standing,
    /// What to read; may be empty.
    pub text: String,
}

impl Ending {
    fn new(standing: Standing, text: impl Into<String>) -> Self {
        Self { standing, text: text.into() }
    }

    fn finished() -> Self {
        Self::new(Standing::Finished, "")
    }

    /// Registration is required, and a user who declines it does not get in.
    pub(crate) fn declined(s: &Session) -> Self {
        Self::new(Standing::Denied, with_help(s, s.say("register-denied")))
    }

    fn refused(text: impl Into<String>) -> Self {
        Self::new(Standing::Refused, text)
    }
}

/// Why a dialogue stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// The person is gone.
    Gone,
    /// Nobody seems to be there: too many answers were none of those offered.
    Misread,
    /// Something failed.
    Failed(Error),
    /// It came to its end in the midst of it.
    Over(Ending),
}

impl Stop {
    /// How the dialogue ends then, unless there is nobody who could hear of it.
    pub fn ending(&self, talk: &Talk, s: &Session) -> Option<Ending> {
        match self {
            // A user who is still there, after too many answers or too long, is told what leaving means here.
            Self::Gone | Self::Misread if talk.binding() => Some(Ending::declined(s)),
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

/// Until the user has proved the identity, a recovery speaks on this beat: longer than what a step sets going usually takes,
/// a mail to a server nearby among it. Whether the store found anything, what the helper said and whether a message went out
/// does not show then.
const BEAT: Duration = Duration::from_millis(100);

/// Holds a dialogue.
pub async fn hold(talk: &mut Talk, s: &Session) -> Result<Ending, Stop> {
    // Each in room of its own: where one could be any, all of them would be as large as the largest.
    match s.purpose() {
        Purpose::Recover => Box::pin(recovery(talk, s)).await,
        Purpose::Register => Box::pin(register::at_sign_in(talk, s)).await,
        Purpose::Enroll => {
            // What is begun here may have to be finished at the next sign-in.
            s.settled.forget(s.name().name);
            Box::pin(enroll::enroll(talk, s)).await
        }
        Purpose::Status => Box::pin(status::status(s)).await,
        Purpose::Codes => Box::pin(codes::codes(talk, s)).await,
        Purpose::Remove => Box::pin(remove::remove(talk, s)).await,
        Purpose::Hint => Box::pin(hint::hint(s)).await,
    }
}

async fn recovery(talk: &mut Talk, s: &Session) -> Result<Ending, Stop> {
    let mut s = s.clone();
    talk.keep_time(Some(BEAT));
    s.look_up().await?;
    match recover::recover(talk, &s).await {
        Err(Stop::Over(ending)) => Ok(ending),
        other => other,
    }
}

/// A `question` that is put again: as an answer was none of those offered, which a program may go on with for ever, or as it is to
/// be said in English.
fn misread(talk: &mut Talk, s: &Session, question: String) -> Result<String, Stop> {
    if talk.has_turned() {
        return Ok(question);
    }
    talk.misread()?;
    Ok(format!("{}\n{question}", s.say("choose-again")))
}

/// A `question` that is put again, as it was answered sooner than it can be read.
fn too_quick(talk: &mut Talk, s: &Session, question: &str) -> Result<String, Stop> {
    talk.misread()?;
    Ok(format!("{}\n{question}", s.say("too-quick")))
}

/// Whether there is anything to read in `text`: one that was made before the switch to English may have nothing that ASCII can show.
fn says_nothing(s: &Session, text: &str) -> bool {
    text.is_empty() || s.texts.is_plain() && writing::plain(text).trim().is_empty()
}

/// The dialogue for what is said now: in English where it is the first word at a client that may have no characters for another
/// language. A user who could not read it could not type the right password either.
pub(crate) fn for_now(talk: &Talk, s: &Session) -> Session {
    if talk.is_first_word() { s.in_language(Language::English) } else { s.clone() }
}

/// `text`, or the text by the name of `instead` where it says nothing.
fn readable(s: &Session, text: &str, instead: &str) -> String {
    if says_nothing(s, text) { s.say(instead) } else { text.to_owned() }
}

/// `text`, with the administrator's help-desk line under it where there is one.
fn with_help(s: &Session, text: String) -> String {
    match &s.settings.helpdesk.text {
        Some(help) => format!("{text}\n{help}"),
        None => text,
    }
}
