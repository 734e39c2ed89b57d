//! The audit trail: each step of consequence as one structured journal record and one row in the store. Never a code, a
//! password or a contact, and no name that stands for nobody.
//!
//! A record costs a dialogue nothing: rows wait in memory, and a background task writes what has gathered in one
//! transaction. Where they can't be written, the journal still has them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sspr_config::dialogue::Purpose;
use tokio::sync::{Notify, watch};

use crate::{
    account::LOCAL,
    clock::{Clock, Time},
    error::Result,
    memory, outbox,
    proof::Attempt,
    reloadable::Reloadable,
    services::Services,
    snapshot::Snapshot,
    store::AuditRows,
};

/// How many records may wait to be written.
const WAITING_MAX: usize = 8192;
/// So long what happens together gathers, to be written at once.
const GATHER: Duration = Duration::from_millis(100);
/// How long until a store that failed is tried again.
const PAUSE: Duration = Duration::from_secs(5);
/// How often, in seconds, old records are removed.
const PRUNE_EVERY: Time = 86_400;

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
    /// An account that too many wrong passwords had locked is open again.
    Unlocked,
    /// A dialogue ended without its purpose.
    Refused,
    /// Self-service of the account is suspended.
    Blocked,
    /// A way to prove who one is was registered.
    Registered,
    /// The user has registered all that is required.
    Completed,
    /// The registration was changed.
    Changed,
    /// Something registered was removed.
    Deleted,
    /// The user confirmed the registration.
    Confirmed,
    /// Recovery codes were made.
    CodesMade,
    /// Registration was put off, or could not be asked for.
    PutOff,
    /// A review of the registration was put off, or could not be asked for.
    ReviewPutOff,
    /// More proofs failed, over all accounts, than people who mistype make up.
    ManyFailures,
    /// Something did not work.
    Failed,
    /// An administrator gave out a help-desk code.
    HelpdeskCode,
    /// An administrator brought contacts in.
    Imported,
    /// The directory's contact can be used from now on.
    Synced,
    /// A contact of the directory's was erased.
    Erased,
    /// An administrator deleted a user's registration.
    Forgotten,
    /// An administrator ended a suspension.
    Unblocked,
    /// An administrator exempted a user from registering.
    Exempted,
    /// And took it back.
    ExemptionEnded,
    /// An administrator looked at contacts in full.
    Revealed,
    /// An administrator sent a test message.
    TestSent,
}

impl Event {
    /// The name in journal and store.
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
        }
    }

    /// Whether this is how things should go.
    pub const fn succeeded(self) -> bool {
        !matches!(self, Self::CodeWrong | Self::Refused | Self::Blocked | Self::ManyFailures | Self::Failed)
    }
}

/// One record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// [`Event::name`].
    pub event: &'static str,
    /// What belongs to one dialogue or one command has the same.
    pub correlation: String,
    /// Who did it: a person, an administrator, or `system`.
    pub actor: String,
    /// To whose account; `-` where there is none, or none by that name.
    pub account: String,
    /// Who answers for that account.
    pub realm: String,
    /// Through which PAM service or command.
    pub service: String,
    /// From where.
    pub source: String,
    /// Whether it went as it should.
    pub success: bool,
    /// More about it.
    pub reason: String,
}

/// Where records wait to be written. Clones share it.
#[derive(Clone)]
pub struct AuditLog(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    waiting: Mutex<VecDeque<Entry>>,
    bell: Notify,
    /// One writes at a time, so that the end of the program waits for what is being written.
    writing: tokio::sync::Mutex<()>,
    /// The newest row, for those who wait for one.
    newest: watch::Sender<i64>,
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditLog(..)")
    }
}

impl AuditLog {
    /// An empty log that dates by `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            clock,
            waiting: Mutex::default(),
            bell: Notify::new(),
            writing: tokio::sync::Mutex::default(),
            newest: watch::Sender::new(0),
        }))
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts `entry` in line, dated now. What finds no room is in the journal alone.
    fn put(&self, mut entry: Entry) {
        entry.at = self.0.clock.now();
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

    /// Rows up to `newest` were written by another process.
    pub(crate) fn wrote(&self, newest: i64) {
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
                correlation: attempt.dialogue.clone(),
                actor: account.to_owned(),
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

    fn write_down(&self, uid: u32, entry: Entry) {
        journal(uid, &entry);
        self.put(entry);
    }

    /// Whether such a record waits to be written.
    pub(crate) fn has_waiting(&self, account: &str, event: &str, reason: &str) -> bool {
        self.waiting().iter().any(|e| e.account == account && e.event == event && e.reason == reason)
    }

    /// Hears of new rows.
    pub fn newest(&self) -> watch::Receiver<i64> {
        self.0.newest.subscribe()
    }
}

/// What an administrator did to `account`.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// What.
    pub event: Event,
    /// Whether it went as it should.
    pub success: bool,
    /// Whose account; `-` where it is about none.
    pub account: &'a str,
    /// More about it; no secret.
    pub reason: &'a str,
}

/// Writes one record of an administrator's command to the journal alone: of one that the store has a record for each account of.
pub fn journal_deed(deed: Deed<'_>, administrator: &str, correlation: &str) {
    journal(0, &of_deed(deed, administrator, correlation));
}

fn of_deed(deed: Deed<'_>, administrator: &str, correlation: &str) -> Entry {
    Entry {
        at: 0,
        event: deed.event.name(Purpose::Status),
        correlation: correlation.to_owned(),
        actor: administrator.to_owned(),
        account: deed.account.to_owned(),
        realm: LOCAL.to_owned(),
        service: "sspr admin".to_owned(),
        source: "this machine".to_owned(),
        success: deed.success,
        reason: deed.reason.to_owned(),
    }
}

fn journal(uid: u32, entry: &Entry) {
    tracing::info!(
        target: "audit",
        event = entry.event,
        correlation = entry.correlation,
        actor = entry.actor,
        account = entry.account,
        service = entry.service,
        source = entry.source,
        caller = uid,
        outcome = if entry.success { "success" } else { "failure" },
        reason = entry.reason,
        "{}: {} by {} from {}{}{}",
        entry.event,
        entry.account,
        entry.service,
        entry.source,
        if entry.reason.is_empty() { "" } else { ": " },
        entry.reason,
    );
}

/// Writes what waits into the store, in one transaction. On an error it waits on.
pub async fn drain(services: &Services) -> Result<()> {
    let log = &services.audit;
    let _writing = log.0.writing.lock().await;
    let entries = std::mem::take(&mut *log.waiting());
    if entries.is_empty() {
        return Ok(());
    }
    match write(services, &entries).await {
        Ok(newest) => {
            log.wrote(newest);
            Ok(())
        }
        Err(error) => {
            let mut waiting = log.waiting();
            let room = WAITING_MAX.saturating_sub(waiting.len());
            for entry in entries.into_iter().rev().take(room) {
                waiting.push_front(entry);
            }
            Err(error)
        }
    }
}

async fn write(services: &Services, entries: &VecDeque<Entry>) -> Result<i64> {
    let mut tx = services.begin().await?;
    let mut newest = 0;
    for entry in entries {
        newest = AuditRows::add(&mut tx, entry).await?;
    }
    tx.commit().await?;
    Ok(newest)
}

/// So long after the last record nobody seems to want anything more.
const QUIET: Duration = Duration::from_secs(3);

/// Writes records for as long as the agent runs. Sleeps without a timer while there are none, but for one look a moment after the last.
pub async fn run(agent: impl Into<Reloadable<Snapshot>>) {
    let agent = agent.into();
    let log = agent.now().audit.clone();
    let mut pruned = 0;
    loop {
        log.0.bell.notified().await;
        loop {
            tokio::time::sleep(GATHER).await;
            write_down_all(&agent, &mut pruned).await;
            if tokio::time::timeout(QUIET, log.0.bell.notified()).await.is_err() {
                break;
            }
        }
        memory::let_go_of_the_program();
    }
}

/// Writes what waits, however long that takes, and gives back what it took.
async fn write_down_all(agent: &Reloadable<Snapshot>, pruned: &mut Time) {
    let agent = agent.now();
    while let Err(error) = drain(&agent).await {
        tracing::error!(%error, "audit records can't be written to the store; the journal has them");
        tokio::time::sleep(PAUSE).await;
    }
    memory::give_back();
    // Where no message is ever sent, nothing else would.
    let now = agent.now();
    if (now - *pruned).abs() >= PRUNE_EVERY {
        *pruned = now;
        if let Err(error) = outbox::prune(&agent).await {
            tracing::error!(%error, "old records can't be removed");
        }
        if let Err(error) = outbox::forget_gone(&agent).await {
            tracing::error!(%error, "what is kept of accounts that are gone can't be removed");
        }
    }
}
