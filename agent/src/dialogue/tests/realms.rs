//! Accounts of another realm beside this host's own: names that are the same are not the same account, and what is gone on this host
//! says nothing of a directory.

use std::sync::{Arc, Mutex};

use super::world::{World, email};
use crate::{
    account::{Id, Name},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, Made},
    },
    store::{Overviews, Registrations},
    targets::{Living, State, Target},
};

const ALICE: Name<'static> = Name { realm: "ldap", name: "alice" };

/// A directory with one account, whose password is changed there.
struct Directory {
    id: Id,
    passwords: Arc<Mutex<Vec<String>>>,
}

impl Directory {
    fn new() -> Self {
        let id = Id::parse("5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11").unwrap();
        Self { id, passwords: Arc::default() }
    }
}

impl Target for Directory {
    fn realm(&self) -> &'static str {
        "ldap"
    }

    fn known(&self, _: &str) -> Option<Id> {
        None
    }

    fn living(&self) -> std::io::Result<Living> {
        Ok(Living::Untold)
    }

    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State> {
        let verdict = if name == "alice" { Verdict::Eligible } else { Verdict::Unknown };
        Box::pin(async move { Ok(State { id: self.id, verdict, admin: false, locked: false }) })
    }

    fn verify<'a>(&'a self, _: &'a str, password: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async move { Ok(self.passwords.lock().unwrap().last().is_some_and(|p| p.as_bytes() == password)) })
    }

    fn change<'a>(&'a self, _: &'a str, id: Id, new_password: &'a [u8]) -> Answer<'a, Change> {
        assert_eq!(id, self.id);
        self.passwords.lock().unwrap().push(String::from_utf8(new_password.to_vec()).unwrap());
        Box::pin(async { Ok(Change::Changed) })
    }

    fn unlock<'a>(&'a self, _: &'a str, _: Id) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn after<'a>(&'a self, _: &'a str, _: Made<'a>) -> Answer<'a, Aftermath> {
        Box::pin(async { Ok(Aftermath::default()) })
    }
}

async fn with_directory() -> World {
    let mut world = World::new().await;
    world.agent = world.agent.with_services(|services| {
        services.targets = services.targets.clone().with(Arc::new(Directory::new()));
    });
    world.register("alice", &email("alice@example.org")).await;
    let mut tx = world.agent.begin().await.unwrap();
    let (keys, now) = (&world.agent.keys, world.agent.now());
    let theirs = email("alice@directory.example.org");
    let id = Directory::new().id;
    Registrations::add_contact(&mut tx, keys, &crate::random::SystemRandom, ALICE, id, &theirs, now).await.unwrap();
    tx.commit().await.unwrap();
    world
}

async fn registered(world: &World, name: Name<'_>) -> Vec<String> {
    let mut tx = world.agent.begin().await.unwrap();
    let registration = Registrations::get(&mut tx, &world.agent.keys, name).await.unwrap();
    registration
        .iter()
        .flat_map(crate::store::registrations::Registration::usable)
        .map(|contact| contact.as_str().to_owned())
        .collect()
}

#[tokio::test]
async fn a_name_in_two_realms_is_two_accounts_and_neither_sees_what_the_other_registered() {
    let world = with_directory().await;
    assert_eq!(registered(&world, Name::local("alice")).await, ["alice@example.org"]);
    assert_eq!(registered(&world, ALICE).await, ["alice@directory.example.org"]);
    let mut tx = world.agent.begin().await.unwrap();
    assert!(Overviews::forget(&mut tx, Name::local("alice")).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(registered(&world, ALICE).await, ["alice@directory.example.org"]);
}

#[tokio::test]
async fn only_the_target_of_a_realm_can_say_that_an_account_of_it_is_gone() {
    let world = with_directory().await;
    world.accounts().states.remove("alice");
    crate::housekeeping::forget_gone(&world.agent).await.unwrap();
    assert!(registered(&world, Name::local("alice")).await.is_empty(), "gone on this host");
    assert_eq!(registered(&world, ALICE).await, ["alice@directory.example.org"]);
    // Its realm was taken out of the settings: nothing answers for it, and nothing is deleted.
    let without = World::new().await.agent.targets.clone();
    let agent = world.agent.with_services(|services| services.targets = without);
    crate::housekeeping::forget_gone(&agent).await.unwrap();
    assert_eq!(registered(&world, ALICE).await, ["alice@directory.example.org"]);
    assert!(agent.targets.account(ALICE).await.is_err());
    assert!(agent.targets.change(ALICE, Directory::new().id, b"plover tundra biscuit").await.is_err());
}
