//! Whoever can't recover sees what everybody sees, and ends like a wrong code.

use std::time::{Duration, Instant};

use sspr_tests::{Machine, story::WHERE_TO};

const PASSWORD: &str = "rain on a tin roof";
const WRONG: &str = "000000";

/// Begins a recovery by `way`, types wrong codes until it is over; gives what was shown, and how long the answers took.
#[track_caller]
fn story_of(machine: &Machine, user: &str, way: &str) -> (String, Vec<Duration>) {
    let mut terminal = machine.ssh(user);
    let mut times = Vec::new();
    let mut start = Instant::now();
    let mut took = |times: &mut Vec<Duration>| {
        times.push(start.elapsed());
        start = Instant::now();
    };
    terminal.forgotten().expect(WHERE_TO);
    took(&mut times);
    terminal.type_line(way);
    if way == "2" {
        terminal.expect("Phone number (Enter to go back): ").type_line("090-1234-5678");
    }
    for _ in 0..5 {
        terminal.expect("Code: ");
        took(&mut times);
        terminal.type_line(WRONG);
    }
    terminal.expect("Reset rests for this account").expect("Password: ");
    took(&mut times);
    (terminal.transcript().replace(&format!("({user}@127.0.0.1)"), "(NAME@127.0.0.1)"), times)
}

#[test]
fn all_who_may_not_recover_and_those_who_do_not_exist_see_the_same_screens_as_a_wrong_code() {
    let accounts = ["alice", "locked", "expired", "nologin", "outside", "unregistered"];
    let machine = Machine::ready_with(
        &accounts.map(|name| (name, PASSWORD)),
        "[scope]\nexclude = [\"outside\"]\n[limits]\nstarts_per_hour = 1000\n",
    );
    for name in ["alice", "locked", "expired", "nologin"] {
        machine.registers_email(name, PASSWORD, &format!("{name}@example.org"));
    }
    machine.must("usermod -L locked; chage -E 2020-01-01 expired; usermod -s /usr/sbin/nologin nologin");

    for way in ["1", "2"] {
        if way == "2" {
            // Wrong codes rest an account for a day.
            machine.agent().hours_later(30);
        }
        let (expected, usual) = story_of(&machine, "alice", way);
        for name in ["locked", "expired", "nologin", "outside", "unregistered", "root", "daemon", "nobody-at-all"] {
            let (shown, times) = story_of(&machine, name, way);
            assert_eq!(shown, expected, "{name}");
            for (time, usual) in times.iter().zip(&usual) {
                let apart = if time > usual { *time - *usual } else { *usual - *time };
                assert!(apart < Duration::from_millis(500), "{name}: {times:?} and {usual:?}");
            }
        }
    }
}

#[test]
fn an_account_that_is_locked_after_the_code_was_sent_is_refused_with_the_right_code_and_nothing_is_changed() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.registers_email("alice", PASSWORD, "alice@example.org");
    machine.registers_email("bob", PASSWORD, "bob@example.org");

    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).type_line("1").expect("Code: ");
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
