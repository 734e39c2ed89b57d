//! `sspr doctor`: each thing that makes the service fail in real life, as a check with its fix.
//!
//! The checks that look at files take the root of the file system as a parameter; those that judge what a program says take
//! its words. What talks to the network is the agent alone, which is asked: see [`network`].
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

pub mod admins;
pub mod files;
pub mod hashes;
pub mod network;
pub mod pam;
pub mod scope;
pub mod service;
pub mod sshd;
pub mod stacks;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde::Serialize;
use sspr_config::settings;

use crate::command::{config, out, table::plain};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Fine,
    /// It works, but not for everybody or not for long.
    Warning,
    /// It does not work.
    Error,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is so.
    pub what: String,
    /// What to do, in one line.
    pub fix: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn fine(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, level: Level::Fine, what: what.into(), fix: None }
    }

    /// It works, but.
    pub fn warning(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Warning, what: what.into(), fix: Some(fix.into()) }
    }

    /// It does not work.
    pub fn error(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Error, what: what.into(), fix: Some(fix.into()) }
    }
}

/// Look for everything that keeps self-service from working, and say how to mend it.
///
/// Exit status: 0 all is well, 1 warnings, 2 errors.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The findings as JSON
    #[arg(long)]
    json: bool,
    /// Ask neither the mail server nor the gateway for text messages
    #[arg(long)]
    offline: bool,
    /// The settings file
    #[arg(long, hide = true, default_value = settings::PATH)]
    config: PathBuf,
}

/// Looks, and says what it found.
pub async fn run(arguments: &Arguments, bus: &str) -> ExitCode {
    let findings = examine(&arguments.config, bus, arguments.offline).await;
    let said = if arguments.json {
        out::json(&serde_json::json!({ "worst": worst(&findings), "findings": findings }))
    } else {
        out::print(&told(&findings))
    };
    if let Err(failure) = said {
        return failure.complain();
    }
    ExitCode::from(worst(&findings) as u8)
}

/// The level of the worst finding.
pub fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Fine)
}

/// Every check, on this machine.
pub async fn examine(config: &Path, bus: &str, offline: bool) -> Vec<Finding> {
    let root = Path::new("/");
    let mut findings = Vec::new();
    if !rustix::process::geteuid().is_root() {
        findings.push(Finding::warning(
            "doctor",
            "some checks need root and can say less now",
            "run: sudo sspr doctor",
        ));
    }
    let report = config::examine(config);
    findings.extend(of_settings(config, &report));
    let settings = settings::load(config).ok();
    findings.extend(pam::lines(root));
    findings.extend(pam::modules(root));
    findings.extend(stacks::examine(root));
    findings.extend(sshd::examine(root));
    findings.push(sshd::login_timeout(root));
    findings.push(service::policy(root));
    findings.push(service::agent(bus).await);
    findings.push(service::helper(bus).await);
    findings.push(service::clock());
    findings.extend(files::off(root));
    findings.push(files::user(root));
    findings.extend(files::state(root, files::owner_of_state(root)));
    findings.push(files::shadow(root));
    findings.extend(hashes::examine(root));
    findings.extend(files::space(root));
    if let Some(settings) = &settings {
        findings.extend(scope::examine(config, settings));
        findings.extend(admins::examine(settings));
        findings.extend(network::examine(settings, offline, bus).await);
    }
    findings
}

fn of_settings(config: &Path, report: &config::Report) -> Vec<Finding> {
    let mut findings: Vec<_> = report
        .warnings
        .iter()
        .map(|warning| Finding::warning("settings", warning, "correct it, then: systemctl reload sspr-agent"))
        .collect();
    match &report.error {
        Some(error) => {
            findings.push(Finding::error(
                "settings",
                error,
                "correct it, then: systemctl reload-or-restart sspr-agent",
            ));
        }
        None if findings.is_empty() => findings.push(Finding::fine("settings", config.display().to_string())),
        None => {}
    }
    findings
}

/// For a terminal of 80 columns.
pub fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let level = match finding.level {
            Level::Fine => "fine",
            Level::Warning => "warning",
            Level::Error => "ERROR",
        };
        for (number, line) in folded(&finding.what, 60).into_iter().enumerate() {
            let (level, check) = if number == 0 { (level, finding.check) } else { ("", "") };
            text.push_str(format!("{level:<8} {check:<10} {line}").trim_end());
            text.push('\n');
        }
        for (number, line) in finding.fix.iter().flat_map(|fix| folded(fix, 55)).enumerate() {
            let _ = writeln!(text, "{:<19} {} {line}", "", if number == 0 { "fix:" } else { "    " });
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let _ = match (count(Level::Error), count(Level::Warning)) {
        (0, 0) => writeln!(text, "All is well."),
        (errors, warnings) => writeln!(text, "Errors: {errors}, warnings: {warnings}."),
    };
    text
}

/// Lines of at most `width` columns, broken between words.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    // A mail server's words, say, may be in it.
    lines.iter().map(|line| plain(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_status_is_that_of_the_worst_finding() {
        let (fine, warning, error) =
            (Finding::fine("a", "b"), Finding::warning("a", "b", "c"), Finding::error("a", "b", "c"));
        for (findings, status) in [
            (vec![], 0),
            (vec![fine.clone()], 0),
            (vec![warning.clone(), fine.clone()], 1),
            (vec![error, warning, fine], 2),
        ] {
            assert_eq!(worst(&findings) as u8, status);
        }
    }

    #[test]
    fn the_words_of_a_stranger_s_server_move_no_cursor() {
        let text = told(&[Finding::error("mail", "550 \u{1b}[2Jno\r\n\u{9b}31mway", "try \u{7}again")]);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }

    #[test]
    fn what_was_found_fits_a_terminal_and_each_fix_stands_below_its_finding() {
        let long = "the mail server does not take the user name and the password that the settings name for it";
        let text = told(&[Finding::fine("sshd", "offers conversations"), Finding::error("mail", long, long)]);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("ERROR    mail       the mail server"), "{text}");
        assert!(text.contains("                    fix: the mail server"), "{text}");
        assert!(text.ends_with("Errors: 1, warnings: 0.\n"), "{text}");
    }
}
