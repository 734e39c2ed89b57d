//! The directories of PAM modules.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Whether `module` is in a directory where PAM looks for it.
pub fn is_installed(root: &Path, module: &str) -> bool {
    directories(root).iter().any(|directory| directory.join(format!("{module}.so")).exists())
}

/// The directories where PAM looks for modules.
pub fn directories(root: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for base in ["lib", "lib64", "usr/lib", "usr/lib64"] {
        let base = root.join(base);
        all.push(base.join("security"));
        // Debian's /usr/lib/x86_64-linux-gnu.
        for entry in fs::read_dir(&base).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().contains("-linux-") {
                all.push(entry.path().join("security"));
            }
        }
    }
    all
}
