//! A host whose sssd believes that the directory is offline, or has no TLS with it, when a user resets a password
//! there.

use sspr_tests::{Machine, Suite};

use crate::{
    directory::{NEW, OLD},
    directory_people::{ADDRESS, machine},
};

/// Makes sssd believe at a sign-in that the directory is offline, for half a minute, although the directory is back.
#[track_caller]
fn goes_offline(machine: &Machine) {
    machine.must("systemctl stop slapd");
    // The cached password signs in.
    machine.signs_in("alice", OLD);
    machine.must("systemctl start slapd; until ldapsearch -x -H ldap://localhost -b '' -s base >/dev/null 2>&1; do sleep 0.1; done");
}

fn signed_in_at_once(suite: Suite) {
    let machine = machine(suite, "", "");
    machine.registers_email("alice", OLD, ADDRESS);
    goes_offline(&machine);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEW).signed_in("alice");
    assert!(!terminal.transcript().contains("can't see it yet"), "{}", terminal.transcript());
    assert!(machine.journal("sspr-credential").contains("was told to look again"));
    machine.is_refused("alice", OLD);
    machine.signs_in("alice", NEW);
}

#[test]
fn after_a_reset_an_sssd_that_takes_the_directory_for_offline_looks_and_the_new_password_signs_in_at_once() {
    signed_in_at_once(Suite::Bookworm);
}

#[test]
fn on_debian_13_after_a_reset_an_sssd_that_takes_the_directory_for_offline_looks_and_the_new_password_signs_in() {
    signed_in_at_once(Suite::Trixie);
}

#[test]
fn where_sssd_has_no_tls_with_the_directory_the_person_reads_what_happens_and_doctor_names_the_fault() {
    // Names come without TLS, but passwords never do.
    let prepare = "sed -i 's#^ldap_uri = .*#ldap_uri = ldap://localhost#' /etc/sssd/sssd.conf
         openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -days 30 -keyout /dev/null -out /etc/ldap/tls/other.pem 2>/dev/null";
    let machine = machine(Suite::Bookworm, prepare, "");
    machine.registers_email("alice", OLD, ADDRESS);
    let fault = || {
        let said = machine.run("sspr doctor --offline").stdout;
        said.split_whitespace().collect::<Vec<_>>().join(" ").contains("sssd has no TLS with the directory")
    };
    assert!(!fault());
    machine.must("sed -i 's#ca.pem#other.pem#' /etc/sssd/sssd.conf && systemctl restart sssd");
    assert!(fault());
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEW);
    terminal.expect("The change is made. This machine can't see it yet:").expect("try again in a few minutes.");
    terminal.expect("Press Enter to go on:").press_enter().expect("Password: ");
    drop(terminal);
    machine.must("sed -i 's#other.pem#ca.pem#' /etc/sssd/sssd.conf && systemctl restart sssd");
    machine.signs_in("alice", NEW);
}

/// The server falls silent for sssd alone, which reaches it by a proxy here: that is stopped and takes what comes, as where a firewall drops
/// what goes to the server.
#[test]
fn where_sssd_waits_for_a_server_that_does_not_answer_it_is_said_and_roots_helper_lives() {
    let by_proxy = "sed -i 's#^ldap_uri = .*#ldap_uri = ldaps://localhost:1636#' /etc/sssd/sssd.conf
         printf '[Socket]\\nListenStream=127.0.0.1:1636\\n[Install]\\nWantedBy=sockets.target\\n' >/etc/systemd/system/proxy.socket
         printf '[Service]\\nExecStart=/lib/systemd/systemd-socket-proxyd 127.0.0.1:636\\n' >/etc/systemd/system/proxy.service
         systemctl enable -q proxy.socket";
    let machine = machine(Suite::Bookworm, &format!("{KEYS}\n{by_proxy}"), "");
    machine.registers_email("alice", OLD, ADDRESS);
    let mut alice = machine.ssh("alice");
    alice.proves_by_email(&machine, ADDRESS).expect("New password: ");
    let helper = || machine.must("systemctl show -P MainPID sspr-credential");
    let before = helper();
    machine.must("systemctl kill -s STOP proxy.service");
    alice.type_line(NEW).expect("Type it again: ").type_line(NEW);
    alice.expect("The change is made. This machine can't see it yet:").expect("Press Enter to go on:");
    assert_eq!(helper(), before, "root's helper lives");
    alice.press_enter();
    drop(alice);
    machine.must("systemctl kill -s CONT proxy.service; systemctl restart sssd");
    machine.signs_in("alice", NEW);
}

/// She has a key on this host.
const KEYS: &str = "mkdir -p /home/alice/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/key && cp /root/key.pub /home/alice/.ssh/authorized_keys
         chown -R 20000:20000 /home/alice && chmod 700 /home/alice/.ssh";

#[test]
fn ssh_keys_that_open_the_account_on_this_host_are_counted_for_people_of_the_directory_as_well() {
    let machine = machine(Suite::Bookworm, KEYS, "");
    machine.registers_email("alice", OLD, ADDRESS);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEW);
    terminal.expect("One SSH key can still sign in as you").signed_in("alice");
}
