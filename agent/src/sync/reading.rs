//! Reads the values of the directory's attributes as contacts. It takes a while, so it has its own thread.

use std::collections::HashSet;

use sspr_config::{directory::Person, names, settings::Method};

use crate::{
    account::Id,
    contact::{Contact, EmailAddress, listed},
    keys::Tag,
    snapshot::Snapshot,
    store::registrations,
};

/// A user, by the name that is the key of the rows.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) name: String,
    pub(super) id: Id,
    /// All valid contacts by method; no list is empty.
    pub(super) contacts: Vec<(Method, Vec<(Contact, Tag)>)>,
}

/// The result of reading a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) people: Vec<Read>,
    /// How many values are not a valid contact.
    pub(super) unread: u64,
    /// How many users have a name that is another account's.
    pub(super) left_out: u64,
}

pub(super) fn read(agent: &Snapshot, people: &[Person], taken: &[Method], placed: bool) -> Page {
    let settings = &agent.settings;
    let written = people.iter().flat_map(|person| &person.phones).map(String::as_str);
    let mut numbers = listed::parse_all(written, settings.phone.default_region.as_deref()).into_iter();
    let domains = &settings.directory.domains;
    let folded = |person: &Person| if placed { person.name.clone() } else { names::folded(&person.name, domains) };
    let keys: Vec<String> = people.iter().map(folded).collect();
    // The host's file is read once for all.
    let both = keys.iter().chain(people.iter().map(|person| &person.name)).map(String::as_str).collect();
    let here = if placed { HashSet::new() } else { agent.people.are_here(&both) };
    let (mut page, mut names) = (Page::default(), HashSet::new());
    for (person, name) in people.iter().zip(&keys) {
        let phones: Vec<_> = numbers.by_ref().take(person.phones.len()).collect();
        let Some(id) = Id::parse(&person.id) else { continue };
        // The name belongs to an account of the host, or to another entry.
        let is_here = here.contains(person.name.as_str()) || here.contains(name.as_str());
        if is_here || !names.insert(name.as_str()) {
            page.left_out += 1;
            continue;
        }
        let mut contacts: Vec<(Method, Vec<(Contact, Tag)>)> = Vec::new();
        let emails = person.emails.iter().map(|address| {
            let address = EmailAddress::parse(address).ok()?;
            (!address.is_of(&settings.register.refuse_email_domains)).then_some(Contact::Email(address))
        });
        let phones = phones.into_iter().map(|number| number.ok().map(Contact::Phone));
        for (method, found) in
            [(Method::Email, emails.collect::<Vec<_>>()), (Method::Phone, phones.collect::<Vec<_>>())]
        {
            if !taken.contains(&method) {
                continue;
            }
            page.unread += found.iter().filter(|contact| contact.is_none()).count() as u64;
            let found: Vec<_> = found
                .into_iter()
                .flatten()
                .map(|contact| {
                    let lookup = registrations::lookup(&agent.keys, &contact);
                    (contact, lookup)
                })
                .collect();
            if !found.is_empty() {
                contacts.push((method, found));
            }
        }
        if !contacts.is_empty() {
            page.people.push(Read { name: name.clone(), id, contacts });
        }
    }
    page
}
