//! What the module adds to a sign-in, alternately without and with it.

use sspr_tests::Machine;

use crate::{
    PASSWORD, column,
    document::Section,
    effort,
    figures::{Row, Samples, milliseconds, per_cent_more},
    host,
    process::Process,
};

/// Pairs of sign-ins in one run of `bench-host`, and how many runs.
const PAIRS: (usize, usize) = (100, 3);
/// Sign-ins with the agent's note about the user removed before each of them.
const FIRST: usize = 60;

pub(crate) fn section(machine: &Machine, agent: &Process<'_>) -> Section {
    let bus = Process::of(machine, "dbus");
    let command = format!("sign-ins alice '{PASSWORD}' {} {} {}", PAIRS.0, agent.pid, bus.pid);
    let mut pairs = Vec::new();
    let mut daemons = 0.0;
    let mut left = Vec::new();
    host(machine, &format!("sign-ins alice '{PASSWORD}' 5"));
    for _ in 0..effort(PAIRS.1, 1) {
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
    for _ in 0..effort(FIRST, 20) {
        machine.must("rm -f /run/sspr/settled/*");
        let seen = host(machine, &format!("sign-ins alice '{PASSWORD}' 1"));
        first.push(seen["pair"][0][1] - seen["pair"][0][0]);
    }
    let share = first.median() / plain.median() * 100.0;

    let floors = host(machine, "floors /var/lib/sspr");
    let call = column(&floors, "connect-and-call", 0).median();
    let rows = vec![
        Row::told("Sign-in without the module, wall", plain.in_words()).floor("pam_unix's yescrypt, nearly all of it"),
        Row::told("Sign-in with the module, wall", with.in_words()),
        Row::aimed(
            "The module's share of a sign-in, wall",
            "at most 1 %",
            wall <= 1.0,
            format!("**{wall:.1} %**: {} ms, median of {} pairs", milliseconds(more.median()), more.count()),
        )
        .floor("nothing: the module is there"),
        Row::aimed(
            "The module's share of a sign-in, CPU",
            "at most 1 %",
            cpu <= 1.0,
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
    ];
    Section::new("A sign-in", rows).below(
        "Auth and account through libpam with the host's common-auth and common-account, alternately without and with the \
         module; the share is the median of the differences within a pair, beside the median without.",
    )
}
