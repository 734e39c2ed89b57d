//! A fleet with two servers on one `PostgreSQL` database, all on machines of their own. A server that dies in the middle of a dialogue
//! costs one answer: the other one goes on.

use std::time::{Duration, Instant};

use sspr_tests::{
    Machine, Terminal, fleet,
    host::wait_for,
    openldap::{NEW, OLD},
    story::WHERE_TO,
};

use crate::{directory_people::ADDRESS, fleet::NO_RESET};

const NEWER: &str = "Newest-paper-crane-3";

/// A reset of alice's on `host`. A server that was frozen in the middle of a transaction keeps the others from writing for 10
/// seconds, and one that shares two cores with all of this may be too late for a prompt: then she tries again, as she is told.
fn begins(host: &Machine, shown: &str) -> Terminal {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(40) {
        let mut terminal = host.ssh("alice");
        if terminal.forgotten().expect_any(&[shown, NO_RESET]) == 0 {
            return terminal;
        }
    }
    panic!("no reset begins");
}

#[test]
fn a_server_that_dies_in_the_middle_costs_one_answer_and_the_other_goes_on_with_the_code() {
    let (database, first) = (fleet::database(), fleet::server());
    fleet::keeps_in(&first, &database, 2);
    let second = fleet::second_server(&first, 3);
    fleet::keeps_in(&second, &database, 4);
    let host = fleet::host(&first, 1);
    fleet::reaches(&host, &second, 5, fleet::SECOND);
    for server in [&first, &second] {
        let said = server.run("sspr doctor").stdout;
        assert!(said.contains("PostgreSQL answers: db.example.org/sspr") && said.contains("Errors: 0"), "{said}");
    }
    fleet::joins(&host, &first);

    // What is registered through one is known to the other.
    let menu = "A number (Enter when you are done): ";
    let mut terminal = host.signs_in("alice", OLD);
    terminal.type_line("sspr enroll").expect("Current password: ").type_line(OLD).expect(menu).type_line("e");
    terminal.types_email(&first, ADDRESS).expect(menu).press_enter().expect("Done, you are registered.");
    let shown = second.must("sspr admin show alice");
    assert!(shown.contains("a***@e***.org"), "{shown}");
    first.must("sleep 2");

    // The one that has the dialogue dies when the code is out.
    let servers = [&first, &second];
    let before = servers.map(|server| server.mailbox(ADDRESS).codes());
    let mut terminal = begins(&host, WHERE_TO);
    terminal.type_line("e").expect("Code: ");
    let sent = || (0..2).find(|at| servers[*at].mailbox(ADDRESS).codes() > before[*at]);
    let at = wait_for("a code", Duration::from_secs(20), sent);
    let (dead, other) = (servers[at], servers[1 - at]);
    let code = dead.mailbox(ADDRESS).wait_for_code(before[at] + 1);
    dead.agent().kill();
    terminal.type_line(&code).expect("The server stopped answering.").expect("Code: ");
    terminal.type_line(&code).new_password(NEW).signed_in("alice");
    host.is_refused("alice", OLD);

    // Frozen, it takes connections and says nothing.
    dead.agent().restart();
    dead.agent().freeze();
    let mut terminal = begins(&host, WHERE_TO);
    terminal.type_line("e").expect("Code: ");
    let code = other.mailbox(ADDRESS).wait_for_code(before[1 - at] + 1);
    terminal.type_line(&code).new_password(NEWER).signed_in("alice");
    dead.agent().thaw();

    // One trail has what both did, once what had to wait is written down.
    let resets =
        || first.must("sspr admin audit --json --since 2000-01-01").matches("Reset password (self-service)").count();
    wait_for("two resets in the trail", Duration::from_secs(30), || (resets() == 2).then_some(()));
}
