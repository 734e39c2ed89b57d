//! Failed proofs: counted for the account and over all accounts, with notifications to the owner and the
//! administrators.

use sspr_config::dialogue::Purpose;

use super::{Answered, Pause};
use crate::{
    audit::Event,
    clock::Time,
    error::Result,
    limits::{self, Allowance, Suspensions, TooMany},
    notifications,
    outbox::NotificationKind,
    session::Session,
    store::Tx,
};

/// The consequences of a failed proof. Call [`Failed::tell`] once it is written.
#[must_use]
#[derive(Debug)]
pub(crate) struct Failed {
    suspension: Allowance,
    too_many: Option<TooMany>,
}

/// Counts a failed proof.
pub(crate) async fn count(tx: &mut Tx<'_>, s: &Session, now: Time) -> Result<Failed> {
    let settings = &s.settings.limits;
    // A contact that is being registered proves no identity.
    let guess = s.purpose() != Purpose::Register;
    if let Some(host) = &s.caller().host {
        limits::host_failure(tx, (&s.keys, host), now).await?;
    }
    let (failures, suspensions) = (s.failures(), if guess { Suspensions::Grow } else { Suspensions::Stay });
    let suspension = limits::failure(tx, settings, (&failures, suspensions), &s.source(), now).await?;
    let too_many =
        if guess { limits::any_failure(tx, settings, &s.keys, &s.caller().source, now).await? } else { None };
    Ok(Failed { suspension, too_many })
}

impl Failed {
    /// Notifies the owner of a suspension, and administrators of too many failures. Returns the outcome for the user who typed;
    /// `left` is the number of tries left.
    pub(crate) fn tell(&self, s: &Session, left: i64) -> Answered {
        match self.too_many {
            Some(TooMany::Host) => {
                tracing::warn!(
                    "more wrong codes within an hour than [limits] failed_proofs_per_hour allows: somebody may be guessing"
                );
                s.record(Event::ManyFailures, "over all accounts, within an hour");
                notifications::many_failures_soon(s, NotificationKind::ManyFailures);
            }
            Some(TooMany::Source { first }) => {
                tracing::warn!(
                    source = s.caller().source,
                    "many wrong codes within an hour came from one source: somebody may be guessing there"
                );
                s.record(Event::ManyFailures, "from this source, within an hour");
                if first {
                    notifications::many_failures_soon(s, NotificationKind::FailuresAtSource);
                }
            }
            None => {}
        }
        match self.suspension {
            Allowance::Granted => Answered::Wrong(left),
            Allowance::Wait(seconds) => {
                notifications::blocked_soon(s);
                Answered::Suspended(Pause::Account(seconds))
            }
        }
    }
}
