//! The program that sets passwords in a directory: started by the bus, a user of its own, gone when idle.

use std::{ffi::OsString, path::PathBuf, process::ExitCode, time::Duration};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use sspr_config::{bus, settings};
use sspr_directory::service::{self, Options};
use tracing_subscriber::layer::SubscriberExt as _;

/// Its own directory, which the unit makes.
const RUNTIME: &str = "/run/sspr-directory";

/// Reads `--bus ADDRESS --config PATH --runtime PATH --idle SECONDS`, each of which may be left out.
fn read(mut given: impl Iterator<Item = OsString>) -> Result<Options, String> {
    let mut read = Options {
        bus: bus::SYSTEM_BUS.into(),
        config: settings::PATH.into(),
        runtime: RUNTIME.into(),
        credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        idle: Duration::from_mins(1),
    };
    while let Some(name) = given.next() {
        let name = name.to_string_lossy().into_owned();
        let value = given.next().ok_or_else(|| format!("{name} takes a value"))?;
        let text = || value.clone().into_string().map_err(|_| format!("{name}: not UTF-8"));
        match name.as_str() {
            "--bus" => read.bus = text()?,
            "--config" => read.config = value.into(),
            "--runtime" => read.runtime = value.into(),
            "--idle" => {
                let seconds = text()?;
                let seconds = seconds.parse().map_err(|_| format!("--idle {seconds}: not a number of seconds"))?;
                read.idle = Duration::from_secs(seconds);
            }
            _ => return Err(format!("{name} is not known; there are --bus, --config, --runtime and --idle")),
        }
    }
    Ok(read)
}

fn main() -> ExitCode {
    match start_log().and_then(|()| run(read(std::env::args_os().skip(1))?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!(%why, "sspr-directory ends");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    // Passwords pass through this memory: no core file, no debugger of the same user.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    if let Err(why) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::debug!(%why, "the unit keeps it from leaving a core");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_the_default_and_what_is_not_known_is_named() {
        let read = |words: &[&str]| read(words.iter().map(OsString::from));
        assert_eq!(read(&[]).unwrap().runtime, PathBuf::from(RUNTIME));
        let some = read(&["--idle", "5", "--runtime", "/r"]).unwrap();
        assert_eq!((some.idle, some.runtime), (Duration::from_secs(5), "/r".into()));
        for (words, why) in
            [(["--idle", "soon"].as_slice(), "not a number"), (&["--bus"], "takes a value"), (&["-h", ""], "--bus")]
        {
            assert!(read(words).unwrap_err().contains(why), "{words:?}");
        }
    }
}
