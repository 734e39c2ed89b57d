//! The same stories without a network: at the machine's console, and with PuTTY's client.

use sspr_tests::{Machine, Suite, Terminal, story::WHERE_TO};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

#[test]
fn at_the_console_alice_registers_forgets_recovers_and_is_signed_in() {
    let mut machine = Machine::ready(&[("alice", OLD)]);
    let mailbox = machine.mailbox("alice@example.org");
    let console = machine.console();
    console.expect("shell login: ").type_line("alice");
    console.expect("Forgotten? Press Enter to reset it.\nPassword: ").type_line(OLD);
    console.expect("(Enter for not now): ").type_line("1").expect("Email address").type_line("alice@example.org");
    let code = mailbox.wait_for(1).code();
    console.expect("Code: ").type_line(&code).reads_that_it_is_done().signed_in("alice").type_line("exit");

    console.expect("shell login: ").type_line("alice").forgotten().expect(WHERE_TO).type_line("e");
    let code = mailbox.wait_for(2).code();
    console.expect("Code: ").type_line(&code).expect("New password: ").type_line("abc").expect("too short");
    console.new_password(NEW).signed_in("alice").type_line("exit");

    console.expect("shell login: ").type_line("alice").password(OLD).expect("Login incorrect");
    console.expect("login: ").type_line("alice").password(NEW).signed_in("alice").type_line("exit");
    assert!(!console.transcript().contains(NEW), "a password was shown");
    console.expect("shell login: ");
    machine.signs_in("alice", NEW);
}

#[test]
fn with_plink_alice_registers_forgets_recovers_and_is_signed_in() {
    let machine = Machine::ready(&[("alice", OLD)]);
    let mailbox = machine.mailbox("alice@example.org");
    let begins = |terminal: &mut Terminal| {
        terminal.expect("Forgotten? Press Enter to reset it.").expect("Password: ");
    };
    let mut plink = machine.plink("alice");
    begins(&mut plink);
    plink.type_line(OLD).registers_email(&machine, "alice@example.org");
    // plink waits for Enter between the last question and the session, as protection against faked prompts.
    plink.expect("Press Return to begin session").press_enter().signed_in("alice");

    let mut plink = machine.plink("alice");
    begins(&mut plink);
    plink.press_enter().expect(WHERE_TO).type_line("e");
    let code = mailbox.wait_for(2).code();
    plink.expect("Code: ").type_line(&code).new_password(NEW);
    plink.expect("Press Return to begin session").press_enter().signed_in("alice");
    machine.signs_in("alice", NEW);
}

#[test]
fn at_the_console_ctrl_d_goes_back_to_the_password_and_ctrl_c_to_the_login_prompt() {
    let mut machine = Machine::ready(&[("alice", OLD)]);
    let before = machine.shadow("alice");
    let console = machine.console();
    console.expect("shell login: ").type_line("alice").forgotten().expect(WHERE_TO).ctrl('c');
    if Suite::default() == Suite::Trixie {
        // Debian 13 has util-linux's login, which ignores it at every prompt: the question stays, and Enter leaves it.
        console.press_enter().expect("Password: ").type_line("wrong").expect("Login incorrect");
    }
    console.expect("login: ").type_line("alice").forgotten().expect(WHERE_TO).ctrl('d');
    console.password(OLD).signed_in("alice");
    assert_eq!(machine.shadow("alice"), before);
}
