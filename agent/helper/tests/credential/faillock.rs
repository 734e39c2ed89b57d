//! Accounts that `pam_faillock` locked, with the module itself in the host's own lines.

use std::time::{Duration, Instant};

use sspr_agent::credential::{
    Change, NO_UID,
    client::{Credentials as _, CredentialsError},
};

use crate::host::{Host, NEW, OLD, on_a_host, pam_line_before, sh};

/// Adds the module to the host's lines with these options, as its manual describes.
pub(crate) fn with_faillock(options: &str) {
    pam_line_before("common-auth", "pam_unix.so", &format!("auth required pam_faillock.so preauth {options}"));
    pam_line_before("common-auth", "pam_deny.so", &format!("auth [default=die] pam_faillock.so authfail {options}"));
    // pam_unix now has to skip the line that counts.
    sh("sed -i 's/success=1 default=ignore\\].*pam_unix/success=2 default=ignore] pam_unix/' /etc/pam.d/common-auth");
}

pub(crate) fn failures(name: &str, directory: &str) -> usize {
    sh(&format!("faillock --dir {directory} --user {name}")).lines().filter(|line| line.ends_with('V')).count()
}

#[test]
fn failures_count_where_the_host_uses_faillock_and_a_change_clears_them() {
    on_a_host("faillock::failures_count_where_the_host_uses_faillock_and_a_change_clears_them", async |host: &Host| {
        let uid = host.user("alice");
        with_faillock("deny=2");
        let credentials = host.credentials().await;
        let failures = || failures("alice", "/run/faillock");
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
        assert_eq!(failures(), 1);
        assert!(!credentials.account("alice").await.unwrap().faillock_locked);
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
        assert_eq!(failures(), 2);
        assert!(credentials.account("alice").await.unwrap().faillock_locked);
        assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(false), "locked by faillock");
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        assert_eq!(failures(), 0);
        assert!(!credentials.account("alice").await.unwrap().faillock_locked);
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}

#[test]
fn unlocking_clears_the_tally_wherever_the_host_keeps_it_and_leaves_the_password() {
    on_a_host(
        "faillock::unlocking_clears_the_tally_wherever_the_host_keeps_it_and_leaves_the_password",
        async |host: &Host| {
            let uid = host.user("alice");
            sh(
                "mkdir /run/tallies && printf 'dir = /run/tallies\\ndeny = 2\\nunlock_time = 0\\n' >/etc/security/faillock.conf",
            );
            with_faillock("silent");
            let before = host.shadow("alice");
            let credentials = host.credentials().await;
            for _ in 0..2 {
                assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
            }
            assert_eq!(failures("alice", "/run/tallies"), 2);
            assert!(credentials.account("alice").await.unwrap().faillock_locked);
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(false), "locked by faillock");
            assert_eq!(credentials.unlock("alice", uid).await, Ok(()));
            assert_eq!(failures("alice", "/run/tallies"), 0);
            assert!(!credentials.account("alice").await.unwrap().faillock_locked);
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(true));
            assert_eq!(credentials.unlock("alice", uid).await, Ok(()), "nothing to clear is no fault");
            assert_eq!(host.shadow("alice"), before);
        },
    );
}

#[test]
fn no_account_is_unlocked_that_is_not_served_or_not_the_one_that_was_meant() {
    on_a_host(
        "faillock::no_account_is_unlocked_that_is_not_served_or_not_the_one_that_was_meant",
        async |host: &Host| {
            let uid = host.user("alice");
            for name in ["left", "locked"] {
                host.user(name);
            }
            with_faillock("deny=1");
            host.settings("[scope]\nenable = \"all\"\nexclude = [\"left\"]\n");
            sh("usermod -L locked && useradd -M -s /bin/bash -u 900 service");
            let names = ["alice", "left", "locked", "service", "root"];
            for name in names {
                // One valid record from 1970.
                let record = "head -c 54 /dev/zero; printf '\\001\\000\\001'; head -c 7 /dev/zero";
                sh(&format!("{{ {record}; }} >/run/faillock/{name}"));
                assert_eq!(failures(name, "/run/faillock"), 1, "{name}");
            }
            let credentials = host.credentials().await;
            for (name, uid) in [
                ("alice", uid + 1),
                ("alice", 0),
                ("alice", NO_UID),
                ("left", uid + 1),
                ("locked", uid + 2),
                ("service", 900),
                ("root", 0),
                ("../faillock/alice", uid),
                ("nobody-has-this", NO_UID),
            ] {
                let unlock = credentials.unlock(name, uid).await;
                assert!(matches!(unlock, Err(CredentialsError::Refused(_))), "{name}: {unlock:?}");
                let after = credentials.aftermath(name, uid, true).await;
                assert!(matches!(after, Err(CredentialsError::Refused(_))), "{name}: {after:?}");
            }
            for name in names {
                assert_eq!(failures(name, "/run/faillock"), 1, "{name}");
            }
            assert!(host.shadow("locked")[1].starts_with('!'));
        },
    );
}

#[test]
fn somebody_who_holds_the_lock_of_the_own_tally_keeps_nobody_waiting() {
    on_a_host("faillock::somebody_who_holds_the_lock_of_the_own_tally_keeps_nobody_waiting", async |host: &Host| {
        let uid = host.user("alice");
        with_faillock("deny=1");
        let credentials = host.credentials().await;
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
        let tally = std::fs::File::open("/run/faillock/alice").unwrap();
        rustix::fs::flock(&tally, rustix::fs::FlockOperation::LockExclusive).unwrap();
        let start = Instant::now();
        assert!(credentials.account("alice").await.unwrap().faillock_locked);
        assert!(start.elapsed() < Duration::from_secs(1));
        let unlock = credentials.unlock("alice", uid).await;
        assert!(matches!(unlock, Err(CredentialsError::Unavailable(_))), "{unlock:?}");
        assert!(start.elapsed() < Duration::from_secs(6));
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        drop(tally);
        assert_eq!(credentials.unlock("alice", uid).await, Ok(()));
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}
