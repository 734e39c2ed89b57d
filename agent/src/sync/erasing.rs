//! Erases contacts that the directory no longer has, or has replaced, unless they are suddenly many.

use std::collections::BTreeMap;

use sspr_config::settings::Method;

use super::{Round, Source, by_the_directory, record};
use crate::{
    account::{DIRECTORY, Id, LOCAL, Name},
    audit::Event,
    contact::Contact,
    error::Result,
    keys::Tag,
    methods::Named,
    notifications::{self, About, Changed},
    random,
    snapshot::Snapshot,
    store::{
        AuditRows, Registrations, Synced, Tx,
        synced::{Gone, Saying, State},
    },
};

/// If this many contacts of a method are missing or replaced, and more than one in so many of those before, nothing is
/// erased.
const LOST_LEAST: u64 = 5;
/// See [`LOST_LEAST`].
const LOST_SHARE: u64 = 5;
/// How many accounts are named.
const NAMED_MAX: usize = 10;
/// How many contacts are replaced at a time: sign-ins come in between.
const PIECE: usize = 200;

/// A contact that replaces a usable one.
pub(super) struct Replacing {
    pub(super) name: String,
    pub(super) id: Id,
    pub(super) method: Method,
    pub(super) contact: Contact,
    pub(super) lookup: Tag,
    /// Notifies the registered contacts.
    pub(super) tells: bool,
}

impl Round<'_> {
    /// After all were read: erases contacts that were not found or were replaced, unless they are suddenly many.
    pub(super) async fn end(&mut self) -> Result<()> {
        let agent = self.agent;
        let mut tx = agent.begin_to_read().await?;
        let (mut lost, mut replaced, mut contacts, mut held) = (0, 0, 0, None);
        for method in self.source.set.methods.clone() {
            let counts = self.counts.get(&method).copied().unwrap_or_default();
            let (all, _) = Synced::count(&mut tx, self.source.realm, method).await?;
            let before = if self.wish.dry_run { all } else { all.saturating_sub(counts.new) };
            let gone = before.saturating_sub(counts.known);
            lost += gone;
            replaced += counts.replaced;
            contacts += counts.new + counts.known;
            held = held
                .or_else(|| too_many(method, before, gone, self.outcome.people))
                .or_else(|| others(method, counts.entered, counts.replaced));
        }
        tx.commit().await?;
        let held = held.filter(|_| !self.wish.erase);
        self.outcome.held.clone_from(&held);
        let doubled = several(&self.doubled);
        self.outcome.doubled.clone_from(&doubled);
        if held.is_some() {
            // These stay usable.
            self.outcome.waiting -= replaced;
        } else {
            self.outcome.erased = lost;
        }
        if self.wish.dry_run {
            return Ok(());
        }
        let erases = held.is_none();
        if erases {
            self.replace().await?;
        }
        let mut tx = agent.begin().await?;
        if erases {
            Synced::forget_unseen(&mut tx, self.source.realm, self.number).await?;
        }
        let people = self.outcome.people;
        let state = State { done: Some(agent.now()), people, contacts, held, doubled, ..State::default() };
        Synced::end(&mut tx, self.source.realm, Ok(&state)).await?;
        tx.commit().await?;
        if erases { erase_gone(agent, self.source.realm, &self.correlation).await } else { Ok(()) }
    }

    /// Replaces usable contacts with the directory's new ones.
    async fn replace(&mut self) -> Result<()> {
        let (agent, replacing) = (self.agent, std::mem::take(&mut self.replacing));
        for some in replacing.chunks(PIECE) {
            let mut tx = agent.begin().await?;
            let mut new = Vec::with_capacity(some.len());
            for Replacing { name, id, method, contact, lookup, tells } in some {
                let told = *tells && self.announce(&mut tx, name, *id, contact).await?;
                new.push(Saying { name: name.clone(), id: *id, method: *method, lookup: *lookup, told });
            }
            Synced::say(&mut tx, self.source.realm, &new, self.number, agent.now()).await?;
            tx.commit().await?;
            agent.outbox.wake();
        }
        Ok(())
    }
}

/// Erases contacts that the settings no longer copy: of other methods, or of another realm.
pub(super) async fn forget_unset(agent: &Snapshot) -> Result<()> {
    let source = Source::of(agent);
    for realm in [LOCAL, DIRECTORY] {
        let own = source.as_ref().filter(|source| source.realm == realm);
        let taken = own.map(|source| source.set.methods.as_slice()).unwrap_or_default();
        let mut tx = agent.begin_to_read().await?;
        let mut some = false;
        for method in Method::CONTACTS {
            some |= !taken.contains(&method) && Synced::count(&mut tx, realm, method).await?.0 > 0;
        }
        tx.commit().await?;
        if some {
            let mut tx = agent.begin().await?;
            Synced::forget_but(&mut tx, realm, taken).await?;
            tx.commit().await?;
            erase_gone(agent, realm, &random::handle(agent.random.as_ref())?).await?;
        }
    }
    Ok(())
}

/// Why nothing is erased if `lost` of the `before` contacts of a method are missing, with `people` on all pages.
fn too_many(method: Method, before: u64, lost: u64, people: u64) -> Option<String> {
    if lost == 0 || (people > 0 && !much(lost, before)) {
        return None;
    }
    Some(format!(
        "the directory lacks {lost} of the {before} {} that it had the last time, so nothing was erased; if that is right: sspr \
         admin directory sync --erase",
        Named::of(method).nouns.1
    ))
}

/// Why nothing is erased if `replaced` of the `entered` usable contacts of a method changed.
fn others(method: Method, entered: u64, replaced: u64) -> Option<String> {
    much(replaced, entered).then(|| {
        format!(
            "{replaced} of the {entered} {} in use are others now, so nothing was erased and the old ones stay in use; if that is \
             right: sspr admin directory sync --erase",
            Named::of(method).nouns.1
        )
    })
}

/// The text about accounts whose name several users have.
fn several(accounts: &[String]) -> Option<String> {
    let (named, more) = accounts.split_at(accounts.len().min(NAMED_MAX));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    (!named.is_empty()).then(|| {
        format!(
            "several users of Entra have the name of one account here, so nothing of theirs is copied and nothing erased: {}{more}",
            named.join(", ")
        )
    })
}

const fn much(some: u64, all: u64) -> bool {
    some >= LOST_LEAST && some.saturating_mul(LOST_SHARE) > all
}

/// Erases contacts without a source. The remaining contacts are notified, and so is the erased one; if the directory
/// replaced it, they were notified then.
async fn erase_gone(agent: &Snapshot, realm: &str, correlation: &str) -> Result<()> {
    let mut after = 0;
    loop {
        let mut tx = agent.begin().await?;
        let (gone, last) = Synced::gone(&mut tx, realm, after).await?;
        let mut people: BTreeMap<String, Vec<Gone>> = BTreeMap::new();
        for one in gone {
            people.entry(one.name.clone()).or_default().push(one);
        }
        let mut newest = 0;
        for (name, gone) in &people {
            newest = erase(&mut tx, agent, Name { realm, name }, gone, correlation).await?;
        }
        tx.commit().await?;
        if newest > 0 {
            agent.audit.wrote(newest);
            agent.settled.clear();
            agent.outbox.wake();
        }
        let Some(last) = last else { return Ok(()) };
        after = last;
    }
}

async fn erase(tx: &mut Tx<'_>, agent: &Snapshot, who: Name<'_>, gone: &[Gone], correlation: &str) -> Result<i64> {
    let Some(registration) = Registrations::get(tx, &agent.keys, who).await? else { return Ok(0) };
    let told = registration.usable();
    let mut newest = 0;
    for one in gone {
        let Some(own) = registration.contacts.iter().find(|own| own.id == one.row) else { continue };
        if own.usable && !one.replaced {
            let change = Changed::Removed(About::contact(&own.contact));
            notifications::changed(tx, agent, who, &by_the_directory(), change, &told).await?;
        }
        let method = own.contact.method().as_str();
        newest = AuditRows::add(tx, &record(Event::Erased, who, method, correlation, agent.now())).await?;
    }
    let rows: Vec<i64> = gone.iter().map(|one| one.row).collect();
    Synced::erase(tx, who, &rows).await?;
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_accounts_whose_name_several_have_some_are_named_and_the_others_counted() {
        let all: Vec<String> = (0..12).map(|n| format!("p{n:02}")).collect();
        assert_eq!(several(&[]), None);
        assert!(several(&all[..2]).unwrap().ends_with(": p00, p01"));
        assert!(several(&all).unwrap().ends_with(", p09 and 2 more"));
    }

    #[test]
    fn few_may_go_at_once_and_many_or_all_may_not() {
        let held = |before, lost, people| too_many(Method::Email, before, lost, people).is_some();
        for (before, lost, people, want) in [
            (1000, 0, 1000, false),
            (1000, 200, 800, false),
            (1000, 201, 799, true),
            (8, 4, 4, false),
            (8, 5, 3, true),
            (25, 5, 20, false),
            (1, 1, 0, true),
            (0, 0, 0, false),
        ] {
            assert_eq!(held(before, lost, people), want, "{lost} of {before}");
        }
        let why = too_many(Method::Phone, 100, 30, 5).unwrap();
        assert!(why.contains("30 of the 100 telephone numbers") && why.contains("--erase"), "{why}");
        assert_eq!(others(Method::Email, 4, 4), None);
        assert_eq!(others(Method::Email, 25, 5), None);
        let why = others(Method::Email, 24, 5).unwrap();
        assert!(why.contains("5 of the 24 email addresses") && why.contains("--erase"), "{why}");
    }
}
