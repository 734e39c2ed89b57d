//! The program that sets passwords in a directory. The bus starts it as its own user; it exits when idle.

use std::{ffi::OsString, path::PathBuf, process::ExitCode, time::Duration};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use sspr_config::{bus, settings};
use sspr_directory::service::{self, Options};
use sspr_machine::{serve::start_log, witness};

/// The program's own directory, which the unit creates.
const RUNTIME: &str = "/run/sspr-directory";

/// Reads `--bus ADDRESS --config PATH --runtime PATH --witness PATH --idle SECONDS`. Each may be left out.
fn read(mut given: impl Iterator<Item = OsString>) -> Result<Options, String> {
    let mut read = Options {
        bus: bus::SYSTEM_BUS.into(),
        config: settings::PATH.into(),
        runtime: RUNTIME.into(),
        witness: witness::DIRECTORY.into(),
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
            "--witness" => read.witness = value.into(),
            "--idle" => {
                let seconds = text()?;
                let seconds = seconds.parse().map_err(|_| format!("--idle {seconds}: not a number of seconds"))?;
                read.idle = Duration::from_secs(seconds);
            }
            _ => {
                return Err(format!("{name} is not known; there are --bus, --config, --runtime, --witness and --idle"));
            }
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
    // Passwords pass through this memory, so no core dump and no debugger of the same user may show it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    if let Err(why) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::debug!(%why, "the unit keeps it from leaving a core");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(service::run(options))?;
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
