//! Whoever can't recover sees what everybody sees, and ends like a wrong code.

use std::time::{Duration, Instant};

use sspr_tests::{Machine, Terminal, story::WHERE_TO};

const PASSWORD: &str = "rain on a tin roof";
/// Everybody but alice may not recover, each for a reason of their own.
const OTHERS: [&str; 8] =
    ["locked", "expired", "nologin", "outside", "unregistered", "root", "daemon", "nobody-at-all"];

/// What was shown, and how long each answer took.
struct Story {
    shown: String,
    times: Vec<Duration>,
}

/// Begins a recovery by `way` at a password prompt and types wrong codes until it is over.
#[track_caller]
fn story_at(terminal: &mut Terminal, user: &str, way: &str) -> Story {
    let mut times = Vec::new();
    let mut start = Instant::now();
    let mut took = |start: &mut Instant| {
        times.push(start.elapsed());
        *start = Instant::now();
    };
    terminal.forgotten().expect(WHERE_TO);
    took(&mut start);
    terminal.type_line(way);

    for _ in 0..5 {
        terminal.expect("Code: ");
        took(&mut start);
        terminal.type_line("000000");
    }
    terminal.expect("Reset rests for this account").expect("Password: ");
    took(&mut start);
    let transcript = terminal.transcript();
    let (_, shown) = transcript.rsplit_once("Forgotten?").unwrap_or_default();
    let shown = shown.replace(&format!("({user}@127.0.0.1)"), "(NAME@127.0.0.1)");
    Story { shown, times }
}

#[track_caller]
fn assert_alike(user: &str, story: &Story, expected: &Story) {
    assert_eq!(story.shown, expected.shown, "{user}");
    for (time, usual) in story.times.iter().zip(&expected.times) {
        let apart = time.abs_diff(*usual);
        assert!(apart < Duration::from_millis(250), "{user}: {:?} and {:?}", story.times, expected.times);
    }
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
            assert_alike(name, &story_at(&mut machine.ssh(name), name, way), &expected);
        }
        // Wrong codes rest an account for a day.
        machine.agent().hours_later(30);
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
            // A new login: one that goes on for long is ended by its own timer.
            console.ctrl('c');
            story
        };
        let expected = story_of("alice");
        for name in OTHERS {
            assert_alike(name, &story_of(name), &expected);
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
    terminal.type_line("seven green kites fly").expect("The same again: ").type_line("seven green kites fly");
    terminal.expect("Nothing was changed").expect("Password: ");
    assert_eq!(machine.shadow("bob"), before);
}
