//! The guarantees of every store: races, limits and order. If an implementation passes, nothing above the traits has to
//! change.

#[macro_use]
mod contacts;
#[macro_use]
mod hosts;
#[macro_use]
mod trail;

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

        hosts!($open);
        contacts!($open);
        trail!($open);

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
