//! `sspr config`: checks the settings, and shows them.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::json;
use sspr_config::settings::{self, Effective, Loaded};
use sspr_core::plain::plain;

use crate::{
    checked,
    failure::Failure,
    reload::{self, Reloaded},
    terminal,
};

use super::{secret, write};

/// Check and show the settings.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Check the settings, and show each fault with file and line; exit with status 1 if there is one
    Check {
        /// Check this file and its drop-ins instead of /etc/sspr/sspr.toml
        #[arg(default_value = settings::PATH)]
        file: PathBuf,
    },
    /// Show the settings in effect and where each value comes from, without secrets
    Show(ShowArguments),
    /// Write a settings file from JSON on standard input, {"before": ..., "after": ...}; for the page in Cockpit
    #[command(hide = true)]
    Write {
        /// Check only, and write nothing
        #[arg(long)]
        dry_run: bool,
        /// The file: /etc/sspr/sspr.toml or one of its drop-ins
        #[arg(default_value = settings::PATH)]
        file: PathBuf,
    },
    /// Write a secret from standard input to the file that a setting names; for Ansible
    #[command(hide = true)]
    Secret {
        /// Write nothing, and say whether the file would change
        #[arg(long)]
        dry_run: bool,
        /// Write it for the program that serves directory users, not for the agent
        #[arg(long)]
        directory: bool,
        /// The file, in /etc/sspr
        file: PathBuf,
    },
    /// Make the agent read the settings again; it keeps the old ones if the new ones have a mistake
    #[command(hide = true)]
    Reload,
}

/// The options of `sspr config show`.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show this file and its drop-ins instead of /etc/sspr/sspr.toml
    #[arg(default_value = settings::PATH)]
    file: PathBuf,
}

impl Config {
    /// Runs the subcommand.
    pub async fn run(self, bus: &str) -> ExitCode {
        match self {
            Self::Check { file } => check(&file),
            Self::Show(arguments) => match settings::load_with_origins(&arguments.file) {
                Ok(loaded) => {
                    print!("{}", if arguments.json { as_json(&loaded) } else { as_toml(&loaded) });
                    ExitCode::SUCCESS
                }
                Err(error) => Failure::Refused(error.to_string()).complain(),
            },
            Self::Write { dry_run, file } => write::run(&file, dry_run, bus).await,
            Self::Secret { dry_run, directory, file } => secret::run(&file, directory, dry_run),
            Self::Reload => match reload::ask(bus).await {
                Ok(Reloaded::Done) => ExitCode::SUCCESS,
                Ok(Reloaded::NotRunning) => Failure::Unreachable("sspr-agent does not run".into()).complain(),
                Ok(Reloaded::Kept(why)) => {
                    Failure::Refused(format!("the old settings are kept until this is corrected: {why}")).complain()
                }
                Err(failure) => failure.complain(),
            },
        }
    }
}

fn check(file: &Path) -> ExitCode {
    let report = checked::examine(file);
    for warning in &report.warnings {
        println!("warning: {}", plain(warning));
    }
    match &report.error {
        None => {
            println!("{}: fine", file.display());
            ExitCode::SUCCESS
        }
        Some(error) => {
            terminal::complain(error);
            ExitCode::from(1)
        }
    }
}

const HIDDEN: &str = "(hidden)";
/// The most columns of `sspr config show`, except for a value that is wider by itself.
const COLUMNS: usize = 80;

/// The value as it may be shown. A value in a header, in a body or behind the ? of a URL may be a key to the gateway.
fn shown(entry: &Effective) -> Option<toml::Value> {
    let value = entry.value.clone()?;
    Some(match (entry.section.as_str(), entry.key.as_str(), value) {
        ("phone.webhook", "headers" | "body", value) => veiled(value),
        ("phone.webhook", "url", toml::Value::String(url)) => toml::Value::String(match url.split_once('?') {
            Some((url, _)) => format!("{url}?{HIDDEN}"),
            None => url,
        }),
        (_, _, value) => value,
    })
}

/// Only a value that is just a placeholder, or a scheme and the token's placeholder, reveals nothing.
fn veiled(value: toml::Value) -> toml::Value {
    match value {
        toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key, veiled(value))).collect::<toml::Table>().into()
        }
        toml::Value::Array(values) => values.into_iter().map(veiled).collect::<Vec<_>>().into(),
        toml::Value::String(text) if is_placeholder(&text) => text.into(),
        _ => HIDDEN.into(),
    }
}

fn is_placeholder(text: &str) -> bool {
    let text = text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("Basic ")).unwrap_or(text);
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    inner.is_some_and(|name| name == "token" || settings::SLOTS.contains(&name))
}

/// The settings as a file, each value with its source behind it.
fn as_toml(loaded: &Loaded) -> String {
    let files: Vec<_> = loaded.files.iter().map(|file| file.display().to_string()).collect();
    let mut text = format!("# The settings in effect, from {}\n", files.join(", "));
    let mut section = String::new();
    for entry in loaded.effective() {
        if entry.section != section {
            section.clone_from(&entry.section);
            let _ = write!(text, "\n[{section}]\n");
        }
        let from =
            entry.origin.as_ref().map_or_else(|| "default".into(), |o| format!("{}:{}", o.path.display(), o.line));
        let line = match shown(&entry) {
            Some(value) => format!("{} = {value}", entry.key),
            None => format!("#{} is not set", entry.key),
        };
        let from = if entry.value.is_none() { String::new() } else { format!("# {from}") };
        // Beside the value, or above it if the line would be too wide for a terminal.
        if line.len().max(40) + 1 + from.len() > COLUMNS {
            let _ = writeln!(text, "{from}\n{line}");
        } else {
            let _ = writeln!(text, "{}", format!("{line:<40} {from}").trim_end());
        }
    }
    text
}

fn as_json(loaded: &Loaded) -> String {
    let all: Vec<_> = loaded
        .effective()
        .iter()
        .map(|entry| {
            let origin = entry.origin.as_ref().map(|o| json!({ "file": o.path, "line": o.line }));
            json!({ "section": entry.section, "key": entry.key, "value": shown(entry), "origin": origin })
        })
        .collect();
    format!("{:#}\n", json!({ "files": loaded.files, "settings": all }))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn settings(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sspr.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        (dir, path)
    }

    #[test]
    fn what_counts_is_shown_as_settings_that_can_be_read_again_with_their_origin_and_without_secrets() {
        let (_dir, path) = settings(
            "[scope]\nenable = [\"staff\"]\n[phone]\ngateway = \"webhook\"\n[phone.webhook]\n\
             url = \"https://sms.example.org/?key=s3cret\"\n\
             body = { to = [\"{to}\"], text = \"{text}\", auth = { key = \"s3cret\", pin = 5550199 } }\n\
             headers = { Authorization = \"Bearer s3cret\", X = \"{to}\" }\n",
        );
        let loaded = settings::load_with_origins(&path).unwrap();
        let text = as_toml(&loaded);
        let line =
            |start: &str| text.lines().find(|l| l.starts_with(start)).unwrap_or_else(|| panic!("{start} in {text}"));
        let above = text.lines().zip(text.lines().skip(1));
        let where_from = |start: &str| {
            let beside = line(start).to_owned();
            above.clone().find(|(_, l)| **l == beside).map_or(beside.clone(), |(above, _)| format!("{above} {beside}"))
        };
        assert!(where_from("enable = [\"staff\"]").contains("sspr.toml:2"));
        assert!(text.lines().filter(|l| l.contains(" # ")).all(|l| l.len() <= COLUMNS), "{text}");
        assert!(line("lifetime = \"10m\"").ends_with("# default"));
        assert_eq!(line("#smtp"), "#smtp is not set");
        assert!(line("url").contains("https://sms.example.org/?(hidden)"));
        let json = as_json(&loaded);
        for text in [&text, &json] {
            assert!(!text.contains("s3cret") && !text.contains("5550199"), "{text}");
        }
        assert!(line("body").contains("to = [\"{to}\"]"), "{text}");
        text.parse::<toml::Table>().unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let all = json["settings"].as_array().unwrap();
        let enable = all.iter().find(|e| e["key"] == "enable").unwrap();
        assert_eq!((enable["value"].clone(), enable["origin"]["line"].clone()), (json!(["staff"]), json!(2)));
    }
}
