//! The hosts of a fleet, their tokens and their keys.

/// The tests of this, see `conformance!`.
macro_rules! hosts {
    ($open:expr) => {
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
    };
}
