//! Marks of the accounts of this host itself that are registered at the server. A uid may come back with the next
//! account of the same name; a mark does not. The server binds what is registered to both.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::PathBuf,
    sync::PoisonError,
};

use serde::{Deserialize, Serialize};
use sspr_machine::files;

use super::Fleet;
use crate::{
    account::Id,
    random::{self, Random},
};

/// The file in the fleet's directory.
const FILE: &str = "accounts.json";
/// Between the uid and the mark in an id.
const AND: char = '.';

/// The mark of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    uid: u32,
    mark: String,
}

/// The marks by name.
type Marks = BTreeMap<String, Mark>;

fn id(mark: &Mark) -> Option<Id> {
    Id::parse(&format!("{}{AND}{}", mark.uid, mark.mark))
}

/// The uid in an id with a mark; `None` if it has none.
pub(super) fn uid(id: Id) -> Option<u32> {
    id.as_str().split_once(AND)?.0.parse().ok()
}

impl Fleet {
    fn marks_file(&self) -> PathBuf {
        self.directory().join(FILE)
    }

    /// Whether an account of this host was ever registered at the server.
    pub(super) fn has_marks(&self) -> bool {
        self.marks_file().exists()
    }

    /// The marks. Fails if the file is not as it was written: nobody is then served, and nothing is overwritten.
    fn marks(&self) -> io::Result<Marks> {
        let Some(content) = files::read(&self.marks_file())? else { return Ok(Marks::default()) };
        serde_json::from_slice(&content).map_err(io::Error::from)
    }

    fn keeps_marks(&self, marks: &Marks) -> io::Result<()> {
        files::write(&self.marks_file(), &serde_json::to_vec(marks)?, 0o600, None)
    }

    /// The id of the account `name` with `uid`; `None` if it has no mark.
    pub(super) fn marked(&self, name: &str, uid: u32) -> io::Result<Option<Id>> {
        let _turn = self.0.marking.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.marks()?.get(name).filter(|mark| mark.uid == uid).and_then(id))
    }

    /// The same, with a new mark if it has none.
    pub(super) fn mark(&self, random: &dyn Random, name: &str, uid: u32) -> io::Result<Option<Id>> {
        let _turn = self.0.marking.lock().unwrap_or_else(PoisonError::into_inner);
        let mut marks = self.marks()?;
        if let Some(mark) = marks.get(name).filter(|mark| mark.uid == uid) {
            return Ok(id(mark));
        }
        let mark = Mark { uid, mark: random::handle(random).map_err(io::Error::other)? };
        let new = id(&mark);
        marks.insert(name.to_owned(), mark);
        self.keeps_marks(&marks)?;
        Ok(new)
    }

    /// Drops the marks of accounts that are not among the `living`, which have these uids.
    pub(super) fn forget_gone(&self, living: &[(String, u32)]) -> io::Result<()> {
        let _turn = self.0.marking.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut marks, living) = (self.marks()?, living.iter().cloned().collect::<HashMap<_, _>>());
        let before = marks.len();
        marks.retain(|name, mark| living.get(name) == Some(&mark.uid));
        if marks.len() < before { self.keeps_marks(&marks) } else { Ok(()) }
    }

    /// Drops all marks.
    pub(super) fn forget_marks(&self) -> io::Result<()> {
        let _turn = self.0.marking.lock().unwrap_or_else(PoisonError::into_inner);
        files::remove(&self.marks_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_mark_stays_as_long_as_its_account_and_comes_back_with_no_other() {
        let state = tempfile::tempdir().unwrap();
        let fleet = Fleet::new(state.path(), std::path::Path::new("/etc/machine-id"));
        std::fs::create_dir(fleet.directory()).unwrap();
        let mark = |uid| fleet.mark(&SystemRandom, "alice", uid).unwrap().unwrap();
        assert_eq!(fleet.marked("alice", 1001).unwrap(), None);
        let first = mark(1001);
        assert_eq!((uid(first), mark(1001), fleet.marked("alice", 1001).unwrap()), (Some(1001), first, Some(first)));
        assert_eq!((fleet.marked("alice", 1002).unwrap(), fleet.marked("bob", 1001).unwrap()), (None, None));
        fleet.forget_gone(&[("alice".into(), 1001), ("bob".into(), 1002)]).unwrap();
        assert_eq!(fleet.marked("alice", 1001).unwrap(), Some(first));
        fleet.forget_gone(&[("bob".into(), 1002)]).unwrap();
        assert_eq!(fleet.marked("alice", 1001).unwrap(), None);
        assert_ne!(mark(1001), first);
        assert_eq!(uid(Id::from(1001)), None);
        std::fs::write(fleet.marks_file(), "{").unwrap();
        assert!(fleet.marked("alice", 1001).is_err() && fleet.mark(&SystemRandom, "alice", 1001).is_err());
    }
}
