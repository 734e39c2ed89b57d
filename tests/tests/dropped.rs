//! The connection drops after the code was sent: a second connection continues with the same code.

use sspr_tests::{Machine, Terminal, story::WHERE_TO};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

fn registered() -> Machine {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine
}

/// Requests a code and is about to type it.
#[track_caller]
fn asks_for_a_code(machine: &Machine) -> (Terminal, String) {
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
    let code = machine.mailbox("alice@example.org").wait_for(2).code();
    (terminal, code)
}

/// Connects again and gets in with the code that was sent before.
#[track_caller]
fn goes_on_with(machine: &Machine, code: &str) {
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect("sent by email before and is still good").expect("Code: ").type_line(code);
    terminal.new_password(NEW).signed_in("alice");
    assert_eq!(machine.mailbox("alice@example.org").codes(), 2, "no second code to recover");
}

#[test]
fn when_the_client_is_killed_the_same_code_is_taken_on_the_next_connection() {
    let machine = registered();
    let (mut terminal, code) = asks_for_a_code(&machine);
    terminal.kill();
    goes_on_with(&machine, &code);
}

#[test]
fn when_sshds_grace_time_ends_the_same_code_is_taken_on_the_next_connection() {
    let machine = registered();
    machine.must("echo 'LoginGraceTime 3' >/etc/ssh/sshd_config.d/05-grace.conf; systemctl restart ssh");
    let (mut terminal, code) = asks_for_a_code(&machine);
    machine.must("timeout 30 sh -c 'while pgrep -f \"^sshd(-session)?: alice\"; do sleep 0.1; done'");
    terminal.type_line(&code).wait_closed();
    machine.must("rm /etc/ssh/sshd_config.d/05-grace.conf; systemctl restart ssh");
    goes_on_with(&machine, &code);
}

#[test]
fn when_the_agent_is_restarted_the_same_code_is_taken_on_the_same_connection_and_on_the_next() {
    let machine = registered();
    let (mut terminal, code) = asks_for_a_code(&machine);
    machine.agent().restart();
    // In the middle of a question: the message says so, and Enter continues.
    terminal.type_line("000000").expect("was lost").forgotten();
    terminal.expect("still good").expect("Code: ");
    terminal.kill();
    machine.agent().restart();
    goes_on_with(&machine, &code);
}

#[test]
fn a_registration_goes_on_likewise() {
    let machine = Machine::ready(&[("alice", OLD)]);
    let mut terminal = machine.ssh("alice");
    terminal.password(OLD).expect("(Enter for not now): ").type_line("1");
    terminal.expect("Email address").type_line("alice@example.org").expect("Code: ");
    let code = machine.mailbox("alice@example.org").wait_for_message().code();
    terminal.kill();
    let mut terminal = machine.ssh("alice");
    terminal.password(OLD).expect("finish your registration").expect("Code: ").type_line(&code);
    terminal.reads_that_it_is_done().signed_in("alice");
    assert_eq!(machine.mailbox("alice@example.org").messages().len(), 1);
}
