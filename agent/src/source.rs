//! Where a user sits, as limits see it. A subscriber of IPv6 has at least 2^64 addresses, so they count by their network; an
//! IPv4 address in the form of an IPv6 one is the IPv4 address.

use std::net::{IpAddr, Ipv6Addr};

/// What is counted for `source` (a remote host, a terminal or a uid).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whatever counts as the same place.
    pub near: String,
    /// The larger network around it, where there is one: a site may have so many of the small ones.
    pub wide: Option<String>,
}

impl Source {
    /// Reads `source`.
    pub fn new(source: &str) -> Self {
        // The zone of a link-local address names a network card.
        let address = source.split('%').next().unwrap_or(source);
        let address = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
        match address.parse().map(|address: IpAddr| address.to_canonical()) {
            Ok(IpAddr::V4(v4)) => Self { near: v4.to_string(), wide: None },
            Ok(IpAddr::V6(v6)) if v6.is_loopback() => Self { near: v6.to_string(), wide: None },
            Ok(IpAddr::V6(v6)) => Self { near: network(v6, 64), wide: Some(network(v6, 48)) },
            Err(_) => Self { near: source.to_owned(), wide: None },
        }
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
        for none in ["192.0.2.7", "::ffff:192.0.2.7", "::1", "tty1", "uid 1000", "a.example.org", ""] {
            assert_eq!(wide(none), None, "{none}");
        }
    }
}
