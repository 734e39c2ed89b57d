//! The audit trail: each important step as one structured journal record and one row in the store. It never contains a
//! code, a password, a contact, or the name of an account that does not exist.
//!
//! A record costs a dialogue nothing: rows wait in memory, and `audit_writer` writes the waiting rows in one
//! transaction. If they can't be written, the journal still has them.

use std::borrow::Cow;

use sspr_config::dialogue::Purpose;

use crate::{account::Name, clock::Time};

pub use log::AuditLog;
pub(crate) use log::Doubt;

mod ids;
mod log;

/// The events. Their names are close to those of Entra's audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The user asked for a code.
    CodeAsked,
    /// A code was wrong.
    CodeWrong,
    /// The user gave all required proofs.
    Proved,
    /// The password was changed.
    Recovered,
    /// An account that was locked after too many wrong passwords is unlocked.
    Unlocked,
    /// A dialogue ended without its purpose.
    Refused,
    /// Self-service of the account is suspended.
    Blocked,
    /// A means of proof was registered.
    Registered,
    /// The user has registered everything that is required.
    Completed,
    /// The registration was changed.
    Changed,
    /// A contact or the app was removed.
    Deleted,
    /// The user confirmed the registration.
    Confirmed,
    /// Recovery codes were made.
    CodesMade,
    /// Registration was put off, or could not be asked for.
    PutOff,
    /// A review of the registration was put off, or could not be asked for.
    ReviewPutOff,
    /// Proofs failed more often, over all accounts, than by typos.
    ManyFailures,
    /// Something failed.
    Failed,
    /// An administrator gave out a help-desk code.
    HelpdeskCode,
    /// An administrator imported contacts.
    Imported,
    /// The directory's contact is usable from now on.
    Synced,
    /// A contact from the directory was erased.
    Erased,
    /// An administrator deleted a user's registration.
    Forgotten,
    /// An administrator ended a suspension.
    Unblocked,
    /// An administrator exempted a user from registering.
    Exempted,
    /// An administrator ended the exemption.
    ExemptionEnded,
    /// An administrator viewed contacts in full.
    Revealed,
    /// An administrator sent a test message.
    TestSent,
    /// A member of the help desk looked at an account.
    Looked,
    /// A code was sent with which the help desk verifies a caller.
    DeskCodeSent,
    /// The help desk verified a caller.
    DeskVerified,
    /// A member of the help desk exceeded the limit for one hour.
    DeskLimited,
    /// An administrator exported everything that is stored about a user.
    Exported,
    /// An administrator erased everything that is stored about a user. The account is the number of the receipt.
    PersonErased,
    /// An administrator made a token that lets hosts join the fleet.
    HostToken,
    /// A host joined the fleet.
    HostJoined,
    /// A host of the fleet was revoked, paused, resumed or renamed.
    HostChanged,
    /// A host of the fleet replaced its key.
    HostRekeyed,
    /// An administrator announced or replaced the key of the server.
    ServerKey,
    /// An administrator replaced the key of the store.
    StoreKey,
}

impl Event {
    /// The name in the journal and the store.
    pub const fn name(self, purpose: Purpose) -> &'static str {
        match (self, purpose) {
            (Self::CodeAsked, _) => "Self-service code requested",
            (Self::CodeWrong, _) => "Self-service code wrong",
            (Self::Proved, _) => "Self-service identity verified",
            (Self::Recovered, _) => "Reset password (self-service)",
            (Self::Unlocked, _) => "Unlock user account (self-service)",
            (Self::Refused, Purpose::Recover) => "Self-service refused",
            (Self::Refused, _) => "Security info registration refused",
            (Self::Blocked, Purpose::Recover) => "Blocked from self-service password reset",
            (Self::Blocked, Purpose::Desk) => "Blocked from caller verification",
            (Self::Blocked, _) => "Blocked from security info registration",
            (Self::Registered, _) => "Security info saved",
            (Self::Completed, _) => "User registered security info",
            (Self::Changed, _) => "Security info changed",
            (Self::Deleted, _) => "Security info deleted",
            (Self::Confirmed, _) => "User reviewed security info",
            (Self::CodesMade, _) => "Recovery codes generated",
            (Self::ManyFailures, _) => "Many self-service codes wrong",
            (Self::PutOff, _) => "Security info registration put off",
            (Self::ReviewPutOff, _) => "Security info review put off",
            (Self::Failed, _) => "Self-service failed",
            (Self::HelpdeskCode, _) => "Help desk code issued",
            (Self::Imported, _) => "Security info imported (admin)",
            (Self::Synced, _) => "Security info from the directory",
            (Self::Erased, _) => "Security info from the directory erased",
            (Self::Forgotten, _) => "Reset security info (admin)",
            (Self::Unblocked, _) => "Unblock self-service (admin)",
            (Self::Exempted, _) => "Exempt from registration (admin)",
            (Self::ExemptionEnded, _) => "End exemption from registration (admin)",
            (Self::Revealed, _) => "Security info revealed (admin)",
            (Self::TestSent, _) => "Test message sent (admin)",
            (Self::Looked, _) => "Security info viewed (help desk)",
            (Self::DeskCodeSent, _) => "Caller verification code sent (help desk)",
            (Self::DeskVerified, _) => "Caller verified (help desk)",
            (Self::DeskLimited, _) => "Help desk limit reached",
            (Self::Exported, _) => "Personal data exported (admin)",
            (Self::PersonErased, _) => sspr_protocol::chain::RECEIPT,
            (Self::HostToken, _) => "Token for hosts made (admin)",
            (Self::HostJoined, _) => "Host joined the fleet",
            (Self::HostChanged, _) => "Host of the fleet changed",
            (Self::HostRekeyed, _) => "Host of the fleet replaced its key",
            (Self::ServerKey, _) => "Key of the fleet's server changed (admin)",
            (Self::StoreKey, _) => "Key of the store replaced (admin)",
        }
    }

    /// Whether the event is a success.
    pub const fn succeeded(self) -> bool {
        !matches!(
            self,
            Self::CodeWrong | Self::Refused | Self::Blocked | Self::ManyFailures | Self::Failed | Self::DeskLimited
        )
    }
}

/// One record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The time.
    pub at: Time,
    /// [`Event::name`].
    pub event: &'static str,
    /// [`Event::id`].
    pub id: &'static str,
    /// The same for all records of one dialogue or one command.
    pub correlation: String,
    /// The actor: a user by the name in full, an administrator, or `system`.
    pub actor: String,
    /// The account; `-` if there is none, or none with that name.
    pub account: String,
    /// The realm of that account.
    pub realm: String,
    /// The PAM service or command.
    pub service: String,
    /// The source.
    pub source: String,
    /// Whether it is a success.
    pub success: bool,
    /// The reason, or other details.
    pub reason: String,
}

/// The name of an account as readers of the trail see it, see [`Name::in_full`]: a host of the fleet must not be able to
/// leave records that look like those of an account of the server. `-` stands for no account of any realm.
pub(crate) fn in_full<'a>(realm: &'a str, account: &'a str) -> Cow<'a, str> {
    if account == "-" { Cow::Borrowed(account) } else { Name { realm, name: account }.in_full() }
}

impl Entry {
    /// The account as readers see it.
    fn account_in_full(&self) -> Cow<'_, str> {
        in_full(&self.realm, &self.account)
    }
}

/// An action of an administrator on `account`.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// The event.
    pub event: Event,
    /// Whether it is a success.
    pub success: bool,
    /// The account, see [`Name::in_full`]; `-` if it is about none.
    pub account: &'a str,
    /// Details without secrets.
    pub reason: &'a str,
}

/// The record of an administrator's command.
pub fn of_deed(deed: Deed<'_>, administrator: &str, correlation: &str) -> Entry {
    let account = Name::of_a_host(deed.account).unwrap_or(Name::local(deed.account));
    Entry {
        at: 0,
        event: deed.event.name(Purpose::Status),
        id: deed.event.id(Purpose::Status),
        correlation: correlation.to_owned(),
        actor: administrator.to_owned(),
        account: account.name.to_owned(),
        realm: account.realm.to_owned(),
        service: "sspr admin".to_owned(),
        source: "this machine".to_owned(),
        success: deed.success,
        reason: deed.reason.to_owned(),
    }
}
