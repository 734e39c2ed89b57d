//! Whether this process, in its sandbox, can change a password. It tries every step that leaves no trace, because no
//! other process can look into the sandbox.

use std::path::Path;

use rustix::{
    fs::{Access, access},
    io::Errno,
};
use sspr_machine::{able, account::SHADOW, hash_cost, history};

/// Why no password can be set here, if that is certain.
pub(super) fn why_not(service: &str) -> Option<String> {
    shadow(Path::new(SHADOW)).or_else(|| kept(Path::new("/"), service)).or_else(|| hash_cost::hopeless(Path::new("/")))
}

/// Why a new shadow file can't replace the one at `path`, if that is certain.
fn shadow(path: &Path) -> Option<String> {
    let directory = path.parent()?;
    if access(directory, Access::WRITE_OK) == Err(Errno::ROFS) {
        return Some(format!("{} is read-only", directory.display()));
    }
    // The file is not opened: a program that watches it would notice.
    match access(path, Access::WRITE_OK) {
        Err(Errno::PERM) => Some(format!("{} is immutable", path.display())),
        Err(Errno::ROFS) => Some(format!("{} is read-only", path.display())),
        _ => None,
    }
}

/// Why `pam_pwhistory` can't store the old password, if that is certain. It then refuses every password.
fn kept(root: &Path, service: &str) -> Option<String> {
    let lines = able::lines(service).ok()?;
    // Only lines that certainly run count, and of these only the ones that store old passwords.
    let certain = lines.iter().take_while(|line| line.leads_on());
    let of_history = certain.filter(|line| {
        line.module == "pam_pwhistory"
            && line.is_fatal() == Some(true)
            && !line.arguments.iter().any(|argument| argument == "remember=0")
    });
    let mut files = of_history.filter_map(|line| history::history_file(root, &line.arguments));
    files.find_map(|(file, _)| {
        let directory = Path::new(&file).parent()?;
        (access(directory, Access::WRITE_OK) == Err(Errno::ROFS)).then(|| {
            format!("pam_pwhistory.so keeps old passwords in {file}, where the helper may not write; see sspr doctor")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shadow_file_that_can_be_written_hinders_nobody_and_one_that_is_missing_is_for_others_to_tell() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shadow");
        assert_eq!(shadow(&path), None);
        std::fs::write(&path, "").unwrap();
        assert_eq!(shadow(&path), None);
    }
}
