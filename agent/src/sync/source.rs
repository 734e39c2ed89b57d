//! The source of copied contacts, and the accounts that they belong to here.

use std::{
    collections::{BTreeMap, btree_map},
    sync::Arc,
};

use sspr_config::{
    directory::{PEOPLE_MAX, Person},
    settings::ContactSource,
};
use tokio::{
    runtime::Handle,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::Why;
use crate::{
    account::{DIRECTORY, Id, LOCAL, Name},
    credential::Verdict,
    delivery::{
        courier,
        entra::{Entra, Unread, User, Walk},
    },
    error::Error,
    snapshot::Snapshot,
};

/// How many users of Entra are asked for their contacts before those are written.
const PAGE: usize = 50;
/// How many users of Entra may have names of accounts here; the agent's memory is bounded.
const LISTED_MAX: usize = 500_000;

/// The source of contacts.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) set: ContactSource,
    /// The realm of the accounts that get the contacts: the directory's if there is one, otherwise this host's own.
    pub(super) realm: &'static str,
}

impl Source {
    /// The source in the settings; `None`: nothing is copied.
    pub(super) fn of(agent: &Snapshot) -> Option<Self> {
        let settings = &agent.settings;
        let set = settings.contacts.source(&settings.register.methods)?;
        Some(Self { set, realm: if settings.directory.kind.is_some() { DIRECTORY } else { LOCAL } })
    }
}

/// The content of a page.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Users with contacts.
    pub(super) people: Vec<Person>,
    /// How many users have no account here that is served.
    pub(super) elsewhere: u64,
    /// Accounts whose name several users have, so that the owner of the contacts is unknown.
    pub(super) doubled: Vec<String>,
}

/// Reads all users, page by page.
pub(super) enum Pages {
    /// In the directory, from this handle; `None`: to the end.
    Directory(Option<String>),
    /// In Entra.
    Entra(Box<Tenant>),
}

impl Pages {
    pub(super) fn of(agent: &Snapshot, realm: &'static str) -> Self {
        match agent.deliveries.entra() {
            Some(entra) => Self::Entra(Box::new(Tenant {
                entra,
                walk: Walk::default(),
                realm,
                listed: None,
                until: Instant::now() + PEOPLE_MAX,
            })),
            None => Self::Directory(Some(String::new())),
        }
    }

    /// Whether users come with the names and ids of the rows.
    pub(super) const fn are_placed(&self) -> bool {
        matches!(self, Self::Entra(..))
    }

    /// The next page; `None` after the last one.
    pub(super) async fn next(&mut self, agent: &Snapshot, apart: &Handle) -> Result<Option<Found>, Why> {
        match self {
            Self::Directory(handle) => {
                let Some(asked) = handle.take() else { return Ok(None) };
                let page = agent.targets.contacts(DIRECTORY, &asked).await;
                let page = page.map_err(|why| Why::Unread(format!("the directory can't be read: {why}")))?;
                *handle = Some(page.handle).filter(|handle| !handle.is_empty());
                Ok(Some(Found { people: page.people, ..Found::default() }))
            }
            Self::Entra(tenant) => tenant.next(agent, apart).await,
        }
    }
}

/// All users in Entra with the name of an account here. All are listed before their contacts are read: if two have the
/// same name, neither is used, whichever comes first or has registered nothing.
pub(super) struct Tenant {
    entra: Arc<Entra>,
    walk: Walk,
    realm: &'static str,
    /// By the names of the accounts; `None` until all are listed.
    listed: Option<btree_map::IntoIter<String, Namesakes>>,
    /// The deadline, however many users are left.
    until: Instant,
}

/// The users with the name of one account.
struct Namesakes {
    /// Entra's id of the first one.
    id: Box<str>,
    /// Whether the first one can sign in there.
    enabled: bool,
    /// There is another one.
    several: bool,
}

impl Tenant {
    async fn next(&mut self, agent: &Snapshot, apart: &Handle) -> Result<Option<Found>, Why> {
        let mut found = Found::default();
        let Some(listed) = &mut self.listed else {
            let (all, elsewhere) = self.list(agent, apart).await?;
            self.listed = Some(all.into_iter());
            return Ok(Some(Found { elsewhere, ..found }));
        };
        let some: Vec<_> = listed.by_ref().take(PAGE).collect();
        if some.is_empty() {
            return Ok(None);
        }
        let mut asked = Vec::new();
        for (name, Namesakes { id, enabled, several }) in some {
            let state = agent.targets.account(Name { realm: self.realm, name: &name }).await;
            let state = state.map_err(|why| Why::Unread(format!("whose accounts they are is not known: {why}")))?;
            // Administrators register their own contacts.
            if state.verdict != Verdict::Eligible || state.admin || state.id == Id::NONE {
                found.elsewhere += 1;
            } else if several {
                found.doubled.push(name);
            } else if enabled {
                asked.push((state.id, User { id: id.into(), name, enabled }));
            }
        }
        let (entra, mut walk) = self.lend();
        let work = async move {
            let mut people = Vec::new();
            for (id, user) in asked {
                match entra.registered(&mut walk, user).await {
                    Ok(Some(person)) => people.push(Person { id: id.to_string(), ..person }),
                    Ok(None) => {}
                    Err(why) => return (Err(why), walk),
                }
            }
            (Ok(people), walk)
        };
        found.people = self.read(apart, work).await?;
        Ok(Some(found))
    }

    /// The users with the name of an account here, and the number of other users.
    async fn list(&mut self, agent: &Snapshot, apart: &Handle) -> Result<(BTreeMap<String, Namesakes>, u64), Why> {
        let (mut all, mut elsewhere) = (BTreeMap::<String, Namesakes>::new(), 0);
        loop {
            let (entra, mut walk) = self.lend();
            let work = async move { (entra.users(&mut walk).await, walk) };
            let Some(users) = self.read(apart, work).await? else { return Ok((all, elsewhere)) };
            let (agent, realm) = (agent.clone(), self.realm);
            // It reads this host's files.
            let named = spawn_blocking(move || {
                users.into_iter().map(|user| (account(&agent, realm, &user.name), user)).collect::<Vec<_>>()
            });
            for (name, user) in named.await.map_err(|_| Error::Stopped("reading contacts"))? {
                let Some(name) = name else {
                    elsewhere += 1;
                    continue;
                };
                match all.entry(name) {
                    btree_map::Entry::Vacant(free) => {
                        free.insert(Namesakes { id: user.id.into(), enabled: user.enabled, several: false });
                    }
                    // The same user can come twice if the list changes while it is read.
                    btree_map::Entry::Occupied(taken) => {
                        let known = taken.into_mut();
                        known.several |= *known.id != *user.id;
                    }
                }
            }
            if all.len() > LISTED_MAX {
                return Err(Why::Unread(format!(
                    "Entra has more than {LISTED_MAX} users who can have an account here"
                )));
            }
        }
    }

    fn lend(&mut self) -> (Arc<Entra>, Walk) {
        (self.entra.clone(), std::mem::take(&mut self.walk))
    }

    /// Runs `work`, which returns what was lent to it. Handshakes do not run on the thread of the dialogues.
    async fn read<T: Send + 'static>(
        &mut self,
        apart: &Handle,
        work: impl Future<Output = (Result<T, Unread>, Walk)> + Send + 'static,
    ) -> Result<T, Why> {
        let read = in_time(self.until, courier::carry(apart, work)).await?;
        let (read, walk) = read.ok_or(Error::Stopped("reading contacts"))?;
        self.walk = walk;
        read.map_err(Why::Unread)
    }
}

/// The name of the rows of the account `name` here; `None`: there is none in this realm.
fn account(agent: &Snapshot, realm: &str, name: &str) -> Option<String> {
    let place = agent.place(name);
    let own = place.name().name;
    (place.realm() == realm && (realm != LOCAL || agent.people.is_here(own))).then(|| own.to_owned())
}

/// The result of `work` before the deadline for all.
async fn in_time<T>(until: Instant, work: impl Future<Output = T>) -> Result<T, Why> {
    let hours = PEOPLE_MAX.as_secs() / 3600;
    let late = |_| Why::Unread(format!("reading everybody of Entra takes longer than {hours} hours"));
    timeout_at(until, work).await.map_err(late)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn a_tenant_that_never_comes_to_its_end_is_given_up() {
        assert!(in_time(Instant::now() + PEOPLE_MAX, async {}).await.is_ok());
        let why = in_time(Instant::now(), pending::<()>()).await.unwrap_err().to_string();
        assert!(why.contains("longer than 2 hours"), "{why}");
    }
}
