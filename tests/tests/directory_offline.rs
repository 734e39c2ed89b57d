//! A host whose sssd takes the directory for offline, or has no TLS with it, when somebody resets a password there.

use sspr_tests::{Machine, Suite};

use crate::{
    directory::{NEW, OLD},
    directory_people::{ADDRESS, machine},
};

/// Has sssd find the directory out of reach at a sign-in, which it believes for half a minute, though the directory is back.
#[track_caller]
fn goes_offline(machine: &Machine) {
    machine.must("systemctl stop slapd");
    // The password that it keeps signs in.
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
    // Names come without TLS; passwords never do.
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

#[test]
fn ssh_keys_that_open_the_account_on_this_host_are_counted_for_people_of_the_directory_as_well() {
    let keys = "mkdir -p /home/alice/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/key && cp /root/key.pub /home/alice/.ssh/authorized_keys
         chown -R 20000:20000 /home/alice && chmod 700 /home/alice/.ssh";
    let machine = machine(Suite::Bookworm, keys, "");
    machine.registers_email("alice", OLD, ADDRESS);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEW);
    terminal.expect("One SSH key can still sign in as you").signed_in("alice");
}
