//! The audit trail: each important step as one structured journal record and one row in the store. It never contains a
//! code, a password, a contact, or the name of an account that does not exist.
//!
//! A record costs a dialogue nothing: rows wait in memory, and `audit_writer` writes the waiting rows in one
//! transaction. If they can't be written, the journal still has them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sspr_config::dialogue::Purpose;
use sspr_protocol::{chain, state::Counted};
use tokio::sync::{Notify, watch};

use crate::{
    account::Name,
    attempt::Attempt,
    clock::{Clock, Time},
};

mod ids;

/// The most records that may wait to be written.
const WAITING_MAX: usize = 8192;
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

/// A commit whose answer got lost: the first of the records that wait may be in the store already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doubt {
    /// The row of the last of them, if they are.
    pub row: i64,
    /// How many they are.
    pub records: usize,
}

/// Holds the records that wait to be written. Clones share it.
#[derive(Clone)]
pub struct AuditLog(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    began: Time,
    /// How often each event happened, as a success and as a failure.
    counted: Mutex<BTreeMap<(&'static str, bool), u64>>,
    waiting: Mutex<VecDeque<Entry>>,
    bell: Notify,
    /// Only one task writes at a time, so that the end of the agent waits for it.
    writing: tokio::sync::Mutex<Option<Doubt>>,
    /// The newest row, for readers that wait for one.
    newest: watch::Sender<i64>,
    /// The journal gets records as JSON.
    json: AtomicBool,
    /// A record was made that root's helper also keeps a line about.
    witnessed: AtomicBool,
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditLog(..)")
    }
}

impl AuditLog {
    /// An empty log that takes its times from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            began: clock.now(),
            counted: Mutex::default(),
            clock,
            waiting: Mutex::default(),
            bell: Notify::new(),
            writing: tokio::sync::Mutex::default(),
            newest: watch::Sender::new(0),
            json: AtomicBool::new(false),
            witnessed: AtomicBool::new(false),
        }))
    }

    /// Sets whether the message of each journal record is a line of JSON, or words.
    pub fn speak_json(&self, json: bool) {
        self.0.json.store(json, Ordering::Relaxed);
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends `entry` with the present time. If there is no room, only the journal has it.
    fn put(&self, mut entry: Entry) {
        entry.at = self.0.clock.now();
        if chain::WITNESSED.contains(&entry.event) {
            self.0.witnessed.store(true, Ordering::Relaxed);
        }
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING_MAX {
            drop(waiting);
            tracing::warn!("the audit table falls behind: a record is in the journal alone");
            return;
        }
        waiting.push_back(entry);
        drop(waiting);
        self.0.bell.notify_one();
    }

    /// Waits until there are records to write, or work was done without any.
    pub(crate) async fn rings(&self) {
        self.0.bell.notified().await;
    }

    /// Notes work of which there is no record, so that what it needed of memory is given back as after one.
    pub(crate) fn worked(&self) {
        self.0.bell.notify_one();
    }

    /// Held by the task that writes, with what it does not know of the last time.
    pub(crate) async fn writing(&self) -> tokio::sync::MutexGuard<'_, Option<Doubt>> {
        self.0.writing.lock().await
    }

    /// Takes the waiting records, to write them.
    pub(crate) fn take(&self) -> VecDeque<Entry> {
        std::mem::take(&mut *self.waiting())
    }

    /// Puts `entries` back that could not be written, as many as there is room for. Returns for how many, from the first, there was none.
    pub(crate) fn put_back(&self, entries: VecDeque<Entry>) -> usize {
        let mut waiting = self.waiting();
        let room = WAITING_MAX.saturating_sub(waiting.len());
        let lost = entries.len().saturating_sub(room);
        for entry in entries.into_iter().rev().take(room) {
            waiting.push_front(entry);
        }
        lost
    }

    /// Notes that rows up to `newest` were written elsewhere, and are not chained.
    pub(crate) fn wrote(&self, newest: i64) {
        self.announce(newest);
        self.0.bell.notify_one();
    }

    /// Tells waiting readers that there are rows up to `newest`.
    pub(crate) fn announce(&self, newest: i64) {
        self.0.newest.send_if_modified(|known| {
            let newer = newest > *known;
            *known = newest.max(*known);
            newer
        });
    }

    /// Writes one record of a dialogue. `reason` is for administrators and has no secret in it.
    pub fn record(&self, event: Event, attempt: &Attempt, reason: &str) {
        let (account, caller) = (attempt.account.recorded(), &attempt.caller);
        self.write_down(
            caller.uid,
            Entry {
                at: 0,
                event: event.name(attempt.purpose),
                id: event.id(attempt.purpose),
                correlation: attempt.dialogue.clone(),
                actor: in_full(&attempt.account.realm, account).into_owned(),
                account: account.to_owned(),
                realm: attempt.account.realm.clone(),
                service: caller.service.clone(),
                source: caller.source.clone(),
                success: event.succeeded(),
                reason: reason.to_owned(),
            },
        );
    }

    /// Writes one record of an administrator's command.
    pub fn record_deed(&self, deed: Deed<'_>, administrator: &str, correlation: &str) {
        self.write_down(0, of_deed(deed, administrator, correlation));
    }

    /// Writes one record of a command of the help-desk member with `uid`.
    pub fn record_of_the_desk(&self, deed: Deed<'_>, uid: u32, member: &str, correlation: &str) {
        let entry = of_deed(deed, member, correlation);
        self.write_down(uid, Entry { service: "help desk".to_owned(), source: format!("uid {uid}"), ..entry });
    }

    /// The time since which this log counts, and its counts.
    pub fn counted(&self) -> (Time, Counted) {
        let counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |event: Event| {
            let name = event.name(Purpose::Recover);
            counted.get(&(name, event.succeeded())).copied().unwrap_or_default()
        };
        let counted = Counted {
            reset: of(Event::Recovered),
            unlocked: of(Event::Unlocked),
            refused: of(Event::Refused),
            suspended: of(Event::Blocked),
            codes: of(Event::CodeAsked),
            codes_wrong: of(Event::CodeWrong),
            desk_codes: of(Event::HelpdeskCode),
        };
        (self.0.began, counted)
    }

    fn write_down(&self, uid: u32, entry: Entry) {
        *self
            .0
            .counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((entry.event, entry.success))
            .or_default() += 1;
        self.journal(uid, &entry);
        self.put(entry);
    }

    /// Writes a record to the journal only, because the store has it already.
    pub fn journal(&self, uid: u32, entry: &Entry) {
        if self.0.json.load(Ordering::Relaxed) {
            ids::journal_json(uid, entry, self.0.clock.now());
        } else {
            journal(uid, entry);
        }
    }

    /// Whether, since the last call, a record was made that root's helper also keeps a line about.
    pub(crate) fn take_witnessed(&self) -> bool {
        self.0.witnessed.swap(false, Ordering::Relaxed)
    }

    /// Whether such a record waits to be written.
    pub(crate) fn has_waiting(&self, account: Name<'_>, event: &str, reason: &str) -> bool {
        let is_of = |e: &Entry| Name { realm: &e.realm, name: &e.account } == account;
        self.waiting().iter().any(|e| is_of(e) && e.event == event && e.reason == reason)
    }

    /// Watches for new rows.
    pub fn newest(&self) -> watch::Receiver<i64> {
        self.0.newest.subscribe()
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

fn journal(uid: u32, entry: &Entry) {
    let account = &*entry.account_in_full();
    tracing::info!(
        target: "audit",
        event = entry.event,
        event_id = entry.id,
        correlation = entry.correlation,
        actor = entry.actor,
        account,
        service = entry.service,
        source = entry.source,
        caller = uid,
        outcome = if entry.success { "success" } else { "failure" },
        reason = entry.reason,
        "{}: {} by {} from {}{}{}",
        entry.event,
        account,
        entry.service,
        entry.source,
        if entry.reason.is_empty() { "" } else { ": " },
        entry.reason,
    );
}
