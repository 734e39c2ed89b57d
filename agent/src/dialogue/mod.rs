//! The dialogues. Each file reads from top to bottom like the conversation itself: ask, check, send, ask. The
//! dialogues know no bus and no SQL; the world is behind [`crate::session::Session`].

use sspr_config::dialogue::Purpose;

pub use crate::caller::{Caller, Screen};
use crate::session::Session;

mod admission;
mod aftermath;
mod app;
mod at_host;
mod code;
mod codes;
mod contacts;
pub mod conversation;
mod due;
mod ending;
mod enroll;
mod enrollment;
mod helpdesk;
mod hint;
mod outlook;
mod owner;
mod prove;
mod reconfirm;
mod recover;
mod register;
mod remove;
pub(crate) mod rules;
mod status;
mod terms;
#[cfg(any(test, fuzzing))]
mod tests;
mod token;
mod unlock;
mod wording;

pub use conversation::{Conversation, Gone, Misread};
pub use ending::{Ending, Stop};
pub use outlook::Outlook;
#[cfg(fuzzing)]
pub use tests::walk;
pub(crate) use wording::for_now;
use wording::{is_read, misread, named, readable, says_nothing, too_quick, with_help};

/// Holds a dialogue.
pub async fn hold(conversation: &mut Conversation, s: &Session) -> Result<Ending, Stop> {
    // Each future is boxed by itself; otherwise every dialogue would be as large as the largest one.
    match s.purpose() {
        Purpose::Recover => Box::pin(recovery(conversation, s)).await,
        Purpose::Register => Box::pin(register::at_sign_in(conversation, s)).await,
        Purpose::Enroll => {
            // A registration that begins here may have to be finished at the next sign-in.
            s.settled.forget(s.name().name);
            Box::pin(enroll::enroll(conversation, s)).await
        }
        Purpose::Status => Box::pin(status::status(s)).await,
        Purpose::Codes => Box::pin(codes::codes(conversation, s)).await,
        Purpose::Remove => Box::pin(remove::remove(conversation, s)).await,
        Purpose::Hint => Box::pin(hint::hint(s)).await,
        // No dialogue begins for this purpose.
        Purpose::Desk => Err(Stop::Gone),
    }
}

async fn recovery(conversation: &mut Conversation, s: &Session) -> Result<Ending, Stop> {
    let mut s = s.clone();
    conversation.keep_time(Some(admission::BEAT));
    s.look_up().await?;
    match recover::recover(conversation, &s).await {
        Err(Stop::Over(ending)) => Ok(ending),
        other => other,
    }
}
