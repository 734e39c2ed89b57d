//! A store as version 0.1.0 left it opens, and keeps every registration, code and audit record.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use sspr_agent::{
    account::{Id, LOCAL, Name},
    contact::{Contact, EmailAddress},
    keys::Keys,
    random::SystemRandom,
    store::{
        AuditRows, Authenticators, Exemptions, HelpdeskCodes, LookUps as _, Messages, Overviews, RecoveryCodes,
        Registrations, Store, audit, sql,
    },
};
use sspr_config::settings::Method;

/// Seconds since the epoch, when everything in it was made.
const MADE: i64 = 1_800_000_000;
const ALICE: Name<'static> = Name::local("alice");

async fn opened(directory: &std::path::Path) -> Store {
    let path = directory.join("sspr.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).foreign_keys(false);
    let mut old = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(include_str!("data/store-0.1.0.sql")).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    Store::open(&path).await.unwrap()
}

#[tokio::test]
async fn it_keeps_every_registration_code_and_record() {
    let directory = tempfile::tempdir().unwrap();
    let (store, keys) = (opened(directory.path()).await, Keys::from_host_key(&[7; 32]));
    let mut tx = store.begin().await.unwrap();

    let alice = Registrations::get(&mut tx, &keys, ALICE).await.unwrap().unwrap();
    let contacts: Vec<_> = alice.contacts.iter().map(|c| (c.id, c.contact.as_str(), c.preferred, c.usable)).collect();
    assert_eq!(contacts, [(1, "alice@example.org", true, true), (2, "+819012345678", true, true)]);
    assert_eq!((alice.id, alice.confirmed), (Id::from(1001), MADE + 10));
    let bob = Registrations::get(&mut tx, &keys, Name::local("bob")).await.unwrap().unwrap();
    let waiting: Vec<_> = bob.contacts.iter().map(|c| (c.contact.as_str(), c.usable)).collect();
    assert_eq!((bob.id, waiting), (Id::from(1002), vec![("bob@example.org", false)]));
    assert!(alice.contacts.iter().chain(&bob.contacts).all(|contact| contact.source.is_none()), "it was not noted");
    let app = Authenticators::get(&mut tx, &keys, ALICE).await.unwrap().unwrap();
    let secret: Vec<u8> = (0..20).collect();
    assert_eq!((app.id, app.secret.as_slice(), app.last_step), (3, secret.as_slice(), 100));

    let left = RecoveryCodes::find(&mut tx, &keys, ALICE, "0a1b2c3d4e5f").await.unwrap();
    let used = RecoveryCodes::find(&mut tx, &keys, ALICE, "5f4e3d2c1b0a").await.unwrap();
    assert_eq!((left, used), (Some(1), None));
    let erin = Name::local("erin");
    let code = HelpdeskCodes::find(&mut tx, &keys, erin, "babadbabadbabad", MADE).await.unwrap().unwrap();
    assert_eq!((code.account, code.issuer.as_str()), (Id::from(1005), "carol"));

    let dave = Exemptions::get(&mut tx, Name::local("dave"), Id::from(1004)).await.unwrap().unwrap();
    assert_eq!(dave.reason, "a robot");
    let (carol, methods) = (Name::local("carol"), [Method::Email]);
    let asked = tx.progress(carol, Id::from(1003), &methods).await.unwrap();
    assert_eq!((asked.invited.unwrap().first, asked.unanswered), (Some(MADE + 2), Some(MADE + 4)));
    let known = Overviews::of(&mut tx, LOCAL, &["alice", "bob", "nobody"]).await.unwrap();
    let known: Vec<_> = known.iter().map(|of| (of.name.as_str(), of.language.as_deref(), of.app)).collect();
    assert_eq!(known, [("alice", Some("de"), true), ("bob", None, false)]);
    let records = AuditRows::read(&mut tx, &audit::Query::default()).await.unwrap();
    let records: Vec<_> = records.iter().map(|r| (r.id, r.at - MADE, r.account.as_str())).collect();
    assert_eq!(records, [(1, 0, "alice"), (2, 1, "-"), (3, 2, "alice")]);
    let waiting = Messages::take(&mut tx, Method::Email, 9, MADE + 160, MADE + 100).await.unwrap();
    assert_eq!(waiting.iter().map(|w| (w.id, w.challenge.as_deref())).collect::<Vec<_>>(), [(7, Some("second"))]);
}

#[tokio::test]
async fn the_code_that_was_sent_last_is_the_newest_and_no_number_comes_twice() {
    let directory = tempfile::tempdir().unwrap();
    let (store, keys) = (opened(directory.path()).await, Keys::from_host_key(&[7; 32]));
    let mut tx = store.begin().await.unwrap();
    // The clock was set back between the two.
    let newest: String =
        sql::query_scalar("SELECT id FROM challenge ORDER BY number DESC LIMIT 1").fetch_one(&mut tx).await.unwrap();
    assert_eq!(newest, "second");
    let contact = Contact::Email(EmailAddress::parse("new@example.org").unwrap());
    Registrations::add_contact(&mut tx, &keys, &SystemRandom, ALICE, Id::from(1001), &contact, MADE).await.unwrap();
    let alice = Registrations::get(&mut tx, &keys, ALICE).await.unwrap().unwrap();
    // The ninth was removed.
    assert_eq!(alice.contacts.iter().map(|c| c.id).collect::<Vec<_>>(), [1, 2, 10]);
    // A new account with the old name inherits nothing.
    Registrations::ensure(&mut tx, ALICE, Id::from(2001), MADE).await.unwrap();
    assert!(!Authenticators::exists(&mut tx, ALICE).await.unwrap());
    assert_eq!(RecoveryCodes::left(&mut tx, ALICE).await.unwrap(), 0);
    let orphans: Vec<i64> =
        sql::query_scalar("SELECT id FROM contact WHERE name = 'alice'").fetch_all(&mut tx).await.unwrap();
    assert!(orphans.is_empty(), "{orphans:?}");
}
