//! The guarantees of every store: races, limits and order. If an implementation passes, nothing above the traits has to
//! change.

/// The tests for a store that `$open` opens; it must be empty.
macro_rules! conformance {
    ($open:expr) => {
        use std::sync::Arc;

        use sspr_config::{language::Language, settings::Method};
        use tempfile::TempDir;

        use crate::{
            account::{Id, Name},
            audit::Entry,
            clock::Time,
            contact::{Contact, EmailAddress},
            keys::{Keys, Tag},
            random::SystemRandom,
            recovery_codes,
            store::{
                AuditRows, Chains, ContactsInBulk, Dossiers, LookUps as _, Pictures, Store, Tallies as _,
                audit::Query,
                authenticators::Authenticators,
                challenges::{Challenges, NewChallenge},
                events::{AtMost, Events, Kind, Reached},
                first_contacts::{FirstContacts, ForCodes, Waits},
                hosts::{Host, HostState, Hosts, NewToken},
                import::{Chunk, NewContact, Others},
                outbox::Messages,
                proofs::{Holder, Proofs, Spent},
                recovery_codes::RecoveryCodes,
                registrations::{self, Registrations},
                synced::{Saying, Synced},
                tally::Table,
            },
            totp,
        };

        const NOW: Time = 1_800_000_000;
        const ALICE: Name<'static> = Name::local("alice");
        const ACCOUNT: Tag = [1; 32];
        const CROWD: usize = 20;

        fn keys() -> Keys {
            Keys::from_host_key(&[7; 32])
        }

        fn uid(uid: u32) -> Id {
            Id::from(uid)
        }

        fn challenge<'a>(id: &'a str, route: &'a Tag, created: Time) -> NewChallenge<'a> {
            NewChallenge {
                id,
                account: &ACCOUNT,
                purpose: "recover",
                method: "email",
                contact: None,
                destination: Some(b"sealed"),
                code: &[9; 32],
                route_key: route,
                cooldown_key: route,
                created,
                expires: created + 600,
                tries: 5,
            }
        }

        /// Runs as many calls at once as are possible, and returns how many of them `wins`.
        async fn winners<F>(wins: impl Fn(usize) -> F) -> usize
        where
            F: Future<Output = bool> + Send + 'static,
        {
            let mut crowd = tokio::task::JoinSet::new();
            for number in 0..CROWD {
                crowd.spawn(wins(number));
            }
            crowd.join_all().await.into_iter().filter(|won| *won).count()
        }

        #[tokio::test]
        async fn of_many_at_once_no_more_are_granted_than_the_limit_says_and_the_others_are_not_counted() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let store = Arc::new(store);
            let granted = winners(|_| {
                let store = store.clone();
                async move {
                    let limits = [(60, 5), (3600, 100)].map(|(window, most)| AtMost {
                        kind: Kind::Start,
                        key: &ACCOUNT,
                        window,
                        most,
                    });
                    let mut tx = store.begin().await.unwrap();
                    let counted = [(Kind::Start, &ACCOUNT), (Kind::StartNearby, &ACCOUNT)];
                    let full = Events::count_within_and_add(&mut tx, &limits, &counted, NOW).await.unwrap();
                    tx.commit().await.unwrap();
                    assert!(full.is_none_or(|full| full == Reached { limit: 0, wait: 60 }), "{full:?}");
                    full.is_none()
                }
            });
            assert_eq!(granted.await, 5);
            let mut tx = store.begin().await.unwrap();
            for kind in [Kind::Start, Kind::StartNearby] {
                assert_eq!(Events::count(&mut tx, kind, &ACCOUNT, NOW - 1).await.unwrap(), 5);
            }
            // After the window there is room again. A look at the limit alone is not counted.
            let limits = [
                AtMost { kind: Kind::Start, key: &ACCOUNT, window: 60, most: 6 },
                AtMost { kind: Kind::StartNearby, key: &ACCOUNT, window: 60, most: 5 },
            ];
            let full = Events::count_within_and_add(&mut tx, &limits, &[], NOW + 59).await.unwrap();
            assert_eq!(full, Some(Reached { limit: 1, wait: 1 }));
            assert_eq!(Events::count_within_and_add(&mut tx, &limits, &[], NOW + 60).await.unwrap(), None);
            assert_eq!(Events::count(&mut tx, Kind::Start, &ACCOUNT, NOW - 1).await.unwrap(), 5);
        }

        #[tokio::test]
        async fn of_many_hosts_that_join_with_a_token_for_three_three_do() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let store = Arc::new(store);
            let token = NewToken {
                secret: &[5; 32],
                uses: 3,
                pattern: "h*",
                group: "web",
                issuer: "carol",
                created: NOW,
                expires: NOW + 60,
            };
            let mut tx = store.begin().await.unwrap();
            Hosts::add_token(&mut tx, &token).await.unwrap();
            assert_eq!(Hosts::take_token(&mut tx, &[5; 32], "x1", NOW).await.unwrap(), None, "the name does not fit");
            assert_eq!(Hosts::take_token(&mut tx, &[6; 32], "h1", NOW).await.unwrap(), None);
            assert_eq!(Hosts::take_token(&mut tx, &[5; 32], "h1", NOW + 60).await.unwrap(), None, "it has expired");
            assert_eq!(
                Hosts::take_token(&mut tx, &[5; 32], "h1", NOW - 1).await.unwrap(),
                None,
                "the clock was set back"
            );
            tx.commit().await.unwrap();
            let joined = winners(|number| {
                let store = store.clone();
                async move {
                    let mut tx = store.begin().await.unwrap();
                    let taken = Hosts::take_token(&mut tx, &[5; 32], &format!("h{number}"), NOW).await.unwrap();
                    tx.commit().await.unwrap();
                    assert!(taken.as_ref().is_none_or(|taken| taken.group == "web" && taken.issuer == "carol"));
                    taken.is_some()
                }
            });
            assert_eq!(joined.await, 3);
        }

        fn host(id: &str, pin: &str) -> Host {
            Host {
                id: id.into(),
                pin: pin.into(),
                name: "web1".into(),
                group: String::new(),
                state: HostState::Active,
                joined: NOW,
                seen: NOW,
                version: "1".into(),
                counter: 0,
                keyed: NOW,
                next: None,
                knows: String::new(),
            }
        }

        #[tokio::test]
        async fn a_next_key_is_one_hosts_alone_and_counts_from_its_first_use_while_the_host_is_served() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let mut tx = store.begin().await.unwrap();
            for (id, pin) in [("h1", "p1"), ("h2", "p2")] {
                Hosts::add(&mut tx, &host(id, pin)).await.unwrap();
            }
            assert!(!Hosts::take_over(&mut tx, "h1", "n1", NOW).await.unwrap(), "it was not announced");
            assert!(Hosts::announce(&mut tx, "h1", "n0").await.unwrap());
            assert!(
                Hosts::announce(&mut tx, "h1", "n1").await.unwrap()
                    && Hosts::announce(&mut tx, "h1", "n1").await.unwrap()
            );
            for other in ["p1", "p2", "n1"] {
                assert!(!Hosts::announce(&mut tx, "h2", other).await.unwrap(), "{other}");
            }
            for (pin, id) in [("p1", Some("h1")), ("n1", Some("h1")), ("n0", None)] {
                let found = Hosts::by_pin(&mut tx, pin).await.unwrap().map(|host| host.id);
                assert_eq!(found.as_deref(), id, "{pin}");
            }
            for state in [HostState::Paused, HostState::Active] {
                assert!(Hosts::set_state(&mut tx, "h1", state).await.unwrap());
                let served = state == HostState::Active;
                assert_eq!(Hosts::announce(&mut tx, "h1", "n1").await.unwrap(), served);
                assert_eq!(Hosts::take_over(&mut tx, "h1", "n1", NOW + 5).await.unwrap(), served);
            }
            assert_eq!(Hosts::by_pin(&mut tx, "p1").await.unwrap(), None, "the old key counts no more");
            assert!(Hosts::is_past(&mut tx, "p1").await.unwrap() && !Hosts::is_past(&mut tx, "n1").await.unwrap());
            let known = Hosts::by_pin(&mut tx, "n1").await.unwrap().unwrap();
            assert_eq!((known.pin.as_str(), known.next, known.keyed, known.joined), ("n1", None, NOW + 5, NOW));
            for id in ["h1", "h2"] {
                assert!(!Hosts::announce(&mut tx, id, "p1").await.unwrap(), "no key comes back");
            }
            // A row of an earlier version has no age of its key.
            let old = "UPDATE host SET keyed = NULL WHERE id = 'h2'";
            crate::store::sql::query(old).execute(&mut tx).await.unwrap();
            let known = Hosts::by_id(&mut tx, "h2").await.unwrap().unwrap();
            assert_eq!((known.keyed, known.knows.as_str()), (NOW, ""));
            Hosts::knows(&mut tx, "h2", "a b").await.unwrap();
            let known = ["h1", "h2"].map(str::to_owned);
            let all = Hosts::all(&mut tx).await.unwrap().into_iter().map(|host| (host.id, host.knows));
            assert!(all.eq(known.into_iter().zip([String::new(), "a b".to_owned()])));
        }

        #[tokio::test]
        async fn a_host_that_was_revoked_stays_so_and_no_number_of_its_hellos_comes_twice() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let mut tx = store.begin().await.unwrap();
            for (id, pin) in [("h1", "p1"), ("h2", "p2")] {
                Hosts::add(&mut tx, &host(id, pin)).await.unwrap();
            }
            assert!(Hosts::hello(&mut tx, "h1", "2", 1, NOW + 9).await.unwrap());
            assert!(!Hosts::hello(&mut tx, "h1", "2", 1, NOW + 10).await.unwrap());
            assert!(Hosts::hello(&mut tx, "h1", "2", 7, NOW + 11).await.unwrap());
            Hosts::forget_counter(&mut tx, "h1").await.unwrap();
            assert!(Hosts::hello(&mut tx, "h1", "2", 2, NOW + 12).await.unwrap());
            let known = Hosts::by_pin(&mut tx, "p1").await.unwrap().unwrap();
            assert_eq!((known.seen, known.version.as_str(), known.counter), (NOW + 12, "2", 2));
            assert_eq!(Hosts::by_pin(&mut tx, "p3").await.unwrap(), None);
            for (state, done) in [
                (HostState::Paused, true),
                (HostState::Active, true),
                (HostState::Revoked, true),
                (HostState::Active, false),
                (HostState::Paused, false),
            ] {
                assert_eq!(Hosts::set_state(&mut tx, "h1", state).await.unwrap(), done, "{state:?}");
            }
            assert_eq!(Hosts::by_id(&mut tx, "h1").await.unwrap().unwrap().state, HostState::Revoked);
            assert!(
                Hosts::rename(&mut tx, "h2", "db1").await.unwrap() && !Hosts::rename(&mut tx, "h3", "x").await.unwrap()
            );
            let names: Vec<_> = Hosts::all(&mut tx).await.unwrap().into_iter().map(|host| host.name).collect();
            assert_eq!(names, ["web1", "db1"]);
        }

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
        async fn of_many_who_spend_one_proof_one_does() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let store = Arc::new(store);
            let mut tx = store.begin().await.unwrap();
            Challenges::add(&mut tx, &challenge("one", &[2; 32], NOW)).await.unwrap();
            assert!(Challenges::prove(&mut tx, "one", "d", NOW).await.unwrap());
            tx.commit().await.unwrap();
            let spends = |_| {
                let store = store.clone();
                async move {
                    let holder = Holder {
                        account: &ACCOUNT,
                        name: ALICE,
                        id: uid(1001),
                        purpose: "recover",
                        dialogue: "d",
                        since: NOW - 1,
                        now: NOW,
                        from: None,
                    };
                    let mut tx = store.begin().await.unwrap();
                    let spent = Proofs::spend(&mut tx, &holder).await.unwrap();
                    tx.commit().await.unwrap();
                    !spent.is_empty()
                }
            };
            assert_eq!(winners(spends).await, 1);
            // After it is given back, it can be used once more.
            let mut tx = store.begin().await.unwrap();
            let spent = |id: &str| [Spent { id: id.into(), method: "email".into(), token: None }];
            assert!(Proofs::unspend(&mut tx, &spent("another")).await.unwrap().is_empty());
            assert_eq!(Proofs::unspend(&mut tx, &spent("one")).await.unwrap(), ["one"]);
            tx.commit().await.unwrap();
            assert_eq!(winners(spends).await, 1);
        }

        #[tokio::test]
        async fn of_many_senders_one_gets_each_message_until_its_lease_ends() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let store = Arc::new(store);
            let mut tx = store.begin().await.unwrap();
            for number in 0..5 {
                Messages::put(&mut tx, Method::Email, None, b"sealed", NOW + number, NOW + 600).await.unwrap();
            }
            Messages::put(&mut tx, Method::Phone, None, b"sealed", NOW, NOW + 600).await.unwrap();
            tx.commit().await.unwrap();
            let take = async |now, room| {
                let mut tx = store.begin().await.unwrap();
                let taken = Messages::take_due(&mut tx, &[(Method::Email, room)], now + 60, now).await.unwrap();
                tx.commit().await.unwrap();
                taken
            };
            let (first, second) = (take(NOW + 10, 3).await, take(NOW + 10, 3).await);
            let ids =
                |taken: &crate::store::outbox::Taken| taken.messages.iter().map(|(_, w)| w.id).collect::<Vec<_>>();
            assert_eq!((ids(&first), ids(&second)), (vec![1, 2, 3], vec![4, 5]));
            assert_eq!((first.next, second.next), (None, Some(NOW + 70)), "no more room; and when a lease ends");
            assert!(take(NOW + 69, 9).await.messages.is_empty());
            let again = take(NOW + 70, 9).await;
            assert_eq!(ids(&again), [1, 2, 3, 4, 5]);
            assert!(again.messages.iter().all(|(_, waiting)| waiting.attempts == 1), "{again:?}");
            assert_eq!(take(NOW + 600, 9).await.late, 6);
        }

        #[tokio::test]
        async fn of_many_with_the_same_code_or_the_same_step_of_an_app_one_uses_it_up() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let store = Arc::new(store);
            let mut tx = store.begin().await.unwrap();
            let secret = totp::secret(&SystemRandom).unwrap();
            Authenticators::put(&mut tx, &keys(), &SystemRandom, ALICE, uid(1001), &secret, 1, NOW).await.unwrap();
            let codes = recovery_codes::make(&SystemRandom).unwrap();
            RecoveryCodes::replace(&mut tx, &keys(), ALICE, &codes, NOW).await.unwrap();
            let app = Authenticators::get(&mut tx, &keys(), ALICE).await.unwrap().unwrap().id;
            let code = RecoveryCodes::find(&mut tx, &keys(), ALICE, &codes[0]).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            let steps = |_| {
                let store = store.clone();
                async move {
                    let mut tx = store.begin().await.unwrap();
                    let taken = Authenticators::take_step(&mut tx, app, 2).await.unwrap();
                    tx.commit().await.unwrap();
                    taken
                }
            };
            assert_eq!(winners(steps).await, 1);
            let uses = |_| {
                let store = store.clone();
                async move {
                    let mut tx = store.begin().await.unwrap();
                    let used = RecoveryCodes::use_up(&mut tx, ALICE, code, NOW).await.unwrap();
                    tx.commit().await.unwrap();
                    used
                }
            };
            assert_eq!(winners(uses).await, 1);
        }

        #[tokio::test]
        async fn the_newest_code_is_the_one_that_was_made_last_whatever_the_clock_said() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let mut tx = store.begin().await.unwrap();
            Challenges::add(&mut tx, &challenge("before", &[2; 32], NOW)).await.unwrap();
            Challenges::add(&mut tx, &challenge("after", &[3; 32], NOW - 50)).await.unwrap();
            let open = Challenges::open(&mut tx, &ACCOUNT, "recover", None, &[0; 32], NOW).await.unwrap().unwrap();
            assert_eq!(open.id, "after");
        }

        #[tokio::test]
        async fn what_is_not_committed_is_undone_and_a_number_never_comes_twice() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let contact = |text: &str| Contact::Email(EmailAddress::parse(text).unwrap());
            let mut tx = store.begin().await.unwrap();
            let first = contact("one@example.org");
            Registrations::add_contact(&mut tx, &keys(), &SystemRandom, ALICE, uid(1001), &first, NOW).await.unwrap();
            drop(tx);
            let mut tx = store.begin().await.unwrap();
            assert!(Registrations::get(&mut tx, &keys(), ALICE).await.unwrap().is_none());
            let mut seen = Vec::new();
            for text in ["one@example.org", "two@example.org"] {
                let new = contact(text);
                Registrations::add_contact(&mut tx, &keys(), &SystemRandom, ALICE, uid(1001), &new, NOW).await.unwrap();
                let alice = Registrations::get(&mut tx, &keys(), ALICE).await.unwrap().unwrap();
                let id = alice.contacts.last().unwrap().id;
                assert!(!seen.contains(&id), "{id} again");
                seen.push(id);
                Registrations::remove_contact(&mut tx, ALICE, id).await.unwrap();
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

        /// A record of `actor` about `alice` in `realm`, with a reason that names it.
        fn alices(realm: &str, actor: &str, reason: &str) -> Entry {
            Entry {
                at: NOW,
                event: "Security info saved",
                id: "method.registered",
                correlation: "d1".into(),
                actor: actor.into(),
                account: "alice".into(),
                realm: realm.into(),
                service: "sspr".into(),
                source: "uid 1".into(),
                success: true,
                reason: reason.into(),
            }
        }

        #[tokio::test]
        async fn the_trail_names_an_account_of_a_host_in_full_and_finds_it_by_no_other_name() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let mut tx = store.begin().await.unwrap();
            let of_nobody = Entry { account: "-".into(), ..alices("host:h1", "-", "nobody") };
            let rows = [
                alices("local", "alice", "here"),
                alices("directory", "alice", "directory"),
                alices("host:h1", "host:h1/alice", "h1"),
                alices("host:h2", "host:h2/alice", "h2"),
                alices("host:h1", "alice", "as an administrator"),
                of_nobody,
            ];
            AuditRows::add_all(&mut tx, rows.iter()).await.unwrap();
            for (user, found) in [
                (Some("alice"), vec!["here", "directory", "as an administrator"]),
                (Some("host:h1/alice"), vec!["h1", "as an administrator"]),
                (Some("host:h2/alice"), vec!["h2"]),
                (Some("host:h3/alice"), vec![]),
                (None, vec!["here", "directory", "h1", "h2", "as an administrator", "nobody"]),
            ] {
                let query = Query { user: user.map(str::to_owned), ..Query::default() };
                let records = AuditRows::read(&mut tx, &query).await.unwrap();
                assert_eq!(records.iter().map(|r| r.reason.as_str()).collect::<Vec<_>>(), found, "{user:?}");
            }
            let records = AuditRows::read(&mut tx, &Query::default()).await.unwrap();
            let named: Vec<_> = records.iter().map(|r| (r.actor.as_str(), r.account.as_str())).collect();
            let (h1, h2) = ("host:h1/alice", "host:h2/alice");
            let one = |name| (name, name);
            assert_eq!(named, [one("alice"), one("alice"), one(h1), one(h2), ("alice", h1), one("-")]);
            tx.commit().await.unwrap();
            for (realm, recorded) in [("host:h1", true), ("host:h3", false), ("local", false)] {
                let name = Name { realm, name: "alice" };
                let mut look = store.look().await.unwrap();
                let found = look.is_recorded(name, "Security info saved", "h1", NOW - 1).await.unwrap();
                assert_eq!(found, recorded, "{realm}");
            }
        }

        #[tokio::test]
        async fn of_an_account_of_a_host_and_an_administrator_of_its_name_each_is_given_and_erased_alone() {
            let (_kept, store): (Option<TempDir>, Store) = $open;
            let mut tx = store.begin().await.unwrap();
            let about_bob = Entry { account: "bob".into(), ..alices("local", "alice", "of bob") };
            let rows = [
                alices("local", "alice", "here"),
                alices("directory", "alice", "directory"),
                alices("host:h1", "host:h1/alice", "h1"),
                alices("host:h1", "alice", "as an administrator"),
                about_bob,
            ];
            AuditRows::add_all(&mut tx, rows.iter()).await.unwrap();
            let h1 = Name { realm: "host:h1", name: "alice" };
            for (name, said) in [
                (ALICE, vec!["here", "as an administrator", "of bob"]),
                (Name { realm: "directory", ..ALICE }, vec!["directory", "as an administrator", "of bob"]),
                (h1, vec!["h1", "as an administrator"]),
                (Name { realm: "host:h2", ..ALICE }, vec![]),
            ] {
                let trail = Dossiers::trail(&mut tx, name, 0, 100).await.unwrap();
                assert_eq!(trail.iter().map(|r| r.reason.as_str()).collect::<Vec<_>>(), said, "{name:?}");
            }
            while Chains::chain_up(&mut tx, &SystemRandom, 100).await.unwrap() == 100 {}
            assert_eq!(Chains::erase_person(&mut tx, h1, "erased-1", &[]).await.unwrap(), 2);
            let records = AuditRows::read(&mut tx, &Query::default()).await.unwrap();
            let named: Vec<_> =
                records.iter().map(|r| (r.actor.as_str(), r.account.as_str(), r.source.as_str())).collect();
            let gone = "host:h1/erased-1";
            assert_eq!(named[..2], [("alice", "alice", "uid 1"); 2]);
            assert_eq!(named[2..], [(gone, gone, "-"), ("alice", gone, "uid 1"), ("alice", "bob", "uid 1")]);
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

mod sqlite_in_memory {
    conformance!((None, Store::in_memory().await.unwrap()));
}

mod sqlite_in_a_file {
    conformance!({
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("sspr.db")).await.unwrap();
        (Some(directory), store)
    });
}

mod postgres {
    conformance!((None, Store::shared(crate::store::postgres::tests::database().await)));
}

mod postgres_through_a_pooler {
    conformance!((None, Store::shared(crate::store::postgres::tests::pooled().await)));
}
