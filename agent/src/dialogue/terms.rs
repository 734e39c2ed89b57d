//! On what terms a user is asked to register at a sign-in, and who gets in anyway where that is required.
//!
//! A gateway that is down never keeps anybody out, nor does what an administrator vouches for. Who can't register for another
//! reason (a limit is reached, what is registered can't be proved any more, a code takes long, one address alone gets none) is let
//! in on three days of thirty: a user who reaches limits on purpose can't put it off for ever.

use sspr_config::dialogue::{Purpose, Standing};

use super::{Ending, Stop, Talk, readable, says_nothing};
use crate::{
    audit::Event,
    limits,
    proof::{self, Gateways},
    session::Session,
};

/// The terms of one sign-in.
pub(super) struct Terms {
    /// Whether "not now" is no answer any more.
    pub(super) mandatory: bool,
    /// The help desk says that it is.
    pub(super) vouched: bool,
    /// Whether this is still one of the days on which a user who can't register gets in.
    grace: bool,
}

impl Terms {
    /// The terms of a sign-in where registering is `mandatory`.
    pub(super) async fn of(s: &Session, mandatory: bool) -> Result<Self, Stop> {
        let mut terms = Self { mandatory, vouched: false, grace: true };
        if mandatory {
            let mut tx = s.begin().await?;
            terms.grace = limits::may_be_let_in(&mut tx, &s.let_ins(), s.now()).await?;
            tx.commit().await?;
        }
        Ok(terms)
    }

    /// Whether leaving means no.
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

    /// A user who can no longer receive a code at the registered contacts gets in as well, and from some day on has to
    /// see the help desk. Whether that day has come, which is said above the first question, as breaking off is a no then.
    pub(super) async fn before_the_old_proof(&self, talk: &mut Talk, s: &Session) -> Result<bool, Stop> {
        let binding = !self.let_in(s).await?;
        talk.bind(binding);
        Ok(binding)
    }

    /// It can't be done now, and this is why, in a `word` for the audit trail and to be read: the person gets in all the same, or
    /// not.
    pub(super) async fn stuck(&self, talk: &mut Talk, s: &Session, word: &str, why: String) -> Result<Ending, Stop> {
        if !self.let_in(s).await? {
            s.record(Event::Refused, &format!("registration required: {word}"));
            return Ok(if says_nothing(s, &why) { Ending::declined(s) } else { Ending::new(Standing::Denied, why) });
        }
        talk.bind(false);
        let down = is_down(s).await?;
        s.record(Event::PutOff, if down { GATEWAY } else { word });
        talk.wait(|| readable(s, &why, "register-not-now")).await?;
        Ok(Ending::finished())
    }

    /// Why a user who may put it off does so, for the audit trail.
    pub(super) async fn why_put_off(&self, s: &Session) -> Result<&'static str, Stop> {
        Ok(match (self.mandatory, self.vouched) {
            (false, _) => "",
            (true, true) => "help-desk code",
            (true, false) if is_down(s).await? => GATEWAY,
            (true, false) => "no code yet",
        })
    }

    /// Nothing, or not all, was registered: where it was required and the person got in, that day counts, also where nothing could
    /// be asked: else who signs in by such hosts alone never has to.
    pub(super) async fn ended(&self, talk: &Talk, s: &Session, ended: &Result<Ending, Stop>) -> Result<(), Stop> {
        let got_in = match ended {
            Ok(ending) => ending.standing != Standing::Denied,
            Err(Stop::Gone | Stop::Misread) => !talk.binding(),
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

/// Whether codes don't leave: those for what is to be registered, or those that are to prove what is.
async fn is_down(s: &Session) -> Result<bool, Stop> {
    let proving = s.for_purpose(Purpose::Enroll);
    Ok(proof::gateways(s).await? == Gateways::Down || proof::gateways(&proving).await? == Gateways::Down)
}
