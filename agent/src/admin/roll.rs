//! What a report knows about each of a million accounts, by name. All names are one text, and no account has memory of
//! its own, so that a look-up reads few places.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::{HashTable, hash_table::Entry};

#[derive(Debug)]
pub(super) struct Roll<T> {
    /// The names, one after another.
    names: String,
    /// Where each name ends, and what is known about its account.
    accounts: Vec<(usize, T)>,
    places: HashTable<Place>,
    hasher: RandomState,
    /// Where the next account is expected: the rows of an import are often in the order of the accounts.
    next: usize,
}

/// Where an account is in `accounts`. Its hash is kept, because to make it again reads memory all over.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    account: u32,
}

impl Place {
    fn account(self) -> usize {
        usize::try_from(self.account).unwrap_or(usize::MAX)
    }
}

/// The table uses the upper and the lower bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

impl<T> Default for Roll<T> {
    fn default() -> Self {
        let (names, accounts, places) = (String::new(), Vec::new(), HashTable::new());
        Self { names, accounts, places, hasher: RandomState::new(), next: 0 }
    }
}

impl<T> Roll<T> {
    /// Adds the account `name`, or replaces what is known about it.
    pub(super) fn insert(&mut self, name: &str, known: T) {
        let hash = self.hash(name);
        let Self { names, accounts, places, .. } = self;
        // No machine has four billion accounts.
        let Ok(account) = u32::try_from(accounts.len()) else { return };
        let is_it = |place: &Place| place.hash == hash && named(names, accounts, place.account()) == Some(name);
        match places.entry(spread(hash), is_it, |place| spread(place.hash)) {
            Entry::Occupied(place) => {
                if let Some((_, former)) = accounts.get_mut(place.get().account()) {
                    *former = known;
                }
            }
            Entry::Vacant(place) => {
                place.insert(Place { hash, account });
                names.push_str(name);
                accounts.push((names.len(), known));
            }
        }
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let is_at = |place: usize| named(&self.names, &self.accounts, place) == Some(name);
        let place = if is_at(self.next) {
            self.next
        } else {
            let hash = self.hash(name);
            self.places.find(spread(hash), |place| place.hash == hash && is_at(place.account()))?.account()
        };
        self.next = place + 1;
        self.accounts.get_mut(place).map(|(_, known)| known)
    }

    /// All accounts with their names, in the order in which they were added.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        let mut start = 0;
        self.accounts.iter().map(move |(end, known)| {
            let name = self.names.get(start..*end).unwrap_or_default();
            start = *end;
            (name, known)
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
    fn hash(&self, name: &str) -> u32 {
        self.hasher.hash_one(name) as u32
    }
}

/// The name of the account at `place`.
fn named<'a, T>(names: &'a str, accounts: &[(usize, T)], place: usize) -> Option<&'a str> {
    let (end, _) = accounts.get(place)?;
    let start = place.checked_sub(1).and_then(|before| accounts.get(before)).map_or(0, |(end, _)| *end);
    names.get(start..*end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_many_names_keeps_its_own_and_the_last_word_on_a_name_counts() {
        let mut roll = Roll::default();
        for number in 0..5000 {
            roll.insert(&format!("p{number}"), number);
        }
        roll.insert("", 5000);
        roll.insert("p7", 5001);
        for unknown in ["p", "p5000", "p1p2", "P7"] {
            assert_eq!(roll.get_mut(unknown), None, "{unknown}");
        }
        *roll.get_mut("p4999").unwrap() += 10_000;
        let all: Vec<_> = roll.iter().map(|(name, known)| (name.to_owned(), *known)).collect();
        let known = |number| match number {
            7 => 5001,
            4999 => 14_999,
            number => number,
        };
        let want = (0..5000).map(|number| (format!("p{number}"), known(number)));
        assert_eq!(all, want.chain([(String::new(), 5000)]).collect::<Vec<_>>());
        for (name, known) in [("", 5000), ("p0", 0), ("p1", 1), ("p2", 2), ("p12", 12), ("p11", 11), ("", 5000)] {
            assert_eq!(roll.get_mut(name).copied(), Some(known), "{name}");
        }
    }
}
