//! The host key is replaced, and what was registered stays.

use sspr_tests::Machine;

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NEWER: &str = "nine brown boats sail";
const NEWEST: &str = "grey paper lanterns";
const ADDRESS: &str = "alice@example.org";

fn resets(machine: &Machine, password: &str) {
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(machine, ADDRESS).new_password(password).signed_in("alice");
}

#[test]
fn a_new_key_keeps_what_was_registered_and_an_interruption_ends_at_the_agent_s_next_start() {
    let machine = Machine::ready_with(&[("alice", OLD)], "[code]\nresend_after = \"1s\"\n");
    machine.registers_email("alice", OLD, ADDRESS);
    let key = machine.must("sha256sum </var/lib/sspr/host.key");

    // It asks first, as nobody has to be interrupted.
    let asked = machine.run("sspr replace-key </dev/null");
    assert!(asked.code == 1 && asked.stderr.contains("to confirm, add --yes"), "{asked:?}");
    assert_eq!(machine.must("sha256sum </var/lib/sspr/host.key"), key);

    let said = machine.must("sspr replace-key --yes");
    assert!(said.contains("Sealed with the new key: 1 contact and 0 authenticator apps."), "{said}");
    assert_ne!(machine.must("sha256sum </var/lib/sspr/host.key"), key);
    assert_eq!(machine.must("sha256sum </var/lib/sspr/host.key.old"), key);
    assert_eq!(machine.must("stat -c '%U %a' /var/lib/sspr/host.key /var/lib/sspr/host.key.old"), "sspr 600\nsspr 600");
    resets(&machine, NEW);
    let trail = machine.must("sspr admin audit --json; sspr admin audit --verify");
    assert!(trail.contains("Key of the store replaced (admin)"), "{trail}");

    // The old key has to be taken away, and says so until it is.
    let doctor = machine.run("sspr doctor --offline");
    assert!(doctor.stdout.contains("host.key.old is the key from before"), "{doctor:?}");
    let again = machine.run("sspr replace-key --yes");
    assert!(
        again.code == 1 && again.stderr.contains("nothing was changed") && again.stderr.contains("host.key.old"),
        "{again:?}"
    );
    resets(&machine, NEWER);

    // As if it had been interrupted when the store had the new key, and no file had its new name.
    machine.must(
        "systemctl stop sspr-agent && cd /var/lib/sspr && mv host.key host.key.next && mv host.key.old host.key && \
         systemctl start sspr-agent",
    );
    resets(&machine, NEWEST);
    assert_eq!(
        machine.must("sha256sum </var/lib/sspr/host.key.old; ls /var/lib/sspr | grep -c next || true"),
        format!("{key}\n0")
    );

    machine.must("mv /var/lib/sspr/host.key.old /root/");
    let doctor = machine.run("sspr doctor --offline");
    assert!(!doctor.stdout.contains("host.key"), "{doctor:?}");

    // The wrong key is told at the start. Sign-ins go on.
    machine.must("systemctl stop sspr-agent; cd /var/lib/sspr; mv host.key /root/right; install -o sspr -m 600 /root/host.key.old host.key");
    machine.run("systemctl start sspr-agent");
    machine.must("until journalctl -qu sspr-agent -o cat | grep -q 'is not the one that the store was written with'; do sleep 0.1; done");
    machine.signs_in("alice", NEWEST);
    machine.must(
        "mv /root/right /var/lib/sspr/host.key && systemctl reset-failed sspr-agent && systemctl start sspr-agent",
    );

    // Killed at any moment, the program leaves a key that fits.
    for after in [0, 10, 20, 30, 40, 50, 70, 100] {
        machine.must("rm -f /var/lib/sspr/host.key.old");
        machine.run(&format!(
            "sspr replace-key --yes & sleep {}; pkill -9 -f '[-]-replace-key'; wait",
            f64::from(after) / 1e3
        ));
        machine.must("systemctl start sspr-agent");
        let shown = machine.must("sspr admin show alice");
        assert!(shown.contains("a***@e***.org"), "{after} ms: {shown}");
    }

    // A key that systemd brings is the administrator's to replace.
    machine.must(
        "d=/etc/systemd/system/sspr-agent.service.d; mkdir -p $d && echo 'LoadCredential=host.key:/root/key' >$d/key.conf",
    );
    let refused = machine.run("sspr replace-key --yes");
    assert!(refused.code == 1 && refused.stderr.contains("the key is a systemd credential"), "{refused:?}");
    machine.must("rm /etc/systemd/system/sspr-agent.service.d/key.conf");
    resets(&machine, OLD);
}
