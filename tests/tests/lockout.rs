//! Accounts that too many wrong passwords locked, and what follows a recovery: sessions, keys, the rules of a new password.

use sspr_tests::{Image, Machine, story::AGAIN};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

/// `pam_faillock` as the CIS benchmarks for Debian have it switched on.
const FAILLOCK: &str = "
    printf '%s\n' 'Name: Lock after failures' 'Default: yes' 'Priority: 0' 'Auth-Type: Primary' 'Auth:' \
        '	[default=die]	pam_faillock.so authfail' >/usr/share/pam-configs/faillock
    printf '%s\n' 'Name: Notify of failures' 'Default: yes' 'Priority: 1024' 'Auth-Type: Primary' 'Auth:' \
        '	requisite	pam_faillock.so preauth' 'Account-Type: Primary' 'Account:' \
        '	required	pam_faillock.so' >/usr/share/pam-configs/faillock_notify
    printf 'deny = 2\nunlock_time = 0\n' >/etc/security/faillock.conf
    pam-auth-update --enable faillock faillock_notify
";

fn machine(prepare: &str, settings: &str) -> Machine {
    let builder = Machine::with(Image::installed()).switched_on().with_mail().prepare(prepare);
    let builder = builder.user("alice", OLD).user("bob", OLD);
    builder.settings("[scope]\nenable = \"all\"\n").settings(settings).boot()
}

#[test]
fn an_account_that_too_many_wrong_passwords_locked_recovers_and_is_unlocked() {
    let machine = machine(FAILLOCK, "");
    machine.registers_email("alice", OLD, "alice@example.org");
    for _ in 0..2 {
        machine.is_refused("alice", "not the one it is");
    }
    machine.is_refused("alice", OLD);
    assert!(machine.must("faillock --user alice").lines().filter(|line| line.ends_with('V')).count() >= 2);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").expect("have locked this account").press_enter();
    terminal.new_password(NEW).signed_in("alice");
    assert_eq!(machine.must("faillock --user alice").lines().filter(|line| line.ends_with('V')).count(), 0);
    machine.signs_in("alice", NEW);
}

/// Opens a session of `user` in logind, without a terminal, and gives the process that is in it.
pub(crate) fn session(machine: &Machine, user: &str) -> String {
    // Started by the machine's own manager, which can then move it into the session.
    let process = machine.must(&format!(
        "systemd-run -q --unit=shell-of-{user} --property=Type=exec --property=User={user} sleep 1000
         systemctl show -P MainPID shell-of-{user}"
    ));
    machine.must(&format!(
        "busctl call org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager CreateSession \
         'uusssssussbssa(sv)' $(id -u {user}) {process} sshd unspecified user '' '' 0 '' '' 0 '' '' 0"
    ));
    process
}

#[test]
fn other_sessions_end_if_that_is_set_and_keys_that_can_still_sign_in_are_told() {
    let machine = machine("", "[recover]\nend_sessions = true\n");
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.key_for("alice");
    machine.must("ln -s /etc/shadow ~alice/.ssh/authorized_keys2");
    let (hers, his) = (session(&machine, "alice"), session(&machine, "bob"));
    assert!(machine.must("loginctl list-sessions --no-legend").lines().count() >= 2);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").new_password(NEW);
    terminal.expect("One open session was ended.");
    terminal.expect("One SSH key can still sign in as you; check it.").signed_in("alice");
    machine.must(&format!("for i in $(seq 100); do kill -0 {hers} 2>/dev/null || exit 0; sleep 0.05; done; exit 1"));
    machine.must(&format!("kill -0 {his}"));
    // The key still signs in, as was said.
    assert_eq!(machine.ssh_key("alice", "echo in").stdout, "in\n");
}

#[test]
fn a_banned_word_is_refused_in_words_and_a_new_list_holds_at_once() {
    let machine = machine(
        "printf 'Northwind\n' >/etc/sspr/banned-words; chmod 644 /etc/sspr/banned-words",
        "[password]\nbanned_words_file = \"/etc/sspr/banned-words\"\n",
    );
    machine.registers_email("alice", OLD, "alice@example.org");
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").expect("Some words are banned");
    terminal.expect("New password: ").type_line("the n0rthw1nd calls");
    terminal.expect("That contains a word that is banned here:").expect("Northwind\n");
    machine.must("echo Kites >>/etc/sspr/banned-words");
    terminal.expect("New password: ").type_line(NEW).expect("Kites\n");
    terminal.expect("New password: ").type_line("seven gre").expect("It needs 3 more characters.");
    terminal.expect("New password: ").type_line(OLD).expect(AGAIN).type_line(OLD);
    terminal.expect("That is the one you have now").new_password("seven green boats fly").signed_in("alice");
}

#[test]
fn whoever_knows_the_password_after_all_is_just_unlocked_and_signs_in_with_it_at_once() {
    let machine = machine(FAILLOCK, "");
    machine.registers_email("alice", OLD, "alice@example.org");
    for _ in 0..2 {
        machine.is_refused("alice", "not the one it is");
    }
    let before = machine.shadow("alice");
    // Giving up leaves the lock.
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect("Enter to go back").press_enter().password(OLD).expect("Password: ");
    assert!(machine.must("faillock --user alice").lines().any(|line| line.ends_with('V')));
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").expect("have locked this account").type_line("unlock");
    terminal.expect("The account is unlocked.").password(OLD).signed_in("alice");
    assert!(!machine.must("faillock --user alice").lines().any(|line| line.ends_with('V')));
    assert_eq!(machine.shadow("alice"), before);
}
