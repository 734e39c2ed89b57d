//! The records of this agent: each in the journal at once, and in memory until it is written to the store.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sspr_config::dialogue::Purpose;
use sspr_protocol::{chain, state::Counted};
use tokio::sync::{Notify, watch};

use super::{Deed, Entry, Event, ids, in_full, of_deed};
use crate::{
    account::Name,
    attempt::Attempt,
    clock::{Clock, Time},
};

/// The most records that may wait to be written.
const WAITING_MAX: usize = 8192;

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
