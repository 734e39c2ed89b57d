//! What administrators do: as root, by sudo, and what nobody else can.

use sspr_tests::{Machine, Terminal, machine::line_showing};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NOT_NOW: &str = "(Enter for not now): ";

/// `sspr admin`, as root, that must work.
#[track_caller]
fn admin(machine: &Machine, arguments: &str) -> String {
    machine.must(&format!("sspr admin {arguments}"))
}

/// `sspr admin`, as root: its exit status and all that it said.
fn tries(machine: &Machine, arguments: &str) -> (i32, String) {
    let output = machine.run(&format!("sspr admin {arguments}"));
    (output.code, output.stdout + &output.stderr)
}

/// Signs in without registering.
fn shell(machine: &Machine, user: &str) -> Terminal {
    let mut terminal = machine.ssh(user);
    terminal.password(OLD).expect(NOT_NOW).press_enter().signed_in(user);
    terminal
}

/// The JSON lines of `sspr admin audit` that have all `parts`.
fn records<'a>(trail: &'a str, parts: &[&str]) -> Vec<&'a str> {
    trail.lines().filter(|line| parts.iter().all(|part| line.contains(part))).collect()
}

/// The correlation id in one of them.
fn correlation(line: &str) -> &str {
    line.split("\"correlation\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap()
}

#[test]
fn alice_recovers_with_imported_contacts_the_report_counts_it_and_the_audit_trail_has_it_without_a_contact_or_a_code() {
    let machine = Machine::ready(&[("alice", OLD), ("bob", OLD)]);
    assert!(admin(&machine, "users").contains("2 accounts; 0 can reset the password."));
    machine.must(
        "printf 'Name,Phone,Email\\r\\nalice,090-1234-5678,alice@example.org\\r\\nghost,,g@example.org\\r\\n' >/root/all.csv",
    );
    let (code, said) = tries(&machine, "import /root/all.csv");
    assert!(code == 1 && said.contains("line 3, ghost: there is no such account"), "{said}");
    let (code, said) = tries(&machine, "import --keep-going /root/all.csv");
    assert!(code == 4 && said.contains("Imported the contacts of 1 account"), "{said}");
    let shown = admin(&machine, "show alice");
    assert!(shown.contains("a***@e***.org") && shown.contains("+81 ** **** **78"), "{shown}");

    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    let sent = machine.mailbox("alice@example.org").wait_for(2);
    assert!(sent.subject.contains("was reset"), "{}", sent.subject);
    let code = machine.mailbox("alice@example.org").messages()[0].code();

    let today = machine.must("date +%F");
    let root = machine.run("sspr status");
    assert!(
        root.code == 0 && root.stderr.contains("sspr admin show USER") && root.stderr.contains("sspr doctor"),
        "{root:?}"
    );
    let root = machine.run("sspr enroll");
    assert!(root.code == 1 && root.stderr.contains("never serves root"), "{root:?}");
    let report = admin(&machine, "report --csv");
    for row in ["summary,enabled,2", "summary,capable,1", "method,phone,1", &format!("recoveries,{today},1")] {
        assert!(report.lines().any(|line| line == row), "{row}: {report}");
    }
    assert!(admin(&machine, "report").contains("capable           1   50 %"));

    let trail = admin(&machine, "audit --json --user alice");
    let reset = records(&trail, &["Reset password (self-service)", "\"success\"", "sshd", "127.0.0.1"]);
    let verified = records(&trail, &["Self-service identity verified"]);
    assert_eq!((reset.len(), verified.len()), (1, 1), "{trail}");
    assert_eq!(correlation(reset[0]).len(), 32);
    assert_eq!(correlation(reset[0]), correlation(verified[0]));
    assert_eq!(records(&trail, &["Security info imported (admin)"]).len(), 2, "{trail}");
    let journal = machine.whole_journal();
    assert!(journal.contains(correlation(reset[0])), "journal and table name one dialogue alike");
    let import = machine.must("journalctl -u sspr-agent -o cat SSPR_EVENT='Security info imported (admin)'");
    assert!(import.contains("1 accounts, 0 of them with contacts replaced"), "{import}");

    machine.agent().stop();
    let store = std::fs::read(machine.root().join("var/lib/sspr/sspr.db")).unwrap();
    for secret in ["example.org", "9012345678", &code, OLD, NEW] {
        assert!(!store.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} is in the store");
    }
    for (place, text) in [("journal", &journal), ("trail", &trail)] {
        assert_eq!(line_showing(text, &code), None, "the code is in the {place}");
        for secret in ["alice@example.org", "9012345678", OLD, NEW] {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
    }
    let (code, said) = tries(&machine, "users");
    assert!(code == 3 && said.contains("systemctl status sspr-agent"), "{said}");
}

#[test]
fn a_sudoer_gives_out_a_code_under_her_own_name_never_for_herself_and_an_ordinary_user_gets_nowhere() {
    let machine = Machine::ready(&[("bob", OLD), ("carol", OLD)]);
    machine.must("usermod -aG sudo carol");
    let mut carol = shell(&machine, "carol");
    carol.type_line("sudo sspr admin code bob").expect("password for carol: ").type_line(OLD);
    carol.expect(" - ").expect("For bob, once, until ").signed_in("carol");
    carol.type_line("sudo sspr admin code carol; echo status $?").expect("your own account").expect("status 1");
    carol.type_line("sudo sspr admin code root; echo status $?").expect("never served").expect("status 1");
    let issued = admin(&machine, "audit --json");
    assert_eq!(records(&issued, &["Help desk code issued", "\"actor\":\"carol\"", "\"account\":\"bob\""]).len(), 1);
    assert!(admin(&machine, "show bob").contains("from carol, good until "));

    // She watches what happens.
    carol.type_line("sudo sspr admin audit --follow").expect("Help desk code issued");
    admin(&machine, "unblock bob");
    carol.expect("Unblock self-service").ctrl('c');

    let mut bob = shell(&machine, "bob");
    bob.type_line("sspr admin users; echo status $?").expect("sudo").expect("status 1");
    let call = "busctl call org.pam_sspr.Agent1 /org/pam_sspr/Agent1 org.pam_sspr.Admin1";
    for member in
        ["Users", "People", "Code", "Audit", "ImportBegin", "Forget", "Report", "Test", "Probe", "State", "Verify"]
    {
        bob.type_line(&format!("{call} {member} ss '{{}}' '{{}}' || echo no $((40 + 2))")).expect("no 42");
    }
    assert!(!bob.transcript().contains("carol"), "{}", bob.transcript());
}

#[test]
fn test_messages_go_through_the_gateways_and_their_answers_are_told() {
    let machine = Machine::ready(&[("alice", OLD)]);
    let said = admin(&machine, "test-email admin@example.org");
    assert!(said.contains("Sent to admin@example.org") && said.contains("(smtp) accepted it"), "{said}");
    let mail = machine.mailbox("admin@example.org").wait_for_message();
    assert!(mail.subject.contains("Test message from shell.example.org"), "{}", mail.source);
    let said = admin(&machine, "test-phone 090-1234-5678");
    assert!(said.contains("Sent to +819012345678") && said.contains("(twilio) accepted it as SM"), "{said}");
    assert_eq!(machine.gateway().messages_to("+819012345678").len(), 1);

    machine.gateway().busy(1, 30);
    let (code, said) = tries(&machine, "test-phone 090-1234-5678");
    assert!(code == 1 && said.contains("; twilio answered 429"), "{said}");
    machine.must("systemctl stop mail-server");
    let (code, said) = tries(&machine, "test-email admin@example.org");
    assert!(code == 1 && said.contains("Connection refused"), "{said}");
    let trail = admin(&machine, "audit --json");
    assert_eq!(records(&trail, &["Test message sent (admin)", "\"failure\""]).len(), 2, "{trail}");
    assert!(!trail.contains("admin@example.org") && !trail.contains("9012345678"), "{trail}");
}

#[test]
fn an_account_that_rests_is_unblocked_and_what_is_forgotten_has_to_be_registered_anew() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    let mut terminal = machine.ssh("alice");
    terminal.forgotten().expect("(Enter to go back): ").type_line("e");
    let code = machine.mailbox("alice@example.org").wait_for(2).code();
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..5 {
        terminal.expect("Code: ").type_line(wrong);
    }
    terminal.expect("Reset is suspended for this account");
    assert!(admin(&machine, "users").contains("suspended"));
    let shown = admin(&machine, "show alice");
    assert!(shown.contains("suspended for ") && !shown.contains("ready"), "{shown}");
    assert!(admin(&machine, "unblock alice").contains("works again"));
    // The code before was worn out, and another may be sent after a minute.
    machine.agent().hours_later(1);
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    machine.mailbox("alice@example.org").wait_for_text("was reset");

    let (code, said) = tries(&machine, "forget alice");
    assert!(code == 1 && said.contains("--yes"), "{said}");
    admin(&machine, "forget alice --yes");
    machine.mailbox("alice@example.org").wait_for_text("an administrator");
    machine.ssh("alice").password(NEW).expect(NOT_NOW).press_enter().signed_in("alice");
    assert!(admin(&machine, "exempt alice --reason robot").contains("need not register"));
    assert!(admin(&machine, "users").contains("exempt"));
}

#[test]
fn a_long_import_shows_how_far_it_is_at_a_terminal_and_nowhere_else() {
    const MANY: usize = 20_000;
    let mut machine = Machine::ready(&[("alice", OLD)]);
    machine.must(&format!(
        "seq -f '%.0f' {MANY} | awk '{{ print \"many\" $1 \":x:\" 10000 + $1 \":100::/tmp:/bin/sh\" }}' >>/etc/passwd
         seq -f '%.0f' {MANY} | awk '{{ print \"many\" $1 \":!x:20000:0:99999:7:::\" }}' >>/etc/shadow
         seq -f '%.0f' {MANY} | awk 'BEGIN {{ print \"name,email\" }} {{ print \"many\" $1 \",many\" $1 \"@example.org\" }}' >/root/many.csv"
    ));
    for quiet in ["import --dry-run /root/many.csv", "import --dry-run --json /root/many.csv"] {
        let (code, said) = tries(&machine, quiet);
        assert!(code == 0 && !said.contains("checking"), "{said}");
    }
    let console = machine.console();
    console.expect("login: ").type_line("root").expect("Password: ").type_line("root of the tests");
    console.expect("root@shell:~# ").type_line("sspr admin import /root/many.csv");
    console.expect(&format!("Imported the contacts of {MANY} accounts")).expect("root@shell:~# ");
    let shown = console.transcript();
    let far: std::collections::BTreeSet<&str> = shown
        .split("checking [")
        .skip(1)
        .filter_map(|rest| rest.split_once("] ")?.1.split_once('%').map(|(far, _)| far))
        .collect();
    assert!(far.len() >= 2, "it moves: {far:?}");
    assert!(!console.screen().contains("checking"), "and goes: {}", console.screen());
    console
        .type_line("sspr admin import --json /root/many.csv | cat")
        .expect("\"unchanged\": 20000")
        .expect("root@shell:~# ");
    assert_eq!(console.transcript().matches("checking").count(), shown.matches("checking").count(), "not with --json");
}
