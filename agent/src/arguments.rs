//! The arguments of the daemon. Here, not in the program, because its manual page is made of them too.

use std::path::PathBuf;

use clap::Parser;
use sspr_config::{bus, settings, settled};

/// Runs the dialogues of self-service password reset. systemd starts it; its settings are in /etc/sspr/sspr.toml.
#[derive(Debug, Parser)]
#[command(name = "sspr-agent", version)]
pub struct Arguments {
    /// The settings file
    #[arg(long, value_name = "PATH", default_value = settings::PATH)]
    pub config: PathBuf,
    /// The directory of the store and the host key
    #[arg(long, value_name = "DIRECTORY", default_value = "/var/lib/sspr")]
    pub state: PathBuf,
    /// The directory of notes for the PAM module
    #[arg(long, value_name = "DIRECTORY", default_value = settled::DIRECTORY)]
    pub settled: PathBuf,
    /// D-Bus address of the bus
    #[arg(long, value_name = "ADDRESS", default_value = bus::SYSTEM_BUS)]
    pub bus: String,
    /// Rate the password on standard input and exit
    #[arg(long, hide = true)]
    pub judge_password: bool,
    /// Say on standard output, as JSON, whether the settings can stand, and exit
    #[arg(long, hide = true)]
    pub check_settings: bool,
}
