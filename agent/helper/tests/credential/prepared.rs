//! A finding about a new password, from while it is typed again, is valid only for that password, and only while its
//! grounds are unchanged. It is not visible from outside: these changes have the same outcome without it.

use std::{fs, time::Duration};

use sspr_agent::credential::{
    Change, INTERFACE,
    client::{BusCredentials, Credentials as _, CredentialsError},
};
use sspr_config::{
    bus::{CREDENTIAL, CREDENTIAL_PATH},
    sealed,
};
use zbus::{Connection, Fd};

use crate::host::{Host, NEW, OLD, on_a_host, sh, until};

const OTHER: &str = "Third-lantern-word-3";

/// Checks `password` ahead of its change, as the agent does, and waits for the result.
async fn prepare(bus: &Connection, user: &str, uid: u32, password: &str) -> zbus::Result<()> {
    let sealed = sealed::make(password.as_bytes()).unwrap();
    let body = (user, uid, Fd::from(&sealed));
    bus.call_method(Some(CREDENTIAL), CREDENTIAL_PATH, Some(INTERFACE), "Prepare", &body).await.map(drop)
}

/// Whether the last change used what was prepared.
fn as_prepared(host: &Host) -> bool {
    let log = host.log();
    let last = log.lines().rfind(|line| line.contains("a new password") && line.contains("as_prepared")).unwrap();
    last.contains("as_prepared=true")
}

/// Whether no helper is on the bus.
async fn is_gone(bus: &Connection) -> Option<()> {
    let name = "org.freedesktop.DBus";
    let asked = bus.call_method(Some(name), "/org/freedesktop/DBus", Some(name), "NameHasOwner", &CREDENTIAL).await;
    (!asked.unwrap().body().deserialize::<bool>().unwrap()).then_some(())
}

#[test]
fn a_password_that_was_prepared_is_set_and_what_was_found_is_used_once() {
    on_a_host("prepared::a_password_that_was_prepared_is_set_and_what_was_found_is_used_once", async |host: &Host| {
        let uid = host.user("alice");
        let (bus, credentials) = (host.connect().await, host.credentials().await);
        let before = host.shadow("alice");
        prepare(&bus, "alice", uid, NEW).await.unwrap();
        assert_eq!(host.shadow("alice"), before, "nothing is written ahead");
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        assert!(as_prepared(host), "{}", host.log());
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
        // It is the current password now, although the earlier finding says otherwise.
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Same));
        assert!(!as_prepared(host));
        // Through the agent's own client, which waits for nothing.
        credentials.prepare("alice", uid, OLD.as_bytes());
        assert_eq!(credentials.account("alice").await.unwrap().uid, uid);
        assert_eq!(credentials.change("alice", uid, OLD.as_bytes()).await, Ok(Change::Changed));
        assert!(as_prepared(host), "{}", host.log());
    });
}

#[test]
fn a_refusal_that_was_prepared_is_said_as_it_is_without() {
    on_a_host("prepared::a_refusal_that_was_prepared_is_said_as_it_is_without", async |host: &Host| {
        let uid = host.user("alice");
        let (bus, credentials) = (host.connect().await, host.credentials().await);
        let before = host.shadow("alice");
        for (password, by_finding) in [(OLD, true), ("sh0rt", false), ("alice-Alice-42", false)] {
            let without = credentials.change("alice", uid, password.as_bytes()).await;
            prepare(&bus, "alice", uid, password).await.unwrap();
            assert_eq!(credentials.change("alice", uid, password.as_bytes()).await, without, "{password}");
            assert!(as_prepared(host), "{password}");
            assert_eq!(without == Ok(Change::Same), by_finding, "{without:?}");
            assert!(matches!(without, Ok(Change::Same | Change::Refused(_))), "{without:?}");
        }
        assert_eq!(host.shadow("alice"), before);
    });
}

#[test]
fn what_was_prepared_counts_for_no_other_password_account_or_uid() {
    on_a_host("prepared::what_was_prepared_counts_for_no_other_password_account_or_uid", async |host: &Host| {
        let (alice, bob) = (host.user("alice"), host.user("bob"));
        let (bus, credentials) = (host.connect().await, host.credentials().await);
        prepare(&bus, "alice", alice, NEW).await.unwrap();
        // The password is bob's current one; the finding is about alice's new one.
        assert_eq!(credentials.change("bob", bob, OLD.as_bytes()).await, Ok(Change::Same));
        assert!(!as_prepared(host));
        assert_eq!(credentials.change("alice", alice, OLD.as_bytes()).await, Ok(Change::Same));
        assert!(!as_prepared(host));
        let refused = prepare(&bus, "alice", alice + 1, NEW).await;
        assert!(refused.is_err_and(|why| why.to_string().contains("Refused")));
        prepare(&bus, "alice", alice, NEW).await.unwrap();
        let other = credentials.change("alice", alice + 1, NEW.as_bytes()).await;
        assert!(matches!(other, Err(CredentialsError::Refused(_))), "{other:?}");
        assert_eq!(credentials.change("alice", alice, NEW.as_bytes()).await, Ok(Change::Changed));
    });
}

#[test]
fn a_shadow_line_that_changed_in_between_is_noticed() {
    on_a_host("prepared::a_shadow_line_that_changed_in_between_is_noticed", async |host: &Host| {
        let uid = host.user("alice");
        let (bus, credentials) = (host.connect().await, host.credentials().await);
        // The password that was acceptable is the current one now.
        prepare(&bus, "alice", uid, NEW).await.unwrap();
        sh(&format!("echo 'alice:{NEW}' | chpasswd"));
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Same));
        assert!(!as_prepared(host));
        // The password that was the current one no longer is.
        prepare(&bus, "alice", uid, NEW).await.unwrap();
        sh(&format!("echo 'alice:{OTHER}' | chpasswd"));
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        assert!(!as_prepared(host));
        // An account that was locked in between is not opened.
        for close in
            ["usermod -L alice", "usermod -U alice; chage -E 2001-01-01 alice", "chage -E -1 alice; userdel alice"]
        {
            prepare(&bus, "alice", uid, OTHER).await.unwrap();
            sh(close);
            let before = fs::read("/etc/shadow").unwrap();
            let closed = credentials.change("alice", uid, OTHER.as_bytes()).await;
            assert!(matches!(closed, Err(CredentialsError::Refused(_))), "{close}: {closed:?}");
            assert_eq!(fs::read("/etc/shadow").unwrap(), before, "{close}");
            if close.starts_with("usermod -L") {
                sh("usermod -U alice");
            } else if close.contains("2001") {
                sh("chage -E -1 alice");
            }
        }
    });
}

#[test]
fn rules_and_old_passwords_that_changed_in_between_are_noticed() {
    on_a_host("prepared::rules_and_old_passwords_that_changed_in_between_are_noticed", async |host: &Host| {
        let uid = host.user("alice");
        let (bus, credentials) = (host.connect().await, host.credentials().await);
        let before = host.shadow("alice");
        let usual = fs::read_to_string("/etc/pam.d/common-password").unwrap();
        prepare(&bus, "alice", uid, NEW).await.unwrap();
        fs::write("/etc/pam.d/common-password", usual.replace("obscure", "obscure minlen=40")).unwrap();
        let refused = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert_eq!(refused, Ok(Change::Refused("You must choose a longer password.".to_owned())));
        fs::write("/etc/pam.d/common-password", usual.replace("obscure", "obscure remember=3")).unwrap();
        prepare(&bus, "alice", uid, NEW).await.unwrap();
        // As pam_unix remembers it.
        let old = sh(&format!("perl -e 'print crypt(\"{NEW}\", q($6$saltsalt$))'"));
        fs::write("/etc/security/opasswd", format!("alice:{uid}:1:{old}\n")).unwrap();
        let refused = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert_eq!(refused, Ok(Change::Refused("Password has been already used. Choose another.".to_owned())));
        assert_eq!(host.shadow("alice"), before);
    });
}

#[test]
fn a_helper_that_ended_in_between_or_was_told_to_forget_finds_it_all_out_anew() {
    on_a_host(
        "prepared::a_helper_that_ended_in_between_or_was_told_to_forget_finds_it_all_out_anew",
        async |host: &Host| {
            let uid = host.user("alice");
            let (bus, credentials) = (host.connect().await, host.credentials().await);
            prepare(&bus, "alice", uid, NEW).await.unwrap();
            sh("pkill -KILL -x sspr-credential");
            until(Duration::from_secs(20), async || is_gone(&bus).await).await;
            assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
            assert!(!as_prepared(host));
            prepare(&bus, "alice", uid, OLD).await.unwrap();
            credentials.forget("alice");
            // After it on the same connection.
            assert_eq!(credentials.account("alice").await.unwrap().uid, uid);
            assert_eq!(credentials.change("alice", uid, OLD.as_bytes()).await, Ok(Change::Changed));
            assert!(!as_prepared(host));
            // No helper is started just to forget.
            until(Duration::from_secs(20), async || is_gone(&bus).await).await;
            let starts = || host.log().matches("Activating service").count();
            let before = starts();
            BusCredentials::new(bus.clone()).forget("alice");
            tokio::task::yield_now().await;
            // After it on the same connection.
            assert!(is_gone(&bus).await.is_some());
            assert_eq!(starts(), before);
        },
    );
}

#[test]
fn what_is_forgotten_while_it_waits_for_its_turn_is_not_kept() {
    on_a_host("prepared::what_is_forgotten_while_it_waits_for_its_turn_is_not_kept", async |host: &Host| {
        let (alice, bob) = (host.user("alice"), host.user("bob"));
        let (bus, credentials) = (host.connect().await, host.credentials().await);
        let lock = fs::OpenOptions::new().write(true).create(true).truncate(false).open("/etc/.pwd.lock").unwrap();
        rustix::fs::fcntl_lock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
        // It has the turn, and waits for the files.
        let ahead = credentials.change("bob", bob, NEW.as_bytes());
        let behind = prepare(&bus, "alice", alice, NEW);
        let forgotten = async {
            let path = CREDENTIAL_PATH;
            bus.call_method(Some(CREDENTIAL), path, Some(INTERFACE), "Forget", &("alice",)).await.unwrap();
            drop(lock);
        };
        // Whether it was cancelled or came first after all, nothing is left of it.
        let (ahead, _, ()) = futures_util::future::join3(ahead, behind, forgotten).await;
        assert_eq!(ahead, Ok(Change::Changed));
        assert_eq!(credentials.change("alice", alice, NEW.as_bytes()).await, Ok(Change::Changed));
        assert!(!as_prepared(host), "{}", host.log());
    });
}

/// A helper that answered this without counting would reveal by its time whether a password is the current one.
#[test]
fn so_many_are_looked_at_ahead_in_an_hour_and_a_change_goes_on_without() {
    on_a_host("prepared::so_many_are_looked_at_ahead_in_an_hour_and_a_change_goes_on_without", async |host: &Host| {
        let uid = host.user("alice");
        let (bus, credentials) = (host.connect().await, host.credentials().await);
        for _ in 0..10 {
            prepare(&bus, "alice", uid, NEW).await.unwrap();
        }
        let more = prepare(&bus, "alice", uid, OTHER).await;
        assert!(more.is_err_and(|why| why.to_string().contains("no more is judged")));
        assert_eq!(credentials.change("alice", uid, OTHER.as_bytes()).await, Ok(Change::Changed));
        assert!(!as_prepared(host));
    });
}
