//! The package compared with an earlier one, alternately, each on its own machine, by `SSPR_BASE=OLD.deb make bench
//! PARTS=beside`.

use std::{fs, path::PathBuf, thread, time::Duration};

use sspr_tests::{Image, Machine};

use crate::{
    ADDRESS, LIMITS, PASSWORD, crowd,
    document::Section,
    effort,
    figures::{Row, Samples, mebibytes, milliseconds},
    host,
    loading::{self, MODULES},
    machine_of, people,
    process::Process,
    values,
};

/// Accounts in a report: the maximum of one import.
const ACCOUNTS: usize = 100_000;

/// None if no earlier package is given.
pub(crate) fn section(now: &Machine) -> Option<Section> {
    let base = PathBuf::from(std::env::var_os("SSPR_BASE")?);
    // It may not know all of them, and there are no wrong codes here.
    let limits: Vec<&str> = LIMITS.lines().filter(|line| !line.contains("failed_proofs_per_hour")).collect();
    let before = &machine_of(Image::installed_from(&base), &limits.join("\n"));
    host(before, &format!("register alice '{PASSWORD}' {ADDRESS}"));
    let mut rows = vec![load(before, now)];
    rows.extend(resets(before, now));
    rows.extend(recoveries(before, now));
    rows.extend(import_and_report(before, now));
    let name = base.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Some(Section::new("Beside an earlier package", rows).below(format!(
        "Each figure is that of {name}, that of this package, and the second as a multiple of the first; measured by turns on two \
         machines that start alike."
    )))
}

fn both(what: &str, (before, now): (f64, f64), words: impl Fn(f64) -> String) -> Row {
    Row::told(what, format!("{} · {} · **{:.2} ×**", words(before), words(now), now / before))
}

fn in_milliseconds(value: f64) -> String {
    format!("{} ms", milliseconds(value))
}

fn load(before: &Machine, now: &Machine) -> Row {
    let file = "/root/earlier.so";
    fs::copy(before.root().join(MODULES.trim_start_matches('/')).join("pam_sspr.so"), now.root().join(&file[1..]))
        .unwrap();
    let ours = format!("{MODULES}/pam_sspr.so");
    let [earlier, later] = loading::loads(now, [file, &ours]);
    both("Loading the module", (earlier.median(), later.median()), in_milliseconds)
}

/// Complete resets by a user, and the agent's memory after them.
fn resets(before: &Machine, now: &Machine) -> Vec<Row> {
    let mut took = [Samples::default(), Samples::default()];
    for number in 0..effort(20, 5) {
        // The cool-down between two codes, and the notification about the recovery before.
        thread::sleep(Duration::from_millis(2200));
        for (machine, took) in [before, now].into_iter().zip(&mut took) {
            let seen = host(machine, &format!("recover alice {ADDRESS} '{PASSWORD} {number}'"));
            took.push(seen["renamed"][0][0] - seen["again-typed"][0][0]);
        }
    }
    thread::sleep(Duration::from_secs(5));
    let [earlier, later] = [before, now].map(|machine| Process::of(machine, "sspr-agent").memory().resident);
    let words = "Reset, from the last key to the changed shadow file, a second between both typings";
    vec![
        both(words, (took[0].median(), took[1].median()), in_milliseconds),
        both("Agent at rest after them", (earlier, later), mebibytes),
    ]
}

fn recoveries(before: &Machine, now: &Machine) -> Vec<Row> {
    let (mut stored, mut reset) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for machine in [before, now] {
        crowd::people(machine);
    }
    crowd::with_settings(before, || {
        crowd::with_settings(now, || {
            for _ in 0..effort(5, 2) {
                for (at, machine) in [before, now].into_iter().enumerate() {
                    stored[at].push(crowd::rate(machine, "stored", 160, effort(5, 3)));
                    reset[at].push(crowd::rate(machine, "reset", 16, effort(5, 3)));
                }
            }
        });
    });
    let mut rows = Vec::new();
    for (what, rates) in [("Recoveries up to a stored code", stored), ("Whole recoveries", reset)] {
        let median = |of: fn(&crowd::Rate) -> f64| {
            let [earlier, later] = [0, 1].map(|at| rates[at].iter().map(of).collect::<Samples>().median());
            (earlier, later)
        };
        rows.push(both(&format!("{what}, a second"), median(|rate| rate.a_second), |n| format!("{n:.1}")));
        rows.push(both(&format!("{what}: the agent's CPU for each"), median(|rate| rate.cpu), in_milliseconds));
        rows.push(both(&format!("{what}: changes of threads for each"), median(|rate| rate.switches), |n| {
            format!("{n:.0}")
        }));
    }
    rows
}

/// An import of accounts that exist on the host, and a report on them.
fn import_and_report(before: &Machine, now: &Machine) -> Vec<Row> {
    let (mut imported, mut reported) = (Vec::new(), Vec::new());
    for machine in [before, now] {
        let prepared = people(0..ACCOUNTS, "/root/people.csv");
        let look = format!(
            "{prepared}
             begun=$(date +%s%N); sspr admin import /root/people.csv >&2; echo import $(($(date +%s%N) - begun))
             for i in 1 2 3; do begun=$(date +%s%N); sspr admin report >&2; echo report $(($(date +%s%N) - begun)); done"
        );
        let seen = values(&machine.must_within(Duration::from_mins(10), &look));
        imported.push(ACCOUNTS as f64 / (seen["import"][0][0] / 1e9));
        reported.push(seen["report"].iter().map(|row| row[0]).collect::<Samples>().median());
    }
    vec![
        both(&format!("`sspr admin import` of {ACCOUNTS} rows: rows a second"), (imported[0], imported[1]), |n| {
            format!("{n:.0}")
        }),
        both(&format!("`sspr admin report` over {ACCOUNTS} accounts"), (reported[0], reported[1]), in_milliseconds),
    ]
}
