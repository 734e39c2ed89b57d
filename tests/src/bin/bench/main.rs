//! `make bench`: what the package costs, measured in machines with the package installed, and written to
//! `docs/benchmarks.md`. `bench-host` beside this program is what runs inside.
//!
//! With names of parts as arguments, only these are measured, and nothing is written; so with `SSPR_BENCH=quick`, which
//! takes fewer samples. Both are for development.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss
)]

mod alike;
mod beside;
mod crowd;
mod database;
mod directory;
mod doctor;
mod document;
mod figures;
mod fleet;
mod import;
mod loading;
mod peers;
mod process;
mod programs;
mod recovery;
mod registrations;
mod resting;
mod screens;
mod sign_in;
mod sizes;

use std::{collections::BTreeMap, fs, ops::Range, path::Path, time::Duration};

use document::Section;
use figures::Samples;
use process::Process;
use sspr_tests::{Image, Machine};

const PASSWORD: &str = "granite otter lantern";
const ADDRESS: &str = "alice@example.org";

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    let mut sections = Vec::new();
    let machine = machine();
    let agent = Process::of(&machine, "sspr-agent");
    let fresh = agent.memory();
    let quiet = agent.idle();
    host(&machine, &format!("register alice '{PASSWORD}' {ADDRESS}"));
    if wants("sign-in") {
        sections.push(progress(sign_in::section(&machine, &agent)));
    }
    if wants("loading") {
        sections.push(progress(loading::section(&machine)));
    }
    if wants("peers") {
        sections.push(progress(peers::section()));
    }
    if wants("recovery") {
        let (section, helper) = recovery::section(&machine);
        sections.push(progress(section));
        sections.push(progress(resting::section(&machine, &agent, &fresh, &quiet, &helper)));
    }
    if wants("crowd") {
        sections.push(progress(crowd::section(&machine)));
    }
    if wants("beside") {
        sections.extend(beside::section(&machine).map(progress));
    }
    if wants("alike") {
        sections.push(progress(alike::section(&machine)));
    }
    if wants("doctor") {
        sections.push(progress(doctor::section(&machine)));
    }
    let about = document::about(&machine);
    drop(machine);
    if wants("programs") {
        sections.push(progress(programs::section()));
    }
    if wants("directory") {
        sections.push(progress(directory::section()));
    }
    if wants("screens") {
        sections.push(progress(screens::section()));
    }
    if wants("registrations") {
        sections.push(progress(registrations::section()));
    }
    if wants("database") {
        sections.push(progress(database::section()));
    }
    if wants("fleet") || wants("fleet-hosts") {
        sections.push(progress(fleet::section()));
    }
    if wants("fleet") || wants("fleet-alike") {
        sections.push(progress(fleet::alike()));
    }
    if wants("import") {
        sections.push(progress(import::section()));
    }
    sections.push(sizes::section());
    let text = document::text(&about, &sections);
    if wanted.is_empty() && !quick() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        fs::write(docs.join("benchmarks.md"), &text).unwrap();
    }
    print!("{text}");
}

/// Finished parts are shown, for a user who waits.
fn progress(section: Section) -> Section {
    eprintln!("{}", section.text());
    section
}

fn quick() -> bool {
    std::env::var("SSPR_BENCH").is_ok_and(|how| how == "quick")
}

/// How many samples are taken.
fn effort(full: usize, quick_one: usize) -> usize {
    if quick() { quick_one } else { full }
}

/// The stacks in `/etc/bench`: that of the host before the package is switched on, which it is compared with, and after.
const STACKS: &str = "
    mkdir -p /etc/bench/plain /etc/bench/with
    cp /etc/pam.d/common-auth /etc/pam.d/common-account /etc/bench/plain/
    for kind in auth account; do
        echo \"@include /etc/bench/plain/common-$kind\" >>/etc/bench/plain/login
        echo \"@include /etc/pam.d/common-$kind\" >>/etc/bench/with/login
        echo \"$kind required pam_deny.so\" | tee -a /etc/bench/plain/other >>/etc/bench/with/other
    done
    cp /etc/bench/plain/login /etc/bench/plain/sudo
    cp /etc/bench/with/login /etc/bench/with/sudo";

/// Limits that so much in a row does not reach.
const LIMITS: &str = "
    [scope]
    enable = \"all\"
    [code]
    resend_after = \"1s\"
    [limits]
    failed_proofs_per_hour = 1000000
    sends_per_hour = 1000000
    sends_per_day = 1000000
    starts_per_hour = 1000000
    messages_per_hour = 1000000";

/// A machine with the package, mail, and two accounts.
fn machine() -> Machine {
    machine_of(Image::installed(), LIMITS)
}

/// The same with the package of `image`, and these limits.
fn machine_of(image: Image, limits: &str) -> Machine {
    let machine = Machine::with(image)
        .prepare(STACKS)
        .switched_on()
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .with_mail()
        .settings(limits)
        .boot();
    bring_host(&machine);
    machine
}

/// Puts `bench-host` into a machine.
fn bring_host(machine: &Machine) {
    let program = std::env::current_exe().unwrap().with_file_name("bench-host");
    assert!(program.exists(), "bench-host lies beside this program; `make bench` builds both");
    machine.copy_in(&program, "/usr/bin/bench-host");
}

/// A script that makes an account for each number, with alice's password, and a file to import with an address for each.
fn people(numbers: Range<usize>, file: &str) -> String {
    let Range { start, end } = numbers;
    format!(
        "hash=$(getent shadow alice | cut -d: -f2)
         awk -v from={start} -v to={end} -v file={file} -v hash=\"$hash\" 'BEGIN {{ print \"name,email\" >file
             for (i = from; i < to; i++) {{
                 printf \"p%d:x:%d:100::/tmp:/bin/sh\\n\", i, 100000 + i >>\"/etc/passwd\"
                 printf \"p%d:%s:20000:0:99999:7:::\\n\", i, hash >>\"/etc/shadow\"
                 printf \"p%d,person.number.%d@example.org\\n\", i, i >file
             }} }}'"
    )
}

type Values = BTreeMap<String, Vec<Vec<f64>>>;

/// Runs `bench-host` in the machine; gives the values under each name.
#[track_caller]
fn host(machine: &Machine, arguments: &str) -> Values {
    values(&machine.must_within(Duration::from_mins(15), &format!("bench-host {arguments}")))
}

/// Lines of a name and its values.
fn values(text: &str) -> Values {
    let mut values = Values::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        values.entry(name.into()).or_default().push(words.map(|word| word.parse().unwrap()).collect());
    }
    values
}

fn column(values: &Values, name: &str, column: usize) -> Samples {
    values[name].iter().map(|row| row[column]).collect()
}
