//! Who may call the helper, and which accounts it serves.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _, time::Instant};

use sspr_agent::credential::{
    INTERFACE, NO_UID, Verdict,
    client::{Credentials as _, CredentialsError},
};
use sspr_config::{
    bus::{CREDENTIAL, CREDENTIAL_PATH},
    sealed,
};
use zbus::Fd;

use crate::host::{Host, NEW, OLD, SETTINGS, on_a_host, sh};

#[test]
fn of_two_accounts_with_one_uid_neither_is_served() {
    on_a_host("admission::of_two_accounts_with_one_uid_neither_is_served", async |host: &Host| {
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
        "admission::a_wrong_password_takes_as_long_as_any_password_of_an_account_that_is_not_eligible",
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
fn no_account_that_is_not_eligible_is_ever_written_whoever_asks() {
    on_a_host("admission::no_account_that_is_not_eligible_is_ever_written_whoever_asks", async |host: &Host| {
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
    on_a_host("admission::an_account_with_another_uid_than_was_meant_is_not_changed", async |host: &Host| {
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
        "admission::the_scope_and_the_administrators_are_read_in_each_call_and_broken_settings_mean_no",
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
            // The drop-in of "sspr admin enable" takes precedence over the file, from the next call.
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
            // After an error, the last valid settings stay in force, if the unit's directory exists to keep them in.
            fs::create_dir_all("/run/sspr-credential").unwrap();
            fs::set_permissions("/run/sspr-credential", fs::Permissions::from_mode(0o700)).unwrap();
            host.settings("[scope]\nenable = \"none\"\n");
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::OutOfScope);
            host.settings("[scope]\nenable = \"everybody\"\n");
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::OutOfScope);
            assert!(credentials.change("alice", uid, NEW.as_bytes()).await.is_err());
            fs::remove_file(SETTINGS).unwrap();
            assert!(credentials.account("alice").await.is_err());
            assert_eq!(host.shadow("alice"), before);
        },
    );
}

#[test]
fn only_the_agents_user_and_root_are_answered() {
    on_a_host("admission::only_the_agents_user_and_root_are_answered", async |host: &Host| {
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
    on_a_host("admission::a_secret_that_is_not_sealed_or_not_a_password_is_refused", async |host: &Host| {
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

/// A compromised agent could find the old password by trying.
#[test]
fn after_so_many_wrong_passwords_of_an_account_none_is_judged_for_it_any_more_and_others_are_served() {
    on_a_host(
        "admission::after_so_many_wrong_passwords_of_an_account_none_is_judged_for_it_any_more_and_others_are_served",
        async |host: &Host| {
            host.user("alice");
            host.user("bob");
            // Nine tries that earlier helpers counted.
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
