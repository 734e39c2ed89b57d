//! Whatever is broken on our side, the correct password signs in, without much delay.

use std::time::{Duration, Instant};

use sspr_tests::{
    Machine,
    story::{AGAIN, WHERE_TO},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
/// How much longer a sign-in may take than without us.
const DELAY: Duration = Duration::from_secs(2);

/// The time from Enter after the password to the shell.
#[track_caller]
fn sign_in_time(machine: &Machine) -> Duration {
    let mut terminal = machine.ssh("alice");
    terminal.expect("Password: ");
    let start = Instant::now();
    terminal.type_line(OLD).signed_in("alice");
    start.elapsed()
}

/// A sign-in works in time, at SSH and at the console, and Enter says that there is no reset now.
#[track_caller]
fn signs_in_all_the_same(machine: &mut Machine, usual: Duration) {
    let taken = sign_in_time(machine);
    assert!(taken < usual + DELAY, "{taken:?} instead of {usual:?}");
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect("Reset isn't available right now").password(OLD).signed_in("alice");
    let console = machine.console();
    console.expect("login: ").type_line("alice").forgotten().expect("Reset isn't available right now");
    console.password(OLD).signed_in("alice").type_line("exit");
}

fn registered() -> (Machine, Duration) {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    let usual = sign_in_time(&machine);
    (machine, usual)
}

#[test]
fn with_the_agent_stopped_killed_or_frozen_the_password_signs_in_and_enter_says_there_is_no_reset() {
    let (mut machine, usual) = registered();
    machine.agent().stop();
    signs_in_all_the_same(&mut machine, usual);
    machine.agent().restart();
    machine.agent().kill();
    signs_in_all_the_same(&mut machine, usual);
    machine.agent().restart();
    machine.agent().freeze();
    signs_in_all_the_same(&mut machine, usual);
    machine.agent().thaw();
    machine.ssh("alice").forgotten().expect(WHERE_TO);
    // After a restart of the bus, the agent comes back by itself.
    machine.must(
        "systemctl restart dbus
         timeout 20 sh -c 'until busctl status org.pam_sspr.Agent1 >/dev/null 2>&1; do sleep 0.1; done'",
    );
    machine.ssh("alice").forgotten().expect(WHERE_TO);
}

#[test]
fn with_the_bus_gone_and_with_the_module_deleted_the_password_signs_in() {
    let (mut machine, usual) = registered();
    machine.must("systemctl stop dbus.socket dbus.service");
    signs_in_all_the_same(&mut machine, usual);
    machine.must("rm /usr/lib/*/security/pam_sspr.so");
    let taken = sign_in_time(&machine);
    assert!(taken < usual + DELAY, "{taken:?} instead of {usual:?}");
    let console = machine.console();
    console.expect("login: ").type_line("alice").password(OLD).signed_in("alice");
}

#[test]
fn with_the_credential_helper_failing_nothing_is_changed_and_the_old_password_still_works() {
    let (machine, _) = registered();
    let before = machine.shadow("alice");
    let unit = "/run/systemd/system/sspr-credential.service.d/broken.conf";
    // It can't write, or does not even start.
    for fault in ["ReadOnlyPaths=/etc", "ExecStart=\nExecStart=/bin/false"] {
        machine.must(&format!("rm -f {unit}; systemctl daemon-reload; systemctl restart sspr-credential"));
        let mut terminal = machine.ssh("alice");
        terminal.proves_by_email(&machine, "alice@example.org").expect("New password: ");
        machine.must(&format!(
            "mkdir -p $(dirname {unit}); printf '[Service]\n%b\n' '{fault}' >{unit}
             systemctl daemon-reload; systemctl stop sspr-credential"
        ));
        terminal.type_line(NEW).expect(AGAIN).type_line(NEW);
        terminal.expect("Nothing was changed").password(OLD).signed_in("alice");
        assert_eq!(machine.shadow("alice"), before);
        machine.signs_in("alice", OLD);
        machine.agent().hours_later(1);
    }
}

#[test]
fn settings_with_a_mistake_are_named_with_line_and_fix_and_sign_ins_go_on() {
    let (machine, usual) = registered();
    machine.must("cp /etc/sspr/sspr.toml /root/good.toml");
    for (damage, said) in [
        ("printf '[code]\\nlifetme = \"5m\"\\n' >/etc/sspr/sspr.toml", "lifetime"),
        ("printf '[code]\\nlifetime = \"5 min\"\\n' >/etc/sspr/sspr.toml", "/etc/sspr/sspr.toml:2: "),
        ("printf '[email]\\ngateway = \"smtp\"\\n' >/etc/sspr/sspr.toml", "smtp"),
        ("chmod 666 /etc/sspr/sspr.toml", "writ"),
        ("chmod 000 /etc/sspr/sspr.toml", "sspr.toml"),
        ("rm /etc/sspr/sspr.toml", "sspr.toml"),
    ] {
        let cursor = machine.must("journalctl -n0 --show-cursor --quiet | sed 's/^-- cursor: //'");
        machine.run(&format!("{damage}; systemctl reset-failed sspr-agent; systemctl restart sspr-agent"));
        let journal = machine
            .must(&format!("journalctl --sync; journalctl --quiet -o cat -u sspr-agent --after-cursor='{cursor}'"));
        assert!(journal.contains(said), "{damage}: {journal}");
        assert_ne!(machine.run("systemctl is-active sspr-agent").stdout.trim(), "active", "{damage}");
        let taken = sign_in_time(&machine);
        assert!(taken < usual + DELAY, "{damage}: {taken:?} instead of {usual:?}");
        machine.must("rm -f /etc/sspr/sspr.toml; cp /root/good.toml /etc/sspr/sspr.toml");
    }
    machine.agent().restart();
    machine.ssh("alice").forgotten().expect(WHERE_TO);
}
