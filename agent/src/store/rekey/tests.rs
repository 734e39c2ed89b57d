//! Whatever is registered before the key is replaced is there after it, in both databases.

use sspr_config::{dialogue::Purpose, settings::Method};

use super::*;
use crate::{
    audit::{Deed, Event, of_deed},
    clock::Time,
    contact::{Contact, EmailAddress, PhoneNumber},
    random::SystemRandom,
    recovery_codes,
    store::{
        Authenticators, Challenges, Events, HelpdeskCodes, Hosts, Messages, RecoveryCodes, Registrations, Synced,
        challenges::NewChallenge, events::Kind as Counted, helpdesk_codes::Issue, hosts::NewToken,
        postgres::tests::three, synced::Saying,
    },
    totp,
};

const NOW: Time = 1_800_000_000;
const ALICE: Name<'static> = Name::local("alice");
const BOB: Name<'static> = Name { realm: "directory", name: "bob" };
const TAG: Tag = [8; 32];

fn email(address: &str) -> Contact {
    Contact::Email(EmailAddress::parse(address).unwrap())
}

fn phone(number: &str) -> Contact {
    Contact::Phone(PhoneNumber::parse(number, None).unwrap())
}

fn record() -> Entry {
    let deed = Deed { event: Event::StoreKey, success: true, account: "-", reason: "" };
    Entry { at: NOW, ..of_deed(deed, "root", "one") }
}

/// The tag of a key, as far as a test needs one.
fn tag(keys: &Keys) -> Tag {
    keys.mac("a database", &[])
}

fn change<'a>(old: &'a Keys, new: &'a Keys) -> Change<'a> {
    Change { old, new, tags: (tag(old), tag(new)) }
}

async fn replaced(store: &Store, old: &Keys, number: u8) -> (Keys, Rekeyed) {
    let new = Keys::from_host_key(&[number; 32]);
    assert!(store.is_written_with(&tag(old)).await.unwrap());
    let mut rekeying = store.begin_to_rekey().await.unwrap();
    let done = rekeying.replace(&change(old, &new), &SystemRandom, &record()).await.unwrap();
    rekeying.commit().await.unwrap();
    assert!(store.is_written_with(&tag(&new)).await.unwrap());
    assert!(store.took(&new).await.unwrap() && !store.took(old).await.unwrap());
    (new.with_former(&store.former_keys().await.unwrap()).unwrap(), done)
}

async fn register(tx: &mut Tx<'_>, keys: &Keys, name: Name<'_>, id: u32, contact: &Contact) {
    Registrations::add_contact(tx, keys, &SystemRandom, name, Id::from(id), contact, NOW).await.unwrap();
}

async fn usable(tx: &mut Tx<'_>, keys: &Keys, name: Name<'_>) -> Vec<Contact> {
    Registrations::get(tx, keys, name).await.unwrap().unwrap().usable()
}

#[tokio::test(flavor = "current_thread")]
async fn everything_registered_stays_under_each_new_key_and_opens_with_no_former_one() {
    let store = Store::for_tests().await.unwrap();
    let first = Keys::from_host_key(&[1; 32]);
    let (mail, mobile) = (email("alice@example.org"), phone("+4915112345678"));
    let secret = totp::secret(&SystemRandom).unwrap();
    let codes = recovery_codes::make(&SystemRandom).unwrap();
    let mut tx = store.begin().await.unwrap();
    register(&mut tx, &first, ALICE, 1001, &mail).await;
    register(&mut tx, &first, ALICE, 1001, &mobile).await;
    register(&mut tx, &first, BOB, 1002, &mail).await;
    Authenticators::put(&mut tx, &first, &SystemRandom, ALICE, Id::from(1001), &secret, 5, NOW).await.unwrap();
    RecoveryCodes::replace(&mut tx, &first, ALICE, &codes, NOW).await.unwrap();
    let token = first.mac("join token", &[b"secret"]);
    let token =
        NewToken { secret: &token, uses: 9, pattern: "", group: "", issuer: "root", created: NOW, expires: NOW + 900 };
    Hosts::add_token(&mut tx, &token).await.unwrap();
    tx.commit().await.unwrap();

    let (second, done) = replaced(&store, &first, 2).await;
    assert_eq!(done, Rekeyed { contacts: 3, apps: 1, codes: 10 });
    let mut tx = store.begin().await.unwrap();
    let later = recovery_codes::make(&SystemRandom).unwrap();
    RecoveryCodes::replace(&mut tx, &second, BOB, &later, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let (third, done) = replaced(&store, &second, 3).await;
    assert_eq!(done, Rekeyed { contacts: 3, apps: 1, codes: 20 });

    let mut tx = store.begin().await.unwrap();
    assert_eq!(usable(&mut tx, &third, ALICE).await, [mail.clone(), mobile.clone()]);
    assert_eq!(usable(&mut tx, &third, BOB).await, std::slice::from_ref(&mail));
    for former in [&first, &second] {
        assert!(Registrations::get(&mut tx, former, ALICE).await.is_err());
        assert!(Authenticators::get(&mut tx, former, ALICE).await.is_err());
    }
    // It is found by what is typed, and is not registered twice.
    let lookup = registrations::lookup(&third, &mobile);
    assert!(Registrations::find_contact(&mut tx, ALICE, Method::Phone, Some(&lookup)).await.unwrap().is_some());
    register(&mut tx, &third, ALICE, 1001, &mobile).await;
    assert_eq!(usable(&mut tx, &third, ALICE).await.len(), 2);
    let app = Authenticators::get(&mut tx, &third, ALICE).await.unwrap().unwrap();
    assert_eq!((app.secret.as_slice(), app.last_step), (secret.as_slice(), 5));
    for (name, code) in [(ALICE, &codes[0]), (BOB, &later[9])] {
        let id = RecoveryCodes::find(&mut tx, &third, name, code).await.unwrap().unwrap();
        assert!(RecoveryCodes::use_up(&mut tx, name, id, NOW).await.unwrap());
        assert_eq!(RecoveryCodes::find(&mut tx, &third, name, code).await.unwrap(), None);
    }
    assert_eq!(RecoveryCodes::find(&mut tx, &third, BOB, &codes[1]).await.unwrap(), None);
    assert_eq!(RecoveryCodes::find(&mut tx, &first, ALICE, &codes[1]).await.unwrap(), None);
    let tokens = third.macs("join token", &[b"secret"]);
    let token = Hosts::find_token(&mut tx, &tokens).await.unwrap().unwrap();
    assert!(Hosts::take_token(&mut tx, &token, "web1", NOW).await.unwrap().is_some());
    assert_eq!(Hosts::find_token(&mut tx, &third.macs("join token", &[b"another"])).await.unwrap(), None);
}

#[tokio::test(flavor = "current_thread")]
async fn codes_that_were_sent_are_gone_counts_begin_anew_and_notifications_still_leave() {
    let store = Store::for_tests().await.unwrap();
    let first = Keys::from_host_key(&[1; 32]);
    let mut tx = store.begin().await.unwrap();
    let challenge = NewChallenge {
        id: "c",
        account: &TAG,
        purpose: "recover",
        method: "email",
        contact: None,
        destination: Some(b"sealed"),
        code: &TAG,
        route_key: &TAG,
        cooldown_key: &TAG,
        created: NOW,
        expires: NOW + 600,
        tries: 5,
    };
    Challenges::add(&mut tx, &challenge).await.unwrap();
    Events::add(&mut tx, Counted::Start, &TAG, NOW).await.unwrap();
    let issue = Issue { name: ALICE, id: Id::from(1001), issuer: "root", now: NOW, expires: NOW + 900 };
    HelpdeskCodes::issue(&mut tx, &first, &SystemRandom, issue).await.unwrap();
    for (challenge, text) in [(Some("c"), "code"), (None, "notification")] {
        let sealed = first.seal(&SystemRandom, outbox::CONTEXT, text.as_bytes()).unwrap();
        Messages::put(&mut tx, Method::Email, challenge, &sealed, NOW, NOW + 600).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (second, _) = replaced(&store, &first, 2).await;
    let mut tx = store.begin().await.unwrap();
    for table in ["challenge", "event", "helpdesk_code"] {
        let left = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        assert_eq!(sql::query_scalar::<i64>(left).fetch_one(&mut tx).await.unwrap(), 0, "{table}");
    }
    let left: Vec<Vec<u8>> = sql::query_scalar("SELECT sealed FROM outbox").fetch_all(&mut tx).await.unwrap();
    let opened: Vec<_> = left.iter().map(|sealed| second.open(outbox::CONTEXT, sealed).unwrap()).collect();
    assert_eq!(opened.iter().map(|plain| plain.as_slice()).collect::<Vec<_>>(), [b"notification"]);
    let event = Event::StoreKey.name(Purpose::Status);
    assert_eq!(tx.counts(&[event], NOW - 1).await.unwrap().iter().map(|(.., count)| count).sum::<u64>(), 1);
}

/// A contact that is there, one that its owner removed, and one that still waits.
#[tokio::test(flavor = "current_thread")]
async fn what_a_directory_reported_is_known_again_whether_it_is_registered_or_not() {
    let store = Store::for_tests().await.unwrap();
    let first = Keys::from_host_key(&[1; 32]);
    let (there, removed, waits) = (email("bob@example.org"), phone("+4915112345678"), email("carol@example.org"));
    let saying = |name: &str, contact: &Contact| Saying {
        name: name.to_owned(),
        id: Id::from(1002),
        method: contact.method(),
        lookup: registrations::lookup(&first, contact),
        told: false,
    };
    let mut tx = store.begin().await.unwrap();
    register(&mut tx, &first, BOB, 1002, &there).await;
    Synced::vouch(&mut tx, BOB, &registrations::lookup(&first, &there), "directory").await.unwrap();
    let said = [saying("bob", &there), saying("bob", &removed), saying("carol", &waits)];
    Synced::say(&mut tx, BOB.realm, &said, 1, NOW).await.unwrap();
    let entered: Vec<i64> =
        Synced::said(&mut tx, BOB.realm, &["bob"]).await.unwrap().iter().map(|s| s.number).collect();
    Synced::entered(&mut tx, &entered).await.unwrap();
    tx.commit().await.unwrap();
    let (second, _) = replaced(&store, &first, 2).await;
    let mut tx = store.begin().await.unwrap();
    let said = Synced::said(&mut tx, BOB.realm, &["bob", "carol"]).await.unwrap();
    assert_eq!(said.len(), 3);
    for said in &said {
        let contact = match (said.name.as_str(), said.entered) {
            ("carol", false) => &waits,
            ("bob", true) if said.method == "email" => &there,
            _ => &removed,
        };
        let is_registered = said.lookup == registrations::lookup(&second, contact);
        let is_again = registrations::former_lookups(&second, contact).any(|lookup| said.lookup == lookup);
        assert_eq!((is_registered, is_again), (contact == &there, contact != &there), "{}", said.name);
    }
    // It is not taken for one that the directory has no more.
    assert_eq!(Synced::gone(&mut tx, BOB.realm, 0).await.unwrap().0, []);
    let waiting = said.iter().find(|said| said.name == "carol").unwrap();
    let lookup = registrations::lookup(&second, &waits);
    Synced::renew(&mut tx, &[(waiting.number, lookup)]).await.unwrap();
    assert_eq!(Synced::said(&mut tx, BOB.realm, &["carol"]).await.unwrap()[0].lookup, lookup);
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_changes_if_something_does_not_open_and_whose_it_is_is_named() {
    let store = Store::for_tests().await.unwrap();
    let first = Keys::from_host_key(&[1; 32]);
    let mut tx = store.begin().await.unwrap();
    register(&mut tx, &first, ALICE, 1001, &email("alice@example.org")).await;
    register(&mut tx, &first, BOB, 1002, &email("bob@example.org")).await;
    sql::query("UPDATE contact SET sealed = $1 WHERE name = 'bob'")
        .bind(vec![0_u8; 60])
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let new = Keys::from_host_key(&[2; 32]);
    assert!(store.is_written_with(&tag(&first)).await.unwrap());
    let mut rekeying = store.begin_to_rekey().await.unwrap();
    let error = rekeying.replace(&change(&first, &new), &SystemRandom, &record()).await.unwrap_err().to_string();
    assert!(error.contains("a contact of bob") && error.contains("sspr admin forget"), "{error}");
    drop(rekeying);
    assert!(!store.took(&new).await.unwrap());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(usable(&mut tx, &first, ALICE).await, [email("alice@example.org")]);
}

#[tokio::test]
async fn a_database_that_another_server_is_connected_to_keeps_its_key() {
    let [one, another, _third] = three().await;
    let waits = another.begin_to_read().await.unwrap();
    let error = one.begin_to_rekey().await.unwrap_err();
    assert!(matches!(error, Error::InUse(others) if others > 0), "{error}");
    drop(waits);
}

#[tokio::test]
async fn a_server_that_missed_the_new_key_writes_nothing_with_the_old_one() {
    let [one, another, _third] = three().await;
    let (first, second) = (Keys::from_host_key(&[1; 32]), Keys::from_host_key(&[2; 32]));
    assert!(one.is_written_with(&tag(&first)).await.unwrap());
    another.expect(tag(&first), "/key".into());
    another.begin().await.unwrap().commit().await.unwrap();
    // Its connection was cut, as otherwise the key is not replaced.
    let Backend::Postgres(database) = &another.0 else { unreachable!("they share a database") };
    database.close_idle();
    // What a connection read before proves nothing about what it finds when it writes.
    another.begin_to_read().await.unwrap().commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    // It waits for the one that replaces the key.
    let mut tx = one.begin().await.unwrap();
    let new = tag(&second);
    let replaces = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sql::query("UPDATE shared SET host_key = $1").bind(new.as_slice()).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (waited, ()) = tokio::join!(another.begin(), replaces);
    for refused in [waited, another.begin().await, another.begin_to_read().await] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::OtherHostKey { .. }) && error.to_string().contains("/key"), "{error}");
    }
    assert_eq!(another.has_other_key().await.to_str(), Some("/key"));
}
