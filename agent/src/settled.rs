//! Notes for the module about users whom it need not ask about at a sign-in for a while, see [`sspr_config::settled`];
//! and notes for the agent about users whom it need not look up in a directory.

use std::{
    collections::HashMap,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sspr_config::settled;

use crate::clock::Time;

/// The most notes. Each is an inode in memory. Without room, the agent is asked about the user at each sign-in.
const NOTES_MAX: usize = 20_000;

/// The notes. A failure does no harm: the module then asks.
#[derive(Debug, Default)]
pub struct Settled {
    directory: Option<PathBuf>,
    kept: Arc<Mutex<Kept>>,
    /// The settings by which a user need not be asked.
    settings: u64,
}

/// The part that all settings share.
#[derive(Debug, Default)]
struct Kept {
    count: usize,
    /// How many times a note was dropped.
    forgotten: u64,
    /// The settings in effect.
    settings: u64,
    /// The time until which these directory users need not be asked, by any name with which they sign in.
    far: HashMap<String, Time>,
}

/// A moment; see [`Settled::note`].
#[derive(Clone, Copy, Debug)]
pub struct Since(u64);

impl Settled {
    /// Keeps the notes in `directory`, and begins without any: the settings may have changed.
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

    /// The notes for new settings, empty at first. Nothing is noted for the old settings from now on, even in
    /// dialogues that still use them.
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

    /// Held while a file is made or removed, so that no note outlives its reason.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, before an account is looked up.
    pub fn since(&self) -> Since {
        Since(self.kept().forgotten)
    }

    /// Notes that `name` with `uid` need not be asked anything until `until`, but at most for a day, by data that was
    /// read after `since`. If any note was dropped since then, the data may be outdated, and nothing is noted.
    pub fn note(&self, since: Since, name: &str, uid: u32, now: Time, until: Time) {
        let mut kept = self.kept();
        if kept.forgotten != since.0 || kept.settings != self.settings {
            return;
        }
        let until = until.min(now + settled::LONGEST);
        if until > now {
            self.write(&mut kept, name, &settled::note(uid, until));
        }
    }

    /// The same for `name` in a directory, who signs in as `typed`. The module looks for the typed name. A typed name
    /// that differs from the stored one may belong to an account of this host, so no note is left for the module, and
    /// it asks the agent.
    pub fn note_far(&self, since: Since, name: &str, typed: &str, now: Time, until: Time) {
        let mut kept = self.kept();
        if kept.forgotten != since.0 || kept.settings != self.settings || until <= now {
            return;
        }
        let until = until.min(now + settled::LONGEST);
        if kept.far.len() >= NOTES_MAX {
            kept.far.retain(|_, until| *until > now);
        }
        if kept.far.len() < NOTES_MAX || kept.far.contains_key(name) {
            kept.far.insert(name.to_owned(), until);
        }
        if typed == name {
            self.write(&mut kept, name, &settled::note_far(until));
        }
    }

    /// Leaves a note for the module.
    fn write(&self, kept: &mut Kept, name: &str, note: &str) {
        let Some(directory) = self.directory.as_deref() else { return };
        let Some(path) = settled::path(directory, name) else { return };
        let first = !path.is_symlink();
        if first && kept.count >= NOTES_MAX {
            return;
        }
        // No name begins with a dot, so this file belongs to no user.
        let new = directory.join(".new");
        let _ = std::fs::remove_file(&new);
        match symlink(note, &new).and_then(|()| std::fs::rename(&new, &path)) {
            Ok(()) => kept.count += usize::from(first),
            Err(error) => tracing::debug!(%error, "a sign-in can't be noted as settled"),
        }
    }

    /// Whether `name` in a directory need not be asked anything.
    pub fn holds_far(&self, name: &str, now: Time) -> bool {
        let kept = self.kept();
        let holds = |until: &Time| now < *until && *until - now <= settled::LONGEST;
        kept.settings == self.settings && kept.far.get(name).is_some_and(holds)
    }

    /// Drops the note: `name` has to be asked about again.
    pub fn forget(&self, name: &str) {
        let mut kept = self.kept();
        kept.forgotten += 1;
        kept.far.remove(name);
        let path = self.directory.as_deref().and_then(|directory| settled::path(directory, name));
        if path.is_some_and(|path| std::fs::remove_file(path).is_ok()) {
            kept.count = kept.count.saturating_sub(1);
        }
    }

    /// Drops all notes: every user has to be asked about again.
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
        // Looked up before, and noted after: the data may be outdated.
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
        // A dialogue that looks up before and ends after.
        old.note(old.since(), "bob", 1000, 500, 600);
        assert!(!holds("bob"));
        let before = new.since();
        new.note(before, "carol", 1000, 500, 600);
        assert!(holds("carol"));
        // A change in such a dialogue counts for the new settings as well.
        old.forget("carol");
        assert!(!holds("carol"));
        new.note(before, "carol", 1000, 500, 600);
        assert!(!holds("carol"));
    }

    #[test]
    fn of_people_of_a_directory_the_agent_keeps_notes_of_its_own_for_a_day_at_most() {
        let notes = Settled::default();
        notes.note_far(notes.since(), "dora", "dora", 500, 600);
        assert!(notes.holds_far("dora", 599) && !notes.holds_far("dora", 600) && !notes.holds_far("zoe", 599));
        notes.note_far(notes.since(), "dora", "dora", 500, 500 + 10 * settled::LONGEST);
        assert!(
            notes.holds_far("dora", 500 + settled::LONGEST - 1) && !notes.holds_far("dora", 500 + settled::LONGEST)
        );
        assert!(!notes.holds_far("dora", 499), "the clock was set back");
        let before = notes.since();
        notes.forget("dora");
        notes.note_far(before, "dora", "dora", 500, 600);
        assert!(!notes.holds_far("dora", 550), "it was looked up before");
        notes.note_far(notes.since(), "dora", "dora", 500, 600);
        let new = notes.for_new_settings();
        notes.note_far(notes.since(), "dora", "dora", 500, 600);
        assert!(!notes.holds_far("dora", 550) && !new.holds_far("dora", 550));
    }

    #[test]
    fn the_module_hears_of_people_of_a_directory_who_sign_in_by_the_name_that_is_kept() {
        let run = tempfile::tempdir().unwrap();
        let directory = run.path().join("sspr/settled");
        let notes = Settled::new(&directory);
        let holds = |name| settled::holds(&directory, name, 20_000, 550);
        notes.note_far(notes.since(), "dora", "dora", 500, 600);
        assert!(holds("dora"));
        notes.forget("dora");
        assert!(!holds("dora"));
        // An account of this host may have the stored name too.
        notes.note_far(notes.since(), "alice", "EXAMPLE\\Alice", 500, 600);
        assert!(notes.holds_far("alice", 550) && !holds("alice") && !holds("EXAMPLE\\Alice"));
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
