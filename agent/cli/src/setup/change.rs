//! One file that setup is about to change: shown as a diff, written atomically, and kept so that the change can be
//! undone.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use similar::TextDiff;

use sspr_machine::files;

/// A file and its new state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: PathBuf,
    /// Its content now; `None` if there is none.
    pub before: Option<Before>,
    /// Its new content; `None`: it is removed.
    pub after: Option<Vec<u8>>,
    /// Its mode.
    pub mode: u32,
    /// Its owner: uid and gid.
    pub owner: (u32, u32),
    /// Whether its content must not be shown.
    pub secret: bool,
}

/// A file's former state.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Before {
    /// Its content.
    pub content: Vec<u8>,
    /// Its mode.
    pub mode: u32,
    /// Its owner's uid and gid.
    pub owner: (u32, u32),
}

/// The file at `path` as it is now.
pub fn now(path: &Path) -> io::Result<Option<Before>> {
    let Some(content) = files::read(path)? else { return Ok(None) };
    let meta = fs::metadata(path)?;
    Ok(Some(Before { content, mode: meta.mode() & 0o7777, owner: (meta.uid(), meta.gid()) }))
}

impl Change {
    /// The file at `path` with this new content, readable by every user, and owned by the user who runs this.
    pub fn to(path: PathBuf, after: Vec<u8>) -> io::Result<Self> {
        let owner = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        Ok(Self { before: now(&path)?, path, after: Some(after), mode: 0o644, owner, secret: false })
    }

    /// The file at `path` with this new secret, only for `owner`.
    pub fn to_secret(path: PathBuf, after: Vec<u8>, owner: (u32, u32)) -> io::Result<Self> {
        Ok(Self { before: now(&path)?, path, after: Some(after), mode: 0o600, owner, secret: true })
    }

    /// Whether the new state differs.
    pub fn is_needed(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                before.content != *after || before.mode != self.mode || before.owner != self.owner
            }
            (None, None) => false,
            _ => true,
        }
    }

    /// The difference, as a unified diff.
    pub fn shown(&self) -> String {
        let name = self.path.display().to_string();
        if self.secret {
            return match (&self.before, &self.after) {
                (_, None) => format!("{name}: removed; the secret in it is not shown\n"),
                (None, _) => format!("{name}: new, mode {:04o}; the secret in it is not shown\n", self.mode),
                _ => format!("{name}: replaced, mode {:04o}; the secret in it is not shown\n", self.mode),
            };
        }
        let text = |content: Option<&Vec<u8>>| String::from_utf8_lossy(content.map_or(&[], Vec::as_slice)).into_owned();
        let (old, new) = (text(self.before.as_ref().map(|b| &b.content)), text(self.after.as_ref()));
        let from = if self.before.is_some() { name.as_str() } else { "/dev/null" };
        let to = if self.after.is_some() { name.as_str() } else { "/dev/null" };
        if old == new {
            return format!("{name}: mode {:04o}\n", self.mode);
        }
        TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).header(from, to).to_string()
    }

    /// Makes the change.
    pub fn make(&self) -> io::Result<()> {
        match &self.after {
            Some(after) => files::write(&self.path, after, self.mode, Some(self.owner)),
            None => files::remove(&self.path),
        }
    }

    /// Undoes it at once.
    pub fn take_back(&self) -> io::Result<()> {
        match &self.before {
            Some(before) => files::write(&self.path, &before.content, before.mode, Some(before.owner)),
            None => files::remove(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_as_a_difference_made_and_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("40-setup.toml");
        let new = Change::to(path.clone(), b"[scope]\nenable = \"all\"\n".to_vec()).unwrap();
        assert!(new.is_needed());
        assert!(
            new.shown().starts_with("--- /dev/null\n+++ ") && new.shown().contains("\n+[scope]\n+enable = \"all\"\n")
        );
        new.make().unwrap();
        assert!(!Change::to(path.clone(), b"[scope]\nenable = \"all\"\n".to_vec()).unwrap().is_needed());
        let changed = Change::to(path.clone(), b"[scope]\nenable = \"none\"\n".to_vec()).unwrap();
        assert!(changed.shown().contains("\n [scope]\n-enable = \"all\"\n+enable = \"none\"\n"), "{}", changed.shown());
        changed.make().unwrap();
        changed.take_back().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "[scope]\nenable = \"all\"\n");
        new.take_back().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_secret_is_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("smtp-password");
        fs::write(&path, "old s3cret\n").unwrap();
        let own = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let change = Change::to_secret(path, b"s3cret\n".to_vec(), own).unwrap();
        assert!(change.is_needed() && !change.shown().contains("s3cret"));
        change.make().unwrap();
        assert_eq!(fs::metadata(&change.path).unwrap().mode() & 0o7777, 0o600);
        assert!(change.shown().contains(": replaced, mode 0600;"), "{}", change.shown());
        let gone = Change { before: now(&change.path).unwrap(), after: None, mode: 0, ..change };
        assert!(gone.shown().ends_with(": removed; the secret in it is not shown\n"), "{}", gone.shown());
    }

    #[test]
    fn another_mode_alone_is_a_change_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        files::write(&path, b"x", 0o600, None).unwrap();
        let change = Change::to(path, b"x".to_vec()).unwrap();
        assert!(change.is_needed() && change.shown().ends_with("mode 0644\n"));
    }
}
