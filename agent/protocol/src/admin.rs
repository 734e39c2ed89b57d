//! What an administrator's command asks and what it gets to know.
//!
//! Each member of `org.pam_sspr.Admin1` takes two strings, who asks ([`Label`]) and what, and gives one; all three are JSON,
//! so that a field that is added later breaks no caller, and `--json` shows just what the agent said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Time, audit::Query};

/// The most rows in one batch of an import.
pub const BATCH_MAX: usize = 1000;

/// The user of the command, as far as root's process knows. Only a label: root can write anything here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Label {
    /// The uid that signed in, of `/proc/self/loginuid`.
    pub login: Option<u32>,
    /// The uid that sudo was called by.
    pub sudo: Option<u32>,
}

/// The caller as its command describes it: the label, and where its process runs. As much a label as the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Caller {
    /// Who sits before it.
    #[serde(flatten)]
    pub label: Label,
    /// Its control group, of `/proc/self/cgroup`.
    pub cgroup: String,
}

/// Nothing to say.
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
    /// Both.
    pub capable: bool,
    /// What it has registered: "email", "phone", "app".
    pub methods: Vec<String>,
    /// What an administrator imported and its owner has not confirmed.
    pub unconfirmed: Vec<String>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// When what is registered was last confirmed.
    pub confirmed: Option<Time>,
    /// For how many more seconds its self-service rests.
    pub rests_for: Option<Time>,
    /// It need not register.
    pub exempt: bool,
}

/// The most accounts on one page of the list.
pub const PAGE_MAX: u16 = 1000;

/// A page of the list, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeopleOf {
    /// Only names with this in them, in capitals or not.
    #[serde(default)]
    pub search: String,
    /// Only names behind this one: the last one of the page before.
    #[serde(default)]
    pub after: String,
    /// Only those whose self-service is suspended.
    #[serde(default)]
    pub suspended: bool,
    /// So many, 1 to [`PAGE_MAX`].
    pub most: u16,
}

/// A page of the list: everybody with an account of a person's on this machine, whether self-service is on for them or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// Those of this page.
    pub users: Vec<User>,
    /// How many there are, on all pages.
    pub matching: u64,
    /// There is another page behind this one.
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
    /// The account of this host's own files, though it may be gone from them; else the one that has the name now.
    #[serde(default)]
    pub local: bool,
}

/// Everything about one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// As in a list.
    #[serde(flatten)]
    pub user: User,
    /// Whether self-service may touch it, and if not, why; one word.
    pub verdict: String,
    /// Where it can be reached.
    pub contacts: Vec<ShownContact>,
    /// Since when it is registered.
    pub since: Option<Time>,
    /// The language that it registered in.
    pub language: Option<String>,
    /// When it was last asked to register.
    pub asked: Option<Time>,
    /// When it is asked next, and what.
    pub next: Option<ShownNext>,
    /// The last code from the help desk.
    pub helpdesk_code: Option<ShownCode>,
    /// Why and by whom it need not register.
    pub exemption: Option<ShownExemption>,
}

/// When the user is asked at a sign-in next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownNext {
    /// At the first sign-in with a password from then on; nothing: never, as things stand.
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
    /// Masked, unless it was to be revealed.
    pub contact: String,
    /// Of several, this one first.
    pub preferred: bool,
    /// `false`: imported, and not confirmed by its owner.
    pub usable: bool,
    /// Since when.
    pub since: Time,
    /// Who vouched for it, where its owner neither registered nor confirmed it: "import" an administrator, "directory" the directory,
    /// "entra" Microsoft Entra.
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
    /// Until when it is good.
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

/// Exempt a user from registering, or no longer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Exempting {
    /// Whom.
    pub user: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// No longer.
    #[serde(default)]
    pub remove: bool,
    /// As in [`Whom::local`].
    #[serde(default)]
    pub local: bool,
}

/// Whether anything was there to change.
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
    /// Until when it is good.
    pub expires: Time,
    /// For how many seconds.
    pub lifetime: Time,
}

/// What an import is to do.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportBegin {
    /// Contacts take the place of others of their method.
    pub replace: bool,
}

/// An import that goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// Its name.
    pub handle: String,
}

/// Rows of an import.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportRows {
    /// Of which.
    pub handle: String,
    /// At most [`BATCH_MAX`].
    pub rows: Vec<Row>,
    /// Tell what would be stored.
    #[serde(default)]
    pub list: bool,
}

/// One row of an import.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The account.
    pub name: String,
    /// A mail address, as written; empty for none.
    #[serde(default)]
    pub email: String,
    /// A telephone number, as written; empty for none.
    #[serde(default)]
    pub phone: String,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("line", &self.line).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A row that can't be imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its line.
    pub line: u64,
    /// The column that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub column: String,
    /// The account that it names, where it can be told.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What would be stored of a row, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsRead {
    /// Its line.
    pub line: u64,
    /// The account.
    pub name: String,
    /// What is new of it, masked as everywhere.
    pub contacts: Vec<String>,
}

/// What became of rows: checked, or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOutcome {
    /// Accounts whose contacts are new.
    pub imported: u64,
    /// Of these, accounts of which others were replaced.
    pub replaced: u64,
    /// Accounts that have just these contacts already.
    pub unchanged: u64,
    /// Imported contacts are good at once; else only when their owners have confirmed them.
    pub usable: bool,
    /// Rows that can't be imported.
    pub faults: Vec<Fault>,
    /// What would be stored, where that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<AsRead>,
    /// How the letters of the file were read, where they may be others than it meant. Not of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
}

/// How the directory's contacts are to be copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncWish {
    /// Change nothing, and say what would be.
    pub dry_run: bool,
    /// Erase what the directory does not have any more, though that is much at once.
    pub erase: bool,
}

/// What became of the directory's contacts. Numbers are of contacts where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncOutcome {
    /// Nothing was changed.
    pub dry_run: bool,
    /// People in scope of whom the directory has a contact.
    pub people: u64,
    /// Seen for the first time.
    pub new: u64,
    /// In place of another.
    pub changed: u64,
    /// As before.
    pub unchanged: u64,
    /// Of these, those that can be used from now on.
    pub entered: u64,
    /// Those that can't be used yet.
    pub waiting: u64,
    /// For how many days a new or changed one can't be used.
    pub quiet_days: u16,
    /// Erased: the directory does not have them any more, or the user is gone or not in scope.
    pub erased: u64,
    /// Values that are not an address or a number that can be taken.
    pub unread: u64,
    /// People left out: this host has an account of that name, or another entry has it.
    pub left_out: u64,
    /// Why nothing was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

/// How the copying of the directory's contacts goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    /// When it was last begun; nothing: never.
    pub tried: Option<Time>,
    /// When it last came to its end.
    pub done: Option<Time>,
    /// How many people with contacts there were then.
    pub people: u64,
    /// How many contacts.
    pub contacts: u64,
    /// How many contacts can't be used yet.
    pub waiting: u64,
    /// Why nothing was erased then.
    pub held: Option<String>,
    /// Why the last one did not come to its end.
    pub failed: Option<String>,
}

/// Over how many days a report looks back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ReportOf {
    /// Days, today included; 1 to 400.
    pub days: u16,
}

/// How far everybody is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// People's accounts on this machine.
    pub accounts: u64,
    /// Those for whom self-service is on.
    pub enabled: u64,
    /// Those who have registered as many methods as they need.
    pub registered: u64,
    /// Those for whom both holds: they can reset their password.
    pub capable: u64,
    /// Those who need not register.
    pub exempt: u64,
    /// Those whose self-service rests.
    pub resting: u64,
    /// How many have registered which method; "recovery codes" too.
    pub by_method: BTreeMap<String, u64>,
    /// Day by day, oldest first.
    pub days: Vec<Day>,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// As in 2026-11-22, in this machine's time zone.
    pub day: String,
    /// Passwords reset and accounts unlocked.
    pub recoveries: u64,
    /// Dialogues that ended in a refusal, rests included.
    pub refusals: u64,
}

/// Which records.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditOf {
    /// Which.
    #[serde(flatten)]
    pub query: Query,
    /// Where there is none, wait for one, half a minute at the most.
    pub wait: bool,
}

/// A message to try a gateway with.
#[derive(Clone, Serialize, Deserialize)]
pub struct Test {
    /// "email" or "phone".
    pub method: String,
    /// The address or the number, as written.
    pub to: String,
    /// Digits to send with it; the administrator who sets the service up types them.
    #[serde(default)]
    pub code: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Test").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Which gateway to look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// "email" or "phone".
    pub method: String,
    /// For mail, an address that it is to be said to the server that a mail would go to.
    #[serde(default)]
    pub to: Option<String>,
}

/// What came of it, and of what was sent before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// What came of it.
    #[serde(flatten)]
    pub looked: Looked,
    /// What the gateway answered to the last message since the agent read its settings.
    #[serde(default)]
    pub last: Option<LastAnswer>,
    /// What was found there, where that says more: which modem, whose SIM card is in it, and its network.
    #[serde(default)]
    pub about: Option<String>,
}

/// What a gateway answered to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAnswer {
    /// When.
    pub at: Time,
    /// Why it did not take the message; `None`: it did.
    pub why: Option<String>,
    /// Whether the message may have gone all the same.
    #[serde(default)]
    pub unsure: bool,
}

/// What came of it: the agent's own view, with the settings that count for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "why")]
pub enum Looked {
    /// It takes messages from this machine, as far as can be told without sending one.
    Accepted,
    /// The same, but it was greeted with this address, for lack of a full name.
    Nameless(String),
    /// It can't be asked without sending a message.
    Unasked,
    /// It was reached, and was not done after so many seconds.
    Slow(u64),
    /// It can't be reached, or refuses.
    Refused(String),
}

/// What a gateway answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// Whether it took the message.
    pub accepted: bool,
    /// Whether it may have gone though the gateway did not say so.
    #[serde(default)]
    pub unsure: bool,
    /// Which gateway.
    pub gateway: String,
    /// What the gateway calls the message, or why it did not take it.
    pub said: String,
    /// The address or the number in its one form.
    pub to: String,
}
