//! Whether settings can stand. The agent's program says that: it reads what they name and sets up what they ask for, as it would at
//! its start, and links what that takes. It runs as who asks, and connects to nothing.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sspr_protocol::check::{OPTION, Report};

/// Where the packages have it.
const INSTALLED: &str = "/usr/libexec/sspr/sspr-agent";

/// What is to be said of the settings at `config`.
pub fn examine(config: &Path) -> Report {
    asked(&program(), config).unwrap_or_else(|why| Report { error: Some(why), ..Report::default() })
}

/// The agent's program: beside this one, as cargo builds them, or where the packages have it.
fn program() -> PathBuf {
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name("sspr-agent"));
    beside.filter(|program| program.is_file()).unwrap_or_else(|| INSTALLED.into())
}

fn asked(program: &Path, config: &Path) -> Result<Report, String> {
    // In one word, as a name may begin with a dash.
    let mut file = OsString::from("--config=");
    file.push(config);
    let output =
        Command::new(program).arg(OPTION).arg(file).stdin(Stdio::null()).stderr(Stdio::inherit()).output().map_err(
            |why| format!("not checked: {} can't be run: {why}; reinstall the package sspr", program.display()),
        )?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        format!("not checked: {} gave no answer ({}); reinstall the package sspr", program.display(), output.status)
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    /// A program in place of the agent's.
    fn stand_in(script: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (dir, path)
    }

    #[test]
    fn what_the_agents_program_says_of_a_file_of_any_name_is_told_as_it_is() {
        let (_dir, program) = stand_in("printf '{\"error\":\"%s %s\",\"warnings\":[\"odd\"]}' \"$1\" \"$2\"");
        let report = asked(&program, Path::new("-x y")).unwrap();
        assert_eq!(report.error.as_deref(), Some("--check-settings --config=-x y"));
        assert_eq!(report.warnings, ["odd"]);
    }

    #[test]
    fn a_program_that_is_not_there_or_says_nothing_is_a_fault_with_its_fix() {
        let (dir, program) = stand_in("exit 3");
        for (program, why) in [(dir.path().join("none"), "can't be run"), (program, "gave no answer (exit status: 3)")]
        {
            let said = asked(&program, Path::new("/etc/sspr/sspr.toml")).unwrap_err();
            assert!(said.contains(why) && said.ends_with("reinstall the package sspr"), "{said}");
        }
    }
}
