//! What a reset does on a real `OpenLDAP`: each row of what a reset must do, and each fact that one would not guess.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::format_push_string,
    clippy::doc_markdown,
    clippy::unnecessary_debug_formatting,
    clippy::items_after_statements,
    clippy::print_stdout,
    reason = "tests"
)]
#![allow(missing_docs, reason = "test names are sentences")]

#[path = "../common/mod.rs"]
mod common;
mod people;
mod server;

use common::{NEW, OLD, check, found, levels, of, refused, reset, run, verdict};
use server::{ALICE, RESET, SUFFIX, Slapd, slapd};
use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::Level,
    settings,
};

#[track_caller]
fn is_unavailable(outcome: &Result<Change, Error>, why: &str) {
    assert!(matches!(outcome, Err(Error::Unavailable(text)) if text.contains(why)), "{outcome:?}");
}

#[test]
fn after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_does_not() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let alice = found(&directory, "alice").await;
        assert_eq!((alice.account.name.as_str(), alice.account.verdict), ("alice", Verdict::Eligible));
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
        assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(slapd.signs_in(ALICE, NEW).await.is_success());
        assert_eq!(slapd.signs_in(ALICE, OLD).await.code, 49);
        assert!(slapd.values(ALICE, "userPassword").await[0].starts_with("{SSHA}"), "never as it was typed");
        assert!(directory.find("nobody-has-this").await.unwrap().is_none());
    });
}

#[test]
fn a_lock_that_an_administrator_put_for_good_survives_a_reset_and_an_unlocking() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let id = found(&directory, "alice").await.account.id;
        slapd.set(ALICE, "pwdAccountLockedTime", &["000001010000Z"]).await;
        assert_eq!(verdict(&directory, "alice").await, Verdict::Locked);
        let outcome = directory.change("alice", &id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert!(matches!(directory.unlock("alice", &id).await, Err(Error::Refused(_))));
        assert_eq!(slapd.values(ALICE, "pwdAccountLockedTime").await, ["000001010000Z"]);
        slapd.set(ALICE, "pwdAccountLockedTime", &[]).await;
        assert!(slapd.signs_in(ALICE, OLD).await.is_success(), "nothing was written");
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

#[test]
fn a_lock_by_failures_goes_with_a_reset_and_by_unlocking_alone() {
    run(async {
        let slapd = slapd().person("uid=bob,ou=people,dc=example,dc=org", "uid: bob").start();
        let directory = slapd.directory();
        let bob = "uid=bob,ou=people,dc=example,dc=org";
        for dn in [ALICE, bob] {
            slapd.lock_by_failures(dn).await;
        }
        let alice = found(&directory, "alice").await.account;
        assert!(alice.locked && alice.verdict == Verdict::Eligible);
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(!found(&directory, "alice").await.account.locked);
        assert!(slapd.values(ALICE, "pwdFailureTime").await.is_empty());
        // Without another password.
        let id = found(&directory, "bob").await.account.id;
        assert_eq!(directory.unlock("bob", &id).await, Ok(()));
        assert!(slapd.signs_in(bob, OLD).await.is_success());
        assert_eq!(directory.unlock("bob", &id).await, Ok(()), "and once more");
    });
}

#[test]
fn each_rule_of_the_policy_is_told_apart_and_nothing_is_written() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        assert_eq!(reset(&directory, "alice", "short-1").await, refused("The password is too short."));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        for used in [OLD, NEW] {
            assert_eq!(
                reset(&directory, "alice", used).await,
                refused("You used this password before. Choose another.")
            );
        }
        assert_eq!(
            reset(&directory, "alice", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA=").await,
            refused("The password is too simple for the directory.")
        );
        assert!(slapd.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn a_password_that_is_too_young_to_be_changed_is_told_as_such() {
    run(async {
        let slapd = slapd().policy("pwdMinAge: 86400").start();
        let directory = slapd.directory();
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        let young = "The password was changed a short while ago. The directory allows the next change later.";
        assert_eq!(reset(&directory, "alice", "Another-good-one-3").await, refused(young));
    });
}

#[test]
fn a_policy_that_wants_the_old_password_is_not_the_persons_fault_and_is_named() {
    run(async {
        let slapd = slapd().policy("pwdSafeModify: TRUE").start();
        is_unavailable(&reset(&slapd.directory(), "alice", NEW).await, "pwdSafeModify");
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
fn who_has_chosen_a_password_is_not_asked_for_another_where_the_policy_wants_one_after_an_administrators_reset() {
    run(async {
        // With the level manage, which the documents advise against.
        let slapd = slapd()
            .policy("pwdMustChange: TRUE")
            .access_but("org\" =w\n", "org\" manage\n")
            .access_extra(
                "access to attrs=pwdReset by dn.exact=\"cn=reset,ou=services,dc=example,dc=org\" write by * none",
            )
            .start();
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert_eq!(slapd.values(ALICE, "pwdReset").await, ["FALSE"]);
        // One that stood before goes with the least rights too.
        let slapd = server::slapd().policy("pwdMustChange: TRUE").start();
        slapd.set(ALICE, "pwdReset", &["TRUE"]).await;
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert!(slapd.values(ALICE, "pwdReset").await.is_empty());
    });
}

#[test]
fn a_change_that_has_to_be_repeated_at_the_next_sign_in_is_said_where_it_can_not_be_taken_back() {
    run(async {
        let slapd = slapd().policy("pwdMustChange: TRUE").access_but("org\" =w\n", "org\" manage\n").start();
        let outcome = reset(&slapd.directory(), "alice", NEW).await;
        assert!(
            matches!(&outcome, Ok(Change::ChangedWithWarning(why)) if why.contains("at the next sign-in")),
            "{outcome:?}"
        );
    });
}

#[test]
fn a_stored_hash_that_nobody_can_use_is_found_by_the_bind_that_proves() {
    run(async {
        // The natural "128 bit" salt, which libcrypt refuses for 15 of 16 values: slapd says that it went well.
        let slapd = slapd()
            .global("password-hash {CRYPT}\npassword-crypt-salt-format \"$y$j9T$%.22s\"")
            .policy("pwdMaxFailure: 0")
            .start();
        let directory = slapd.directory();
        let mut found = None;
        for number in 0..8 {
            let new = format!("{NEW}-{number}");
            match reset(&directory, "alice", &new).await {
                Ok(Change::Changed) => assert!(slapd.signs_in(ALICE, &new).await.is_success()),
                other => {
                    found = Some(other);
                    break;
                }
            }
        }
        assert!(
            matches!(&found, Some(Err(Error::Failed(why))) if why.contains("nobody can sign in by it")),
            "{found:?}; one in 16 to the 8th"
        );
    });
}

#[test]
fn the_day_of_the_last_change_is_today_where_the_entry_has_one_and_is_not_invented() {
    run(async {
        let bob = "uid=bob,ou=people,dc=example,dc=org";
        let slapd = slapd().person(bob, "uid: bob\nshadowLastChange: 19000\nshadowMax: 90").start();
        let directory = slapd.directory();
        for name in ["alice", "bob"] {
            assert_eq!(reset(&directory, name, NEW).await, Ok(Change::Changed));
        }
        let today = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
        let written: u64 = slapd.values(bob, "shadowLastChange").await[0].parse().unwrap();
        assert!((today - 1..=today).contains(&written), "{written}");
        assert!(slapd.values(ALICE, "shadowLastChange").await.is_empty());
    });
}

#[test]
fn ended_entries_and_passwords_that_are_kept_elsewhere_are_refused() {
    run(async {
        let slapd = slapd()
            .person("uid=gone,ou=people,dc=example,dc=org", "uid: gone\nshadowExpire: 19000")
            .person("uid=nologin,ou=people,dc=example,dc=org", "uid: nologin")
            .start();
        // With the least rights: of what is stored the service sees that it is kept elsewhere, and nothing more.
        slapd.set("uid=nologin,ou=people,dc=example,dc=org", "loginShell", &["/usr/sbin/nologin"]).await;
        let directory = slapd.directory();
        assert_eq!(verdict(&directory, "gone").await, Verdict::Expired);
        assert_eq!(verdict(&directory, "nologin").await, Verdict::NoLogin);
        for (attribute, value, want) in [
            ("pwdEndTime", "20200101000000Z", Verdict::Expired),
            ("pwdStartTime", "20900101000000Z", Verdict::Expired),
            ("userPassword", "{SASL}alice@EXAMPLE.ORG", Verdict::NotLocal),
        ] {
            slapd.set(ALICE, attribute, &[value]).await;
            assert_eq!(verdict(&directory, "alice").await, want, "{attribute}");
            let outcome = reset(&directory, "alice", NEW).await;
            assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
            slapd.set(ALICE, attribute, &[]).await;
        }
    });
}

const GROUPS: &str = "dn: cn=staff,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: staff\nmember: uid=alice,ou=people,dc=example,dc=org\n\n\
dn: cn=everybody,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: Everybody\nmember: cn=staff,ou=groups,dc=example,dc=org\n\n\
dn: cn=circle,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: circle\nmember: cn=everybody,ou=groups,dc=example,dc=org\nmember: cn=circle,ou=groups,dc=example,dc=org\n\n\
dn: cn=unix,ou=groups,dc=example,dc=org\nobjectClass: posixGroup\ncn: unix\ngidNumber: 20001\nmemberUid: alice\n\n\
dn: cn=primary,ou=groups,dc=example,dc=org\nobjectClass: posixGroup\ncn: primary\ngidNumber: 20000\n\n\
dn: cn=others,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: others\nmember: cn=reset,ou=services,dc=example,dc=org";

#[test]
fn groups_in_groups_count_for_scope_administrators_and_who_is_left_out() {
    run(async {
        let slapd = slapd().entries(GROUPS).start();
        for (scope, want, admin) in [
            ("enable = [\"staff\"]", Verdict::Eligible, false),
            ("enable = [\"everybody\"]", Verdict::Eligible, false),
            ("enable = [\"circle\"]\nadmin_groups = [\"everybody\"]", Verdict::Eligible, true),
            ("enable = [\"unix\"]", Verdict::Eligible, false),
            ("enable = [\"primary\"]", Verdict::Eligible, false),
            ("enable = [\"others\"]", Verdict::OutOfScope, false),
            ("enable = [\"no-such\"]", Verdict::OutOfScope, false),
            ("exclude = [\"@circle\"]", Verdict::OutOfScope, false),
            ("exclude = [\"@others\"]", Verdict::Eligible, false),
            ("exclude = [\"ALICE\"]", Verdict::OutOfScope, false),
        ] {
            let text = if scope.contains("enable") { scope.to_owned() } else { format!("enable = \"all\"\n{scope}") };
            let mut settings = slapd.settings(&[&slapd.plain()], "");
            settings.scope = settings::parse(&format!("[scope]\n{text}\n"), std::path::Path::new("t")).unwrap().scope;
            let account = found(&of(&settings), "alice").await.account;
            assert_eq!((account.verdict, account.admin), (want, admin), "{scope}");
        }
        // A group that is nowhere may be a slip of the pen.
        let outcome = slapd.directory_with("exclude = [\"@contractros\"]").find("alice").await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("contractros")), "{outcome:?}");
    });
}

#[test]
fn members_of_protected_groups_and_the_service_itself_are_never_served_whatever_the_scope_says() {
    run(async {
        let slapd = slapd()
            .entries(GROUPS)
            .person("cn=reset2,ou=people,dc=example,dc=org", "uid: reset\ncn: reset2")
            .person("uid=root,ou=people,dc=example,dc=org", "uid: root")
            // Where people would be anywhere, it would find its own entry.
            .access_extra(&format!(
                "access to dn.exact=\"{RESET}\" attrs=entryUUID,pwdAccountLockedTime by dn.exact=\"{RESET}\" read by * break"
            ))
            .start();
        let mut settings = slapd.settings(&[&slapd.plain()], "");
        settings.directory.protected_groups = vec!["Circle".to_owned()];
        let directory = of(&settings);
        assert_eq!(verdict(&directory, "alice").await, Verdict::System);
        let outcome = reset(&directory, "alice", NEW).await;
        assert!(matches!(&outcome, Err(Error::Refused(why)) if why.contains("Circle")), "{outcome:?}");
        assert_eq!(verdict(&directory, "root").await, Verdict::System);
        settings.directory.filter = Some("(objectClass=*)".to_owned());
        settings.directory.name_attribute = Some("cn".to_owned());
        settings.directory.base = Some(SUFFIX.to_owned());
        assert_eq!(verdict(&of(&settings), "reset").await, Verdict::System, "{RESET}");
    });
}

#[test]
fn an_entry_with_several_names_is_one_and_what_holds_for_each_of_them_holds_for_it() {
    run(async {
        let groups = format!(
            "dn: cn=wheel,ou=groups,{SUFFIX}\nobjectClass: posixGroup\ncn: wheel\ngidNumber: 20009\nmemberUid: ally"
        );
        let slapd = slapd()
            .entries(&groups)
            .person("uid=bob,ou=people,dc=example,dc=org", "uid: bob\nuid: ally")
            .person("cn=y,ou=people,dc=example,dc=org", "uid: carol\nuid: caroline\ncn: y")
            .start();
        let directory = slapd.directory();
        let bob = found(&directory, "bob").await.account;
        assert_eq!((bob.name.as_str(), bob.verdict), ("bob", Verdict::Eligible));
        assert_eq!(found(&directory, "ally").await.account, bob, "one name, by which everything is kept");
        for (scope, protected) in [
            ("exclude = [\"ally\"]", None),
            ("exclude = [\"bob\"]", None),
            ("exclude = [\"@wheel\"]", None),
            ("", Some("wheel")),
        ] {
            let mut settings = slapd.settings(&[&slapd.plain()], scope);
            settings.directory.protected_groups = protected.map(str::to_owned).into_iter().collect();
            let want = if protected.is_some() { Verdict::System } else { Verdict::OutOfScope };
            for name in ["bob", "ally"] {
                assert_eq!(verdict(&of(&settings), name).await, want, "{scope} {protected:?} {name}");
            }
        }
        // Its DN does not say which is its own.
        for name in ["carol", "caroline"] {
            assert_eq!(verdict(&directory, name).await, Verdict::SharedUid, "{name}");
        }
    });
}

#[test]
fn whoever_may_be_in_a_named_group_through_one_whose_members_are_hidden_is_not_served() {
    run(async {
        let slapd = slapd()
            .entries(GROUPS)
            .access_extra(&format!("access to dn.exact=\"cn=staff,ou=groups,{SUFFIX}\" attrs=member by * none"))
            .start();
        let mut settings = slapd.settings(&[&slapd.plain()], "");
        // She is in it through staff alone.
        settings.directory.protected_groups = vec!["everybody".to_owned()];
        let outcome = of(&settings).find("alice").await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("cn=staff")), "{outcome:?}");
    });
}

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
fn names_with_every_sign_of_a_dn_or_a_filter_are_one_entry_and_are_reset() {
    run(async {
        let people = [
            ("uid=comma\\, inc,ou=people,dc=example,dc=org", "uid: comma, inc\nmail: a@b", "comma"),
            ("cn=x+uid=plus,ou=people,dc=example,dc=org", "uid: plus", "plus"),
            ("cn=\\\"quoted\\\",ou=people,dc=example,dc=org", "uid: quoted\ncn: \"quoted\"", "quoted"),
            ("uid=jürgen,ou=people,dc=example,dc=org", "uid:: asO8cmdlbg==\nuid: juergen", "jürgen"),
            ("uid=back\\\\slash,ou=people,dc=example,dc=org", "uid: back\\slash", "back\\slash"),
            ("uid=star\\2A,ou=people,dc=example,dc=org", "uid: star*", "star*"),
        ];
        let mut builder = slapd();
        for (dn, lines, _) in people {
            builder = builder.person(dn, lines.split("\nmail").next().unwrap());
        }
        let slapd = builder.start();
        let directory = slapd.directory();
        for (dn, _, name) in people {
            if name == "comma" {
                // No host has such a name.
                assert!(directory.find("comma, inc").await.unwrap().is_none());
                continue;
            }
            assert_eq!(reset(&directory, name, NEW).await, Ok(Change::Changed), "{name}");
            assert!(slapd.signs_in(dn, NEW).await.is_success(), "{dn}");
        }
        // None of them means everybody, or somebody else.
        for name in ["*", "alice*", "a*e", "alice)(uid=*", "star", "\\61lice", "alic", "ALICE "] {
            assert!(directory.find(name).await.unwrap().is_none(), "{name}");
        }
    });
}

#[test]
fn however_a_host_writes_a_name_it_is_one_entry() {
    run(async {
        let slapd = slapd().start();
        let mut settings = slapd.settings(&[&slapd.plain()], "");
        settings.directory.domains = vec!["EXAMPLE".into(), "example.org".into()];
        let directory = of(&settings);
        let alice = found(&directory, "alice").await.account;
        for name in ["Alice", "EXAMPLE\\alice", "alice@example.org", "ALICE@EXAMPLE.ORG"] {
            assert_eq!(found(&directory, name).await.account, alice, "{name}");
        }
        for other in ["OTHER\\alice", "alice@example.com"] {
            assert!(directory.find(other).await.unwrap().is_none(), "{other}");
        }
    });
}

#[test]
fn of_two_entries_with_one_name_neither_is_served() {
    run(async {
        let slapd = slapd()
            .entries("dn: ou=more,ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: more")
            .person("uid=alice,ou=more,ou=people,dc=example,dc=org", "uid: alice")
            .start();
        let directory = slapd.directory();
        assert_eq!(verdict(&directory, "alice").await, Verdict::SharedUid);
        let outcome = directory.change("alice", "", NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert!(slapd.signs_in(ALICE, OLD).await.is_success());
    });
}

#[test]
fn who_was_removed_and_made_anew_is_somebody_else() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let id = found(&directory, "alice").await.account.id;
        assert_eq!(id.len(), 36, "{id}");
        for other in ["", "00000000-0000-0000-0000-000000000000", &id.to_uppercase()] {
            let outcome = directory.change("alice", other, NEW.as_bytes(), async { Ok(()) }).await;
            assert!(matches!(outcome, Err(Error::Refused(_))), "{other}: {outcome:?}");
        }
        assert!(slapd.signs_in(ALICE, OLD).await.is_success());
    });
}

#[test]
fn a_server_that_takes_no_changes_is_passed_over_and_nothing_is_lost_where_there_is_no_other() {
    run(async {
        let first = slapd().database("readonly on").start();
        is_unavailable(&reset(&first.directory(), "alice", NEW).await, "not able or not willing");
        // What a consumer with updateref answers: a referral. It is not followed; the next server is asked.
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
fn a_bound_on_sizes_that_hides_groups_refuses_everybody() {
    run(async {
        let mut builder = slapd();
        for number in 0..5 {
            builder = builder.entries(&format!(
                "dn: cn=g{number},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: g{number}\nmember: {ALICE}"
            ));
        }
        let slapd = builder.database("sizelimit 3").start();
        let outcome = slapd.directory().find("alice").await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("groups below")), "{outcome:?}");
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
        // 127.0.0.2 is the same machine by a name that is not in the certificate; nothing listens there, so it is not even asked.
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
fn without_a_password_policy_a_reset_is_the_same() {
    run(async {
        let slapd = slapd()
            .without_policy()
            .access(
                &server::least()
                    .replace("pwdAccountLockedTime,", "")
                    .replace(",pwdHistory", "")
                    .replace(",pwdStartTime,pwdEndTime,pwdReset", ""),
            )
            .start();
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
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

#[test]
fn who_asked_and_is_gone_before_the_write_changes_nothing() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let id = found(&directory, "alice").await.account.id;
        let gone = async { Err(Error::Denied("gone".to_owned())) };
        assert!(matches!(directory.change("alice", &id, NEW.as_bytes(), gone).await, Err(Error::Denied(_))));
        assert!(slapd.signs_in(ALICE, OLD).await.is_success());
        assert_eq!(directory.went_through("alice", &id, NEW.as_bytes()).await, Ok(false));
        assert_eq!(directory.went_through("alice", &id, OLD.as_bytes()).await, Ok(true));
        let _: &Slapd = &slapd;
    });
}

#[test]
fn who_is_renamed_stays_the_same_and_who_is_removed_and_made_anew_has_another_id() {
    run(async {
        let slapd = slapd().start();
        let directory = slapd.directory();
        let id = found(&directory, "alice").await.account.id;
        slapd.tool(&format!("ldapmodrdn -r {ALICE} uid=alicia"));
        assert_eq!(found(&directory, "alicia").await.account.id, id);
        assert!(directory.find("alice").await.unwrap().is_none());
        slapd.change(&format!(
            "dn: uid=alicia,ou=people,dc=example,dc=org\nchangetype: delete\n\n\
             dn: {ALICE}\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nuid: alice\ncn: x\nsn: x\n\
             uidNumber: 20000\ngidNumber: 20000\nhomeDirectory: /home/x\nuserPassword: {OLD}\n"
        ));
        assert_ne!(found(&directory, "alice").await.account.id, id);
        let outcome = directory.change("alice", &id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert!(slapd.signs_in(ALICE, OLD).await.is_success());
    });
}

#[test]
fn who_was_away_for_too_long_is_locked_and_comes_back_by_a_reset() {
    run(async {
        let slapd = slapd()
            .database("lastbind on")
            .policy("pwdMaxIdle: 86400")
            .person("uid=idle,ou=people,dc=example,dc=org", "uid: idle\npwdLastSuccess: 20200101000000Z")
            .start();
        let idle = "uid=idle,ou=people,dc=example,dc=org";
        assert_eq!(slapd.signs_in(idle, OLD).await.code, 49);
        assert_eq!(reset(&slapd.directory(), "idle", NEW).await, Ok(Change::Changed));
        assert!(slapd.signs_in(idle, NEW).await.is_success());
    });
}

#[test]
fn what_a_reset_has_no_business_with_stays() {
    run(async {
        let slapd = slapd().start();
        slapd.set(ALICE, "pwdEndTime", &["20900101000000Z"]).await;
        slapd.set(ALICE, "shadowExpire", &["40000"]).await;
        assert_eq!(reset(&slapd.directory(), "alice", NEW).await, Ok(Change::Changed));
        for (attribute, value) in [
            ("pwdEndTime", "20900101000000Z"),
            ("shadowExpire", "40000"),
            ("loginShell", "/bin/bash"),
            ("mail", "alice@example.org"),
        ] {
            assert_eq!(slapd.values(ALICE, attribute).await, [value], "{attribute}");
        }
        assert_eq!(slapd.values(ALICE, "pwdHistory").await.len(), 1, "the old one");
        assert!(slapd.values(ALICE, "pwdAccountLockedTime").await.is_empty());
    });
}

#[test]
fn where_named_groups_or_their_members_can_not_be_seen_nobody_is_served() {
    run(async {
        let why = async |slapd: &Slapd, scope: &str, protected: &[&str]| {
            let mut settings = slapd.settings(&[&slapd.plain()], scope);
            settings.directory.protected_groups = protected.iter().map(|name| (*name).to_owned()).collect();
            match of(&settings).find("alice").await {
                Err(Error::Unavailable(why)) => why,
                other => panic!("{other:?}"),
            }
        };
        for (hidden, seen) in [
            ("dn.subtree=\"ou=groups,dc=example,dc=org\"", "which the service's entry may not read"),
            ("attrs=member", "can't see who is in the group \"staff\""),
        ] {
            let slapd = slapd().entries(GROUPS).access_extra(&format!("access to {hidden} by * none")).start();
            assert!(why(&slapd, "", &["staff"]).await.contains(seen), "{hidden}");
            let rows = check(&of(&{
                let mut settings = slapd.settings(&[&slapd.plain()], "");
                settings.directory.protected_groups = vec!["staff".to_owned()];
                settings
            }))
            .await;
            assert_eq!(levels(&rows, "groups"), [Level::Fail], "{rows:?}");
        }
        let slapd = slapd().entries(GROUPS).access_extra("access to attrs=member,memberUid by * none").start();
        // Those who need more proofs are known by their groups, too.
        assert!(why(&slapd, "admin_groups = [\"unix\"]", &[]).await.contains("\"unix\""));
        // Where no group is named that is there, none matters.
        assert_eq!(verdict(&slapd.directory(), "alice").await, Verdict::Eligible);
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
        // One server of two is down: the other one is looked at.
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
        // Everybody else has what was there before.
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
