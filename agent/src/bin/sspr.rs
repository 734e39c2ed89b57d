//! `sspr`: self-service password reset for the person in a shell, by the same dialogues as at the login prompt; and what
//! administrators set up, look at and switch.

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use sspr_agent::{
    command::{admin::Admin, config::Config},
    doctor, setup,
    terminal::{self, Outcome},
};
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
    /// Say in one line how to register, if there is a reason; silent if not, and whatever goes wrong
    #[command(hide = true)]
    Hint,
    /// For administrators: check and show the settings
    #[command(subcommand)]
    Config(Config),
    /// For administrators: people and their self-service, help-desk codes, reports
    #[command(subcommand)]
    Admin(Admin),
    /// For administrators: set the service up, or take that back
    Setup(Box<setup::Arguments>),
    /// For administrators: find what keeps the service from working, and how to mend it
    Doctor(doctor::Arguments),
}

/// How long a shell that starts may be kept.
const HINT_MAX: Duration = Duration::from_millis(900);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let bus = &arguments.bus;
    match arguments.action {
        Action::Enroll => talk(bus, Purpose::Enroll, None).await,
        Action::Status => talk(bus, Purpose::Status, None).await,
        Action::Reset { user } => talk(bus, Purpose::Recover, user).await,
        Action::Hint => {
            hint(bus).await;
            ExitCode::SUCCESS
        }
        Action::Config(config) => config.run(bus).await,
        Action::Admin(admin) => admin.run(bus).await,
        Action::Setup(arguments) => setup::run(&arguments, bus).await,
        Action::Doctor(arguments) => doctor::run(&arguments, bus).await,
    }
}

/// A shell starts meanwhile, so it does not take long.
async fn hint(bus: &str) {
    if let Some(user) = terminal::own_name() {
        let _ = tokio::time::timeout(HINT_MAX, terminal::hold(bus, Purpose::Hint, &user)).await;
    }
}

async fn talk(bus: &str, purpose: Purpose, user: Option<String>) -> ExitCode {
    let outcome = match user.or_else(terminal::own_name) {
        Some(user) => terminal::hold(bus, purpose, &user).await,
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
