//! The daemon's arguments. They are here, not in the program, because the manual page is generated from them too.

use std::path::PathBuf;

use clap::Parser;
use sspr_config::{bus, settings, settled};

/// Run the dialogues of self-service password reset. systemd starts it; its settings are in /etc/sspr/sspr.toml.
#[derive(Debug, Parser)]
#[command(name = "sspr-agent", version)]
#[allow(clippy::struct_excessive_bools, reason = "options are")]
pub struct Arguments {
    /// Read the settings from this file
    #[arg(long, value_name = "PATH", default_value = settings::PATH)]
    pub config: PathBuf,
    /// Keep the store and the host key in this directory
    #[arg(long, value_name = "DIRECTORY", default_value = "/var/lib/sspr")]
    pub state: PathBuf,
    /// Keep the notes for the PAM module in this directory
    #[arg(long, value_name = "DIRECTORY", default_value = settled::DIRECTORY)]
    pub settled: PathBuf,
    /// Connect to the D-Bus at this address
    #[arg(long, value_name = "ADDRESS", default_value = bus::SYSTEM_BUS)]
    pub bus: String,
    /// Copy the store in the state directory into the database of the settings, and exit; the agent must not run
    #[arg(long)]
    pub carry_over: bool,
    /// Try the database on standard input, change nothing, print the result as JSON, and exit
    #[arg(long, hide = true)]
    pub try_database: bool,
    /// Copy the store into the database on standard input, print the result as JSON, and exit
    #[arg(long, hide = true)]
    pub carry_into: bool,
    /// Replace the host key, print the result as JSON, and exit; the agent must not run
    #[arg(long, hide = true)]
    pub replace_key: bool,
    /// Rate the password on standard input and exit
    #[arg(long, hide = true)]
    pub judge_password: bool,
    /// Check the settings, print the result as JSON, and exit
    #[arg(long, hide = true)]
    pub check_settings: bool,
}
