//! Changes of a password: what is written, and what the host's own rules refuse.

use std::fs;

use sspr_agent::credential::{Change, Verdict, client::Credentials as _};

use crate::host::{Host, NEW, OLD, on_a_host, pam_line_before, sh};

fn today() -> String {
    sh("echo $(( $(date +%s) / 86400 ))").trim().to_owned()
}

#[test]
fn a_changed_password_signs_in_at_once_although_it_was_aged_and_had_to_be_changed() {
    on_a_host(
        "change::a_changed_password_signs_in_at_once_although_it_was_aged_and_had_to_be_changed",
        async |host: &Host| {
            let uid = host.user("alice");
            sh("chage -d 0 -m 30 -M 90 -E 2099-01-01 alice");
            let before = host.shadow("alice");
            let credentials = host.credentials().await;
            let account = credentials.account("alice").await.unwrap();
            assert_eq!((account.uid, account.verdict, account.admin), (uid, Verdict::Eligible, false));
            assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
            let after = host.shadow("alice");
            assert!(after[1].starts_with("$y$"), "the host's own hash: {}", after[1]);
            assert_ne!(after[1], before[1]);
            assert_eq!(after[2], today(), "the day of the last change");
            assert_eq!(after[3..], before[3..], "the rest of the entry is as it was");
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(false));
            assert!(host.log().contains("changed user=\"alice\""), "{}", host.log());
            assert!(!fs::exists("/run/sspr-credential/pam.d").unwrap(), "the private configuration is removed");
        },
    );
}

/// Debian's profile of `pam_krb5` leaves `pam_unix` with `use_authtok`, and `pam_krb5` asks instead of it; here it is
/// skipped.
#[test]
fn a_password_is_set_where_a_directorys_module_would_have_asked_for_it() {
    on_a_host("change::a_password_is_set_where_a_directorys_module_would_have_asked_for_it", async |host: &Host| {
        let uid = host.user("alice");
        fs::write(
            "/etc/pam.d/common-password",
            "password [success=3 default=ignore] pam_krb5.so minimum_uid=1000\n\
             password [success=2 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt\n\
             password [success=1 default=ignore] pam_sss.so use_authtok\n\
             password requisite pam_deny.so\npassword required pam_permit.so\n",
        )
        .unwrap();
        let credentials = host.credentials().await;
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}

#[test]
fn the_hosts_quality_rules_refuse_with_their_reason_and_nothing_is_written() {
    on_a_host(
        "change::the_hosts_quality_rules_refuse_with_their_reason_and_nothing_is_written",
        async |host: &Host| {
            let uid = host.user("alice");
            let before = fs::read("/etc/shadow").unwrap();
            let credentials = host.credentials().await;
            for (password, reason) in [
                ("sh0rt", "The password is shorter than 12 characters."),
                ("alice-Alice-42", "The password contains the user name in some form."),
            ] {
                let got = credentials.change("alice", uid, password.as_bytes()).await;
                assert_eq!(got, Ok(Change::Refused(reason.into())), "{}", host.log());
                assert!(!host.log().contains(password));
            }
            assert_eq!(fs::read("/etc/shadow").unwrap(), before);
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(true));
        },
    );
}

#[test]
fn the_password_that_the_account_has_is_refused_as_a_new_one_and_said_so() {
    on_a_host("change::the_password_that_the_account_has_is_refused_as_a_new_one_and_said_so", async |host: &Host| {
        let uid = host.user("alice");
        sh("chage -d 0 alice");
        let before = host.shadow("alice");
        let credentials = host.credentials().await;
        assert_eq!(credentials.change("alice", uid, OLD.as_bytes()).await, Ok(Change::Same));
        assert_eq!(host.shadow("alice"), before);
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Same));
    });
}

/// `ADSelfService` CVE-2021-28958: a password reached a command line.
#[test]
fn a_password_of_quotes_dollars_and_newcomers_for_shadow_runs_no_command_and_signs_in() {
    let name = "change::a_password_of_quotes_dollars_and_newcomers_for_shadow_runs_no_command_and_signs_in";
    on_a_host(name, async |host: &Host| {
        let uid = host.user("alice");
        let credentials = host.credentials().await;
        let others = || sh("grep -v ^alice: /etc/shadow; cat /etc/passwd");
        let before = others();
        for password in [
            "a'b\"c;$(touch /run/sspr-test/owned)`touch /run/sspr-test/owned`|& 1",
            "mallory::0:0:99999:7::: %s%n%p \\ -- --stdin !",
            "'; touch /run/sspr-test/owned # é漢字 {} <> *?[]~",
        ] {
            assert_eq!(credentials.change("alice", uid, password.as_bytes()).await, Ok(Change::Changed), "{password}");
            assert_eq!(credentials.verify("alice", password.as_bytes()).await, Ok(true), "{password}");
        }
        assert!(!fs::exists("/run/sspr-test/owned").unwrap());
        assert_eq!(others(), before);
        let split = "root::0:0\nroot::0:0:99999:7:::";
        assert!(credentials.change("alice", uid, split.as_bytes()).await.is_err(), "a line of its own");
        assert_eq!(others(), before);
    });
}

#[test]
fn a_password_from_the_history_is_refused() {
    on_a_host("change::a_password_from_the_history_is_refused", async |host: &Host| {
        let uid = host.user("alice");
        pam_line_before("common-password", "pam_unix.so", "password requisite pam_pwhistory.so remember=5 use_authtok");
        let credentials = host.credentials().await;
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        let again = credentials.change("alice", uid, OLD.as_bytes()).await;
        assert_eq!(again, Ok(Change::Refused("Password has been already used. Choose another.".into())));
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}
