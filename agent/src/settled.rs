//! Notes for the module about whom it need not ask at a sign-in for a while, see [`sspr_config::settled`]; and notes for the agent itself
//! about whom it need not ask a directory.

use std::{
    collections::HashMap,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sspr_config::settled;

use crate::clock::Time;

/// The most notes. Each is an inode in memory; without a place, the agent is asked about the user at each sign-in.
const NOTES_MAX: usize = 20_000;

/// The notes. A failure is no matter: the module asks then.
#[derive(Debug, Default)]
pub struct Settled {
    directory: Option<PathBuf>,
    kept: Arc<Mutex<Kept>>,
    /// Which settings say who need not be asked.
    settings: u64,
}

/// What all settings have in common.
#[derive(Debug, Default)]
struct Kept {
    count: usize,
    /// How often something was forgotten.
    forgotten: u64,
    /// Which settings hold.
    settings: u64,
    /// Until when nothing need be asked of these people of a directory. The module goes by uids of this host, which the agent does not
    /// know of them.
    far: HashMap<String, Time>,
}

/// A moment; see [`Settled::note`].
#[derive(Clone, Copy, Debug)]
pub struct Since(u64);

impl Settled {
    /// Keeps the notes in `directory`, and begins without any: settings may have changed.
    pub fn new(directory: &Path) -> Self {
        let directory = directory.to_path_buf();
        if let Err(error) = std::fs::create_dir_all(&directory) {
            tracing::warn!(%error, directory = %directory.display(), "sign-ins are asked about each time");
            return Self::default();
        }
        let settled = Self { directory: Some(directory), ..Self::default() };
        settled.clear();
        settled
    }

    /// The notes for new settings, empty at first. Nothing is noted by the old settings from now on, even in dialogues that still
    /// use them.
    #[must_use]
    pub fn for_new_settings(&self) -> Self {
        let settings = {
            let mut kept = self.kept();
            kept.settings += 1;
            kept.settings
        };
        self.clear();
        Self { directory: self.directory.clone(), kept: self.kept.clone(), settings }
    }

    /// Held while a file is made or removed, so that no note outlives what it says.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, before an account is looked up.
    pub fn since(&self) -> Since {
        Since(self.kept().forgotten)
    }

    /// Nothing need be asked of `name` with `uid` until `until`, or for a day if that is less: so it was found in what was
    /// read after `since`. If anything was forgotten meanwhile, it may be otherwise by now, and nothing is noted.
    pub fn note(&self, since: Since, name: &str, uid: u32, now: Time, until: Time) {
        let mut kept = self.kept();
        if kept.forgotten != since.0 || kept.settings != self.settings {
            return;
        }
        let until = until.min(now + settled::LONGEST);
        let Some(directory) = self.directory.as_deref().filter(|_| until > now) else { return };
        let Some(path) = settled::path(directory, name) else { return };
        let first = !path.is_symlink();
        if first && kept.count >= NOTES_MAX {
            return;
        }
        // No name begins with a dot, so this is nobody's.
        let new = directory.join(".new");
        let _ = std::fs::remove_file(&new);
        match symlink(settled::note(uid, until), &new).and_then(|()| std::fs::rename(&new, &path)) {
            Ok(()) => kept.count += usize::from(first),
            Err(error) => tracing::debug!(%error, "a sign-in can't be noted as settled"),
        }
    }

    /// The same of `name` in a directory, for the agent alone.
    pub fn note_far(&self, since: Since, name: &str, now: Time, until: Time) {
        let mut kept = self.kept();
        if kept.forgotten != since.0 || kept.settings != self.settings || until <= now {
            return;
        }
        if kept.far.len() >= NOTES_MAX {
            kept.far.retain(|_, until| *until > now);
        }
        if kept.far.len() < NOTES_MAX || kept.far.contains_key(name) {
            kept.far.insert(name.to_owned(), until.min(now + settled::LONGEST));
        }
    }

    /// Whether nothing need be asked of `name` in a directory.
    pub fn holds_far(&self, name: &str, now: Time) -> bool {
        let kept = self.kept();
        let holds = |until: &Time| now < *until && *until - now <= settled::LONGEST;
        kept.settings == self.settings && kept.far.get(name).is_some_and(holds)
    }

    /// `name` has to be asked about again.
    pub fn forget(&self, name: &str) {
        let mut kept = self.kept();
        kept.forgotten += 1;
        kept.far.remove(name);
        let path = self.directory.as_deref().and_then(|directory| settled::path(directory, name));
        if path.is_some_and(|path| std::fs::remove_file(path).is_ok()) {
            kept.count = kept.count.saturating_sub(1);
        }
    }

    /// Everybody has to be asked about again.
    pub fn clear(&self) {
        let mut kept = self.kept();
        kept.forgotten += 1;
        kept.count = 0;
        kept.far.clear();
        let entries = self.directory.as_deref().and_then(|directory| std::fs::read_dir(directory).ok());
        for entry in entries.into_iter().flatten().flatten() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_holds_until_it_is_forgotten_and_a_new_start_knows_none() {
        let run = tempfile::tempdir().unwrap();
        let directory = run.path().join("sspr/settled");
        let holds = |name| settled::holds(&directory, name, 1000, 500);
        let notes = Settled::new(&directory);
        notes.note(notes.since(), "alice", 1000, 500, 600);
        notes.note(notes.since(), "bob", 1000, 500, 500 + 10 * settled::LONGEST);
        notes.note(notes.since(), "late", 1000, 500, 500);
        assert!(holds("alice") && holds("bob") && !holds("late"));
        notes.note(notes.since(), "alice", 1000, 500, 700);
        assert!(holds("alice") && settled::holds(&directory, "alice", 1000, 650));
        let before = notes.since();
        notes.forget("alice");
        assert!(!holds("alice") && holds("bob"));
        // Was looked up before, and is noted after: what was found may be old.
        notes.note(before, "alice", 1000, 500, 600);
        assert!(!holds("alice"));
        let _again = Settled::new(&directory);
        assert!(!holds("bob"));
    }

    #[test]
    fn by_settings_that_hold_no_more_nothing_is_noted() {
        let run = tempfile::tempdir().unwrap();
        let directory = run.path().join("sspr/settled");
        let holds = |name| settled::holds(&directory, name, 1000, 500);
        let old = Settled::new(&directory);
        old.note(old.since(), "alice", 1000, 500, 600);
        let new = old.for_new_settings();
        assert!(!holds("alice"));
        // A dialogue that began before looks up and ends after.
        old.note(old.since(), "bob", 1000, 500, 600);
        assert!(!holds("bob"));
        let before = new.since();
        new.note(before, "carol", 1000, 500, 600);
        assert!(holds("carol"));
        // What such a dialogue changes counts for the new ones as well.
        old.forget("carol");
        assert!(!holds("carol"));
        new.note(before, "carol", 1000, 500, 600);
        assert!(!holds("carol"));
    }

    #[test]
    fn of_people_of_a_directory_the_agent_keeps_notes_of_its_own_for_a_day_at_most() {
        let notes = Settled::default();
        notes.note_far(notes.since(), "dora", 500, 600);
        assert!(notes.holds_far("dora", 599) && !notes.holds_far("dora", 600) && !notes.holds_far("zoe", 599));
        notes.note_far(notes.since(), "dora", 500, 500 + 10 * settled::LONGEST);
        assert!(
            notes.holds_far("dora", 500 + settled::LONGEST - 1) && !notes.holds_far("dora", 500 + settled::LONGEST)
        );
        assert!(!notes.holds_far("dora", 499), "the clock was set back");
        let before = notes.since();
        notes.forget("dora");
        notes.note_far(before, "dora", 500, 600);
        assert!(!notes.holds_far("dora", 550), "it was looked up before");
        notes.note_far(notes.since(), "dora", 500, 600);
        let new = notes.for_new_settings();
        notes.note_far(notes.since(), "dora", 500, 600);
        assert!(!notes.holds_far("dora", 550) && !new.holds_far("dora", 550));
    }

    #[test]
    fn without_a_directory_nothing_is_noted_and_nothing_fails() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let notes = Settled::new(&file.path().join("below-a-file"));
        notes.note(notes.since(), "alice", 1000, 500, 600);
        notes.forget("alice");
        notes.clear();
        assert!(notes.directory.is_none());
    }
}
