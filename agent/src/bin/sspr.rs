//! `sspr`: self-service password reset for the person in a shell, by the same dialogues as at the login prompt.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sspr_agent::terminal::{self, Outcome};
use sspr_config::{bus, dialogue::Purpose};

/// Register how you can be reached, and reset a forgotten password.
///
/// Exit status: 0 done, 1 refused or given up, 2 wrong usage, 3 the service can't be reached.
#[derive(Debug, Parser)]
#[command(name = "sspr", version)]
struct Arguments {
    /// The bus.
    #[arg(long, hide = true, default_value = bus::SYSTEM_BUS)]
    bus: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Register an email address or a phone, or change what is registered
    Enroll,
    /// Show what is registered, masked
    Status,
    /// Set a new password with a code, as at the login prompt
    Reset {
        /// The account; yours where none is named
        user: Option<String>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (purpose, user) = match arguments.action {
        Action::Enroll => (Purpose::Enroll, None),
        Action::Status => (Purpose::Status, None),
        Action::Reset { user } => (Purpose::Recover, user),
    };
    let outcome = match user.or_else(terminal::own_name) {
        Some(user) => terminal::hold(&arguments.bus, purpose, &user).await,
        None => Outcome::Failed("there is no account with your uid".into()),
    };
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Refused => ExitCode::from(1),
        Outcome::Failed(why) => {
            terminal::complain(&format!("sspr: {why}"));
            ExitCode::from(3)
        }
    }
}
