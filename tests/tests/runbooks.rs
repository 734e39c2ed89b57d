//! The two runbooks of the administrator's guide, as an administrator follows them in an emergency: each command is
//! taken from the guide.

use sspr_tests::{
    Machine,
    story::{INVITATION, WHERE_TO, shell},
};

const GUIDE: &str = include_str!("../../docs/administrators-guide.md");
const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

/// The commands in the first block after `words` in the guide.
fn commands(words: &str) -> String {
    let (_, after) = GUIDE.split_once(words).unwrap_or_else(|| panic!("the guide has no {words:?}"));
    let block = after.lines().skip_while(|line| !line.starts_with("    ")).take_while(|line| line.starts_with("    "));
    let block: Vec<&str> = block.map(str::trim_start).collect();
    assert!(!block.is_empty(), "no commands after {words:?}");
    block.join("\n")
}

/// The same without the lines that are marked as those for `part`.
fn commands_without(words: &str, part: &str) -> String {
    let mark = format!("# the {part}");
    let all = commands(words);
    let left: Vec<&str> = all.lines().filter(|line| !line.ends_with(&mark)).collect();
    assert!(left.len() < all.lines().count(), "no line for the {part} in {all}");
    left.join("\n")
}

#[test]
fn where_nobody_can_sign_in_one_file_stands_the_module_aside_at_once_and_doctor_says_that_it_is_there() {
    let settings = "[register]\nmode = \"required\"\nskip_days = 0\n";
    let machine = Machine::ready_with(&[("alice", OLD), ("bob", OLD)], settings);
    machine.has_email("alice", "alice@example.org");
    machine.ssh("bob").password(OLD).expect("can't be put off any longer");

    machine.must("systemctl kill -s STOP sspr-agent");
    machine.must(&commands("## Nobody can sign in"));
    for name in ["alice", "bob"] {
        let terminal = machine.signs_in(name, OLD);
        assert!(!terminal.transcript().contains("Forgotten?"), "{}", terminal.transcript());
    }
    machine.must("systemctl kill -s CONT sspr-agent");
    let doctor = machine.run("sspr doctor");
    assert!(doctor.code == 2 && doctor.stdout.contains("rm /etc/sspr/off"), "{doctor:?}");
    assert!(GUIDE.contains("then `rm /etc/sspr/off`"));
    machine.must("rm /etc/sspr/off");
    machine.ssh("alice").forgotten().expect(WHERE_TO);
    machine.ssh("bob").password(OLD).expect("can't be put off any longer");

    // Without a registration until the cause is found.
    machine.must(&commands("To let everybody in without a registration"));
    let mut bob = machine.ssh("bob");
    if bob.password(OLD).expect_any(&[&shell("bob"), INVITATION]) > 0 {
        bob.press_enter().signed_in("bob");
    }
}

#[test]
fn an_sshd_that_no_longer_starts_because_of_the_drop_in_starts_without_it_as_the_runbook_says() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.must("ls /etc/ssh/sshd_config.d/10-sspr.conf && echo 'Nonsense yes' >>/etc/ssh/sshd_config.d/10-sspr.conf");
    assert_ne!(machine.run("systemctl restart ssh").code, 0);
    let fault = machine.run("sshd -t");
    assert!(fault.code != 0 && fault.stderr.contains("10-sspr.conf"), "{fault:?}");
    assert!(GUIDE.contains("`sshd -t` names the fault in sshd's settings"));
    machine.must(&commands("To take sshd's drop-in away"));
    machine.ssh_password_method("alice").expect("password: ").type_line(OLD).signed_in("alice");
}

/// Alice resets by her registered address: key and store belong together again.
fn alice_resets(machine: &Machine, new: &str) {
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(machine, "alice@example.org").new_password(new).signed_in("alice");
}

const WITH_A_BACKUP: &str = "**With a backup,**";

#[test]
fn a_lost_key_and_a_damaged_store_come_back_from_the_backup_that_the_guide_makes() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.must(&commands("Back up key and store together"));

    // Only the key.
    machine.must("systemctl stop sspr-agent; rm /var/lib/sspr/host.key; systemctl start sspr-agent || true");
    let doctor = machine.run("sspr doctor");
    assert!(doctor.stdout.contains("the store has lost its key: registrations can't be read"), "{doctor:?}");
    let journal = machine.journal("sspr-agent");
    assert!(journal.contains("is missing, but there is a store that was sealed with it"), "{journal}");
    machine.ssh("alice").forgotten().expect("Reset isn't available right now").password(OLD).signed_in("alice");
    machine.must(&format!("{{\n{}\n}} || true", commands_without(WITH_A_BACKUP, "store")));
    alice_resets(&machine, NEW);

    // Only the store, and then both, with nothing left of them.
    // The write-ahead log would restore everything.
    machine.must(
        "systemctl stop sspr-agent; yes 'no database at all' | head -c 65536 >/var/lib/sspr/sspr.db; rm -f /var/lib/sspr/sspr.db-*",
    );
    machine.run("systemctl start sspr-agent");
    machine.must("until journalctl -qu sspr-agent -o cat | grep -q 'file is not a database'; do sleep 0.1; done");
    machine.must(&format!("{{\n{}\n}} || true", commands_without(WITH_A_BACKUP, "key")));
    alice_resets(&machine, OLD);
    machine.must("systemctl stop sspr-agent; rm -rf /var/lib/sspr/*");
    machine.must(&format!("{{\n{}\n}} || true", commands(WITH_A_BACKUP)));
    alice_resets(&machine, NEW);
    assert_eq!(machine.must("stat -c '%U %a' /var/lib/sspr/host.key /var/lib/sspr/sspr.db"), "sspr 600\nsspr 600");
}

#[test]
fn without_a_backup_a_store_without_its_key_makes_room_for_a_new_one_and_users_register_again() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.must("systemctl stop sspr-agent; rm /var/lib/sspr/host.key; systemctl start sspr-agent || true");
    machine.must(&format!("{{\n{}\n}} || true", commands("**Without a backup,**")));
    assert_eq!(machine.must("ls /root/sspr-lost-*/sspr.db | wc -l"), "1");
    machine.registers_email("alice", OLD, "alice@example.org");
    alice_resets(&machine, NEW);
}

/// The same machine, with all traces of the package removed, represents a new one.
#[test]
fn on_a_new_server_the_backup_brings_registrations_back() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.must(&commands("Back up key and store together"));
    machine.must(
        "cp -a /etc/sspr /root/etc-sspr && dpkg --purge sspr && dpkg -i /root/sspr.deb && systemctl stop sspr-agent",
    );
    machine.must("cp -a /root/etc-sspr/. /etc/sspr/");
    machine.must(&format!("{{\n{}\n}} || true", commands(WITH_A_BACKUP)));
    machine.reloads_sshd(|| machine.run("sspr setup --yes"));
    let doctor = machine.run("sspr doctor");
    assert!(!doctor.stdout.contains("ERROR") && !doctor.stdout.contains("another /etc/machine-id"), "{doctor:?}");
    alice_resets(&machine, NEW);
}
