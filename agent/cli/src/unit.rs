//! The agent's unit: stopped while its store is moved, and started again.

use std::{
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

const UNIT: &str = "sspr-agent.service";

/// Starts it, or starts it again, for example because its settings were invalid.
pub(crate) fn restart() -> Result<(), String> {
    if systemctl("restart")? { Ok(()) } else { Err("the agent does not start; see: journalctl -u sspr-agent".into()) }
}

/// Starts it, if it does not run.
pub(crate) fn start() -> Result<(), String> {
    if systemctl("start")? { Ok(()) } else { Err("the agent does not start; see: journalctl -u sspr-agent".into()) }
}

/// Stops it. Sign-ins go on meanwhile.
pub(crate) fn stop() -> Result<(), String> {
    if systemctl("stop")? { Ok(()) } else { Err("the agent can't be stopped; see: systemctl status sspr-agent".into()) }
}

fn systemctl(what: &str) -> Result<bool, String> {
    let output = Command::new("systemctl")
        .args([what, UNIT])
        // Ctrl-C at the terminal would end it, and not what systemd does.
        .process_group(0)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("systemctl: {e}"))?;
    Ok(output.status.success())
}
