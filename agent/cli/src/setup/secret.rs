//! A password or a token for setup, and the file that it is read from.

use std::{fs::OpenOptions, io::Read as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf};

use sspr_core::secret;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// A password or a token.
pub type Secret = Zeroizing<String>;

/// The longest password in bytes.
const SECRET_MAX: u64 = 4096;

/// The first line of the file at `path`. It is read as root and sent to a server, so the file must be a plain file,
/// and no link.
pub fn secret_in(path: &PathBuf) -> Result<Secret, Failure> {
    let usage = |why: &dyn std::fmt::Display| Failure::Usage(format!("{}: {why}", path.display()));
    let mut options = OpenOptions::new();
    // Opening a FIFO would wait.
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path).map_err(|e| match e.raw_os_error() {
        Some(libc::ELOOP) => usage(&"it is a link; name the file that it leads to"),
        Some(libc::ENOENT) => {
            usage(&"there is no such file; write the secret into its first line, with mode 0600, and run setup again")
        }
        _ => usage(&e),
    })?;
    if !file.metadata().map_err(|e| usage(&e))?.is_file() {
        return Err(usage(&"it is not a plain file; put the secret into one"));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(SECRET_MAX).unwrap_or_default()));
    file.take(SECRET_MAX).read_to_end(&mut text).map_err(|e| usage(&e))?;
    let line = secret::first_line(&text).map_err(|why| usage(&why))?;
    Ok(Zeroizing::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_a_plain_file_and_nothing_else_is_followed_or_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("plain"), "s3cret\nmore\n").unwrap();
        assert_eq!(*secret_in(&path("plain")).unwrap(), "s3cret");
        fs::write(path("marked"), "\u{feff}s3cret\r\n").unwrap();
        assert_eq!(*secret_in(&path("marked")).unwrap(), "s3cret");
        std::os::unix::fs::symlink(path("plain"), path("link")).unwrap();
        nix::unistd::mkfifo(&path("fifo"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        fs::create_dir(path("directory")).unwrap();
        fs::write(path("empty"), "\n").unwrap();
        fs::write(path("bytes"), b"s\xe9cret\n").unwrap();
        for (name, want) in [
            ("link", "it is a link"),
            ("fifo", "not a plain file"),
            ("directory", "not a plain file"),
            ("empty", "the first line is empty"),
            ("bytes", "not UTF-8"),
            ("missing", "there is no such file; write the secret into its first line"),
        ] {
            let why = secret_in(&path(name)).unwrap_err().to_string();
            assert!(why.contains(want) && !why.contains("s3cret"), "{why}");
        }
        assert!(secret_in(&"/dev/zero".into()).unwrap_err().to_string().contains("not a plain file"));
    }
}
