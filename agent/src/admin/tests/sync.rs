//! Copies contacts from a directory with scripted answers.

mod erasing;

use std::sync::{Arc, atomic::Ordering};

use sspr_config::{directory::Person, settings::Settings};
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
    audit::{Deed, Event, of_deed},
    contact::{Contact, EmailAddress},
    credential::Verdict,
    keys::Keys,
    random::SystemRandom,
    snapshot::Snapshot,
    store::{Registrations, rekey::Change},
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
    // Another entry has her name now.
    let anew = Person { id: "anew".into(), ..person("dora", "dora@example.com", "") };
    let outcome = world.wishes(dry, vec![Some(vec![anew])]).await.unwrap();
    assert_eq!((outcome.people, outcome.changed, outcome.left_out), (1, 1, 0));
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
async fn a_contact_that_waits_is_still_the_same_after_the_host_key_was_replaced() {
    let mut world = World::new().await;
    let dora = || vec![person("dora", "dora@example.com", "")];
    world.finds(dora()).await;
    let (agent, new) = (world.office.agent.clone(), Keys::from_host_key(&[9; 32]));
    let tags = (agent.keys.mac("a database", &[]), new.mac("a database", &[]));
    assert!(agent.store.is_written_with(&tags.0).await.unwrap());
    let deed = Deed { event: Event::StoreKey, success: true, account: "-", reason: "" };
    let mut rekeying = agent.store.begin_to_rekey().await.unwrap();
    let change = Change { old: &agent.keys, new: &new, tags };
    rekeying.replace(&change, &SystemRandom, &of_deed(deed, "root", "one")).await.unwrap();
    rekeying.commit().await.unwrap();
    let new = Arc::new(new.with_former(&agent.store.former_keys().await.unwrap()).unwrap());
    world.office.agent = agent.with_services(|services| services.keys = new);
    // The quiet time does not begin anew, and what was entered is not taken for gone at the next time.
    world.days(7);
    let outcome = world.finds(dora()).await;
    assert_eq!((outcome.entered, outcome.new, outcome.changed), (1, 0, 0));
    let outcome = world.finds(dora()).await;
    assert_eq!((outcome.unchanged, outcome.erased), (1, 0));
    assert_eq!(world.has("dora").await, [from_directory("dora@example.com")]);
}
