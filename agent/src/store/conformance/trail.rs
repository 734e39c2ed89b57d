//! Records of the audit trail, by the names of those that they are about.

/// The tests of this, see `conformance!`.
macro_rules! trail {
    ($open:expr) => {
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
    };
}
