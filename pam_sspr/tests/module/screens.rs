//! Screens that draw text themselves: a message, then a question of one line.

use sspr_config::dialogue::{Ask, Standing};

use crate::bus::Bus;
use crate::fake_agent::{asks, ends};
use crate::login::{ECHO_OFF, ECHO_ON, HINTED, INFO, SUCCESS, alice};

const MENU: &str = "How do you want to show that it is you?\n  e     a code by email\n  or type your phone number";

#[test]
fn a_screen_is_told_what_to_read_and_asked_in_one_line_and_a_terminal_is_asked_in_one_prompt() {
    let said = "How do you want to show that it is you? e: a code by email; or type your\nphone number";
    let narrow = "How do you want to show that it\nis you?\ne: a code by email;\nor type your phone number";
    for (service, arguments, message) in [
        ("greetd", "", Some(said.to_owned())),
        ("lightdm", "", Some(format!("{narrow}\nYour choice"))),
        ("my-greeter", "services=my-greeter screens=my-greeter", Some(said.to_owned())),
        ("my-shell", "services=my-shell", None),
        ("sshd", "", None),
    ] {
        let bus = Bus::with_agent(vec![asks(1, Ask::Line, MENU, "Your choice: "), ends(Standing::Refused, "Not now.")]);
        let person = alice(&bus).service(service).arg(arguments).types("").types("e").types("hunter2");
        let report = person.run();
        let shown: Vec<(i32, String)> = match message {
            Some(message) => vec![
                (ECHO_OFF, HINTED.into()),
                (INFO, message),
                (ECHO_ON, "Your choice: ".into()),
                (INFO, if service == "lightdm" { "Not now.\nPassword".into() } else { "Not now.".to_owned() }),
                (ECHO_OFF, "Password: ".into()),
            ],
            None => vec![
                (ECHO_OFF, HINTED.into()),
                (ECHO_ON, format!("{MENU}\nYour choice: ")),
                (ECHO_OFF, "Not now.\nPassword: ".into()),
            ],
        };
        assert_eq!(report.shown, shown, "{service}");
        assert_eq!(report.codes, [SUCCESS], "{service}");
        report.assert_host_untouched();
    }
}

/// Its session program writes each message to the journal.
#[test]
fn cockpit_is_told_nothing_and_asked_in_one_line_without_line_ends() {
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, MENU, "Your choice: "), ends(Standing::Refused, "Not now.")]);
    let report = alice(&bus).service("cockpit").types("").types("e").types("hunter2").run();
    let menu = "How do you want to show that it is you? e: a code by email; or type your phone number. Your choice: ";
    assert_eq!(report.shown(), [(ECHO_OFF, HINTED), (ECHO_ON, menu), (ECHO_OFF, "Not now. Password: ")]);
    report.assert_host_untouched();
}
