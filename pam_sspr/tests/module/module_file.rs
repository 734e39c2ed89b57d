//! The shared object under test: the one that `SSPR_MODULE` names, or one built as it is shipped.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where it is.
pub(crate) fn module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| match std::env::var_os("SSPR_MODULE") {
        Some(path) => path.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    // This executable lies in TARGET/debug/deps.
    let executable = std::env::current_exe().unwrap();
    let target = executable.ancestors().nth(3).unwrap();
    // Alone: cargo would give it the features that the other crates want of shared libraries.
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", "module", "--package", "pam_sspr", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(status.success(), "the module does not build");
    target.join("module/libpam_sspr.so")
}
