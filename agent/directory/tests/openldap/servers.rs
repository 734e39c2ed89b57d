//! Servers that are down, accept no changes, or are not who they claim to be.

use sspr_config::credential::{Change, Error, Verdict};

use crate::{
    common::{NEW, of, reset, run, verdict},
    is_unavailable,
    server::{self, ALICE, slapd},
};

#[test]
fn a_server_that_takes_no_changes_is_passed_over_and_nothing_is_lost_where_there_is_no_other() {
    run(async {
        let first = slapd().database("readonly on").start();
        is_unavailable(&reset(&first.directory(), "alice", NEW).await, "not able or not willing");
        // A consumer with updateref answers with a referral, which is not followed.
        let consumer = slapd()
            .database(
                "syncrepl rid=1 provider=ldap://127.0.0.1:1 type=refreshOnly interval=00:01:00:00 retry=\"3600 +\" \
                 searchbase=\"dc=example,dc=org\" bindmethod=simple\nupdateref ldap://127.0.0.1:1",
            )
            .start();
        is_unavailable(&reset(&consumer.directory(), "alice", NEW).await, "points to another");
    });
}

#[test]
fn a_server_that_is_down_is_passed_over() {
    run(async {
        let slapd = slapd().start();
        let settings = slapd.settings(&["ldap+plain://127.0.0.1:1", &slapd.plain()], "");
        assert_eq!(reset(&of(&settings), "alice", NEW).await, Ok(Change::Changed));
        let nowhere = slapd.settings(&["ldap+plain://127.0.0.1:1", "ldap+plain://[::1]:1"], "");
        let outcome = of(&nowhere).find("alice").await;
        assert!(
            matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("127.0.0.1:1") && why.contains("[::1]")),
            "{outcome:?}"
        );
    });
}

#[test]
fn tls_and_start_tls_hold_the_server_to_its_authority_and_its_name() {
    run(async {
        let slapd = slapd().start();
        for server in
            [slapd.tls("localhost"), slapd.tls("127.0.0.1"), slapd.start_tls("localhost"), slapd.start_tls("127.0.0.1")]
        {
            let directory = of(&slapd.settings(&[&server], ""));
            assert_eq!(verdict(&directory, "alice").await, Verdict::Eligible, "{server}");
        }
        let another = server::slapd().start();
        for server in [another.tls("localhost"), another.start_tls("localhost")] {
            let outcome = of(&slapd.settings(&[&server], "")).find("alice").await;
            assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("certificate")), "{outcome:?}");
        }
        // This server refuses a connection without TLS.
        let tls_alone = server::slapd().global("security tls=1").start();
        let outcome = tls_alone.directory().find("alice").await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("code 13")), "{outcome:?}");
        let directory = of(&tls_alone.settings(&[&tls_alone.tls("localhost")], ""));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
    });
}

#[test]
fn at_a_socket_of_this_machine_the_service_is_known_without_a_password() {
    run(async {
        let slapd = slapd().start();
        let mut settings = slapd.settings(&[&slapd.local()], "");
        (settings.directory.bind, settings.directory.password_file) = (None, None);
        assert_eq!(reset(&of(&settings), "alice", NEW).await, Ok(Change::Changed));
        assert!(slapd.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn a_wrong_password_of_the_service_is_said_and_no_password_is_in_any_words() {
    run(async {
        let slapd = slapd().start();
        std::fs::write(slapd.path("password"), "not its password\n").unwrap();
        let outcome = slapd.directory().find("alice").await;
        let Err(Error::Unavailable(why)) = outcome else { panic!("{outcome:?}") };
        assert!(why.contains("can't sign in: code 49") && !why.contains("not its password"), "{why}");
    });
}
