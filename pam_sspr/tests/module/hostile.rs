//! Hosts and agents that do what none should: no way to ask, no answers, calls in the wrong order, forks, threads, and
//! words without end.

use rustix::process::Signal;
use sspr_config::dialogue::{Ask, Standing};

use crate::bus::Bus;
use crate::fake_agent::{asks, ends};
use crate::login::{Act, Does, ECHO_OFF, ECHO_ON, HINTED, NEXT_MODULE, PERM_DENIED, SUCCESS, alice};

/// Everything that a host can ask of a module.
const ALL: [Act; 6] =
    [Act::Authenticate, Act::Account, Act::SetCredentials, Act::ChangePassword, Act::OpenSession, Act::CloseSession];

#[test]
fn a_host_without_a_conversation_is_left_to_the_other_modules() {
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Finished, "")]);
    let report = alice(&bus).without_conversation().and_account().run_bare();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert!(bus.heard().is_empty());
    report.assert_host_untouched();
}

#[test]
fn whatever_a_conversation_returns_in_place_of_an_answer_is_breaking_off_at_each_question() {
    // PAM_BUF_ERR, PAM_CONV_ERR, PAM_ABORT, PAM_CONV_AGAIN, PAM_INCOMPLETE, and numbers that mean nothing.
    let codes = [5, 19, 26, 30, 31, 32, 255, 9999, -1, i32::MIN, i32::MAX];
    for does in codes.map(Does::Returns).into_iter().chain([Does::NoResponse, Does::Nothing]) {
        let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "Code: ")]);
        let report = alice(&bus).does(does.clone()).run();
        assert_eq!(report.shown(), [(ECHO_OFF, HINTED), (ECHO_OFF, NEXT_MODULE)]);
        assert_eq!(report.password, None);
        assert!(bus.heard().is_empty());
        let report = alice(&bus).types("").does(does).run();
        assert_eq!(report.shown()[1..], [(ECHO_ON, "Code: "), (ECHO_OFF, NEXT_MODULE)]);
        assert_eq!(report.password, None);
        assert_eq!(bus.heard_members(), ["Begin", "Cancel"]);
        report.assert_host_untouched();
    }
}

#[test]
fn a_host_that_authenticates_twice_in_one_transaction_is_asked_twice_and_the_last_one_counts() {
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Denied, "Required.")]);
    let report = alice(&bus).required().types("wrong").types("hunter2").and(Act::Authenticate).and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS, PERM_DENIED]);
    report.assert_password("hunter2");
    assert_eq!(bus.heard_members(), ["Begin"]);

    // What was typed first is no reason to offer registration when the second time brings nothing.
    let report = alice(&bus).types("hunter2").does(Does::Fails).and(Act::Authenticate).and_account().run();
    assert_eq!(report.codes[2], SUCCESS);
    assert_eq!(bus.heard_members(), ["Begin"]);
    report.assert_host_untouched();
}

#[test]
fn in_every_stack_and_call_the_module_grants_nothing_and_refuses_nothing_by_itself() {
    const PAM_DISALLOW_NULL_AUTHTOK: i32 = 1;
    const PAM_SILENT: i32 = 0x8000;
    for flags in [0, PAM_DISALLOW_NULL_AUTHTOK, PAM_SILENT, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK, -1] {
        let bus = Bus::with_agent_for_ever(vec![ends(Standing::Finished, "")]);
        let mut all = alice(&bus).types("hunter2").flags(flags);
        all.acts = ALL.to_vec();
        let report = all.clone().run_bare();
        // pam_chauthtok minds its flags.
        let changed = if flags == -1 { report.codes[3] } else { SUCCESS };
        assert_eq!(report.codes, [SUCCESS, SUCCESS, SUCCESS, changed, SUCCESS, SUCCESS], "{flags:#x}");
        // -1 is PAM_SILENT too: such a host asks nobody anything.
        let heard: &[&str] = if flags & PAM_SILENT == 0 { &["Begin"] } else { &[] };
        assert_eq!(bus.heard_members(), heard, "by account, and by no other");
        report.assert_host_untouched();
        for act in ALL.into_iter().filter(|act| *act != Act::Account) {
            let mut one = alice(&bus).types("hunter2").flags(flags);
            one.acts = vec![act];
            assert_ne!(one.run_alone().codes, [SUCCESS], "{flags:#x}");
        }
    }
}

#[test]
fn an_empty_password_goes_to_the_modules_behind_that_may_have_been_told_to_refuse_it() {
    const PAM_DISALLOW_NULL_AUTHTOK: i32 = 1;
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Refused, "")]);
    let login = alice(&bus).flags(PAM_DISALLOW_NULL_AUTHTOK).types("").types("");
    login.run().assert_password("");
}

#[test]
fn a_host_that_a_broken_pipe_would_kill_lives_when_the_bus_dies_in_the_dialogue() {
    for member in [Bus::daemon_pid as fn(&Bus) -> i32, Bus::agent_pid] {
        let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "Code: "), asks(2, Ask::NewPassword, "", "New: ")]);
        let dies = |typed: &str| {
            Does::Signals(member(&bus), Signal::KILL.as_raw(), Does::Types(typed.as_bytes().to_vec()).into())
        };
        let report = alice(&bus).sigpipe_kills().types("").types("493817").does(dies("pw")).types("hunter2").run();
        assert_eq!(report.shown().len(), 4, "{:?}", report.shown());
        report.assert_password("hunter2");
        report.assert_host_untouched();
    }
}

#[test]
fn a_host_that_signed_somebody_in_and_forks_signs_the_next_one_in_as_well() {
    let bus = Bus::with_agent_for_ever(vec![asks(1, Ask::Line, "", "Code: "), ends(Standing::Refused, "No.")]);
    let report = alice(&bus).after_fork().types("").types("1").types("hunter2").run();
    assert_eq!(report.codes, [SUCCESS]);
    assert_eq!(report.shown().last(), Some(&(ECHO_OFF, "No.\nPassword: ")));
    report.assert_password("hunter2");
    assert_eq!(bus.heard_members(), ["Begin", "Answer", "Begin", "Answer"]);
    report.assert_host_untouched();
}

#[test]
fn twenty_threads_of_one_host_sign_in_at_once_and_leave_it_as_it_was() {
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Refused, "No.")]);
    let report = alice(&bus).at_once(20).times(10).types("").types("hunter2").run_bare();
    assert_eq!(report.codes, [SUCCESS; 20]);
    let refused = report.shown().iter().filter(|shown| shown.1 == "No.\nPassword: ").count();
    assert_eq!((refused, bus.heard().len()), (20, 200));
    report.assert_host_untouched();
}

#[test]
fn an_agent_that_never_stops_talking_fills_no_screen_and_moves_no_cursor() {
    let endless = "\u{1b}[2J\u{202e}\u{9b}31m\rdrow ".repeat(100_000);
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, &endless, &endless), ends(Standing::Refused, &endless)]);
    let report = alice(&bus).types("").types("1").types("hunter2").run();
    assert_eq!(report.shown().len(), 3);
    for (_, shown) in report.shown() {
        assert!(shown.len() < 9000, "{}", shown.len());
        assert!(shown.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')), "{shown:?}");
    }
    report.assert_password("hunter2");
    report.assert_host_untouched();
}
