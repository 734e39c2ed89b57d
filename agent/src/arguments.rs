//! The arguments of the daemon. Here, not in the program, because its manual page is made of them too.

use std::path::PathBuf;

use clap::Parser;
use sspr_config::{bus, settings, settled};

/// Holds the dialogues of self-service password reset. Started by systemd; settings are in /etc/sspr/sspr.toml.
#[derive(Debug, Parser)]
#[command(name = "sspr-agent", version)]
pub struct Arguments {
    /// The settings file
    #[arg(long, value_name = "PATH", default_value = settings::PATH)]
    pub config: PathBuf,
    /// Where the store and the host key are
    #[arg(long, value_name = "DIRECTORY", default_value = "/var/lib/sspr")]
    pub state: PathBuf,
    /// Where notes for the PAM module are
    #[arg(long, value_name = "DIRECTORY", default_value = settled::DIRECTORY)]
    pub settled: PathBuf,
    /// D-Bus address of the bus
    #[arg(long, value_name = "ADDRESS", default_value = bus::SYSTEM_BUS)]
    pub bus: String,
    /// Judge the password on standard input and end
    #[arg(long, hide = true)]
    pub judge_password: bool,
}
