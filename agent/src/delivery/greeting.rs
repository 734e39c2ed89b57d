//! What this machine calls itself when it greets a mail server (RFC 5321, 4.1.1.1): its full name; where it has none, the
//! address that it speaks from. Many servers refuse a name without a domain.
#![allow(unsafe_code, reason = "no safe binding asks the resolver for the canonical name")]

use std::{
    ffi::{CStr, CString},
    net::{IpAddr, SocketAddr},
    ptr,
    time::Duration,
};

use lettre::transport::smtp::extension::ClientId;
use tokio::{sync::OnceCell, time::timeout};

/// How long the look-up of this machine's full name may take.
const NAMED_WITHIN: Duration = Duration::from_secs(5);

/// This machine's name, and what was found out about it.
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

    /// What a server that is spoken to from `own` is greeted with.
    pub(super) async fn from(&self, own: SocketAddr) -> ClientId {
        // What could not be found out, as before the network is there, is asked for again the next time.
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
    let asked = CString::new(name).ok()?;
    // Asks files and name servers, which may take long.
    let look = tokio::task::spawn_blocking(move || canonical(&asked));
    timeout(NAMED_WITHIN, look).await.ok()?.ok()?.filter(|name| is_full(name))
}

/// The full name of the machine called `name`, if there is one. May take as long as the resolver does.
pub fn full_name(name: &str) -> Option<String> {
    if is_full(name) {
        return Some(name.to_owned());
    }
    canonical(&CString::new(name).ok()?).filter(|name| is_full(name))
}

/// Whether it is a name with a domain that means something elsewhere.
pub(super) fn is_full(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let plausible = |label: &&str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let own = matches!(labels.last(), Some(&("localdomain" | "localhost")));
    name.len() <= 253 && labels.len() > 1 && labels.iter().all(plausible) && !own && name.parse::<IpAddr>().is_err()
}

/// What the resolver calls the machine called `name`: in /etc/hosts, the first name of its line.
fn canonical(name: &CStr) -> Option<String> {
    let mut found: *mut libc::addrinfo = ptr::null_mut();
    // SAFETY: an all-zero addrinfo is a valid hint: no flags, any family, no pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_flags = libc::AI_CANONNAME;
    hints.ai_socktype = libc::SOCK_STREAM;
    // SAFETY: the name ends with NUL, the hints live through the call, `found` is a place for the one pointer that it writes.
    let failed = unsafe { libc::getaddrinfo(name.as_ptr(), ptr::null(), &raw const hints, &raw mut found) };
    if failed != 0 || found.is_null() {
        return None;
    }
    // SAFETY: the call gave this list; its first element has the name, NULL or ending with NUL, which lives until it is freed.
    let canonical = unsafe {
        let name = (*found).ai_canonname;
        if name.is_null() { None } else { CStr::from_ptr(name).to_str().ok().map(str::to_owned) }
    };
    // SAFETY: it came from getaddrinfo, is freed once, and nothing points into it any more.
    unsafe { libc::freeaddrinfo(found) };
    canonical
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

    #[test]
    fn the_resolver_is_asked_for_the_canonical_name() {
        assert_eq!(canonical(c"127.0.0.1").as_deref(), Some("127.0.0.1"));
        assert_eq!(canonical(c"no-such-name.invalid"), None);
    }
}
