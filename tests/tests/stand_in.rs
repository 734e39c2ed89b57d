//! An attacker who took over the agent, and how far that reaches at SSH and at the console.

use sspr_tests::{Machine, Terminal, machine::line_showing};

const PASSWORD: &str = "rain on a tin roof";
const HEARD: &str = "/var/lib/sspr/heard";

/// Replaces the agent by one that `does` one thing.
fn taken_over(machine: &Machine, does: &str) {
    machine.must(&format!(
        "systemctl stop sspr-agent stand-in 2>/dev/null || true
         systemd-run -q --collect --unit=stand-in --uid=sspr --gid=sspr /usr/bin/stand-in {does} {HEARD}
         timeout 10 sh -c 'until busctl status org.pam_sspr.Agent1 >/dev/null 2>&1; do sleep 0.05; done'"
    ));
}

/// Has signed in, and was asked for nothing except the one password.
#[track_caller]
fn is_in(terminal: &mut Terminal, user: &str, prompt: &str) {
    terminal.password(PASSWORD).expect(prompt);
    let seen = terminal.transcript().to_lowercase();
    assert!(seen.matches("assword").count() <= 1 && !seen.contains("denied"), "{user}: {seen}");
}

#[test]
fn a_taken_agent_gets_no_password_keeps_nobody_out_and_hears_nothing_of_root() {
    let mut machine = Machine::ready(&[("bob", PASSWORD), ("backup-host", PASSWORD)]);
    machine.copy_in(std::path::Path::new(env!("CARGO_BIN_EXE_stand-in")), "/usr/bin/stand-in");
    machine.must(&format!(
        "usermod -u 500 backup-host && chown -R backup-host ~backup-host
         echo 'root:{PASSWORD}' | chpasswd
         echo 'PermitRootLogin yes' >/etc/ssh/sshd_config.d/05-root.conf && systemctl reload ssh
         rm -f /etc/profile.d/*sspr* # the line in a shell
         chmod 755 /usr/bin/stand-in && touch ~root/.hushlogin"
    ));
    // If root's helper writes one.
    machine.run("timeout 10 sh -c 'until [ -e /run/sspr-credential/policy ]; do sleep 0.05; done'");
    for does in ["denies", "asks-hidden", "asks-visibly", "binds"] {
        taken_over(&machine, does);
        for (user, prompt) in
            [("root", "root@shell:~# "), ("backup-host", "backup-host@shell:"), ("bob", "bob@shell:~$ ")]
        {
            is_in(&mut machine.ssh(user), user, prompt);
        }
        for (user, prompt) in [("root", "root@shell:~# "), ("bob", "bob@shell:~$ ")] {
            let before = machine.console().transcript().len();
            let console = machine.console();
            console.expect("login: ").type_line(user).password(PASSWORD).expect(prompt).type_line("exit");
            let seen = console.transcript()[before..].to_lowercase();
            assert!(seen.matches("assword").count() <= 1 && !seen.contains("denied"), "{user} {does}: {seen}");
        }
    }
    let heard = machine.must(&format!("cat {HEARD}"));
    assert!(heard.contains("Begin register bob sshd") && heard.contains("Begin register bob login"), "{heard}");
    for never in ["root", "backup-host", PASSWORD, "Answer"] {
        assert!(!heard.contains(never), "{never}: {heard}");
    }

    // The file of root's helper has the settings' values; the agent asks for the file, but can't choose its content.
    assert_eq!(machine.must("cat /run/sspr-credential/policy"), "required=no\nmin_uid=1000\nmin_typing_ms=0\nfleet=no");
    machine.must("systemctl stop stand-in; systemctl restart sspr-agent");
    machine.settings_now("[register]\nmode = \"required\"\nskip_days = 0\n", "required=yes");
    assert_eq!(machine.must("stat -c '%u %a' /run/sspr-credential/policy"), "0 600");

    // OpenVPN, python-pam and others use the service login but are not a login: they are asked nothing, and refused
    // nothing.
    for tty in ["", "-I tty=pts/0", "-I tty=null"] {
        let right = machine.run(&format!("echo '{PASSWORD}' | pamtester {tty} login bob authenticate acct_mgmt"));
        assert_eq!((right.code, right.stderr.as_str()), (0, "Password: "), "{right:?}");
    }
    // At sshd, a program that answers every question with the password is refused in one round, and that is recorded.
    let mut bob = machine.ssh("bob");
    assert!(!bob.password(PASSWORD).expect("1, 2 or 3: ").type_line(PASSWORD).wait_closed().success());
    let audit = machine.must("sspr admin audit --json");
    assert!(audit.contains("registration required: answered as by a program"), "{audit}");
    assert_eq!(line_showing(&machine.whole_journal(), PASSWORD), None);
}

/// A fingerprint reader, a card or a key agent between us and `pam_unix` signs in, and the typed text is not checked.
#[test]
fn what_was_typed_and_never_looked_at_registers_nothing_and_nobody_is_made_to_type_it_again() {
    let machine = Machine::ready(&[("bob", PASSWORD), ("carol", PASSWORD)]);
    machine.must(
        "sed -i '/pam_unix.so/i auth sufficient pam_succeed_if.so quiet user in bob:carol' /etc/pam.d/common-auth",
    );
    let mut bob = machine.ssh("bob");
    bob.password("nobody looks at this").signed_in("bob");
    let seen = bob.transcript();
    assert!(
        seen.contains("register for a reset by code: sspr enroll") && !seen.contains("Enter for not now"),
        "{seen}"
    );
    // Once a day, and only where a user reads it.
    let mut bob = machine.ssh("bob");
    bob.password("nobody looks at this").signed_in("bob");
    assert!(!bob.transcript().contains("register for a reset by code"), "{}", bob.transcript());
    machine.ssh("carol").password(PASSWORD).expect("Enter for not now");
    let audit = machine.must("sspr admin audit --json");
    assert!(audit.contains("the password is not known to be right"), "{audit}");
}
