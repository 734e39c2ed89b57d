//! Lana has an account of a host itself: she registers through the fleet's server, and the host's own helper sets her password.

use sspr_tests::{
    Machine, fleet,
    machine::line_showing,
    openldap::{NEW, OLD},
};

use crate::{directory_people::ADDRESS, fleet::NO_RESET};

const SERVES: &str = "[server]\nlocal_accounts = true\n";
const WANTS: &str = "[fleet]\nlocal_accounts = true\n";

/// Doctor breaks its lines at blanks.
#[track_caller]
fn doctor_says(host: &Machine, what: &str) {
    let said = host.run("sspr doctor").stdout;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(what), "{said}");
}

#[test]
fn lana_of_the_host_registers_through_the_server_and_resets_on_her_host_alone() {
    let server = fleet::server();
    let (one, two) = (fleet::host(&server, 1), fleet::host(&server, 2));
    for host in [&one, &two] {
        fleet::joins(host, &server);
        host.settings_now(WANTS, "fleet=no");
    }
    // The server has to want it, too.
    doctor_says(&one, "though local_accounts is on");
    server.settings_now(SERVES, "fleet=no");
    for host in [&one, &two] {
        doctor_says(host, "register and reset through the server");
    }

    let (password, menu) = ("Current password: ", "A number (Enter when you are done): ");
    let mut terminal = one.signs_in("lana", OLD);
    terminal.type_line("sspr enroll").expect(password).type_line("not the one it is");
    terminal.expect("That is not your current password.").signed_in("lana");
    terminal.type_line("sspr enroll").expect(password).type_line(OLD).expect(menu).type_line("e");
    terminal.types_email(&server, ADDRESS).expect(menu).press_enter().expect("Done, you are registered.");
    let users = server.must("sspr admin users --json");
    assert!(users.contains("host:h") && users.contains("/lana"), "{users}");

    // On the other host, her code is worth nothing, and no mail is sent.
    two.ssh("lana").forgotten().expect("How do you want").type_line("e").expect("Code: ");

    let mut terminal = one.ssh("lana");
    terminal.proves_by_email(&server, ADDRESS).new_password(NEW).signed_in("lana");
    one.is_refused("lana", OLD);
    one.signs_in("lana", NEW);
    two.signs_in("lana", OLD);
    server.mailbox(ADDRESS).wait_for_text("at sshd from 127.0.0.1 (shell.example.org)");

    // No password of hers left the host, and the host keeps nothing of what the server has.
    for machine in [&server, &one, &two] {
        let journal = machine.whole_journal();
        for secret in [OLD, NEW] {
            assert_eq!(line_showing(&journal, secret), None);
        }
    }
    assert_eq!(one.must(&format!("grep -rlF {ADDRESS} /var/lib/sspr /etc/sspr || true")), "");
    assert!(!server.must("journalctl -o cat -u sspr-directory").contains("lana"));

    // The server is lost: no reset, and her password signs in.
    server.must("systemctl stop sspr-agent");
    one.ssh("lana").forgotten().expect(NO_RESET).expect("Password: ");
    one.signs_in("lana", NEW);
}
