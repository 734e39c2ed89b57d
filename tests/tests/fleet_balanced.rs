//! Two servers of a fleet behind a load balancer, all on machines of their own: `HAProxy` with the configuration of docs/fleet.md.

use std::time::Duration;

use sspr_tests::{
    fleet,
    host::wait_for,
    openldap::{NEW, OLD},
    story::WHERE_TO,
};

use crate::directory_people::ADDRESS;

const NEWER: &str = "Newest-paper-crane-3";

#[test]
fn hosts_behind_a_load_balancer_are_told_apart_and_served_by_the_server_that_is_left() {
    let (database, first) = (fleet::database(), fleet::server());
    fleet::keeps_in(&first, &database, 2);
    let second = fleet::second_server(&first, 3);
    fleet::keeps_in(&second, &database, 4);
    let servers = [&first, &second];
    let balancer = fleet::balancer(servers, [5, 6]);
    let host = fleet::host(&first, 1);
    fleet::reaches(&host, &balancer, 7, fleet::BALANCED);

    // The token names the load balancer, and the trail has the address of the host.
    fleet::joins(&host, &first);
    let settings = host.must("cat /etc/sspr/sspr.toml.d/60-fleet.toml");
    assert!(settings.contains("\"fleet.example.org:7142\"") && !settings.contains("reset."), "{settings}");
    let trail = first.must("sspr admin audit --json --since 2000-01-01");
    assert!(trail.contains("from 10.79.7.1"), "{trail}");
    // The load balancer's health checks are in order, and what has no header is refused.
    let complaints = |journal: &str| journal.matches("sent no header of the PROXY protocol").count();
    assert_eq!(servers.map(|server| complaints(&server.whole_journal())), [0, 0]);
    balancer
        .run("timeout 5 bash -c 'exec 3<>/dev/tcp/one.example.org/7142; echo GET / HTTP/1.1 0123456789 >&3; cat <&3'");
    wait_for("a warning", Duration::from_secs(5), || (complaints(&first.whole_journal()) == 1).then_some(()));

    // A dialogue stays at one server, whichever that is. The other one serves when that is gone.
    first.imports_email("alice", ADDRESS);
    let resets = |new: &str| {
        let before = servers.map(|server| server.mailbox(ADDRESS).codes());
        let mut terminal = host.ssh("alice");
        terminal.forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
        let sent = || (0..2).find(|at| servers[*at].mailbox(ADDRESS).codes() > before[*at]);
        let at = wait_for("a code", Duration::from_secs(20), sent);
        let code = servers[at].mailbox(ADDRESS).wait_for_code(before[at] + 1);
        terminal.type_line(&code).new_password(new).signed_in("alice");
        at
    };
    let gone = resets(NEW);
    servers[gone].agent().kill();
    let check = || (host.run("sspr join --check").code == 0).then_some(());
    wait_for("the health check", Duration::from_secs(20), check);
    assert_eq!(resets(NEWER), 1 - gone);
    host.is_refused("alice", OLD);
}
