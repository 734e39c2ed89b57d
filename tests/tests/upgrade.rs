//! Another version is installed while users sign in.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use sspr_tests::{
    Machine, Terminal, host, image,
    ssh::ssh_line,
    story::{INVITATION, WHERE_TO},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const SETTINGS: &str = "[helpdesk]\ntext = \"Ask at the desk.\"\n";

/// Repacks the built package in the machine with another version, as `/root/VERSION.deb`.
#[track_caller]
fn package_of_version(machine: &Machine, version: &str) {
    machine.copy_in(&image::package(), "/root/sspr.deb");
    machine.must(&format!(
        "rm -rf /root/tree; dpkg-deb --raw-extract /root/sspr.deb /root/tree
         sed -i 's/^Version: .*/Version: {version}/' /root/tree/DEBIAN/control
         dpkg-deb --root-owner-group -Znone --build /root/tree /root/{version}.deb"
    ));
}

/// Signs in again and again during `work`, and some more times after it; each must succeed.
#[track_caller]
fn while_somebody_signs_in(machine: &Machine, user: &str, work: impl FnOnce()) {
    let mut line = ssh_line(&["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=keyboard-interactive"]);
    line.extend(["-tt".into(), format!("{user}@127.0.0.1")]);
    let line = machine.in_network(&line);
    let (done, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let people = scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                let mut terminal = Terminal::start(&format!("ssh {user}"), &line);
                terminal.password(OLD).signed_in(user);
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        let more = |number| {
            let goal = count.load(Ordering::SeqCst) + number;
            host::wait_for("sign-ins", Duration::from_mins(1), || {
                (people.is_finished() || count.load(Ordering::SeqCst) >= goal).then_some(())
            });
        };
        more(2);
        work();
        more(5);
        // The scope waits for the thread, and panics if it did.
        done.store(true, Ordering::SeqCst);
    });
}

#[test]
fn an_upgrade_keeps_settings_registrations_and_codes_that_were_sent_and_no_sign_in_fails_meanwhile() {
    let machine = Machine::ready_with(&[("alice", OLD), ("bob", OLD)], SETTINGS);
    package_of_version(&machine, "99.0-1");
    machine.registers_email("alice", OLD, "alice@example.org");
    let mut bob = machine.ssh("bob");
    bob.password(OLD).expect(INVITATION).press_enter().signed_in("bob");
    drop(bob);
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
    let code = machine.mailbox("alice@example.org").wait_for(2).code();
    let state = || machine.must("cat /etc/sspr/sspr.toml /etc/pam.d/common-* /etc/ssh/sshd_config.d/*");
    let pid = || machine.must("systemctl show -P MainPID sspr-agent");
    let (before, old) = (state(), pid());

    while_somebody_signs_in(&machine, "bob", || {
        let said = machine.must("dpkg -i --force-confold /root/99.0-1.deb");
        assert!(!said.contains("Next: sspr setup"), "set up long ago: {said}");
    });

    assert_eq!(machine.must("dpkg-query -W -f '${Version}' sspr; systemctl is-active sspr-agent"), "99.0-1active");
    assert_eq!(state(), before);
    assert_ne!(pid(), old);
    // The conversation that the upgrade interrupted says so, and continues at once; so does one on a new connection.
    alice.type_line("000000").expect("was lost").forgotten().expect("still good").expect("Code: ");
    alice.kill();
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect("still good").expect("Code: ").type_line(&code).new_password(NEW).signed_in("alice");
    assert_eq!(machine.mailbox("alice@example.org").codes(), 2, "one to register, one to recover");

    // 0.1.0 accepted a program that gets each code where every user sees it. It is off now, mail still works, and
    // everything says so.
    let program = "[phone]\\ngateway = \"command\"\\n[phone.command]\\nargv = [\"/bin/send\", \"{to}\", \"{text}\"]\\n";
    let drop_in = "/etc/sspr/sspr.toml.d/60-local.toml";
    machine.must(&format!("mkdir -p /etc/sspr/sspr.toml.d; printf '{program}' >{drop_in}"));
    let said = machine.must("dpkg -i --force-confold /root/99.0-1.deb");
    assert_eq!(said.matches("sspr: the settings need a correction").count(), 1, "{said}");
    assert_eq!(machine.must("systemctl is-active sspr-agent"), "active");
    assert!(machine.journal("sspr-agent").contains("text messages are off: [phone.command] argv"));
    let doctor = machine.run("sspr doctor");
    assert!(doctor.code == 2 && doctor.stdout.contains("ERROR    phone      no text message leaves"), "{doctor:?}");
    let check = machine.run("sspr config check");
    assert!(check.code == 1 && check.stderr.contains("standard input"), "{check:?}");
    machine.must("sspr admin test-email alice@example.org");
    // It can't be written again.
    machine.must(&format!("rm {drop_in} && systemctl reload sspr-agent && printf '{program}' >{drop_in}"));
    assert_ne!(machine.run("systemctl reload sspr-agent").code, 0);
    machine.must(&format!("rm {drop_in}"));

    machine.must("systemctl disable --now sspr-agent; dpkg -i --force-confold /root/99.0-1.deb");
    assert_eq!(machine.run("systemctl is-enabled sspr-agent").stdout, "disabled\n", "what was disabled stays so");
}

#[test]
fn after_a_downgrade_a_newer_store_is_refused_in_plain_words_is_kept_and_sign_ins_go_on() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    package_of_version(&machine, "0.0.1-1");
    // The state after the migration of a later version.
    machine.agent().stop();
    let store = machine.root().join("var/lib/sspr/sspr.db");
    let sqlite = |statement: &str| host::command("sqlite3", [store.to_str().unwrap(), statement]);
    sqlite(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, x'00', 0)",
    );
    machine.must("chown sspr: /var/lib/sspr/sspr.db*");
    let people = sqlite("SELECT count(*) FROM registration");

    machine.must("dpkg -i --force-confold --force-downgrade /root/0.0.1-1.deb");
    let journal = machine.journal("sspr-agent");
    let said = "the store /var/lib/sspr/sspr.db was written by a newer version of this package";
    assert!(journal.contains(said) && journal.contains("install that version again"), "{journal}");
    // It is reported once, because a restart fixes nothing.
    assert_eq!(machine.must("systemctl show -P ActiveState -P NRestarts sspr-agent"), "0\nfailed");
    assert_eq!(sqlite("SELECT count(*) FROM registration"), people);
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect("Reset isn't available right now").password(OLD).signed_in("alice");

    // The newer version again.
    sqlite("DELETE FROM _sqlx_migrations WHERE version = 9999");
    machine.must("chown sspr: /var/lib/sspr/sspr.db*; systemctl restart sspr-agent");
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
}
