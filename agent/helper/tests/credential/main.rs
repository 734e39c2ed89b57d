//! The helper as it is: started by a bus as root, on real accounts, with the host's own PAM stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

mod after;
mod faillock;
mod files;
mod host;
mod outcome;
mod prepared;
mod settle;
mod vouch;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use host::{Host, NEW, OLD, on_a_host, pam_line_before, sh, until};
use sspr_agent::credential::{
    Change, INTERFACE, NO_UID, Verdict,
    client::{Credentials as _, CredentialsError},
};
use sspr_config::bus::{CREDENTIAL, CREDENTIAL_PATH};
use sspr_config::sealed;
use zbus::Fd;

fn today() -> String {
    sh("echo $(( $(date +%s) / 86400 ))").trim().to_owned()
}

#[test]
fn a_changed_password_signs_in_at_once_although_it_was_aged_and_had_to_be_changed() {
    on_a_host("a_changed_password_signs_in_at_once_although_it_was_aged_and_had_to_be_changed", async |host: &Host| {
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
    });
}

/// Debian's profile of `pam_krb5` leaves `pam_unix` with `use_authtok`, and `pam_krb5` asks in its place; it is passed over here.
#[test]
fn a_password_is_set_where_a_directorys_module_would_have_asked_for_it() {
    on_a_host("a_password_is_set_where_a_directorys_module_would_have_asked_for_it", async |host: &Host| {
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
fn of_two_accounts_with_one_uid_neither_is_served() {
    on_a_host("of_two_accounts_with_one_uid_neither_is_served", async |host: &Host| {
        let uid = host.user("alice");
        let credentials = host.credentials().await;
        assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::Eligible);
        sh(&format!(
            "useradd --no-create-home --non-unique --uid {uid} --shell /bin/bash twin && echo 'twin:{OLD}' | chpasswd"
        ));
        for name in ["alice", "twin"] {
            assert_eq!(credentials.account(name).await.unwrap().verdict, Verdict::SharedUid);
            let before = host.shadow(name);
            assert!(matches!(credentials.change(name, uid, NEW.as_bytes()).await, Err(CredentialsError::Refused(_))));
            assert_eq!(host.shadow(name), before);
        }
        sh("usermod --uid 60123 twin");
        assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::Eligible);
    });
}

#[test]
fn a_wrong_password_takes_as_long_as_any_password_of_an_account_that_is_not_eligible() {
    on_a_host(
        "a_wrong_password_takes_as_long_as_any_password_of_an_account_that_is_not_eligible",
        async |host: &Host| {
            host.user("alice");
            host.user("locked");
            sh("usermod -L locked");
            let credentials = host.credentials().await;
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(true));
            for name in ["alice", "locked", "nobody-has-this", "root", "", "-x"] {
                let start = Instant::now();
                let password = if name == "alice" { NEW } else { OLD };
                assert_eq!(credentials.verify(name, password.as_bytes()).await, Ok(false), "{name:?}");
                let took = start.elapsed().as_millis();
                assert!((1990..3500).contains(&took), "{name:?} took {took} ms");
            }
        },
    );
}

#[test]
fn the_hosts_quality_rules_refuse_with_their_reason_and_nothing_is_written() {
    on_a_host("the_hosts_quality_rules_refuse_with_their_reason_and_nothing_is_written", async |host: &Host| {
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
    });
}

#[test]
fn the_password_that_the_account_has_is_refused_as_a_new_one_and_said_so() {
    on_a_host("the_password_that_the_account_has_is_refused_as_a_new_one_and_said_so", async |host: &Host| {
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
    let name = "a_password_of_quotes_dollars_and_newcomers_for_shadow_runs_no_command_and_signs_in";
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
    on_a_host("a_password_from_the_history_is_refused", async |host: &Host| {
        let uid = host.user("alice");
        pam_line_before("common-password", "pam_unix.so", "password requisite pam_pwhistory.so remember=5 use_authtok");
        let credentials = host.credentials().await;
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        let again = credentials.change("alice", uid, OLD.as_bytes()).await;
        assert_eq!(again, Ok(Change::Refused("Password has been already used. Choose another.".into())));
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}

#[test]
fn no_account_that_is_not_eligible_is_ever_written_whoever_asks() {
    on_a_host("no_account_that_is_not_eligible_is_ever_written_whoever_asks", async |host: &Host| {
        sh("groupadd contractors && groupadd operators");
        for name in ["locked", "bang", "gone", "nologin", "noshell", "aged", "left", "kim", "former", "passless"] {
            host.user(name);
        }
        sh("usermod -L locked && passwd -l bang && chage -E 1 gone && passwd -d passless");
        sh("usermod -s /usr/sbin/nologin nologin && usermod -s /usr/bin/unlisted noshell");
        sh("chage -d 2020-01-01 -M 30 -I 30 aged && usermod -G contractors kim");
        sh("useradd -M -s /bin/bash never && useradd -M -s /bin/bash -u 900 service");
        sh(
            "echo 'toor:x:0:0::/root:/bin/bash' >> /etc/passwd && grep '^left:' /etc/shadow | sed 's/^left/toor/' >> /etc/shadow",
        );
        sh("sed -i '/^former:/d' /etc/shadow");
        host.settings("[scope]\nenable = \"all\"\nexclude = [\"left\", \"@contractors\"]\n");
        let before = fs::read("/etc/shadow").unwrap();
        let credentials = host.credentials().await;
        for (name, verdict) in [
            ("root", Verdict::System),
            ("toor", Verdict::System),
            ("daemon", Verdict::System),
            ("sspr", Verdict::System),
            ("service", Verdict::System),
            ("locked", Verdict::Locked),
            ("bang", Verdict::Locked),
            ("never", Verdict::Locked),
            ("passless", Verdict::Locked),
            ("gone", Verdict::Expired),
            ("aged", Verdict::Expired),
            ("nologin", Verdict::NoLogin),
            ("noshell", Verdict::NoLogin),
            ("left", Verdict::OutOfScope),
            ("kim", Verdict::OutOfScope),
            ("former", Verdict::NotLocal),
            ("nobody-has-this", Verdict::Unknown),
            ("--reset", Verdict::Unknown),
            ("", Verdict::Unknown),
            ("../../etc/shadow", Verdict::Unknown),
        ] {
            let account = credentials.account(name).await.unwrap();
            assert_eq!(account.verdict, verdict, "{name:?}");
            assert_eq!(account.uid == NO_UID, verdict == Verdict::Unknown, "{name:?}");
            let change = credentials.change(name, account.uid, NEW.as_bytes()).await;
            assert!(matches!(change, Err(CredentialsError::Refused(_))), "{name:?}: {change:?}");
        }
        assert_eq!(fs::read("/etc/shadow").unwrap(), before);
    });
}

#[test]
fn an_account_with_another_uid_than_was_meant_is_not_changed() {
    on_a_host("an_account_with_another_uid_than_was_meant_is_not_changed", async |host: &Host| {
        let uid = host.user("alice");
        let before = host.shadow("alice");
        let credentials = host.credentials().await;
        for other in [0, uid + 1, NO_UID] {
            let change = credentials.change("alice", other, NEW.as_bytes()).await;
            assert!(matches!(change, Err(CredentialsError::Refused(_))), "{change:?}");
        }
        assert_eq!(host.shadow("alice"), before);
    });
}

#[test]
fn the_scope_and_the_administrators_are_read_in_each_call_and_broken_settings_mean_no() {
    on_a_host(
        "the_scope_and_the_administrators_are_read_in_each_call_and_broken_settings_mean_no",
        async |host: &Host| {
            let uid = host.user("alice");
            sh("groupadd operators && usermod -G operators alice");
            let primary = sh("id -gn alice").trim().to_owned();
            let credentials = host.credentials().await;
            for (settings, verdict, admin) in [
                ("enable = \"all\"".to_owned(), Verdict::Eligible, false),
                ("enable = \"none\"".to_owned(), Verdict::OutOfScope, false),
                ("enable = [\"operators\"]\nadmin_groups = [\"operators\"]".to_owned(), Verdict::Eligible, true),
                (format!("enable = [\"no-such-group\", \"{primary}\"]"), Verdict::Eligible, false),
                (format!("enable = \"all\"\nmin_uid = {}", uid + 1), Verdict::System, false),
                ("enable = [\"sudo\"]".to_owned(), Verdict::OutOfScope, false),
            ] {
                host.settings(&format!("[scope]\n{settings}\n"));
                let account = credentials.account("alice").await.unwrap();
                assert_eq!((account.uid, account.verdict, account.admin), (uid, verdict, admin), "{settings}");
            }
            // What "sspr admin enable" writes counts over the file, from the next call on.
            host.settings("[scope]\nenable = \"none\"\n");
            fs::create_dir("/etc/sspr/sspr.toml.d").unwrap();
            let drop_in = "/etc/sspr/sspr.toml.d/50-enable.toml";
            for (text, verdict) in [
                ("[scope]\nenable = [\"sudo\", \"operators\"]\n", Verdict::Eligible),
                ("[scope]\nenable = [\"operators\"]\nexclude = [\"@operators\"]\n", Verdict::OutOfScope),
            ] {
                fs::write(drop_in, text).unwrap();
                assert_eq!(credentials.account("alice").await.unwrap().verdict, verdict, "{text}");
            }
            fs::remove_file(drop_in).unwrap();
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::OutOfScope);
            let before = host.shadow("alice");
            host.settings("[scope]\nenable = \"all\"\nexclude = [\"@no-such\"]\n");
            let account = credentials.account("alice").await;
            assert!(matches!(account, Err(CredentialsError::Unavailable(_))), "{account:?}");
            let change = credentials.change("alice", uid, NEW.as_bytes()).await;
            assert!(matches!(change, Err(CredentialsError::Unavailable(_))), "{change:?}");
            // A mistake keeps what counted last, where the unit's directory is there to keep it in.
            fs::create_dir_all("/run/sspr-credential").unwrap();
            fs::set_permissions("/run/sspr-credential", fs::Permissions::from_mode(0o700)).unwrap();
            host.settings("[scope]\nenable = \"none\"\n");
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::OutOfScope);
            host.settings("[scope]\nenable = \"everybody\"\n");
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::OutOfScope);
            assert!(credentials.change("alice", uid, NEW.as_bytes()).await.is_err());
            fs::remove_file(host::SETTINGS).unwrap();
            assert!(credentials.account("alice").await.is_err());
            assert_eq!(host.shadow("alice"), before);
        },
    );
}

#[test]
fn only_the_agents_user_and_root_are_answered() {
    on_a_host("only_the_agents_user_and_root_are_answered", async |host: &Host| {
        host.user("alice");
        let answer = host.ask_as("sspr", "alice");
        assert!(answer.contains("byte 0"), "{answer}");
        for caller in ["alice", "nobody", "daemon"] {
            let answer = host.ask_as(caller, "alice");
            assert!(answer.contains("org.pam_sspr.Error.Denied"), "{caller}: {answer}");
            assert!(!answer.contains("uint32"), "{caller}: {answer}");
        }
    });
}

#[test]
fn a_secret_that_is_not_sealed_or_not_a_password_is_refused() {
    on_a_host("a_secret_that_is_not_sealed_or_not_a_password_is_refused", async |host: &Host| {
        let uid = host.user("alice");
        let before = host.shadow("alice");
        let bus = host.connect().await;
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(NEW.as_bytes()).unwrap();
        let (pipe, mut writer) = std::io::pipe().unwrap();
        writer.write_all(NEW.as_bytes()).unwrap();
        let open = rustix::fs::memfd_create("open", rustix::fs::MemfdFlags::ALLOW_SEALING).unwrap();
        rustix::io::write(&open, NEW.as_bytes()).unwrap();
        let huge = vec![b'a'; 100_000];
        let secrets = [b"".as_slice(), b"with\nnewline", b"with\0nul", b"\x1b[31mred", &[b'a'; 512], &huge];
        let sealed: Vec<_> = secrets.iter().map(|bytes| sealed::make(bytes).unwrap()).collect();
        let mut secrets = vec![Fd::from(&file), Fd::from(&pipe), Fd::from(&open)];
        secrets.extend(sealed.iter().map(Fd::from));
        for secret in secrets {
            let body = ("alice", uid, secret);
            let call = bus.call_method(Some(CREDENTIAL), CREDENTIAL_PATH, Some(INTERFACE), "Change", &body);
            match call.await {
                Err(zbus::Error::MethodError(name, ..)) => assert_eq!(name.as_str(), "org.pam_sspr.Error.BadSecret"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(host.shadow("alice"), before);
    });
}

#[test]
fn a_missing_or_broken_pam_configuration_leaves_the_old_password() {
    on_a_host("a_missing_or_broken_pam_configuration_leaves_the_old_password", async |host: &Host| {
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
        // A stack that reports success without a change is no success, and it is certain that nothing was done.
        fs::write("/etc/pam.d/sspr", "password required pam_permit.so\n").unwrap();
        let change = credentials.change("alice", uid, NEW.as_bytes()).await;
        assert!(matches!(change, Err(CredentialsError::Unavailable(_))), "{change:?}");
        assert_eq!(host.shadow("alice"), before);
    });
}

#[test]
fn modules_that_ask_for_something_else_are_passed_over_when_a_password_is_verified() {
    on_a_host(
        "modules_that_ask_for_something_else_are_passed_over_when_a_password_is_verified",
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

/// Audit L3: with the module that judges taken out, whatever was left said yes.
#[test]
fn a_wrong_password_is_wrong_under_every_stack_of_pam() {
    on_a_host("a_wrong_password_is_wrong_under_every_stack_of_pam", async |host: &Host| {
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
        // PAM's own no counts as well.
        for auth in ["auth required pam_deny.so\n", "auth requisite pam_succeed_if.so uid = 0\n"] {
            fs::write("/etc/pam.d/sspr", auth).unwrap();
            assert_eq!(credentials.verify("alice", OLD.as_bytes()).await, Ok(false), "{auth}");
        }
    });
}

/// An agent that an attacker took over would learn the old password by trying.
#[test]
fn after_so_many_wrong_passwords_of_an_account_none_is_judged_for_it_any_more_and_others_are_served() {
    on_a_host(
        "after_so_many_wrong_passwords_of_an_account_none_is_judged_for_it_any_more_and_others_are_served",
        async |host: &Host| {
            host.user("alice");
            host.user("bob");
            // Nine that were counted by helpers before.
            let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime).tv_sec;
            let uid = sh("id -u alice").trim().to_owned();
            sh("mkdir -m 700 /run/sspr-credential");
            fs::write("/run/sspr-credential/tries", format!("{now} {uid} v\n").repeat(9)).unwrap();
            let credentials = host.credentials().await;
            assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(false));
            for password in [NEW, OLD] {
                let judged = credentials.verify("alice", password.as_bytes()).await;
                assert!(matches!(judged, Err(CredentialsError::Unavailable(_))), "{judged:?}");
            }
            assert_eq!(credentials.verify("bob", OLD.as_bytes()).await, Ok(true));
            assert!(host.log().contains("number 10 of this account"), "{}", host.log());
        },
    );
}

#[test]
fn locked_account_files_are_an_error_in_time_and_not_a_hang() {
    on_a_host("locked_account_files_are_an_error_in_time_and_not_a_hang", async |host: &Host| {
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
    on_a_host("a_module_that_hangs_ends_the_helper_and_the_next_call_starts_another", async |host: &Host| {
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
        "a_directory_that_hangs_holds_up_nobody_for_long_and_a_name_that_is_not_of_this_machine_not_at_all",
        async |host: &Host| {
            let uid = host.user("alice");
            let credentials = host.credentials().await;
            // The groups of an account are where the name service asks a directory also about accounts of this machine.
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
fn the_helper_has_one_thread_and_ends_when_idle_and_the_next_call_starts_another() {
    on_a_host("the_helper_has_one_thread_and_ends_when_idle_and_the_next_call_starts_another", async |host: &Host| {
        let uid = host.user("alice");
        let bus = host.connect().await;
        let credentials = host.credentials().await;
        let bus_name = "org.freedesktop.DBus";
        let ask = async |member: &'static str| {
            bus.call_method(Some(bus_name), "/org/freedesktop/DBus", Some(bus_name), member, &CREDENTIAL).await
        };
        assert_eq!(credentials.change("alice", uid, NEW.as_bytes()).await, Ok(Change::Changed));
        let pid: u32 = ask("GetConnectionUnixProcessID").await.unwrap().body().deserialize().unwrap();
        assert_eq!(fs::read_dir(format!("/proc/{pid}/task")).unwrap().count(), 1);
        until(Duration::from_secs(10), async || (!fs::exists(format!("/proc/{pid}/exe")).unwrap()).then_some(())).await;
        assert!(ask("GetNameOwner").await.is_err());
        assert_eq!(credentials.verify("alice", NEW.as_bytes()).await, Ok(true));
    });
}
