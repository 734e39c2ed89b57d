//! Every conversation in `tests/clients`, played against the package by a program without a person: its results are the
//! same as without us, or the one refusal that the administrator chose, in one round and recorded.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
    time::Duration,
};

use sspr_tests::{
    Image, Machine,
    conversation::{Client, Play, Played, Program, Says},
    machine::line_showing,
};

const PASSWORD: &str = "granite otter lantern";
const PLAIN: &str = "/etc/plays/plain";
const WITH: &str = "/etc/plays/with";
const PERM_DENIED: i32 = 6;
/// How often a sign-in is repeated that had no question, because the agent was not in time.
const LATE_MAX: usize = 5;

/// The host's stacks before the package is enabled, for comparison, and after. There is no delay after a wrong
/// password.
const STACKS: &str = "
    mkdir -p /etc/plays/plain /etc/plays/with
    for kind in auth account; do sed 's/pam_unix.so/& nodelay/' /etc/pam.d/common-$kind >/etc/plays/plain/common-$kind; done
    pam-auth-update --enable sspr
    for kind in auth account; do sed 's/pam_unix.so/& nodelay/' /etc/pam.d/common-$kind >/etc/plays/with/common-$kind; done
    for stacks in plain with; do
        for service in login sshd other; do
            printf '@include /etc/plays/%s/common-%s\\n' $stacks auth $stacks account >/etc/plays/$stacks/$service
        done
    done";

/// More than the played programs reach.
const SETTINGS: &str = "
    [scope]
    enable = \"all\"
    [limits]
    starts_per_hour = 1000000
    messages_per_hour = 1000000";

/// How the registration is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Skippable,
    /// Required, and the days to put it off have begun.
    Before,
    /// Required, and these days are over.
    After,
}

/// The account and its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Unregistered,
    Registered,
    DueForReview,
    Wrong,
    Empty,
}

const MODES: [Mode; 3] = [Mode::Skippable, Mode::Before, Mode::After];
const CASES: [Case; 5] = [Case::Unregistered, Case::Registered, Case::DueForReview, Case::Wrong, Case::Empty];

impl Case {
    const fn password(self) -> &'static str {
        match self {
            Self::Unregistered | Self::Registered | Self::DueForReview => PASSWORD,
            Self::Wrong => "not the one it is",
            Self::Empty => "",
        }
    }
}

/// The account of one case, named after it.
fn account(program: usize, mode: Mode, case: Case) -> String {
    format!("p{program}m{}c{}", mode as u8, case as u8)
}

/// Accounts with the same password, some of them with an address.
fn people(machine: &Machine, count: usize) {
    // A cheap hash, because there are many sign-ins.
    fs::write(machine.root().join("root/password"), PASSWORD).unwrap();
    // From a file: the journal keeps the command line of whatever logs.
    let hash = machine.must("openssl passwd -6 -stdin </root/password; rm /root/password");
    let (mut passwd, mut shadow) = (String::new(), String::new());
    let all = (0..count).flat_map(|program| MODES.map(|mode| CASES.map(|case| (program, mode, case)))).flatten();
    for (uid, (program, mode, case)) in (20_000..).zip(all) {
        let name = account(program, mode, case);
        writeln!(passwd, "{name}:x:{uid}:100::/tmp:/bin/sh").unwrap();
        writeln!(shadow, "{name}:{hash}:20000:0:99999:7:::").unwrap();
    }
    for (file, text) in [("passwd", passwd), ("shadow", shadow)] {
        let mut file = OpenOptions::new().append(true).open(machine.root().join("etc").join(file)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
}

#[track_caller]
fn register(machine: &Machine, count: usize, case: Case) {
    let mut rows = String::from("name,email\n");
    for (program, mode) in (0..count).flat_map(|program| MODES.map(|mode| (program, mode))) {
        let name = account(program, mode, case);
        writeln!(rows, "{name},{name}@example.org").unwrap();
    }
    fs::write(machine.root().join("root/people.csv"), rows).unwrap();
    machine.must("sspr admin import /root/people.csv");
}

/// All of `plays`, by their names.
#[track_caller]
fn played(machine: &Machine, plays: &[Play]) -> BTreeMap<String, Played> {
    fs::write(machine.root().join("root/plays.json"), serde_json::to_string(plays).unwrap()).unwrap();
    let said = machine.must_within(Duration::from_mins(5), "plays /root/plays.json 6");
    let all: Vec<Played> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(all.len(), plays.len());
    all.into_iter().map(|played| (played.id.clone(), played)).collect()
}

/// The results, and how often each kind of question was asked.
fn result(played: &Played) -> (Option<i32>, Option<i32>, u32, u32) {
    (played.sign_in, played.account, played.hidden, played.visible)
}

/// A program that waits for a person is asked once.
const fn is_asked(program: &Program, case: Case) -> bool {
    program.needs_ms > 0 && matches!(case, Case::Unregistered | Case::DueForReview)
}

/// The fault if `with` is not as it should be, compared with `plain`.
fn fault(program: &Program, mode: Mode, case: Case, plain: &Played, with: &Played, trail: &str) -> Option<String> {
    let account = &with.id;
    let same = result(plain) == result(with);
    // Enter begins a reset. It gets a program no further, and costs it few rounds; `make bench` has the time.
    if case == Case::Empty && program.may_be_a_person() {
        // Answers of an invalid length end it after five. Answers with the length of an address or a code end it when
        // the tries are used up.
        let rounds = if program.visible == [Says::Input] { (6, 2) } else { (5, 1) };
        let in_bounds = with.visible <= rounds.0 && with.hidden <= plain.hidden + rounds.1;
        let is_no_more = with.account.is_none() && (with.sign_in.is_none() || with.sign_in == plain.sign_in);
        return (!in_bounds || !is_no_more).then(|| "an empty password".into());
    }
    let refused = program.may_be_a_person() && mode == Mode::After && case == Case::Unregistered;
    if refused {
        let is_refused = with.account.is_none_or(|code| code == PERM_DENIED) && with.sign_in == plain.sign_in;
        // Lines of a file count as a person's typos, five times at most.
        let rounds = if program.visible == [Says::Input] { 5 } else { 1 };
        let in_one_round = with.hidden == plain.hidden && with.visible <= rounds;
        let recorded = trail.lines().any(|line| {
            line.contains(&format!("\"account\":\"{account}\"")) && line.contains("\"registration required: ")
        });
        return (!is_refused || !in_one_round || !recorded).then(|| format!("refused; recorded: {recorded}"));
    }
    if is_asked(program, case) {
        return (with.visible != 1 || with.hidden != plain.hidden).then(|| "a person".into());
    }
    (!same).then(|| "as without us".into())
}

#[test]
fn each_program_gets_the_result_and_the_rounds_that_it_gets_without_us_or_the_one_refusal() {
    let programs: Vec<Program> = Client::all().iter().map(Client::at_sshd).chain(Program::all()).collect();
    let machine = Machine::with(Image::installed()).prepare(STACKS).settings(SETTINGS).with_bound_on_typing().boot();
    machine.copy_in(Path::new(env!("CARGO_BIN_EXE_plays")), "/usr/bin/plays");
    people(&machine, programs.len());
    register(&machine, programs.len(), Case::DueForReview);
    machine.agent().hours_later(200 * 24);
    register(&machine, programs.len(), Case::Registered);

    let each = || programs.iter().enumerate().flat_map(|(at, program)| CASES.map(|case| (at, program, case)));
    let plays = |directory: &str, mode: Mode| -> Vec<Play> {
        let play = |(at, program, case): (usize, &Program, Case)| {
            let account = account(at, mode, case);
            program.play(account.clone(), directory, &account, case.password())
        };
        each().map(play).collect()
    };
    let plain = played(&machine, &plays(PLAIN, Mode::Skippable));
    assert!(plain.values().any(|played| played.account == Some(0)), "{plain:?}");
    let mut faults = String::new();
    for mode in MODES {
        let (register, required) = match mode {
            Mode::Skippable => ("mode = \"skippable\"", "no"),
            Mode::Before => ("mode = \"required\"\nskip_days = 14", "yes"),
            Mode::After => ("mode = \"required\"\nskip_days = 0", "yes"),
        };
        machine.settings_now(&format!("[register]\n{register}\n"), &format!("required={required}"));
        let mut with = played(&machine, &plays(WITH, mode));
        // Where the agent was not in time among so many, sign-ins go on without a question. It asks the next time, or the
        // one after, as the machine has other work, too.
        for _ in 0..LATE_MAX {
            let is_late = |((_, program, case), play): &((usize, &Program, Case), Play)| {
                mode != Mode::After && is_asked(program, *case) && with[&play.id].visible == 0
            };
            let late: Vec<_> = each().zip(plays(WITH, mode)).filter(is_late).map(|(_, play)| play).collect();
            for play in late {
                with.extend(played(&machine, &[play]));
            }
        }
        let trail = machine.must("sspr admin audit --json --since 2000-01-01");
        for (at, program, case) in each() {
            let (plain, with) = (&plain[&account(at, Mode::Skippable, case)], &with[&account(at, mode, case)]);
            if let Some(why) = fault(program, mode, case, plain, with, &trail) {
                writeln!(faults, "{}, {mode:?}, {case:?}: {why}\n  {plain:?}\n  {with:?}", program.name).unwrap();
            }
        }
        // Once more: a program that was asked and is not a person is not asked again. With `required`, nothing changes.
        let again: Vec<Play> = plays(WITH, mode).into_iter().filter(|play| !play.password.is_empty()).collect();
        let again = played(&machine, &again);
        for (at, program, case) in each().filter(|(_, _, case)| *case != Case::Empty) {
            if mode == Mode::After && case == Case::Unregistered && program.may_be_a_person() {
                continue;
            }
            let (plain, with) = (&plain[&account(at, Mode::Skippable, case)], &again[&account(at, mode, case)]);
            if result(plain) != result(with) {
                writeln!(faults, "{}, {mode:?}, {case:?}, again:\n  {plain:?}\n  {with:?}", program.name).unwrap();
            }
        }
    }
    assert_eq!(faults, "");
    // No password and no line of a file reached the store over the bus, and no code went to a stranger.
    assert!(programs.iter().any(|program| program.visible == [Says::Input]));
    assert_eq!(machine.must("ls /var/lib/sspr/spool 2>/dev/null | wc -l"), "0");
    assert_eq!(line_showing(&machine.whole_journal(), PASSWORD), None);
}
