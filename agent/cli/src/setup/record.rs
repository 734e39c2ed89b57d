//! The record of setup's changes, readable only by root, from which `sspr setup --undo` restores the former state.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::change::{Before, Change, now};
use sspr_machine::files;

/// The directory of the record.
pub const DIRECTORY: &str = "/var/lib/sspr-setup";

/// The changes, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    files: Vec<Changed>,
    /// Whether setup switched the PAM profile on.
    pub pam: bool,
    /// Whether users could not type a password over SSH before setup.
    #[serde(default)]
    pub sshd_keys_alone: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Changed {
    path: PathBuf,
    /// The former state; never of a secret.
    before: Option<Before>,
    /// Whether an older secret was replaced, which is not kept anywhere.
    replaced: bool,
    /// What each run of setup wrote, or was about to write: tells whether the file was changed since.
    after: Vec<Option<String>>,
    secret: bool,
}

fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

impl Record {
    /// The record in `directory`; empty if there is none.
    pub fn load(directory: &Path) -> io::Result<Self> {
        match files::read(&directory.join("record.json"))? {
            Some(text) => serde_json::from_slice(&text).map_err(io::Error::other),
            None => Ok(Self::default()),
        }
    }

    /// Notes a change before it is made. Only the very first state of a file is kept.
    pub fn note(&mut self, change: &Change) {
        let after = change.after.as_deref().map(digest);
        if let Some(known) = self.files.iter_mut().find(|known| known.path == change.path) {
            if !known.after.contains(&after) {
                known.after.push(after);
            }
            return;
        }
        self.files.push(Changed {
            path: change.path.clone(),
            before: change.before.clone().filter(|_| !change.secret),
            replaced: change.secret && change.before.is_some(),
            after: vec![after],
            secret: change.secret,
        });
    }

    /// What is left to undo after the rest was undone: the files in `kept`.
    #[must_use]
    pub fn only(&self, kept: &[PathBuf]) -> Self {
        let files = self.files.iter().filter(|changed| kept.contains(&changed.path)).cloned().collect();
        Self { files, pam: false, sshd_keys_alone: self.sshd_keys_alone }
    }

    /// Writes it into `directory`, which is created with mode 0700 if it is missing.
    pub fn save(&self, directory: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        files::write(&directory.join("record.json"), &text, 0o600, None)
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && !self.pam
    }

    /// The files whose former secrets setup replaced: these were not kept, so they can't be restored.
    pub fn replaced(&self) -> Vec<&Path> {
        self.files.iter().filter(|changed| changed.replaced).map(|changed| changed.path.as_path()).collect()
    }

    /// The changes that undo setup's, the last one first; and the files that were changed since, which are left
    /// unchanged.
    pub fn way_back(&self) -> io::Result<(Vec<Change>, Vec<PathBuf>)> {
        let (mut back, mut theirs) = (Vec::new(), Vec::new());
        for changed in self.files.iter().rev().filter(|changed| !changed.replaced) {
            let current = now(&changed.path)?;
            if !changed.after.contains(&current.as_ref().map(|c| digest(&c.content))) && current != changed.before {
                theirs.push(changed.path.clone());
                continue;
            }
            let was = changed.before.as_ref();
            let change = Change {
                path: changed.path.clone(),
                before: current,
                after: was.map(|was| was.content.clone()),
                mode: was.map_or(0, |was| was.mode),
                owner: was.map_or((0, 0), |was| was.owner),
                secret: changed.secret,
            };
            if change.is_needed() {
                back.push(change);
            }
        }
        Ok((back, theirs))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::MetadataExt as _};

    use super::*;

    fn content(change: &str) -> Vec<u8> {
        change.as_bytes().to_vec()
    }

    #[test]
    fn the_way_back_leads_to_what_was_at_the_very_first() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        files::write(&old, b"theirs\n", 0o640, None).unwrap();
        let kept = dir.path().join("kept");
        for text in ["one\n", "two\n"] {
            let mut record = Record::load(&kept).unwrap();
            for path in [&old, &new] {
                let change = Change::to(path.clone(), content(text)).unwrap();
                record.note(&change);
                record.save(&kept).unwrap();
                change.make().unwrap();
            }
        }
        assert_eq!(fs::metadata(&kept).unwrap().mode() & 0o7777, 0o700);
        let (back, theirs) = Record::load(&kept).unwrap().way_back().unwrap();
        assert!(theirs.is_empty());
        for change in &back {
            change.make().unwrap();
        }
        assert_eq!(fs::read_to_string(&old).unwrap(), "theirs\n");
        assert_eq!(fs::metadata(&old).unwrap().mode() & 0o7777, 0o640);
        assert!(!new.exists());
        assert!(Record::load(&kept).unwrap().way_back().unwrap().0.is_empty(), "a second undo has nothing to do");
    }

    #[test]
    fn a_second_run_that_failed_does_not_disown_what_the_first_one_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let mut record = Record::default();
        let first = Change::to(path.clone(), content("one\n")).unwrap();
        record.note(&first);
        first.make().unwrap();
        let second = Change::to(path.clone(), content("two\n")).unwrap();
        record.note(&second);
        let (back, theirs) = record.way_back().unwrap();
        assert_eq!((back.len(), theirs), (1, vec![]), "interrupted before the file was written");
        second.make().unwrap();
        assert_eq!(record.way_back().unwrap().0.len(), 1);
        second.take_back().unwrap();
        let (back, theirs) = record.way_back().unwrap();
        assert_eq!((back.len(), theirs), (1, vec![]), "taken back");
        back[0].make().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn an_old_secret_is_kept_nowhere_and_said_to_be_gone_while_a_new_one_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        fs::write(&old, "0ld s3cret").unwrap();
        let own = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let mut record = Record::default();
        for path in [&old, &new] {
            let change = Change::to_secret(path.clone(), content("n3w s3cret"), own).unwrap();
            record.note(&change);
            change.make().unwrap();
        }
        let text = serde_json::to_string(&record).unwrap();
        assert!(!text.contains(&serde_json::to_string(b"0ld s3cret".as_slice()).unwrap()), "{text}");
        assert_eq!(record.replaced(), [old.as_path()]);
        let (back, theirs) = record.way_back().unwrap();
        assert_eq!((back.iter().map(|c| &c.path).collect::<Vec<_>>(), theirs), (vec![&new], vec![]));
    }

    #[test]
    fn what_is_kept_stays_in_the_record_and_the_rest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
        let mut record = Record { pam: true, ..Record::default() };
        for path in [&ours, &theirs] {
            record.note(&Change::to(path.clone(), content("x")).unwrap());
        }
        let left = record.only(std::slice::from_ref(&theirs));
        assert!(!left.is_empty() && !left.pam);
        fs::write(&theirs, "y").unwrap();
        assert_eq!(left.way_back().unwrap(), (vec![], vec![theirs]));
        assert!(record.only(&[]).is_empty());
    }

    #[test]
    fn what_somebody_else_changed_since_is_left_alone_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let mut record = Record::default();
        let change = Change::to(path.clone(), content("ours\n")).unwrap();
        record.note(&change);
        change.make().unwrap();
        fs::write(&path, "theirs\n").unwrap();
        assert_eq!(record.way_back().unwrap(), (vec![], vec![path]));
    }
}
