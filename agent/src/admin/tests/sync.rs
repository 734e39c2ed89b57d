//! Copies contacts from a directory with scripted answers.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sspr_config::{
    directory::Person,
    settings::{DirectoryContacts, Method, Settings},
};
use tokio::runtime::Handle;

use super::{
    Office,
    target::{self, Meanwhile, Pages},
    whom,
};
use crate::{
    account::{DIRECTORY, Id, Name},
    admin::{
        people,
        wire::{ShownContact, SyncOutcome, SyncWish},
    },
    contact::{Contact, EmailAddress},
    credential::Verdict,
    random::SystemRandom,
    reloadable::Reloadable,
    snapshot::Snapshot,
    store::{Registrations, Synced},
    sync,
};

const DAY: i64 = 86_400;

fn id(name: &str) -> Id {
    Id::parse(&format!("id-of-{name}")).unwrap()
}

fn person(name: &str, email: &str, phone: &str) -> Person {
    let some = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    Person { name: name.into(), id: id(name).as_str().into(), emails: some(email), phones: some(phone) }
}

/// `count` users, each with an address.
fn crowd(count: usize) -> Vec<Person> {
    (0..count).map(|n| person(&format!("p{n:03}"), &format!("p{n:03}@example.com"), "")).collect()
}

struct World {
    office: Office,
    script: Pages,
    meanwhile: Meanwhile,
}

impl World {
    async fn with(text: &str) -> Self {
        let settings = format!(
            "{text}{}[contacts.directory]\nemail = \"mail\"\nphone = \"mobile\"\nquiet_days = 7\n",
            target::SETTINGS
        );
        let (office, script, meanwhile) = target::office(&settings, |name| (id(name), Verdict::Eligible)).await;
        Self { office, script, meanwhile }
    }

    async fn new() -> Self {
        Self::with("").await
    }

    fn days(&self, days: i64) {
        self.office.wall.0.fetch_add(days * DAY, Ordering::SeqCst);
    }

    async fn wishes(&self, wish: SyncWish, pages: Vec<Option<Vec<Person>>>) -> Result<SyncOutcome, sync::Why> {
        *self.script.lock().unwrap() = pages.into();
        sync::now(&self.office.agent.clone().into(), wish, &Handle::current()).await
    }

    /// The same agent with changed settings.
    fn set_otherwise(&self, change: impl FnOnce(&mut Settings)) -> Arc<Snapshot> {
        let mut settings = (*self.office.agent.settings).clone();
        change(&mut settings);
        self.office.agent.with_settings(settings)
    }

    /// Runs a sync that finds these users on one page.
    async fn finds(&self, people: Vec<Person>) -> SyncOutcome {
        self.wishes(SyncWish::default(), vec![Some(people)]).await.unwrap()
    }

    async fn contacts(&self, name: &str) -> Vec<ShownContact> {
        people::show(&self.office.root(), &whom(&format!("EXAMPLE\\{name}"), true)).await.unwrap().contacts
    }

    /// The contacts, each with its source.
    async fn has(&self, name: &str) -> Vec<(String, Option<String>)> {
        let all = self.contacts(name).await.into_iter();
        let mut all: Vec<_> = all.map(|own| (own.contact, own.source)).collect();
        all.sort();
        all
    }

    /// The user registers `address` and proves it.
    async fn registers(&self, name: &str, address: &str) {
        let contact = Contact::Email(EmailAddress::parse(address).unwrap());
        let (agent, who) = (&self.office.agent, Name { realm: DIRECTORY, name });
        let mut tx = agent.begin().await.unwrap();
        Registrations::add_contact(&mut tx, &agent.keys, &SystemRandom, who, id(name), &contact, agent.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn state(&self) -> crate::admin::wire::SyncState {
        sync::state(&self.office.agent).await.unwrap()
    }
}

fn from_directory(contact: &str) -> (String, Option<String>) {
    (contact.to_owned(), Some("directory".to_owned()))
}

fn own(contact: &str) -> (String, Option<String>) {
    (contact.to_owned(), None)
}

#[tokio::test]
async fn a_contact_is_usable_only_after_the_quiet_time_and_only_if_it_is_still_there() {
    let world = World::new().await;
    let dora = || vec![person("dora", "dora@example.com", "+819012345678")];
    let outcome = world.finds(dora()).await;
    assert_eq!((outcome.people, outcome.new, outcome.waiting, outcome.entered), (1, 2, 2, 0));
    assert!(world.has("dora").await.is_empty());
    world.days(6);
    assert_eq!(world.finds(dora()).await.entered, 0);
    assert!(world.has("dora").await.is_empty());
    // The number is gone before its quiet time is over.
    world.days(1);
    let outcome = world.finds(vec![person("dora", "dora@example.com", "")]).await;
    assert_eq!((outcome.entered, outcome.erased, outcome.waiting), (1, 1, 0));
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com")]);
    assert!(world.contacts("dora").await.iter().all(|own| own.usable && own.preferred));
    let again = world.finds(vec![person("dora", "dora@example.com", "")]).await;
    assert_eq!((again.unchanged, again.entered, again.new, again.changed), (1, 0, 0, 0));
    let trail = world.office.records().await;
    assert!(
        trail
            .iter()
            .any(|r| r.event == "Security info from the directory" && r.account == "dora" && r.reason == "email")
    );
}

#[tokio::test]
async fn where_imports_have_to_be_confirmed_so_have_these() {
    let world = World::with("[register]\nimported = \"confirm\"\n").await;
    for _ in 0..2 {
        world.finds(vec![person("dora", "dora@example.com", "")]).await;
        world.days(7);
    }
    assert!(world.contacts("dora").await.iter().all(|own| !own.usable));
    // A user who proves the contact makes it their own, which no sync erases.
    world.registers("dora", "dora@example.com").await;
    world.finds(vec![person("dora", "other@example.com", "")]).await;
    assert_eq!(world.has("dora").await, [own("dora@example.com")]);
}

#[tokio::test]
async fn another_contact_waits_and_the_old_one_is_notified_and_gone_at_once() {
    let world = World::new().await;
    world.finds(vec![person("dora", "dora@example.com", "")]).await;
    world.days(7);
    world.finds(vec![person("dora", "dora@example.com", "")]).await;
    assert!(world.office.notifications().await.is_empty(), "nobody was there to be notified");
    let outcome = world.finds(vec![person("dora", "thief@example.net", "")]).await;
    assert_eq!((outcome.changed, outcome.waiting), (1, 1));
    assert_eq!(world.office.notifications().await, ["dora@example.com"]);
    assert!(world.has("dora").await.is_empty(), "neither of them");
    // The administrator corrects the entry: the contact waits again.
    world.days(6);
    assert_eq!(world.finds(vec![person("dora", "dora@example.com", "")]).await.changed, 1);
    world.days(6);
    assert_eq!(world.finds(vec![person("dora", "dora@example.com", "")]).await.entered, 0);
    world.days(1);
    assert_eq!(world.finds(vec![person("dora", "dora@example.com", "")]).await.entered, 1);
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com")]);
}

#[tokio::test]
async fn of_several_values_the_one_that_there_was_stays() {
    let world = World::new().await;
    let dora = |emails: &[&str]| {
        let emails = emails.iter().map(|email| (*email).to_owned()).collect();
        vec![Person { emails, ..person("dora", "", "") }]
    };
    world.finds(dora(&["b@example.com"])).await;
    world.days(7);
    let outcome = world.finds(dora(&["a@example.com", "b@example.com"])).await;
    assert_eq!((outcome.changed, outcome.entered), (0, 1));
    assert_eq!(world.has("dora").await, [from_directory("b@example.com")]);
}

#[tokio::test]
async fn what_a_person_registered_is_neither_changed_nor_erased_and_hears_of_what_is_to_come() {
    let world = World::new().await;
    world.registers("dora", "own@example.net").await;
    let dora = || vec![person("dora", "dora@example.com", "")];
    world.finds(dora()).await;
    assert_eq!(world.office.notifications().await, ["own@example.net"]);
    world.days(7);
    world.finds(dora()).await;
    assert!(world.office.notifications().await.is_empty(), "it was notified before");
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com"), own("own@example.net")]);
    // The directory no longer has the contact.
    world.finds(vec![person("erin", "erin@example.com", "")]).await;
    assert_eq!(world.has("dora").await, [own("own@example.net")]);
    let mut told = world.office.notifications().await;
    told.sort();
    assert_eq!(told, ["dora@example.com", "own@example.net"]);
}

#[tokio::test]
async fn a_contact_that_its_owner_registered_or_removed_is_not_the_directorys() {
    let world = World::new().await;
    world.registers("dora", "dora@example.com").await;
    for _ in 0..2 {
        world.finds(vec![person("dora", "dora@example.com", "")]).await;
        world.days(7);
    }
    assert_eq!(world.has("dora").await, [own("dora@example.com")]);
    assert!(world.office.notifications().await.is_empty());
    // A contact that its owner removed does not come back by itself.
    world.registers("dora", "other@example.com").await;
    let (agent, who) = (&world.office.agent, Name { realm: DIRECTORY, name: "dora" });
    let mut tx = agent.begin().await.unwrap();
    let registration = Registrations::get(&mut tx, &agent.keys, who).await.unwrap().unwrap();
    let row = registration.contacts.iter().find(|own| own.contact.as_str() == "dora@example.com").unwrap().id;
    assert!(Registrations::remove_contact(&mut tx, who, row).await.unwrap());
    tx.commit().await.unwrap();
    world.days(30);
    world.finds(vec![person("dora", "dora@example.com", "")]).await;
    assert_eq!(world.has("dora").await, [own("other@example.com")]);
    // After an administrator's "forget", the contact is new again.
    people::forget(&world.office.root(), &whom("EXAMPLE\\dora", false)).await.unwrap();
    assert_eq!(world.finds(vec![person("dora", "dora@example.com", "")]).await.new, 1);
}

#[tokio::test]
async fn there_is_room_for_two_of_a_kind_and_the_own_ones_come_first() {
    let world = World::new().await;
    for address in ["one@example.net", "two@example.net"] {
        world.registers("dora", address).await;
    }
    for _ in 0..2 {
        world.finds(vec![person("dora", "dora@example.com", "")]).await;
        world.days(7);
    }
    assert_eq!(world.has("dora").await, [own("one@example.net"), own("two@example.net")]);
}

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
async fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let world = World::new().await;
    let dry = SyncWish { dry_run: true, ..SyncWish::default() };
    let dora = || Some(vec![person("dora", "dora@example.com", "")]);
    let outcome = world.wishes(dry, vec![dora()]).await.unwrap();
    assert_eq!((outcome.new, outcome.waiting, outcome.dry_run), (1, 1, true));
    assert_eq!(world.state().await.tried, None);
    world.finds(dora().unwrap()).await;
    world.days(7);
    assert_eq!(world.wishes(dry, vec![dora()]).await.unwrap().entered, 1);
    assert!(world.has("dora").await.is_empty());
    world.finds(dora().unwrap()).await;
    let gone = world.wishes(dry, vec![Some(vec![person("erin", "erin@example.com", "")])]).await.unwrap();
    assert_eq!((gone.erased, gone.new), (1, 1));
    let other = world.wishes(dry, vec![Some(vec![person("dora", "other@example.com", "")])]).await.unwrap();
    assert_eq!((other.changed, other.erased), (1, 0));
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com")]);
    assert!(world.office.notifications().await.is_empty());
}

#[tokio::test]
async fn names_of_this_host_doubled_names_and_what_is_no_contact_are_left_out() {
    let world = World::with("[register]\nrefuse_email_domains = [\"example.org\"]\n").await;
    let twin = Person { id: "twin".into(), ..person("DORA", "twin@example.com", "") };
    let dora = Person { name: "Dora".into(), ..person("dora", "dora@example.com", "no number") };
    let pages = vec![
        // alice is a local account.
        Some(vec![person("alice", "alice@example.com", ""), dora]),
        Some(vec![
            twin.clone(),
            person("erin", "erin@mail.example.org", ""),
            person("EXAMPLE\\frank", "frank@example.com", ""),
        ]),
    ];
    let outcome = world.wishes(SyncWish::default(), pages).await.unwrap();
    assert_eq!((outcome.people, outcome.new, outcome.left_out, outcome.unread), (2, 2, 2, 2));
    world.days(7);
    let outcome = world.finds(vec![person("dora", "dora@example.com", ""), twin]).await;
    assert_eq!((outcome.entered, outcome.left_out), (1, 1));
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com")]);
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
