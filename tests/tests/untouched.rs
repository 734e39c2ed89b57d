//! Everything except a person at a password prompt: exactly as without us.

use std::time::{Duration, Instant};

use sspr_tests::{Machine, ssh::ssh_line};

const PASSWORD: &str = "rain on a tin roof";

/// Runs `work`, during which no message may cross the bus to or from us.
#[track_caller]
fn without_bus_traffic<T>(machine: &Machine, work: impl FnOnce() -> T) -> T {
    machine.must(
        "systemd-run --quiet --unit=listener --property=StandardOutput=truncate:/run/listener \
             dbus-monitor --system \"destination='org.pam_sspr.Agent1'\" \"interface='org.pam_sspr.Dialogue1'\" \"member='NameHasOwner'\"
         until grep -q NameLost /run/listener; do sleep 0.05; done",
    );
    let value = work();
    // A message has been recorded when a later message is.
    machine.must(
        "busctl --system call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus NameHasOwner s sspr.tests.end
         until grep -q sspr.tests.end /run/listener; do sleep 0.05; done
         systemctl stop listener",
    );
    let heard = machine.must("grep -c -E 'org.pam_sspr.Dialogue1' /run/listener || true");
    assert_eq!(heard, "0", "{}", machine.must("cat /run/listener"));
    value
}

#[test]
fn sudo_su_passwd_chpasswd_and_cron_see_no_prompt_of_ours_and_cause_no_bus_traffic() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.must("echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice");
    let mut terminal = machine.ssh("alice");
    terminal.password(PASSWORD).expect("(Enter for not now): ").press_enter().signed_in("alice");
    without_bus_traffic(&machine, || {
        terminal.type_line("sudo -k echo as root").expect("[sudo] password for alice: ").type_line(PASSWORD);
        terminal.expect("as root\n").signed_in("alice");
        terminal.type_line("sudo -k echo as root").expect("[sudo] password for alice: ").press_enter();
        terminal.expect("Sorry, try again.\n[sudo] password for alice: ").type_line(PASSWORD).expect("as root\n");
        terminal
            .signed_in("alice")
            .type_line("su -c 'echo I am $(id -un)' bob")
            .expect("\nPassword: ")
            .type_line(PASSWORD);
        terminal.expect("I am bob").signed_in("alice");
        terminal.type_line("passwd").expect("Changing password for alice.\nCurrent password: ").type_line(PASSWORD);
        terminal.expect("New password: ").type_line("Another-1-roof").expect("Retype new password: ");
        terminal.type_line("Another-1-roof").expect("password updated successfully").signed_in("alice");
        machine.must("echo 'alice:Third-2-roof' | chpasswd");
        machine.must(
            "echo '* * * * * bob touch /tmp/cron-was-here' >/etc/cron.d/tests
             pamtester cron bob acct_mgmt open_session close_session",
        );
    });
    assert!(!terminal.transcript().replacen("Forgotten?", "", 1).contains("Forgotten?"), "{}", terminal.transcript());
    drop(terminal);
    machine.signs_in("alice", "Third-2-roof");
    machine.must("timeout 65 sh -c 'until [ -e /tmp/cron-was-here ]; do sleep 0.5; done'");
}

#[test]
fn keys_scp_and_rsync_see_nothing_of_us_and_no_bus_traffic() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    let key = machine.key_for("alice");
    without_bus_traffic(&machine, || {
        let output = machine.ssh_key("alice", "echo in");
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, "in\n", ""));
        let ssh = ssh_line(&["-o", "BatchMode=yes", "-i", &key]);
        let mut scp = vec!["scp".to_owned(), "-q".into()];
        scp.extend_from_slice(&ssh[1..]);
        scp.extend([key.clone(), "alice@127.0.0.1:copied".into()]);
        let output = machine.from_outside(&scp);
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, "", ""));
        machine.must(&format!(
            "install -m 600 /dev/stdin /root/key <<'KEY'\n{}KEY",
            std::fs::read_to_string(&key).unwrap()
        ));
        let inside = ssh_line(&["-o", "BatchMode=yes", "-i", "/root/key"]).join(" ");
        let output = machine.run(&format!("rsync -a -e '{inside}' /etc/services alice@127.0.0.1:synced"));
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, "", ""));
    });
    machine.must("cmp /etc/services /home/alice/synced && cmp /root/key /home/alice/copied");
}

#[test]
fn the_method_password_sees_neither_a_second_prompt_nor_a_stray_line_nor_a_delay() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    let shown = |terminal: &mut sspr_tests::Terminal| {
        terminal.expect("alice@127.0.0.1's password: ");
        let start = Instant::now();
        terminal.type_line(PASSWORD).signed_in("alice").type_line("exit");
        assert!(terminal.wait_closed().success());
        (terminal.transcript(), start.elapsed())
    };
    machine.ssh_password_method("alice").expect("password: ").type_line(PASSWORD).signed_in("alice");
    let (with, with_time) = shown(&mut machine.ssh_password_method("alice"));
    machine.must("pam-auth-update --remove sspr");
    let (without, without_time) = shown(&mut machine.ssh_password_method("alice"));
    let tidy =
        |text: &str| text.lines().filter(|l| !l.starts_with("Last login")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(tidy(&with), tidy(&without));
    assert!(with_time < without_time + Duration::from_secs(1), "{with_time:?} instead of {without_time:?}");

    // An empty password begins no dialogue either: the method answers one question, without seeing it.
    machine.must("pam-auth-update --enable sspr");
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").press_enter().expect("Permission denied, please try again.");
    terminal.expect("password: ").type_line(PASSWORD).signed_in("alice");
}

#[test]
fn an_account_for_programs_is_let_in_by_key_and_without_a_shell_kept_out_as_ever() {
    let machine = Machine::ready(&[("backup-bot", PASSWORD)]);
    assert_eq!(machine.ssh_key("backup-bot", "cat /etc/hostname").stdout, "shell.example.org\n");
    machine.must("usermod -s /usr/sbin/nologin backup-bot");
    let output = machine.ssh_key("backup-bot", "true");
    assert_eq!((output.code, output.stdout.as_str()), (1, "This account is currently not available.\n"));
}
