//! All users with contacts, page by page, from a real slapd.

use sspr_config::{
    credential::{Error, Verdict},
    directory::{Level, Person},
    settings::Enable,
};
use sspr_directory::directory::Directory;

use crate::{
    common::{check, everybody, found, levels, of, run},
    server::{ALICE, Builder, RESET, Slapd, slapd},
};

const CONTACTS: &str = "[contacts.directory]\nemail = \"mail\"\nphone = \"mobile\"\n";

/// A server with the rights that are printed if these attributes are in the settings.
fn with_contacts() -> Builder {
    slapd().access_but("pwdEndTime,pwdReset", "pwdEndTime,pwdReset,mail,mobile")
}

fn directory(slapd: &Slapd, scope: &str, more: &str) -> Directory {
    let mut settings = slapd.settings(&[&slapd.plain()], &format!("{scope}\n{CONTACTS}"));
    if !more.is_empty() {
        settings.directory.protected_groups = vec![more.to_owned()];
    }
    of(&settings)
}

fn names(people: &[Person]) -> Vec<&str> {
    let mut names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    names.sort_unstable();
    names
}

fn group(name: &str, members: &[&str]) -> String {
    let members: String = members.iter().flat_map(|member| ["member: ", member, "\n"]).collect();
    format!("dn: cn={name},ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: {name}\n{members}")
}

fn dn(name: &str) -> String {
    format!("uid={name},ou=people,dc=example,dc=org")
}

#[test]
fn everybody_comes_once_on_pages_that_the_server_cuts_with_name_id_and_what_is_written_in_the_attributes() {
    run(async {
        let mut slapd = with_contacts();
        for n in 0..430 {
            slapd = slapd.person(&dn(&format!("p{n:03}")), &format!("uid: p{n:03}\nmail: p{n:03}@example.org"));
        }
        let slapd = slapd.person(&dn("without"), "uid: without").start();
        slapd.set(ALICE, "mobile", &["+81 90 1234 5678", " "]).await;
        slapd.set(ALICE, "mail", &["b@example.org", "a@example.org"]).await;
        let (people, pages) = everybody(&directory(&slapd, "", "")).await.unwrap();
        let wanted: Vec<String> =
            std::iter::once("alice".to_owned()).chain((0..430).map(|n| format!("p{n:03}"))).collect();
        assert_eq!(names(&people), wanted);
        assert_eq!(pages, 3);
        let alice = people.iter().find(|person| person.name == "alice").unwrap();
        assert_eq!(alice.emails, ["a@example.org", "b@example.org"]);
        assert_eq!(alice.phones, ["+81 90 1234 5678"]);
        assert_eq!(vec![alice.id.clone()], slapd.values(ALICE, "entryUUID").await);
    });
}

#[test]
fn whoever_is_not_served_and_every_administrator_is_left_out() {
    run(async {
        let mut slapd = with_contacts();
        for name in ["closed", "system", "out", "boss", "guarded", "bob"] {
            slapd = slapd.person(&dn(name), &format!("uid: {name}\nmail: {name}@example.org"));
        }
        let slapd = slapd
            .entries(&group("outside", &[&dn("out")]))
            .entries(&group("inner", &[&dn("boss")]))
            .entries(&group("admins", &["cn=inner,ou=groups,dc=example,dc=org"]))
            .entries(&group("guards", &[&dn("guarded")]))
            .entries(&group("staff", &[&dn("bob"), &dn("out")]))
            .start();
        slapd.set(&dn("closed"), "pwdAccountLockedTime", &["000001010000Z"]).await;
        slapd.set(&dn("system"), "uidNumber", &["999"]).await;
        let scope = "exclude = [\"@outside\"]\nadmin_groups = [\"admins\"]";
        let (people, _) = everybody(&directory(&slapd, scope, "guards")).await.unwrap();
        assert_eq!(names(&people), ["alice", "bob"]);
        // If groups are served, each of them is searched.
        let mut settings = slapd.settings(&[&slapd.plain()], &format!("{scope}\n{CONTACTS}"));
        settings.scope.enable = Enable::Groups(vec!["staff".to_owned()]);
        let (people, _) = everybody(&of(&settings)).await.unwrap();
        assert_eq!(names(&people), ["bob"]);
        // A missing group excludes no user, so no user is returned at all.
        let outcome = everybody(&directory(&slapd, "exclude = [\"@no-such-group\"]", "")).await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("no-such-group")), "{outcome:?}");
    });
}

/// Groups with members of every kind: by the DN in another case and with blanks, by the unique name, by the name alone,
/// by the number of the primary group, and through other groups that form a circle.
fn ways() -> String {
    let unique = format!(
        "dn: cn=unique,ou=groups,dc=example,dc=org\nobjectClass: groupOfUniqueNames\ncn: unique\nuniqueMember: {}",
        dn("p03")
    );
    let posix = |name: &str, more: &str| {
        format!("dn: cn={name},ou=groups,dc=example,dc=org\nobjectClass: posixGroup\ncn: {name}\n{more}")
    };
    let inside = |name: &str| format!("cn={name},ou=groups,dc=example,dc=org");
    [
        group("direct", &[&dn("p01"), "UID=P02 , OU=People,DC=example, dc=org"]),
        unique,
        posix("uids", "gidNumber: 7001\nmemberUid: p04\nmemberUid: other-name"),
        posix("own", "gidNumber: 30000"),
        group("inner", &[&dn("p06"), &dn("p07")]),
        group("middle", &[&inside("inner"), &inside("outer"), &dn("p08")]),
        group("outer", &[&inside("middle"), &inside("unique")]),
        group("nobody", &[ALICE]),
    ]
    .join("\n\n")
}

#[test]
fn the_list_has_those_whom_a_look_at_each_serves_in_whichever_way_they_are_in_a_group() {
    run(async {
        let names: Vec<String> = (1..=24).map(|n| format!("p{n:02}")).collect();
        let mut slapd = with_contacts();
        for name in &names {
            let more = if name == "p05" { "\nuid: other-name" } else { "" };
            let gid = if name >= &"p20".to_owned() { 30_000 } else { 20_000 };
            slapd = slapd.entries(&format!(
                "dn: {}\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nuid: {name}{more}\nsn: x\ncn: x\n\
                 uidNumber: 20000\ngidNumber: {gid}\nhomeDirectory: /home/x\nloginShell: /bin/bash\nmail: {name}@example.org",
                dn(name)
            ));
        }
        let slapd = slapd.entries(&ways()).start();
        for (of_whom, count) in [("direct", 2), ("unique", 1), ("uids", 2), ("own", 5), ("outer", 4), ("middle", 4)] {
            let scopes = [
                (format!("exclude = [\"@{of_whom}\"]"), "nobody"),
                (format!("admin_groups = [\"{of_whom}\", \"no-such-group\"]"), "nobody"),
                ("exclude = [\"alice\"]".to_owned(), of_whom),
            ];
            for (scope, protected) in scopes {
                let directory = directory(&slapd, &scope, protected);
                let (people, _) = everybody(&directory).await.unwrap();
                assert_eq!(people.len(), names.len() - count, "{scope} {protected}: {:?}", self::names(&people));
                looked_at(&directory, &names, &people).await;
            }
            let mut settings = slapd.settings(&[&slapd.plain()], CONTACTS);
            settings.scope.enable = Enable::Groups(vec![of_whom.to_uppercase()]);
            let directory = of(&settings);
            let (people, _) = everybody(&directory).await.unwrap();
            assert_eq!(people.len(), count, "{of_whom}: {:?}", self::names(&people));
            looked_at(&directory, &names, &people).await;
        }
    });
}

#[test]
fn whoever_is_in_a_large_group_or_in_one_whose_members_can_be_found_but_not_read_is_left_out_all_the_same() {
    run(async {
        let some = || {
            (1..=5).map(|n| format!("p{n:02}")).fold(with_contacts(), |slapd, name| {
                slapd.person(&dn(&name), &format!("uid: {name}\nmail: {name}@example.org"))
            })
        };
        let many: Vec<String> = (0..600).map(|n| dn(&format!("gone{n}"))).chain([dn("p02")]).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let numbered = format!(
            "dn: cn=large,ou=groups,dc=example,dc=org\nobjectClass: groupOfUniqueNames\ncn: large\nuniqueMember: {}#'0101'B",
            dn("p02")
        );
        let only_found = format!("access to attrs=member by dn.exact=\"{RESET}\" =sc by * break\n");
        let inside = "cn=inside,ou=groups,dc=example,dc=org";
        for (case, slapd) in [
            ("few", some().entries(&group("large", &[&dn("p02")]))),
            ("many", some().entries(&group("large", &many))),
            ("found", some().entries(&group("large", &[&dn("p02")])).access_extra(&only_found)),
            ("nested", some().entries(&group("inside", &many)).entries(&group("large", &[inside]))),
            // slapd takes this for another name.
            ("numbered", some().entries(&numbered)),
        ] {
            let slapd = slapd.start();
            let directory = directory(&slapd, "admin_groups = [\"large\"]", "");
            let (people, _) = everybody(&directory).await.unwrap();
            let all = ["p01", "p02", "p03", "p04", "p05"].map(str::to_owned);
            looked_at(&directory, &all, &people).await;
            assert_eq!(names(&people).contains(&"p02"), case == "numbered", "{case}");
        }
    });
}

#[test]
fn a_service_that_may_list_entries_and_not_read_one_by_its_name_gets_no_list_without_the_members_of_a_group() {
    run(async {
        let hidden = format!(
            "access to dn.children=\"ou=people,dc=example,dc=org\" attrs=entry by dn.exact=\"{RESET}\" =r by * break\n"
        );
        let slapd = with_contacts().entries(&group("large", &[ALICE])).access_extra(&hidden).start();
        slapd.set(ALICE, "mail", &["alice@example.org"]).await;
        let refused = everybody(&directory(&slapd, "admin_groups = [\"large\"]", "")).await.unwrap_err();
        assert!(matches!(&refused, Error::Unavailable(why) if why.contains("may not read")), "{refused:?}");
    });
}

/// Checks that `people` has exactly those of `names` that a look-up of each finds served, without administrators.
async fn looked_at(directory: &Directory, names: &[String], people: &[Person]) {
    for name in names {
        let account = found(directory, name).await.account;
        let wanted = account.verdict == Verdict::Eligible && !account.admin;
        assert_eq!(people.iter().any(|person| person.name == *name), wanted, "{name}: {account:?}");
    }
}

#[test]
fn a_bound_of_the_servers_on_sizes_is_a_failure_that_says_what_to_do_and_not_a_shorter_list() {
    run(async {
        let mut slapd = with_contacts().global("sizelimit 100");
        for n in 0..150 {
            slapd = slapd.person(&dn(&format!("p{n:03}")), &format!("uid: p{n:03}\nmail: p{n:03}@example.org"));
        }
        let slapd = slapd.start();
        let outcome = everybody(&directory(&slapd, "", "")).await;
        assert!(
            matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("raise the server's limit")),
            "{outcome:?}"
        );
    });
}

#[test]
fn doctor_says_that_openldap_does_not_tell_who_writes_an_attribute_and_asks_about_mailboxes_of_the_own_domain() {
    run(async {
        let slapd = with_contacts().start();
        slapd.set(ALICE, "mail", &["alice@mail.example.org"]).await;
        let rows = check(&directory(&slapd, "", "")).await;
        assert_eq!(levels(&rows, "contacts"), [Level::Warn, Level::Warn]);
        let said: Vec<&str> = rows.iter().filter(|row| row.0 == "contacts").map(|row| row.2.as_str()).collect();
        assert!(said[0].contains("does not tell whether people may write mail"), "{said:?}");
        assert!(said[1].contains("has the attribute mobile"), "{said:?}");
        assert_eq!(levels(&rows, "mailbox"), [Level::Warn]);
        // Without the setting, nothing is checked.
        let rows = check(&slapd.directory()).await;
        assert!(!rows.iter().any(|row| row.0 == "contacts" || row.0 == "mailbox"), "{rows:?}");
    });
}

/// `SSPR_PEOPLE=100000 cargo test -p sspr-directory --test openldap many_people -- --nocapture` shows the time for that
/// many users, compared with ldapsearch with the same pages, and the memory.
#[test]
fn many_people_come_in_their_pages_and_none_is_kept() {
    run(async {
        let count: usize = std::env::var("SSPR_PEOPLE").ok().and_then(|count| count.parse().ok()).unwrap_or(1000);
        let mut slapd = with_contacts().database(
            "maxsize 4294967296\nindex objectClass eq\nindex member,uniqueMember,memberUid,cn,uid eq\n\
             limits dn.exact=\"cn=reset,ou=services,dc=example,dc=org\" size=unlimited",
        );
        for n in 0..count {
            slapd = slapd.entries(&format!(
                "dn: uid=p{n},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nuid: p{n}\nsn: x\ncn: x\n\
                 uidNumber: {}\ngidNumber: 20000\nhomeDirectory: /home/x\nloginShell: /bin/bash\nmail: p{n}@example.com\n\
                 mobile: +81 90 1234 5678",
                30_000 + n
            ));
        }
        // Some pages have administrators, who are members through another group.
        let admins: Vec<String> = (0..10).map(|n| dn(&format!("p{}", n * (count / 10)))).collect();
        let admins: Vec<&str> = admins.iter().map(String::as_str).collect();
        let slapd = slapd
            .entries(&group("admins", &admins))
            .entries(&group("sudo", &["cn=admins,ou=groups,dc=example,dc=org"]))
            .start();
        // The resident memory in KiB.
        let held = || -> u64 {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        let directory = directory(&slapd, "", "");
        let (before, mut most, start) = (held(), 0, std::time::Instant::now());
        let (mut seen, mut pages, mut next) = (0, 0, Some(directory.begin_people().await.unwrap()));
        while let Some(going) = next {
            let (people, rest) = directory.next_people(going).await.unwrap();
            assert!(people.len() <= 200);
            (seen, pages, next) = (seen + people.len(), pages + 1, rest);
            most = most.max(held());
        }
        let took = start.elapsed();
        assert_eq!((seen, pages), (count + 1 - admins.len(), (count + 1).div_ceil(200)));
        println!("{seen} people on {pages} pages: {took:?}; {before} KiB before, {most} at most");
        let start = std::time::Instant::now();
        slapd.tool("ldapsearch -o ldif-wrap=no -LLL -E pr=200/noprompt -b ou=people,dc=example,dc=org '(objectClass=posixAccount)' uid mail mobile >/dev/null");
        println!("ldapsearch with the same pages: {:?}", start.elapsed());
    });
}
