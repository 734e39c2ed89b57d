//! A code of the help desk for a user who can't register where that is required: a person has checked the identity, and lets the
//! person in once.

use sspr_config::dialogue::Purpose;

use super::{
    Stop, Talk,
    code::Asked,
    desk::Desk,
    token::{self, Kind},
};
use crate::{
    proof::{self, Means, Needed},
    session::Session,
};

/// What came of asking for one.
pub(super) enum Vouched {
    /// It was right, and is used up.
    Yes,
    /// There was none; what to say, if anything.
    No(String),
}

/// Asks for a code of the help desk. A recovery code is none: it proves the identity, and says nothing of whether that user
/// need register.
pub(super) async fn ask(talk: &mut Talk, s: &Session, desk: &Desk) -> Result<Vouched, Stop> {
    let s = &s.for_purpose(Purpose::Enroll);
    match token::ask(talk, s, Kind::HelpDesk).await? {
        Asked::Right => {}
        Asked::Other | Asked::Back => return Ok(Vouched::No(String::new())),
        Asked::Over(ending) => return Ok(Vouched::No(ending.text)),
    }
    let needed = Needed { id: desk.id, methods: 1, admin: false };
    let vouched = proof::good(s, desk.id).await?.contains(&Means::HelpDesk) && proof::spend_for(s, needed).await?;
    Ok(if vouched { Vouched::Yes } else { Vouched::No(s.say("choose-again")) })
}
