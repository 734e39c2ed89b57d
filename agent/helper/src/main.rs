//! The helper that may change a password. The bus starts it as root, without network; it exits when idle.

mod apart;
mod beside;
mod change;
mod directory;
mod hindered;
mod pam;
mod prepared;
mod publish;
mod service;
mod sessions;
mod settle;
mod ssh_elsewhere;
mod ssh_keys;
mod transaction;
mod vouch;
mod within;

use std::{ffi::OsString, path::PathBuf, process::ExitCode, time::Duration};

use apart::Question;
use rustix::process::{DumpableBehavior, Resource, Rlimit, geteuid, set_dumpable_behavior, setrlimit};
use service::Options;
use sspr_config::{
    bus,
    credential::{Account, Aftermath, Change, Error, PAM_SERVICE, Verdict},
    settings,
};
use sspr_machine::{account, crypt, faillock, files, hash, local, pamconf, serve::start_log, shadow, unix_rules};

/// The unit's `RuntimeDirectory`; only root can read it.
pub(crate) const RUNTIME: &str = "/run/sspr-credential";

/// The program's arguments. The system bus starts it; administrators are not meant to call it.
struct Arguments {
    /// D-Bus address to serve on.
    bus: String,
    /// Settings file.
    config: PathBuf,
    /// The program exits after this long without a call.
    idle: Duration,
}

impl Arguments {
    /// Reads `--bus ADDRESS --config PATH --idle SECONDS`. Each may be left out, or have its value after an equals
    /// sign.
    fn read(given: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut given = given.flat_map(|word| match word.to_str().and_then(|word| word.split_once('=')) {
            Some((name, value)) if name.starts_with("--") => vec![name.into(), value.into()],
            _ => vec![word],
        });
        let mut read =
            Self { bus: bus::SYSTEM_BUS.into(), config: settings::PATH.into(), idle: Duration::from_mins(1) };
        while let Some(name) = given.next() {
            let name = name.to_string_lossy().into_owned();
            let mut value = || given.next().ok_or_else(|| format!("{name} takes a value"));
            let text = |value: OsString| value.into_string().map_err(|_| format!("{name}: not UTF-8"));
            match name.as_str() {
                "--bus" => read.bus = text(value()?)?,
                "--config" => read.config = value()?.into(),
                "--idle" => {
                    let seconds = text(value()?)?;
                    let seconds = seconds.parse().map_err(|_| format!("--idle {seconds}: not a number of seconds"))?;
                    read.idle = Duration::from_secs(seconds);
                }
                _ => return Err(format!("{name} is not known; there are --bus, --config and --idle")),
            }
        }
        Ok(read)
    }
}

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let done = start_log().and_then(|()| match Question::of(&words) {
        Some(question) => guard().map(|()| apart::answer(question, settle::answer)),
        None => run(Arguments::read(words.into_iter())?).map(|()| ExitCode::SUCCESS),
    });
    match done {
        Ok(code) => code,
        Err(why) => {
            tracing::error!(%why, "sspr-credential ends");
            ExitCode::FAILURE
        }
    }
}

/// Makes sure that root runs the program, and that no other process reads its memory.
fn guard() -> Result<(), Box<dyn std::error::Error>> {
    if !geteuid().is_root() {
        return Err("must run as root; the system bus starts it when it is needed".into());
    }
    // Passwords pass through this memory, so no core dump and no debugger of the same user may show it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(())
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    guard()?;
    // Only one thread that gets signals: lckpwdf(3) waits for an alarm, which must reach the thread that waits.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let options = Options { bus: arguments.bus, config: arguments.config, idle: arguments.idle };
    runtime.block_on(service::run(options))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_the_default_and_what_is_not_known_is_named() {
        let read = |words: &[&str]| Arguments::read(words.iter().map(OsString::from));
        let own = read(&[]).unwrap();
        assert_eq!((own.bus.as_str(), own.idle), (bus::SYSTEM_BUS, Duration::from_mins(1)));
        let all = read(&["--idle", "5", "--bus", "unix:path=/b", "--config", "/c"]).unwrap();
        assert_eq!((all.bus.as_str(), all.config, all.idle), ("unix:path=/b", "/c".into(), Duration::from_secs(5)));
        assert_eq!(read(&["--idle=5"]).unwrap().idle, Duration::from_secs(5));
        for (words, why) in [
            (["--idle", "soon"].as_slice(), "not a number"),
            (&["--bus"], "takes a value"),
            (&["--help"], "--bus, --config and --idle"),
        ] {
            assert!(read(words).err().unwrap().contains(why), "{words:?}");
        }
    }
}
