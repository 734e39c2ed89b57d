//! Users of a directory.

use sspr_config::language::Language;

use super::{Office, START, target, whom, why};
use crate::{
    account::{DIRECTORY, Id, Name},
    admin::{
        Error, adopt, codes, people, report,
        wire::{Exempting, Label, OfDirectory, ReportOf, Shown, Whom},
    },
    contact::{Contact, EmailAddress, PhoneNumber},
    credential::{NO_UID, Verdict},
    random::SystemRandom,
    store::{
        Authenticators, Exemptions, FirstContacts, Registrations, Synced, exemptions::Exemption, registrations, sql,
    },
    totp,
};

/// An office with a directory that has some of the names.
async fn with_directory() -> Office {
    let has = |name: &str| match name {
        "alice" | "dora" => (Id::parse("5f3c1f0e-1b0a").unwrap(), Verdict::Eligible),
        "bob" => (Id::parse("77777777-1b0a").unwrap(), Verdict::Locked),
        _ => (Id::NONE, Verdict::Unknown),
    };
    target::office(target::SETTINGS, has).await.0
}

fn email(address: &str) -> Contact {
    Contact::Email(EmailAddress::parse(address).unwrap())
}

async fn adopts(office: &Office, name: &str) -> Result<bool, Error> {
    adopt::adopt(&office.root(), name).await.map(|done| done.changed)
}

#[tokio::test(flavor = "current_thread")]
async fn what_a_local_account_registered_is_kept_for_the_one_of_the_directory_only_where_that_may_have_it() {
    let office = with_directory().await;
    for name in ["alice", "bob", "carol"] {
        office.register(name, &format!("{name}@example.org")).await;
    }
    // Locked, unknown to the directory, and without a registration.
    for (name, why) in
        [("bob", "can't take anything over"), ("carol", "no such account"), ("dora", "dora has nothing registered")]
    {
        assert!(adopts(&office, name).await.unwrap_err().to_string().contains(why), "{name}");
        assert!(office.notifications().await.is_empty());
    }
    assert!(adopts(&office, "alice").await.unwrap());
    assert!(matches!(adopts(&office, "alice").await, Err(Error::NotFound(why)) if why.contains("nothing registered")));
    // The bare name is the local account's as long as the account exists.
    assert_eq!(office.contacts("alice").await, <[String; 0]>::default());
    assert_eq!(office.contacts("EXAMPLE\\Alice").await, ["alice@example.org"]);
    // It does not replace the user's own registration.
    office.register("alice", "other@example.org").await;
    assert!(adopts(&office, "alice").await.unwrap_err().to_string().contains("has registered already"));
    assert_eq!(office.contacts("alice").await, ["other@example.org"]);
}

/// An account with two addresses, of which the second comes first, a number, an app, and the language German.
async fn registers_everything(office: &Office, secret: &totp::Secret) {
    let (keys, now, alice, id) = (&office.agent.keys, office.agent.now(), Name::local("alice"), Id::from(1001));
    let second = email("second@example.org");
    let number = Contact::Phone(PhoneNumber::parse("+819012345678", None).unwrap());
    let mut tx = office.agent.begin().await.unwrap();
    for contact in [&email("first@example.org"), &second, &number] {
        Registrations::add_contact(&mut tx, keys, &SystemRandom, alice, id, contact, now).await.unwrap();
    }
    let lookup = registrations::lookup(keys, &second);
    let row = Registrations::find_contact(&mut tx, alice, second.method(), Some(&lookup)).await.unwrap().unwrap();
    assert!(Registrations::prefer(&mut tx, alice, row).await.unwrap());
    Authenticators::put(&mut tx, keys, &SystemRandom, alice, id, secret, 4711, now).await.unwrap();
    Registrations::set_language(&mut tx, alice, Language::German).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn contacts_their_order_the_app_and_the_language_are_kept_and_each_contact_is_told() {
    let office = with_directory().await;
    let secret = totp::secret(&SystemRandom).unwrap();
    registers_everything(&office, &secret).await;
    office.wall.0.fetch_add(86_400, std::sync::atomic::Ordering::SeqCst);
    assert!(adopts(&office, "alice").await.unwrap());
    let Shown { user, contacts, language, .. } =
        people::show(&office.root(), &whom("EXAMPLE\\alice", true)).await.unwrap();
    let kept: Vec<_> = contacts.iter().map(|own| (own.contact.as_str(), own.preferred, own.usable)).collect();
    assert_eq!(
        kept,
        [("second@example.org", true, true), ("first@example.org", false, true), ("+819012345678", true, true)]
    );
    assert_eq!((language.as_deref(), user.confirmed), (Some("de"), Some(START)), "nobody confirmed anything");
    assert_eq!(user.methods, ["email", "phone", "app"]);
    let mut tx = office.agent.begin().await.unwrap();
    let theirs = Name { realm: DIRECTORY, name: "alice" };
    let app = Authenticators::get(&mut tx, &office.agent.keys, theirs).await.unwrap().unwrap();
    assert_eq!((app.secret, app.last_step), (secret, 4711), "a code that was used is not good again");
    assert!(!Authenticators::exists(&mut tx, Name::local("alice")).await.unwrap());
    tx.commit().await.unwrap();
    // Each contact is notified once about itself, and once about the app.
    let mut told = office.notifications().await;
    told.sort();
    let all = ["+819012345678", "first@example.org", "second@example.org"];
    assert_eq!(told, all.into_iter().flat_map(|contact| [contact, contact]).collect::<Vec<_>>());
}

/// Only contacts that the user registered or confirmed are the user's own. The source of any other contact can withdraw
/// it.
#[tokio::test(flavor = "current_thread")]
async fn a_contact_that_others_vouched_for_is_not_the_owners_own_because_it_was_taken_over() {
    let office = with_directory().await;
    office.import(false, &["alice,imported@example.org,+819012345678"]).await;
    office.register("alice", "own@example.org").await;
    let mut tx = office.agent.begin().await.unwrap();
    sql::query("UPDATE contact SET source = 'entra' WHERE method = 'phone'").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(adopts(&office, "alice").await.unwrap());
    let shown = people::show(&office.root(), &whom("EXAMPLE\\alice", true)).await.unwrap().contacts;
    let mut kept: Vec<_> = shown.iter().map(|own| (own.contact.as_str(), own.source.as_deref(), own.usable)).collect();
    kept.sort_unstable();
    let all = [
        ("+819012345678", Some("entra"), true),
        ("imported@example.org", Some("import"), true),
        ("own@example.org", None, true),
    ];
    assert_eq!(kept, all);
    // Entra does not have it: the next complete sync erases it, and nothing else.
    let mut tx = office.agent.begin().await.unwrap();
    let (gone, _) = Synced::gone(&mut tx, DIRECTORY, 0).await.unwrap();
    let number = Contact::Phone(PhoneNumber::parse("+819012345678", None).unwrap());
    let lookup = registrations::lookup(&office.agent.keys, &number).to_vec();
    assert_eq!(gone.into_iter().map(|gone| gone.lookup).collect::<Vec<_>>(), [lookup]);
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn where_nothing_can_be_kept_what_is_there_stays_with_the_local_account() {
    let office = with_directory().await;
    office.import(false, &["alice,alice@example.org,"]).await;
    let mut tx = office.agent.begin().await.unwrap();
    sql::query("UPDATE contact SET usable = 0").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(adopts(&office, "alice").await.unwrap_err().to_string().contains("not confirmed"));
    assert_eq!(office.contacts("alice").await, ["alice@example.org"]);
    assert!(people::users(&office.agent).await.unwrap().iter().all(|user| user.uid != NO_UID));
}

/// The entry that had the name before is gone, and its registration is in no other's way.
#[tokio::test(flavor = "current_thread")]
async fn what_another_entry_of_the_name_registered_is_no_obstacle_and_is_not_mixed_with_it() {
    let office = with_directory().await;
    office.register("alice", "alice@example.org").await;
    let (keys, now, secret) = (&office.agent.keys, office.agent.now(), totp::secret(&SystemRandom).unwrap());
    let (theirs, before) = (Name { realm: DIRECTORY, name: "alice" }, Id::parse("00000000-gone").unwrap());
    let mut tx = office.agent.begin().await.unwrap();
    let old = email("before@example.org");
    Registrations::add_contact(&mut tx, keys, &SystemRandom, theirs, before, &old, now).await.unwrap();
    Authenticators::put(&mut tx, keys, &SystemRandom, theirs, before, &secret, 1, now).await.unwrap();
    tx.commit().await.unwrap();
    assert!(adopts(&office, "alice").await.unwrap());
    let shown = people::show(&office.root(), &whom("EXAMPLE\\alice", true)).await.unwrap();
    assert_eq!(shown.user.methods, ["email"]);
    assert_eq!(office.contacts("EXAMPLE\\alice").await, ["alice@example.org"]);
    assert_eq!(office.notifications().await, ["alice@example.org"]);
}

#[tokio::test(flavor = "current_thread")]
async fn people_of_the_directory_are_listed_once_they_registered_and_their_suspension_is_their_own() {
    let office = with_directory().await;
    office.register("alice", "alice@example.org").await;
    assert!(adopts(&office, "alice").await.unwrap());
    office.wear_out("alice").await;
    let users = people::users(&office.agent).await.unwrap();
    let alices: Vec<_> = users.iter().filter(|user| user.name == "alice").collect();
    assert_eq!(alices.len(), 2);
    for alice in alices {
        let theirs = alice.uid == NO_UID;
        assert_eq!((alice.registered, alice.rests_for.is_some()), (theirs, !theirs));
    }
    let code = codes::issue(&office.by(Label { sudo: Some(1001), login: None }), "EXAMPLE\\dora").await;
    assert!(code.is_ok(), "{:?}", code.err());
}

#[tokio::test(flavor = "current_thread")]
async fn who_waits_after_a_first_registration_is_registered_and_can_reset_only_by_what_others_vouch_for() {
    let office = with_directory().await;
    for (name, id) in [("alice", "5f3c1f0e-1b0a"), ("dora", "5f3c1f0e-1b0a"), ("zoe", "99999999-1b0a")] {
        let (keys, now) = (&office.agent.keys, office.agent.now());
        let (contact, whose) = (email(&format!("{name}@example.org")), Name { realm: DIRECTORY, name });
        let until = now + if name == "zoe" { 0 } else { 86_400 };
        let mut tx = office.agent.begin().await.unwrap();
        Registrations::add_contact(&mut tx, keys, &SystemRandom, whose, Id::parse(id).unwrap(), &contact, now)
            .await
            .unwrap();
        FirstContacts::wait(&mut tx, whose, until, "h1").await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = office.agent.begin().await.unwrap();
    let dora = Name { realm: DIRECTORY, name: "dora" };
    Synced::vouch(&mut tx, dora, &registrations::lookup(&office.agent.keys, &email("dora@example.org")), "import")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let users = people::users(&office.agent).await.unwrap();
    let is = |name: &str| users.iter().find(|user| user.name == name && user.uid == NO_UID).unwrap();
    for (name, capable, waits) in [("alice", false, true), ("dora", true, true), ("zoe", true, false)] {
        let user = is(name);
        assert_eq!((user.registered, user.capable, user.waits_until.is_some()), (true, capable, waits), "{name}");
    }
    let report = report::report(&office.agent, ReportOf { days: 1, groups: None }).await.unwrap();
    let OfDirectory { known, registered, capable, waiting, by_method, .. } = report.directory.unwrap();
    assert_eq!((known, registered, capable, waiting, by_method["email"]), (3, 3, 2, 2, 3));
    assert_eq!(report.registered, 0, "of this machine's own accounts");
}

/// The hook of userdel runs when the name leads to the directory already.
#[tokio::test(flavor = "current_thread")]
async fn what_a_deleted_local_account_left_is_forgotten_and_the_one_of_the_directory_with_its_name_keeps_its_own() {
    let office = with_directory().await;
    let dora = Name { realm: DIRECTORY, name: "dora" };
    let mut tx = office.agent.begin().await.unwrap();
    for (who, id, address) in [
        (Name::local("dora"), Id::from(1009), "local@example.org"),
        (dora, Id::parse("5f3c1f0e-1b0a").unwrap(), "theirs@example.org"),
    ] {
        let (keys, now) = (&office.agent.keys, office.agent.now());
        Registrations::add_contact(&mut tx, keys, &SystemRandom, who, id, &email(address), now).await.unwrap();
        let exemption = Exemption { id, issuer: "root".into(), reason: String::new(), created: now };
        Exemptions::give(&mut tx, who, &exemption).await.unwrap();
    }
    tx.commit().await.unwrap();
    let deleted = Whom { local: true, ..whom("dora", false) };
    assert_eq!(people::show(&office.root(), &deleted).await.unwrap().verdict, "unknown");
    let exempting = Exempting { user: "dora".into(), remove: true, local: true, ..Exempting::default() };
    for changed in [true, false] {
        assert_eq!(people::exempt(&office.root(), &exempting).await.unwrap().changed, changed);
    }
    assert!(people::forget(&office.root(), &deleted).await.unwrap().changed);
    assert_eq!(office.notifications().await, ["local@example.org"]);
    assert!(matches!(people::forget(&office.root(), &deleted).await, Err(Error::NotFound(_))));
    assert_eq!(office.contacts("dora").await, ["theirs@example.org"]);
    assert!(people::show(&office.root(), &whom("dora", false)).await.unwrap().exemption.is_some());
}

#[tokio::test(flavor = "current_thread")]
async fn an_administrator_of_the_directory_gets_no_code_for_themselves_by_whichever_of_their_names_they_came() {
    let office = with_directory().await;
    for own in [["EXAMPLE\\Dora", "carol"], ["carol", "dora"]] {
        let mut call = office.by(Label { sudo: Some(1003), login: Some(1002) });
        call.names = own.iter().map(|name| Some((*name).to_owned())).collect();
        assert!(why(codes::issue(&call, "EXAMPLE\\dora").await).contains("your own account"), "{own:?}");
    }
    // One of the uids has no account here: it may be dora's.
    let carol = Label { sudo: Some(1003), login: Some(4711) };
    assert!(why(codes::issue(&office.by(carol), "EXAMPLE\\dora").await).contains("can't tell your name"));
    // An account of this host is identified by its uid.
    codes::issue(&office.by(carol), "bob").await.unwrap();
    let refused = office.records().await.iter().filter(|record| record.outcome == "failure").count();
    assert_eq!(refused, 3);
}
