//! A fleet of two real machines: alice is in the directory alone, the server has what she registered, and she signs in and resets on a
//! host that joined.

use sspr_tests::{
    Machine, Terminal, fleet,
    host::{self, wait_for},
    machine::line_showing,
    openldap::{NEW, OLD, SECRET},
    story::shell,
};

use crate::directory_people::ADDRESS;

/// The end of the invitation to register.
const INVITATION: &str = "(Enter for not now): ";
/// The setting of a host that asks at sign-ins.
const ASKS: &str = "[fleet]\nregister_at_sign_in = true\n";

pub(crate) const NO_RESET: &str = "Reset isn't available right now.";

/// The ids of all hosts that ever joined.
fn ids(server: &Machine) -> Vec<String> {
    let listed: serde_json::Value = serde_json::from_str(&server.must("sspr admin hosts --json")).unwrap();
    listed.as_array().unwrap().iter().map(|host| host["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn alice_resets_on_a_host_that_holds_nothing_of_hers_and_a_server_that_is_gone_keeps_nobody_out() {
    let server = fleet::server();
    let host = fleet::host(&server, 1);
    let token = fleet::joins(&host, &server);

    // What she registers there waits, for a second here.
    let mut terminal = host.signs_in("alice", OLD);
    let (password, menu) = ("Current password: ", "A number (Enter when you are done): ");
    terminal.type_line("sspr enroll").expect(password).type_line("not the one it is");
    terminal.expect("That is not your current password.").signed_in("alice");
    terminal.type_line("sspr enroll").expect(password).type_line(OLD).expect(menu).type_line("e");
    terminal.types_email(&server, ADDRESS).expect(menu).press_enter().expect("Done, you are registered.");
    let trail = server.must("sspr admin audit --user alice --since 2000-01-01");
    assert!(trail.contains("through host"), "{trail}");
    server.must("sleep 2");

    // The old password is refused, and the new one signs in at once.
    let mut terminal = host.ssh("alice");
    terminal.proves_by_email(&server, ADDRESS).new_password(NEW).signed_in("alice");
    host.is_refused("alice", OLD);
    host.signs_in("alice", NEW);
    server.mailbox(ADDRESS).wait_for_text("at sshd from 127.0.0.1 (shell.example.org)");
    let id = ids(&server).remove(0);
    let trail = server.must("sspr admin audit --json --since 2000-01-01");
    assert!(trail.contains("Reset password (self-service)") && trail.contains(&format!("@{id}")), "{trail}");

    // The host had none of what the server has.
    let code = server.mailbox(ADDRESS).wait_for_code(2);
    let journal = host.whole_journal();
    for secret in [OLD, NEW, SECRET, ADDRESS, &code, token.trim()] {
        assert_eq!(line_showing(&journal, secret), None);
    }
    assert_eq!(host.must(&format!("grep -rlF {ADDRESS} /var/lib/sspr /etc/sspr || true")), "");
    let database = host.root().join("var/lib/sspr/sspr.db").display().to_string();
    let count = "SELECT count(*) FROM contact";
    assert_eq!(host::command("sqlite3", ["-cmd", ".timeout 5000", &database, count]).trim(), "0");
    // A token lets one host join.
    assert_ne!(host.run("sspr leave && sspr join </root/token").code, 0);
    fleet::joins(&host, &server);

    // Every name hears the same where no server is there, and passwords go on.
    for trouble in ["systemctl stop sspr-agent", "systemctl start sspr-agent; systemctl kill -s STOP sspr-agent"] {
        server.must(trouble);
        for name in ["alice", "lana", "nobody-here"] {
            host.ssh(name).forgotten().expect(NO_RESET).expect("Password: ");
        }
        host.signs_in("alice", NEW);
        host.signs_in("lana", OLD);
    }
    server.must("systemctl kill -s CONT sspr-agent");
    host.must("timeout 60 sh -c 'until sspr join --check; do sleep 1; done'");
    host.ssh("alice").forgotten().expect("A code was sent by email before and is still good.").expect("Code: ");

    // One that is revoked is served no more.
    for id in ids(&server) {
        server.must(&format!("sspr admin hosts revoke {id}"));
    }
    host.ssh("alice").forgotten().expect(NO_RESET).expect("Password: ");
    host.signs_in("alice", NEW);
}

/// Alice signs in on `host`, and is invited. On a machine that is busy the directory may take too long; that counts for a day.
fn is_invited(host: &Machine, server: &Machine) -> Terminal {
    for _ in 0..5 {
        let mut terminal = host.ssh("alice");
        terminal.password(OLD);
        if terminal.expect_any(&[INVITATION, &shell("alice")]) == 0 {
            return terminal;
        }
        let database = server.root().join("var/lib/sspr/sspr.db").display().to_string();
        let forget = "DELETE FROM event WHERE kind LIKE 'host-sign-in%'";
        host::command("sqlite3", ["-cmd", ".timeout 5000", &database, forget]);
        host.agent().restart();
    }
    panic!("alice is not invited: {}", server.must("sspr admin audit --since 2000-01-01"));
}

#[test]
fn alice_registers_when_she_signs_in_on_a_host_and_resets_on_another() {
    let server = fleet::server();
    let (one, two) = (fleet::host(&server, 1), fleet::host(&server, 2));
    for host in [&one, &two] {
        fleet::joins(host, &server);
    }
    // Nobody said that passwords go to the server.
    one.signs_in("alice", OLD);
    one.settings_now(ASKS, "fleet=yes");
    assert!(one.run("sspr doctor").stdout.contains("are sent to the server"));

    // A server that is frozen holds up no sign-in, and nobody is asked.
    server.agent().freeze();
    one.signs_in("alice", OLD);
    server.agent().thaw();
    one.must("timeout 60 sh -c 'until sspr join --check; do sleep 1; done'");

    // Lana is the host's own.
    one.signs_in("lana", OLD);
    let said = server.must("journalctl -o cat -u sspr-directory");
    assert!(!said.contains("lana"), "{said}");

    let mut terminal = is_invited(&one, &server);
    terminal.type_line("1").types_email(&server, ADDRESS).reads_that_it_is_done().signed_in("alice");
    let trail = server.must("sspr admin audit --user alice --since 2000-01-01");
    assert!(trail.contains("through host"), "{trail}");
    one.signs_in("alice", OLD);
    two.signs_in("alice", OLD);
    server.must("sleep 2");
    two.ssh("alice").proves_by_email(&server, ADDRESS).new_password(NEW).signed_in("alice");
    one.is_refused("alice", OLD);
    one.signs_in("alice", NEW);
    for machine in [&server, &one, &two] {
        let journal = machine.whole_journal();
        for secret in [OLD, NEW] {
            assert_eq!(line_showing(&journal, secret), None);
        }
    }

    // A host that left hands no password on.
    one.must("sspr leave");
    let written = || one.run("grep -qx fleet=no /run/sspr-credential/policy").code == 0;
    wait_for("the policy without a fleet", std::time::Duration::from_secs(10), || written().then_some(()));
    one.signs_in("alice", NEW);
}
