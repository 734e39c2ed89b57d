//! After a recovery: SSH keys are counted as their owner, and sessions end by logind, for which a double stands here.

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex},
};

use sspr_agent::credential::client::Credentials as _;
use zbus::{Connection, OwnedObjectPath};

use crate::host::{Host, on_a_host, sh};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGd6IGtleSBvZiBhIHRlc3Qgd2l0aCAzMiBieXRlcw alice@laptop";

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
            assert_eq!(credentials.aftermath("alice", uid, false).await.unwrap().ssh_keys, 3);
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
            // What root could read and alice can't.
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
                assert_eq!(found.ssh_keys, 0, "{trap}");
            }
            let log = host.log();
            assert!(!log.contains("AAAA"), "{log}");
        },
    );
}

/// logind, as far as it is asked.
#[derive(Default)]
struct Logind {
    /// Id, uid and class of what is open.
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
        // Whatever the agent asks for: the settings decide.
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
        assert_eq!((found.sessions_ended, found.ssh_keys), (0, 0));
    });
}
