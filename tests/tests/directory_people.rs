//! Whom only the directory has, at the prompts of a whole machine: sssd signs in, and everything else goes as for this host's own accounts.

use sspr_tests::{
    Image, Machine, Suite, Terminal, host,
    machine::line_showing,
    story::{INVITATION, WHERE_TO},
};

use crate::{
    directory::{NEW, OLD, PREPARE, SECRET, SETTINGS},
    lockout::session,
};

pub(crate) const ADDRESS: &str = "alice@example.org";

/// alice is in the directory alone, and lana is this host's own.
pub(crate) fn machine(suite: Suite, prepare: &str, settings: &str) -> Machine {
    Machine::with(Image::with_openldap(suite))
        .prepare(
            &PREPARE
                .replace("\npidfile", "\nloglevel stats\npidfile")
                .replace("pwdLockout", "pwdInHistory: 3\npwdLockout"),
        )
        // Its dictionary is not in this image.
        .prepare("pam-auth-update --package --disable pwquality")
        .prepare(prepare)
        .switched_on()
        .with_mail()
        .with_gateway()
        .user("lana", OLD)
        .settings(SETTINGS)
        .settings(settings)
        .boot()
}

/// How often the service's entry signed in to the directory.
#[track_caller]
fn asked(machine: &Machine) -> usize {
    let journal = machine.journal("slapd");
    assert!(journal.contains("conn="), "{journal}");
    journal.lines().filter(|line| line.contains("BIND dn=\"cn=reset,dc=example,dc=org\" method=128")).count()
}

fn registers_forgets_and_resets(suite: Suite) {
    let mut machine = machine(suite, "", "");
    machine.registers_email("alice", OLD, ADDRESS);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS);
    // The directory's own rule, after ours: in its words, and the same code is good.
    terminal.expect("New password: ").type_line(OLD).expect("Type it again: ").type_line(OLD);
    terminal.expect("Passwords that you used before are refused.").new_password(NEW).signed_in("alice");
    machine.is_refused("alice", OLD);
    machine.signs_in("alice", NEW);
    let console = machine.console();
    console.expect("login: ").type_line("alice").password(OLD).expect("Login incorrect");
    console.expect("login: ").type_line("alice").password(NEW).signed_in("alice");
    // At the next sign-in nobody need be asked about her.
    assert!(machine.must("readlink /run/sspr/settled/alice").starts_with("directory:"));
    let journal = machine.whole_journal();
    for secret in [OLD, NEW, SECRET, ADDRESS] {
        assert_eq!(line_showing(&journal, secret), None);
    }
    assert!(machine.journal("sspr-directory").lines().any(|line| line == "changed"));
    is_witnessed(&machine);
}

/// The program wrote down what it did, where the agent can't read or write, and the audit trail is compared with that.
fn is_witnessed(machine: &Machine) {
    const WITNESS: &str = "/var/lib/sspr-directory/witness";
    let lines = machine.must(&format!("cat {WITNESS}"));
    assert!(lines.contains(" trying @") && lines.contains(" changed @") && !lines.contains("alice"), "{lines}");
    assert_eq!(
        machine.must(&format!("stat -c '%U %a' /var/lib/sspr-directory {WITNESS}")),
        "sspr-directory 700\nsspr-directory 600"
    );
    machine.must(&format!("! runuser -u sspr -- sh -c 'cat {WITNESS} || echo x >>{WITNESS}' 2>/dev/null"));
    let verify = "sspr admin audit --verify";
    let said = machine.must(verify);
    assert!(said.contains("Nothing speaks against") && said.contains("sspr-directory has 1 record"), "{said}");
    // Another one's password, an hour ago; and alice's reset was another one's, by the file.
    machine.must(&format!("sed -i \"1i $(( $(date +%s) - 3600 )) changed @another\" {WITNESS}"));
    let said = machine.must(&format!("{verify}; test $? = 1"));
    assert!(said.contains("sspr-directory changed the password of the entry another"), "{said}");
}

#[test]
fn whom_only_the_directory_has_registers_forgets_resets_and_is_signed_in_at_once() {
    registers_forgets_and_resets(Suite::Bookworm);
}

#[test]
fn on_debian_13_whom_only_the_directory_has_registers_forgets_resets_and_is_signed_in_at_once() {
    registers_forgets_and_resets(Suite::Trixie);
}

#[test]
fn at_the_console_whom_only_the_directory_has_registers_forgets_resets_and_is_signed_in_at_once() {
    let mut machine = machine(Suite::Bookworm, "", "");
    let mailbox = machine.mailbox(ADDRESS);
    let console = machine.console();
    console.expect("shell login: ").type_line("alice");
    console.expect("Forgotten? Press Enter to reset it.\nPassword: ").type_line(OLD);
    console.expect(INVITATION).type_line("1").expect("Email address").type_line(ADDRESS);
    let code = mailbox.wait_for(1).code();
    console.expect("Code: ").type_line(&code).reads_that_it_is_done().signed_in("alice").type_line("exit");
    console.expect("shell login: ").type_line("alice").forgotten().expect(WHERE_TO).type_line("e");
    let code = mailbox.wait_for(2).code();
    console.expect("Code: ").type_line(&code).new_password(NEW).signed_in("alice").type_line("exit");
    console.expect("shell login: ").type_line("alice").password(OLD).expect("Login incorrect");
    console.expect("login: ").type_line("alice").password(NEW).signed_in("alice").type_line("exit");
}

/// Begins a recovery by mail and types wrong codes until it is over; gives what was shown.
#[track_caller]
fn wrong_codes(mut terminal: Terminal, user: &str) -> String {
    terminal.forgotten().expect(WHERE_TO).type_line("e");
    for _ in 0..5 {
        terminal.expect("Code: ").type_line("000000");
    }
    terminal.expect("Reset is suspended for this account").expect("Password: ");
    let transcript = terminal.transcript();
    let (_, shown) = transcript.rsplit_once("Forgotten?").unwrap_or_default();
    shown.replace(&format!("({user}@127.0.0.1)"), "(NAME@127.0.0.1)")
}

#[test]
fn a_name_of_the_directory_of_this_host_and_of_nobody_look_alike_and_before_a_proof_the_directory_is_not_asked() {
    let machine = machine(Suite::Bookworm, "", "[limits]\nstarts_per_hour = 1000\n");
    machine.registers_email("alice", OLD, ADDRESS);
    machine.registers_email("lana", OLD, "lana@example.org");
    let before = asked(&machine);
    assert!(before > 0);
    let expected = wrong_codes(machine.ssh("lana"), "lana");
    for name in ["alice", "zoe", "ALICE.NOBODY"] {
        assert_eq!(wrong_codes(machine.ssh(name), name), expected, "{name}");
    }
    // The code went out all the same.
    assert_eq!(machine.mailbox(ADDRESS).codes(), 2);
    assert_eq!(asked(&machine), before, "nothing of ours asked the directory");
    machine.must("systemctl stop slapd");
    machine.agent().hours_later(30);
    let expected = wrong_codes(machine.ssh("lana"), "lana");
    for name in ["alice", "zoe"] {
        assert_eq!(wrong_codes(machine.ssh(name), name), expected, "{name}, with the directory down");
    }
}

#[test]
fn whatever_becomes_of_the_directory_and_its_program_the_sign_in_goes_on_and_the_same_code_is_good() {
    let machine = machine(Suite::Bookworm, "", "[limits]\nstarts_per_hour = 1000\n");
    machine.registers_email("alice", OLD, ADDRESS);
    let code = |terminal: &mut Terminal| {
        let before = machine.mailbox(ADDRESS).codes();
        terminal.forgotten().expect(WHERE_TO).type_line("e");
        machine.mailbox(ADDRESS).wait_for_code(before + 1)
    };
    // The program hangs: this host's own are served as ever, and who comes from the directory is signed in.
    let mut terminal = machine.ssh("alice");
    let right = code(&mut terminal);
    machine.must("systemctl kill --signal=STOP sspr-directory");
    machine.registers_email("lana", OLD, "lana@example.org");
    machine.ssh("lana").proves_by_email(&machine, "lana@example.org").new_password(NEW).signed_in("lana");
    machine.signs_in("alice", OLD);
    // It dies in the midst of a reset, and is started anew.
    machine.must("systemctl kill --signal=KILL sspr-directory");
    terminal.expect("Code: ").type_line(&right).expect("New password: ");
    machine.must("systemctl kill --signal=KILL sspr-directory");
    // The directory goes away before the write: nothing is changed, and the code still is good.
    machine.must("systemctl stop slapd");
    terminal.type_line(NEW).expect("Type it again: ").type_line(NEW).expect("Nothing was changed").expect("Password: ");
    machine.must("systemctl start slapd; until ldapsearch -x -H ldap://localhost -b '' -s base >/dev/null 2>&1; do sleep 0.1; done");
    // Else it takes the directory for gone for a while, and the new password for wrong.
    machine.must("systemctl restart sssd");
    terminal.press_enter().expect("Code: ").type_line(&right).new_password(NEW).signed_in("alice");
}

#[test]
fn administrators_and_shells_serve_whom_the_directory_alone_has_as_any_other() {
    let machine = machine(Suite::Bookworm, "", "");
    machine.registers_email("alice", OLD, ADDRESS);
    let shown = machine.must("sspr admin show ALICE");
    assert!(shown.contains("alice, of the directory") && shown.contains("on for this account"), "{shown}");
    assert!(machine.must("sspr admin users").contains("alice"));
    let status = machine.must("setpriv --reuid 20000 --regid 20000 --clear-groups sspr status");
    assert!(status.contains("a***@e***.org"), "{status}");
    // A code from the help desk resets as well.
    let code = machine.must("sspr admin code alice");
    let code = code.lines().find(|line| line.contains(" - ")).unwrap_or_else(|| panic!("{code}")).replace(" - ", "-");
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect(WHERE_TO).type_line("code").expect("Code: ").type_line(code.trim());
    terminal.new_password(NEW).signed_in("alice");
    machine
        .must("sspr admin unblock alice && sspr admin exempt alice --reason test && sspr admin exempt alice --remove");
    machine.must("sspr admin forget --yes alice");
    assert!(!machine.must("sspr admin users").contains("alice"));
    assert_ne!(machine.run("sspr admin show nobody-has-this-name").code, 0);
    // What is forgotten is asked for again.
    machine.ssh("alice").password(NEW).expect(INVITATION);
    // Imported, it is good for a reset; while the directory is gone, nobody counts as unknown.
    machine.must(&format!("printf 'name,email\\nALICE,{ADDRESS}\\nnobody-here,n@example.org\\n' >/tmp/people.csv"));
    machine.must("systemctl stop slapd");
    let import = "sspr admin import --keep-going /tmp/people.csv";
    let refused = machine.run(import);
    assert!(refused.code != 0 && refused.stderr.contains("the directory does not say who that is"), "{refused:?}");
    machine.must("systemctl start slapd; until ldapsearch -x -H ldap://localhost -b '' -s base >/dev/null 2>&1; do sleep 0.1; done");
    machine.must("systemctl restart sssd");
    let imported = machine.run(import);
    assert!(imported.stderr.contains("there is no such account"), "{imported:?}");
    assert!(machine.must("sspr admin show alice").contains("a***@e***.org"));
    machine.ssh("alice").proves_by_email(&machine, ADDRESS).new_password("Twelve-blue-kettles-9").signed_in("alice");
}

#[test]
fn who_moves_from_this_host_to_the_directory_takes_along_what_was_registered_once_an_administrator_says_so() {
    const LOCAL: &str = "Local-horse-battery-1";
    let machine = machine(
        Suite::Bookworm,
        "useradd -M -s /bin/bash -u 3000 alice && echo alice:Local-horse-battery-1 | chpasswd",
        "",
    );
    machine.registers_email("alice", LOCAL, ADDRESS);
    let said = machine.must("sspr admin adopt alice");
    assert!(said.contains("Now delete the local account.") && said.contains("Recovery codes"), "{said}");
    let note = machine.mailbox(ADDRESS).wait_for_text("Added: ");
    assert!(note.text.contains("from an administrator"), "{}", note.text);
    let again = machine.run("sspr admin adopt alice");
    assert!(again.code == 1 && again.stderr.contains("the local account alice has nothing registered"), "{again:?}");
    machine.must("pkill -KILL -u 3000; while pgrep -u 3000 >/dev/null; do sleep 0.1; done; userdel alice");
    // What userdel runs forgets the local account alone.
    let shown = machine.must("sspr admin show alice");
    assert!(shown.contains("alice, of the directory") && shown.contains("a***@e***.org"), "{shown}");
    machine.ssh("alice").proves_by_email(&machine, ADDRESS).new_password(NEW).signed_in("alice");
}

#[test]
fn doctor_says_what_the_directory_lacks() {
    let machine = machine(Suite::Bookworm, "", "");
    let rows = || machine.run("sspr doctor --offline").stdout;
    let of_it =
        |said: &str| said.lines().filter(|line| line.contains(" directory ")).map(str::to_owned).collect::<Vec<_>>();
    let said = rows();
    assert!(!of_it(&said).is_empty() && of_it(&said).iter().all(|line| !line.starts_with("ERROR")), "{said}");
    machine.must("systemctl stop slapd; echo 'cached_auth_timeout = 3600' >>/etc/sssd/sssd.conf; sed -i 's/^passwd:.*/passwd: sss files/' /etc/nsswitch.conf");
    let said = rows();
    for part in ["before this host's files", "takes a password from its cache for 3600 s"] {
        let words: Vec<&str> = said.split_whitespace().collect();
        assert!(words.join(" ").contains(part), "{part}: {said}");
    }
    assert!(of_it(&said).iter().filter(|line| line.starts_with("ERROR")).count() > 1, "{said}");
}

#[test]
fn who_is_not_in_the_files_and_is_new_to_the_directory_is_not_held_up_by_one_that_hangs() {
    let machine = machine(Suite::Bookworm, "", "");
    // sssd has alice in its cache, and goes offline by itself; ours hangs with its servers.
    machine.must("getent passwd alice; systemctl start sspr-directory; systemctl kill --signal=STOP sspr-directory");
    let mut terminal = machine.ssh("alice");
    terminal.password(OLD).signed_in("alice");
    assert!(!terminal.transcript().contains("(Enter for not now)"), "{}", terminal.transcript());
}

#[test]
fn sessions_of_whom_only_the_directory_has_end_after_a_reset_if_that_is_set_and_a_reset_in_a_session_ends_none() {
    const NEWER: &str = "Another-staple-correct-3";
    let machine = machine(Suite::Bookworm, "", "[recover]\nend_sessions = true\n");
    machine.registers_email("alice", OLD, ADDRESS);
    let (hers, lanas) = (session(&machine, "alice"), session(&machine, "lana"));
    let mut shell = machine.signs_in("alice", OLD);
    let before = machine.mailbox(ADDRESS).codes();
    shell.type_line("sspr reset").expect(WHERE_TO).type_line("e");
    let code = machine.mailbox(ADDRESS).wait_for_code(before + 1);
    shell.expect("Code: ").type_line(&code).new_password(NEW).signed_in("alice");
    assert!(!shell.transcript().contains("was ended"), "{}", shell.transcript());
    machine.must(&format!("kill -0 {hers}"));
    // The cool-down between two codes.
    machine.agent().hours_later(2);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEWER);
    terminal.expect("One open session was ended.").signed_in("alice");
    machine.must(&format!("for i in $(seq 100); do kill -0 {hers} 2>/dev/null || exit 0; sleep 0.05; done; exit 1"));
    machine.must(&format!("kill -0 {lanas}"));
    machine.is_refused("alice", NEW);
    machine.signs_in("alice", NEWER);
}

/// The time that a new contact has to wait is over.
fn quiet_time_is_over(machine: &Machine) {
    let database = machine.root().join("var/lib/sspr/sspr.db").display().to_string();
    host::command("sqlite3", ["-cmd", ".timeout 5000", &database, "UPDATE synced SET since = since - 7 * 86400"]);
}

#[test]
fn whose_address_the_directory_has_resets_without_a_registration_once_the_quiet_time_is_over() {
    let machine = machine(Suite::Bookworm, "", "[contacts.directory]\nemail = \"mail\"\n");
    // The agent copies them when it starts. That is over by then.
    machine.must("timeout 30 sh -c 'until sspr admin directory sync >/dev/null 2>&1; do sleep 0.2; done'");
    machine.must(&format!(
        "printf '%s\\n' 'dn: uid=alice,ou=people,dc=example,dc=org' 'changetype: modify' 'add: mail' 'mail: {ADDRESS}' | \
         ldapmodify -x -H ldap://localhost -D cn=root,dc=example,dc=org -w {SECRET}"
    ));
    let seen = machine.must("sspr admin directory sync");
    assert!(seen.contains("1  contacts are new; they are usable after 7 days"), "{seen}");
    assert!(!machine.must("sspr admin show alice").contains("from the directory"));
    quiet_time_is_over(&machine);
    let dry = machine.must("sspr admin directory sync --dry-run");
    assert!(dry.contains("1  contacts would be usable now"), "{dry}");
    machine.must("sspr admin directory sync");
    let shown = machine.must("sspr admin show alice");
    assert!(shown.contains("from the directory"), "{shown}");
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS);
    terminal.new_password(NEW).signed_in("alice");
    machine.signs_in("alice", NEW);
    let journal = machine.whole_journal();
    for secret in [NEW, SECRET, ADDRESS] {
        assert_eq!(line_showing(&journal, secret), None);
    }
}
