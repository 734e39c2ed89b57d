//! What a reset does on a real domain controller of Samba: each row of what a reset must do, and each fact that one would not guess.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::format_push_string,
    clippy::doc_markdown,
    clippy::unnecessary_debug_formatting,
    clippy::items_after_statements,
    reason = "tests"
)]
#![allow(missing_docs, reason = "test names are sentences")]

#[path = "../common/mod.rs"]
mod common;
mod server;

use common::{NEW, OLD, found, refused, reset, verdict};
use server::{ALICE, BOB, HOST, in_a_domain};
use sspr_config::credential::{Change, Error, Verdict};

#[test]
fn after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_may_live_for_an_hour() {
    in_a_domain(
        "after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_may_live_for_an_hour",
        async |samba| {
            for server in [format!("ldaps://{HOST}"), format!("ldap://{HOST}")] {
                let directory = samba.directory_at(&server, "enable = \"all\"");
                assert_eq!(verdict(&directory, "alice").await, Verdict::Eligible, "{server}");
            }
            let directory = samba.directory();
            let alice = found(&directory, "alice").await;
            assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
            assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
            assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
            assert!(samba.signs_in(ALICE, NEW).await.is_success());
            // Which is why nobody is told that it is over, and why no proof goes by it.
            assert!(samba.signs_in(ALICE, OLD).await.is_success());
            assert_eq!(directory.old_password_lives(), 60);
            assert_eq!(reset(&directory, "alice", "pä\"sswörd with signs 3").await, Ok(Change::Changed));
            assert!(samba.signs_in(ALICE, "pä\"sswörd with signs 3").await.is_success());
        },
    );
}

#[test]
fn the_rules_that_hold_for_a_reset_are_told_with_their_number() {
    in_a_domain("the_rules_that_hold_for_a_reset_are_told_with_their_number", async |samba| {
        let directory = samba.directory();
        assert_eq!(reset(&directory, "alice", "Ab-1").await, refused("The password must have at least 7 characters."));
        assert_eq!(
            reset(&directory, "alice", "alllowercase").await,
            refused("The password is too simple for the directory.")
        );
        samba.must("samba-tool domain passwordsettings pso create long 1 --min-pwd-length=20 && samba-tool domain passwordsettings pso apply long alice");
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed), "20 characters");
        assert_eq!(
            reset(&directory, "alice", &NEW[1..]).await,
            refused("The password must have at least 20 characters.")
        );
    });
}

#[test]
fn a_lock_by_failures_goes_with_the_password_in_one_modify_and_stays_where_the_password_is_refused() {
    in_a_domain(
        "a_lock_by_failures_goes_with_the_password_in_one_modify_and_stays_where_the_password_is_refused",
        async |samba| {
            let directory = samba.directory();
            for dn in [ALICE, BOB] {
                for _ in 0..3 {
                    samba.signs_in(dn, "Wrong-one-1").await;
                }
                assert!(samba.signs_in(dn, OLD).await.text.contains("775"));
            }
            let alice = found(&directory, "alice").await;
            assert!(alice.account.locked && alice.account.verdict == Verdict::Eligible);
            assert_eq!(
                reset(&directory, "alice", "Ab-1").await,
                refused("The password must have at least 7 characters.")
            );
            assert!(found(&directory, "alice").await.account.locked);
            assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
            assert!(!found(&directory, "alice").await.account.locked);
            assert_eq!(samba.values(ALICE, "lockoutTime").await, ["0"]);
            let id = found(&directory, "bob").await.account.id;
            assert_eq!(directory.unlock("bob", &id).await, Ok(()));
            assert!(samba.signs_in(BOB, OLD).await.is_success());
        },
    );
}

#[test]
fn disabled_and_ended_accounts_stay_so() {
    in_a_domain("disabled_and_ended_accounts_stay_so", async |samba| {
        let directory = samba.directory();
        let id = found(&directory, "alice").await.account.id;
        samba.must("samba-tool user disable alice");
        assert_eq!(verdict(&directory, "alice").await, Verdict::Locked);
        let outcome = directory.change("alice", &id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert_eq!(samba.values(ALICE, "userAccountControl").await, ["514"]);
        samba.set(BOB, "accountExpires", &["132000000000000000"]).await;
        assert_eq!(verdict(&directory, "bob").await, Verdict::Expired);
    });
}

#[test]
fn an_administrator_of_the_domain_is_never_served_although_the_server_would_let_the_service() {
    in_a_domain(
        "an_administrator_of_the_domain_is_never_served_although_the_server_would_let_the_service",
        async |samba| {
            let directory = samba.directory();
            let dora = found(&directory, "dora").await;
            assert_eq!(dora.account.verdict, Verdict::System);
            let outcome = directory.change("dora", &dora.account.id, NEW.as_bytes(), async { Ok(()) }).await;
            assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
            for name in ["Administrator", "krbtgt", "reset"] {
                let found = directory.find(name).await.unwrap();
                assert!(found.is_none_or(|found| found.account.verdict == Verdict::System), "{name}");
            }
            // A computer is a user too, by its class.
            assert!(directory.find("DC$").await.unwrap().is_none());
        },
    );
}

#[test]
fn groups_in_groups_count_and_so_does_the_own_group_and_each_way_to_write_a_name_is_one_account() {
    in_a_domain(
        "groups_in_groups_count_and_so_does_the_own_group_and_each_way_to_write_a_name_is_one_account",
        async |samba| {
            let server = format!("ldaps://{HOST}");
            for (scope, want, admin) in [
                ("enable = [\"staff\"]", Verdict::Eligible, false),
                ("enable = [\"Everybody\"]\nadmin_groups = [\"everybody\"]", Verdict::Eligible, true),
                ("enable = [\"Domain Users\"]", Verdict::Eligible, false),
                ("enable = [\"others\"]", Verdict::OutOfScope, false),
                ("enable = \"all\"\nexclude = [\"@everybody\"]", Verdict::OutOfScope, false),
                ("enable = \"all\"\nexclude = [\"EXAMPLE\\\\alice\"]", Verdict::OutOfScope, false),
            ] {
                let account = found(&samba.directory_at(&server, scope), "alice").await.account;
                assert_eq!((account.verdict, account.admin), (want, admin), "{scope}");
            }
            let directory = samba.directory();
            let alice = found(&directory, "alice").await.account;
            assert_eq!((alice.name.as_str(), alice.id.len()), ("alice", 32));
            for name in ["ALICE", "EXAMPLE\\alice", "alice@ad.example.org", "Alice@AD.EXAMPLE.ORG"] {
                assert_eq!(found(&directory, name).await.account, alice, "{name}");
            }
        },
    );
}

#[test]
fn a_password_that_must_be_changed_is_right_and_after_a_reset_nobody_is_asked_for_another() {
    in_a_domain(
        "a_password_that_must_be_changed_is_right_and_after_a_reset_nobody_is_asked_for_another",
        async |samba| {
            let directory = samba.directory();
            samba.set(ALICE, "pwdLastSet", &["0"]).await;
            let alice = found(&directory, "alice").await;
            assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
            assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
            assert_ne!(samba.values(ALICE, "pwdLastSet").await, ["0"]);
        },
    );
}
