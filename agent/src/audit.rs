//! The audit trail: each step of consequence as one structured journal record. Never a code, a password or a contact.

use crate::{dialogue::Caller, proof::Case};

/// What happened. Names stay close to those of Entra's audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A dialogue began.
    Begun,
    /// All proofs that are needed were given.
    Proved,
    /// The password was changed.
    Recovered,
    /// A dialogue ended without its purpose.
    Refused,
    /// Self-service of the account rests.
    Blocked,
    /// A contact was registered.
    Registered,
    /// Registration was put off.
    PutOff,
    /// Something did not work.
    Failed,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "Self-service flow started",
            Self::Proved => "Self-service identity verified",
            Self::Recovered => "Reset password (self-service)",
            Self::Refused => "Self-service refused",
            Self::Blocked => "Blocked from self-service password reset",
            Self::Registered => "Security info saved",
            Self::PutOff => "Security info registration put off",
            Self::Failed => "Self-service failed",
        }
    }
}

/// Writes one record. `reason` is for administrators and has no secret in it. The name is what was typed at a login
/// prompt, where people type passwords by mistake: it is recorded only once it stands for somebody, see [`known`].
pub fn record(event: Event, case: &Case, caller: &Caller, reason: &str) {
    tracing::info!(
        target: "audit",
        event = event.as_str(),
        correlation = case.dialogue,
        purpose = case.purpose.as_str(),
        account = known(event, case),
        service = caller.service,
        source = caller.source,
        caller = caller.uid,
        reason,
        "{}",
        event.as_str(),
    );
}

/// The account's name in events that only an existing account reaches; "-" else.
fn known(event: Event, case: &Case) -> &str {
    match event {
        Event::Proved | Event::Recovered | Event::Registered | Event::PutOff => &case.account.name,
        Event::Begun | Event::Refused | Event::Blocked | Event::Failed => "-",
    }
}
