//! Contacts that the directory has, copied into the store in the background. A dialogue uses what is in the store and asks the directory
//! for none.
//!
//! A contact that is seen for the first time, or in place of another, waits for a quiet time: whoever can write it in the directory could
//! have codes sent elsewhere. What people registered or confirmed themselves is theirs, and no sync changes or erases it. Only a sync
//! that read everybody erases, and not if that is suddenly much.

mod erasing;
mod reading;
mod source;
mod task;

use std::collections::{BTreeMap, HashMap};

use sspr_config::{
    dialogue::Purpose,
    directory::Person,
    settings::{Imported, Method},
};
use sspr_protocol::admin::{SyncOutcome, SyncWish};
use tokio::runtime::Handle;

use crate::{
    account::Name,
    audit::{Entry, Event},
    caller::Caller,
    clock::Time,
    contact::Contact,
    dialogue::Screen,
    error::{Error, Result},
    keys::Tag,
    notes::{self, About, Changed},
    random,
    snapshot::Snapshot,
    store::{
        AuditRows, Registrations, Synced, Tx,
        registrations::{self, CONTACTS_MAX},
        synced::{Own, Said, Saying, State},
    },
};

use erasing::{erase_gone, forget_unset, too_many};
use reading::{Page, Read};
use source::{Pages, Source};

pub use task::{run, state};

const DAY: Time = 86_400;

/// Why contacts are not copied.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The settings name none.
    #[error("neither [contacts.directory] nor [contacts.entra] is set, so there is nothing to copy")]
    Unset,
    /// It is being done.
    #[error("the contacts are being copied already; try again in a few minutes")]
    UnderWay,
    /// They could not be read to the end.
    #[error("{0}")]
    Unread(String),
    /// This agent could not do it.
    #[error(transparent)]
    Agent(#[from] Error),
}

/// Copies them now. What talks to a network of the agent's own is done `apart`.
pub async fn now(agent: &Snapshot, wish: SyncWish, apart: &Handle) -> std::result::Result<SyncOutcome, Why> {
    let Ok(_one) = agent.syncing.clone().try_lock_owned() else { return Err(Why::UnderWay) };
    if !wish.dry_run {
        forget_unset(agent).await?;
    }
    let Some(source) = Source::of(agent) else { return Err(Why::Unset) };
    let realm = source.realm;
    let mut sync = Round::begin(agent, wish, source).await?;
    match sync.copy(apart).await {
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
            }
            Err(why)
        }
    }
}

/// How many contacts of a method were found.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Seen for the first time.
    new: u64,
    /// Seen before, these or others.
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
}

/// What a page comes to, to be written in one go.
#[derive(Default)]
struct Changes {
    new: Vec<Saying>,
    again: Vec<i64>,
    entered: Vec<i64>,
    /// The newest record.
    newest: i64,
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
        Ok(Self { agent, wish, source, number, correlation, outcome, counts: BTreeMap::new() })
    }

    async fn copy(&mut self, apart: &Handle) -> std::result::Result<(), Why> {
        let mut pages = Pages::of(self.agent);
        while let Some((people, elsewhere)) = pages.next(self.agent, apart).await? {
            self.outcome.left_out += elsewhere;
            self.page(people, pages.are_placed()).await?;
        }
        Ok(self.end().await?)
    }

    async fn page(&mut self, people: Vec<Person>, placed: bool) -> Result<()> {
        if people.is_empty() {
            return Ok(());
        }
        let (agent, taken) = (self.agent.clone(), self.source.set.methods.clone());
        let read = tokio::task::spawn_blocking(move || reading::read(&agent, people, &taken, placed)).await;
        let Page { people, unread, left_out } = read.map_err(|_| Error::Stopped("reading contacts"))?;
        self.outcome.unread += unread;
        self.outcome.left_out += left_out;
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        let agent = self.agent;
        let mut tx = if self.wish.dry_run { agent.begin_to_read().await? } else { agent.begin().await? };
        let mut said: HashMap<(String, String), Said> = HashMap::new();
        for one in Synced::said(&mut tx, self.source.realm, &names).await? {
            said.insert((one.name.clone(), one.method.clone()), one);
        }
        let mut own: HashMap<String, Vec<Own>> = HashMap::new();
        for one in Synced::contacts(&mut tx, self.source.realm, &names).await? {
            own.entry(one.name.clone()).or_default().push(one);
        }
        let mut changes = Changes::default();
        for person in &people {
            let own = own.get(&person.name).map(Vec::as_slice).unwrap_or_default();
            let own: Vec<&Own> = own.iter().filter(|own| own.id == person.id).collect();
            let said = |method: Method| said.get(&(person.name.clone(), method.as_str().to_owned()));
            // Another entry of that name came before, in this very sync.
            let is_twin = |before: &Said| before.seen == self.number && before.id != person.id;
            if [Method::Email, Method::Phone].into_iter().filter_map(said).any(is_twin) {
                self.outcome.left_out += 1;
                continue;
            }
            self.outcome.people += 1;
            for (method, found) in &person.contacts {
                self.contact(&mut tx, person, *method, found, said(*method), &own, &mut changes).await?;
            }
        }
        if !self.wish.dry_run {
            Synced::say(&mut tx, self.source.realm, &changes.new, self.number, agent.now()).await?;
            Synced::again(&mut tx, &changes.again, self.number).await?;
            Synced::entered(&mut tx, &changes.entered).await?;
        }
        tx.commit().await?;
        if changes.newest > 0 {
            agent.audit.wrote(changes.newest);
            // Contacts may have to be confirmed.
            agent.settled.clear();
        }
        agent.outbox.wake();
        Ok(())
    }

    /// One contact of somebody's, of those that were `found` for `method`: the one that there was `before`, or else the first.
    #[allow(clippy::too_many_arguments, reason = "what it is decided by")]
    async fn contact(
        &mut self,
        tx: &mut Tx<'_>,
        person: &Read,
        method: Method,
        found: &[(Contact, Tag)],
        before: Option<&Said>,
        own: &[&Own],
        changes: &mut Changes,
    ) -> Result<()> {
        let now = self.agent.now();
        let quiet = Time::from(self.outcome.quiet_days) * DAY;
        let counts = self.counts.entry(method).or_default();
        let same = before.filter(|before| before.id == person.id);
        let same = same.and_then(|before| {
            let contact = found.iter().find(|(_, lookup)| before.lookup == lookup.as_slice())?;
            Some((before, contact))
        });
        if let Some((before, contact)) = same {
            counts.known += 1;
            self.outcome.unchanged += 1;
            changes.again.push(before.number);
            if before.entered {
                return Ok(());
            }
            let due = now >= before.since + quiet && room(own, method, &contact.1);
            // What another account of that name registered is not this one's to drop: a sign-in does that, which asks who has the name.
            let id = if due { registrations::id_at_registration(tx, self.theirs(&person.name)).await? } else { None };
            if !due || id.is_some_and(|id| id != person.id) {
                self.outcome.waiting += 1;
                return Ok(());
            }
            self.outcome.entered += 1;
            changes.entered.push(before.number);
            if !self.wish.dry_run && !is_there(own, &contact.1) {
                changes.newest = self.enter(tx, person, contact, before.told).await?;
            }
            return Ok(());
        }
        let Some((contact, lookup)) = found.first() else { return Ok(()) };
        if before.is_some() {
            counts.known += 1;
            self.outcome.changed += 1;
        } else {
            counts.new += 1;
            self.outcome.new += 1;
        }
        self.outcome.waiting += 1;
        let told = !self.wish.dry_run
            && !own.is_empty()
            && !is_there(own, lookup)
            && self.tell(tx, person, Changed::Announced(About::contact(contact), now + quiet)).await?;
        changes.new.push(Saying { name: person.name.clone(), id: person.id, method, lookup: *lookup, told });
        Ok(())
    }

    /// Puts a contact among the others, and gives its record.
    async fn enter(
        &self,
        tx: &mut Tx<'_>,
        person: &Read,
        (contact, lookup): &(Contact, Tag),
        told: bool,
    ) -> Result<i64> {
        let (agent, name) = (self.agent, self.theirs(&person.name));
        if !told {
            self.tell(tx, person, Changed::Added(About::contact(contact))).await?;
        }
        let usable = agent.settings.register.imported == Imported::Usable;
        let (keys, random, now) = (&agent.keys, agent.random.as_ref(), agent.now());
        Registrations::import_contact(tx, keys, random, name, person.id, contact, usable, now).await?;
        Synced::vouch(tx, name, lookup, self.source.set.word).await?;
        let method = contact.method().as_str();
        AuditRows::add(tx, &record(Event::Synced, name, method, &self.correlation, now)).await
    }

    /// Notifies the contacts that somebody can be reached by. `false`: there are none.
    async fn tell(&self, tx: &mut Tx<'_>, person: &Read, change: Changed) -> Result<bool> {
        let name = self.theirs(&person.name);
        let registration = Registrations::get(tx, &self.agent.keys, name).await?;
        let told = registration.filter(|own| own.id == person.id).map(|own| own.usable()).unwrap_or_default();
        notes::changed(tx, self.agent, name, &by_the_directory(), change, &told).await?;
        Ok(!told.is_empty())
    }

    /// All were read: what was not found is erased, if that is not suddenly much.
    async fn end(&mut self) -> Result<()> {
        let agent = self.agent;
        let mut tx = if self.wish.dry_run { agent.begin_to_read().await? } else { agent.begin().await? };
        let (mut lost, mut contacts, mut held) = (0, 0, None);
        for method in self.source.set.methods.clone() {
            let Counts { new, known } = self.counts.get(&method).copied().unwrap_or_default();
            let (all, _) = Synced::count(&mut tx, self.source.realm, method).await?;
            let before = if self.wish.dry_run { all } else { all.saturating_sub(new) };
            let gone = before.saturating_sub(known);
            lost += gone;
            contacts += new + known;
            held = held.or_else(|| too_many(method, before, gone, self.outcome.people));
        }
        let held = held.filter(|_| !self.wish.erase);
        self.outcome.erased = if held.is_none() { lost } else { 0 };
        self.outcome.held.clone_from(&held);
        if self.wish.dry_run {
            return tx.commit().await;
        }
        let erases = held.is_none();
        if erases {
            Synced::forget_unseen(&mut tx, self.source.realm, self.number).await?;
        }
        let people = self.outcome.people;
        let state = State { done: Some(agent.now()), people, contacts, held, ..State::default() };
        Synced::end(&mut tx, self.source.realm, Ok(&state)).await?;
        tx.commit().await?;
        if erases { erase_gone(agent, self.source.realm, &self.correlation).await } else { Ok(()) }
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
        if let Some(held) = &self.outcome.held {
            tracing::warn!("{held}");
        }
    }
}

/// Whether a person has this contact among the own ones.
fn is_there(own: &[&Own], lookup: &Tag) -> bool {
    own.iter().any(|own| own.lookup == lookup.as_slice())
}

/// Whether there is room for it among them.
fn room(own: &[&Own], method: Method, lookup: &Tag) -> bool {
    is_there(own, lookup) || own.iter().filter(|own| own.method == method.as_str()).count() < CONTACTS_MAX
}

/// How notes say where a change came from.
fn by_the_directory() -> Caller {
    Caller {
        uid: 0,
        service: "sspr".to_owned(),
        source: "the directory".to_owned(),
        screen: Screen::default(),
        language: None,
    }
}

fn record(event: Event, name: Name<'_>, method: &str, correlation: &str, at: Time) -> Entry {
    Entry {
        at,
        event: event.name(Purpose::Status),
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
