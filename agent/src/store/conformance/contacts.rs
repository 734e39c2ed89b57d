//! What accounts have registered, what a directory says of them, and what sign-ins ask.

/// The tests of this, see `conformance!`.
macro_rules! contacts {
    ($open:expr) => {
        #[tokio::test]
        async fn a_first_registration_waits_and_what_somebody_vouched_for_is_found_beside_it() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let (keys, id) = (keys(), uid(1001));
            let email = |text| Contact::Email(EmailAddress::parse(text).unwrap());
            let mut tx = store.begin().await.unwrap();
            let own = email("own@example.org");
            Registrations::add_contact(&mut tx, &keys, &SystemRandom, ALICE, id, &own, NOW).await.unwrap();
            assert_eq!(FirstContacts::waits(&mut tx, ALICE).await.unwrap(), None);
            FirstContacts::wait(&mut tx, ALICE, NOW + 60, "h1").await.unwrap();
            assert_eq!(
                FirstContacts::waits(&mut tx, ALICE).await.unwrap(),
                Some(Waits { until: NOW + 60, via: "h1".into() })
            );
            let of_codes = FirstContacts::for_codes(&mut tx, ALICE, Method::Email, None).await.unwrap();
            assert!(of_codes.usable.is_some() && of_codes.vouched.is_none(), "{of_codes:?}");
            assert_eq!(of_codes.until, Some(NOW + 60));
            let theirs = email("theirs@example.org");
            Registrations::import_contact(&mut tx, &keys, &SystemRandom, ALICE, id, &theirs, true, NOW).await.unwrap();
            Synced::vouch(&mut tx, ALICE, &registrations::lookup(&keys, &theirs), "import").await.unwrap();
            let found = FirstContacts::for_codes(&mut tx, ALICE, Method::Email, None).await.unwrap();
            assert!(found.vouched.is_some());
            for (contact, vouched) in [(&own, None), (&theirs, found.vouched)] {
                let lookup = registrations::lookup(&keys, contact);
                let by = FirstContacts::for_codes(&mut tx, ALICE, Method::Email, Some(&lookup)).await.unwrap();
                let row = Registrations::find_contact(&mut tx, ALICE, Method::Email, Some(&lookup)).await.unwrap();
                assert!(row.is_some());
                assert_eq!(by, ForCodes { usable: row, vouched, until: Some(NOW + 60) });
            }
            for (name, method) in [(Name::local("nobody"), Method::Email), (ALICE, Method::Phone)] {
                let none = FirstContacts::for_codes(&mut tx, name, method, None).await.unwrap();
                assert_eq!((none.usable, none.vouched), (None, None));
            }
        }

        #[tokio::test]
        async fn an_account_is_its_realm_name_and_id_and_inherits_nothing_of_another() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let contact = Contact::Email(EmailAddress::parse("one@example.org").unwrap());
            let elsewhere = Name { realm: "elsewhere", ..ALICE };
            let entry = Id::parse("5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11").unwrap();
            let mut tx = store.begin().await.unwrap();
            for (name, id) in [(ALICE, uid(1001)), (elsewhere, entry)] {
                Registrations::add_contact(&mut tx, &keys(), &SystemRandom, name, id, &contact, NOW).await.unwrap();
            }
            Registrations::ensure(&mut tx, ALICE, uid(2001), NOW).await.unwrap();
            let mine = Registrations::get(&mut tx, &keys(), ALICE).await.unwrap().unwrap();
            assert_eq!((mine.id, mine.contacts.len()), (uid(2001), 0));
            Registrations::keep_only(&mut tx, "local", &[]).await.unwrap();
            assert!(Registrations::get(&mut tx, &keys(), ALICE).await.unwrap().is_none());
            let theirs = Registrations::get(&mut tx, &keys(), elsewhere).await.unwrap().unwrap();
            assert_eq!((theirs.id, theirs.contacts.len()), (entry, 1));
        }

        #[tokio::test]
        async fn of_what_a_directory_says_twice_of_one_account_at_once_the_last_counts() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let mut tx = store.begin().await.unwrap();
            let number = Synced::begin(&mut tx, "directory", NOW).await.unwrap();
            let saying = |name: &str, id: &str, method, byte| Saying {
                name: name.into(),
                id: Id::parse(id).unwrap(),
                method,
                lookup: [byte; 32],
                told: false,
            };
            let new = [
                saying("alice", "one", Method::Email, 1),
                saying("alice", "one", Method::Phone, 2),
                saying("bob", "two", Method::Email, 3),
                saying("alice", "three", Method::Email, 4),
            ];
            Synced::say(&mut tx, "directory", &new, number, NOW).await.unwrap();
            let said = Synced::said(&mut tx, "directory", &["alice", "bob"]).await.unwrap();
            let mut said: Vec<_> = said
                .iter()
                .map(|said| (said.name.as_str(), said.method.as_str(), said.id.as_str(), said.lookup[0]))
                .collect();
            said.sort_unstable();
            let want = [("alice", "email", "three", 4), ("alice", "phone", "one", 2), ("bob", "email", "two", 3)];
            assert_eq!(said, want);
        }

        #[tokio::test]
        async fn of_what_a_directory_says_only_its_own_contacts_are_gone_and_only_once_nothing_is_said_of_them() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let address = |address: &str| Contact::Email(EmailAddress::parse(address).unwrap());
            let (theirs, own) = (address("theirs@example.org"), address("own@example.org"));
            let who = Name { realm: "directory", name: "alice" };
            let (id, keys) = (Id::parse("entry").unwrap(), keys());
            let lookup = registrations::lookup(&keys, &theirs);
            let mut tx = store.begin().await.unwrap();
            let first = Synced::begin(&mut tx, "directory", NOW).await.unwrap();
            let saying = || Saying { name: "alice".into(), id, method: Method::Email, lookup, told: false };
            Synced::say(&mut tx, "directory", &[saying()], first, NOW).await.unwrap();
            for contact in [&theirs, &own] {
                Registrations::import_contact(&mut tx, &keys, &SystemRandom, who, id, contact, true, NOW)
                    .await
                    .unwrap();
            }
            Synced::vouch(&mut tx, who, &lookup, "directory").await.unwrap();
            let said = Synced::said(&mut tx, "directory", &["alice", "nobody"]).await.unwrap();
            let [said] = said.as_slice() else { panic!("{said:?}") };
            assert_eq!((said.id, said.lookup.as_slice(), said.since), (id, lookup.as_slice(), NOW));
            assert_eq!(Synced::count(&mut tx, "directory", Method::Email).await.unwrap(), (1, 1));
            Synced::entered(&mut tx, &[said.number]).await.unwrap();
            assert_eq!(Synced::count(&mut tx, "directory", Method::Email).await.unwrap(), (1, 0));
            // A contact that is found again stays; a contact that another sync did not find is removed.
            let second = Synced::begin(&mut tx, "directory", NOW + 1).await.unwrap();
            assert_eq!(second, first + 1);
            Synced::again(&mut tx, &[said.number], second).await.unwrap();
            // Another server still copies, and began earlier.
            Synced::again(&mut tx, &[said.number], first).await.unwrap();
            Synced::say(&mut tx, "directory", &[saying()], first, NOW).await.unwrap();
            Synced::entered(&mut tx, &[said.number]).await.unwrap();
            Synced::forget_unseen(&mut tx, "directory", first).await.unwrap();
            Synced::forget_unseen(&mut tx, "directory", second).await.unwrap();
            assert_eq!(Synced::gone(&mut tx, "directory", 0).await.unwrap().0, []);
            Synced::forget_unseen(&mut tx, "directory", second + 1).await.unwrap();
            let (gone, last) = Synced::gone(&mut tx, "directory", 0).await.unwrap();
            assert_eq!(gone.iter().map(|gone| gone.lookup.as_slice()).collect::<Vec<_>>(), [lookup.as_slice()]);
            assert_eq!(Synced::gone(&mut tx, "directory", last.unwrap()).await.unwrap(), (vec![], None));
            // No other row is erased, and the registration is deleted only with its last contact.
            let all: Vec<i64> =
                Registrations::get(&mut tx, &keys, who).await.unwrap().unwrap().contacts.iter().map(|c| c.id).collect();
            Synced::erase(&mut tx, who, &all).await.unwrap();
            let left = Registrations::get(&mut tx, &keys, who).await.unwrap().unwrap();
            assert_eq!(left.contacts.iter().map(|c| &c.contact).collect::<Vec<_>>(), [&own]);
            // A user who proves a contact owns it.
            Registrations::import_contact(&mut tx, &keys, &SystemRandom, who, id, &theirs, true, NOW).await.unwrap();
            Synced::vouch(&mut tx, who, &lookup, "directory").await.unwrap();
            Registrations::add_contact(&mut tx, &keys, &SystemRandom, who, id, &theirs, NOW).await.unwrap();
            assert_eq!(Synced::gone(&mut tx, "directory", 0).await.unwrap(), (vec![], None));
        }

        #[tokio::test]
        async fn what_a_sign_in_asks_is_answered_for_the_account_of_that_realm_name_and_id_alone() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let contact = Contact::Email(EmailAddress::parse("one@example.org").unwrap());
            let (id, elsewhere) = (uid(1001), Name { realm: "elsewhere", ..ALICE });
            let mut tx = store.begin().await.unwrap();
            Registrations::add_contact(&mut tx, &keys(), &SystemRandom, ALICE, id, &contact, NOW).await.unwrap();
            Registrations::set_language(&mut tx, ALICE, Language::Japanese).await.unwrap();
            Pictures::cut_off(&mut tx, ALICE, id).await.unwrap();
            tx.commit().await.unwrap();
            let mut look = store.look().await.unwrap();
            for (name, id, is_hers) in [(ALICE, id, true), (ALICE, uid(2001), false), (elsewhere, id, false)] {
                let progress = look.progress(name, id, &[Method::Email]).await.unwrap();
                assert_eq!((progress.methods, progress.confirmed), (i64::from(is_hers), is_hers.then_some(NOW)));
                assert_eq!(look.was_cut_off(name, id).await.unwrap(), is_hers, "{name:?} {id:?}");
            }
            let others = look.progress(ALICE, id, &[Method::Phone]).await.unwrap();
            assert_eq!(others.methods, 0, "its method is not switched on");
            assert_eq!(look.id_at_registration(ALICE).await.unwrap(), Some(id));
            assert_eq!(look.id_at_registration(elsewhere).await.unwrap(), None);
            assert_eq!(look.language(ALICE).await.unwrap().as_deref(), Some(Language::Japanese.tag()));
            assert_eq!(look.language(elsewhere).await.unwrap(), None);
        }

        #[tokio::test]
        async fn contacts_in_bulk_take_the_place_of_others_of_their_method_and_each_row_is_tallied_once() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let address = |address: &str| Contact::Email(EmailAddress::parse(address).unwrap());
            let (old, new, keys) = (address("old@example.org"), address("new@example.org"), keys());
            let (bob, of_bob) = (Name::local("bob"), uid(1002));
            let elsewhere = Name { realm: "elsewhere", ..ALICE };
            let row = |name: Name<'static>, id: Id| NewContact {
                realm: name.realm,
                name: name.name.to_owned(),
                id,
                method: Method::Email,
                sealed: registrations::seal(&keys, &SystemRandom, name, id, &new).unwrap(),
                lookup: registrations::lookup(&keys, &new),
            };
            let mut tx = store.begin().await.unwrap();
            Registrations::add_contact(&mut tx, &keys, &SystemRandom, ALICE, uid(1001), &old, NOW).await.unwrap();
            let there = ContactsInBulk::existing(&mut tx, &[ALICE, bob, elsewhere], NOW).await.unwrap();
            assert_eq!(there.iter().map(|e| (e.name.as_str(), e.id)).collect::<Vec<_>>(), [("alice", uid(1001))]);
            let chunk = Chunk::new(&[row(ALICE, uid(1001)), row(bob, of_bob), row(elsewhere, uid(1001))]);
            ContactsInBulk::lay_out(&mut tx, &chunk).await.unwrap();
            let lookups = vec![registrations::lookup(&keys, &old).to_vec()];
            let others = [Others { realm: "local".to_owned(), name: "alice".to_owned(), lookups }];
            assert_eq!(ContactsInBulk::others(&mut tx).await.unwrap(), others);
            ContactsInBulk::write(&mut tx, true, NOW).await.unwrap();
            assert!(ContactsInBulk::record(&mut tx, "root", "one", NOW).await.unwrap() > 0);
            ContactsInBulk::clear_away(&mut tx).await.unwrap();
            for name in [ALICE, bob, elsewhere] {
                let registration = Registrations::get(&mut tx, &keys, name).await.unwrap().unwrap();
                assert_eq!(registration.usable(), std::slice::from_ref(&new));
            }
            tx.commit().await.unwrap();
            for (since, recorded) in [(NOW - 1, true), (NOW, false)] {
                let event = "Security info imported (admin)";
                let found = store.look().await.unwrap().is_recorded(bob, event, "email", since).await.unwrap();
                assert_eq!(found, recorded);
            }
            for (table, rows) in
                [(Table::Registrations, ["1001:alice", "1002:bob"]), (Table::Contacts, ["email:alice", "email:bob"])]
            {
                let mut tallied = Vec::new();
                store.each("local", table, |word, name| tallied.push(format!("{word}:{name}"))).await.unwrap();
                tallied.sort();
                assert_eq!(tallied, rows, "{table:?}");
            }
        }
    };
}
