//! What can be typed after `sspr`. Here, not in the program, because the manual pages and completions are made of it too.

use clap::{Parser, Subcommand};
use sspr_config::bus;

use super::{admin::Admin, config::Config, doctor, join, metrics, monitor, replace_key, server::Server};
use crate::setup;

/// Register for self-service, and reset a forgotten password.
///
/// Register while you know your password: "sspr enroll" takes an email address, a phone or an authenticator app. If you forget the
/// password, press Enter at the login prompt, or run "sspr reset" in a shell that is still open: a code lets you choose a new one.
///
/// Administrators start with "sspr setup". "sspr doctor" finds problems, and "sspr admin" manages accounts. Run these as root.
///
/// Exit status: 0 done, 1 refused or given up, 2 wrong usage, 3 the service can't be reached or there is no terminal.
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
    /// Register an email address, a phone or an app, or change your registration
    Enroll,
    /// Show your registration, with contacts masked
    Status,
    /// Set a new password with a code, as at the login prompt
    Reset {
        /// The account [default: your own]
        user: Option<String>,
    },
    /// Replace your recovery codes with new ones
    Codes,
    /// Remove everything that you registered
    Remove,
    /// Print one line about how to register if that is due, and nothing otherwise or on an error
    #[command(hide = true)]
    Hint,
    /// For administrators: check and show the settings
    #[command(subcommand)]
    Config(Config),
    /// For administrators: manage accounts, help-desk codes and reports
    ///
    /// Members of the help desk's group, which the settings name, can use show, verify, code and unblock without sudo,
    /// but not for administrators, for each other or for themselves. "sspr admin helpdesk" says whether you are one.
    #[command(subcommand)]
    Admin(Admin),
    /// For administrators: make this host one of a fleet
    ///
    /// The token comes on standard input; at the server, "sspr admin hosts token" prints it. Resets are the server's from then on. Run
    /// it again at any time: a host that has joined stays as it is.
    Join(join::Arguments),
    /// For administrators: leave the fleet, and delete this host's key
    Leave(join::LeaveArguments),
    /// For administrators: manage the server of a fleet
    #[command(subcommand)]
    Server(Server),
    /// For administrators: replace the key that everything registered is sealed with
    ///
    /// The agent is stopped meanwhile, and sign-ins go on without it. What users registered stays, and their recovery codes stay valid.
    /// Codes that were sent become void, and limits start to count anew. The old key is kept as /var/lib/sspr/host.key.old for backups
    /// from before. The other servers of a database need the new key before they start again.
    ReplaceKey(replace_key::Arguments),
    /// For administrators: set up the service, or undo that
    ///
    /// With --server, this machine also becomes the server of a fleet.
    ///
    /// With --yes, setup asks nothing and keeps settings without an option. Exit status: 0 done or nothing to do; 1
    /// refused, doctor finds an error, or --check finds something to do; 2 wrong usage.
    Setup(Box<setup::Arguments>),
    /// For administrators: find and fix what keeps the service from working
    ///
    /// Exit status: 0 all is well, 1 warnings, 2 errors.
    Doctor(doctor::Arguments),
    /// For administrators: report the state to a monitoring system such as Icinga
    ///
    /// The line has performance data: the state of the agent, the gateways' last answers, and how long the oldest
    /// message has waited.
    ///
    /// Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. CRITICAL: the agent does not answer, no gateway works, or a
    /// message has waited longer than --critical. WARNING: one of several gateways does not work, or a message has
    /// waited longer than --warning.
    Check(monitor::Arguments),
    /// For administrators: print metrics for Prometheus
    ///
    /// With --output, the file is replaced in one step, so that the textfile collector of the node exporter never reads
    /// half of it. If the agent doesn't answer, the file says only that, and the exit status is 3.
    Metrics(metrics::Arguments),
}
