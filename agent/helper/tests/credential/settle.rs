//! After a reset in a directory, which is a test double here: the accounts that the helper accepts, whatever the agent
//! says. Tests with sssd run on machines.

use std::{
    fs,
    time::{Duration, Instant},
};

use sspr_agent::{
    account::Id,
    credential::{
        Aftermath, Change, NO_UID,
        client::{Credentials as _, CredentialsError, Made},
    },
};
use sspr_config::bus::CREDENTIAL;
use zbus::Connection;

use crate::{
    after::KEY,
    host::{Host, NEW, on_a_host, sh},
};

const ID: &str = "5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11";
const DIRECTORY: &str = "[scope]\nenable = \"all\"\n[directory]\nkind = \"openldap\"\nservers = [\"ldaps://ldap.example.org\"]\n\
                         base = \"dc=example,dc=org\"\nbind = \"cn=reset\"\npassword_file = \"/secret\"\n";

/// `sspr-directory`, which returns this verdict for every user.
struct Double(u8);

#[zbus::interface(name = "org.pam_sspr.Directory1")]
impl Double {
    fn account(&self, user: String) -> (String, String, u8, bool, bool) {
        (user, ID.to_owned(), self.0, false, false)
    }
}

async fn directory(bus: &Connection, verdict: u8) {
    let path = "/org/pam_sspr/Directory1";
    let _ = bus.object_server().remove::<Double, _>(path).await;
    bus.object_server().at(path, Double(verdict)).await.unwrap();
}

#[test]
fn only_one_of_the_directory_who_is_served_there_and_has_the_id_that_was_meant_is_looked_after() {
    on_a_host(
        "settle::only_one_of_the_directory_who_is_served_there_and_has_the_id_that_was_meant_is_looked_after",
        async |host: &Host| {
            host.user("alice");
            let bus = host.connect().await;
            directory(&bus, 0).await;
            bus.request_name("org.pam_sspr.Directory1").await.unwrap();
            let credentials = host.credentials().await;
            let why = async |as_typed: &str, id: &str| {
                let id = Id::parse(id).unwrap();
                let made = Made { as_typed, id, new_password: NEW.as_bytes(), end_sessions: true, but_for: NO_UID };
                match credentials.settle(made).await.unwrap_err() {
                    CredentialsError::Refused(why) | CredentialsError::Unavailable(why) => why,
                    CredentialsError::Unknown(why) => panic!("{why}"),
                }
            };
            assert!(why("zoe", ID).await.contains("no account of a directory"), "there is no [directory]");
            host.settings(DIRECTORY);
            assert!(why("alice", ID).await.contains("no account of a directory"), "she is this host's own");
            assert!(why("zoe", "another-id").await.contains("another account of that name"));
            // This host has no user of that name.
            assert!(why("zoe", ID).await.contains("the account is gone"));
            directory(&bus, 1).await;
            assert!(why("zoe", ID).await.contains("not served"));
        },
    );
}

/// A name service that knows zoe, and a double of sssd's module that accepts every password. They wait as for a server
/// if a file requests it.
const STAND_IN: &str = r#"
#include <nss.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
static void wait_if(const char *file) { if (access(file, F_OK) == 0) sleep(60); }
enum nss_status _nss_stand_in_getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size, int *error) {
    (void)buffer; (void)size; (void)error;
    if (strcmp(name, "zoe") != 0) return NSS_STATUS_NOTFOUND;
    wait_if("/run/sspr-test/slow-names");
    *entry = (struct passwd){"zoe", "x", 20000, 20000, "", "/run/home/zoe", "/bin/bash"};
    return NSS_STATUS_SUCCESS;
}
int pam_sm_authenticate(void *handle, int flags, int count, const char **words) {
    (void)handle; (void)flags; (void)count; (void)words;
    wait_if("/run/sspr-test/slow-sign-in");
    return access("/run/sspr-test/refuses", F_OK) == 0 ? 7 : 0;
}
int pam_sm_setcred(void *handle, int flags, int count, const char **words) {
    (void)handle; (void)flags; (void)count; (void)words;
    return 0;
}
"#;

fn stand_in() {
    fs::write("/run/sspr-test/stand_in.c", STAND_IN).unwrap();
    sh("cd /run/sspr-test && mkdir lib && cc -shared -fPIC -o lib/libnss_stand_in.so.2 stand_in.c");
    // Only this private /etc is changed; ldconfig also keeps a cache elsewhere.
    sh("[ ! -d /var/cache/ldconfig ] || mount -t tmpfs tmpfs /var/cache/ldconfig
        echo /run/sspr-test/lib >/etc/ld.so.conf.d/stand-in.conf && ldconfig
        sed -i '/^passwd:/d' /etc/nsswitch.conf && echo 'passwd: files stand_in' >>/etc/nsswitch.conf");
    sh("modules=$(dirname \"$(find /usr/lib /usr/lib64 -name pam_unix.so 2>/dev/null | head -n 1)\")
        cp -a \"$modules\" /run/sspr-test/security && mount --bind /run/sspr-test/security \"$modules\"
        cp /run/sspr-test/lib/libnss_stand_in.so.2 \"$modules/pam_sss.so\"");
    sh("mkdir -p /run/home/zoe/.ssh && chmod 700 /run/home/zoe /run/home/zoe/.ssh");
    fs::write("/run/home/zoe/.ssh/authorized_keys", format!("{KEY}\n")).unwrap();
    sh("chown -R 20000:20000 /run/home/zoe");
}

#[test]
fn a_directory_that_does_not_answer_ends_no_helper_and_holds_up_nobody_else_and_what_is_known_is_told() {
    on_a_host(
        "settle::a_directory_that_does_not_answer_ends_no_helper_and_holds_up_nobody_else_and_what_is_known_is_told",
        async |host: &Host| {
            let bob = host.user("bob");
            stand_in();
            host.settings(DIRECTORY);
            let bus = host.connect().await;
            directory(&bus, 0).await;
            bus.request_name("org.pam_sspr.Directory1").await.unwrap();
            let helper = async || -> u32 {
                let dbus = "org.freedesktop.DBus";
                let body = (CREDENTIAL,);
                let path = "/org/freedesktop/DBus";
                let asked = bus.call_method(Some(dbus), path, Some(dbus), "GetConnectionUnixProcessID", &body);
                asked.await.unwrap().body().deserialize().unwrap()
            };
            let credentials = host.credentials().await;
            let settled = async || {
                let id = Id::parse(ID).unwrap();
                let new_password = NEW.as_bytes();
                let made = Made { as_typed: "zoe", id, new_password, end_sessions: false, but_for: NO_UID };
                credentials.settle(made).await.unwrap()
            };
            let seen = |refused_here| Aftermath { refused_here, ssh_keys: 1, ..Aftermath::default() };
            let counted = || fs::read_to_string("/run/sspr-credential/tries").unwrap().matches(ID).count();
            assert_eq!(settled().await, seen(false));
            let pid = helper().await;
            assert_eq!(counted(), 1, "right or wrong");
            fs::write("/run/sspr-test/refuses", "").unwrap();
            assert_eq!(settled().await, seen(true));
            // The helper waits for the server, and other users change their passwords meanwhile.
            fs::write("/run/sspr-test/slow-sign-in", "").unwrap();
            let start = Instant::now();
            let change = async {
                let change = credentials.change("bob", bob, NEW.as_bytes()).await;
                (change, start.elapsed())
            };
            let (found, (change, took)) = futures_util::future::join(settled(), change).await;
            assert_eq!(found, seen(true));
            assert_eq!(change, Ok(Change::Changed));
            assert!(took < Duration::from_secs(3) && start.elapsed() > Duration::from_secs(4), "{took:?}");
            assert_eq!(counted(), 3, "before it was tried");
            // The name service, which knows the home directory, waits as well.
            fs::write("/run/sspr-test/slow-names", "").unwrap();
            let unseen = Aftermath { refused_here: true, ssh_unseen: true, ..Aftermath::default() };
            assert_eq!(settled().await, unseen);
            assert_eq!(helper().await, pid, "it lives");
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
            assert_eq!(children, "", "and those that were asked do not");
        },
    );
}

#[test]
fn on_a_host_of_a_fleet_sssd_is_tried_as_well_and_that_counts_for_the_account() {
    on_a_host(
        "settle::on_a_host_of_a_fleet_sssd_is_tried_as_well_and_that_counts_for_the_account",
        async |host: &Host| {
            stand_in();
            host.settings("[scope]\nenable = \"all\"\n[fleet]\nservers = [\"reset.example.org:8765\"]\n");
            let credentials = host.credentials().await;
            for (number, refused_here) in [(1, false), (2, true)] {
                let id = Id::parse(ID).unwrap();
                let made =
                    Made { as_typed: "zoe", id, new_password: NEW.as_bytes(), end_sessions: false, but_for: NO_UID };
                let found = credentials.settle(made).await.unwrap();
                assert_eq!(found, Aftermath { refused_here, ssh_keys: 1, ..Aftermath::default() });
                let tries = fs::read_to_string("/run/sspr-credential/tries").unwrap();
                assert_eq!(tries.matches(" uid-20000 v").count(), number, "{tries}");
                fs::write("/run/sspr-test/refuses", "").unwrap();
            }
        },
    );
}
