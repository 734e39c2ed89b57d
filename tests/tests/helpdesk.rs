//! The help desk without root, over the real bus and with the real groups.

use sspr_tests::{Machine, Terminal, story::WHERE_TO};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NOT_NOW: &str = "(Enter for not now): ";

fn shell(machine: &Machine, user: &str) -> Terminal {
    let mut terminal = machine.ssh(user);
    terminal.password(OLD).expect(NOT_NOW).press_enter().signed_in(user);
    terminal
}

#[test]
fn dora_of_the_help_desk_verifies_a_caller_gives_a_code_and_can_do_nothing_for_administrators_or_her_own() {
    let machine = Machine::ready_with(
        &[("bob", OLD), ("carol", OLD), ("dirk", OLD), ("dora", OLD)],
        "[helpdesk]\ngroup = \"desk\"\ncodes_per_hour = 3\n",
    );
    machine.must("groupadd desk; usermod -aG desk dora; usermod -aG desk dirk; usermod -aG sudo carol");
    machine.has_email("bob", "bob@example.org");
    let mut dora = shell(&machine, "dora");
    dora.type_line("sspr admin show bob").expect("b***@e***.org").signed_in("dora");
    dora.type_line("sspr admin verify bob").expect("on its way to b***@e***.org").expect("Code (Enter to give up): ");
    let mail = machine.mailbox("bob@example.org").wait_for_message();
    assert!(mail.source.contains("help desk"), "{}", mail.source);
    dora.type_line("000000").expect("does not match. 4 more tries are left").expect("Code (Enter");
    dora.type_line(&mail.code()).expect("It matches").signed_in("dora");
    dora.type_line("sspr admin code bob").expect("For bob, once, until ").signed_in("dora");
    let code = dora.transcript();
    let code = code.lines().rev().find(|line| line.trim().split(" - ").count() == 3).unwrap().trim().to_owned();
    let mut reset = machine.ssh("bob");
    reset.forgotten().expect(WHERE_TO).type_line("code").expect("Code: ").type_line(&code).new_password(NEW);
    reset.signed_in("bob");

    for (user, why) in [
        ("carol", "administrator's"),
        ("root", "root's or a system account"),
        ("dirk", "member of the help desk"),
        ("dora", "your own account"),
    ] {
        for verb in ["show", "code", "unblock", "verify"] {
            dora.type_line(&format!("clear; sspr admin {verb} {user}; echo status $?")).expect(why).expect("status 1");
        }
    }
    dora.type_line("clear; sspr admin show bob --reveal; echo status $?").expect("only root").expect("status 1");
    for verb in ["users", "audit", "report", "forget bob", "import x"] {
        dora.type_line(&format!("clear; sspr admin {verb}; echo status $?")).expect("sudo").expect("status 1");
    }
    // The interface of root is closed to her on the bus itself.
    let call =
        "busctl call org.pam_sspr.Agent1 /org/pam_sspr/Agent1 org.pam_sspr.Admin1 Code ss '{}' '{\"user\":\"bob\"}'";
    dora.type_line(&format!("clear; {call} || echo no $((40 + 2))")).expect("no 42");
    for _ in 0..2 {
        dora.type_line("clear; sspr admin code bob").expect("For bob, once");
    }
    dora.type_line("clear; sspr admin code bob; echo status $?").expect("too many codes").expect("status 1");

    let mut bob = machine.ssh("bob");
    bob.password(NEW).signed_in("bob");
    bob.type_line("sspr admin show carol; echo status $?").expect("members of the group").expect("status 1");
    // Who leaves the desk is out at once, in a session that is still open too.
    machine.must("gpasswd -d dora desk");
    dora.type_line("clear; sspr admin show bob; echo status $?").expect("members of the group").expect("status 1");

    let trail = machine.must("sspr admin audit --json");
    let by_dora = |event: &str, outcome: &str| {
        let parts = ["\"actor\":\"dora\"", "\"service\":\"help desk\"", event, outcome];
        trail.lines().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    };
    assert_eq!(by_dora("Help desk code issued", "\"success\""), 3, "{trail}");
    assert_eq!(by_dora("Caller verified (help desk)", "\"success\""), 1, "{trail}");
    assert_eq!(by_dora("Caller verified (help desk)", "\"failure\""), 1, "{trail}");
    assert_eq!(by_dora("Help desk limit reached", "\"failure\""), 1, "{trail}");
    assert!(!trail.contains("bob@example.org"), "{trail}");
}
