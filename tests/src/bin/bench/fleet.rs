//! A fleet: a reset on a host that joined beside one on a single machine, accounts of every kind through two servers, and 10,000 hosts
//! that ask one server.

use std::{fmt::Write as _, fs, thread, time::Duration};

use sspr_tests::{
    Machine, fleet,
    host::wait_for,
    openldap::{OLD, SECRET},
};

use crate::{
    Values,
    alike::{Kinds, judged, visited},
    bring_host, column,
    document::Section,
    effort,
    figures::{Row, Samples, mebibytes, milliseconds},
    host,
    process::Process,
    values,
};

/// How many hosts ask, and how many of them may join with one token.
const HOSTS: (usize, usize) = (10_000, 1000);
const OF_A_TOKEN: usize = 1000;
/// Questions in a second, and for how many seconds.
const A_SECOND: usize = 50;
const SECONDS: (usize, usize) = (60, 20);
/// Questions of one host alone.
const ALONE: (usize, usize) = (1000, 200);
const PATIENCE: Duration = Duration::from_mins(15);
/// The addresses of these hosts.
const ADDRESSES: &str = "10.128.0.0/9";
/// The most that a question may take beside one of a host alone.
const MORE_MAX: f64 = 1.5;
/// The most that the agents may hold, in KiB.
const SERVER_MAX: f64 = 128.0 * 1024.0;
const HOST_MAX: f64 = 8.0 * 1024.0;
/// A beat, and what the way to the server may add to it, in nanoseconds.
const STEP_MAX: f64 = 105e6;
/// How often four resets are looked at.
const STEPS: (usize, usize) = (10, 1);
/// How long a host's agent is at rest before its memory counts.
const REST: Duration = Duration::from_secs(10);

/// The server works on 16 requests of one host at a time.
const KINDS: Kinds =
    Kinds { open: &["registered", "unregistered", "unknown", "local", "local-registered"], resting: &[], lanes: 6 };
const ROUNDS: (usize, usize) = (100, 20);
const BESIDE: (usize, usize) = (40, 8);

/// Limits that so much in a row does not reach, and codes that expire before an account is visited again.
const LIMITS: &str = "
    [code]
    lifetime = \"5s\"
    resend_after = \"2s\"
    [limits]
    failed_proofs = 100
    failed_proofs_per_hour = 1000000
    sends_per_hour = 1000000
    sends_per_day = 1000000
    starts_per_hour = 1000000
    messages_per_hour = 1000000
    host_starts_per_hour = 1000000
    host_failed_proofs_per_hour = 1000000
    host_codes_per_hour = 1000000";

pub(crate) fn section() -> Section {
    let server = fleet::server();
    let host = fleet::host(&server, 1);
    people(&server);
    for machine in [&server, &host] {
        with_limits(machine);
    }
    fleet::joins(&host, &server);
    let mut rows = vec![step(&server, &host), resting(&host)];
    drop(host);
    rows.extend(many(&server));
    let (count, seconds) = (effort(HOSTS.0, HOSTS.1), effort(SECONDS.0, SECONDS.1));
    Section::new("A fleet", rows).below(format!(
        "{count} hosts are played by one program on the server's machine, over the same two cores: each has a key and an address of its \
         own, and has joined by a call with a token. Questions are the first calls at sign-ins with `register_at_sign_in`, each of \
         another host over a new connection with TLS on both sides, at random moments for {seconds} s; beside them are the hellos that \
         so many hosts send. One host alone asks one after the other, each time over a new connection, and nobody else does."
    ))
}

pub(crate) fn alike() -> Section {
    let (database, first) = (fleet::database(), fleet::server());
    fleet::keeps_in(&first, &database, 2);
    let second = fleet::second_server(&first, 3);
    fleet::keeps_in(&second, &database, 4);
    let host = fleet::host(&first, 1);
    fleet::reaches(&host, &second, 5, fleet::SECOND);
    people(&first);
    own_people(&host);
    for (machine, section) in [(&first, "server"), (&second, "server"), (&host, "fleet")] {
        let settings = format!("[{section}]\nlocal_accounts = true\n");
        fs::write(machine.root().join("etc/sspr/sspr.toml.d/81-bench.toml"), settings).unwrap();
        with_limits(machine);
    }
    fleet::joins(&host, &first);
    own_registered(&host, [&first, &second]);
    let rounds = effort(ROUNDS.0, ROUNDS.1);
    // The first reset of all takes longer.
    crate::host(&host, "alike 1 1 warm");
    let seen = visited(&host, KINDS, rounds, effort(BESIDE.0, BESIDE.1));
    let (row, medians) = judged(&seen, KINDS, rounds);
    Section::new("Alike in a fleet", vec![row])
        .below(
            "The same as \"Alike\", on a host that joined two servers, over TLS; they and their PostgreSQL database are machines of \
             their own. Registered, unregistered and unknown are of the directory. Local accounts are the host's own, with \
             `local_accounts` at both ends; some of them are registered.",
        )
        .below(medians)
}

/// People of the directory, of whom some are registered.
fn people(server: &Machine) {
    let mut ldif = String::new();
    let people = ["registered", "unregistered"].into_iter().flat_map(|kind| KINDS.names(kind)).zip(30_000..);
    for (name, uid) in people {
        let _ = writeln!(
            ldif,
            "dn: uid={name},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\n\
             uid: {name}\ncn: {name}\nsn: Person\nuidNumber: {uid}\ngidNumber: 20000\nhomeDirectory: /nonexistent\n\
             loginShell: /bin/bash\nuserPassword: Old-horse-battery-1\n"
        );
    }
    fs::write(server.root().join("root/people.ldif"), ldif).unwrap();
    let rows: Vec<String> =
        KINDS.names("registered").iter().map(|name| format!("{name},{name}@example.org\n")).collect();
    fs::write(server.root().join("root/people.csv"), format!("name,email\n{}", rows.concat())).unwrap();
    server.must(&format!(
        "ldapadd -x -H ldapi:/// -D cn=root,dc=example,dc=org -w {SECRET} -f /root/people.ldif
         sspr admin import /root/people.csv"
    ));
}

/// Accounts of the host itself.
fn own_people(host: &Machine) {
    let mut script = "hash=$(getent shadow lana | cut -d: -f2)\n".to_owned();
    for name in own_names() {
        let _ = writeln!(script, "useradd -M -s /bin/sh -N -g users -p \"$hash\" {name}");
    }
    host.must(&script);
}

fn own_names() -> impl Iterator<Item = String> {
    KINDS.open.iter().filter(|kind| kind.starts_with("local")).flat_map(|kind| KINDS.names(kind))
}

/// Registers some of them with the fleet's servers, which mail the codes.
fn own_registered(host: &Machine, servers: [&Machine; 2]) {
    let names = KINDS.names("local-registered");
    host.must(&format!(
        "mkdir /root/codes
         (if bench-host own '{OLD}' /root/codes {}; then touch /root/registered; fi) >/root/registering 2>&1 &",
        names.join(" ")
    ));
    for name in &names {
        let mailboxes = servers.map(|server| server.mailbox(&format!("{name}@example.org")));
        let code = wait_for("a code", Duration::from_secs(30), || {
            let said = fs::read_to_string(host.root().join("root/registering")).unwrap_or_default();
            assert!(!said.contains("panicked"), "{said}");
            mailboxes.iter().find(|mailbox| mailbox.codes() > 0).map(|mailbox| mailbox.wait_for_code(1))
        });
        // It is there as a whole or not at all.
        let codes = host.root().join("root/codes");
        fs::write(codes.join(".new"), code).unwrap();
        fs::rename(codes.join(".new"), codes.join(name)).unwrap();
    }
    host.must(
        "timeout 30 sh -c 'until [ -e /root/registered ]; do sleep 0.1; done' || { cat /root/registering; exit 1; }",
    );
}

fn with_limits(machine: &Machine) {
    fs::write(machine.root().join("etc/sspr/sspr.toml.d/80-bench.toml"), LIMITS).unwrap();
    machine.must("sspr config reload");
    bring_host(machine);
}

/// One answer of a reset through the server beside one on a single machine, which is the server itself.
fn step(server: &Machine, joined: &Machine) -> Row {
    let mut answers = [Samples::default(), Samples::default()];
    for _ in 0..effort(STEPS.0, STEPS.1) {
        for (machine, answers) in [server, joined].into_iter().zip(&mut answers) {
            // Each of these accounts is visited once.
            let seen = host(machine, "alike 4 2 registered");
            for (_, rows) in seen.iter().filter(|(step, _)| *step != "begin") {
                for row in rows {
                    answers.push(row[1]);
                }
            }
            // The codes expire.
            thread::sleep(Duration::from_secs(6));
        }
    }
    let [alone, through] = answers;
    Row::aimed(
        "One answer of a reset on a host that joined",
        "at most a beat + 5 ms",
        through.median() <= STEP_MAX,
        through.in_words(),
    )
    .floor(format!("{}: on a single machine", alone.in_words()))
}

fn resting(joined: &Machine) -> Row {
    thread::sleep(REST);
    let memory = Process::of(joined, "sspr-agent").memory();
    Row::aimed(
        "The agent of a host at rest, after resets",
        "at most 8 MiB resident",
        memory.resident <= HOST_MAX,
        memory.in_words(),
    )
}

/// Very many hosts and one server.
fn many(server: &Machine) -> Vec<Row> {
    let count = effort(HOSTS.0, HOSTS.1);
    let route = ["ip", "route", "add", "local", ADDRESSES, "dev", "lo"].map(String::from);
    assert_eq!(server.from_outside(&route).code, 0, "no addresses");
    let token = format!("sspr admin hosts token --uses {OF_A_TOKEN} 2>/dev/null >>/root/tokens\n");
    server.must(&token.repeat(count.div_ceil(OF_A_TOKEN)));
    let (seconds, alone) = (effort(SECONDS.0, SECONDS.1), effort(ALONE.0, ALONE.1));
    let line = format!("bench-host hosts /root/tokens {count} {A_SECOND} {seconds} {alone}");
    let done = server.run_within(PATIENCE, &line);
    // Why calls failed, for a reader who waits.
    eprint!("{}", done.stderr);
    assert_eq!(done.code, 0, "{line}");
    told(&values(&done.stdout), count)
}

fn told(seen: &Values, count: usize) -> Vec<Row> {
    let of = |name: &str| if seen.contains_key(name) { column(seen, name, 0) } else { Samples::default() };
    let one = |name: &str| of(name).median();
    let (alone, asked, failed) = (of("alone"), of("question"), of("question-failed").count());
    let (least, most) = (alone.quantile(99), asked.quantile(99));
    let (hellos, unheard) = (of("hello").count(), of("hello-failed").count());
    let (afterwards, lost) = (of("afterwards"), of("afterwards-failed").count());
    vec![
        Row::told(
            format!("{count} hosts join by calls, 8 at a time"),
            format!("{:.0} a second", count as f64 / one("joined") * 1e9),
        ),
        Row::aimed(
            format!("{A_SECOND} sign-in questions a second of {count} hosts, p99"),
            "at most 1.5 × one host alone",
            failed == 0 && unheard == 0 && most <= MORE_MAX * least,
            format!(
                "**{:.2} ×**: {} ms, median {} ms; {failed} of {} questions and {unheard} of {} hellos failed",
                most / least,
                milliseconds(most),
                milliseconds(asked.median()),
                asked.count() + failed,
                hellos + unheard,
            ),
        )
        .floor(format!(
            "{} ms, median {} ms: one host alone",
            milliseconds(least),
            milliseconds(alone.median())
        )),
        Row::aimed(
            "The agent of the server then",
            "at most 128 MiB resident",
            one("resident") <= SERVER_MAX,
            format!("{}; {} before", mebibytes(one("resident")), mebibytes(one("resident-before"))),
        ),
        Row::aimed(
            "A server that was started again, at the next questions of its hosts",
            "served",
            lost == 0,
            format!(
                "{} of {} served{}; the restart took {} ms",
                afterwards.count(),
                afterwards.count() + lost,
                afterwards
                    .values()
                    .last()
                    .map_or(String::new(), |most| format!(", the slowest in {} ms", milliseconds(*most))),
                milliseconds(one("restart")),
            ),
        ),
    ]
}
