//! The terms on which a user is asked to register at a sign-in, and the users who get in anyway if registering is
//! required.
//!
//! A gateway that is down locks nobody out, and a user for whom an administrator vouches always gets in. A user who
//! can't register for another reason (a limit is reached, the registration can't be proved any more, a code takes long,
//! or only one address gets none) is let in on three days of thirty. So a user who reaches limits on purpose can't put
//! it off forever.

use sspr_config::dialogue::{Purpose, Standing};

use super::{Conversation, Ending, Stop, readable, says_nothing};
use crate::{
    audit::Event,
    limits,
    proof::{self, Gateways},
    session::Session,
};

/// The terms of one sign-in.
pub(super) struct Terms {
    /// Whether "not now" is no longer accepted.
    pub(super) mandatory: bool,
    /// Whether the help desk vouches for the user.
    pub(super) vouched: bool,
    /// Whether this is still one of the days on which a user who can't register gets in.
    grace: bool,
}

impl Terms {
    /// The terms of a sign-in; `mandatory`: registering is required.
    pub(super) async fn of(s: &Session, mandatory: bool) -> Result<Self, Stop> {
        let mut terms = Self { mandatory, vouched: false, grace: true };
        if mandatory {
            let mut tx = s.begin_to_read().await?;
            terms.grace = limits::may_be_let_in(&mut tx, &s.let_ins(), s.now()).await?;
            tx.commit().await?;
        }
        Ok(terms)
    }

    /// Whether leaving means "no".
    pub(super) async fn bind(&self, s: &Session) -> Result<bool, Stop> {
        if !self.mandatory || self.vouched {
            return Ok(false);
        }
        Ok(match proof::gateways(s).await? {
            Gateways::Work => true,
            Gateways::NotYet => !self.grace,
            Gateways::Down => false,
        })
    }

    /// Whether a user who can't register gets in.
    pub(super) async fn let_in(&self, s: &Session) -> Result<bool, Stop> {
        Ok(!self.mandatory || self.vouched || self.grace || is_down(s).await?)
    }

    /// A user who can no longer receive a code at the registered contacts gets in as well, but after some days has to
    /// see the help desk. Returns whether that time has come. The text above the first question says so, because
    /// leaving means "no" then.
    pub(super) async fn before_the_old_proof(
        &self,
        conversation: &mut Conversation,
        s: &Session,
    ) -> Result<bool, Stop> {
        let binding = !self.let_in(s).await?;
        conversation.bind(binding);
        Ok(binding)
    }

    /// The user can't register now, for a reason in a `word` for the audit trail and in a text for the user, who gets
    /// in anyway or not.
    pub(super) async fn stuck(
        &self,
        conversation: &mut Conversation,
        s: &Session,
        word: &str,
        why: String,
    ) -> Result<Ending, Stop> {
        if !self.let_in(s).await? {
            s.record(Event::Refused, &format!("registration required: {word}"));
            return Ok(if says_nothing(s, &why) { Ending::declined(s) } else { Ending::new(Standing::Denied, why) });
        }
        conversation.bind(false);
        let down = is_down(s).await?;
        s.record(Event::PutOff, if down { GATEWAY } else { word });
        conversation.wait(|| readable(s, &why, "register-not-now")).await?;
        Ok(Ending::finished())
    }

    /// Why a user who may put registering off does so, for the audit trail.
    pub(super) async fn why_put_off(&self, s: &Session) -> Result<&'static str, Stop> {
        Ok(match (self.mandatory, self.vouched) {
            (false, _) => "",
            (true, true) => "help-desk code",
            (true, false) if is_down(s).await? => GATEWAY,
            (true, false) => "no code yet",
        })
    }

    /// Nothing, or not everything, was registered. If it was required and the user got in, that day counts, even if
    /// nothing could be asked: otherwise a user who signs in only through such hosts would never have to register.
    pub(super) async fn ended(
        &self,
        conversation: &Conversation,
        s: &Session,
        ended: &Result<Ending, Stop>,
    ) -> Result<(), Stop> {
        let got_in = match ended {
            Ok(ending) => ending.standing != Standing::Denied,
            Err(Stop::Gone | Stop::Misread) => !conversation.binding(),
            Err(Stop::Failed(_) | Stop::Over(_)) => false,
        };
        if !self.mandatory || self.vouched || !got_in || is_down(s).await? {
            return Ok(());
        }
        let mut tx = s.begin().await?;
        limits::was_let_in(&mut tx, &s.let_ins(), s.now()).await?;
        Ok(tx.commit().await?)
    }
}

const GATEWAY: &str = "a gateway does not work";

/// Whether codes can't be sent: those for a new registration, or those that prove an existing one.
async fn is_down(s: &Session) -> Result<bool, Stop> {
    let proving = s.for_purpose(Purpose::Enroll);
    Ok(proof::gateways(s).await? == Gateways::Down || proof::gateways(&proving).await? == Gateways::Down)
}
