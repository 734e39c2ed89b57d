//! Machines that run out of something, and programs that block ours. Whatever it is, the correct password signs in, and
//! when it is over, resets work again without help.

use std::{fs::OpenOptions, time::Duration};

use rustix::fs::{FlockOperation, fcntl_lock};
use sspr_tests::{
    Machine, host,
    mail::Message,
    story::{INVITATION, WHERE_TO, shell},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const STATE: &str = "/var/lib/sspr";
/// The message when nothing works.
const NOT_NOW: &str = "Reset isn't available right now";

/// Alice has registered, Bob has not.
fn two_people() -> Machine {
    let machine = Machine::ready(&[("alice", OLD), ("bob", OLD)]);
    machine.has_email("alice", "alice@example.org");
    machine
}

/// Both sign in with their passwords; a question after that doesn't matter here.
#[track_caller]
fn both_sign_in(machine: &Machine) {
    for name in ["alice", "bob"] {
        let mut terminal = machine.ssh(name);
        terminal.password(OLD);
        if terminal.expect_any(&[&shell(name), INVITATION, "Type y if it is"]) > 0 {
            terminal.press_enter().signed_in(name);
        }
    }
}

/// Enter, or the first answer after it, says that there is no reset now, and the password signs in after that.
#[track_caller]
fn reset_is_off(machine: &Machine) {
    let mut alice = machine.ssh("alice");
    if alice.forgotten().expect_any(&[NOT_NOW, WHERE_TO]) > 0 {
        alice.type_line("e").expect(NOT_NOW);
    }
    alice.password(OLD).signed_in("alice");
}

/// Within some seconds, without help.
#[track_caller]
fn reset_is_back(machine: &Machine) {
    host::wait_for("resets to go again", Duration::from_secs(30), || {
        let mut terminal = machine.ssh("alice");
        (terminal.forgotten().expect_any(&[WHERE_TO, NOT_NOW]) == 0).then_some(())
    });
    // After a helper was killed during its start, the bus waits 25 seconds, and every caller waits with it.
    host::wait_for("the helper to answer", Duration::from_mins(1), || {
        let ping = "busctl call org.pam_sspr.Credential1 /org/pam_sspr/Credential1 org.freedesktop.DBus.Peer Ping";
        (machine.run(ping).code == 0).then_some(())
    });
}

/// A drop-in for one of our units.
#[track_caller]
fn drop_in(machine: &Machine, unit: &str, lines: &str) {
    machine.must(&format!(
        "mkdir -p /run/systemd/system/{unit}.service.d
         printf '[Service]\\n%b\\n' '{lines}' >/run/systemd/system/{unit}.service.d/fault.conf
         systemctl daemon-reload; systemctl reset-failed {unit}"
    ));
    machine.run(&format!("systemctl restart {unit}"));
}

/// Removes the drop-in; systemd restarts what failed.
#[track_caller]
fn no_drop_in(machine: &Machine, unit: &str) {
    machine.must(&format!(
        "rm /run/systemd/system/{unit}.service.d/fault.conf; systemctl daemon-reload
         if systemctl is-active -q {unit}; then systemctl restart {unit}; fi"
    ));
}

#[test]
fn a_store_without_room_without_inodes_or_on_a_read_only_disk_keeps_nobody_out_and_mends_by_itself() {
    let machine = two_people();
    machine.must(&format!(
        "systemctl stop sspr-agent
         cp -a {STATE} /root/state
         mount -t tmpfs -o size=2m,nr_inodes=60,mode=700,uid=$(id -u sspr),gid=$(id -g sspr) tmpfs {STATE}
         cp -a /root/state/. {STATE}/
         systemctl start sspr-agent"
    ));
    reset_is_back(&machine);

    // Full, while the agent runs and from its start.
    machine.run(&format!("cat /dev/zero >{STATE}/filler"));
    reset_is_off(&machine);
    both_sign_in(&machine);
    let doctor = machine.run("sspr doctor");
    assert!(doctor.code == 2 && doctor.stdout.contains("the file system of /var/lib/sspr is full"), "{doctor:?}");
    assert!(machine.journal("sspr-agent").contains("database or disk is full"));
    machine.run("systemctl restart sspr-agent");
    both_sign_in(&machine);
    machine.must(&format!("rm {STATE}/filler"));
    reset_is_back(&machine);

    // No inodes: open files still work.
    machine.run(&format!("i=0; while : >{STATE}/filler$i; do i=$((i+1)); done"));
    machine.ssh("alice").forgotten().expect(WHERE_TO);
    both_sign_in(&machine);
    machine.run("systemctl restart sspr-agent");
    both_sign_in(&machine);
    let doctor = machine.run("sspr doctor");
    assert!(doctor.code == 2 && doctor.stdout.contains("the file system of /var/lib/sspr is full"), "{doctor:?}");
    machine.must(&format!("rm {STATE}/filler*"));
    reset_is_back(&machine);

    // Read-only from its start.
    machine.must(&format!("systemctl stop sspr-agent; mount -o remount,ro {STATE}"));
    machine.run("systemctl start sspr-agent");
    reset_is_off(&machine);
    both_sign_in(&machine);
    machine.must(&format!("mount -o remount,rw {STATE}"));
    reset_is_back(&machine);
    let integrity = "PRAGMA integrity_check";
    machine.must("systemctl stop sspr-agent");
    let file = machine.root().join("root/copy.db");
    machine.must(&format!("cp {STATE}/sspr.db /root/copy.db"));
    assert_eq!(host::command("sqlite3", [file.to_str().unwrap(), integrity]).trim(), "ok");
}

#[test]
fn without_descriptors_or_memory_for_agent_or_helper_the_password_signs_in_and_after_that_resets_go_again() {
    let machine = two_people();
    for (limit, starts) in
        [("LimitNOFILE=3", false), ("LimitNOFILE=10", false), ("LimitNOFILE=16", true), ("LimitAS=16M", false)]
    {
        drop_in(&machine, "sspr-agent", limit);
        both_sign_in(&machine);
        if !starts {
            reset_is_off(&machine);
        }
        no_drop_in(&machine, "sspr-agent");
        reset_is_back(&machine);
    }

    // A running agent that gets no more memory.
    machine.must(
        "setpriv --reuid=sspr --regid=sspr --clear-groups \
             prlimit --nofile=12:12 --pid $(systemctl show -P MainPID sspr-agent)",
    );
    both_sign_in(&machine);
    machine.ssh("alice").forgotten().expect_any(&[WHERE_TO, NOT_NOW]);
    machine.must("systemctl kill --signal=KILL sspr-agent");
    reset_is_back(&machine);

    // Without the helper it is unknown whether a code may be sent. It is sent as soon as the helper answers.
    drop_in(&machine, "sspr-credential", "LimitNOFILE=3");
    both_sign_in(&machine);
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect(WHERE_TO).type_line("e").expect("a code is on its way").expect("Code: ");
    drop_in(&machine, "sspr-credential", "LimitAS=1M");
    both_sign_in(&machine);
    assert_eq!(machine.mailbox("alice@example.org").codes(), 0);
    no_drop_in(&machine, "sspr-credential");
    // The retries become less and less frequent.
    let mailbox = machine.mailbox("alice@example.org");
    let code = host::wait_for("the code", Duration::from_mins(1), || mailbox.messages().first().map(Message::code));
    alice.type_line(&code).new_password(NEW).signed_in("alice");
}

/// The helper is asked for a change while another program holds the lock of the account files.
#[test]
fn while_somebody_holds_the_account_files_nothing_is_changed_and_the_same_code_is_good_afterwards() {
    let machine = two_people();
    let before = machine.shadow("alice");
    let path = machine.root().join("etc/.pwd.lock");
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path).unwrap();
    fcntl_lock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    let mut alice = machine.ssh("alice");
    alice.proves_by_email(&machine, "alice@example.org").new_password(NEW);
    both_sign_in(&machine);
    alice.expect("Nothing was changed; what you had still works.").password(OLD).signed_in("alice");
    assert_eq!(machine.shadow("alice"), before);
    assert!(machine.journal("sspr-credential").contains("another program holds the account files"));
    drop(lock);
    let code = machine.mailbox("alice@example.org").wait_for(1).code();
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect("sent by email before and is still good").expect("Code: ").type_line(&code);
    alice.new_password(NEW).signed_in("alice");
    assert_eq!(machine.mailbox("alice@example.org").codes(), 1);
}

#[test]
fn with_the_mail_server_down_another_way_leads_in_the_administrator_sees_why_and_mail_goes_out_later() {
    let machine = two_people();
    let codes = machine.has_recovery_codes("alice");
    machine.must("systemctl stop mail-server");
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect(WHERE_TO).type_line("e").expect("a code is on its way").expect("Code: ");
    both_sign_in(&machine);
    host::wait_for("the third try", Duration::from_secs(30), || {
        let journal = machine.journal("sspr-agent");
        (journal.matches("a message could not be sent yet").count() >= 3).then_some(())
    });
    let doctor = machine.run("sspr doctor");
    assert!(doctor.code == 2 && doctor.stdout.contains("mail.example.org"), "{doctor:?}");
    alice.type_line("other").expect(WHERE_TO).type_line("code").expect("Code: ").type_line(&codes[0]);
    alice.new_password(NEW).signed_in("alice");

    // An hour later the code is given up, the notification is not, and a new code comes.
    machine.agent().hours_later(1);
    host::wait_for("the code to be given up", Duration::from_secs(90), || {
        machine.journal("sspr-agent").contains("a message was given up: it could not be sent in time").then_some(())
    });
    machine.must("systemctl start mail-server");
    let mailbox = machine.mailbox("alice@example.org");
    host::wait_for("the note about the reset", Duration::from_secs(150), || {
        mailbox.messages().iter().any(|message| message.text.contains("was reset on")).then_some(())
    });
    assert_eq!(mailbox.codes(), 0);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").new_password(OLD).signed_in("alice");
}

#[test]
fn a_clock_ten_years_ahead_or_back_keeps_nobody_out_and_leaves_nobody_waiting_when_it_is_right_again() {
    let years = 10 * 365 * 24;
    let machine = Machine::ready_with(&[("alice", OLD), ("bob", OLD)], "[limits]\nstarts_per_hour = 1000\n");
    machine.has_email("alice", "alice@example.org");
    let codes = machine.has_recovery_codes("alice");
    machine.agent().clock_is_off(years);
    both_sign_in(&machine);
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    for off in [-years, 0] {
        machine.agent().clock_is_off(off);
        machine.signs_in("alice", NEW);
    }
    // If the future counted, the next code could be sent in ten years.
    let sent = machine.mailbox("alice@example.org").codes();
    host::wait_for("the cool-down to end", Duration::from_secs(90), || {
        let mut terminal = machine.ssh("alice");
        terminal.forgotten().expect(WHERE_TO).type_line("e");
        (terminal.expect_any(&["a code is on its way", "can be sent in"]) == 0).then_some(())
    });
    machine.mailbox("alice@example.org").wait_for(sent + 1);

    machine.agent().clock_is_off(-years);
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).type_line("code").expect("Code: ").type_line(&codes[0]);
    terminal.new_password(OLD).signed_in("alice");
    both_sign_in(&machine);
}

#[test]
fn with_agent_helper_and_bus_killed_over_and_over_every_sign_in_succeeds_and_after_that_resets_go_again() {
    let machine = two_people();
    machine.must(
        "cat >/root/kills <<'KILLS'
#!/bin/sh
n=0
while :; do
    n=$((n + 1))
    # The bus more seldom: systemd gives up what fails five times in ten seconds.
    if [ $((n % 16)) = 0 ]; then pkill -9 -x dbus-daemon; echo bus; fi
    pkill -9 -x sspr-agent && echo agent
    pkill -9 -x sspr-credential && echo helper
    sleep 0.$((n % 3 + 1))
done
KILLS
         chmod +x /root/kills
         systemd-run --quiet --unit=kills --property=StandardOutput=append:/root/killed /root/kills",
    );
    for _ in 0..6 {
        both_sign_in(&machine);
        let mut alice = machine.ssh("alice");
        alice.forgotten().expect_any(&[WHERE_TO, NOT_NOW]);
        alice.press_enter().kill();
    }
    machine.must("systemctl stop kills");
    let killed = machine.must("sort /root/killed | uniq -c");
    assert!(["bus", "agent"].iter().all(|what| killed.contains(what)), "{killed}");
    reset_is_back(&machine);
    machine.agent().clock_is_off(2);
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
}
