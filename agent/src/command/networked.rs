//! This program again, in a process that may talk to a network: of the agent's user, and without the terminal of whoever
//! started it. What a stranger's server could make of it finds no keyboard of root's to type on.

use std::{ffi::OsStr, io};

use nix::unistd::User;
use rustix::process::{DumpableBehavior, geteuid, set_dumpable_behavior};
use sspr_config::bus::AGENT_USER;
use tokio::process::Command;

/// Both are of util-linux, as login(1) is.
const SETSID: &str = "/usr/bin/setsid";
const SETPRIV: &str = "/usr/bin/setpriv";

/// The process, to which arguments are to be added.
pub fn command() -> Result<Command, String> {
    let agent = User::from_name(AGENT_USER).ok().flatten().ok_or("there is no user sspr")?;
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let owner = (agent.uid.as_raw(), agent.gid.as_raw());
    if geteuid().is_root() {
        Ok(detached(own.as_os_str(), Some(owner)))
    } else if geteuid().as_raw() == owner.0 {
        Ok(detached(own.as_os_str(), None))
    } else {
        Err("only root and the agent can read the password".into())
    }
}

/// The terminal goes first, while nobody but root could keep the process from it; then root's rights and groups.
fn detached(program: &OsStr, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(SETSID);
    command.arg("--wait");
    if let Some((uid, gid)) = owner {
        command.arg(SETPRIV).args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into()]);
    }
    command.arg(program).current_dir("/").env_clear().kill_on_drop(true);
    command
}

/// What that process does first: other processes of the agent's user can neither read its memory nor take it over.
pub fn hide() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_has_a_session_of_its_own_no_terminal_and_no_rights_of_roots() {
        let owner = geteuid().is_root().then_some((65534, 65534));
        let mut command = detached(OsStr::new("/bin/sh"), owner);
        // Session, then the number of the controlling terminal; who it is; its groups.
        let script = "cut -d' ' -f6,7 /proc/$$/stat; echo $$; /usr/bin/id -u; /usr/bin/id -G; /usr/bin/env | grep HOME";
        let output = command.args(["-c", script]).output().await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], format!("{} 0", lines[1]), "{said}");
        if owner.is_some() {
            assert_eq!(lines[2..], ["65534", "65534"], "{said}");
        }
    }
}
