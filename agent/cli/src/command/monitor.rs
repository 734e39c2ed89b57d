//! `sspr check`: one line and an exit status for a monitoring system, as the guidelines of the monitoring plugins have them.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use sspr_config::duration::Span;
use sspr_core::plain::plain;
use sspr_protocol::{
    admin::{LastAnswer, Look, Looked, Nothing, Probe},
    state::{Gateway, State},
};

use crate::{client::Client, failure::Failure, out};

/// The options of `sspr check`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Report WARNING if a message has waited longer than this, in seconds or as "90s", "5m", "1h"
    #[arg(short, long, default_value = "60", value_name = "AGE", value_parser = age)]
    warning: u64,
    /// Report CRITICAL if a message has waited longer than this
    #[arg(short, long, default_value = "300", value_name = "AGE", value_parser = age)]
    critical: u64,
    /// Ask the gateways now whether they accept messages, instead of using their answers to the last message
    #[arg(long)]
    probe: bool,
}

/// How long the agent may take. If it asks the gateways, each takes nine seconds at most.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_WITH_GATEWAYS: Duration = Duration::from_secs(30);
/// The gateway that sends nothing.
const SPOOL: &str = "spool";

fn age(text: &str) -> Result<u64, String> {
    if text.bytes().all(|b| b.is_ascii_digit())
        && let Ok(seconds) = text.parse()
    {
        return Ok(seconds);
    }
    Span::parse(text).map(|span| span.as_secs().unsigned_abs())
}

/// The status for monitoring systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok = 0,
    Warning = 1,
    Critical = 2,
    Unknown = 3,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// The status of a wrong command line: clap's own, 2, would be CRITICAL.
pub const WRONG_USAGE: u8 = Level::Unknown as u8;

/// Runs the checks, and prints the result.
pub async fn run(arguments: &Arguments, bus: &str) -> ExitCode {
    let (level, line) = if arguments.warning > arguments.critical {
        (Level::Unknown, "--warning is beyond --critical".to_owned())
    } else {
        let patience = if arguments.probe { PATIENCE_WITH_GATEWAYS } else { PATIENCE };
        match tokio::time::timeout(patience, asked(arguments, bus)).await {
            Ok(Ok(state)) => judged(arguments, &state),
            Ok(Err(Failure::Unreachable(why))) => (Level::Critical, why),
            Ok(Err(why)) => (Level::Unknown, why.to_string()),
            Err(_) => (Level::Critical, format!("the agent did not answer within {} s", patience.as_secs())),
        }
    };
    match out::print(&format!("SSPR {} - {}", level.word(), one_line(&line))) {
        Ok(()) => ExitCode::from(level as u8),
        Err(_) => ExitCode::from(Level::Unknown as u8),
    }
}

fn one_line(text: &str) -> String {
    plain(&text.replace('\n', " "))
}

async fn asked(arguments: &Arguments, bus: &str) -> Result<State, Failure> {
    let client = Client::connect_for(bus, "check").await?;
    let mut state: State = client.call("State", &Nothing {}).await?;
    if arguments.probe {
        for gateway in state.gateways.iter_mut().filter(|gateway| gateway.gateway != SPOOL) {
            let probe = Probe { method: gateway.method.clone(), to: None };
            let Look { looked, .. } = client.call("Probe", &probe).await?;
            let answer = |why| LastAnswer { at: state.now, why, unsure: false };
            match looked {
                Looked::Accepted | Looked::Nameless(_) => gateway.last = Some(answer(None)),
                Looked::Refused(why) => gateway.last = Some(answer(Some(why))),
                Looked::Slow(seconds) => gateway.last = Some(answer(Some(format!("no answer within {seconds} s")))),
                // The gateway's last answer counts.
                Looked::Unasked => {}
            }
        }
    }
    Ok(state)
}

/// The level, and the line with performance data.
fn judged(arguments: &Arguments, state: &State) -> (Level, String) {
    let sending: Vec<&Gateway> = state.gateways.iter().filter(|gateway| gateway.gateway != SPOOL).collect();
    let failing = sending.iter().filter(|gateway| gateway.last.as_ref().is_some_and(|last| last.why.is_some())).count();
    let of_gateways = match failing {
        0 => Level::Ok,
        all if all == sending.len() => Level::Critical,
        _ => Level::Warning,
    };
    let oldest = state.waiting.oldest;
    let of_messages = match oldest {
        age if age > arguments.critical => Level::Critical,
        age if age > arguments.warning => Level::Warning,
        _ => Level::Ok,
    };
    let mut said = vec![format!("agent {} answers", state.version)];
    said.extend(state.gateways.iter().map(gateway));
    said.push(match state.waiting.messages {
        0 => "no message waits".to_owned(),
        count => {
            let seconds = i64::try_from(oldest).unwrap_or(i64::MAX);
            format!("{}, the oldest for {}", out::number(count, "message waits", "messages wait"), out::wait(seconds))
        }
    });
    // Removes characters that would end the words and begin the numbers.
    let said = said.join("; ").replace('|', "/");
    let numbers = format!(
        "oldest_message={oldest}s;{};{};0 messages={};;;0 gateways_failing={failing};;;0;{}",
        arguments.warning,
        arguments.critical,
        state.waiting.messages,
        sending.len()
    );
    (of_gateways.max(of_messages), format!("{said} | {numbers}"))
}

fn gateway(of: &Gateway) -> String {
    let name = format!("{} by {}", of.method, of.gateway);
    match &of.last {
        _ if of.gateway == SPOOL => format!("{} goes to files", of.method),
        None => format!("{name} not used yet"),
        Some(LastAnswer { why: None, .. }) => format!("{name} works"),
        Some(LastAnswer { why: Some(why), .. }) => format!("{name} FAILS: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use sspr_protocol::state::Waiting;

    use super::*;

    const LIMITS: Arguments = Arguments { warning: 60, critical: 300, probe: false };

    /// A method, its gateway, and the gateway's last answer.
    type Way<'a> = (&'a str, &'a str, Option<Result<(), &'a str>>);

    fn state(gateways: &[Way<'_>], messages: u64, oldest: u64) -> State {
        let gateway = |(method, gateway, last): &Way<'_>| Gateway {
            method: (*method).into(),
            gateway: (*gateway).into(),
            last: last.map(|answer| LastAnswer { at: 0, why: answer.err().map(Into::into), unsure: false }),
        };
        State {
            version: "0.2.0".into(),
            gateways: gateways.iter().map(gateway).collect(),
            waiting: Waiting { messages, oldest },
            ..State::default()
        }
    }

    #[test]
    fn the_oldest_message_decides_by_the_thresholds() {
        let works = [("email", "smtp", Some(Ok(())))];
        for (oldest, level) in
            [(0, Level::Ok), (60, Level::Ok), (61, Level::Warning), (300, Level::Warning), (301, Level::Critical)]
        {
            let (found, line) = judged(&LIMITS, &state(&works, 1, oldest));
            assert_eq!(found, level, "{line}");
            assert!(line.contains(&format!("oldest_message={oldest}s;60;300;0 messages=1;;;0")), "{line}");
        }
    }

    #[test]
    fn one_gateway_of_two_that_fails_is_a_warning_and_all_of_them_are_critical() {
        let (works, fails, new) = (Some(Ok(())), Some(Err("connection refused | x")), None);
        for (email, phone, level) in [
            (works, works, Level::Ok),
            (works, new, Level::Ok),
            (new, new, Level::Ok),
            (works, fails, Level::Warning),
            (fails, new, Level::Warning),
            (fails, fails, Level::Critical),
        ] {
            let (found, line) = judged(&LIMITS, &state(&[("email", "smtp", email), ("phone", "twilio", phone)], 0, 0));
            assert_eq!(found, level, "{line}");
            assert_eq!(line.matches('|').count(), 1, "{line}");
        }
        // A gateway that sends nothing can't fail, and leaves the other one alone.
        let (found, line) = judged(&LIMITS, &state(&[("email", "smtp", fails), ("phone", "spool", None)], 0, 0));
        assert_eq!(found, Level::Critical, "{line}");
        assert!(line.contains("phone goes to files") && line.contains("gateways_failing=1;;;0;1"), "{line}");
    }

    #[test]
    fn a_line_is_one_line_with_words_then_numbers() {
        let (_, line) = judged(&LIMITS, &state(&[("email", "smtp", Some(Err("two\nlines")))], 2, 5));
        let line = one_line(&line);
        assert!(!line.contains('\n') && line.contains("2 messages wait, the oldest for 5 s"), "{line}");
    }

    #[test]
    fn an_age_is_a_number_of_seconds_or_a_duration() {
        for (text, seconds) in [("0", 0), ("90", 90), ("90s", 90), ("5m", 300), ("1h", 3600)] {
            assert_eq!(age(text), Ok(seconds));
        }
        for text in ["", "-1", "5 m", "soon", "99999999999999999999"] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn an_agent_that_is_not_there_is_critical_and_who_may_not_ask_knows_nothing() {
        let asked = asked(&LIMITS, "unix:path=/nonexistent/bus").await.unwrap_err();
        match asked {
            Failure::Unreachable(why) => assert!(rustix::process::geteuid().is_root(), "{why}"),
            why => assert!(!rustix::process::geteuid().is_root(), "{why}"),
        }
    }
}
