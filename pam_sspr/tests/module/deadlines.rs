//! How long anybody is kept waiting by what does not answer.

use std::time::Duration;

use rustix::process::Signal;
use sspr_config::dialogue::{Ask, Standing};

use crate::bus::{Bus, signal};
use crate::fake_agent::{Part, asks, ends};
use crate::login::{Does, ECHO_OFF, HINTED, SUCCESS, alice};

/// What a right password may cost more because of us.
const SIGN_IN_MAX: Duration = Duration::from_secs(2);

#[track_caller]
fn assert_sign_in_goes_on(bus: &Bus) {
    let report = alice(bus).types("hunter2").and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert_eq!(report.shown(), [(ECHO_OFF, HINTED)]);
    let took = report.took[1];
    assert!(took >= Duration::from_millis(950), "the agent was not waited for: {took:?}");
    assert!(took < SIGN_IN_MAX, "{took:?}");
    report.assert_host_untouched();
}

#[test]
fn a_right_password_is_in_within_two_seconds_though_the_agent_is_frozen() {
    let bus = Bus::with_agent(vec![]);
    signal(bus.agent_pid(), Signal::STOP);
    assert_sign_in_goes_on(&bus);
}

#[test]
fn a_right_password_is_in_within_two_seconds_though_the_agent_never_answers() {
    assert_sign_in_goes_on(&Bus::with_agent(vec![Part::IsSilent]));
}

#[test]
fn a_right_password_is_in_within_two_seconds_though_the_bus_is_frozen() {
    let bus = Bus::with_agent(vec![]);
    signal(bus.daemon_pid(), Signal::STOP);
    assert_sign_in_goes_on(&bus);
}

#[test]
fn a_right_password_is_in_within_two_seconds_though_the_bus_takes_no_more_connections() {
    // A listener whose queue is full: connect(2) itself would wait.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let socket = rustix::net::socket(rustix::net::AddressFamily::UNIX, rustix::net::SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &rustix::net::SocketAddrUnix::new(&path).unwrap()).unwrap();
    rustix::net::listen(&socket, 0).unwrap();
    let _fills_the_queue = std::os::unix::net::UnixStream::connect(&path).unwrap();
    let report = crate::login::at(&format!("unix:path={}", path.display())).types("hunter2").and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert!(report.took[1] < SIGN_IN_MAX, "{:?}", report.took[1]);
    report.assert_host_untouched();
}

#[test]
fn enter_is_answered_though_agent_or_bus_are_frozen() {
    for freeze in [Bus::agent_pid as fn(&Bus) -> i32, Bus::daemon_pid] {
        let bus = Bus::with_agent(vec![]);
        signal(freeze(&bus), Signal::STOP);
        let report = alice(&bus).types("").types("hunter2").run();
        assert_eq!(report.shown().len(), 2);
        assert!(report.shown()[1].1.starts_with("Reset isn't available right now."));
        report.assert_password("hunter2");
        // A program with an empty password, whose host serves nobody else meanwhile, is held up by a second.
        assert!(report.took[0] < Duration::from_millis(1900), "{:?}", report.took[0]);
        report.assert_host_untouched();
    }
}

#[test]
fn an_agent_that_freezes_in_the_dialogue_is_given_up_on_after_fifteen_seconds() {
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "Code: "), Part::Freezes]);
    let report = alice(&bus).types("").types("493817").types("hunter2").run();
    assert!(report.shown()[2].1.starts_with("The connection to the reset service was lost."));
    report.assert_password("hunter2");
    let took = report.took[0];
    assert!(took > Duration::from_secs(14) && took < Duration::from_secs(20), "{took:?}");
    report.assert_host_untouched();
}

#[test]
fn signals_that_interrupt_system_calls_change_nothing() {
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "Code: "), ends(Standing::Refused, "No."), Part::IsSilent]);
    let report = alice(&bus).with_alarms().types("").types("1").types("hunter2").and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    report.assert_password("hunter2");
    let took = report.took[1];
    assert!(took >= Duration::from_millis(950) && took < SIGN_IN_MAX, "{took:?}");
    report.assert_host_untouched();
}

#[test]
fn breaking_off_does_not_wait_for_a_frozen_bus() {
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "Code: ")]);
    let freeze = Does::Signals(bus.daemon_pid(), Signal::STOP.as_raw(), Does::Fails.into());
    let report = alice(&bus).types("hunter2").does(freeze).and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert_eq!(report.shown().len(), 2);
    assert!(report.took[1] < SIGN_IN_MAX, "{:?}", report.took[1]);
    report.assert_host_untouched();
}
