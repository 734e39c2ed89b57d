//! An agent that was taken over: it plays every move that its bus allows, and reaches what docs/security.md says.

use std::time::Duration;

use sspr_config::dialogue::{Ask, Standing, UNTOLD};

use crate::bus::Bus;
use crate::fake_agent::{PASSWORD, Part, SLOW, asks, binds, ends};
use crate::login::{Does, ECHO_OFF, ECHO_ON, ERROR, HINTED, INFO, Login, PERM_DENIED, SUCCESS, alice};

/// What an agent can begin an answer with that should not have any.
fn moves() -> Vec<Vec<Part>> {
    vec![
        vec![ends(Standing::Denied, "Permission denied")],
        vec![asks(1, Ask::Secret, "The password database was repaired. To go on,", "Password: ")],
        vec![asks(1, Ask::Secret, "", "Once more: "), ends(Standing::Finished, "")],
        vec![asks(1, Ask::NewPassword, "", "New: "), ends(Standing::Recovered, "")],
        vec![asks(1, Ask::Line, "Type your current password.", "Password: ")],
        vec![asks(1, Ask::Line, "Your pass\u{200b}word", "is wrong: ")],
        vec![asks(1, Ask::Vouch, "", ""), asks(2, Ask::Secret, "", "Once more: ")],
        vec![asks(1, Ask::Vouch, "", ""), asks(2, Ask::Vouch, "", "")],
        vec![asks(1, Ask::Password, "", ""), ends(Standing::Finished, "")],
        vec![asks(1, Ask::Vouch, "", ""), asks(2, Ask::Password, "", "")],
        vec![ends(Standing::Finished, "Wrong password, try https://example.org")],
        vec![asks(1, Ask::Nothing, "", "")],
        vec![Part::Babbles],
    ]
}

fn signs_in(bus: &Bus) -> Login {
    alice(bus).types(PASSWORD).and_account()
}

/// Nothing of `password` reached the agent, whatever it heard; what the helper heard is not the agent's.
#[track_caller]
fn assert_not_heard(bus: &Bus, password: &[u8]) {
    for heard in bus.heard().iter().filter(|heard| heard.member != "Vouch") {
        let in_words = heard.words.iter().any(|word| word.as_bytes().windows(password.len()).any(|w| w == password));
        let in_answer = heard.answer.windows(password.len()).any(|window| window == password);
        assert!(!in_words && !in_answer, "{heard:?}");
    }
}

#[test]
fn whatever_an_agent_does_after_a_right_password_the_sign_in_goes_on_and_nothing_hidden_is_asked() {
    for service in ["login", "sshd"] {
        for parts in moves() {
            let bus = Bus::with_agent(parts);
            let report = signs_in(&bus).service(service).run();
            assert_eq!(report.codes, [SUCCESS, SUCCESS]);
            assert_eq!(report.shown(), [(ECHO_OFF, HINTED)]);
            assert_not_heard(&bus, PASSWORD);
            report.assert_host_untouched();
        }
    }
}

/// The sign-in page that asks for the password once more: the first two audits of this product found it.
#[test]
fn of_root_a_system_account_and_a_name_without_an_account_the_agent_hears_nothing_after_a_sign_in() {
    for name in ["root", "daemon", "backup-host", "nobody-has-this"] {
        for parts in moves() {
            let bus = Bus::with_agent(parts);
            let report = signs_in(&bus).user(Some(name.as_bytes())).required().run();
            assert_eq!(report.codes, [SUCCESS, SUCCESS], "{name}");
            assert_eq!(report.shown(), [(ECHO_OFF, HINTED)], "{name}");
            assert!(bus.heard().is_empty(), "{name}");
        }
    }
}

#[test]
fn nobody_is_kept_out_unless_roots_helper_wrote_that_it_is_required() {
    let denies = || Bus::with_agent(vec![ends(Standing::Denied, "Required.")]);
    let breaks_off = || Bus::with_agent(vec![binds(1, "Required.", "? ")]);
    assert_eq!(signs_in(&denies()).run().codes, [SUCCESS, SUCCESS]);
    assert_eq!(signs_in(&breaks_off()).does(Does::Fails).run().codes, [SUCCESS, SUCCESS]);
    let report = signs_in(&denies()).required().run();
    assert_eq!(report.codes, [SUCCESS, PERM_DENIED]);
    assert_eq!(report.shown().last(), Some(&(ERROR, "Required.")));
    let report = signs_in(&breaks_off()).required().does(Does::Fails).run();
    assert_eq!(report.codes, [SUCCESS, PERM_DENIED]);
}

#[test]
fn in_a_reset_the_agent_gets_nothing_hidden_but_a_new_password_typed_twice() {
    for ask in [Ask::Secret, Ask::Vouch, Ask::Password] {
        let bus = Bus::with_agent(vec![asks(1, ask, "To go on, the old one:", "Password: ")]);
        let report = alice(&bus).types("").types(PASSWORD).run();
        assert_eq!(report.shown().len(), 2);
        assert!(report.shown()[1].1.starts_with("Reset isn't available right now."));
        report.assert_password("hunter2");
        assert_not_heard(&bus, PASSWORD);
    }
}

#[test]
fn the_helper_alone_gets_what_was_typed_and_the_agent_a_yes_or_a_no() {
    let bus = Bus::with_agent(vec![
        asks(1, Ask::Vouch, "", ""),
        asks(2, Ask::Line, "Register now?", "y/n: "),
        ends(Standing::Finished, "Done."),
    ]);
    let report = signs_in(&bus).types("y").run();
    assert_eq!(report.shown()[1..], [(ECHO_ON, "Register now?\ny/n: "), (INFO, "Done.")]);
    assert_eq!(bus.heard_members(), ["Begin", "Vouch", "Answer", "Answer"]);
    let heard = bus.heard();
    assert_eq!((heard[1].words[0].as_str(), heard[1].sealed), ("alice", true));
    assert!(!heard[1].no_auto_start, "the helper is started by the bus when it is needed");
    assert_eq!(heard[2].answer, b"yes");
    assert_not_heard(&bus, PASSWORD);
    report.assert_host_untouched();
}

#[test]
fn what_is_not_known_to_be_right_is_no_and_the_sign_in_is_held_up_by_a_second_at_most() {
    for typed in [b"another".as_slice(), SLOW, b"hunter2 493817", &[b'x'; 600]] {
        let bus = Bus::with_agent(vec![asks(1, Ask::Vouch, "", ""), ends(Standing::Finished, "Type: sspr enroll")]);
        let report = alice(&bus).types(typed).and_account().run();
        assert_eq!(report.codes, [SUCCESS, SUCCESS]);
        assert_eq!(report.shown()[1..], [(INFO, "Type: sspr enroll")]);
        // That nobody could tell is no yes either.
        let answer = bus.heard().last().map(|heard| heard.answer.clone()).unwrap();
        assert_eq!(answer, if typed == SLOW { UNTOLD } else { b"" });
        assert!(report.took[1] < Duration::from_millis(1300), "{:?}", report.took[1]);
        report.assert_host_untouched();
    }
}

#[test]
fn the_password_of_an_account_of_this_machine_stays_here_also_on_a_host_of_a_fleet() {
    for of_a_fleet in [false, true] {
        let bus = Bus::with_agent(vec![asks(1, Ask::Password, "", "")]);
        let login = signs_in(&bus);
        let report = if of_a_fleet { login.of_a_fleet() } else { login }.run();
        assert_eq!(report.codes, [SUCCESS, SUCCESS]);
        assert_eq!(report.shown(), [(ECHO_OFF, HINTED)]);
        assert_eq!(bus.heard_members(), ["Begin", "Cancel"]);
        assert_not_heard(&bus, PASSWORD);
        report.assert_host_untouched();
    }
}

/// What was typed is kept for the account phase, and not longer.
#[test]
fn a_sign_in_that_never_comes_to_the_account_phase_loses_no_memory_with_the_password_in_it() {
    let bus = Bus::empty();
    let report = alice(&bus).checked().types(PASSWORD).run_bare();
    assert_eq!(report.codes, [SUCCESS]);
    report.assert_host_untouched();
}
