//! Whether settings are usable. The agent's program decides that: it reads the files that they name and sets up what
//! they ask for, as when it starts, and links the libraries for that. It runs as the calling user, and connects to
//! nothing.

use std::{
    ffi::OsString,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use sspr_protocol::check::{OPTION, Report};

/// The path in the packages.
const INSTALLED: &str = "/usr/libexec/sspr/sspr-agent";

/// The time limit: the program looks up groups and users, and a name service may hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// The report on the settings at `config`.
pub fn examine(config: &Path) -> Report {
    asked(Command::new(program()), config, PATIENCE)
        .unwrap_or_else(|why| Report { error: Some(why), ..Report::default() })
}

/// The agent's program, at its path in the packages. In a test it is beside this one, as cargo builds them; root runs
/// nothing from a directory merely because `sspr` is in it.
pub(crate) fn program() -> PathBuf {
    if cfg!(debug_assertions)
        && let Ok(own) = std::env::current_exe()
        && own.with_file_name("sspr-agent").is_file()
    {
        return own.with_file_name("sspr-agent");
    }
    INSTALLED.into()
}

fn asked(mut command: Command, config: &Path, patience: Duration) -> Result<Report, String> {
    // As one argument, because a name may begin with a dash.
    let mut file = OsString::from("--config=");
    file.push(config);
    let program = PathBuf::from(command.get_program());
    let started = command.arg(OPTION).arg(file).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = started
        .map_err(|why| format!("not checked: {} can't be run: {why}; reinstall the package sspr", program.display()))?;
    let (tell, told) = mpsc::channel();
    let its_pid = Pid::from_child(&child);
    if let Some(mut said) = child.stdout.take() {
        thread::spawn(move || {
            let mut all = Vec::new();
            let _ = said.read_to_end(&mut all);
            // The end of its output is not the end of the program: it may close its output and keep running. The caller
            // takes the status.
            let _ = waitid(WaitId::Pid(its_pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let _ = tell.send(all);
        });
    }
    let said = told.recv_timeout(patience).ok();
    if said.is_none() {
        let _ = child.kill();
    }
    let status = child.wait().map_or_else(|why| why.to_string(), |status| status.to_string());
    let Some(said) = said else {
        return Err(format!(
            "not checked: {} did not finish in {} s; look whether this host's name service hangs (getent passwd root)",
            program.display(),
            patience.as_secs()
        ));
    };
    read(&said).ok_or_else(|| {
        format!("not checked: {} gave no answer ({status}); reinstall the package sspr", program.display())
    })
}

fn read(said: &[u8]) -> Option<Report> {
    serde_json::from_slice(said).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_agents_program_says_is_told_as_it_is() {
        let report = Report { error: Some("sspr.toml:2: wrong".into()), warnings: vec!["odd".into()] };
        assert_eq!(read(&serde_json::to_vec(&report).unwrap()), Some(report));
        assert_eq!(read(b"sspr.toml:2: wrong\n"), None);
    }

    #[test]
    fn a_program_that_is_not_there_or_says_nothing_is_a_fault_with_its_fix() {
        for (program, why) in
            [("/nonexistent/agent", "can't be run"), ("/bin/false", "gave no answer (exit status: 1)")]
        {
            let said = asked(Command::new(program), Path::new("/etc/sspr/sspr.toml"), PATIENCE).unwrap_err();
            assert!(said.contains(why) && said.ends_with("reinstall the package sspr"), "{said}");
        }
    }

    #[test]
    fn a_program_that_hangs_is_given_up() {
        // The second one closes its output and keeps running.
        for script in ["exec sleep 1000", "exec >&-; exec sleep 1000"] {
            let mut hangs = Command::new("/bin/sh");
            hangs.args(["-c", script]);
            let said = asked(hangs, Path::new("/etc/sspr/sspr.toml"), Duration::from_millis(50)).unwrap_err();
            assert!(said.contains("did not finish in 0 s"), "{script}: {said}");
        }
    }
}
