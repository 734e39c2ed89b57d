//! Notes on which machine the host key was made. A key in a machine image is the key of all clones, and an
//! administrator of one clone can read the registrations on every other.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::files;

/// Has a different number on each machine, see `machine-id(5)`.
pub const MACHINE_ID: &str = "/etc/machine-id";
/// The note, beside `host.key`.
pub const NOTE: &str = "host.key.machine";

/// Where a key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// On this machine, or there is no note.
    Here,
    /// On a machine with another number.
    Elsewhere,
}

/// Notes this machine beside the key at `key`, unless there is a note.
pub fn note(key: &Path, machine_id: &Path) -> io::Result<()> {
    let note = beside(key);
    if note.symlink_metadata().is_ok() {
        return Ok(());
    }
    files::write(&note, format!("{}\n", machine(machine_id)).as_bytes(), 0o600, None)
}

/// Where the key at `key` was made, as its note says.
pub fn made(key: &Path, machine_id: &Path) -> io::Result<Made> {
    let Some(noted) = files::read(&beside(key))? else { return Ok(Made::Here) };
    let here = noted.trim_ascii() == machine(machine_id).as_bytes();
    Ok(if here { Made::Here } else { Made::Elsewhere })
}

fn beside(key: &Path) -> PathBuf {
    key.with_file_name(NOTE)
}

/// A number for the machine that does not reveal its machine-id. An image without a machine-id counts as a machine,
/// too: as none of its clones.
fn machine(machine_id: &Path) -> String {
    let mut id = Vec::new();
    if let Ok(file) = File::open(machine_id) {
        let _ = file.take(64).read_to_end(&mut id);
    }
    let mut hash = Sha256::new();
    hash.update(b"pam_sspr host key of ");
    hash.update(id.trim_ascii());
    let mut text = String::new();
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_key_is_known_to_be_another_machine_s_by_the_note_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let (key, id) = (dir.path().join("host.key"), dir.path().join("machine-id"));
        // An image before its first boot.
        for first in ["uninitialized\n", "", "0123456789abcdef0123456789abcdef\n"] {
            fs::write(&id, first).unwrap();
            assert_eq!(made(&key, &id).unwrap(), Made::Here, "nothing is noted");
            note(&key, &id).unwrap();
            assert_eq!(made(&key, &id).unwrap(), Made::Here);
            fs::write(&id, "fedcba9876543210fedcba9876543210\n").unwrap();
            note(&key, &id).unwrap();
            assert_eq!(made(&key, &id).unwrap(), Made::Elsewhere, "what was noted first stays: {first:?}");
            let text = fs::read_to_string(dir.path().join(NOTE)).unwrap();
            assert!(!text.contains("0123456789abcdef0123456789abcdef"), "{text}");
            let mode = fs::metadata(dir.path().join(NOTE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o600);
            fs::remove_file(dir.path().join(NOTE)).unwrap();
        }
    }
}
