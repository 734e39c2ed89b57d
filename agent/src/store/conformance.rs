//! What every store has to hold: races, limits and order. An implementation passes it, and nothing above the traits changes.

/// The tests, for a store that `$open` opens, empty.
macro_rules! conformance {
    ($open:expr) => {
        use std::sync::Arc;

        use sspr_config::settings::Method;

        use crate::{
            account::{Id, Name},
            clock::Time,
            contact::{Contact, EmailAddress},
            keys::{Keys, Tag},
            random::SystemRandom,
            recovery_codes,
            store::{
                Store,
                authenticators::Authenticators,
                challenges::{Challenges, NewChallenge},
                events::{AtMost, Events, Kind},
                outbox::Messages,
                proofs::{Holder, Proofs},
                recovery_codes::RecoveryCodes,
                registrations::{self, Registrations},
                synced::{Saying, Synced},
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

        fn challenge<'a>(id: &'a str, way: &'a Tag, created: Time) -> NewChallenge<'a> {
            NewChallenge {
                id,
                account: &ACCOUNT,
                purpose: "recover",
                method: "email",
                contact: None,
                destination: Some(b"sealed"),
                code: &[9; 32],
                way,
                asked: way,
                created,
                expires: created + 600,
                tries: 5,
            }
        }

        /// As many at once as there may be: how many `wins`.
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
            let store: Arc<Store> = Arc::new($open);
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
                    let wait = Events::count_within_and_add(&mut tx, &limits, &counted, NOW).await.unwrap();
                    tx.commit().await.unwrap();
                    assert!(wait.is_none_or(|wait| wait == 60), "{wait:?}");
                    wait.is_none()
                }
            });
            assert_eq!(granted.await, 5);
            let mut tx = store.begin().await.unwrap();
            for kind in [Kind::Start, Kind::StartNearby] {
                assert_eq!(Events::count(&mut tx, kind, &ACCOUNT, NOW - 1).await.unwrap(), 5);
            }
            // When the window is over there is room again, and what is only asked is not counted.
            let limits = [AtMost { kind: Kind::Start, key: &ACCOUNT, window: 60, most: 5 }];
            assert_eq!(Events::count_within_and_add(&mut tx, &limits, &[], NOW + 59).await.unwrap(), Some(1));
            assert_eq!(Events::count_within_and_add(&mut tx, &limits, &[], NOW + 60).await.unwrap(), None);
            assert_eq!(Events::count(&mut tx, Kind::Start, &ACCOUNT, NOW - 1).await.unwrap(), 5);
        }

        #[tokio::test]
        async fn of_many_who_spend_one_proof_one_does() {
            let store: Arc<Store> = Arc::new($open);
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
            // Given back, it is there once again.
            let mut tx = store.begin().await.unwrap();
            assert_eq!(Proofs::unspend(&mut tx, &ACCOUNT, "recover", "d").await.unwrap().len(), 1);
            tx.commit().await.unwrap();
            assert_eq!(winners(spends).await, 1);
        }

        #[tokio::test]
        async fn of_many_senders_one_gets_each_message_until_its_lease_ends() {
            let store: Arc<Store> = Arc::new($open);
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
            let store: Arc<Store> = Arc::new($open);
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
            let store: Store = $open;
            let mut tx = store.begin().await.unwrap();
            Challenges::add(&mut tx, &challenge("before", &[2; 32], NOW)).await.unwrap();
            Challenges::add(&mut tx, &challenge("after", &[3; 32], NOW - 50)).await.unwrap();
            let open = Challenges::open(&mut tx, &ACCOUNT, "recover", None, &[0; 32], NOW).await.unwrap().unwrap();
            assert_eq!(open.id, "after");
        }

        #[tokio::test]
        async fn what_is_not_committed_is_undone_and_a_number_never_comes_twice() {
            let store: Store = $open;
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
            let store: Store = $open;
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
        async fn of_what_a_directory_says_only_its_own_contacts_are_gone_and_only_once_nothing_is_said_of_them() {
            let store: Store = $open;
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
            // Found again, it stays; what another sync did not find goes.
            let second = Synced::begin(&mut tx, "directory", NOW + 1).await.unwrap();
            assert_eq!(second, first + 1);
            Synced::again(&mut tx, &[said.number], second).await.unwrap();
            Synced::forget_unseen(&mut tx, "directory", second).await.unwrap();
            assert_eq!(Synced::gone(&mut tx, "directory", 0).await.unwrap().0, []);
            Synced::forget_unseen(&mut tx, "directory", second + 1).await.unwrap();
            let (gone, last) = Synced::gone(&mut tx, "directory", 0).await.unwrap();
            assert_eq!(gone.iter().map(|gone| gone.lookup.as_slice()).collect::<Vec<_>>(), [lookup.as_slice()]);
            assert_eq!(Synced::gone(&mut tx, "directory", last.unwrap()).await.unwrap(), (vec![], None));
            // No other row is erased, and the registration goes with its last contact alone.
            let all: Vec<i64> =
                Registrations::get(&mut tx, &keys, who).await.unwrap().unwrap().contacts.iter().map(|c| c.id).collect();
            Synced::erase(&mut tx, who, &all).await.unwrap();
            let left = Registrations::get(&mut tx, &keys, who).await.unwrap().unwrap();
            assert_eq!(left.contacts.iter().map(|c| &c.contact).collect::<Vec<_>>(), [&own]);
            // Who proves a contact owns it.
            Registrations::import_contact(&mut tx, &keys, &SystemRandom, who, id, &theirs, true, NOW).await.unwrap();
            Synced::vouch(&mut tx, who, &lookup, "directory").await.unwrap();
            Registrations::add_contact(&mut tx, &keys, &SystemRandom, who, id, &theirs, NOW).await.unwrap();
            assert_eq!(Synced::gone(&mut tx, "directory", 0).await.unwrap(), (vec![], None));
        }
    };
}

mod sqlite_in_memory {
    conformance!(Store::in_memory().await.unwrap());
}

mod sqlite_in_a_file {
    conformance!({
        let directory = tempfile::tempdir().unwrap();
        // The file goes with its directory, and stays open.
        Store::open(&directory.path().join("sspr.db")).await.unwrap()
    });
}
