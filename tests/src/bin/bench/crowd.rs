//! Many at a time: sign-ins through sshd, open dialogues, and recoveries one after another.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use sspr_tests::{Machine, ssh::ssh_line};

use crate::{
    PASSWORD, column,
    document::Section,
    effort,
    figures::{Row, Samples, mebibytes, milliseconds},
    host,
    process::Process,
};

const AT_ONCE: usize = 300;
const OPEN: usize = 1000;
/// More than are recovered in the life of a code, so that no code of an account is still valid when its turn comes
/// again.
pub(crate) const ACCOUNTS: usize = 3000;

/// Replaces all other settings: short-lived codes, files instead of mail.
const SETTINGS: &str = "
    [scope]
    enable = \"all\"
    [code]
    lifetime = \"3s\"
    resend_after = \"1s\"
    [limits]
    failed_proofs = 100
    sends_per_hour = 1000000
    sends_per_day = 1000000
    starts_per_hour = 1000000
    messages_per_hour = 1000000";

pub(crate) fn section(machine: &Machine) -> Section {
    people(machine);
    let mut rows = sign_ins(machine);
    with_settings(machine, || {
        rows.extend(dialogues(machine));
        rows.extend(recoveries(machine));
    });
    Section::new("Many at once", rows).below(format!(
        "Sign-ins are {AT_ONCE} `ssh` clients started together on the same two cores, each of another registered account; most \
         of the time is the key exchange and yescrypt of both sides. \"Asked\": no note about anybody, so that the agent is \
         asked for each. The bus admits 256 connections of one user (`max_connections_per_user`), so the dialogues are held \
         over 125; that many PAM hosts at a time would be more than it lets in, and those beyond sign in as if the module \
         were not there.",
    ))
}

/// Accounts `crowd0`, `crowd1`, ... with the same password, each with an address.
pub(crate) fn people(machine: &Machine) {
    machine.must(&format!(
        "if grep -q '^crowd0:' /etc/passwd; then exit; fi
         echo 'alice:{PASSWORD}' | chpasswd # which recoveries before have changed
         hash=$(getent shadow alice | cut -d: -f2)
         awk -v n={ACCOUNTS} 'BEGIN {{ for (i = 0; i < n; i++) printf \"crowd%d:x:%d:100::/tmp:/bin/sh\\n\", i, 20000 + i }}' >>/etc/passwd
         awk -v n={ACCOUNTS} -v hash=\"$hash\" 'BEGIN {{ for (i = 0; i < n; i++) printf \"crowd%d:%s:20000:0:99999:7:::\\n\", i, hash }}' >>/etc/shadow
         awk -v n={ACCOUNTS} 'BEGIN {{ print \"name,email\"; for (i = 0; i < n; i++) printf \"crowd%d,crowd%d@example.org\\n\", i, i }}' >/root/crowd.csv
         sspr admin import /root/crowd.csv
         printf 'MaxStartups 2000\\nMaxSessions 1000\\nPerSourceMaxStartups none\\n' >/etc/ssh/sshd_config.d/20-bench.conf
         systemctl reload ssh"
    ));
}

/// Does `work` with the settings for consecutive recoveries.
pub(crate) fn with_settings(machine: &Machine, work: impl FnOnce()) {
    machine.must(&format!(
        "cp /etc/sspr/sspr.toml /root/
         cat >/etc/sspr/sspr.toml <<'TOML'\n{SETTINGS}\nTOML
         systemctl reload sspr-agent"
    ));
    work();
    machine.must("cp /root/sspr.toml /etc/sspr/; systemctl reload sspr-agent");
}

fn sign_ins(machine: &Machine) -> Vec<Row> {
    let mut whole = [Samples::default(), Samples::default(), Samples::default()];
    let mut each = whole.clone();
    for _ in 0..effort(1, 1) {
        for (way, prepare) in [
            "pam-auth-update --disable sspr",
            "pam-auth-update --enable sspr",
            "pam-auth-update --enable sspr; rm -f /run/sspr/settled/*",
        ]
        .into_iter()
        .enumerate()
        {
            if way == 1 {
                // Leaves a note about each user.
                machine.must("pam-auth-update --enable sspr");
                at_once(machine);
            }
            machine.must(prepare);
            let (all, one) = at_once(machine);
            whole[way].push(all);
            for took in one {
                each[way].push(took);
            }
        }
    }
    let words =
        |way: usize| format!("{} ms for all; {} for one", milliseconds(whole[way].median()), each[way].in_words());
    let share = |way: usize| (whole[way].median() / whole[0].median() - 1.0) * 100.0;
    let rows = [
        Row::told(format!("{AT_ONCE} sign-ins at once through sshd, without the module"), words(0)),
        Row::aimed(
            "The same with the module",
            "at most 5 % more",
            share(1) <= 5.0,
            format!("{}; {:+.1} %", words(1), share(1)),
        ),
        Row::told("The same, everybody asked about", format!("{}; {:+.1} %", words(2), share(2))),
    ];
    rows.into()
}

/// A program that answers ssh's question for the password.
pub(crate) fn askpass(machine: &Machine, password: &str) -> PathBuf {
    let program = machine.root().join("root/askpass");
    fs::write(&program, format!("#!/bin/sh\necho '{password}'\n")).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o700)).unwrap();
    program
}

/// A client that signs in by keyboard-interactive and does nothing there.
pub(crate) fn ssh(machine: &Machine, askpass: &Path, port: u16, user: &str) -> Command {
    let mut line = ssh_line(&["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=keyboard-interactive"]);
    line.extend(["-p".to_owned(), port.to_string(), format!("{user}@127.0.0.1"), "true".into()]);
    let line = machine.in_network(&line);
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.env("SSH_ASKPASS", askpass).env("SSH_ASKPASS_REQUIRE", "force");
    command
}

/// Signs all users in at once. Returns the time until the last one was in, and each user's time. All must get in.
fn at_once(machine: &Machine) -> (f64, Vec<f64>) {
    let askpass = askpass(machine, PASSWORD);
    let begun = Instant::now();
    let clients: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let mut command = ssh(machine, &askpass, 22, &format!("crowd{number}"));
            thread::spawn(move || {
                let begun = Instant::now();
                let output = command.output().unwrap();
                assert!(output.status.success(), "{number}: {}", String::from_utf8_lossy(&output.stderr));
                begun.elapsed().as_nanos() as f64
            })
        })
        .collect();
    let each = clients.into_iter().map(|client| client.join().unwrap()).collect();
    (begun.elapsed().as_nanos() as f64, each)
}

fn dialogues(machine: &Machine) -> Vec<Row> {
    let agent = Process::of(machine, "sspr-agent");
    let seen = host(machine, &format!("open {OPEN} {}", agent.pid));
    let kib = |name: &str| seen[name][0][0];
    let more = |purpose: &str| ["alone", "beside"].map(|beside| column(&seen, &format!("{purpose}-{beside}"), 0));
    let ([begun_alone, begun], [asked_alone, asked]) = (more("recover"), more("register"));
    let one = (kib("resident-open") - kib("resident-before")) / OPEN as f64;
    vec![
        Row::aimed(
            format!("{OPEN} dialogues open: what the agent holds"),
            "at most 64 MiB",
            kib("resident-open") <= 64.0 * 1024.0,
            format!(
                "{}, {one:.1} KiB for each; {} before, {} after",
                mebibytes(kib("resident-open")),
                mebibytes(kib("resident-before")),
                mebibytes(kib("resident-after"))
            ),
        ),
        Row::aimed(
            "One more recovery beside them, to its first question",
            "at most 1.5 × alone",
            begun.median() <= 1.5 * begun_alone.median(),
            begun.in_words(),
        )
        .floor(format!("{} ms: the same alone, a beat among it", milliseconds(begun_alone.median()))),
        Row::aimed(
            "A sign-in beside them about which the agent is asked",
            "at most 1.5 × alone",
            asked.median() <= 1.5 * asked_alone.median(),
            asked.in_words(),
        )
        .floor(format!("{} ms: the same alone", milliseconds(asked_alone.median()))),
    ]
}

/// Consecutive recoveries.
pub(crate) struct Rate {
    /// How many per second.
    pub(crate) a_second: f64,
    /// The agent's processor time for each, in nanoseconds.
    pub(crate) cpu: f64,
    /// How often the kernel switched between the agent's threads for each.
    pub(crate) switches: f64,
}

impl Rate {
    fn in_words(&self) -> String {
        let Self { a_second, cpu, switches } = self;
        format!(
            "{a_second:.0} a second; {} ms of the agent's CPU and {switches:.0} changes of threads each",
            milliseconds(*cpu)
        )
    }
}

/// Up to a stored code, or with `reset` up to the changed password, in this many lanes for this many seconds.
pub(crate) fn rate(machine: &Machine, how: &str, lanes: usize, seconds: usize) -> Rate {
    machine.must("find /var/lib/sspr/spool -type f -delete");
    let agent = Process::of(machine, "sspr-agent");
    let before = agent.so_far();
    let seen = host(machine, &format!("{how} {seconds} {lanes} {ACCOUNTS}"));
    let after = agent.so_far();
    // Codes that are no longer waited for are given up.
    thread::sleep(Duration::from_secs(4));
    let done = seen["recoveries"][0][0];
    Rate {
        a_second: done / seen["seconds"][0][0],
        cpu: (after.cpu - before.cpu) / done,
        switches: after.switches.saturating_sub(before.switches) as f64 / done,
    }
}

fn recoveries(machine: &Machine) -> Vec<Row> {
    let seconds = effort(10, 3);
    let (stored, reset) = (rate(machine, "stored", 160, seconds), rate(machine, "reset", 16, seconds));
    let begun = Instant::now();
    let hashes = effort(40, 10);
    for number in 0..hashes {
        host(machine, &format!("chpasswd bob '{PASSWORD} {number}'"));
    }
    let plain = hashes as f64 / begun.elapsed().as_secs_f64();
    vec![
        Row::told("Recoveries up to a stored code, sustained", stored.in_words())
            .floor("two commits with fsync each, and one call to the helper"),
        Row::told("Whole recoveries up to the changed password, sustained", reset.in_words())
            .floor(format!("{plain:.0} a second: `chpasswd`, one after another")),
    ]
}
