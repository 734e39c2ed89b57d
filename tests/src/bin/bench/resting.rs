//! What agent and helper need to start, and their memory and activity when idle.

use std::{fmt::Write as _, thread, time::Duration};

use sspr_tests::Machine;

use crate::{
    column,
    document::Section,
    effort,
    figures::{Row, mebibytes, milliseconds},
    host,
    process::{Activity, Memory, Process},
};

/// The most memory of the agent after its start, and when idle after work: by then it has dropped its program's pages.
const FRESH_MAX: f64 = 12.0 * 1024.0;
const RESTING_MAX: f64 = 10.0 * 1024.0;

/// How long after the last recovery the agent is idle.
const REST: Duration = Duration::from_secs(5);

/// `fresh` and `quiet` are the agent's figures before any call; `helper` is the helper's while it ran.
pub(crate) fn section(
    machine: &Machine,
    agent: &Process<'_>,
    fresh: &Memory,
    quiet: &Activity,
    helper: &Memory,
) -> Section {
    // The agent waits for a moment for more work.
    thread::sleep(REST);
    let after = agent.memory();
    let mut mappings =
        "Where the agent's memory is after the recoveries:\n\n| Mapping | Resident |\n|---|---|\n".to_owned();
    for (name, resident) in agent.mappings().iter().take(10) {
        let _ = writeln!(mappings, "| {name} | {} |", mebibytes(*resident));
    }
    machine.must(
        "mkdir -p /run/systemd/system
         printf '[Service]\\nType=oneshot\\nExecStart=/bin/true\\n' >/run/systemd/system/bench-nothing.service
         systemctl daemon-reload",
    );
    let starts = host(machine, &format!("starts {}", effort(20, 5)));
    let median = |name: &str| column(&starts, name, 0).median();
    let rows = vec![
        Row::aimed("Agent, resident after the start", "at most 12 MiB", fresh.resident <= FRESH_MAX, fresh.in_words()),
        Row::aimed(
            "Agent, resident at rest after all recoveries above",
            "at most 10 MiB",
            after.resident <= RESTING_MAX,
            after.in_words(),
        ),
        Row::told("Helper, resident while it runs; it ends after a minute without a call", helper.in_words()),
        Row::aimed(
            "Agent, idle for 10 s",
            "no wake-up",
            quiet.switches == 0,
            format!("{} context switches, {} ms of CPU", quiet.switches, milliseconds(quiet.cpu)),
        )
        .floor("0"),
        Row::told("Agent, from `systemctl start` to the first answer", column(&starts, "agent", 0).in_words())
            .floor(format!("{} ms: `systemctl start` of a unit that does nothing", milliseconds(median("nothing")))),
        Row::told("Helper, started by the bus, to the first answer", column(&starts, "helper", 0).in_words())
            .floor(format!("{} ms: the same answer once it runs", milliseconds(median("helper-again")))),
    ];
    Section::new("Start, memory and rest", rows)
        .below(
            "What is the agent's own is heap and stacks. The rest is pages of its program and libraries, which the kernel shares \
             with whoever else has them and drops when it needs the room; each page that was once used counts, and those \
             beside it. What was done: passwords are judged in a process of its own, which takes zxcvbn's 20 MB with it; there \
             is one heap for all threads, and what is free of it goes back after work; and so do, three seconds later, the pages of the \
             program, which come back one by one when they are needed.",
        )
        .below(mappings)
}
