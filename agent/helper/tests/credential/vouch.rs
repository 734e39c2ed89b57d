//! The module's questions to the helper, and what it makes the helper write.

use std::{fs, os::unix::fs::MetadataExt as _};

use nix::unistd::seteuid;
use sspr_agent::credential::client::Credentials as _;
use sspr_config::sealed;
use sspr_config::{
    bus::{CREDENTIAL, CREDENTIAL_PATH},
    policy::{self, Policy},
};
use zbus::{Connection, Fd};

use crate::host::{Host, OLD, on_a_host, pam_line_before, sh};

async fn vouch(bus: &Connection, user: &str, password: &str) -> zbus::Result<bool> {
    let password = sealed::make(password.as_bytes()).unwrap();
    let body = (user, Fd::from(&password));
    bus.call_method(Some(CREDENTIAL), CREDENTIAL_PATH, Some(CREDENTIAL), "Vouch", &body).await?.body().deserialize()
}

#[test]
fn root_learns_whether_a_password_is_right_by_the_hash_and_nothing_is_counted() {
    on_a_host(
        "vouch::root_learns_whether_a_password_is_right_by_the_hash_and_nothing_is_counted",
        async |host: &Host| {
            for name in ["alice", "locked", "slow"] {
                host.user(name);
            }
            sh(
                "usermod -L locked; usermod -p '$y$jFT$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7' slow",
            );
            pam_line_before("common-auth", "pam_unix.so", "auth required pam_faillock.so preauth");
            let bus = host.connect().await;
            assert!(vouch(&bus, "alice", OLD).await.unwrap());
            for (user, password) in [("alice", "another"), ("locked", OLD), ("nobody-has-this", OLD), ("root", OLD)] {
                assert!(!vouch(&bus, user, password).await.unwrap(), "{user}");
            }
            // Seconds of computing are too long for a sign-in.
            let slow = vouch(&bus, "slow", OLD).await.unwrap_err().to_string();
            assert!(slow.contains("too long to compute"), "{slow}");
            assert!(fs::read_dir("/run/faillock").unwrap().next().is_none(), "a failure was counted");
            assert!(!host.log().contains(OLD));
        },
    );
}

/// A user with many simultaneous sign-ins would get in before the helper has checked at all, and would not have to
/// register.
#[test]
fn of_many_sign_ins_of_one_account_at_once_each_is_told_in_the_time_of_a_few_hashes() {
    let name = "vouch::of_many_sign_ins_of_one_account_at_once_each_is_told_in_the_time_of_a_few_hashes";
    on_a_host(name, async |host: &Host| {
        host.user("alice");
        // The slowest hash that is computed at a sign-in at all.
        sh(&format!("usermod -p \"$(perl -e 'print crypt(\"{OLD}\", q($6$rounds=100000$saltsalt$))')\" alice"));
        let buses = futures_util::future::join_all((0..40).map(|_| host.connect())).await;
        assert!(vouch(&buses[0], "alice", OLD).await.unwrap(), "and the helper has started");
        let right = |bus| vouch(bus, "alice", OLD);
        let wrong = |bus| vouch(bus, "alice", "another");
        let (rights, wrongs) = (buses[..30].iter().map(right), buses[30..].iter().map(wrong));
        let (rights, wrongs) =
            futures_util::future::join(futures_util::future::join_all(rights), futures_util::future::join_all(wrongs))
                .await;
        assert!(rights.iter().all(|right| *right.as_ref().unwrap()), "{rights:?}");
        assert!(wrongs.iter().all(|right| !*right.as_ref().unwrap()), "{wrongs:?}");
        let computed = host.log().matches("computed=true").count();
        assert!((2..=16).contains(&computed), "{computed} hashes for 41 calls\n{}", host.log());
    });
}

/// The agent could try passwords as fast as a hash can be computed.
#[test]
fn nobody_but_root_may_ask_that_and_not_the_agent_either() {
    on_a_host("vouch::nobody_but_root_may_ask_that_and_not_the_agent_either", async |host: &Host| {
        host.user("alice");
        for caller in ["sspr", "alice"] {
            let uid: u32 = sh(&format!("id -u {caller}")).trim().parse().unwrap();
            seteuid(uid.into()).unwrap();
            let bus = host.try_connect().await;
            seteuid(0.into()).unwrap();
            let refused = vouch(&bus.unwrap(), "alice", OLD).await.unwrap_err().to_string();
            assert!(refused.contains("Denied"), "{caller}: {refused}");
        }
    });
}

#[test]
fn the_policy_that_is_written_is_the_settings_and_roots() {
    on_a_host("vouch::the_policy_that_is_written_is_the_settings_and_roots", async |host: &Host| {
        // As systemd creates it for the unit.
        sh("mkdir -m 700 /run/sspr-credential");
        let credentials = host.credentials().await;
        for (settings, required, min_uid) in [
            ("[scope]\nenable = \"all\"\n", false, 1000),
            ("[scope]\nenable = \"all\"\nmin_uid = 500\n[register]\nmode = \"required\"\n", true, 500),
            // After an error, the earlier value stays.
            ("[register]\nmode = \"perhaps\"\n", true, 500),
        ] {
            host.settings(settings);
            credentials.publish().await.unwrap();
            let written = fs::read_to_string(policy::FILE).unwrap();
            assert_eq!(
                Policy::parse(&written),
                Some(Policy { required, min_uid, min_typing_ms: 1000, fleet: false }),
                "{settings}"
            );
            let stat = fs::metadata(policy::FILE).unwrap();
            assert_eq!((stat.uid(), stat.mode() & 0o7777), (0, 0o600));
        }
    });
}
