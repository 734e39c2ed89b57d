//! A forgotten password, and every way to prove the identity.

use std::time::{Duration, Instant};

use sspr_tests::{
    Image, Machine, Terminal, host,
    machine::line_showing,
    story::{INVITATION, WHERE_TO},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NEWER: &str = "a lighthouse keeps no bees";

/// Chooses a way at the menu, and types the code.
#[track_caller]
fn proves(terminal: &mut Terminal, way: &str, code: &str) {
    terminal.expect(WHERE_TO).type_line(way).expect("Code: ").type_line(code);
}

#[test]
fn alice_recovers_by_her_app_on_a_host_without_mail_and_the_same_code_is_good_once() {
    let machine = Machine::with(Image::installed())
        .switched_on()
        .user("alice", OLD)
        .settings("[scope]\nenable = \"all\"\n[register]\nmethods = [\"app\"]\n[recover]\nadmin_methods_required = 1\n")
        .boot();
    let app = machine.has_app("alice");
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect("app   a code from your authenticator app").expect(WHERE_TO).type_line("app");
    terminal.expect("your authenticator app shows").expect("Code: ").type_line("000000").expect("not right");
    let code = app.shows();
    terminal.expect("Code: ").type_line(&format!("{} {}", &code[..3], &code[3..]));
    terminal.expect("Choose a new password").new_password(NEW).signed_in("alice");

    let mut again = machine.ssh("alice");
    again.forgotten().expect(WHERE_TO).type_line("app").expect("Code: ").type_line(&code).expect("not right");
    again.expect("Code: ").type_line(&app.shows_after(&code)).new_password(NEWER).signed_in("alice");
    machine.is_refused("alice", NEW);
    machine.signs_in("alice", NEWER);
}

#[test]
fn at_the_console_alice_recovers_by_a_recovery_code_and_it_is_used_up_with_the_change_alone() {
    let mut machine = Machine::ready(&[("alice", OLD)]);
    machine.has_email("alice", "alice@example.org");
    let codes = machine.has_recovery_codes("alice");

    // The connection breaks after the code, before the change: the code is still valid.
    let mut dropped = machine.ssh("alice");
    dropped.forgotten();
    proves(&mut dropped, "code", &codes[0]);
    dropped.expect("9 recovery codes left").expect("New password: ").kill();

    let console = machine.console();
    console.expect("login: ").type_line("alice").forgotten();
    proves(console, "code", &codes[0].to_uppercase().replace('-', " "));
    console.expect("9 recovery codes left").new_password(NEW).signed_in("alice");

    let mut again = machine.ssh("alice");
    again.forgotten();
    proves(&mut again, "code", &codes[0]);
    again.expect("That code is not right").expect("Code: ").type_line(&codes[1]);
    again.expect("8 recovery codes left").expect("New password: ");
}

#[test]
fn whoever_never_registered_gets_in_with_a_code_from_the_help_desk() {
    let machine = Machine::ready_with(&[("bob", OLD), ("carol", OLD)], "[recover]\nmethods_required = 2\n");
    let code = machine.has_helpdesk_code("bob");
    let mut other = machine.ssh("carol");
    other.forgotten();
    proves(&mut other, "code", &code);
    other.expect("That code is not right").kill();

    let mut terminal = machine.ssh("bob");
    terminal.forgotten();
    proves(&mut terminal, "code", &code.to_uppercase());
    terminal.new_password(NEW).expect(INVITATION).press_enter().signed_in("bob");
    let mut again = machine.ssh("bob");
    again.forgotten();
    proves(&mut again, "code", &code);
    again.expect("That code is not right");

    let journal = machine.whole_journal();
    assert!(journal.contains("Reset password (self-service): bob by sshd"), "whoever proved an account is named");
    for code in [&code, &code.to_uppercase()] {
        assert_eq!(line_showing(&journal, code), None, "the code is in the journal");
    }
}

#[test]
fn bob_is_called_and_types_what_was_read_out_to_him() {
    let machine = Machine::ready_with(&[("bob", OLD)], "[phone]\nvoice = true\n[code]\nresend_after = \"1s\"\n");
    machine.registers_phone("bob", OLD, "090-1234-5678", "+819012345678");
    let mut terminal = machine.ssh("bob");
    terminal.forgotten().expect(WHERE_TO).type_line("090-1234-5678").expect("call (read it out)");
    machine.gateway().wait_for("+819012345678", 2);
    terminal.expect("Code: ");
    // The text was just sent, and the call has to wait for the cool-down. That began before the text arrived here.
    let sent = Instant::now();
    host::wait_for("the moment between two messages", Duration::from_secs(5), || {
        (sent.elapsed() > Duration::from_secs(2)).then_some(())
    });
    terminal.type_line("call").expect("it rings in a moment");
    let call = machine.gateway().wait_for_call("+819012345678", 1);
    assert_eq!(call.said().first().map(String::as_str), Some("Hello. This is your code for shell.example.org."));
    terminal.expect("Code: ").type_line(&call.code()).new_password(NEW).signed_in("bob");
}

#[test]
fn a_second_mailbox_gets_the_code_when_its_address_is_typed() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.has_email("alice", "first@example.org");
    machine.has_email("alice", "second@example.org");
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).type_line("Second@Example.org");
    terminal.expect("If that is registered for this account,");
    let code = machine.mailbox("second@example.org").wait_for(1).code();
    terminal.expect("Code: ").type_line(&code).new_password(NEW).signed_in("alice");
    assert_eq!(
        machine.mailbox("first@example.org").wait_for(1).subject,
        "The password of alice on shell.example.org was reset"
    );
}

#[test]
fn two_methods_are_proved_in_any_order_by_ssh_and_at_the_console() {
    let mut machine =
        Machine::ready_with(&[("alice", OLD)], "[recover]\nmethods_required = 2\n[code]\nresend_after = \"1s\"\n");
    machine.has_email("alice", "alice@example.org");
    let app = machine.has_app("alice");

    let shown = app.shows();
    let mut terminal = machine.ssh("alice");
    terminal.forgotten();
    proves(&mut terminal, "app", &shown);
    terminal.expect("Your account needs one more, another way.").expect(WHERE_TO).type_line("e");
    let code = machine.mailbox("alice@example.org").wait_for(1).code();
    terminal.expect("Code: ").type_line(&code).new_password(NEW).signed_in("alice");

    let mailbox = machine.mailbox("alice@example.org");
    // The cool-down between two codes.
    let start = Instant::now();
    host::wait_for("the moment", Duration::from_secs(5), || (start.elapsed() > Duration::from_secs(2)).then_some(()));
    let console = machine.console();
    // Another place does not show that the earlier code is spent.
    console.expect("login: ").type_line("alice").forgotten().expect("Code: ").type_line("other");
    console.expect(WHERE_TO).type_line("e");
    let code = mailbox.wait_for_code(2);
    console.expect("Code: ").type_line(&code).expect("one more, another way.");
    proves(console, "app", &app.shows_after(&shown));
    console.new_password(NEWER).signed_in("alice");
}

#[test]
fn an_account_that_wrong_passwords_locked_is_unlocked_and_the_old_password_signs_in() {
    let machine = Machine::ready(&[("alice", OLD), ("bob", OLD)]);
    machine.has_email("alice", "alice@example.org");
    let codes = machine.has_recovery_codes("alice");
    machine.must(
        r"sed -i 's/success=1 \(.*pam_unix.so\)/success=2 \1/' /etc/pam.d/common-auth
          sed -i '/pam_unix.so/i auth required pam_faillock.so preauth deny=3' /etc/pam.d/common-auth
          sed -i '/pam_deny.so/i auth [default=die] pam_faillock.so authfail deny=3' /etc/pam.d/common-auth",
    );
    machine.signs_in("alice", OLD);
    let mut wrong = machine.ssh("alice");
    for _ in 0..3 {
        wrong.password("not this one");
    }
    machine.is_refused("alice", OLD);

    let mut terminal = machine.ssh("alice");
    terminal.forgotten();
    proves(&mut terminal, "code", &codes[0]);
    terminal.expect("have locked this account").expect("or unlock: ").type_line("unlock");
    terminal.expect("The account is unlocked.").password(OLD).signed_in("alice");
    let note = machine.mailbox("alice@example.org").wait_for(1);
    assert_eq!(note.subject, "alice on shell.example.org was unlocked");

    let mut wrong = machine.ssh("alice");
    for _ in 0..3 {
        wrong.password("not this one");
    }
    let mut terminal = machine.ssh("alice");
    terminal.forgotten();
    proves(&mut terminal, "code", &codes[1]);
    terminal.expect("or unlock: ").press_enter().new_password(NEW).signed_in("alice");
    machine.signs_in("alice", NEW);
}
