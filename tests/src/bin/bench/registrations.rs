//! A store with very many registrations, in a machine with as many accounts.

use std::time::Duration;

use sspr_tests::{Image, Machine};

use crate::{
    LIMITS, PASSWORD, bring_host, column,
    document::Section,
    effort,
    figures::{Row, Samples, mebibytes, milliseconds},
    host, people,
    process::Process,
    values,
};

/// The total numbers of registrations. A file of rows has at most [`FILE_MAX`].
const COUNTS: [usize; 3] = [1_000, 100_000, 1_000_000];
const FILE_MAX: usize = 250_000;
const PATIENCE: Duration = Duration::from_mins(10);

/// The measurements with this many.
struct Seen {
    count: usize,
    look_up: Samples,
    begin: Samples,
    report: f64,
    file: f64,
    import: f64,
    imported: usize,
    meanwhile: Samples,
    peak: f64,
}

pub(crate) fn section() -> Section {
    let machine = Machine::with(Image::installed()).switched_on().user("alice", PASSWORD).settings(LIMITS).boot();
    bring_host(&machine);
    machine
        .must("printf 'name,email\\nalice,alice@example.org\\n' >/root/alice.csv; sspr admin import /root/alice.csv");
    let mut seen: Vec<Seen> = Vec::new();
    for count in COUNTS.into_iter().take(effort(COUNTS.len(), 2)) {
        let before = seen.last().map_or(0, |last| last.count);
        seen.push(with(&machine, before, count));
    }
    let (few, many) = (&seen[0], &seen[seen.len() - 1]);
    let flat = |of: fn(&Seen) -> f64| of(many) <= 1.5 * of(few) + 0.3e6;
    let each = |of: fn(&Seen) -> String| seen.iter().map(of).collect::<Vec<_>>().join(" · ");
    let counts = each(|seen| format!("{}", seen.count));
    let rows = vec![
        Row::aimed(
            "Look-up of somebody registered at a sign-in",
            "flat",
            flat(|seen| seen.look_up.median()),
            format!("{} ms", each(|seen| milliseconds(seen.look_up.median()))),
        )
        .floor("one round trip over the bus and one statement"),
        Row::aimed(
            "Beginning of a recovery",
            "flat",
            flat(|seen| seen.begin.median()),
            format!("{} ms", each(|seen| milliseconds(seen.begin.median()))),
        )
        .floor("a beat of 100 ms; what is done in it takes some 4 ms"),
        Row::told(
            "`sspr admin import`, of what is new in this step",
            each(|seen| format!("{:.1} s, {:.0} a second", seen.import, seen.imported as f64 / seen.import)),
        ),
        Row::aimed(
            "The longest that a look-up waits during the import",
            "at most 1 s, the module's patience",
            seen.iter().all(|seen| seen.meanwhile.quantile(100) <= 1e9),
            format!("{} ms", each(|seen| milliseconds(seen.meanwhile.quantile(100)))),
        ),
        Row::aimed(
            "`sspr admin report`",
            "at most 2.5 µs for an account",
            many.report / many.count as f64 <= 2500.0,
            format!("{} ms", each(|seen| milliseconds(seen.report))),
        )
        .floor("to read each account, and each row of what it has registered"),
        Row::told("The store's file", each(|seen| mebibytes(seen.file)))
            .floor("a sealed address, its name and its look-up key"),
        Row::aimed(
            "The most that the agent held",
            "below its 256 MiB",
            seen.iter().all(|seen| seen.peak < 250.0 * 1024.0),
            each(|seen| mebibytes(seen.peak)),
        ),
    ];
    Section::new("Many registrations", rows)
        .below(format!(
            "With {counts} registrations, each of an account in `/etc/passwd`; the account that is looked up stands at its top, \
             as finding one at the end of a file of a million lines takes the C library longer than all the rest."
        ))
        .below(
            "What was done: an index for every look-up; sign-ins are looked up over a connection that only reads, which waits for \
             no import; rows to import are sealed as they come and written two thousand at a time in one transaction; a report \
             reads the accounts line by line and keeps their names as one text, groups that are in files once for all, and what \
             is registered table by table, thousands of rows as one text, while those before them are counted. What is left of import and report grows with the number of accounts, as it must: a \
             sealed contact with its record in the audit trail, and a line of each account.",
        )
}

fn with(machine: &Machine, before: usize, count: usize) -> Seen {
    let agent = Process::of(machine, "sspr-agent");
    let (mut import, mut meanwhile) = (0.0, Samples::default());
    let mut from = before;
    while from < count {
        let to = count.min(from + FILE_MAX);
        let output = machine.must_within(
            PATIENCE,
            &format!(
                "{}
                 rm -f /run/imported
                 bench-host meanwhile alice /run/imported &
                 begun=$(date +%s%N)
                 sspr admin import /root/people.csv >&2
                 echo import $(($(date +%s%N) - begun))
                 touch /run/imported
                 wait",
                people(from..to, "/root/people.csv")
            ),
        );
        let seen = values(&output);
        import += seen["import"][0][0] / 1e9;
        for row in &seen["meanwhile"] {
            meanwhile.push(row[0]);
        }
        from = to;
    }
    let looked = host(machine, &format!("look-ups alice {}", effort(100, 30)));
    let report = values(&machine.must_within(
        PATIENCE,
        "for i in 1 2; do begun=$(date +%s%N); sspr admin report >&2; echo report $(($(date +%s%N) - begun)); done",
    ));
    let file = machine.must("du -ck /var/lib/sspr/sspr.db* | tail -n 1 | cut -f 1");
    let peak = machine.must(&format!("grep VmHWM /proc/{}/status | tr -dc 0-9", agent.pid));
    Seen {
        count,
        look_up: column(&looked, "look-up", 0),
        begin: column(&looked, "begin", 0),
        report: column(&report, "report", 0).median(),
        file: file.parse().unwrap(),
        import,
        imported: count - before,
        meanwhile,
        peak: peak.parse().unwrap(),
    }
}
