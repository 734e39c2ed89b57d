//! A reset on a real `OpenLDAP`: each row of the requirements for a reset, and each fact that is not obvious.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::format_push_string,
    clippy::doc_markdown,
    clippy::unnecessary_debug_formatting,
    clippy::items_after_statements,
    clippy::print_stdout,
    reason = "tests"
)]
#![allow(missing_docs, reason = "test names are sentences")]

#[path = "../common/mod.rs"]
mod common;
mod groups;
mod names;
mod people;
mod rights;
mod server;
mod servers;

use common::{NEW, OLD, found, refused, reset, run, verdict};
use server::{ALICE, Slapd, slapd};
use sspr_config::credential::{Change, Error, Verdict};

#[track_caller]
fn is_unavailable(outcome: &Result<Change, Error>, why: &str) {
    assert!(matches!(outcome, Err(Error::Unavailable(text)) if text.contains(why)), "{outcome:?}");
}

#[test]
fn after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_does_not() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let alice = found(&directory, "alice").await;
        assert_eq!((alice.account.name.as_str(), alice.account.verdict), ("alice", Verdict::Eligible));
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
        assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(slapd.signs_in(ALICE, NEW).await.is_success());
        assert_eq!(slapd.signs_in(ALICE, OLD).await.code, 49);
        assert!(slapd.values(ALICE, "userPassword").await[0].starts_with("{SSHA}"), "never as it was typed");
        assert!(directory.find("nobody-has-this").await.unwrap().is_none());
    });
}

#[test]
fn a_lock_that_an_administrator_put_for_good_survives_a_reset_and_an_unlocking() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let id = found(&directory, "alice").await.account.id;
        slapd.set(ALICE, "pwdAccountLockedTime", &["000001010000Z"]).await;
        assert_eq!(verdict(&directory, "alice").await, Verdict::Locked);
        let outcome = directory.change("alice", &id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert!(matches!(directory.unlock("alice", &id).await, Err(Error::Refused(_))));
        assert_eq!(slapd.values(ALICE, "pwdAccountLockedTime").await, ["000001010000Z"]);
        slapd.set(ALICE, "pwdAccountLockedTime", &[]).await;
        assert!(slapd.signs_in(ALICE, OLD).await.is_success(), "nothing was written");
    });
}

#[test]
fn a_lock_by_failures_goes_with_a_reset_and_by_unlocking_alone() {
    run(async {
        let slapd = slapd().person("uid=bob,ou=people,dc=example,dc=org", "uid: bob").start();
        let directory = slapd.directory();
        let bob = "uid=bob,ou=people,dc=example,dc=org";
        for dn in [ALICE, bob] {
            slapd.lock_by_failures(dn).await;
        }
        let alice = found(&directory, "alice").await.account;
        assert!(alice.locked && alice.verdict == Verdict::Eligible);
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(!found(&directory, "alice").await.account.locked);
        assert!(slapd.values(ALICE, "pwdFailureTime").await.is_empty());
        // Bob is unlocked without a new password.
        let id = found(&directory, "bob").await.account.id;
        assert_eq!(directory.unlock("bob", &id).await, Ok(()));
        assert!(slapd.signs_in(bob, OLD).await.is_success());
        assert_eq!(directory.unlock("bob", &id).await, Ok(()), "and once more");
    });
}

#[test]
fn each_rule_of_the_policy_is_told_apart_and_nothing_is_written() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        assert_eq!(reset(&directory, "alice", "short-1").await, refused("The password is too short."));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        for used in [OLD, NEW] {
            assert_eq!(
                reset(&directory, "alice", used).await,
                refused("You used this password before. Choose another.")
            );
        }
        assert_eq!(
            reset(&directory, "alice", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA=").await,
            refused("The password is too simple for the directory.")
        );
        assert!(slapd.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn a_password_that_is_too_young_to_be_changed_is_told_as_such() {
    run(async {
        let slapd = slapd().policy("pwdMinAge: 86400").start();
        let directory = slapd.directory();
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        let young = "The password was changed a short while ago. The directory allows the next change later.";
        assert_eq!(reset(&directory, "alice", "Another-good-one-3").await, refused(young));
    });
}

#[test]
fn a_policy_that_wants_the_old_password_is_not_the_persons_fault_and_is_named() {
    run(async {
        let slapd = slapd().policy("pwdSafeModify: TRUE").start();
        is_unavailable(&reset(&slapd.directory(), "alice", NEW).await, "pwdSafeModify");
    });
}

#[test]
fn who_has_chosen_a_password_is_not_asked_for_another_where_the_policy_wants_one_after_an_administrators_reset() {
    run(async {
        // The service has the level manage, which the documents advise against.
        let slapd = slapd()
            .policy("pwdMustChange: TRUE")
            .access_but("org\" =w\n", "org\" manage\n")
            .access_extra(
                "access to attrs=pwdReset by dn.exact=\"cn=reset,ou=services,dc=example,dc=org\" write by * none",
            )
            .start();
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert_eq!(slapd.values(ALICE, "pwdReset").await, ["FALSE"]);
        // With the least rights too, a reset removes a requirement that was set before.
        let slapd = server::slapd().policy("pwdMustChange: TRUE").start();
        slapd.set(ALICE, "pwdReset", &["TRUE"]).await;
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert!(slapd.values(ALICE, "pwdReset").await.is_empty());
    });
}

#[test]
fn a_change_that_has_to_be_repeated_at_the_next_sign_in_is_said_where_it_can_not_be_taken_back() {
    run(async {
        let slapd = slapd().policy("pwdMustChange: TRUE").access_but("org\" =w\n", "org\" manage\n").start();
        let outcome = reset(&slapd.directory(), "alice", NEW).await;
        assert!(
            matches!(&outcome, Ok(Change::ChangedWithWarning(why)) if why.contains("at the next sign-in")),
            "{outcome:?}"
        );
    });
}

#[test]
fn a_stored_hash_that_nobody_can_use_is_found_by_the_bind_that_proves() {
    run(async {
        // This is the obvious "128 bit" salt, but libcrypt refuses 15 of 16 values of it. slapd reports success.
        let slapd = slapd()
            .global("password-hash {CRYPT}\npassword-crypt-salt-format \"$y$j9T$%.22s\"")
            .policy("pwdMaxFailure: 0")
            .start();
        let directory = slapd.directory();
        let mut found = None;
        for number in 0..8 {
            let new = format!("{NEW}-{number}");
            match reset(&directory, "alice", &new).await {
                Ok(Change::Changed) => assert!(slapd.signs_in(ALICE, &new).await.is_success()),
                other => {
                    found = Some(other);
                    break;
                }
            }
        }
        assert!(
            matches!(&found, Some(Err(Error::Failed(why))) if why.contains("nobody can sign in by it")),
            "{found:?}; one in 16 to the 8th"
        );
    });
}

#[test]
fn the_day_of_the_last_change_is_today_where_the_entry_has_one_and_is_not_invented() {
    run(async {
        let bob = "uid=bob,ou=people,dc=example,dc=org";
        let slapd = slapd().person(bob, "uid: bob\nshadowLastChange: 19000\nshadowMax: 90").start();
        let directory = slapd.directory();
        for name in ["alice", "bob"] {
            assert_eq!(reset(&directory, name, NEW).await, Ok(Change::Changed));
        }
        let today = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
        let written: u64 = slapd.values(bob, "shadowLastChange").await[0].parse().unwrap();
        assert!((today - 1..=today).contains(&written), "{written}");
        assert!(slapd.values(ALICE, "shadowLastChange").await.is_empty());
    });
}

#[test]
fn ended_entries_and_passwords_that_are_kept_elsewhere_are_refused() {
    run(async {
        let slapd = slapd()
            .person("uid=gone,ou=people,dc=example,dc=org", "uid: gone\nshadowExpire: 19000")
            .person("uid=nologin,ou=people,dc=example,dc=org", "uid: nologin")
            .start();
        // With the least rights, the service sees only that a password is stored elsewhere, and nothing else of it.
        slapd.set("uid=nologin,ou=people,dc=example,dc=org", "loginShell", &["/usr/sbin/nologin"]).await;
        let directory = slapd.directory();
        assert_eq!(verdict(&directory, "gone").await, Verdict::Expired);
        assert_eq!(verdict(&directory, "nologin").await, Verdict::NoLogin);
        for (attribute, value, want) in [
            ("pwdEndTime", "20200101000000Z", Verdict::Expired),
            ("pwdStartTime", "20900101000000Z", Verdict::Expired),
            ("userPassword", "{SASL}alice@EXAMPLE.ORG", Verdict::NotLocal),
        ] {
            slapd.set(ALICE, attribute, &[value]).await;
            assert_eq!(verdict(&directory, "alice").await, want, "{attribute}");
            let outcome = reset(&directory, "alice", NEW).await;
            assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
            slapd.set(ALICE, attribute, &[]).await;
        }
    });
}

#[test]
fn without_a_password_policy_a_reset_is_the_same() {
    run(async {
        let slapd = slapd()
            .without_policy()
            .access(
                &server::least()
                    .replace("pwdAccountLockedTime,", "")
                    .replace(",pwdHistory", "")
                    .replace(",pwdStartTime,pwdEndTime,pwdReset", ""),
            )
            .start();
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert!(slapd.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn who_asked_and_is_gone_before_the_write_changes_nothing() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let id = found(&directory, "alice").await.account.id;
        let gone = async { Err(Error::Denied("gone".to_owned())) };
        assert!(matches!(directory.change("alice", &id, NEW.as_bytes(), gone).await, Err(Error::Denied(_))));
        assert!(slapd.signs_in(ALICE, OLD).await.is_success());
        assert_eq!(directory.went_through("alice", &id, NEW.as_bytes()).await, Ok(false));
        assert_eq!(directory.went_through("alice", &id, OLD.as_bytes()).await, Ok(true));
        let _: &Slapd = &slapd;
    });
}

#[test]
fn who_was_away_for_too_long_is_locked_and_comes_back_by_a_reset() {
    run(async {
        let slapd = slapd()
            .database("lastbind on")
            .policy("pwdMaxIdle: 86400")
            .person("uid=idle,ou=people,dc=example,dc=org", "uid: idle\npwdLastSuccess: 20200101000000Z")
            .start();
        let idle = "uid=idle,ou=people,dc=example,dc=org";
        assert_eq!(slapd.signs_in(idle, OLD).await.code, 49);
        assert_eq!(reset(&slapd.directory(), "idle", NEW).await, Ok(Change::Changed));
        assert!(slapd.signs_in(idle, NEW).await.is_success());
    });
}

#[test]
fn what_a_reset_has_no_business_with_stays() {
    run(async {
        let slapd = slapd().start();
        slapd.set(ALICE, "pwdEndTime", &["20900101000000Z"]).await;
        slapd.set(ALICE, "shadowExpire", &["40000"]).await;
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
        for (attribute, value) in [
            ("pwdEndTime", "20900101000000Z"),
            ("shadowExpire", "40000"),
            ("loginShell", "/bin/bash"),
            ("mail", "alice@example.org"),
        ] {
            assert_eq!(slapd.values(ALICE, attribute).await, [value], "{attribute}");
        }
        assert_eq!(slapd.values(ALICE, "pwdHistory").await.len(), 1, "the old one");
        assert!(slapd.values(ALICE, "pwdAccountLockedTime").await.is_empty());
    });
}
