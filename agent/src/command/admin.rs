//! `sspr admin`.

use std::process::ExitCode;

use clap::Subcommand;

use super::enable;

/// What an administrator can do with people's self-service.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Choose whom the service is for, from the next sign-in on
    Enable(enable::Arguments),
}

impl Admin {
    /// Does it.
    pub async fn run(self, bus: &str) -> ExitCode {
        match self {
            Self::Enable(arguments) => enable::run(&arguments, bus).await,
        }
    }
}
