//! What can be typed after `sspr`. Here, not in the program, because the manual pages and completions are made of it too.

use clap::{Parser, Subcommand};
use sspr_config::bus;

use super::{admin::Admin, config::Config, doctor};
use crate::setup;

/// Register how you can be reached, and reset a forgotten password.
///
/// Register while you know your password: "sspr enroll" takes an email address, a phone or an authenticator app. If you forget the
/// password, press Enter at the login prompt, or run "sspr reset" in a shell that is still open: a code lets you choose a new one.
///
/// Administrators begin with "sspr setup". "sspr doctor" finds what does not work, and "sspr admin" manages accounts. Run these as
/// root.
///
/// Exit status: 0 done, 1 refused or given up, 2 wrong usage, 3 the service can't be reached or there is no terminal to ask at.
#[derive(Debug, Parser)]
#[command(name = "sspr", version)]
pub struct Arguments {
    /// The bus.
    #[arg(long, hide = true, default_value = bus::SYSTEM_BUS)]
    pub bus: String,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Register an email address, a phone or an app, or change what is registered
    Enroll,
    /// Show what is registered, masked
    Status,
    /// Set a new password with a code, as at the login prompt
    Reset {
        /// The account; by default your own
        user: Option<String>,
    },
    /// Replace your recovery codes with new ones
    Codes,
    /// Remove everything that you registered
    Remove,
    /// Say in one line how to register, if there is a reason; silent if not, and whatever goes wrong
    #[command(hide = true)]
    Hint,
    /// For administrators: check and show the settings
    #[command(subcommand)]
    Config(Config),
    /// For administrators: accounts and their self-service, help-desk codes, reports
    #[command(subcommand)]
    Admin(Admin),
    /// For administrators: set the service up, or undo that
    Setup(Box<setup::Arguments>),
    /// For administrators: find what keeps the service from working, and how to fix it
    Doctor(doctor::Arguments),
}
