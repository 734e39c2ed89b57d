//! Several servers, one of which has not got a change yet, and a KDC that is behind: what came of a write is seen at the
//! server that wrote it, or it is not known.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use sspr_config::credential::{Change, Error};
use sspr_directory::directory::Directory;

use crate::{
    ID, NEW, nothing_was_done, reset, run,
    server::{ALICE, Asked, Does, PROOF, Rude, answered, answered_by_policy, entry, of},
};

const MUST_CHANGE: u8 = 2;

/// Our program with these servers, in this order.
fn of_all(servers: &[&Rude]) -> Directory {
    let mut settings = servers[0].settings("ldap+plain", "openldap", "");
    let all = servers.iter().flat_map(|server| server.settings("ldap+plain", "openldap", "").directory.servers);
    settings.directory.servers = all.collect();
    of(settings)
}

/// A server that has another password of alice.
async fn behind() -> Rude {
    Rude::start(|asked| asked.is_alices().then(|| Does::Sends(answered(asked, 49, "")))).await
}

#[test]
fn a_password_is_tried_at_the_machine_that_has_the_entry_wherever_the_name_leads_by_then() {
    run(async {
        let (wrote, other) = (Rude::start(|_| None).await, behind().await);
        let found = wrote.directory().find("alice").await.unwrap().unwrap();
        // The name of the server leads to another machine now.
        assert_eq!(other.directory().is_right(&found, NEW.as_bytes()).await, Ok(true));
        assert_eq!(other.asked(""), 0);
    });
}

#[test]
fn of_several_servers_the_refusal_of_one_does_not_mean_that_a_lost_change_was_not_made() {
    run(async {
        let (first, second) = (behind().await, Rude::start(|_| None).await);
        let came = of_all(&[&first, &second]).went_through("alice", ID, NEW.as_bytes()).await;
        assert!(matches!(&came, Err(Error::Failed(why)) if why.contains("another one")), "{came:?}");
        let came = of_all(&[&second, &first]).went_through("alice", ID, NEW.as_bytes()).await;
        assert_eq!(came, Ok(true));
        // There is no other server that could have it.
        assert_eq!(of_all(&[&first]).went_through("alice", ID, NEW.as_bytes()).await, Ok(false));
    });
}

#[test]
fn a_lost_change_that_is_made_a_moment_later_is_found_by_looking_twice() {
    run(async {
        let binds = AtomicUsize::new(0);
        let rude = Rude::start(move |asked| {
            let is_first = asked.is_alices() && binds.fetch_add(1, Ordering::SeqCst) == 0;
            is_first.then(|| Does::Sends(answered(asked, 49, "")))
        })
        .await;
        assert_eq!(rude.directory().went_through("alice", ID, NEW.as_bytes()).await, Ok(true));
    });
}

#[test]
fn whether_an_unlock_was_made_whose_answer_got_lost_is_seen_at_the_same_server() {
    run(async {
        let is_up = Arc::new(AtomicBool::new(false));
        let (up, starts) = (Arc::clone(&is_up), is_up);
        // The first server is down when the account is found, has it unlocked, and is up again afterwards.
        let first = Rude::start(move |_| (!up.load(Ordering::SeqCst)).then_some(Does::Ends(Vec::new()))).await;
        let second = Rude::start(move |asked: &Asked| match asked.tag {
            0x66 => {
                starts.store(true, Ordering::SeqCst);
                Some(Does::Sulks)
            }
            0x63 if asked.is_for_people() => {
                let alice = [
                    ("uid", "alice"),
                    ("entryUUID", ID),
                    ("uidNumber", "20000"),
                    ("pwdAccountLockedTime", "20261128110000Z"),
                ];
                Some(Does::Sends([entry(asked.id, ALICE, &alice), answered(asked, 0, "")].concat()))
            }
            _ => None,
        })
        .await;
        let outcome = of_all(&[&first, &second]).unlock("alice", ID).await;
        assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    });
}

#[test]
fn a_server_that_does_not_answer_holds_up_the_first_call_alone() {
    run(async {
        let (silent, good) = (Rude::start(|_| Some(Does::Sulks)).await, Rude::start(|_| None).await);
        let order = Arc::default();
        // Each call of the program reads the settings again.
        let directory = || of_all(&[&silent, &good]).with_order(Arc::clone(&order));
        for _ in 0..3 {
            assert!(directory().find("alice").await.unwrap().is_some());
        }
        assert_eq!(reset(&directory()).await, Ok(Change::Changed));
        assert_eq!(silent.asked(""), 1);
    });
}

/// The module does not wait longer for an answer.
#[test]
fn however_often_a_new_password_is_tried_all_tries_together_take_the_time_of_one() {
    run(async {
        let busy = |asked: &Asked| Some(Does::Sends(answered(asked, 51, "")));
        let binds = AtomicUsize::new(0);
        let lost = Rude::start(move |asked| match asked.tag {
            0x77 => Some(Does::Ends(Vec::new())),
            _ if !asked.is_alices() => None,
            _ if binds.fetch_add(1, Ordering::SeqCst) == 0 => Some(Does::Sends(answered(asked, 49, ""))),
            _ => busy(asked),
        })
        .await;
        let binds = AtomicUsize::new(0);
        let again = Rude::start(move |asked| match asked.is_alices().then(|| binds.fetch_add(1, Ordering::SeqCst)) {
            Some(3) => Some(Does::Sends(answered_by_policy(asked, 0, "", MUST_CHANGE))),
            Some(_) => busy(asked),
            None => None,
        })
        .await;
        for directory in [lost.directory(), again.directory()] {
            let start = Instant::now();
            let outcome = reset(&directory).await;
            assert!(matches!(outcome, Err(Error::Failed(_))), "{outcome:?}");
            assert!(start.elapsed() < 2 * PROOF, "{:?}", start.elapsed());
        }
    });
}

/// Doubles of the programs of Kerberos, each with the lines of a script.
pub(crate) fn with_programs(rude: &Rude, folder: &Path, programs: [(&str, &str); 3]) -> Directory {
    for (name, lines) in programs {
        std::fs::write(folder.join(name), format!("#!/bin/sh\n{lines}\n")).unwrap();
        rustix::fs::chmod(folder.join(name), 0o755.into()).unwrap();
    }
    let keytab = folder.join("keytab");
    std::fs::write(&keytab, "").unwrap();
    rustix::fs::chmod(&keytab, 0o600.into()).unwrap();
    let more = format!(
        "password = \"kerberos\"\nrealm = \"EXAMPLE.ORG\"\nadmin_principal = \"sspr/admin@EXAMPLE.ORG\"\nkeytab = {keytab:?}\n"
    );
    of(rude.settings("ldap+plain", "openldap", &more)).with_programs(folder).with_runtime(folder)
}

#[test]
fn what_kadmin_says_is_done_is_done_although_another_kdc_has_not_got_it_yet() {
    run(async {
        let rude = Rude::start(|_| None).await;
        let behind = "echo 'kinit: Password incorrect while getting initial credentials' >&2; exit 1";
        let lost = "echo 'change_password: Communication failure with server while changing password' >&2; exit 1";
        let kinit_and_kvno = [("kinit", behind), ("kvno", "exit 1")];
        let reset_by = async |kadmin| {
            let folder = tempfile::tempdir().unwrap();
            let [kinit, kvno] = kinit_and_kvno;
            reset(&with_programs(&rude, folder.path(), [("kadmin", kadmin), kinit, kvno])).await
        };
        let outcome = reset_by("exit 0").await;
        assert!(
            matches!(&outcome, Ok(Change::ChangedWithWarning(why)) if why.contains("may not have it yet")),
            "{outcome:?}"
        );
        let outcome = reset_by(lost).await;
        assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("may not have it yet")), "{outcome:?}");
        nothing_was_done(&reset_by("echo 'kadmin: while initializing kadmin interface' >&2; exit 1").await, "kadmin");
    });
}
