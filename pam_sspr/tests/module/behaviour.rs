//! What people, and the modules behind ours, see.

use std::os::unix::{fs::symlink, net::UnixListener};
use std::time::SystemTime;

use rustix::process::Signal;
use sspr_config::dialogue::{Ask, Standing};

use crate::bus::Bus;
use crate::fake_agent::{Part, asks, ends};
use crate::login::{Does, ECHO_OFF, ECHO_ON, ERROR, HINTED, INFO, NEXT_MODULE, PERM_DENIED, SUCCESS, alice, at};

const UNAVAILABLE: &str = "Reset isn't available right now. Try again later.\nPassword: ";
const LOST: &str =
    "The connection to the reset service was lost.\nPress Enter to go on with the same code.\nPassword: ";

/// A bus address where a listener waits that must not be called.
struct Trap {
    dir: tempfile::TempDir,
    listener: UnixListener,
}

impl Trap {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("bus")).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self { dir, listener }
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.dir.path().join("bus").display())
    }

    #[track_caller]
    fn assert_nobody_called(&self) {
        let called = self.listener.accept();
        assert_eq!(called.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}

/// The parts of an agent that a person recovers with.
fn recovery() -> Vec<Part> {
    vec![
        asks(1, Ask::Line, "A code is on its way.", "Code: "),
        asks(2, Ask::NewPassword, "Thank you.", "New password: "),
        asks(3, Ask::Secret, "", "Again: "),
        ends(Standing::Recovered, "Your password is changed."),
    ]
}

#[test]
fn a_typed_password_goes_to_the_modules_behind_and_nobody_calls_the_bus() {
    let trap = Trap::new();
    let report = at(&trap.address()).types("hunter2").run();
    assert_eq!(report.codes, [SUCCESS]);
    assert_eq!(report.shown(), [(ECHO_OFF, HINTED)]);
    report.assert_password("hunter2");
    report.assert_host_untouched();
    trap.assert_nobody_called();
}

#[test]
fn without_the_hint_the_prompt_is_the_usual_one() {
    let report = at(&Trap::new().address()).arg("hint=no").types("hunter2").run();
    assert_eq!(report.shown(), [(ECHO_OFF, "Password: ")]);
    report.assert_password("hunter2");
}

#[test]
fn services_that_are_not_on_the_list_see_no_prompt_and_cause_no_bus_traffic() {
    let trap = Trap::new();
    for service in ["sudo", "su", "cron", "dovecot", "passwd"] {
        let report = at(&trap.address()).service(service).types("").and_account().run();
        assert_eq!(report.codes, [SUCCESS, SUCCESS], "{service}");
        assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)], "{service}");
        report.assert_host_untouched();
    }
    trap.assert_nobody_called();
}

#[test]
fn one_file_switches_the_module_off_at_once_and_without_the_bus() {
    let directory = tempfile::tempdir().unwrap();
    let (off, trap) = (directory.path().join("off"), Trap::new());
    let signs_in = || at(&trap.address()).arg(&format!("off={}", off.display())).types("hunter2");
    assert_eq!(signs_in().run().shown()[0], (ECHO_OFF, HINTED));
    std::fs::write(&off, "").unwrap();
    let report = signs_in().and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)]);
    report.assert_host_untouched();
    trap.assert_nobody_called();
}

#[test]
fn the_list_of_services_can_be_set() {
    let trap = Trap::new();
    let report = at(&trap.address()).service("vlock").arg("services=vlock").types("x").run();
    assert_eq!(report.shown(), [(ECHO_OFF, HINTED)]);
    let report = at(&trap.address()).arg("services=vlock").types("x").run();
    assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)]);
}

#[test]
fn an_argument_that_is_not_understood_lets_the_sign_in_go_on_as_without_us() {
    let trap = Trap::new();
    for arg in ["nonsense", "hint=maybe", "services=", "bus=tcp:host=localhost"] {
        let report = at(&trap.address()).arg(arg).types("hunter2").and_account().run();
        assert_eq!(report.codes, [SUCCESS, SUCCESS], "{arg}");
        assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)], "{arg}");
        report.assert_password("hunter2");
    }
    trap.assert_nobody_called();
}

#[test]
fn a_password_that_an_earlier_module_asked_for_is_left_alone() {
    let trap = Trap::new();
    let earlier = "auth optional pam_exec.so quiet expose_authtok /bin/true";
    let report = at(&trap.address()).after_module(earlier).types("hunter2").and_account().run();
    assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)]);
    report.assert_password("hunter2");
    trap.assert_nobody_called();
}

#[test]
fn a_public_key_sign_in_causes_no_bus_traffic_in_account() {
    let trap = Trap::new();
    let report = at(&trap.address()).service("sshd").only_account().run();
    assert_eq!(report.codes, [SUCCESS]);
    assert_eq!(report.shown(), []);
    trap.assert_nobody_called();
}

#[test]
fn a_sign_in_of_somebody_whom_the_agent_noted_as_settled_causes_no_bus_traffic() {
    // libpam.rs has the account; the module asks libpam for its uid.
    let run = tempfile::tempdir().unwrap();
    let notes = run.path().join("sspr/settled");
    std::fs::create_dir_all(&notes).unwrap();
    let settled = format!("settled={}", notes.display());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let signs_in = |bus: &str| {
        let report = at(bus).arg(&settled).types("hunter2").and_account().run();
        assert_eq!(report.codes, [SUCCESS, SUCCESS]);
        report.assert_host_untouched();
    };
    let note = |until: u64| symlink(format!("1234:{until}"), notes.join("alice")).unwrap();
    note(now + 3600);
    let trap = Trap::new();
    signs_in(&trap.address());
    trap.assert_nobody_called();

    std::fs::remove_file(notes.join("alice")).unwrap();
    note(now - 1);
    let bus = Bus::with_agent(vec![ends(Standing::Finished, "")]);
    signs_in(&bus.address());
    assert_eq!(bus.heard_members(), ["Begin"]);
}

#[test]
fn the_language_is_the_transactions_else_the_hosts_and_an_argument_counts_more() {
    let hint = |login: crate::login::Login| {
        let report = login.service("sshd").types("hunter2").run();
        report.assert_password("hunter2");
        report.assert_host_untouched();
        let prompt = report.shown()[0].1.to_owned();
        assert!(prompt.ends_with("\nPassword: "), "{prompt}");
        prompt
    };
    let german = || at(&Trap::new().address()).env("LC_ALL", "de_DE.UTF-8");
    assert!(hint(german()).starts_with("Vergessen?"));
    assert!(hint(german().env("LC_ALL", "").env("LANG", "fr_FR.UTF-8")).starts_with("Un oubli ?"));
    assert!(hint(german().arg("lang=ja")).starts_with("Forgotten?"), "ASCII at sshd");
    assert!(hint(german().arg("lang=auto")).starts_with("Vergessen?"));
    for nonsense in ["de_DE.UTF-8".repeat(1000).as_str(), "\u{1b}[31m", "xx_XX.UTF-8", "C"] {
        assert!(hint(german().env("LC_ALL", nonsense)).starts_with("Forgotten?"), "{nonsense:?}");
    }
    assert!(hint(german().transaction_env("LC_MESSAGES=pl_PL.UTF-8")).starts_with("Nie znasz go?"));
    // Elsewhere the host shows what it has the characters for.
    let report = german().service("gdm").arg("services=gdm").arg("lang=ja").local().types("hunter2").run();
    assert!(report.shown()[0].1.starts_with("お忘れ"));
}

#[test]
fn at_a_text_console_nothing_is_shown_that_its_font_or_encoding_has_not() {
    let hint = |locale: &str| {
        let text_console = at(&Trap::new().address()).service("vlock").arg("services=vlock").tty("tty7").local();
        let mut report = text_console.env("LC_ALL", locale).types("hunter2").run();
        report.shown.remove(0).1
    };
    assert!(hint("de_DE.UTF-8").starts_with("Vergessen?"));
    for locale in ["ja_JP.UTF-8", "zh_CN.UTF-8", "de_DE", "ja_JP.eucJP"] {
        assert!(hint(locale).starts_with("Forgotten?"), "{locale}");
    }
}

#[test]
fn enter_resets_and_the_new_password_goes_to_the_modules_behind() {
    let bus = Bus::with_agent(recovery());
    let report = alice(&bus).types("").types("493817").types("correct horse").types("correct horse").run();
    assert_eq!(
        report.shown(),
        [
            (ECHO_OFF, HINTED),
            (ECHO_ON, "A code is on its way.\nCode: "),
            (ECHO_OFF, "Thank you.\nNew password: "),
            (ECHO_OFF, "Again: "),
            (INFO, "Your password is changed."),
        ]
    );
    assert_eq!(report.codes, [SUCCESS]);
    report.assert_password("correct horse");
    report.assert_host_untouched();

    let heard = bus.heard();
    assert_eq!(bus.heard_members(), ["Begin", "Answer", "AnswerSealed", "AnswerSealed"]);
    assert_eq!(heard[0].words, ["recover", "alice", "login", &report.tty, "192.0.2.7", "C.UTF-8"]);
    assert!(heard.iter().all(|heard| heard.no_auto_start));
    assert!(heard[1..].iter().all(|heard| heard.words == ["handle-7"]));
    assert_eq!(heard.iter().map(|heard| heard.turn).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(heard[1].answer, b"493817");
    assert_eq!(heard[2].answer, b"correct horse");
    assert!(heard[2].sealed && heard[3].sealed);
}

#[test]
fn our_module_alone_never_grants_a_sign_in() {
    let bus = Bus::with_agent(recovery());
    let report = alice(&bus).types("").types("493817").types("correct horse").types("correct horse").run_alone();
    assert_eq!(report.shown().last(), Some(&(INFO, "Your password is changed.")));
    assert_ne!(report.codes, [SUCCESS]);
    let report = alice(&bus).types("hunter2").run_alone();
    assert_ne!(report.codes, [SUCCESS]);
}

#[test]
fn ctrl_c_at_any_prompt_leaves_no_password() {
    for typed_before in 0..=3 {
        let bus = Bus::with_agent(recovery());
        let mut login = alice(&bus);
        for typed in ["", "493817", "correct horse"].iter().take(typed_before) {
            login = login.types(typed);
        }
        let report = login.does(Does::Fails).run();
        // The module behind ours found no password and asked for one itself.
        assert_eq!(report.shown().last(), Some(&(ECHO_OFF, NEXT_MODULE)), "{typed_before}");
        assert_eq!(report.password, None, "{typed_before}");
        let cancelled = typed_before > 0;
        assert_eq!(bus.heard_members().contains(&"Cancel".to_owned()), cancelled, "{typed_before}");
        report.assert_host_untouched();
    }
}

#[test]
fn a_conversation_that_brings_nothing_is_taken_for_breaking_off() {
    let bus = Bus::with_agent(recovery());
    let report = alice(&bus).does(Does::Nothing).run();
    assert_eq!(report.password, None);
    assert_eq!(report.shown(), [(ECHO_OFF, HINTED), (ECHO_OFF, NEXT_MODULE)]);
    assert!(bus.heard().is_empty());
}

#[test]
fn ssh_method_password_that_cannot_ask_goes_on_with_the_sign_in() {
    // sshd answers every hidden question with the one password and fails at a visible one.
    let bus = Bus::with_agent(recovery());
    let report = alice(&bus).service("sshd").types("").does(Does::Fails).types("").run();
    assert_eq!(
        report.shown(),
        [(ECHO_OFF, HINTED), (ECHO_ON, "A code is on its way.\nCode: "), (ECHO_OFF, NEXT_MODULE)]
    );
    assert_eq!(bus.heard_members(), ["Begin", "Cancel"]);
}

#[test]
fn after_a_refusal_the_old_password_can_be_typed() {
    let bus = Bus::with_agent(vec![ends(Standing::Refused, "That code is not right.")]);
    let report = alice(&bus).types("").types("hunter2").run();
    assert_eq!(report.shown(), [(ECHO_OFF, HINTED), (ECHO_OFF, "That code is not right.\nPassword: ")]);
    report.assert_password("hunter2");
}

#[test]
fn enter_for_ever_ends_as_an_empty_password() {
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Refused, "No.")]);
    let report = alice(&bus).types("").types("").run();
    assert_eq!(report.shown().len(), 2);
    assert_eq!(bus.heard().len(), 1);
    report.assert_password("");
}

#[test]
fn an_agent_that_is_not_there_is_said_so_and_the_password_works() {
    let missing = tempfile::tempdir().unwrap();
    let no_socket = format!("unix:path={}/bus", missing.path().display());
    let empty = Bus::empty();
    for address in [no_socket, empty.address()] {
        let report = at(&address).types("").types("hunter2").and_account().run();
        assert_eq!(report.shown(), [(ECHO_OFF, HINTED), (ECHO_OFF, UNAVAILABLE)]);
        assert_eq!(report.codes, [SUCCESS, SUCCESS]);
        report.assert_password("hunter2");
        report.assert_host_untouched();
    }
}

#[test]
fn an_agent_that_errs_or_babbles_is_not_available() {
    let errors = ["org.pam_sspr.Error.Unavailable", "org.freedesktop.DBus.Error.AccessDenied", "org.example.Mad"];
    let parts = errors.map(|name| Part::Fails(name.into())).into_iter().chain([Part::Babbles]);
    for part in parts {
        let bus = Bus::with_agent(vec![part]);
        let report = alice(&bus).types("").types("hunter2").run();
        assert_eq!(report.shown(), [(ECHO_OFF, HINTED), (ECHO_OFF, UNAVAILABLE)]);
        report.assert_password("hunter2");
        report.assert_host_untouched();
    }
}

#[test]
fn an_agent_killed_in_the_dialogue_is_lost_and_the_password_works() {
    let bus = Bus::with_agent(recovery());
    let kill = Does::Signals(bus.agent_pid(), Signal::KILL.as_raw(), Does::Types(b"493817".to_vec()).into());
    let report = alice(&bus).types("").does(kill).types("hunter2").run();
    assert_eq!(report.shown().last(), Some(&(ECHO_OFF, LOST)));
    report.assert_password("hunter2");
    report.assert_host_untouched();
}

#[test]
fn an_agent_that_dies_of_a_new_password_leaves_none() {
    let mut parts = recovery();
    parts[2] = Part::Dies;
    let bus = Bus::with_agent(parts);
    let report = alice(&bus).types("").types("493817").types("correct horse").does(Does::Fails).run();
    assert_eq!(report.shown()[3], (ECHO_OFF, LOST));
    assert_eq!(report.password, None);
}

#[test]
fn a_bus_killed_in_the_dialogue_is_lost_and_the_password_works() {
    let bus = Bus::with_agent(recovery());
    let kill = Does::Signals(bus.daemon_pid(), Signal::KILL.as_raw(), Does::Types(b"493817".to_vec()).into());
    let report = alice(&bus).types("").does(kill).types("").types("hunter2").run();
    assert_eq!(report.shown()[2..], [(ECHO_OFF, LOST), (ECHO_OFF, UNAVAILABLE)]);
    report.assert_password("hunter2");
    report.assert_host_untouched();
}

#[test]
fn a_registered_person_sees_nothing_in_account() {
    let bus = Bus::with_agent(vec![ends(Standing::Finished, "")]);
    let report = alice(&bus).types("hunter2").and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert_eq!(report.shown(), [(ECHO_OFF, HINTED)]);
    assert_eq!(bus.heard()[0].words[0], "register");
    report.assert_host_untouched();
}

#[test]
fn registration_is_carried_out_in_account() {
    let bus = Bus::with_agent(vec![
        asks(1, Ask::Line, "Register now?", "y/n: "),
        asks(2, Ask::Line, "", "Email: "),
        ends(Standing::Finished, "Done."),
    ]);
    let report = alice(&bus).types("hunter2").types("y").types("alice@example.org").and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert_eq!(report.shown()[1..], [(ECHO_ON, "Register now?\ny/n: "), (ECHO_ON, "Email: "), (INFO, "Done.")]);
    report.assert_host_untouched();
}

#[test]
fn a_declined_required_registration_denies_the_sign_in() {
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "y/n: "), ends(Standing::Denied, "It is required.")]);
    let report = alice(&bus).required().types("hunter2").types("n").and_account().run();
    assert_eq!(report.codes, [SUCCESS, PERM_DENIED]);
    assert_eq!(report.shown().last(), Some(&(ERROR, "It is required.")));
}

#[test]
fn no_failure_in_account_keeps_anybody_out() {
    for parts in [vec![Part::Fails("org.example.Mad".into())], vec![Part::Dies], vec![Part::Babbles]] {
        let bus = Bus::with_agent(parts);
        assert_eq!(alice(&bus).types("hunter2").and_account().run().codes, [SUCCESS, SUCCESS]);
    }
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "y/n: ")]);
    let report = alice(&bus).types("hunter2").does(Does::Fails).and_account().run();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    assert_eq!(bus.heard_members(), ["Begin", "Cancel"]);
}

#[test]
fn user_names_that_are_missing_empty_over_long_or_no_text_are_left_to_the_others() {
    let trap = Trap::new();
    for user in [b"".to_vec(), b"al\xffice".to_vec(), vec![b'a'; 257], vec![b'a'; 100_000]] {
        let report = at(&trap.address()).user(Some(&user)).types("hunter2").and_account().run();
        assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)]);
        report.assert_password("hunter2");
        report.assert_host_untouched();
    }
    trap.assert_nobody_called();
}

#[test]
fn a_user_name_that_is_not_known_yet_is_asked_for_first() {
    let bus = Bus::with_agent(vec![ends(Standing::Finished, "")]);
    let report = alice(&bus).user(None).types("carol").types("hunter2").and_account().run();
    assert_eq!(report.shown(), [(ECHO_ON, "login:"), (ECHO_OFF, HINTED)]);
    assert_eq!(bus.heard()[0].words[1], "carol");
}

#[test]
fn answers_of_any_size_and_kind_reach_the_agent_cut_and_the_module_survives() {
    let bus = Bus::with_agent(recovery());
    let report = alice(&bus).types("").types("9".repeat(100_000)).types([0xff, 0x1b, b'x']).types("").run();
    let heard = bus.heard();
    assert_eq!(heard[1].answer.len(), 512);
    assert_eq!(heard[2].answer, [0xff, 0x1b, b'x']);
    assert_eq!(heard[3].answer, b"");
    assert_eq!(report.password.as_deref(), Some([0xff, 0x1b, b'x'].as_slice()));
    report.assert_host_untouched();
}

#[test]
fn a_silent_sign_in_shows_no_text_and_still_asks() {
    const PAM_SILENT: i32 = 0x8000;
    let bus = Bus::with_agent(recovery());
    let report = alice(&bus).flags(PAM_SILENT).types("").types("1").types("pw").types("pw").run();
    assert!(report.shown().iter().all(|(style, _)| *style == ECHO_ON || *style == ECHO_OFF));
    assert_eq!(report.shown().len(), 4);
    report.assert_password("pw");
}

#[test]
fn the_environment_does_not_say_where_the_bus_is() {
    let trap = Trap::new();
    let bus = Bus::with_agent(vec![ends(Standing::Refused, "No.")]);
    let mut login = alice(&bus).types("").types("hunter2");
    for name in ["DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS", "DBUS_STARTER_ADDRESS"] {
        login = login.env(name, &trap.address());
    }
    assert_eq!(login.run().shown()[1], (ECHO_OFF, "No.\nPassword: "));
    trap.assert_nobody_called();
}
