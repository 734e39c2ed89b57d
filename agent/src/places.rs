//! Limits on simultaneous dialogues: in all, of callers that are not root, of one such caller, and of recoveries from
//! one place. A place is taken before any waiting, and returned when it is dropped.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// The most dialogues at a time, over all callers.
const ALL_MAX: usize = 2000;
/// The most for all callers together that are not root: sign-ins find room, however many users there are.
const PEOPLE_MAX: usize = 500;
/// The most for one caller that is not root.
const USER_MAX: usize = 8;
/// The most for all hosts of a fleet together, and for one of them.
const HOSTS_MAX: usize = 1000;
/// See [`HOSTS_MAX`].
const HOST_MAX: usize = 64;
/// The most of these for users who just signed in on the host: those who forgot their password find room.
const SIGN_INS_MAX: usize = HOST_MAX / 2;
/// The same on all hosts together.
const ALL_SIGN_INS_MAX: usize = HOSTS_MAX / 2;
/// The most recoveries from one source at a time. A whole building may share one address.
const SOURCE_MAX: usize = 60;

/// The places in use. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Arc<Mutex<Taken>>);

/// Who takes a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Taker {
    User(u32),
    Host(String),
    /// A host, for a user who just signed in on it.
    SignIn(String),
}

#[derive(Debug, Default)]
struct Taken {
    takers: HashMap<Taker, usize>,
    sources: HashMap<String, usize>,
}

impl Taken {
    fn of(&self, taker: &Taker) -> usize {
        self.takers.get(taker).copied().unwrap_or_default()
    }

    fn sum(&self, of: impl Fn(&Taker) -> bool) -> usize {
        self.takers.iter().filter(|(taker, _)| of(taker)).map(|(_, places)| places).sum()
    }

    /// Whether there is room for one more.
    fn has_room(&self, taker: &Taker) -> bool {
        let (own, is_host) = (self.of(taker), |taker: &Taker| matches!(taker, Taker::Host(_) | Taker::SignIn(_)));
        let host_has_room = |other: &Taker| own + self.of(other) < HOST_MAX && self.sum(is_host) < HOSTS_MAX;
        let room = match taker {
            Taker::User(0) => true,
            Taker::User(_) => {
                own < USER_MAX && self.sum(|taker| !is_host(taker) && *taker != Taker::User(0)) < PEOPLE_MAX
            }
            Taker::Host(host) => host_has_room(&Taker::SignIn(host.clone())),
            Taker::SignIn(host) => {
                own < SIGN_INS_MAX
                    && self.sum(|taker| matches!(taker, Taker::SignIn(_))) < ALL_SIGN_INS_MAX
                    && host_has_room(&Taker::Host(host.clone()))
            }
        };
        room && self.sum(|_| true) < ALL_MAX
    }
}

/// A place in use.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    taker: Taker,
    source: Option<String>,
}

impl Places {
    /// Takes a place for a caller with `uid`; `None` if there is none left for it.
    pub(crate) fn take(&self, uid: u32) -> Option<Place> {
        self.take_one(Taker::User(uid))
    }

    /// The same for a host of the fleet.
    pub(crate) fn take_for_host(&self, host: &str) -> Option<Place> {
        self.take_one(Taker::Host(host.to_owned()))
    }

    /// The same for a user who just signed in there.
    pub(crate) fn take_for_a_sign_in(&self, host: &str) -> Option<Place> {
        self.take_one(Taker::SignIn(host.to_owned()))
    }

    fn take_one(&self, taker: Taker) -> Option<Place> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.has_room(&taker) {
            return None;
        }
        *all.takers.entry(taker.clone()).or_default() += 1;
        drop(all);
        Some(Place { places: self.clone(), taker, source: None })
    }
}

impl Place {
    /// The same place, as one of those from `source`; `None` if there are too many from there.
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
        give_back(&mut taken.takers, &self.taker);
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
    fn one_host_of_a_fleet_leaves_room_for_others_and_all_of_them_for_who_signs_in_here() {
        let places = Places::default();
        let one: Vec<Place> = (0..100).filter_map(|_| places.take_for_host("a")).collect();
        assert_eq!(one.len(), HOST_MAX);
        let names: Vec<String> = (0..100).map(|number| format!("h{number}")).collect();
        let all: Vec<Place> = names
            .iter()
            .flat_map(|name| (0..20).map(move |_| name))
            .filter_map(|name| places.take_for_host(name))
            .collect();
        assert_eq!(one.len() + all.len(), HOSTS_MAX);
        assert!(places.take(0).is_some() && places.take(1000).is_some());
    }

    #[test]
    fn who_signs_in_on_a_host_leaves_half_of_its_room_to_who_forgot_a_password_there() {
        let places = Places::default();
        let sign_ins: Vec<Place> = (0..100).filter_map(|_| places.take_for_a_sign_in("a")).collect();
        assert_eq!(sign_ins.len(), SIGN_INS_MAX);
        let others: Vec<Place> = (0..100).filter_map(|_| places.take_for_host("a")).collect();
        assert_eq!(others.len(), HOST_MAX - SIGN_INS_MAX);
        drop(sign_ins);
        let others: Vec<Place> = others.into_iter().chain((0..100).filter_map(|_| places.take_for_host("a"))).collect();
        assert_eq!(others.len(), HOST_MAX);
        assert!(places.take_for_a_sign_in("a").is_none() && places.take_for_a_sign_in("b").is_some());
    }

    #[test]
    fn who_signs_in_on_many_hosts_leaves_half_of_the_room_to_who_forgot_a_password() {
        let places = Places::default();
        let names: Vec<String> = (0..100).map(|number| format!("h{number}")).collect();
        let take = |name: &String| (0..20).filter_map(|_| places.take_for_a_sign_in(name)).collect::<Vec<_>>();
        let held: Vec<Place> = names.iter().flat_map(take).collect();
        assert_eq!(held.len(), ALL_SIGN_INS_MAX);
        assert!(places.take_for_host("h0").is_some() && places.take_for_host("other").is_some());
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
        assert!(taken.takers.is_empty() && taken.sources.is_empty(), "{taken:?}");
    }
}
