//! `sspr config secret`: a secret from standard input into a file that a setting names, for Ansible and the like. It is never an
//! argument, which every user of the machine could read.

use std::{
    io::{self, Read as _},
    path::{Component, Path},
    process::ExitCode,
};

use nix::unistd::User;
use serde::Serialize;
use sspr_config::{
    bus::{AGENT_USER, DIRECTORY_USER},
    settings::PATH,
};
use sspr_core::secret;
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, only_root},
    out,
    setup::change::Change,
};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The file changed, or with a dry run would change.
    changed: bool,
}

/// Writes `file`, unless it has this content already, or it is a `dry_run`.
pub fn run(file: &Path, directory: bool, dry_run: bool) -> ExitCode {
    let user = if directory { DIRECTORY_USER } else { AGENT_USER };
    match written(file, user, dry_run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.complain(),
    }
}

fn written(file: &Path, user: &str, dry_run: bool) -> Result<(), Failure> {
    only_root("config secret")?;
    place(file)?;
    // In one piece of memory, which is wiped. One byte more shows that it is too long.
    let mut text = Zeroizing::new(Vec::with_capacity(secret::SIZE_MAX + 2));
    io::stdin().lock().take(secret::SIZE_MAX as u64 + 1).read_to_end(&mut text)?;
    let content = content(&text)?;
    let found = User::from_name(user).ok().flatten();
    let found = found.ok_or_else(|| Failure::Refused(format!("there is no user {user}; install the package first")))?;
    let refused = |error: io::Error| Failure::Refused(format!("{}: {error}", file.display()));
    // The target of a link belongs to another program, and a rename would replace the link with a file.
    if std::fs::symlink_metadata(file).is_ok_and(|meta| !meta.is_file()) {
        return Err(Failure::Refused(format!("{}: is not a regular file", file.display())));
    }
    let owner = (found.uid.as_raw(), found.gid.as_raw());
    let change = Change::to_secret(file.to_owned(), content.to_vec(), owner).map_err(refused)?;
    let changed = change.is_needed();
    if changed && !dry_run {
        change.make().map_err(refused)?;
    }
    out::json(&Outcome { changed })
}

/// Secrets are beside the settings, where only root creates files.
fn place(file: &Path) -> Result<(), Failure> {
    let home = Path::new(PATH).parent().unwrap_or(Path::new("/"));
    let named = matches!(file.components().next_back(), Some(Component::Normal(_)));
    let taken = file.extension().is_some_and(|extension| extension == "toml");
    if named && !taken && file.parent() == Some(home) {
        return Ok(());
    }
    Err(Failure::Usage(format!("a secret is a file in {}, and no .toml; not {}", home.display(), file.display())))
}

/// The line as it is stored.
fn content(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let usage = |why: &str| Failure::Usage(format!("standard input: {why}"));
    let line = secret::first_line(text).map_err(usage)?;
    if line.len() + 1 > secret::SIZE_MAX {
        return Err(usage("the secret is too long"));
    }
    Ok(Zeroizing::new([line.as_bytes(), b"\n"].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_and_is_kept_with_its_newline() {
        for text in ["pa ss", "pa ss\n", "pa ss\r\n", "pa ss\n\n"] {
            assert_eq!(content(text.as_bytes()).unwrap().as_slice(), b"pa ss\n", "{text:?}");
        }
        for text in ["", "\n", "\nsecond\n", "a\0b", &"x".repeat(4097)] {
            assert_eq!(content(text.as_bytes()).unwrap_err().status(), 2, "{text:?}");
        }
        assert!(content(b"\xff\n").is_err());
    }

    #[test]
    fn a_secret_goes_beside_the_settings_and_nowhere_else() {
        assert!(place(Path::new("/etc/sspr/smtp-password")).is_ok());
        for file in [
            "/etc/shadow",
            "/etc/sspr",
            "/etc/sspr/..",
            "/etc/sspr/../shadow",
            "/etc/sspr/a/b",
            "smtp-password",
            "/etc/sspr/sspr.toml",
            "/etc/sspr/sspr.toml.d/10.toml",
        ] {
            assert!(place(Path::new(file)).is_err(), "{file}");
        }
    }
}
