//! The outcome of a change is what the shadow file shows afterwards, whatever the last module reported and whichever
//! process survived.

use std::{fs, os::unix::fs::PermissionsExt as _};

use sspr_agent::credential::{
    Change,
    client::{Credentials as _, CredentialsError},
};

use crate::{
    faillock::{failures, with_faillock},
    host::{Host, NEW, OLD, on_a_host, pam_line_before},
};

/// A program that kills its own caller, as the kernel does when memory runs out.
fn killer() -> &'static str {
    let path = "/run/sspr-test/kill";
    fs::write(path, "#!/bin/sh\nkill -KILL $PPID\n").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_module_that_fails_behind_the_one_that_wrote_leaves_a_changed_password_and_a_warning() {
    on_a_host(
        "outcome::a_module_that_fails_behind_the_one_that_wrote_leaves_a_changed_password_and_a_warning",
        async |host: &Host| {
            let uid = host.user("alice");
            with_faillock("deny=2");
            pam_line_before("common-password", "pam_permit.so", "password required pam_exec.so /bin/false");
            let credentials = host.credentials().await;
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
            assert!(credentials.account("alice").await.unwrap().faillock_locked);
            let change = credentials.change("alice", uid, NEW.as_bytes()).await;
            assert!(matches!(&change, Ok(Change::ChangedWithWarning(why)) if why.contains("PAM")), "{change:?}");
            assert_eq!(failures("alice", "/run/faillock"), 0, "what follows a change follows");
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
            assert!(host.log().contains("changed, but:"), "{}", host.log());
            // The same module before the write: nothing is written, and the outcome says so.
            let before = host.shadow("alice");
            pam_line_before("common-password", "pam_unix.so", "password requisite pam_exec.so /bin/false");
            let change = credentials.change("alice", uid, OLD.as_bytes()).await;
            assert!(matches!(change, Err(CredentialsError::Unavailable(_)) | Ok(Change::Refused(_))), "{change:?}");
            assert_eq!(host.shadow("alice"), before);
        },
    );
}

#[test]
fn after_the_death_of_a_helper_the_next_one_looks_before_anybody_is_told() {
    on_a_host("outcome::after_the_death_of_a_helper_the_next_one_looks_before_anybody_is_told", async |host: &Host| {
        let uid = host.user("alice");
        let credentials = host.credentials().await;
        let before = host.shadow("alice");
        let killed = format!("password optional pam_exec.so quiet {}", killer());
        let usual = fs::read_to_string("/etc/pam.d/common-password").unwrap();
        pam_line_before("common-password", "pam_unix.so", &killed);
        let change = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert!(
            matches!(&change, Err(CredentialsError::Unavailable(why)) if why.contains("nothing was written")),
            "{change:?}"
        );
        assert_eq!(host.shadow("alice"), before);
        fs::write("/etc/pam.d/common-password", usual).unwrap();
        pam_line_before("common-password", "pam_permit.so", &killed);
        let change = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert!(matches!(change, Ok(Change::ChangedWithWarning(_))), "{change:?}");
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}

#[test]
fn a_costly_hash_many_remembered_ones_and_a_slow_script_are_waited_for() {
    on_a_host("outcome::a_costly_hash_many_remembered_ones_and_a_slow_script_are_waited_for", async |host: &Host| {
        let uid = host.user("alice");
        let text = fs::read_to_string("/etc/pam.d/common-password").unwrap();
        fs::write("/etc/pam.d/common-password", text.replace("yescrypt", "yescrypt rounds=8")).unwrap();
        pam_line_before(
            "common-password",
            "pam_unix.so",
            "password requisite pam_pwhistory.so remember=24 use_authtok",
        );
        pam_line_before("common-password", "pam_permit.so", "password optional pam_exec.so quiet /bin/sleep 11");
        let hash = host.shadow("alice")[1].clone();
        let remembered = vec![hash; 24].join(",");
        fs::write("/etc/security/opasswd", format!("alice:{uid}:24:{remembered}\n")).unwrap();
        let credentials = host.credentials().await;
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        assert!(host.shadow("alice")[1].starts_with("$y$jCT$"), "{}", host.shadow("alice")[1]);
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}
