//! How many dialogues may be held at a time: in all, of those who are not root, of one of them, and of recoveries from one
//! place. A place is taken before anything is waited for, and given back when it is dropped.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// The most dialogues at a time, over all callers.
const ALL_MAX: usize = 2000;
/// The most of them of all callers together that are not root: however many users they are, sign-ins find room.
const PEOPLE_MAX: usize = 500;
/// The most of one caller that is not root.
const USER_MAX: usize = 8;
/// The most recoveries from one source at a time. Behind one address a whole building may sit.
const SOURCE_MAX: usize = 60;

/// The places that there are. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    users: HashMap<u32, usize>,
    sources: HashMap<String, usize>,
}

impl Taken {
    fn of(&self, uid: u32) -> usize {
        self.users.get(&uid).copied().unwrap_or_default()
    }

    fn all(&self) -> usize {
        self.users.values().sum()
    }
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    uid: u32,
    source: Option<String>,
}

impl Places {
    /// Takes a place for a caller with `uid`; `None` where there is none left for it.
    pub(crate) fn take(&self, uid: u32) -> Option<Place> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, own, roots) = (taken.all(), taken.of(uid), taken.of(0));
        if all >= ALL_MAX || (uid != 0 && (own >= USER_MAX || all - roots >= PEOPLE_MAX)) {
            return None;
        }
        taken.users.insert(uid, own + 1);
        drop(taken);
        Some(Place { places: self.clone(), uid, source: None })
    }
}

impl Place {
    /// The same place, as one of those from `source`; `None` where too many are from there.
    pub(crate) fn from(mut self, source: String) -> Option<Self> {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.sources.entry(source.clone()).or_default();
        let room = *own < SOURCE_MAX;
        if room {
            *own += 1;
        }
        drop(taken);
        self.source = room.then_some(source);
        room.then_some(self)
    }
}

fn give_back<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: &K) {
    match taken.get_mut(key) {
        Some(own) if *own > 1 => *own -= 1,
        _ => {
            taken.remove(key);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&mut taken.users, &self.uid);
        if let Some(source) = &self.source {
            give_back(&mut taken.sources, source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_thousand_users_together_leave_room_for_those_who_sign_in() {
        let places = Places::default();
        let held: Vec<Place> =
            (100_000..165_536).flat_map(|uid| (0..9).map(move |_| uid)).filter_map(|uid| places.take(uid)).collect();
        assert_eq!(held.len(), PEOPLE_MAX);
        let roots: Vec<Place> = (0..ALL_MAX).filter_map(|_| places.take(0)).collect();
        assert_eq!(roots.len(), ALL_MAX - PEOPLE_MAX);
        assert!(places.take(0).is_none() && places.take(100_000).is_none());
        drop((held, roots));
        let own: Vec<Place> = (0..9).filter_map(|_| places.take(1000)).collect();
        assert_eq!(own.len(), USER_MAX);
    }

    #[test]
    fn from_one_source_only_so_many_recoveries_are_open_and_those_of_others_are_not_counted() {
        let places = Places::default();
        let from = |source: &str| places.take(0).and_then(|place| place.from(source.into()));
        let held: Vec<Place> = (0..100).filter_map(|_| from("192.0.2.7")).collect();
        assert_eq!(held.len(), SOURCE_MAX);
        assert!(from("192.0.2.8").is_some());
        drop(held);
        assert!(from("192.0.2.7").is_some());
        let taken = places.0.lock().unwrap();
        assert!(taken.users.is_empty() && taken.sources.is_empty(), "{taken:?}");
    }
}
