//! Copies the directory's contacts into the store in the background. A dialogue uses the store, and never asks the
//! directory for contacts.
//!
//! A new or changed contact waits for a quiet time: a user who can write it in the directory could have codes sent
//! elsewhere. A contact that the user registered or confirmed belongs to the user, and no sync changes or erases it.
//! Only a complete sync erases, and not if many contacts are suddenly missing.

mod erasing;
mod reading;
mod source;
mod taking;
mod task;

use std::{collections::BTreeMap, sync::Arc};

use sspr_config::{dialogue::Purpose, settings::Method};
use sspr_protocol::admin::{SyncOutcome, SyncWish};
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    account::Name,
    audit::{Entry, Event},
    caller::Caller,
    clock::Time,
    dialogue::Screen,
    error::{Error, Result},
    random,
    reloadable::Reloadable,
    snapshot::Snapshot,
    store::Synced,
};

use erasing::{Replacing, forget_unset};
use source::{Found, Pages, Source};

pub use task::{run, state};

/// The reason in records of contacts that the settings no longer copy.
const OUTDATED: &str =
    "the settings changed while the contacts were copied, so that ended; run it again, or wait 15 minutes";

/// How many pages are read while one is written. Both take now more time, now less.
const AHEAD: usize = 2;

/// Why contacts are not copied.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The settings name no source.
    #[error("neither [contacts.directory] nor [contacts.entra] is set, so there is nothing to copy")]
    Unset,
    /// A sync is under way.
    #[error("the contacts are being copied already; try again in a few minutes")]
    UnderWay,
    /// The contacts could not be read to the end.
    #[error("{0}")]
    Unread(String),
    /// The agent failed.
    #[error(transparent)]
    Agent(#[from] Error),
}

/// Copies them now. Network connections that the agent opens are used `apart` from the dialogues. It ends if a reload
/// changes the source.
pub async fn now(live: &Reloadable<Snapshot>, wish: SyncWish, apart: &Handle) -> std::result::Result<SyncOutcome, Why> {
    let Ok(_one) = live.now().syncing.clone().try_lock_owned() else { return Err(Why::UnderWay) };
    let agent = &*live.now();
    if !wish.dry_run {
        forget_unset(agent).await?;
    }
    let Some(source) = Source::of(agent) else { return Err(Why::Unset) };
    let realm = source.realm;
    let mut sync = Round::begin(agent, wish, source).await?;
    match sync.copy(live, apart).await {
        Ok(()) => {
            sync.journal();
            Ok(sync.outcome)
        }
        Err(why) => {
            tracing::error!(%why, "contacts were not copied to the end; nothing was erased");
            if !wish.dry_run {
                let mut tx = agent.begin().await?;
                Synced::end(&mut tx, realm, Err(&why.to_string())).await?;
                tx.commit().await?;
                // By the current settings: this includes contacts that this sync copied by the old ones.
                forget_unset(&live.now()).await?;
            }
            Err(why)
        }
    }
}

/// Whether contacts are still copied by the settings of `agent`.
fn is_still(live: &Reloadable<Snapshot>, agent: &Snapshot) -> bool {
    let (now, then) = (&live.now().settings, &agent.settings);
    Arc::ptr_eq(now, then)
        || (now.contacts == then.contacts && now.directory == then.directory && now.register == then.register)
}

/// Waits until that changes.
async fn changed(live: &Reloadable<Snapshot>, agent: &Snapshot) {
    let mut reloads = live.reloads();
    while is_still(live, agent) {
        reloads.next().await;
    }
}

/// The next page, where contacts are still copied as by the settings of `agent`.
async fn next(
    pages: &mut Pages,
    live: &Reloadable<Snapshot>,
    agent: &Snapshot,
    apart: &Handle,
) -> std::result::Result<Option<Found>, Why> {
    let found = tokio::select! {
        biased;
        () = changed(live, agent) => None,
        found = pages.next(agent, apart) => Some(found?),
    };
    // The settings can have changed since the request.
    found.filter(|_| is_still(live, agent)).ok_or_else(outdated)
}

fn outdated() -> Why {
    Why::Unread(OUTDATED.to_owned())
}

/// The counts of contacts of a method.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Contacts before the sync.
    entered: u64,
    /// Of these, the replaced ones.
    replaced: u64,
    /// Seen for the first time.
    new: u64,
    /// Seen before, the same or replaced.
    known: u64,
}

/// One sync.
struct Round<'a> {
    agent: &'a Snapshot,
    wish: SyncWish,
    source: Source,
    number: i64,
    correlation: String,
    outcome: SyncOutcome,
    counts: BTreeMap<Method, Counts>,
    /// New contacts in place of usable ones. They are applied at the end, unless they are suddenly many.
    replacing: Vec<Replacing>,
    /// Accounts whose name several users have.
    doubled: Vec<String>,
}

impl<'a> Round<'a> {
    async fn begin(agent: &'a Snapshot, wish: SyncWish, source: Source) -> Result<Self> {
        let mut number = 0;
        if !wish.dry_run {
            let mut tx = agent.begin().await?;
            number = Synced::begin(&mut tx, source.realm, agent.now()).await?;
            tx.commit().await?;
        }
        let quiet_days = source.set.quiet_days;
        let outcome = SyncOutcome { dry_run: wish.dry_run, quiet_days, ..SyncOutcome::default() };
        let correlation = random::handle(agent.random.as_ref())?;
        let mut counts = BTreeMap::new();
        let mut tx = agent.begin_to_read().await?;
        for method in &source.set.methods {
            let (all, waiting) = Synced::count(&mut tx, source.realm, *method).await?;
            counts.insert(*method, Counts { entered: all - waiting, ..Counts::default() });
        }
        tx.commit().await?;
        Ok(Self {
            agent,
            wish,
            source,
            number,
            correlation,
            outcome,
            counts,
            replacing: Vec::new(),
            doubled: Vec::new(),
        })
    }

    async fn copy(&mut self, live: &Reloadable<Snapshot>, apart: &Handle) -> std::result::Result<(), Why> {
        let (agent, mut pages) = (self.agent, Pages::of(self.agent, self.source.realm));
        let placed = pages.are_placed();
        let (ahead, mut behind) = mpsc::channel(AHEAD);
        // Each owns its end of the channel, and ends when the other one fails.
        let reading = async move {
            while let Ok(place) = ahead.reserve().await {
                let Some(found) = next(&mut pages, live, agent, apart).await? else { break };
                place.send(found);
            }
            Ok::<_, Why>(())
        };
        let round = &mut *self;
        let writing = async move {
            while let Some(Found { people, elsewhere, doubled }) = behind.recv().await {
                if !is_still(live, agent) {
                    return Err(outdated());
                }
                round.outcome.left_out += elsewhere;
                round.leave(doubled).await?;
                round.page(people, placed).await?;
            }
            Ok::<_, Why>(())
        };
        let (read, written) = tokio::join!(reading, writing);
        written?;
        read?;
        // Nothing is replaced and erased by settings of before.
        if !is_still(live, agent) {
            return Err(outdated());
        }
        Ok(self.end().await?)
    }

    const fn theirs<'n>(&self, name: &'n str) -> Name<'n> {
        Name { realm: self.source.realm, name }
    }

    fn journal(&self) {
        let SyncOutcome {
            dry_run, people, new, changed, unchanged, entered, waiting, erased, unread, left_out, ..
        } = self.outcome;
        tracing::info!(
            dry_run,
            people,
            new,
            changed,
            unchanged,
            entered,
            waiting,
            erased,
            unread,
            left_out,
            "contacts were read: {people} people; new {new}, changed {changed}, unchanged {unchanged}, usable from now \
             on {entered}, waiting {waiting}, erased {erased}"
        );
        for why in [&self.outcome.held, &self.outcome.doubled].into_iter().flatten() {
            tracing::warn!("{why}");
        }
    }
}

/// The source of the change in notifications.
fn by_the_directory() -> Caller {
    Caller {
        uid: 0,
        service: "sspr".to_owned(),
        source: "the directory".to_owned(),
        screen: Screen::default(),
        language: None,
        host: None,
    }
}

fn record(event: Event, name: Name<'_>, method: &str, correlation: &str, at: Time) -> Entry {
    Entry {
        at,
        event: event.name(Purpose::Status),
        id: event.id(Purpose::Status),
        correlation: correlation.to_owned(),
        actor: "system".to_owned(),
        account: name.name.to_owned(),
        realm: name.realm.to_owned(),
        service: "sspr-agent".to_owned(),
        source: "the directory".to_owned(),
        success: true,
        reason: method.to_owned(),
    }
}
