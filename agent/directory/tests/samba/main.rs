//! A reset on a real Samba domain controller: each row of the requirements for a reset, and each fact that is not
//! obvious.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(
    clippy::unnecessary_wraps,
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

use common::{NEW, OLD, check, everybody, found, levels, refused, reset, verdict};
use server::{ALICE, BOB, HOST, in_a_domain};
use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::Level,
};

#[test]
fn after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_may_live_for_an_hour() {
    in_a_domain(
        "after_a_reset_the_new_password_signs_in_at_once_and_the_old_one_may_live_for_an_hour",
        async |samba| {
            for server in [format!("ldaps://{HOST}"), format!("ldap://{HOST}")] {
                let directory = samba.directory_at(&server, "enable = \"all\"");
                assert_eq!(verdict(&directory, "alice").await, Verdict::Eligible, "{server}");
            }
            let directory = samba.directory();
            let alice = found(&directory, "alice").await;
            assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
            assert_eq!(directory.is_right(&alice, NEW.as_bytes()).await, Ok(false));
            assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
            assert!(samba.signs_in(ALICE, NEW).await.is_success());
            // The old password still signs in. Therefore no notification says that it has ended, and no proof depends
            // on it.
            assert!(samba.signs_in(ALICE, OLD).await.is_success());
            assert_eq!(reset(&directory, "alice", "pä\"sswörd with signs 3").await, Ok(Change::Changed));
            assert!(samba.signs_in(ALICE, "pä\"sswörd with signs 3").await.is_success());
        },
    );
}

#[test]
fn the_rules_that_hold_for_a_reset_are_told_with_their_number() {
    in_a_domain("the_rules_that_hold_for_a_reset_are_told_with_their_number", async |samba| {
        let directory = samba.directory();
        assert_eq!(reset(&directory, "alice", "Ab-1").await, refused("The password must have at least 7 characters."));
        assert_eq!(
            reset(&directory, "alice", "alllowercase").await,
            refused("The password is too simple for the directory.")
        );
        samba.must("samba-tool domain passwordsettings pso create long 1 --min-pwd-length=20 && samba-tool domain passwordsettings pso apply long alice");
        assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed), "20 characters");
        assert_eq!(
            reset(&directory, "alice", &NEW[1..]).await,
            refused("The password must have at least 20 characters.")
        );
    });
}

#[test]
fn a_lock_by_failures_goes_with_the_password_in_one_modify_and_stays_where_the_password_is_refused() {
    in_a_domain(
        "a_lock_by_failures_goes_with_the_password_in_one_modify_and_stays_where_the_password_is_refused",
        async |samba| {
            let directory = samba.directory();
            for dn in [ALICE, BOB] {
                for _ in 0..3 {
                    samba.signs_in(dn, "Wrong-one-1").await;
                }
                assert!(samba.signs_in(dn, OLD).await.text.contains("775"));
            }
            let alice = found(&directory, "alice").await;
            assert!(alice.account.locked && alice.account.verdict == Verdict::Eligible);
            assert_eq!(
                reset(&directory, "alice", "Ab-1").await,
                refused("The password must have at least 7 characters.")
            );
            assert!(found(&directory, "alice").await.account.locked);
            assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
            assert!(!found(&directory, "alice").await.account.locked);
            assert_eq!(samba.values(ALICE, "lockoutTime").await, ["0"]);
            let id = found(&directory, "bob").await.account.id;
            assert_eq!(directory.unlock("bob", &id).await, Ok(()));
            assert!(samba.signs_in(BOB, OLD).await.is_success());
        },
    );
}

#[test]
fn disabled_and_ended_accounts_stay_so() {
    in_a_domain("disabled_and_ended_accounts_stay_so", async |samba| {
        let directory = samba.directory();
        let id = found(&directory, "alice").await.account.id;
        samba.must("samba-tool user disable alice");
        assert_eq!(verdict(&directory, "alice").await, Verdict::Locked);
        let outcome = directory.change("alice", &id, NEW.as_bytes(), async { Ok(()) }).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
        assert_eq!(samba.values(ALICE, "userAccountControl").await, ["514"]);
        samba.set(BOB, "accountExpires", &["132000000000000000"]).await;
        assert_eq!(verdict(&directory, "bob").await, Verdict::Expired);
    });
}

#[test]
fn an_administrator_of_the_domain_is_never_served_although_the_server_would_let_the_service() {
    in_a_domain(
        "an_administrator_of_the_domain_is_never_served_although_the_server_would_let_the_service",
        async |samba| {
            let directory = samba.directory();
            let dora = found(&directory, "dora").await;
            assert_eq!(dora.account.verdict, Verdict::System);
            let outcome = directory.change("dora", &dora.account.id, NEW.as_bytes(), async { Ok(()) }).await;
            assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
            for name in ["Administrator", "krbtgt", "reset"] {
                let found = directory.find(name).await.unwrap();
                assert!(found.is_none_or(|found| found.account.verdict == Verdict::System), "{name}");
            }
            // A computer is a user too, by its class.
            assert!(directory.find("DC$").await.unwrap().is_none());
        },
    );
}

#[test]
fn groups_in_groups_count_and_so_does_the_own_group_and_each_way_to_write_a_name_is_one_account() {
    in_a_domain(
        "groups_in_groups_count_and_so_does_the_own_group_and_each_way_to_write_a_name_is_one_account",
        async |samba| {
            let server = format!("ldaps://{HOST}");
            for (scope, want, admin) in [
                ("enable = [\"staff\"]", Verdict::Eligible, false),
                ("enable = [\"Everybody\"]\nadmin_groups = [\"everybody\"]", Verdict::Eligible, true),
                ("enable = [\"Domain Users\"]", Verdict::Eligible, false),
                ("enable = [\"others\"]", Verdict::OutOfScope, false),
                ("enable = \"all\"\nexclude = [\"@everybody\"]", Verdict::OutOfScope, false),
                ("enable = \"all\"\nexclude = [\"EXAMPLE\\\\alice\"]", Verdict::OutOfScope, false),
            ] {
                let account = found(&samba.directory_at(&server, scope), "alice").await.account;
                assert_eq!((account.verdict, account.admin), (want, admin), "{scope}");
            }
            let directory = samba.directory();
            let alice = found(&directory, "alice").await.account;
            assert_eq!((alice.name.as_str(), alice.id.len()), ("alice", 32));
            for name in ["ALICE", "EXAMPLE\\alice", "alice@ad.example.org", "Alice@AD.EXAMPLE.ORG"] {
                assert_eq!(found(&directory, name).await.account, alice, "{name}");
            }
        },
    );
}

#[test]
fn a_password_that_must_be_changed_is_right_and_after_a_reset_nobody_is_asked_for_another() {
    in_a_domain(
        "a_password_that_must_be_changed_is_right_and_after_a_reset_nobody_is_asked_for_another",
        async |samba| {
            let directory = samba.directory();
            samba.set(ALICE, "pwdLastSet", &["0"]).await;
            let alice = found(&directory, "alice").await;
            assert_eq!(directory.is_right(&alice, OLD.as_bytes()).await, Ok(true));
            assert_eq!(reset(&directory, "alice", NEW).await, Ok(Change::Changed));
            assert_ne!(samba.values(ALICE, "pwdLastSet").await, ["0"]);
        },
    );
}

#[test]
fn a_right_that_is_missing_is_not_the_persons_fault_and_is_named() {
    in_a_domain("a_right_that_is_missing_is_not_the_persons_fault_and_is_named", async |samba| {
        // In addition to the users for whom the service has rights.
        samba.must(&format!("samba-tool user create carol {OLD}"));
        let outcome = reset(&samba.directory(), "carol", NEW).await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("no right")), "{outcome:?}");
        assert!(samba.signs_in("CN=carol,CN=Users,DC=ad,DC=example,DC=org", OLD).await.is_success());
    });
}

#[test]
fn what_a_reset_has_no_business_with_stays_and_the_write_that_does_nothing_is_not_used() {
    in_a_domain("what_a_reset_has_no_business_with_stays_and_the_write_that_does_nothing_is_not_used", async |samba| {
        // The server reports success, but nothing was changed.
        samba.set(ALICE, "userPassword", &[NEW]).await;
        assert_eq!(samba.signs_in(ALICE, NEW).await.code, 49);
        samba.set(ALICE, "userAccountControl", &["66048"]).await;
        samba.set(ALICE, "accountExpires", &["152000000000000000"]).await;
        assert_eq!(reset(&samba.directory(), "alice", NEW).await, Ok(Change::Changed));
        for (attribute, value) in
            [("userAccountControl", "66048"), ("accountExpires", "152000000000000000"), ("badPwdCount", "0")]
        {
            assert_eq!(samba.values(ALICE, attribute).await, [value], "{attribute}");
        }
        assert!(samba.signs_in(ALICE, NEW).await.is_success());
    });
}

#[test]
fn names_with_every_sign_of_a_dn_are_reset_and_who_is_renamed_stays_the_same() {
    in_a_domain("names_with_every_sign_of_a_dn_are_reset_and_who_is_renamed_stays_the_same", async |samba| {
        let directory = samba.directory();
        let id = found(&directory, "alice").await.account.id;
        let dn = "CN=Liddell\\, \u{c5}lice \\\"x\\\" \\+ y,OU=People,DC=ad,DC=example,DC=org";
        samba.must(&format!("ldbrename -H /var/lib/samba/private/sam.ldb '{ALICE}' '{dn}'"));
        samba.modify(&format!("dn: {dn}\nchangetype: modify\nreplace: sAMAccountName\nsAMAccountName: \u{e5}lice\n"));
        assert!(directory.find("alice").await.unwrap().is_none());
        assert_eq!(found(&directory, "\u{e5}lice").await.account.id, id);
        assert_eq!(reset(&directory, "\u{e5}lice", NEW).await, Ok(Change::Changed));
        assert!(samba.signs_in(dn, NEW).await.is_success());
    });
}

#[test]
fn who_is_removed_and_made_anew_is_somebody_else_and_of_two_with_one_name_neither_is_served() {
    in_a_domain(
        "who_is_removed_and_made_anew_is_somebody_else_and_of_two_with_one_name_neither_is_served",
        async |samba| {
            let directory = samba.directory();
            let id = found(&directory, "alice").await.account.id;
            samba.must("samba-tool user delete alice");
            samba.must(&format!("samba-tool user create alice {OLD} --userou=OU=People"));
            assert_ne!(found(&directory, "alice").await.account.id, id);
            let outcome = directory.change("alice", &id, NEW.as_bytes(), async { Ok(()) }).await;
            assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
            assert!(samba.signs_in(ALICE, OLD).await.is_success());
            // The name of one user is the principal of another.
            samba.modify(&format!(
                "dn: {BOB}\nchangetype: modify\nreplace: userPrincipalName\nuserPrincipalName: alice@EXAMPLE\n"
            ));
            assert_eq!(verdict(&directory, "alice@EXAMPLE").await, Verdict::SharedUid);
            assert_eq!(verdict(&directory, "alice").await, Verdict::Eligible);
        },
    );
}

#[test]
fn doctor_sees_that_the_rights_are_enough_and_not_too_many() {
    in_a_domain("doctor_sees_that_the_rights_are_enough_and_not_too_many", async |samba| {
        let rows = check(&samba.directory()).await;
        assert!(rows.iter().all(|row| row.1 == Level::Ok), "{rows:?}");
        let ids: Vec<&str> = rows.iter().map(|row| row.0).collect();
        let all =
            ["server", "tls", "bind", "clock", "base", "hints", "person", "locks", "groups", "rights", "too-many"];
        assert_eq!(ids, all);
        assert!(rows.iter().any(|row| row.0 == "clock" && row.2.contains("agree")), "{rows:?}");
        let administrator = "CN=Administrator,CN=Users,DC=ad,DC=example,DC=org";
        let directory = samba.directory_by(&format!("ldaps://{HOST}"), "enable = \"all\"", administrator);
        let many = levels(&check(&directory).await, "too-many");
        assert!(many.contains(&Level::Fail) && many.contains(&Level::Warn), "{many:?}");
        // A user without any rights.
        samba.must("samba-tool user create other Secret-of-the-service-1");
        let other = "CN=other,CN=Users,DC=ad,DC=example,DC=org";
        let directory = samba.directory_by(&format!("ldaps://{HOST}"), "enable = \"all\"", other);
        assert_eq!(levels(&check(&directory).await, "rights"), [Level::Fail]);
    });
}

#[test]
fn everybody_with_contacts_is_read_but_for_who_is_as_good_as_the_domain() {
    in_a_domain("everybody_with_contacts_is_read_but_for_who_is_as_good_as_the_domain", async |samba| {
        for dn in [ALICE, BOB, "CN=Administrator,CN=Users,DC=ad,DC=example,DC=org"] {
            samba.set(dn, "mail", &["someone@example.com"]).await;
        }
        samba.set(ALICE, "mobile", &["+819012345678"]).await;
        samba.must("samba-tool group addmembers 'Domain Admins' bob");
        let scope = "enable = \"all\"\n[contacts.directory]\nemail = \"mail\"\nphone = \"mobile\"";
        let directory = samba.directory_at(&format!("ldaps://{HOST}"), scope);
        let (people, _) = everybody(&directory).await.unwrap();
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["alice"]);
        assert_eq!((people[0].emails.len(), people[0].phones.len()), (1, 1));
        let rows = check(&directory).await;
        // Only administrators may write mail; by default, users may write their own mobile number.
        assert_eq!(levels(&rows, "contacts"), [Level::Ok, Level::Fail]);
    });
}
