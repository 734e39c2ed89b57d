//! Whether the times of the answers distinguish accounts of different kinds.

use std::{fmt::Write as _, thread, time::Duration};

use sspr_tests::Machine;
use statrs::stats_tests::{
    Alternative, NaNPolicy,
    ks_test::{KSTwoSampleAlternativeMethod, ks_twosample},
    mannwhitneyu::{MannWhitneyUMethod, mannwhitneyu},
};

use crate::{
    Values,
    document::Section,
    effort,
    figures::{Row, Samples, milliseconds},
    host,
};

/// How many accounts of each kind a lane has.
const ACCOUNTS: usize = 2;

/// Kinds of accounts. The others are compared with the first one.
#[derive(Clone, Copy)]
pub(crate) struct Kinds {
    /// Those of whose recoveries every step is compared.
    pub(crate) open: &'static [&'static str],
    /// Those that rest after too many wrong codes, so that only the beginning is compared.
    pub(crate) resting: &'static [&'static str],
    /// How many accounts are visited at a time.
    pub(crate) lanes: usize,
}

const KINDS: Kinds = Kinds {
    open: &["registered", "unregistered", "unknown", "excluded", "locked", "expired", "outside"],
    resting: &["resting-registered", "resting-unknown"],
    lanes: 16,
};
const STEPS: [&str; 15] = [
    "begin",
    "email",
    "again",
    "wrong",
    "other",
    "address",
    "wrong-there",
    "back",
    "app",
    "wrong-app",
    "leave-app",
    "code",
    "wrong-token",
    "beside",
    "turned-away",
];
/// The share of runs that report a difference although there is none.
const FALSE_ALARMS: f64 = 0.01;

const SETTINGS: &str = "
    [scope]
    enable = [\"inside\"]
    exclude = [EXCLUDED]
    [code]
    lifetime = \"5s\"
    resend_after = \"2s\"";

pub(crate) fn section(machine: &Machine) -> Section {
    people(machine);
    for kind in KINDS.resting {
        host(machine, &format!("rest {kind} {}", KINDS.lanes));
    }
    // A suspended account stays suspended; for the others, wrong codes are not limited.
    machine.must(
        "printf '[limits]\\nfailed_proofs = 100\\nfailed_proofs_per_hour = 1000000\\n' >/etc/sspr/sspr.toml.d/71-alike.toml
         systemctl reload sspr-agent",
    );
    let rounds = effort(300, 60);
    let seen = visited(machine, KINDS, rounds, effort(100, 15));
    machine.must("rm /etc/sspr/sspr.toml.d/7?-alike.toml; systemctl reload sspr-agent");
    let (row, medians) = judged(&seen, KINDS, rounds);
    Section::new("Alike", vec![row])
        .below(format!(
            "Recoveries of every kind of account, shuffled in each round, {} at a time, over the bus as a PAM host does it, \
             each answer given at once. Every kind is compared with registered accounts, step by step, by the Mann-Whitney and by \
             the Kolmogorov-Smirnov test; p is the smallest, after Bonferroni: how likely the largest of all differences is where \
             there is none. All accounts but the unknown and unregistered have an address; what is excluded, locked, expired or \
             outside of the scope is so by the settings or in shadow. \"Again\" asks for a second code within the cool-down. \
             \"Beside\" is an answer on another connection, while six telephone numbers are typed for accounts of the kind at the \
             same moment (for unknown ones, what sshd types in their place): in a third as many samples. \"Turned away\" is \
             registered and unknown accounts that rest after too many wrong codes, in the first two columns.",
            KINDS.lanes
        ))
        .below(
            "What was done: until somebody has proved who they are, every step is said on a beat of 100 ms after the answer that \
             it follows. What the store finds, what the helper says and the message that goes out differ, and are over by then.",
        )
        .below(medians)
}

/// Visits accounts of every kind in so many rounds, and so many times with an answer beside them.
pub(crate) fn visited(machine: &Machine, kinds: Kinds, rounds: usize, beside: usize) -> Values {
    let (open, lanes) = (kinds.open.join(" "), kinds.lanes);
    let all = [kinds.open, kinds.resting].concat().join(" ");
    host(machine, &format!("alike {} {lanes} {all}", ACCOUNTS * lanes));
    // The codes of these first visits expire.
    thread::sleep(Duration::from_secs(6));
    let mut seen = host(machine, &format!("alike {rounds} {lanes} {all}"));
    thread::sleep(Duration::from_secs(6));
    seen.extend(host(machine, &format!("beside {beside} {open}")));
    seen
}

impl Kinds {
    /// The names of all accounts of a kind.
    pub(crate) fn names(self, kind: &str) -> Vec<String> {
        let numbers = (0..self.lanes).flat_map(|lane| (0..ACCOUNTS).map(move |number| format!("{lane}{number}")));
        numbers.map(|number| format!("{kind}{number}")).collect()
    }
}

/// Accounts of every kind, all with an address except those that are unknown or not registered.
fn people(machine: &Machine) {
    let kinds = KINDS.open.iter().chain(KINDS.resting);
    let real: Vec<String> =
        kinds.filter(|kind| !kind.ends_with("unknown")).flat_map(|kind| KINDS.names(kind)).collect();
    let registered: Vec<&String> = real.iter().filter(|name| !name.starts_with("unregistered")).collect();
    let inside: Vec<&String> = real.iter().filter(|name| !name.starts_with("outside")).collect();
    let mut script = "groupadd inside\nhash=$(getent shadow alice | cut -d: -f2)\n".to_owned();
    for name in &real {
        let group = if name.starts_with("outside") { "users" } else { "inside" };
        let _ = writeln!(script, "useradd -M -s /bin/sh -N -g {group} -p \"$hash\" {name}");
    }
    let _ = writeln!(script, "echo name,email >/root/alike.csv");
    for name in registered {
        let _ = writeln!(script, "echo {name},{name}@example.org >>/root/alike.csv");
    }
    assert!(inside.len() < real.len());
    script.push_str("sspr admin import /root/alike.csv\n");
    for name in KINDS.names("locked") {
        let _ = writeln!(script, "usermod -L {name}");
    }
    for name in KINDS.names("expired") {
        let _ = writeln!(script, "chage -E 1 {name}");
    }
    let excluded = KINDS.names("excluded").iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let settings = SETTINGS.replace("EXCLUDED", &excluded);
    let _ = writeln!(
        script,
        "mkdir -p /etc/sspr/sspr.toml.d
         cat >/etc/sspr/sspr.toml.d/70-alike.toml <<'TOML'\n{settings}\nTOML
         systemctl reload sspr-agent"
    );
    machine.must(&script);
}

/// The verdict about all comparisons, and a table of the medians.
pub(crate) fn judged(seen: &Values, kinds: Kinds, rounds: usize) -> (Row, String) {
    let of = |step: &str, kind: usize| -> Samples {
        // A whole number, written as one.
        let is_of = |row: &&Vec<f64>| (row[0] - f64::from(u32::try_from(kind).unwrap())).abs() < 0.5;
        seen[step].iter().filter(is_of).map(|row| row[1]).collect()
    };
    let (open, all) = (kinds.open.len(), kinds.open.len() + kinds.resting.len());
    let mut compared = Vec::new();
    let mut medians =
        "Median of each step in milliseconds, and the smallest p of its comparisons as it is:\n\n| Step |".to_owned();
    for kind in kinds.open {
        let _ = write!(medians, " {kind} |");
    }
    let _ = writeln!(medians, " smallest p |\n|---|{}", "---|".repeat(open + 1));
    for step in STEPS.into_iter().filter(|step| seen.contains_key(*step)) {
        let kinds = if step == "turned-away" { open..all } else { 0..open };
        let first = of(step, kinds.start);
        let ps: Vec<f64> = kinds.clone().skip(1).flat_map(|kind| tests(&first, &of(step, kind))).collect();
        let _ = write!(medians, "| {step} |");
        for kind in kinds.clone() {
            let _ = write!(medians, " {} |", milliseconds(of(step, kind).median()));
        }
        let _ = writeln!(medians, "{} {:.3} |", " |".repeat(open - kinds.len()), least(&ps));
        compared.extend(ps);
    }
    let count = compared.len();
    let adjusted = (least(&compared) * count as f64).min(1.0);
    let row = Row::aimed(
        "A difference between accounts of any two kinds, at any step",
        "p at least 0.01",
        adjusted >= FALSE_ALARMS,
        format!("**p = {adjusted:.3}** over {count} comparisons of {rounds} samples each"),
    );
    (row.floor("1: nothing differs"), medians)
}

/// The probability that two samples of one distribution differ this much, according to each of the tests.
fn tests(a: &Samples, b: &Samples) -> [f64; 2] {
    let (mut a, mut b) = (a.values().to_vec(), b.values().to_vec());
    a.sort_unstable_by(f64::total_cmp);
    b.sort_unstable_by(f64::total_cmp);
    if a == b {
        // The library's sum for the second test does not converge here.
        return [1.0; 2];
    }
    let (_, by_rank) = mannwhitneyu(&a, &b, MannWhitneyUMethod::Automatic, Alternative::TwoSided).unwrap();
    let method = KSTwoSampleAlternativeMethod::TwoSidedAsymptotic;
    let (_, by_shape) = ks_twosample(a, b, method, NaNPolicy::Error).unwrap();
    [by_rank, by_shape]
}

fn least(ps: &[f64]) -> f64 {
    ps.iter().copied().fold(1.0, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(from: u32, to: u32) -> Samples {
        (from..to).map(f64::from).collect()
    }

    #[test]
    fn a_shifted_and_a_wider_distribution_are_told_apart_and_an_equal_one_is_not() {
        let usual = samples(1000, 1300);
        assert!(least(&super::tests(&usual, &samples(1040, 1340))) < 0.001);
        let wider: Samples = (850..1450).step_by(2).map(f64::from).collect();
        assert!(least(&super::tests(&usual, &wider)) < 0.001);
        assert!(least(&super::tests(&usual, &samples(1001, 1301))) > 0.5);
        assert!((least(&super::tests(&usual, &samples(1000, 1300))) - 1.0).abs() < f64::EPSILON);
    }
}
