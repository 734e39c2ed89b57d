//! `sspr metrics`: metrics for Prometheus, as a text file that the textfile collector of `node_exporter` reads.

use std::{
    fmt::{Display, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use sspr_core::plain::plain;
use sspr_machine::files;
use sspr_protocol::{
    admin::{Nothing, Report, ReportOf},
    state::State,
};

use crate::{client::Client, failure::Failure, out};

/// The options of `sspr metrics`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Write to this file, such as /var/lib/prometheus/node-exporter/sspr.prom, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Every user can read it, because `node_exporter` has its own user.
const MODE: u32 = 0o644;

/// Writes them.
pub async fn run(arguments: &Arguments, bus: &str) -> ExitCode {
    match written(arguments, bus).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.complain(),
    }
}

async fn written(arguments: &Arguments, bus: &str) -> Result<(), Failure> {
    let asked = asked(bus).await;
    let text = match &asked {
        Ok((state, report)) => text(Some((state, report))),
        // A user who is not root, or wrong usage: only the user who typed it has to know.
        Err(Failure::Unreachable(_)) => text(None),
        Err(failure) => return Err(failure.clone()),
    };
    match &arguments.output {
        Some(file) => files::write(file, text.as_bytes(), MODE, None)
            .map_err(|error| Failure::Refused(format!("{}: {error}", file.display())))?,
        None => out::print(&text)?,
    }
    asked.map(|_| ())
}

async fn asked(bus: &str) -> Result<(State, Report), Failure> {
    let client = Client::connect_for(bus, "metrics").await?;
    let state = client.call("State", &Nothing {}).await?;
    let report = client.call("Report", &ReportOf { days: 1, ..ReportOf::default() }).await?;
    Ok((state, report))
}

/// Metrics as Prometheus reads them (the text format, version 0.0.4).
struct Metrics(String);

impl Metrics {
    /// Writing to a String can't fail.
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    /// One metric of a kind.
    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }
}

/// The value of a label in the text format, without control characters.
fn escaped(text: &str) -> String {
    plain(text).replace('\\', "\\\\").replace('"', "\\\"")
}

fn text(asked: Option<(&State, &Report)>) -> String {
    let mut m = Metrics(String::new());
    m.one("sspr_up", "gauge", "Whether the agent answered (1) or not (0).", u8::from(asked.is_some()));
    let Some((state, report)) = asked else { return m.0 };
    m.family("sspr_build_info", "gauge", "The version of the agent, always 1.");
    m.sample("sspr_build_info", &[("version", state.version.as_str())], 1);
    let help = "When the agent started, since the epoch. Counters begin anew then.";
    m.one("sspr_start_time_seconds", "gauge", help, state.since);
    people(&mut m, report);
    counted(&mut m, state);
    gateways(&mut m, state);
    let help = "Messages that have not left yet.";
    m.one("sspr_outbox_messages", "gauge", help, state.waiting.messages);
    let help = "How long the oldest message that has not left yet has waited, 0 if there is none.";
    m.one("sspr_outbox_oldest_message_age_seconds", "gauge", help, state.waiting.oldest);
    m.0
}

fn people(m: &mut Metrics, report: &Report) {
    for (name, help, value) in [
        ("sspr_people", "People's accounts on this machine.", report.accounts),
        ("sspr_people_enabled", "Accounts that self-service is on for.", report.enabled),
        ("sspr_people_registered", "Accounts with as many methods as they need.", report.registered),
        ("sspr_people_capable", "Accounts whose password can be reset now: enabled and registered.", report.capable),
        ("sspr_people_exempt", "Accounts that need not register.", report.exempt),
        ("sspr_people_suspended", "Accounts whose self-service is suspended.", report.resting),
    ] {
        m.one(name, "gauge", help, value);
    }
    if let Some(users) = &report.directory {
        for (name, help, value) in [
            ("sspr_directory_people", "Users of the directory with a registration.", users.known),
            ("sspr_directory_people_registered", "Those with as many methods as they need.", users.registered),
            ("sspr_directory_people_capable", "Those whose registration can be used for a reset now.", users.capable),
            ("sspr_directory_people_waiting", "Those whose first registration can't be used yet.", users.waiting),
            ("sspr_directory_people_exempt", "Those who need not register.", users.exempt),
            ("sspr_directory_people_suspended", "Those whose self-service is suspended.", users.resting),
        ] {
            m.one(name, "gauge", help, value);
        }
    }
    let name = "sspr_people_with_method";
    m.family(name, "gauge", "Accounts that have registered a method.");
    for (method, count) in &report.by_method {
        m.sample(name, &[("method", method.replace(' ', "_").as_str())], count);
    }
}

fn counted(m: &mut Metrics, state: &State) {
    let counted = &state.counted;
    for (name, help, outcomes) in [
        (
            "sspr_recoveries_total",
            "Resets and unlockings that succeeded.",
            [("reset", counted.reset), ("unlocked", counted.unlocked)],
        ),
        (
            "sspr_refusals_total",
            "Resets that were refused, and accounts whose reset was suspended.",
            [("refused", counted.refused), ("suspended", counted.suspended)],
        ),
        (
            "sspr_codes_total",
            "Codes that were asked for, and codes that were wrong.",
            [("requested", counted.codes), ("wrong", counted.codes_wrong)],
        ),
    ] {
        m.family(name, "counter", help);
        for (outcome, value) in outcomes {
            m.sample(name, &[("outcome", outcome)], value);
        }
    }
    let help = "Codes that administrators and the help desk gave out.";
    m.one("sspr_helpdesk_codes_total", "counter", help, counted.desk_codes);
}

fn gateways(m: &mut Metrics, state: &State) {
    let answered: Vec<_> = state.gateways.iter().filter_map(|of| Some((of, of.last.as_ref()?))).collect();
    if answered.is_empty() {
        return;
    }
    let name = "sspr_gateway_up";
    m.family(name, "gauge", "Whether the gateway accepted the last message (1) or not (0).");
    for (of, last) in &answered {
        let labels = [("method", of.method.as_str()), ("gateway", of.gateway.as_str())];
        m.sample(name, &labels, u8::from(last.why.is_none()));
    }
    let name = "sspr_gateway_last_answer_timestamp_seconds";
    m.family(name, "gauge", "When the gateway last answered to a message, since the epoch.");
    for (of, last) in &answered {
        m.sample(name, &[("method", of.method.as_str()), ("gateway", of.gateway.as_str())], last.at);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use sspr_protocol::{
        admin::LastAnswer,
        state::{Counted, Gateway, Waiting},
    };

    use super::*;

    fn example() -> String {
        let gateway = |method: &str, gateway: &str, why: Option<&str>| Gateway {
            method: method.into(),
            gateway: gateway.into(),
            last: Some(LastAnswer { at: 1_800_000_000, why: why.map(Into::into), unsure: false }),
        };
        let unasked = Gateway { method: "fax".into(), gateway: "none".into(), last: None };
        let state = State {
            version: "0.2.0".into(),
            since: 1_799_000_000,
            now: 1_800_000_000,
            gateways: vec![gateway("email", "smtp", None), gateway("phone", "a\"b\\c\nd", Some("down")), unasked],
            waiting: Waiting { messages: 3, oldest: 77 },
            counted: Counted {
                reset: 5,
                unlocked: 1,
                refused: 4,
                suspended: 2,
                codes: 9,
                codes_wrong: 6,
                desk_codes: 8,
            },
        };
        let by_method = BTreeMap::from([("email".to_owned(), 55), ("recovery codes".to_owned(), 9)]);
        let report =
            Report { accounts: 200, enabled: 120, registered: 61, capable: 60, by_method, ..Report::default() };
        text(Some((&state, &report)))
    }

    #[test]
    fn each_family_has_its_help_and_type_once_and_its_samples_right_below() {
        let text = example();
        let (mut seen, mut family) = (BTreeSet::new(), String::new());
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                family = help.split(' ').next().unwrap().to_owned();
                assert!(seen.insert(family.clone()), "{family} twice");
                let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {family} ")).unwrap();
                // Prometheus: a counter's name ends in _total, and no other's does.
                assert_eq!(kind == "counter", family.ends_with("_total"), "{family} {kind}");
                assert!(!lines.peek().unwrap().starts_with('#'), "{family} has no sample");
            } else {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert_eq!(name.split('{').next().unwrap(), family);
                assert!(value.parse::<u64>().is_ok(), "{line}");
            }
        }
        assert!(text.ends_with('\n') && seen.iter().all(|name| name.starts_with("sspr_")));
    }

    #[test]
    fn the_numbers_are_those_of_the_agent() {
        let text = example();
        for line in [
            "sspr_up 1",
            "sspr_build_info{version=\"0.2.0\"} 1",
            "sspr_people_capable 60",
            "sspr_people_with_method{method=\"recovery_codes\"} 9",
            "sspr_recoveries_total{outcome=\"reset\"} 5",
            "sspr_refusals_total{outcome=\"suspended\"} 2",
            "sspr_gateway_up{method=\"email\",gateway=\"smtp\"} 1",
            "sspr_outbox_oldest_message_age_seconds 77",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
        }
        let odd = text.lines().find(|line| line.starts_with("sspr_gateway_up{method=\"phone\"")).unwrap();
        assert!(odd.contains("a\\\"b\\\\c") && odd.ends_with(" 0"), "{odd}");
        assert!(!text.contains("fax"), "nothing is known of a gateway that has had no message");
    }

    #[test]
    fn an_agent_that_does_not_answer_is_a_number_too_and_nothing_else_is() {
        let samples: Vec<String> = text(None).lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect();
        assert_eq!(samples, ["sspr_up 0"]);
    }

    #[tokio::test]
    async fn the_file_is_whole_readable_and_alone_also_where_the_agent_is_away() {
        use std::os::unix::fs::PermissionsExt as _;
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sspr.prom");
        let bus = format!("unix:path={}", dir.path().join("no-bus").display());
        let failed = written(&Arguments { output: Some(file.clone()) }, &bus).await.unwrap_err();
        assert_eq!(failed.status(), 3);
        assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nsspr_up 0\n"));
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "what was written first has gone");
        let nowhere = written(&Arguments { output: Some(dir.path().join("no/sspr.prom")) }, &bus).await.unwrap_err();
        assert!(nowhere.to_string().contains("no/sspr.prom: "), "{nowhere}");
    }
}
