//! A server that is late, sends half an answer, answers another question, sends without end or refuses encryption. No
//! user is changed by mistake, no user waits for long, and no proof is lost.
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

mod freeipa;
mod microsoft;
mod server;
mod several;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use server::{Asked, Does, Rude, alice, answered, done, entry, of, referral};
use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::Level,
};
use sspr_directory::directory::Directory;

const NEW: &str = "New-staple-correct-2";
const ID: &str = "1f2e3d4c";

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

async fn reset(directory: &Directory) -> Result<Change, Error> {
    directory.change("alice", ID, NEW.as_bytes(), async { Ok(()) }).await
}

#[track_caller]
fn nothing_was_done(outcome: &Result<Change, Error>, why: &str) {
    assert!(matches!(outcome, Err(Error::Unavailable(text)) if text.contains(why)), "{outcome:?}");
}

fn on(tag: u8, does: impl Fn(&Asked) -> Does + Send + Sync + 'static) -> impl Fn(&Asked) -> Option<Does> + Send + Sync {
    move |asked| (asked.tag == tag).then(|| does(asked))
}

#[test]
fn with_an_honest_server_the_script_is_a_reset() {
    run(async {
        let rude = Rude::start(|_| None).await;
        let found = rude.directory().find("alice").await.unwrap().unwrap();
        assert_eq!((found.account.verdict, found.account.id.as_str()), (Verdict::Eligible, ID));
        assert_eq!(reset(&rude.directory()).await, Ok(Change::Changed));
    });
}

#[test]
fn whatever_a_server_sends_in_place_of_an_answer_nothing_is_done_and_nobody_waits() {
    run(async {
        let half = |asked: &Asked| answered(asked, 0, "")[..6].to_vec();
        type Answer = Box<dyn Fn(&Asked) -> Does + Send + Sync>;
        let answers: Vec<(Answer, &str)> = vec![
            (Box::new(|_| Does::Sulks), "no answer in time"),
            (Box::new(move |asked| Does::Ends(half(asked))), "ended the connection"),
            (Box::new(|_| Does::Ends(Vec::new())), "ended the connection"),
            (Box::new(|_| Does::Sends(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())), "not LDAP"),
            (Box::new(|asked| Does::Sends(done(asked.id + 1, 0x65, 0, ""))), "another question"),
            (Box::new(|asked| Does::Sends(done(asked.id, 0x67, 0, ""))), "another kind of question"),
            (Box::new(|_| Does::Sends(done(0, 0x78, 52, "shutting down"))), "hangs up"),
            (Box::new(|_| Does::Sends(vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])), "too much"),
            (Box::new(|asked| Does::Floods(referral(asked.id))), "too many referrals"),
            (Box::new(|asked| Does::Floods(alice(asked.id))), "more entries than were asked for"),
            (Box::new(|_| Does::Floods(vec![0x30])), "not LDAP"),
            (Box::new(|asked| Does::Sends(answered(asked, 80, &"x".repeat(100_000)))), "code 80"),
            (
                Box::new(|asked| {
                    Does::Sends([entry(asked.id, "", &[("uid", "\u{0}")]), answered(asked, 1, "")].concat())
                }),
                "code 1",
            ),
        ];
        for (answer, why) in answers {
            let searching = move |asked: &Asked| {
                (asked.tag == 0x63 && asked.has("ou=people") && !asked.has("supportedControl")).then(|| answer(asked))
            };
            let rude = Rude::start(searching).await;
            nothing_was_done(&reset(&rude.directory()).await, why);
            assert_eq!(rude.asked(NEW), 0, "{why}: the new password was sent");
        }
    });
}

#[test]
fn a_change_that_was_done_and_whose_answer_got_lost_is_found_by_looking() {
    run(async {
        for lost in [0, 1, 2] {
            let rude = Rude::start(on(0x77, move |asked| match lost {
                0 => Does::Sulks,
                1 => Does::Ends(Vec::new()),
                _ => Does::Sends(done(asked.id + 7, 0x78, 0, "")),
            }))
            .await;
            let outcome = reset(&rude.directory()).await;
            assert!(
                matches!(&outcome, Ok(Change::ChangedWithWarning(why)) if why.contains("not answered")),
                "{outcome:?}"
            );
            assert_eq!(rude.asked("1.3.6.1.4.1.4203.1.11.1"), 1, "never sent twice");
        }
    });
}

#[test]
fn a_change_that_was_not_done_and_whose_answer_got_lost_is_said_to_be_not_done() {
    run(async {
        let rude = Rude::start(|asked| match asked.tag {
            0x77 => Some(Does::Sulks),
            _ if asked.is_alices() => Some(Does::Sends(answered(asked, 49, ""))),
            _ => None,
        })
        .await;
        nothing_was_done(&reset(&rude.directory()).await, "nothing was written");
    });
}

/// The server was slow, not idle: a change that it makes after our time limit counts.
#[test]
fn a_change_that_is_done_after_the_time_out_is_found_by_looking_once_more() {
    run(async {
        let binds = Arc::new(AtomicUsize::new(0));
        let rude = Rude::start(move |asked| match asked.tag {
            0x77 => Some(Does::Sulks),
            _ if asked.is_alices() && binds.fetch_add(1, Ordering::SeqCst) == 0 => {
                Some(Does::Sends(answered(asked, 49, "")))
            }
            _ => None,
        })
        .await;
        assert!(matches!(reset(&rude.directory()).await, Ok(Change::ChangedWithWarning(_))));
    });
}

#[test]
fn where_nobody_can_tell_what_came_of_it_that_is_what_is_said() {
    run(async {
        let down = Arc::new(AtomicBool::new(false));
        let rude = Rude::start(move |asked| {
            if asked.tag == 0x77 {
                down.store(true, Ordering::SeqCst);
            }
            down.load(Ordering::SeqCst).then_some(Does::Ends(Vec::new()))
        })
        .await;
        let outcome = reset(&rude.directory()).await;
        assert!(matches!(outcome, Err(Error::Failed(_))), "{outcome:?}");
    });
}

#[test]
fn success_that_did_nothing_is_found_by_the_bind_that_proves() {
    run(async {
        let rude = Rude::start(|asked| asked.is_alices().then(|| Does::Sends(answered(asked, 49, "")))).await;
        let outcome = reset(&rude.directory()).await;
        assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("nobody can sign in by it")), "{outcome:?}");
        assert_eq!(rude.asked(ALICE_BINDS), 1, "each no counts as a failure of the person's");
    });
}

const ALICE_BINDS: &str = "\u{2}\u{1}\u{3}\u{4}%uid=alice";

/// The log of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_server_that_repeats_the_new_password_has_it_neither_shown_nor_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    run(async {
        // The user reads the refusal of 389-ds as a rule.
        let echoes = |code| {
            move |asked: &Asked| match asked.tag {
                0x66 => Some(Does::Sends(answered(asked, code, &format!("invalid password syntax - {NEW}")))),
                0x63 if asked.has("groupOfNames") && asked.has("1.1") => {
                    let staff = entry::<&str>(asked.id, "cn=staff,ou=groups,dc=example,dc=org", &[]);
                    Some(Does::Sends([staff, answered(asked, 0, "")].concat()))
                }
                _ => None,
            }
        };
        let outcome = reset(&Rude::start(echoes(19)).await.directory_of("ldap+plain", "389ds")).await;
        assert_eq!(outcome, Ok(Change::Refused("The password is too simple for the directory.".to_owned())));
        nothing_was_done(&reset(&Rude::start(echoes(80)).await.directory_of("ldap+plain", "389ds")).await, "left out");
        let rude = Rude::start(on(0x77, |asked| Does::Sends(answered(asked, 80, &format!("no: {NEW}"))))).await;
        nothing_was_done(&reset(&rude.directory()).await, "left out");
        // The server repeats the password when it refuses other attributes, and at the sign-in that proves the new
        // password.
        let rude = Rude::start(|asked| match asked.tag {
            0x66 => Some(Does::Sends(answered(asked, 50, &format!("no: {NEW}")))),
            0x60 if asked.is_alices() => Some(Does::Sends(answered(asked, 80, &format!("no: {NEW}")))),
            0x63 if asked.has("ou=people") && !asked.has("uniqueMember") && !asked.has("\u{0}cn") => {
                let alice = [("uid", "alice"), ("entryUUID", ID), ("uidNumber", "20000"), ("shadowLastChange", "1")];
                Some(Does::Sends([entry(asked.id, server::ALICE, &alice), answered(asked, 0, "")].concat()))
            }
            _ => None,
        })
        .await;
        let outcome = reset(&rude.directory()).await;
        assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("left out")), "{outcome:?}");
        let found = rude.directory().find("alice").await.unwrap().unwrap();
        for outcome in [
            rude.directory().is_right(&found, NEW.as_bytes()).await,
            rude.directory().went_through("alice", ID, NEW.as_bytes()).await,
        ] {
            assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("left out")), "{outcome:?}");
        }
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("not written after the change"), "{log}");
    assert!(!log.contains(NEW), "{log}");
}

#[test]
fn a_referral_is_not_followed_and_not_the_persons_fault() {
    run(async {
        let rude = Rude::start(on(0x77, |asked| Does::Sends(answered(asked, 10, "")))).await;
        nothing_was_done(&reset(&rude.directory()).await, "points to another");
        // Referrals in a search are skipped: every search from the root of Samba's domain has them.
        let rude = Rude::start(|asked| {
            let search = asked.tag == 0x63 && asked.has("ou=people") && !asked.has("uniqueMember");
            search.then(|| {
                Does::Sends([alice(asked.id), referral(asked.id), referral(asked.id), answered(asked, 0, "")].concat())
            })
        })
        .await;
        assert_eq!(reset(&rude.directory()).await, Ok(Change::Changed));
    });
}

#[test]
fn a_server_that_refuses_encryption_gets_no_password() {
    run(async {
        type Answer = Box<dyn Fn(&Asked) -> Does + Send + Sync>;
        let injected = |asked: &Asked| [answered(asked, 0, ""), done(2, 0x61, 0, "")].concat();
        let answers: Vec<(Answer, &str)> = vec![
            (
                Box::new(|asked| Does::Sends(answered(asked, 2, "unsupported extended operation"))),
                "the server refuses it: code 2",
            ),
            (Box::new(|_| Does::Sulks), "answer in time"),
            (Box::new(|_| Does::Ends(Vec::new())), "ended the connection"),
            (Box::new(|_| Does::Sends(b"junk".to_vec())), "not LDAP"),
            // Bytes after the answer would count as sent under encryption.
            (Box::new(move |asked| Does::Sends(injected(asked))), "not LDAP"),
            // The server agrees, and then continues without encryption.
            (Box::new(|asked| Does::Ends(answered(asked, 0, ""))), "127.0.0.1"),
        ];
        for (answer, why) in answers {
            let rude = Rude::start(move |asked| Some(answer(asked))).await;
            nothing_was_done(&reset(&rude.directory_of("ldap", "openldap")).await, why);
            assert_eq!(rude.asked("secret of the service"), 0, "{why}");
        }
    });
}

#[test]
fn an_empty_password_is_never_tried() {
    run(async {
        let rude = Rude::start(|_| None).await;
        let directory = rude.directory();
        let found = directory.find("alice").await.unwrap().unwrap();
        assert_eq!(directory.is_right(&found, b"").await, Ok(false));
        assert_eq!(rude.asked(ALICE_BINDS), 0);
    });
}

#[test]
fn names_of_another_entry_than_was_asked_for_are_nobody() {
    run(async {
        let rude = Rude::start(|asked| {
            let search = asked.tag == 0x63 && asked.has("ou=people") && !asked.has("uniqueMember");
            search.then(|| {
                let bob = [("uid", "bob"), ("entryUUID", "1f2e3d4c")];
                Does::Sends([entry(asked.id, "uid=bob,ou=people", &bob), answered(asked, 0, "")].concat())
            })
        })
        .await;
        assert!(rude.directory().find("alice").await.unwrap().is_none());
    });
}

#[test]
fn doctor_sees_what_a_server_shows_although_another_one_and_the_kdc_are_silent() {
    run(async {
        let (silent, good) = (Rude::start(|_| Some(Does::Sulks)).await, Rude::start(|_| None).await);
        let folder = tempfile::tempdir().unwrap();
        for name in ["kadmin", "kinit", "kvno"] {
            std::fs::write(folder.path().join(name), "#!/bin/sh\nexec sleep 60\n").unwrap();
            rustix::fs::chmod(folder.path().join(name), 0o755.into()).unwrap();
        }
        let keytab = folder.path().join("keytab");
        std::fs::write(&keytab, "").unwrap();
        rustix::fs::chmod(&keytab, 0o600.into()).unwrap();
        let more = format!(
            "password = \"kerberos\"\nrealm = \"EXAMPLE.ORG\"\nadmin_principal = \"sspr/admin@EXAMPLE.ORG\"\nkeytab = {keytab:?}\n"
        );
        let (fine, fails) = (Level::Ok, Level::Fail);
        for (servers, binds) in [([&silent, &good], [fails, fine]), ([&good, &silent], [fine, fails])] {
            let settings = servers.map(|server| server.settings("ldap+plain", "openldap", &more));
            let mut both = settings[0].clone();
            both.directory.servers.extend(settings[1].directory.servers.clone());
            let rows = of(both).with_programs(folder.path()).check().await;
            let levels = |id| rows.iter().filter(|row| row.id == id).map(|row| row.level).collect::<Vec<_>>();
            assert_eq!(levels("server"), [fine, fine], "{rows:?}");
            assert_eq!(levels("bind"), binds, "{rows:?}");
            assert_eq!(levels("kerberos"), [fails], "{rows:?}");
            for id in ["base", "person", "locks", "groups"] {
                assert_eq!(levels(id), [fine], "{id}: {rows:?}");
            }
            let order: Vec<_> = rows.iter().map(|row| row.id).filter(|id| *id != "clock").collect();
            assert_eq!(order, ["server", "bind", "server", "bind", "kerberos", "base", "person", "locks", "groups"]);
        }
    });
}

#[test]
fn no_service_is_asked_before_a_proof() {
    run(async {
        let rude = Rude::start(|_| None).await;
        assert_eq!(rude.directory().hindrance(), None);
        let mut settings = rude.settings("ldap+plain", "openldap", "");
        settings.directory.password_file = Some("/nonexistent".into());
        let _ = of(settings.clone());
        let missing =
            Directory::new(&settings, None, sspr_directory::directory::Times::default()).map(|d| d.hindrance());
        assert!(missing.is_ok_and(|why| why.unwrap().contains("/nonexistent")));
        assert_eq!(rude.asked(""), 0);
    });
}

/// The names of all users with an address.
async fn everybody(directory: &Directory) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    let mut next = Some(directory.begin_people().await?);
    while let Some(going) = next {
        let (people, rest) = directory.next_people(going).await?;
        all.extend(people.into_iter().map(|person| person.name));
        next = rest;
    }
    Ok(all)
}

#[test]
fn who_of_a_page_is_in_a_group_that_matters_is_asked_with_one_request_and_each_own_group_once() {
    run(async {
        let people = |asked: &Asked| {
            let mut bytes = Vec::new();
            for n in 0..200 {
                let (name, id) = (format!("p{n}"), format!("id{n}"));
                let mail = format!("{name}@example.org");
                let attributes = [
                    ("uid", name.as_str()),
                    ("entryUUID", &id),
                    ("mail", &mail),
                    ("uidNumber", "20000"),
                    ("gidNumber", "20007"),
                ];
                bytes.extend(entry(asked.id, &format!("uid={name},ou=people,dc=example,dc=org"), &attributes));
            }
            [bytes, answered(asked, 0, "")].concat()
        };
        let rude = Rude::start(move |asked| {
            if asked.tag == 0x63 && asked.has("ou=people") && asked.has("mail") {
                return Some(Does::Sends(people(asked)));
            }
            // A group of administrators that has none of the users and no group as a member.
            let is_for_the_group = asked.tag == 0x63 && !asked.has("ou=people") && !asked.has("20007");
            let group = entry(asked.id, "cn=sudo,ou=groups,dc=example,dc=org", &[("cn", "sudo")]);
            (is_for_the_group && !asked.has("ou=groups")).then(|| Does::Sends([group, answered(asked, 0, "")].concat()))
        })
        .await;
        let directory = of(rude.settings("ldap+plain", "openldap", "[contacts.directory]\nemail = \"mail\"\n"));
        for pages in 1..=2 {
            assert_eq!(everybody(&directory).await.map(|people| people.len()), Ok(200));
            assert_eq!((rude.asked("uid=p199"), rude.asked("20007")), (pages, pages));
        }
    });
}

#[test]
fn whatever_a_server_sends_in_place_of_a_page_it_is_no_shorter_list_but_a_failure() {
    run(async {
        let with_address = |asked: &Asked| {
            let attributes =
                [("uid", "alice"), ("entryUUID", ID), ("mail", "alice@example.org"), ("uidNumber", "20000")];
            entry(asked.id, "uid=alice,ou=people,dc=example,dc=org", &attributes)
        };
        let is_page = |asked: &Asked| asked.tag == 0x63 && asked.has("ou=people") && asked.has("mail");
        let directory =
            |rude: &Rude| of(rude.settings("ldap+plain", "openldap", "[contacts.directory]\nemail = \"mail\"\n"));
        let honest = Rude::start(move |asked| {
            is_page(asked).then(|| Does::Sends([with_address(asked), answered(asked, 0, "")].concat()))
        })
        .await;
        assert_eq!(everybody(&directory(&honest)).await, Ok(vec!["alice".to_owned()]));
        type Answer = Box<dyn Fn(&Asked) -> Does + Send + Sync>;
        let answers: Vec<(Answer, &str)> = vec![
            (Box::new(|_| Does::Sulks), "no answer in time"),
            (Box::new(move |asked| Does::Ends(with_address(asked))), "ended the connection"),
            (Box::new(move |asked| Does::Sends([with_address(asked), answered(asked, 4, "")].concat())), "code 4"),
            (Box::new(move |asked| Does::Sends([with_address(asked), answered(asked, 51, "")].concat())), "code 51"),
            (Box::new(move |asked| Does::Floods(with_address(asked))), "more entries than were asked for"),
            (Box::new(|asked| Does::Floods(referral(asked.id))), "too many referrals"),
            (Box::new(|asked| Does::Sends(done(asked.id + 1, 0x65, 0, ""))), "another question"),
        ];
        for (answer, why) in answers {
            let rude = Rude::start(move |asked| is_page(asked).then(|| answer(asked))).await;
            let outcome = everybody(&directory(&rude)).await;
            assert!(matches!(&outcome, Err(Error::Unavailable(text)) if text.contains(why)), "{why}: {outcome:?}");
        }
    });
}

#[test]
fn where_more_groups_match_than_are_read_it_is_said_whose_limit_it_is() {
    run(async {
        let groups = |asked: &Asked, count: usize, name: &str| {
            let of = |n| entry::<&str>(asked.id, &format!("cn={name}{n},ou=groups,dc=example,dc=org"), &[]);
            (0..count).flat_map(of).collect::<Vec<u8>>()
        };
        let long = "x".repeat(300);
        for (count, name, why) in [
            (500, "g", "raise the server's limit"),
            (10_000, "g", "no more than 10000 are read, whatever the server's limit is; set group_base"),
            (10_000, long.as_str(), "sends too much; set group_base"),
        ] {
            let name = name.to_owned();
            let rude = Rude::start(move |asked| {
                let is_for_groups = asked.tag == 0x63 && asked.has("dc=example") && !asked.has("ou=people");
                let all = is_for_groups.then(|| {
                    // The limit of the request is 10000.
                    if asked.has("\u{2}\u{2}\u{27}\u{10}") {
                        return [groups(asked, count, &name), answered(asked, 4, "")].concat();
                    }
                    let sudo = [("cn", "sudo")];
                    [entry(asked.id, "cn=sudo,ou=groups,dc=example,dc=org", &sudo), answered(asked, 0, "")].concat()
                });
                all.map(Does::Sends)
            })
            .await;
            nothing_was_done(&reset(&rude.directory()).await, why);
        }
    });
}
