//! Programs that answer where a person is meant: they get what they would get without the module, and soon.

use std::time::Duration;

use sspr_config::dialogue::{Ask, Standing};

use crate::bus::Bus;
use crate::fake_agent::{asks, binds, ends};
use crate::login::{ECHO_OFF, ECHO_ON, HINTED, NEXT_MODULE, PERM_DENIED, SUCCESS, alice};

const PAM_SILENT: i32 = 0x8000;

/// `OpenVPN`'s plugin, python-pam, squid and rpam call themselves "login"; saslauthd, lxdm and `ProFTPD` pass `PAM_SILENT`;
/// nginx and lockers are not root.
#[test]
fn a_host_that_is_no_sign_in_of_a_person_is_asked_nothing_and_refused_nothing_although_it_is_required() {
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Denied, "Required.")]);
    let right = || alice(&bus).required().types("hunter2").and_account();
    for service in ["login", "remote"] {
        let report = right().service(service).without_terminal().run();
        assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)], "{service}");
        assert_eq!(report.codes, [SUCCESS, SUCCESS]);
        for named in ["pts/9999", "null", "/dev/null", "tty63", "ttyS99", "", "../etc/passwd"] {
            let report = right().service(service).tty(named).run();
            assert_eq!(report.shown(), [(ECHO_OFF, NEXT_MODULE)], "{service} at {named:?}");
            assert_eq!(report.codes, [SUCCESS, SUCCESS], "{named:?}");
        }
        let empty = alice(&bus).service(service).without_terminal().types("").and_account().run();
        assert_eq!(empty.shown(), [(ECHO_OFF, NEXT_MODULE)]);
    }
    for service in ["login", "sshd", "lightdm"] {
        let report = right().service(service).flags(PAM_SILENT).run();
        assert_eq!((report.codes, report.shown.len()), (vec![SUCCESS, SUCCESS], 1), "{service}");
        let report = right().service(service).not_root().run_bare();
        // An sshd that is not root is none; a locker offers a reset.
        let prompts = usize::from(service != "sshd");
        assert_eq!((report.codes, report.shown.len()), (vec![SUCCESS, SUCCESS], prompts), "{service}");
    }
    for not_sshd in [alice(&bus).not_root(), alice(&bus).flags(PAM_SILENT), alice(&bus).tty("/dev/ftpd00001")] {
        let empty = not_sshd.service("sshd").types("").and_account().run_bare();
        assert_eq!((empty.codes, empty.shown.len()), (vec![SUCCESS, SUCCESS], 0));
    }
    assert!(bus.heard().is_empty(), "{:?}", bus.heard_members());
}

#[test]
fn login_with_and_without_dev_before_its_terminals_name_is_a_person_at_it() {
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Finished, "")]);
    let first = alice(&bus).types("hunter2").and_account().run();
    assert_eq!(first.shown(), [(ECHO_OFF, HINTED)]);
    assert!(first.tty.starts_with("pts/"), "{}", first.tty);
    assert_eq!(bus.heard().len(), 1);
}

/// paramiko, curl, rclone, Ansible and most others answer every question with the password; SDDM and `mod_sftp_pam` with the name.
#[test]
fn an_answer_that_a_program_gives_ends_it_and_does_not_leave_the_module() {
    for answer in ["hunter2", "alice"] {
        let bus = Bus::with_agent(vec![asks(1, Ask::Line, "Register now?", "1 or 2: "), ends(Standing::Finished, "")]);
        let report = alice(&bus).service("sshd").types("hunter2").types(answer).and_account().run();
        assert_eq!(report.codes, [SUCCESS, SUCCESS]);
        assert_eq!(bus.heard_members(), ["Begin", "Leave"]);
        assert_eq!(bus.heard()[1].words[1], "program");
        report.assert_host_untouched();
        // The one exception of an administrator, who has registering required: refused in one round.
        let bus = Bus::with_agent(vec![binds(1, "Required.", "1 or 2: ")]);
        let report = alice(&bus).required().service("sshd").types("hunter2").types(answer).and_account().run();
        assert_eq!(report.codes, [SUCCESS, PERM_DENIED]);
        assert_eq!(bus.heard_members(), ["Begin", "Leave"]);
        assert_eq!(bus.heard()[1].words[1], "program");
    }
}

/// asyncssh, sshpass and others leave at a second question, though their password was right.
#[test]
fn over_ssh_a_password_that_comes_at_once_is_followed_by_no_question() {
    let bus = Bus::with_agent_for_ever(vec![asks(1, Ask::Line, "Register now?", "1 or 2: ")]);
    let fast = alice(&bus).service("sshd").types("hunter2").and_account().min_typing_ms(60_000).run();
    assert_eq!((fast.shown(), fast.codes.as_slice()), (vec![(ECHO_OFF, HINTED)], [SUCCESS, SUCCESS].as_slice()));
    assert_eq!(bus.heard_members(), ["Begin", "Cancel"]);
    fast.assert_host_untouched();
}

/// For a name that it does not know, sshd hands on junk of the same length: what was typed may not decide there.
#[test]
fn before_a_proof_over_ssh_the_name_is_an_answer_like_any_other_of_its_length() {
    // An sshd may go by another name; who sits at the machine is at none.
    for (service, local, members) in [
        ("sshd", false, &["Begin", "Answer"][..]),
        ("greetd", false, &["Begin", "Answer"]),
        ("lightdm", true, &["Begin"]),
    ] {
        let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "? "), ends(Standing::Refused, "No.")]);
        let login = alice(&bus).service(service).types("").types("alice").types("hunter2");
        let report = if local { login.local() } else { login }.run();
        assert_eq!(bus.heard_members(), members, "{service}");
        report.assert_password("hunter2");
    }
}

#[test]
fn an_empty_password_is_one_after_two_empty_answers_and_begins_nothing_a_second_time() {
    for parts in [
        vec![asks(1, Ask::Line, "", "? "), ends(Standing::Refused, "")],
        vec![asks(1, Ask::Line, "", "? "), asks(2, Ask::Line, "", "?? "), asks(3, Ask::Line, "", "??? ")],
    ] {
        let bus = Bus::with_agent(parts);
        let report = alice(&bus).service("sshd").types("").types("").types("").types("").run();
        report.assert_password("");
        assert_eq!(bus.heard_members().iter().filter(|member| *member == "Begin").count(), 1);
        let visible = report.shown().iter().filter(|(style, _)| *style == ECHO_ON).count();
        assert!(visible <= 2, "{:?}", report.shown());
        report.assert_host_untouched();
    }
}

#[test]
fn a_program_with_an_empty_password_waits_a_second_for_an_agent_that_freezes_in_the_dialogue() {
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "? "), crate::fake_agent::Part::Freezes]);
    let report = alice(&bus).service("sshd").types("").types("").types("").types("").run();
    assert!(report.took[0] < Duration::from_secs(3), "{:?}", report.took[0]);
}

#[test]
fn a_module_that_is_switched_off_after_the_password_refuses_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let off = directory.path().join("off").display().to_string();
    let bus = Bus::with_agent_for_ever(vec![ends(Standing::Denied, "Required.")]);
    let signs_in = || alice(&bus).arg(&format!("off={off}")).required().types("hunter2").and_account();
    assert_ne!(signs_in().run().codes[1], SUCCESS);
    let mut login = signs_in();
    login.off_meanwhile = Some(off.clone());
    assert_eq!(login.run().codes, [SUCCESS, SUCCESS]);
}
