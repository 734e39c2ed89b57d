//! Everybody with contacts, page by page, from a real slapd.

use sspr_config::{
    credential::Error,
    directory::{Level, Person},
};
use sspr_directory::directory::Directory;

use crate::{
    common::{check, everybody, levels, of, run},
    server::{ALICE, Builder, Slapd, slapd},
};

const CONTACTS: &str = "[contacts.directory]\nemail = \"mail\"\nphone = \"mobile\"\n";

/// With the rights that are printed where these attributes are in the settings.
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
        // Where groups are served, each is asked for.
        let mut settings = slapd.settings(&[&slapd.plain()], &format!("{scope}\n{CONTACTS}"));
        settings.scope.enable = sspr_config::settings::Enable::Groups(vec!["staff".to_owned()]);
        let (people, _) = everybody(&of(&settings)).await.unwrap();
        assert_eq!(names(&people), ["bob"]);
        // A group that can't be found leaves out nobody, so nothing is told of anybody.
        let outcome = everybody(&directory(&slapd, "exclude = [\"@no-such-group\"]", "")).await;
        assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("no-such-group")), "{outcome:?}");
    });
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
        // Without the setting nothing is looked at.
        let rows = check(&slapd.directory()).await;
        assert!(!rows.iter().any(|row| row.0 == "contacts" || row.0 == "mailbox"), "{rows:?}");
    });
}

/// `SSPR_PEOPLE=100000 cargo test -p sspr-directory --test openldap many_people -- --nocapture` shows how long so many take, beside
/// ldapsearch with the same pages, and how much memory.
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
        let slapd = slapd.start();
        // In KiB.
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
        assert_eq!((seen, pages), (count + 1, (count + 1).div_ceil(200)));
        println!("{seen} people on {pages} pages: {took:?}; {before} KiB before, {most} at most");
        let start = std::time::Instant::now();
        slapd.tool("ldapsearch -o ldif-wrap=no -LLL -E pr=200/noprompt -b ou=people,dc=example,dc=org '(objectClass=posixAccount)' uid mail mobile >/dev/null");
        println!("ldapsearch with the same pages: {:?}", start.elapsed());
    });
}
