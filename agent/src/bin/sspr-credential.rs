//! The helper that may change a password: started by the bus as root, without network, gone when idle.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use rustix::process::{DumpableBehavior, Resource, Rlimit, geteuid, set_dumpable_behavior, setrlimit};
use sspr_agent::credential::service::{self, Options};
use sspr_config::{bus, settings};
use tracing_subscriber::layer::SubscriberExt as _;

/// Started by the system bus; not for calling by hand.
#[derive(Parser)]
#[command(name = "sspr-credential", version, about)]
struct Arguments {
    /// D-Bus address to serve on
    #[arg(long, value_name = "ADDRESS", default_value = bus::SYSTEM_BUS)]
    bus: String,
    /// Settings file
    #[arg(long, value_name = "PATH", default_value = settings::PATH)]
    config: PathBuf,
    /// End after so many seconds without a call
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    idle: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match start_log().and_then(|()| run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!(%why, "sspr-credential ends");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    if !geteuid().is_root() {
        return Err("must run as root; the system bus starts it when it is needed".into());
    }
    // Passwords pass through this memory: no core file, no debugger of the same user.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // One thread alone: lckpwdf(3) waits by an alarm signal that has to reach the thread that waits.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let options = Options { bus: arguments.bus, config: arguments.config, idle: Duration::from_secs(arguments.idle) };
    runtime.block_on(service::run(options))?;
    Ok(())
}

/// The journal under systemd, standard error otherwise.
fn start_log() -> Result<(), Box<dyn std::error::Error>> {
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = journal.is_none().then_some(lines);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(journal).with(lines))?;
    Ok(())
}
