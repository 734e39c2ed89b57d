//! `make coverage`: reads lcov on standard input and prints which lines of the decisive code the tests run.
//! CONTRIBUTING.md explains the exceptions. It fails if a group falls below its minimum share, or if one of its places
//! no longer has any code, because moved code would go uncounted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// Each group with the minimum share of its lines that the tests run, in per cent, and its places.
const GROUPS: [(&str, usize, &[&str]); 4] = [
    (
        "Policy: limits, new passwords, which accounts",
        85,
        &[
            "agent/src/limits.rs",
            "agent/src/limits",
            "agent/src/password",
            "agent/machine/src/verdict.rs",
            "agent/machine/src/faillock.rs",
        ],
    ),
    (
        "Proof",
        95,
        &[
            "agent/src/proof",
            "agent/src/attempt.rs",
            "agent/src/recovery_codes.rs",
            "agent/src/helpdesk_codes.rs",
            "agent/src/totp.rs",
        ],
    ),
    ("Dialogue", 93, &["agent/src/dialogue"]),
    ("Module", 95, &["pam_sspr/src"]),
];

/// How often each line of a file was run.
type Lines = BTreeMap<usize, u64>;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut lcov = String::new();
    io::stdin().read_to_string(&mut lcov).expect("lcov on standard input");
    let files = read(root, &lcov);
    let mut out = io::stdout().lock();
    let mut faults = Vec::new();
    for (name, least, places) in GROUPS {
        let empty = places
            .iter()
            .filter(|place| !files.iter().any(|(path, lines)| path.starts_with(place) && !lines.is_empty()));
        faults.extend(empty.map(|place| format!("{place}: no code of it was counted; correct GROUPS in {}", file!())));
        writeln!(out, "\n{name}\n  {:<40} {:>5} {:>8}  lines not run", "file", "lines", "run").unwrap();
        let mut all = (0, 0);
        for (path, lines) in &files {
            if !places.iter().any(|place| path.starts_with(place)) || lines.is_empty() {
                continue;
            }
            let run = lines.values().filter(|count| **count > 0).count();
            all = (all.0 + lines.len(), all.1 + run);
            row(&mut out, &path.display().to_string(), (lines.len(), run), &missed(lines));
        }
        row(&mut out, "all", all, &(all.0 - all.1).to_string());
        if all.1 * 100 < all.0 * least {
            faults.push(format!("{name}: {} of its lines are run, less than {least} %", per_cent(all.1, all.0)));
        }
    }
    for fault in &faults {
        writeln!(out, "coverage: {fault}").unwrap();
    }
    if !faults.is_empty() {
        std::process::exit(1);
    }
}

/// One line: how many of `lines` were run, and which or how many were not.
fn row(out: &mut impl io::Write, name: &str, (lines, run): (usize, usize), missed: &str) {
    writeln!(out, "  {name:<40} {lines:>5} {:>8}  {missed}", per_cent(run, lines)).unwrap();
}

/// The coverage of the files under `root` from `lcov`, without their tests.
fn read(root: &Path, lcov: &str) -> BTreeMap<PathBuf, Lines> {
    let mut files: BTreeMap<PathBuf, Lines> = BTreeMap::new();
    let mut file = None;
    for line in lcov.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            file = Path::new(path).strip_prefix(root).ok().map(Path::to_owned);
        } else if let (Some(file), Some((number, count))) =
            (&file, line.strip_prefix("DA:").and_then(|rest| rest.split_once(',')))
        {
            let lines = files.entry(file.clone()).or_default();
            *lines.entry(number.parse().unwrap()).or_default() += count.parse::<u64>().unwrap();
        }
    }
    let is_test = |path: &Path| path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
    files.retain(|path, _| !is_test(path));
    for (path, lines) in &mut files {
        let tests = tests_in(&fs::read_to_string(root.join(path)).expect("a file that was compiled"));
        lines.retain(|number, _| !tests.contains(number));
    }
    files
}

/// The line numbers of items that exist only for tests.
fn tests_in(text: &str) -> Vec<usize> {
    let mut tests = Vec::new();
    let mut within = false;
    let mut before = "";
    for (number, line) in (1..).zip(text.lines()) {
        within |= before.starts_with("#[cfg(") && before.contains("test") && line.ends_with('{');
        if within {
            tests.push(number);
        }
        within &= line != "}";
        before = line;
    }
    tests
}

/// The lines that were not run, as ranges; lines without code do not split a range.
fn missed(lines: &Lines) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    let mut parted = true;
    for (number, count) in lines {
        match ranges.last_mut() {
            Some(last) if *count == 0 && !parted => last.1 = *number,
            _ if *count == 0 => ranges.push((*number, *number)),
            _ => {}
        }
        parted = *count > 0;
    }
    let words = ranges.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
    words.collect::<Vec<_>>().join(", ")
}

#[allow(clippy::integer_division, reason = "tenths of a per cent")]
fn per_cent(part: usize, whole: usize) -> String {
    let tenths = part * 1000 / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
