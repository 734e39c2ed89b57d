//! Failed proofs: counted for the account and over all accounts, and told to the owner and the administrators.

use sspr_config::dialogue::Purpose;

use super::{Answered, Case};
use crate::{
    audit::{self, Event},
    clock::Time,
    doors::Doors,
    error::Result,
    limits::{self, Allowance, Rests, TooMany},
    notes,
    outbox::NoteKind,
    store::Tx,
};

/// The consequences of a failed proof. Call [`Failed::tell`] once it is written.
#[must_use]
#[derive(Debug)]
pub(crate) struct Failed {
    rest: Allowance,
    too_many: Option<TooMany>,
}

/// Counts a failed proof of `case`.
pub(crate) async fn count(tx: &mut Tx<'_>, doors: &Doors, case: &Case, now: Time) -> Result<Failed> {
    let settings = &doors.settings.limits;
    // A contact that is being registered proves no identity.
    let guess = case.purpose != Purpose::Register;
    let (failures, rests) = (case.account.failures(doors, case.purpose), if guess { Rests::Grow } else { Rests::Stay });
    let rest = limits::failure(tx, settings, (&failures, rests), &case.source(doors), now).await?;
    let too_many =
        if guess { limits::any_failure(tx, settings, &doors.keys, &case.caller.source, now).await? } else { None };
    Ok(Failed { rest, too_many })
}

impl Failed {
    /// Notifies the owner of a suspension, and administrators of too many failures. Returns the outcome for the user who typed;
    /// `left` is the number of tries left.
    pub(crate) fn tell(&self, doors: &Doors, case: &Case, left: i64) -> Answered {
        match self.too_many {
            Some(TooMany::Host) => {
                tracing::warn!(
                    "more wrong codes within an hour than [limits] failed_proofs_per_hour allows: somebody may be guessing"
                );
                audit::record(Event::ManyFailures, case, &case.caller, "over all accounts, within an hour");
                notes::many_failures_soon(doors, case, NoteKind::ManyFailures);
            }
            Some(TooMany::Source { first }) => {
                tracing::warn!(
                    source = case.caller.source,
                    "many wrong codes within an hour came from one source: somebody may be guessing there"
                );
                audit::record(Event::ManyFailures, case, &case.caller, "from this source, within an hour");
                if first {
                    notes::many_failures_soon(doors, case, NoteKind::FailuresAtSource);
                }
            }
            None => {}
        }
        match self.rest {
            Allowance::Granted => Answered::Wrong(left),
            Allowance::Wait(seconds) => {
                notes::blocked_soon(doors, case);
                Answered::Resting(seconds)
            }
        }
    }
}
