//! Recoveries up to a stored code on `PostgreSQL` beside `SQLite`, with few and with very many registrations.

use std::time::Duration;

use sspr_tests::{Image, Machine, Suite};

use crate::{
    LIMITS, PASSWORD, bring_host, crowd,
    document::Section,
    effort,
    figures::{Row, milliseconds},
    people,
};

/// The total numbers of registrations, besides those that recover. A file of rows has at most [`FILE_MAX`].
const COUNTS: [usize; 3] = [0, 100_000, 1_000_000];
const FILE_MAX: usize = 250_000;
const PATIENCE: Duration = Duration::from_mins(10);
/// Recoveries a second that `PostgreSQL` must reach.
const LEAST: f64 = 200.0;
/// The rate counts as flat down to this share of that with the fewest registrations.
const FLAT: f64 = 0.8;
const LANES: usize = 160;

const DATABASE: &str = "
    cd /
    runuser -u postgres -- createuser sspr
    runuser -u postgres -- createdb --owner=sspr --encoding=UTF8 --template=template0 sspr
    printf '[server]\\ndatabase = \"postgres://sspr@localhost/sspr?host=/run/postgresql\"\\n' \\
        >/etc/sspr/sspr.toml.d/database.toml
    systemctl restart sspr-agent";

/// One of the two stores, with the rate and the import's rows a second at each count.
struct Seen {
    rates: Vec<crowd::Rate>,
    imports: Vec<f64>,
}

pub(crate) fn section() -> Section {
    let [sqlite, postgres] = [&[][..], &["postgresql"]].map(|packages: &[&str]| {
        let image = Image::installed_with(Suite::default(), packages);
        let machine = Machine::with(image).switched_on().user("alice", PASSWORD).settings(LIMITS).boot();
        bring_host(&machine);
        if !packages.is_empty() {
            machine.must(DATABASE);
        }
        on(&machine)
    });
    let rates = |seen: &Seen| joined(seen.rates.iter().map(|rate| format!("{:.0}", rate.a_second)));
    let cpu = |seen: &Seen| joined(seen.rates.iter().map(|rate| milliseconds(rate.cpu)));
    let imports = |seen: &Seen| joined(seen.imports.iter().map(|rate| format!("{rate:.0}")));
    let few = postgres.rates[0].a_second;
    let rows = vec![
        Row::aimed(
            "Recoveries up to a stored code on PostgreSQL, a second",
            "at least 200",
            postgres.rates.iter().all(|rate| rate.a_second >= LEAST),
            format!("**{}**", rates(&postgres)),
        )
        .floor(format!("{}: SQLite", rates(&sqlite))),
        Row::aimed(
            "The same with the most registrations, beside the fewest",
            "at least 0.8 ×",
            postgres.rates.iter().all(|rate| rate.a_second >= FLAT * few),
            joined(postgres.rates.iter().map(|rate| format!("{:.2} ×", rate.a_second / few))),
        ),
        Row::told("The agent's CPU for each", format!("{} ms", cpu(&postgres)))
            .floor(format!("{} ms: SQLite", cpu(&sqlite))),
        Row::told("`sspr admin import` into PostgreSQL, rows a second", imports(&postgres))
            .floor(format!("{}: SQLite", imports(&sqlite))),
    ];
    let counts = joined(COUNTS.iter().take(postgres.rates.len()).map(|count| (count + crowd::ACCOUNTS).to_string()));
    Section::new("PostgreSQL", rows).below(format!(
        "With {counts} registrations, {LANES} recoveries at a time. The database is on the same machine and the same two cores, \
         over a socket, with Debian's settings. Each in a machine of its own, one after the other."
    ))
}

fn joined(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" · ")
}

/// Has the database do now what it otherwise does by itself in the minutes after so many new rows.
fn settle(machine: &Machine) {
    let script = "if [ -d /etc/postgresql ]; then
            cd /; runuser -u postgres -- psql -q -d sspr -c 'VACUUM ANALYZE' -c 'CHECKPOINT'
        fi";
    machine.must_within(PATIENCE, script);
}

fn on(machine: &Machine) -> Seen {
    crowd::people(machine);
    let mut seen = Seen { rates: Vec::new(), imports: Vec::new() };
    let mut from = 0;
    for count in COUNTS.into_iter().take(effort(COUNTS.len(), 2)) {
        let (begun, mut seconds) = (from, 0.0);
        while from < count {
            let to = count.min(from + FILE_MAX);
            let script = format!(
                "{}
                 begun=$(date +%s%N); sspr admin import /root/people.csv >&2; echo $(($(date +%s%N) - begun))",
                people(from..to, "/root/people.csv")
            );
            seconds += machine.must_within(PATIENCE, &script).trim().parse::<f64>().unwrap() / 1e9;
            from = to;
        }
        if from > begun {
            seen.imports.push((from - begun) as f64 / seconds);
            settle(machine);
        }
        crowd::with_settings(machine, || seen.rates.push(crowd::rate(machine, "stored", LANES, effort(10, 3))));
    }
    seen
}
