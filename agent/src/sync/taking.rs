//! Decides which contacts of a page are new, changed or due, and applies them.

use std::collections::HashMap;

use sspr_config::{
    directory::Person,
    settings::{Imported, Method},
};

use super::{
    Round, by_the_directory,
    erasing::Replacing,
    reading::{self, Page, Read},
    record,
};
use crate::{
    account::Id,
    audit::Event,
    clock::Time,
    contact::Contact,
    error::{Error, Result},
    keys::{Keys, Tag},
    notifications::{self, About, Changed},
    store::{
        AuditRows, LookUps as _, Registrations, Synced, Tx,
        registrations::{self, CONTACTS_MAX},
        synced::{Own, Said, Saying},
    },
};

const DAY: Time = 86_400;
/// How many users are written in one transaction: other writers wait for it a second at most.
const AT_ONCE: usize = 200;

/// The result of a page, to be written at once.
#[derive(Default)]
struct Changes {
    new: Vec<Saying>,
    again: Vec<i64>,
    renewed: Vec<(i64, Tag)>,
    entered: Vec<i64>,
    /// The newest record.
    newest: i64,
}

impl Round<'_> {
    /// Leaves these accounts unchanged: no contact is added or erased.
    pub(super) async fn leave(&mut self, accounts: Vec<String>) -> Result<()> {
        if accounts.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = accounts.iter().map(String::as_str).collect();
        let mut tx = if self.wish.dry_run { self.agent.begin_to_read().await? } else { self.agent.begin().await? };
        let said = Synced::said(&mut tx, self.source.realm, &names).await?;
        for method in said.iter().filter_map(|said| Method::from_word(&said.method)) {
            self.counts.entry(method).or_default().known += 1;
        }
        if !self.wish.dry_run {
            let rows: Vec<i64> = said.iter().map(|said| said.number).collect();
            Synced::again(&mut tx, &rows, self.number).await?;
        }
        tx.commit().await?;
        self.outcome.left_out += accounts.len() as u64;
        self.doubled.extend(accounts);
        Ok(())
    }

    pub(super) async fn page(&mut self, people: Vec<Person>, placed: bool) -> Result<()> {
        if people.is_empty() {
            return Ok(());
        }
        let (agent, taken) = (self.agent.clone(), self.source.set.methods.clone());
        let read = tokio::task::spawn_blocking(move || reading::read(&agent, &people, &taken, placed)).await;
        let Page { people, unread, left_out } = read.map_err(|_| Error::Stopped("reading contacts"))?;
        self.outcome.unread += unread;
        self.outcome.left_out += left_out;
        for some in people.chunks(AT_ONCE) {
            self.some(some).await?;
        }
        Ok(())
    }

    /// Some of a page, in one transaction.
    async fn some(&mut self, people: &[Read]) -> Result<()> {
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
        for person in people {
            let own = own.get(&person.name).map(Vec::as_slice).unwrap_or_default();
            let own: Vec<&Own> = own.iter().filter(|own| own.id == person.id).collect();
            let said = |method: Method| said.get(&(person.name.clone(), method.as_str().to_owned()));
            // Another entry of that name came before, in the same sync.
            let is_twin = |before: &Said| !self.wish.dry_run && before.seen >= self.number && before.id != person.id;
            if Method::CONTACTS.into_iter().filter_map(said).any(is_twin) {
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
            Synced::renew(&mut tx, &changes.renewed).await?;
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

    /// One of the contacts that were `found` for `method`: the contact `before` if it is among them, otherwise the
    /// first.
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
        let (now, quiet) = (self.agent.now(), self.quiet());
        let counts = self.counts.entry(method).or_default();
        let same = before.filter(|before| before.id == person.id);
        let same = same.and_then(|before| Some((before, found_again(&self.agent.keys, before, found)?)));
        if let Some((before, contact)) = same {
            if before.lookup != contact.1.as_slice() {
                changes.renewed.push((before.number, contact.1));
            }
            counts.known += 1;
            self.outcome.unchanged += 1;
            changes.again.push(before.number);
            if before.entered {
                return Ok(());
            }
            let due = now >= before.since + quiet && room(own, method, &contact.1);
            // The registration of another account with that name is not dropped here. A sign-in does that, because it
            // asks for the present owner of the name.
            let id = if due { tx.id_at_registration(self.theirs(&person.name)).await? } else { None };
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
        let tells = !own.is_empty() && !is_there(own, lookup);
        let (name, id, lookup) = (person.name.clone(), person.id, *lookup);
        // A contact of another account with that name must not be used.
        if let Some(before) = before.filter(|before| before.entered && before.id == person.id) {
            counts.replaced += 1;
            changes.again.push(before.number);
            self.replacing.push(Replacing { name, id, method, contact: contact.clone(), lookup, tells });
            return Ok(());
        }
        let told = tells && !self.wish.dry_run && self.announce(tx, &name, id, contact).await?;
        changes.new.push(Saying { name, id, method, lookup, told });
        Ok(())
    }

    /// Notifies the registered contacts about a new one. `false`: there are none.
    pub(super) async fn announce(&self, tx: &mut Tx<'_>, name: &str, id: Id, contact: &Contact) -> Result<bool> {
        let change = Changed::Announced(About::contact(contact), self.agent.now() + self.quiet());
        self.tell(tx, name, id, change).await
    }

    /// How long a contact waits.
    fn quiet(&self) -> Time {
        Time::from(self.outcome.quiet_days) * DAY
    }

    /// Adds a contact, and returns its record.
    async fn enter(
        &self,
        tx: &mut Tx<'_>,
        person: &Read,
        (contact, lookup): &(Contact, Tag),
        told: bool,
    ) -> Result<i64> {
        let (agent, name) = (self.agent, self.theirs(&person.name));
        if !told {
            self.tell(tx, &person.name, person.id, Changed::Added(About::contact(contact))).await?;
        }
        let usable = agent.settings.register.imported == Imported::Usable;
        let (keys, random, now) = (&agent.keys, agent.random.as_ref(), agent.now());
        Registrations::import_contact(tx, keys, random, name, person.id, contact, usable, now).await?;
        Synced::vouch(tx, name, lookup, self.source.set.word).await?;
        let method = contact.method().as_str();
        AuditRows::add(tx, &record(Event::Synced, name, method, &self.correlation, now)).await
    }

    /// Notifies the registered contacts. `false`: there are none.
    async fn tell(&self, tx: &mut Tx<'_>, name: &str, id: Id, change: Changed) -> Result<bool> {
        let name = self.theirs(name);
        let registration = Registrations::get(tx, &self.agent.keys, name).await?;
        let told = registration.filter(|own| own.id == id).map(|own| own.usable()).unwrap_or_default();
        notifications::changed(tx, self.agent, name, &by_the_directory(), change, &told).await?;
        Ok(!told.is_empty())
    }
}

/// The contact `before` among those that were `found`. Its key may be of an earlier host key.
fn found_again<'f>(keys: &Keys, before: &Said, found: &'f [(Contact, Tag)]) -> Option<&'f (Contact, Tag)> {
    found.iter().find(|(_, lookup)| before.lookup == lookup.as_slice()).or_else(|| {
        let is_it = |lookup: Tag| before.lookup == lookup.as_slice();
        found.iter().find(|(contact, _)| registrations::former_lookups(keys, contact).any(is_it))
    })
}

/// Whether the user registered or confirmed this contact.
fn is_there(own: &[&Own], lookup: &Tag) -> bool {
    own.iter().any(|own| own.lookup == lookup.as_slice())
}

/// Whether there is room for another contact.
fn room(own: &[&Own], method: Method, lookup: &Tag) -> bool {
    is_there(own, lookup) || own.iter().filter(|own| own.method == method.as_str()).count() < CONTACTS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contact::EmailAddress,
        random::SystemRandom,
        store::registrations::{former_lookups, lookup},
    };

    #[test]
    fn a_contact_that_was_reported_before_the_host_key_was_replaced_is_the_same_one() {
        let address = |text: &str| Contact::Email(EmailAddress::parse(text).unwrap());
        let (first, second) = (Keys::from_host_key(&[1; 32]), Keys::from_host_key(&[2; 32]));
        let second_with = {
            let handed_on = first.handed_on(&second, &SystemRandom).unwrap();
            second.with_former(&handed_on).unwrap()
        };
        let (one, other) = (address("one@example.org"), address("other@example.org"));
        let before = Said {
            number: 1,
            name: "bob".to_owned(),
            id: Id::from(1002),
            method: "email".to_owned(),
            lookup: second_with.again(&lookup(&first, &one)).to_vec(),
            since: 0,
            told: false,
            entered: false,
            seen: 1,
        };
        let found = [other.clone(), one.clone()].map(|contact| {
            let lookup = lookup(&second_with, &contact);
            (contact, lookup)
        });
        assert_eq!(found_again(&second_with, &before, &found).map(|(contact, _)| contact), Some(&one));
        assert_eq!(found_again(&second_with, &before, &found[..1]), None);
        assert_eq!(former_lookups(&first, &one).count(), 0);
        let now = Said { lookup: found[0].1.to_vec(), ..before };
        assert_eq!(found_again(&second_with, &now, &found).map(|(contact, _)| contact), Some(&other));
    }
}
