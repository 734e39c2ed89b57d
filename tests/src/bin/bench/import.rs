//! How fast a file is imported, and how much memory that takes: the same for ten times as many rows.

use std::time::Duration;

use sspr_tests::{Image, Machine};

use crate::{
    LIMITS, PASSWORD, bring_host, column,
    document::Section,
    figures::{Row, mebibytes},
    people,
    process::Process,
    values,
};

/// Rows of the two files.
const ROWS: [usize; 2] = [25_000, 250_000];
/// The rate before the file was read as a stream.
const RATE: f64 = 35_000.0;
/// Memory counts as the same up to this factor, for ten times as many rows.
const FLAT: f64 = 1.2;
const PATIENCE: Duration = Duration::from_mins(10);

/// The measurements with this many rows.
struct Seen {
    rate: f64,
    /// KiB.
    command: f64,
    agent: f64,
}

pub(crate) fn section() -> Section {
    let machine = Machine::with(Image::installed()).switched_on().user("alice", PASSWORD).settings(LIMITS).boot();
    bring_host(&machine);
    // The accounts of both files exist all the time: the agent has the names of all while it checks.
    let all: usize = ROWS.iter().sum();
    machine.must_within(PATIENCE, &people(0..ROWS[0], "/root/few.csv"));
    machine.must_within(PATIENCE, &people(ROWS[0]..all, "/root/many.csv"));
    let [few, many] = [("few", ROWS[0]), ("many", ROWS[1])].map(|(file, rows)| import(&machine, file, rows));
    let more = |of: fn(&Seen) -> f64| of(&many) / of(&few);
    let beside =
        |of: fn(&Seen) -> f64| format!("**{:.2} ×**: {} · {}", more(of), mebibytes(of(&few)), mebibytes(of(&many)));
    let rows = vec![
        Row::aimed(
            "`sspr admin import`, rows a second",
            "at least 35,000 of the larger file",
            many.rate >= RATE,
            format!("{:.0} · {:.0}", few.rate, many.rate),
        ),
        Row::aimed(
            "The most that the command holds",
            "at most 1.2 × for ten times the rows",
            more(|seen| seen.command) <= FLAT,
            beside(|seen| seen.command),
        ),
        Row::aimed(
            "The most that the agent holds",
            "at most 1.2 × for ten times the rows",
            more(|seen| seen.agent) <= FLAT,
            beside(|seen| seen.agent),
        ),
    ];
    Section::new("An import", rows).below(format!(
        "Files of {} and of {} rows, each with an address, one after the other on a machine with accounts for all of them; from the \
         start of the command to its end, what is written included. The agent is started anew before each. The command reads the \
         file as it goes, and the agent keeps what it will write, sealed, in a file without a name.",
        ROWS[0], ROWS[1]
    ))
}

fn import(machine: &Machine, file: &str, rows: usize) -> Seen {
    machine.must("systemctl restart sspr-agent");
    let agent = Process::of(machine, "sspr-agent");
    let seen = values(&machine.must_within(PATIENCE, &format!("bench-host held sspr admin import /root/{file}.csv")));
    let peak = machine.must(&format!("grep VmHWM /proc/{}/status | tr -dc 0-9", agent.pid));
    Seen {
        rate: rows as f64 / (column(&seen, "took", 0).median() / 1e9),
        command: column(&seen, "peak", 0).median(),
        agent: peak.parse().unwrap(),
    }
}
