//! What a reset does on a real 389 Directory Server: each row of what a reset must do, and each fact that one would not guess.
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

use common::{NEW, OLD, found, refused, reset, run, verdict};
use server::{ALICE, BOB, CONFIG, Ds389, EXPIRY, LEAST, PROXY, UNLOCK};
use sspr_config::credential::{Change, Error, Verdict};

fn with(more: &[&'static str]) -> Vec<&'static str> {
    [LEAST.as_slice(), more].concat()
}

#[test]
fn after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_does_not() {
    run(async {
        let server = Ds389::start(&LEAST).await;
        let directory = server.directory();
        let alice = found(&directory, "alice").await;
        assert_eq!((alice.account.name.as_str(), alice.account.verdict), ("alice", Verdict::Eligible));
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
        assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(server.signs_in(ALICE, NEW).await.is_success());
        assert_eq!(server.signs_in(ALICE, OLD).await.code, 49);
        assert!(server.values(ALICE, "userPassword").await[0].starts_with("{PBKDF2"), "never as it was typed");
        assert!(directory.find("nobody-has-this").await.unwrap().is_none());
    });
}

#[test]
fn each_rule_is_told_apart_in_the_servers_own_words_and_nothing_is_written() {
    run(async {
        let server = Ds389::start(&LEAST).await;
        for (attribute, value) in [
            ("passwordCheckSyntax", "on"),
            ("passwordMinLength", "10"),
            ("passwordHistory", "on"),
            ("passwordInHistory", "3"),
        ] {
            server.set(CONFIG, attribute, &[value]).await;
        }
        let directory = server.directory();
        assert_eq!(
            reset(&directory, "alice", "short-1").await,
            refused("The password must have at least 10 characters.")
        );
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        for used in [OLD, NEW] {
            assert_eq!(
                reset(&directory, "alice", used).await,
                refused("You used this password before. Choose another.")
            );
        }
        let simple = "The password is too simple for the directory.";
        for bad in ["the-name-alice-in-it-1", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            assert_eq!(reset(&directory, "alice", bad).await, refused(simple), "{bad}");
        }
        server.set(CONFIG, "passwordMinDigits", &["2"]).await;
        let outcome = reset(&directory, "alice", "no-digits-in-here").await;
        assert!(matches!(&outcome, Ok(Change::Refused(words)) if words.contains("digit")), "{outcome:?}");
        server.set(CONFIG, "passwordMinAge", &["86400"]).await;
        let young = "The password was changed a short while ago. The directory allows the next change later.";
        assert_eq!(reset(&directory, "alice", "Another-good-one-34").await, refused(young));
        assert!(server.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn who_has_chosen_a_password_is_not_asked_for_another_where_the_service_may_act_as_the_person() {
    run(async {
        let server = Ds389::start(&with(&PROXY)).await;
        server.set(CONFIG, "passwordMustChange", &["on"]).await;
        server.set(CONFIG, "passwordExp", &["on"]).await;
        assert_eq!(reset(&server.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert_ne!(server.values(ALICE, "passwordExpirationTime").await, ["19700101000000Z"]);
    });
}

#[test]
fn who_has_chosen_a_password_is_not_asked_for_another_where_the_service_may_take_that_back() {
    run(async {
        let server = Ds389::start(&with(&[EXPIRY])).await;
        server.set(CONFIG, "passwordMustChange", &["on"]).await;
        assert_eq!(reset(&server.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert_ne!(server.values(ALICE, "passwordExpirationTime").await, ["19700101000000Z"]);
    });
}

#[test]
fn a_change_that_has_to_be_repeated_at_the_next_sign_in_is_said_where_it_can_not_be_taken_back() {
    run(async {
        let server = Ds389::start(&LEAST).await;
        server.set(CONFIG, "passwordMustChange", &["on"]).await;
        let outcome = reset(&server.directory(), "alice", NEW).await;
        assert!(
            matches!(&outcome, Ok(Change::ChangedWithWarning(why)) if why.contains("at the next sign-in")),
            "{outcome:?}"
        );
    });
}

#[test]
fn a_lock_by_failures_goes_with_a_reset_and_by_unlocking_alone() {
    run(async {
        let server = Ds389::start(&with(&[UNLOCK])).await;
        server.set(CONFIG, "passwordLockout", &["on"]).await;
        server.set(CONFIG, "passwordMaxFailure", &["3"]).await;
        server.set(CONFIG, "passwordUnlock", &["off"]).await;
        let directory = server.directory();
        for (name, dn) in [("alice", ALICE), ("bob", BOB)] {
            for _ in 0..3 {
                server.signs_in(dn, "wrong").await;
            }
            assert_eq!(server.signs_in(dn, OLD).await.code, 19, "locked has a code of its own");
            if name == "alice" {
                assert!(found(&directory, name).await.account.locked);
            }
        }
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(!found(&directory, "alice").await.account.locked);
        // Bob is an administrator of the directory; nobody unlocks him here.
        let id = found(&directory, "bob").await.account.id;
        assert!(matches!(directory.unlock("bob", &id).await, Err(Error::Refused(_))));
        assert_eq!(server.signs_in(BOB, OLD).await.code, 19);
        for _ in 0..4 {
            server.signs_in(ALICE, "wrong").await;
        }
        let alice = found(&directory, "alice").await;
        assert!(alice.account.locked);
        assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
        assert_eq!(directory.unlock("alice", &alice.account.id).await, Ok(()));
        assert!(server.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn whom_an_administrator_inactivated_stays_so() {
    run(async {
        let server = Ds389::start(&LEAST).await;
        let directory = server.directory();
        let alice = found(&directory, "alice").await;
        server.set(ALICE, "nsAccountLock", &["true"]).await;
        assert_eq!(verdict(&directory, "alice").await, Verdict::Locked);
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(false));
        let outcome = directory.change("alice", &alice.account.id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert_eq!(server.values(ALICE, "nsAccountLock").await, ["true"]);
        server.set(ALICE, "nsAccountLock", &[]).await;
        assert!(server.signs_in(ALICE, OLD).await.is_success(), "nothing was written");
    });
}

#[test]
fn administrators_of_the_directory_are_never_served_and_groups_count() {
    run(async {
        let server = Ds389::start(&LEAST).await;
        assert_eq!(verdict(&server.directory(), "bob").await, Verdict::System);
        for (scope, want) in
            [("enable = [\"staff\"]", Verdict::Eligible), ("enable = [\"others\"]", Verdict::OutOfScope)]
        {
            assert_eq!(verdict(&server.directory_with(scope), "alice").await, want, "{scope}");
        }
    });
}

#[test]
fn a_right_that_is_missing_is_not_the_persons_fault_and_is_named() {
    run(async {
        let server = Ds389::start(&LEAST[1..]).await;
        let outcome = reset(&server.directory(), "alice", NEW).await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("no right")), "{outcome:?}");
        assert!(server.signs_in(ALICE, OLD).await.is_success());
    });
}
