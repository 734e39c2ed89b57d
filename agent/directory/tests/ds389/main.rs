//! A reset on a real 389 Directory Server: each row of the requirements for a reset, and each fact that is not obvious.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::doc_markdown,
    clippy::unnecessary_debug_formatting,
    clippy::items_after_statements,
    reason = "tests"
)]
#![allow(missing_docs, reason = "test names are sentences")]

#[path = "../common/mod.rs"]
mod common;
mod server;

use common::{NEW, OLD, check, everybody, found, levels, refused, reset, run, verdict};
use server::{ALICE, BOB, CONFIG, Ds389, EXPIRY, PROXY, RESET, UNLOCK, person};
use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::Level,
};

#[track_caller]
fn is_unavailable(outcome: &Result<Change, Error>, why: &str) {
    assert!(matches!(outcome, Err(Error::Unavailable(text)) if text.contains(why)), "{outcome:?}");
}

#[test]
fn after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_does_not() {
    run(async {
        let server = Ds389::start().await;
        let directory = server.directory();
        let alice = found(&directory, "alice").await;
        assert_eq!((alice.account.name.as_str(), alice.account.verdict), ("alice", Verdict::Eligible));
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
        assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(server.signs_in(ALICE, NEW).await.is_success());
        assert_eq!(server.signs_in(ALICE, OLD).await.code, 49);
        assert!(server.values(ALICE, "userPassword").await[0].starts_with("{PBKDF2"), "never as it was typed");
        assert!(directory.find("nobody-has-this").await.unwrap().is_none());
    });
}

#[test]
fn each_rule_is_told_apart_in_the_servers_own_words_and_nothing_is_written() {
    run(async {
        let server = Ds389::start().await;
        for (attribute, value) in [
            ("passwordCheckSyntax", "on"),
            ("passwordMinLength", "10"),
            ("passwordHistory", "on"),
            ("passwordInHistory", "3"),
        ] {
            server.set(CONFIG, attribute, &[value]).await;
        }
        let directory = server.directory();
        assert_eq!(
            reset(&directory, "alice", "short-1").await,
            refused("The password must have at least 10 characters.")
        );
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        for used in [OLD, NEW] {
            assert_eq!(
                reset(&directory, "alice", used).await,
                refused("You used this password before. Choose another.")
            );
        }
        let simple = "The password is too simple for the directory.";
        for bad in ["the-name-alice-in-it-1", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            assert_eq!(reset(&directory, "alice", bad).await, refused(simple), "{bad}");
        }
        server.set(CONFIG, "passwordMinDigits", &["2"]).await;
        let outcome = reset(&directory, "alice", "no-digits-in-here").await;
        assert!(matches!(&outcome, Ok(Change::Refused(words)) if words.contains("digit")), "{outcome:?}");
        server.set(CONFIG, "passwordMinAge", &["86400"]).await;
        // It applies only from the first change under this rule.
        assert_eq!(reset(&directory, "alice", "Another-good-one-33").await, Ok(Change::Changed));
        let young = "The password was changed a short while ago. The directory allows the next change later.";
        assert_eq!(reset(&directory, "alice", "Another-good-one-34").await, refused(young));
        assert!(server.signs_in(ALICE, "Another-good-one-33").await.is_success());
    });
}

#[test]
fn where_the_service_may_act_as_the_person_it_does_and_nobody_is_asked_for_another_password() {
    run(async {
        // The service has no right of its own to set a password.
        let server = Ds389::may_only(&PROXY).await;
        server.set(CONFIG, "passwordMustChange", &["on"]).await;
        server.set(CONFIG, "passwordExp", &["on"]).await;
        assert_eq!(reset(&server.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert_ne!(server.values(ALICE, "passwordExpirationTime").await, ["19700101000000Z"]);
        assert!(server.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn who_has_chosen_a_password_is_not_asked_for_another_where_the_service_may_take_that_back() {
    run(async {
        let server = Ds389::may(&[EXPIRY]).await;
        server.must_change_after_an_administrators_reset().await;
        assert_eq!(reset(&server.directory(), "alice", NEW).await, Ok(Change::Changed));
        assert_ne!(server.values(ALICE, "passwordExpirationTime").await, ["19700101000000Z"]);
    });
}

#[test]
fn a_change_that_has_to_be_repeated_at_the_next_sign_in_is_said_where_it_can_not_be_taken_back() {
    run(async {
        let server = Ds389::start().await;
        server.must_change_after_an_administrators_reset().await;
        let outcome = reset(&server.directory(), "alice", NEW).await;
        assert!(
            matches!(&outcome, Ok(Change::ChangedWithWarning(why)) if why.contains("at the next sign-in")),
            "{outcome:?}"
        );
    });
}

#[test]
fn a_lock_by_failures_goes_with_a_reset_and_by_unlocking_alone() {
    run(async {
        let server = Ds389::may(&[UNLOCK]).await;
        server.set(CONFIG, "passwordLockout", &["on"]).await;
        server.set(CONFIG, "passwordMaxFailure", &["3"]).await;
        server.set(CONFIG, "passwordUnlock", &["off"]).await;
        let directory = server.directory();
        for (name, dn) in [("alice", ALICE), ("bob", BOB)] {
            for _ in 0..3 {
                server.signs_in(dn, "wrong").await;
            }
            assert_eq!(server.signs_in(dn, OLD).await.code, 19, "locked has a code of its own");
            if name == "alice" {
                assert!(found(&directory, name).await.account.locked);
            }
        }
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        assert!(!found(&directory, "alice").await.account.locked);
        // Bob is an administrator of the directory, and is not unlocked here.
        let id = found(&directory, "bob").await.account.id;
        assert!(matches!(directory.unlock("bob", &id).await, Err(Error::Refused(_))));
        assert_eq!(server.signs_in(BOB, OLD).await.code, 19);
        for _ in 0..4 {
            server.signs_in(ALICE, "wrong").await;
        }
        let alice = found(&directory, "alice").await;
        assert!(alice.account.locked);
        assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
        assert_eq!(directory.unlock("alice", &alice.account.id).await, Ok(()));
        assert!(server.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn whom_an_administrator_inactivated_stays_so() {
    run(async {
        let server = Ds389::start().await;
        let directory = server.directory();
        let alice = found(&directory, "alice").await;
        server.set(ALICE, "nsAccountLock", &["true"]).await;
        assert_eq!(verdict(&directory, "alice").await, Verdict::Locked);
        assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(false));
        let outcome = directory.change("alice", &alice.account.id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert_eq!(server.values(ALICE, "nsAccountLock").await, ["true"]);
        server.set(ALICE, "nsAccountLock", &[]).await;
        assert!(server.signs_in(ALICE, OLD).await.is_success(), "nothing was written");
    });
}

#[test]
fn administrators_of_the_directory_are_never_served_and_groups_count() {
    run(async {
        let server = Ds389::start().await;
        assert_eq!(verdict(&server.directory(), "bob").await, Verdict::System);
        for (scope, want) in
            [("enable = [\"staff\"]", Verdict::Eligible), ("enable = [\"others\"]", Verdict::OutOfScope)]
        {
            assert_eq!(verdict(&server.directory_with(scope), "alice").await, want, "{scope}");
        }
    });
}

#[test]
fn a_right_that_is_missing_is_not_the_persons_fault_and_is_named() {
    run(async {
        let server = Ds389::but("allow (write)", "deny (write)").await;
        let outcome = reset(&server.directory(), "alice", NEW).await;
        is_unavailable(&outcome, "no right");
        assert!(server.signs_in(ALICE, OLD).await.is_success());
    });
}

#[test]
fn with_the_least_rights_nobody_has_to_change_a_password_again_although_the_policy_says_so_for_administrators() {
    run(async {
        let server = Ds389::start().await;
        server.set(CONFIG, "passwordMustChange", &["on"]).await;
        assert_eq!(reset(&server.directory(), "alice", NEW).await, Ok(Change::Changed));
        // The same is true after the extended operation. It is not used, because the server treats the service as an
        // administrator then.
        assert_ne!(server.values(ALICE, "pwdReset").await, ["TRUE"]);
    });
}

#[test]
fn by_tls_and_start_tls_a_reset_is_the_same_and_the_server_sets_the_day_of_the_change() {
    run(async {
        let server = Ds389::start().await;
        let directory = server.directory_at(&server.start_tls(), "enable = \"all\"");
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
        let today = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
        let written: u64 = server.values(ALICE, "shadowLastChange").await[0].parse().unwrap();
        assert!((today - 1..=today).contains(&written), "{written}");
        assert_eq!(reset(&server.directory(), "alice", OLD).await, Ok(Change::Changed), "by ldaps, with no history");
    });
}

#[test]
fn what_a_reset_has_no_business_with_stays() {
    run(async {
        let server = Ds389::start().await;
        for (attribute, value) in [("passwordHistory", "on"), ("passwordInHistory", "3")] {
            server.set(CONFIG, attribute, &[value]).await;
        }
        server.set(ALICE, "shadowExpire", &["40000"]).await;
        server.set(ALICE, "loginShell", &["/bin/dash"]).await;
        assert_eq!(reset(&server.directory(), "alice", NEW).await, Ok(Change::Changed));
        for (attribute, value) in [("shadowExpire", "40000"), ("loginShell", "/bin/dash"), ("uidNumber", "20000")] {
            assert_eq!(server.values(ALICE, attribute).await, [value], "{attribute}");
        }
        assert!(server.values(ALICE, "nsAccountLock").await.is_empty());
        assert_eq!(server.values(ALICE, "passwordHistory").await.len(), 1, "the old one");
        server.set(ALICE, "shadowExpire", &["19000"]).await;
        assert_eq!(verdict(&server.directory(), "alice").await, Verdict::Expired);
    });
}

#[test]
fn a_server_that_takes_no_changes_is_not_the_persons_fault_and_nothing_is_lost() {
    run(async {
        let server = Ds389::start().await;
        let database = "cn=userRoot,cn=ldbm database,cn=plugins,cn=config";
        server.set(database, "nsslapd-readonly", &["on"]).await;
        is_unavailable(&reset(&server.directory(), "alice", NEW).await, "not able or not willing");
        server.set(database, "nsslapd-readonly", &["off"]).await;
        // The answer of a read-only replica.
        let tree = "cn=dc\\3Dexample\\2Cdc\\3Dorg,cn=mapping tree,cn=config";
        server.set(tree, "nsslapd-referral", &["ldap://127.0.0.1:1/dc=example,dc=org"]).await;
        server.set(tree, "nsslapd-state", &["referral on update"]).await;
        is_unavailable(&reset(&server.directory(), "alice", NEW).await, "points to another");
        assert!(server.signs_in(ALICE, OLD).await.is_success());
    });
}

#[test]
fn a_bound_on_sizes_that_hides_groups_refuses_everybody() {
    run(async {
        let groups: String = (0..5)
            .map(|number| format!("dn: cn=g{number},ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: g{number}\nmember: {ALICE}\n\n"))
            .collect();
        let server = Ds389::of(&groups).await;
        server.set(CONFIG, "nsslapd-sizelimit", &["3"]).await;
        let outcome = server.directory().find("alice").await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("groups below")), "{outcome:?}");
    });
}

#[test]
fn names_with_every_sign_of_a_dn_are_one_entry_and_are_reset_and_of_two_with_one_name_neither_is_served() {
    run(async {
        let people = [
            ("uid=plus+cn=x,ou=people,dc=example,dc=org", "uid: plus", "plus"),
            ("cn=comma\\, inc,ou=people,dc=example,dc=org", "uid: comma\ncn: comma, inc", "comma"),
            ("cn=\\22quoted\\22,ou=people,dc=example,dc=org", "uid: quoted\ncn: \"quoted\"", "quoted"),
            ("uid=j\u{fc}rgen,ou=people,dc=example,dc=org", "uid:: asO8cmdlbg==", "j\u{fc}rgen"),
        ];
        let mut entries: String =
            people.iter().enumerate().map(|(number, (dn, lines, _))| person(dn, lines, 20_010 + number)).collect();
        entries.push_str("dn: ou=more,ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: more\n\n");
        entries.push_str(&person("uid=bob,ou=more,ou=people,dc=example,dc=org", "uid: bob", 20_020));
        let server = Ds389::of(&entries).await;
        let directory = server.directory();
        for (dn, _, name) in people {
            assert_eq!(reset(&directory, name, NEW).await, Ok(Change::Changed), "{name}");
            assert!(server.signs_in(dn, NEW).await.is_success(), "{dn}");
        }
        assert_eq!(verdict(&directory, "bob").await, Verdict::SharedUid);
    });
}

#[test]
fn who_is_renamed_stays_the_same_and_who_is_removed_and_made_anew_is_somebody_else() {
    run(async {
        let server = Ds389::start().await;
        let directory = server.directory();
        let id = found(&directory, "alice").await.account.id;
        server.tool(&format!("ldapmodrdn -r {ALICE} uid=alicia"));
        assert_eq!(found(&directory, "alicia").await.account.id, id);
        assert!(directory.find("alice").await.unwrap().is_none());
        server.change(&format!(
            "dn: uid=alicia,ou=people,dc=example,dc=org\nchangetype: delete\n\n{}",
            person(ALICE, "changetype: add\nuid: alice", 20_000).replace(
                "objectClass: inetOrgPerson\nobjectClass: posixAccount\nobjectClass: shadowAccount\nchangetype: add",
                "changetype: add\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nobjectClass: shadowAccount"
            )
        ));
        let anew = found(&directory, "alice").await.account;
        assert_ne!(anew.id, id);
        let outcome = directory.change("alice", &id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert!(server.signs_in(ALICE, OLD).await.is_success());
    });
}

#[test]
fn where_groups_or_their_members_can_not_be_seen_nobody_is_served() {
    run(async {
        let server = Ds389::but("GROUPS", "ou=services,dc=example,dc=org").await;
        let outcome = server.directory().find("alice").await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("can't see one group")), "{outcome:?}");
        assert_eq!(levels(&check(&server.directory()).await, "groups"), [Level::Fail]);
        let server = Ds389::but("member || uniqueMember || memberUid || gidNumber", "gidNumber").await;
        let outcome = server.directory().find("alice").await;
        let hidden = "can't see who is in the group \"Directory Administrators\"";
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains(hidden)), "{outcome:?}");
    });
}

#[test]
fn doctor_sees_that_the_rights_are_enough_and_not_too_many_and_changes_nothing() {
    run(async {
        let server = Ds389::start().await;
        let rows = check(&server.directory()).await;
        assert!(rows.iter().all(|row| row.1 == Level::Ok), "{rows:?}");
        let ids: Vec<&str> = rows.iter().map(|row| row.0).collect();
        assert_eq!(ids, ["server", "tls", "bind", "clock", "base", "person", "locks", "groups", "rights", "too-many"]);
        assert!(rows.iter().any(|row| row.0 == "clock" && row.2.contains("agree")), "{rows:?}");
        // The service may be in a group with rights equal to the directory's.
        server.set("cn=Directory Administrators,ou=groups,dc=example,dc=org", "uniqueMember", &[RESET]).await;
        assert_eq!(levels(&check(&server.directory()).await, "too-many"), [Level::Fail]);
        let server = Ds389::but("allow (write)", "deny (write)").await;
        assert_eq!(levels(&check(&server.directory()).await, "rights"), [Level::Fail]);
        let all = "(targetattr=\"*\")(version 3.0; acl \"all\"; allow (all) userdn=\"ldap:///WHO\";)";
        let server = Ds389::may(&[all]).await;
        let rows = check(&server.directory()).await;
        let many: Vec<&str> = rows.iter().filter(|row| row.0 == "too-many").map(|row| row.2.as_str()).collect();
        assert!(
            many.iter().any(|row| row.contains("hashes")) && many.iter().any(|row| row.contains("delete")),
            "{rows:?}"
        );
        assert!(server.signs_in(ALICE, OLD).await.is_success());
    });
}

const CONTACTS: &str = "enable = \"all\"\n[contacts.directory]\nemail = \"mail\"\nphone = \"mobile\"\n";

#[test]
fn everybody_with_contacts_is_read_and_doctor_says_that_the_server_does_not_tell_who_writes_them() {
    run(async {
        let server = Ds389::but("shadowExpireCONTACTS", "shadowExpire || mail || mobile").await;
        server.set(ALICE, "mail", &["alice@example.com"]).await;
        server.set(ALICE, "mobile", &["+819012345678"]).await;
        // Bob is an administrator of the directory through another group.
        server.set(BOB, "mail", &["bob@example.com"]).await;
        let directory = server.directory_with(CONTACTS);
        let (people, pages) = everybody(&directory).await.unwrap();
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!((names.as_slice(), pages), (["alice"].as_slice(), 1));
        assert_eq!(people[0].phones, ["+819012345678"]);
        let rows = check(&directory).await;
        assert_eq!(levels(&rows, "mailbox"), [Level::Ok]);
        // The server does not report what users may do only to themselves, or their managers to them.
        assert_eq!(levels(&rows, "contacts"), [Level::Warn, Level::Warn]);
    });
}
