//! A fleet on throwaway machines: two servers on one `PostgreSQL` database, a directory, and three hosts. Somebody registers on the
//! first host, resets on the second while a server dies, and signs in on the third.
#![allow(clippy::print_stdout, reason = "this is a show")]

use sspr_tests::{
    Machine,
    fleet::{self, SECOND},
    openldap::{NEW, OLD},
    show::{say, show, show_mail},
    story::WHERE_TO,
};

const ADDRESS: &str = "alice@example.org";

/// Shows what a command printed.
fn shows(machine: &Machine, command: &str) {
    println!("    # {command}");
    for line in machine.must(command).lines() {
        println!("    {line}");
    }
}

fn main() {
    say("Booting a PostgreSQL server, and the first server with a directory that has alice ...");
    let database = fleet::database();
    let first = fleet::server();
    fleet::keeps_in(&first, &database, 1);
    say("Booting the second server, which gets the keys of the first and uses the same database ...");
    let second = fleet::second_server(&first, 2);
    fleet::keeps_in(&second, &database, 3);

    say("Booting three hosts. Each joins with a token, makes a key of its own, and holds nothing else.");
    let hosts: Vec<Machine> = (0..3)
        .map(|number| {
            let host = fleet::host(&first, 10 + number);
            fleet::reaches(&host, &second, 20 + number, SECOND);
            fleet::joins(&host, &first);
            host
        })
        .collect();
    let [one, two, three] = &hosts[..] else { unreachable!("three were made") };
    shows(&first, "sspr admin hosts");

    say("alice signs in on the first host, and registers there. The server checks her password with the directory.");
    let menu = "A number (Enter when you are done): ";
    let mut ssh = one.signs_in("alice", OLD);
    ssh.type_line("sspr enroll").expect("Current password: ").type_line(OLD).expect(menu).type_line("e");
    ssh.types_email(&first, ADDRESS).expect(menu).press_enter().expect("Done, you are registered.");
    show(&ssh);
    say(
        "What is registered first is good for no reset for first_contact_wait: 24 hours as a rule, 1 second in this demo.",
    );
    first.must("sleep 2");

    say("She forgets her password on the second host. Once the code is out, the first server is killed.");
    let mut ssh = two.ssh("alice");
    ssh.forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
    let code = first.mailbox(ADDRESS).wait_for_code(2);
    first.agent().kill();
    say("Her answer is lost, the code is not: the second server goes on, and she types the code again.");
    ssh.type_line(&code).expect("The server stopped answering.").expect("Code: ");
    ssh.type_line(&code).new_password(NEW).signed_in("alice");
    show(&ssh);
    show_mail(&second.mailbox(ADDRESS), ADDRESS);

    say("On the third host, the old password is refused and the new one signs her in.");
    three.is_refused("alice", OLD);
    three.signs_in("alice", NEW);
    println!("    ssh: old password refused, new password taken");

    say("The first server comes back. Either one shows the whole fleet.");
    first.agent().restart();
    shows(&first, "sspr admin audit --user alice");
    say("That was the fleet. The machines are gone; nothing is left on this one but cached images.");
}
