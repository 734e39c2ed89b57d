//! After a full story no secret is left where it does not belong: not in any file except the mail itself, not in the
//! journal, the store, a command line or an environment, and not in the memory of the agent, the helper or a host of
//! the module, which is read as root.

use std::{
    fs,
    time::{Duration, Instant},
};

use sspr_tests::{
    Machine, host,
    phone::code_in,
    story::{HINT, INVITATION, WHERE_TO},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NEWER: &str = "a lighthouse keeps no bees";
const NEWEST: &str = "nine clocks in the attic";
const EMAIL: &str = "alice.liddell@example.org";
/// As she types it, and as it is stored.
const PHONE: [&str; 2] = ["090-1234-5678", "+819012345678"];

/// Six digits appear in many places by chance, eight don't.
const SETTINGS: &str = "[code]\ndigits = 8\nresend_after = \"1s\"\n";

/// Records every command line and environment that it sees, each once. Those of the mail server delivering to a mailbox
/// are its own.
const SAMPLER: &str = r#"
$| = 1;
while (1) {
    for my $file (glob("/proc/[0-9]*/{cmdline,environ}")) {
        open(my $f, "<", $file) or next;
        local $/;
        my $text = <$f>;
        next if !defined($text) || $text =~ /mailboxes|LOCAL_PART=/;
        print "$text\n" unless $seen{$text}++;
    }
    select(undef, undef, undef, 0.02);
}
"#;

/// Prints which secrets of a list are in files, and in memory that a process can read and write, as in a core dump.
const SEARCH: &str = r#"
use strict;
my ($list, @places) = @ARGV;
my (@secrets, $all);
open(my $in, "<", $list) or die "$list: $!";
while (<$in>) {
    chomp;
    my ($name, $hex) = split /\t/;
    push @secrets, [$name, pack("H*", $hex)];
}
sub look {
    my ($place, $bytes) = @_;
    $all += length $$bytes;
    for (@secrets) {
        my $at = index($$bytes, $$_[1]);
        next if $at < 0;
        my $around = substr($$bytes, $at > 60 ? $at - 60 : 0, 160);
        $around =~ s/[^ -~]/./g;
        print "$$_[0] is in $place: $around\n";
    }
}
for my $place (@places) {
    if ($place =~ /^[0-9]+$/) {
        open(my $maps, "<", "/proc/$place/maps") or next;
        open(my $mem, "<:raw", "/proc/$place/mem") or next;
        open(my $name, "<", "/proc/$place/comm");
        chomp(my $program = <$name>);
        while (<$maps>) {
            next unless /^([0-9a-f]+)-([0-9a-f]+) rw\S+ \S+ \S+ \S+\s*(.*)/;
            my ($from, $end, $part, $whole) = (hex($1), hex($2), $3, "");
            sysseek($mem, $from, 0) or next;
            while ($from < $end) {
                my $read = sysread($mem, my $bytes, $end - $from) or last;
                $whole .= $bytes;
                $from += $read;
            }
            look("memory of $program $part", \$whole);
        }
    } else {
        open(my $file, "<:raw", $place) or next;
        local $/;
        my $whole = <$file>;
        look($place, \$whole) if defined $whole;
    }
}
die "nothing was read" unless $all > 100000;
"#;

/// Makes a sign-in wait after the account was checked, for as long as `/run/pause` exists: otherwise the process in
/// which sshd talks to PAM would soon be gone.
const PAUSE: &str = r"
    cat >/usr/local/bin/pause <<'SCRIPT'
#!/bin/sh
[ -e /run/pause ] || exit 0
touch /run/paused
while [ -e /run/pause ]; do sleep 0.05; done
rm -f /run/paused
SCRIPT
    chmod 755 /usr/local/bin/pause
    echo 'account optional pam_exec.so quiet /usr/local/bin/pause' >>/etc/pam.d/sshd
";

/// The secrets, by name.
#[derive(Default)]
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    fn add(&mut self, what: &str) {
        self.0.push((what.to_owned(), what.as_bytes().to_vec()));
    }

    fn add_all<S: AsRef<str>>(&mut self, all: impl IntoIterator<Item = S>) {
        for what in all {
            self.add(what.as_ref());
        }
    }

    /// Which of them are in `places`: files and process ids.
    #[track_caller]
    fn found_in(&self, machine: &Machine, places: &str) -> String {
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let list: Vec<String> = self.0.iter().map(|(name, bytes)| format!("{name}\t{}", hex(bytes))).collect();
        fs::write(machine.root().join("root/secrets"), list.join("\n")).unwrap();
        machine.must(&format!("perl /root/search.pl /root/secrets {places}"))
    }

    /// None of them is in the memory of `processes`, a command that prints one or more process ids. Work in progress
    /// gets a moment.
    #[track_caller]
    fn are_not_in_memory(&self, machine: &Machine, whose: &str, processes: &str) {
        let start = Instant::now();
        loop {
            let found = self.found_in(machine, &format!("$({processes})"));
            if found.is_empty() {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "in the memory of {whose}:\n{found}");
        }
    }
}

/// The key of an authenticator app: eight groups of four in base32.
fn key(screen: &str) -> String {
    let is_group = |word: &&str| word.len() == 4 && word.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    let shown = screen.rsplit("Type of key").next().unwrap();
    let key: String = shown.split_whitespace().filter(is_group).collect();
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

/// The codes that were mailed, oldest first.
fn mailed(machine: &Machine) -> Vec<String> {
    machine.mailbox(EMAIL).messages().iter().filter_map(|message| code_in(&message.text)).collect()
}

/// Those that were sent as text messages.
fn texted(machine: &Machine) -> Vec<String> {
    machine.gateway().messages_to(PHONE[1]).iter().filter_map(|sms| code_in(&sms.body)).collect()
}

/// Checks the process in which sshd holds the module, once the module has finished; then lets it continue.
#[track_caller]
fn while_sshd_pauses(machine: &Machine, secrets: &Secrets, when: &str) {
    machine.must("timeout 20 sh -c 'until [ -e /run/paused ]; do sleep 0.05; done'");
    secrets.are_not_in_memory(machine, &format!("sshd {when}"), "pgrep -f 'sshd: alice \\[pam\\]'");
    machine.must("rm /run/pause; timeout 20 sh -c 'while [ -e /run/paused ]; do sleep 0.05; done'");
}

#[test]
fn after_a_full_story_no_secret_is_in_files_journal_store_command_lines_environments_or_memory() {
    let mut machine = Machine::with(sspr_tests::Image::installed())
        .switched_on()
        .with_mail()
        .with_gateway()
        .user("alice", OLD)
        .settings("[scope]\nenable = \"all\"\n")
        .settings(SETTINGS)
        .prepare(PAUSE)
        .boot();
    for (name, script) in [("sampler", SAMPLER), ("search", SEARCH)] {
        fs::write(machine.root().join(format!("root/{name}.pl")), script).unwrap();
    }
    machine.must("systemd-run --quiet --unit=sampler -p StandardOutput=file:/run/sampled perl /root/sampler.pl");
    let mut secrets = Secrets::default();
    secrets.add_all([OLD, NEW, NEWER, NEWEST, EMAIL, PHONE[0], PHONE[1]]);

    // She registers an address, a number and an app, and reads her recovery codes.
    machine.must("touch /run/pause");
    let mut alice = machine.ssh("alice");
    alice.password(OLD).expect(INVITATION).type_line("1 2 3");
    alice.types_email(&machine, EMAIL).types_phone(&machine, PHONE[0], PHONE[1]);
    alice.expect("Type the code it shows").expect("Code: ").type_line("text");
    let key = key(&alice.expect("Type of key").expect("Code: ").screen());
    let shown = || host::command("oathtool", ["--totp", "--base32", &key]).trim().to_owned();
    alice.type_line("000000").expect("not right").expect("Code: ").type_line(&shown()).expect("Ten recovery codes");
    let screen = alice.expect("Press Enter to go on: ").screen();
    let is_code = |word: &&str| word.len() == 14 && word.split('-').count() == 3;
    let recovery: Vec<&str> = screen.split_whitespace().filter(is_code).collect();
    assert_eq!(recovery.len(), 10, "{screen}");
    let shown_key =
        key.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(" ");
    secrets.add(&key);
    secrets.add(&shown_key);
    secrets.0.push(("the key's bytes".into(), bytes_of(&key)));
    secrets.add_all(&recovery);
    secrets.add_all(recovery.iter().map(|code| code.replace('-', "")));
    secrets.add_all(mailed(&machine).iter().chain(&texted(&machine)));
    alice.press_enter();
    while_sshd_pauses(&machine, &secrets, "after she registered");
    alice.signed_in("alice");

    // She forgets it, types one wrong code, and recovers by mail.
    machine.must("touch /run/pause");
    let before = mailed(&machine).len();
    let mut alice = machine.ssh("alice");
    alice.expect(HINT).forgotten().expect(WHERE_TO).type_line("e").expect("Code: ").type_line("00000000");
    alice.expect("not right").expect("Code: ");
    let code = host::wait_for("her code", Duration::from_secs(20), || mailed(&machine).get(before).cloned());
    secrets.add(&code);
    alice.type_line(&code).new_password(NEW);
    while_sshd_pauses(&machine, &secrets, "after a recovery");
    alice.signed_in("alice");

    // And at the console by her telephone; login stays there, with its PAM transaction, as long as she does.
    let before = texted(&machine).len();
    let console = machine.console();
    // Another place does not show that the earlier code is spent.
    console.expect("login: ").type_line("alice").forgotten().expect("Code: ").type_line("other");
    console.expect(WHERE_TO).type_line(PHONE[0]).expect("Code: ");
    let code = host::wait_for("her code", Duration::from_secs(20), || texted(&machine).get(before).cloned());
    secrets.add(&code);
    machine.console().type_line(&code).new_password(NEWER).signed_in("alice");
    secrets.are_not_in_memory(&machine, "login", "pgrep -x login");

    // Once more with a code from the help desk; and administrators look at everything.
    let helpdesk = machine.must("sspr admin code alice --json");
    let helpdesk = helpdesk.split('"').find(|word| word.split('-').count() == 3).unwrap().to_owned();
    secrets.add(&helpdesk);
    let mut alice = machine.ssh("alice");
    alice.forgotten().expect("Code: ").type_line("other");
    alice.expect(WHERE_TO).type_line("code").expect("Code: ").type_line(&helpdesk);
    alice.new_password(NEWEST).signed_in("alice");
    for command in ["users", "show alice", "report", "audit", "unblock alice"] {
        machine.must(&format!("sspr admin {command}"));
    }
    for unit in ["sspr-credential", "sspr-agent"] {
        secrets.are_not_in_memory(&machine, unit, &format!("systemctl show -P MainPID {unit}"));
    }
    // sshd and the bus keep parts of their messages in their own buffers, see docs/security.md; a password is never in
    // a message of the bus.
    let others = "ps -eo pid=,comm= | awk '$2 !~ /^(sshd|dbus-daemon|perl|ps|awk|sh)$/ { print $1 }'";
    secrets.are_not_in_memory(&machine, "all others", others);
    let mut passwords = Secrets::default();
    passwords.add_all([OLD, NEW, NEWER, NEWEST]);
    passwords.are_not_in_memory(&machine, "the bus", "pgrep -x dbus-daemon");

    // Every file that was written since the machine booted, except the mail and the mail server's own notes.
    machine.must("systemctl stop sampler; journalctl --sync; journalctl --no-pager -o export >/run/journal-as-text");
    let files = machine.must(
        "find / /run /tmp /dev/shm -xdev -type f -newermt \"@$(stat -c %Y /proc/1)\" \
             ! -path '/root/*' ! -path '/var/lib/mailboxes/*' ! -path '/var/log/exim4/*' ! -path '/var/spool/exim4/*'",
    );
    for wanted in ["/var/lib/sspr/sspr.db", "/run/sampled", "/run/journal-as-text", "/etc/shadow"] {
        assert!(files.lines().any(|file| file == wanted), "{wanted} is not in {files}");
    }
    machine.must("grep -qa sspr-agent /run/sampled && grep -qa sspr-credential /run/sampled");
    let found = secrets.found_in(&machine, &files.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(found, "", "in files:\n{found}");
}
