//! After a recovery every registered contact gets a notification.

use sspr_tests::Machine;

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

#[test]
fn after_a_recovery_mailbox_and_phone_are_told_when_from_where_and_what_to_do_if_it_was_somebody_else() {
    let machine = Machine::ready(&[("carol", OLD)]);
    let mut terminal = machine.ssh("carol");
    terminal.password(OLD).expect("(Enter for not now): ").type_line("1 2");
    terminal.types_email(&machine, "carol@example.org").types_phone(&machine, "090-1234-5678", "+819012345678");
    terminal.reads_that_it_is_done().signed_in("carol");

    machine.ssh("carol").proves_by_email(&machine, "carol@example.org").new_password(NEW).signed_in("carol");
    let year = machine.must("date +%Y");
    let mail = machine.mailbox("carol@example.org").wait_for(3);
    assert!(mail.subject.contains("was reset"), "{}", mail.subject);
    for part in ["carol", "shell.example.org", year.as_str(), "127.0.0.1", "not you", "administrator"] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
        assert!(mail.html.contains(part), "{part}: {}", mail.html);
    }
    let sms = machine.gateway().wait_for("+819012345678", 2);
    for part in ["carol", "shell.example.org", year.as_str(), "127.0.0.1", "Not you?", "administrator"] {
        assert!(sms.body.contains(part), "{part}: {}", sms.body);
    }
    for text in [&mail.source, &sms.body] {
        assert!(!text.contains(NEW) && !text.contains(OLD), "{text}");
    }
    for header in ["Message-ID:", "Date:", "Auto-Submitted: auto-generated", "From: "] {
        assert!(mail.source.contains(header), "{header}: {}", mail.source);
    }
}

#[test]
fn a_recovery_that_fails_tells_nobody() {
    let machine = Machine::ready(&[("alice", OLD), ("bob", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.registers_email("bob", OLD, "bob@example.org");
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").expect("New password: ");
    terminal.kill();
    // Messages leave in order: once bob's notification has come, one for alice would have come too.
    machine.ssh("bob").proves_by_email(&machine, "bob@example.org").new_password(NEW).signed_in("bob");
    assert!(machine.mailbox("bob@example.org").wait_for(3).subject.contains("was reset"));
    assert_eq!(machine.mailbox("alice@example.org").messages().len(), 2);
}
