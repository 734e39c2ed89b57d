//! Registration at sign-in: by email, by phone, by both, put off, required.

use sspr_tests::{Machine, machine::line_showing, story::INVITATION};

const PASSWORD: &str = "rain on a tin roof";

#[test]
fn alice_signs_in_by_ssh_registers_her_email_address_and_is_never_asked_again() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    let mut terminal = machine.ssh("alice");
    terminal.expect("Forgotten? Press Enter to reset it.\nPassword: ").type_line(PASSWORD);
    terminal.expect("Where can it reach you?").expect(INVITATION).type_line("1");
    terminal.expect("Email address (Enter to go back): ").type_line("alice@example.org");
    let message = machine.mailbox("alice@example.org").wait_for_message();
    assert!(message.text.contains("alice") && message.text.contains("shell.example.org"), "{}", message.source);
    terminal.expect("It goes to alice@example.org.").expect("Code: ").type_line(&message.code());
    terminal.expect("Done, you are registered.").expect("just press Enter at the prompt");
    terminal.expect("Press Enter to go on: ").press_enter().signed_in("alice");
    terminal.type_line("sspr status").expect("Registered for password reset:").expect("email  a***@e***.org");

    let mut again = machine.signs_in("alice", PASSWORD);
    again.type_line("echo in").expect("in");
    assert_eq!(machine.mailbox("alice@example.org").messages().len(), 1);
    let journal = machine.whole_journal();
    for secret in [&message.code(), "alice@example.org", PASSWORD] {
        assert_eq!(line_showing(&journal, secret), None, "{secret} is in the journal");
    }
}

#[test]
fn bob_registers_his_phone_and_carol_both_and_neither_is_asked_again() {
    let machine = Machine::ready(&[("bob", PASSWORD), ("carol", PASSWORD)]);
    machine.registers_phone("bob", PASSWORD, "090-1234-5678", "+819012345678");
    let sms = machine.gateway().wait_for("+819012345678", 1);
    assert!(sms.body.contains("bob") && sms.body.contains("shell.example.org"), "{}", sms.body);
    machine.signs_in("bob", PASSWORD);

    let mut terminal = machine.ssh("carol");
    terminal.password(PASSWORD).expect(INVITATION).type_line("1 2");
    terminal.types_email(&machine, "carol@example.org").types_phone(&machine, "+44 7400 123456", "+447400123456");
    terminal.reads_that_it_is_done().signed_in("carol");
    machine.signs_in("carol", PASSWORD);
}

#[test]
fn dave_says_not_now_and_is_asked_again_the_next_day_and_not_sooner_also_after_the_skip_days() {
    let machine = Machine::ready(&[("dave", PASSWORD)]);
    let asked = || {
        let mut terminal = machine.ssh("dave");
        terminal.password(PASSWORD).expect(INVITATION).press_enter().signed_in("dave");
    };
    asked();
    machine.signs_in("dave", PASSWORD);
    machine.agent().hours_later(23);
    machine.signs_in("dave", PASSWORD);
    machine.agent().hours_later(25);
    asked();
    machine.signs_in("dave", PASSWORD);
    machine.agent().hours_later(15 * 24);
    asked();
    machine.signs_in("dave", PASSWORD);
}

#[test]
fn the_agent_is_asked_about_a_registered_person_once_a_day_and_at_once_after_it_started_anew() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    let mut terminal = machine.ssh("alice");
    terminal.password(PASSWORD).expect(INVITATION).type_line("1");
    terminal.types_email(&machine, "alice@example.org").reads_that_it_is_done().signed_in("alice");
    machine.signs_in("alice", PASSWORD);
    let note = machine.must("readlink /run/sspr/settled/alice");
    assert!(note.starts_with(&machine.must("id -u alice").trim().to_owned()), "{note}");
    machine.signs_in("alice", PASSWORD);
    assert_eq!(machine.must("readlink /run/sspr/settled/alice"), note, "the agent was not asked again");
    assert_ne!(machine.run("runuser -u alice -- ls /run/sspr").code, 0, "nobody else can see who is noted");
    machine.must("systemctl restart sspr-agent");
    assert_eq!(machine.must("ls /run/sspr/settled").trim(), "");
}

#[test]
fn where_registration_is_required_not_now_ends_the_sign_in_once_the_skip_days_are_over() {
    let machine = Machine::ready_with(&[("dave", PASSWORD)], "[register]\nmode = \"required\"\nskip_days = 3\n");
    let mut terminal = machine.ssh("dave");
    terminal.password(PASSWORD).expect(INVITATION).press_enter().signed_in("dave");
    machine.agent().hours_later(3 * 24 + 1);
    let mut terminal = machine.ssh("dave");
    terminal.password(PASSWORD).expect("1, 2 or 3: ").press_enter();
    terminal.expect("can't be put off any longer").expect("1, 2 or 3: ").press_enter();
    assert!(!terminal.wait_closed().success());
    assert!(!terminal.transcript().contains("dave@shell"), "{}", terminal.transcript());

    let mut terminal = machine.ssh("dave");
    terminal.password(PASSWORD).expect("1, 2 or 3: ").type_line("1");
    terminal.types_email(&machine, "dave@example.org").reads_that_it_is_done().signed_in("dave");
}
