//! After a full story nothing secret is left where it does not belong: not in the journal, the store, a command line or an
//! environment.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails so")]

use std::{fs, path::Path};

use sspr_tests::{
    Machine, host,
    story::{HINT, INVITATION, WHERE_TO},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NEWER: &str = "a lighthouse keeps no bees";
const EMAIL: &str = "alice.liddell@example.org";

/// Notes every command line and environment that it sees, each once.
const SAMPLER: &str = r#"
$| = 1;
while (1) {
    for my $file (glob("/proc/[0-9]*/{cmdline,environ}")) {
        open(my $f, "<", $file) or next;
        local $/;
        my $text = <$f>;
        print "$text\n" unless !defined($text) || $seen{$text}++;
    }
    select(undef, undef, undef, 0.02);
}
"#;

/// Every file under `directory`, with what is in it.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            all.extend(files(&path));
        } else if kind.is_file() {
            all.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    all
}

fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret)
}

/// The key of an authenticator app: eight groups of four in base32.
fn key(screen: &str) -> String {
    let is_group = |word: &&str| word.len() == 4 && word.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    let key: String = screen.split_whitespace().filter(is_group).collect();
    assert_eq!(key.len(), 32, "{screen}");
    key
}

fn bytes_of(base32: &str) -> Vec<u8> {
    let bits: Vec<u8> = base32
        .bytes()
        .map(|b| if b.is_ascii_digit() { b - b'2' + 26 } else { b - b'A' })
        .flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1))
        .collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

#[test]
fn after_a_full_story_no_secret_is_in_journal_store_command_lines_or_environments() {
    let machine = Machine::ready(&[("alice", OLD)]);
    fs::write(machine.root().join("root/sampler.pl"), SAMPLER).unwrap();
    machine.must("systemd-run --quiet --unit=sampler -p StandardOutput=file:/root/sampled perl /root/sampler.pl");
    // She registers an address and an app, and reads her recovery codes.
    let mut alice = machine.ssh("alice");
    alice.password(OLD).expect(INVITATION).type_line("1 3");
    alice.types_email(&machine, EMAIL).expect("Type the code it shows").expect("Code: ").type_line("text");
    let key = key(&alice.expect("Type of key").expect("Code: ").screen());
    let shown = || host::command("oathtool", ["--totp", "--base32", &key]).trim().to_owned();
    alice.type_line("000000").expect("not right").expect("Code: ").type_line(&shown()).expect("Ten recovery codes");
    let screen = alice.expect("Press Enter to go on: ").screen();
    let is_code = |word: &&str| word.len() == 14 && word.split('-').count() == 3;
    let recovery: Vec<&str> = screen.split_whitespace().filter(is_code).collect();
    assert_eq!(recovery.len(), 10, "{screen}");
    alice.press_enter().signed_in("alice");
    // She forgets, is wrong twice, and recovers; and once more with a code from the help desk.
    let mut alice = machine.ssh("alice");
    alice.expect(HINT).forgotten().expect(WHERE_TO).type_line("e").expect("Code: ").type_line("000000");
    alice.expect("not right").expect("Code: ");
    let mailed = machine.mailbox(EMAIL).wait_for(machine.mailbox(EMAIL).messages().len());
    let code = host::wait_for("her code", std::time::Duration::from_secs(20), || {
        let codes: Vec<String> =
            machine.mailbox(EMAIL).messages().iter().filter_map(|m| sspr_tests::phone::code_in(&m.text)).collect();
        (codes.len() == 2).then(|| codes[1].clone())
    });
    assert!(!mailed.source.contains(OLD));
    alice.type_line(&code).new_password(NEW).signed_in("alice");
    let helpdesk = machine.must("sspr admin code alice --json");
    let helpdesk = helpdesk.split('"').find(|word| word.split('-').count() == 3).unwrap().to_owned();
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect(WHERE_TO).type_line("code").expect("Code: ").type_line(&helpdesk);
    alice.new_password(NEWER).signed_in("alice");
    for command in ["users", "show alice", "report", "audit", "unblock alice"] {
        machine.must(&format!("sspr admin {command}"));
    }

    let text = |what: &str| (what.to_owned(), what.as_bytes().to_vec());
    let mut secrets = vec![text(EMAIL), text(&key), ("the key's bytes".into(), bytes_of(&key)), text(&helpdesk)];
    secrets.extend(recovery.iter().map(|code| text(code)));
    secrets.extend(recovery.iter().map(|code| text(&code.replace('-', ""))));
    secrets.extend([OLD, NEW, NEWER].map(text));

    machine.must("systemctl stop sampler");
    let journal = machine.must("journalctl --sync; journalctl --no-pager -o export");
    let sampled = fs::read(machine.root().join("root/sampled")).unwrap();
    assert!(holds(&sampled, b"sspr-agent") && holds(&sampled, b"sspr-credential"), "the sampler saw nothing");
    let mut places = vec![("the journal".to_owned(), journal.into_bytes()), ("command lines".to_owned(), sampled)];
    machine
        .must("mkdir /root/run && cp -a /run/sspr* /root/run/ && cp -a /run/log /var/log/journal /root/run/ || true");
    for directory in ["var/lib/sspr", "root/run"] {
        places.extend(files(&machine.root().join(directory)));
    }
    assert!(places.iter().any(|(name, _)| name.ends_with("sspr.db")));
    // Six digits stand in many a place by chance; "is 123456" and the like would be looked for in the store in vain anyhow.
    for (place, bytes) in &places {
        for (name, secret) in &secrets {
            assert!(!holds(bytes, secret), "{name} is in {place}");
        }
    }
}
