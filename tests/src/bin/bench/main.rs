//! `make bench`: what the package costs, measured in a machine with the package installed, and written to
//! `docs/benchmarks.md`. `bench-host` beside this program is what runs inside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss
)]

mod figures;
mod process;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use figures::{Row, Samples, mebibytes, milliseconds, per_cent_more, table};
use process::{Memory, Process};
use sspr_tests::{Image, Machine, image};

const PASSWORD: &str = "granite otter lantern";
const ADDRESS: &str = "alice@example.org";
/// Pairs of sign-ins in one run of `bench-host`, and how many runs.
const PAIRS: (usize, usize) = (100, 4);
const RECOVERIES: usize = 20;
/// Sign-ins before each of which the agent's note about the person is taken away.
const FIRST: usize = 100;

fn main() {
    let machine = machine();
    let agent = Process::of(&machine, "sspr-agent");
    let fresh = agent.memory();
    let quiet = agent.idle();

    host(&machine, &format!("register alice '{PASSWORD}' {ADDRESS}"));
    let mut rows = sign_in(&machine, &agent);
    rows.extend(sizes(&machine));
    let (recovery, helper) = recovery(&machine);
    rows.extend(recovery);
    rows.push(Row::aimed(
        "Agent, resident memory after the start",
        "at most 12 MiB",
        fresh.resident <= 12.0 * 1024.0,
        fresh.in_words(),
    ));
    let after = agent.memory();
    rows.push(Row::aimed(
        "Agent, resident memory after all of the above",
        "at most 12 MiB",
        after.resident <= 12.0 * 1024.0,
        after.in_words(),
    ));
    rows.push(Row::told("Credential helper, resident memory while it runs", helper.in_words()));
    rows.push(
        Row::aimed(
            "Agent, idle for 10 s",
            "no wake-up",
            quiet.switches == 0,
            format!("{} context switches, {} ms of CPU", quiet.switches, milliseconds(quiet.cpu)),
        )
        .floor("0".into()),
    );
    let text = document(&machine, &rows, &agent.mappings());
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::create_dir_all(&docs).unwrap();
    fs::write(docs.join("benchmarks.md"), &text).unwrap();
    print!("{text}");
}

/// A machine with the package, mail, two accounts, and limits that so many recoveries in a row don't reach.
fn machine() -> Machine {
    let machine = Machine::with(Image::installed())
        // The host's PAM before the package is switched on is what it is compared with.
        .prepare(
            "mkdir -p /etc/bench/plain /etc/bench/with
             cp /etc/pam.d/common-auth /etc/pam.d/common-account /etc/bench/plain/
             for kind in auth account; do
                 echo \"@include /etc/bench/plain/common-$kind\" >>/etc/bench/plain/login
                 echo \"@include /etc/pam.d/common-$kind\" >>/etc/bench/with/login
                 echo \"$kind required pam_deny.so\" | tee -a /etc/bench/plain/other >>/etc/bench/with/other
             done",
        )
        .switched_on()
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .with_mail()
        .settings(
            "[scope]
             enable = \"all\"
             [code]
             resend_after = \"1s\"
             [limits]
             sends_per_hour = 100000
             sends_per_day = 100000
             starts_per_hour = 100000
             messages_per_hour = 100000",
        )
        .boot();
    fs::copy(std::env::current_exe().unwrap().with_file_name("bench-host"), machine.root().join("usr/bin/bench-host"))
        .expect("bench-host lies beside this program; `make bench` builds both");
    machine
}

/// Runs `bench-host` in the machine; gives the values under each name.
fn host(machine: &Machine, arguments: &str) -> BTreeMap<String, Vec<Vec<f64>>> {
    let mut values = BTreeMap::<String, Vec<Vec<f64>>>::new();
    for line in machine.must(&format!("bench-host {arguments}")).lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        values.entry(name.into()).or_default().push(words.map(|word| word.parse().unwrap()).collect());
    }
    values
}

fn column(values: &BTreeMap<String, Vec<Vec<f64>>>, name: &str, column: usize) -> Samples {
    values[name].iter().map(|row| row[column]).collect()
}

fn sign_in(machine: &Machine, agent: &Process<'_>) -> Vec<Row> {
    let bus = Process::of(machine, "dbus");
    let command = format!("sign-ins alice '{PASSWORD}' {} {} {}", PAIRS.0, agent.pid, bus.pid);
    let mut pairs = Vec::new();
    let mut daemons = 0.0;
    let mut left = Vec::new();
    host(machine, &format!("sign-ins alice '{PASSWORD}' 5"));
    for _ in 0..PAIRS.1 {
        let seen = host(machine, &command);
        pairs.extend(seen["pair"].clone());
        daemons += seen["daemons"][0][0];
        assert_eq!(seen["before"], seen["after"], "threads and descriptors of the host, before and after");
        left.clone_from(&seen["after"][0]);
    }
    let samples = |of: fn(&[f64]) -> f64| pairs.iter().map(|pair| of(pair)).collect::<Samples>();
    let (plain, with) = (samples(|p| p[0]), samples(|p| p[1]));
    let plain_cpu = samples(|p| p[2]);
    let (more, more_cpu) = (samples(|p| p[1] - p[0]), samples(|p| p[3] - p[2]));
    let daemons = daemons / pairs.len() as f64;
    let wall = per_cent_more(plain.median() + more.median(), plain.median());
    let cpu = per_cent_more(plain_cpu.median() + more_cpu.median() + daemons, plain_cpu.median());

    // As at the first sign-in in 24 hours: the agent has to be asked.
    let mut first = Samples::default();
    for _ in 0..FIRST {
        machine.must("rm -f /run/sspr/settled/*");
        let seen = host(machine, &format!("sign-ins alice '{PASSWORD}' 1"));
        first.push(seen["pair"][0][1] - seen["pair"][0][0]);
    }
    let share = first.median() / plain.median() * 100.0;

    let floors = host(machine, "floors /var/lib/sspr");
    let call = column(&floors, "connect-and-call", 0).median();
    vec![
        Row::told("Sign-in without the module, wall", plain.in_words())
            .floor("pam_unix's yescrypt, nearly all of it".into()),
        Row::told("Sign-in with the module, wall", with.in_words()),
        Row::aimed(
            "The module's share of a sign-in, wall",
            "at most 3 %",
            wall <= 3.0,
            format!("**{wall:.1} %**: {} ms, median of {} pairs", milliseconds(more.median()), more.count()),
        )
        .floor("nothing: the module is there".into()),
        Row::aimed(
            "The module's share of a sign-in, CPU",
            "at most 3 %",
            cpu <= 3.0,
            format!(
                "**{cpu:.1} %**: {} ms in the host and {} ms in agent and bus, beside {} ms",
                milliseconds(more_cpu.median()),
                milliseconds(daemons),
                milliseconds(plain_cpu.median())
            ),
        ),
        Row::told(
            "The same at the first sign-in in 24 hours, when the agent is asked",
            format!("{share:.1} %: {} ms, median of {}", milliseconds(first.median()), first.count()),
        )
        .floor(format!(
            "{:.1} %: {} ms for a connection to the bus and one empty call, with no library",
            call / plain.median() * 100.0,
            milliseconds(call)
        )),
        Row::aimed(
            "Threads and descriptors of the host, before and after",
            "equal",
            true,
            format!("equal: {} thread, {} descriptors", left[0], left[1]),
        ),
        Row::told("One call over the bus on an open connection, no library", column(&floors, "call", 0).in_words()),
        Row::told("One fsync of 4 KiB where the store is", column(&floors, "fsync", 0).in_words()),
    ]
}

fn sizes(machine: &Machine) -> Vec<Row> {
    let module = machine.must("find /usr/lib -name pam_sspr.so | head -n 1");
    let bytes = |path: PathBuf| fs::metadata(path).unwrap().len() as f64;
    let module = bytes(machine.root().join(module.trim_start_matches('/')));
    vec![
        Row::aimed("pam_sspr.so", "at most 1 MiB", module <= 1024.0 * 1024.0, format!("{:.0} KiB", module / 1024.0)),
        Row::told("The package", mebibytes(bytes(image::package()) / 1024.0)),
    ]
}

/// Recoveries by email, each with the helper stopped before it (as for the first of a day) and then with it running.
fn recovery(machine: &Machine) -> (Vec<Row>, Memory) {
    let mut accepted = [Samples::default(), Samples::default()];
    let mut changed = [Samples::default(), Samples::default()];
    let mut signed_in = Samples::default();
    let mut plain = Samples::default();
    for number in 0..2 * RECOVERIES {
        // The cool-down between two codes, and the note about the recovery before.
        thread::sleep(Duration::from_millis(2200));
        let state = number % 2;
        if state == 0 {
            machine.must("systemctl stop sspr-credential");
        }
        let seen = host(machine, &format!("recover alice {ADDRESS} '{PASSWORD} {number}'"));
        let at = |name: &str| seen[name][0][0];
        accepted[state].push(accepted_after(machine, at("chosen")) - at("chosen"));
        changed[state].push(at("renamed") - at("code-typed"));
        signed_in.push(at("signed-in") - at("code-typed"));
        plain.push(host(machine, &format!("chpasswd bob '{PASSWORD} {number}'"))["chpasswd"][0][0]);
    }
    let helper = Process::of(machine, "sspr-credential").memory();
    let [cold, warm] = accepted;
    let [changed_cold, changed_warm] = changed;
    let ratio = |changed: &Samples| format!("{} × chpasswd", format_args!("{:.2}", changed.median() / plain.median()));
    let rows = vec![
        Row::aimed(
            "From choosing email to the mail server's 250, helper not running",
            "at most 50 ms",
            cold.median() <= 50e6,
            cold.in_words(),
        )
        .floor("STARTTLS, authentication and the server's own fsync".into()),
        Row::aimed("The same, helper running", "at most 50 ms", warm.median() <= 50e6, warm.in_words()),
        Row::told("Plain chpasswd of such a password", plain.in_words()).floor("one yescrypt, one fsync".into()),
        Row::told(
            "Reset, from code and new password to the changed shadow file, helper started for the mail",
            format!("{}; {}", changed_cold.in_words(), ratio(&changed_cold)),
        ),
        Row::told("The same, helper running before", format!("{}; {}", changed_warm.in_words(), ratio(&changed_warm))),
        Row::told("The same until pam_unix has taken the new password", signed_in.in_words()),
    ];
    (rows, helper)
}

/// When, after `chosen`, the agent noted that a code was accepted: the journal has the time at which it said so.
fn accepted_after(machine: &Machine, chosen: f64) -> f64 {
    let since = (chosen / 1e9).floor();
    machine.must("journalctl --sync");
    let records =
        machine.must(&format!("journalctl --quiet --unit=sspr-agent --output=json --since=@{since:.0} --no-pager"));
    let times = records.lines().filter_map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let time = record.get("_SOURCE_REALTIME_TIMESTAMP").or(record.get("__REALTIME_TIMESTAMP"))?;
        (record["MESSAGE"] == "a message was accepted by its gateway")
            .then(|| time.as_str()?.parse::<f64>().ok().map(|microseconds| microseconds * 1e3))?
    });
    times
        .filter(|time| *time > chosen)
        .min_by(f64::total_cmp)
        .unwrap_or_else(|| panic!("no code was accepted\n{records}"))
}

fn document(machine: &Machine, rows: &[Row], mappings: &[(String, f64)]) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once([':', '=']).map_or("?", |(_, value)| value.trim()).trim_matches('"').to_owned()
    };
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    let mut text = format!(
        "# Benchmarks\n\nWritten by `make bench`; every figure below is from the one run of {}.\n\n\
         Machine: {}, {cores} cores, {} GiB; Linux {}; {} in a container with systemd, sshd and a mail server, the \
         package installed and switched on. Load average at the end: {}.\n\n{}\n",
        jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %Z"),
        value(&read("/proc/cpuinfo"), "model name"),
        memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() >> 20,
        read("/proc/sys/kernel/osrelease").trim(),
        value(&machine.must("cat /etc/os-release"), "PRETTY_NAME"),
        read("/proc/loadavg").split(' ').next().unwrap_or_default(),
        table(rows),
    );
    text.push_str(
        "Sign-ins are auth and account through libpam with the host's common-auth and common-account, alternately \
         without and with the module; the share is the median of the differences within a pair, beside the median \
         without. Recoveries are whole ones through the module, by email over STARTTLS with a password, by a person who \
         looks at the menu for a second; the server's 250 is when the agent notes it.\n\n\
         Where the agent's memory is at the end:\n\n| Mapping | Resident |\n|---|---|\n",
    );
    for (name, resident) in mappings.iter().take(10) {
        let _ = writeln!(text, "| {name} | {} |", mebibytes(*resident));
    }
    text
}
