//! The name by which this machine greets a mail server (RFC 5321, 4.1.1.1): its full name, or the address that it
//! connects from if it has none. Many servers refuse a name without a domain.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use lettre::transport::smtp::extension::ClientId;
use sspr_machine::host_name::{full_name, is_full};
use tokio::{sync::OnceCell, time::timeout};

/// How long the look-up of this machine's full name may take.
const NAMED_WITHIN: Duration = Duration::from_secs(5);

/// This machine's name, and its full name once that is known.
#[derive(Debug)]
pub(super) struct Greeting {
    name: String,
    full: OnceCell<String>,
}

impl Greeting {
    /// For a machine called `name`.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.trim_end_matches('.').to_owned(), full: OnceCell::new() }
    }

    /// The greeting for a server that is connected to from `own`.
    pub(super) async fn from(&self, own: SocketAddr) -> ClientId {
        // A look-up that failed, for example before the network is up, is repeated the next time.
        match self.full.get_or_try_init(|| async { full_name_in_time(&self.name).await.ok_or(()) }).await {
            Ok(name) => ClientId::Domain(name.clone()),
            Err(()) => match own.ip().to_canonical() {
                IpAddr::V4(v4) => ClientId::Ipv4(v4),
                IpAddr::V6(v6) => ClientId::Ipv6(v6),
            },
        }
    }
}

async fn full_name_in_time(name: &str) -> Option<String> {
    if is_full(name) {
        return Some(name.to_owned());
    }
    let asked = name.to_owned();
    // Asks files and name servers, which may take long.
    let look = tokio::task::spawn_blocking(move || full_name(&asked));
    timeout(NAMED_WITHIN, look).await.ok()?.ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_name_is_said_and_where_there_is_none_the_address_that_is_spoken_from() {
        for (name, own, said) in [
            ("shell.example.org", "192.0.2.1:5", "shell.example.org"),
            ("shell.example.org.", "192.0.2.1:5", "shell.example.org"),
            ("no-such-name-anywhere", "192.0.2.1:5", "[192.0.2.1]"),
            ("localhost.localdomain", "[2001:db8::1]:5", "[IPv6:2001:db8::1]"),
            ("a b.example.org", "[::ffff:192.0.2.1]:5", "[192.0.2.1]"),
            ("", "192.0.2.1:5", "[192.0.2.1]"),
        ] {
            assert_eq!(Greeting::new(name).from(own.parse().unwrap()).await.to_string(), said, "{name}");
        }
    }
}
