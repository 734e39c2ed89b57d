//! The users that are served: groups in groups, protected groups, and groups that can't be read.

use sspr_config::{
    credential::{Error, Verdict},
    directory::Level,
    settings,
};

use crate::{
    common::{NEW, check, found, levels, of, reset, run, verdict},
    server::{ALICE, RESET, SUFFIX, Slapd, slapd},
};

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
        // A group that does not exist may be a typo.
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
            // If users are anywhere below the suffix, the service would find its own entry.
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
fn whoever_may_be_in_a_named_group_through_one_whose_members_are_hidden_is_not_served() {
    run(async {
        let slapd = slapd()
            .entries(GROUPS)
            .access_extra(&format!("access to dn.exact=\"cn=staff,ou=groups,{SUFFIX}\" attrs=member by * none"))
            .start();
        let mut settings = slapd.settings(&[&slapd.plain()], "");
        // She is in the group only through staff.
        settings.directory.protected_groups = vec!["everybody".to_owned()];
        let outcome = of(&settings).find("alice").await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("cn=staff")), "{outcome:?}");
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
        // Users who need more proofs are known by their groups too.
        assert!(why(&slapd, "admin_groups = [\"unix\"]", &[]).await.contains("\"unix\""));
        // If none of the named groups exists, none decides.
        assert_eq!(verdict(&slapd.directory(), "alice").await, Verdict::Eligible);
    });
}
