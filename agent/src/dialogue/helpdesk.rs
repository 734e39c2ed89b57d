//! A help-desk code for a user who can't register although registration is required: the help desk has checked the
//! user's identity, and lets the user in once.

use sspr_config::dialogue::Purpose;

use super::{
    Conversation, Stop,
    ending::Asked,
    enrollment::Enrollment,
    token::{self, Kind},
};
use crate::{
    proof::{self, Means, Needed},
    session::Session,
};

/// The outcome of asking for a code.
pub(super) enum Vouched {
    /// It was correct, and is used up.
    Yes,
    /// No code was given; the text to show, if any.
    No(String),
}

/// Asks for a help-desk code. A recovery code is not enough: it proves the identity, but does not excuse the user from
/// registering.
pub(super) async fn ask(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
) -> Result<Vouched, Stop> {
    let s = &s.for_purpose(Purpose::Enroll);
    match token::ask(conversation, s, Kind::HelpDesk).await? {
        Asked::Right => {}
        Asked::Other | Asked::Back => return Ok(Vouched::No(String::new())),
        Asked::Over(ending) => return Ok(Vouched::No(ending.text)),
    }
    let needed = Needed { id: enrollment.id, methods: 1, admin: false };
    let vouched =
        proof::good(s, enrollment.id).await?.contains(&Means::HelpDesk) && proof::spend_for(s, needed).await?.is_some();
    Ok(if vouched { Vouched::Yes } else { Vouched::No(s.say("choose-again")) })
}
