//! What a sync erases: contacts that are gone from the directory or from the settings, and never more at once than it
//! may.

use std::time::Duration;

use sspr_config::{
    directory::Person,
    settings::{DirectoryContacts, Method, Settings},
};
use tokio::runtime::Handle;

use super::{World, crowd, from_directory, own, person};
use crate::{
    account::{DIRECTORY, Id, Name},
    admin::wire::SyncWish,
    reloadable::Reloadable,
    store::{Registrations, Synced},
    sync,
};

#[tokio::test]
async fn a_sync_that_does_not_come_to_its_end_erases_nothing() {
    let world = World::new().await;
    let both = || vec![person("dora", "dora@example.com", ""), person("erin", "erin@example.com", "")];
    for _ in 0..2 {
        world.finds(both()).await;
        world.days(7);
    }
    let half = vec![Some(vec![person("dora", "new@example.com", "")]), None];
    let why = world.wishes(SyncWish::default(), half).await.unwrap_err();
    assert!(why.to_string().contains("the server is down"), "{why}");
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com")], "not even the one that was changed");
    assert_eq!(world.has("erin").await, [from_directory("erin@example.com")]);
    assert!(world.state().await.failed.unwrap().contains("the server is down"));
    // Once all users are read, contacts that are gone are erased.
    world.finds(vec![person("dora", "new@example.com", "")]).await;
    assert!(world.has("dora").await.is_empty() && world.has("erin").await.is_empty());
    assert_eq!(world.state().await.failed, None);
}

#[tokio::test]
async fn an_empty_or_suddenly_much_smaller_answer_erases_nothing_and_says_so() {
    let world = World::new().await;
    for _ in 0..2 {
        world.finds(crowd(40)).await;
        world.days(7);
    }
    for left in [0, 31] {
        let outcome = world.finds(crowd(left)).await;
        assert_eq!(outcome.erased, 0);
        let held = outcome.held.unwrap();
        assert!(held.contains(&format!("{} of the 40 email addresses", 40 - left)), "{held}");
        assert_eq!(world.state().await.held, Some(held));
        assert_eq!(world.has("p039").await, [from_directory("p039@example.com")]);
    }
    // A fifth may be erased, and more if an administrator says so.
    let outcome = world.finds(crowd(32)).await;
    assert_eq!((outcome.erased, outcome.held), (8, None));
    assert!(world.has("p032").await.is_empty());
    let all = SyncWish { erase: true, ..SyncWish::default() };
    assert_eq!(world.wishes(all, vec![Some(crowd(1))]).await.unwrap().erased, 31);
    assert!(world.has("p001").await.is_empty());
    assert_eq!(world.has("p000").await, [from_directory("p000@example.com")]);
    assert_eq!(world.state().await.held, None);
}

/// After an attribute was renamed, or a broken import into the directory, every user has another contact.
#[tokio::test]
async fn suddenly_many_other_contacts_replace_none_until_an_administrator_says_so() {
    let world = World::new().await;
    for _ in 0..2 {
        world.finds(crowd(40)).await;
        world.days(7);
    }
    let moved = |count: usize| {
        let mut all = crowd(40);
        for person in all.iter_mut().take(count) {
            person.emails = vec![format!("{}@example.net", person.name)];
        }
        all
    };
    let dry = SyncWish { dry_run: true, ..SyncWish::default() };
    assert!(world.wishes(dry, vec![Some(moved(40))]).await.unwrap().held.is_some());
    // The second sync replaces none either, and none after the quiet time.
    for _ in 0..3 {
        let outcome = world.finds(moved(40)).await;
        assert_eq!((outcome.changed, outcome.erased, outcome.waiting), (40, 0, 0));
        let held = outcome.held.unwrap();
        assert!(held.contains("40 of the 40 email addresses") && held.contains("--erase"), "{held}");
        assert_eq!(world.state().await.held, Some(held));
        for name in ["p000", "p039"] {
            let own = world.contacts(name).await;
            assert!(own.iter().all(|own| own.usable));
            assert_eq!(world.has(name).await, [from_directory(&format!("{name}@example.com"))]);
        }
        assert!(world.office.notifications().await.is_empty(), "nothing comes in their place");
        world.days(7);
    }
    // The directory is corrected, except for a fifth of the contacts.
    let outcome = world.finds(moved(8)).await;
    assert_eq!((outcome.changed, outcome.unchanged, outcome.waiting, outcome.held), (8, 32, 8, None));
    assert_eq!(world.office.notifications().await.len(), 8);
    assert!(world.has("p007").await.is_empty());
    assert_eq!(world.has("p008").await, [from_directory("p008@example.com")]);
    // The other contacts turn out to be correct, and the administrator says so.
    let all = SyncWish { erase: true, ..SyncWish::default() };
    let outcome = world.wishes(all, vec![Some(moved(40))]).await.unwrap();
    assert_eq!((outcome.changed, outcome.waiting, outcome.held), (32, 40, None));
    assert!(world.has("p008").await.is_empty());
    world.days(7);
    world.finds(moved(40)).await;
    assert_eq!(world.has("p008").await, [from_directory("p008@example.net")]);
}

#[tokio::test]
async fn whoever_is_gone_leaves_nothing_and_who_has_the_name_next_inherits_nothing() {
    let world = World::new().await;
    let both = || vec![person("dora", "dora@example.com", ""), person("erin", "erin@example.com", "")];
    for _ in 0..2 {
        world.finds(both()).await;
        world.days(7);
    }
    world.finds(vec![person("dora", "dora@example.com", "")]).await;
    let agent = &world.office.agent;
    let mut tx = agent.begin().await.unwrap();
    let erin = Name { realm: DIRECTORY, name: "erin" };
    assert!(Registrations::get(&mut tx, &agent.keys, erin).await.unwrap().is_none(), "no empty registration is left");
    assert!(Synced::said(&mut tx, DIRECTORY, &["erin"]).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    // Another entry with the same name and address.
    let anew = Person { id: "another-id".into(), ..person("dora", "dora@example.com", "") };
    let outcome = world.finds(vec![anew.clone()]).await;
    assert_eq!((outcome.changed, outcome.waiting), (1, 1));
    world.days(7);
    world.finds(vec![anew]).await;
    let mut tx = agent.begin().await.unwrap();
    let who = Name { realm: DIRECTORY, name: "dora" };
    let registration = Registrations::get(&mut tx, &agent.keys, who).await.unwrap().unwrap();
    assert_eq!(registration.id, Id::parse("another-id").unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_somebody_else_of_that_name_registered_is_left_to_the_sign_in_that_drops_it() {
    let world = World::new().await;
    world.registers("dora", "own@example.net").await;
    let anew = || vec![Person { id: "another-id".into(), ..person("dora", "dora@example.com", "") }];
    for _ in 0..3 {
        let outcome = world.finds(anew()).await;
        assert_eq!((outcome.entered, outcome.waiting), (0, 1));
        world.days(7);
    }
    assert_eq!(world.has("dora").await, [own("own@example.net")]);
    assert!(world.office.notifications().await.is_empty(), "who has the name now is none of their business");
    let agent = &world.office.agent;
    let mut tx = agent.begin().await.unwrap();
    Registrations::forget(&mut tx, Name { realm: DIRECTORY, name: "dora" }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.finds(anew()).await.entered, 1);
}

#[tokio::test]
async fn an_attribute_that_is_taken_out_of_the_settings_takes_its_contacts_along() {
    let mut world = World::new().await;
    let dora = || vec![person("dora", "dora@example.com", "+819012345678")];
    for _ in 0..2 {
        world.finds(dora()).await;
        world.days(7);
    }
    assert_eq!(world.has("dora").await.len(), 2);
    world.office.agent = world.set_otherwise(|settings| settings.contacts.directory.phone = None);
    assert_eq!(world.finds(dora()).await.held, None);
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com")]);
    let mut tx = world.office.agent.begin().await.unwrap();
    assert_eq!(Synced::count(&mut tx, DIRECTORY, Method::Phone).await.unwrap().0, 0);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_is_taken_out_of_the_settings_while_it_is_copied_is_not_taken_and_what_there_was_is_erased_at_once() {
    type Takes = fn(&mut Settings);
    let all: Takes = |settings| settings.contacts.directory.email = None;
    let other: Takes = |settings| settings.directory.base = Some("dc=elsewhere".into());
    let refused: Takes = |settings| settings.register.refuse_email_domains = vec!["example.com".into()];
    for (takes, erases) in [(all, true), (other, false), (refused, false)] {
        let mut world = World::new().await;
        world.office.agent = world.set_otherwise(|settings| settings.contacts.directory.phone = None);
        world.finds(vec![person("dora", "dora@example.com", "")]).await;
        world.days(7);
        world.finds(vec![person("dora", "dora@example.com", ""), person("erin", "erin@example.com", "")]).await;
        world.days(7);
        assert_eq!(world.has("dora").await, [from_directory("dora@example.com")]);
        let live = Reloadable::new(world.office.agent.clone());
        let (reloaded, anew) = (live.clone(), world.set_otherwise(takes));
        *world.meanwhile.lock().unwrap() = Some(Box::new(move || reloaded.replace(anew)));
        // erin's contact is due, and on the page that is on its way while the settings change.
        let pages = [person("erin", "erin@example.com", ""), person("dora", "dora@example.com", "")];
        *world.script.lock().unwrap() = pages.into_iter().map(|person| Some(vec![person])).collect();
        let why = sync::now(&live, SyncWish::default(), &Handle::current()).await.unwrap_err();
        assert!(why.to_string().contains("the settings changed"), "{why}");
        assert!(world.has("erin").await.is_empty());
        assert_eq!(world.has("dora").await.is_empty(), erases);
    }
}

#[tokio::test]
async fn pages_that_were_read_before_a_reload_are_not_written_after_it() {
    let world = World::new().await;
    world.finds(vec![person("dora", "dora@example.com", ""), person("erin", "erin@example.com", "")]).await;
    world.days(7);
    let live = Reloadable::new(world.office.agent.clone());
    let anew = world.set_otherwise(|settings| settings.contacts.directory.phone = None);
    // erin's contact is due, and on the last page.
    let pages = ["dora", "zoe", "erin"].map(|name| person(name, &format!("{name}@example.com"), ""));
    *world.script.lock().unwrap() = pages.into_iter().map(|person| Some(vec![person])).collect();
    let reload = async {
        let left = || world.script.lock().unwrap().len();
        while left() == 3 {
            tokio::task::yield_now().await;
        }
        let nothing_is_written = world.office.agent.begin().await.unwrap();
        while left() > 0 {
            tokio::task::yield_now().await;
        }
        live.replace(anew);
        drop(nothing_is_written);
    };
    let apart = Handle::current();
    let (came, ()) = tokio::join!(sync::now(&live, SyncWish::default(), &apart), reload);
    let why = came.unwrap_err().to_string();
    assert!(why.contains("the settings changed"), "{why}");
    assert!(world.has("erin").await.is_empty());
}

#[tokio::test]
async fn a_reload_that_names_a_source_for_the_first_time_copies_it_at_once() {
    let world = World::new().await;
    let none = world.set_otherwise(|settings| settings.contacts.directory = DirectoryContacts::default());
    let live = Reloadable::new(none);
    let running = tokio::spawn(sync::run(live.clone(), Handle::current()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(world.state().await.tried, None);
    *world.script.lock().unwrap() = [Some(vec![person("dora", "dora@example.com", "")])].into();
    live.replace(world.office.agent.clone());
    let copied = async {
        while world.state().await.waiting == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), copied).await.unwrap();
    running.abort();
}

#[tokio::test]
async fn a_reload_that_takes_the_settings_back_erases_at_once_what_was_copied_by_them() {
    let world = World::new().await;
    for _ in 0..2 {
        world.finds(vec![person("dora", "dora@example.com", "+819012345678")]).await;
        world.days(7);
    }
    // The contacts were just copied, so the next sync is due in a day.
    world.finds(vec![person("dora", "dora@example.com", "+819012345678")]).await;
    let live = Reloadable::new(world.office.agent.clone());
    let running = tokio::spawn(sync::run(live.clone(), Handle::current()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(world.has("dora").await.len(), 2);
    for (anew, left) in [
        (world.set_otherwise(|settings| settings.contacts.directory.phone = None), 1),
        (world.set_otherwise(|settings| settings.contacts.directory = DirectoryContacts::default()), 0),
    ] {
        live.replace(anew);
        let erased = async {
            while world.has("dora").await.len() > left {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), erased).await.unwrap();
        assert_eq!(world.has("dora").await.len(), left);
    }
    running.abort();
}
