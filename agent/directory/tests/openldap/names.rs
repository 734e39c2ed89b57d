//! Names: which entry a name means, however it is written, and when it belongs to another user by now.

use sspr_config::credential::{Change, Error, Verdict};

use crate::{
    common::{NEW, OLD, found, of, reset, run, verdict},
    server::{ALICE, SUFFIX, slapd},
};

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
        // The DN does not show which name is the entry's own.
        for name in ["carol", "caroline"] {
            assert_eq!(verdict(&directory, name).await, Verdict::SharedUid, "{name}");
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
                // No host has a user with such a name.
                assert!(directory.find("comma, inc").await.unwrap().is_none());
                continue;
            }
            assert_eq!(reset(&directory, name, NEW).await, Ok(Change::Changed), "{name}");
            assert!(slapd.signs_in(dn, NEW).await.is_success(), "{dn}");
        }
        // None of these names means every user, or another user.
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
