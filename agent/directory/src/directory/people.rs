//! All users that would be served, page by page, with their contacts in the directory. One connection lasts from the
//! first page to the last, because the server's position in the list is bound to it. A second connection is for
//! questions about groups. While they are answered, the next page is read.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::poll_fn,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    task::Poll,
    time::Duration,
};

use sspr_config::{
    credential::{Error, Verdict},
    directory::{PAGE_MAX, PEOPLE_MAX, Person, VALUES_MAX},
    settings::{Enable, Method},
};
use tokio::time::{Instant, timeout};

use super::{
    super::{
        direct::Direct,
        filter::Filter,
        groups,
        message::{Control, Entry, Request, SIZE_LIMIT, Scope, Search},
        names,
        nested::{Item, Nested},
        rule,
    },
    Directory, Session,
    find::Wanted,
};

/// How many entries are requested at a time.
const PAGE: u8 = 200;
/// The most bytes of a value; a longer one is not a contact.
const VALUE_MAX: usize = 320;
/// How long reading all groups at once may take. The rest of [`PAGE_MAX`] is for the first page.
const NESTED_MAX: Duration = Duration::from_secs(PAGE_MAX.as_secs() / 2);
/// How long reading the members of these groups may take.
const DIRECT_MAX: Duration = Duration::from_secs(PAGE_MAX.as_secs() / 8);
/// The result code if the server's limit on the entries that it searches was reached.
const ADMIN_LIMIT: u32 = 11;

/// The most primary groups that are remembered, by number.
const PRIMARIES_MAX: usize = 10_000;

/// An entry on a page, the person that it belongs to, and all its names.
type Called = (Person, Vec<String>, Entry);
/// The deciding groups that an account is in, and why it controls the domain.
type Memberships = (BTreeSet<String>, Option<&'static str>);

/// How the groups of the users on a page are found. The first page decides it.
enum Reading {
    /// A few requests for all users at once.
    Nested {
        groups: Nested,
        /// Their members; `None` if the server has to be asked about everybody.
        members: Option<Direct>,
        /// The deciding groups that lead from each primary group, by its number.
        primaries: BTreeMap<String, BTreeSet<String>>,
    },
    /// In Active Directory: the SIDs of the deciding groups, which are compared with each user's.
    Sids(Vec<(Vec<u8>, String)>),
    /// The server does not list all groups, so it is asked about each user. These of the deciding groups exist.
    Each(BTreeSet<String>),
}

/// The entries of a page, and the cookie of the next one.
type Page = (Vec<Entry>, Vec<u8>);

/// The state of a reader.
pub struct Going {
    handle: String,
    session: Session,
    /// The session for everything except pages.
    aside: Session,
    server: usize,
    /// The cookie of the next page; empty after the last page.
    cookie: Vec<u8>,
    /// The next page, if it was read already.
    ahead: Option<Page>,
    wanted: Wanted,
    /// `None` until the first page is read.
    reading: Option<Reading>,
    until: Instant,
}

impl Going {
    /// The handle with which the next page is requested.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Ends the list early, and closes its connections.
    pub async fn close(self) {
        self.session.connection.close().await;
        self.aside.connection.close().await;
    }
}

impl Directory {
    /// Begins a list at the first server that the service can sign in to. Fails with [`Error::Refused`] if the settings
    /// name no attribute.
    pub async fn begin_people(&self) -> Result<Going, Error> {
        if self.contacts.attributes().is_empty() {
            return Err(Error::Refused("[contacts.directory] names no attribute".to_owned()));
        }
        let until = Instant::now() + PEOPLE_MAX;
        let mut whys = Vec::new();
        for server in self.order.of(&self.servers, Instant::now()) {
            let both = async {
                let session = self.session(server, until).await?;
                let aside = self.session_at(session.connection.peer(), server, until).await?;
                Ok::<_, String>((session, aside))
            };
            match both.await {
                Ok((session, aside)) => {
                    return Ok(Going {
                        handle: String::new(),
                        session,
                        aside,
                        server,
                        cookie: Vec::new(),
                        ahead: None,
                        wanted: self.wanted(),
                        reading: None,
                        until,
                    });
                }
                Err(why) => whys.push(self.at(server, &why)),
            }
        }
        Err(Error::Unavailable(whys.join("; ")))
    }

    /// The next page, and the state for the page after it; `None` after the last page. Fails with
    /// [`Error::Unavailable`] if a page takes longer than [`PAGE_MAX`], or the list longer than [`PEOPLE_MAX`].
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

    /// Reads the entries of the page that begins at `cookie`.
    async fn entries(&self, session: &mut Session, cookie: &[u8]) -> Result<Page, String> {
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
        let controls = [Control::next_page(PAGE, cookie)];
        let asked = session.connection.ask(&Request::Page(&search), &controls).await;
        let (entries, answer) = asked.map_err(|why| why.to_string())?;
        if !answer.is_success() {
            let fix = match answer.code {
                SIZE_LIMIT | ADMIN_LIMIT => "; raise the server's limit for the service's entry",
                _ => "",
            };
            return Err(format!("people below {base}: {answer}{fix}"));
        }
        Ok((entries, answer.cookie().unwrap_or_default()))
    }

    async fn page(&self, going: &mut Going) -> Result<Vec<Person>, String> {
        let (entries, cookie) = match going.ahead.take() {
            Some(page) => page,
            None => self.entries(&mut going.session, &going.cookie).await?,
        };
        going.cookie = cookie;
        let called: Vec<Called> = entries.into_iter().filter_map(|entry| self.person(entry)).collect();
        let Some((_, _, first)) = called.first() else { return Ok(Vec::new()) };
        let mut reading = if let Some(reading) = going.reading.take() {
            reading
        } else {
            self.sees_who_is_closed(&mut going.aside, first).await?;
            let there = self.sees_groups(&mut going.aside, &going.wanted).await?;
            self.reading(going, there).await?
        };
        let (session, cookie) = (&mut going.session, &going.cookie);
        let ahead = async { if cookie.is_empty() { Ok(None) } else { self.entries(session, cookie).await.map(Some) } };
        let (memberships, ahead) = both(self.memberships(&mut going.aside, &mut reading, &called), ahead).await;
        let memberships = memberships?;
        going.ahead = ahead?;
        let mut people = Vec::new();
        for ((person, names, entry), (found, by_sid)) in called.into_iter().zip(memberships) {
            let called = self.called(&entry, &person.name);
            let (member_of, protected) = self.standing_in(&entry, &called, &going.wanted, found, by_sid);
            drop(called);
            let facts = self.facts(&entry, person.name.clone(), names, member_of, protected);
            let verdict = rule::decide(&facts, &self.scope, &self.settings.domains);
            // Administrators register contacts themselves. A user who may write an attribute must not be able to open
            // an administrator's account.
            if verdict == Verdict::Eligible && !rule::is_admin(&facts, &self.scope) {
                people.push(person);
            }
        }
        going.reading = Some(reading);
        Ok(people)
    }

    /// The person that an entry belongs to, all names of the entry, and the entry; `None` if the person is not clear,
    /// or if there is no contact.
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

    /// How groups are found. The groups `there` are the deciding groups that exist.
    async fn reading(&self, going: &mut Going, there: BTreeSet<String>) -> Result<Reading, String> {
        let (connection, base) = (&mut going.aside.connection, self.settings.groups());
        if self.kind.has_sids() {
            return Ok(Reading::Sids(groups::sids(connection, base, &there).await?));
        }
        let why = match timeout(NESTED_MAX, Nested::read(connection, base, &there)).await {
            Ok(Ok(groups)) => {
                let members = self.members(going, &groups).await?;
                return Ok(Reading::Nested { groups, members, primaries: BTreeMap::new() });
            }
            Ok(Err(why)) => why,
            Err(_) => {
                // The answer to the last request is still to come, so the connection is replaced.
                going.aside = self.session_at(going.session.connection.peer(), going.server, going.until).await?;
                "they are too many".into()
            }
        };
        tracing::warn!(why, "groups can't be read at once, so each user's are, which takes longer: {why}");
        Ok(Reading::Each(there))
    }

    /// The members of these groups; `None` if the server has to be asked about everybody.
    async fn members(&self, going: &mut Going, groups: &Nested) -> Result<Option<Direct>, String> {
        let (connection, attributes) = (&mut going.aside.connection, self.kind.attributes());
        let read = Direct::read(connection, groups.all(), attributes, |entry| self.kind.id(entry));
        let why = match timeout(DIRECT_MAX, read).await {
            Ok(Ok(members)) => return Ok(Some(members)),
            Ok(Err(why)) => why,
            Err(_) => "it takes too long".to_owned(),
        };
        tracing::info!(why, "each page of users takes a look at the groups: {why}");
        // The answer may have been too long, or is still to come.
        going.aside = self.session_at(going.session.connection.peer(), going.server, going.until).await?;
        Ok(None)
    }

    /// The memberships of each user on a page, in order.
    async fn memberships(
        &self,
        session: &mut Session,
        reading: &mut Reading,
        page: &[Called],
    ) -> Result<Vec<Memberships>, String> {
        let mut all = Vec::with_capacity(page.len());
        match reading {
            Reading::Nested { groups, members, primaries } => {
                return self.at_once(session, (groups, members.as_ref()), primaries, page).await;
            }
            Reading::Sids(sids) => {
                for (_, _, entry) in page {
                    all.push(groups::member_of_by_sid(&mut session.connection, entry, sids).await?);
                }
            }
            Reading::Each(there) if self.nobody_of(session, page, there).await => {
                all.resize_with(page.len(), Memberships::default);
            }
            Reading::Each(there) => {
                for (person, _, entry) in page {
                    let called = self.called(entry, &person.name);
                    all.push(self.in_the_directory(session, entry, &called, there).await?);
                }
            }
        }
        Ok(all)
    }

    async fn at_once(
        &self,
        session: &mut Session,
        (groups, members): (&Nested, Option<&Direct>),
        primaries: &mut BTreeMap<String, BTreeSet<String>>,
        page: &[Called],
    ) -> Result<Vec<Memberships>, String> {
        let (connection, base) = (&mut session.connection, self.settings.groups());
        let own: Vec<Option<&str>> = page.iter().map(|(_, _, entry)| entry.text("gidNumber")).collect();
        if primaries.len() > PRIMARIES_MAX {
            primaries.clear();
        }
        let new: BTreeSet<&str> = own.iter().flatten().copied().filter(|gid| !primaries.contains_key(*gid)).collect();
        let numbers: Vec<Item> = new.iter().map(|gid| vec![groups::primary(gid)]).collect();
        let found = groups.of_each(connection, base, &numbers).await?;
        primaries.extend(new.into_iter().map(str::to_owned).zip(found));
        let (mut all, mut asked, mut items) = (Vec::with_capacity(page.len()), Vec::new(), Vec::new());
        for (at, ((person, _, entry), gid)) in page.iter().zip(own).enumerate() {
            let by_number = gid.and_then(|gid| primaries.get(gid)).into_iter().flatten();
            let by_entry = members.into_iter().flat_map(|members| members.of(&person.id));
            all.push((by_number.chain(by_entry).cloned().collect::<BTreeSet<_>>(), None));
            let called = self.called(entry, &person.name);
            if members.is_none_or(|members| members.may_list(&called)) {
                asked.push(at);
                items.push(groups.item(&entry.dn, &called));
            }
        }
        for (at, found) in asked.into_iter().zip(groups.of_each(connection, base, &items).await?) {
            if let Some((own, _)) = all.get_mut(at) {
                own.extend(found);
            }
        }
        Ok(all)
    }

    /// Whether it is certain that no user of the page is in one of the groups `there`. A few requests for all users
    /// show this. If the settings serve groups, some users are in one.
    async fn nobody_of(&self, session: &mut Session, page: &[Called], there: &BTreeSet<String>) -> bool {
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

/// Awaits both futures at the same time.
async fn both<A: Future, B: Future>(one: A, other: B) -> (A::Output, B::Output) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(done) = one.as_mut().poll(context)
        {
            first = Some(done);
        }
        if second.is_none()
            && let Poll::Ready(done) = other.as_mut().poll(context)
        {
            second = Some(done);
        }
        match (first.take(), second.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            (one, other) => {
                (first, second) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

/// The values of `attribute` that can be a contact, sorted: a server returns them in any order.
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
