//! The rights of the service: the least rights are enough, and doctor reports too many and too few.

use sspr_config::{
    credential::{Change, Error},
    directory::Level,
};

use crate::{
    common::{self, NEW, OLD, check, levels, of, reset, run},
    is_unavailable,
    server::{self, ALICE, RESET, slapd},
};

#[test]
fn with_the_least_rights_no_hash_or_key_of_an_entry_can_be_read() {
    run(async {
        let slapd = slapd().start();
        let secret = std::fs::read_to_string(slapd.path("password")).unwrap();
        let service = common::Client {
            server: slapd.plain(),
            ca: slapd.path("ca.pem"),
            root: RESET.to_owned(),
            secret: secret.trim_end().to_owned(),
        };
        assert_eq!(service.values(ALICE, "uid").await, ["alice"]);
        for attribute in ["userPassword", "pwdHistory", "mail", "homeDirectory"] {
            assert!(service.values(ALICE, attribute).await.is_empty(), "{attribute}");
        }
    });
}

#[test]
fn doctor_sees_what_is_enough_and_what_is_too_much_and_changes_nothing() {
    run(async {
        let slapd = slapd().start();
        let tls = of(&slapd.settings(&[&slapd.tls("localhost"), &slapd.start_tls("localhost")], ""));
        let rows = check(&tls).await;
        assert!(rows.iter().all(|row| row.1 == Level::Ok), "{rows:?}");
        let ids: Vec<&str> = rows.iter().map(|row| row.0).collect();
        let each = ["server", "tls", "bind"];
        let once = ["clock", "base", "person", "locks", "groups", "rights", "too-many"];
        assert_eq!(ids, [each.as_slice(), &each, &once].concat());
        assert!(rows.iter().any(|row| row.0 == "tls" && row.2.contains("days")), "{rows:?}");
        assert!(slapd.signs_in(ALICE, OLD).await.is_success());
        // If one of two servers is down, the other one is checked.
        let rows = check(&of(&slapd.settings(&["ldap+plain://127.0.0.1:1", &slapd.plain()], ""))).await;
        assert_eq!(levels(&rows, "server"), [Level::Fail, Level::Ok]);
        assert_eq!(levels(&rows, "person"), [Level::Ok]);
        let another = server::slapd().start();
        assert_eq!(levels(&check(&of(&slapd.settings(&[&another.tls("localhost")], ""))).await, "tls"), [Level::Fail]);
        let mut settings = slapd.settings(&[&slapd.plain()], "");
        settings.directory.base = Some("ou=nowhere,dc=example,dc=org".to_owned());
        assert_eq!(levels(&check(&of(&settings)).await, "base"), [Level::Fail]);
        settings.directory.base = Some("ou=services,dc=example,dc=org".to_owned());
        assert_eq!(levels(&check(&of(&settings)).await, "person"), [Level::Fail]);
        std::fs::write(slapd.path("password"), "not its password\n").unwrap();
        let rows = check(&slapd.directory()).await;
        assert_eq!(levels(&rows, "bind"), [Level::Fail]);
        assert!(rows.iter().all(|row| !row.2.contains("not its password")), "{rows:?}");
        std::fs::remove_file(slapd.path("password")).unwrap();
        assert_eq!(levels(&check(&slapd.directory()).await, "settings"), [Level::Fail]);
    });
}

#[test]
fn the_rights_that_are_printed_are_given_to_a_running_server_as_they_are() {
    run(async {
        let slapd = slapd().access(server::SITE).in_config().start();
        let directory = slapd.directory();
        assert!(!matches!(directory.find("alice").await, Ok(Some(_))), "before, the service sees nobody");
        slapd.give_rights();
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        let rows = check(&directory).await;
        assert!(rows.iter().all(|row| row.1 == Level::Ok), "{rows:?}");
        // All other rights are unchanged.
        assert_eq!(slapd.signs_in(ALICE, NEW).await.code, 0);
    });
}

#[test]
fn doctor_warns_of_a_service_that_reads_hashes_and_fails_one_that_can_not_see_locks() {
    run(async {
        let slapd = slapd().access_but("org\" =w\n", "org\" write\n").start();
        let rows = check(&slapd.directory()).await;
        assert_eq!(levels(&rows, "too-many"), [Level::Warn], "{rows:?}");
        let slapd = server::slapd()
            .access_but("attrs=pwdAccountLockedTime,shadowLastChange", "attrs=shadowLastChange")
            .access_extra("access to attrs=pwdAccountLockedTime by * none")
            .start();
        assert_eq!(levels(&check(&slapd.directory()).await, "locks"), [Level::Fail]);
    });
}

#[test]
fn a_right_that_is_missing_is_not_the_persons_fault_and_is_named() {
    run(async {
        let slapd = slapd().access_but("org\" =w\n", "org\" =x\n").start();
        is_unavailable(&reset(&slapd.directory(), "alice", NEW).await, "no right to set this password");
    });
}

#[test]
fn a_service_that_may_not_see_who_is_locked_resets_nobody() {
    run(async {
        let slapd = slapd()
            .access_but("attrs=pwdAccountLockedTime,shadowLastChange", "attrs=shadowLastChange")
            .access_extra("access to attrs=pwdAccountLockedTime by * none")
            .start();
        let outcome = slapd.directory().find("alice").await;
        let Err(Error::Unavailable(why)) = outcome else { panic!("{outcome:?}") };
        assert!(why.contains("may not read pwdAccountLockedTime"), "{why}");
    });
}
