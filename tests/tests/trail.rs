//! The audit trail and its witness, and a person's data, on a machine.

use sspr_tests::Machine;

const OLD: &str = "rain on a tin roof";
const NEW: &str = "plover tundra biscuit";
const WITNESS: &str = "/var/lib/sspr-credential/witness";

fn reset() -> Machine {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    machine
}

#[test]
fn the_trail_is_checked_against_what_roots_helper_wrote_down_where_the_agent_can_not_write() {
    let machine = reset();
    // What was done a moment ago may have no row yet.
    let verify = "sspr admin audit --verify";
    assert!(machine.must(verify).contains("Nothing speaks against"), "{}", machine.must(verify));
    let lines = machine.must(&format!("cat {WITNESS}"));
    for word in [" trying ", " changed ", " head "] {
        assert!(lines.contains(word), "{word:?} in\n{lines}");
    }
    assert!(!lines.contains("alice"), "{lines}");
    assert_eq!(machine.must("stat -c '%U %a' /var/lib/sspr-credential"), "root 700");
    machine.must(&format!("! runuser -u sspr -- sh -c 'cat {WITNESS} || echo x >>{WITNESS}' 2>/dev/null"));
    // A change of an hour ago that the trail does not have; the times are those of the file's lines.
    machine.must(&format!("sed -i \"1i $(( $(date +%s) - 3600 )) changed 60000\" {WITNESS}"));
    let said = machine.must(&format!("{verify}; test $? = 1"));
    assert!(said.contains("changed the password of uid 60000"), "{said}");
    let json = machine.must(&format!("{verify} --json; test $? = 1"));
    assert!(json.contains("\"kind\": \"missing\""), "{json}");
}

#[test]
fn everything_about_a_person_is_handed_out_and_erased_and_the_trail_fits_afterwards() {
    let machine = reset();
    let mut alice = machine.ssh("alice");
    alice.password(NEW).signed_in("alice");
    alice
        .type_line("sspr status")
        .expect("a***@e***.org")
        .expect("last used: ")
        .expect("A reset asks for one of these.");
    let document = machine.must("sspr admin export alice");
    for part in ["\"format\": \"sspr-export/1\"", "alice@example.org", "Reset password (self-service)"] {
        assert!(document.contains(part), "{part} in\n{document}");
    }
    // No terminal to ask at.
    let refused = machine.must("sspr admin erase alice </dev/null 2>&1; test $? = 1");
    assert!(refused.contains("--yes"), "{refused}");
    let receipt = machine.must("sspr admin erase --yes --json alice");
    assert!(receipt.contains("\"receipt\": \"erased-") && receipt.contains("\"contact\": 1"), "{receipt}");
    let trail = machine.must("sspr admin audit --json --since 1h");
    assert!(!trail.contains("\"account\":\"alice\"") && trail.contains("\"account\":\"erased-"), "{trail}");
    assert!(machine.must("sspr admin audit --verify").contains("Nothing speaks against"));
}

#[test]
fn records_go_to_the_journal_as_json_where_that_is_set() {
    let machine = Machine::ready(&[("alice", OLD)]);
    machine.must(
        "printf '[audit]\\njournal = \"json\"\\n' >/etc/sspr/sspr.toml.d/90-audit.toml && systemctl reload sspr-agent",
    );
    machine.registers_email("alice", OLD, "alice@example.org");
    let lines = machine.must("journalctl -u sspr-agent -o cat SSPR_EVENT_ID=method.registered");
    assert!(lines.starts_with("{\"v\":1,") && lines.contains("\"account\":\"alice\""), "{lines}");
    assert!(!lines.contains("example.org"), "{lines}");
}
