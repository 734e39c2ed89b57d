//! What the agent's program reports about settings, to `sspr config check`, setup and doctor.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use sspr_protocol::check::{OPTION, Report};

const AGENT: &str = env!("CARGO_BIN_EXE_sspr-agent");

/// The report of the agent's program on `file` in `directory`.
fn said(directory: &Path, file: &str) -> Report {
    let mut command = Command::new(AGENT);
    let output = command.current_dir(directory).args([OPTION, &format!("--config={file}")]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn written(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).unwrap();
    fs::set_permissions(directory.join(name), fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn the_agents_program_says_in_one_answer_what_it_would_not_start_with_and_touches_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let good = format!("[scope]\nenable = [\"no-such-group\"]\n[spool]\ndirectory = {spool:?}\n");
    written(directory.path(), "-x y.toml", &good);
    let report = said(directory.path(), "-x y.toml");
    assert!(report.error.is_none() && report.warnings.len() == 1, "{report:?}");
    written(directory.path(), "sspr.toml", "[phone]\ndefault_region = \"XX\"\n");
    assert!(said(directory.path(), "sspr.toml").error.unwrap().contains("sspr.toml:2: [phone] default_region"));
    written(directory.path(), "sspr.toml", "[texts]\ntemplates = \"/nonexistent\"\n");
    assert!(said(directory.path(), "sspr.toml").error.unwrap().contains("sspr.toml:2: [texts] templates"));
    assert!(said(directory.path(), "none.toml").error.unwrap().contains("there is no such file"));
    assert!(!spool.exists());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}
