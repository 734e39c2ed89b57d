//! A reset on a real KDC of MIT Kerberos: each row of the requirements for a reset, and each fact that is not obvious.
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

use common::{NEW, OLD, check, found, levels, refused, reset, run, verdict};
use server::{ALICE, Realm};
use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::Level,
};

#[test]
fn after_a_reset_the_new_password_gets_a_ticket_at_once_and_the_old_one_does_not() {
    run(async {
        let realm = Realm::start().await;
        let directory = realm.directory();
        for name in ["alice", "bob"] {
            let person = found(&directory, name).await;
            assert_eq!(person.account.verdict, Verdict::Eligible, "{name}");
            assert_eq!(directory.is_right(&person, OLD.as_bytes()).await, Ok(true));
            assert_eq!(directory.is_right(&person, NEW.as_bytes()).await, Ok(false));
            assert_eq!(directory.is_right(&person, b"").await, Ok(false));
            assert_eq!(reset(&directory, name, NEW).await, Ok(Change::Changed));
            assert!(realm.has_ticket(name, NEW) && !realm.has_ticket(name, OLD));
        }
        // The value in the entry stays: the password is in the KDC.
        assert_eq!(realm.values(ALICE, "userPassword").await, ["{SASL}alice@EXAMPLE.ORG"]);
        for odd in ["p\u{e4} ss w\u{f6}rd-3", "-pw starts like an option 4", "\"quoted\" $(x) `y` 5"] {
            assert_eq!(reset(&directory, "bob", odd).await, Ok(Change::Changed), "{odd}");
            let bob = found(&directory, "bob").await;
            assert_eq!(directory.is_right(&bob, odd.as_bytes()).await, Ok(true), "{odd}");
        }
    });
}

#[test]
fn the_rules_of_the_kdc_are_told_apart_although_kadmin_can_end_as_if_all_went_well() {
    run(async {
        let realm = Realm::start().await;
        let directory = realm.directory();
        assert_eq!(reset(&directory, "alice", "Short-1").await, refused("The password is too short."));
        assert_eq!(
            reset(&directory, "alice", "onlysmallletters").await,
            refused("The password is too simple for the directory.")
        );
        assert_eq!(reset(&directory, "alice", OLD).await, refused("You used this password before. Choose another."));
        assert!(realm.has_ticket("alice", OLD));
    });
}

#[test]
fn a_lock_by_failures_and_a_change_that_is_due_go_with_a_reset() {
    run(async {
        let realm = Realm::start().await;
        let directory = realm.directory();
        realm.lock_by_failures("alice");
        let alice = found(&directory, "alice").await;
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(false));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(realm.has_ticket("alice", NEW));
        realm.must("kadmin.local modprinc +needchange bob");
        let bob = found(&directory, "bob").await;
        // The password is correct and must be changed. Without a ticket, nothing proves that it was the KDC that said
        // so.
        let outcome = directory.is_right(&bob, OLD.as_bytes()).await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("expired")), "{outcome:?}");
        assert_eq!(reset(&directory, "bob", NEW).await, Ok(Change::Changed));
        assert!(realm.has_ticket("bob", NEW));
    });
}

#[test]
fn whom_an_administrator_closed_stays_closed_and_the_ticket_that_proves_finds_it() {
    run(async {
        let realm = Realm::start().await;
        let directory = realm.directory();
        for (name, close) in [("alice", "modprinc -allow_tix"), ("bob", "modprinc -expire yesterday")] {
            realm.must(&format!("kadmin.local {close} {name}"));
            let outcome = reset(&directory, name, NEW).await;
            assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("the account is")), "{outcome:?}");
            assert!(!realm.has_ticket(name, NEW));
        }
    });
}

#[test]
fn administrators_others_principals_and_who_has_none_are_out_of_reach() {
    run(async {
        let realm = Realm::start().await;
        let directory = realm.directory();
        // Her entry refers to another user's password.
        assert_eq!(verdict(&directory, "carol").await, Verdict::NotLocal);
        // boss/admin is not boss, and boss has no principal.
        let outcome = reset(&directory, "boss", NEW).await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("kadmin")), "{outcome:?}");
        assert!(realm.has_ticket("boss/admin", OLD));
    });
}

#[test]
fn no_right_a_key_that_is_none_and_a_server_that_is_down_are_not_the_persons_fault_and_are_named() {
    run(async {
        let realm = Realm::start().await;
        realm.must("kadmin.local addprinc -randkey other && kadmin.local ktadd -k /mnt/keytab other");
        let is_unavailable = |outcome: Result<Change, Error>, why: &str| {
            assert!(matches!(&outcome, Err(Error::Unavailable(text)) if text.contains(why)), "{outcome:?}");
        };
        is_unavailable(reset(&realm.directory_by("other@EXAMPLE.ORG"), "alice", NEW).await, "kadmin: ");
        is_unavailable(reset(&realm.directory_by("nobody@EXAMPLE.ORG"), "alice", NEW).await, "kadmin: ");
        let rows = check(&realm.directory()).await;
        assert_eq!(levels(&rows, "kerberos"), [Level::Ok], "{rows:?}");
        assert!(rows.iter().all(|row| row.1 == Level::Ok), "{rows:?}");
        assert_eq!(levels(&check(&realm.directory_by("nobody@EXAMPLE.ORG")).await, "kerberos"), [Level::Fail]);
        realm.must("kill $(cat /mnt/kadmind.pid)");
        is_unavailable(reset(&realm.directory(), "alice", NEW).await, "kadmin: ");
        assert!(realm.has_ticket("alice", OLD));
        std::fs::remove_file(realm.path("keytab")).unwrap();
        assert!(realm.directory().hindrance().unwrap().contains("keytab"));
    });
}

#[test]
fn an_answer_of_kadmin_that_got_lost_is_looked_after_and_a_no_of_the_kdc_does_not_mean_that_nothing_was_written() {
    run(async {
        let realm = Realm::start().await;
        let line = std::fs::read_to_string(realm.path("kadmin")).unwrap();
        let lost =
            "echo 'change_password: Communication failure with server while changing password for \"x\".' >&2\nexit 1";
        let outcome = async |kadmin: String| {
            std::fs::write(realm.path("kadmin"), kadmin).unwrap();
            reset(&realm.directory(), "alice", NEW).await
        };
        // Nothing was written. A KDC that lags would report the same.
        let not = outcome(format!("#!/bin/sh\n{lost}\n")).await;
        assert!(matches!(&not, Err(Error::Failed(why)) if why.contains("Communication failure")), "{not:?}");
        // The KDC counts each refusal as a failure, until a ticket is issued.
        assert!(realm.has_ticket("alice", OLD));
        let directory = realm.directory();
        let id = found(&directory, "alice").await.account.id;
        let not = directory.went_through("alice", &id, NEW.as_bytes()).await;
        assert!(matches!(not, Err(Error::Failed(_))), "{not:?}");
        assert!(realm.has_ticket("alice", OLD));
        // The password was written.
        let done = outcome(format!("{}\n{lost}\n", line.replace("exec ", ""))).await;
        assert!(matches!(&done, Ok(Change::ChangedWithWarning(why)) if why.contains("not answered")), "{done:?}");
        assert!(realm.has_ticket("alice", NEW));
        assert_eq!(directory.went_through("alice", &id, NEW.as_bytes()).await, Ok(true));
    });
}

/// An attacker on the network can drop kadmin's request, and answer kinit in the KDC's place.
#[test]
fn where_an_answer_of_kadmin_got_lost_nobody_is_believed_who_says_without_a_ticket_that_the_new_password_has_expired() {
    run(async {
        let realm = Realm::start().await;
        let directory = realm.directory();
        let id = found(&directory, "alice").await.account.id;
        for (program, said) in [
            ("kadmin", "change_password: Communication failure with server while changing password for \"x\"."),
            ("kinit", "kinit: Password has expired while getting initial credentials"),
        ] {
            std::fs::write(realm.path(program), format!("#!/bin/sh\necho '{said}' >&2\nexit 1\n")).unwrap();
        }
        let outcome = reset(&directory, "alice", NEW).await;
        assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("nothing proves that")), "{outcome:?}");
        let outcome = directory.went_through("alice", &id, NEW.as_bytes()).await;
        assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("nothing proves that")), "{outcome:?}");
        assert!(realm.has_ticket("alice", OLD) && !realm.has_ticket("alice", NEW));
    });
}

#[test]
fn a_kdc_that_has_another_key_for_the_one_who_sets_passwords_is_not_believed_whatever_it_says() {
    run(async {
        let realm = Realm::start().await;
        let directory = realm.directory();
        let alice = found(&directory, "alice").await;
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
        // The KDC is like an attacker's, who knows the password that will be typed but not the keys of the realm.
        realm.must("kadmin.local cpw -randkey sspr/admin");
        assert!(realm.has_ticket("alice", OLD));
        let outcome = directory.is_right(&alice, OLD.as_bytes()).await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("does not prove")), "{outcome:?}");
        // Doctor reports the stale key, and a principal for which the KDC issues no tickets.
        assert_eq!(levels(&check(&directory).await, "kerberos"), [Level::Fail]);
        realm.must(
            "kadmin.local ktadd -norandkey -k /mnt/keytab sspr/admin && kadmin.local modprinc -allow_svr sspr/admin",
        );
        let rows = check(&directory).await;
        assert!(rows.iter().any(|row| row.0 == "kerberos" && row.2.contains("does not prove")), "{rows:?}");
        let left = std::fs::read_dir(realm.path("")).unwrap().flatten();
        assert_eq!(left.filter(|file| file.file_name().to_string_lossy().starts_with("tickets.")).count(), 0);
    });
}

#[test]
fn no_argument_of_a_program_has_a_password_in_it() {
    run(async {
        let realm = Realm::start().await;
        // Doubles of the programs store their arguments.
        for program in ["kadmin", "kinit", "kvno"] {
            let line = std::fs::read_to_string(realm.path(program)).unwrap();
            let kept = realm.path("arguments").display().to_string();
            let line = line.replace("exec ", &format!("{{ printf '%s\\n' \"$@\"; env; }} >>{kept}\nexec "));
            std::fs::write(realm.path(program), line).unwrap();
        }
        assert_eq!(reset(&realm.directory(), "alice", NEW).await, Ok(Change::Changed));
        let kept = std::fs::read_to_string(realm.path("arguments")).unwrap();
        assert!(kept.contains("cpw\nalice@EXAMPLE.ORG") && kept.contains("FILE:"), "{kept}");
        assert!(!kept.contains(NEW) && !kept.contains(OLD), "{kept}");
    });
}
