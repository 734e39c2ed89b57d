//! A host with trouble: broken PAM, locked files, and modules and directories that hang.

use std::{
    fs,
    time::{Duration, Instant},
};

use sspr_agent::credential::{
    Change, Verdict,
    client::{Credentials as _, CredentialsError},
};
use sspr_config::bus::CREDENTIAL;

use crate::host::{Host, NEW, OLD, on_a_host, pam_line_before, sh, until};

#[test]
fn a_missing_or_broken_pam_configuration_leaves_the_old_password() {
    on_a_host("trouble::a_missing_or_broken_pam_configuration_leaves_the_old_password", async |host: &Host| {
        let uid = host.user("alice");
        let before = host.shadow("alice");
        let credentials = host.credentials().await;
        for text in [
            Some("password required\n"),
            Some("@include no-such-file\n"),
            Some("auth required pam_permit.so\n"),
            Some("password required pam_no_such_module.so\n"),
            Some("password required pam_deny.so\n"),
            None,
        ] {
            match text {
                Some(text) => fs::write("/etc/pam.d/sspr", text).unwrap(),
                None => fs::remove_file("/etc/pam.d/sspr").unwrap(),
            }
            let change = credentials.change("alice", uid, NEW.as_bytes()).await;
            assert!(matches!(change, Err(CredentialsError::Unavailable(_))), "{text:?}: {change:?}");
        }
        // A stack that reports success without a change has failed, and it is certain that nothing was done.
        fs::write("/etc/pam.d/sspr", "password required pam_permit.so\n").unwrap();
        let change = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert!(matches!(change, Err(CredentialsError::Unavailable(_))), "{change:?}");
        assert_eq!(host.shadow("alice"), before);
    });
}

#[test]
fn modules_that_ask_for_something_else_are_passed_over_when_a_password_is_verified() {
    on_a_host(
        "trouble::modules_that_ask_for_something_else_are_passed_over_when_a_password_is_verified",
        async |host: &Host| {
            host.user("alice");
            pam_line_before("common-auth", "pam_unix.so", "auth sufficient pam_sspr.so");
            pam_line_before("common-auth", "pam_permit.so", "auth required pam_google_authenticator.so");
            let credentials = host.credentials().await;
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(true));
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
        },
    );
}

/// Audit L3: with the checking module removed, whatever was left said yes.
#[test]
fn a_wrong_password_is_wrong_under_every_stack_of_pam() {
    on_a_host("trouble::a_wrong_password_is_wrong_under_every_stack_of_pam", async |host: &Host| {
        host.user("alice");
        let credentials = host.credentials().await;
        for auth in [
            "auth required pam_permit.so\n",
            "auth required pam_ldap.so\nauth required pam_permit.so\n",
            "auth sufficient pam_succeed_if.so uid >= 0\nauth required pam_deny.so\n",
            "auth [success=1 default=ignore] pam_tcb.so\nauth sufficient pam_permit.so\n",
            "auth sufficient pam_localuser.so\nauth required pam_unix.so\n",
            "auth [success=ok default=ignore] pam_unix.so\nauth required pam_permit.so\n",
        ] {
            fs::write("/etc/pam.d/sspr", auth).unwrap();
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false), "{auth}");
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(true), "{auth}");
        }
        // A refusal by PAM counts as well.
        for auth in ["auth required pam_deny.so\n", "auth requisite pam_succeed_if.so uid = 0\n"] {
            fs::write("/etc/pam.d/sspr", auth).unwrap();
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(false), "{auth}");
        }
    });
}

#[test]
fn locked_account_files_are_an_error_in_time_and_not_a_hang() {
    on_a_host("trouble::locked_account_files_are_an_error_in_time_and_not_a_hang", async |host: &Host| {
        let uid = host.user("alice");
        let before = host.shadow("alice");
        let credentials = host.credentials().await;
        let lock = fs::OpenOptions::new().write(true).create(true).truncate(false).open("/etc/.pwd.lock").unwrap();
        rustix::fs::fcntl_lock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
        let start = Instant::now();
        let change = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert!(matches!(change, Err(CredentialsError::Unavailable(_))), "{change:?}");
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!(host.shadow("alice"), before);
        drop(lock);
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
    });
}

#[test]
fn a_module_that_hangs_ends_the_helper_and_the_next_call_starts_another() {
    on_a_host("trouble::a_module_that_hangs_ends_the_helper_and_the_next_call_starts_another", async |host: &Host| {
        let uid = host.user("alice");
        let before = host.shadow("alice");
        pam_line_before("common-password", "pam_unix.so", "password requisite pam_exec.so /bin/sleep 100");
        let credentials = host.credentials().await;
        let start = Instant::now();
        let change = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert!(matches!(change, Err(CredentialsError::Unavailable(_))), "the next one looked: {change:?}");
        assert!(start.elapsed() < Duration::from_secs(45));
        assert_eq!(host.shadow("alice"), before);
        sh("sed -i /pam_exec/d /etc/pam.d/common-password");
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
    });
}

#[test]
fn a_directory_that_hangs_holds_up_nobody_for_long_and_a_name_that_is_not_of_this_machine_not_at_all() {
    on_a_host(
        "trouble::a_directory_that_hangs_holds_up_nobody_for_long_and_a_name_that_is_not_of_this_machine_not_at_all",
        async |host: &Host| {
            let uid = host.user("alice");
            let credentials = host.credentials().await;
            // The name service asks a directory for groups even of this machine's own accounts.
            sh("mv /etc/group /etc/group.kept && mkfifo /etc/group");
            let unknown = credentials.account("nobody-has-this").await.unwrap();
            assert_eq!(unknown.verdict, Verdict::Unknown);
            let before = host.shadow("alice");
            for _ in 0..2 {
                let account = credentials.account("alice").await;
                assert!(matches!(account, Err(CredentialsError::Unavailable(_))), "{account:?}");
            }
            let change = credentials.change("alice", uid, NEW.as_bytes()).await;
            assert!(change.is_err(), "{change:?}");
            assert_eq!(host.shadow("alice"), before);
            sh("mv /etc/group.kept /etc/group");
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::Eligible);
        },
    );
}

#[test]
fn the_helper_is_left_with_one_thread_and_ends_when_idle_and_the_next_call_starts_another() {
    on_a_host(
        "trouble::the_helper_is_left_with_one_thread_and_ends_when_idle_and_the_next_call_starts_another",
        async |host: &Host| {
            let uid = host.user("alice");
            let bus = host.connect().await;
            let credentials = host.credentials().await;
            let bus_name = "org.freedesktop.DBus";
            let ask = async |member: &'static str| {
                bus.call_method(Some(bus_name), "/org/freedesktop/DBus", Some(bus_name), member, &CREDENTIAL).await
            };
            assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
            let pid: u32 = ask("GetConnectionUnixProcessID").await.unwrap().body().deserialize().unwrap();
            let threads = || fs::read_dir(format!("/proc/{pid}/task")).unwrap().count();
            until(Duration::from_secs(10), async || (threads() == 1).then_some(())).await;
            until(Duration::from_secs(10), async || (!fs::exists(format!("/proc/{pid}/exe")).unwrap()).then_some(()))
                .await;
            assert!(ask("GetNameOwner").await.is_err());
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
        },
    );
}
