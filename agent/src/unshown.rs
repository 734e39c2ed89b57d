//! Places where users left at a question that their client may be unable to show: for an hour, every user from there
//! gets English in ASCII.
//!
//! Before the user has proved the identity, this may depend only on the place, alike for every name. It is kept in
//! memory: after a restart, the agent learns it at the next attempt.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::clock::Time;

/// How long it counts, in seconds.
const KEPT: Time = 3600;
/// The most places. If there are more, the oldest is dropped.
const PLACES_MAX: usize = 1000;

/// The places. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unshown(Arc<Mutex<HashMap<String, Time>>>);

impl Unshown {
    /// Notes that a user left at `place` now.
    pub(crate) fn note(&self, place: String, now: Time) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= PLACES_MAX && !places.contains_key(&place) {
            places.retain(|_, since| counts(*since, now));
            let oldest = places.iter().min_by_key(|(_, since)| **since).map(|(place, _)| place.clone());
            if let Some(oldest) = oldest.filter(|_| places.len() >= PLACES_MAX) {
                places.remove(&oldest);
            }
        }
        places.insert(place, now);
    }

    /// Whether a user left at `place` recently.
    pub(crate) fn holds(&self, place: &str, now: Time) -> bool {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.get(place).is_some_and(|since| counts(*since, now))
    }
}

/// A time in the future was noted before the clock was set back.
fn counts(since: Time, now: Time) -> bool {
    (0..KEPT).contains(&(now - since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_for_an_hour_there_and_nowhere_else_and_takes_no_more_room_than_it_may() {
        let unshown = Unshown::default();
        unshown.note("192.0.2.7".into(), 1000);
        for (place, now, holds) in [
            ("192.0.2.7", 1000, true),
            ("192.0.2.7", 4599, true),
            ("192.0.2.7", 4600, false),
            ("192.0.2.7", 999, false),
            ("192.0.2.8", 1000, false),
        ] {
            assert_eq!(unshown.holds(place, now), holds, "{place} {now}");
        }
        for n in 0..3000 {
            unshown.note(format!("2001:db8:{n}::/64"), 2000 + n / 100);
        }
        assert_eq!(unshown.0.lock().unwrap().len(), PLACES_MAX);
        assert!(unshown.holds("2001:db8:2999::/64", 2030) && !unshown.holds("2001:db8:1::/64", 2030));
        unshown.note("192.0.2.9".into(), 90_000);
        assert!(unshown.0.lock().unwrap().len() == 1, "what is past is forgotten first");
    }
}
