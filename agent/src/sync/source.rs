//! Where contacts are copied from, and whose they are here.

use std::sync::Arc;

use sspr_config::{directory::Person, settings::ContactSource};
use tokio::runtime::Handle;

use super::Why;
use crate::{
    account::{DIRECTORY, Id, LOCAL},
    credential::Verdict,
    delivery::{
        courier,
        entra::{Entra, Walk},
    },
    error::Error,
    snapshot::Snapshot,
};

/// Where contacts are copied from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) set: ContactSource,
    /// Of which realm the accounts are that get them: those of the directory, where there is one, and else this host's own.
    pub(super) realm: &'static str,
}

impl Source {
    /// By the settings; `None`: nothing is copied.
    pub(super) fn of(agent: &Snapshot) -> Option<Self> {
        let settings = &agent.settings;
        let set = settings.contacts.source(&settings.register.methods)?;
        Some(Self { set, realm: if settings.directory.kind.is_some() { DIRECTORY } else { LOCAL } })
    }
}

/// Reads everybody there, page by page.
pub(super) enum Pages {
    /// By this handle; `None`: to the end.
    Directory(Option<String>),
    /// In Entra.
    Entra(Arc<Entra>, Walk),
}

impl Pages {
    pub(super) fn of(agent: &Snapshot) -> Self {
        match agent.deliveries.entra() {
            Some(entra) => Self::Entra(entra, Walk::default()),
            None => Self::Directory(Some(String::new())),
        }
    }

    /// Whether people come under the names and ids that rows are kept by.
    pub(super) const fn are_placed(&self) -> bool {
        matches!(self, Self::Entra(..))
    }

    /// The next page; `None` after the last one. The second number is of those who are no account here that is served.
    pub(super) async fn next(&mut self, agent: &Snapshot, apart: &Handle) -> Result<Option<(Vec<Person>, u64)>, Why> {
        match self {
            Self::Directory(handle) => {
                let Some(asked) = handle.take() else { return Ok(None) };
                let page = agent.targets.contacts(DIRECTORY, &asked).await;
                let page = page.map_err(|why| Why::Unread(format!("the directory can't be read: {why}")))?;
                *handle = Some(page.handle).filter(|handle| !handle.is_empty());
                Ok(Some((page.people, 0)))
            }
            Self::Entra(entra, walk) => {
                let (asked, mut going) = (entra.clone(), std::mem::take(walk));
                // Handshakes are not for the thread of the dialogues.
                let read = courier::carry(apart, async move {
                    let page = asked.page(&mut going).await;
                    (page, going)
                });
                let (page, going) = read.await.ok_or(Error::Stopped("reading contacts"))?;
                *walk = going;
                match page.map_err(Why::Unread)? {
                    Some(people) => placed(agent, people).await.map(Some),
                    None => Ok(None),
                }
            }
        }
    }
}

/// The accounts that people of Entra have here, and how many have none that is served. Administrators register theirs themselves.
async fn placed(agent: &Snapshot, people: Vec<Person>) -> Result<(Vec<Person>, u64), Why> {
    let realm = Source::of(agent).map(|source| source.realm);
    let (mut here, mut elsewhere) = (Vec::new(), 0);
    for person in people {
        let place = agent.place(&person.name);
        if realm != Some(place.realm()) {
            elsewhere += 1;
            continue;
        }
        let asked = agent.targets.account(place.name()).await;
        let state = asked.map_err(|why| Why::Unread(format!("whose accounts they are is not known: {why}")))?;
        let name = place.name().name.to_owned();
        if state.verdict == Verdict::Eligible && !state.admin && state.id != Id::NONE {
            here.push(Person { name, id: state.id.to_string(), emails: person.emails, phones: person.phones });
        } else {
            elsewhere += 1;
        }
    }
    Ok((here, elsewhere))
}
