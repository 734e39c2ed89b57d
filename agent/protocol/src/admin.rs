//! What an administrator's command asks, and what the agent answers.
//!
//! Each member of `org.pam_sspr.Admin1` takes two strings, the caller ([`Label`]) and the question, and returns one.
//! All three are JSON, so that a field that is added later breaks no caller, and `--json` shows exactly what the agent
//! said.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Time, audit::Query};

mod gateways;
mod import;
mod report;
mod sync;

pub use gateways::{LastAnswer, Look, Looked, Probe, Test, Tested};
pub use import::{AsRead, BATCH_MAX, Fault, Import, ImportBegin, ImportOutcome, ImportRows, Row};
pub use report::{Day, OfDirectory, Report, ReportOf, Share};
pub use sync::{SyncOutcome, SyncState, SyncWish};

/// The user of the command, as far as root's process knows. Only a label: root can write anything here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Label {
    /// The uid that signed in, from `/proc/self/loginuid`.
    pub login: Option<u32>,
    /// The uid that called sudo.
    pub sudo: Option<u32>,
}

/// The caller as its command describes it: the label, and where its process runs. That is a label, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Caller {
    /// The user at the terminal.
    #[serde(flatten)]
    pub label: Label,
    /// Its control group, from `/proc/self/cgroup`.
    pub cgroup: String,
}

/// An empty argument or answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// One account in a list.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: u32,
    /// Member of an administrators' group.
    pub admin: bool,
    /// Self-service is on for it.
    pub enabled: bool,
    /// It has registered as many methods as it needs.
    pub registered: bool,
    /// Both enabled and registered, and what it registered can be used for a reset now.
    pub capable: bool,
    /// What it has registered: "email", "phone", "app".
    pub methods: Vec<String>,
    /// Methods that an administrator imported and the user has not confirmed.
    pub unconfirmed: Vec<String>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// When its registration was last confirmed.
    pub confirmed: Option<Time>,
    /// For how many more seconds its self-service is suspended.
    pub rests_for: Option<Time>,
    /// It need not register.
    pub exempt: bool,
    /// Until when its first registration can't be used for a reset; see [`Shown::waits`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Time>,
}

/// The most accounts on one page of the list.
pub const PAGE_MAX: u16 = 1000;

/// A page of the list, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeopleOf {
    /// Only names that contain this; case is ignored.
    #[serde(default)]
    pub search: String,
    /// Only names after this one, the last of the page before.
    #[serde(default)]
    pub after: String,
    /// Only those whose self-service is suspended.
    #[serde(default)]
    pub suspended: bool,
    /// At most this many, 1 to [`PAGE_MAX`].
    pub most: u16,
}

/// A page of the list: every user account on this machine, whether self-service is on for it or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The accounts on this page.
    pub users: Vec<User>,
    /// How many there are, on all pages.
    pub matching: u64,
    /// Whether there is a next page.
    pub more: bool,
}

/// Which account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Whom {
    /// Its name.
    pub user: String,
    /// Show contacts in full.
    #[serde(default)]
    pub reveal: bool,
    /// The account in this host's own files, even if it is no longer there; otherwise the account that has the name
    /// now.
    #[serde(default)]
    pub local: bool,
}

/// Everything about one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// As in a list.
    #[serde(flatten)]
    pub user: User,
    /// Whether self-service may change it, and if not, why; one word.
    pub verdict: String,
    /// Its contacts.
    pub contacts: Vec<ShownContact>,
    /// When it was registered.
    pub since: Option<Time>,
    /// The language that it was registered in.
    pub language: Option<String>,
    /// When it was last asked to register.
    pub asked: Option<Time>,
    /// When it is asked next, and for what.
    pub next: Option<ShownNext>,
    /// The last code from the help desk.
    pub helpdesk_code: Option<ShownCode>,
    /// Why it need not register, and who decided that.
    pub exemption: Option<ShownExemption>,
    /// Until when its first registration, which came through a host of the fleet, is good for no reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<ShownWait>,
}

/// A first registration that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownWait {
    /// Until when.
    pub until: Time,
    /// The id of the host.
    pub via: String,
}

/// When the user is asked at a sign-in next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownNext {
    /// At the first sign-in with a password from then on; `None`: never, as things are now.
    pub at: Option<Time>,
    /// The same over SSH.
    pub over_ssh: Option<Time>,
    /// What is asked, or why nothing is.
    pub why: String,
}

/// A contact.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownContact {
    /// "email" or "phone".
    pub method: String,
    /// Masked, unless revealing it was requested.
    pub contact: String,
    /// Of several contacts, the one that is used first.
    pub preferred: bool,
    /// `false`: imported, and not confirmed by the user.
    pub usable: bool,
    /// When it was stored.
    pub since: Time,
    /// Who vouched for it, if the user neither registered nor confirmed it: "import" an administrator, "directory" the
    /// directory, "entra" Microsoft Entra.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A code from the help desk, without the code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownCode {
    /// Who gave it out.
    pub issuer: String,
    /// When.
    pub created: Time,
    /// When it expires.
    pub expires: Time,
    /// When it was used.
    pub used: Option<Time>,
}

/// An exemption.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownExemption {
    /// Who gave it.
    pub issuer: String,
    /// Why.
    pub reason: String,
    /// When.
    pub created: Time,
}

/// Exempts a user from registering, or ends the exemption.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Exempting {
    /// The account.
    pub user: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// End the exemption.
    #[serde(default)]
    pub remove: bool,
    /// As in [`Whom::local`].
    #[serde(default)]
    pub local: bool,
}

/// Whether there was anything to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// It was changed.
    pub changed: bool,
}

/// A code to read out.
#[derive(Serialize, Deserialize)]
pub struct HelpdeskCode {
    /// The code.
    pub code: Zeroizing<String>,
    /// When it expires.
    pub expires: Time,
    /// For how many seconds.
    pub lifetime: Time,
}

/// A request for records.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditOf {
    /// The filter.
    #[serde(flatten)]
    pub query: Query,
    /// If there is none, wait for one, at most half a minute.
    pub wait: bool,
}
