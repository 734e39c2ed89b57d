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
    read(&output.stdout).ok_or_else(|| {
        format!("not checked: {} gave no answer ({}); reinstall the package sspr", program.display(), output.status)
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
            let said = asked(Path::new(program), Path::new("/etc/sspr/sspr.toml")).unwrap_err();
            assert!(said.contains(why) && said.ends_with("reinstall the package sspr"), "{said}");
        }
    }
}
