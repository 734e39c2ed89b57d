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

/// Whether systemd gives it the credential `name`, by its unit or a drop-in.
pub(crate) fn has_credential(name: &str) -> bool {
    let mut command = Command::new("systemctl");
    for property in ["LoadCredential", "LoadCredentialEncrypted", "SetCredential", "SetCredentialEncrypted"] {
        command.args(["-p", property]);
    }
    let said = command.args(["show", UNIT]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    said.is_ok_and(|said| names(&String::from_utf8_lossy(&said.stdout), name))
}

/// Whether properties, as systemctl shows them, name a credential.
fn names(properties: &str, name: &str) -> bool {
    let values = properties.lines().filter_map(|line| line.split_once('='));
    values.flat_map(|(_, value)| value.split_whitespace()).any(|one| one.split(':').next() == Some(name))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_found_by_its_name_alone() {
        let shown = "LoadCredential=smtp-password:/etc/a host.key:/root/key\nSetCredential=\n";
        assert!(names(shown, "host.key") && names(shown, "smtp-password"));
        assert!(!names("LoadCredential=other:/root/host.key", "host.key") && !names("", "host.key"));
    }
}
