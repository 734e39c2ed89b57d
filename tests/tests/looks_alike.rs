//! A user who can't recover sees the same as every other user, and the end is the same as after wrong codes.

use sspr_tests::{
    Machine, Terminal,
    story::{AGAIN, WHERE_TO},
};

const PASSWORD: &str = "rain on a tin roof";
/// All users except alice, who may not recover, each for a different reason.
const OTHERS: [&str; 8] =
    ["locked", "expired", "nologin", "outside", "unregistered", "root", "daemon", "nobody-at-all"];

/// Begins a recovery by `way` at a password prompt and types wrong codes until it is over. Returns the output. The
/// times are compared in `make bench`, over many runs.
#[track_caller]
fn story_at(terminal: &mut Terminal, user: &str, way: &str) -> String {
    terminal.forgotten().expect(WHERE_TO).type_line(way);
    for _ in 0..5 {
        terminal.expect("Code: ").type_line("000000");
    }
    terminal.expect("Reset is suspended for this account").expect("Password: ");
    let transcript = terminal.transcript();
    let (_, shown) = transcript.rsplit_once("Forgotten?").unwrap_or_default();
    shown.replace(&format!("({user}@127.0.0.1)"), "(NAME@127.0.0.1)")
}

fn machine() -> Machine {
    let accounts = ["alice", "locked", "expired", "nologin", "outside", "unregistered"];
    let machine = Machine::ready_with(
        &accounts.map(|name| (name, PASSWORD)),
        "[scope]\nexclude = [\"outside\"]\n[limits]\nstarts_per_hour = 1000\n",
    );
    for name in ["alice", "locked", "expired", "nologin"] {
        machine.registers_email(name, PASSWORD, &format!("{name}@example.org"));
    }
    machine.must("usermod -L locked; chage -E 2020-01-01 expired; usermod -s /usr/sbin/nologin nologin");
    machine
}

#[test]
fn by_ssh_all_who_may_not_recover_and_those_who_do_not_exist_see_the_same_screens_as_a_wrong_code() {
    let machine = machine();
    for way in ["e", "090-1234-5678"] {
        let expected = story_at(&mut machine.ssh("alice"), "alice", way);
        for name in OTHERS {
            assert_eq!(story_at(&mut machine.ssh(name), name, way), expected, "{name}");
        }
        // Wrong codes suspend an account for a day.
        machine.agent().hours_later(30);
    }
}

/// Answers every question with the next of `answers`; returns the output.
#[track_caller]
fn shown_for(machine: &Machine, user: &str, answers: &[&str]) -> String {
    let mut terminal = machine.ssh(user);
    terminal.forgotten();
    let mut answers = answers.iter();
    while terminal.expect_any(&["(Enter to go back): ", "Code: ", "Password: "]) != 2
        && let Some(answer) = answers.next()
    {
        terminal.type_line(answer);
    }
    // The time to wait depends on when it was asked.
    let text = terminal.transcript().replace(&format!("({user}@127.0.0.1)"), "(NAME@127.0.0.1)");
    let lines = text.lines().map(|line| match line.split_once(" in ") {
        Some((before, _)) if line.ends_with("seconds.") => format!("{before} in a while."),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn strange_answers_are_answered_alike_though_sshd_hides_them_for_unknown_names() {
    let machine = machine();
    let stories: [&[&str]; 8] = [
        &["", ""],
        &["x", "1"],
        &["phone", "new", "other", "email"],
        &["no such thing at all", "abc"],
        &["090-1234-5678", "1234567", "12-34-56", "１２３４５６"],
        &["e", "new", "new", "n", "", "e", "0"],
        &["\u{1b}[A", "\u{7}\u{7}\u{7}\u{7}\u{7}\u{7}", "e"],
        &["+1 555 0100 ext 5", "other", "e", "a very long answer that nobody would ever take for a code"],
    ];
    for answers in stories {
        let expected = shown_for(&machine, "alice", answers);
        for name in ["unregistered", "root", "nobody-at-all"] {
            assert_eq!(shown_for(&machine, name, answers), expected, "{name} {answers:?}");
        }
    }
}

#[test]
fn at_the_console_too() {
    let mut machine = machine();
    for way in ["e", "090-1234-5678"] {
        let mut story_of = |name: &str| {
            let console = machine.console();
            console.expect("login: ").type_line(name).expect(name);
            let story = story_at(console, name, way);
            // A new login, because a long one is ended by its own timer.
            console.ctrl('c');
            story
        };
        let expected = story_of("alice");
        for name in OTHERS {
            assert_eq!(story_of(name), expected, "{name}");
        }
        machine.agent().hours_later(30);
    }
}

#[test]
fn an_account_that_is_locked_after_the_code_was_sent_is_refused_with_the_right_code_and_nothing_is_changed() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.registers_email("alice", PASSWORD, "alice@example.org");
    machine.registers_email("bob", PASSWORD, "bob@example.org");

    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
    let code = machine.mailbox("alice@example.org").wait_for(2).code();
    machine.must("usermod -L alice");
    let before = machine.shadow("alice");
    terminal.type_line(&code).expect("That code is not right.").expect("Password: ");
    assert_eq!(machine.shadow("alice"), before);

    // Even later: right before the write.
    let mut terminal = machine.ssh("bob");
    terminal.proves_by_email(&machine, "bob@example.org").expect("New password: ");
    machine.must("chage -E 2020-01-01 bob");
    let before = machine.shadow("bob");
    terminal.type_line("seven green kites fly").expect(AGAIN).type_line("seven green kites fly");
    terminal.expect("Nothing was changed").expect("Password: ");
    assert_eq!(machine.shadow("bob"), before);
}
