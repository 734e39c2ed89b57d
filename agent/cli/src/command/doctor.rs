//! `sspr doctor`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use sspr_config::settings;

use crate::{
    doctor::{examine, worst},
    findings::told,
    out,
};

/// The options of `sspr doctor`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Connect to neither the mail server nor the gateway for text messages
    #[arg(long)]
    offline: bool,
    /// Ask the mail server whether it accepts mail to this address; no mail is sent
    #[arg(long, value_name = "ADDRESS", conflicts_with = "offline")]
    mail_to: Option<String>,
    /// The settings file
    #[arg(long, hide = true, default_value = settings::PATH)]
    config: PathBuf,
}

/// Runs the checks and shows the findings.
pub async fn run(arguments: &Arguments, bus: &str) -> ExitCode {
    let mail_to = arguments.mail_to.as_deref();
    let findings = examine(&arguments.config, bus, arguments.offline, mail_to).await;
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
