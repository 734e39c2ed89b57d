//! Legitimately slow machines: the most expensive hashes, two dozen of them remembered, and a slow program, with the
//! helper's own unit and therefore its own limits.

use std::time::Duration;

use sspr_tests::{
    Machine,
    story::{WHERE_TO, shell},
};

const PASSWORD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
/// Longer than a reset waits for PAM.
const PATIENCE: Duration = Duration::from_mins(2);
const MENU: &str = "A number (Enter when you are done): ";

/// From now on, new passwords are hashed by yescrypt with this cost, and `user` gets one.
fn costs(machine: &Machine, cost: u32, user: &str, password: &str) {
    machine.must(&format!(
        "sed -i 's/yescrypt.*/yescrypt rounds={cost}/' /etc/pam.d/common-password && echo '{user}:{password}' | chpasswd"
    ));
}

/// The limits of the helper's unit killed nothing.
fn assert_nothing_was_killed(machine: &Machine) {
    let said = machine.journal("sspr-credential");
    for word in ["oom-kill", "OOM killer", "status=9/KILL", "Failed with result"] {
        assert!(!said.contains(word), "{word}:\n{said}");
    }
}

#[test]
fn with_yescrypt_at_its_highest_costs_people_reset_sign_in_and_register_in_a_shell() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD), ("carol", PASSWORD), ("dave", PASSWORD)]);
    let highest = [(10, "$y$jE"), (11, "$y$jF")];
    for (user, (cost, begins)) in ["alice", "bob"].into_iter().zip(highest) {
        let address = format!("{user}@example.org");
        machine.imports_email(user, &address);
        costs(&machine, cost, user, PASSWORD);
        let mut forgetful = machine.ssh(user);
        forgetful.forgotten().expect(WHERE_TO).type_line("e");
        let code = machine.mailbox(&address).wait_for_code(1);
        forgetful.expect("Code: ").type_line(&code).new_password(NEW);
        forgetful.expect_within(&[&shell(user)], PATIENCE);
        machine.mailbox(&address).wait_for_text("was reset");
        assert!(machine.shadow(user).contains(begins), "the new one costs as much: {}", machine.shadow(user));
    }
    assert_nothing_was_killed(&machine);
    for (user, (cost, begins)) in ["carol", "dave"].into_iter().zip(highest) {
        costs(&machine, cost, user, PASSWORD);
        let line = machine.shadow(user);
        assert!(line.contains(begins), "cost {cost}: {line}");
        // The hash takes longer than a sign-in may be delayed: the user is not asked, and a line says how to register.
        let mut terminal = machine.signs_in(user, PASSWORD);
        let audit = machine.must(&format!("sspr admin audit --json --user {user}"));
        assert!(audit.contains("can't be checked at a sign-in"), "{audit}");
        terminal.type_line("sspr enroll").expect("Current password: ").type_line(PASSWORD);
        let address = format!("{user}@example.org");
        terminal
            .expect(MENU)
            .type_line("1")
            .types_email(&machine, &address)
            .expect("Saved.")
            .expect(MENU)
            .press_enter();
        terminal.expect("Press Enter to go on: ").press_enter().signed_in(user);
    }
    assert_nothing_was_killed(&machine);
    let doctor = machine.run("sspr doctor --offline --json").stdout;
    assert!(
        doctor.contains("too long to check there: alice, bob, carol, dave; and users who get a new password"),
        "{doctor}"
    );
}

#[test]
fn two_dozen_remembered_hashes_and_a_program_of_eleven_seconds_are_waited_for_and_told_once() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    machine.registers_email("alice", PASSWORD, "alice@example.org");
    machine.must(
        "sed -i 's/yescrypt.*/yescrypt rounds=7/' /etc/pam.d/common-password
         for n in $(seq 24); do
             echo \"alice:remembered $n times over\" | chpasswd
             getent shadow alice | cut -d: -f2
         done | paste -sd, | sed \"s/^/alice:$(id -u alice):24:/\" >/etc/security/opasswd
         chmod 600 /etc/security/opasswd",
    );
    costs(&machine, 7, "alice", PASSWORD);
    machine.must(
        "sed -i '/^password.*pam_unix/s/obscure/obscure use_authtok/' /etc/pam.d/common-password
         sed -i '0,/^password/s//password requisite pam_pwhistory.so remember=24\\n&/' /etc/pam.d/common-password
         echo 'password optional pam_exec.so quiet /bin/sleep 11' >>/etc/pam.d/common-password",
    );
    let mut alice = machine.ssh("alice");
    alice.proves_by_email(&machine, "alice@example.org");
    // One of the remembered passwords, and then a new one.
    alice.new_password("remembered 7 times over");
    alice.expect_within(&["refuses that password"], PATIENCE);
    alice.new_password(NEW).expect_within(&["alice@shell:~$ "], PATIENCE);
    machine.mailbox("alice@example.org").wait_for_text("was reset");
    let notes = machine.mailbox("alice@example.org").messages();
    assert_eq!(notes.iter().filter(|note| note.subject.contains("was reset")).count(), 1);
    machine.is_refused("alice", PASSWORD);
    assert_nothing_was_killed(&machine);
    assert!(machine.must("sspr admin audit").contains("Reset password (self-service)"));
}
