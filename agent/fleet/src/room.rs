//! Limits how much strangers and hosts can hold at the server at a time.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::key::Pin;

/// The limits of a listener, in numbers and time.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most connections in all.
    pub connections: usize,
    /// The most connections from one address, or from one IPv6 network of 64 bits.
    pub per_address: usize,
    /// The most calls in progress; further callers are told to come back.
    pub at_work: usize,
    /// The most calls in progress with one key.
    pub per_key: usize,
    /// The most calls in progress with keys that are not known to be hosts' keys; each such key may have two.
    pub of_strangers: usize,
    /// The time until the first request, TLS included, and until the end of each body.
    pub first_request: Duration,
    /// The time until the next request on a connection.
    pub idle: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 512,
            per_address: 64,
            at_work: 64,
            per_key: 16,
            of_strangers: 16,
            first_request: Duration::from_secs(3),
            idle: Duration::from_secs(30),
        }
    }
}

/// The most calls in progress with one key that is not known to be a host's.
const PER_STRANGER: usize = 2;

/// The connections and calls of a listener. Clones share them.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) bounds: Bounds,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    working: Arc<Mutex<Working>>,
}

/// The calls in progress.
#[derive(Default)]
struct Working {
    all: usize,
    of_strangers: usize,
    by_key: HashMap<Pin, usize>,
    /// The keys that a call has shown to be a host's.
    hosts: HashSet<Pin>,
}

/// A place for one connection, given back when it is dropped.
pub(crate) struct Seat {
    pub(crate) room: Room,
    /// The address of the other end.
    pub(crate) address: IpAddr,
    /// The address that it is counted under.
    counted: IpAddr,
}

/// A place for one call in progress, given back when it is dropped.
pub(crate) struct AtWork {
    room: Room,
    key: Pin,
    /// Whether it counts as a stranger's.
    of_a_stranger: bool,
}

/// The address that an address is counted under: an IPv6 subscriber has at least 2^64 addresses.
fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

impl Room {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, taken: Arc::default(), working: Arc::default() }
    }

    /// A place for a connection from `address`, if there is one.
    pub(crate) fn seat(&self, address: IpAddr) -> Option<Seat> {
        self.seat_of(address, self.bounds.per_address)
    }

    /// A place for a connection from a load balancer at `address`, if there is one, until [`Seat::counted_from`] says where
    /// it comes from.
    pub(crate) fn seat_of_proxy(&self, address: IpAddr) -> Option<Seat> {
        self.seat_of(address, self.bounds.connections)
    }

    fn seat_of(&self, address: IpAddr, most: usize) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let counted = counted(address);
        let own = taken.get(&counted).copied().unwrap_or_default();
        if all >= self.bounds.connections || own >= most {
            return None;
        }
        taken.insert(counted, own + 1);
        drop(taken);
        Some(Seat { room: self.clone(), address, counted })
    }

    fn working(&self) -> MutexGuard<'_, Working> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a call in progress with `key`, if there is one.
    pub(crate) fn work(&self, key: Pin) -> Option<AtWork> {
        let mut working = self.working();
        let of_a_stranger = !working.hosts.contains(&key);
        let own = working.by_key.get(&key).copied().unwrap_or_default();
        let most = if of_a_stranger { PER_STRANGER } else { self.bounds.per_key };
        if own >= most
            || working.all >= self.bounds.at_work
            || (of_a_stranger && working.of_strangers >= self.bounds.of_strangers)
        {
            return None;
        }
        working.all += 1;
        working.of_strangers += usize::from(of_a_stranger);
        working.by_key.insert(key, own + 1);
        drop(working);
        Some(AtWork { room: self.clone(), key, of_a_stranger })
    }
}

impl Seat {
    /// Counts the connection under the `address` that a load balancer names. `None`: there is no place for that one.
    pub(crate) fn counted_from(mut self, address: IpAddr) -> Option<Self> {
        let counted = counted(address);
        let mut taken = self.room.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&counted).copied().unwrap_or_default();
        if own >= self.room.bounds.per_address {
            return None;
        }
        taken.insert(counted, own + 1);
        give_back(&mut taken, &self.counted);
        drop(taken);
        (self.address, self.counted) = (address, counted);
        Some(self)
    }
}

impl AtWork {
    /// Notes that the key is a host's.
    pub(crate) fn is_a_hosts(&self) {
        self.room.working().hosts.insert(self.key);
    }

    /// Notes that the key is not a host's, or no longer.
    pub(crate) fn is_a_strangers(&self) {
        self.room.working().hosts.remove(&self.key);
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut working = self.room.working();
        working.all = working.all.saturating_sub(1);
        working.of_strangers = working.of_strangers.saturating_sub(usize::from(self.of_a_stranger));
        give_back(&mut working.by_key, &self.key);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&mut taken, &self.counted);
    }
}

/// Counts one less for `whose`. An entry without places left is removed.
fn give_back<T: Eq + std::hash::Hash>(taken: &mut HashMap<T, usize>, whose: &T) {
    match taken.get_mut(whose) {
        Some(own) if *own > 1 => *own -= 1,
        _ => drop(taken.remove(whose)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_one_subscriber_share_their_places_and_give_them_back() {
        let room = Room::new(Bounds { per_address: 2, connections: 3, ..Bounds::default() });
        let seat = |address: &str| room.seat(address.parse().unwrap());
        let held = (seat("2001:db8::1").unwrap(), seat("2001:db8::2").unwrap());
        assert!(seat("2001:db8::3").is_none(), "of one network");
        let other = seat("192.0.2.1").unwrap();
        assert!(seat("192.0.2.2").is_none(), "in all");
        assert_eq!(held.1.address.to_string(), "2001:db8::2");
        drop((held, other));
        assert!(room.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn a_load_balancer_has_all_places_and_each_address_behind_it_its_own() {
        let room = Room::new(Bounds { per_address: 2, connections: 4, ..Bounds::default() });
        let [proxy, one, other] = ["192.0.2.1", "198.51.100.1", "198.51.100.2"].map(|text| text.parse().unwrap());
        let seat = |from| room.seat_of_proxy(proxy).unwrap().counted_from(from);
        let held = (seat(one).unwrap(), seat(one).unwrap());
        assert!(seat(one).is_none() && held.1.address == one);
        // The one that was refused has given its place back.
        let others = (seat(other).unwrap(), room.seat_of_proxy(proxy).unwrap());
        assert!(room.seat_of_proxy(proxy).is_none(), "in all");
        drop((held, others));
        assert!(room.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn strangers_leave_room_for_hosts_and_no_host_has_all_of_it() {
        let room = Room::new(Bounds { at_work: 6, per_key: 3, of_strangers: 3, ..Bounds::default() });
        let [host, one, other] = [(); 3].map(|()| crate::Key::generate().unwrap().pin());
        room.work(host).unwrap().is_a_hosts();
        let held = [room.work(one).unwrap(), room.work(one).unwrap(), room.work(other).unwrap()];
        assert!(room.work(one).is_none() && room.work(other).is_none(), "each has two, and all have three");
        let own: Vec<AtWork> = (0..3).map(|_| room.work(host).unwrap()).collect();
        assert!(room.work(host).is_none());
        drop((held, own));
        room.work(host).unwrap().is_a_strangers();
        let _held = [room.work(host).unwrap(), room.work(host).unwrap()];
        assert!(room.work(host).is_none(), "it was revoked");
        assert_eq!(room.working().all, 2);
    }
}
