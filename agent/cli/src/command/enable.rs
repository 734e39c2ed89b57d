//! `sspr admin enable`: who can use the service, as a drop-in that the agent reads at once.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde_json::json;
use sspr_config::settings::{self, Enable};

use crate::{
    doctor::pam::is_wired,
    failure::{Failure, only_root},
    out,
    reload::{self, Reloaded},
    whom::{parse, switch, words},
};

/// Choose who can use the service: nobody, everybody, or the members of groups.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Users who can use the service: "none", "all", or the names of groups
    #[arg(required = true, value_name = "none|all|GROUP")]
    whom: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The settings file
    #[arg(long, hide = true, default_value = settings::PATH)]
    config: PathBuf,
}

/// Runs the command.
pub async fn run(arguments: &Arguments, bus: &str) -> ExitCode {
    match work(arguments, bus).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.complain(),
    }
}

async fn work(arguments: &Arguments, bus: &str) -> Result<(), Failure> {
    only_root("admin enable")?;
    let whom = parse(&arguments.whom)?;
    let done = switch(&arguments.config, &whom, &arguments.whom)?;
    let reloaded = match reload::ask(bus).await? {
        Reloaded::Kept(why) => {
            return Err(Failure::Refused(format!("the agent kept its old settings: {why}")));
        }
        reloaded => reloaded,
    };
    let found = sspr_machine::eligible(&arguments.config).map_err(|e| Failure::Refused(e.to_string()))?;
    let eligible = found.accounts;
    let wired = is_wired(Path::new("/"));
    if arguments.json {
        let outcome = json!({
            "before": done.before.0, "before_from": done.before.1, "after": done.after, "changed": done.changed,
            "file": done.file, "accounts": eligible, "broken_lines": found.broken, "agent_running": reloaded == Reloaded::Done,
            "in_pam": wired,
        });
        out::json(&outcome)?;
        return Ok(());
    }
    if done.before.0 == done.after {
        println!("Nothing to change: it is already on for {}. {} can use it.", words(&done.after), accounts(eligible));
    } else {
        println!("It was on for {}.", words(&done.before.0));
        println!("It is now on for {}: {} can use it.", words(&done.after), accounts(eligible));
    }
    if !found.broken.is_empty() {
        println!("/etc/shadow: no program can read {}; no such account is served.", found.broken.join(", "));
    }
    println!("{}", next(&done.after, eligible, reloaded == Reloaded::Done, wired));
    Ok(())
}

fn accounts(number: usize) -> String {
    if number == 1 { "1 account".into() } else { format!("{number} accounts") }
}

fn next(after: &Enable, eligible: usize, running: bool, wired: bool) -> &'static str {
    match after {
        _ if !running => "The agent does not run. Next: systemctl start sspr-agent",
        Enable::None => "Nobody is asked to register any more, and resets are refused. Registrations are kept.",
        _ if !wired => "Nobody is asked yet, and no reset is offered: PAM does not have pam_sspr.so. Next: sspr setup",
        _ if eligible == 0 => "Next: check that these groups have members with a local password and a login shell.",
        _ => "They are asked to register at their next sign-in. Next: sspr doctor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_next_is_what_is_missing_first() {
        for (after, eligible, running, wired, want) in [
            (&Enable::All, 3, true, true, "asked to register at their next sign-in. Next: sspr doctor"),
            (&Enable::All, 3, true, false, "PAM does not have pam_sspr.so. Next: sspr setup"),
            (&Enable::All, 0, true, true, "have members"),
            (&Enable::All, 3, false, false, "Next: systemctl start sspr-agent"),
            (&Enable::None, 0, true, false, "Registrations are kept"),
        ] {
            let said = next(after, eligible, running, wired);
            assert!(said.contains(want), "{said}\n  want {want}");
        }
    }
}
