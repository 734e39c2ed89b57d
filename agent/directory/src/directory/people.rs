//! Everybody that would be served, page by page, with the contacts that the directory has of them. One connection lasts from the first
//! page to the last, as the server's place in the list is bound to it.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
};

use sspr_config::{
    credential::{Error, Verdict},
    directory::{PAGE_MAX, PEOPLE_MAX, Person, VALUES_MAX},
    settings::{Enable, Method},
};
use tokio::time::{Instant, timeout};

use super::{
    super::{
        filter::Filter,
        groups,
        message::{Control, Entry, Request, Scope, Search},
        names, rule,
    },
    Directory, Session,
    find::{SIZE_LIMIT, Wanted},
};

/// So many entries are asked for at a time.
const PAGE: u8 = 200;
/// A longer value is no contact, in bytes.
const VALUE_MAX: usize = 320;
/// The server's own bound on what may be looked through was reached.
const ADMIN_LIMIT: u32 = 11;

/// How far somebody has got.
pub struct Going {
    handle: String,
    session: Session,
    server: usize,
    cookie: Vec<u8>,
    wanted: Wanted,
    /// Those of the groups that matter that are there. `None`: not looked yet.
    there: Option<BTreeSet<String>>,
    until: Instant,
}

impl Going {
    /// By which the next page is asked for.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Ends it before its end.
    pub async fn close(self) {
        self.session.connection.close().await;
    }
}

impl Directory {
    /// Begins, at the first server that the service can sign in to.
    pub async fn begin_people(&self) -> Result<Going, Error> {
        if self.contacts.attributes().is_empty() {
            return Err(Error::Refused("[contacts.directory] names no attribute".to_owned()));
        }
        let until = Instant::now() + PEOPLE_MAX;
        let mut whys = Vec::new();
        for server in 0..self.servers.len() {
            match self.session(server, until).await {
                Ok(session) => {
                    return Ok(Going {
                        handle: String::new(),
                        session,
                        server,
                        cookie: Vec::new(),
                        wanted: self.wanted(),
                        there: None,
                        until,
                    });
                }
                Err(why) => whys.push(self.at(server, &why)),
            }
        }
        Err(Error::Unavailable(whys.join("; ")))
    }

    /// The next page, and what comes after it, if anything does.
    pub async fn next_people(&self, mut going: Going) -> Result<(Vec<Person>, Option<Going>), Error> {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let looked = timeout(PAGE_MAX, self.page(&mut going)).await.unwrap_or_else(|_| Err("too slow".to_owned()));
        let people = looked.map_err(|why| Error::Unavailable(self.at(going.server, &why)))?;
        if going.cookie.is_empty() {
            going.close().await;
            return Ok((people, None));
        }
        if Instant::now() >= going.until {
            return Err(Error::Unavailable(self.at(going.server, "it takes too long to read everybody")));
        }
        going.handle = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
        Ok((people, Some(going)))
    }

    async fn page(&self, going: &mut Going) -> Result<Vec<Person>, String> {
        let base = self.settings.base.as_deref().unwrap_or_default();
        let mut attributes = self.kind.attributes().to_vec();
        attributes.push(&self.name_attribute);
        let wanted = self.contacts.attributes();
        attributes.extend(wanted.iter().map(|(_, name)| *name));
        let search = Search {
            base,
            scope: Scope::Subtree,
            filter: self.filter.clone(),
            attributes: &attributes,
            most: PAGE.into(),
        };
        let controls = [Control::next_page(PAGE, &going.cookie)];
        let asked = going.session.connection.ask(&Request::Page(&search), &controls).await;
        let (entries, answer) = asked.map_err(|why| why.to_string())?;
        if !answer.is_success() {
            let fix = match answer.code {
                SIZE_LIMIT | ADMIN_LIMIT => "; raise the server's limit for the service's entry",
                _ => "",
            };
            return Err(format!("people below {base}: {answer}{fix}"));
        }
        going.cookie = answer.cookie().unwrap_or_default();
        let called: Vec<(Person, Vec<String>, Entry)> =
            entries.into_iter().filter_map(|entry| self.person(entry)).collect();
        let Some((_, _, first)) = called.first() else { return Ok(Vec::new()) };
        let there = if let Some(there) = going.there.take() {
            there
        } else {
            self.sees_who_is_closed(&mut going.session, first).await?;
            self.sees_groups(&mut going.session, &going.wanted).await?
        };
        let nobody = self.nobody_of(&mut going.session, &called, &there).await;
        let mut people = Vec::new();
        for (person, names, entry) in called {
            let called = self.called(&entry, &person.name);
            let (found, by_sid) = if nobody {
                (BTreeSet::new(), None)
            } else {
                self.in_the_directory(&mut going.session, &entry, &called, &there).await?
            };
            let (member_of, protected) = self.standing_in(&entry, &called, &going.wanted, found, by_sid);
            drop(called);
            let facts = self.facts(&entry, person.name.clone(), names, member_of, protected);
            let verdict = rule::decide(&facts, &self.scope, &self.settings.domains);
            // Administrators register theirs themselves: who may write an attribute must not open their accounts.
            if verdict == Verdict::Eligible && !rule::is_admin(&facts, &self.scope) {
                people.push(person);
            }
        }
        going.there = Some(there);
        Ok(people)
    }

    /// Whoever an entry is of, if it is clear and there is a contact; and all names of it.
    fn person(&self, entry: Entry) -> Option<(Person, Vec<String>, Entry)> {
        let of = |method: Method| {
            let attributes = self.contacts.attributes();
            let attribute = attributes.iter().find(|(own, _)| *own == method).map(|(_, attribute)| *attribute);
            attribute.map(|attribute| values(&entry, attribute)).unwrap_or_default()
        };
        let (emails, phones) = (of(Method::Email), of(Method::Phone));
        if emails.is_empty() && phones.is_empty() {
            return None;
        }
        let its: Vec<&str> =
            entry.values(&self.name_attribute).filter_map(|name| std::str::from_utf8(name).ok()).collect();
        let name = self.own_name(&entry, &its).filter(|name| names::plausible(name))?.to_owned();
        let all = its.iter().map(|name| (*name).to_owned()).collect();
        let id = self.kind.id(&entry)?;
        Some((Person { name, id, emails, phones }, all, entry))
    }

    /// Whether it is certain that nobody of a page is in one of the groups `there`, by a few questions for all of them. Where the settings
    /// serve groups, somebody is, and in Active Directory each is asked for.
    async fn nobody_of(
        &self,
        session: &mut Session,
        page: &[(Person, Vec<String>, Entry)],
        there: &BTreeSet<String>,
    ) -> bool {
        if self.kind.has_sids() {
            return false;
        }
        if there.is_empty() {
            return true;
        }
        if matches!(self.scope.enable, Enable::Groups(_)) {
            return false;
        }
        let starts: Vec<Filter> = page
            .iter()
            .flat_map(|(person, _, entry)| groups::starts(entry, &self.called(entry, &person.name)))
            .collect();
        let found = groups::above(&mut session.connection, self.settings.groups(), starts, there).await;
        found.is_ok_and(|found| found.is_empty())
    }
}

/// The values of `attribute` that can be a contact, in an order of their own: a server has none.
fn values(entry: &Entry, attribute: &str) -> Vec<String> {
    let text = |value: &[u8]| {
        let text = std::str::from_utf8(value).ok()?.trim();
        let fits = !text.is_empty() && text.len() <= VALUE_MAX && !text.contains(char::is_control);
        fits.then(|| text.to_owned())
    };
    let all: BTreeSet<String> = entry.values(attribute).filter_map(text).collect();
    all.into_iter().take(VALUES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_one_order_and_what_can_be_no_contact_is_left_out() {
        let value = |text: &str| zeroize::Zeroizing::new(text.as_bytes().to_vec());
        let long = "x".repeat(400);
        let all = ["b@example.org", " a@example.org ", "", "c\n@example.org", long.as_str()].map(value).to_vec();
        let entry = Entry { dn: "uid=a".to_owned(), attributes: vec![("Mail".to_owned(), all)] };
        assert_eq!(values(&entry, "mail"), ["a@example.org", "b@example.org"]);
        let many = (0..20).map(|n| value(&format!("{n:02}@example.org"))).collect();
        let entry = Entry { dn: "uid=a".to_owned(), attributes: vec![("mail".to_owned(), many)] };
        assert_eq!(values(&entry, "mail").len(), VALUES_MAX);
    }
}
