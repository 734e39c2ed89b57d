//! A forgotten password, recovered by email and by phone over SSH.

use sspr_tests::{
    Machine,
    machine::line_showing,
    story::{AGAIN, WHERE_TO},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

#[test]
fn alice_recovers_by_email_is_told_why_a_weak_password_is_refused_and_is_signed_in() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.must("echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice");
    machine.registers_email("alice", OLD, "alice@example.org");
    let before = machine.shadow("alice");

    let mut terminal = machine.ssh("alice");
    terminal.expect("Forgotten? Press Enter to reset it.").forgotten();
    terminal.expect("How do you want to show that it is you?").expect(WHERE_TO).type_line("e");
    let code = machine.mailbox("alice@example.org").wait_for(2).code();
    terminal.expect("a code is on its way").expect("Code: ").type_line("000 000");
    terminal.expect("A code has 6 digits.").expect("Code: ").type_line(&format!(" {}-{} ", &code[..3], &code[3..]));
    terminal.expect("Choose a new password").expect("New password: ").type_line("short");
    terminal.expect("too short").expect("New password: ").type_line("password12345");
    terminal.expect("New password: ").type_line("alice alice alice");
    terminal.expect("your name").expect("New password: ").type_line(NEW);
    terminal.expect(AGAIN).type_line("something else");
    terminal.expect("do not match").new_password(NEW).signed_in("alice");

    assert_eq!(machine.shadow("alice").split('$').nth(1), Some("y"), "hashed as passwd would");
    assert_ne!(machine.shadow("alice"), before);
    terminal
        .type_line("sudo -k id -un")
        .expect("password for alice: ")
        .type_line(NEW)
        .expect("root\n")
        .signed_in("alice");
    terminal.type_line("su -c 'echo I am $(id -un)' alice").password(NEW).expect("I am alice");
    machine.is_refused("alice", OLD);
    machine.signs_in("alice", NEW);

    let journal = machine.whole_journal();
    for secret in [&code, OLD, NEW, "alice@example.org"] {
        assert_eq!(line_showing(&journal, secret), None, "{secret} is in the journal");
    }
}

#[test]
fn the_console_takes_the_new_password() {
    let mut machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    let console = machine.console();
    console.expect("login: ").type_line("alice").password(OLD).expect("Login incorrect");
    console.expect("login: ").type_line("alice").password(NEW).signed_in("alice");
}

#[test]
fn bob_recovers_by_phone_and_a_number_that_is_not_his_sends_nothing_and_looks_the_same() {
    let machine = Machine::ready(&[("bob", OLD)]);
    machine.registers_phone("bob", OLD, "090-1234-5678", "+819012345678");

    let asks = |number: &str| {
        let mut terminal = machine.ssh("bob");
        terminal.forgotten().expect(WHERE_TO).type_line(number).expect("Code: ");
        terminal
    };
    let mut stranger = asks("090-8765-4321");
    stranger.type_line("123456").expect("That code is not right. 4 tries are left.").expect("Code: ");
    let shown = stranger.transcript();
    stranger.kill();
    assert_eq!(machine.gateway().requests(), 1, "only the code to register was ever sent");

    // By now the stranger's question is over: nothing was sent, so the correct number is not delayed.
    machine.agent().hours_later(1);
    let mut owner = asks("+81 90 1234 5678");
    let code = machine.gateway().wait_for("+819012345678", 2).code();
    let wrong = if code == "123456" { "123457" } else { "123456" };
    owner.type_line(wrong).expect("That code is not right. 4 tries are left.").expect("Code: ");
    assert_eq!(owner.transcript().replace("+81 90 1234 5678", "090-8765-4321").replace(wrong, "123456"), shown);
    owner.type_line(&code).new_password(NEW).signed_in("bob");
    machine.signs_in("bob", NEW);
}

#[test]
fn a_gateway_that_is_busy_is_tried_again_and_the_code_comes() {
    let machine = Machine::ready(&[("bob", OLD)]);
    machine.gateway().busy(1, 1);
    machine.registers_phone("bob", OLD, "090-1234-5678", "+819012345678");
    assert_eq!((machine.gateway().requests(), machine.gateway().messages().len()), (2, 1));
}

#[test]
fn five_wrong_codes_wear_the_code_out_and_rest_the_account_and_a_day_later_it_goes_again() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).type_line("e");
    let code = machine.mailbox("alice@example.org").wait_for(2).code();
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..4 {
        terminal.expect("Code: ").type_line(wrong).expect("not right");
    }
    terminal.expect("Code: ").type_line(wrong);
    terminal.expect("Reset is suspended for this account").password(OLD).signed_in("alice");

    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect("Reset is suspended for this account").password(OLD).signed_in("alice");
    machine.agent().hours_later(25);
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
}

#[test]
fn an_aged_password_and_one_that_must_be_changed_are_recovered_and_work_at_once() {
    let machine = Machine::ready(&[("alice", OLD), ("bob", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.registers_email("bob", OLD, "bob@example.org");
    machine.must("chage -d 0 alice; chage -d 2020-01-01 -M 90 bob");
    for name in ["alice", "bob"] {
        machine.ssh(name).proves_by_email(&machine, &format!("{name}@example.org")).new_password(NEW).signed_in(name);
        machine.signs_in(name, NEW);
    }
}

#[test]
fn giving_up_goes_back_to_the_password_and_ctrl_c_ends_the_client_without_a_change() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    let before = machine.shadow("alice");
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).press_enter().password(OLD).signed_in("alice");

    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").expect("New password: ");
    assert!(!terminal.broken_off().success());
    assert_eq!(machine.shadow("alice"), before);
}
