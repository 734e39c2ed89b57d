//! The host's files are read as the host itself reads them: a line or byte that other programs skip affects no other
//! line.

use std::fs;

use sspr_agent::credential::{Change, Verdict, client::Credentials as _};

use crate::{
    faillock::with_faillock,
    host::{Host, NEW, OLD, on_a_host, pam_line_before, sh},
};

/// Inserts a comment line with a Latin-1 byte at the beginning of the file at `path`.
fn with_latin_1(path: &str) {
    let mut bytes = b"# f\xfcr alle\n".to_vec();
    bytes.extend(fs::read(path).unwrap_or_default());
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_shadow_line_of_five_or_eight_fields_is_served_and_a_broken_one_costs_its_own_account() {
    on_a_host(
        "files::a_shadow_line_of_five_or_eight_fields_is_served_and_a_broken_one_costs_its_own_account",
        async |host: &Host| {
            for name in ["alice", "five", "eight", "broken"] {
                host.user(name);
            }
            sh(
                "sed -i -E -e 's/^(five:[^:]*:[0-9]*:0:99999):.*/\\1/' -e 's/^(eight:[^:]*:[0-9]*:0:99999:7):.*/\\1:30:30000/' \
                -e 's/^(broken:[^:]*):.*/\\1:today/' /etc/shadow",
            );
            let credentials = host.credentials().await;
            for (name, verdict) in [
                ("alice", Verdict::Eligible),
                ("five", Verdict::Eligible),
                ("eight", Verdict::Eligible),
                ("broken", Verdict::NotLocal),
            ] {
                assert_eq!(credentials.account(name).await.unwrap().verdict, verdict, "{name}: {}", host.log());
            }
            for name in ["five", "eight", "alice"] {
                assert_eq!(credentials.verify(name, OLD.as_bytes()).await, Ok(true), "{name}");
            }
            let eligible = sspr_machine::eligible(std::path::Path::new("/etc/sspr/sspr.toml")).unwrap();
            assert_eq!(eligible.broken.len(), 1, "{eligible:?}");
            assert!(eligible.broken[0].contains("(broken)"), "{eligible:?}");
            let uid = sh("id -u alice").trim().parse().unwrap();
            assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        },
    );
}

#[test]
fn a_byte_that_is_no_utf_8_in_a_file_of_the_host_keeps_nobody_from_a_reset() {
    on_a_host("files::a_byte_that_is_no_utf_8_in_a_file_of_the_host_keeps_nobody_from_a_reset", async |host: &Host| {
        let uid = host.user("alice");
        with_faillock("");
        fs::write("/etc/security/faillock.conf", "deny = 2\n").unwrap();
        for path in [
            "/etc/pam.d/common-password",
            "/etc/pam.d/common-auth",
            "/etc/pam.d/sspr",
            "/etc/shells",
            "/etc/security/faillock.conf",
        ] {
            with_latin_1(path);
        }
        let credentials = host.credentials().await;
        for _ in 0..2 {
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
        }
        assert!(credentials.account("alice").await.unwrap().faillock_locked);
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        assert!(!credentials.account("alice").await.unwrap().faillock_locked);
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}

#[test]
fn a_shell_that_etc_shells_lacks_is_served_where_sshd_and_login_let_it_in() {
    on_a_host("files::a_shell_that_etc_shells_lacks_is_served_where_sshd_and_login_let_it_in", async |host: &Host| {
        host.user("alice");
        sh("cp /bin/true /run/own-shell && usermod -s /run/own-shell alice");
        fs::write("/etc/pam.d/sshd", "@include common-auth\n@include common-account\n").unwrap();
        let credentials = host.credentials().await;
        assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::Eligible);
        pam_line_before("sshd", "common-account", "account required pam_shells.so");
        assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::NoLogin);
        // As getusershell(3) reads it.
        sh("printf '  /run/own-shell # ours\\n' >> /etc/shells");
        assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::Eligible);
        sh("sed -i /pam_shells/d /etc/pam.d/sshd && usermod -s /usr/sbin/nologin alice");
        assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::NoLogin);
    });
}
