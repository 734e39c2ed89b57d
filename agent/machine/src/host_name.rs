//! This machine's name on the network, and whether a name is valid elsewhere.
#![allow(unsafe_code, reason = "no safe binding asks the resolver for the canonical name")]

use std::{
    ffi::{CStr, CString},
    net::IpAddr,
    ptr,
};

/// The full name of the machine called `name`, if there is one. May take as long as the resolver does.
pub fn full_name(name: &str) -> Option<String> {
    if is_full(name) {
        return Some(name.to_owned());
    }
    canonical(&CString::new(name).ok()?).filter(|name| is_full(name))
}

/// Whether the name has a domain that is valid elsewhere.
pub fn is_full(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let plausible = |label: &&str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let own = matches!(labels.last(), Some(&("localdomain" | "localhost")));
    name.len() <= 253 && labels.len() > 1 && labels.iter().all(plausible) && !own && name.parse::<IpAddr>().is_err()
}

/// Whether the sender `text`, an address with or without a name before it, has a domain that is valid elsewhere.
pub fn is_full_sender(text: &str) -> bool {
    let text = text.trim();
    let address = match text.strip_suffix('>') {
        Some(named) => named.rsplit_once('<').map_or("", |(_, address)| address),
        None => text,
    };
    let plain = address.chars().all(|c| c.is_ascii_graphic() && !"<>,;".contains(c));
    plain && address.rsplit_once('@').is_some_and(|(mailbox, domain)| !mailbox.is_empty() && is_full(domain))
}

/// The resolver's name for the machine called `name`: in /etc/hosts, the first name of its line.
fn canonical(name: &CStr) -> Option<String> {
    let mut found: *mut libc::addrinfo = ptr::null_mut();
    // SAFETY: an all-zero addrinfo is a valid hint: no flags, any family, no pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_flags = libc::AI_CANONNAME;
    hints.ai_socktype = libc::SOCK_STREAM;
    // SAFETY: the name ends with NUL, the hints outlive the call, and `found` has room for the one pointer that it
    // writes.
    let failed = unsafe { libc::getaddrinfo(name.as_ptr(), ptr::null(), &raw const hints, &raw mut found) };
    if failed != 0 || found.is_null() {
        return None;
    }
    // SAFETY: the call returned this list; its first element has the name, NULL or ending with NUL, which lives until
    // it is freed.
    let canonical = unsafe {
        let name = (*found).ai_canonname;
        if name.is_null() { None } else { CStr::from_ptr(name).to_str().ok().map(str::to_owned) }
    };
    // SAFETY: it came from getaddrinfo, is freed once, and no pointer into it is left.
    unsafe { libc::freeaddrinfo(found) };
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_good_elsewhere_by_its_domain_alone() {
        for sender in ["a@example.org", "Password reset <no-reply@shell.example.org>", " <a@b.co> "] {
            assert!(is_full_sender(sender), "{sender}");
        }
        for sender in [
            "a@debian",
            "a@localhost.localdomain",
            "a@192.0.2.1",
            "@example.org",
            "example.org",
            "a@example.org>",
            "x <a b@c.org>",
            "ä@example.org",
            "",
        ] {
            assert!(!is_full_sender(sender), "{sender}");
        }
    }

    #[test]
    fn the_resolver_is_asked_for_the_canonical_name() {
        assert_eq!(canonical(c"127.0.0.1").as_deref(), Some("127.0.0.1"));
        assert_eq!(canonical(c"no-such-name.invalid"), None);
    }
}
