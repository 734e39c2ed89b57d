//! After a recovery: SSH keys are counted, and logind, which is a test double here, ends sessions.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{Read as _, Write as _},
    os::fd::AsRawFd as _,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use sspr_agent::credential::{
    Change, Verdict,
    client::{Credentials as _, CredentialsError},
};
use zbus::{Connection, OwnedObjectPath};

use crate::{
    faillock::with_faillock,
    host::{Host, NEW, OLD, on_a_host, sh},
};

pub(crate) const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGd6IGtleSBvZiBhIHRlc3Qgd2l0aCAzMiBieXRlcw alice@laptop";

/// Gives `name` a home directory under /run, which is private to the test.
fn home(name: &str) -> String {
    let home = format!("/run/home/{name}");
    sh(&format!(
        "mkdir -p {home}/.ssh && chown -R {name}: {home} && chmod 700 {home}/.ssh && usermod -d {home} {name}"
    ));
    home
}

#[test]
fn keys_are_counted_in_both_files_though_nobody_but_their_owner_can_read_them() {
    on_a_host(
        "after::keys_are_counted_in_both_files_though_nobody_but_their_owner_can_read_them",
        async |host: &Host| {
            let uid = host.user("alice");
            let home = home("alice");
            fs::write(format!("{home}/.ssh/authorized_keys"), format!("# mine\n{KEY}\n\nno-pty {KEY}\n")).unwrap();
            fs::write(format!("{home}/.ssh/authorized_keys2"), format!("{KEY}\n")).unwrap();
            sh(&format!("chown alice: {home}/.ssh/* && chmod 600 {home}/.ssh/* && chmod 700 {home}"));
            let credentials = host.credentials().await;
            let found = credentials.aftermath("alice", uid, false).await.unwrap();
            assert_eq!((found.ssh_keys, found.ssh_unseen), (3, false));
            // If sshd looks elsewhere too, these may not be all.
            sh("mkdir -p /etc/ssh/sshd_config.d && touch /etc/ssh/sshd_config");
            for (line, keys, unseen) in [
                ("AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys", 3, true),
                ("AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u", 2, true),
                ("AuthorizedKeysFile /etc/ssh/keys/%u", 0, true),
                ("PubkeyAuthentication no", 0, false),
            ] {
                fs::write("/etc/ssh/sshd_config.d/keys.conf", format!("{line}\n")).unwrap();
                let found = credentials.aftermath("alice", uid, false).await.unwrap();
                assert_eq!((found.ssh_keys, found.ssh_unseen), (keys, unseen), "{line}");
            }
            fs::remove_file("/etc/ssh/sshd_config.d/keys.conf").unwrap();
            // Neither an expired key nor an authority's key signs in by itself.
            let lines =
                format!("expiry-time=\"20200101\" {KEY}\nexpiry-time=\"29990101\" {KEY}\ncert-authority {KEY}\n");
            fs::write(format!("{home}/.ssh/authorized_keys2"), lines).unwrap();
            let found = credentials.aftermath("alice", uid, false).await.unwrap();
            assert_eq!((found.ssh_keys, found.ssh_unseen), (3, true));
        },
    );
}

#[test]
fn nothing_that_somebody_puts_in_place_of_a_key_file_is_read_as_root_or_waited_for() {
    on_a_host(
        "after::nothing_that_somebody_puts_in_place_of_a_key_file_is_read_as_root_or_waited_for",
        async |host: &Host| {
            let uid = host.user("alice");
            let home = home("alice");
            // A file that root could read, but alice can't.
            fs::write("/run/secret", format!("{KEY}\n")).unwrap();
            sh("chmod 600 /run/secret");
            let credentials = host.credentials().await;
            let keys = format!("{home}/.ssh/authorized_keys");
            for trap in [
                format!("ln -s /etc/shadow {keys}"),
                format!("ln -s /run/secret {keys}"),
                format!("cp /run/secret {keys} && chmod 600 {keys}"),
                format!("mkfifo {keys} && chown alice {keys}"),
                format!("mkdir {keys}"),
                format!("ln -s /dev/zero {keys}"),
                format!("ln -s authorized_keys {keys}"),
                format!("truncate -s 1G {keys} && chown alice {keys}"),
                format!("mv {home}/.ssh {home}/gone && ln -s /run/nowhere {home}/.ssh"),
            ] {
                sh(&format!("rm -rf {keys}; {trap}"));
                let found = credentials.aftermath("alice", uid, false).await.unwrap();
                assert_eq!((found.ssh_keys, found.ssh_unseen), (0, true), "{trap}");
            }
            let log = host.log();
            assert!(!log.contains("AAAA"), "{log}");
        },
    );
}

/// A user's own FUSE file system: it answers the first request and nothing else, so that a process that waits for it
/// can't even be killed. Returns the requests that it got, by the numbers of linux/fuse.h.
fn hanging_fuse(at: &str, uid: u32) -> (File, Arc<Mutex<Vec<u32>>>) {
    let kind = if fs::metadata(at).unwrap().is_file() { "100000" } else { "40000" };
    let flags = rustix::fs::OFlags::RDWR;
    // Also open for mount(8).
    let device = File::from(rustix::fs::open("/dev/fuse", flags, rustix::fs::Mode::empty()).unwrap());
    let options = format!("fd={},rootmode={kind},user_id={uid},group_id={uid},allow_other", device.as_raw_fd());
    sh(&format!("mount -i -t fuse -o {options} hanging {at}"));
    let asked: Arc<Mutex<Vec<u32>>> = Arc::default();
    let (mut served, log) = (device.try_clone().unwrap(), asked.clone());
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 17];
        while let Ok(length) = served.read(&mut buffer) {
            if length < 40 {
                break;
            }
            let opcode = u32::from_ne_bytes(buffer[4..8].try_into().unwrap());
            log.lock().unwrap().push(opcode);
            // FUSE_INIT: header, then version 7.31 and the minimum of everything.
            if opcode == 26 {
                let mut answer = vec![0u8; 80];
                answer[0..4].copy_from_slice(&80u32.to_ne_bytes());
                answer[8..16].copy_from_slice(&buffer[8..16]);
                answer[16..20].copy_from_slice(&7u32.to_ne_bytes());
                answer[20..24].copy_from_slice(&31u32.to_ne_bytes());
                answer[36..40].copy_from_slice(&4096u32.to_ne_bytes());
                served.write_all(&answer).unwrap();
            }
        }
    });
    (device, asked)
}

/// Audit M1: each reset left a process that nothing could end, and with it the helper's unit.
#[test]
fn a_file_system_of_somebodys_own_that_never_answers_is_not_asked_and_holds_nobody_up() {
    on_a_host(
        "after::a_file_system_of_somebodys_own_that_never_answers_is_not_asked_and_holds_nobody_up",
        async |host: &Host| {
            let (alice, bob, carol) = (host.user("alice"), host.user("bob"), host.user("carol"));
            let (at_ssh, at_home) = (home("alice"), home("bob"));
            let behind = home("carol");
            let fuses = [
                hanging_fuse(&format!("{at_ssh}/.ssh"), alice),
                hanging_fuse(&at_home, bob),
                hanging_fuse(&behind, carol),
            ];
            // A home directory below such a file system.
            sh(&format!("usermod -d {behind}/deeper carol"));
            let credentials = host.credentials().await;
            for _ in 0..3 {
                for (name, uid) in [("alice", alice), ("bob", bob), ("carol", carol)] {
                    let start = Instant::now();
                    let found = credentials.aftermath(name, uid, false).await.unwrap();
                    assert_eq!((found.ssh_keys, found.ssh_unseen), (0, true), "{name}");
                    assert!(start.elapsed() < Duration::from_secs(1), "{name}: {:?}", start.elapsed());
                }
            }
            let left = sh("ps -u alice,bob,carol -o pid=,args= || true");
            assert_eq!(left.trim(), "", "no process of the person's");
            for (_, asked) in &fuses {
                let asked = asked.lock().unwrap();
                assert!(asked.iter().all(|opcode| *opcode == 26), "it was asked: {asked:?}");
            }
        },
    );
}

/// The same for a tally of `pam_faillock`, which belongs to its user.
#[test]
fn a_file_system_of_somebodys_own_on_the_tally_of_faillock_is_not_asked_either() {
    on_a_host(
        "after::a_file_system_of_somebodys_own_on_the_tally_of_faillock_is_not_asked_either",
        async |host: &Host| {
            let alice = host.user("alice");
            host.user("bob");
            with_faillock("deny=2");
            sh("touch /run/faillock/alice && chown alice /run/faillock/alice");
            let (_device, asked) = hanging_fuse("/run/faillock/alice", alice);
            let credentials = host.credentials().await;
            let start = Instant::now();
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::Eligible);
            let judged = credentials.verify("alice", OLD.as_bytes()).await;
            assert!(matches!(judged, Err(CredentialsError::Unavailable(_))), "{judged:?}");
            assert_eq!(credentials.change("alice", alice, NEW.as_bytes()).await, Ok(Change::Changed));
            assert_eq!(credentials.verify("bob", OLD.as_bytes()).await, Ok(true));
            assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
            let asked = asked.lock().unwrap();
            assert!(asked.iter().all(|opcode| *opcode == 26), "it was asked: {asked:?}");
        },
    );
}

/// The part of logind that is called.
#[derive(Default)]
struct Logind {
    /// Id, uid and class of each open session.
    sessions: Mutex<Vec<(&'static str, u32, &'static str)>>,
}

struct Manager(Arc<Logind>);

struct Session(&'static str);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn list_sessions(&self) -> Vec<(String, u32, String, String, OwnedObjectPath)> {
        let sessions = self.0.sessions.lock().unwrap();
        let row = |(id, uid, _): &(&str, u32, &str)| {
            let path = format!("/org/freedesktop/login1/session/_{id}").try_into().unwrap();
            ((*id).to_owned(), *uid, "somebody".to_owned(), "seat0".to_owned(), path)
        };
        sessions.iter().map(row).collect()
    }

    fn terminate_session(&self, id: &str) -> zbus::fdo::Result<()> {
        let mut sessions = self.0.sessions.lock().unwrap();
        let before = sessions.len();
        sessions.retain(|session| session.0 != id);
        if sessions.len() == before { Err(zbus::fdo::Error::Failed("no such session".into())) } else { Ok(()) }
    }
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn class(&self) -> String {
        self.0.to_owned()
    }
}

async fn logind(bus: &Connection, sessions: &[(&'static str, u32, &'static str)]) -> Arc<Logind> {
    let logind = Arc::new(Logind::default());
    *logind.sessions.lock().unwrap() = sessions.to_vec();
    let objects = bus.object_server();
    objects.at("/org/freedesktop/login1", Manager(logind.clone())).await.unwrap();
    for (id, _, class) in sessions {
        objects.at(format!("/org/freedesktop/login1/session/_{id}"), Session(class)).await.unwrap();
    }
    bus.request_name("org.freedesktop.login1").await.unwrap();
    logind
}

#[test]
fn only_what_the_account_signed_in_to_is_ended_and_only_if_that_is_asked() {
    on_a_host("after::only_what_the_account_signed_in_to_is_ended_and_only_if_that_is_asked", async |host: &Host| {
        let (alice, bob) = (host.user("alice"), host.user("bob"));
        let bus = host.connect().await;
        let open = [
            ("1", alice, "user"),
            ("2", bob, "user"),
            ("3", alice, "background"),
            ("c4", alice, "user-early"),
            ("5", alice, "manager"),
            ("6", 0, "user"),
            ("7", alice, "greeter"),
        ];
        let logind = logind(&bus, &open).await;
        host.settings("[scope]\nenable = \"all\"\n");
        let credentials = host.credentials().await;
        // Whatever the agent requests, the settings decide.
        assert_eq!(credentials.aftermath("alice", alice, true).await.unwrap().sessions_ended, 0);
        host.settings("[scope]\nenable = \"all\"\n[recover]\nend_sessions = true\n");
        assert_eq!(credentials.aftermath("alice", alice, false).await.unwrap().sessions_ended, 0);
        assert_eq!(logind.sessions.lock().unwrap().len(), open.len());
        assert_eq!(credentials.aftermath("alice", alice, true).await.unwrap().sessions_ended, 2);
        let left: HashMap<_, _> = logind.sessions.lock().unwrap().iter().map(|s| (s.0, s.1)).collect();
        assert_eq!(left, HashMap::from([("2", bob), ("3", alice), ("5", alice), ("6", 0), ("7", alice)]));
    });
}

#[test]
fn a_host_without_logind_ends_nothing_and_fails_nothing() {
    on_a_host("after::a_host_without_logind_ends_nothing_and_fails_nothing", async |host: &Host| {
        let uid = host.user("alice");
        let found = host.credentials().await.aftermath("alice", uid, true).await.unwrap();
        assert_eq!((found.sessions_ended, found.ssh_keys, found.ssh_unseen), (0, 0, false));
    });
}
