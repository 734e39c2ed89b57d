//! Other programs that ask for passwords, with their real daemons: with us enabled, their output is exactly the same,
//! and nothing of it crosses the bus to or from us.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sspr_tests::{
    Image, Machine, Output, Terminal, host,
    ssh::ssh_line,
    story::{HINT, WHERE_TO},
};

const PASSWORD: &str = "rain on a tin roof";
const OTHER: &str = "nine-purple-moons-4";

/// An SMTP server that leaves passwords to saslauthd, which leaves them to PAM, as the service `smtp`.
const SMTP: &str = "
    usermod -aG sasl Debian-exim
    echo START=yes >>/etc/default/saslauthd
    systemctl enable -q saslauthd
    cat >/etc/exim4/pam.conf <<'CONF'
primary_hostname = shell.example.org
daemon_smtp_ports = 25
smtp_banner = ready
pid_file_path = /run/exim4/pam.pid
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if saslauthd{{$auth2}{$auth3}{smtp}}{yes}{no}}
  server_set_id = $auth2
CONF
    printf '%s\n' '[Service]' 'Type=exec' 'ExecStart=/usr/sbin/exim4 -C /etc/exim4/pam.conf -bdf' \
        'ExecStartPost=/bin/bash -c \"until (: </dev/tcp/127.0.0.1/25) 2>/dev/null; do sleep 0.02; done\"' '[Install]' \
        'WantedBy=multi-user.target' >/etc/systemd/system/smtp-server.service
    systemctl enable -q smtp-server
";

/// A machine with everything except the module enabled; alice, who may become root, is registered.
fn machine(prepare: &str) -> Machine {
    let builder = Machine::with(Image::in_company()).with_mail().user("alice", PASSWORD).user("bob", PASSWORD);
    let builder = builder.settings("[scope]\nenable = \"all\"\n").prepare("usermod -aG sudo alice").prepare(prepare);
    let machine = builder.boot();
    machine.has_email("alice", "alice@example.org");
    machine.has_email("bob", "bob@example.org");
    machine
}

/// A shell with a key, so that the way in is the same with and without us.
fn shell_of_alice(machine: &Machine) -> Terminal {
    let key = machine.key_for("alice");
    let mut line = ssh_line(&["-o", "BatchMode=yes", "-i", &key]);
    line.extend(["-tt".into(), "alice@127.0.0.1".into()]);
    let mut terminal = Terminal::start("ssh alice by key", &machine.in_network(&line));
    terminal.signed_in("alice");
    terminal
}

/// The output of the terminal since `shell` waited, once it waits again: `line` is typed first, and then an answer to
/// each text that is shown.
#[track_caller]
fn story(machine: &Machine, terminal: &mut Terminal, line: &str, answers: &[(&str, &str)]) -> String {
    let before = terminal.transcript().len();
    terminal.type_line(line);
    for (shown, typed) in answers {
        terminal.expect(shown);
        if shown.ends_with(": ") {
            is_hidden(machine, "$(ps -u alice -o tty= | grep pts | sort -u | tail -n 1)");
        }
        if line == "vlock" {
            is_waiting(machine, "vlock-main");
        }
        terminal.type_line(typed);
    }
    terminal.signed_in("alice");
    terminal.transcript()[before..].to_owned()
}

/// Waits until `program` waits for input: in read, select, poll or similar, by their numbers on x86-64 and arm64. vlock
/// shows its prompt and then discards earlier input.
#[track_caller]
fn is_waiting(machine: &Machine, program: &str) {
    let waits = format!("grep -qE '^(0|7|23|270|271|63|72|73) ' /proc/$(pgrep -x {program})/syscall");
    host::wait_for("somebody who reads", Duration::from_secs(10), || (machine.run(&waits).code == 0).then_some(()));
}

/// Waits until `tty` does not show input. libpam's own conversation switches the echo off after the prompt, and
/// discards earlier input.
#[track_caller]
fn is_hidden(machine: &Machine, tty: &str) {
    host::wait_for("no echo", Duration::from_secs(10), || {
        machine.run(&format!("stty -a -F /dev/{tty}")).stdout.contains("-echo ").then_some(())
    });
}

/// Runs `work` while listening to the whole bus, and returns the messages to and from us. Every message on the agent's
/// own connection counts.
pub(crate) fn heard_of_us<T>(machine: &Machine, work: impl FnOnce() -> T) -> (T, String) {
    let agent = machine.must("busctl status org.pam_sspr.Agent1 | sed -n 's/^UniqueName=//p'");
    assert!(agent.starts_with(':'), "{agent}");
    // One that still runs would be heard when it exits, a minute after its last call.
    machine.must("systemctl stop sspr-credential");
    machine.must(
        "systemd-run --quiet --unit=listener --property=StandardOutput=truncate:/run/listener dbus-monitor --system
         until grep -q NameLost /run/listener; do sleep 0.05; done",
    );
    let value = work();
    // A message has been recorded when a later message is.
    machine.must(
        "busctl --system call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus NameHasOwner s sspr.tests.end
         until grep -q sspr.tests.end /run/listener; do sleep 0.05; done
         systemctl stop listener",
    );
    let us = format!("grep -E 'pam_sspr|(sender|destination)={agent} ' /run/listener || true");
    (value, machine.must(&us))
}

/// Does `work` with the module disabled and enabled. The result must be the same, and with the module enabled, no
/// message may go to or from us, or appear in our journal.
#[track_caller]
fn is_the_same_with_us(machine: &Machine, mut work: impl FnMut(&Machine) -> Vec<(&'static str, String)>) {
    let without = work(machine);
    machine.switch_on();
    // What it says when it is stopped later would be among our lines.
    machine.must("systemctl stop sspr-credential");
    let ours = || {
        machine.must("journalctl --sync; journalctl -q -o cat -u sspr-agent -u sspr-credential; journalctl -q -o cat --grep pam_sspr || true")
    };
    let journal = ours();
    let (with, heard) = heard_of_us(machine, || work(machine));
    assert_eq!(heard, "");
    assert_eq!(ours(), journal);
    for ((name, without), (_, with)) in without.iter().zip(&with) {
        assert_eq!(without, with, "{name}");
    }
    assert_eq!(without.len(), with.len());
}

/// The result of a command as root.
fn of_root(machine: &Machine, script: &str) -> String {
    let Output { code, stdout, stderr } = machine.run(script);
    format!("{stdout}{stderr}it ended with {code}")
}

#[test]
fn sudo_su_runuser_passwd_chpasswd_chfn_chsh_newgrp_and_vlock_show_what_they_showed_without_us() {
    let machine = machine("groupadd crew; echo crew:of-the-boat | chgpasswd");
    is_the_same_with_us(&machine, |machine| {
        let mut alice = shell_of_alice(machine);
        let mut told = Vec::new();
        let mut tell = |line: &'static str, answers: &[(&str, &str)], ends: &str| {
            let story = story(machine, &mut alice, line, answers);
            assert!(story.contains(ends), "{ends:?} is not in this:\n{story}");
            told.push((line, story));
        };
        let sudo = "[sudo] password for alice: ";
        tell("sudo -k; sudo id -un", &[(sudo, PASSWORD)], "root\n");
        // Only Enter begins a reset, where our module is.
        tell("sudo -k id -un", &[(sudo, ""), (sudo, PASSWORD)], "Sorry, try again.");
        tell("sudo -k -n true; echo $?", &[], "a password is required\n1\n");
        tell("echo 'rain on a tin roof' | sudo -k -S id -un", &[], "root\n");
        tell("echo | sudo -k -S id -un", &[], "Sorry, try again.");
        tell("su -c 'id -un' bob", &[("Password: ", PASSWORD)], "bob\n");
        tell("su -l bob -c 'id -un; pwd'", &[("Password: ", "")], "su: Authentication failure");
        tell("chfn -r 7", &[("Password: ", PASSWORD)], "");
        tell("chsh -s /bin/sh", &[("Password: ", "")], "PAM: Authentication failure");
        tell("chsh -s /bin/sh", &[("Password: ", PASSWORD)], "");
        tell("newgrp crew", &[("Password: ", "of-the-boat")], "");
        tell("id -gn; exit", &[], "crew\n");
        tell("vlock", &[("[ENTER] to unlock.", ""), ("alice's Password: ", PASSWORD)], "locked");
        let twice = [("Current password: ", PASSWORD), ("New password: ", OTHER), ("Retype new password: ", OTHER)];
        tell("passwd", &twice, "password updated successfully");
        told.push(("chpasswd", of_root(machine, &format!("echo 'alice:{PASSWORD}' | chpasswd"))));
        told.push(("runuser", of_root(machine, "runuser -u alice -- id -un; runuser -l bob -c 'id -un; pwd'")));
        assert!(told.last().unwrap().1.starts_with("alice\nbob\n/home/bob\n"), "{told:?}");
        assert_eq!(machine.must("getent passwd alice | cut -d: -f5,7"), ",7,,:/bin/sh");
        machine.must("chsh -s /bin/bash alice; chfn -r '' alice");
        told
    });
    // For comparison, what would have been recorded of us:
    let ((), heard) = heard_of_us(&machine, || {
        machine.ssh("alice").forgotten().expect(WHERE_TO);
    });
    assert!(heard.contains("interface=org.pam_sspr.Dialogue1; member=Begin"), "{heard}");
}

/// A user at a terminal who types a protocol by hand: for each text that is shown, the answer.
#[track_caller]
fn by_hand(machine: &Machine, port: u16, lines: &[(&str, &str)], ends: &str) -> String {
    let script = "stty -echo; exec 3<>/dev/tcp/127.0.0.1/$0; cat <&0 >&3 & exec cat <&3";
    let line = ["bash", "-c", script, &port.to_string()].map(String::from);
    let mut terminal = Terminal::start(&format!("port {port}"), &machine.in_network(&line));
    for (shown, typed) in lines {
        terminal.expect(shown).type_line(typed);
    }
    terminal.expect(ends).expect("\n");
    terminal.transcript()
}

/// An answer to `AUTH PLAIN`.
fn plain(password: &str) -> String {
    format!("AUTH PLAIN {}", BASE64_STANDARD.encode(format!("\0alice\0{password}")))
}

#[test]
fn imap_ftp_and_smtp_with_pam_answer_what_they_answered_without_us_also_to_an_empty_password() {
    let machine = machine(SMTP);
    is_the_same_with_us(&machine, |machine| {
        let imap = |password: &str, said: &str| {
            let login = format!("a LOGIN alice \"{password}\"");
            by_hand(machine, 143, &[("* OK [", &login), (said, "b LOGOUT")], "b OK Logout completed")
        };
        let ftp = |password: &str, said: &str| {
            let pass = format!("PASS {password}");
            by_hand(machine, 21, &[("220 ", "USER alice"), ("331 ", &pass), (said, "QUIT")], "221 Goodbye.")
        };
        let smtp = |password: &str, said: &str| {
            by_hand(machine, 25, &[("220 ", "EHLO me"), ("250 HELP", &plain(password)), (said, "QUIT")], "221 ")
        };
        // Dovecot's answer includes the time that it took.
        let untimed =
            |said: String| said.lines().map(|l| l.split(" (0.").next().unwrap()).collect::<Vec<_>>().join("\n");
        vec![
            ("IMAP", untimed(imap(PASSWORD, "a OK ["))),
            ("IMAP, wrong", untimed(imap("not the one", "a NO [AUTHENTICATIONFAILED]"))),
            ("IMAP, empty", untimed(imap("", "a NO"))),
            ("FTP", ftp(PASSWORD, "230 Login successful.")),
            ("FTP, empty", ftp("", "530 Login incorrect.")),
            ("SMTP", smtp(PASSWORD, "235 Authentication succeeded")),
            ("SMTP, wrong", smtp("not the one", "535 Incorrect authentication data")),
            ("SMTP, empty", smtp("", "535 Incorrect authentication data")),
        ]
    });
}

#[test]
fn cron_at_systemd_user_and_pkexec_do_what_they_did_without_us() {
    let machine = machine("echo '@reboot alice id -un >/tmp/cron-ran' >/etc/cron.d/tests");
    is_the_same_with_us(&machine, |machine| {
        let mut told = Vec::new();
        let mut alice = shell_of_alice(machine);
        story(machine, &mut alice, "rm -f at-ran; echo 'id -un >at-ran' | at now", &[]);
        machine.must("timeout 20 sh -c 'until [ -s ~alice/at-ran ]; do sleep 0.1; done'");
        told.push(("at", of_root(machine, "cat ~alice/at-ran")));
        assert!(told[0].1.starts_with("alice\n"), "{told:?}");
        for line in ["systemctl --user is-system-running --wait", "systemd-run --user --wait --pipe -q id -un"] {
            told.push((line, story(machine, &mut alice, line, &[])));
        }
        told.push(("user@.service", of_root(machine, "systemctl restart user@$(id -u bob)")));
        told.push(("pkexec", pkexec(machine, &mut alice)));
        // As after a boot, when it does its due work.
        let cron = "rm -f /run/crond.reboot /tmp/cron-ran; systemctl restart cron
            timeout 20 sh -c 'until [ -s /tmp/cron-ran ]; do sleep 0.1; done'; cat /tmp/cron-ran";
        told.push(("cron", of_root(machine, cron)));
        assert!(told.last().unwrap().1.starts_with("alice\n"), "{told:?}");
        told
    });
}

/// Becomes root with `pkexec` in one terminal, while `pkttyagent` in another one asks for the password: first only
/// Enter, which is wrong, and then the correct one.
#[track_caller]
fn pkexec(machine: &Machine, alice: &mut Terminal) -> String {
    let process = story(machine, alice, "echo shell $$", &[]);
    let process = process.lines().find_map(|line| line.strip_prefix("shell ")).unwrap_or_default().to_owned();
    assert_ne!(process, "");
    let mut agent = shell_of_alice(machine);
    let before = agent.transcript().len();
    agent.type_line(&format!("pkttyagent --process {process}"));
    let patience = Duration::from_secs(10);
    host::wait_for("pkttyagent", patience, || {
        let registered = format!("journalctl -q -o cat -u polkit | grep -q 'pkttyagent --process {process}'");
        (machine.run(&registered).code == 0).then_some(())
    });
    let mut told = String::new();
    for (typed, ends) in [("", "Not authorized"), (PASSWORD, "root\n")] {
        alice.type_line("pkexec id -un");
        agent.expect("Password: ");
        is_hidden(machine, "$(ps -o tty= -C pkttyagent)");
        agent.type_line(typed).expect("AUTHENTICATION ");
        alice.expect(ends).signed_in("alice");
        told += ends;
    }
    agent.ctrl('c').signed_in("alice");
    told + &agent.transcript()[before..].replace(&process, "PROCESS")
}

/// The files that a sign-in to the service `plain` opens, and its calls that communicate, start programs or wait,
/// without what differs from run to run.
const CALLS: &str = "
    strace -f -o /root/calls -e signal=none \\
        -e trace=%file,%network,%process,pipe2,memfd_create,poll,ppoll,epoll_wait,nanosleep,clock_nanosleep \\
        pamtester plain alice authenticate acct_mgmt </root/password >/dev/null
    grep -v AT_EMPTY_PATH /root/calls | sed -E 's/^[0-9]+ +//; s/0x[0-9a-f]+|[0-9]+/N/g' | sort
";

#[test]
fn a_service_that_is_not_on_the_list_opens_the_module_and_does_nothing_else_more_and_is_asked_as_ever() {
    let machine = machine("");
    machine.must(&format!(
        "printf '@include %s\\n' common-auth common-account >/etc/pam.d/plain
         echo '{PASSWORD}' >/root/password"
    ));
    let without = machine.must(CALLS);
    machine.switch_on();
    let mut more: Vec<String> = machine.must(CALLS).lines().map(str::to_owned).collect();
    for line in without.lines() {
        let same = more.iter().position(|more| more == line).unwrap_or_else(|| panic!("no more: {line}\n{more:#?}"));
        more.remove(same);
    }
    // The module, its libraries, and the list of library paths.
    let loads = |line: &String| {
        line.starts_with("openat(")
            && ["pam_sspr.so\"", "libgcc_s.so.N\"", "ld.so.cache\""].iter().any(|name| line.contains(name))
    };
    assert!(more.iter().any(|line| line.contains("pam_sspr.so")) && more.iter().all(loads), "{more:#?}");

    // A display manager of the list that an administrator left out is treated like any other program.
    machine.must(
        "sed 's/pam_sspr.so/& services=login,sshd/' /etc/pam.d/common-auth /etc/pam.d/common-account >/etc/pam.d/lightdm",
    );
    let ((), heard) = heard_of_us(&machine, || {
        for service in ["plain", "lightdm"] {
            let right = machine.run(&format!("echo '{PASSWORD}' | pamtester {service} alice authenticate acct_mgmt"));
            assert_eq!((right.code, right.stderr.as_str()), (0, "Password: "), "{right:?}");
            let enter = machine.run(&format!("echo | pamtester {service} alice authenticate"));
            assert_eq!((enter.code, enter.stderr.starts_with("Password: pamtester: ")), (1, true), "{enter:?}");
        }
    });
    assert_eq!(heard, "");
    // The same display manager by default:
    machine.must("sed -i 's/ services=login,sshd//' /etc/pam.d/lightdm");
    let asked = machine.run(&format!("echo '{PASSWORD}' | pamtester lightdm alice authenticate"));
    assert!(asked.stderr.starts_with(HINT), "{asked:?}");
}
