//! The audit trail: each step of consequence as one structured journal record. Never a code, a password or a contact.

use crate::{dialogue::Caller, proof::Case};

/// What happened. Names stay close to those of Entra's audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A code was asked for.
    CodeAsked,
    /// A code was wrong.
    CodeWrong,
    /// All proofs that are needed were given.
    Proved,
    /// The password was changed.
    Recovered,
    /// A dialogue ended without its purpose.
    Refused,
    /// Self-service of the account rests.
    Blocked,
    /// A way to prove who one is was registered.
    Registered,
    /// All that somebody needs is registered.
    Completed,
    /// What is registered was changed.
    Changed,
    /// Something registered was removed.
    Deleted,
    /// What is registered still holds, says its owner.
    Confirmed,
    /// Recovery codes were made.
    CodesMade,
    /// Registration was put off.
    PutOff,
    /// Something did not work.
    Failed,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CodeAsked => "Self-service code requested",
            Self::CodeWrong => "Self-service code wrong",
            Self::Proved => "Self-service identity verified",
            Self::Recovered => "Reset password (self-service)",
            Self::Refused => "Self-service refused",
            Self::Blocked => "Blocked from self-service password reset",
            Self::Registered => "Security info saved",
            Self::Completed => "User registered security info",
            Self::Changed => "Security info changed",
            Self::Deleted => "Security info deleted",
            Self::Confirmed => "User reviewed security info",
            Self::CodesMade => "Recovery codes generated",
            Self::PutOff => "Security info registration put off",
            Self::Failed => "Self-service failed",
        }
    }
}

/// Writes one record. `reason` is for administrators and has no secret in it.
pub fn record(event: Event, case: &Case, caller: &Caller, reason: &str) {
    tracing::info!(
        target: "audit",
        event = event.as_str(),
        correlation = case.dialogue,
        purpose = case.purpose.as_str(),
        account = case.account.recorded(),
        service = caller.service,
        source = caller.source,
        caller = caller.uid,
        reason,
        "{}: {} by {} from {}{}{}",
        event.as_str(),
        case.account.recorded(),
        caller.service,
        caller.source,
        if reason.is_empty() { "" } else { ": " },
        reason,
    );
}
