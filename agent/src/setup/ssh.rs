//! The drop-in for sshd. It stays only if sshd takes it and it has its effect.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::change::Change;
use crate::{command::Failure, doctor::sshd};

const DROP_IN: &str = "/etc/ssh/sshd_config.d/10-sspr.conf";
const CONTENT: &str = include_str!("../../../packaging/sshd/10-sspr.conf");

/// What is to be done about sshd; `None` where it offers conversations already, or is not installed.
pub fn plan() -> Result<Option<Change>, Failure> {
    let Some(program) = sshd::program(Path::new("/")) else { return Ok(None) };
    let words =
        sshd::effective(&program).map_err(|why| Failure::Refused(format!("sshd's settings can't be read: {why}")))?;
    if sshd::offers_conversations(&words) {
        return Ok(None);
    }
    let change = Change::to(PathBuf::from(DROP_IN), CONTENT.into())?;
    if !change.is_needed() {
        return Err(no_effect());
    }
    Ok(Some(change))
}

fn no_effect() -> Failure {
    Failure::Refused(
        "/etc/ssh/sshd_config says otherwise before it reads the drop-in: put this first in it, then try again: Include \
         /etc/ssh/sshd_config.d/*.conf"
            .into(),
    )
}

/// Makes the change, and takes it back if sshd refuses it or heeds it not.
pub fn make(change: &Change) -> Result<(), Failure> {
    let Some(program) = sshd::program(Path::new("/")) else { return Ok(()) };
    change.make()?;
    let outcome = test(&program).and_then(|()| match sshd::effective(&program) {
        Ok(words) if sshd::offers_conversations(&words) => Ok(()),
        _ => Err(no_effect()),
    });
    if let Err(failure) = outcome {
        change.take_back()?;
        return Err(failure);
    }
    reload();
    Ok(())
}

/// Takes the drop-in away, if sshd still understands the rest without it.
pub fn undo(change: &Change) -> Result<(), Failure> {
    change.make()?;
    if let Some(program) = sshd::program(Path::new("/")) {
        test(&program)?;
        reload();
    }
    Ok(())
}

/// Whether `path` is the drop-in.
pub fn is_drop_in(path: &Path) -> bool {
    path == Path::new(DROP_IN)
}

fn test(program: &Path) -> Result<(), Failure> {
    let output = Command::new(program).arg("-t").stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::Refused(format!("sshd -t refuses its settings, so it was not reloaded: {why}")))
}

/// Debian calls the unit ssh, others sshd; one that does not run reads its settings when it starts.
fn reload() {
    for unit in ["ssh.service", "sshd.service"] {
        let run = |arguments: &[&str]| {
            Command::new("systemctl")
                .args(arguments)
                .arg(unit)
                .stdin(Stdio::null())
                .output()
                .is_ok_and(|o| o.status.success())
        };
        if run(&["is-active", "--quiet"]) {
            run(&["reload"]);
            return;
        }
    }
}
