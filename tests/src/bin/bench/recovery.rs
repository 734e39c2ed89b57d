//! A whole recovery by email, step by step, beside plain `chpasswd`.

use std::{thread, time::Duration};

use sspr_tests::Machine;

use crate::{
    ADDRESS, PASSWORD,
    document::Section,
    effort,
    figures::{Row, Samples},
    host,
    process::{Memory, Process},
};

const RECOVERIES: usize = 15;
/// What the agent notes of a code that went out.
const ACCEPTED: &str = "a message was accepted by its gateway";

/// Recoveries by email, each with the helper stopped before it (as for the first of a day) and then with it running.
pub(crate) fn section(machine: &Machine) -> (Section, Memory) {
    let mut accepted = [Samples::default(), Samples::default()];
    let mut changed = [Samples::default(), Samples::default()];
    let mut signed_in = Samples::default();
    let mut plain = Samples::default();
    for number in 0..2 * effort(RECOVERIES, 5) {
        // The cool-down between two codes, and the note about the recovery before.
        thread::sleep(Duration::from_millis(2200));
        // Nobody resets so often in an hour: what is found out ahead is for ten of them at most.
        machine.must("rm -f /run/sspr-credential/tries");
        let state = number % 2;
        if state == 0 {
            machine.must("systemctl stop sspr-credential");
        }
        let seen = host(machine, &format!("recover alice {ADDRESS} '{PASSWORD} {number}'"));
        let at = |name: &str| seen[name][0][0];
        accepted[state].push(told_after(machine, "sspr-agent", ACCEPTED, at("chosen")) - at("chosen"));
        changed[state].push(at("renamed") - at("again-typed"));
        signed_in.push(at("signed-in") - at("again-typed"));
        plain.push(host(machine, &format!("chpasswd bob '{PASSWORD} {number}'"))["chpasswd"][0][0]);
    }
    let helper = Process::of(machine, "sspr-credential").memory();
    let [cold, warm] = accepted;
    let [changed_cold, changed_warm] = changed;
    let times = |changed: &Samples| changed.median() / plain.median();
    let reset = |what: &str, changed: &Samples| {
        let times = times(changed);
        let words = format!("{}; {times:.2} × chpasswd", changed.in_words());
        Row::aimed(what, "at most 1.4 × chpasswd", times <= 1.4, words)
    };
    let rows = vec![
        Row::aimed(
            "From choosing email to the mail server's 250, helper not running",
            "at most 50 ms",
            cold.median() <= 50e6,
            cold.in_words(),
        )
        .floor("STARTTLS, authentication and the server's own fsync"),
        Row::aimed("The same, helper running", "at most 50 ms", warm.median() <= 50e6, warm.in_words()),
        Row::told("Plain chpasswd of such a password", plain.in_words()).floor("one yescrypt, one fsync"),
        reset(
            "Reset, from the last key of the new password to the changed shadow file, helper started for the mail",
            &changed_cold,
        ),
        reset("The same, helper running before", &changed_warm),
        Row::told("The same until pam_unix has taken the new password", signed_in.in_words()),
    ];
    let section = Section::new("A recovery", rows)
        .below(
            "Whole ones through the module, by email over STARTTLS with a password, by a person who looks at the menu for a \
             second, and types the new password again a second after the first time; the server's 250 is when the agent notes it.",
        )
        .below(
            "What was done: the helper is started while the person reads the menu, the mail leaves while the step waits for its \
             beat, and after a right code nothing waits for a beat. Whether the new password is the old one, which takes a second \
             yescrypt, how easily it is guessed, and `pam_unix`'s own rules are found out before it is typed again. What a reset \
             takes more than `chpasswd` is the account's state once more, the commit that spends the proof, and six messages on the bus.",
        );
    (section, helper)
}

/// When, after `after`, `unit` noted `message`: the journal has the time at which it said so.
pub(crate) fn told_after(machine: &Machine, unit: &str, message: &str, after: f64) -> f64 {
    let since = (after / 1e9).floor();
    machine.must("journalctl --sync");
    let records =
        machine.must(&format!("journalctl --quiet --unit={unit} --output=json --since=@{since:.0} --no-pager"));
    let times = records.lines().filter_map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let time = record.get("_SOURCE_REALTIME_TIMESTAMP").or(record.get("__REALTIME_TIMESTAMP"))?;
        (record["MESSAGE"] == message)
            .then(|| time.as_str()?.parse::<f64>().ok().map(|microseconds| microseconds * 1e3))?
    });
    times
        .filter(|time| *time > after)
        .min_by(f64::total_cmp)
        .unwrap_or_else(|| panic!("{unit} did not say {message:?}\n{records}"))
}
