//! A directory with scripted states of accounts and scripted pages of users.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
};

use sspr_config::directory::{Page, Person};

use super::Office;
use crate::{
    account::{DIRECTORY, Id},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, CredentialsError, Made},
    },
    targets::{Living, State, Target},
};

pub(super) const SETTINGS: &str = "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://ldap.example.org\"]\n\
    base = \"dc=example,dc=org\"\nbind = \"cn=reset\"\npassword_file = \"/secret\"\ndomains = [\"EXAMPLE\"]\n";

/// The beginning of names about which the directory does not answer.
pub(super) const UNREACHABLE: &str = "unreachable";

/// The answers to calls for a page; `None`: the directory does not answer.
pub(super) type Pages = Arc<Mutex<VecDeque<Option<Vec<Person>>>>>;

/// Runs while the last page but one is on its way.
pub(super) type Meanwhile = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

/// The id and the state of a name in the directory.
type Says = fn(&str) -> (Id, Verdict);

struct Directory {
    says: Says,
    pages: Pages,
    meanwhile: Meanwhile,
}

/// An office with such a directory.
pub(super) async fn office(settings: &str, says: Says) -> (Office, Pages, Meanwhile) {
    let (mut office, pages, meanwhile) = (Office::with(settings).await, Pages::default(), Meanwhile::default());
    let directory = Arc::new(Directory { says, pages: pages.clone(), meanwhile: meanwhile.clone() });
    office.agent = office.agent.with_services(|services| {
        services.targets = services.targets.clone().with(directory);
    });
    (office, pages, meanwhile)
}

impl Target for Directory {
    fn realm(&self) -> &'static str {
        DIRECTORY
    }

    fn is_far(&self) -> bool {
        true
    }

    fn known(&self, _: &str) -> Option<Id> {
        None
    }

    fn living(&self) -> io::Result<Living> {
        Ok(Living::Untold)
    }

    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State> {
        let (id, verdict) = (self.says)(name);
        Box::pin(async move {
            if name.starts_with(UNREACHABLE) {
                return Err(CredentialsError::Unavailable("the server is down".into()));
            }
            Ok(State { id, verdict, admin: false, locked: false })
        })
    }

    fn verify<'a>(&'a self, _: &'a str, _: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async { panic!("no administrator needs a password") })
    }

    fn change<'a>(&'a self, _: &'a str, _: Id, _: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async { panic!("no administrator changes a password here") })
    }

    fn unlock<'a>(&'a self, _: &'a str, _: Id) -> Answer<'a, ()> {
        Box::pin(async { panic!("no administrator unlocks an account here") })
    }

    fn after<'a>(&'a self, _: &'a str, _: Made<'a>) -> Answer<'a, Aftermath> {
        Box::pin(async { panic!("nothing is recovered here") })
    }

    fn contacts<'a>(&'a self, _: &'a str) -> Answer<'a, Page> {
        let mut pages = self.pages.lock().unwrap();
        let page = pages.pop_front().expect("a page too many was asked for");
        if let (1, Some(meanwhile)) = (pages.len(), self.meanwhile.lock().unwrap().take()) {
            meanwhile();
        }
        let handle = if pages.is_empty() { String::new() } else { pages.len().to_string() };
        Box::pin(async move {
            let people = page.ok_or_else(|| CredentialsError::Unavailable("the server is down".into()))?;
            Ok(Page { handle, people })
        })
    }
}
