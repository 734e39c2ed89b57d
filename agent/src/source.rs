//! Where a user is, as the limits see it. An IPv6 subscriber has at least 2^64 addresses, so these count by their
//! network; an IPv4 address in the form of an IPv6 one counts as the IPv4 address.

use std::net::{IpAddr, Ipv6Addr};

/// The keys under which `source` (a remote host, a terminal or a uid) is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The same for everything that counts as the same place.
    pub near: String,
    /// The larger network around it, if there is one: one site may have many of the small ones.
    pub wide: Option<String>,
}

/// Between a place and the host of the fleet that says so. No address and no terminal has a blank.
const THROUGH: &str = " @";

/// The source of what comes through the host of the fleet with the id `host`, which says that the user sits at `place`.
pub fn through_host(place: &str, host: &str) -> String {
    format!("{place}{THROUGH}{host}")
}

/// A source that came [through a host](through_host), with the host's name in place of its id.
pub fn named(source: &str, host: &str) -> String {
    let place = source.rsplit_once(THROUGH).map_or(source, |(place, _)| place);
    format!("{place} ({host})")
}

impl Source {
    /// Reads `source`. A place that hosts of the fleet name counts by host; if it is an address, also over all hosts, as the larger
    /// network: a terminal of one host is none of another.
    pub fn new(source: &str) -> Self {
        if let Some((place, host)) = source.rsplit_once(THROUGH) {
            let (near, is_address) = Self::of_place(place);
            let wide = is_address.then(|| through_host(&near.near, ""));
            return Self { near: through_host(&near.near, host), wide };
        }
        Self::of_place(source).0
    }

    /// The same for a place on this machine, and whether it is an address.
    fn of_place(source: &str) -> (Self, bool) {
        // The zone of a link-local address names a network interface.
        let address = source.split('%').next().unwrap_or(source);
        let address = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
        let address = address.parse().map(|address: IpAddr| address.to_canonical());
        let read = match &address {
            Ok(IpAddr::V4(v4)) => Self { near: v4.to_string(), wide: None },
            Ok(IpAddr::V6(v6)) if v6.is_loopback() => Self { near: v6.to_string(), wide: None },
            Ok(IpAddr::V6(v6)) => Self { near: network(*v6, 64), wide: Some(network(*v6, 48)) },
            Err(_) => Self { near: source.to_owned(), wide: None },
        };
        (read, address.is_ok())
    }
}

fn network(address: Ipv6Addr, bits: u32) -> String {
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or_default();
    format!("{}/{bits}", Ipv6Addr::from_bits(address.to_bits() & mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_subscriber_are_one_source_and_others_are_not() {
        let near = |source: &str| Source::new(source).near;
        for (one, other) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
            ("2001:db8:1:2::1", "2001:DB8:1:2::0:1"),
            ("fe80::1%eth0", "fe80::2%eth1"),
            ("192.0.2.7", "::ffff:192.0.2.7"),
            ("192.0.2.7", "::ffff:c000:207"),
            ("[2001:db8::1]", "2001:db8::9"),
        ] {
            assert_eq!(near(one), near(other), "{one} {other}");
        }
        for (one, other) in [
            ("2001:db8:1:2::1", "2001:db8:1:3::1"),
            ("192.0.2.7", "192.0.2.8"),
            ("::1", "::2"),
            ("tty1", "tty2"),
            ("uid 1000", "uid 1001"),
            ("a.example.org", "b.example.org"),
        ] {
            assert_ne!(near(one), near(other), "{one} {other}");
        }
        let wide = |source: &str| Source::new(source).wide;
        assert_eq!(wide("2001:db8:1:2::1"), wide("2001:db8:1:ffff::1"));
        assert_ne!(wide("2001:db8:1:2::1"), wide("2001:db8:2:2::1"));
        assert_eq!(wide("2001:db8:1:2::1").as_deref(), Some("2001:db8:1::/48"));
        // Through hosts of a fleet, a place counts for each host, and an address over all of them too.
        let through = |place: &str, host: &str| Source::new(&through_host(place, host));
        assert_ne!(through("192.0.2.7", "a").near, through("192.0.2.7", "b").near);
        assert_eq!(through("192.0.2.7", "a").wide, through("::ffff:192.0.2.7", "b").wide);
        assert_eq!(through("2001:db8:1:2::1", "a").near, through("2001:db8:1:2::9", "a").near);
        assert_ne!(through("192.0.2.7", "a").wide, Source::new("192.0.2.7").wide);
        assert_ne!(through("192.0.2.7", "a").wide.as_deref(), Some("192.0.2.7"), "no host speaks for this machine");
        assert_eq!(through("tty1", "a").wide, None, "a terminal of one host is none of another");
        assert_ne!(through("tty1", "a"), through("tty1", "b"));
        for none in ["192.0.2.7", "::ffff:192.0.2.7", "::1", "tty1", "uid 1000", "a.example.org", ""] {
            assert_eq!(wide(none), None, "{none}");
        }
    }
}
