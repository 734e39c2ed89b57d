//! Passwords and tokens in files of their own, so that every user can read the settings.

use std::{
    fs::OpenOptions,
    io::Read as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use sspr_config::why::Why;
use sspr_core::secret::{SIZE_MAX, first_line, odd};
use zeroize::Zeroizing;

use super::{DeliverySetupError, Secret, file};

/// The first line of the file at `path`.
///
/// The file must be a regular one that only its owner can read, or be in `credentials`, where systemd protects it.
pub(super) fn read(path: &Path, credentials: Option<&Path>) -> Result<Secret, DeliverySetupError> {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            file(path, "there is no such file; write the secret into it, mode 0600, owned by sspr")
        }
        _ => file(path, Why::of(&e, format!("can't be read: {e}; it should be mode 0600 and owned by sspr"))),
    })?;
    let meta = opened.metadata().map_err(|e| file(path, Why::of(&e, format!("can't be read: {e}"))))?;
    if !meta.is_file() {
        return Err(file(path, "is not a regular file; name a file with the secret in its first line"));
    }
    let guarded = credentials.is_some_and(|dir| path.parent() == Some(dir));
    if meta.mode() & 0o077 != 0 && !guarded {
        return Err(file(
            path,
            format!("can be read by others (mode {:04o}); run: chmod 0600 {}", meta.mode() & 0o7777, path.display()),
        ));
    }
    // With room for all input, the buffer never moves and leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SIZE_MAX + 2));
    opened
        .take(SIZE_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| file(path, Why::of(&e, format!("can't be read: {e}"))))?;
    if bytes.len() > SIZE_MAX {
        return Err(file(path, "is larger than 4096 bytes; it should have the secret alone, in one line"));
    }
    let text = first_line(&bytes).map_err(|why| file(path, why))?;
    if let Some(odd) = odd(text) {
        tracing::warn!("{}: {odd}", path.display());
    }
    Ok(Secret(Zeroizing::new(text.to_owned())))
}

/// The secret in the file at `path`, for whoever is no gateway.
pub fn of(path: &Path) -> Result<Zeroizing<String>, DeliverySetupError> {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(std::path::PathBuf::from);
    Ok(read(path, credentials.as_deref())?.0)
}

/// The problem with the secret in the file at `path`, as far as the user who runs this can read it.
pub fn odd_in(path: &Path) -> Option<&'static str> {
    odd(&read(path, path.parent()).ok()?.0)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

    use super::*;

    fn written(dir: &Path, name: &str, content: &[u8], mode: u32) -> PathBuf {
        let path = dir.join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn the_first_line_is_the_secret_without_its_newline() {
        let dir = tempfile::tempdir().unwrap();
        for (content, secret) in [
            ("s3cret", "s3cret"),
            ("s3cret\n", "s3cret"),
            ("s3cret\r\n", "s3cret"),
            (" a b \nnotes\n", " a b "),
            ("\u{feff}s3cret\r\n", "s3cret"),
        ] {
            let path = written(dir.path(), "secret", content.as_bytes(), 0o600);
            assert_eq!(*read(&path, None).unwrap().0, secret);
        }
    }

    #[test]
    fn a_file_that_can_not_hold_a_secret_is_refused_with_its_name_and_the_fix() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let fifo = dir.join("fifo");
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, 0o600.into()).unwrap();
        for (path, part) in [
            (dir.join("absent"), "no such file"),
            (dir.to_owned(), "not a regular file"),
            (fifo, "not a regular file"),
            (written(dir, "group", b"x", 0o640), "chmod 0600"),
            (written(dir, "world", b"x", 0o604), "chmod 0600"),
            (written(dir, "empty", b"", 0o600), "empty"),
            (written(dir, "blank", b"\nx\n", 0o600), "empty"),
            (written(dir, "binary", b"\xff\xfe\n", 0o600), "UTF-8"),
            (written(dir, "control", b"a\rInjected: b\n", 0o600), "control"),
            (written(dir, "nul", b"a\0b", 0o600), "control"),
            (written(dir, "large", &[b'a'; 4097], 0o600), "larger"),
        ] {
            let error = read(&path, None).unwrap_err().to_string();
            assert!(error.contains(path.to_str().unwrap()) && error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_hardly_anybody_chose_is_pointed_out_and_used_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        for (content, odd) in [
            ("s3cret\n", None),
            ("\u{feff}s3cret\n", None),
            ("two words\n", None),
            ("s3cret \n", Some("ends with a blank")),
            ("\u{a0}s3cret\n", Some("ends with a blank")),
            ("s3c\u{200b}ret\n", Some("can't be seen")),
        ] {
            let path = written(dir.path(), "secret", content.as_bytes(), 0o600);
            let found = odd_in(&path);
            assert!(
                found.is_some() == odd.is_some() && odd.is_none_or(|odd| found.unwrap().contains(odd)),
                "{content:?}"
            );
        }
        assert_eq!(odd_in(&dir.path().join("absent")), None);
    }

    #[test]
    fn a_credential_of_systemd_is_taken_with_the_mode_it_has() {
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path(), "smtp", b"x\n", 0o440);
        assert!(read(&path, Some(dir.path())).is_ok());
        assert!(read(&path, Some(Path::new("/run/credentials/other"))).is_err());
    }
}
