//! People of a directory on a whole machine: sssd signs them in, and the program in its own package, started by the bus, resets.

use sspr_tests::{Image, Machine, Suite, machine::line_showing};

pub(crate) use sspr_tests::openldap::{NEW, OLD, PREPARE, SECRET, SETTINGS};

fn machine(suite: Suite) -> Machine {
    with_asker(Machine::with(Image::with_openldap(suite)).prepare(PREPARE).settings(SETTINGS).boot())
}

/// With what asks the program as the agent does.
pub(crate) fn with_asker(machine: Machine) -> Machine {
    machine.copy_in(env!("CARGO_BIN_EXE_ask-directory").as_ref(), "/usr/bin/ask-directory");
    machine
}

/// What the program says to the agent's user.
#[track_caller]
pub(crate) fn ask(machine: &Machine, arguments: &str, password: &str) -> String {
    machine.must(&format!(
        "printf '%s\\n' '{password}' | setpriv --reuid sspr --regid sspr --clear-groups ask-directory {arguments}"
    ))
}

/// Signs in by sssd with what is typed at sshd's own prompt.
#[track_caller]
fn signs_in(machine: &Machine, password: &str) {
    machine.ssh_password_method("alice").expect("password: ").type_line(password).signed_in("alice");
}

fn resets(suite: Suite) {
    let machine = machine(suite);
    signs_in(&machine, OLD);
    let account = ask(&machine, "account alice", "");
    let words: Vec<&str> = account.split(' ').collect();
    let ["alice", id, "0", "false", "false"] = words[..] else { panic!("{account}") };
    assert_eq!(ask(&machine, "verify alice", OLD), "true");
    assert_eq!(ask(&machine, "verify alice", NEW), "false");
    assert_eq!(ask(&machine, &format!("change alice {id}"), "short-1"), "1 The password is too short.");
    assert_eq!(ask(&machine, &format!("change alice {id}"), NEW).trim(), "0");
    // At once, and the old one is over.
    signs_in(&machine, NEW);
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line(OLD).expect("Permission denied");
    drop(terminal);
    // It is nobody's business but the agent's and root's.
    let other = machine.run("setpriv --reuid 20000 --regid 20000 --clear-groups ask-directory account alice");
    assert!(other.stderr.contains("AccessDenied"), "{other:?}");
    let journal = machine.whole_journal();
    assert!(machine.journal("sspr-directory").lines().any(|line| line == "changed"));
    for secret in [OLD, NEW, SECRET] {
        assert_eq!(line_showing(&journal, secret), None);
    }
    // The agent, which talks to strangers, has no part in the service's password, and the program is not root.
    assert_ne!(
        machine.run("setpriv --reuid sspr --regid sspr --clear-groups cat /etc/sspr/directory-password").code,
        0
    );
    let pid = machine.must("systemctl show -P MainPID sspr-directory");
    assert_eq!(machine.must(&format!("ps -o user:32= -p {pid}")), "sspr-directory");
    assert_eq!(machine.must(&format!("stat -c %U /proc/{pid}/mem")), "root");
}

#[test]
fn who_is_signed_in_by_sssd_signs_in_with_the_new_password_at_once_on_debian_12() {
    resets(Suite::Bookworm);
}

#[test]
fn the_password_of_the_service_can_be_a_credential_of_systemd_and_a_directory_that_is_down_loses_nothing() {
    let machine = machine(Suite::Bookworm);
    machine.must(
        "install -d -m 700 /etc/credstore && mv /etc/sspr/directory-password /etc/credstore
         chown root: /etc/credstore/directory-password
         sed -i 's#/etc/sspr/directory-password#/run/credentials/sspr-directory.service/directory-password#' /etc/sspr/sspr.toml
         mkdir -p /etc/systemd/system/sspr-directory.service.d
         printf '[Service]\\nLoadCredential=directory-password:/etc/credstore/directory-password\\n' \
             >/etc/systemd/system/sspr-directory.service.d/credentials.conf
         systemctl daemon-reload",
    );
    let account = ask(&machine, "account alice", "");
    let id = account.split(' ').nth(1).unwrap();
    machine.must("systemctl stop slapd");
    for (arguments, password) in [("account alice", ""), ("verify alice", OLD), (&format!("change alice {id}"), NEW)] {
        let said = ask(&machine, arguments, password);
        assert!(said.starts_with("Unavailable ") && said.contains("ldaps://localhost:636"), "{said}");
    }
    machine.must("systemctl start slapd; until ldapsearch -x -H ldap://localhost -b '' -s base >/dev/null 2>&1; do sleep 0.1; done");
    assert_eq!(ask(&machine, &format!("change alice {id}"), NEW).trim(), "0");
    assert_eq!(ask(&machine, "verify alice", NEW), "true");
}

#[test]
fn as_long_as_the_password_of_the_service_lies_there_a_purge_gives_its_owner_to_nobody_else() {
    let machine = machine(Suite::Bookworm);
    let said = machine.must("dpkg --purge sspr-directory 2>&1");
    assert!(said.contains("so the user stays"), "{said}");
    assert_ne!(machine.must("find /etc/sspr -user sspr-directory"), "");
    machine.must("getent passwd sspr-directory");
}

#[test]
fn purging_the_package_leaves_nothing_of_it_and_all_of_the_other() {
    let machine = machine(Suite::Bookworm);
    ask(&machine, "account alice", "");
    // An administrator takes the password away first.
    machine.must("find /etc/sspr -user sspr-directory -delete");
    machine.must("dpkg --purge sspr-directory");
    assert_eq!(machine.must("find / -xdev -path /proc -prune -o -name '*sspr-directory*' -print; ls -d /run/sspr-directory 2>/dev/null || true; getent passwd sspr-directory || true"), "");
    machine.must("systemctl is-active sspr-agent && sspr config check");
}
