//! The password of the entry that may set passwords, and the check that files with secrets are private. The password is
//! read again for each connection, so that a new one takes effect at once.

use std::{
    fs::{File, OpenOptions},
    io::Read as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use zeroize::Zeroizing;

/// The largest size of the file, in bytes.
const SIZE_MAX: usize = 4096;

/// Opens the file at `path`, which the settings key `key` names. Only its owner may be able to read it, unless it is in
/// `credentials`, where systemd protects it. The error is a sentence with the fault.
pub fn open(path: &Path, key: &str, credentials: Option<&Path>) -> Result<File, String> {
    let bad = |why: String| bad(path, key, &why);
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path);
    let file = file.map_err(|why| bad(format!("{why}; it should be mode 0600 and owned by sspr-directory")))?;
    let meta = file.metadata().map_err(|why| bad(why.to_string()))?;
    if !meta.is_file() {
        return Err(bad("is not a regular file".to_owned()));
    }
    let guarded = credentials.is_some_and(|directory| path.parent() == Some(directory));
    if meta.mode() & 0o077 != 0 && !guarded {
        return Err(bad(format!("can be read by others; run: chmod 0600 {}", path.display())));
    }
    Ok(file)
}

fn bad(path: &Path, key: &str, why: &str) -> String {
    format!("[directory] {key}: {}: {why}", path.display())
}

/// Reads the first line of the file at `path`, see [`open`].
pub fn read(path: &Path, credentials: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, String> {
    let file = open(path, "password_file", credentials)?;
    let bad = |why: String| bad(path, "password_file", &why);
    let mut bytes = Zeroizing::new(Vec::with_capacity(SIZE_MAX + 2));
    file.take(SIZE_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|why| bad(why.to_string()))?;
    if bytes.len() > SIZE_MAX {
        return Err(bad("is larger than 4096 bytes; it should have the password alone, in one line".to_owned()));
    }
    let line = first_line(&bytes).ok_or_else(|| bad("has no password in its first line".to_owned()))?;
    Ok(Zeroizing::new(line.to_vec()))
}

/// The password in the first line of `bytes`, if there is one.
pub fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    // With an empty password, a server may accept any name as anonymous.
    Some(line).filter(|line| !line.is_empty() && !line.iter().any(u8::is_ascii_control))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_first_line_is_the_password_and_a_file_that_others_read_is_refused_but_as_a_credential() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        let written = |text: &[u8], mode: u32| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        for text in ["s3cret", "s3cret\n", "s3cret\r\nnotes\n", "\u{feff}s3cret\n"] {
            written(text.as_bytes(), 0o600);
            assert_eq!(read(&path, None).unwrap().as_slice(), b"s3cret");
        }
        written(b"s3cret\n", 0o640);
        assert!(read(&path, None).unwrap_err().contains("chmod 0600"));
        assert_eq!(read(&path, Some(dir.path())).unwrap().as_slice(), b"s3cret");
        for empty in [b"".as_slice(), b"\nx", b"\t\n", &[b'a'; 5000]] {
            written(empty, 0o600);
            assert!(read(&path, None).is_err(), "{empty:?}");
        }
        assert!(read(dir.path(), None).is_err() && read(&dir.path().join("absent"), None).is_err());
    }
}
